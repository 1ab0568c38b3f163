/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * MQTT payloads: single-line JSON with every key present, null where it doesn't apply, times RFC
 * 3339 UTC with milliseconds. schemas/mqtt/ holds their JSON Schemas. Each writes into `ret` of
 * `size` bytes and returns the length without the NUL, or -ENOBUFS.
 */

#include "wire/publisher_message.h"

#define PAYLOAD_SIZE 16384 /* enough for each of them */

int payload_occupancy(const struct publisher_occupancy *occupancy, char *ret, size_t size);
int payload_door(const struct publisher_door *door, char *ret, size_t size);
int payload_reader(const struct publisher_reader *reader, char *ret, size_t size);
/* Of a room that has a name. */
int payload_room(const struct publisher_room *room, char *ret, size_t size);
int payload_greeting(const struct publisher_greeting *greeting, char *ret, size_t size);
/* Without name, badge number or member id. */
int payload_event(const struct publisher_event *event, char *ret, size_t size);
/* The same with member_id and member_name. */
int payload_private_event(const struct publisher_event *event, char *ret, size_t size);
