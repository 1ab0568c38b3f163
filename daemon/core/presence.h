/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Who is counted inside. A person counts once, however often the badge was held to a reader.
 * Bounded and without allocation; the members are kept sorted, so that a look-up is a binary
 * search.
 */

#include "util/time.h"

#define PRESENCE_MOST 4096 /* people that one site can count */

struct presence_entry {
    int64_t member;
    usec_t since; /* wall clock */
};

struct presence {
    size_t n;
    struct presence_entry entries[PRESENCE_MOST];
};

enum presence_change { PRESENCE_UNCHANGED, PRESENCE_CHANGED, PRESENCE_FULL };

bool presence_contains(const struct presence *presence, int64_t member);

/* UNCHANGED if the member is counted already, FULL if there is no room to count one more. */
enum presence_change presence_enter(struct presence *presence, int64_t member, usec_t since);

/* UNCHANGED if the member wasn't counted. */
enum presence_change presence_leave(struct presence *presence, int64_t member);
