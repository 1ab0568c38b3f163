/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One door as a state machine over the monotonic clock: it says what to write to the actuator and
 * when it wants to be asked again. It starts locked; only door_unlock() unlocks.
 */

#include "core/words.h"
#include "util/time.h"

enum door_action { DOOR_NOTHING, DOOR_WRITE_LOCKED, DOOR_WRITE_UNLOCKED };

struct door {
    enum lock_state lock;
    usec_t locks_at; /* monotonic; meaningful while unlocked */
};

/* A door that is locked. */
void door_init(struct door *door);

/*
 * Unlocks for `duration` from `now` (both µs). Always writes, also while unlocked already; the
 * pulse ends `duration` after the latest call and never earlier than an earlier call promised.
 */
enum door_action door_unlock(struct door *door, usec_t now, usec_t duration);

/* What time has brought: the end of a pulse. */
enum door_action door_advance(struct door *door, usec_t now);

/* When door_advance() has something to do next (monotonic), USEC_INFINITY if never. */
usec_t door_next(const struct door *door);
