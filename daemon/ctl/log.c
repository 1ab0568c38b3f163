/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/moment.h"
#include "util/translate.h"
#include "wire/payload.h"

#include <inttypes.h>

/* The member's name, empty without records: the log is there without them. */
static void name_find(struct ctl *ctl, int64_t member, char ret[static MEMBER_NAME_SIZE])
{
    ret[0] = '\0';
    if (member > 0 && ctl->records)
        edit_member_name(ctl->records, member, ret);
}

/* One event with the keys of MQTT's private/event, and who asked for it. */
static json_t *event_json(struct ctl *ctl, const struct event *event)
{
    struct publisher_event message = {.event = *event};
    char payload[PAYLOAD_SIZE];
    json_t *json;

    name_find(ctl, event->member, message.member_name);
    if (payload_private_event(&message, payload, sizeof(payload)) < 0)
        return NULL;
    json = json_loads(payload, 0, NULL);
    (void)json_object_set_new(json, "actor",
                              *event->actor ? json_string(event->actor) : json_null());
    return json;
}

/* One event as the table for people shows it. */
static json_t *event_row(struct ctl *ctl, const struct event *event)
{
    char name[MEMBER_NAME_SIZE], at[TIME_TEXT_SIZE];
    bool refused = event->result == RESULT_REFUSED;

    name_find(ctl, event->member, name);
    if (event->member > 0 && !*name)
        (void)snprintf(name, sizeof(name), "member %" PRId64, event->member);
    time_format_local(event->at, at);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s, s:s}", "at", at, "type",
                     event_type_word((enum event_type)event->type), "name", name, "door",
                     event->door, "reader", event->reader, "direction",
                     direction_word((enum direction)event->direction), "result",
                     result_word((enum result)event->result), "reason",
                     refused ? reason_word((enum reason)event->reason) : NULL, "detail",
                     event->detail, "actor", event->actor);
}

/*
 * Gathers what the query finds, page by page; without a beginning only the newest page. The
 * caller's; NULL after saying why not.
 */
static json_t *events_gather(struct ctl *ctl, struct control_log_query query)
{
    json_t *(*row)(struct ctl *, const struct event *) =
        ctl->invocation.json ? event_json : event_row;
    CLEANUP(cleanup_json) json_t *rows = json_array();
    size_t n;

    do {
        CLEANUP(cleanup_free) struct event *events = NULL;

        if (client_log(ctl->daemon, &query, &events, &n) < 0) {
            (void)complain("%s", client_error(ctl->daemon));
            return NULL;
        }
        for (size_t i = 0; i < n; i++)
            if (json_array_append_new(rows, row(ctl, &events[i])) < 0) {
                (void)complain("not enough memory: ask for less with --since");
                return NULL;
            }
        if (n > 0)
            query.after = events[n - 1].seq;
    } while (n > 0 && !query.from_end);
    return TAKE_PTR(rows);
}

static bool query_read(struct ctl *ctl, struct control_log_query *ret)
{
    const char *since = option_value(&ctl->invocation, "since");
    const char *member = option_value(&ctl->invocation, "member");

    *ret = (struct control_log_query){
        .denied = option_value(&ctl->invocation, "denied") != NULL,
        .from_end = !since,
    };
    if (since && moment_parse(since, time_wall(), &ret->since) < 0) {
        (void)complain("“%s” is no time: give %s", since, _(MOMENT_FORMS));
        return false;
    }
    /* A member can only be named with the records; all else is there without them. */
    if (!ctl_records_try(ctl) && member)
        (void)ctl_records(ctl); /* says why */
    if (member)
        ret->member = ctl->records ? ctl_member(ctl, member) : 0;
    return !member || ret->member > 0;
}

enum outcome log_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"at", N_("WHEN"), false, false},       {"type", N_("WHAT"), false, false},
        {"name", N_("WHO"), false, true},       {"door", N_("DOOR"), false, false},
        {"reader", N_("READER"), false, true},  {"direction", N_("WAY"), false, false},
        {"result", N_("RESULT"), false, false}, {"reason", N_("WHY"), false, false},
        {"detail", N_("DETAIL"), false, true},  {"actor", N_("BY"), false, true},
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;
    struct control_log_query query;

    if (!query_read(ctl, &query) || !ctl_daemon(ctl))
        return OUTCOME_FAILED;
    rows = events_gather(ctl, query);
    if (!rows)
        return OUTCOME_FAILED;
    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows, "nothing happened");
    return OUTCOME_DONE;
}
