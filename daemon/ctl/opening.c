/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/hours.h"

/* Reads the windows from argument `first` on; -1 after saying what is wrong with one. */
static int windows_read(const struct invocation *invocation, size_t first,
                        struct window ret[static ARGUMENTS_MOST])
{
    size_t n = invocation->n_arguments - first;

    if (n == 1 && streq(invocation->arguments[first], "closed"))
        return 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = invocation->arguments[first + i];

        if (window_parse(text, &ret[i]) < 0) {
            (void)complain("“%.80s” are no opening hours: give %s", text, HOURS_WINDOW_FORMS);
            return -1;
        }
        for (size_t k = 0; k < i; k++)
            if (windows_overlap(&ret[k], &ret[i])) {
                (void)complain("%.80s and %.80s overlap: give hours that follow one another",
                               invocation->arguments[first + k], text);
                return -1;
            }
    }
    return (int)n;
}

enum outcome opening_set(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    struct window windows[ARGUMENTS_MOST];
    unsigned weekdays = 0;
    size_t first = 0;
    int n, set;

    for (; first < invocation->n_arguments; first++) {
        set = weekdays_parse(invocation->arguments[first]);
        if (set < 0)
            break;
        weekdays |= (unsigned)set;
    }
    if (weekdays == 0)
        return complain("“%.80s” is no weekday: give %s", invocation->arguments[0],
                        HOURS_DAYS_FORMS);
    if (first == invocation->n_arguments) {
        (void)complain("from when to when is missing: give %s", HOURS_WINDOW_FORMS);
        return OUTCOME_MISUSED;
    }
    n = windows_read(invocation, first, windows);
    if (n < 0 || !ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_opening_set(ctl->records, weekdays, windows, (size_t)n) < 0)
        return complain("%s", edit_error(ctl->records));
    return opening_list(ctl);
}

enum outcome opening_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"day", "DAY", false, false},
        {"opens", "OPENS", false, false},
        {"closes", "CLOSES", false, false},
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
