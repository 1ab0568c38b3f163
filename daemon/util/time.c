/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/time.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

static usec_t clock_usec(clockid_t clock)
{
    struct timespec ts;

    (void)clock_gettime(clock, &ts);
    return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

usec_t time_monotonic(void)
{
    return clock_usec(CLOCK_MONOTONIC);
}

usec_t time_wall(void)
{
    return clock_usec(CLOCK_REALTIME);
}

void time_format_utc(usec_t wall, char ret[static TIME_TEXT_SIZE])
{
    time_t seconds = (time_t)(wall / USEC_PER_SEC);
    struct tm tm;
    size_t n;

    gmtime_r(&seconds, &tm);
    n = strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(ret + n, TIME_TEXT_SIZE - n, ".%03uZ", (unsigned)(wall / USEC_PER_MSEC % 1000));
}

void time_format_local(usec_t wall, char ret[static TIME_TEXT_SIZE])
{
    time_t seconds = (time_t)(wall / USEC_PER_SEC);
    struct tm tm;

    localtime_r(&seconds, &tm);
    (void)strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
}

static day_t day_of(const struct tm *tm)
{
    return (tm->tm_year + 1900) * 10000 + (tm->tm_mon + 1) * 100 + tm->tm_mday;
}

int time_local(usec_t wall, struct local_time *ret)
{
    time_t seconds = (time_t)(wall / USEC_PER_SEC);
    struct tm today, before;

    if (!localtime_r(&seconds, &today))
        return -ERANGE;
    /* Noon of the day before: mktime() normalises the date, and noon exists on every day. */
    before = (struct tm){.tm_year = today.tm_year,
                         .tm_mon = today.tm_mon,
                         .tm_mday = today.tm_mday - 1,
                         .tm_hour = 12,
                         .tm_isdst = -1};
    if (mktime(&before) == (time_t)-1)
        return -ERANGE;
    *ret = (struct local_time){
        .day = day_of(&today),
        .yesterday = day_of(&before),
        .weekday = today.tm_wday == 0 ? 7 : today.tm_wday,
        .minute = today.tm_hour * 60 + today.tm_min,
    };
    return 0;
}

usec_t time_tomorrow(usec_t wall)
{
    time_t seconds = (time_t)(wall / USEC_PER_SEC);
    struct tm tm;

    if (!localtime_r(&seconds, &tm))
        return wall + USEC_PER_DAY;
    tm = (struct tm){
        .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday + 1, .tm_isdst = -1};
    seconds = mktime(&tm);
    return seconds < 0 ? wall + USEC_PER_DAY : (usec_t)seconds * USEC_PER_SEC;
}

/*
 * When the day that `day` falls on shows this `minute`, by daylight saving time or without it; -1
 * where it doesn't. Where clocks go back both answer; left to choose (tm_isdst = -1), mktime(3)
 * goes by what it was asked before.
 */
static time_t time_shown(const struct tm *day, int minute, int isdst)
{
    struct tm tm = {.tm_year = day->tm_year,
                    .tm_mon = day->tm_mon,
                    .tm_mday = day->tm_mday,
                    .tm_hour = minute / 60,
                    .tm_min = minute % 60,
                    .tm_isdst = isdst};
    time_t shown = mktime(&tm);

    return isdst < 0 || tm.tm_hour * 60 + tm.tm_min == minute ? shown : -1;
}

/* The latest such moment up to `most`; -1 if there is none. */
static time_t time_last_shown(const struct tm *day, int minute, time_t most)
{
    time_t summer = time_shown(day, minute, 1), winter = time_shown(day, minute, 0), skipped;

    if (summer < 0 && winter < 0) {
        skipped = time_shown(day, minute, -1);
        return skipped <= most ? skipped : -1;
    }
    return MAX_OF(summer <= most ? summer : -1, winter <= most ? winter : -1);
}

usec_t time_last_at(usec_t wall, int minute)
{
    time_t seconds = (time_t)(wall / USEC_PER_SEC), last;
    struct tm day;

    if (!localtime_r(&seconds, &day))
        return 0;
    for (int days_ago = 0; days_ago <= 1; days_ago++, day.tm_mday--) {
        last = time_last_shown(&day, minute, seconds);
        if (last > 0)
            return (usec_t)last * USEC_PER_SEC;
    }
    return 0;
}

day_t time_day_since(usec_t wall, int minute)
{
    struct local_time local;

    return time_local(time_last_at(wall, minute), &local) == 0 ? local.day : 0;
}

void day_format(day_t day, char ret[static TIME_TEXT_SIZE])
{
    (void)snprintf(ret, TIME_TEXT_SIZE, "%04d-%02d-%02d", day / 10000 % 10000, day / 100 % 100,
                   day % 100);
}

static const struct {
    const char *name;
    usec_t usec;
} span_units[] = {
    {"us", 1},
    {"ms", USEC_PER_MSEC},
    {"s", USEC_PER_SEC},
    {"sec", USEC_PER_SEC},
    {"second", USEC_PER_SEC},
    {"seconds", USEC_PER_SEC},
    {"m", USEC_PER_MINUTE},
    {"min", USEC_PER_MINUTE},
    {"minute", USEC_PER_MINUTE},
    {"minutes", USEC_PER_MINUTE},
    {"h", USEC_PER_HOUR},
    {"hr", USEC_PER_HOUR},
    {"hour", USEC_PER_HOUR},
    {"hours", USEC_PER_HOUR},
    {"d", USEC_PER_DAY},
    {"day", USEC_PER_DAY},
    {"days", USEC_PER_DAY},
    {"w", 7 * USEC_PER_DAY},
    {"week", 7 * USEC_PER_DAY},
    {"weeks", 7 * USEC_PER_DAY},
};

static int span_unit(const char *text, size_t length, usec_t *ret)
{
    if (length == 0) {
        *ret = USEC_PER_SEC;
        return 0;
    }
    for (size_t i = 0; i < ELEMENTSOF(span_units); i++)
        if (strlen(span_units[i].name) == length &&
            strncmp(span_units[i].name, text, length) == 0) {
            *ret = span_units[i].usec;
            return 0;
        }
    return -EINVAL;
}

int time_parse_span(const char *text, usec_t *ret)
{
    static const char spaces[] = " \t", digits[] = "0123456789";
    usec_t sum = 0;
    const char *p = text + strspn(text, spaces);

    if (!*p)
        return -EINVAL;
    while (*p) {
        size_t n_digits = strspn(p, digits), n_unit;
        const char *unit;
        usec_t value, factor;

        if (n_digits == 0)
            return -EINVAL;
        if (n_digits > 12)
            return -ERANGE;
        value = strtoull(p, NULL, 10);
        unit = p + n_digits;
        unit += strspn(unit, spaces);
        n_unit = strspn(unit, "abcdefghijklmnopqrstuvwxyz");
        if (span_unit(unit, n_unit, &factor) < 0)
            return -EINVAL;
        if (__builtin_mul_overflow(value, factor, &value) ||
            __builtin_add_overflow(sum, value, &sum) || sum > 366 * 100 * USEC_PER_DAY)
            return -ERANGE;
        p = unit + n_unit;
        p += strspn(p, spaces);
    }
    *ret = sum;
    return 0;
}

void time_format_span(usec_t span, char ret[static TIME_TEXT_SIZE])
{
    static const struct {
        const char *name;
        usec_t usec;
    } units[] = {{"d", USEC_PER_DAY}, {"h", USEC_PER_HOUR},  {"min", USEC_PER_MINUTE},
                 {"s", USEC_PER_SEC}, {"ms", USEC_PER_MSEC}, {"us", 1}};
    size_t n = 0;

    if (span == 0)
        n = (size_t)snprintf(ret, TIME_TEXT_SIZE, "0s");
    for (size_t i = 0; i < ELEMENTSOF(units) && n < TIME_TEXT_SIZE; i++) {
        if (span < units[i].usec)
            continue;
        n += (size_t)snprintf(ret + n, TIME_TEXT_SIZE - n, "%s%" PRIu64 "%s", n ? " " : "",
                              span / units[i].usec, units[i].name);
        span %= units[i].usec;
    }
}

static int two_digits(const char *p)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -EINVAL;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

int day_parse(const char *text, day_t *ret)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int century, year, month, day, last;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return -EINVAL;
    century = two_digits(text);
    year = two_digits(text + 2);
    month = two_digits(text + 5);
    day = two_digits(text + 8);
    if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1)
        return -EINVAL;
    year += century * 100;
    last = days[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        last = 29;
    if (day > last)
        return -EINVAL;
    *ret = year * 10000 + month * 100 + day;
    return 0;
}

int minute_parse(const char *text, int *ret)
{
    int hour, minute;

    if (strlen(text) != 5 || text[2] != ':')
        return -EINVAL;
    hour = two_digits(text);
    minute = two_digits(text + 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return -EINVAL;
    *ret = hour * 60 + minute;
    return 0;
}
