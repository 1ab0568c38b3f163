/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

enum outcome plan_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"id", "PLAN", false, false},       {"name", "NAME", false, true},
        {"access", "ACCESS", false, false}, {"min_assurance", "BADGE", false, false},
        {"active", "ACTIVE", true, false},
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_plans(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows, "no plans");
    return OUTCOME_DONE;
}
