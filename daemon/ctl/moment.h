/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Moments and days as people type them, in the site's time zone (TZ). */

#include "util/time.h"
#include "util/translate.h"

#define MOMENT_FORMS N_("2026-11-23T14:00, 2026-11-23, \"today 14:00\", 14:00 or yesterday")

#define DAY_FORMS N_("2026-11-23, today or tomorrow")

/* What a change of clocks does to a local time; which of two moments is RFC 5545's, 3.3.5. */
enum moment_note {
    MOMENT_PLAIN,
    MOMENT_SKIPPED, /* it doesn't exist: read by the clock before the change, thus later by it */
    MOMENT_TWICE,   /* it exists twice: the first of the two */
};

/*
 * Reads MOMENT_FORMS as of `now` (wall clock), also with seconds; a day alone is its midnight, an
 * hour alone is none. In any language also "demain 9h30", 23/11/2026 and the like. Returns an enum
 * moment_note, -EINVAL for anything else and for a day that doesn't exist.
 */
int moment_parse(const char *text, usec_t now, usec_t *ret);

/* The same where "14:00" alone is today's. */
int moment_parse_near(const char *text, usec_t now, usec_t *ret);

/* Reads DAY_FORMS, or 23/11/2026, as of `now`, written as "YYYY-MM-DD"; -EINVAL for anything else.
 */
int moment_day_parse(const char *text, usec_t now, char ret[static TIME_TEXT_SIZE]);

/* Writes the local day `days` after that of `now` as "YYYY-MM-DD". */
void moment_day(usec_t now, int days, char ret[static TIME_TEXT_SIZE]);

#define MOMENT_WORDS_SIZE 96

/*
 * Writes a moment as people say it on the day of `now`: "today 18:00", "tomorrow 9:00", "Friday
 * 18:00" within the next six days, else "Friday 4 December 18:00", with its year where that is
 * another one; in the language of the locale.
 */
void moment_words(usec_t at, usec_t now, char ret[static MOMENT_WORDS_SIZE]);

/* The same of a day such as "2026-12-04": "today", "Friday", "Friday 4 December". */
void moment_day_words(const char *day, usec_t now, char ret[static MOMENT_WORDS_SIZE]);

/* Writes a moment as "2026-11-23 21:15"; fast, for long lists. */
void moment_minutes(usec_t at, char ret[static TIME_TEXT_SIZE]);

/* Reads a moment as programs have it, "2026-11-23T20:15:00.250Z", NULL included: 0 for anything
 * else. */
usec_t moment_utc(const char *text);
