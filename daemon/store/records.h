/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What people decide: records.db, as the door sees it. Every answer comes from an in-memory copy,
 * so that a tap never waits for the disk and a damaged or vanished file keeps the last good copy at
 * work. The copy is made into a new database, in one read transaction, and swapped in;
 * records_refresh() notices any other program's commit (PRAGMA data_version), any other file in its
 * place (st_dev, st_ino) and what is written past SQLite (st_ctim). Bookings that are over stay
 * behind, so that years of them cost nothing; a question about an earlier time than their end, as a
 * clock put back asks it, has the copy made anew. Used from one thread; a copy in the background
 * has a thread of its own inside.
 */

#include "core/event.h"
#include "core/facts.h"
#include "core/limits.h"
#include "core/room.h"
#include "store/pass_uses.h"

#define RECORDS_APPLICATION_ID 0x43414e54 /* "CANT" */
#define RECORDS_BUSY_MSEC      50

struct records;

/*
 * Creates `path` if it isn't there, migrates it (a backup beside it first), and loads the first
 * copy. -EUCLEAN: damaged; -EPROTONOSUPPORT: made by a newer Cantine; -EMEDIUMTYPE: not a Cantine
 * records file; other negative errno from the system. `error` (of `size`) then says what to do,
 * without the program's name.
 */
int records_open(const char *path, struct records **ret, char *error, size_t size);

/*
 * For who only looks once: one copy of `path` as it is now, for records_facts() and the names
 * alone. Nothing is created, migrated, watched or written. -ENOENT: there is no file ("start
 * cantined once"); errors and `error` otherwise as records_open(), -EPROTONOSUPPORT for any other
 * version.
 */
int records_load_once(const char *path, struct records **ret, char *error, size_t size);

struct records *records_free(struct records *records);

enum records_news {
    RECORDS_SAME,    /* nothing new */
    RECORDS_COPYING, /* a change is being copied in the background */
    RECORDS_NEW,     /* a new copy is in use */
    RECORDS_FAULT,   /* a change was noticed and could not be read: the last good copy stays */
};

/*
 * Before a decision: if the file has changed, waits until the copy has it (bounded by one copy's
 * own time: one in the background that is older than the change is given up). Cheap when nothing
 * changed (some µs). `make bench` says how long both take.
 */
enum records_news records_refresh(struct records *records);

/*
 * From a timer, once a second: as records_refresh(), but a changed file is copied in the background
 * and the call never blocks; once the file has been quiet for 2 s after a change, also checkpoints
 * its WAL and gives back the memory of older copies, both off the loop.
 */
enum records_news records_refresh_background(struct records *records, usec_t now);

/* Readable when a background copy is done: call records_refresh_background() then. */
int records_fd(const struct records *records);

/* What is wrong with the file, for people; NULL when all is well. Valid until the next call. */
const char *records_fault(const struct records *records);

/*
 * Fills badge, member, plan, space, bookings and passes for the number in ret->presented.uid at
 * `door` and `now`, of passes what `uses` (NULL = nothing is known to be used) leaves;
 * ret->badge.known stays false when the number isn't there or its row is senseless. Leaves
 * presented and place alone. 0 or a negative errno.
 */
int records_facts(struct records *records, const char *door, const struct now *now,
                  const struct pass_uses *uses, struct facts *ret);

/* The ids of the member's passes, at most `most` of them; how many, or a negative errno. */
int records_passes(struct records *records, int64_t member, int64_t *ret, size_t most);

/* The member's names (empty = none or no such member); `display` may be NULL. */
void records_member_names(struct records *records, int64_t member, char name[MEMBER_NAME_SIZE],
                          char display[MEMBER_NAME_SIZE]);

/* Whether the space's own hours say open; -ENODATA where it has no opening hours. */
int records_open_now(struct records *records, const struct now *now);

/* 1 while a confirmed booking of a whole `space` runs, else 0; or a negative errno. */
int records_space_booked(struct records *records, const struct now *now);

/*
 * Calls `take` for each resource, whatever its kind, with those of its bookings that are not over
 * at `wall` (µs). Where there are more than ROOMS_MOST, desks give way first, and 1 is returned;
 * otherwise 0 or a negative errno.
 */
int records_rooms(struct records *records, usec_t wall,
                  void (*take)(void *userdata, const struct room *room), void *userdata);

DEFINE_CLEANUP(struct records *, cleanup_records, records_free);
