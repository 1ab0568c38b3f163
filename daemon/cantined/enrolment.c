/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Badges that are to be somebody's. A reader that an admin has armed takes the next badge out of
 * the way of taps: no door opens and the journal has no row; its number goes to whoever asked, and
 * is forgotten here. The numbers of strangers who were refused wait in memory for five minutes.
 */

#include "cantined/application.h"
#include "util/log.h"

/* Whether the records have this badge, as they are now. */
static bool badge_known(struct application *application, size_t i, const struct uid *uid,
                        const struct now *now)
{
    struct facts facts = {.presented = {.uid = *uid}};

    (void)records_facts(application->records, application->config->readers[i].door, now, NULL,
                        &facts);
    return facts.badge.known;
}

/* --- a badge that is waited for --------------------------------------------------------------- */

static void enrolment_disarm(struct application *application, size_t i, const char *why)
{
    const char *reader = application->config->readers[i].name;
    const char *fields[] = {"CANTINE_READER", reader, NULL};

    application->enrolments[i] = (struct enrolment){0};
    lamps_rest(application->lamps, i, SIGNAL_IDLE);
    log_fields(LOG_INFO, LOG_ID_ENROLMENT, fields,
               "reader %s: no longer waits for a badge to be enrolled (%s)", reader, why);
}

/* Ends the waiting, if somebody waits, with what came of it; `uid` may be NULL. */
static void enrolment_finish(struct application *application, size_t i, enum enrolment_end end,
                             const struct uid *uid)
{
    struct control_enrolment enrolment = {.end = end};
    uint64_t tag = application->enrolments[i].tag;

    if (tag == 0)
        return;
    if (uid)
        uid_format(uid, enrolment.uid);
    enrolment_disarm(application, i, enrolment_end_word(end));
    control_enrolment_end(application->control, tag, &enrolment);
}

enum enrolment_end enrolment_start(struct application *application, size_t i, usec_t timeout,
                                   uint64_t tag, const char *actor)
{
    const char *fields[] = {"CANTINE_READER", application->config->readers[i].name, NULL};
    usec_t now = time_monotonic();
    struct reader_view reader;

    readers_view(application->readers, i, &reader);
    if (reader.state != READER_READY)
        return ENROLMENT_ABSENT;
    if (enrolment_is_over(&application->enrolments[i], now))
        enrolment_finish(application, i, ENROLMENT_NONE, NULL);
    if (!enrolment_begin(&application->enrolments[i], tag, now, timeout))
        return ENROLMENT_BUSY;
    lamps_rest(application->lamps, i, SIGNAL_ENROL);
    log_fields(LOG_INFO, LOG_ID_ENROLMENT, fields,
               "reader %s: waits for a badge to be enrolled, asked for by %s", reader.name, actor);
    return ENROLMENT_WAITS;
}

void enrolment_cancel(struct application *application, uint64_t tag)
{
    for (size_t i = 0; i < application->config->n_readers; i++)
        if (application->enrolments[i].tag == tag)
            enrolment_disarm(application, i, "whoever asked has gone");
}

bool enrolment_take(struct application *application, size_t i, const struct reader_card *card,
                    const struct now *now)
{
    enum enrolment_end end = enrolment_judge(&card->uid);
    bool accepted;

    if (enrolment_is_over(&application->enrolments[i], now->monotonic))
        enrolment_finish(application, i, ENROLMENT_NONE, NULL);
    if (application->enrolments[i].tag == 0)
        return false;
    application_records(application, records_refresh(application->records));
    accepted = end == ENROLMENT_BADGE && !badge_known(application, i, &card->uid, now);
    enrolment_finish(application, i, end, end == ENROLMENT_BADGE ? &card->uid : NULL);
    lamps_show(application->lamps, i, accepted ? SIGNAL_GRANTED : SIGNAL_REFUSED);
    readers_answer(application->readers, i, card->presentation, OUTCOME_REPEATED);
    return true;
}

void enrolment_reader_lost(struct application *application, size_t i)
{
    enrolment_finish(application, i, ENROLMENT_ABSENT, NULL);
}

void enrolments_stop(struct application *application)
{
    if (!application->control)
        return;
    for (size_t i = 0; i < application->config->n_readers; i++)
        enrolment_finish(application, i, ENROLMENT_STOPPED, NULL);
}

/* --- who was refused -------------------------------------------------------------------------- */

void strangers_settle(struct application *application)
{
    struct now now;

    application_now(application, &now);
    for (size_t i = 0; i < application->config->n_readers; i++) {
        struct stranger *stranger = &application->strangers[i];

        if (stranger->what == ENROLMENT_BADGE && badge_known(application, i, &stranger->uid, &now))
            *stranger = (struct stranger){0};
    }
}

void strangers_last(struct application *application, struct control_enrolment *ret)
{
    size_t n = application->config->n_readers, i;
    const struct stranger *stranger;

    application_records(application, records_refresh(application->records));
    i = strangers_newest(application->strangers, n, time_monotonic());
    *ret = (struct control_enrolment){.end = ENROLMENT_NONE};
    if (i == n)
        return;
    stranger = &application->strangers[i];
    ret->end = stranger->what;
    ret->at = stranger->at;
    (void)stpcpy(ret->reader, application->config->readers[i].name);
    if (stranger->what == ENROLMENT_BADGE)
        uid_format(&stranger->uid, ret->uid);
}

/* --- once a second ---------------------------------------------------------------------------- */

void enrolments_tick(struct application *application)
{
    usec_t now = time_monotonic();

    for (size_t i = 0; i < application->config->n_readers; i++) {
        if (enrolment_is_over(&application->enrolments[i], now))
            enrolment_finish(application, i, ENROLMENT_NONE, NULL);
        stranger_expire(&application->strangers[i], now);
    }
}
