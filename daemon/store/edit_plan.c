/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What memberships there are and what they open, and the passes sold for them: edits and lists. */

#include "store/edit_private.h"

#include <errno.h>

static int values_check(struct edit *edit, const struct edit_plan *plan)
{
    int r = edit_doors_check(edit, &plan->doors);

    return r < 0 ? r : edit_values_check(edit, plan->values, plan->n_values);
}

static int hours_replace(struct edit *edit, const char *id, const struct edit_plan *plan)
{
    struct edit_value key = {"plan", id};
    int r = edit_run(edit, "DELETE FROM plan_hours WHERE plan = ?1", id);

    for (size_t i = 0; i < plan->n_hours && r == 0; i++)
        r = edit_window_insert(edit, "plan_hours", &key, &plan->hours[i]);
    return r;
}

static int rules_replace(struct edit *edit, const char *id, const struct edit_plan *plan)
{
    int r = plan->has_hours ? hours_replace(edit, id, plan) : 0;

    return r == 0 ? edit_doors_replace(edit, "plan", id, &plan->doors) : r;
}

int edit_plan_add(struct edit *edit, const struct edit_plan *plan)
{
    const char *id = plan->values[0].text;
    int r = values_check(edit, plan);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_row_insert(edit, "plan", plan->values, plan->n_values);
    if (r == 0)
        r = rules_replace(edit, id, plan);
    return edit_end(edit, r);
}

static int plan_check(struct edit *edit, const char *id)
{
    CLEANUP(cleanup_free) char *known = NULL, *all = NULL;

    known = edit_text(edit, "SELECT id FROM plan WHERE id = ?1", id);
    if (known)
        return 0;
    all = edit_text(edit, "SELECT group_concat(id, ', ') FROM plan", NULL);
    if (!all)
        return edit_fail(edit, -ENOENT,
                         "there is no plan “%.80s”: add one with `cantinectl plan add`", id);
    return edit_fail(edit, -ENOENT, "there is no plan “%.80s”: there are %s", id, all);
}

int edit_plan_set(struct edit *edit, const char *id, const struct edit_plan *plan)
{
    int r = values_check(edit, plan);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = plan_check(edit, id);
    if (r == 0 && plan->n_values > 0)
        r = edit_row_update(edit, "plan", plan->values, plan->n_values, "id", id);
    if (r == 0)
        r = rules_replace(edit, id, plan);
    return edit_end(edit, r);
}

int edit_list_plans(struct edit *edit, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    int r = edit_prepare(edit, "SELECT * FROM plan ORDER BY rowid", &statement);

    if (r == 0)
        r = edit_rows(edit, statement, &rows);
    if (r == 0)
        r = edit_rows_nest(edit, rows, "hours", "id",
                           "SELECT weekday, opens, closes FROM plan_hours WHERE plan = ?1"
                           " ORDER BY weekday, opens",
                           NULL);
    if (r == 0)
        r = edit_rows_nest(edit, rows, "doors", "id",
                           "SELECT door FROM plan_door WHERE plan = ?1 ORDER BY door", "door");
    if (r == 0)
        *ret = TAKE_PTR(rows);
    return r;
}

int64_t edit_pass_add(struct edit *edit, const struct edit_value *values, size_t n)
{
    return edit_row_add(edit, "pass", values, n);
}
