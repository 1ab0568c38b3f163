/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Who is inside, where no tap says so. Who forgot to tap on the way out is not counted for ever: at
 * the cutoff everybody who came before it is checked out, each with a row, unless the whole space
 * is booked just then (a party goes on past three in the morning) or nobody knows what time it is.
 * What a daemon that was off missed is done as soon as it runs. And an admin can put the count
 * right by hand, which the journal says with their name.
 */

#include "cantined/application.h"

#include <errno.h>
#include <inttypes.h>

static struct event attendance_event(const struct application *application, enum event_type type,
                                     int64_t member, const char *detail, const char *actor)
{
    struct event event = application_event(application, type);

    event.member = member;
    event.direction = type == EVENT_ENTERED ? DIRECTION_IN : DIRECTION_OUT;
    (void)snprintf(event.detail, sizeof(event.detail), "%s", detail);
    (void)snprintf(event.actor, sizeof(event.actor), "%s", actor);
    return event;
}

static void checkout(struct application *application, int64_t member, const char *detail,
                     const char *actor)
{
    struct event event = attendance_event(application, EVENT_CHECKOUT, member, detail, actor);

    (void)presence_leave(&application->presence, member);
    application_record(application, &event);
}

void attendance_cutoff(struct application *application)
{
    const struct presence *presence = &application->presence;
    struct now now;
    usec_t cutoff;

    if (presence->n == 0)
        return;
    application_now(application, &now);
    if (now.clock_untrusted)
        return;
    cutoff = time_last_at(now.wall, application->config->site.cutoff);
    for (size_t i = presence->n; i-- > 0;) {
        if (presence->entries[i].since >= cutoff)
            continue;
        if (records_space_booked(application->records, &now) != 0)
            return;
        checkout(application, presence->entries[i].member, "", "");
    }
}

/* Keeps and announces what an admin changed, if it is a change. */
static int attendance_end(struct application *application, bool changed, const struct event *event)
{
    if (!changed)
        return 0;
    application_record(application, event);
    announce_occupancy(application);
    return 1;
}

int attendance_in(struct application *application, int64_t member, const uint32_t *guests,
                  const char *actor)
{
    struct presence *presence = &application->presence;
    char name[MEMBER_NAME_SIZE], detail[DETAIL_SIZE] = "by_hand";
    enum presence_change entered, brought = PRESENCE_UNCHANGED;
    struct event event;

    application_records(application, records_refresh(application->records));
    records_member_names(application->records, member, name, NULL);
    if (!name[0])
        return -ENOENT;
    if (guests && *guests > BROUGHT_MOST)
        return -ERANGE;
    if (guests)
        (void)snprintf(detail, sizeof(detail), "guests %" PRIu32, *guests);
    event = attendance_event(application, EVENT_ENTERED, member, detail, actor);
    entered = presence_enter(presence, member, event.at);
    if (entered == PRESENCE_FULL)
        return -ENOSPC;
    if (guests)
        brought = presence_bring(presence, member, *guests);
    return attendance_end(application, entered == PRESENCE_CHANGED || brought == PRESENCE_CHANGED,
                          &event);
}

int attendance_out(struct application *application, int64_t member, const char *actor)
{
    struct event event = attendance_event(application, EVENT_LEFT, member, "by_hand", actor);

    return attendance_end(
        application, presence_leave(&application->presence, member) == PRESENCE_CHANGED, &event);
}

uint32_t attendance_reset(struct application *application, const char *actor)
{
    size_t n = presence_count(&application->presence);

    for (size_t i = application->presence.n; i-- > 0;)
        checkout(application, application->presence.entries[i].member, "reset", actor);
    announce_occupancy(application);
    return (uint32_t)n;
}
