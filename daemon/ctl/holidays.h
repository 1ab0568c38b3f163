/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The public holidays of metropolitan France (Code du travail, L3133-1), computed. Alsace and
 * Moselle have two more, some overseas departments others: these are closures like any other.
 */

#include "util/time.h"

#define HOLIDAYS           11   /* in a year */
#define HOLIDAY_YEAR_LEAST 1983 /* the list is as it is since 1982 */
#define HOLIDAY_YEAR_MOST  2999

struct holiday {
    char day[TIME_TEXT_SIZE]; /* "2027-03-29" */
    const char *label;        /* as the law calls it: French */
};

/* The holidays of a year between the two above, in their order. */
void holidays_of(int year, struct holiday ret[static HOLIDAYS]);
