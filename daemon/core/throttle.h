/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Somebody who tries badge after badge at a reader. Ten answers that know no such badge within 30 s
 * begin an episode: every presentation there is then refused unread, until 10 s have passed without
 * one. Pure; one for each reader that lets in.
 */

#include "core/words.h"
#include "util/time.h"

#define THROTTLE_ANSWERS 10
#define THROTTLE_WITHIN  (30 * USEC_PER_SEC)
#define THROTTLE_QUIET   (10 * USEC_PER_SEC)

struct throttle {
    usec_t answers[THROTTLE_ANSWERS]; /* when the latest that count were given; 0 = none */
    size_t next;                      /* the oldest of them */
    bool episode;
    bool told;           /* the episode has its event */
    usec_t presented_at; /* the latest presentation of the episode */
};

/* A presentation at `now` (monotonic): true if it is to be refused unread. */
bool throttle_holds(struct throttle *throttle, usec_t now);

/* True once an episode: this is the presentation that is recorded. */
bool throttle_is_first(struct throttle *throttle);

/* What was answered to a presentation that was read. */
void throttle_count(struct throttle *throttle, enum reason reason, usec_t now);
