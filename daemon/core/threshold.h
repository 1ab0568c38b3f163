/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Who was granted and stands before a door with a contact. They are counted when the door opens
 * within THRESHOLD_WITHIN, all of them at once; whoever turns away is not. Pure.
 */

#include "core/pass.h"
#include "core/words.h"

#define THRESHOLD_WITHIN (10 * USEC_PER_SEC)
#define THRESHOLD_MOST   16 /* at one door; who was first is no longer waited for */

struct threshold_person {
    int64_t member;
    enum direction direction;
    size_t reader;
    struct pass_use use;
    usec_t granted_at; /* monotonic */
};

struct threshold {
    struct threshold_person people[THRESHOLD_MOST];
    size_t n;
};

/* The person stands there from now on; who stood there already, anew. */
void threshold_add(struct threshold *threshold, const struct threshold_person *person);

/* Takes who still stands there at `now` (monotonic); how many. Nobody does afterwards. */
size_t threshold_take(struct threshold *threshold, usec_t now,
                      struct threshold_person ret[static THRESHOLD_MOST]);
