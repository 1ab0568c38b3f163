/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/hours.h"

#include <errno.h>
#include <strings.h>

#define WEEKDAYS       7
#define WORD_SIZE      16
#define WORD_LEAST     3 /* letters of a weekday's name that are enough */
#define MINUTES_IN_DAY 1440

static const char *const english[WEEKDAYS] = {"monday", "tuesday",  "wednesday", "thursday",
                                              "friday", "saturday", "sunday"};
static const char *const french[WEEKDAYS] = {"lundi",    "mardi",  "mercredi", "jeudi",
                                             "vendredi", "samedi", "dimanche"};

/* The weekday that `n` characters name, -EINVAL for none. */
static int weekday_parse(const char *text, size_t n)
{
    if (n == 1 && *text >= '1' && *text <= '7')
        return *text - '0';
    if (n < WORD_LEAST)
        return -EINVAL;
    for (int i = 0; i < WEEKDAYS; i++)
        if (strncasecmp(english[i], text, n) == 0 || strncasecmp(french[i], text, n) == 0)
            return i + 1;
    return -EINVAL;
}

/* One day, or from one to another, of `n` characters, as a set. */
static int range_parse(const char *text, size_t n)
{
    const char *dash = memchr(text, '-', n);
    int first = weekday_parse(text, dash ? (size_t)(dash - text) : n), last, set;

    if (first < 0)
        return -EINVAL;
    last = dash ? weekday_parse(dash + 1, n - (size_t)(dash + 1 - text)) : first;
    if (last < 0)
        return -EINVAL;
    set = 1 << last;
    for (int day = first; day != last; day = day % WEEKDAYS + 1)
        set |= 1 << day;
    return set;
}

int weekdays_parse(const char *text)
{
    int all = 0;

    for (;;) {
        size_t n = strcspn(text, ",");
        int set = range_parse(text, n);

        if (set < 0)
            return -EINVAL;
        all |= set;
        if (!text[n])
            return all;
        text += n + 1;
    }
}

/* "9:00" or "09:00" of `n` characters. */
static int hour_parse(const char *text, size_t n, int *ret)
{
    char hour[WORD_SIZE];

    if (n < 4 || n > 5)
        return -EINVAL;
    (void)snprintf(hour, sizeof(hour), "%s%.*s", n == 4 ? "0" : "", (int)n, text);
    return minute_parse(hour, ret);
}

int window_parse(const char *text, struct window *ret)
{
    const char *dash = strchr(text, '-');

    *ret = (struct window){0};
    if (!dash || hour_parse(text, (size_t)(dash - text), &ret->opens) < 0)
        return -EINVAL;
    return hour_parse(dash + 1, strlen(dash + 1), &ret->closes);
}

static int end_of(const struct window *window)
{
    return window->closes + (window->closes <= window->opens ? MINUTES_IN_DAY : 0);
}

bool windows_overlap(const struct window *a, const struct window *b)
{
    return a->opens < end_of(b) && b->opens < end_of(a);
}

const char *weekday_name(int weekday)
{
    static const char *const names[WEEKDAYS] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

    return weekday >= 1 && weekday <= WEEKDAYS ? names[weekday - 1] : "?";
}

void window_format(const struct window *window, char ret[static HOURS_TEXT_SIZE])
{
    (void)snprintf(ret, HOURS_TEXT_SIZE, "%s %02u:%02u–%02u:%02u", weekday_name(window->weekday),
                   (unsigned)window->opens / 60 % 24, (unsigned)window->opens % 60,
                   (unsigned)window->closes / 60 % 24, (unsigned)window->closes % 60);
}
