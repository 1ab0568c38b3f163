/* SPDX-License-Identifier: GPL-3.0-or-later */

/* MQTT payloads, against the table that shows them: tests/vectors/payload.txt. */

#include "unit/vectors.h"
#include "wire/payload.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AT   UINT64_C(1795464900123456) /* 2026-11-23T20:15:00.123456Z */
#define BOOT "0f3c9b1e-5d1a-4c8e-9a55-1f2e3d4c5b6a"

/* The message that a row describes. */
struct described {
    union publisher_message message;
    const char *kind;
};

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Copies a text in which %20 is the byte 20. */
static void text_set(char *ret, size_t size, const char *text)
{
    size_t n = 0;

    memset(ret, 0, size);
    for (; *text; n++) {
        assert_true(n + 1 < size);
        if (*text == '%') {
            ret[n] = (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
            text += 3;
        } else
            ret[n] = *text++;
    }
}

static const char *word_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* The number of a word, which must exist. */
static int32_t number(int value)
{
    assert_true(value >= 0);
    return value;
}

static void occupancy_word(struct publisher_occupancy *ret, const char *word, const char *value)
{
    if (streq(word, "count"))
        ret->count = (uint32_t)strtoul(value, NULL, 10);
    else if (streq(word, "capacity"))
        ret->capacity = (uint32_t)strtoul(value, NULL, 10);
    else if (streq(word, "open"))
        ret->open = 1;
    else
        fail_msg("occupancy has no %s", word);
}

static void door_word(struct publisher_door *ret, const char *word, const char *value)
{
    if (streq(word, "lock"))
        ret->lock = (uint32_t)number(lock_state_of(value));
    else if (streq(word, "contact"))
        ret->contact = (uint32_t)number(contact_state_of(value));
    else if (streq(word, "alarm"))
        ret->alarm = (uint32_t)number(door_alarm_of(value));
    else
        fail_msg("a door has no %s", word);
}

static void reader_word(struct publisher_reader *ret, const char *word, const char *value)
{
    if (streq(word, "state"))
        ret->state = (uint32_t)number(reader_state_of(value));
    else if (streq(word, "tried"))
        text_set(ret->tried, sizeof(ret->tried), value);
    else
        fail_msg("a reader has no %s", word);
}

static void room_word(struct publisher_room *ret, const char *word, const char *value)
{
    if (streq(word, "name"))
        text_set(ret->name, sizeof(ret->name), value);
    else if (streq(word, "state"))
        ret->state = (uint32_t)number(room_state_of(value));
    else if (streq(word, "until"))
        ret->until = strtoull(value, NULL, 10);
    else if (streq(word, "title"))
        text_set(ret->title, sizeof(ret->title), value);
    else if (streq(word, "next")) {
        char *end;

        ret->next_starts_at = strtoull(value, &end, 10);
        assert_int_equal(*end, '-');
        ret->next_ends_at = strtoull(end + 1, NULL, 10);
    } else if (streq(word, "next_title"))
        text_set(ret->next_title, sizeof(ret->next_title), value);
    else
        fail_msg("a room has no %s", word);
}

static void greeting_word(struct publisher_greeting *ret, const char *word, const char *value)
{
    if (streq(word, "name"))
        text_set(ret->name, sizeof(ret->name), value);
    else if (streq(word, "door"))
        text_set(ret->door, sizeof(ret->door), value);
    else
        fail_msg("a greeting has no %s", word);
}

static bool event_text(struct publisher_event *ret, const char *word, const char *value)
{
    const struct {
        const char *word;
        char *text;
        size_t size;
    } texts[] = {
        {"boot", ret->event.boot, sizeof(ret->event.boot)},
        {"door", ret->event.door, sizeof(ret->event.door)},
        {"reader", ret->event.reader, sizeof(ret->event.reader)},
        {"detail", ret->event.detail, sizeof(ret->event.detail)},
        {"actor", ret->event.actor, sizeof(ret->event.actor)},
        {"name", ret->member_name, sizeof(ret->member_name)},
    };

    for (size_t i = 0; i < ELEMENTSOF(texts); i++)
        if (streq(word, texts[i].word)) {
            text_set(texts[i].text, texts[i].size, value);
            return true;
        }
    return false;
}

static void event_word(struct publisher_event *ret, const char *word, const char *value)
{
    if (event_text(ret, word, value))
        return;
    if (streq(word, "seq"))
        ret->event.seq = strtoll(value, NULL, 10);
    else if (streq(word, "type"))
        ret->event.type = number(event_type_of(value));
    else if (streq(word, "result"))
        ret->event.result = number(result_of(word_or_null(value)));
    else if (streq(word, "reason"))
        ret->event.reason = number(reason_of(value));
    else if (streq(word, "direction"))
        ret->event.direction = number(direction_of(word_or_null(value)));
    else if (streq(word, "member"))
        ret->event.member = strtoll(value, NULL, 10);
    else if (streq(word, "historical"))
        ret->historical = 1;
    else
        fail_msg("an event has no %s", word);
}

static uint64_t *described_at(struct described *ret)
{
    if (streq(ret->kind, "occupancy"))
        return &ret->message.occupancy.at;
    if (streq(ret->kind, "door"))
        return &ret->message.door.at;
    if (streq(ret->kind, "reader"))
        return &ret->message.reader.at;
    return &ret->message.event.event.at;
}

static void described_begin(struct described *ret, const char *kind)
{
    *ret = (struct described){.kind = kind};
    if (streq(kind, "event") || streq(kind, "private-event"))
        ret->message.event.event = (struct event){.seq = 184,
                                                  .type = EVENT_ACCESS,
                                                  .result = RESULT_GRANTED,
                                                  .direction = DIRECTION_IN,
                                                  .boot = BOOT,
                                                  .door = "front",
                                                  .reader = "entrance"};
    if (!streq(kind, "room") && !streq(kind, "greeting"))
        *described_at(ret) = AT;
}

static void described_word(struct described *ret, const char *word, const char *value)
{
    if (streq(word, "at"))
        *described_at(ret) = strtoull(value, NULL, 10);
    else if (streq(ret->kind, "occupancy"))
        occupancy_word(&ret->message.occupancy, word, value);
    else if (streq(ret->kind, "door"))
        door_word(&ret->message.door, word, value);
    else if (streq(ret->kind, "reader"))
        reader_word(&ret->message.reader, word, value);
    else if (streq(ret->kind, "room"))
        room_word(&ret->message.room, word, value);
    else if (streq(ret->kind, "greeting"))
        greeting_word(&ret->message.greeting, word, value);
    else
        event_word(&ret->message.event, word, value);
}

static int described_payload(const struct described *row, char *ret, size_t size)
{
    if (streq(row->kind, "occupancy"))
        return payload_occupancy(&row->message.occupancy, ret, size);
    if (streq(row->kind, "door"))
        return payload_door(&row->message.door, ret, size);
    if (streq(row->kind, "reader"))
        return payload_reader(&row->message.reader, ret, size);
    if (streq(row->kind, "room"))
        return payload_room(&row->message.room, ret, size);
    if (streq(row->kind, "greeting"))
        return payload_greeting(&row->message.greeting, ret, size);
    if (streq(row->kind, "event"))
        return payload_event(&row->message.event, ret, size);
    if (streq(row->kind, "private-event"))
        return payload_private_event(&row->message.event, ret, size);
    fail_msg("there is no payload %s", row->kind);
    return -1;
}

static void row_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct described row;
    char *rest, *word;
    int n;

    assert_int_equal(vector->n, 3);
    rest = vector->cells[1];
    described_begin(&row, strsep(&rest, " "));
    while ((word = strsep(&rest, " "))) {
        char *value = strchr(word, '=');

        if (value)
            *value++ = '\0';
        described_word(&row, word, value ? value : "");
    }
    n = described_payload(&row, ret, VECTOR_TEXT_SIZE);
    assert_int_equal(n, strlen(ret));
}

static void test_vectors(void **state)
{
    (void)state;
    vectors_run("payload.txt", row_check);
}

/* Every text full of the characters that take most room: a payload has to hold it. */
static struct publisher_event fullest_event(void)
{
    struct publisher_event event = {
        .event = {.seq = INT64_MAX,
                  .at = UINT64_MAX,
                  .member = INT64_MAX,
                  .type = EVENT_EXIT_BUTTON,
                  .result = RESULT_REFUSED,
                  .reason = REASON_MEMBER_SUSPENDED,
                  .direction = DIRECTION_OUT},
    };

    memset(event.event.boot, 1, sizeof(event.event.boot) - 1);
    memset(event.event.door, 'd', sizeof(event.event.door) - 1);
    memset(event.event.reader, 'r', sizeof(event.event.reader) - 1);
    memset(event.event.detail, 1, sizeof(event.event.detail) - 1);
    memset(event.member_name, 1, sizeof(event.member_name) - 1);
    return event;
}

/* Every text full of `byte`. */
static struct publisher_room fullest_room(int byte)
{
    struct publisher_room room = {.state = ROOM_BUSY,
                                  .until = UINT64_MAX,
                                  .next_starts_at = UINT64_MAX - 1,
                                  .next_ends_at = UINT64_MAX};

    memset(room.name, byte, sizeof(room.name) - 1);
    memset(room.title, byte, sizeof(room.title) - 1);
    memset(room.next_title, byte, sizeof(room.next_title) - 1);
    return room;
}

static void test_payload_size_is_enough(void **state)
{
    struct publisher_room control = fullest_room(1), bytes = fullest_room(0xFF);
    struct publisher_event event = fullest_event();
    char payload[PAYLOAD_SIZE];

    (void)state;
    assert_true(payload_room(&control, payload, sizeof(payload)) > 12 * (TITLE_SIZE - 1));
    assert_true(payload_room(&bytes, payload, sizeof(payload)) > 6 * (TITLE_SIZE - 1));
    assert_true(payload_private_event(&event, payload, sizeof(payload)) > 6 * MEMBER_NAME_SIZE);
    memset(event.member_name, 0xFF, sizeof(event.member_name) - 1);
    assert_true(payload_private_event(&event, payload, sizeof(payload)) > 0);
}

static void test_too_small_a_buffer(void **state)
{
    const struct publisher_reader reader = {.at = AT, .state = READER_READY};
    char payload[80];
    int n = payload_reader(&reader, payload, sizeof(payload));

    (void)state;
    assert_int_equal(
        n, strlen("{\"state\":\"ready\",\"at\":\"2026-11-23T20:15:00.123Z\",\"tried\":null}"));
    assert_int_equal(payload_reader(&reader, payload, (size_t)n + 1), n);
    for (size_t size = 0; size <= (size_t)n; size++)
        assert_int_equal(payload_reader(&reader, payload, size), -ENOBUFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_payload_size_is_enough),
        cmocka_unit_test(test_too_small_a_buffer),
    };

    return cmocka_run_group_tests_name("payload", tests, NULL, NULL);
}
