/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Time as values: microseconds on the monotonic clock (durations, deadlines) or since 1970 UTC (the
 * wall clock), their text forms, and local calendar days as comparable integers. Reading a clock
 * and the system's time zone data happens here and nowhere in core/.
 */

#include "util/macro.h"

typedef uint64_t usec_t; /* microseconds */

#define USEC_PER_MSEC   ((usec_t)1000)
#define USEC_PER_SEC    ((usec_t)1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)
#define USEC_INFINITY   UINT64_MAX

#define TIME_TEXT_SIZE 40 /* enough for every text that this file writes, with its NUL */

/* A calendar day as the number YYYYMMDD, so that days compare as integers. 0 = no day. */
typedef int32_t day_t;

/* CLOCK_MONOTONIC in µs. */
usec_t time_monotonic(void);

/* CLOCK_REALTIME in µs since 1970-01-01 UTC. */
usec_t time_wall(void);

/* Writes `wall` as RFC 3339 UTC with milliseconds ("2026-11-23T20:15:00.123Z"; RFC 3339, 5.6). */
void time_format_utc(usec_t wall, char ret[static TIME_TEXT_SIZE]);

/* Writes `wall` in the process's time zone as "2026-11-23 21:15:00". */
void time_format_local(usec_t wall, char ret[static TIME_TEXT_SIZE]);

/* A local moment, broken up by the system's tz data (TZ set once at start). */
struct local_time {
    day_t day;
    day_t yesterday;
    int weekday; /* 1 = Monday … 7 = Sunday (ISO 8601) */
    int minute;  /* minutes since local midnight by the wall clock, 0 … 1439 */
};

/* Breaks `wall` up in the process's time zone; negative errno if it is out of range. */
int time_local(usec_t wall, struct local_time *ret);

/* When the local day after that of `wall` begins, in µs since 1970; `wall` + 24 h if out of range.
 */
usec_t time_tomorrow(usec_t wall);

/*
 * The latest moment up to `wall` at which the local clock showed `minute` since midnight (0 …
 * 1439), in µs since 1970. An hour that a day shows twice is over twice; one that it skips is read
 * by the clock before the change (mktime(3)); 0 if out of range.
 */
usec_t time_last_at(usec_t wall, int minute);

/*
 * Parses a duration as systemd.time(7) does ("5s", "1min 30s", "200ms", "90d"); a bare number is
 * seconds. -EINVAL if it isn't one, -ERANGE if it is too long.
 */
int time_parse_span(const char *text, usec_t *ret);

/* Writes a duration the same way ("1min 30s"). */
void time_format_span(usec_t span, char ret[static TIME_TEXT_SIZE]);

/* "YYYY-MM-DD", a day that exists, to its number; -EINVAL otherwise. */
int day_parse(const char *text, day_t *ret);

/* Writes the day as "YYYY-MM-DD". */
void day_format(day_t day, char ret[static TIME_TEXT_SIZE]);

/* The local day that began at the latest `minute` of it up to `wall`: the day before until then. */
day_t time_day_since(usec_t wall, int minute);

/* "HH:MM" (00:00 … 23:59) to minutes since midnight; -EINVAL otherwise. */
int minute_parse(const char *text, int *ret);
