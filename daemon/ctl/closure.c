/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/holidays.h"
#include "ctl/shown.h"
#include "util/translate.h"

#include <inttypes.h>

#define FIRST_DAY     "0000-01-01"
#define LAST_DAY      "9999-12-31"
#define BOOKINGS_MOST 5 /* that a warning names */

/* --- what is worth a word --------------------------------------------------------------------- */

static const char *last_day(const json_t *row)
{
    const json_t *last = json_object_get(row, "last_day");

    return json_string_value(json_is_string(last) ? last : json_object_get(row, "first_day"));
}

/* Says which other closures have some of these days. */
static void overlaps_tell(struct ctl *ctl, int64_t id, const char *first, const char *last)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (edit_list_closures(ctl->records, first, last, &rows) < 0)
        return;
    json_array_foreach(rows, i, row)
    {
        const char *label = json_string_value(json_object_get(row, "label"));

        if (json_integer_value(json_object_get(row, "id")) != id)
            caution("closure %" PRId64 " (%s to %s%s%s) has days of this one too",
                    (int64_t)json_integer_value(json_object_get(row, "id")),
                    json_string_value(json_object_get(row, "first_day")), last_day(row),
                    label ? ", " : "", label ? label : "");
    }
}

/* The first moment of a local day, or of the one after it. */
static int64_t day_begins(const char *day, int days)
{
    char other[TIME_TEXT_SIZE];
    usec_t moment = 0;

    if (moment_parse(day, 0, &moment) < 0)
        return 0;
    if (days > 0) {
        moment_day(moment, days, other);
        (void)moment_parse(other, 0, &moment);
    }
    return (int64_t)(moment / USEC_PER_SEC);
}

/* Says which bookings are confirmed on these days: they open the doors all the same. */
static void bookings_tell(struct ctl *ctl, const char *first, const char *last)
{
    struct edit_booking_query query = {
        .from = day_begins(first, 0), .until = day_begins(last, 1), .confirmed = true};
    CLEANUP(cleanup_json) json_t *rows = NULL;
    char named[256] = "";
    size_t used = 0, n;

    if (edit_list_bookings(ctl->records, &query, &rows) < 0)
        return;
    n = json_array_size(rows);
    for (size_t i = 0; i < MIN_OF(n, (size_t)BOOKINGS_MOST); i++) {
        const json_t *row = json_array_get(rows, i);

        used += (size_t)snprintf(named + used, sizeof(named) - used, "%s%" JSON_INTEGER_FORMAT,
                                 i > 0 ? ", " : "", json_integer_value(json_object_get(row, "id")));
    }
    if (n > 0)
        caution(
            ngettext("%zu confirmed booking on these days opens the door all the same (%s%s): see "
                     "`cantinectl booking list`, and `booking cancel` what shall not be",
                     "%zu confirmed bookings on these days open the door all the same (%s%s): see "
                     "`cantinectl booking list`, and `booking cancel` what shall not be",
                     n),
            n, named, n > BOOKINGS_MOST ? ", …" : "");
}

static void past_tell(const char *last)
{
    char today[TIME_TEXT_SIZE];

    moment_day(time_wall(), 0, today);
    if (strcmp(last, today) < 0)
        caution("these days are over already");
}

/* --- the commands ----------------------------------------------------------------------------- */

static bool day_read(const char *text, char ret[static TIME_TEXT_SIZE])
{
    if (moment_day_parse(text, time_wall(), ret) == 0)
        return true;
    (void)complain("“%.80s” is no day: give %s", text, _(DAY_FORMS));
    return false;
}

static enum outcome days_add(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    bool one_day = invocation->n_arguments == 1;
    const char *label = option_value(invocation, "label");
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
    struct edit_value values[] = {{"first_day", first},
                                  {"last_day", one_day ? NULL : last},
                                  {"label", label && *label ? label : NULL}};
    int64_t id;

    if (!day_read(invocation->arguments[0], first) ||
        !day_read(invocation->arguments[one_day ? 0 : 1], last))
        return OUTCOME_FAILED;
    if (strcmp(last, first) < 0)
        return complain("a closure from %s to %s would end before it begins: give the first day "
                        "first",
                        first, last);
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    id = edit_closure_add(ctl->records, values, ELEMENTSOF(values));
    if (id < 0)
        return complain("%s", edit_error(ctl->records));
    (void)printf("%" PRId64 "\n", id);
    past_tell(last);
    overlaps_tell(ctl, id, first, last);
    bookings_tell(ctl, first, last);
    return OUTCOME_DONE;
}

/* Says which days are closed now, and which were before. */
static void holidays_tell(struct ctl *ctl, const struct edit_closure *closures)
{
    CLEANUP(cleanup_json) json_t *rows = json_array();
    char words[MOMENT_WORDS_SIZE];

    for (size_t i = 0; i < HOLIDAYS; i++) {
        const struct edit_closure *closure = &closures[i];

        moment_day_words(closure->day, time_wall(), words);
        if (ctl->invocation.json)
            (void)json_array_append_new(
                rows, json_pack("{s:o, s:s, s:s}", "id",
                                closure->id > 0 ? json_integer(closure->id) : json_null(),
                                "first_day", closure->day, "label", closure->label));
        else if (closure->id > 0)
            shown_print(stdout, "closed: %s, %s (closure %" PRId64 ")", words, closure->label,
                        closure->id);
        else
            shown_print(stdout, "%s, %s: was closed already", words, closure->label);
        if (closure->id > 0)
            bookings_tell(ctl, closure->day, closure->day);
    }
    if (ctl->invocation.json)
        json_print(rows);
}

/* Closes the space on the public holidays of a year. */
static enum outcome holidays_add(struct ctl *ctl, const char *text)
{
    struct edit_closure closures[HOLIDAYS];
    struct holiday holidays[HOLIDAYS];
    char *end;
    long year = strtol(text, &end, 10);

    if (end == text || *end || year < HOLIDAY_YEAR_LEAST || year > HOLIDAY_YEAR_MOST)
        return complain("“%.80s” is no year: give %d to %d", text, HOLIDAY_YEAR_LEAST,
                        HOLIDAY_YEAR_MOST);
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    holidays_of((int)year, holidays);
    for (size_t i = 0; i < HOLIDAYS; i++)
        closures[i] = (struct edit_closure){.day = holidays[i].day, .label = holidays[i].label};
    if (edit_closures_add(ctl->records, closures, HOLIDAYS) < 0)
        return complain("%s", edit_error(ctl->records));
    holidays_tell(ctl, closures);
    past_tell(closures[HOLIDAYS - 1].day);
    return OUTCOME_DONE;
}

enum outcome closure_add(struct ctl *ctl)
{
    const char *year = option_value(&ctl->invocation, "french-holidays");
    size_t n = ctl->invocation.n_arguments;

    if (year && (n > 0 || option_value(&ctl->invocation, "label")))
        (void)complain("--french-holidays goes without days and label: the holidays have theirs");
    else if (!year && n == 0)
        (void)complain(
            "which days? cantinectl closure add FIRST [LAST], or --french-holidays YEAR");
    else
        return year ? holidays_add(ctl, year) : days_add(ctl);
    return OUTCOME_MISUSED;
}

enum outcome closure_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"id", N_("ID"), true, 0},
        {"first_day", N_("FIRST"), false, 0},
        {"last_day", N_("LAST"), false, 0},
        {"label", N_("LABEL"), false, SHRINKS},
    };
    bool all = option_value(&ctl->invocation, "all") != NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    char today[TIME_TEXT_SIZE];

    moment_day(time_wall(), 0, today);
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (edit_list_closures(ctl->records, all ? FIRST_DAY : today, LAST_DAY, &rows) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows,
                    all ? N_("no closed days yet: cantinectl closure add FIRST [LAST]")
                        : N_("no closed days from today on; past ones: cantinectl closure list "
                             "--all"));
    return OUTCOME_DONE;
}

/* The row of one closure: the caller's, NULL if there is none. */
static json_t *closure_row(struct ctl *ctl, int64_t id)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    json_t *row;
    size_t i;

    if (edit_list_closures(ctl->records, FIRST_DAY, LAST_DAY, &rows) < 0)
        return NULL;
    json_array_foreach(rows, i, row) if (json_integer_value(json_object_get(row, "id")) ==
                                         id) return json_incref(row);
    return NULL;
}

enum outcome closure_remove(struct ctl *ctl)
{
    const char *text = ctl->invocation.arguments[0];
    CLEANUP(cleanup_json) json_t *row = NULL;
    char *end;
    int64_t id = strtoll(text, &end, 10);

    if (end == text || *end || id <= 0)
        return complain("“%.80s” is no closure's number: see `cantinectl closure list`", text);
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    row = closure_row(ctl, id);
    if (row && !ctl_confirm(ctl, "Open the space again from %s to %s?",
                            json_string_value(json_object_get(row, "first_day")), last_day(row)))
        return OUTCOME_FAILED;
    if (edit_closure_remove(ctl->records, id) < 0)
        return complain("%s", edit_error(ctl->records));
    if (ctl->invocation.json && row)
        json_print(row);
    else if (row)
        shown_print(stdout, "closure %" PRId64 " is gone: %s to %s", id,
                    json_string_value(json_object_get(row, "first_day")), last_day(row));
    return OUTCOME_DONE;
}
