/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The rooms as the world is told of them: looked at when the records have changed and when time
 * changes one of them, and said to the publisher where they differ from what was last said.
 */

#include "cantined/feed.h"
#include "core/room.h"
#include "store/records.h"

struct rooms;

/* `records` and `feed` must outlive it. */
int rooms_new(struct records *records, struct feed *feed, struct rooms **ret);
struct rooms *rooms_free(struct rooms *rooms);

/* The records have changed: the next rooms_look() looks. */
void rooms_changed(struct rooms *rooms);

/* Looks at the rooms if there is a reason to; costs nothing otherwise. `wall` in µs. */
void rooms_look(struct rooms *rooms, usec_t wall);

/* Says all of them again: a publisher has come. */
void rooms_say(const struct rooms *rooms);

DEFINE_CLEANUP(struct rooms *, cleanup_rooms, rooms_free);
