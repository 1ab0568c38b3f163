/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/alert.h"

#include "cantined/application.h"
#include "util/log.h"
#include "util/told.h"

#include <stdarg.h>

/* Takes number `at` out of those that are kept. */
static void alert_forget(struct alerts *alerts, size_t at)
{
    alerts->n--;
    memmove(&alerts->kept[at], &alerts->kept[at + 1], (alerts->n - at) * sizeof(alerts->kept[0]));
}

/* A publisher that is there has all of them; then the one that gives way is in its hands. */
static void alert_keep(struct application *application, const struct publisher_alert *alert)
{
    struct alerts *alerts = &application->alerts;
    bool sent = feed_send(application->feed, alert, sizeof(*alert));

    if (alerts->n == ALERTS_KEPT_MOST) {
        if (!sent)
            log_line(LOG_WARNING, LOG_ID_ALERT_LOST,
                     "%d alerts wait for cantine-publisher: the oldest (%s) is given up: start it",
                     ALERTS_KEPT_MOST, alert_word((enum alert)alerts->kept[0].kind));
        alert_forget(alerts, 0);
    }
    alerts->kept[alerts->n++] = *alert;
}

static PRINTF(4, 5) void alert_raise(struct application *application, enum alert kind,
                                     const char *name, const char *format, ...)
{
    struct alerts *alerts = &application->alerts;
    struct publisher_alert alert = {
        .header = MESSAGE_HEADER(PUBLISHER_ALERT, struct publisher_alert),
        .number = MAX_OF(time_monotonic(), alerts->number + 1),
        .at = time_wall(),
        .kind = kind,
    };
    const char *fields[] = {"CANTINE_ALERT", alert_word(kind), "CANTINE_NAME", name, NULL};
    va_list args;

    va_start(args, format);
    (void)vsnprintf(alert.text, sizeof(alert.text), format, args);
    va_end(args);
    (void)snprintf(alert.name, sizeof(alert.name), "%s", name);
    alerts->number = alert.number;
    log_fields(LOG_WARNING, LOG_ID_ALERT, fields, "alert %s: %s", alert_word(kind), alert.text);
    if (application->config->site.on_alert[0])
        alert_keep(application, &alert);
}

void alert_door_fault(struct application *application, const struct door_view *door)
{
    alert_raise(application, ALERT_FAULTY, door->name, "door %s: %s", door->name, door->fault);
}

void alert_fire_fault(struct application *application, const char *fault)
{
    alert_raise(application, ALERT_FAULTY, "", "the fire alarm cannot be heard: %s", fault);
}

void alert_door_open(struct application *application, const char *door, enum event_type type)
{
    if (type == EVENT_FORCED)
        alert_raise(application, ALERT_FORCED, door,
                    "door %s was opened without having been unlocked: see who is there", door);
    else
        alert_raise(application, ALERT_HELD_OPEN, door,
                    "door %s has been open for too long: close it", door);
}

void alert_readers(struct application *application)
{
    usec_t now = time_monotonic();

    for (size_t i = 0; i < readers_count(application->readers); i++) {
        struct alert_reader *reader = &application->alerts.readers[i];
        struct reader_view view;

        readers_view(application->readers, i, &view);
        if (view.state == READER_READY) {
            *reader = (struct alert_reader){.was_ready = true};
            continue;
        }
        if (reader->away_since == 0)
            reader->away_since = now;
        if (reader->told ||
            now - reader->away_since <= (reader->was_ready ? READERS_GRACE : ALERTS_READER_START))
            continue;
        reader->told = true;
        if (view.tried[0])
            alert_raise(application, ALERT_FAULTY, view.name, "reader %s reads no badges: %s",
                        view.name, view.tried);
        else
            alert_raise(application, ALERT_FAULTY, view.name,
                        "reader %s reads no badges: its program cantine-reader is not running: "
                        "start it",
                        view.name);
    }
}

void alert_occupancy(struct application *application)
{
    const struct config *config = application->config;
    struct alerts *alerts = &application->alerts;
    size_t count = presence_count(&application->presence);
    bool full = config->site.capacity > 0 && count >= config->site.capacity;

    if (full && !alerts->full && alerts->counted) {
        application_record_system(application, "", alert_word(ALERT_FULL));
        if (config->site.full_denies)
            alert_raise(application, ALERT_FULL, "",
                        "the space is full, %zu of %u people are inside: who comes now is refused "
                        "until somebody leaves",
                        count, config->site.capacity);
        else
            alert_raise(application, ALERT_FULL, "",
                        "the space is full, %zu of %u people are inside: who comes now is let in "
                        "all the same",
                        count, config->site.capacity);
    }
    alerts->full = full;
    alerts->counted = true;
}

void alert_records(struct application *application, enum records_news news)
{
    const char *fault = records_fault(application->records);

    if (news == RECORDS_NEW)
        application->alerts.records = false;
    if (news != RECORDS_FAULT || application->alerts.records)
        return;
    application->alerts.records = true;
    alert_raise(application, ALERT_FAULT, "",
                "the records cannot be read, so that changes do not reach the door: %s",
                fault ? fault : TOLD("look at the log of cantined"));
}

void alert_journal(struct application *application, const char *why)
{
    alert_raise(application, ALERT_FAULT, "",
                "the journal cannot be written, the doors open without it: %s", why);
}

void alert_say(struct application *application)
{
    const struct alerts *alerts = &application->alerts;

    for (size_t i = 0; i < alerts->n; i++)
        (void)feed_send(application->feed, &alerts->kept[i], sizeof(alerts->kept[i]));
}

void alert_taken(struct application *application, uint64_t number)
{
    struct alerts *alerts = &application->alerts;

    for (size_t i = 0; i < alerts->n; i++)
        if (alerts->kept[i].number == number) {
            alert_forget(alerts, i);
            return;
        }
}
