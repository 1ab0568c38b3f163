/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/limits.h"
#include "ctl/ctl.h"
#include "util/translate.h"

#include "ctl/moment.h"
#include "ctl/rows.h"
#include "ctl/shown.h"

#include <inttypes.h>

#define DAYS_MOST     36500
#define GUESTS_UNTOLD (-2)

static const struct column member_columns[] = {
    {"id", N_("ID"), true, 0},
    {"name", N_("NAME"), false, SHRINKS},
    {"plan", N_("PLAN"), false, DROPS(4)},
    {"status", N_("STATUS"), false, 0},
    {"valid_from", N_("FROM"), false, DROPS(3)},
    {"valid_until", N_("UNTIL"), false, DROPS(5)},
    {"company", N_("COMPANY"), false, DROPS(1)},
    {"email", N_("E-MAIL"), false, DROPS(2)},
};

/* Of those whose last day is near: until when is what matters. */
static const struct column expiring_columns[] = {
    {"id", N_("ID"), true, 0},
    {"name", N_("NAME"), false, SHRINKS},
    {"valid_until", N_("UNTIL"), false, 0},
    {"plan", N_("PLAN"), false, DROPS(3)},
    {"status", N_("STATUS"), false, DROPS(4)},
    {"company", N_("COMPANY"), false, DROPS(1)},
    {"email", N_("E-MAIL"), false, DROPS(2)},
};

json_t *member_row(struct ctl *ctl, int64_t member)
{
    json_t *row = NULL;

    if (edit_member(ctl->records, member, &row) < 0)
        (void)complain("%s", edit_error(ctl->records));
    return row;
}

/* Says how the member is after a change. */
static enum outcome member_tell(struct ctl *ctl, int64_t member)
{
    CLEANUP(cleanup_json) json_t *row = member_row(ctl, member);

    if (!row)
        return OUTCOME_FAILED;
    if (ctl->invocation.json)
        json_print(row);
    else
        shown_print(stdout, "%s (member %" PRId64 "): %s, plan %s",
                    json_string_value(json_object_get(row, "name")), member,
                    shown_word(json_string_value(json_object_get(row, "status"))),
                    json_string_value(json_object_get(row, "plan")));
    return OUTCOME_DONE;
}

/* Somebody may have been added a second time. */
static void namesake_tell(struct ctl *ctl, int64_t member)
{
    int64_t other = edit_namesake(ctl->records, member);

    if (other > 0)
        caution("member %" PRId64 " has the same name: if they are one person, take this one out "
                "with `cantinectl member leave %" PRId64 "`",
                other, member);
}

enum outcome member_add(struct ctl *ctl)
{
    struct edit_value values[OPTIONS_MOST + 1];
    char host[24];
    size_t n;
    int64_t member;

    if (!option_value(&ctl->invocation, "plan")) {
        (void)complain("a member needs a plan: give --plan, see `cantinectl plan list`");
        return OUTCOME_MISUSED;
    }
    if (!ctl_records(ctl) || ctl_values(ctl, values + 1, &n, host) < 0)
        return OUTCOME_FAILED;
    values[0] = (struct edit_value){"name", ctl->invocation.arguments[0]};
    member = edit_member_add(ctl->records, values, n + 1);
    if (member < 0)
        return complain("%s", edit_error(ctl->records));
    (void)printf("%" PRId64 "\n", member);
    namesake_tell(ctl, member);
    return OUTCOME_DONE;
}

bool ctl_expiring(const struct invocation *invocation, struct expiring *ret)
{
    const char *text = option_value(invocation, "expiring");
    usec_t now = time_wall();
    char *end;
    long days;

    *ret = (struct expiring){0};
    if (!text)
        return true;
    days = strtol(text, &end, 10);
    if (end == text || *end || days < 0 || days > DAYS_MOST) {
        (void)complain("“%s” is no number of days: give 0 to %d", text, DAYS_MOST);
        return false;
    }
    moment_day(now, 0, ret->first);
    moment_day(now, (int)days, ret->last);
    ret->from = ret->first;
    ret->to = ret->last;
    return true;
}

static enum outcome members_json(struct ctl *ctl, const struct edit_member_query *query)
{
    CLEANUP(cleanup_json_rows) struct json_rows *rows = json_rows_new();

    if (edit_each_member(ctl->records, query, json_rows_take, rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_rows_end(rows);
    return OUTCOME_DONE;
}

static enum outcome members_print(struct ctl *ctl, struct edit_member_query *query)
{
    bool all = !query->until_from;
    const struct column *columns = all ? member_columns : expiring_columns;
    size_t n = all ? ELEMENTSOF(member_columns) : ELEMENTSOF(expiring_columns);
    CLEANUP(cleanup_table) struct table *table = table_new(columns, n);
    struct table_rows rows = {.table = table, .columns = columns, .n = n};

    if (!all)
        rows.day = "valid_until";
    query->brief = true;
    if (edit_each_member(ctl->records, query, table_rows_take, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    table_show(table, all ? N_("no members yet: cantinectl member add NAME --plan PLAN")
                          : N_("no membership ends in that time"));
    return OUTCOME_DONE;
}

enum outcome member_list(struct ctl *ctl)
{
    struct edit_member_query query = {0};
    struct expiring expiring;

    if (!ctl_expiring(&ctl->invocation, &expiring) || !ctl_records(ctl))
        return OUTCOME_FAILED;
    query.until_from = expiring.from;
    query.until_to = expiring.to;
    return ctl->invocation.json ? members_json(ctl, &query) : members_print(ctl, &query);
}

enum outcome member_edit(struct ctl *ctl)
{
    int64_t member = ctl_member(ctl, ctl->invocation.arguments[0]);
    struct edit_value values[OPTIONS_MOST];
    char host[24];
    size_t n;

    if (member == 0 || ctl_values(ctl, values, &n, host) < 0)
        return OUTCOME_FAILED;
    if (n == 0) {
        (void)complain("nothing to change: give a field, see cantinectl member edit --help");
        return OUTCOME_MISUSED;
    }
    if (edit_member_set(ctl->records, member, values, n) < 0)
        return complain("%s", edit_error(ctl->records));
    return member_tell(ctl, member);
}

static enum outcome status_set(struct ctl *ctl, enum member_status status)
{
    int64_t member = ctl_member(ctl, ctl->invocation.arguments[0]);
    struct edit_value value = {"status", member_status_word(status)};

    if (member == 0)
        return OUTCOME_FAILED;
    if (edit_member_set(ctl->records, member, &value, 1) < 0)
        return complain("%s", edit_error(ctl->records));
    return member_tell(ctl, member);
}

enum outcome member_suspend(struct ctl *ctl)
{
    return status_set(ctl, MEMBER_SUSPENDED);
}

enum outcome member_resume(struct ctl *ctl)
{
    return status_set(ctl, MEMBER_ACTIVE);
}

enum outcome member_leave(struct ctl *ctl)
{
    return status_set(ctl, MEMBER_LEFT);
}

/* --- who is inside ---------------------------------------------------------------------------- */

static void presence_print(const char *name, int64_t member, bool inside, bool changed)
{
    if (inside && changed)
        shown_print(stdout, "%s (member %" PRId64 ") is now counted in", name, member);
    else if (inside)
        shown_print(stdout, "%s (member %" PRId64 ") was already counted in", name, member);
    else if (changed)
        shown_print(stdout, "%s (member %" PRId64 ") is now counted out", name, member);
    else
        shown_print(stdout, "%s (member %" PRId64 ") was already counted out", name, member);
}

/* `guests`: how many came along, or GUESTS_UNTOLD. */
static enum outcome presence_set(struct ctl *ctl, bool inside, int guests)
{
    int64_t member = ctl_member(ctl, ctl->invocation.arguments[0]);
    CLEANUP(cleanup_json) json_t *told = NULL;
    char name[MEMBER_NAME_SIZE];
    int changed;

    if (member == 0 || !ctl_daemon(ctl))
        return OUTCOME_FAILED;
    edit_member_name(ctl->records, member, name);
    changed = guests == GUESTS_UNTOLD ? client_set_presence(ctl->daemon, member, inside)
                                      : client_set_guests(ctl->daemon, member, (uint32_t)guests);
    if (changed < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:I, s:s, s:b, s:b}", "member_id", (json_int_t)member, "member_name", name,
                     "inside", (int)inside, "changed", changed);
    if (guests != GUESTS_UNTOLD)
        (void)json_object_set_new(told, "guests", json_integer(guests));
    if (ctl->invocation.json)
        json_print(told);
    else
        presence_print(name, member, inside, changed > 0);
    if (!ctl->invocation.json && guests > 0)
        shown_print(stdout, ngettext("with %d guest", "with %d guests", (unsigned long)guests),
                    guests);
    return OUTCOME_DONE;
}

/* Reads the option --guests: their number, -1 after saying what is wrong, -2: not given. */
static int guests_read(struct ctl *ctl)
{
    const char *text = option_value(&ctl->invocation, "guests");
    char *end;
    long n;

    if (!text)
        return GUESTS_UNTOLD;
    n = strtol(text, &end, 10);
    if (end != text && !*end && n >= 0 && n <= BROUGHT_MOST)
        return (int)n;
    (void)complain("“%.80s” is no number of guests: give 0 to %d", text, BROUGHT_MOST);
    return -1;
}

enum outcome member_in(struct ctl *ctl)
{
    int guests = guests_read(ctl);

    return guests == -1 ? OUTCOME_FAILED : presence_set(ctl, true, guests);
}

enum outcome member_out(struct ctl *ctl)
{
    return presence_set(ctl, false, GUESTS_UNTOLD);
}
