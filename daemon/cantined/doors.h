/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The doors of the site: each joins a pure state (core/door.h) to an actuator, a contact, an exit
 * button and one timer of the highest priority that ends its pulse. Made locked, freed locked.
 */

#include "config/config.h"
#include "core/door.h"

#include <systemd/sd-event.h>

struct doors;

/* What may be known of a door. */
struct door_view {
    const char *name;
    enum lock_state lock;
    enum contact_state contact;
    enum door_alarm alarm;
    const char *fault; /* of its devices, also behind another alarm; NULL = none; for the moment */
    usec_t changed_at; /* wall clock */
};

/* Told after it has happened; none may free the doors. */
struct doors_calls {
    void (*changed)(void *userdata, size_t i); /* what doors_view() shows of door `i` */
    void (*opened)(void *userdata, size_t i);  /* by its contact */
    void (*alarm)(void *userdata, size_t i, enum event_type type); /* forced or held open, anew */
    void (*button)(void *userdata, size_t i);                      /* the exit button */
    void (*fire)(void *userdata, bool on);
    void (*fire_fault)(void *userdata, const char *fault); /* of its line; NULL = well again */
};

/* Every door is locked then. A negative errno only without memory or an event loop: a device that
 * is missing is that door's fault. */
int doors_new(const struct config *config, sd_event *event, const struct doors_calls *calls,
              void *userdata, struct doors **ret);
struct doors *doors_free(struct doors *doors);

/* Begins to listen to contacts, buttons and the fire alarm; the calls come from here on. */
void doors_listen(struct doors *doors);

size_t doors_count(const struct doors *doors);
void doors_view(const struct doors *doors, size_t i, struct door_view *ret);

/* True while the pulse of any door runs. */
bool doors_any_unlocked(const struct doors *doors);

/* True while any door is held unlocked. */
bool doors_any_held(const struct doors *doors);

/* Unlocks door `i` for `duration` µs, 0 = as configured. A negative errno when the relay didn't
 * take it. */
int doors_unlock(struct doors *doors, size_t i, usec_t duration);

/* Holds door `i` unlocked until `until` (monotonic), USEC_INFINITY = until released. -EPERM in a
 * lockdown; other errors as doors_unlock(). */
int doors_hold(struct doors *doors, size_t i, usec_t until);

/* Ends what holds door `i`, the schedule included, for as long as that goes on. */
int doors_release(struct doors *doors, size_t i);

/* Whether the schedule holds door `i`. */
void doors_schedule(struct doors *doors, size_t i, bool hold);

/* Every door: nothing is held, and shown so. */
void doors_lockdown(struct doors *doors, bool on);

/* What holds a door by hand, and what by hand keeps the schedule from holding it. */
struct doors_held {
    size_t n;
    struct {
        char name[SLUG_SIZE];
        usec_t until; /* monotonic, as for doors_hold() */
        bool schedule_released;
    } door[CONFIG_DOORS_MOST];
};

/* For doors_resume() of the doors that a new configuration makes of these. */
void doors_held_get(const struct doors *doors, struct doors_held *ret);

/* Doors of the same names are held as they were; nothing in a lockdown. */
void doors_resume(struct doors *doors, const struct doors_held *held);

/* Once a second: looks after devices that went or came back. */
void doors_mend(struct doors *doors);

DEFINE_CLEANUP(struct doors *, cleanup_doors, doors_free);
