/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/doors.h"
#include "ctl/hours.h"
#include "ctl/shown.h"
#include "util/translate.h"

#include <errno.h>

#define HOURS_TEXT_MOST 512 /* bytes of one --hours */

/* What --hours and --door say, and room for it. */
struct rules {
    struct week week;
    struct doors_option doors;
    struct edit_plan plan;
};

/* --- reading ---------------------------------------------------------------------------------- */

/* Adds the hours of one --hours, days and windows in one text; false after saying what is wrong. */
static bool hours_add(const char *text, struct week *week)
{
    char copy[HOURS_TEXT_MOST], error[512], *rest = copy, *word;
    const char *words[HOURS_TEXT_MOST / 2];
    size_t n = 0;

    if (strlen(text) >= sizeof(copy)) {
        (void)complain("“%.40s…” is too long for hours: give several --hours", text);
        return false;
    }
    (void)strcpy(copy, text);
    while ((word = strsep(&rest, " \t")))
        if (*word && n < ELEMENTSOF(words))
            words[n++] = word;
    if (week_read(week, words, n, "none", error, sizeof(error)) >= 0)
        return true;
    (void)complain("--hours %s", error);
    return false;
}

static bool hours_read(const struct invocation *invocation, struct rules *ret)
{
    static const struct week nothing = {.n = 0};
    char error[512];
    const char *text;

    for (size_t i = 0; (text = option_nth(invocation, "hours", i)); i++) {
        if (streq(text, "none") && i == 0 && !option_nth(invocation, "hours", 1))
            return true;
        if (!hours_add(text, &ret->week))
            return false;
    }
    if (!week_overlaps(&ret->week, &nothing, error, sizeof(error)))
        return true;
    (void)complain("--hours %s", error);
    return false;
}

static bool rules_read(struct ctl *ctl, struct rules *ret)
{
    *ret = (struct rules){0};
    if (!hours_read(&ctl->invocation, ret) || !doors_read(ctl, &ret->doors))
        return false;
    ret->plan.has_hours = option_nth(&ctl->invocation, "hours", 0) != NULL;
    ret->plan.hours = ret->week.windows;
    ret->plan.n_hours = ret->week.n;
    ret->plan.doors = ret->doors.doors;
    return true;
}

/* --- showing ---------------------------------------------------------------------------------- */

/* Adds to the plan's row its hours and doors as people read them. */
static void row_dress(json_t *row)
{
    CLEANUP(cleanup_free) char *hours = NULL;
    bool active = json_integer_value(json_object_get(row, "active")) != 0;
    struct week week;

    doors_show(row);
    week_from_rows(json_object_get(row, "hours"), &week);
    hours = week_format(&week);
    (void)json_object_set_new(row, "opens", json_string(hours ? hours : ""));
    (void)json_object_set_new(row, "in_use", json_string(active ? _("yes") : _("no")));
}

static bool access_is(const json_t *row, enum plan_access access)
{
    const char *word = json_string_value(json_object_get(row, "access"));

    return word && streq(word, plan_access_word(access));
}

/* Says it where the plan's hours don't go with the way it lets people in. */
static void hours_tell(const json_t *row, bool has_hours)
{
    const char *id = json_string_value(json_object_get(row, "id"));
    size_t n = json_array_size(json_object_get(row, "hours"));

    if (access_is(row, ACCESS_HOURS) && n == 0)
        caution("plan %s lets nobody in without hours: cantinectl plan edit %s --hours \"mon-fri "
                "18:00-23:00\"",
                id, id);
    if (!access_is(row, ACCESS_HOURS) && has_hours && n > 0)
        caution("the hours of plan %s mean nothing while its access is %s: cantinectl plan edit %s "
                "--access hours",
                id, json_string_value(json_object_get(row, "access")), id);
}

/* Says how the plan is after a change. */
static enum outcome plan_tell(struct ctl *ctl, const char *id, bool has_hours)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (edit_list_plans(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_array_foreach(rows, i, row)
    {
        const char *hours;

        if (!streq(json_string_value(json_object_get(row, "id")), id))
            continue;
        if (ctl->invocation.json)
            json_print(row);
        row_dress(row);
        hours = json_string_value(json_object_get(row, "opens"));
        if (!ctl->invocation.json)
            shown_print(stdout,
                        json_integer_value(json_object_get(row, "active")) != 0
                            ? N_("plan %s: %s, access %s%s%s, doors: %s")
                            : N_("plan %s: %s, access %s%s%s, doors: %s, not active"),
                        id, json_string_value(json_object_get(row, "name")),
                        json_string_value(json_object_get(row, "access")), *hours ? " " : "", hours,
                        json_string_value(json_object_get(row, "open")));
        hours_tell(row, has_hours);
        return OUTCOME_DONE;
    }
    return complain("there is no plan %s any more: see `cantinectl plan list`", id);
}

/* --- the commands ----------------------------------------------------------------------------- */

enum outcome plan_add(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    struct edit_value values[OPTIONS_MOST + 2];
    struct rules rules;
    char host[24];
    size_t n;

    if (!rules_read(ctl, &rules) || !ctl_records(ctl) || ctl_values(ctl, values + 2, &n, host) < 0)
        return OUTCOME_FAILED;
    values[0] = (struct edit_value){"id", invocation->arguments[0]};
    values[1] = (struct edit_value){"name", invocation->arguments[1]};
    rules.plan.values = values;
    rules.plan.n_values = n + 2;
    if (edit_plan_add(ctl->records, &rules.plan) < 0)
        return complain("%s", edit_error(ctl->records));
    return plan_tell(ctl, invocation->arguments[0], rules.plan.has_hours);
}

enum outcome plan_edit(struct ctl *ctl)
{
    const char *id = ctl->invocation.arguments[0];
    struct edit_value values[OPTIONS_MOST];
    struct rules rules;
    char host[24];
    size_t n;

    if (!rules_read(ctl, &rules) || !ctl_records(ctl) || ctl_values(ctl, values, &n, host) < 0)
        return OUTCOME_FAILED;
    if (n == 0 && !rules.plan.has_hours && !rules.plan.doors.given) {
        (void)complain("nothing to change: give a field, see cantinectl plan edit --help");
        return OUTCOME_MISUSED;
    }
    rules.plan.values = values;
    rules.plan.n_values = n;
    if (edit_plan_set(ctl->records, id, &rules.plan) < 0)
        return complain("%s", edit_error(ctl->records));
    return plan_tell(ctl, id, rules.plan.has_hours);
}

enum outcome plan_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"id", N_("PLAN"), false, 0},          {"name", N_("NAME"), false, SHRINKS},
        {"access", N_("ACCESS"), false, 0},    {"min_assurance", N_("BADGE"), false, 0},
        {"in_use", N_("ACTIVE"), false, 0},    {"opens", N_("HOURS"), false, SHRINKS},
        {"open", N_("DOORS"), false, SHRINKS},
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_plans(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json) {
        json_print(rows);
        return OUTCOME_DONE;
    }
    json_array_foreach(rows, i, row) row_dress(row);
    table_print(columns, ELEMENTSOF(columns), rows, "no plans");
    return OUTCOME_DONE;
}
