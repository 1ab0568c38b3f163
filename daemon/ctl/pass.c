/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include "ctl/rows.h"
#include "util/translate.h"

#include <errno.h>
#include <inttypes.h>

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
    char host[24], key[24];
    struct edit_value values[OPTIONS_MOST + 3];
    CLEANUP(cleanup_json) json_t *row = NULL;
    int64_t member, id;
    size_t n;

    if (ctl_values(ctl, values + 3, &n, host) < 0)
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

/* --- the list --------------------------------------------------------------------------------- */

/* The passes, and what has been used of each; `used` NULL: not known. */
struct pass_rows {
    edit_take_t take; /* gets each row with how much is left of it */
    void *to;
    int64_t *ids, *used;
    size_t n, room, at; /* `at`: the one that is shown next */
};

static void cleanup_pass_rows(struct pass_rows *passes)
{
    free(passes->ids);
    free(passes->used);
}

static int id_take(void *userdata, const struct edit_row *row)
{
    struct pass_rows *passes = userdata;

    if (passes->n == passes->room) {
        size_t room = MAX_OF(2 * passes->room, (size_t)64);
        int64_t *ids = reallocarray(passes->ids, room, sizeof(*ids));

        if (!ids)
            return -ENOMEM;
        passes->ids = ids;
        passes->room = room;
    }
    passes->ids[passes->n++] = row->cells[row_column(row, "id")].integer;
    return 0;
}

bool passes_used(struct ctl *ctl, const int64_t *ids, size_t n, int64_t *ret)
{
    unsigned halves;
    int r = 0;

    if (!ctl->daemon)
        r = client_open(&ctl->daemon);
    return r == 0 && client_pass_uses(ctl->daemon, 0, 0, ids, n, ret, &halves) == 0;
}

/* Asks how much has been used of each, as far as the daemon can be asked. */
static void uses_ask(struct ctl *ctl, struct pass_rows *passes)
{
    if (passes->n == 0)
        return;
    passes->used = calloc(passes->n, sizeof(*passes->used));
    if (passes->used && passes_used(ctl, passes->ids, passes->n, passes->used))
        return;
    if (!ctl->invocation.json) /* there it reads null */
        caution("how much is left is not known: %s", client_error(ctl->daemon));
    free(passes->used);
    passes->used = NULL;
}

/* The row with how much is left. */
static int pass_take(void *userdata, const struct edit_row *row)
{
    struct pass_rows *passes = userdata;
    const char *names[EDIT_CELLS_MOST + 1];
    struct edit_cell cells[EDIT_CELLS_MOST + 1], *left = &cells[row->n];
    int64_t quantity = row->cells[row_column(row, "quantity")].integer;
    bool known = passes->used && passes->at < passes->n &&
                 passes->ids[passes->at] == row->cells[row_column(row, "id")].integer;

    memcpy(names, row->names, row->n * sizeof(*names));
    memcpy(cells, row->cells, row->n * sizeof(*cells));
    names[row->n] = "left";
    *left = (struct edit_cell){.text = ""};
    if (known) {
        left->kind = EDIT_INTEGER;
        left->integer = MAX_OF(quantity - passes->used[passes->at], 0);
        passes->at++;
    }
    return passes->take(passes->to, &(struct edit_row){names, cells, row->n + 1});
}

/* Gives each pass, with the member's name where there are `names`, to `take`. */
static int passes_give(struct ctl *ctl, int64_t member, bool names, edit_take_t take, void *to)
{
    CLEANUP(cleanup_pass_rows) struct pass_rows passes = {.take = take, .to = to};
    int r = edit_each_pass(ctl->records, member, false, id_take, &passes);

    if (r < 0)
        return r;
    uses_ask(ctl, &passes);
    return edit_each_pass(ctl->records, member, names, pass_take, &passes);
}

static enum outcome passes_print(struct ctl *ctl, int64_t member)
{
    static const struct column columns[] = {
        {"id", N_("ID"), true, 0},
        {"who", N_("WHO"), false, SHRINKS},
        {"kind", N_("KIND"), false, 0},
        {"quantity", N_("QUANTITY"), true, DROPS(2)},
        {"left", N_("LEFT"), true, 0},
        {"valid_from", N_("FROM"), false, DROPS(1)},
        {"valid_until", N_("UNTIL"), false, DROPS(3)},
    };
    CLEANUP(cleanup_table) struct table *table = table_new(columns, ELEMENTSOF(columns));
    struct table_rows rows = {.table = table, .columns = columns, .n = ELEMENTSOF(columns)};
    int r = passes_give(ctl, member, true, table_rows_take, &rows);

    if (r < 0)
        return complain("%s", r == -ENOMEM ? _("not enough memory") : edit_error(ctl->records));
    table_show(table, "no passes yet: cantinectl pass add M day QUANTITY");
    return OUTCOME_DONE;
}

enum outcome pass_list(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    CLEANUP(cleanup_json_rows) struct json_rows *rows = NULL;
    int64_t member = 0;

    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (invocation->n_arguments > 0 && (member = ctl_member(ctl, invocation->arguments[0])) == 0)
        return OUTCOME_FAILED;
    if (!invocation->json)
        return passes_print(ctl, member);
    rows = json_rows_new();
    if (passes_give(ctl, member, false, json_rows_take, rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_rows_end(rows);
    return OUTCOME_DONE;
}
