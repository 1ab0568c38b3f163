/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What happened: journal.db, written by cantined alone. One thread, the writer, owns the writing
 * connection and commits each entry without an fsync of its own (WAL, synchronous=NORMAL: survives
 * kill -9); a second one, the keeper, has its own connection, brings the log to the disk within a
 * second, checkpoints it and answers the long queries, so that no commit waits for any of that.
 * Requests go in without blocking; what comes back is taken with journal_next() when journal_fd()
 * is readable; all of it is called from one thread. A row that can't be written is kept and tried
 * again, in order, for ever. Who is inside is kept by triggers in the transaction of the row that
 * changes it.
 */

#include "core/event.h"
#include "core/limits.h"
#include "core/presence.h"
#include "store/pass_uses.h"

#define JOURNAL_APPLICATION_ID 0x43414e4a /* "CANJ" */
#define JOURNAL_ENTRY_EVENTS   4          /* rows of one transaction */
#define JOURNAL_QUEUE_MOST     4096       /* entries waiting for a disk that doesn't answer */
#define JOURNAL_ASKED_MOST     64         /* feed reads, and queries, waiting for an answer */
#define JOURNAL_ROWS_MOST      64         /* rows of one answer */

struct journal;

/*
 * Opens (creates, migrates) `path`, starts the threads and reads back who is inside, the newest seq
 * (0 = none) and the last seq that the broker acknowledged. Errors as records_open().
 */
int journal_open(const char *path, struct journal **ret, char *error, size_t size);

/* Waits until what was appended is written (at most 2 s), then ends the threads. */
struct journal *journal_free(struct journal *journal);

/* As they were when the journal was opened. */
const struct presence *journal_presence(const struct journal *journal);
int64_t journal_newest(const struct journal *journal);
int64_t journal_acknowledged(const struct journal *journal);
/* The latest wall clock time of all rows, 0 = none. */
usec_t journal_newest_at(const struct journal *journal);
/* Whether there was a lockdown. */
bool journal_lockdown(const struct journal *journal);
/* What has been used of passes; the caller adds to it what it appends. The journal's own. */
struct pass_uses *journal_pass_uses(struct journal *journal);

/*
 * Appends the `n` (1 … JOURNAL_ENTRY_EVENTS) events as one transaction, in order. Never blocks.
 * `*ret_ticket` numbers the entry (from 1, upwards). -ENOBUFS when JOURNAL_QUEUE_MOST entries wait;
 * -EINVAL for what the schema would refuse: a value out of range, a result on anything but an
 * access or none on one, nobody who entered, left or was checked out.
 */
int journal_append(struct journal *journal, const struct event *events, size_t n,
                   uint64_t *ret_ticket);

/* The same with what the entry takes of a pass, in the same transaction; NULL, or pass 0: nothing.
 */
int journal_append_using(struct journal *journal, const struct event *events, size_t n,
                         const struct pass_use *use, uint64_t *ret_ticket);

/*
 * Asks for the rows after `seq`, oldest first, at most JOURNAL_ROWS_MOST; answered as JOURNAL_ROWS,
 * in the order of asking, however long the disk takes. -ENOBUFS when JOURNAL_ASKED_MOST wait.
 */
int journal_read_after(struct journal *journal, int64_t seq);

/* Which rows `cantinectl log` wants. Zeroed = all. */
struct journal_query {
    usec_t since;   /* wall clock; 0 = from the beginning */
    int64_t member; /* 0 = everybody */
    int64_t after;  /* rows with a greater seq only, to page on */
    bool denied;    /* refused accesses only */
    bool from_end;  /* with after = 0: the newest JOURNAL_ROWS_MOST of them (still oldest first) */
};

/*
 * Answered as JOURNAL_QUERIED with `tag`, from the keeper: never delays an append. -ENOBUFS when
 * JOURNAL_ASKED_MOST wait.
 */
int journal_query(struct journal *journal, const struct journal_query *query, uint64_t tag);

/*
 * Remembers that the broker has acknowledged everything up to `seq`; written within a second.
 * -EINVAL for a row that isn't there yet; one before the last acknowledged changes nothing.
 */
int journal_acknowledge(struct journal *journal, int64_t seq);

enum journal_news_type {
    JOURNAL_COMMITTED, /* ticket, and rows[0 … n) with their seq */
    JOURNAL_ROWS,      /* rows[0 … n) for the feed, asked for in query.after */
    JOURNAL_QUERIED, /* rows[0 … n) for tag and query; n == JOURNAL_ROWS_MOST: there may be more.
                        `text` says why where the file couldn't be read, and is empty otherwise */
    JOURNAL_FAILING, /* rows can't be written, or not be brought to the disk, just now: `text` says
                        why, and what to do; it goes on being tried */
    JOURNAL_WELL,    /* they can again */
};

struct journal_news {
    struct journal_news *next; /* the journal's own */
    enum journal_news_type type;
    uint64_t ticket;
    uint64_t tag;
    struct journal_query query;
    struct pass_use use; /* appended with the rows; pass 0 = none */
    char text[512];
    size_t n;
    struct event rows[];
};

/* Readable (an eventfd) when there is news. */
int journal_fd(const struct journal *journal);

/* Takes the oldest news: the caller's, to be ended by free(). NULL when there is none. */
struct journal_news *journal_next(struct journal *journal);

DEFINE_CLEANUP(struct journal *, cleanup_journal, journal_free);
