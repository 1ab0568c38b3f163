/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Passes: days and half days that somebody has bought. A pass day runs from cutoff to cutoff, so
 * that a night belongs to the day before it, and its halves part at 13:00. Pure.
 */

#include "core/schedule.h"
#include "core/words.h"
#include "util/time.h"

#define PASS_AFTERNOON_FROM (13 * 60) /* minutes since local midnight */

/* Parts of a pass day, as a set. */
enum pass_half { PASS_MORNING = 1 << 0, PASS_AFTERNOON = 1 << 1 };
#define PASS_WHOLE_DAY ((unsigned)(PASS_MORNING | PASS_AFTERNOON))

/* A pass and what is left of it. */
struct pass {
    int64_t id;
    enum pass_kind kind;
    int64_t quantity, used;
    struct validity validity; /* local calendar days */
};

/* What one entry takes of a pass. */
struct pass_use {
    int64_t pass; /* 0 = nothing is used */
    int64_t member;
    day_t day; /* the pass day */
    unsigned halves;
};

/* Which half of the pass day `day` it is at `local`. */
unsigned pass_half_at(day_t day, const struct local_time *local);

/* Of the passes that can be used on `today`, the first in their order; NULL = there is none. */
const struct pass *pass_pick(const struct pass *passes, size_t n, day_t today);

/* The halves that a pass of this kind takes when it is used in `half`. */
unsigned pass_takes(enum pass_kind kind, unsigned half);
