/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/states.h"

/* The place of the door or reader `name`: its own, or the next free one. */
static size_t door_place(const struct states *states, const char *name)
{
    size_t i = 0;

    while (i < states->n_doors && !streq(states->doors[i].name, name))
        i++;
    return i;
}

static size_t reader_place(const struct states *states, const char *name)
{
    size_t i = 0;

    while (i < states->n_readers && !streq(states->readers[i].name, name))
        i++;
    return i;
}

/* Where all places are taken, a room that is no more makes place. */
static size_t room_place(const struct states *states, const char *id)
{
    size_t i = 0;

    while (i < states->n_rooms && !streq(states->rooms[i].id, id))
        i++;
    if (i < ELEMENTSOF(states->rooms))
        return i;
    for (i = 0; i < ELEMENTSOF(states->rooms) && states->rooms[i].name[0];)
        i++;
    return i;
}

bool states_keep(struct states *states, int type, const union publisher_message *message)
{
    size_t i;

    switch (type) {
    case PUBLISHER_OCCUPANCY:
        states->occupancy = message->occupancy;
        states->has_occupancy = true;
        return true;
    case PUBLISHER_DOOR:
        i = door_place(states, message->door.name);
        if (i == ELEMENTSOF(states->doors))
            return false;
        states->doors[i] = message->door;
        states->n_doors = MAX_OF(states->n_doors, i + 1);
        return true;
    case PUBLISHER_READER:
        i = reader_place(states, message->reader.name);
        if (i == ELEMENTSOF(states->readers))
            return false;
        states->readers[i] = message->reader;
        states->n_readers = MAX_OF(states->n_readers, i + 1);
        return true;
    case PUBLISHER_ROOM:
        i = room_place(states, message->room.id);
        if (i == ELEMENTSOF(states->rooms))
            return false;
        states->rooms[i] = message->room;
        states->n_rooms = MAX_OF(states->n_rooms, i + 1);
        return true;
    default:
        return false;
    }
}

bool states_complete(const struct states *states, const struct config *config)
{
    for (size_t i = 0; i < config->n_doors; i++)
        if (door_place(states, config->doors[i].name) == states->n_doors)
            return false;
    for (size_t i = 0; i < config->n_readers; i++)
        if (reader_place(states, config->readers[i].name) == states->n_readers)
            return false;
    return states->has_occupancy;
}
