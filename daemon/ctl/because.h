/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Why a rule answered as it did, in a sentence: the record that it looked at and, where it refuses,
 * what an admin could change. Only words: the answer is core/decide.h's.
 */

#include "core/decide.h"

#define BECAUSE_SIZE 2048

/* What was decided about, and the names of what it is about. */
struct because {
    const struct facts *facts;
    const struct now *now;
    const char *door;
    const char *reader;                /* NULL: there is none at that door */
    bool presence_known;               /* facts->place.inside has been asked for and answered */
    bool lockdown_known, clock_known;  /* likewise; the clock is known where a time was given */
    const char *member, *host;         /* names */
    const char *closure;               /* today's label; NULL = none */
    const struct booking_window *next; /* the member's next booking, NULL = none */
};

/* Writes the sentence for one step of the decision; total, in the site's time zone (TZ). */
void because_write(const struct because *because, const struct decision_step *step,
                   char ret[static BECAUSE_SIZE]);
