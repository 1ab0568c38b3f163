/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/slot.h"
#include "util/translate.h"

#include <errno.h>

/* Joins words [first, end) into `ret`; the length written, -EINVAL where they don't fit. */
static int words_join(const char *const *words, size_t first, size_t end, char *ret, size_t size)
{
    size_t used = 0;

    for (size_t i = first; i < end; i++) {
        int n = snprintf(ret + used, size - used, "%s%s", i > first ? " " : "", words[i]);

        if ((size_t)n >= size - used)
            return -EINVAL;
        used += (size_t)n;
    }
    return (int)used;
}

/* A day alone begins and ends no booking: the hour was forgotten. */
static int moment_with_hour(const char *text, usec_t now, usec_t *ret)
{
    return strpbrk(text, ":h") ? moment_parse(text, now, ret) : -EINVAL;
}

/* "16:00" on the local day of `starts`. */
static int hour_parse(const char *text, usec_t starts, usec_t *ret)
{
    char day[TIME_TEXT_SIZE], whole[2 * TIME_TEXT_SIZE];

    if (text[0] < '0' || text[0] > '9' || strcspn(text, ":") > 2 || !strchr(text, ':') ||
        strlen(text) > TIME_TEXT_SIZE)
        return -EINVAL; /* "2h" is a duration */
    moment_day(starts, 0, day);
    (void)snprintf(whole, sizeof(whole), "%s %s", day, text);
    return moment_parse(whole, starts, ret);
}

/* "2h30" is two hours and a half, as the French write it, and not 30 seconds: 1; 0 = another form.
 */
static int hours_and_minutes(const char *text, usec_t *ret)
{
    size_t hours = strspn(text, "0123456789"), minutes;

    if (hours == 0 || text[hours] != 'h')
        return 0;
    minutes = strspn(text + hours + 1, "0123456789");
    if (minutes == 0 || text[hours + 1 + minutes] != '\0')
        return 0;
    if (hours > 3 || minutes != 2 || text[hours + 1] > '5')
        return -EINVAL;
    *ret = ((usec_t)atoi(text) * 60 + (usec_t)atoi(text + hours + 1)) * USEC_PER_MINUTE;
    return 1;
}

/* A bare number would be seconds, which nobody means. */
static int duration_parse(const char *text, usec_t starts, usec_t *ret)
{
    usec_t span;
    int r = hours_and_minutes(text, &span);

    if (r == 0 && strspn(text, "0123456789 ") < strlen(text))
        r = time_parse_span(text, &span) < 0 ? -EINVAL : 1;
    if (r <= 0)
        return -EINVAL;
    *ret = starts + span;
    return MOMENT_PLAIN;
}

static int end_parse(const char *text, usec_t now, usec_t starts, usec_t *ret)
{
    int note = hour_parse(text, starts, ret);

    if (note < 0)
        note = moment_with_hour(text, now, ret);
    return note < 0 ? duration_parse(text, starts, ret) : note;
}

/* Reads the beginning from the first `n_start` of the words and the end from the others. */
static int split_parse(const char *const *words, size_t n, size_t n_start, usec_t now,
                       struct slot *ret)
{
    int used = words_join(words, 0, n_start, ret->text, sizeof(ret->text) - 1), note;
    char *end;

    if (used < 0)
        return -E2BIG;
    end = ret->text + used + 1;
    if (words_join(words, n_start, n, end, sizeof(ret->text) - (size_t)used - 1) < 0)
        return -E2BIG;
    ret->start_text = ret->text;
    ret->end_text = end;
    note = moment_with_hour(ret->start_text, now, &ret->starts);
    if (note < 0)
        return -ESRCH; /* no beginning */
    ret->start_note = (enum moment_note)note;
    note = end_parse(ret->end_text, now, ret->starts, &ret->ends);
    if (note < 0)
        return -EINVAL;
    ret->end_note = (enum moment_note)note;
    return 0;
}

int slot_parse(const char *const *words, size_t n, usec_t now, struct slot *ret, char *error,
               size_t size)
{
    size_t n_start = 0; /* of the first split that has a beginning */
    int r;

    for (size_t i = 1; i < n; i++) {
        r = split_parse(words, n, i, now, ret);
        if (r == 0)
            return 0;
        if (r == -EINVAL && n_start == 0)
            n_start = i;
    }
    r = split_parse(words, n, n_start ? n_start : n - 1, now, ret);
    if (r == -E2BIG)
        (void)snprintf(error, size, _("that is too long for a time: give %s"), _(SLOT_START_FORMS));
    else if (r == -ESRCH)
        (void)snprintf(error, size, _("“%.80s” is no beginning: give %s"), ret->start_text,
                       _(SLOT_START_FORMS));
    else
        (void)snprintf(error, size, _("“%.80s” is no end: give %s"), ret->end_text,
                       _(SLOT_END_FORMS));
    return -EINVAL;
}
