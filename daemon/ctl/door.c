/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/shown.h"

/* The doors as JSON: the caller's. */
static json_t *doors_json(const struct client_door *doors, size_t n)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s?}", "name", doors[i].name,
                                                    "lock", lock_state_word(doors[i].lock),
                                                    "contact", contact_state_word(doors[i].contact),
                                                    "alarm", door_alarm_word(doors[i].alarm)));
    return rows;
}

enum outcome door_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"name", "DOOR", false, true},
        {"lock", "LOCK", false, false},
        {"contact", "CONTACT", false, false},
        {"alarm", "ALARM", false, false},
    };
    CLEANUP(cleanup_free) struct client_door *doors = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    size_t n;

    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_doors(ctl->daemon, &doors, &n) < 0)
        return complain("%s", client_error(ctl->daemon));
    rows = doors_json(doors, n);
    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows, "no doors in the configuration");
    return OUTCOME_DONE;
}

enum outcome door_unlock(struct ctl *ctl)
{
    const char *door = ctl->invocation.arguments[0];
    const char *span = option_value(&ctl->invocation, "for");
    CLEANUP(cleanup_json) json_t *told = NULL;
    usec_t duration = 0; /* as configured */

    if (span && (time_parse_span(span, &duration) < 0 || duration < USEC_PER_MSEC ||
                 duration > CONTROL_UNLOCK_MOST))
        return complain("a door isn't unlocked for “%s”: give 1ms to 10min, such as 5s", span);
    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_unlock(ctl->daemon, door, duration) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:s}", "door", door);
    if (ctl->invocation.json)
        json_print(told);
    else
        shown_print(stdout, "door %s is unlocked%s%s", door, span ? " for " : "", span ? span : "");
    return OUTCOME_DONE;
}
