/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/journal_private.h"

#include <errno.h>

static const char *const writer_sql[WRITER_STATEMENTS] = {
    [WRITER_BEGIN] = "BEGIN IMMEDIATE",
    [WRITER_INSERT] = "INSERT INTO event (" JOURNAL_COLUMNS ")"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITER_USE] = "INSERT INTO pass_use (pass, member, day, half, at_usec, seq)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
    [WRITER_COMMIT] = "COMMIT",
    [WRITER_ROLLBACK] = "ROLLBACK",
    [WRITER_READ] = "SELECT " JOURNAL_COLUMNS " FROM event WHERE seq > ? ORDER BY seq",
    [WRITER_ACKNOWLEDGE] = "UPDATE feed SET acknowledged = ?",
    [WRITER_ROUND] = "UPDATE log_round SET number = number + 1",
};

/* --- the connection: without the lock -------------------------------------------------------- */

/* SQLite tells after each commit how long the log is now. */
static int frames_count(void *userdata, sqlite3 *db, const char *name, int frames)
{
    struct journal *journal = userdata;

    (void)db;
    (void)name;
    journal->writing.frames = frames;
    return SQLITE_OK;
}

void journal_writer_disconnect(struct journal *journal)
{
    for (size_t i = 0; i < WRITER_STATEMENTS; i++) {
        (void)sqlite3_finalize(journal->writing.statements[i]);
        journal->writing.statements[i] = NULL;
    }
    (void)sqlite3_close_v2(journal->writing.db);
    journal->writing.db = NULL;
}

int journal_writer_connect(struct journal *journal)
{
    int r;

    if (journal->writing.db)
        return 0;
    r = journal_file_connect(journal->path, &journal->writing.db);
    for (size_t i = 0; i < WRITER_STATEMENTS && r == 0; i++)
        r = database_errno(sqlite3_prepare_v3(journal->writing.db, writer_sql[i], -1,
                                              SQLITE_PREPARE_PERSISTENT,
                                              &journal->writing.statements[i], NULL));
    if (r < 0) {
        journal_writer_disconnect(journal);
        return r;
    }
    (void)sqlite3_wal_hook(journal->writing.db, frames_count, journal);
    return 0;
}

static int statement_run(struct journal *journal, enum writer_statement which)
{
    sqlite3_stmt *statement = journal->writing.statements[which];
    int r = sqlite3_step(statement);

    (void)sqlite3_reset(statement);
    return database_errno(r);
}

/* --- what is asked of it: without the lock --------------------------------------------------- */

static int entry_commit(struct journal *journal, struct journal_news *entry)
{
    int r = statement_run(journal, WRITER_BEGIN);

    for (size_t i = 0; i < entry->n && r == 0; i++)
        r = journal_row_insert(journal->writing.statements[WRITER_INSERT], &entry->rows[i]);
    if (r == 0 && entry->use.pass)
        r = journal_use_insert(journal->writing.statements[WRITER_USE], &entry->use,
                               entry->rows[0].at, entry->rows[0].seq);
    if (r == 0)
        r = statement_run(journal, WRITER_COMMIT);
    if (r < 0 && !sqlite3_get_autocommit(journal->writing.db))
        (void)statement_run(journal, WRITER_ROLLBACK);
    return r;
}

static int rows_read(struct journal *journal, struct journal_news *ret)
{
    sqlite3_stmt *read = journal->writing.statements[WRITER_READ];

    (void)sqlite3_bind_int64(read, 1, ret->query.after);
    return journal_rows_select(read, ret);
}

static int acknowledgement_write(struct journal *journal, int64_t seq)
{
    (void)sqlite3_bind_int64(journal->writing.statements[WRITER_ACKNOWLEDGE], 1, seq);
    return statement_run(journal, WRITER_ACKNOWLEDGE);
}

/* --- the thread: with the lock, which it gives up for each step above ------------------------ */

static void entry_committed(struct journal *journal)
{
    struct journal_news *entry = journal_list_take(&journal->entries);

    journal->committed = entry->rows[entry->n - 1].seq;
    journal->log.frames = journal->writing.frames;
    journal->log.last_commit = time_monotonic();
    journal_post(journal, entry);
    if (journal->keeper_due != USEC_INFINITY)
        return;
    journal->keeper_due = journal->log.last_commit + JOURNAL_SYNC_WITHIN;
    (void)pthread_cond_signal(&journal->keeper_called);
}

/* A request stays at the head of its list until it is done: nothing overtakes it. */
static int entries_commit(struct journal *journal)
{
    while (journal->entries.first) {
        struct journal_news *entry = journal->entries.first;
        int r;

        (void)pthread_mutex_unlock(&journal->lock);
        r = entry_commit(journal, entry);
        (void)pthread_mutex_lock(&journal->lock);
        if (r < 0)
            return r;
        entry_committed(journal);
    }
    return 0;
}

static int reads_answer(struct journal *journal)
{
    while (journal->reads.first) {
        struct journal_news *read = journal->reads.first;
        int r;

        (void)pthread_mutex_unlock(&journal->lock);
        r = rows_read(journal, read);
        (void)pthread_mutex_lock(&journal->lock);
        if (r < 0)
            return r;
        journal_post(journal, journal_list_take(&journal->reads));
    }
    return 0;
}

static bool acknowledgement_is_due(const struct journal *journal)
{
    bool ending = journal->writer_ends != USEC_INFINITY;

    return journal->acknowledgement.due != USEC_INFINITY &&
           (ending || journal->acknowledgement.due <= time_monotonic());
}

static int acknowledgement_keep(struct journal *journal)
{
    int64_t seq = journal->acknowledgement.seq;
    int r;

    if (!acknowledgement_is_due(journal))
        return 0;
    (void)pthread_mutex_unlock(&journal->lock);
    r = acknowledgement_write(journal, seq);
    (void)pthread_mutex_lock(&journal->lock);
    journal->log.frames = journal->writing.frames;
    if (r == 0)
        journal->acknowledgement.due = journal->acknowledgement.seq == seq
                                           ? USEC_INFINITY
                                           : time_monotonic() + JOURNAL_ACK_WITHIN;
    return r;
}

/* Makes the write at which the log begins anew, so that no tap does; it only costs time if it
 * fails. */
static void log_begin_anew(struct journal *journal)
{
    if (!journal->log.begins_anew)
        return;
    journal->log.begins_anew = false;
    (void)pthread_mutex_unlock(&journal->lock);
    (void)statement_run(journal, WRITER_ROUND);
    (void)pthread_mutex_lock(&journal->lock);
    journal->log.frames = journal->writing.frames;
}

static bool writer_has_work(const struct journal *journal)
{
    return journal->entries.first || journal->reads.first || journal->log.begins_anew ||
           acknowledgement_is_due(journal);
}

/* Does all that there is to do, up to the first failure; entries first, people wait for them. */
static int writer_work(struct journal *journal)
{
    int r, r_read;

    (void)pthread_mutex_unlock(&journal->lock);
    r = journal_writer_connect(journal);
    (void)pthread_mutex_lock(&journal->lock);
    if (r < 0)
        return r;
    r = entries_commit(journal);
    r_read = reads_answer(journal); /* a full disk can still be read */
    if (r == 0)
        r = r_read;
    if (r == 0)
        r = acknowledgement_keep(journal);
    if (r == 0)
        log_begin_anew(journal);
    return r;
}

/* After a failure that may be the connection's own, the next try makes a new one. */
static void writer_recover(struct journal *journal, int r)
{
    if (r == -ENOSPC || r == -EBUSY)
        return;
    (void)pthread_mutex_unlock(&journal->lock);
    journal_writer_disconnect(journal);
    (void)pthread_mutex_lock(&journal->lock);
}

void *journal_writer_main(void *userdata)
{
    struct journal *journal = userdata;
    usec_t retry_at = 0;

    (void)pthread_setname_np(pthread_self(), "journal-writer");
    (void)pthread_mutex_lock(&journal->lock);
    for (;;) {
        bool work = writer_has_work(journal);
        usec_t now = time_monotonic();

        if (journal->writer_ends != USEC_INFINITY && (!work || now >= journal->writer_ends))
            break;
        if (work && now >= retry_at) {
            int r = writer_work(journal);

            journal_fault(journal, FAULT_WRITING, r);
            retry_at = r < 0 ? time_monotonic() + JOURNAL_RETRY_EACH : 0;
            if (r < 0)
                writer_recover(journal, r);
            continue;
        }
        journal_wait(journal, &journal->writer_called,
                     MIN_OF(work ? retry_at : journal->acknowledgement.due, journal->writer_ends));
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return NULL;
}
