/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A badge that flickers at the edge of a reader's field is presented many times by one hand. What
 * comes within `repeat_after` of the badge's last decided presentation at the same reader is still
 * that presentation, and is not decided again.
 */

#include "core/uid.h"
#include "util/time.h"

#define REPEAT_BADGES_MOST 16 /* badges remembered at one reader; the oldest is forgotten */

struct repeat {
    struct {
        struct uid uid;
        usec_t decided; /* monotonic */
    } badges[REPEAT_BADGES_MOST];
};

/*
 * True if `uid` at `now` (monotonic) belongs to a presentation decided less than `repeat_after`
 * before; otherwise remembers it as decided now.
 */
bool repeat_or_remember(struct repeat *repeat, const struct uid *uid, usec_t now,
                        usec_t repeat_after);
