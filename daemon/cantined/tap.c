/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A presentation, from the card to what is recorded; the rest waits in passage.c for the record. */

#include "cantined/application.h"
#include "core/decide.h"
#include "core/effects.h"
#include "util/log.h"

static bool space_full(const struct application *application)
{
    const struct config *config = application->config;

    return config->site.full_denies && config->site.capacity > 0 &&
           presence_count(&application->presence) >= config->site.capacity;
}

static void facts_gather(struct application *application, size_t i, const struct reader_card *card,
                         const struct now *now, struct facts *ret)
{
    const struct config_reader *reader = &application->config->readers[i];
    int r;

    *ret = (struct facts){
        .presented = {.uid = card->uid, .assurance = ASSURANCE_UID},
        .place = {.direction = reader->direction,
                  .full = space_full(application),
                  .lockdown = application->lockdown,
                  .clock_denies = application->config->site.clock_untrusted_denies},
    };
    if (reader->direction != DIRECTION_OUT)
        ret->place.throttled = throttle_holds(&application->throttles[i], now->monotonic);
    application_records(application, records_refresh(application->records));
    r = records_facts(application->records, reader->door, now,
                      journal_pass_uses(application->journal), ret);
    if (r < 0)
        log_line(LOG_ERR, LOG_ID_RECORDS_FAULT, "the records could not be asked: %s", strerror(-r));
    ret->place.inside =
        ret->badge.known && presence_contains(&application->presence, ret->member.id);
}

/* Who is inside changes with what is recorded, so that the next decision sees it. */
static void presence_apply(struct application *application, enum effect effect, int64_t member,
                           usec_t wall)
{
    if (effect == EFFECT_RECORD_LEFT)
        (void)presence_leave(&application->presence, member);
    else if (effect == EFFECT_RECORD_ENTERED &&
             presence_enter(&application->presence, member, wall) == PRESENCE_FULL)
        log_line(LOG_ERR, LOG_ID_PRESENCE_FULL,
                 "more than %d people are inside: who comes now is let in but not counted",
                 PRESENCE_MOST);
}

/* One row at reader `i`, without what only an access has. */
static struct event event_at(const struct application *application, size_t i, enum effect effect,
                             int64_t member, enum direction direction)
{
    static const enum event_type types[] = {[EFFECT_RECORD_ACCESS] = EVENT_ACCESS,
                                            [EFFECT_RECORD_ENTERED] = EVENT_ENTERED,
                                            [EFFECT_RECORD_LEFT] = EVENT_LEFT};
    const struct config_reader *reader = &application->config->readers[i];
    struct event event = application_event(application, types[effect]);

    event.member = member;
    event.direction = direction;
    (void)stpcpy(event.door, reader->door);
    (void)stpcpy(event.reader, reader->name);
    return event;
}

/* The rows of the presentation: the access, and who came in or went out by it. */
static size_t events_compose(struct application *application, const struct decision *decision,
                             const struct passage *passage, struct event ret[JOURNAL_ENTRY_EVENTS])
{
    size_t n = 0;

    for (size_t k = 0; k < passage->n_effects; k++) {
        enum effect effect = passage->effects[k];
        struct event event;

        if (effect > EFFECT_RECORD_LEFT)
            continue;
        event = event_at(application, passage->reader, effect, passage->member, passage->direction);
        if (effect == EFFECT_RECORD_ACCESS) {
            event.result = decision->granted ? RESULT_GRANTED : RESULT_REFUSED;
            event.reason = decision->reason;
            if (decision->detail)
                (void)snprintf(event.detail, sizeof(event.detail), "%s", decision->detail);
        }
        presence_apply(application, effect, event.member, event.at);
        ret[n++] = event;
    }
    return n;
}

static void entry_append(struct application *application, const struct event *events, size_t n,
                         const struct pass_use *use, uint64_t *ret_ticket)
{
    int r;

    if (use->pass)
        (void)pass_uses_add(journal_pass_uses(application->journal), use);
    r = journal_append_using(application->journal, events, n, use, ret_ticket);
    if (r < 0) /* the queue is full: a door that stays shut would be worse than a lost row */
        log_line(LOG_ERR, LOG_ID_JOURNAL_FAULT, "a presentation could not be recorded: %s",
                 strerror(-r));
}

/* --- counted when the door opens -------------------------------------------------------------- */

/* True if the door's contact will tell whether somebody really goes through. */
static bool door_tells(const struct application *application, size_t door)
{
    struct door_view view;

    doors_view(application->doors, door, &view);
    return view.contact == CONTACT_CLOSED;
}

/* Takes out of the passage what the opening of the door will do: counting, and using a pass. */
static void passage_defer(struct application *application, struct passage *passage,
                          struct decision *decision)
{
    struct threshold_person person = {.member = passage->member,
                                      .direction = passage->direction,
                                      .reader = passage->reader,
                                      .use = decision->use,
                                      .granted_at = time_monotonic()};
    size_t n = 0;

    for (size_t k = 0; k < passage->n_effects; k++)
        if (passage->effects[k] != EFFECT_RECORD_ENTERED &&
            passage->effects[k] != EFFECT_RECORD_LEFT)
            passage->effects[n++] = passage->effects[k];
    if (n == passage->n_effects && !decision->use.pass)
        return;
    passage->n_effects = n;
    decision->use = (struct pass_use){0};
    threshold_add(&application->thresholds[passage->door], &person);
}

static void person_cross(struct application *application, const struct threshold_person *person)
{
    bool inside = presence_contains(&application->presence, person->member);
    bool enters = person->direction == DIRECTION_IN;
    enum effect effect = enters ? EFFECT_RECORD_ENTERED : EFFECT_RECORD_LEFT;
    struct event event =
        event_at(application, person->reader, effect, person->member, person->direction);
    uint64_t ticket;

    if (inside == enters)
        return;
    presence_apply(application, effect, person->member, event.at);
    entry_append(application, &event, 1, &person->use, &ticket);
}

void threshold_cross(struct application *application, size_t door)
{
    struct threshold_person people[THRESHOLD_MOST];
    size_t n = threshold_take(&application->thresholds[door], time_monotonic(), people);

    for (size_t i = 0; i < n; i++)
        person_cross(application, &people[i]);
    if (n > 0)
        announce_occupancy(application);
}

/* --- a presentation --------------------------------------------------------------------------- */

/* Records what was decided; the rest follows once the record is there. */
static void decision_record(struct application *application, const struct facts *facts,
                            struct decision *decision, struct passage *passage)
{
    struct event events[JOURNAL_ENTRY_EVENTS];
    size_t n;

    passage->member = facts->badge.known ? facts->member.id : 0;
    passage->direction = decision->direction;
    passage->granted = decision->granted;
    passage->reason = decision->reason;
    passage->n_effects = effects_of(decision, facts->place.inside, passage->effects);
    if (decision->granted && door_tells(application, passage->door))
        passage_defer(application, passage, decision);
    n = events_compose(application, decision, passage, events);
    entry_append(application, events, n, &decision->use, &passage->ticket);
    lamps_show(application->lamps, passage->reader, SIGNAL_WAIT);
    passages_add(application->passages, passage);
}

/* Refused as nobody's: unknown, or a number that can't be known. A known badge may be weak too. */
static bool is_stranger(const struct decision *decision, const struct uid *uid)
{
    return decision->reason == REASON_UNKNOWN_BADGE ||
           (decision->reason == REASON_WEAK_BADGE && uid_is_weak(uid));
}

void tap_take(struct application *application, size_t i, const struct reader_card *card)
{
    const struct config_reader *reader = &application->config->readers[i];
    struct passage passage = {.from_reader = true,
                              .reader = i,
                              .door = reader->door_index,
                              .presentation = card->presentation,
                              .read_at = card->read_at};
    struct decision decision;
    struct facts facts;
    struct now now;

    application_now(application, &now);
    if (repeat_or_remember(&application->repeats[i], &card->uid, now.monotonic,
                           reader->repeat_after)) {
        readers_answer(application->readers, i, card->presentation, OUTCOME_REPEATED);
        return;
    }
    if (enrolment_take(application, i, card, &now))
        return;
    facts_gather(application, i, card, &now, &facts);
    decide(&facts, &now, &decision);
    if (is_stranger(&decision, &card->uid))
        stranger_remember(&application->strangers[i], &card->uid, now.monotonic, now.wall);
    if (decision.reason == REASON_THROTTLED && !throttle_is_first(&application->throttles[i])) {
        readers_answer(application->readers, i, card->presentation, OUTCOME_REFUSED);
        return;
    }
    if (reader->direction != DIRECTION_OUT)
        throttle_count(&application->throttles[i], decision.reason, now.monotonic);
    decision_record(application, &facts, &decision, &passage);
}
