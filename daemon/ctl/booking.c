/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/roster/guests.h"
#include "ctl/rows.h"
#include "ctl/shown.h"
#include "ctl/slot.h"
#include "util/translate.h"

#include <errno.h>
#include <inttypes.h>

#define DAY_LENGTH 10 /* YYYY-MM-DD, at the head of time_format_local() */

#define LONG_BOOKING (12 * 60 * USEC_PER_MINUTE) /* rarely meant by a duration */

/* --- what is worth a word --------------------------------------------------------------------- */

/* Says it where the booking will open no door for this member, a host or not; true if it did. */
static bool standing_tell(const json_t *row, const struct slot *slot, bool is_host)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    const char *status = json_string_value(json_object_get(row, "status"));
    const char *from = json_string_value(json_object_get(row, "valid_from"));
    const char *until = json_string_value(json_object_get(row, "valid_until"));
    bool active = streq(status, member_status_word(MEMBER_ACTIVE));
    const char *who = is_host ? _("the host, ") : "";
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];

    moment_day(slot->starts, 0, first);
    moment_day(slot->ends - 1, 0, last);
    if (!active)
        caution(
            "%s%s is %s: the booking opens no door until `cantinectl member resume %" PRId64 "`",
            who, name, shown_word(status), (int64_t)json_integer_value(json_object_get(row, "id")));
    if (from && strcmp(first, from) < 0)
        caution("membership of %s%s begins %s: the booking opens no door before", who, name, from);
    if (until && strcmp(last, until) > 0)
        caution("membership of %s%s ends %s: the booking opens no door after", who, name, until);
    return !active || (from && strcmp(first, from) < 0) || (until && strcmp(last, until) > 0);
}

/* The same for the host of whoever's row this is. */
static bool host_tell(struct ctl *ctl, const json_t *row, const struct slot *slot)
{
    int64_t host = json_integer_value(json_object_get(row, "host"));
    CLEANUP(cleanup_json) json_t *of_host = host > 0 ? member_row(ctl, host) : NULL;

    return of_host && standing_tell(of_host, slot, true);
}

/* The same for the guests, and for their hosts: each of these once. */
static void guests_standing_tell(struct ctl *ctl, int64_t booking, const struct slot *slot,
                                 int64_t booker, bool booker_told)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    int64_t told = 0;
    size_t i, n_own = 0;
    json_t *row;

    if (edit_list_guests(ctl->records, booking, &rows) < 0)
        return;
    json_array_foreach(rows, i, row)
    {
        int64_t host = json_integer_value(json_object_get(row, "host"));

        (void)standing_tell(row, slot, false);
        n_own += host == booker;
        if (host != booker && host != told) /* the rows are in the order of their hosts */
            (void)host_tell(ctl, row, slot);
        told = host;
    }
    if (booker_told && n_own > 0)
        caution(ngettext("no more does it for %zu guest, whose host this is",
                         "no more does it for %zu guests, whose host this is", n_own),
                n_own);
}

/* Says it where the booking will open no door for who books or is invited, or for their hosts. */
static void standings_tell(struct ctl *ctl, int64_t booking, const struct slot *slot,
                           int64_t booker)
{
    CLEANUP(cleanup_json) json_t *row = member_row(ctl, booker);
    bool told = row && standing_tell(row, slot, false);

    if (row)
        (void)host_tell(ctl, row, slot);
    guests_standing_tell(ctl, booking, slot, booker, told);
}

static void closures_tell(struct ctl *ctl, const struct slot *slot)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
    json_t *row;
    size_t i;

    moment_day(slot->starts, 0, first);
    moment_day(slot->ends - 1, 0, last);
    if (edit_list_closures(ctl->records, first, last, &rows) < 0)
        return;
    json_array_foreach(rows, i, row)
    {
        const char *label = json_string_value(json_object_get(row, "label"));
        const char *from = json_string_value(json_object_get(row, "first_day"));
        const char *to = json_string_value(json_object_get(row, "last_day"));

        caution("the space is closed then (%s to %s%s%s): the booking opens the door all the same",
                from, to ? to : from, label ? ", " : "", label ? label : "");
    }
}

static void past_tell(const struct slot *slot, usec_t now)
{
    if (slot->ends <= now)
        caution("this booking is in the past");
    else if (slot->starts < now)
        caution("this booking begins in the past: it has begun already");
}

/* --- the commands ----------------------------------------------------------------------------- */

/* Reads when it is; false after saying what is wrong. */
static bool slot_read(const struct invocation *invocation, usec_t now, struct slot *ret)
{
    char error[512], starts[TIME_TEXT_SIZE], ends[TIME_TEXT_SIZE];

    if (slot_parse(invocation->arguments + 2, invocation->n_arguments - 2, now, ret, error,
                   sizeof(error)) < 0) {
        (void)complain("%s", error);
        return false;
    }
    if (ret->ends > ret->starts)
        return true;
    time_format_local(ret->starts, starts);
    time_format_local(ret->ends, ends);
    (void)complain("a booking from %s to %s would end before it begins: an end on another day "
                   "needs its day, such as \"tomorrow 2:00\"",
                   starts, ends);
    return false;
}

/* Writes what was read; its number, or 0 after saying why not. */
static int64_t booking_write(struct ctl *ctl, const struct slot *slot, int64_t member,
                             const struct guests *guests)
{
    const struct invocation *invocation = &ctl->invocation;
    const char *title = option_value(invocation, "title");
    struct edit_booking booking = {
        .resource = invocation->arguments[0],
        .member = member,
        .starts_at = (int64_t)(slot->starts / USEC_PER_SEC),
        .ends_at = (int64_t)(slot->ends / USEC_PER_SEC),
        .title = title && *title ? title : NULL,
        .is_public = option_value(invocation, "public") != NULL,
        .guests = guests->invited.n > 0 ? &guests->invited : NULL,
    };
    int64_t id = edit_booking_add(ctl->records, &booking);

    if (id > 0)
        return id;
    if (id == -ECANCELED)
        (void)guests_refused(guests);
    else
        (void)complain("%s", edit_error(ctl->records));
    return 0;
}

/* "18h" is a duration: somebody may have meant an hour. */
static void length_tell(const struct slot *slot, usec_t now)
{
    const char *unit = slot->end_text + strspn(slot->end_text, "0123456789");
    char ends[MOMENT_WORDS_SIZE];

    if (slot->ends < slot->starts + LONG_BOOKING || !streq(unit, "h"))
        return;
    moment_words(slot->ends, now, ends);
    caution("this booking lasts %s, until %s: an end at an hour is written 18:00", slot->end_text,
            ends);
}

enum outcome booking_add(struct ctl *ctl)
{
    CLEANUP(cleanup_guests) struct guests guests = {0};
    const struct invocation *invocation = &ctl->invocation;
    usec_t now = time_wall();
    struct slot slot;
    int64_t id, member;

    if (!slot_read(invocation, now, &slot) || !guests_read(invocation, &guests))
        return OUTCOME_FAILED;
    member = ctl_member(ctl, invocation->arguments[1]);
    if (member == 0 || !guests_find(ctl, member, invocation->arguments[0], &slot, &guests))
        return OUTCOME_FAILED;
    id = booking_write(ctl, &slot, member, &guests);
    if (id == 0)
        return OUTCOME_FAILED;
    (void)printf("%" PRId64 "\n", id);
    guests_tell(&guests);
    moment_tell(slot.start_text, slot.start_note, slot.starts);
    moment_tell(slot.end_text, slot.end_note, slot.ends);
    past_tell(&slot, now);
    length_tell(&slot, now);
    standings_tell(ctl, id, &slot, member);
    closures_tell(ctl, &slot);
    return OUTCOME_DONE;
}

/* The bookings for people, and where the columns are that they read differently. */
struct booking_rows {
    struct table_rows rows;
    int starts_at, ends_at, is_public;
    int64_t from_at; /* what `from` says: many begin together */
    char from[TIME_TEXT_SIZE];
};

/* An end on the day of the beginning is an hour alone. */
static int booking_take(void *userdata, const struct edit_row *row)
{
    struct booking_rows *bookings = userdata;
    struct edit_cell cells[EDIT_CELLS_MOST];
    struct edit_row dressed = {row->names, cells, row->n};
    char to[TIME_TEXT_SIZE];
    const char *end = to, *from = bookings->from;

    if (!bookings->rows.found) {
        bookings->starts_at = row_column(row, "starts_at");
        bookings->ends_at = row_column(row, "ends_at");
        bookings->is_public = row_column(row, "public");
    }
    memcpy(cells, row->cells, row->n * sizeof(*cells));
    if (!*from || bookings->from_at != cells[bookings->starts_at].integer) {
        bookings->from_at = cells[bookings->starts_at].integer;
        moment_minutes((usec_t)bookings->from_at * USEC_PER_SEC, bookings->from);
    }
    moment_minutes((usec_t)cells[bookings->ends_at].integer * USEC_PER_SEC, to);
    if (memcmp(from, to, DAY_LENGTH) == 0)
        end = to + DAY_LENGTH + 1;
    cells[bookings->starts_at] = (struct edit_cell){EDIT_TEXT, 0, from, strlen(from)};
    cells[bookings->ends_at] = (struct edit_cell){EDIT_TEXT, 0, end, strlen(end)};
    if (cells[bookings->is_public].integer != 0)
        cells[bookings->is_public] = (struct edit_cell){EDIT_TEXT, 0, _("yes"), strlen(_("yes"))};
    else
        cells[bookings->is_public] = (struct edit_cell){.text = ""};
    return table_rows_take(&bookings->rows, &dressed);
}

/* The bookings with names and local times, for people. */
static enum outcome bookings_print(struct ctl *ctl, const struct edit_booking_query *query)
{
    static const struct column columns[] = {
        {"id", N_("ID"), true, 0},
        {"resource", N_("RESOURCE"), false, SHRINKS},
        {"starts_at", N_("FROM"), false, 0},
        {"ends_at", N_("TO"), false, 0},
        {"who", N_("WHO"), false, DROPS(5)},
        {"title", N_("TITLE"), false, DROPS(3)},
        {"status", N_("STATUS"), false, DROPS(4)},
        {"public", N_("PUBLIC"), false, DROPS(1)},
        {"guests", N_("GUESTS"), true, DROPS(2)},
    };
    CLEANUP(cleanup_table) struct table *table = table_new(columns, ELEMENTSOF(columns));
    struct booking_rows bookings = {
        .rows = {.table = table, .columns = columns, .n = ELEMENTSOF(columns)}};

    if (edit_each_booking(ctl->records, query, true, booking_take, &bookings) < 0)
        return complain("%s", edit_error(ctl->records));
    table_show(table, "nothing is booked");
    return OUTCOME_DONE;
}

static enum outcome bookings_json(struct ctl *ctl, const struct edit_booking_query *query)
{
    CLEANUP(cleanup_json_rows) struct json_rows *rows = json_rows_new();

    if (edit_each_booking(ctl->records, query, false, json_rows_take, rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_rows_end(rows);
    return OUTCOME_DONE;
}

/* Reads a day as people give it into the first and the last moment of it. */
static bool day_read(const char *text, struct edit_booking_query *ret)
{
    char next[TIME_TEXT_SIZE];
    usec_t from, until;

    if (strchr(text, ':') || moment_parse(text, time_wall(), &from) < 0) {
        (void)complain("“%.80s” is no day: give 2026-11-23, today or tomorrow", text);
        return false;
    }
    moment_day(from, 1, next);
    if (moment_parse(next, from, &until) < 0)
        return false;
    ret->from = (int64_t)(from / USEC_PER_SEC);
    ret->until = (int64_t)(until / USEC_PER_SEC);
    return true;
}

enum outcome booking_list(struct ctl *ctl)
{
    const char *day = option_value(&ctl->invocation, "day");
    struct edit_booking_query query = {.resource = option_value(&ctl->invocation, "resource")};

    if ((day && !day_read(day, &query)) || !ctl_records(ctl))
        return OUTCOME_FAILED;
    return ctl->invocation.json ? bookings_json(ctl, &query) : bookings_print(ctl, &query);
}

/* Says how the booking is after a change. */
static enum outcome booking_tell(struct ctl *ctl, int64_t id)
{
    struct edit_booking_query query = {.booking = id};
    CLEANUP(cleanup_json) json_t *rows = NULL;

    if (!ctl->invocation.json)
        return bookings_print(ctl, &query);
    if (edit_list_bookings(ctl->records, &query, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    json_print(json_array_get(rows, 0));
    return OUTCOME_DONE;
}

enum outcome booking_cancel(struct ctl *ctl)
{
    const char *text = ctl->invocation.arguments[0];
    char *end;
    int64_t id = strtoll(text, &end, 10);

    if (end == text || *end || id <= 0)
        return complain("“%.80s” is no booking's number: see `cantinectl booking list`", text);
    if (!ctl_records(ctl) ||
        !ctl_confirm(ctl, "Cancel booking %" PRId64 "? Only a new one brings it back.", id))
        return OUTCOME_FAILED;
    if (edit_booking_cancel(ctl->records, id) < 0)
        return complain("%s", edit_error(ctl->records));
    return booking_tell(ctl, id);
}
