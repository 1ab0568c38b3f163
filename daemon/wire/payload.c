/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/payload.h"

#include "util/time.h"

#include <jansson.h>

#define REPLACEMENT      "\xEF\xBF\xBD" /* U+FFFD */
#define REPLACEMENT_SIZE 3
#define TEXT_MOST        MAX_OF(MEMBER_NAME_SIZE, TITLE_SIZE)

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);

/* The length of the well-formed UTF-8 sequence at `s` (RFC 3629, 4), 0 where there is none. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n;

    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        n = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        n = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        n = 4;
    else
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80) /* a NUL ends it here too */
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0; /* longer than it need be, a surrogate, or beyond U+10FFFF */
    return n;
}

/*
 * A text as JSON; empty = NULL. A byte that isn't UTF-8 becomes U+FFFD: what somebody typed into
 * the records must never keep an event from being published.
 */
static json_t *text_json(const char *text)
{
    char clean[TEXT_MOST * REPLACEMENT_SIZE];
    size_t n, used = 0;

    if (text[0] == '\0')
        return NULL;
    for (const char *s = text; *s; s += MAX_OF(n, (size_t)1)) {
        n = utf8_length((const unsigned char *)s);
        memcpy(clean + used, n > 0 ? s : REPLACEMENT, n > 0 ? n : REPLACEMENT_SIZE);
        used += n > 0 ? n : REPLACEMENT_SIZE;
    }
    return json_stringn(clean, used);
}

/* Takes `json` and writes it to `ret`; see payload.h. */
static int payload_write(json_t *json, char *ret, size_t size)
{
    CLEANUP(cleanup_json) json_t *owned = json;
    size_t n;

    if (!owned)
        return -ENOMEM;
    n = json_dumpb(owned, ret, size, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (n == 0 || n >= size)
        return -ENOBUFS;
    ret[n] = '\0';
    return (int)n;
}

int payload_occupancy(const struct publisher_occupancy *occupancy, char *ret, size_t size)
{
    uint32_t count = occupancy->count, capacity = occupancy->capacity;
    char at[TIME_TEXT_SIZE];

    time_format_utc(occupancy->at, at);
    return payload_write(
        json_pack("{s:I, s:o?, s:o?, s:b, s:b, s:s}", "count", (json_int_t)count, "capacity",
                  capacity > 0 ? json_integer(capacity) : NULL, "free",
                  capacity > 0 ? json_integer(capacity - MIN_OF(count, capacity)) : NULL, "full",
                  capacity > 0 && count >= capacity, "open", occupancy->open == 1, "at", at),
        ret, size);
}

int payload_door(const struct publisher_door *door, char *ret, size_t size)
{
    char at[TIME_TEXT_SIZE];

    time_format_utc(door->at, at);
    return payload_write(json_pack("{s:s, s:s, s:s?, s:s}", "lock", lock_state_word(door->lock),
                                   "contact", contact_state_word(door->contact), "alarm",
                                   door_alarm_word(door->alarm), "at", at),
                         ret, size);
}

int payload_reader(const struct publisher_reader *reader, char *ret, size_t size)
{
    char at[TIME_TEXT_SIZE];

    time_format_utc(reader->at, at);
    return payload_write(json_pack("{s:s, s:s, s:o?}", "state", reader_state_word(reader->state),
                                   "at", at, "tried", text_json(reader->tried)),
                         ret, size);
}

/* A moment as JSON; 0 = NULL. */
static json_t *moment_json(usec_t wall)
{
    char text[TIME_TEXT_SIZE];

    if (wall == 0)
        return NULL;
    time_format_utc(wall, text);
    return json_string(text);
}

static json_t *next_json(const struct publisher_room *room)
{
    if (room->next_starts_at == 0)
        return NULL;
    return json_pack("{s:o, s:o, s:o?}", "starts_at", moment_json(room->next_starts_at), "ends_at",
                     moment_json(room->next_ends_at), "title", text_json(room->next_title));
}

int payload_room(const struct publisher_room *room, char *ret, size_t size)
{
    return payload_write(json_pack("{s:o, s:s, s:o?, s:o?, s:o?}", "name", text_json(room->name),
                                   "state", room_state_word(room->state), "until",
                                   moment_json(room->until), "title", text_json(room->title),
                                   "next", next_json(room)),
                         ret, size);
}

int payload_greeting(const struct publisher_greeting *greeting, char *ret, size_t size)
{
    return payload_write(
        json_pack("{s:o, s:s}", "name", text_json(greeting->name), "door", greeting->door), ret,
        size);
}

static json_t *event_json(const struct publisher_event *message)
{
    const struct event *event = &message->event;
    enum reason reason = event->result == RESULT_REFUSED ? event->reason : REASON_OK;
    char at[TIME_TEXT_SIZE];

    time_format_utc(event->at, at);
    return json_pack("{s:I, s:s, s:o?, s:s, s:o?, s:o?, s:s?, s:s, s:o?, s:s?, s:b}", "seq",
                     (json_int_t)event->seq, "at", at, "boot", text_json(event->boot), "type",
                     event_type_word(event->type), "door", text_json(event->door), "reader",
                     text_json(event->reader), "result", result_word(event->result), "reason",
                     reason_word(reason), "detail", text_json(event->detail), "direction",
                     direction_word(event->direction), "historical", message->historical == 1);
}

int payload_event(const struct publisher_event *event, char *ret, size_t size)
{
    return payload_write(event_json(event), ret, size);
}

int payload_private_event(const struct publisher_event *event, char *ret, size_t size)
{
    CLEANUP(cleanup_json) json_t *json = event_json(event);
    int64_t member = event->event.member;

    if (json_object_update_new(json, json_pack("{s:o?, s:o?}", "member_id",
                                               member > 0 ? json_integer(member) : NULL,
                                               "member_name", text_json(event->member_name))) < 0)
        return -ENOMEM;
    return payload_write(TAKE_PTR(json), ret, size);
}
