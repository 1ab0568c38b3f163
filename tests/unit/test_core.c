/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The other pure parts: presence, the door's pulse, repeated presentations, what follows a
 * decision. */

#include "core/effects.h"
#include "core/presence.h"
#include "core/repeat.h"
#include "core/threshold.h"
#include "core/throttle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_presence_counts_once(void **state)
{
    struct presence *presence = calloc(1, sizeof(*presence));

    (void)state;
    assert_non_null(presence);
    assert_int_equal(presence_enter(presence, 7, 1), PRESENCE_CHANGED);
    assert_int_equal(presence_enter(presence, 3, 2), PRESENCE_CHANGED);
    assert_int_equal(presence_enter(presence, 7, 3), PRESENCE_UNCHANGED);
    assert_int_equal(presence->n, 2);
    assert_int_equal(presence->entries[0].member, 3);
    assert_int_equal(presence->entries[1].since, 1);
    assert_int_equal(presence_leave(presence, 5), PRESENCE_UNCHANGED);
    assert_int_equal(presence_leave(presence, 3), PRESENCE_CHANGED);
    assert_false(presence_contains(presence, 3));
    assert_true(presence_contains(presence, 7));
    free(presence);
}

static void test_guests_are_counted_with_their_member(void **state)
{
    struct presence *presence = calloc(1, sizeof(*presence));

    (void)state;
    assert_non_null(presence);
    assert_int_equal(presence_bring(presence, 7, 3), PRESENCE_UNCHANGED);
    (void)presence_enter(presence, 7, 1);
    (void)presence_enter(presence, 3, 1);
    assert_int_equal(presence_bring(presence, 7, 3), PRESENCE_CHANGED);
    assert_int_equal(presence_bring(presence, 7, 3), PRESENCE_UNCHANGED);
    assert_int_equal(presence_count(presence), 5);
    assert_int_equal(presence_bring(presence, 7, 1), PRESENCE_CHANGED);
    assert_int_equal(presence_count(presence), 3);
    assert_int_equal(presence_leave(presence, 7), PRESENCE_CHANGED);
    assert_int_equal(presence_count(presence), 1);
    free(presence);
}

static void test_presence_is_bounded(void **state)
{
    struct presence *presence = calloc(1, sizeof(*presence));

    (void)state;
    assert_non_null(presence);
    for (int64_t member = PRESENCE_MOST; member > 0; member--)
        assert_int_equal(presence_enter(presence, member, 1), PRESENCE_CHANGED);
    assert_int_equal(presence_enter(presence, PRESENCE_MOST + 1, 1), PRESENCE_FULL);
    assert_int_equal(presence_enter(presence, 1, 1), PRESENCE_UNCHANGED);
    for (size_t i = 0; i < presence->n; i++)
        assert_int_equal(presence->entries[i].member, i + 1);
    free(presence);
}

/* Who was granted goes through when the door opens, once each, and not after ten seconds. */
static void test_threshold(void **state)
{
    struct threshold threshold = {0};
    struct threshold_person people[THRESHOLD_MOST];

    (void)state;
    threshold_add(&threshold, &(struct threshold_person){.member = 1, .granted_at = USEC_PER_SEC});
    threshold_add(&threshold,
                  &(struct threshold_person){.member = 2, .granted_at = 2 * USEC_PER_SEC});
    threshold_add(&threshold, &(struct threshold_person){.member = 3,
                                                         .direction = DIRECTION_OUT,
                                                         .granted_at = 3 * USEC_PER_SEC});
    threshold_add(&threshold, &(struct threshold_person){.member = 3,
                                                         .direction = DIRECTION_IN,
                                                         .granted_at = 4 * USEC_PER_SEC});
    assert_int_equal(threshold_take(&threshold, 12 * USEC_PER_SEC, people), 2);
    assert_int_equal(people[0].member, 2);
    assert_int_equal(people[1].member, 3);
    assert_int_equal(people[1].direction, DIRECTION_IN);
    assert_int_equal(threshold_take(&threshold, 12 * USEC_PER_SEC, people), 0);

    for (int64_t member = 1; member <= THRESHOLD_MOST + 1; member++)
        threshold_add(&threshold,
                      &(struct threshold_person){.member = member, .granted_at = USEC_PER_SEC});
    assert_int_equal(threshold_take(&threshold, USEC_PER_SEC, people), THRESHOLD_MOST);
    assert_int_equal(people[0].member, 2);
}

static void test_repeat(void **state)
{
    struct repeat repeat = {0};
    struct uid ada, bob;

    (void)state;
    assert_int_equal(uid_parse("04A1B2C3D4E5F6", &ada), 0);
    assert_int_equal(uid_parse("A1B2C3D4", &bob), 0);
    assert_false(repeat_or_remember(&repeat, &ada, 10, 3000)); /* also right after boot */
    assert_true(repeat_or_remember(&repeat, &ada, 3009, 3000));
    assert_false(repeat_or_remember(&repeat, &bob, 3009, 3000));
    /* what was only a repetition does not prolong the time */
    assert_false(repeat_or_remember(&repeat, &ada, 3010, 3000));
    assert_true(repeat_or_remember(&repeat, &bob, 3011, 3000));
    assert_false(repeat_or_remember(&repeat, &bob, 3012, 0));
}

static void test_repeat_forgets_the_oldest(void **state)
{
    struct repeat repeat = {0};
    struct uid uid = {.length = 4};

    (void)state;
    for (uint8_t i = 0; i <= REPEAT_BADGES_MOST; i++) {
        uid.bytes[0] = (uint8_t)(i + 1);
        assert_false(repeat_or_remember(&repeat, &uid, 100 + i, 3000));
    }
    assert_true(repeat_or_remember(&repeat, &uid, 200, 3000));
    uid.bytes[0] = 2;
    assert_true(repeat_or_remember(&repeat, &uid, 200, 3000));
    uid.bytes[0] = 1;
    assert_false(repeat_or_remember(&repeat, &uid, 200, 3000));
}

static void effects_expect(bool granted, enum direction direction, bool inside,
                           const enum effect *expected, size_t n_expected)
{
    struct decision decision = {.granted = granted, .direction = direction};
    enum effect effects[EFFECTS_MOST];
    size_t n = effects_of(&decision, inside, effects);

    assert_int_equal(n, n_expected);
    assert_memory_equal(effects, expected, n * sizeof(effects[0]));
}

#define EXPECT_EFFECTS(granted, direction, inside, ...)                                            \
    effects_expect(granted, direction, inside, (const enum effect[]){__VA_ARGS__},                 \
                   ELEMENTSOF(((const enum effect[]){__VA_ARGS__})))

/* A grant unlocks, whichever way it means; a refusal changes nothing; a person counts once. */
static void test_effects(void **state)
{
    (void)state;
    EXPECT_EFFECTS(true, DIRECTION_IN, false, EFFECT_RECORD_ACCESS, EFFECT_RECORD_ENTERED,
                   EFFECT_UNLOCK, EFFECT_ANSWER);
    EXPECT_EFFECTS(true, DIRECTION_IN, true, EFFECT_RECORD_ACCESS, EFFECT_UNLOCK, EFFECT_ANSWER);
    EXPECT_EFFECTS(true, DIRECTION_OUT, true, EFFECT_RECORD_ACCESS, EFFECT_RECORD_LEFT,
                   EFFECT_UNLOCK, EFFECT_ANSWER);
    EXPECT_EFFECTS(true, DIRECTION_OUT, false, EFFECT_RECORD_ACCESS, EFFECT_UNLOCK, EFFECT_ANSWER);
    EXPECT_EFFECTS(false, DIRECTION_IN, false, EFFECT_RECORD_ACCESS, EFFECT_ANSWER);
    EXPECT_EFFECTS(false, DIRECTION_OUT, true, EFFECT_RECORD_ACCESS, EFFECT_ANSWER);
}

#define SECONDS(n) ((usec_t)(n)*USEC_PER_SEC)

static void test_throttle_begins_with_the_tenth(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    for (int i = 0; i < THROTTLE_ANSWERS; i++) {
        assert_false(throttle_holds(&throttle, SECONDS(100 + i)));
        throttle_count(&throttle, i % 2 ? REASON_UNKNOWN_BADGE : REASON_WEAK_BADGE,
                       SECONDS(100 + i));
    }
    assert_true(throttle_holds(&throttle, SECONDS(110)));
    assert_true(throttle_is_first(&throttle));
    assert_true(throttle_holds(&throttle, SECONDS(119)));
    assert_false(throttle_is_first(&throttle));
    assert_true(throttle_holds(&throttle, SECONDS(128))); /* each one prolongs it */
    assert_false(throttle_holds(&throttle, SECONDS(138)));
    throttle_count(&throttle, REASON_UNKNOWN_BADGE, SECONDS(138)); /* counted anew */
    assert_false(throttle_holds(&throttle, SECONDS(139)));
}

static void test_throttle_counts_strangers_within_30_s(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    for (int i = 0; i < 100; i++) {
        throttle_count(&throttle, REASON_OK, SECONDS(100));
        throttle_count(&throttle, REASON_MEMBER_SUSPENDED, SECONDS(100));
        throttle_count(&throttle, REASON_THROTTLED, SECONDS(100));
        assert_false(throttle_holds(&throttle, SECONDS(100)));
    }
    for (int i = 0; i < 30; i++) { /* ten take 36 s */
        throttle_count(&throttle, REASON_UNKNOWN_BADGE, SECONDS(200 + 4 * i));
        assert_false(throttle_holds(&throttle, SECONDS(200 + 4 * i)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttle_begins_with_the_tenth),
        cmocka_unit_test(test_throttle_counts_strangers_within_30_s),
        cmocka_unit_test(test_presence_counts_once),
        cmocka_unit_test(test_guests_are_counted_with_their_member),
        cmocka_unit_test(test_presence_is_bounded),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_repeat_forgets_the_oldest),
        cmocka_unit_test(test_effects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
