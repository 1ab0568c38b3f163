/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/hours.h"
#include "util/translate.h"

#include <errno.h>
#include <stdarg.h>
#include <strings.h>

#define WORD_SIZE       16
#define WORD_LEAST      3 /* letters of a weekday's name that are enough */
#define MINUTES_IN_DAY  1440
#define MINUTES_IN_WEEK (HOURS_WEEKDAYS * MINUTES_IN_DAY)

static const char *const english[HOURS_WEEKDAYS] = {"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
static const char *const french[HOURS_WEEKDAYS] = {"lundi",    "mardi",  "mercredi", "jeudi",
                                                   "vendredi", "samedi", "dimanche"};

/* The weekday that `n` characters name, -EINVAL for none. */
static int weekday_parse(const char *text, size_t n)
{
    if (n == 1 && *text >= '1' && *text <= '7')
        return *text - '0';
    if (n < WORD_LEAST)
        return -EINVAL;
    for (int i = 0; i < HOURS_WEEKDAYS; i++)
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
    for (int day = first; day != last; day = day % HOURS_WEEKDAYS + 1)
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
    if (!dash || hour_parse(text, (size_t)(dash - text), &ret->opens) < 0 ||
        hour_parse(dash + 1, strlen(dash + 1), &ret->closes) < 0)
        return -EINVAL;
    return ret->opens == ret->closes && ret->opens != 0 ? -ERANGE : 0;
}

/* --- a week ----------------------------------------------------------------------------------- */

/* Minutes from Monday's first to the window's first. */
static int start_of(const struct window *window)
{
    return (window->weekday - 1) * MINUTES_IN_DAY + window->opens;
}

static int length_of(const struct window *window)
{
    int length = window->closes - window->opens;

    return length > 0 ? length : length + MINUTES_IN_DAY;
}

bool windows_overlap(const struct window *a, const struct window *b)
{
    int from_a_to_b = (start_of(b) - start_of(a) + MINUTES_IN_WEEK) % MINUTES_IN_WEEK;

    return from_a_to_b < length_of(a) || MINUTES_IN_WEEK - from_a_to_b < length_of(b);
}

static PRINTF(3, 4) int fail_hours(char *error, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(error, size, _(format), args);
    va_end(args);
    return -EINVAL;
}

/* Reads the windows of the words, on no weekday yet; how many, or -EINVAL with the error. */
static int windows_read(const char *const *words, size_t n, const char *empty,
                        struct window ret[static HOURS_WINDOWS_DAY], char *error, size_t size)
{
    if (n == 1 && streq(words[0], empty))
        return 0;
    for (size_t i = 0; i < n; i++) {
        int r = i < HOURS_WINDOWS_DAY ? window_parse(words[i], &ret[i]) : -E2BIG;

        if (r == -E2BIG)
            return fail_hours(error, size, "“%.80s” is one window too many: a day has 16 at most",
                              words[i]);
        if (r == -ERANGE)
            return fail_hours(error, size,
                              "“%.80s” is a window of 0 minutes: give another end, or 00:00-00:00 "
                              "for the whole day",
                              words[i]);
        if (r < 0) {
            (void)snprintf(error, size, _("“%.80s” are no hours: give %s, or %s"), words[i],
                           _(HOURS_WINDOW_FORMS), empty);
            return -EINVAL;
        }
    }
    return (int)n;
}

static size_t windows_on(const struct week *week, int weekday)
{
    size_t n = 0;

    for (size_t i = 0; i < week->n; i++)
        n += week->windows[i].weekday == weekday;
    return n;
}

/* Adds the windows on each of the weekdays; -EINVAL where a day would have too many. */
static int week_add(struct week *week, unsigned weekdays, const struct window *windows, size_t n,
                    char *error, size_t size)
{
    for (int day = 1; day <= HOURS_WEEKDAYS; day++)
        if (weekdays & 1U << day && windows_on(week, day) + n > HOURS_WINDOWS_DAY)
            return fail_hours(error, size, "“%.80s” has too many windows: a day has 16 at most",
                              weekday_name(day));
    for (int day = 1; day <= HOURS_WEEKDAYS; day++)
        for (size_t i = 0; i < n && weekdays & 1U << day; i++) {
            week->windows[week->n] = windows[i];
            week->windows[week->n++].weekday = day;
        }
    return (int)weekdays;
}

int week_read(struct week *week, const char *const *words, size_t n, const char *empty, char *error,
              size_t size)
{
    struct window windows[HOURS_WINDOWS_DAY];
    unsigned weekdays = 0;
    size_t first = 0;
    int n_windows, set;

    for (; first < n && (set = weekdays_parse(words[first])) >= 0; first++)
        weekdays |= (unsigned)set;
    if (weekdays == 0) {
        (void)snprintf(error, size, _("“%.80s” is no weekday: give %s"), n > 0 ? words[0] : "",
                       _(HOURS_DAYS_FORMS));
        return -EINVAL;
    }
    if (first == n) {
        (void)snprintf(error, size, _("from when to when is missing: give %s, or %s"),
                       _(HOURS_WINDOW_FORMS), empty);
        return -ENODATA;
    }
    n_windows = windows_read(words + first, n - first, empty, windows, error, size);
    if (n_windows < 0)
        return n_windows;
    return week_add(week, weekdays, windows, (size_t)n_windows, error, size);
}

void week_from_rows(const json_t *rows, struct week *ret)
{
    json_t *row;
    size_t i;

    ret->n = 0;
    json_array_foreach(rows, i, row)
    {
        const char *opens = json_string_value(json_object_get(row, "opens"));
        const char *closes = json_string_value(json_object_get(row, "closes"));
        struct window *window = &ret->windows[ret->n];

        if (ret->n == ELEMENTSOF(ret->windows))
            return;
        window->weekday = (int)json_integer_value(json_object_get(row, "weekday"));
        if (window->weekday >= 1 && window->weekday <= HOURS_WEEKDAYS && opens && closes &&
            minute_parse(opens, &window->opens) == 0 && minute_parse(closes, &window->closes) == 0)
            ret->n++;
    }
}

static void overlap_tell(const struct window *a, const struct window *b, char *error, size_t size)
{
    char first[HOURS_TEXT_SIZE], second[HOURS_TEXT_SIZE];

    window_format(a, first);
    window_format(b, second);
    (void)snprintf(error, size, _("%s and %s overlap: give hours that follow one another"), first,
                   second);
}

bool week_overlaps(const struct week *week, const struct week *kept, char *error, size_t size)
{
    for (size_t i = 0; i < week->n; i++) {
        for (size_t k = 0; k < i; k++)
            if (windows_overlap(&week->windows[k], &week->windows[i])) {
                overlap_tell(&week->windows[k], &week->windows[i], error, size);
                return true;
            }
        for (size_t k = 0; k < kept->n; k++)
            if (windows_overlap(&kept->windows[k], &week->windows[i])) {
                overlap_tell(&kept->windows[k], &week->windows[i], error, size);
                return true;
            }
    }
    return false;
}

/* --- for people ------------------------------------------------------------------------------- */

const char *weekday_name(int weekday)
{
    static const char *const names[HOURS_WEEKDAYS] = {N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"),
                                                      N_("Fri"), N_("Sat"), N_("Sun")};

    return weekday >= 1 && weekday <= HOURS_WEEKDAYS ? _(names[weekday - 1]) : "?";
}

void window_format(const struct window *window, char ret[static HOURS_TEXT_SIZE])
{
    (void)snprintf(ret, HOURS_TEXT_SIZE, "%s %02u:%02u–%02u:%02u", weekday_name(window->weekday),
                   (unsigned)window->opens / 60 % 24, (unsigned)window->opens % 60,
                   (unsigned)window->closes / 60 % 24, (unsigned)window->closes % 60);
}

/* Writes the day's windows as " 09:00–12:00 14:00–18:00". */
static void day_print(const struct week *week, int weekday, FILE *stream)
{
    for (size_t i = 0; i < week->n; i++) {
        char text[HOURS_TEXT_SIZE];

        if (week->windows[i].weekday != weekday)
            continue;
        window_format(&week->windows[i], text);
        (void)fputs(text + strlen(weekday_name(weekday)), stream);
    }
}

/* True if both days have the same windows, in the same order. */
static bool days_alike(const struct week *week, int a, int b)
{
    size_t n = windows_on(week, a), i = 0, k = 0;

    if (windows_on(week, b) != n)
        return false;
    for (; n > 0; n--, i++, k++) {
        while (week->windows[i].weekday != a)
            i++;
        while (week->windows[k].weekday != b)
            k++;
        if (week->windows[i].opens != week->windows[k].opens ||
            week->windows[i].closes != week->windows[k].closes)
            return false;
    }
    return true;
}

char *week_format(const struct week *week)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    for (int day = 1, last; day <= HOURS_WEEKDAYS; day = last + 1) {
        last = day;
        if (windows_on(week, day) == 0)
            continue;
        while (last < HOURS_WEEKDAYS && days_alike(week, day, last + 1))
            last++;
        (void)fprintf(stream, "%s%s%s%s", ftell(stream) > 0 ? ", " : "", weekday_name(day),
                      last > day ? "–" : "", last > day ? weekday_name(last) : "");
        day_print(week, day, stream);
    }
    if (fclose(stream) == EOF) {
        free(text);
        return NULL;
    }
    return text;
}
