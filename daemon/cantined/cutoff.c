/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Who forgot to tap on the way out is not counted for ever: at the cutoff everybody who came before
 * it is checked out, each with a row, unless the whole space is booked just then (a party goes on
 * past three in the morning). What a daemon that was off missed is done as soon as it runs.
 */

#include "cantined/application.h"

static void checkout(struct application *application, int64_t member)
{
    struct event event = application_event(application, EVENT_CHECKOUT);

    event.member = member;
    event.direction = DIRECTION_OUT;
    (void)presence_leave(&application->presence, member);
    application_record(application, &event);
}

void cutoff_apply(struct application *application)
{
    const struct presence *presence = &application->presence;
    struct now now;
    usec_t cutoff;

    if (presence->n == 0)
        return;
    application_now(&now);
    cutoff = time_last_at(now.wall, application->config->site.cutoff);
    for (size_t i = presence->n; i-- > 0;) {
        if (presence->entries[i].since >= cutoff)
            continue;
        if (records_space_booked(application->records, &now) != 0)
            return;
        checkout(application, presence->entries[i].member);
    }
}
