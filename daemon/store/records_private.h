/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Inside records alone: the copy that answers, and the file's log being brought home. records.c
 * watches the file and swaps copies, records_copy.c makes one, records_facts.c and records_rooms.c
 * ask it, records_settle.c checkpoints.
 */

#include "store/database.h"
#include "store/records.h"

#include <stdatomic.h>
#include <sys/types.h>

/* The questions that the door asks; their SQL is in records_facts.c. */
enum question {
    QUESTION_BADGE,
    QUESTION_PLAN_HOURS,
    QUESTION_OPENING_HOURS,
    QUESTION_OPENING_KNOWN,
    QUESTION_CLOSURE,
    QUESTION_SPACE_BOOKED,
    QUESTION_BOOKINGS,
    QUESTION_PASSES,
    QUESTION_NAMES,
    QUESTION_ROOMS,
    QUESTION_ROOM_BOOKINGS,
    QUESTION_COUNT
};
extern const char *const question_sql[QUESTION_COUNT];

/* What the door needs of records.db, in memory, and the questions prepared on it. */
struct copy {
    sqlite3 *db;
    sqlite3_stmt *questions[QUESTION_COUNT];
    int64_t since; /* Unix seconds: bookings that had ended by then were left behind */
};

/* What is to be copied: the file at `path`, which must have this build's schema. */
struct copy_order {
    const char *path;            /* borrowed */
    bool whole;                  /* read all of it for damage first */
    int64_t since;               /* leave behind what had ended by then */
    const atomic_bool *unwanted; /* once true, it ends early with -EINTR; NULL = never */
};

/* May run in any thread. Errors as records_open(), in words in `error`. */
int copy_new(const struct copy_order *order, struct copy **ret, char *error, size_t size);
struct copy *copy_free(struct copy *copy);

/* The copy in use. */
struct copy *records_copy(struct records *records);

/*
 * The same for who asks about bookings at `wall`: made anew where the clock was put back so far
 * that it lacks some that count then.
 */
struct copy *records_copy_at(struct records *records, usec_t wall);

/* What an asked question leaves behind must not outlive the answer. */
void question_end(sqlite3_stmt **question);

/*
 * Copies whole characters only, as many as fit; a byte that belongs to none becomes a '?'. NULL is
 * the empty text.
 */
void text_copy(const char *text, char *ret, size_t size);

/* Which file it is, whatever its name. */
struct identity {
    dev_t device;
    ino_t inode;
};

/*
 * Brings the write-ahead log of `path` home and empties it, so that the file may be replaced by
 * another. Writes nothing unless the file is `identity`. Waits for the disk: for a thread. -EBUSY:
 * somebody is reading or writing, try again later.
 */
int records_settle(const char *path, const struct identity *identity);

DEFINE_CLEANUP(struct copy *, cleanup_copy, copy_free);
