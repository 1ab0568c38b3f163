/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules, against the table that says them in words: tests/vectors/decide.txt. */

#include "unit/situation.h"

static void decision_write(const struct decision *decision, char ret[static VECTOR_TEXT_SIZE])
{
    static const char *const halves[] = {"", "morning", "afternoon", "day"};
    char use[64] = "";

    if (decision->use.pass)
        (void)snprintf(use, sizeof(use), " uses pass %d: %s of %d", (int)decision->use.pass,
                       halves[decision->use.halves], (int)decision->use.day);
    (void)snprintf(ret, VECTOR_TEXT_SIZE, "%s %s %s%s%s%s",
                   decision->granted ? "granted" : "refused", reason_word(decision->reason),
                   direction_word(decision->direction), decision->detail ? " " : "",
                   decision->detail ? decision->detail : "", use);
}

static void row_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct situation situation;
    struct decision decision, again;

    assert_int_equal(vector->n, 3);
    situation_read(vector->cells[1], &situation);
    decide(&situation.facts, &situation.now, &decision);
    decide(&situation.facts, &situation.now, &again);
    assert_memory_equal(&decision, &again, sizeof(decision));
    decision_write(&decision, ret);
}

static void test_table(void **state)
{
    (void)state;
    vectors_run("decide.txt", row_check);
}

/* Every rule that was asked leaves a line, and the last line is the answer. */
static void test_steps(void **state)
{
    struct situation situation;
    struct decision decision;

    (void)state;
    usual_tap(&situation);
    situation.facts.member.standing.status = MEMBER_SUSPENDED;
    decide(&situation.facts, &situation.now, &decision);
    assert_true(decision.n_steps > 3);
    assert_string_equal(decision.steps[0].rule, "throttle");
    assert_int_equal(decision.steps[0].verdict, VERDICT_PASSES);
    assert_string_equal(decision.steps[decision.n_steps - 1].rule, "member");
    assert_int_equal(decision.steps[decision.n_steps - 1].verdict, VERDICT_REFUSES);
    assert_int_equal(decision.steps[decision.n_steps - 1].reason, REASON_MEMBER_SUSPENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_steps),
    };

    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
