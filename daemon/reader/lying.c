/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/lying.h"

static bool same_badge(const struct uid *a, const struct uid *b)
{
    return uid_equal(a, b) || (uid_is_weak(a) && uid_is_weak(b));
}

static void badge_remove(struct lying *lying, size_t at)
{
    lying->n--;
    memmove(&lying->badges[at], &lying->badges[at + 1], (lying->n - at) * sizeof(lying->badges[0]));
}

bool lying_found(struct lying *lying, const struct uid *uid)
{
    lying->empty_polls = 0;
    for (size_t i = 0; i < lying->n; i++)
        if (same_badge(&lying->badges[i].uid, uid)) {
            lying->badges[i].found = true;
            return false;
        }
    if (lying->n == LYING_MOST)
        badge_remove(lying, 0);
    lying->badges[lying->n].uid = *uid;
    lying->badges[lying->n].found = true;
    lying->badges[lying->n].rounds = 0;
    lying->n++;
    return true;
}

void lying_nobody(struct lying *lying)
{
    if (++lying->empty_polls >= LYING_EMPTY_POLLS)
        lying->n = 0;
}

void lying_round(struct lying *lying)
{
    for (size_t i = lying->n; i-- > 0;) {
        if (!lying->badges[i].found) {
            badge_remove(lying, i);
            continue;
        }
        lying->badges[i].found = false;
        lying->badges[i].rounds++;
    }
}

void lying_reopen(struct lying *lying)
{
    lying->empty_polls = 0;
    for (size_t i = lying->n; i-- > 0;)
        if (lying->badges[i].rounds < LYING_ROUNDS_LEFT)
            badge_remove(lying, i);
}

bool lying_is_settled(const struct lying *lying)
{
    return lying->n == 0 || lying->empty_polls == 0;
}
