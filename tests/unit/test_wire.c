/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The messages between the programs: a receiver takes each that is exactly right, and refuses it
 * with any one thing changed: size, version, type, or a value at the edge of its range.
 */

#include "wire/publisher_message.h"
#include "wire/reader_message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One of the two protocols. */
struct protocol {
    const char *name;
    int last_type;                           /* they count from 1 */
    size_t (*fill)(int type, void *message); /* makes a good message; its size */
    int (*check)(const void *message, size_t n);
};

#define MESSAGE_ROOM 4096 /* for a message and for what shouldn't follow it */

/* --- good messages -----------------------------------------------------------------------------
 */

#define FILL(message_type, struct_type, ...)                                                       \
    do {                                                                                           \
        const struct struct_type good = {MESSAGE_HEADER(message_type, struct struct_type),         \
                                         __VA_ARGS__};                                             \
        memcpy(message, &good, sizeof(good));                                                      \
        return sizeof(good);                                                                       \
    } while (0)

static size_t reader_fill(int type, void *message)
{
    switch (type) {
    case READER_HELLO:
        FILL(READER_HELLO, reader_hello, .name = "entrance");
    case READER_STATE:
        FILL(READER_STATE, reader_state_message, .state = READER_READY, .tried = "pn532_uart");
    case READER_CARD:
        FILL(READER_CARD, reader_card, .presentation = 1, .read_at = 5,
             .uid = {.bytes = {4, 1, 2, 3, 4, 5, 6}, .length = 7});
    case READER_HEARTBEAT:
        FILL(READER_HEARTBEAT, reader_heartbeat, .polls = 12);
    default:
        FILL(READER_ANSWER, reader_answer, .presentation = 1, .outcome = OUTCOME_GRANTED);
    }
}

static size_t publisher_fill(int type, void *message)
{
    switch (type) {
    case PUBLISHER_ACK:
        FILL(PUBLISHER_ACK, publisher_ack, .seq = 7);
    case PUBLISHER_OCCUPANCY:
        FILL(PUBLISHER_OCCUPANCY, publisher_occupancy, .at = 1, .count = 12, .capacity = 40);
    case PUBLISHER_DOOR:
        FILL(PUBLISHER_DOOR, publisher_door, .at = 1, .name = "front");
    case PUBLISHER_READER:
        FILL(PUBLISHER_READER, publisher_reader, .at = 1, .name = "entrance");
    case PUBLISHER_EVENT:
        FILL(PUBLISHER_EVENT, publisher_event, .event = {.seq = 184, .at = 1, .member = 7},
             .member_name = "Ada Lovelace");
    case PUBLISHER_ROOM:
        FILL(PUBLISHER_ROOM, publisher_room, .id = "bleue", .name = "Salle bleue",
             .state = ROOM_BUSY, .until = 2, .title = "Yoga", .next_starts_at = 2,
             .next_ends_at = 3, .next_title = "Conseil");
    case PUBLISHER_GREETING:
        FILL(PUBLISHER_GREETING, publisher_greeting, .at = 1, .name = "Ada", .door = "front");
    case PUBLISHER_ALERT:
        FILL(PUBLISHER_ALERT, publisher_alert, .number = 1, .at = 1, .name = "front",
             .kind = ALERT_FAULTY, .text = "door front: its relay is gone");
    case PUBLISHER_ALERT_TAKEN:
        FILL(PUBLISHER_ALERT_TAKEN, publisher_alert_taken, .number = 1);
    default: /* HELLO, START, STOP */
        FILL((uint16_t)type, publisher_word, );
    }
}

static int reader_check(const void *message, size_t n)
{
    return reader_message_check(message, n);
}

static int publisher_check(const void *message, size_t n)
{
    return publisher_message_check(message, n);
}

static const struct protocol reader = {"reader", READER_ANSWER, reader_fill, reader_check};
static const struct protocol publisher = {"publisher", PUBLISHER_ALERT_TAKEN, publisher_fill,
                                          publisher_check};

/* --- sizes, versions, types --------------------------------------------------------------------
 */

static void check_frame_of(const struct protocol *protocol)
{
    _Alignas(8) char message[MESSAGE_ROOM];
    struct message_header *header = (struct message_header *)message;

    for (int type = 1; type <= protocol->last_type; type++) {
        size_t size = protocol->fill(type, memset(message, 0, sizeof(message)));

        print_message("%s, type %d, %zu bytes\n", protocol->name, type, size);
        for (size_t n = 0; n < sizeof(message); n++)
            assert_int_equal(protocol->check(message, n), n == size ? type : -EBADMSG);
        for (size_t n = size - 1; n <= size + 1;
             n += 2) { /* a header that agrees with a wrong size */
            header->size = (uint32_t)n;
            assert_int_equal(protocol->check(message, n), -EBADMSG);
            assert_int_equal(protocol->check(message, size), -EBADMSG);
        }
        header->size = (uint32_t)size;
        for (int version = 0; version <= WIRE_VERSION + 1; version++) {
            header->version = (uint16_t)version;
            assert_int_equal(protocol->check(message, size),
                             version == WIRE_VERSION ? type : -EPROTO);
        }
    }
}

static void test_sizes_and_versions(void **state)
{
    (void)state;
    check_frame_of(&reader);
    check_frame_of(&publisher);
}

/* A type that isn't there is refused with every size that another type has. */
static void check_types_of(const struct protocol *protocol)
{
    const uint16_t types[] = {0, (uint16_t)(protocol->last_type + 1), 255, 256, UINT16_MAX};
    _Alignas(8) char message[MESSAGE_ROOM];
    struct message_header *header = (struct message_header *)message;

    for (int type = 1; type <= protocol->last_type; type++)
        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
            size_t size = protocol->fill(type, memset(message, 0, sizeof(message)));

            header->type = types[i];
            assert_int_equal(protocol->check(message, size), -EBADMSG);
            header->size = sizeof(*header);
            assert_int_equal(protocol->check(message, sizeof(*header)), -EBADMSG);
            header->size = 0;
            assert_int_equal(protocol->check(message, 0), -EBADMSG);
        }
}

static void test_types(void **state)
{
    (void)state;
    check_types_of(&reader);
    check_types_of(&publisher);
}

/* --- values ------------------------------------------------------------------------------------
 */

enum change {
    NUMBER, /* the field becomes `value` */
    FULL,   /* every byte of the field becomes `value`: a text without its end */
    TEXT,   /* the field becomes the text `text` */
};

struct row {
    const char *what;
    const struct protocol *protocol;
    int type;
    size_t offset, size;
    enum change change;
    int64_t value;
    const char *text;
    bool good;
};

#define FIELD(struct_type, member)                                                                 \
    offsetof(struct struct_type, member), sizeof(((struct struct_type *)NULL)->member)
#define R(type, struct_type, member) &reader, type, FIELD(struct_type, member)
#define P(type, struct_type, member) &publisher, type, FIELD(struct_type, member)
#define GOOD                         true
#define BAD                          false

static const struct row rows[] = {
    {"a hello without a name", R(READER_HELLO, reader_hello, name), TEXT, 0, "", BAD},
    {"a name of one letter", R(READER_HELLO, reader_hello, name), TEXT, 0, "a", GOOD},
    {"every letter of a name", R(READER_HELLO, reader_hello, name), TEXT, 0, "az09-_", GOOD},
    {"a capital letter", R(READER_HELLO, reader_hello, name), TEXT, 0, "Entrance", BAD},
    {"a slash", R(READER_HELLO, reader_hello, name), TEXT, 0, "../entrance", BAD},
    {"a topic's wildcard", R(READER_HELLO, reader_hello, name), TEXT, 0, "#", BAD},
    {"a letter that isn't ASCII", R(READER_HELLO, reader_hello, name), TEXT, 0, "entrée", BAD},
    {"the longest name", R(READER_HELLO, reader_hello, name), TEXT, 0,
     "entrance-entrance-entrance-entr", GOOD},
    {"a name without an end", R(READER_HELLO, reader_hello, name), FULL, 'a', NULL, BAD},

    {"the last state", R(READER_STATE, reader_state_message, state), NUMBER, READER_STATE_COUNT - 1,
     NULL, GOOD},
    {"a state beyond it", R(READER_STATE, reader_state_message, state), NUMBER, READER_STATE_COUNT,
     NULL, BAD},
    {"state -1", R(READER_STATE, reader_state_message, state), NUMBER, -1, NULL, BAD},
    {"nothing tried", R(READER_STATE, reader_state_message, tried), TEXT, 0, "", GOOD},
    {"a text without an end", R(READER_STATE, reader_state_message, tried), FULL, 'x', NULL, BAD},

    {"presentation 0", R(READER_CARD, reader_card, presentation), NUMBER, 0, NULL, BAD},
    {"the largest presentation", R(READER_CARD, reader_card, presentation), NUMBER, -1, NULL, GOOD},
    {"an empty badge number", R(READER_CARD, reader_card, uid.length), NUMBER, 0, NULL, BAD},
    {"3 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 3, NULL, BAD},
    {"4 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 4, NULL, GOOD},
    {"8 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 8, NULL, BAD},
    {"10 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 10, NULL, GOOD},
    {"11 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 11, NULL, BAD},
    {"255 bytes", R(READER_CARD, reader_card, uid.length), NUMBER, 255, NULL, BAD},
    {"the longest ATS", R(READER_CARD, reader_card, ats_length), NUMBER, READER_ATS_SIZE, NULL,
     GOOD},
    {"an ATS beyond it", R(READER_CARD, reader_card, ats_length), NUMBER, READER_ATS_SIZE + 1, NULL,
     BAD},
    {"a reserved byte in use", R(READER_CARD, reader_card, reserved), NUMBER, 1, NULL, BAD},

    {"an answer to presentation 0", R(READER_ANSWER, reader_answer, presentation), NUMBER, 0, NULL,
     BAD},
    {"the last outcome", R(READER_ANSWER, reader_answer, outcome), NUMBER, OUTCOME_COUNT - 1, NULL,
     GOOD},
    {"an outcome beyond it", R(READER_ANSWER, reader_answer, outcome), NUMBER, OUTCOME_COUNT, NULL,
     BAD},
    {"outcome -1", R(READER_ANSWER, reader_answer, outcome), NUMBER, -1, NULL, BAD},

    {"row 0 acknowledged", P(PUBLISHER_ACK, publisher_ack, seq), NUMBER, 0, NULL, BAD},
    {"row -1 acknowledged", P(PUBLISHER_ACK, publisher_ack, seq), NUMBER, -1, NULL, BAD},
    {"the largest row acknowledged", P(PUBLISHER_ACK, publisher_ack, seq), NUMBER, INT64_MAX, NULL,
     GOOD},

    {"open", P(PUBLISHER_OCCUPANCY, publisher_occupancy, open), NUMBER, 1, NULL, GOOD},
    {"more than open", P(PUBLISHER_OCCUPANCY, publisher_occupancy, open), NUMBER, 2, NULL, BAD},
    {"open -1", P(PUBLISHER_OCCUPANCY, publisher_occupancy, open), NUMBER, -1, NULL, BAD},

    {"a door without a name", P(PUBLISHER_DOOR, publisher_door, name), TEXT, 0, "", BAD},
    {"a door's name with a slash", P(PUBLISHER_DOOR, publisher_door, name), TEXT, 0, "a/b", BAD},
    {"a door's name without an end", P(PUBLISHER_DOOR, publisher_door, name), FULL, 'a', NULL, BAD},
    {"the last lock", P(PUBLISHER_DOOR, publisher_door, lock), NUMBER, LOCK_STATE_COUNT - 1, NULL,
     GOOD},
    {"a lock beyond it", P(PUBLISHER_DOOR, publisher_door, lock), NUMBER, LOCK_STATE_COUNT, NULL,
     BAD},
    {"lock -1", P(PUBLISHER_DOOR, publisher_door, lock), NUMBER, -1, NULL, BAD},
    {"the last contact", P(PUBLISHER_DOOR, publisher_door, contact), NUMBER,
     CONTACT_STATE_COUNT - 1, NULL, GOOD},
    {"a contact beyond it", P(PUBLISHER_DOOR, publisher_door, contact), NUMBER, CONTACT_STATE_COUNT,
     NULL, BAD},
    {"the last alarm", P(PUBLISHER_DOOR, publisher_door, alarm), NUMBER, DOOR_ALARM_COUNT - 1, NULL,
     GOOD},
    {"an alarm beyond it", P(PUBLISHER_DOOR, publisher_door, alarm), NUMBER, DOOR_ALARM_COUNT, NULL,
     BAD},

    {"a reader without a name", P(PUBLISHER_READER, publisher_reader, name), TEXT, 0, "", BAD},
    {"a reader's name without an end", P(PUBLISHER_READER, publisher_reader, name), FULL, 'a', NULL,
     BAD},
    {"the last reader state", P(PUBLISHER_READER, publisher_reader, state), NUMBER,
     READER_STATE_COUNT - 1, NULL, GOOD},
    {"a reader state beyond it", P(PUBLISHER_READER, publisher_reader, state), NUMBER,
     READER_STATE_COUNT, NULL, BAD},

    {"event 0", P(PUBLISHER_EVENT, publisher_event, event.seq), NUMBER, 0, NULL, BAD},
    {"event -1", P(PUBLISHER_EVENT, publisher_event, event.seq), NUMBER, -1, NULL, BAD},
    {"nobody's event", P(PUBLISHER_EVENT, publisher_event, event.member), NUMBER, 0, NULL, GOOD},
    {"member -1", P(PUBLISHER_EVENT, publisher_event, event.member), NUMBER, -1, NULL, BAD},
    {"the last type", P(PUBLISHER_EVENT, publisher_event, event.type), NUMBER, EVENT_TYPE_COUNT - 1,
     NULL, GOOD},
    {"a type beyond it", P(PUBLISHER_EVENT, publisher_event, event.type), NUMBER, EVENT_TYPE_COUNT,
     NULL, BAD},
    {"type -1", P(PUBLISHER_EVENT, publisher_event, event.type), NUMBER, -1, NULL, BAD},
    {"the last result", P(PUBLISHER_EVENT, publisher_event, event.result), NUMBER, RESULT_COUNT - 1,
     NULL, GOOD},
    {"a result beyond it", P(PUBLISHER_EVENT, publisher_event, event.result), NUMBER, RESULT_COUNT,
     NULL, BAD},
    {"result -1", P(PUBLISHER_EVENT, publisher_event, event.result), NUMBER, -1, NULL, BAD},
    {"the last reason", P(PUBLISHER_EVENT, publisher_event, event.reason), NUMBER, REASON_COUNT - 1,
     NULL, GOOD},
    {"a reason beyond it", P(PUBLISHER_EVENT, publisher_event, event.reason), NUMBER, REASON_COUNT,
     NULL, BAD},
    {"reason -1", P(PUBLISHER_EVENT, publisher_event, event.reason), NUMBER, -1, NULL, BAD},
    {"the way out", P(PUBLISHER_EVENT, publisher_event, event.direction), NUMBER, DIRECTION_OUT,
     NULL, GOOD},
    {"toggle is no way", P(PUBLISHER_EVENT, publisher_event, event.direction), NUMBER,
     DIRECTION_TOGGLE, NULL, BAD},
    {"direction -1", P(PUBLISHER_EVENT, publisher_event, event.direction), NUMBER, -1, NULL, BAD},
    {"a boot id without an end", P(PUBLISHER_EVENT, publisher_event, event.boot), FULL, 'b', NULL,
     BAD},
    {"an event's door with a slash", P(PUBLISHER_EVENT, publisher_event, event.door), TEXT, 0,
     "a/b", BAD},
    {"an event's door without an end", P(PUBLISHER_EVENT, publisher_event, event.door), FULL, 'a',
     NULL, BAD},
    {"an event's reader in capitals", P(PUBLISHER_EVENT, publisher_event, event.reader), TEXT, 0,
     "A", BAD},
    {"an event's reader without an end", P(PUBLISHER_EVENT, publisher_event, event.reader), FULL,
     'a', NULL, BAD},
    {"a detail without an end", P(PUBLISHER_EVENT, publisher_event, event.detail), FULL, 'd', NULL,
     BAD},
    {"an actor without an end", P(PUBLISHER_EVENT, publisher_event, event.actor), FULL, 'a', NULL,
     BAD},
    {"a member without a name", P(PUBLISHER_EVENT, publisher_event, member_name), TEXT, 0, "",
     GOOD},
    {"a member's name without an end", P(PUBLISHER_EVENT, publisher_event, member_name), FULL, 'm',
     NULL, BAD},
    {"historical", P(PUBLISHER_EVENT, publisher_event, historical), NUMBER, 1, NULL, GOOD},
    {"more than historical", P(PUBLISHER_EVENT, publisher_event, historical), NUMBER, 2, NULL, BAD},
    {"historical -1", P(PUBLISHER_EVENT, publisher_event, historical), NUMBER, -1, NULL, BAD},

    {"a room without an id", P(PUBLISHER_ROOM, publisher_room, id), TEXT, 0, "", BAD},
    {"a room's id with a slash", P(PUBLISHER_ROOM, publisher_room, id), TEXT, 0, "a/b", BAD},
    {"a room's id without an end", P(PUBLISHER_ROOM, publisher_room, id), FULL, 'a', NULL, BAD},
    {"a room that is no more", P(PUBLISHER_ROOM, publisher_room, name), TEXT, 0, "", GOOD},
    {"a room's name without an end", P(PUBLISHER_ROOM, publisher_room, name), FULL, 'n', NULL, BAD},
    {"a room state beyond the last", P(PUBLISHER_ROOM, publisher_room, state), NUMBER,
     ROOM_STATE_COUNT, NULL, BAD},
    {"room state -1", P(PUBLISHER_ROOM, publisher_room, state), NUMBER, -1, NULL, BAD},
    {"busy without an end", P(PUBLISHER_ROOM, publisher_room, until), NUMBER, 0, NULL, BAD},
    {"busy in private", P(PUBLISHER_ROOM, publisher_room, title), TEXT, 0, "", GOOD},
    {"free, with a title", P(PUBLISHER_ROOM, publisher_room, state), NUMBER, ROOM_FREE, NULL, BAD},
    {"a title without an end", P(PUBLISHER_ROOM, publisher_room, title), FULL, 't', NULL, BAD},
    {"a next booking in private", P(PUBLISHER_ROOM, publisher_room, next_title), TEXT, 0, "", GOOD},
    {"a next title without an end", P(PUBLISHER_ROOM, publisher_room, next_title), FULL, 't', NULL,
     BAD},
    {"a next booking without a beginning", P(PUBLISHER_ROOM, publisher_room, next_starts_at),
     NUMBER, 0, NULL, BAD},
    {"that begins at its end", P(PUBLISHER_ROOM, publisher_room, next_starts_at), NUMBER, 3, NULL,
     BAD},
    {"that has no end", P(PUBLISHER_ROOM, publisher_room, next_ends_at), NUMBER, 0, NULL, BAD},

    {"a greeting to nobody", P(PUBLISHER_GREETING, publisher_greeting, name), TEXT, 0, "", BAD},
    {"a greeting without an end", P(PUBLISHER_GREETING, publisher_greeting, name), FULL, 'n', NULL,
     BAD},
    {"a greeting at no door", P(PUBLISHER_GREETING, publisher_greeting, door), TEXT, 0, "", BAD},
    {"a greeting's door with a slash", P(PUBLISHER_GREETING, publisher_greeting, door), TEXT, 0,
     "a/b", BAD},

    {"alert 0", P(PUBLISHER_ALERT, publisher_alert, number), NUMBER, 0, NULL, BAD},
    {"the largest alert", P(PUBLISHER_ALERT, publisher_alert, number), NUMBER, -1, NULL, GOOD},
    {"the last kind of alert", P(PUBLISHER_ALERT, publisher_alert, kind), NUMBER, ALERT_COUNT - 1,
     NULL, GOOD},
    {"a kind beyond it", P(PUBLISHER_ALERT, publisher_alert, kind), NUMBER, ALERT_COUNT, NULL, BAD},
    {"kind -1", P(PUBLISHER_ALERT, publisher_alert, kind), NUMBER, -1, NULL, BAD},
    {"an alert about the site", P(PUBLISHER_ALERT, publisher_alert, name), TEXT, 0, "", GOOD},
    {"an alert's name with a slash", P(PUBLISHER_ALERT, publisher_alert, name), TEXT, 0, "a/b",
     BAD},
    {"an alert's name without an end", P(PUBLISHER_ALERT, publisher_alert, name), FULL, 'a', NULL,
     BAD},
    {"an alert without a text", P(PUBLISHER_ALERT, publisher_alert, text), TEXT, 0, "", BAD},
    {"an alert's text without an end", P(PUBLISHER_ALERT, publisher_alert, text), FULL, 't', NULL,
     BAD},
    {"alert 0 taken", P(PUBLISHER_ALERT_TAKEN, publisher_alert_taken, number), NUMBER, 0, NULL,
     BAD},
};

static void row_apply(const struct row *row, char *message)
{
    char *field = message + row->offset;

    switch (row->change) {
    case NUMBER: /* all machines that we build for put the low bytes first */
        memcpy(field, &row->value, row->size);
        break;
    case FULL:
        memset(field, (int)row->value, row->size);
        break;
    case TEXT:
        assert_true(strlen(row->text) < row->size);
        memcpy(memset(field, 0, row->size), row->text, strlen(row->text));
        break;
    }
}

static void test_values(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (const struct row *row = rows; row < rows + ELEMENTSOF(rows); row++) {
        _Alignas(8) char message[MESSAGE_ROOM] = {0};
        size_t size = row->protocol->fill(row->type, message);
        int came;

        row_apply(row, message);
        came = row->protocol->check(message, size);
        if (came == (row->good ? row->type : -EBADMSG))
            continue;
        wrong++;
        print_error("%s, type %d, %s: %d\n", row->protocol->name, row->type, row->what, came);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_and_versions),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_values),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
