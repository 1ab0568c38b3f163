/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The badges that lie on the reader, and with them what counts as one presentation: from the moment
 * a badge is found until it has been away. A badge that lies there for an hour, that the chip
 * missed once, or that was there already before the reader was reopened is still the same
 * presentation. Pure.
 *
 * A round begins when every badge in the field can be found and ends when each has been found and
 * silenced: whoever wasn't found in a round has gone.
 */

#include "core/uid.h"
#include "util/time.h"

#define LYING_MOST 4 /* badges remembered; the oldest gives way */

/*
 * Nobody is left once so many polls in a row found nobody (some 30 ms): shorter than any hand,
 * longer than a badge needs to wake up in a field that was just switched on.
 */
#define LYING_EMPTY_POLLS 2

/*
 * The badge in use didn't answer and the very next poll finds it again: one that has lain there for
 * so long was only missed. One that came a moment ago was taken away and held there again; where it
 * wasn't, cantined's repeat_after knows it for the same presentation.
 */
#define LYING_MISSED_AFTER (2 * USEC_PER_SEC)

/*
 * So many rounds make a badge one that was left there. What was held to the reader for less when
 * the device was lost has gone in the meantime.
 */
#define LYING_ROUNDS_LEFT 2

struct lying {
    struct {
        struct uid uid;
        usec_t since;  /* monotonic: when its presentation began */
        bool answered; /* when it was asked whether it stays: some kinds never do */
        bool found;    /* in this round */
        unsigned rounds;
    } badges[LYING_MOST];
    size_t n;
    struct uid away;      /* the badge in use didn't answer; no length = it did */
    unsigned empty_polls; /* in a row */
};

/*
 * A poll found `uid` at `now` (monotonic). True if it wasn't lying there: a presentation begins.
 * Weak numbers (core/uid.h) tell no badge from another: they change while a badge lies there, so
 * that all are one badge.
 */
bool lying_found(struct lying *lying, const struct uid *uid, usec_t now);

/* The badge in use, `uid`, was asked whether it stays. If not, the next poll tells whether it has
 * gone. */
void lying_asked(struct lying *lying, const struct uid *uid, bool stays);

/* A poll found nobody although every badge could answer. */
void lying_nobody(struct lying *lying);

/* A round is over and the next one begins. */
void lying_round(struct lying *lying);

/* The device was reopened: only badges that had been left there may still be there. */
void lying_reopen(struct lying *lying);

/* False while it is open whether the badges remembered are still there. */
bool lying_is_settled(const struct lying *lying);
