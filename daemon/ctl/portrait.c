/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/portrait.h"

#include "ctl/refusal.h"

#include <inttypes.h>

/* What a portrait is made of. */
struct sitting {
    struct ctl *ctl;
    int64_t member;
    usec_t now;
    json_t *row; /* the portrait */
};

static int row_set(const struct sitting *sitting, const char *key, json_t *value)
{
    return json_object_set_new(sitting->row, key, value);
}

/* The moment as text, null for none. */
static json_t *moment_json(usec_t at)
{
    char text[TIME_TEXT_SIZE];

    if (at == 0)
        return json_null();
    time_format_utc(at, text);
    return json_string(text);
}

/* --- the records ------------------------------------------------------------------------------ */

/* The plan's row among all; NULL where it leads nowhere. */
static const json_t *plan_find(const json_t *plans, const char *id)
{
    const json_t *plan;
    size_t i;

    json_array_foreach(
        plans, i,
        plan) if (id && streq(json_string_value(json_object_get(plan, "id")), id)) return plan;
    return NULL;
}

static int host_add(const struct sitting *sitting)
{
    int64_t host = json_integer_value(json_object_get(sitting->row, "host"));
    char name[MEMBER_NAME_SIZE] = "";
    json_t *guests = NULL;
    int r = edit_list_hosted(sitting->ctl->records, sitting->member, &guests);

    if (r < 0)
        return r;
    if (host > 0)
        edit_member_name(sitting->ctl->records, host, name);
    (void)row_set(sitting, "host_name", *name ? json_string(name) : json_null());
    return row_set(sitting, "guests", guests);
}

/* The row with what the records say beside it; a negative errno, edit_error() says why. */
static int records_add(const struct sitting *sitting)
{
    struct edit *records = sitting->ctl->records;
    json_t *badges = NULL, *passes = NULL, *bookings = NULL;
    int r = host_add(sitting);

    if (r == 0)
        r = edit_list_badges(records, sitting->member, &badges);
    if (r == 0)
        r = row_set(sitting, "badges", badges);
    if (r == 0)
        r = edit_list_passes(records, sitting->member, &passes);
    if (r == 0)
        r = row_set(sitting, "passes", passes);
    if (r == 0)
        r = edit_list_next_bookings(records, sitting->member,
                                    (int64_t)(sitting->now / USEC_PER_SEC), PORTRAIT_BOOKINGS,
                                    &bookings);
    return r < 0 ? r : row_set(sitting, "bookings", bookings);
}

/* --- who is inside, and what is left ---------------------------------------------------------- */

/* "left" of each pass, null where it isn't known. */
static bool passes_add(const struct sitting *sitting, bool reached)
{
    const json_t *passes = json_object_get(sitting->row, "passes");
    size_t n = json_array_size(passes), i;
    CLEANUP(cleanup_free) int64_t *ids = calloc(n + 1, sizeof(*ids));
    CLEANUP(cleanup_free) int64_t *used = calloc(n + 1, sizeof(*used));
    json_t *pass;
    bool known = true;

    if (!ids || !used)
        return false;
    json_array_foreach(passes, i, pass) ids[i] = json_integer_value(json_object_get(pass, "id"));
    if (n > 0)
        known = reached && passes_used(sitting->ctl, ids, n, used);
    json_array_foreach(passes, i, pass)
    {
        int64_t quantity = json_integer_value(json_object_get(pass, "quantity"));

        (void)json_object_set_new(
            pass, "left", known ? json_integer(MAX_OF(quantity - used[i], 0)) : json_null());
    }
    return known;
}

static bool presence_add(const struct sitting *sitting)
{
    CLEANUP(cleanup_free) struct control_presence *presence = NULL;
    const struct control_presence *found = NULL;
    size_t n;

    if (client_presence(sitting->ctl->daemon, &presence, &n) < 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (presence[i].member == sitting->member)
            found = &presence[i];
    (void)row_set(sitting, "inside", json_boolean(found));
    (void)row_set(sitting, "since", moment_json(found ? found->since : 0));
    return true;
}

/* --- what happened ---------------------------------------------------------------------------- */

struct visit {
    usec_t entered, left; /* 0 = not known, or still inside */
    bool checked_out;     /* nobody saw the way out */
};

/* Shifts the visits by one, the newest in front. */
static void visit_begin(struct visit visits[static PORTRAIT_VISITS], size_t *n)
{
    memmove(visits + 1, visits, (PORTRAIT_VISITS - 1) * sizeof(*visits));
    visits[0] = (struct visit){0};
    *n = MIN_OF(*n + 1, (size_t)PORTRAIT_VISITS);
}

static void visit_add(struct visit visits[static PORTRAIT_VISITS], size_t *n,
                      const struct event *event)
{
    bool enters = event->type == EVENT_ENTERED;

    if (!enters && event->type != EVENT_LEFT && event->type != EVENT_CHECKOUT)
        return;
    if (enters && *n > 0 && visits[0].left == 0)
        return; /* was inside already: another number of guests */
    if (enters || *n == 0 || visits[0].left > 0)
        visit_begin(visits, n);
    if (enters) {
        visits[0].entered = event->at;
        return;
    }
    visits[0].left = event->at;
    visits[0].checked_out = event->type == EVENT_CHECKOUT;
}

/* The newest visits among the rows that there are of the member. */
static json_t *visits_json(const struct event *events, size_t n)
{
    struct visit visits[PORTRAIT_VISITS];
    json_t *list = json_array();
    size_t n_visits = 0;

    for (size_t i = 0; i < n; i++)
        visit_add(visits, &n_visits, &events[i]);
    for (size_t i = 0; i < n_visits; i++)
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:b}", "entered",
                                                    moment_json(visits[i].entered), "left",
                                                    moment_json(visits[i].left), "checked_out",
                                                    (int)visits[i].checked_out));
    return list;
}

/* The newest rows of the member; a negative errno. */
static int events_ask(const struct sitting *sitting, bool denied, struct event **ret, size_t *ret_n)
{
    struct control_log_query query = {
        .member = sitting->member, .denied = denied, .from_end = true};

    return client_log(sitting->ctl->daemon, &query, ret, ret_n);
}

static json_t *refusal_json(const struct sitting *sitting, const struct event *event,
                            const json_t *plan)
{
    int64_t host_id = json_integer_value(json_object_get(sitting->row, "host"));
    CLEANUP(cleanup_json) json_t *host = NULL;
    struct refusal refusal = {
        .reason = (enum reason)event->reason,
        .door = event->door,
        .of_host = streq(event->detail, "host"),
        .member = sitting->row,
        .badges = json_object_get(sitting->row, "badges"),
        .access = plan ? json_string_value(json_object_get(plan, "access")) : "",
    };
    char because[REFUSAL_SIZE];

    if (host_id > 0 && edit_member(sitting->ctl->records, host_id, &host) == 0)
        refusal.host = host;
    moment_day(sitting->now, 0, refusal.today);
    refusal_write(&refusal, because);
    return json_pack("{s:o, s:s, s:s, s:s?, s:s?, s:s}", "at", moment_json(event->at), "door",
                     event->door, "reader", event->reader, "reason", reason_word(refusal.reason),
                     "detail", *event->detail ? event->detail : NULL, "because", because);
}

static bool history_add(const struct sitting *sitting, const json_t *plan)
{
    CLEANUP(cleanup_free) struct event *events = NULL, *refused = NULL;
    size_t n, n_refused;

    if (events_ask(sitting, false, &events, &n) < 0 ||
        events_ask(sitting, true, &refused, &n_refused) < 0)
        return false;
    (void)row_set(sitting, "visits", visits_json(events, n));
    (void)row_set(sitting, "last_refusal",
                  n_refused > 0 ? refusal_json(sitting, &refused[n_refused - 1], plan)
                                : json_null());
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Adds what cantined knows; why it doesn't say it, "" = it did. */
static const char *daemon_add(const struct sitting *sitting, const json_t *plan)
{
    struct ctl *ctl = sitting->ctl;
    bool reached = ctl->daemon || client_open(&ctl->daemon) == 0;

    if (reached)
        client_ask_nobody(ctl->daemon);
    (void)row_set(sitting, "inside", json_null());
    (void)row_set(sitting, "since", json_null());
    (void)row_set(sitting, "visits", json_null());
    (void)row_set(sitting, "last_refusal", json_null());
    if (reached)
        reached = presence_add(sitting) && history_add(sitting, plan);
    if (!passes_add(sitting, reached))
        reached = false;
    return reached ? "" : client_error(ctl->daemon);
}

json_t *portrait(struct ctl *ctl, int64_t member, const char **ret_why)
{
    CLEANUP(cleanup_json) json_t *row = member_row(ctl, member), *plans = NULL;
    struct sitting sitting = {.ctl = ctl, .member = member, .now = time_wall(), .row = row};
    const json_t *plan, *name;

    if (!row)
        return NULL;
    if (edit_list_plans(ctl->records, &plans) < 0 || records_add(&sitting) < 0) {
        (void)complain("%s", edit_error(ctl->records));
        return NULL;
    }
    plan = plan_find(plans, json_string_value(json_object_get(row, "plan")));
    name = json_object_get(plan, "name");
    (void)row_set(&sitting, "plan_name", name ? json_incref((json_t *)name) : json_null());
    *ret_why = daemon_add(&sitting, plan);
    return TAKE_PTR(row);
}
