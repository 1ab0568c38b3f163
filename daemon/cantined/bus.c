/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What D-Bus may ask of the application, and what it does for it. */

#include "cantined/application.h"
#include "util/log.h"

static void on_bus_occupancy(void *userdata, struct control_occupancy *ret)
{
    const struct application *application = userdata;

    *ret = application->occupancy;
}

static size_t on_bus_n_doors(void *userdata)
{
    const struct application *application = userdata;

    return doors_count(application->doors);
}

static void on_bus_door(void *userdata, size_t i, struct control_door *ret)
{
    const struct application *application = userdata;
    struct door_view door;

    doors_view(application->doors, i, &door);
    *ret = (struct control_door){door.name, door.lock, door.contact, door.alarm};
}

static size_t on_bus_n_readers(void *userdata)
{
    const struct application *application = userdata;

    return readers_count(application->readers);
}

static void on_bus_reader(void *userdata, size_t i, struct control_reader *ret)
{
    const struct application *application = userdata;
    struct reader_view reader;

    readers_view(application->readers, i, &reader);
    *ret = (struct control_reader){reader.name, application->config->readers[i].direction,
                                   reader.state, reader.tried};
}

/* A command goes the same way as a tap: recorded first, then the relay. */
static int on_bus_unlock(void *userdata, size_t i, usec_t duration, const char *actor)
{
    return application_open(userdata, i, duration, EVENT_UNLOCK, actor);
}

static int on_bus_hold(void *userdata, size_t i, usec_t until, const char *actor)
{
    return openings_hold(userdata, i, until, actor);
}

static int on_bus_release(void *userdata, size_t i, const char *actor)
{
    return openings_release(userdata, i, actor);
}

static void on_bus_set_lockdown(void *userdata, bool on, const char *actor)
{
    openings_lockdown(userdata, on, actor);
}

static bool on_bus_lockdown(void *userdata)
{
    const struct application *application = userdata;

    return application->lockdown;
}

static bool on_bus_is_inside(void *userdata, int64_t member)
{
    const struct application *application = userdata;

    return presence_contains(&application->presence, member);
}

static size_t on_bus_n_inside(void *userdata)
{
    const struct application *application = userdata;

    return application->presence.n;
}

static void on_bus_inside(void *userdata, size_t i, struct control_presence *ret)
{
    struct application *application = userdata;
    const struct presence_entry *entry = &application->presence.entries[i];

    *ret = (struct control_presence){
        .member = entry->member, .since = entry->since, .guests = entry->guests};
    records_member_names(application->records, entry->member, ret->name, NULL);
}

static int on_bus_set_presence(void *userdata, int64_t member, bool inside, const char *actor)
{
    return inside ? attendance_in(userdata, member, NULL, actor)
                  : attendance_out(userdata, member, actor);
}

static int on_bus_set_guests(void *userdata, int64_t member, uint32_t guests, const char *actor)
{
    return attendance_in(userdata, member, &guests, actor);
}

static uint32_t on_bus_reset_presence(void *userdata, const char *actor)
{
    return attendance_reset(userdata, actor);
}

static bool on_bus_clock_trusted(void *userdata)
{
    const struct application *application = userdata;

    return !application->clock_untrusted;
}

static int64_t on_bus_pass_used(void *userdata, int64_t pass)
{
    const struct application *application = userdata;

    return pass_uses_of(journal_pass_uses(application->journal), pass);
}

static uint32_t on_bus_halves_used(void *userdata, int64_t member, day_t day)
{
    const struct application *application = userdata;

    return pass_uses_halves(journal_pass_uses(application->journal), member, day);
}

static int on_bus_log(void *userdata, const struct control_log_query *query, uint64_t tag)
{
    struct application *application = userdata;
    struct journal_query wanted = {.since = query->since,
                                   .member = query->member,
                                   .after = query->after,
                                   .denied = query->denied,
                                   .from_end = query->from_end};

    return journal_query(application->journal, &wanted, tag);
}

static enum enrolment_end on_bus_enrol(void *userdata, size_t i, usec_t timeout, uint64_t tag,
                                       const char *actor)
{
    return enrolment_start(userdata, i, timeout, tag, actor);
}

static void on_bus_enrol_cancel(void *userdata, uint64_t tag)
{
    enrolment_cancel(userdata, tag);
}

static void on_bus_stranger(void *userdata, struct control_enrolment *ret)
{
    strangers_last(userdata, ret);
}

static void on_bus(void *userdata, const char *trouble)
{
    (void)userdata;
    if (trouble)
        log_line(LOG_NOTICE, LOG_ID_BUS_LOST, "%s", trouble);
    else
        log_line(LOG_NOTICE, LOG_ID_NONE, "D-Bus is there: cantinectl can ask");
}

const struct control_calls bus_calls = {
    .occupancy = on_bus_occupancy,
    .n_doors = on_bus_n_doors,
    .door = on_bus_door,
    .n_readers = on_bus_n_readers,
    .reader = on_bus_reader,
    .unlock = on_bus_unlock,
    .hold = on_bus_hold,
    .release = on_bus_release,
    .set_lockdown = on_bus_set_lockdown,
    .lockdown = on_bus_lockdown,
    .is_inside = on_bus_is_inside,
    .n_inside = on_bus_n_inside,
    .inside = on_bus_inside,
    .set_presence = on_bus_set_presence,
    .set_guests = on_bus_set_guests,
    .reset_presence = on_bus_reset_presence,
    .clock_trusted = on_bus_clock_trusted,
    .pass_used = on_bus_pass_used,
    .halves_used = on_bus_halves_used,
    .log = on_bus_log,
    .enrol = on_bus_enrol,
    .enrol_cancel = on_bus_enrol_cancel,
    .stranger = on_bus_stranger,
    .bus = on_bus,
};
