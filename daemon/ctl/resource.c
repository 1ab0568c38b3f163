/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/doors.h"
#include "ctl/shown.h"
#include "util/translate.h"

/* Says how the resource is after a change. */
static enum outcome resource_tell(struct ctl *ctl, const char *id)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    bool every;
    size_t i;

    if (edit_list_resources(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_array_foreach(rows, i, row)
    {
        if (!streq(json_string_value(json_object_get(row, "id")), id))
            continue;
        if (ctl->invocation.json) {
            json_print(row);
            return OUTCOME_DONE;
        }
        doors_show(row);
        every = json_array_size(json_object_get(row, "doors")) == 0;
        shown_print(stdout, "%s %s: %s, opens %s %d min before a booking, %d min after it",
                    shown_word(json_string_value(json_object_get(row, "kind"))), id,
                    json_string_value(json_object_get(row, "name")),
                    every ? _("doors") : json_string_value(json_object_get(row, "open")),
                    (int)json_integer_value(json_object_get(row, "early")),
                    (int)json_integer_value(json_object_get(row, "late")));
        return OUTCOME_DONE;
    }
    return complain("there is no resource %s any more: see `cantinectl resource list`", id);
}

enum outcome resource_add(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    struct edit_value values[OPTIONS_MOST + 2];
    struct doors_option doors;
    char host[24];
    size_t n;

    if (!ctl_records(ctl) || !doors_read(ctl, &doors) || ctl_values(ctl, values + 2, &n, host) < 0)
        return OUTCOME_FAILED;
    values[0] = (struct edit_value){"id", invocation->arguments[0]};
    values[1] = (struct edit_value){"name", invocation->arguments[1]};
    if (edit_resource_add(ctl->records, values, n + 2, &doors.doors) < 0)
        return complain("%s", edit_error(ctl->records));
    return resource_tell(ctl, invocation->arguments[0]);
}

enum outcome resource_edit(struct ctl *ctl)
{
    const char *id = ctl->invocation.arguments[0];
    struct edit_value values[OPTIONS_MOST];
    struct doors_option doors;
    char host[24];
    size_t n;

    if (!ctl_records(ctl) || !doors_read(ctl, &doors) || ctl_values(ctl, values, &n, host) < 0)
        return OUTCOME_FAILED;
    if (n == 0 && !doors.doors.given) {
        (void)complain("nothing to change: give a field, see cantinectl resource edit --help");
        return OUTCOME_MISUSED;
    }
    if (edit_resource_set(ctl->records, id, values, n, &doors.doors) < 0)
        return complain("%s", edit_error(ctl->records));
    return resource_tell(ctl, id);
}

enum outcome resource_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"id", N_("RESOURCE"), false, 0},      {"name", N_("NAME"), false, SHRINKS},
        {"kind", N_("KIND"), false, 0},        {"seats", N_("SEATS"), true, 0},
        {"early", N_("EARLY"), true, 0},       {"late", N_("LATE"), true, 0},
        {"check_in", N_("CHECK-IN"), true, 0}, {"open", N_("DOORS"), false, SHRINKS},
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_resources(ctl->records, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json) {
        json_print(rows);
        return OUTCOME_DONE;
    }
    json_array_foreach(rows, i, row) doors_show(row);
    table_print(columns, ELEMENTSOF(columns), rows,
                "nothing to book yet: cantinectl resource add ID NAME");
    return OUTCOME_DONE;
}
