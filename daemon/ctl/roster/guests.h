/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Who is invited to a booking: each --guest M, and the rows of --guests FILE.csv. A mistake is said
 * with the file's line and column, as many at once as there are, and nothing is written then.
 */

#include "ctl/ctl.h"
#include "ctl/roster/csv.h"
#include "ctl/slot.h"

#define GUESTS_MOST          2000 /* in one file */
#define GUESTS_MISTAKES_MOST 20   /* said at once */

/* What a column of the file is. */
enum guest_role { GUEST_NAME, GUEST_FIRST_NAME, GUEST_EMAIL, GUEST_COMPANY, GUEST_ROLE_COUNT };

struct guests {
    struct edit_guests invited; /* what edit_booking_add() takes */
    unsigned *lines;            /* of the file that each guest stands on; 0 = given by --guest */
    char **names;               /* first and last ones put together, of each row */
    char *plan;
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    const char *path; /* of the file, NULL = none */
    struct csv csv;
    size_t columns[GUEST_ROLE_COUNT]; /* of the file, SIZE_MAX = it has none such */
    size_t mistakes;
    const struct edit *records;
};

/* Reads the file, if the invocation names one; false after saying what is wrong with it. */
bool guests_read(const struct invocation *invocation, struct guests *ret);

/*
 * Finds the guests of the file and those of each --guest among the members, for a booking by
 * `booker`; false after saying why not.
 */
bool guests_find(struct ctl *ctl, int64_t booker, const char *resource, const struct slot *slot,
                 struct guests *guests);

/* Says how many mistakes there were, if the tables refused several guests. */
enum outcome guests_refused(const struct guests *guests);

/* Says how many were invited, for a file, and who has become a member. */
void guests_tell(const struct guests *guests);

void guests_done(struct guests *guests);

static inline void cleanup_guests(struct guests *guests)
{
    guests_done(guests);
}
