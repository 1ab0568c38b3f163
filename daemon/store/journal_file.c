/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/journal_private.h"

#include <errno.h>

/*
 * NORMAL: a commit doesn't wait for the disk, the keeper does. The log is checkpointed by the
 * keeper alone, never inside a commit. The cache is small, since rows are added at the end.
 */
static int connection_tune(sqlite3 *db)
{
    return database_run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                            "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-256");
}

int journal_file_connect(const char *path, sqlite3 **ret)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    char why[DATABASE_ERROR_SIZE];
    int r = database_open(path, DATABASE_WRITE, JOURNAL_BUSY_MSEC, &db);

    if (r == 0)
        r = database_check_version(db, path, "journal", JOURNAL_APPLICATION_ID, why, sizeof(why));
    if (r == 0)
        r = connection_tune(db);
    if (r == 0)
        *ret = TAKE_PTR(db);
    return r;
}

static int presence_read(sqlite3 *db, struct presence *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *inside = NULL;
    int r = sqlite3_prepare_v2(db, "SELECT member, since_usec, guests FROM presence", -1, &inside,
                               NULL);

    if (r != SQLITE_OK)
        return database_errno(r);
    while ((r = sqlite3_step(inside)) == SQLITE_ROW) {
        int64_t member = sqlite3_column_int64(inside, 0);

        (void)presence_enter(ret, member, (usec_t)sqlite3_column_int64(inside, 1));
        (void)presence_bring(ret, member, (uint32_t)sqlite3_column_int64(inside, 2));
    }
    return database_errno(r);
}

/* How often each pass was used, ever. */
static int counts_read(sqlite3 *db, struct pass_uses *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *passes = NULL;
    int r = sqlite3_prepare_v2(db, "SELECT pass, count(*) FROM pass_use GROUP BY pass", -1, &passes,
                               NULL);

    if (r != SQLITE_OK)
        return database_errno(r);
    while ((r = sqlite3_step(passes)) == SQLITE_ROW)
        if (pass_uses_count(ret, sqlite3_column_int64(passes, 0), sqlite3_column_int64(passes, 1)) <
            0)
            return -ENOMEM;
    return database_errno(r);
}

/* Which halves of their latest pass day the members have used something for. */
static int halves_read(sqlite3 *db, struct pass_uses *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *days = NULL;
    int r = sqlite3_prepare_v2(db,
                               "SELECT member, day, half FROM pass_use u WHERE day ="
                               " (SELECT max(day) FROM pass_use WHERE member = u.member)",
                               -1, &days, NULL);

    if (r != SQLITE_OK)
        return database_errno(r);
    while ((r = sqlite3_step(days)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(days, 1);
        const char *half = (const char *)sqlite3_column_text(days, 2);
        day_t day = 0;

        if (!text || day_parse(text, &day) < 0)
            continue; /* another tool's */
        if (pass_uses_mark(ret, sqlite3_column_int64(days, 0), day, journal_half_of(half)) < 0)
            return -ENOMEM;
    }
    return database_errno(r);
}

/* The newest seq is the last one given, also where its row has been purged. */
static int beginning_read(sqlite3 *db, struct journal *journal)
{
    int64_t newest_at = 0;
    int r = presence_read(db, &journal->presence);

    if (r == 0)
        r = counts_read(db, journal->uses);
    if (r == 0)
        r = halves_read(db, journal->uses);
    if (r == 0)
        r = database_number(db, "SELECT acknowledged FROM feed", &journal->acknowledged);
    if (r == 0)
        r = database_number(db, "SELECT coalesce(max(at_usec), 0) FROM event", &newest_at);
    if (r == 0)
        r = database_number(db, "SELECT is_on FROM lockdown", &journal->lockdown);
    if (r < 0)
        return r;
    journal->newest_at = (usec_t)newest_at;
    r = database_number(db, "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
                        &journal->newest);
    return r == -ENODATA ? 0 : r;
}

int journal_file_begin(struct journal *journal, char *error, size_t size)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int r = database_open(journal->path, DATABASE_CREATE, JOURNAL_BUSY_MSEC, &db);

    if (r < 0) {
        database_explain(r, journal->path, error, size);
        return r;
    }
    r = database_migrate(db, journal->path, "journal", JOURNAL_APPLICATION_ID, error, size);
    if (r < 0)
        return r;
    r = connection_tune(db);
    if (r == 0)
        r = beginning_read(db, journal);
    if (r < 0)
        database_explain(r, journal->path, error, size);
    else
        journal->keeping.db = TAKE_PTR(db);
    return r;
}
