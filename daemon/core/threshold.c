/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/threshold.h"

static void person_remove(struct threshold *threshold, size_t at)
{
    threshold->n--;
    memmove(&threshold->people[at], &threshold->people[at + 1],
            (threshold->n - at) * sizeof(threshold->people[0]));
}

void threshold_add(struct threshold *threshold, const struct threshold_person *person)
{
    for (size_t i = threshold->n; i-- > 0;)
        if (threshold->people[i].member == person->member)
            person_remove(threshold, i);
    if (threshold->n == THRESHOLD_MOST)
        person_remove(threshold, 0);
    threshold->people[threshold->n++] = *person;
}

size_t threshold_take(struct threshold *threshold, usec_t now,
                      struct threshold_person ret[static THRESHOLD_MOST])
{
    size_t n = 0;

    for (size_t i = 0; i < threshold->n; i++)
        if (now - threshold->people[i].granted_at <= THRESHOLD_WITHIN)
            ret[n++] = threshold->people[i];
    threshold->n = 0;
    return n;
}
