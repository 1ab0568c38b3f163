/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lamps and buzzer, against tests/vectors/signal.txt. */

#include "core/signal.h"
#include "unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum signal signal_named(const char *word)
{
    static const char *const words[SIGNAL_COUNT] = {"idle",    "wait",  "granted",
                                                    "refused", "enrol", "fault"};

    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (streq(words[i], word))
            return (enum signal)i;
    fail_msg("%s: no such signal", word);
    return SIGNAL_IDLE;
}

static void lamps_write(unsigned lamps, char *ret)
{
    (void)sprintf(ret, "%s%s%s%s", lamps ? "" : "-", lamps & LAMP_GREEN ? "G" : "",
                  lamps & LAMP_RED ? "R" : "", lamps & LAMP_BUZZER ? "B" : "");
}

static void row_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    enum signal signal = signal_named(vector->cells[1]);
    usec_t at = 0, next, same;
    unsigned first = signal_lamps(signal, 0, &next);

    ret[0] = '\0';
    for (;;) {
        unsigned lamps = signal_lamps(signal, at, &next);
        size_t used = strlen(ret);

        (void)sprintf(ret + used, "%s%llu ", at ? ", " : "",
                      (unsigned long long)(at / USEC_PER_MSEC));
        if (signal_over(signal, at)) {
            (void)strcat(ret, "end");
            assert_int_equal(lamps, 0);
            assert_int_equal(next, USEC_INFINITY);
            return;
        }
        if (at && !signal_over(signal, USEC_PER_DAY) && lamps == first) {
            (void)strcat(ret, "again");
            return;
        }
        lamps_write(lamps, ret + strlen(ret));
        /* nothing changes in between */
        assert_int_equal(signal_lamps(signal, at + next - 1, &same), lamps);
        assert_int_equal(same, 1);
        at += next;
    }
}

static void test_table(void **state)
{
    (void)state;
    vectors_run("signal.txt", row_check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
