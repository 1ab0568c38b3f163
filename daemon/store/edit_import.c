/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_import_private.h"
#include "store/edit_text.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

const char *const import_column_names[IMPORT_COLUMN_COUNT] = {
    [IMPORT_NAME] = "name",         [IMPORT_EMAIL] = "email",
    [IMPORT_COMPANY] = "company",   [IMPORT_PLAN] = "plan",
    [IMPORT_STATUS] = "status",     [IMPORT_FROM] = "valid_from",
    [IMPORT_UNTIL] = "valid_until", [IMPORT_DISPLAY_NAME] = "display_name",
    [IMPORT_LANGUAGE] = "language", [IMPORT_HOST] = "host",
    [IMPORT_NOTE] = "note",
};

/* --- beginning and end ------------------------------------------------------------------------ */

static void import_free(struct edit_import *import)
{
    (void)sqlite3_finalize(import->by_id);
    (void)sqlite3_finalize(import->by_email);
    (void)sqlite3_finalize(import->current);
    (void)sqlite3_finalize(import->badge);
    (void)sqlite3_finalize(import->badge_add);
    for (size_t i = 0; i < KEPT_MOST; i++)
        (void)sqlite3_finalize(import->kept[i].statement);
    for (size_t i = 0; i < import->n_namesakes; i++)
        free(import->namesakes[i].folded);
    free(import->namesakes);
    free(import);
}

int edit_import_begin(struct edit *edit, struct edit_import **ret)
{
    struct edit_import *import = calloc(1, sizeof(*import));
    int r;

    if (!import)
        return edit_fail(edit, -ENOMEM, "not enough memory");
    import->edit = edit;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_prepare(edit, "SELECT id, name, email FROM member WHERE id = ?1", &import->by_id);
    if (r == 0)
        r = edit_prepare(edit, "SELECT id, name, email FROM member WHERE email = ?1",
                         &import->by_email);
    if (r == 0)
        r = edit_prepare(edit,
                         "SELECT name, email, company, plan, status, valid_from, valid_until,"
                         " display_name, language, host, note FROM member WHERE id = ?1",
                         &import->current);
    if (r == 0)
        r = edit_prepare(edit, "SELECT member, status = 'active' FROM badge WHERE uid = ?1",
                         &import->badge);
    if (r == 0)
        r = edit_prepare(edit, "INSERT INTO badge(uid, member) VALUES (?1, ?2)",
                         &import->badge_add);
    if (r < 0) {
        import_free(import);
        return edit_end(edit, r);
    }
    *ret = import;
    return 0;
}

int edit_import_end(struct edit_import *import, bool keep)
{
    struct edit *edit = import->edit;
    int r;

    import_free(import);
    r = edit_end(edit, keep ? 0 : -ECANCELED);
    return keep ? r : 0;
}

void import_row_done(struct import_row *row)
{
    json_decref(row->changes);
    free(row->old_name);
    free(row->name);
    row->changes = NULL;
    row->old_name = row->name = NULL;
}

int import_out_of_memory(struct edit_import *import)
{
    return edit_fail(import->edit, -ENOMEM, "not enough memory");
}

/* --- what changes ----------------------------------------------------------------------------- */

/* The row's columns as they are to be: NULL = nothing. Those not in the mask stay as they are. */
struct wanted {
    const char *texts[IMPORT_COLUMN_COUNT];
    unsigned mask;
    char host[24];
};

static void wanted_read(const struct import_row *row, struct wanted *ret)
{
    *ret = (struct wanted){0};
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++) {
        if (!row->cells[i])
            continue;
        ret->texts[i] = *row->cells[i] ? row->cells[i] : NULL;
        ret->mask |= 1U << i;
    }
    if (row->host == 0)
        return;
    (void)snprintf(ret->host, sizeof(ret->host), "%" PRId64, row->host);
    ret->texts[IMPORT_HOST] = ret->host;
    ret->mask |= 1U << IMPORT_HOST;
}

/* A table has no blanks around its cells, and addresses are the same in either case. */
static bool is_same(enum import_column column, const char *before, const char *after)
{
    const char *a = before ? before : "", *b = after ? after : "";
    size_t n_a = text_bare(&a), n_b = text_bare(&b);

    if (column == IMPORT_EMAIL)
        return n_a == n_b && strncasecmp(a, b, n_a) == 0;
    return n_a == n_b && memcmp(a, b, n_a) == 0;
}

static json_t *column_json(enum import_column column, const char *text)
{
    if (!text)
        return json_null();
    return column == IMPORT_HOST ? json_integer(strtoll(text, NULL, 10)) : json_string(text);
}

/* Notes that a column changes. */
static int change_note(struct edit_import *import, struct import_row *row,
                       enum import_column column, const char *before, const char *after)
{
    json_t *change = json_pack("{s:o, s:o}", "before", column_json(column, before), "after",
                               column_json(column, after));

    if (!row->changes)
        row->changes = json_object();
    if (json_object_set_new(row->changes, import_column_names[column], change) < 0)
        return import_out_of_memory(import);
    return 0;
}

/* Takes a column out of the mask if it is as it should be already, or notes that it changes. */
static int column_compare(struct edit_import *import, struct import_row *row, struct wanted *wanted,
                          enum import_column column, const char *before)
{
    unsigned bit = 1U << column;
    const char *rest = before ? before : "";

    if (text_bare(&rest) > 0)
        row->kept |= row->empty & bit;
    if (!(wanted->mask & bit))
        return 0;
    if (!is_same(column, before, wanted->texts[column]))
        return change_note(import, row, column, before, wanted->texts[column]);
    wanted->mask &= ~bit;
    return 0;
}

/* Compares the wanted columns with the member's: in the mask remains what changes. */
static int changes_find(struct edit_import *import, struct import_row *row, struct wanted *wanted)
{
    sqlite3_stmt *current = import->current;
    int r = 0;

    (void)sqlite3_bind_int64(current, 1, row->member);
    if (sqlite3_step(current) != SQLITE_ROW)
        return edit_explain(import->edit, NULL, 0);
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT && r == 0; i++) {
        const char *text = (const char *)sqlite3_column_text(current, (int)i);
        CLEANUP(cleanup_free) char *before = text ? text_cleaned(text) : NULL;

        if (text && !before)
            r = import_out_of_memory(import);
        else
            r = column_compare(import, row, wanted, (enum import_column)i, before);
        if (r == 0 && i == IMPORT_NAME && !wanted->texts[IMPORT_NAME])
            row->name = TAKE_PTR(before);
    }
    (void)sqlite3_reset(current);
    return r;
}

/* --- writing ---------------------------------------------------------------------------------- */

static char *statement_text(struct edit *edit, unsigned mask, bool inserts)
{
    sqlite3_str *text = sqlite3_str_new(edit->db);
    int n = 0;

    sqlite3_str_appendall(text, inserts ? "INSERT INTO member(" : "UPDATE member SET ");
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++)
        if (mask & 1U << i)
            sqlite3_str_appendf(text, "%s%s%s", n++ > 0 ? ", " : "", import_column_names[i],
                                inserts ? "" : " = ?");
    if (mask & NUMBERED)
        sqlite3_str_appendf(text, "%sid", n++ > 0 ? ", " : "");
    sqlite3_str_appendall(text, inserts ? ") VALUES (" : " WHERE id = ?");
    for (int i = 0; inserts && i < n; i++)
        sqlite3_str_appendall(text, i > 0 ? ", ?" : "?");
    if (inserts)
        sqlite3_str_appendall(text, ")");
    return sqlite3_str_finish(text);
}

/* The statement that writes these columns, from the kept ones or compiled. */
static int statement_get(struct edit_import *import, unsigned mask, bool inserts,
                         sqlite3_stmt **ret)
{
    struct kept *kept = &import->kept[import->next];
    char *sql;
    int r;

    for (size_t i = 0; i < KEPT_MOST; i++)
        if (import->kept[i].statement && import->kept[i].mask == mask &&
            import->kept[i].inserts == inserts) {
            *ret = import->kept[i].statement;
            return 0;
        }
    (void)sqlite3_finalize(kept->statement);
    *kept = (struct kept){.mask = mask, .inserts = inserts};
    import->next = (import->next + 1) % KEPT_MOST;
    sql = statement_text(import->edit, mask, inserts);
    if (!sql)
        return import_out_of_memory(import);
    r = edit_prepare(import->edit, sql, &kept->statement);
    sqlite3_free(sql);
    *ret = kept->statement;
    return r;
}

/* Runs a statement; errors are told by the values. */
static int statement_run(struct edit_import *import, sqlite3_stmt *statement,
                         const struct edit_value *values, size_t n)
{
    int r = sqlite3_step(statement) == SQLITE_DONE ? 0 : -EIO;

    (void)sqlite3_reset(statement);
    if (r < 0)
        r = edit_explain(import->edit, values, n);
    (void)sqlite3_clear_bindings(statement);
    return r;
}

/* Inserts the wanted columns as a member, who gets the number unless that is 0, or changes those of
 * one. */
static int columns_write(struct edit_import *import, const struct wanted *wanted, int64_t member,
                         bool inserts)
{
    struct edit_value values[IMPORT_COLUMN_COUNT];
    sqlite3_stmt *statement = NULL;
    size_t n = 0;
    int r;

    for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++)
        if (wanted->mask & 1U << i)
            values[n++] = (struct edit_value){import_column_names[i], wanted->texts[i]};
    r = edit_values_check(import->edit, values, n);
    if (r == 0)
        r = statement_get(import, wanted->mask | (inserts && member != 0 ? NUMBERED : 0), inserts,
                          &statement);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) /* no text at all binds NULL */
        (void)sqlite3_bind_text(statement, (int)i + 1, values[i].text, -1, SQLITE_STATIC);
    if (member != 0)
        (void)sqlite3_bind_int64(statement, (int)n + 1, member);
    return statement_run(import, statement, values, n);
}

static int member_insert(struct edit_import *import, struct import_row *row, struct wanted *wanted)
{
    int r = 0;

    if (!wanted->texts[IMPORT_PLAN] && row->plan) {
        wanted->texts[IMPORT_PLAN] = row->plan;
        wanted->mask |= 1U << IMPORT_PLAN;
    }
    if (!wanted->texts[IMPORT_NAME])
        return edit_about(import->edit,
                          edit_fail(import->edit, -EINVAL,
                                    "is empty, and nobody is known by this address: each "
                                    "new member needs a name"),
                          import_column_names[IMPORT_NAME]);
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT && r == 0; i++)
        if (wanted->texts[i])
            r = change_note(import, row, (enum import_column)i, NULL, wanted->texts[i]);
        else
            wanted->mask &= ~(1U << i); /* a default may stand there */
    if (r == 0)
        r = columns_write(import, wanted, row->member, true);
    if (r == 0) {
        row->member = sqlite3_last_insert_rowid(import->edit->db);
        row->outcome = IMPORT_NEW;
    }
    return r;
}

static int member_change(struct edit_import *import, struct import_row *row, struct wanted *wanted)
{
    int r = changes_find(import, row, wanted);

    if (r < 0 || wanted->mask == 0)
        return r;
    row->outcome = IMPORT_CHANGED;
    return columns_write(import, wanted, row->member, false);
}

/* Gives the member a badge, who may have it already. */
static int badge_give(struct edit_import *import, struct import_row *row, const char *uid)
{
    char member[24];
    const struct edit_value values[] = {{"uid", uid}, {"member", member}};
    bool is_theirs = false;
    int r;

    (void)snprintf(member, sizeof(member), "%" PRId64, row->member);
    (void)sqlite3_bind_text(import->badge, 1, uid, -1, SQLITE_STATIC);
    r = sqlite3_step(import->badge);
    if (r == SQLITE_ROW && sqlite3_column_int64(import->badge, 0) == row->member) {
        is_theirs = true;
        row->n_unfit += sqlite3_column_int(import->badge, 1) == 0;
    }
    (void)sqlite3_reset(import->badge);
    if (r != SQLITE_ROW && r != SQLITE_DONE)
        return edit_explain(import->edit, NULL, 0);
    if (is_theirs)
        return 0;
    (void)sqlite3_bind_text(import->badge_add, 1, uid, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(import->badge_add, 2, row->member);
    r = statement_run(import, import->badge_add, values, ELEMENTSOF(values));
    row->n_given += r == 0;
    return r < 0 ? edit_about(import->edit, r, "badges") : 0;
}

int edit_import_write(struct edit_import *import, struct import_row *row)
{
    struct wanted wanted;
    int r;

    wanted_read(row, &wanted);
    row->outcome = IMPORT_UNCHANGED;
    if (wanted.texts[IMPORT_NAME] && !(row->name = strdup(wanted.texts[IMPORT_NAME])))
        return import_out_of_memory(import);
    r = row->member == 0 || row->numbered ? member_insert(import, row, &wanted)
                                          : member_change(import, row, &wanted);
    for (size_t i = 0; i < row->n_badges && r == 0; i++)
        r = badge_give(import, row, row->badges[i]);
    if (r == 0 && row->outcome == IMPORT_UNCHANGED && row->n_given > 0)
        row->outcome = IMPORT_CHANGED;
    return r;
}
