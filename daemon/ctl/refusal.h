/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Why somebody was refused a while ago, in a sentence: what the reason means, what the records say
 * of it today, and what an admin could do. The badge of that tap is nowhere written; of several
 * badges the one is meant that the reason fits.
 */

#include "core/words.h"
#include "util/time.h"

#include <jansson.h>

#define REFUSAL_SIZE 1024

struct refusal {
    enum reason reason;
    const char *door;
    bool of_host;               /* it is the host's membership that the reason is about */
    const json_t *member;       /* their row in table member */
    const json_t *host;         /* the host's, NULL = nobody's guest */
    const json_t *badges;       /* their rows in table badge */
    const char *access;         /* of their plan: a word of enum plan_access */
    char today[TIME_TEXT_SIZE]; /* the local day */
};

/* Writes the sentence; there is one for each reason. */
void refusal_write(const struct refusal *refusal, char ret[static REFUSAL_SIZE]);
