/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Why somebody was refused: a sentence for each reason, which says what to do. */

#include "ctl/refusal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct rig {
    json_t *member, *host, *badges;
    struct refusal refusal;
};

static json_t *person(int id, const char *name, const char *status)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "id", id, "name", name, "plan", "soir",
                     "status", status, "valid_from", "2026-12-01", "valid_until", "2026-11-01");
}

/* Somebody about whom everything is wrong today, 2026-11-24. */
static int rig_begin(void **state)
{
    static const char *const statuses[] = {"blocked", "lost", "stolen", "returned"};
    struct rig *rig = calloc(1, sizeof(*rig));

    rig->member = person(7, "Ada", "suspended");
    rig->host = person(8, "Grace", "left");
    rig->badges = json_array();
    for (size_t i = 0; i < ELEMENTSOF(statuses); i++)
        (void)json_array_append_new(rig->badges,
                                    json_pack("{s:s, s:s, s:s}", "uid", "04A1B2C3D4E5F6", "status",
                                              statuses[i], "valid_until", "2026-11-23"));
    rig->refusal = (struct refusal){.door = "front",
                                    .member = rig->member,
                                    .host = rig->host,
                                    .badges = rig->badges,
                                    .access = "hours",
                                    .today = "2026-11-24"};
    *state = rig;
    return 0;
}

static int rig_end(void **state)
{
    struct rig *rig = *state;

    json_decref(rig->member);
    json_decref(rig->host);
    json_decref(rig->badges);
    free(rig);
    return 0;
}

static void assert_says(struct rig *rig, enum reason reason, const char *words)
{
    char sentence[REFUSAL_SIZE];

    rig->refusal.reason = reason;
    refusal_write(&rig->refusal, sentence);
    if (!strstr(sentence, words))
        fail_msg("%s: \"%s\" is not in \"%s\"", reason_word(reason), words, sentence);
}

static void test_every_reason_says_what_to_do(void **state)
{
    static const struct {
        enum reason reason;
        const char *words;
    } rows[] = {
        {REASON_THROTTLED, "10 s without one end it"},
        {REASON_UNKNOWN_BADGE, "cantinectl badge list 7"},
        {REASON_WEAK_BADGE, "cantinectl member edit 7 --plan"},
        {REASON_BAD_SIGNATURE, "it may be a copy"},
        {REASON_BADGE_BLOCKED,
         "04A1B2C3D4E5F6 is blocked: cantinectl badge set 04A1B2C3D4E5F6 active"},
        {REASON_BADGE_LOST, "04A1B2C3D4E5F6 is lost"},
        {REASON_BADGE_STOLEN, "04A1B2C3D4E5F6 is stolen"},
        {REASON_BADGE_RETURNED, "04A1B2C3D4E5F6 is returned"},
        {REASON_BADGE_EXPIRED, "badge set 04A1B2C3D4E5F6 returned"},
        {REASON_LOCKDOWN, "cantinectl door lockdown off"},
        {REASON_MEMBER_SUSPENDED, "Ada is suspended: cantinectl member resume 7"},
        {REASON_MEMBER_LEFT, "Ada had left then"},
        {REASON_MEMBER_NOT_YET, "begins 2026-12-01: cantinectl member edit 7 --from today"},
        {REASON_MEMBER_EXPIRED, "ended 2026-11-01: cantinectl member edit 7 --until DAY"},
        {REASON_PLAN_INACTIVE, "plan soir is no longer active: cantinectl member edit 7"},
        {REASON_WRONG_DOOR, "plan soir does not open door front"},
        {REASON_CLOSED_DAY, "cantinectl closure list --all"},
        {REASON_OUTSIDE_HOURS, "outside the hours of plan soir"},
        {REASON_NO_BOOKING, "cantinectl booking add RESOURCE 7"},
        {REASON_NO_PASS, "cantinectl pass add 7 day 10"},
        {REASON_CLOCK_UNTRUSTED, "timedatectl"},
        {REASON_FULL, "cantinectl occupancy --names"},
    };

    assert_int_equal(ELEMENTSOF(rows), REASON_COUNT - 1); /* all but ok */
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        assert_says(*state, rows[i].reason, rows[i].words);
}

static void test_opening_hours_are_another_sentence(void **state)
{
    struct rig *rig = *state;

    rig->refusal.access = "opening";
    assert_says(rig, REASON_OUTSIDE_HOURS, "cantinectl opening list");
}

static void test_what_has_been_mended_since(void **state)
{
    struct rig *rig = *state;
    json_t *nobody = json_array();

    rig->refusal.badges = nobody;
    (void)json_object_set_new(rig->member, "status", json_string("active"));
    (void)json_object_set_new(rig->member, "valid_from", json_null());
    (void)json_object_set_new(rig->member, "valid_until", json_null());
    assert_says(rig, REASON_BADGE_LOST, "was lost then");
    assert_says(rig, REASON_BADGE_EXPIRED, "no badge's is now");
    assert_says(rig, REASON_MEMBER_SUSPENDED, "no longer is");
    assert_says(rig, REASON_MEMBER_LEFT, "is a member again");
    assert_says(rig, REASON_MEMBER_NOT_YET, "has now");
    assert_says(rig, REASON_MEMBER_EXPIRED, "goes on now");
    json_decref(nobody);
}

static void test_a_guest_is_told_of_the_host(void **state)
{
    struct rig *rig = *state;

    rig->refusal.of_host = true;
    assert_says(rig, REASON_MEMBER_LEFT,
                "while the host would: Grace has left: cantinectl member resume 8");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_reason_says_what_to_do),
        TEST(test_opening_hours_are_another_sentence),
        TEST(test_what_has_been_mended_since),
        TEST(test_a_guest_is_told_of_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
