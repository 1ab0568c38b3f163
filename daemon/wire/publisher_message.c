/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/publisher_message.h"

static size_t size_of_type(uint16_t type)
{
    switch (type) {
    case PUBLISHER_HELLO:
    case PUBLISHER_START:
    case PUBLISHER_STOP:
        return sizeof(struct publisher_word);
    case PUBLISHER_ACK:
        return sizeof(struct publisher_ack);
    case PUBLISHER_OCCUPANCY:
        return sizeof(struct publisher_occupancy);
    case PUBLISHER_DOOR:
        return sizeof(struct publisher_door);
    case PUBLISHER_READER:
        return sizeof(struct publisher_reader);
    case PUBLISHER_EVENT:
        return sizeof(struct publisher_event);
    case PUBLISHER_ROOM:
        return sizeof(struct publisher_room);
    case PUBLISHER_GREETING:
        return sizeof(struct publisher_greeting);
    case PUBLISHER_ALERT:
        return sizeof(struct publisher_alert);
    case PUBLISHER_ALERT_TAKEN:
        return sizeof(struct publisher_alert_taken);
    default:
        return 0;
    }
}

/* An optional name: empty, or a slug. */
static bool slug_or_empty(const char *text, size_t size)
{
    return text[0] == '\0' || message_slug_valid(text, size);
}

static bool in_range(int32_t value, int32_t count)
{
    return value >= 0 && value < count;
}

static bool event_valid(const struct event *event)
{
    return event->seq > 0 && event->member >= 0 && in_range(event->type, EVENT_TYPE_COUNT) &&
           in_range(event->result, RESULT_COUNT) && in_range(event->reason, REASON_COUNT) &&
           in_range(event->direction, DIRECTION_TOGGLE) &&
           message_text_ends(event->boot, sizeof(event->boot)) &&
           slug_or_empty(event->door, sizeof(event->door)) &&
           slug_or_empty(event->reader, sizeof(event->reader)) &&
           message_text_ends(event->detail, sizeof(event->detail)) &&
           message_text_ends(event->actor, sizeof(event->actor));
}

/* Busy rooms have an end and free ones no title; a next booking has a beginning before its end. */
static bool room_valid(const struct publisher_room *room)
{
    bool next = room->next_starts_at > 0;

    return message_slug_valid(room->id, sizeof(room->id)) && room->state < ROOM_STATE_COUNT &&
           message_text_ends(room->name, sizeof(room->name)) &&
           message_text_ends(room->title, sizeof(room->title)) &&
           message_text_ends(room->next_title, sizeof(room->next_title)) &&
           (room->state == ROOM_BUSY ? room->until > 0 : room->title[0] == '\0') &&
           (next ? room->next_ends_at > room->next_starts_at
                 : room->next_ends_at == 0 && room->next_title[0] == '\0');
}

static bool greeting_valid(const struct publisher_greeting *greeting)
{
    return message_text_ends(greeting->name, sizeof(greeting->name)) && greeting->name[0] &&
           message_slug_valid(greeting->door, sizeof(greeting->door));
}

static bool alert_valid(const struct publisher_alert *alert)
{
    return alert->number > 0 && alert->kind < ALERT_COUNT &&
           slug_or_empty(alert->name, sizeof(alert->name)) &&
           message_text_ends(alert->text, sizeof(alert->text)) && alert->text[0];
}

static bool values_valid(int type, const union publisher_message *message)
{
    switch (type) {
    case PUBLISHER_ACK:
        return message->ack.seq > 0;
    case PUBLISHER_OCCUPANCY:
        return message->occupancy.open <= 1;
    case PUBLISHER_DOOR:
        return message_slug_valid(message->door.name, sizeof(message->door.name)) &&
               message->door.lock < LOCK_STATE_COUNT &&
               message->door.contact < CONTACT_STATE_COUNT &&
               message->door.alarm < DOOR_ALARM_COUNT;
    case PUBLISHER_READER:
        return message_slug_valid(message->reader.name, sizeof(message->reader.name)) &&
               message->reader.state < READER_STATE_COUNT &&
               message_text_ends(message->reader.tried, sizeof(message->reader.tried));
    case PUBLISHER_EVENT:
        return event_valid(&message->event.event) && message->event.historical <= 1 &&
               message_text_ends(message->event.member_name, sizeof(message->event.member_name));
    case PUBLISHER_ROOM:
        return room_valid(&message->room);
    case PUBLISHER_GREETING:
        return greeting_valid(&message->greeting);
    case PUBLISHER_ALERT:
        return alert_valid(&message->alert);
    case PUBLISHER_ALERT_TAKEN:
        return message->alert_taken.number > 0;
    default:
        return true;
    }
}

int publisher_message_check(const union publisher_message *message, size_t n)
{
    int type = message_check(message, n, size_of_type);

    if (type < 0)
        return type;
    return values_valid(type, message) ? type : -EBADMSG;
}
