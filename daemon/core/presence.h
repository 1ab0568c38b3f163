/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Who is counted inside. A person counts once, however often the badge was held to a reader. A
 * member may have brought guests without badges, who are counted with the member and leave so.
 * Bounded and without allocation; the members are kept sorted, so that a look-up is a binary
 * search.
 */

#include "util/time.h"

#define PRESENCE_MOST 4096 /* members that one site can count */

struct presence_entry {
    int64_t member;
    usec_t since; /* wall clock */
    uint32_t guests;
};

struct presence {
    size_t n;
    size_t guests; /* everybody's together */
    struct presence_entry entries[PRESENCE_MOST];
};

enum presence_change { PRESENCE_UNCHANGED, PRESENCE_CHANGED, PRESENCE_FULL };

bool presence_contains(const struct presence *presence, int64_t member);

/* UNCHANGED if the member is counted already, FULL if there is no room to count one more. */
enum presence_change presence_enter(struct presence *presence, int64_t member, usec_t since);

/* Sets how many guests the member, who is inside, has: UNCHANGED if it was so already. */
enum presence_change presence_bring(struct presence *presence, int64_t member, uint32_t guests);

/* How many people are inside, guests too. */
size_t presence_count(const struct presence *presence);

/* UNCHANGED if the member wasn't counted. */
enum presence_change presence_leave(struct presence *presence, int64_t member);
