/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the lamps and the buzzer at a reader say, as patterns over time. Pure: which of them are on
 * so long after a signal began, and when that changes.
 */

#include "util/time.h"

enum signal {
    SIGNAL_IDLE,    /* nothing: hold a badge here */
    SIGNAL_WAIT,    /* read, and not decided yet */
    SIGNAL_GRANTED, /* the door is open */
    SIGNAL_REFUSED,
    SIGNAL_ENROL, /* the next badge is somebody's new one */
    SIGNAL_FAULT, /* the reader doesn't work */
    SIGNAL_COUNT
};

/* As a set. */
enum lamp { LAMP_GREEN = 1 << 0, LAMP_RED = 1 << 1, LAMP_BUZZER = 1 << 2 };
#define LAMPS 3

/*
 * Which lamps are on `elapsed` µs after the signal began. `*ret_next`: after how many more µs that
 * changes; USEC_INFINITY: never, the signal is over or goes on so.
 */
unsigned signal_lamps(enum signal signal, usec_t elapsed, usec_t *ret_next);

/* True once the pattern is over, which those that are repeated never are. */
bool signal_over(enum signal signal, usec_t elapsed);
