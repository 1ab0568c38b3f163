/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Giving badges at the door: how long a reader waits, whose number is kept and for how long. */

#include "core/enrolment.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECONDS(n) ((usec_t)(n)*USEC_PER_SEC)

static struct uid number(const char *text)
{
    struct uid uid;

    assert_int_equal(uid_parse(text, &uid), 0);
    return uid;
}

static void test_one_waits_at_a_reader_and_not_for_ever(void **state)
{
    struct enrolment enrolment = {0};

    (void)state;
    assert_false(enrolment_is_over(&enrolment, SECONDS(1000)));
    assert_true(enrolment_begin(&enrolment, 7, SECONDS(100), SECONDS(30)));
    assert_false(enrolment_begin(&enrolment, 8, SECONDS(101), SECONDS(30)));
    assert_int_equal(enrolment.tag, 7);
    assert_false(enrolment_is_over(&enrolment, SECONDS(130) - 1));
    assert_true(enrolment_is_over(&enrolment, SECONDS(130)));
}

static void test_what_a_number_is_good_for(void **state)
{
    static const struct {
        const char *text;
        enum enrolment_end end;
    } numbers[] = {
        {"04A1B2C3D4E5F6", ENROLMENT_BADGE},
        {"D3C4B5A6", ENROLMENT_BADGE},
        {"08A1B2C3", ENROLMENT_RANDOM},
        {"08A1B2C3D4E5F6", ENROLMENT_BADGE},
        {"00000000", ENROLMENT_WEAK},
        {"FFFFFFFFFFFFFF", ENROLMENT_WEAK},
        {"04A1B2C3D4E5F6A7B8C9", ENROLMENT_BADGE},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
        struct uid uid = number(numbers[i].text);

        assert_int_equal(enrolment_judge(&uid), numbers[i].end);
    }
}

static void test_a_stranger_is_kept_for_five_minutes(void **state)
{
    struct stranger strangers[2] = {0};
    struct uid uid = number("04DEADBEEF0001");

    (void)state;
    assert_int_equal(strangers_newest(strangers, 2, SECONDS(100)), 2);
    stranger_remember(&strangers[1], &uid, SECONDS(100), SECONDS(5000));
    assert_int_equal(strangers_newest(strangers, 2, SECONDS(400) - 1), 1);
    assert_int_equal(strangers_newest(strangers, 2, SECONDS(400)), 2);
    stranger_expire(&strangers[1], SECONDS(400) - 1);
    assert_true(uid_equal(&strangers[1].uid, &uid));
    assert_int_equal(strangers[1].at, SECONDS(5000));
    stranger_expire(&strangers[1], SECONDS(400));
    assert_int_equal(strangers[1].what, ENROLMENT_WAITS);
    assert_int_equal(strangers[1].uid.length, 0);
}

static void test_the_newest_stranger_of_all_readers(void **state)
{
    struct stranger strangers[3] = {0};
    struct uid first = number("04DEADBEEF0001"), phone = number("08A1B2C3");

    (void)state;
    stranger_remember(&strangers[2], &first, SECONDS(100), 0);
    stranger_remember(&strangers[0], &first, SECONDS(101), 0);
    assert_int_equal(strangers_newest(strangers, 3, SECONDS(102)), 0);
    stranger_remember(&strangers[2], &phone, SECONDS(103), 0);
    assert_int_equal(strangers_newest(strangers, 3, SECONDS(103)), 2);
    assert_int_equal(strangers[2].what, ENROLMENT_RANDOM);
    assert_int_equal(strangers[2].uid.length, 0); /* a number that is nobody's is not kept */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_waits_at_a_reader_and_not_for_ever),
        cmocka_unit_test(test_what_a_number_is_good_for),
        cmocka_unit_test(test_a_stranger_is_kept_for_five_minutes),
        cmocka_unit_test(test_the_newest_stranger_of_all_readers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
