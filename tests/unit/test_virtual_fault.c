/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the host hears of a chip's messages under each fault, and how faults are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "virtual/fault.h"
#include "virtual/timing.h"

enum { VERSION = 0x02, EXCHANGE = 0x42, LIST = 0x4A };

static const struct chip_message ack = {.kind = CHIP_ACK, .command = VERSION, .at = 100};
static const struct chip_message version = {.kind = CHIP_ANSWER,
                                            .command = VERSION,
                                            .at = 200,
                                            .length = 6,
                                            .payload = {0xD5, 0x03, 0x32, 1, 6, 7}};
static const struct chip_message nobody = {
    .kind = CHIP_ANSWER, .command = LIST, .length = 3, .payload = {0xD5, 0x4B, 0}};
static const struct chip_message somebody = {
    .kind = CHIP_ANSWER,
    .command = LIST,
    .length = 14,
    .payload = {0xD5, 0x4B, 1, 1, 3, 4, 0x20, 4, 1, 2, 3, 4, 2, 0x75}};

static const uint8_t version_wire[] = {0, 0, 0xFF, 6, 0xFA, 0xD5, 3, 0x32, 1, 6, 7, 0xE8, 0};

static struct fault with(enum fault_kind kind, unsigned count)
{
    struct fault fault = {0};

    fault_set(&fault, kind, -1, count, 5 * NS_PER_MS);
    return fault;
}

/* One whole command; how many transmissions its ACK and its answer became. */
static void command(struct fault *fault, size_t acks, size_t answers,
                    struct fault_sound heard[static FAULT_SOUNDS_MOST])
{
    assert_int_equal(fault_spoil(fault, &ack, heard), acks);
    assert_int_equal(fault_spoil(fault, &version, heard), answers);
}

static void test_a_good_reader_changes_nothing(void **state)
{
    struct fault fault = {0};
    struct fault_sound heard[FAULT_SOUNDS_MOST];

    (void)state;
    assert_int_equal(fault_spoil(&fault, &ack, heard), 1);
    assert_int_equal(heard[0].at, 100);
    assert_memory_equal(heard[0].bytes, frame_ack, sizeof(frame_ack));
    assert_int_equal(fault_spoil(&fault, &version, heard), 1);
    assert_int_equal(heard[0].at, 200);
    assert_int_equal(heard[0].length, sizeof(version_wire));
    assert_memory_equal(heard[0].bytes, version_wire, sizeof(version_wire));
    assert_int_equal(fault.spoilt, 0);
}

static void test_what_is_missing(void **state)
{
    static const struct {
        enum fault_kind kind;
        size_t acks, answers;
    } missing[] = {{FAULT_MUTE, 0, 0}, {FAULT_NO_ACK, 0, 1}, {FAULT_NO_ANSWER, 1, 0}};
    struct fault_sound heard[FAULT_SOUNDS_MOST];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fault fault = with(missing[i].kind, 0);

        command(&fault, missing[i].acks, missing[i].answers, heard);
        command(&fault, missing[i].acks, missing[i].answers, heard);
        assert_int_equal(fault.spoilt, 2);
    }
}

static void test_what_is_broken(void **state)
{
    static const struct {
        enum fault_kind kind;
        size_t at;
        uint8_t byte;
    } broken[] = {{FAULT_BAD_LCS, 4, 0xFB}, {FAULT_BAD_DCS, 11, 0xE9}, {FAULT_WRONG_CODE, 6, 1}};
    struct fault_sound heard[FAULT_SOUNDS_MOST];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fault fault = with(broken[i].kind, 0);
        uint8_t wanted[sizeof(version_wire)];

        memcpy(wanted, version_wire, sizeof(wanted));
        wanted[broken[i].at] = broken[i].byte;
        if (broken[i].kind == FAULT_WRONG_CODE)
            wanted[11] += 2; /* the checksum is right */
        command(&fault, 1, 1, heard);
        assert_int_equal(heard[0].length, sizeof(wanted));
        assert_memory_equal(heard[0].bytes, wanted, sizeof(wanted));
    }
}

static void test_what_comes_instead(void **state)
{
    struct fault_sound heard[FAULT_SOUNDS_MOST];
    struct fault fault = with(FAULT_NACK, 0);

    (void)state;
    assert_int_equal(fault_spoil(&fault, &ack, heard), 1);
    assert_memory_equal(heard[0].bytes, frame_nack, sizeof(frame_nack));
    assert_int_equal(fault_spoil(&fault, &version, heard), 0);

    fault = with(FAULT_ERROR, 0);
    command(&fault, 1, 1, heard);
    assert_int_equal(heard[0].length, sizeof(frame_error));
    assert_memory_equal(heard[0].bytes, frame_error, sizeof(frame_error));

    fault = with(FAULT_HALF, 0);
    command(&fault, 1, 1, heard);
    assert_int_equal(heard[0].length, sizeof(version_wire) / 2);

    fault = with(FAULT_GARBAGE, 0);
    command(&fault, 1, 0, heard);
    assert_false(fault_noise(&fault, heard));
    fault = with(FAULT_FLOOD, 0);
    command(&fault, 1, 1, heard);
    assert_true(fault_noise(&fault, heard));
    assert_int_equal(heard[0].length, FAULT_NOISE);
}

static void test_what_comes_at_another_time(void **state)
{
    struct fault_sound heard[FAULT_SOUNDS_MOST];
    struct fault fault = with(FAULT_LATE, 0);

    (void)state;
    command(&fault, 1, 1, heard);
    assert_int_equal(heard[0].at, 200 + 5 * NS_PER_MS);

    fault = with(FAULT_DRIP, 0);
    command(&fault, 1, 1, heard);
    assert_int_equal(heard[0].byte_ns, 5 * NS_PER_MS);
    assert_true(heard[0].length > FAULT_DRIP_LENGTH);

    fault = with(FAULT_STALE, 0);
    command(&fault, 1, 1, heard); /* there was none before */
    assert_int_equal(fault_spoil(&fault, &nobody, heard), 2);
    assert_memory_equal(heard[0].bytes, version_wire, sizeof(version_wire));
    assert_int_equal(heard[1].bytes[6], 0x4B);
}

static void test_what_ends_libnfc(void **state)
{
    const struct chip_message exchange = {
        .kind = CHIP_ANSWER, .command = EXCHANGE, .length = 4, .payload = {0xD5, 0x43, 0, 0xA2}};
    struct fault_sound heard[FAULT_SOUNDS_MOST];
    struct fault fault = with(FAULT_STATUS, 1);

    (void)state;
    command(&fault, 1, 1, heard); /* has no status byte: doesn't count */
    assert_memory_equal(heard[0].bytes, version_wire, sizeof(version_wire));
    (void)fault_spoil(&fault, &exchange, heard);
    assert_memory_equal(heard[0].bytes + 5, ((uint8_t[]){0xD5, 0x43, 0x80, 0xA2, 0xC6}), 5);

    fault = with(FAULT_ATS, 1);
    (void)fault_spoil(&fault, &nobody, heard);
    assert_int_equal(fault.spoilt, 0);
    (void)fault_spoil(&fault, &somebody, heard);
    assert_int_equal(heard[0].bytes[3], 13);
    assert_int_equal(heard[0].bytes[5 + 12], 0);
}

static void test_a_count_ends(void **state)
{
    struct fault_sound heard[FAULT_SOUNDS_MOST];
    struct fault fault = with(FAULT_MUTE, 2);

    (void)state;
    command(&fault, 0, 0, heard);
    /* the second one is cancelled before its answer */
    assert_int_equal(fault_spoil(&fault, &ack, heard), 0);
    command(&fault, 1, 1, heard);
    assert_int_equal(fault.spoilt, 2);
}

static void test_one_code_alone(void **state)
{
    struct fault_sound heard[FAULT_SOUNDS_MOST];
    struct fault fault = {0};

    (void)state;
    fault_set(&fault, FAULT_NO_ANSWER, LIST, 0, 0);
    command(&fault, 1, 1, heard);
    assert_int_equal(fault_spoil(&fault, &nobody, heard), 0);
    command(&fault, 1, 1, heard);
}

static void test_words(void **state)
{
    enum fault_kind kind;

    (void)state;
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        assert_int_equal(fault_kind_parse(fault_kind_word((enum fault_kind)i), &kind), 0);
        assert_int_equal(kind, i);
    }
    assert_true(fault_kind_parse("spoon", &kind) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_reader_changes_nothing),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_what_is_broken),
        cmocka_unit_test(test_what_comes_instead),
        cmocka_unit_test(test_what_comes_at_another_time),
        cmocka_unit_test(test_what_ends_libnfc),
        cmocka_unit_test(test_a_count_ends),
        cmocka_unit_test(test_one_code_alone),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
