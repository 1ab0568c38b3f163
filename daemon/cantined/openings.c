/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Doors that are held unlocked, by the opening hours (unlock_when=) or by hand, and lockdowns. What
 * is done by hand is recorded with who did it.
 */

#include "cantined/application.h"
#include "util/log.h"

#include <errno.h>

/* With first_member, from the first who is inside in the opening hours on, until they are over. */
static bool schedule_holds(struct application *application, size_t i, bool open)
{
    switch (application->config->doors[i].unlock_when) {
    case UNLOCK_OPENING_HOURS:
        return open;
    case UNLOCK_FIRST_MEMBER:
        application->had_member[i] =
            open && (application->had_member[i] || application->presence.n > 0);
        return application->had_member[i];
    case UNLOCK_NEVER:
        break;
    }
    return false;
}

void openings_apply(struct application *application)
{
    struct now now;
    bool open;

    application_now(application, &now);
    open = !now.clock_untrusted && records_open_now(application->records, &now) > 0;
    for (size_t i = 0; i < doors_count(application->doors); i++)
        doors_schedule(application->doors, i, schedule_holds(application, i, open));
}

static void by_hand_record(struct application *application, enum event_type type, const char *door,
                           const char *detail, const char *actor)
{
    struct event event = application_event(application, type);

    (void)snprintf(event.door, sizeof(event.door), "%s", door);
    (void)snprintf(event.detail, sizeof(event.detail), "%s", detail);
    (void)snprintf(event.actor, sizeof(event.actor), "%s", actor);
    application_record(application, &event);
}

int openings_hold(struct application *application, size_t door, usec_t until_wall,
                  const char *actor)
{
    usec_t wall = time_wall(), until = USEC_INFINITY;
    char text[TIME_TEXT_SIZE] = "";

    if (application->lockdown)
        return -EPERM;
    if (until_wall && until_wall <= wall)
        return -ERANGE;
    if (until_wall) {
        until = time_monotonic() + (until_wall - wall);
        time_format_utc(until_wall, text);
    }
    by_hand_record(application, EVENT_HOLD, application->config->doors[door].name, text, actor);
    return doors_hold(application->doors, door, until);
}

int openings_release(struct application *application, size_t door, const char *actor)
{
    by_hand_record(application, EVENT_RELEASE, application->config->doors[door].name, "", actor);
    return doors_release(application->doors, door);
}

void openings_lockdown(struct application *application, bool on, const char *actor)
{
    if (on == application->lockdown)
        return;
    application->lockdown = on;
    by_hand_record(application, EVENT_LOCKDOWN, "", on ? "on" : "off", actor);
    doors_lockdown(application->doors, on);
    openings_apply(application);
    control_lockdown_changed(application->control);
    log_line(LOG_NOTICE, LOG_ID_LOCKDOWN, "lockdown %s", on ? "on: nobody comes in" : "off");
    announce_status(application);
}
