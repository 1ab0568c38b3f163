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

static size_t badge_position(const struct lying *lying, const struct uid *uid)
{
    size_t at = 0;

    while (at < lying->n && !same_badge(&lying->badges[at].uid, uid))
        at++;
    return at;
}

/*
 * The badge that didn't answer has gone, unless it is `found`, and either has lain there for long
 * or is of a kind that never answers.
 */
static void missed_settle(struct lying *lying, const struct uid *found, usec_t now)
{
    size_t at = badge_position(lying, &lying->away);
    bool again = found && same_badge(&lying->away, found);

    if (lying->away.length == 0 || at == lying->n)
        return;
    lying->away.length = 0;
    if (!again ||
        (lying->badges[at].answered && now - lying->badges[at].since < LYING_MISSED_AFTER))
        badge_remove(lying, at);
}

bool lying_found(struct lying *lying, const struct uid *uid, usec_t now)
{
    size_t at;

    lying->empty_polls = 0;
    missed_settle(lying, uid, now);
    at = badge_position(lying, uid);
    if (at < lying->n) {
        lying->badges[at].found = true;
        return false;
    }
    if (lying->n == LYING_MOST)
        badge_remove(lying, 0);
    at = lying->n++;
    lying->badges[at].uid = *uid;
    lying->badges[at].since = now;
    lying->badges[at].answered = false;
    lying->badges[at].found = true;
    lying->badges[at].rounds = 0;
    return true;
}

void lying_asked(struct lying *lying, const struct uid *uid, bool stays)
{
    size_t at = badge_position(lying, uid);

    if (!stays)
        lying->away = *uid;
    else if (at < lying->n)
        lying->badges[at].answered = true;
}

void lying_nobody(struct lying *lying)
{
    missed_settle(lying, NULL, 0);
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
