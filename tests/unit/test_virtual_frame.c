/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame codec of the virtual PN532, and what its chip does with frames that are not whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "virtual/chip.h"
#include "virtual/frame.h"
#include "virtual/timing.h"

/* Feeds bytes and returns the last event that was not "nothing". */
static enum frame_event feed(struct frame_parser *parser, const uint8_t *bytes, size_t length)
{
    enum frame_event last = FRAME_NOTHING;

    for (size_t i = 0; i < length; i++) {
        enum frame_event event = frame_parser_feed(parser, bytes[i]);

        if (event != FRAME_NOTHING)
            last = event;
    }
    return last;
}

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void test_normal_frame(void **state)
{
    struct frame_parser parser = {0};
    uint8_t wire[FRAME_WIRE_MAX];

    (void)state;
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2A, 0)),
                     FRAME_INFORMATION);
    assert_int_equal(parser.payload_length, 2);
    assert_memory_equal(parser.payload, ((uint8_t[]){0xD4, 0x02}), 2);

    assert_int_equal(frame_encode((uint8_t[]){0xD5, 0x15}, 2, wire), 9);
    assert_memory_equal(wire, ((uint8_t[]){0, 0, 0xFF, 2, 0xFE, 0xD5, 0x15, 0x16, 0}), 9);
}

static void test_every_length_survives(void **state)
{
    uint8_t payload[FRAME_PAYLOAD_MAX], wire[FRAME_WIRE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i * 7 + 1);
    for (size_t length = 1; length <= sizeof(payload); length++) {
        struct frame_parser parser = {0};
        size_t n = frame_encode(payload, length, wire);

        assert_int_equal(n, length + (length > FRAME_NORMAL_MAX ? 10 : 7));
        assert_int_equal(feed(&parser, wire, n), FRAME_INFORMATION);
        assert_int_equal(parser.payload_length, length);
        assert_memory_equal(parser.payload, payload, length);
    }
}

static void test_special_frames(void **state)
{
    struct frame_parser parser = {0};

    (void)state;
    assert_int_equal(feed(&parser, frame_ack, sizeof(frame_ack)), FRAME_ACK);
    assert_int_equal(feed(&parser, frame_nack, sizeof(frame_nack)), FRAME_NACK);
}

static void test_garbage_is_skipped(void **state)
{
    struct frame_parser parser = {0};

    (void)state;
    assert_int_equal(feed(&parser, BYTES(0x55, 0x55, 0, 0, 0, 0, 0x12, 0xFF, 0x34, 0, 0)),
                     FRAME_NOTHING);
    assert_int_equal(feed(&parser, BYTES(0xFF, 2, 0xFE, 0xD4, 2, 0x2A, 0)), FRAME_INFORMATION);
    /* and the preamble may be missing */
    assert_int_equal(feed(&parser, BYTES(0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2A)), FRAME_INFORMATION);
}

static void test_bad_checksums(void **state)
{
    struct frame_parser parser = {0};

    (void)state;
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 2, 0xFD)), FRAME_BROKEN);
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2B)), FRAME_BROKEN);
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 0xFF, 0xFF, 1, 0, 0xFE)), FRAME_BROKEN);
    /* no length, or one that no PN532 can hold */
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 0, 0)), FRAME_BROKEN);
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 0xFF, 0xFF, 1, 10, 0xF5)), FRAME_BROKEN);
    /* the next frame is read as if nothing had been */
    assert_int_equal(feed(&parser, BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2A)), FRAME_INFORMATION);
}

/* A chip on a desk: what it sends is written down. */
struct desk {
    struct field field;
    struct chip chip;
    struct chip_message sent[16];
    size_t count;
    uint64_t now;
};

static void desk_note(void *userdata, const struct chip_message *message)
{
    struct desk *desk = userdata;

    assert_true(desk->count < 16);
    desk->sent[desk->count++] = *message;
}

static void desk_hear(struct desk *desk, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        chip_receive(&desk->chip, bytes[i], desk->now += 86806);
}

static void desk_init(struct desk *desk)
{
    *desk = (struct desk){.now = NS_PER_S};
    chip_init(&desk->chip, &desk->field, 86806, desk_note, desk);
    desk_hear(desk, BYTES(0x55, 0x55, 0, 0, 0));
}

#define GET_FIRMWARE BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2A, 0)
#define LIST_ONE     BYTES(0, 0, 0xFF, 4, 0xFC, 0xD4, 0x4A, 1, 0, 0xE1, 0)

static void test_chip_sleeps_until_woken(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk.chip.awake = false;
    desk_hear(&desk, GET_FIRMWARE);
    assert_int_equal(desk.count, 0);
    desk_hear(&desk, BYTES(0x55));
    desk_hear(&desk, GET_FIRMWARE);
    assert_int_equal(desk.count, 2);
}

static void test_chip_repeats_after_nack(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, frame_nack, sizeof(frame_nack));
    assert_int_equal(desk.count, 0); /* nothing to repeat yet */
    desk_hear(&desk, GET_FIRMWARE);
    desk_hear(&desk, frame_nack, sizeof(frame_nack));
    assert_int_equal(desk.count, 3);
    assert_int_equal(desk.sent[0].kind, CHIP_ACK);
    assert_int_equal(desk.sent[2].kind, CHIP_ANSWER);
    assert_int_equal(desk.sent[2].length, 6);
    assert_memory_equal(desk.sent[2].payload, desk.sent[1].payload, 6);
}

static void test_chip_is_silent_after_a_broken_frame(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2B, 0));
    assert_int_equal(desk.count, 0);
}

static void test_chip_refuses_what_it_does_not_know(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, BYTES(0, 0, 0xFF, 2, 0xFE, 0xD4, 0xFE, 0x2E, 0));
    assert_int_equal(desk.count, 2);
    assert_int_equal(desk.sent[0].kind, CHIP_ACK);
    assert_int_equal(desk.sent[1].kind, CHIP_SYNTAX_ERROR);
}

static void test_a_new_command_or_an_ack_cancels_a_poll(void **state)
{
    struct desk desk;
    struct badge badge;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, LIST_ONE);
    assert_int_equal(chip_deadline(&desk.chip), TIME_NEVER); /* waits without waking */
    desk_hear(&desk, GET_FIRMWARE);
    desk_hear(&desk, LIST_ONE);
    desk_hear(&desk, frame_ack, sizeof(frame_ack));
    assert_int_equal(badge_init(&badge, BADGE_CLASSIC, (uint8_t[]){1, 2, 3, 4}, 4), 0);
    assert_int_equal(field_put(&desk.field, &badge, desk.now), 0);
    chip_advance(&desk.chip, desk.now + NS_PER_S);
    assert_int_equal(desk.count, 4); /* ACK; ACK, version; ACK: neither poll was answered */
}

static void test_a_poll_waits_for_a_badge(void **state)
{
    struct desk desk;
    struct badge badge;
    uint64_t put;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, LIST_ONE);
    put = desk.now + 3 * NS_PER_S + 1;
    chip_advance(&desk.chip, put);
    assert_int_equal(badge_init(&badge, BADGE_CLASSIC, (uint8_t[]){1, 2, 3, 4}, 4), 0);
    assert_int_equal(field_put(&desk.field, &badge, put), 0);
    assert_in_range(chip_deadline(&desk.chip), put, put + AIR_TRY_NS);
    chip_advance(&desk.chip, put + NS_PER_S);
    assert_int_equal(desk.count, 2);
    assert_in_range(desk.sent[1].at, put + AIR_ACTIVATION_4_NS,
                    put + AIR_ACTIVATION_4_NS + AIR_TRY_NS);
    assert_memory_equal(desk.sent[1].payload,
                        ((uint8_t[]){0xD5, 0x4B, 1, 1, 0, 4, 8, 4, 1, 2, 3, 4}), 12);
}

static void test_a_halted_badge_is_silent_until_the_field_drops(void **state)
{
    struct desk desk;
    struct badge badge;

    (void)state;
    desk_init(&desk);
    assert_int_equal(badge_init(&badge, BADGE_CLASSIC, (uint8_t[]){1, 2, 3, 4}, 4), 0);
    assert_int_equal(field_put(&desk.field, &badge, desk.now), 0);
    desk_hear(&desk, LIST_ONE);
    chip_advance(&desk.chip, desk.now += NS_PER_S);
    assert_int_equal(desk.count, 2);
    desk_hear(&desk, BYTES(0, 0, 0xFF, 3, 0xFD, 0xD4, 0x44, 0, 0xE8, 0)); /* InDeselect */
    desk_hear(&desk, LIST_ONE);
    chip_advance(&desk.chip, desk.now += NS_PER_S);
    assert_int_equal(desk.count, 5);
    desk_hear(&desk, BYTES(0, 0, 0xFF, 4, 0xFC, 0xD4, 0x32, 1, 0, 0xF9, 0)); /* field off */
    desk_hear(&desk, LIST_ONE);
    chip_advance(&desk.chip, desk.now += NS_PER_S);
    assert_int_equal(desk.count, 9);
}

static void test_three_tries_end_in_nothing(void **state)
{
    struct desk desk;
    uint64_t begin;

    (void)state;
    desk_init(&desk);
    desk_hear(&desk, BYTES(0, 0, 0xFF, 6, 0xFA, 0xD4, 0x32, 5, 0, 1, 2, 0xF2, 0)); /* 2 retries */
    desk_hear(&desk, LIST_ONE);
    begin = desk.sent[2].at + FRAME_ACK_LENGTH * desk.chip.byte_ns;
    chip_advance(&desk.chip, chip_deadline(&desk.chip));
    assert_int_equal(desk.count, 4);
    assert_int_equal(desk.sent[3].at, begin + 3 * AIR_TRY_NS);
    assert_memory_equal(desk.sent[3].payload, ((uint8_t[]){0xD5, 0x4B, 0}), 3);
}

/* How long an activation takes on the air, from the end of the ACK to the answer. */
static uint64_t activation(enum badge_kind kind, size_t uid_length)
{
    const uint8_t uid[BADGE_UID_MAX] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct desk desk;
    struct badge badge;

    desk_init(&desk);
    assert_int_equal(badge_init(&badge, kind, uid, uid_length), 0);
    assert_int_equal(field_put(&desk.field, &badge, desk.now), 0);
    desk_hear(&desk, LIST_ONE);
    chip_advance(&desk.chip, desk.now += NS_PER_S);
    assert_int_equal(desk.count, 2);
    return desk.sent[1].at - desk.sent[0].at - FRAME_ACK_LENGTH * desk.chip.byte_ns;
}

static void test_activation_takes_its_time(void **state)
{
    (void)state;
    assert_int_equal(activation(BADGE_CLASSIC, 4), 2400 * NS_PER_US);
    assert_int_equal(activation(BADGE_NTAG, 7), 4450 * NS_PER_US);
    assert_int_equal(activation(BADGE_NTAG, 10), 6500 * NS_PER_US);
    /* RATS and the ATS: 4 and 8 bytes with their checksums, and the delay between */
    assert_int_equal(activation(BADGE_DESFIRE, 7),
                     4450 * NS_PER_US + 12 * AIR_BYTE_NS + AIR_DELAY_NS);
}

static void test_a_badge_torn_away_is_not_seen(void **state)
{
    struct desk desk;
    struct badge badge;

    (void)state;
    desk_init(&desk);
    assert_int_equal(badge_init(&badge, BADGE_CLASSIC, (uint8_t[]){1, 2, 3, 4}, 4), 0);
    assert_int_equal(field_put(&desk.field, &badge, desk.now), 0);
    desk_hear(&desk, LIST_ONE);
    chip_advance(&desk.chip, desk.now += FRAME_ACK_LENGTH * desk.chip.byte_ns + NS_PER_MS);
    field_take(&desk.field, 0);
    chip_advance(&desk.chip, desk.now += NS_PER_S);
    assert_int_equal(desk.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_frame),
        cmocka_unit_test(test_every_length_survives),
        cmocka_unit_test(test_special_frames),
        cmocka_unit_test(test_garbage_is_skipped),
        cmocka_unit_test(test_bad_checksums),
        cmocka_unit_test(test_chip_sleeps_until_woken),
        cmocka_unit_test(test_chip_repeats_after_nack),
        cmocka_unit_test(test_chip_is_silent_after_a_broken_frame),
        cmocka_unit_test(test_chip_refuses_what_it_does_not_know),
        cmocka_unit_test(test_a_new_command_or_an_ack_cancels_a_poll),
        cmocka_unit_test(test_a_poll_waits_for_a_badge),
        cmocka_unit_test(test_a_halted_badge_is_silent_until_the_field_drops),
        cmocka_unit_test(test_three_tries_end_in_nothing),
        cmocka_unit_test(test_activation_takes_its_time),
        cmocka_unit_test(test_a_badge_torn_away_is_not_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
