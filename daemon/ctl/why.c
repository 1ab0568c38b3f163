/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/because.h"
#include "ctl/ctl.h"
#include "ctl/shown.h"
#include "store/records.h"
#include "util/translate.h"

#define PASSES_MOST 1000 /* of one member */

/* What is asked, and what has been found out for it; the same at every door. */
struct asking {
    struct ctl *ctl;
    struct records *records;
    struct uid uid;
    struct now now;
    struct pass_uses *uses; /* NULL: not known */
    bool at_given;          /* --at: this time is trusted */
    bool daemon_asked, presence_known, flags_known, inside, full, lockdown;
    char member[MEMBER_NAME_SIZE], host[MEMBER_NAME_SIZE];
    struct booking_window next; /* id 0 = none */
};

/* The reader whose answer is meant: the door's first that lets in, or else its first. */
static const struct config_reader *reader_at(const struct config *config, const char *door)
{
    const struct config_reader *found = NULL;

    for (size_t i = 0; i < config->n_readers; i++) {
        const struct config_reader *reader = &config->readers[i];

        if (!streq(reader->door, door))
            continue;
        if (reader->direction != DIRECTION_OUT)
            return reader;
        if (!found)
            found = reader;
    }
    return found;
}

/* --- beyond the records ----------------------------------------------------------------------- */

/* What has been used of the member's passes, and today's halves. */
static int passes_ask(struct asking *asking, int64_t member)
{
    struct client *daemon = asking->ctl->daemon;
    int64_t passes[PASSES_MOST], used[PASSES_MOST];
    unsigned halves = 0;
    int n = records_passes(asking->records, member, passes, PASSES_MOST), r;

    if (n < 0)
        return n;
    r = client_pass_uses(daemon, member, asking->now.pass_day, passes, (size_t)n, used, &halves);
    if (r == 0)
        r = pass_uses_new(&asking->uses);
    for (int i = 0; i < n && r == 0; i++)
        r = pass_uses_count(asking->uses, passes[i], used[i]);
    if (r == 0 && halves)
        r = pass_uses_mark(asking->uses, member, asking->now.pass_day, halves);
    return r;
}

static int presence_ask(struct asking *asking, int64_t member)
{
    struct ctl *ctl = asking->ctl;
    struct control_occupancy occupancy;
    int r = client_is_inside(ctl->daemon, member, &asking->inside);

    if (r == 0)
        r = client_occupancy(ctl->daemon, &occupancy);
    if (r < 0)
        return r;
    asking->presence_known = true;
    asking->full = ctl->config->site.full_denies && occupancy.capacity > 0 &&
                   occupancy.count >= occupancy.capacity;
    return 0;
}

/* A time that was given is trusted; the clock only as far as the daemon trusts it. */
static int flags_ask(struct asking *asking)
{
    struct client *daemon = asking->ctl->daemon;
    bool trusted = true;
    int r = client_flag(daemon, "Lockdown", &asking->lockdown);

    if (r == 0 && !asking->at_given)
        r = client_flag(daemon, "ClockTrusted", &trusted);
    asking->now.clock_untrusted = !trusted;
    asking->flags_known = r == 0;
    return r;
}

/* Once, for all doors. */
static void daemon_ask(struct asking *asking, const struct facts *facts)
{
    struct ctl *ctl = asking->ctl;
    int r = 0;

    if (asking->daemon_asked)
        return;
    asking->daemon_asked = true;
    if (!ctl->daemon)
        r = client_open(&ctl->daemon);
    if (r == 0)
        r = presence_ask(asking, facts->member.id);
    if (r == 0)
        r = flags_ask(asking);
    if (r == 0 && facts->plan.access == ACCESS_PASS)
        r = passes_ask(asking, facts->member.id);
    if (r < 0)
        caution(facts->plan.access == ACCESS_PASS
                    ? N_("who is inside, what has been used of passes and whether there is a "
                         "lockdown is not known: %s")
                    : N_("who is inside and whether there is a lockdown is not known: %s"),
                client_error(ctl->daemon));
}

static void next_booking_find(struct asking *asking, int64_t member)
{
    const struct edit_booking_query query = {
        .member = member,
        .from = (int64_t)(asking->now.wall / USEC_PER_SEC),
        .confirmed = true,
    };
    CLEANUP(cleanup_json) json_t *rows = NULL;
    const json_t *row;

    if (!ctl_records_try(asking->ctl) ||
        edit_list_bookings(asking->ctl->records, &query, &rows) < 0 || json_array_size(rows) == 0)
        return;
    row = json_array_get(rows, 0);
    asking->next.id = json_integer_value(json_object_get(row, "id"));
    asking->next.starts_at = json_integer_value(json_object_get(row, "starts_at"));
    asking->next.ends_at = json_integer_value(json_object_get(row, "ends_at"));
    (void)snprintf(asking->next.resource, sizeof(asking->next.resource), "%s",
                   json_string_value(json_object_get(row, "resource")));
}

/* Today's closure: the caller's array, of whose first row the label is meant; NULL = none. */
static json_t *closures_today(struct asking *asking)
{
    char day[TIME_TEXT_SIZE];
    json_t *rows = NULL;

    moment_day(asking->now.wall, 0, day);
    if (ctl_records_try(asking->ctl))
        (void)edit_list_closures(asking->ctl->records, day, day, &rows);
    return rows;
}

static void names_find(struct asking *asking, const struct facts *facts)
{
    records_member_names(asking->records, facts->member.id, asking->member, NULL);
    if (facts->member.has_host)
        records_member_names(asking->records, facts->member.host_id, asking->host, NULL);
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *decision_json(const struct decision *decision, const struct because *because)
{
    CLEANUP(cleanup_json) json_t *rules = json_array();
    char text[BECAUSE_SIZE];

    for (size_t i = 0; i < decision->n_steps; i++) {
        const struct decision_step *step = &decision->steps[i];

        because_write(because, step, text);
        (void)json_array_append_new(rules,
                                    json_pack("{s:s, s:s, s:s}", "rule", step->rule, "verdict",
                                              verdict_word(step->verdict), "because", text));
    }
    return json_pack("{s:s, s:s, s:s?, s:O}", "result", decision->granted ? "granted" : "refused",
                     "reason", reason_word(decision->reason), "detail", decision->detail, "rules",
                     rules);
}

static void decision_print(const struct decision *decision, const struct because *because,
                           bool name_door)
{
    char text[BECAUSE_SIZE];

    if (name_door)
        shown_print(stdout, "door %s:", because->door);
    shown_print(stdout, "%s: %s%s%s%s", decision->granted ? _("granted") : _("refused"),
                reason_word(decision->reason), decision->detail ? " (" : "",
                decision->detail ? decision->detail : "", decision->detail ? ")" : "");
    for (size_t i = 0; i < decision->n_steps; i++) {
        const struct decision_step *step = &decision->steps[i];

        because_write(because, step, text);
        shown_print(stdout, "  %s %-15s%s", step->verdict == VERDICT_REFUSES ? "✗" : "✓",
                    step->rule, text);
    }
}

/* Twice for who is known: what the daemon knows is asked for by member. */
static int facts_find(struct asking *asking, const char *door, struct facts *ret)
{
    int r = records_facts(asking->records, door, &asking->now, asking->uses, ret);

    if (r < 0 || !ret->badge.known)
        return r;
    daemon_ask(asking, ret);
    return records_facts(asking->records, door, &asking->now, asking->uses, ret);
}

static enum outcome door_answer(struct asking *asking, const char *door, bool name_door)
{
    const struct config_reader *reader = reader_at(asking->ctl->config, door);
    struct facts facts = {
        .presented = {.uid = asking->uid, .assurance = ASSURANCE_UID},
        .place = {.direction = reader ? reader->direction : DIRECTION_IN,
                  .clock_denies = asking->ctl->config->site.clock_untrusted_denies},
    };
    CLEANUP(cleanup_json) json_t *closures = NULL, *answer = NULL;
    struct because because;
    struct decision decision;

    if (facts_find(asking, door, &facts) < 0)
        return complain("the records can't be asked: see whether there is memory left");
    if (facts.badge.known) {
        next_booking_find(asking, facts.member.id);
        names_find(asking, &facts);
        facts.place.inside = asking->inside;
        facts.place.full = asking->full;
        facts.place.lockdown = asking->lockdown && facts.place.direction != DIRECTION_OUT;
    }
    decide(&facts, &asking->now, &decision);
    if (facts.space.closure_today)
        closures = closures_today(asking);
    because = (struct because){
        .facts = &facts,
        .now = &asking->now,
        .door = door,
        .reader = reader ? reader->name : NULL,
        .presence_known = asking->presence_known,
        .lockdown_known = asking->flags_known,
        .clock_known = asking->flags_known || asking->at_given,
        .member = asking->member,
        .host = asking->host,
        .closure = json_string_value(json_object_get(json_array_get(closures, 0), "label")),
        .next = asking->next.id > 0 ? &asking->next : NULL,
    };
    if (!asking->ctl->invocation.json) {
        decision_print(&decision, &because, name_door);
        return OUTCOME_DONE;
    }
    answer = decision_json(&decision, &because);
    if (!answer)
        return complain("not enough memory");
    json_print(answer);
    return OUTCOME_DONE;
}

/* --- the question ----------------------------------------------------------------------------- */

static bool now_read(struct asking *asking, const char *at)
{
    usec_t wall = time_wall();
    int note = at ? moment_parse_near(at, wall, &wall) : MOMENT_PLAIN;

    if (note < 0) {
        (void)complain("“%.80s” is no time: give %s", at, _(MOMENT_FORMS));
        return false;
    }
    moment_tell(at, (enum moment_note)note, wall);
    asking->at_given = at != NULL;
    asking->now = (struct now){
        .monotonic = time_monotonic(),
        .wall = wall,
        .pass_day = time_day_since(wall, asking->ctl->config->site.cutoff),
    };
    return time_local(wall, &asking->now.local) == 0;
}

static bool door_exists(const struct config *config, const char *door)
{
    char names[CONFIG_DOORS_MOST * (SLUG_SIZE + 2)] = "";

    if (config_door(config, door))
        return true;
    for (size_t i = 0; i < config->n_doors; i++) {
        size_t used = strlen(names);

        (void)snprintf(names + used, sizeof(names) - used, "%s%s", used > 0 ? ", " : "",
                       config->doors[i].name);
    }
    if (*names)
        (void)complain("there is no door “%.80s” in the configuration: give one of: %s", door,
                       names);
    else
        (void)complain("there is no door “%.80s” in the configuration: add a [door NAME] there "
                       "first",
                       door);
    return false;
}

static enum outcome doors_answer(struct asking *asking, const char *door)
{
    const struct config *config = asking->ctl->config;
    enum outcome outcome = OUTCOME_DONE;

    if (door || config->n_doors == 1)
        return door_answer(asking, door ? door : config->doors[0].name, false);
    if (asking->ctl->invocation.json) {
        caution("this is the answer at door %s: give --door for another", config->doors[0].name);
        return door_answer(asking, config->doors[0].name, false);
    }
    for (size_t i = 0; i < config->n_doors && outcome == OUTCOME_DONE; i++)
        outcome = door_answer(asking, config->doors[i].name, true);
    return outcome;
}

enum outcome why_show(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    const char *door = option_value(invocation, "door");
    struct asking asking = {.ctl = ctl};
    enum outcome outcome;
    char error[1024];

    if (!ctl_uid(invocation, 0, invocation->n_arguments, &asking.uid) ||
        !now_read(&asking, option_value(invocation, "at")))
        return OUTCOME_FAILED;
    if (door && !door_exists(ctl->config, door))
        return OUTCOME_FAILED;
    if (ctl->config->n_doors == 0)
        return complain("there is no door in the configuration: add a section [door NAME]");
    if (records_load_once(ctl->config->storage.records, &asking.records, error, sizeof(error)) < 0)
        return complain("%s", error);
    outcome = doors_answer(&asking, door);
    (void)pass_uses_free(asking.uses);
    (void)records_free(asking.records);
    return outcome;
}
