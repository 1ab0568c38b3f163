/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One door as a state machine over the monotonic clock. It is told what is asked and what the
 * contact shows, and answers what has changed; the caller writes the relay, records and announces.
 * Pure. It starts locked, and only four things unlock it: a pulse, a hold, the schedule, and fire.
 *
 *   fire    ─ releases, whatever else
 *   pulse   ─ somebody may go through, also in a lockdown (that is decided elsewhere)
 *   lockdown ─ ends a hold and keeps the schedule from holding
 *   hold    ─ by command, until a time or a release; a release also ends the schedule's, for that
 *             stretch of it
 */

#include "core/words.h"
#include "util/time.h"

#define DOOR_UNLOCK_MOST (10 * USEC_PER_MINUTE) /* of one pulse, whoever asks */

struct door_settings {
    bool has_contact;
    bool relock_on_close;   /* a pulse ends when the door has been opened and closed */
    bool forced_alarm;      /* opening without having been unlocked is an alarm */
    usec_t held_open_after; /* open for so long after the pulse is an alarm; 0 = never */
};

/* What has changed by a call, as a set. */
enum door_change {
    DOOR_SAME = 0,
    DOOR_WRITE = 1 << 0,  /* write the relay: door_released() says which way */
    DOOR_SHOWN = 1 << 1,  /* lock, contact or alarm, as shown to the world */
    DOOR_OPENED = 1 << 2, /* the contact: it has been opened */
    DOOR_FORCED = 1 << 3, /* a new alarm, to be recorded */
    DOOR_HELD_OPEN = 1 << 4,
};

struct door {
    struct door_settings settings;
    bool fire, lockdown, scheduled;
    bool schedule_released; /* by hand, until the schedule's stretch is over */
    usec_t pulse_until;     /* monotonic; 0 = no pulse */
    usec_t held_until;      /* monotonic; 0 = not held by command */
    bool was_released;      /* as last told to the caller */
    bool opened;            /* since the pulse began */
    enum contact_state contact;
    enum door_alarm alarm; /* none, forced or held_open */
    usec_t open_since;     /* monotonic: since when it is open and should not be; 0 = it isn't */
};

/* A door that is locked. */
void door_init(struct door *door, const struct door_settings *settings);

/* Locked, as after a relay that has gone: what was asked for is forgotten. A fire that goes on
 * releases it again at the next call. */
unsigned door_relock(struct door *door);

/*
 * Unlocks for `duration` from `now` (both µs), at most DOOR_UNLOCK_MOST. Always writes, also while
 * unlocked; the pulse ends `duration` after the latest call and never earlier than an earlier call
 * promised.
 */
unsigned door_unlock(struct door *door, usec_t now, usec_t duration);

/* Unlocked until `until` (monotonic), or until released (USEC_INFINITY). Nothing in a lockdown. */
unsigned door_hold(struct door *door, usec_t now, usec_t until);

/* Ends every hold, and what the schedule holds just now. */
unsigned door_release(struct door *door, usec_t now);

/* What a door of the same name was before its configuration was read again: held until `until` (0 =
 * not), and by hand no longer held by the schedule. No hold in a lockdown. */
unsigned door_resume(struct door *door, usec_t now, usec_t until, bool schedule_released);

/* The schedule says: hold, or not. */
unsigned door_schedule(struct door *door, usec_t now, bool hold);

unsigned door_lockdown(struct door *door, usec_t now, bool on);
unsigned door_fire(struct door *door, usec_t now, bool on);

/* What the contact shows. */
unsigned door_contact(struct door *door, usec_t now, enum contact_state contact);

/* What time has brought: the end of a pulse or a hold, a door left open. */
unsigned door_advance(struct door *door, usec_t now);

/* When door_advance() has something to do next (monotonic), USEC_INFINITY if never. */
usec_t door_next(const struct door *door);

/* True if the strike is to be released. */
bool door_released(const struct door *door);

/* How it is shown. */
enum lock_state door_lock(const struct door *door);
enum door_alarm door_alarm(const struct door *door);
