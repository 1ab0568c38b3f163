/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/pass_uses.h"

#include <errno.h>

#define GROWS_BY 64

/* Of one pass, or of one member. */
struct tally {
    int64_t id;
    int64_t used;
    day_t day; /* the latest */
    unsigned halves;
};

/* Sorted by id. */
struct tallies {
    struct tally *entries;
    size_t n, room;
};

struct pass_uses {
    struct tallies passes, members;
};

/* Where `id` stands, or would be put in. */
static size_t position(const struct tallies *tallies, int64_t id)
{
    size_t low = 0, high = tallies->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tallies->entries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct tally *tally_find(const struct tallies *tallies, int64_t id)
{
    size_t at = position(tallies, id);

    return at < tallies->n && tallies->entries[at].id == id ? &tallies->entries[at] : NULL;
}

/* Makes room for one more. */
static int tallies_grow(struct tallies *tallies)
{
    struct tally *entries;

    if (tallies->n < tallies->room)
        return 0;
    entries = reallocarray(tallies->entries, tallies->room + GROWS_BY, sizeof(entries[0]));
    if (!entries)
        return -ENOMEM;
    tallies->entries = entries;
    tallies->room += GROWS_BY;
    return 0;
}

/* The tally of `id`, a new one if there is none; there is room for it. */
static struct tally *tally_get(struct tallies *tallies, int64_t id)
{
    size_t at = position(tallies, id);

    if (at == tallies->n || tallies->entries[at].id != id) {
        memmove(&tallies->entries[at + 1], &tallies->entries[at],
                (tallies->n - at) * sizeof(tallies->entries[0]));
        tallies->entries[at] = (struct tally){.id = id};
        tallies->n++;
    }
    return &tallies->entries[at];
}

int pass_uses_new(struct pass_uses **ret)
{
    struct pass_uses *uses = calloc(1, sizeof(*uses));

    if (!uses)
        return -ENOMEM;
    *ret = uses;
    return 0;
}

struct pass_uses *pass_uses_free(struct pass_uses *uses)
{
    if (!uses)
        return NULL;
    free(uses->passes.entries);
    free(uses->members.entries);
    free(uses);
    return NULL;
}

int pass_uses_count(struct pass_uses *uses, int64_t pass, int64_t n)
{
    if (tallies_grow(&uses->passes) < 0)
        return -ENOMEM;
    tally_get(&uses->passes, pass)->used += n;
    return 0;
}

int pass_uses_mark(struct pass_uses *uses, int64_t member, day_t day, unsigned halves)
{
    struct tally *tally;

    if (tallies_grow(&uses->members) < 0)
        return -ENOMEM;
    tally = tally_get(&uses->members, member);
    if (day > tally->day) {
        tally->day = day;
        tally->halves = 0;
    }
    if (day == tally->day)
        tally->halves |= halves;
    return 0;
}

int pass_uses_add(struct pass_uses *uses, const struct pass_use *use)
{
    int r = pass_uses_count(uses, use->pass, 1);

    return r < 0 ? r : pass_uses_mark(uses, use->member, use->day, use->halves);
}

int64_t pass_uses_of(const struct pass_uses *uses, int64_t pass)
{
    const struct tally *found = uses ? tally_find(&uses->passes, pass) : NULL;

    return found ? found->used : 0;
}

unsigned pass_uses_halves(const struct pass_uses *uses, int64_t member, day_t day)
{
    const struct tally *found = uses ? tally_find(&uses->members, member) : NULL;

    return found && found->day == day ? found->halves : 0;
}
