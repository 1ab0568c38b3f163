/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sentences of `cantinectl why`: the table tests/vectors/because.txt, and none left out. */

#include "ctl/because.h"
#include "unit/situation.h"

static const struct booking_window tomorrow = {
    .id = 13, .resource = "salle", .starts_at = 1795525200, .ends_at = 1795532400};

/* Names as the table's head gives them, around what it says of the situation. */
static struct because because_of(const struct situation *situation)
{
    return (struct because){
        .facts = &situation->facts,
        .now = &situation->now,
        .door = "front",
        .reader = "entrance",
        .presence_known = true,
        .lockdown_known = true,
        .clock_known = true,
        .member = "Ada Lovelace",
        .host = "Grace Hopper",
        .closure = "Fête",
        .next = &tomorrow,
    };
}

static void sentence_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct situation situation;
    struct because because;
    struct decision decision;
    char text[BECAUSE_SIZE] = "(the rule is not asked)";

    assert_int_equal(vector->n, 4);
    situation_read(vector->cells[1], &situation);
    because = because_of(&situation);
    decide(&situation.facts, &situation.now, &decision);
    for (size_t i = 0; i < decision.n_steps; i++)
        if (streq(decision.steps[i].rule, vector->cells[2]))
            because_write(&because, &decision.steps[i], text);
    assert_true(strlen(text) < VECTOR_TEXT_SIZE);
    (void)strcpy(ret, text);
}

static void test_table(void **state)
{
    (void)state;
    vectors_run("because.txt", sentence_check);
}

/* Whatever decide.txt knows: each step has a sentence of its own, that fits a line. */
static void every_step_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct situation situation;
    struct because because;
    struct decision decision;
    char text[BECAUSE_SIZE];

    situation_read(vector->cells[1], &situation);
    because = because_of(&situation);
    decide(&situation.facts, &situation.now, &decision);
    for (size_t i = 0; i < decision.n_steps; i++) {
        because_write(&because, &decision.steps[i], text);
        if (strlen(text) < 5 || strstr(text, "nothing against it") || strchr(text, '\n') ||
            streq(text, reason_word(decision.steps[i].reason)))
            fail_msg("%s: rule %s: “%s”", vector->cells[0], decision.steps[i].rule, text);
    }
    (void)strcpy(ret, vector->cells[vector->n - 1]);
}

static void test_every_rule_has_words(void **state)
{
    (void)state;
    vectors_run("decide.txt", every_step_check);
}

static void test_reader_and_presence(void **state)
{
    struct decision_step step = {"way_out", VERDICT_PASSES, REASON_OK};
    struct situation situation;
    struct because because;
    char text[BECAUSE_SIZE];

    (void)state;
    usual_tap(&situation);
    because = because_of(&situation);
    situation.facts.place.direction = DIRECTION_TOGGLE;
    because.presence_known = false;
    because_write(&because, &step, text);
    assert_string_equal(text, "reader entrance leads in and out: who is inside is not known here");
    because.reader = NULL;
    because_write(&because, &step, text);
    assert_string_equal(text,
                        "no reader is configured at door front: answered as for one that leads in");
}

static void test_what_could_not_be_asked(void **state)
{
    struct decision_step lockdown = {"lockdown", VERDICT_PASSES, REASON_OK};
    struct decision_step clock = {"clock", VERDICT_PASSES, REASON_OK};
    struct situation situation;
    struct because because;
    char text[BECAUSE_SIZE];

    (void)state;
    usual_tap(&situation);
    because = because_of(&situation);
    because.lockdown_known = because.clock_known = false;
    because_write(&because, &lockdown, text);
    assert_string_equal(text, "whether there is a lockdown is not known here: answered as if there "
                              "were none");
    because_write(&because, &clock, text);
    assert_string_equal(text, "whether the clock is trusted is not known here: answered as if it "
                              "were");
}

/* A rule that has no words yet still gets an answer. */
static void test_unknown_rule(void **state)
{
    struct decision_step passes = {"tea_time", VERDICT_PASSES, REASON_OK};
    struct decision_step refuses = {"tea_time", VERDICT_REFUSES, REASON_FULL};
    struct situation situation;
    struct because because;
    char text[BECAUSE_SIZE];

    (void)state;
    usual_tap(&situation);
    because = because_of(&situation);
    because_write(&because, &passes, text);
    assert_string_equal(text, "nothing against it");
    because_write(&because, &refuses, text);
    assert_string_equal(text, "full");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_every_rule_has_words),
        cmocka_unit_test(test_reader_and_presence),
        cmocka_unit_test(test_what_could_not_be_asked),
        cmocka_unit_test(test_unknown_rule),
    };

    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
