/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Weekdays and weekly windows as people type and read them. */

#include "core/schedule.h"

#define HOURS_DAYS_FORMS                                                                           \
    "a weekday (mon … sun, lundi … dimanche, 1 … 7), several as mon-fri or mon,wed"
#define HOURS_WINDOW_FORMS                                                                         \
    "09:00-18:00, each hour from 00:00 to 23:59 (closing at 00:00 is midnight), or “closed”"

#define HOURS_TEXT_SIZE 32

/*
 * Reads HOURS_DAYS_FORMS in either case; a range may run over Sunday (sat-mon). Returns a set: bit
 * 1 = Monday … bit 7, or -EINVAL.
 */
int weekdays_parse(const char *text);

/* Reads "09:00-18:00" (also 9:00), without a weekday; -EINVAL for anything else. */
int window_parse(const char *text, struct window *ret);

/* True if there is a minute that both, on the same weekday, hold. */
bool windows_overlap(const struct window *a, const struct window *b);

/* "Mon"; "?" for no weekday. */
const char *weekday_name(int weekday);

/* "Mon 09:00–18:00" */
void window_format(const struct window *window, char ret[static HOURS_TEXT_SIZE]);
