/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/application.h"

#include "cantined/priority.h"
#include "util/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <systemd/sd-id128.h>

void application_now(struct application *application, struct now *ret)
{
    *ret = (struct now){.monotonic = time_monotonic(), .wall = time_wall()};
    (void)time_local(ret->wall, &ret->local);
    ret->pass_day = time_day_since(ret->wall, application->config->site.cutoff);
    ret->clock_untrusted = clock_check(application, ret->wall);
}

struct event application_event(const struct application *application, enum event_type type)
{
    struct event event = {.at = time_wall(), .type = type};

    (void)stpcpy(event.boot, application->boot);
    return event;
}

void application_record(struct application *application, const struct event *event)
{
    uint64_t ticket;
    int r = journal_append(application->journal, event, 1, &ticket);

    if (r < 0)
        log_line(LOG_ERR, LOG_ID_JOURNAL_FAULT, "an event could not be recorded: %s", strerror(-r));
}

void application_record_system(struct application *application, const char *door,
                               const char *detail)
{
    struct event event = application_event(application, EVENT_SYSTEM);

    (void)snprintf(event.door, sizeof(event.door), "%s", door);
    (void)snprintf(event.detail, sizeof(event.detail), "%s", detail);
    application_record(application, &event);
}

int application_open(struct application *application, size_t door, usec_t duration,
                     enum event_type type, const char *actor)
{
    struct passage passage = {.door = door,
                              .duration = duration,
                              .by_button = type == EVENT_EXIT_BUTTON,
                              .granted = true,
                              .effects = {EFFECT_UNLOCK},
                              .n_effects = 1};
    struct event event = application_event(application, type);
    int r;

    (void)stpcpy(event.door, application->config->doors[door].name);
    (void)snprintf(event.actor, sizeof(event.actor), "%s", actor);
    time_format_span(duration ? duration : application->config->doors[door].unlock, event.detail);
    r = journal_append(application->journal, &event, 1, &passage.ticket);
    if (r < 0)
        return r;
    passages_add(application->passages, &passage);
    return 0;
}

/* --- doors and readers change ----------------------------------------------------------------- */

static void on_door_changed(void *userdata, size_t i)
{
    struct application *application = userdata;
    struct door_view door;
    bool faulty;

    doors_view(application->doors, i, &door);
    faulty = door.fault != NULL;
    if (faulty != application->faulty[i]) {
        application->faulty[i] = faulty;
        application_record_system(application, door.name, faulty ? "door_faulty" : "door_well");
        if (faulty)
            alert_door_fault(application, &door);
    }
    announce_door(application, i);
}

static void on_card(void *userdata, size_t i, const struct reader_card *card)
{
    tap_take(userdata, i, card);
}

static void on_reader_changed(void *userdata, size_t i)
{
    struct application *application = userdata;
    struct event event = application_event(application, EVENT_READER);
    struct reader_view reader;

    readers_view(application->readers, i, &reader);
    (void)snprintf(event.reader, sizeof(event.reader), "%s", reader.name);
    (void)snprintf(event.detail, sizeof(event.detail), "%s", reader_state_word(reader.state));
    application_record(application, &event);
    if (reader.state != READER_READY)
        enrolment_reader_lost(application, i);
    lamps_rest(application->lamps, i, reader.state == READER_READY ? SIGNAL_IDLE : SIGNAL_FAULT);
    alert_readers(application);
    announce_reader(application, i);
}

static void on_reader_tried(void *userdata, size_t i)
{
    announce_reader(userdata, i);
}

static void on_door_opened(void *userdata, size_t i)
{
    threshold_cross(userdata, i);
}

static void on_door_alarm(void *userdata, size_t i, enum event_type type)
{
    struct application *application = userdata;
    struct event event = application_event(application, type);

    (void)stpcpy(event.door, application->config->doors[i].name);
    application_record(application, &event);
    alert_door_open(application, event.door, type);
}

/* A way out needs no badge and no member. */
static void on_exit_button(void *userdata, size_t i)
{
    (void)application_open(userdata, i, 0, EVENT_EXIT_BUTTON, "");
}

static void on_fire(void *userdata, bool on)
{
    struct application *application = userdata;
    struct event event = application_event(application, EVENT_FIRE);

    if (on == application->fire)
        return;
    application->fire = on;
    (void)stpcpy(event.detail, on ? "on" : "off");
    application_record(application, &event);
    log_line(LOG_WARNING, LOG_ID_FIRE, "the fire alarm is %s",
             on ? "on: every door is released" : "off");
}

static void on_fire_fault(void *userdata, const char *fault)
{
    application_record_system(userdata, "", fault ? "fire_faulty" : "fire_well");
    if (fault)
        alert_fire_fault(userdata, fault);
}

static const struct doors_calls doors_calls = {on_door_changed, on_door_opened, on_door_alarm,
                                               on_exit_button,  on_fire,        on_fire_fault};
static const struct readers_calls readers_calls = {on_card, on_reader_changed, on_reader_tried};

/* --- what is recorded is carried out ---------------------------------------------------------- */

static void log_passage(const struct application *application, const struct passage *passage)
{
    const char *door = application->config->doors[passage->door].name;
    const char *reader =
        passage->from_reader ? application->config->readers[passage->reader].name : "";
    const char *reason = reason_word(passage->reason);
    char took[TIME_TEXT_SIZE];
    const char *fields[] = {"CANTINE_DOOR",
                            door,
                            "CANTINE_READER",
                            reader,
                            "CANTINE_REASON",
                            reason,
                            "CANTINE_LATENCY_USEC",
                            took,
                            NULL};

    if (!passage->from_reader) {
        log_fields(LOG_INFO, LOG_ID_DOOR_UNLOCKED, fields, "door %s: unlocked by %s", door,
                   passage->by_button ? "its exit button" : "command");
        return;
    }
    (void)snprintf(took, sizeof(took), "%llu",
                   (unsigned long long)(time_monotonic() - passage->read_at));
    if (passage->granted)
        log_fields(LOG_INFO, LOG_ID_ACCESS_GRANTED, fields,
                   "reader %s: granted, door %s unlocked %s µs after the badge was read", reader,
                   door, took);
    else
        log_fields(LOG_INFO, LOG_ID_ACCESS_REFUSED, fields, "reader %s: refused (%s)", reader,
                   reason);
}

static void carry_out(void *userdata, const struct passage *passage, bool late)
{
    struct application *application = userdata;

    for (size_t i = 0; i < passage->n_effects; i++) {
        switch (passage->effects[i]) {
        case EFFECT_RECORD_ACCESS:
        case EFFECT_RECORD_ENTERED:
        case EFFECT_RECORD_LEFT:
            break; /* in the journal, or kept there to be tried again */
        case EFFECT_UNLOCK:
            (void)doors_unlock(application->doors, passage->door, passage->duration);
            break;
        case EFFECT_ANSWER:
            lamps_show(application->lamps, passage->reader,
                       passage->granted ? SIGNAL_GRANTED : SIGNAL_REFUSED);
            readers_answer(application->readers, passage->reader, passage->presentation,
                           passage->granted ? OUTCOME_GRANTED : OUTCOME_REFUSED);
            break;
        }
    }
    log_passage(application, passage);
    if (late)
        log_line(LOG_ERR, LOG_ID_JOURNAL_FAULT,
                 "the journal took more than 20 ms: the door did not wait for its record");
    if (passage->granted && passage->direction == DIRECTION_IN)
        announce_greeting(application, passage);
    announce_occupancy(application);
}

/* --- the journal answers ---------------------------------------------------------------------- */

static void journal_state(struct application *application, bool failing, const char *why)
{
    application->journal_failing = failing;
    if (failing)
        log_line(LOG_ERR, LOG_ID_JOURNAL_FAULT, "the journal cannot be written: %s", why);
    else
        log_line(LOG_NOTICE, LOG_ID_JOURNAL_WELL, "the journal is written again");
    application_record_system(application, "", failing ? "journal_fault" : "journal_well");
    if (failing)
        alert_journal(application, why);
    announce_status(application);
}

static void journal_take(struct application *application, const struct journal_news *news)
{
    switch (news->type) {
    case JOURNAL_COMMITTED:
        passages_committed(application->passages, news->ticket);
        application->newest_at = MAX_OF(application->newest_at, news->rows[news->n - 1].at);
        for (size_t i = 0; i < news->n; i++)
            if (news->rows[i].type == EVENT_ACCESS)
                control_access(application->control, &news->rows[i]);
        feed_grown(application->feed, news->rows[news->n - 1].seq);
        break;
    case JOURNAL_ROWS:
        feed_rows(application->feed, news->rows, news->n);
        break;
    case JOURNAL_QUERIED:
        if (news->text[0])
            log_line(LOG_ERR, LOG_ID_JOURNAL_FAULT, "the journal cannot be read: %s", news->text);
        control_log_answer(application->control, news->tag, news->rows, news->n);
        break;
    case JOURNAL_FAILING:
        journal_state(application, true, news->text);
        break;
    case JOURNAL_WELL:
        journal_state(application, false, NULL);
        break;
    }
}

static int on_journal(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct application *application = userdata;

    (void)source;
    (void)fd;
    (void)events;
    for (;;) {
        CLEANUP(cleanup_free) struct journal_news *news = journal_next(application->journal);

        if (!news)
            return 0;
        journal_take(application, news);
    }
}

/* --- the records change ----------------------------------------------------------------------- */

void application_records(struct application *application, enum records_news news)
{
    const char *fault = records_fault(application->records);

    if (news == RECORDS_FAULT) {
        log_line(LOG_ERR, LOG_ID_RECORDS_FAULT, "%s: the door goes on with the last good copy",
                 fault ? fault : "the records cannot be read");
        application_record_system(application, "", "records_fault");
    } else if (news == RECORDS_NEW) {
        log_line(LOG_INFO, LOG_ID_RECORDS_LOADED, "the records have changed and hold from now on");
    }
    if (news == RECORDS_NEW) {
        rooms_changed(application->rooms);
        strangers_settle(application);
    }
    alert_records(application, news);
    if (news == RECORDS_FAULT || news == RECORDS_NEW)
        announce_status(application);
}

static int on_records(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct application *application = userdata;

    (void)source;
    (void)fd;
    (void)events;
    application_records(application,
                        records_refresh_background(application->records, time_monotonic()));
    announce_rooms(application);
    return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct application *application = userdata;

    (void)usec;
    application_records(application,
                        records_refresh_background(application->records, time_monotonic()));
    readers_tick(application->readers);
    alert_readers(application);
    doors_mend(application->doors);
    lamps_mend(application->lamps);
    openings_apply(application);
    attendance_cutoff(application);
    enrolments_tick(application);
    announce_occupancy(application);
    announce_rooms(application);
    (void)sd_event_source_set_time_relative(source, APPLICATION_TICK_EACH);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- what the publisher asks ---------------------------------------------------------------- */

static void on_states(void *userdata)
{
    announce_everything(userdata);
    alert_say(userdata);
}

static int on_read_after(void *userdata, int64_t seq)
{
    struct application *application = userdata;

    return journal_read_after(application->journal, seq);
}

static void on_acknowledged(void *userdata, int64_t seq)
{
    struct application *application = userdata;

    (void)journal_acknowledge(application->journal, seq);
}

static void on_member_name(void *userdata, int64_t member, char name[MEMBER_NAME_SIZE])
{
    struct application *application = userdata;

    records_member_names(application->records, member, name, NULL);
}

static void on_alert_taken(void *userdata, uint64_t number)
{
    alert_taken(userdata, number);
}

static const struct feed_calls feed_calls = {on_states, on_read_after, on_acknowledged,
                                             on_member_name, on_alert_taken};

/* --- beginning and end ------------------------------------------------------------------------ */

static int databases_open(struct application *application, char *error, size_t size)
{
    const struct config *config = application->config;
    int r;

    r = records_open(config->storage.records, &application->records, error, size);
    if (r < 0)
        return r;
    r = journal_open(config->storage.journal, &application->journal, error, size);
    if (r < 0)
        return r;
    application->presence = *journal_presence(application->journal);
    application->newest_at = journal_newest_at(application->journal);
    return 0;
}

static int sources_add(struct application *application)
{
    int r;

    r = sd_event_add_io(application->event, &application->journal_ready,
                        journal_fd(application->journal), EPOLLIN, on_journal, application);
    if (r < 0)
        return r;
    (void)sd_event_source_set_priority(application->journal_ready, PRIORITY_COMMITTED);
    r = sd_event_add_io(application->event, &application->records_ready,
                        records_fd(application->records), EPOLLIN, on_records, application);
    if (r < 0)
        return r;
    return sd_event_add_time_relative(application->event, &application->tick, CLOCK_MONOTONIC,
                                      APPLICATION_TICK_EACH, 100 * USEC_PER_MSEC, on_tick,
                                      application);
}

/* Takes each listener over as soon as its owner has it. */
static int rooms_join(struct application *application, struct listeners *listeners, char *error,
                      size_t size)
{
    const struct config *config = application->config;
    sd_event *event = application->event;
    int r;

    r = databases_open(application, error, size);
    if (r < 0)
        return r;
    r = passages_new(event, carry_out, application, &application->passages);
    if (r < 0)
        return r;
    application->lockdown = journal_lockdown(application->journal);
    r = doors_new(config, event, &doors_calls, application, &application->doors);
    if (r < 0)
        return r;
    r = lamps_new(config, event, &application->lamps);
    if (r < 0)
        return r;
    r = readers_new(config, event, TAKE_FD(listeners->reader), &readers_calls, application,
                    &application->readers);
    if (r < 0)
        return r;
    r = feed_new(event, TAKE_FD(listeners->publisher), journal_newest(application->journal),
                 journal_acknowledged(application->journal), &feed_calls, application,
                 &application->feed);
    if (r < 0)
        return r;
    r = rooms_new(application->records, application->feed, &application->rooms);
    if (r < 0)
        return r;
    r = control_new(event, &bus_calls, application, &application->control);
    if (r < 0)
        return r;
    return sources_add(application);
}

int application_new(const struct config *config, sd_event *event, struct listeners listeners,
                    struct application **ret, char *error, size_t size)
{
    CLEANUP(cleanup_application) struct application *application = calloc(1, sizeof(*application));
    sd_id128_t boot;
    int r = application ? 0 : -ENOMEM;

    error[0] = '\0';
    if (r == 0) {
        application->config = config;
        application->event = event;
        r = sd_id128_get_boot(&boot);
    }
    if (r >= 0) {
        (void)sd_id128_to_uuid_string(boot, application->boot);
        r = rooms_join(application, &listeners, error, size);
    }
    (void)fd_close(listeners.reader);
    (void)fd_close(listeners.publisher);
    if (r < 0) {
        if (!error[0])
            (void)snprintf(error, size, "cannot start: %s", strerror(-r));
        return r;
    }
    for (size_t i = 0; i < doors_count(application->doors); i++)
        on_door_changed(application, i);
    doors_lockdown(application->doors, application->lockdown);
    doors_listen(application->doors);
    application_record_system(application, "", "started");
    attendance_cutoff(application);
    announce_occupancy(application);
    announce_rooms(application);
    *ret = TAKE_PTR(application);
    return 0;
}

struct application *application_free(struct application *application)
{
    if (!application)
        return NULL;
    enrolments_stop(application);
    sd_event_source_disable_unref(application->tick);
    sd_event_source_disable_unref(application->records_ready);
    sd_event_source_disable_unref(application->journal_ready);
    (void)doors_free(application->doors);
    (void)readers_free(application->readers);
    (void)lamps_free(application->lamps);
    (void)rooms_free(application->rooms);
    (void)feed_free(application->feed);
    (void)control_free(application->control);
    (void)passages_free(application->passages);
    if (application->journal)
        application_record_system(application, "", "stopped");
    (void)journal_free(application->journal);
    (void)records_free(application->records);
    free(application);
    return NULL;
}
