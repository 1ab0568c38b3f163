/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/door.h"

void door_init(struct door *door)
{
    *door = (struct door){.lock = LOCK_LOCKED};
}

enum door_action door_unlock(struct door *door, usec_t now, usec_t duration)
{
    usec_t until = now + duration;

    door->locks_at = door->lock == LOCK_UNLOCKED ? MAX_OF(door->locks_at, until) : until;
    door->lock = LOCK_UNLOCKED;
    return DOOR_WRITE_UNLOCKED;
}

enum door_action door_advance(struct door *door, usec_t now)
{
    if (door->lock != LOCK_UNLOCKED || now < door->locks_at)
        return DOOR_NOTHING;
    door->lock = LOCK_LOCKED;
    return DOOR_WRITE_LOCKED;
}

usec_t door_next(const struct door *door)
{
    return door->lock == LOCK_UNLOCKED ? door->locks_at : USEC_INFINITY;
}
