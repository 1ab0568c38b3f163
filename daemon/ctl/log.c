/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/moment.h"
#include "ctl/shown.h"
#include "util/translate.h"
#include "wire/payload.h"

#include <inttypes.h>
#include <time.h>

#define LINE_SIZE         1024
#define FOLLOW_PAUSE_NSEC 300000000 /* between two questions to cantined */

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
    char name[MEMBER_NAME_SIZE], at[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    const char *detail = event->detail;
    bool refused = event->result == RESULT_REFUSED;

    name_find(ctl, event->member, name);
    if (event->member > 0 && !*name)
        (void)snprintf(name, sizeof(name), "member %" PRId64, event->member);
    time_format_local(event->at, at);
    if (moment_utc(event->detail) > 0) { /* a hold's end */
        moment_minutes(moment_utc(event->detail), until);
        detail = until;
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s, s:s}", "at", at, "type",
                     event_type_word((enum event_type)event->type), "name", name, "door",
                     event->door, "reader", event->reader, "direction",
                     direction_word((enum direction)event->direction), "result",
                     result_word((enum result)event->result), "reason",
                     refused ? reason_word((enum reason)event->reason) : NULL, "detail", detail,
                     "actor", event->actor);
}

/* Appends one page of what the query finds to `rows`: how many, -1 after saying why not. */
static int page_gather(struct ctl *ctl, struct control_log_query *query, json_t *rows)
{
    json_t *(*row)(struct ctl *, const struct event *) =
        ctl->invocation.json ? event_json : event_row;
    CLEANUP(cleanup_free) struct event *events = NULL;
    size_t n;

    if (client_log(ctl->daemon, query, &events, &n) < 0) {
        (void)complain("%s", client_error(ctl->daemon));
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (json_array_append_new(rows, row(ctl, &events[i])) < 0) {
            (void)complain("not enough memory: ask for less with --since");
            return -1;
        }
    if (n > 0)
        query->after = events[n - 1].seq;
    return (int)n;
}

/*
 * Gathers what the query finds, page by page; without a beginning only the newest page. The
 * caller's; NULL after saying why not. `query` goes on behind it.
 */
static json_t *events_gather(struct ctl *ctl, struct control_log_query *query)
{
    CLEANUP(cleanup_json) json_t *rows = json_array();
    int n;

    do
        n = page_gather(ctl, query, rows);
    while (n > 0 && !query->from_end);
    query->from_end = false;
    return n < 0 ? NULL : TAKE_PTR(rows);
}

static bool query_read(struct ctl *ctl, struct control_log_query *ret)
{
    const char *since = option_value(&ctl->invocation, "since");
    const char *member = option_value(&ctl->invocation, "member");

    *ret = (struct control_log_query){
        .denied = option_value(&ctl->invocation, "denied") != NULL,
        .from_end = !since,
    };
    if (since && moment_parse_near(since, time_wall(), &ret->since) < 0) {
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

static void rows_print(struct ctl *ctl, const json_t *rows)
{
    static const struct column columns[] = {
        {"at", N_("WHEN"), false, 0},
        {"type", N_("WHAT"), false, 0},
        {"name", N_("WHO"), false, SHRINKS},
        {"door", N_("DOOR"), false, DROPS(6)},
        {"reader", N_("READER"), false, DROPS(1)},
        {"direction", N_("WAY"), false, DROPS(2)},
        {"result", N_("RESULT"), false, DROPS(3)},
        {"reason", N_("WHY"), false, SHRINKS},
        {"detail", N_("DETAIL"), false, DROPS(5)},
        {"actor", N_("BY"), false, DROPS(4)},
    };

    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows, "nothing happened");
}

/* One event in a line: in a list without an end no column can be laid out. */
static void line_print(struct ctl *ctl, const json_t *row)
{
    static const char *const keys[] = {"name",   "type",   "door",   "reader", "direction",
                                       "result", "reason", "detail", "actor"};
    char line[LINE_SIZE] = "";
    size_t used = 0;

    if (ctl->invocation.json) {
        json_print(row);
        return;
    }
    for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
        const char *text = json_string_value(json_object_get(row, keys[i]));

        if (text && *text && used < sizeof(line))
            used += (size_t)snprintf(line + used, sizeof(line) - used, "  %s", text);
    }
    shown_print(stdout, "%s%s", json_string_value(json_object_get(row, "at")), line);
}

/*
 * Prints what happened, then what happens, until it is ended or cantined is gone. JSON is one
 * object in a line (RFC 8259; an array would have no end).
 */
static enum outcome log_follow(struct ctl *ctl, struct control_log_query *query)
{
    const struct timespec pause = {.tv_nsec = FOLLOW_PAUSE_NSEC};

    for (;;) {
        CLEANUP(cleanup_json) json_t *rows = events_gather(ctl, query);
        const json_t *row;
        size_t i;

        if (!rows)
            return OUTCOME_FAILED;
        json_array_foreach(rows, i, row) line_print(ctl, row);
        if (fflush(stdout) == EOF)
            return OUTCOME_DONE; /* whoever read it has gone */
        (void)nanosleep(&pause, NULL);
    }
}

enum outcome log_list(struct ctl *ctl)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    struct control_log_query query;

    if (!query_read(ctl, &query) || !ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (option_value(&ctl->invocation, "follow"))
        return log_follow(ctl, &query);
    rows = events_gather(ctl, &query);
    if (!rows)
        return OUTCOME_FAILED;
    rows_print(ctl, rows);
    return OUTCOME_DONE;
}
