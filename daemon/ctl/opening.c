/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/hours.h"
#include "util/translate.h"

#include <errno.h>

/* The windows of the rows that are on none of `weekdays`. */
static void week_kept(const json_t *rows, unsigned weekdays, struct week *ret)
{
    struct week all;

    week_from_rows(rows, &all);
    ret->n = 0;
    for (size_t i = 0; i < all.n; i++)
        if (!(weekdays & 1U << all.windows[i].weekday))
            ret->windows[ret->n++] = all.windows[i];
}

/* The windows of the first weekday named, which are those of each. */
static size_t week_day(const struct week *week, struct window ret[static HOURS_WINDOWS_DAY])
{
    size_t n = 0;

    while (n < week->n && week->windows[n].weekday == week->windows[0].weekday) {
        ret[n] = week->windows[n];
        n++;
    }
    return n;
}

enum outcome opening_set(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    struct window windows[HOURS_WINDOWS_DAY];
    CLEANUP(cleanup_json) json_t *rows = NULL;
    struct week week = {.n = 0}, kept;
    char error[512];
    int weekdays = week_read(&week, invocation->arguments, invocation->n_arguments, "closed", error,
                             sizeof(error));

    if (weekdays < 0) {
        (void)complain("%s", error);
        return weekdays == -ENODATA ? OUTCOME_MISUSED : OUTCOME_FAILED;
    }
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_opening_hours(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    week_kept(rows, (unsigned)weekdays, &kept);
    if (week_overlaps(&week, &kept, error, sizeof(error)))
        return complain("%s", error);
    if (edit_opening_set(ctl->records, (unsigned)weekdays, windows, week_day(&week, windows)) < 0)
        return complain("%s", edit_error(ctl->records));
    return opening_list(ctl);
}

enum outcome opening_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"day", N_("DAY"), false, 0},
        {"opens", N_("OPENS"), false, 0},
        {"closes", N_("CLOSES"), false, 0},
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_opening_hours(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json) {
        json_print(rows);
        return OUTCOME_DONE;
    }
    json_array_foreach(rows, i, row)
    {
        int weekday = (int)json_integer_value(json_object_get(row, "weekday"));

        (void)json_object_set_new(row, "day", json_string(weekday_name(weekday)));
    }
    table_print(columns, ELEMENTSOF(columns), rows,
                "no opening hours yet: cantinectl opening set mon-fri 09:00-18:00");
    return OUTCOME_DONE;
}
