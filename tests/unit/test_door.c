/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A door's states, against the stories in tests/vectors/door.txt. */

#include "core/door.h"
#include "unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BEGIN (1000 * USEC_PER_SEC) /* of the stories, on the monotonic clock */

struct story {
    struct door door;
    usec_t now;
    char seen[VECTOR_TEXT_SIZE];
};

static void say(struct story *story, const char *word)
{
    size_t used = strlen(story->seen);

    (void)snprintf(story->seen + used, sizeof(story->seen) - used, "%s%s", used > 0 ? " " : "",
                   word);
}

static void see(struct story *story, unsigned changes)
{
    const struct door *door = &story->door;
    char second[24];

    if (changes == DOOR_SAME)
        return;
    if (story->seen[0])
        (void)strcat(story->seen, ",");
    (void)snprintf(second, sizeof(second), "%llu",
                   (unsigned long long)((story->now - BEGIN) / USEC_PER_SEC));
    say(story, second);
    if (changes & DOOR_WRITE)
        say(story, door_released(door) ? "on" : "off");
    if (changes & DOOR_OPENED)
        say(story, "opened");
    if (changes & DOOR_FORCED)
        say(story, "forced!");
    if (changes & DOOR_HELD_OPEN)
        say(story, "held_open!");
    if (changes & DOOR_SHOWN)
        say(story, lock_state_word(door_lock(door)));
    if ((changes & DOOR_SHOWN) && door_alarm(door) != ALARM_NONE)
        say(story, door_alarm_word(door_alarm(door)));
}

static void pass_time(struct story *story, usec_t until)
{
    while (door_next(&story->door) <= until) {
        story->now = door_next(&story->door);
        /* a wake-up just before is none */
        assert_int_equal(door_advance(&story->door, story->now - 1), DOOR_SAME);
        see(story, door_advance(&story->door, story->now));
    }
    story->now = until;
    assert_int_equal(door_advance(&story->door, until), DOOR_SAME);
}

static bool setting(struct story *story, const char *key, const char *value)
{
    struct door_settings *settings = &story->door.settings;

    if (streq(key, "contact")) {
        settings->has_contact = true;
        (void)door_contact(&story->door, story->now,
                           streq(value, "open") ? CONTACT_OPEN : CONTACT_CLOSED);
    } else if (streq(key, "relock"))
        settings->relock_on_close = true;
    else if (streq(key, "quiet"))
        settings->forced_alarm = false;
    else if (streq(key, "held_open"))
        settings->held_open_after = (usec_t)atoi(value) * USEC_PER_SEC;
    else
        return false;
    return true;
}

static unsigned happen(struct story *story, const char *key, const char *value)
{
    struct door *door = &story->door;
    usec_t now = story->now, span = value ? (usec_t)atoi(value) * USEC_PER_SEC : 0;
    bool on = value && streq(value, "on");

    if (streq(key, "unlock"))
        return door_unlock(door, now, span);
    if (streq(key, "hold"))
        return door_hold(door, now, value ? now + span : USEC_INFINITY);
    if (streq(key, "release"))
        return door_release(door, now);
    if (streq(key, "open"))
        return door_contact(door, now, CONTACT_OPEN);
    if (streq(key, "close"))
        return door_contact(door, now, CONTACT_CLOSED);
    if (streq(key, "schedule"))
        return door_schedule(door, now, on);
    if (streq(key, "lockdown"))
        return door_lockdown(door, now, on);
    if (streq(key, "fire"))
        return door_fire(door, now, on);
    fail_msg("%s: no such word: see the head of the table", key);
    return 0;
}

static void story_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    const struct door_settings settings = {.forced_alarm = true,
                                           .held_open_after = 30 * USEC_PER_SEC};
    struct story story = {.now = BEGIN};
    char *words = vector->cells[1], *word;

    assert_int_equal(vector->n, 3);
    door_init(&story.door, &settings);
    while ((word = strsep(&words, " "))) {
        char *value = word, *key = strsep(&value, "=");

        if (!*word)
            continue;
        if (*word == '+')
            pass_time(&story, story.now + (usec_t)atoi(word + 1) * USEC_PER_SEC);
        else if (!setting(&story, key, value))
            see(&story, happen(&story, key, value));
    }
    (void)snprintf(ret, VECTOR_TEXT_SIZE, "%s", story.seen);
}

static void test_stories(void **state)
{
    (void)state;
    vectors_run("door.txt", story_check);
}

/* A relay that has gone has forgotten what was asked of it. */
static void test_relock(void **state)
{
    const struct door_settings settings = {0};
    struct door door;

    (void)state;
    door_init(&door, &settings);
    (void)door_hold(&door, BEGIN, USEC_INFINITY);
    (void)door_unlock(&door, BEGIN, USEC_PER_SEC);
    assert_int_equal(door_relock(&door), DOOR_SHOWN);
    assert_int_equal(door_lock(&door), LOCK_LOCKED);
    assert_int_equal(door_next(&door), USEC_INFINITY);
    assert_int_equal(door_relock(&door), DOOR_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_relock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
