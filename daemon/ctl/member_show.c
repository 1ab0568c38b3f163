/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One member on one screen. */

#include "ctl/portrait.h"
#include "ctl/shown.h"
#include "util/translate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>

#define HOUR_LENGTH 5 /* "16:00", at the end of moment_minutes() */

/* The portrait on its way to the screen. */
struct screen {
    const json_t *row;
    const char *why; /* cantined could not be asked, "" = it could */
    usec_t now;
    size_t width; /* of the terminal, 0 = any */
};

/* Prints a line behind its label, both translated; "" as label: one more line of what is above. */
static void line(const struct screen *screen, const char *label, const char *format, ...)
    PRINTF(3, 4);

static void line(const struct screen *screen, const char *label, const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, _(format), args) < 0)
        text = NULL; /* it leaves it undefined */
    va_end(args);
    shown_line(label, text ? text : _("not enough memory"), screen->width);
}

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static int64_t number_of(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

/* The moment of an RFC 3339 text of ours, in words; its wall clock, 0 = none. */
static usec_t moment_of(const struct screen *screen, const json_t *row, const char *key,
                        char ret[static MOMENT_WORDS_SIZE])
{
    usec_t at = moment_utc(text_of(row, key));

    ret[0] = '\0';
    if (at > 0)
        moment_words(at, screen->now, ret);
    return at;
}

/* The end of something that begins at `from`: an hour alone on the same day. */
static void end_words(const struct screen *screen, usec_t from, usec_t to,
                      char ret[static MOMENT_WORDS_SIZE])
{
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];

    moment_minutes(from, first);
    moment_minutes(to, last);
    if (strncmp(first, last, strlen(last) - HOUR_LENGTH) == 0) {
        const char *hour = last + strlen(last) - HOUR_LENGTH;

        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", *hour == '0' ? hour + 1 : hour);
    } else
        moment_words(to, screen->now, ret);
}

/* --- who -------------------------------------------------------------------------------------- */

static void status_print(const struct screen *screen)
{
    const char *status = text_of(screen->row, "status"), *plan = text_of(screen->row, "plan");
    const char *name = text_of(screen->row, "plan_name");
    int64_t id = number_of(screen->row, "id");

    if (streq(status, member_status_word(MEMBER_SUSPENDED)))
        line(screen, N_("status"), "suspended: not let in until cantinectl member resume %" PRId64,
             id);
    else if (streq(status, member_status_word(MEMBER_LEFT)))
        line(screen, N_("status"), "left: no longer a member");
    else
        line(screen, N_("status"), "active");
    if (name)
        line(screen, N_("plan"), "%s (%s)", name, plan);
    else
        line(screen, N_("plan"),
             "%s, which there is not: cantinectl member edit %" PRId64 " --plan …", plan, id);
}

static void validity_print(const struct screen *screen)
{
    const char *from = text_of(screen->row, "valid_from");
    const char *until = text_of(screen->row, "valid_until");
    char today[TIME_TEXT_SIZE], first[MOMENT_WORDS_SIZE], last[MOMENT_WORDS_SIZE];
    int64_t id = number_of(screen->row, "id");

    moment_day(screen->now, 0, today);
    if (from)
        moment_day_words(from, screen->now, first);
    if (until)
        moment_day_words(until, screen->now, last);
    if (until && strcmp(until, today) < 0)
        line(screen, N_("valid"),
             "until %s, so no longer: cantinectl member edit %" PRId64 " --until DAY", last, id);
    else if (from && strcmp(from, today) > 0)
        line(screen, N_("valid"), "from %s on, so not yet", first);
    else if (until)
        line(screen, N_("valid"), "until %s", last);
    else
        line(screen, N_("valid"), "without an end");
}

static void guests_print(const struct screen *screen)
{
    const json_t *guests = json_object_get(screen->row, "guests"), *guest;
    CLEANUP(cleanup_free) char *names = NULL;
    size_t i, size;
    FILE *stream;

    if (text_of(screen->row, "host_name"))
        line(screen, N_("guest of"), "%s (%" PRId64 ")", text_of(screen->row, "host_name"),
             number_of(screen->row, "host"));
    if (json_array_size(guests) == 0)
        return;
    stream = open_memstream(&names, &size);
    if (!stream)
        return;
    json_array_foreach(guests, i, guest)(void)
        fprintf(stream, "%s%s (%" PRId64 ")", i > 0 ? ", " : "", text_of(guest, "name"),
                number_of(guest, "id"));
    if (fclose(stream) == 0)
        line(screen, N_("guests"), "%s", names);
}

static void person_print(const struct screen *screen)
{
    static const struct {
        const char *key, *label;
    } texts[] = {{"email", N_("e-mail")},
                 {"company", N_("company")},
                 {"display_name", N_("on screens")},
                 {"language", N_("language")},
                 {"note", N_("note")}};

    shown_print(stdout, "%s (member %" PRId64 ")", text_of(screen->row, "name"),
                number_of(screen->row, "id"));
    status_print(screen);
    validity_print(screen);
    guests_print(screen);
    for (size_t i = 0; i < ELEMENTSOF(texts); i++)
        if (text_of(screen->row, texts[i].key))
            line(screen, texts[i].label, "%s", text_of(screen->row, texts[i].key));
}

/* --- passes and bookings ---------------------------------------------------------------------- */

static void pass_print(const struct screen *screen, const char *label, const json_t *pass)
{
    bool half = streq(text_of(pass, "kind"), pass_kind_word(PASS_HALF_DAY));
    const char *until = text_of(pass, "valid_until");
    int64_t quantity = number_of(pass, "quantity"), left = number_of(pass, "left");
    char words[MOMENT_WORDS_SIZE] = "", today[TIME_TEXT_SIZE];
    CLEANUP(cleanup_free) char *days = NULL;
    int r;

    moment_day(screen->now, 0, today);
    if (until)
        moment_day_words(until, screen->now, words);
    if (!json_is_integer(json_object_get(pass, "left")))
        r = asprintf(&days, half ? _("%" PRId64 " half days bought") : _("%" PRId64 " days bought"),
                     quantity);
    else
        r = asprintf(&days,
                     half ? _("%" PRId64 " of %" PRId64 " half days left")
                          : _("%" PRId64 " of %" PRId64 " days left"),
                     left, quantity);
    if (r < 0)
        return;
    if (until && strcmp(until, today) < 0)
        line(screen, label, "%s, over since %s (pass %" PRId64 ")", days, words,
             number_of(pass, "id"));
    else if (until)
        line(screen, label, "%s, until %s (pass %" PRId64 ")", days, words, number_of(pass, "id"));
    else
        line(screen, label, "%s (pass %" PRId64 ")", days, number_of(pass, "id"));
}

static void passes_print(const struct screen *screen)
{
    const json_t *pass;
    size_t i;

    json_array_foreach(json_object_get(screen->row, "passes"), i, pass)
        pass_print(screen, i == 0 ? N_("passes") : "", pass);
}

static void bookings_print(const struct screen *screen)
{
    const json_t *booking;
    size_t i;

    json_array_foreach(json_object_get(screen->row, "bookings"), i, booking)
    {
        usec_t from = (usec_t)number_of(booking, "starts_at") * USEC_PER_SEC;
        usec_t to = (usec_t)number_of(booking, "ends_at") * USEC_PER_SEC;
        char begins[MOMENT_WORDS_SIZE], ends[MOMENT_WORDS_SIZE];
        const char *title = text_of(booking, "title");

        moment_words(from, screen->now, begins);
        end_words(screen, from, to, ends);
        line(screen, i == 0 ? N_("bookings") : "", "%s–%s  %s%s%s (booking %" PRId64 ")", begins,
             ends, text_of(booking, "resource"), title ? ", " : "", title ? title : "",
             number_of(booking, "id"));
    }
}

/* --- what happened ---------------------------------------------------------------------------- */

static void inside_print(const struct screen *screen)
{
    const json_t *inside = json_object_get(screen->row, "inside");
    char since[MOMENT_WORDS_SIZE];

    (void)moment_of(screen, screen->row, "since", since);
    if (json_is_true(inside))
        line(screen, N_("now"), "inside since %s", since);
    else if (json_is_false(inside))
        line(screen, N_("now"), "not inside");
}

static void visits_print(const struct screen *screen)
{
    const json_t *visits = json_object_get(screen->row, "visits"), *visit;
    size_t i;

    json_array_foreach(visits, i, visit)
    {
        char entered[MOMENT_WORDS_SIZE], left[MOMENT_WORDS_SIZE];
        usec_t from = moment_of(screen, visit, "entered", entered);
        usec_t to = moment_of(screen, visit, "left", left);
        const char *label = i == 0 ? N_("visits") : "";

        if (from && to)
            end_words(screen, from, to, left);
        if (!from)
            line(screen, label, "until %s", left);
        else if (!to)
            line(screen, label, "%s, still inside", entered);
        else if (json_is_true(json_object_get(visit, "checked_out")))
            line(screen, label, "%s, not seen leaving", entered);
        else
            line(screen, label, "%s–%s", entered, left);
    }
    if (json_is_array(visits) && json_array_size(visits) == 0)
        line(screen, N_("visits"), "none that the log still has");
}

static void refusal_print(const struct screen *screen)
{
    const json_t *refusal = json_object_get(screen->row, "last_refusal");
    char at[MOMENT_WORDS_SIZE];

    if (!json_is_object(refusal))
        return;
    (void)moment_of(screen, refusal, "at", at);
    line(screen, N_("refused"), "%s at door %s: %s", at, text_of(refusal, "door"),
         text_of(refusal, "reason"));
    line(screen, "", "%s", text_of(refusal, "because"));
}

/* --- badges ----------------------------------------------------------------------------------- */

/* A badge that is active and past its last day works no more; that is its state for people. */
static void badges_print(const struct screen *screen)
{
    CLEANUP(cleanup_json) json_t *badges = json_deep_copy(json_object_get(screen->row, "badges"));
    char today[TIME_TEXT_SIZE], words[MOMENT_WORDS_SIZE];
    json_t *badge;
    size_t i;

    moment_day(screen->now, 0, today);
    json_array_foreach(badges, i, badge)
    {
        const char *until = text_of(badge, "valid_until");

        if (!until)
            continue;
        if (strcmp(until, today) < 0 &&
            streq(text_of(badge, "status"), badge_status_word(BADGE_ACTIVE)))
            (void)json_object_set_new(badge, "status", json_string(_("expired")));
        moment_day_words(until, screen->now, words);
        (void)json_object_set_new(badge, "valid_until", json_string(words));
    }
    (void)putchar('\n');
    table_print(badge_columns, n_badge_columns, badges, "no badge yet: cantinectl badge add M UID");
}

/* ---------------------------------------------------------------------------------------------- */

enum outcome member_show(struct ctl *ctl)
{
    int64_t member = ctl_member(ctl, ctl->invocation.arguments[0]);
    CLEANUP(cleanup_json) json_t *row = NULL;
    struct screen screen = {.now = time_wall(), .width = terminal_width()};

    if (member == 0)
        return OUTCOME_FAILED;
    screen.row = row = portrait(ctl, member, &screen.why);
    if (!row)
        return OUTCOME_FAILED;
    if (ctl->invocation.json) {
        json_print(row);
        return OUTCOME_DONE;
    }
    person_print(&screen);
    passes_print(&screen);
    bookings_print(&screen);
    inside_print(&screen);
    visits_print(&screen);
    refusal_print(&screen);
    if (*screen.why)
        line(&screen, N_("not known"), "whether inside, visits and refusals: %s", screen.why);
    badges_print(&screen);
    return OUTCOME_DONE;
}
