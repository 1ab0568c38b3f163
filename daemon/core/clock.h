/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Whether the wall clock can be believed. A small computer without a battery clock starts in the
 * past, and every rule about days and hours would then be judged by the wrong ones. Pure.
 */

#include "util/time.h"

#define CLOCK_BEHIND_MOST                                                                          \
    (60 * USEC_PER_SEC) /* a correction of that much is no reason for alarm                        \
                         */

struct clock_look {
    bool synchronised; /* the kernel says so (adjtimex(2): no STA_UNSYNC) */
    bool needs_sync;   /* clock_needs_sync=yes: nothing else counts */
    usec_t wall;
    usec_t newest; /* the latest time that the journal knows, 0 = none */
    usec_t built;  /* when this program was made */
};

bool clock_trusted(const struct clock_look *look);
