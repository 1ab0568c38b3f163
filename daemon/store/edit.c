/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit.h"

#include "util/translate.h"

#include "store/edit_private.h"
#include "store/edit_text.h"
#include "store/records.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#define BUSY_SLEEP_USEC (10 * 1000)

/* --- the file --------------------------------------------------------------------------------- */

/* SQLite asks this while the file is locked: non-zero = try again. */
static int on_busy(void *userdata, int tries)
{
    struct edit *edit = userdata;
    usec_t now = time_monotonic();

    if (tries == 0)
        edit->waiting_since = now;
    if (now - edit->waiting_since >= EDIT_WAIT_MSEC * USEC_PER_MSEC)
        return 0;
    if (!edit->waiting_told && edit->waiting &&
        now - edit->waiting_since >= EDIT_PATIENCE_MSEC * USEC_PER_MSEC) {
        edit->waiting_told = true;
        edit->waiting(edit->userdata, edit->path);
    }
    (void)usleep(BUSY_SLEEP_USEC);
    return 1;
}

/* For editing where that is possible, for reading alone otherwise: lists are for more people. */
static int open_file(struct edit *edit, char *error, size_t size)
{
    int r = database_open(edit->path, DATABASE_WRITE, EDIT_WAIT_MSEC, &edit->db), at_rest;

    if (r == -EACCES || r == -EROFS)
        r = database_open(edit->path, DATABASE_READ, EDIT_WAIT_MSEC, &edit->db);
    if (r == -EACCES || r == -EROFS) { /* not even the log's index may be made beside it */
        at_rest = database_open(edit->path, DATABASE_READ_AT_REST, EDIT_WAIT_MSEC, &edit->db);
        r = at_rest == 0 ? 0 : r;
    }
    if (r == -ENOENT)
        (void)snprintf(error, size, _("there is no %s: start cantined once, it creates the file"),
                       edit->path);
    else if (r == -EACCES || r == -EPERM)
        (void)snprintf(error, size,
                       _("%s can't be read by this user: join the group cantine-admin (usermod -aG "
                         "cantine-admin YOUR-NAME, as root, then log in again), or use sudo"),
                       edit->path);
    else if (r < 0)
        database_explain(r, edit->path, error, size);
    return r;
}

int edit_open(const char *path, const char *actor, struct edit **ret, char *error, size_t size)
{
    CLEANUP(cleanup_edit) struct edit *edit = calloc(1, sizeof(*edit));
    int r;

    if (edit)
        edit->path = strdup(path);
    if (!edit || !edit->path) {
        (void)snprintf(error, size, "%s", _("not enough memory"));
        return -ENOMEM;
    }
    (void)snprintf(edit->actor, sizeof(edit->actor), "%s", actor);
    r = open_file(edit, error, size);
    if (r < 0)
        return r;
    r = database_check_version(edit->db, path, "records", RECORDS_APPLICATION_ID, error, size);
    if (r < 0)
        return r;
    r = database_run(edit->db, "PRAGMA foreign_keys=ON");
    if (r ==
        0) /* record_change's triggers call json_object(), which SQLite 3.40 trusts only then */
        r = database_errno(sqlite3_db_config(edit->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL));
    if (r == 0)
        r = database_errno(sqlite3_busy_handler(edit->db, on_busy, edit));
    if (r < 0) {
        database_explain(r, path, error, size);
        return r;
    }
    (void)sqlite3_extended_result_codes(edit->db, 1);
    *ret = TAKE_PTR(edit);
    return 0;
}

struct edit *edit_free(struct edit *edit)
{
    if (!edit)
        return NULL;
    (void)sqlite3_close_v2(edit->db);
    free(edit->path);
    free(edit);
    return NULL;
}

void edit_on_waiting(struct edit *edit, edit_waiting_t waiting, void *userdata)
{
    edit->waiting = waiting;
    edit->userdata = userdata;
}

const char *edit_error(const struct edit *edit)
{
    return edit->error;
}

const char *edit_error_column(const struct edit *edit)
{
    return edit->column;
}

int edit_fail(struct edit *edit, int r, const char *format, ...)
{
    va_list args;

    edit->column[0] = '\0';
    va_start(args, format);
    (void)vsnprintf(edit->error, sizeof(edit->error), _(format), args);
    va_end(args);
    return r;
}

/* --- one command, one transaction ------------------------------------------------------------- */

static int actor_set(struct edit *edit)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, "INSERT OR REPLACE INTO record_actor(name) VALUES (?1)", &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, edit->actor, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    return 0;
}

int edit_begin(struct edit *edit)
{
    int r;

    edit->waiting_told = false;
    r = database_run(edit->db, "BEGIN IMMEDIATE");
    if (r < 0)
        return edit_explain(edit, NULL, 0);
    return actor_set(edit);
}

int edit_end(struct edit *edit, int r)
{
    if (r >= 0) {
        r = database_run(edit->db, "DELETE FROM record_actor; COMMIT");
        if (r < 0)
            r = edit_explain(edit, NULL, 0);
    }
    if (!sqlite3_get_autocommit(edit->db))
        (void)database_run(edit->db, "ROLLBACK");
    return r;
}

int edit_values_check(struct edit *edit, const struct edit_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].text && !text_valid(values[i].text))
            return edit_fail(edit, -EILSEQ,
                             "%s isn't UTF-8 text: type it again in a UTF-8 terminal",
                             values[i].column);
    return 0;
}

static void values_bind(sqlite3_stmt *statement, const struct edit_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) /* no text at all binds NULL */
        (void)sqlite3_bind_text(statement, (int)i + 1, values[i].text, -1, SQLITE_STATIC);
}

/*
 * Runs `sql` with the values as ?1 … and `key` after them, in the transaction; -ESRCH when there
 * was no row to change.
 */
static int values_write(struct edit *edit, const char *sql, const struct edit_value *values,
                        size_t n, const char *key)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, sql, &statement);

    if (r < 0)
        return r;
    values_bind(statement, values, n);
    if (key)
        (void)sqlite3_bind_text(statement, (int)n + 1, key, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) {
        (void)sqlite3_reset(
            statement); /* so that looking for the reason sees the table as it was */
        return edit_explain(edit, values, n);
    }
    return sqlite3_changes(edit->db) > 0 ? 0 : -ESRCH;
}

int edit_row_insert(struct edit *edit, const char *table, const struct edit_value *values, size_t n)
{
    sqlite3_str *text = sqlite3_str_new(edit->db);
    char *sql;
    int r;

    sqlite3_str_appendf(text, "INSERT INTO \"%w\" (", table);
    for (size_t i = 0; i < n; i++)
        sqlite3_str_appendf(text, "%s\"%w\"", i > 0 ? ", " : "", values[i].column);
    sqlite3_str_appendall(text, ") VALUES (");
    for (size_t i = 0; i < n; i++)
        sqlite3_str_appendall(text, i > 0 ? ", ?" : "?");
    sqlite3_str_appendall(text, ")");
    sql = sqlite3_str_finish(text);
    r = sql ? values_write(edit, sql, values, n, NULL) : -ENOMEM;
    sqlite3_free(sql);
    return r;
}

int edit_row_update(struct edit *edit, const char *table, const struct edit_value *values, size_t n,
                    const char *key_column, const char *key)
{
    sqlite3_str *text = sqlite3_str_new(edit->db);
    char *sql;
    int r;

    sqlite3_str_appendf(text, "UPDATE \"%w\" SET ", table);
    for (size_t i = 0; i < n; i++)
        sqlite3_str_appendf(text, "%s\"%w\" = ?", i > 0 ? ", " : "", values[i].column);
    sqlite3_str_appendf(text, " WHERE \"%w\" = ?", key_column);
    sql = sqlite3_str_finish(text);
    r = sql ? values_write(edit, sql, values, n, key) : -ENOMEM;
    sqlite3_free(sql);
    return r;
}

int64_t edit_row_add(struct edit *edit, const char *table, const struct edit_value *values,
                     size_t n)
{
    int64_t id = 0;
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_row_insert(edit, table, values, n);
    if (r == 0) /* record_change's own id came later, in a trigger, and does not show here */
        id = sqlite3_last_insert_rowid(edit->db);
    r = edit_end(edit, r);
    return r < 0 ? r : id;
}

int edit_run(struct edit *edit, const char *sql, const char *key)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, sql, &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_DONE ? 0 : edit_explain(edit, NULL, 0);
}

/* --- what people do --------------------------------------------------------------------------- */

int64_t edit_member_add(struct edit *edit, const struct edit_value *values, size_t n)
{
    return edit_row_add(edit, "member", values, n);
}

int64_t edit_namesake(struct edit *edit, int64_t member)
{
    char key[24];
    CLEANUP(cleanup_free) char *other = NULL;

    (void)snprintf(key, sizeof(key), "%" PRId64, member);
    other = edit_text(edit,
                      "SELECT min(other.id) FROM member JOIN member other"
                      " ON other.name = member.name COLLATE NOCASE AND other.id <> member.id"
                      " WHERE member.id = ?1",
                      key);
    return other ? strtoll(other, NULL, 10) : 0;
}

int edit_member_set(struct edit *edit, int64_t member, const struct edit_value *values, size_t n)
{
    char key[24];
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    (void)snprintf(key, sizeof(key), "%" PRId64, member);
    r = edit_begin(edit);
    if (r == 0) {
        r = edit_row_update(edit, "member", values, n, "id", key);
        if (r == -ESRCH)
            r = edit_fail(edit, -ENOENT, "there is no member %s: see `cantinectl member list`",
                          key);
    }
    return edit_end(edit, r);
}

#define BADGE_VALUES_MOST 8

/* A badge that was given back goes to somebody else, as if it had never been anybody's. */
static int badge_lend(struct edit *edit, const char *uid, const struct edit_value *values, size_t n)
{
    int r = edit_run(edit,
                     "UPDATE badge SET status = 'active', label = NULL, valid_until = NULL,"
                     " added_at = unixepoch() WHERE uid = ?1",
                     uid);

    return r < 0 ? r : edit_row_update(edit, "badge", values, n, "uid", uid);
}

/* Inserts the badge in the transaction. */
static int badge_insert(struct edit *edit, int64_t member, const char *uid,
                        const struct edit_value *values, size_t n)
{
    struct edit_value all[BADGE_VALUES_MOST];
    CLEANUP(cleanup_free) char *returned = NULL;
    char owner[24];

    if (n > BADGE_VALUES_MOST - 2)
        return edit_fail(edit, -E2BIG, "a badge hasn't that many columns");
    (void)snprintf(owner, sizeof(owner), "%" PRId64, member);
    all[0] = (struct edit_value){"uid", uid};
    all[1] = (struct edit_value){"member", owner};
    for (size_t i = 0; i < n; i++)
        all[i + 2] = values[i];
    returned = edit_text(edit, "SELECT uid FROM badge WHERE uid = ?1 AND status = 'returned'", uid);
    return returned ? badge_lend(edit, uid, all + 1, n + 1)
                    : edit_row_insert(edit, "badge", all, n + 2);
}

int edit_badge_add(struct edit *edit, int64_t member, const char *uid,
                   const struct edit_value *values, size_t n)
{
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = badge_insert(edit, member, uid, values, n);
    return edit_end(edit, r);
}

int edit_badge_try(struct edit *edit, int64_t member, const struct edit_value *values, size_t n)
{
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = badge_insert(edit, member, "00000000", values, n); /* nobody's number: core/uid.h */
    (void)edit_end(edit, -ECANCELED);
    return r == -EEXIST ? 0 : r;
}

int edit_badge_set(struct edit *edit, const char *uid, const struct edit_value *values, size_t n)
{
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0) {
        r = edit_row_update(edit, "badge", values, n, "uid", uid);
        if (r == -ESRCH)
            r = edit_fail(edit, -ENOENT, "there is no badge %s: see `cantinectl badge list`", uid);
    }
    return edit_end(edit, r);
}
