/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/records_private.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#define STEPS_APART 10000 /* of SQLite's machine, between two looks at whether it is unwanted */

/*
 * Only what the door asks for, in one read transaction: notes, addresses, years of record_change
 * and of bookings that are over would make the copy many times bigger and later than it need be.
 * Reading every row that counts is also what finds damage before it can reach a decision. Rows
 * without sense are left behind.
 *
 * A tap may be waiting for it: bookings are read as they lie (NOT INDEXED), since the file's own
 * indexes lead to each row by a way of its own.
 */
static const char copy_sql[] =
    "BEGIN;"
    "CREATE TABLE badge(uid TEXT PRIMARY KEY, member, status, valid_until) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO badge SELECT uid, member, status, valid_until FROM file.badge;"

    "CREATE TABLE member(id INTEGER PRIMARY KEY, name, display_name, plan, status, valid_from,"
    " valid_until, host);"
    "INSERT OR IGNORE INTO member SELECT id, name, display_name, plan, status, valid_from,"
    " valid_until, host FROM file.member WHERE id > 0;"

    "CREATE TABLE plan(id TEXT PRIMARY KEY, access, min_assurance, active) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO plan SELECT id, access, min_assurance, active FROM file.plan;"

    "CREATE TABLE plan_hours(plan TEXT, weekday, opens, closes,"
    " PRIMARY KEY (plan, weekday, opens)) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO plan_hours SELECT plan, weekday, opens, closes FROM file.plan_hours;"

    "CREATE TABLE plan_door(plan TEXT, door TEXT, PRIMARY KEY (plan, door)) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO plan_door SELECT plan, door FROM file.plan_door;"

    "CREATE TABLE opening_hours(weekday, opens, closes);"
    "INSERT INTO opening_hours SELECT weekday, opens, closes FROM file.opening_hours"
    " ORDER BY weekday, opens;"

    "CREATE TABLE closure(first_day INTEGER, last_day INTEGER);" /* as numbers YYYYMMDD */
    "INSERT INTO closure SELECT replace(first_day, '-', ''),"
    " replace(coalesce(last_day, first_day), '-', '') FROM file.closure"
    " WHERE date(first_day, '+0 days') IS first_day AND date(last_day, '+0 days') IS last_day;"

    "CREATE TABLE pass(id INTEGER PRIMARY KEY, member, kind, quantity, valid_from, valid_until);"
    "INSERT OR IGNORE INTO pass SELECT id, member, kind, quantity, valid_from, valid_until"
    " FROM file.pass WHERE id > 0 AND quantity BETWEEN 1 AND 10000;"
    "CREATE INDEX pass_by_member ON pass(member);"

    "CREATE TABLE resource(id TEXT PRIMARY KEY, name, kind, early, late) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO resource SELECT id, name, kind, early, late FROM file.resource"
    " WHERE early BETWEEN 0 AND 1440 AND late BETWEEN 0 AND 1440;"

    "CREATE TABLE resource_door(resource TEXT, door TEXT, PRIMARY KEY (resource, door))"
    " WITHOUT ROWID;"
    "INSERT OR IGNORE INTO resource_door SELECT resource, door FROM file.resource_door;"

    /* A title that isn't for the public stays where it is. */
    "CREATE TABLE booking(id INTEGER PRIMARY KEY, resource, member, starts_at, ends_at, title);"
    "INSERT OR IGNORE INTO booking SELECT id, resource, member, starts_at, ends_at,"
    " CASE WHEN public = 1 THEN title END FROM file.booking NOT INDEXED"
    " WHERE ends_at > (SELECT since FROM bounds) AND status = 'confirmed' AND starts_at < ends_at"
    " AND starts_at BETWEEN 0 AND 253402300799 AND ends_at BETWEEN 0 AND 253402300799;"
    "CREATE INDEX booking_by_member ON booking(member, ends_at);"
    "CREATE INDEX booking_by_resource ON booking(resource, ends_at);"

    "CREATE TABLE booking_guest(member, booking, PRIMARY KEY (member, booking)) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO booking_guest SELECT g.member, g.booking FROM file.booking_guest g"
    " CROSS JOIN main.booking b ON b.id = g.booking ORDER BY g.member, g.booking;"
    "COMMIT;"
    "DETACH file";

static int on_steps(void *userdata)
{
    const struct copy_order *order = userdata;

    return atomic_load(order->unwanted);
}

/* What `db` is at ends with SQLITE_INTERRUPT when the order is unwanted. */
static void database_heeds(sqlite3 *db, const struct copy_order *order)
{
    if (order->unwanted)
        sqlite3_progress_handler(db, STEPS_APART, on_steps, (void *)order);
}

/* Checks whose file it is and, if asked to, that it has no damage; gives its absolute name. */
static int file_check(const struct copy_order *order, char absolute[static PATH_MAX], char *error,
                      size_t size)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int r = database_open(order->path, DATABASE_READ, RECORDS_BUSY_MSEC, &db);

    if (r == 0) {
        (void)snprintf(absolute, PATH_MAX, "%s", sqlite3_db_filename(db, "main"));
        database_heeds(db, order);
        if (order->whole)
            r = database_check_whole(db);
    }
    if (r < 0) {
        database_explain(r, order->path, error, size);
        return r;
    }
    return database_check_version(db, order->path, "records", RECORDS_APPLICATION_ID, error, size);
}

/* The URI that opens `absolute` read-only (RFC 3986, 2.1: percent-encoding). */
static void uri_of(const char *absolute, char *ret)
{
    ret += sprintf(ret, "file:");
    for (const unsigned char *p = (const unsigned char *)absolute; *p; p++)
        ret += sprintf(ret, isalnum(*p) || strchr("/._-", *p) ? "%c" : "%%%02X", *p);
    (void)sprintf(ret, "?mode=ro");
}

static int file_attach(sqlite3 *db, const char *absolute)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    char uri[3 * PATH_MAX + 16];
    int r;

    uri_of(absolute, uri);
    r = sqlite3_prepare_v2(db, "ATTACH ?1 AS file", -1, &statement, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_bind_text(statement, 1, uri, -1, SQLITE_STATIC);
    if (r == SQLITE_OK)
        r = sqlite3_step(statement);
    if (r != SQLITE_DONE)
        return database_errno(r);
    /* Each page is read once: none need stay. */
    return database_run(db, "PRAGMA file.cache_size=16");
}

static int questions_prepare(struct copy *copy)
{
    for (size_t i = 0; i < QUESTION_COUNT; i++) {
        int r = sqlite3_prepare_v3(copy->db, question_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                   &copy->questions[i], NULL);

        if (r != SQLITE_OK)
            return database_errno(r);
    }
    return 0;
}

/* A table or column that isn't there is damage too, whatever version the file says that it has. */
static int file_copy(sqlite3 *db)
{
    int r = sqlite3_exec(db, copy_sql, NULL, NULL, NULL);

    return r == SQLITE_ERROR ? -EUCLEAN : database_errno(r);
}

/*
 * Big pages are filled faster; with room to sort in, no index takes its way through a file in
 * /var/tmp, which may be full.
 */
static int memory_prepare(sqlite3 *db, const struct copy_order *order)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "PRAGMA main.page_size=8192; PRAGMA main.cache_size=-524288;"
                   "CREATE TABLE bounds AS SELECT %" PRId64 " AS since",
                   order->since);
    return database_run(db, sql);
}

static int copy_fill(struct copy *copy, const struct copy_order *order, const char *absolute)
{
    int r = database_open(":memory:", DATABASE_CREATE, RECORDS_BUSY_MSEC, &copy->db);

    if (r < 0)
        return r;
    database_heeds(copy->db, order);
    copy->since = order->since;
    r = memory_prepare(copy->db, order);
    if (r == 0)
        r = file_attach(copy->db, absolute);
    if (r == 0)
        r = file_copy(copy->db);
    sqlite3_progress_handler(copy->db, 0, NULL, NULL); /* the order doesn't outlive this */
    return r < 0 ? r : questions_prepare(copy);
}

int copy_new(const struct copy_order *order, struct copy **ret, char *error, size_t size)
{
    CLEANUP(cleanup_copy) struct copy *copy = calloc(1, sizeof(*copy));
    char absolute[PATH_MAX];
    int r = file_check(order, absolute, error, size);

    if (r < 0)
        return r;
    r = copy ? copy_fill(copy, order, absolute) : -ENOMEM;
    if (r < 0) {
        database_explain(r, order->path, error, size);
        return r;
    }
    *ret = TAKE_PTR(copy);
    return 0;
}

struct copy *copy_free(struct copy *copy)
{
    if (!copy)
        return NULL;
    for (size_t i = 0; i < QUESTION_COUNT; i++)
        (void)sqlite3_finalize(copy->questions[i]);
    (void)sqlite3_close_v2(copy->db);
    free(copy);
    return NULL;
}
