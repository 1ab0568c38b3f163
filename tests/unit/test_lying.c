/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which findings of a badge are one presentation. */

#include "reader/lying.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct uid ada = {{0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6}, 7};
static const struct uid bob = {{0xD3, 0xC4, 0xB5, 0xA6}, 4};
static const struct uid phone = {{0x08, 1, 2, 3}, 4}, phone_later = {{0x08, 4, 5, 6}, 4};

static void test_lies_there(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    for (usec_t round = 0; round < 100; round++) {
        lying_round(&lying);
        assert_false(lying_found(&lying, &ada, round * USEC_PER_SEC));
    }
}

static void test_taken_away_and_held_there_again(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    lying_asked(&lying, &ada, true);
    lying_asked(&lying, &ada, false);
    assert_true(lying_found(&lying, &ada, 200 * USEC_PER_MSEC)); /* quicker than a poll */
    lying_asked(&lying, &ada, false);
    lying_nobody(&lying);
    assert_true(lying_found(&lying, &ada, 400 * USEC_PER_MSEC));
}

static void test_missed_once_after_long(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    lying_asked(&lying, &ada, true);
    lying_asked(&lying, &ada, false);
    assert_false(lying_found(&lying, &ada, 1 + LYING_MISSED_AFTER));
    lying_asked(&lying, &ada, false);
    lying_nobody(&lying);
    assert_true(lying_found(&lying, &ada, 2 + LYING_MISSED_AFTER));
}

static void test_of_a_kind_that_never_answers(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    lying_asked(&lying, &ada, false);
    assert_false(lying_found(&lying, &ada, 2));
    lying_asked(&lying, &ada, false);
    lying_nobody(&lying);
    assert_true(lying_found(&lying, &ada, 3));
}

static void test_in_turn(void **state)
{
    struct lying lying = {0};

    (void)state;
    for (usec_t turn = 1; turn < 10; turn++) {
        assert_true(lying_found(&lying, &ada, turn));
        lying_asked(&lying, &ada, false);
        assert_true(lying_found(&lying, &bob, turn));
        lying_asked(&lying, &bob, false);
    }
}

static void test_a_phone_is_one_badge(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &phone, 1));
    assert_false(lying_found(&lying, &phone_later, 2));
}

static void test_two_lie_there(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    assert_true(lying_found(&lying, &bob, 2));
    lying_round(&lying);
    assert_false(lying_found(&lying, &bob, 3));
    assert_false(lying_found(&lying, &ada, 4));
    lying_round(&lying);
    assert_false(lying_found(&lying, &bob, 5));
    lying_round(&lying); /* ada wasn't found in it */
    assert_true(lying_found(&lying, &ada, 6));
}

static void test_device_reopened(void **state)
{
    struct lying lying = {0};

    (void)state;
    assert_true(lying_found(&lying, &ada, 1));
    lying_reopen(&lying);
    assert_true(lying_found(&lying, &ada, 2)); /* was only held there */
    lying_round(&lying);
    assert_false(lying_found(&lying, &ada, 3));
    lying_round(&lying);
    lying_reopen(&lying);
    assert_false(lying_found(&lying, &ada, 4)); /* was left there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies_there),
        cmocka_unit_test(test_taken_away_and_held_there_again),
        cmocka_unit_test(test_missed_once_after_long),
        cmocka_unit_test(test_of_a_kind_that_never_answers),
        cmocka_unit_test(test_in_turn),
        cmocka_unit_test(test_a_phone_is_one_badge),
        cmocka_unit_test(test_two_lie_there),
        cmocka_unit_test(test_device_reopened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
