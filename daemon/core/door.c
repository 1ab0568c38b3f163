/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/door.h"

static bool door_held(const struct door *door)
{
    return !door->lockdown && (door->held_until || (door->scheduled && !door->schedule_released));
}

bool door_released(const struct door *door)
{
    return door->fire || door->pulse_until || door_held(door);
}

enum lock_state door_lock(const struct door *door)
{
    if (door->fire || door_held(door))
        return LOCK_HELD;
    if (door->pulse_until)
        return LOCK_UNLOCKED;
    return door->lockdown ? LOCK_LOCKDOWN : LOCK_LOCKED;
}

enum door_alarm door_alarm(const struct door *door)
{
    return door->fire ? ALARM_FIRE : door->alarm;
}

/* From when on an open door is left open: while it is released nobody minds. */
static void open_watch(struct door *door, usec_t now)
{
    bool minds = door->contact == CONTACT_OPEN && !door_released(door);

    if (!minds)
        door->open_since = 0;
    else if (!door->open_since)
        door->open_since = now;
    if (door->contact != CONTACT_OPEN)
        door->alarm = ALARM_NONE;
    else if (door_released(door) && door->alarm == ALARM_HELD_OPEN)
        door->alarm = ALARM_NONE;
}

/* Ends a call: what is different from `before`? */
static unsigned changes_since(struct door *door, const struct door *before, usec_t now)
{
    unsigned changes = DOOR_SAME;

    open_watch(door, now);
    if (door_released(door) != door->was_released)
        changes |= DOOR_WRITE;
    door->was_released = door_released(door);
    if (door_lock(door) != door_lock(before) || door->contact != before->contact ||
        door_alarm(door) != door_alarm(before))
        changes |= DOOR_SHOWN;
    return changes;
}

void door_init(struct door *door, const struct door_settings *settings)
{
    *door = (struct door){.settings = *settings};
}

unsigned door_relock(struct door *door)
{
    struct door before = *door;
    unsigned changes;

    door->pulse_until = door->held_until = 0;
    door->scheduled = false;
    changes = changes_since(door, &before, 0) & ~(unsigned)DOOR_WRITE;
    door->was_released = false;
    return changes;
}

unsigned door_unlock(struct door *door, usec_t now, usec_t duration)
{
    struct door before = *door;
    usec_t until = now + MIN_OF(duration, DOOR_UNLOCK_MOST);

    if (!door->pulse_until)
        door->opened = false;
    door->pulse_until = MAX_OF(door->pulse_until, until);
    return changes_since(door, &before, now) | DOOR_WRITE | DOOR_SHOWN;
}

unsigned door_hold(struct door *door, usec_t now, usec_t until)
{
    struct door before = *door;

    if (door->lockdown || until <= now)
        return DOOR_SAME;
    door->held_until = until;
    return changes_since(door, &before, now);
}

unsigned door_release(struct door *door, usec_t now)
{
    struct door before = *door;

    door->held_until = 0;
    door->schedule_released = door->scheduled;
    return changes_since(door, &before, now);
}

unsigned door_resume(struct door *door, usec_t now, usec_t until, bool schedule_released)
{
    door->scheduled = door->schedule_released = schedule_released;
    return door_hold(door, now, until);
}

unsigned door_schedule(struct door *door, usec_t now, bool hold)
{
    struct door before = *door;

    if (hold != door->scheduled)
        door->schedule_released = false;
    door->scheduled = hold;
    return changes_since(door, &before, now);
}

unsigned door_lockdown(struct door *door, usec_t now, bool on)
{
    struct door before = *door;

    door->lockdown = on;
    if (on)
        door->held_until = door->pulse_until = 0;
    return changes_since(door, &before, now);
}

unsigned door_fire(struct door *door, usec_t now, bool on)
{
    struct door before = *door;

    door->fire = on;
    return changes_since(door, &before, now);
}

unsigned door_contact(struct door *door, usec_t now, enum contact_state contact)
{
    struct door before = *door;
    unsigned changes = DOOR_SAME;

    door->contact = contact;
    if (contact == CONTACT_OPEN && before.contact != CONTACT_OPEN) {
        changes |= DOOR_OPENED;
        door->opened = true;
        /* What is open when the contact is first looked at need not have been forced. */
        if (door->settings.forced_alarm && before.contact == CONTACT_CLOSED &&
            !door_released(door)) {
            door->alarm = ALARM_FORCED;
            changes |= DOOR_FORCED;
        }
    }
    if (contact == CONTACT_CLOSED && before.contact == CONTACT_OPEN && door->opened &&
        door->settings.relock_on_close)
        door->pulse_until = 0;
    return changes | changes_since(door, &before, now);
}

static bool left_open(const struct door *door, usec_t now)
{
    return door->settings.held_open_after && door->open_since && door->alarm == ALARM_NONE &&
           now >= door->open_since + door->settings.held_open_after;
}

unsigned door_advance(struct door *door, usec_t now)
{
    struct door before = *door;
    unsigned changes;

    if (door->pulse_until && now >= door->pulse_until)
        door->pulse_until = 0;
    if (door->held_until && now >= door->held_until)
        door->held_until = 0;
    changes = changes_since(door, &before, now);
    if (left_open(door, now)) {
        door->alarm = ALARM_HELD_OPEN;
        changes |= DOOR_HELD_OPEN | DOOR_SHOWN;
    }
    return changes;
}

usec_t door_next(const struct door *door)
{
    usec_t next = USEC_INFINITY;

    if (door->pulse_until)
        next = MIN_OF(next, door->pulse_until);
    if (door->held_until)
        next = MIN_OF(next, door->held_until);
    if (door->open_since && door->settings.held_open_after && door->alarm == ALARM_NONE)
        next = MIN_OF(next, door->open_since + door->settings.held_open_after);
    return next;
}
