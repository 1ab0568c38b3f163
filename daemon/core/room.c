/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/room.h"

static const struct room_booking *booking_now(const struct room *room, int64_t now)
{
    for (size_t i = 0; i < room->n_bookings; i++)
        if (room->bookings[i].starts_at <= now && now < room->bookings[i].ends_at)
            return &room->bookings[i];
    return NULL;
}

/* The first to begin after `now`, however far away. */
static const struct room_booking *booking_after(const struct room *room, int64_t now)
{
    const struct room_booking *first = NULL;

    for (size_t i = 0; i < room->n_bookings; i++)
        if (room->bookings[i].starts_at > now &&
            (!first || room->bookings[i].starts_at < first->starts_at))
            first = &room->bookings[i];
    return first;
}

void room_judge(const struct room *room, int64_t now, int64_t tomorrow, struct room_view *ret)
{
    const struct room_booking *current = booking_now(room, now), *next = booking_after(room, now);

    *ret = (struct room_view){
        .state = current ? ROOM_BUSY : ROOM_FREE, .current = current, .changes_at = tomorrow};
    if (current)
        ret->changes_at = MIN_OF(ret->changes_at, current->ends_at);
    if (next && next->starts_at - now > ROOM_AHEAD)
        ret->changes_at = MIN_OF(ret->changes_at, next->starts_at - ROOM_AHEAD);
    else if (next) {
        ret->next = next;
        ret->changes_at = MIN_OF(ret->changes_at, next->starts_at);
    }
    if (current)
        ret->until = current->ends_at;
    else if (ret->next && next->starts_at < tomorrow)
        ret->until = next->starts_at;
}
