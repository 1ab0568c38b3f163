/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Weekdays and weekly windows as people type and read them. */

#include "core/schedule.h"
#include "util/translate.h"

#include <jansson.h>

#define HOURS_DAYS_FORMS                                                                           \
    N_("a weekday (mon … sun, lundi … dimanche, 1 … 7), several as mon-fri or mon,wed")
#define HOURS_WINDOW_FORMS                                                                         \
    N_("09:00-18:00, each hour from 00:00 to 23:59 (closing at 00:00 is midnight)")

#define HOURS_TEXT_SIZE   32
#define HOURS_WEEKDAYS    7
#define HOURS_WINDOWS_DAY 16 /* windows that one weekday may have: the doors look at so many */

/* Windows of a week, each on its weekday. */
struct week {
    struct window windows[HOURS_WEEKDAYS * HOURS_WINDOWS_DAY];
    size_t n;
};

/*
 * Reads HOURS_DAYS_FORMS in either case; a range may run over Sunday (sat-mon). Returns a set: bit
 * 1 = Monday … bit 7, or -EINVAL.
 */
int weekdays_parse(const char *text);

/*
 * Reads "09:00-18:00" (also 9:00), without a weekday; -ERANGE for one that closes as it opens, but
 * for 00:00-00:00 which is a whole day, and -EINVAL for anything else.
 */
int window_parse(const char *text, struct window *ret);

/* True if there is a minute of the week that both hold. */
bool windows_overlap(const struct window *a, const struct window *b);

/*
 * Reads weekdays and then windows, of `n` words, and adds the windows on each of these days to
 * `week`; the word `empty` instead of windows adds none. Returns the weekdays named as a set like
 * weekdays_parse(). -EINVAL: `error` says what is accepted; -ENODATA the same where there are
 * weekdays and nothing more. Neither changes `week`.
 */
int week_read(struct week *week, const char *const *words, size_t n, const char *empty, char *error,
              size_t size);

/*
 * True if a window of `week` overlaps another of it or one of `kept`, also across midnight and from
 * Sunday to Monday: `error` names the two.
 */
bool week_overlaps(const struct week *week, const struct week *kept, char *error, size_t size);

/* "Mon"; "?" for no weekday. */
const char *weekday_name(int weekday);

/* The windows of rows with weekday, opens and closes; those without sense are left out. */
void week_from_rows(const json_t *rows, struct week *ret);

/* "Mon 09:00–18:00" */
void window_format(const struct window *window, char ret[static HOURS_TEXT_SIZE]);

/*
 * "Mon–Fri 09:00–12:00 14:00–18:00, Sun 10:00–12:00": the caller's, NULL without memory. The
 * windows of `week` are in the order in which they open.
 */
char *week_format(const struct week *week);
