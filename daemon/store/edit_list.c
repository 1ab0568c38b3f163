/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_private.h"
#include "store/edit_text.h"

#include <errno.h>
#include <inttypes.h>

#define NAMED_MOST 5 /* members that an ambiguous name lists */

/* --- lists ------------------------------------------------------------------------------------ */

static json_t *column_json(sqlite3_stmt *statement, int i)
{
    CLEANUP(cleanup_free) char *cleaned = NULL;

    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(statement, i));
    case SQLITE_NULL:
        return json_null();
    default: /* STRICT tables of ours have nothing else; other tools may have written any bytes */
        cleaned = text_cleaned((const char *)sqlite3_column_text(statement, i));
        return cleaned ? json_string(cleaned) : NULL;
    }
}

static json_t *row_json(sqlite3_stmt *statement)
{
    CLEANUP(cleanup_json) json_t *row = json_object();

    for (int i = 0; i < sqlite3_column_count(statement); i++)
        if (json_object_set_new(row, sqlite3_column_name(statement, i), column_json(statement, i)) <
            0)
            return NULL;
    return TAKE_PTR(row);
}

int edit_rows(struct edit *edit, sqlite3_stmt *statement, json_t **ret)
{
    CLEANUP(cleanup_json) json_t *rows = json_array();
    int r;

    edit->waiting_told = false;
    while ((r = sqlite3_step(statement)) == SQLITE_ROW)
        if (json_array_append_new(rows, row_json(statement)) < 0)
            return edit_fail(edit, -ENOMEM, "not enough memory");
    if (r != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    *ret = TAKE_PTR(rows);
    return 0;
}

static int key_bind(sqlite3_stmt *statement, const json_t *key)
{
    if (json_is_integer(key))
        return sqlite3_bind_int64(statement, 1, json_integer_value(key));
    return sqlite3_bind_text(statement, 1, json_string_value(key), -1, SQLITE_TRANSIENT);
}

/* The values of `column` of the rows. */
static json_t *column_values(const json_t *rows, const char *column)
{
    CLEANUP(cleanup_json) json_t *values = json_array();
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) if (json_array_append(values, json_object_get(row, column)) <
                                         0) return NULL;
    return TAKE_PTR(values);
}

int edit_rows_nest(struct edit *edit, json_t *rows, const char *name, const char *key_column,
                   const char *sql, const char *column)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, sql, &statement);
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_t *nested = NULL;

        if (r < 0)
            return r;
        (void)sqlite3_reset(statement);
        (void)key_bind(statement, json_object_get(row, key_column));
        r = edit_rows(edit, statement, &nested);
        if (r < 0)
            return r;
        if (column) {
            json_t *values = column_values(nested, column);

            json_decref(nested);
            nested = values;
        }
        if (json_object_set_new(row, name, nested) < 0)
            return edit_fail(edit, -ENOMEM, "not enough memory");
    }
    return r;
}

/* The rows of `sql`, in which ?1 is `member`. */
static int list(struct edit *edit, const char *sql, int64_t member, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, sql, &statement);

    if (r < 0)
        return r;
    if (sqlite3_bind_parameter_count(statement) > 0)
        (void)sqlite3_bind_int64(statement, 1, member);
    return edit_rows(edit, statement, ret);
}

/* The one row among `rows`, which this ends: -ENOENT where there is none. */
static int first_row(json_t *rows, json_t **ret)
{
    json_t *row = json_incref(json_array_get(rows, 0));

    json_decref(rows);
    if (!row)
        return -ENOENT;
    *ret = row;
    return 0;
}

int edit_member(struct edit *edit, int64_t member, json_t **ret)
{
    json_t *rows = NULL;
    int r = list(edit, "SELECT * FROM member WHERE id = ?1", member, &rows);

    if (r == 0 && first_row(rows, ret) < 0)
        r = edit_fail(edit, -ENOENT,
                      "there is no member %" PRId64 " any more: see `cantinectl member list`",
                      member);
    return r;
}

int edit_badge(struct edit *edit, const char *uid, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    json_t *rows = NULL;
    int r = edit_prepare(edit, "SELECT * FROM badge WHERE uid = ?1", &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, uid, -1, SQLITE_STATIC);
    r = edit_rows(edit, statement, &rows);
    if (r == 0 && first_row(rows, ret) < 0)
        r = edit_fail(edit, -ENOENT, "there is no badge %s any more: see `cantinectl badge list`",
                      uid);
    return r;
}

int edit_list_members(struct edit *edit, json_t **ret)
{
    return list(edit, "SELECT * FROM member ORDER BY id", 0, ret);
}

int edit_list_hosted(struct edit *edit, int64_t host, json_t **ret)
{
    return list(edit, "SELECT id, name FROM member WHERE host = ?1 ORDER BY id", host, ret);
}

int edit_list_badges(struct edit *edit, int64_t member, json_t **ret)
{
    return list(edit,
                member ? "SELECT * FROM badge WHERE member = ?1 ORDER BY uid"
                       : "SELECT * FROM badge ORDER BY member, uid",
                member, ret);
}

int edit_list_passes(struct edit *edit, int64_t member, json_t **ret)
{
    return list(edit,
                member ? "SELECT * FROM pass WHERE member = ?1 ORDER BY id"
                       : "SELECT * FROM pass ORDER BY id",
                member, ret);
}

void edit_member_name(struct edit *edit, int64_t member, char ret[static MEMBER_NAME_SIZE])
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_free) char *name = NULL;

    ret[0] = '\0';
    if (edit_prepare(edit, "SELECT name FROM member WHERE id = ?1", &statement) < 0)
        return;
    (void)sqlite3_bind_int64(statement, 1, member);
    if (sqlite3_step(statement) == SQLITE_ROW)
        name = text_cleaned((const char *)sqlite3_column_text(statement, 0));
    if (name)
        (void)snprintf(ret, MEMBER_NAME_SIZE, "%s", name);
}

/* --- who is meant ----------------------------------------------------------------------------- */

/* The members whom somebody may have meant by a part of a name. */
struct candidates {
    int64_t whole, part; /* the last one found */
    size_t n_whole, n_part;
    char named[EDIT_ERROR_SIZE / 2];
};

static void candidate_add(struct candidates *candidates, int64_t id, const char *name, bool whole)
{
    size_t used = strlen(candidates->named);

    if (whole) {
        candidates->whole = id;
        candidates->n_whole++;
    }
    candidates->part = id;
    if (candidates->n_part++ < NAMED_MOST)
        (void)snprintf(candidates->named + used, sizeof(candidates->named) - used,
                       "%s%" PRId64 " %.60s", used > 0 ? ", " : "", id, name);
}

static int candidates_gather(struct edit *edit, const char *who, struct candidates *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_free) char *wanted = text_folded(who);
    int r = edit_prepare(edit, "SELECT id, name FROM member ORDER BY id", &statement);

    if (r < 0)
        return r;
    while (wanted && *wanted && (r = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        CLEANUP(cleanup_free) char *folded = name ? text_folded(name) : NULL;

        if (folded && strstr(folded, wanted))
            candidate_add(ret, sqlite3_column_int64(statement, 0), name, streq(folded, wanted));
    }
    if (r != SQLITE_DONE && r != SQLITE_OK)
        return edit_explain(edit, NULL, 0);
    return 0;
}

static int64_t find_by_name(struct edit *edit, const char *who)
{
    struct candidates candidates = {0};
    int r = candidates_gather(edit, who, &candidates);

    if (r < 0)
        return r;
    if (candidates.n_whole == 1)
        return candidates.whole;
    if (candidates.n_part == 1)
        return candidates.part;
    if (candidates.n_part == 0)
        return edit_fail(edit, -ENOENT, "nobody is called “%.80s”: see `cantinectl member list`",
                         who);
    return edit_fail(edit, -ENOTUNIQ, "“%.80s” may be %s%s: give the number or more of the name",
                     who, candidates.named, candidates.n_part > NAMED_MOST ? ", …" : "");
}

/* The id that `sql` finds for `who`, -ENOENT when nobody is found. */
static int64_t find_exact(struct edit *edit, const char *sql, const char *who)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, sql, &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, who, -1, SQLITE_STATIC);
    r = sqlite3_step(statement);
    if (r == SQLITE_ROW)
        return sqlite3_column_int64(statement, 0);
    if (r != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    return edit_fail(edit, -ENOENT, "there is no member “%.80s”: see `cantinectl member list`",
                     who);
}

int64_t edit_member_find(struct edit *edit, const char *who)
{
    edit->waiting_told = false;
    if (!text_valid(who))
        return edit_fail(edit, -EILSEQ,
                         "the member isn't given in UTF-8: type it in a UTF-8 terminal");
    if (*who && who[strspn(who, "0123456789")] == '\0')
        return find_exact(edit, "SELECT id FROM member WHERE id = CAST(?1 AS INTEGER)", who);
    if (strchr(who, '@'))
        return find_exact(edit, "SELECT id FROM member WHERE email = ?1", who);
    return find_by_name(edit, who);
}
