/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * How things stand, as cantined last said: rooms, occupancy, doors, readers. Kept so that
 * everything can be published afresh whenever the broker comes back.
 */

#include "config/config.h"
#include "core/room.h"
#include "wire/publisher_message.h"

struct states {
    bool has_occupancy;
    struct publisher_occupancy occupancy;
    struct publisher_door doors[CONFIG_DOORS_MOST];
    size_t n_doors;
    struct publisher_reader readers[CONFIG_READERS_MOST];
    size_t n_readers;
    /* Also those that are no more: the broker must be told, whenever it is there. */
    struct publisher_room rooms[ROOMS_MOST];
    size_t n_rooms;
};

/* Keeps a state message; false if there are more doors, readers or rooms than there can be. */
bool states_keep(struct states *states, int type, const union publisher_message *message);

/* True once all that `config` speaks of is known. */
bool states_complete(const struct states *states, const struct config *config);
