/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Looks for the rows of records.db that make no sense or lead nowhere: constraints can be switched
 * off, and the sqlite3 shell doesn't enforce foreign keys. Every rule is a question in SQL
 * (edit_check_rules.c), all of them asked in one read transaction; nothing is written.
 */

#include "store/edit_check_rules.h"
#include "store/edit_private.h"
#include "store/edit_text.h"
#include "util/translate.h"

#include <errno.h>

#define ALIKE_MOST 200  /* findings of one rule; what is beyond is one more finding */
#define SHOWN_MOST 60   /* bytes of a value, or a little more, in a finding */
#define TEXT_MOST  1000 /* bytes of a finding's problem or advice */

/* What the door says of a row that it can't read; edit.h promises the words. */
#define SKIPPED N_("; the door skips this row")

/* --- functions for the rules ------------------------------------------------------------------ */

static const char *argument_text(sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);

    return text ? text : "";
}

/* U+0000 to U+001F, U+007F to U+009F. */
static bool has_controls(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7F || (*p == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0))
            return true;
    return false;
}

static bool is_encoded(sqlite3_value **values)
{
    const char *text = argument_text(values);

    return sqlite3_value_type(values[0]) == SQLITE_TEXT &&
           strlen(text) == (size_t)sqlite3_value_bytes(values[0]) && text_valid(text);
}

static void function_encoded(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(call, is_encoded(values));
}

static void function_one_line(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(call, is_encoded(values) && !has_controls(argument_text(values)));
}

static void function_as_read(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_text(call, argument_text(values), -1, SQLITE_TRANSIENT);
}

static void function_door_day(sqlite3_context *call, int n, sqlite3_value **values)
{
    day_t day;

    (void)n;
    sqlite3_result_int(call, day_parse(argument_text(values), &day) == 0);
}

static void function_door_hour(sqlite3_context *call, int n, sqlite3_value **values)
{
    int minute;

    (void)n;
    if (minute_parse(argument_text(values), &minute) == 0)
        sqlite3_result_int(call, minute);
}

/* The text's beginning, with U+FFFD for what can't be shown, a NUL among it. */
static char *text_shown(sqlite3_value **values)
{
    const char *text = argument_text(values);
    size_t bytes = (size_t)sqlite3_value_bytes(values[0]), n = MIN_OF(bytes, (size_t)SHOWN_MOST);
    char begin[SHOWN_MOST + 4];

    while (n < bytes && n < SHOWN_MOST + 3 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n++; /* the rest of a character */
    memcpy(begin, text, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)begin[i] < 0x20 || begin[i] == 0x7F)
            begin[i] = '\xFF'; /* which text_cleaned() knows what to do with */
    begin[n] = '\0';
    return text_cleaned(begin);
}

static void function_plain(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_text(call, text_shown(values), -1, free);
}

static void function_quoted(sqlite3_context *call, int n, sqlite3_value **values)
{
    CLEANUP(cleanup_free) char *shown = text_shown(values);
    bool more = sqlite3_value_bytes(values[0]) > SHOWN_MOST + 3;
    char *text = shown ? sqlite3_mprintf(_("“%s%s”"), shown, more ? "…" : "") : NULL;

    (void)n;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) {
        sqlite3_free(text);
        text = sqlite3_mprintf("%s", _("empty"));
    }
    if (text)
        sqlite3_result_text(call, text, -1, sqlite3_free);
    else
        sqlite3_result_error_nomem(call);
}

/* What is wrong with a text's bytes, in words to stand after it; empty where nothing is. */
static void function_flaw(sqlite3_context *call, int n, sqlite3_value **values)
{
    const char *text = argument_text(values), *flaw = "";

    (void)n;
    if (sqlite3_value_type(values[0]) != SQLITE_TEXT)
        flaw = "";
    else if (strlen(text) < (size_t)sqlite3_value_bytes(values[0]))
        flaw = _(" with a NUL in it");
    else if (!text_valid(text))
        flaw = _(", not written in UTF-8");
    else if (has_controls(text))
        flaw = _(" with control characters in it");
    sqlite3_result_text(call, flaw, -1, SQLITE_STATIC);
}

static void function_tr(sqlite3_context *call, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_text(call, _(argument_text(values)), -1, SQLITE_TRANSIENT);
}

static int functions_register(struct edit *edit)
{
    static const struct {
        const char *name;
        void (*function)(sqlite3_context *call, int n, sqlite3_value **values);
    } functions[] = {
        {"encoded", function_encoded},
        {"one_line", function_one_line},
        {"as_read", function_as_read},
        {"door_day", function_door_day},
        {"door_hour", function_door_hour},
        {"plain", function_plain},
        {"quoted", function_quoted},
        {"flaw", function_flaw},
        {"tr", function_tr},
    };

    for (size_t i = 0; i < ELEMENTSOF(functions); i++) {
        int r = sqlite3_create_function(edit->db, functions[i].name, 1,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                        NULL, functions[i].function, NULL, NULL);

        if (r != SQLITE_OK)
            return edit_explain(edit, NULL, 0);
    }
    return 0;
}

/* --- findings --------------------------------------------------------------------------------- */

struct checking {
    struct edit *edit;
    const char *doors; /* JSON array of names */
    json_t *findings;
};

static int finding_add(struct checking *checking, const char *table, const char *row,
                       const char *problem, const char *advice)
{
    json_t *finding = json_object();
    const struct {
        const char *key, *text;
    } texts[] = {{"table", table}, {"row", row}, {"problem", problem}, {"advice", advice}};

    for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
        CLEANUP(cleanup_free) char *cut = strndup(texts[i].text ? texts[i].text : "", TEXT_MOST);
        CLEANUP(cleanup_free) char *cleaned = cut ? text_cleaned(cut) : NULL;

        if (!cleaned || json_object_set_new(finding, texts[i].key, json_string(cleaned)) < 0) {
            json_decref(finding);
            return edit_fail(checking->edit, -ENOMEM, "not enough memory");
        }
    }
    return json_array_append_new(checking->findings, finding) < 0 ? -ENOMEM : 0;
}

/* A table that can't be read is a finding; what is no fault of the file ends the check. */
static int unreadable(struct checking *checking, const char *table)
{
    struct edit *edit = checking->edit;
    int code = sqlite3_errcode(edit->db) & 0xff;
    CLEANUP(cleanup_free) char *problem = NULL;

    if (code != SQLITE_ERROR && code != SQLITE_CORRUPT)
        return edit_explain(edit, NULL, 0);
    if (asprintf(&problem, _("can't be read: %s"), sqlite3_errmsg(edit->db)) < 0) {
        problem = NULL; /* asprintf() leaves it undefined */
        return edit_fail(edit, -ENOMEM, "not enough memory");
    }
    return finding_add(checking, table, "", problem,
                       _("restore a backup; the door goes on with what it read last"));
}

static const char *column_text(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/* Adds what `sql` finds in `table`. */
static int question_ask(struct checking *checking, const char *table, const char *sql)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int found = 0, r;

    if (sqlite3_prepare_v2(checking->edit->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return unreadable(checking, table);
    if (sqlite3_bind_parameter_count(statement) > 0)
        (void)sqlite3_bind_text(statement, 1, checking->doors, -1, SQLITE_STATIC);
    while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
        if (found++ == ALIKE_MOST)
            return finding_add(checking, table, "…", _("more rows like the one before"),
                               _("mend the others first, then check again"));
        r = finding_add(checking, table, column_text(statement, 0), column_text(statement, 1),
                        column_text(statement, 2));
        if (r < 0)
            return r;
    }
    return r == SQLITE_DONE ? 0 : unreadable(checking, table);
}

/* --- rules ------------------------------------------------------------------------------------ */

static const struct check_table *table_find(const char *name)
{
    for (size_t i = 0; i < n_check_tables; i++)
        if (streq(check_tables[i].name, name))
            return &check_tables[i];
    return NULL;
}

/* SQL for how a column of a row is changed. */
static char *change_sql(const struct check_table *table, const char *column)
{
    if (streq(table->name, "badge") && streq(column, "status"))
        return sqlite3_mprintf("'cantinectl badge set ' || plain(uid) || ' STATUS'");
    if (table->command && !streq(column, "id"))
        return sqlite3_mprintf("%s || ' --%s …'", table->command, column);
    return sqlite3_mprintf("'UPDATE %s SET %s = … WHERE ' || %s", table->name, column,
                           table->where);
}

/* Asks what `sql`, which is freed, finds in `table`; NULL is no memory. */
static int built_ask(struct checking *checking, const char *table, char *sql)
{
    int r = sql ? question_ask(checking, table, sql)
                : edit_fail(checking->edit, -ENOMEM, "not enough memory");

    sqlite3_free(sql);
    return r;
}

static int value_ask(struct checking *checking, const struct check_value *rule)
{
    const struct check_table *table = table_find(rule->table);
    char *change = change_sql(table, rule->column);
    char *sql = sqlite3_mprintf("SELECT %s, printf(%Q, '%s', quoted(%s), flaw(%s)) ||"
                                " CASE WHEN (%s) IS TRUE THEN '' ELSE %Q END,"
                                " printf(%Q, tr(%Q), %s) FROM %s WHERE (%s) IS NOT TRUE",
                                table->key, _("%s is %s%s"), rule->column, rule->column,
                                rule->column, rule->read ? rule->read : "1", _(SKIPPED),
                                _("%s: %s"), rule->sentence, change, table->name, rule->sound);

    sqlite3_free(change);
    return built_ask(checking, rule->table, sql);
}

static int reference_ask(struct checking *checking, const struct check_reference *rule)
{
    const struct check_table *table = table_find(rule->table);
    char *change = change_sql(table, rule->column);
    char *removal = table->command /* people and rooms are not to be taken away for that */
                        ? sqlite3_mprintf("''")
                        : sqlite3_mprintf("%Q || ' DELETE FROM %s WHERE ' || %s",
                                          _(", or take the row away:"), table->name, table->where);
    char *sql = sqlite3_mprintf(
        "SELECT %s, printf(%Q, '%s', quoted(%s)) || %Q, %Q || ' ' || %s || %s"
        " FROM %s t WHERE %s AND NOT EXISTS (SELECT 1 FROM %s target WHERE target.id = t.%s)",
        table->key, _("there is no %s %s"), rule->target, rule->column, _(SKIPPED),
        _("name another:"), change, removal, table->name, rule->condition ? rule->condition : "1",
        rule->target, rule->column);

    sqlite3_free(change);
    sqlite3_free(removal);
    return built_ask(checking, rule->table, sql);
}

/* Damage to the file itself, in SQLite's words. */
static const char damage_sql[] = "SELECT 'records.db', replace(quick_check, char(10), ' '),"
                                 " tr('restore a backup; the door goes on with what it read last') "
                                 "FROM pragma_quick_check WHERE quick_check <> 'ok'";

static int rules_ask(struct checking *checking)
{
    int r = question_ask(checking, "file", damage_sql);

    for (size_t i = 0; i < n_check_references && r == 0; i++)
        r = reference_ask(checking, &check_references[i]);
    for (size_t i = 0; i < n_check_values && r == 0; i++)
        r = value_ask(checking, &check_values[i]);
    for (size_t i = 0; i < n_check_questions && r == 0; i++)
        r = question_ask(checking, check_questions[i].table, check_questions[i].sql);
    return r;
}

int edit_check(struct edit *edit, const char *const doors[], size_t n_doors, json_t **ret)
{
    CLEANUP(cleanup_json) json_t *findings = json_array(), *names = json_array();
    CLEANUP(cleanup_free) char *text = NULL;
    struct checking checking = {.edit = edit, .findings = findings};
    int r;

    edit->waiting_told = false;
    for (size_t i = 0; i < n_doors; i++)
        (void)json_array_append_new(names, json_string(doors[i]));
    checking.doors = text = json_dumps(names, JSON_COMPACT);
    if (!text)
        return edit_fail(edit, -ENOMEM, "not enough memory");
    r = functions_register(edit);
    if (r < 0)
        return r;
    /* Rows that a CHECK would refuse are told one by one, not as damage. */
    r = database_run(edit->db, "PRAGMA ignore_check_constraints=1; BEGIN");
    r = r < 0 ? edit_explain(edit, NULL, 0) : rules_ask(&checking);
    if (!sqlite3_get_autocommit(edit->db))
        (void)database_run(edit->db, "ROLLBACK");
    (void)database_run(edit->db, "PRAGMA ignore_check_constraints=0");
    if (r == 0)
        *ret = TAKE_PTR(findings);
    return r;
}
