/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/journal_private.h"

#include <errno.h>

#define QUERY_SQL_SIZE 512

/* --- the file: without the lock -------------------------------------------------------------- */

static int keeper_connect(struct journal *journal)
{
    return journal->keeping.db ? 0 : journal_file_connect(journal->path, &journal->keeping.db);
}

static void keeper_disconnect(struct journal *journal)
{
    (void)sqlite3_close_v2(journal->keeping.db);
    journal->keeping.db = NULL;
}

/*
 * Brings the log to the disk by SQLite's own handle of it. A checkpoint would do that too, but then
 * the next commit begins the log anew and waits for the disk (SQLite's walRestartLog(), and the
 * header's sync in sqlite3WalFrames()): every tap after a quiet second would.
 */
static int log_sync(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    int moved = 0;

    /* SQLite goes on writing into a file that has been moved away or deleted, without an error. */
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
        return -ESTALE;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log ||
        !log->pMethods)
        return -EIO;
    return database_errno(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

/*
 * Returns how many frames are in the database now where that is the whole log, 0 where a reader was
 * in the way.
 */
static int log_checkpoint(sqlite3 *db)
{
    int frames = 0, done = 0;
    int r = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);

    if (r != SQLITE_OK)
        return database_errno(r) == -EBUSY ? 0 : database_errno(r);
    return frames == done ? done : 0;
}

/* --- queries: without the lock --------------------------------------------------------------- */

/*
 * What `query` wants, in SQL with ?1 … ?3 for after, since and member. The clock may have gone
 * back, so that `since` holds row by row; its first row only saves reading what is older.
 */
static void query_sql(const struct journal_query *query, char ret[static QUERY_SQL_SIZE])
{
    bool newest = query->from_end && query->after == 0;

    (void)snprintf(ret, QUERY_SQL_SIZE,
                   "SELECT * FROM (SELECT " JOURNAL_COLUMNS " FROM event WHERE %s%s%s"
                   " ORDER BY seq %s LIMIT %d) ORDER BY seq",
                   query->since ? "at_usec >= ?2 AND seq > max(?1, (SELECT min(seq) - 1"
                                  " FROM event INDEXED BY event_at WHERE at_usec >= ?2))"
                                : "seq > ?1",
                   query->member ? " AND member = ?3" : "",
                   query->denied ? " AND result = 'refused'" : "", newest ? "DESC" : "ASC",
                   JOURNAL_ROWS_MOST);
}

static int query_run(struct journal *journal, struct journal_news *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *select = NULL;
    char sql[QUERY_SQL_SIZE];
    int r = keeper_connect(journal);

    if (r < 0)
        return r;
    query_sql(&ret->query, sql);
    r = sqlite3_prepare_v2(journal->keeping.db, sql, -1, &select, NULL);
    if (r != SQLITE_OK)
        return database_errno(r);
    /* Out of range where the query has no such condition: nothing to bind. */
    (void)sqlite3_bind_int64(select, 1, ret->query.after);
    (void)sqlite3_bind_int64(select, 2, (sqlite3_int64)ret->query.since);
    (void)sqlite3_bind_int64(select, 3, ret->query.member);
    return journal_rows_select(select, ret);
}

/* --- the thread: with the lock, which it gives up for each step above ------------------------ */

static void query_answer(struct journal *journal)
{
    struct journal_news *query = journal_list_take(&journal->queries);
    int r;

    (void)pthread_mutex_unlock(&journal->lock);
    r = query_run(journal, query);
    if (r < 0)
        database_explain(r, journal->path, query->text, sizeof(query->text));
    (void)pthread_mutex_lock(&journal->lock);
    journal_post(journal, query);
}

static bool checkpoint_is_due(const struct journal *journal)
{
    return journal->log.frames >= JOURNAL_LOG_FRAMES_MOST ||
           (journal->log.frames >= JOURNAL_LOG_FRAMES &&
            time_monotonic() >= journal->log.last_commit + JOURNAL_LOG_QUIET);
}

static void log_keep(struct journal *journal)
{
    bool checkpoint = checkpoint_is_due(journal);
    int r;

    journal->keeper_due = USEC_INFINITY;
    (void)pthread_mutex_unlock(&journal->lock);
    r = keeper_connect(journal);
    if (r == 0)
        r = log_sync(journal->keeping.db);
    if (r == 0 && checkpoint)
        r = log_checkpoint(journal->keeping.db);
    if (r < 0 && r != -ESTALE) /* what stands there now is another file */
        keeper_disconnect(journal);
    (void)pthread_mutex_lock(&journal->lock);

    journal_fault(journal, FAULT_SYNCING, MIN_OF(r, 0));
    if (r > 0 && r >= journal->log.frames) { /* and nothing was added meanwhile */
        journal->log.begins_anew = true;
        journal->log.frames = 0;
        (void)pthread_cond_signal(&journal->writer_called);
    }
    if (r < 0 || journal->log.frames >= JOURNAL_LOG_FRAMES)
        journal->keeper_due = time_monotonic() + JOURNAL_SYNC_WITHIN;
}

void *journal_keeper_main(void *userdata)
{
    struct journal *journal = userdata;

    (void)pthread_setname_np(pthread_self(), "journal-keeper");
    (void)pthread_mutex_lock(&journal->lock);
    while (!journal->keeper_ends)
        if (journal->queries.first)
            query_answer(journal);
        else if (journal->keeper_due <= time_monotonic())
            log_keep(journal);
        else
            journal_wait(journal, &journal->keeper_called, journal->keeper_due);
    (void)pthread_mutex_unlock(&journal->lock);

    /* The writer has gone: nobody is kept waiting, and the file is left whole and without a log. */
    if (journal->keeping.db)
        (void)sqlite3_wal_checkpoint_v2(journal->keeping.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                        NULL);
    keeper_disconnect(journal);
    return NULL;
}
