/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Inside the journal alone: what the application's thread (journal.c), the writer
 * (journal_writer.c) and the keeper (journal_keeper.c) share, and the two things that touch the
 * file for both of them, a connection (journal_file.c) and its rows (journal_row.c).
 *
 * A request is born as its own answer: the application allocates a struct journal_news, a thread
 * fills it in and moves it to the list of news. So nothing has to be allocated after a commit.
 */

#include "store/database.h"
#include "store/journal.h"

#include <pthread.h>

#define JOURNAL_BUSY_MSEC                                                                          \
    20 /* patience with another program's lock inside SQLite, then a retry                         \
        */
#define JOURNAL_RETRY_EACH   (250 * USEC_PER_MSEC)
#define JOURNAL_SYNC_WITHIN  USEC_PER_SEC /* what a power cut can cost */
#define JOURNAL_ACK_WITHIN   USEC_PER_SEC
#define JOURNAL_DRAIN_WITHIN (2 * USEC_PER_SEC)

/*
 * The log is brought into the database once it has LOG_FRAMES pages (some 150 taps) and nobody has
 * come for LOG_QUIET, or at LOG_FRAMES_MOST at once. Not more often: each time costs the card
 * several fsyncs, and one more at the first write after it.
 */
#define JOURNAL_LOG_FRAMES      1000
#define JOURNAL_LOG_FRAMES_MOST (4 * JOURNAL_LOG_FRAMES)
#define JOURNAL_LOG_QUIET       (10 * USEC_PER_SEC)

struct journal_list {
    struct journal_news *first, *last;
    size_t n;
};

/* What the writer runs; their SQL is in journal_writer.c. */
enum writer_statement {
    WRITER_BEGIN,
    WRITER_INSERT,
    WRITER_USE,
    WRITER_COMMIT,
    WRITER_ROLLBACK,
    WRITER_READ,
    WRITER_ACKNOWLEDGE,
    WRITER_ROUND,
    WRITER_STATEMENTS
};

enum journal_fault { FAULT_WRITING = 1 << 0, FAULT_SYNCING = 1 << 1 };

struct journal {
    /* Written before the threads start. */
    char *path;
    int fd;                   /* the eventfd: readable while there is news */
    struct presence presence; /* as they were at the opening */
    int64_t newest;
    usec_t newest_at;
    int64_t lockdown; /* 0 or 1 */
    int64_t acknowledged;
    struct pass_uses *uses; /* the application's thread's */

    /* The application's thread's alone. */
    uint64_t tickets;

    /* The writer's alone. */
    struct {
        sqlite3 *db;
        sqlite3_stmt *statements[WRITER_STATEMENTS];
        int frames; /* in the log, as of the last commit */
    } writing;

    /* The keeper's alone. */
    struct {
        sqlite3 *db;
    } keeping;

    /* Shared, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t writer_called, keeper_called;
    pthread_t writer, keeper;
    bool writer_runs, keeper_runs;
    struct journal_list entries, reads, queries; /* asked */
    struct journal_list news;                    /* answered */
    int64_t committed;                           /* the newest row */
    struct {
        int64_t seq;
        usec_t due; /* when it must be written; USEC_INFINITY: it is */
    } acknowledgement;
    struct {
        int frames;
        usec_t last_commit;
        bool begins_anew; /* the next write does, and waits for the disk */
    } log;
    unsigned faults;    /* enum journal_fault */
    usec_t keeper_due;  /* when the keeper looks at the log next */
    usec_t writer_ends; /* at the latest; USEC_INFINITY: not asked to end */
    bool keeper_ends;
};

/* --- journal.c: with the lock held ----------------------------------------------------------- */

struct journal_news *journal_list_take(struct journal_list *list);

/* Hands the news to the application's thread; the journal's no longer. */
void journal_post(struct journal *journal, struct journal_news *news);

/* `fault` is there (r a negative errno) or gone (0); announced when all was well, or is again. */
void journal_fault(struct journal *journal, enum journal_fault fault, int r);

/* Sleeps until called or `until` (monotonic). */
void journal_wait(struct journal *journal, pthread_cond_t *called, usec_t until);

/* --- the threads' main functions; both take the journal -------------------------------------- */

void *journal_writer_main(void *journal);
void *journal_keeper_main(void *journal);

/* Connects the writer (where it isn't) and prepares its statements. */
int journal_writer_connect(struct journal *journal);
void journal_writer_disconnect(struct journal *journal);

/* --- journal_file.c -------------------------------------------------------------------------- */

/* Creates and migrates the file, reads what was so at the opening, and connects the keeper. */
int journal_file_begin(struct journal *journal, char *error, size_t size);

/* A connection to the file as it is, ended by sqlite3_close_v2(). */
int journal_file_connect(const char *path, sqlite3 **ret);

/* --- journal_row.c --------------------------------------------------------------------------- */

/* The columns of a row, in the order in which journal_row.c binds and reads them; seq comes first.
 */
#define JOURNAL_COLUMNS                                                                            \
    "seq, at_usec, boot, type, door, reader, member, result, reason, direction, detail, actor"

/* True if the schema takes this event. */
bool journal_row_valid(const struct event *event);

/* Inserts the event with `insert` (all of JOURNAL_COLUMNS) and gives it its seq. */
int journal_row_insert(sqlite3_stmt *insert, struct event *event);

/* Inserts what the entry that begins with row `seq` takes of a pass. */
int journal_use_insert(sqlite3_stmt *insert, const struct pass_use *use, usec_t at, int64_t seq);

/* The halves of a pass day that the column pass_use.half means. */
unsigned journal_half_of(const char *text);

/* Runs `select` (of JOURNAL_COLUMNS), which is bound, and keeps its first JOURNAL_ROWS_MOST rows.
 */
int journal_rows_select(sqlite3_stmt *select, struct journal_news *ret);
