/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What moves a strike. An actuator is written locked when it is made, when its device comes back
 * and when it is freed; it is written unlocked by actuator_write() alone. No call blocks longer
 * than the few bytes take on their line.
 */

#include "door/gpio.h"

struct actuator;

/* One kind of actuator; `state` is what its maker allocated. */
struct actuator_kind {
    int (*write)(void *state, bool unlocked);
    int (*mend)(void *state);
    const char *(*fault)(const void *state);
    void (*free)(void *state);
};

struct actuator {
    const struct actuator_kind *kind;
    void *state;
};

/* No hardware: writing always succeeds. */
int actuator_virtual_new(struct actuator **ret);

/*
 * Channel 1 … 8 of an "LCUS" relay board at the tty `path` (serial_relay.c). A device that is
 * missing or is none of a tty is no error here: the actuator then has a fault and looks for it at
 * each mend. `inverted`: the relay is on while the door is locked (a strike that is fail-safe).
 */
int actuator_serial_relay_new(const char *path, int channel, bool inverted, struct actuator **ret);

/*
 * A relay on a GPIO line (gpio.h), active = unlocked. A chip that is missing or a line that is
 * taken is no error here: the actuator then has a fault and asks again at each mend.
 */
int actuator_gpio_new(const struct gpio_wish *wish, struct actuator **ret);

struct actuator *actuator_free(struct actuator *actuator);

/* Writes the state once. A negative errno when the device didn't take it. */
int actuator_write(struct actuator *actuator, bool unlocked);

/*
 * Once a second: notices a device that has gone and takes one that has come back (written locked).
 * 0 when all is well, else a negative errno.
 */
int actuator_mend(struct actuator *actuator);

/* What is wrong, for people; NULL when all is well. Valid until the next call. */
const char *actuator_fault(const struct actuator *actuator);

/* For the makers: wraps `state`, which it takes over also on failure. */
int actuator_new(const struct actuator_kind *kind, void *state, struct actuator **ret);

DEFINE_CLEANUP(struct actuator *, cleanup_actuator, actuator_free);
