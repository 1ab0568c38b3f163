/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What can be said of a room (or a desk, or the space as a whole) to whoever stands before it: free
 * or busy, until when, by what, and what comes next. From its confirmed bookings alone; whether the
 * space is open is another matter. tests/vectors/room.txt shows it row by row.
 */

#include "core/limits.h"
#include "core/words.h"

#define ROOMS_MOST         64 /* that are published; a site may have more */
#define ROOM_BOOKINGS_MOST 4  /* the current one, the next, and some more if rows overlap */
#define ROOM_AHEAD         (INT64_C(7) * 86400) /* seconds: what is later isn't `next` yet */

struct room_booking {
    int64_t starts_at, ends_at; /* Unix seconds; half-open: at ends_at it is over */
    char title[TITLE_SIZE];     /* empty = none, or not for the public */
};

struct room {
    char id[SLUG_SIZE];
    char name[MEMBER_NAME_SIZE];
    /* Those that are not over, in the order in which they end. */
    struct room_booking bookings[ROOM_BOOKINGS_MOST];
    size_t n_bookings;
};

/* How it stands; the bookings are the room's own. */
struct room_view {
    enum room_state state;
    const struct room_booking *current; /* NULL = free */
    const struct room_booking *next;    /* NULL = none that starts within ROOM_AHEAD */
    int64_t until; /* Unix seconds; busy: the current one's end, free: the next one's beginning if
                      that is today; 0 = not before tomorrow */
    int64_t changes_at; /* until then, and while the bookings stay as they are, this view holds */
};

/*
 * `now`, in Unix seconds, and `tomorrow`, when the next local day begins. Bookings that follow one
 * another without a gap stay two: the first one's guests are to leave at its end.
 */
void room_judge(const struct room *room, int64_t now, int64_t tomorrow, struct room_view *ret);
