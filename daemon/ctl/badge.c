/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/uid.h"
#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "ctl/shown.h"
#include "util/translate.h"

const struct column badge_columns[] = {
    {"uid", N_("BADGE"), false, 0},
    {"status", N_("STATUS"), false, 0},
    {"valid_until", N_("UNTIL"), false, DROPS(4)},
    {"kind", N_("KIND"), false, DROPS(1)},
    {"label", N_("LABEL"), false, DROPS(2)},
};
const size_t n_badge_columns = ELEMENTSOF(badge_columns);

/* A number may come in several words ("04 A1 B2 …"): joins the arguments from `first` to `end`. */
static void words_join(const struct invocation *invocation, size_t first, size_t end, char *ret,
                       size_t size)
{
    ret[0] = '\0';
    for (size_t i = first; i < end; i++) {
        size_t used = strlen(ret);

        (void)snprintf(ret + used, size - used, "%s%s", used > 0 ? " " : "",
                       invocation->arguments[i]);
    }
}

bool ctl_uid(const struct invocation *invocation, size_t first, size_t end, struct uid *ret)
{
    char text[256];

    words_join(invocation, first, end, text, sizeof(text));
    if (uid_parse(text, ret) == 0)
        return true;
    (void)complain("“%.80s” is no badge's number: give 4, 7 or 10 bytes in hexadecimal, such as "
                   "04:A1:B2:C3:D4:E5:F6",
                   text);
    return false;
}

/* Reads a badge's number as the records hold it; false after saying what is wrong with it. */
static bool number_read(const struct invocation *invocation, size_t first, size_t end,
                        bool to_be_given, char ret[static UID_TEXT_SIZE])
{
    struct uid uid;

    if (!ctl_uid(invocation, first, end, &uid))
        return false;
    uid_format(&uid, ret);
    if (!to_be_given || !uid_is_weak(&uid))
        return true;
    if (uid_is_random(&uid))
        (void)complain("%s is a random number, another one at each tap (a phone, or a badge with "
                       "privacy): give a badge with a number of its own",
                       ret);
    else
        (void)complain("%s is no badge's own number: give another badge", ret);
    return false;
}

/* The row of one badge, which is there: the caller's. */
static json_t *badge_row(struct ctl *ctl, const char *uid)
{
    json_t *row = NULL;

    if (edit_badge(ctl->records, uid, &row) < 0)
        (void)complain("%s", edit_error(ctl->records));
    return row;
}

/* Adds at which reader the number was read and, where that is over, when. */
static void read_add(json_t *row, const struct control_enrolment *read)
{
    char at[TIME_TEXT_SIZE];

    time_format_utc(read->at, at);
    (void)json_object_set_new(row, "reader", json_string(read->reader));
    (void)json_object_set_new(row, "read_at", read->at ? json_string(at) : json_null());
}

/* Says how the badge is after a change, and where its number was read (`read` NULL: nowhere). */
static enum outcome badge_tell(struct ctl *ctl, const char *uid,
                               const struct control_enrolment *read)
{
    CLEANUP(cleanup_json) json_t *row = badge_row(ctl, uid);
    char name[MEMBER_NAME_SIZE], at[TIME_TEXT_SIZE], today[TIME_TEXT_SIZE];
    char words[MOMENT_WORDS_SIZE];
    const char *until, *status;

    if (!row)
        return OUTCOME_FAILED;
    if (ctl->invocation.json) {
        if (read)
            read_add(row, read);
        json_print(row);
        return OUTCOME_DONE;
    }
    edit_member_name(ctl->records, json_integer_value(json_object_get(row, "member")), name);
    until = json_string_value(json_object_get(row, "valid_until"));
    status = shown_word(json_string_value(json_object_get(row, "status")));
    if (until) {
        moment_day_words(until, time_wall(), words);
        shown_print(stdout, "badge %s of %s: %s, until %s", uid, name, status, words);
        moment_day(time_wall(), 0, today);
        if (strcmp(until, today) < 0)
            caution("the last day of badge %s is over: it opens no door", uid);
    } else
        shown_print(stdout, "badge %s of %s: %s", uid, name, status);
    if (read && read->at) {
        time_format_local(read->at, at);
        shown_print(stdout, "it was held to reader %s at %s", read->reader, at);
    }
    return OUTCOME_DONE;
}

enum outcome badge_give(struct ctl *ctl, int64_t member, const char *uid,
                        const struct control_enrolment *read)
{
    struct edit_value values[OPTIONS_MOST];
    char host[24];
    size_t n;

    if (ctl_values(ctl, values, &n, host) < 0)
        return OUTCOME_FAILED;
    if (edit_badge_add(ctl->records, member, uid, values, n) < 0)
        return complain("%s", edit_error(ctl->records));
    return badge_tell(ctl, uid, read);
}

enum outcome badge_add(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    bool last = option_value(invocation, "last") != NULL;
    struct control_enrolment stranger;
    char uid[UID_TEXT_SIZE];
    int64_t member;

    if (last == (invocation->n_arguments > 1)) {
        (void)complain("which badge? give either its number or --last, for the one that was just "
                       "refused as unknown");
        return OUTCOME_MISUSED;
    }
    if (!last && !number_read(invocation, 1, invocation->n_arguments, true, uid))
        return OUTCOME_FAILED;
    member = ctl_member(ctl, invocation->arguments[0]);
    if (member == 0)
        return OUTCOME_FAILED;
    if (!last)
        return badge_give(ctl, member, uid, NULL);
    if (!stranger_read(ctl, &stranger))
        return OUTCOME_FAILED;
    return badge_give(ctl, member, stranger.uid, &stranger);
}

enum outcome badge_set(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    size_t last = invocation->n_arguments - 1, n;
    struct edit_value values[OPTIONS_MOST + 1];
    char uid[UID_TEXT_SIZE], host[24];

    if (!number_read(invocation, 0, last, false, uid) || !ctl_records(ctl) ||
        ctl_values(ctl, values + 1, &n, host) < 0)
        return OUTCOME_FAILED;
    values[0] = (struct edit_value){"status", invocation->arguments[last]};
    if (edit_badge_set(ctl->records, uid, values, n + 1) < 0)
        return complain("%s", edit_error(ctl->records));
    return badge_tell(ctl, uid, NULL);
}

static enum outcome badges_json(struct ctl *ctl, const struct edit_badge_query *query)
{
    CLEANUP(cleanup_json_rows) struct json_rows *rows = json_rows_new();

    if (edit_each_badge(ctl->records, query, json_rows_take, rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_rows_end(rows);
    return OUTCOME_DONE;
}

/* The badges with their owners' names, for people. */
static enum outcome badges_print(struct ctl *ctl, struct edit_badge_query *query)
{
    struct column columns[TABLE_COLUMNS_MOST] = {{"member", N_("MEMBER"), true, DROPS(3)},
                                                 {"member_name", N_("NAME"), false, SHRINKS}};
    CLEANUP(cleanup_table) struct table *table = NULL;
    struct table_rows rows = {.columns = columns, .n = 2 + n_badge_columns};

    memcpy(columns + 2, badge_columns, n_badge_columns * sizeof(*columns));
    rows.table = table = table_new(columns, rows.n);
    if (query->until_from)
        rows.day = "valid_until";
    query->names = true;
    if (edit_each_badge(ctl->records, query, table_rows_take, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    table_show(table, query->until_from ? N_("no badge that works ends in that time")
                                        : N_("no badges yet: cantinectl badge add M UID"));
    return OUTCOME_DONE;
}

enum outcome badge_list(struct ctl *ctl)
{
    struct edit_badge_query query = {0};
    struct expiring expiring;

    if (!ctl_expiring(&ctl->invocation, &expiring) || !ctl_records(ctl))
        return OUTCOME_FAILED;
    query.until_from = expiring.from;
    query.until_to = expiring.to;
    if (ctl->invocation.n_arguments > 0 &&
        (query.member = ctl_member(ctl, ctl->invocation.arguments[0])) == 0)
        return OUTCOME_FAILED;
    return ctl->invocation.json ? badges_json(ctl, &query) : badges_print(ctl, &query);
}
