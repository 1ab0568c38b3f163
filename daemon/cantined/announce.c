/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the world is told of the state of things: the publisher, the bus, and systemd's STATUS=. */

#include "cantined/application.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

static void occupancy_send(struct application *application)
{
    const struct control_occupancy *occupancy = &application->occupancy;
    struct publisher_occupancy message = {
        .header = MESSAGE_HEADER(PUBLISHER_OCCUPANCY, struct publisher_occupancy),
        .at = occupancy->at,
        .count = occupancy->count,
        .capacity = occupancy->capacity,
        .open = occupancy->open,
    };

    feed_send(application->feed, &message, sizeof(message));
}

static void door_send(struct application *application, size_t i)
{
    struct publisher_door message = {.header =
                                         MESSAGE_HEADER(PUBLISHER_DOOR, struct publisher_door)};
    struct door_view door;

    doors_view(application->doors, i, &door);
    message.at = door.changed_at;
    message.lock = door.lock;
    message.contact = door.contact;
    message.alarm = door.alarm;
    (void)snprintf(message.name, sizeof(message.name), "%s", door.name);
    feed_send(application->feed, &message, sizeof(message));
}

static void reader_send(struct application *application, size_t i)
{
    struct publisher_reader message = {
        .header = MESSAGE_HEADER(PUBLISHER_READER, struct publisher_reader)};
    struct reader_view reader;

    readers_view(application->readers, i, &reader);
    message.at = reader.changed_at;
    message.state = reader.state;
    (void)snprintf(message.name, sizeof(message.name), "%s", reader.name);
    if (reader.state != READER_READY)
        (void)snprintf(message.tried, sizeof(message.tried), "%s", reader.tried);
    feed_send(application->feed, &message, sizeof(message));
}

/* The rooms first: who knows all the others has heard of them. */
void announce_everything(struct application *application)
{
    rooms_say(application->rooms);
    occupancy_send(application);
    for (size_t i = 0; i < doors_count(application->doors); i++)
        door_send(application, i);
    for (size_t i = 0; i < readers_count(application->readers); i++)
        reader_send(application, i);
}

/* Opening hours say whether the space is open, or a door that is held; where there are no hours,
 * somebody being there does. */
static bool space_open(struct application *application)
{
    struct now now;
    int r;

    if (doors_any_held(application->doors))
        return true;
    application_now(application, &now);
    r = records_open_now(application->records, &now);
    return r < 0 ? application->presence.n > 0 : r > 0;
}

void announce_occupancy(struct application *application)
{
    struct control_occupancy *occupancy = &application->occupancy;
    uint32_t count = (uint32_t)presence_count(&application->presence);
    bool open = space_open(application);

    if (occupancy->at && occupancy->count == count && occupancy->open == open)
        return;
    *occupancy = (struct control_occupancy){.count = count,
                                            .capacity = application->config->site.capacity,
                                            .open = open,
                                            .at = time_wall()};
    occupancy_send(application);
    control_occupancy_changed(application->control);
    announce_status(application);
    alert_occupancy(application);
}

void announce_door(struct application *application, size_t i)
{
    door_send(application, i);
    control_door_changed(application->control, i);
    announce_status(application);
}

void announce_reader(struct application *application, size_t i)
{
    reader_send(application, i);
    control_reader_changed(application->control, i);
    announce_status(application);
}

void announce_rooms(struct application *application)
{
    rooms_look(application->rooms, time_wall());
}

/* Who has no display name goes in without a word. */
void announce_greeting(struct application *application, const struct passage *passage)
{
    struct publisher_greeting message = {
        .header = MESSAGE_HEADER(PUBLISHER_GREETING, struct publisher_greeting),
        .at = time_monotonic(),
    };
    char name[MEMBER_NAME_SIZE];

    records_member_names(application->records, passage->member, name, message.name);
    (void)snprintf(message.door, sizeof(message.door), "%s",
                   application->config->doors[passage->door].name);
    if (message.name[0])
        feed_send(application->feed, &message, sizeof(message));
}

void announce_status(const struct application *application)
{
    size_t doors = doors_count(application->doors), readers = readers_count(application->readers);
    size_t locked = 0, ready = 0;
    const char *fault = records_fault(application->records);

    for (size_t i = 0; i < doors; i++) {
        struct door_view door;

        doors_view(application->doors, i, &door);
        locked += door.lock == LOCK_LOCKED;
    }
    for (size_t i = 0; i < readers; i++) {
        struct reader_view reader;

        readers_view(application->readers, i, &reader);
        ready += reader.state == READER_READY;
    }
    (void)sd_notifyf(false,
                     "STATUS=%" PRIu32 " inside; %zu of %zu doors locked; %zu of %zu readers "
                     "ready%s%s%s.",
                     application->occupancy.count, locked, doors, ready, readers,
                     application->journal_failing ? "; the journal cannot be written" : "",
                     fault ? "; the records cannot be read: " : "", fault ? fault : "");
}
