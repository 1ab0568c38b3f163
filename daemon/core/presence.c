/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/presence.h"

/* Where the member stands, or would be put in. */
static size_t position(const struct presence *presence, int64_t member)
{
    size_t low = 0, high = presence->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (presence->entries[middle].member < member)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool stands_at(const struct presence *presence, size_t at, int64_t member)
{
    return at < presence->n && presence->entries[at].member == member;
}

bool presence_contains(const struct presence *presence, int64_t member)
{
    return stands_at(presence, position(presence, member), member);
}

enum presence_change presence_enter(struct presence *presence, int64_t member, usec_t since)
{
    size_t at = position(presence, member);

    if (stands_at(presence, at, member))
        return PRESENCE_UNCHANGED;
    if (presence->n == PRESENCE_MOST)
        return PRESENCE_FULL;
    memmove(&presence->entries[at + 1], &presence->entries[at],
            (presence->n - at) * sizeof(presence->entries[0]));
    presence->entries[at] = (struct presence_entry){.member = member, .since = since};
    presence->n++;
    return PRESENCE_CHANGED;
}

enum presence_change presence_bring(struct presence *presence, int64_t member, uint32_t guests)
{
    size_t at = position(presence, member);

    if (!stands_at(presence, at, member) || presence->entries[at].guests == guests)
        return PRESENCE_UNCHANGED;
    presence->guests += guests;
    presence->guests -= presence->entries[at].guests;
    presence->entries[at].guests = guests;
    return PRESENCE_CHANGED;
}

size_t presence_count(const struct presence *presence)
{
    return presence->n + presence->guests;
}

enum presence_change presence_leave(struct presence *presence, int64_t member)
{
    size_t at = position(presence, member);

    if (!stands_at(presence, at, member))
        return PRESENCE_UNCHANGED;
    presence->guests -= presence->entries[at].guests;
    presence->n--;
    memmove(&presence->entries[at], &presence->entries[at + 1],
            (presence->n - at) * sizeof(presence->entries[0]));
    return PRESENCE_CHANGED;
}
