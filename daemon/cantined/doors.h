/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The doors of the site: each joins a pure state (core/door.h) to an actuator and to one timer of
 * the highest priority that ends its pulse. Made locked, freed locked.
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
    usec_t changed_at; /* wall clock */
};

/* Told after each change of door `i`. */
typedef void (*doors_changed_t)(void *userdata, size_t i);

/* A negative errno only without memory or an event loop; a device that is missing is that door's
 * fault. `error` then says which door. */
int doors_new(const struct config *config, sd_event *event, doors_changed_t changed, void *userdata,
              struct doors **ret, char *error, size_t size);
struct doors *doors_free(struct doors *doors);

size_t doors_count(const struct doors *doors);
void doors_view(const struct doors *doors, size_t i, struct door_view *ret);

/* True while the pulse of any door runs. */
bool doors_any_unlocked(const struct doors *doors);

/* Unlocks door `i` for `duration` µs, 0 = as configured. A negative errno when the relay didn't
 * take it. */
int doors_unlock(struct doors *doors, size_t i, usec_t duration);

/* Once a second: looks after devices that went or came back. */
void doors_mend(struct doors *doors);

DEFINE_CLEANUP(struct doors *, cleanup_doors, doors_free);
