/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "util/translate.h"

#include <inttypes.h>

/* Resolves the days among the values, which `days` has room for; false after saying what is wrong.
 */
static bool days_read(struct edit_value *values, size_t n,
                      char days[static OPTIONS_MOST][TIME_TEXT_SIZE])
{
    usec_t now = time_wall();

    for (size_t i = 0; i < n; i++) {
        if (!values[i].text)
            continue;
        if (moment_day_parse(values[i].text, now, days[i]) < 0) {
            (void)complain("“%.80s” is no day: give %s", values[i].text, _(DAY_FORMS));
            return false;
        }
        values[i].text = days[i];
    }
    return true;
}

/* The plan that a pass is for, and how the member's own lets people in. */
static void plan_tell(struct ctl *ctl, const json_t *member)
{
    CLEANUP(cleanup_json) json_t *plans = NULL;
    const char *own = json_string_value(json_object_get(member, "plan")), *meant = NULL;
    const char *pass = plan_access_word(ACCESS_PASS);
    json_t *row;
    size_t i;

    if (edit_list_plans(ctl->records, &plans) < 0)
        return;
    json_array_foreach(plans, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "id"));
        bool is_pass = streq(json_string_value(json_object_get(row, "access")), pass);

        if (is_pass && own && streq(id, own))
            return;
        if (is_pass && !meant && json_integer_value(json_object_get(row, "active")) != 0)
            meant = id;
    }
    caution("the pass does nothing while %s has plan %s, which needs none: cantinectl member edit "
            "%" PRId64 " --plan %s",
            json_string_value(json_object_get(member, "name")), own,
            (int64_t)json_integer_value(json_object_get(member, "id")), meant ? meant : "PLAN");
}

static void past_tell(const struct edit_value *values, size_t n)
{
    char today[TIME_TEXT_SIZE];

    moment_day(time_wall(), 0, today);
    for (size_t i = 0; i < n; i++)
        if (values[i].text && streq(values[i].column, "valid_until") &&
            strcmp(values[i].text, today) < 0)
            caution("the pass is over already: its last day was %s", values[i].text);
}

enum outcome pass_add(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    const char *kind = invocation->arguments[1];
    char days[OPTIONS_MOST][TIME_TEXT_SIZE], host[24], key[24];
    struct edit_value values[OPTIONS_MOST + 3];
    CLEANUP(cleanup_json) json_t *row = NULL;
    int64_t member, id;
    size_t n;

    if (ctl_values(ctl, values + 3, &n, host) < 0 || !days_read(values + 3, n, days))
        return OUTCOME_FAILED;
    member = ctl_member(ctl, invocation->arguments[0]);
    if (member == 0)
        return OUTCOME_FAILED;
    (void)snprintf(key, sizeof(key), "%" PRId64, member);
    values[0] = (struct edit_value){"member", key};
    values[1] = (struct edit_value){"kind", streq(kind, "half-day") ? "half_day" : kind};
    values[2] = (struct edit_value){"quantity", invocation->arguments[2]};
    id = edit_pass_add(ctl->records, values, n + 3);
    if (id < 0)
        return complain("%s", edit_error(ctl->records));
    (void)printf("%" PRId64 "\n", id);
    past_tell(values, n + 3);
    row = member_row(ctl, member);
    if (row)
        plan_tell(ctl, row);
    return OUTCOME_DONE;
}

/* Adds how much is left of each pass, as far as the daemon can be asked. */
static void left_add(struct ctl *ctl, const json_t *rows)
{
    size_t n = json_array_size(rows), i;
    CLEANUP(cleanup_free) int64_t *ids = calloc(n + 1, sizeof(*ids));
    CLEANUP(cleanup_free) int64_t *used = calloc(n + 1, sizeof(*used));
    unsigned halves;
    json_t *row;
    int r = 0;

    if (!ids || !used || n == 0)
        return;
    json_array_foreach(rows, i, row) ids[i] = json_integer_value(json_object_get(row, "id"));
    if (!ctl->daemon)
        r = client_open(&ctl->daemon);
    if (r == 0)
        r = client_pass_uses(ctl->daemon, 0, 0, ids, n, used, &halves);
    if (r < 0) {
        caution("how much is left is not known: %s", client_error(ctl->daemon));
        return;
    }
    json_array_foreach(rows, i, row)
    {
        json_int_t quantity = json_integer_value(json_object_get(row, "quantity"));

        (void)json_object_set_new(row, "left", json_integer(MAX_OF(quantity - used[i], 0)));
    }
}

enum outcome pass_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"id", N_("ID"), true, false},
        {"who", N_("WHO"), false, true},
        {"kind", N_("KIND"), false, false},
        {"quantity", N_("QUANTITY"), true, false},
        {"left", N_("LEFT"), true, false},
        {"valid_from", N_("FROM"), false, false},
        {"valid_until", N_("UNTIL"), false, false},
    };
    const struct invocation *invocation = &ctl->invocation;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    char name[MEMBER_NAME_SIZE];
    int64_t member = 0;
    json_t *row;
    size_t i;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (invocation->n_arguments > 0 && (member = ctl_member(ctl, invocation->arguments[0])) == 0)
        return OUTCOME_FAILED;
    if (edit_list_passes(ctl->records, member, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (invocation->json) {
        json_print(rows);
        return OUTCOME_DONE;
    }
    json_array_foreach(rows, i, row)
    {
        edit_member_name(ctl->records, json_integer_value(json_object_get(row, "member")), name);
        (void)json_object_set_new(row, "who", json_string(name));
    }
    left_add(ctl, rows);
    table_print(columns, ELEMENTSOF(columns), rows,
                "no passes yet: cantinectl pass add M day QUANTITY");
    return OUTCOME_DONE;
}
