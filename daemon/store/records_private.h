/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Inside records alone: the copy that answers, and the file's log being brought home. records.c
 * watches the file and swaps copies, records_copy.c makes one, records_facts.c and records_rooms.c
 * ask it, records_settle.c checkpoints.
 */

#include "store/database.h"
#include "store/records.h"

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
};

/*
 * Copies the file at `path`, which must have this build's schema; `whole` reads all of it for
 * damage first. May run in any thread. Errors as records_open(), in words in `error`.
 */
int copy_new(const char *path, bool whole, struct copy **ret, char *error, size_t size);
struct copy *copy_free(struct copy *copy);

/* The copy in use. */
struct copy *records_copy(struct records *records);

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
