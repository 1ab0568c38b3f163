/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said of a room, against the table that shows it: tests/vectors/room.txt. */

#include "core/room.h"
#include "unit/vectors.h"
#include "util/time.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY      INT64_C(86400)
#define MIDNIGHT INT64_C(1795392000) /* 2026-11-23T00:00:00Z; the space is in UTC */

/* "14:00", or "+1/14:00" of the day after. */
static int64_t moment_of(const char *text)
{
    const char *clock = strchr(text, '/');
    int minute = 0;

    assert_int_equal(minute_parse(clock ? clock + 1 : text, &minute), 0);
    return MIDNIGHT + (clock ? strtol(text, NULL, 10) : 0) * DAY + minute * 60;
}

static void booking_add(struct room *room, char *word)
{
    struct room_booking *booking = &room->bookings[room->n_bookings++];
    char *title = word, *until = strsep(&title, ","), *from = strsep(&until, "-");

    assert_true(room->n_bookings <= ROOM_BOOKINGS_MOST);
    assert_non_null(until);
    booking->starts_at = moment_of(from);
    booking->ends_at = moment_of(until);
    (void)snprintf(booking->title, sizeof(booking->title), "%s", title ? title : "");
}

static void moment_write(int64_t moment, char ret[static 32])
{
    int64_t day = (moment - MIDNIGHT) / DAY, minute = (moment - MIDNIGHT) % DAY / 60;
    char date[16] = "";

    assert_int_equal((moment - MIDNIGHT) % 60, 0);
    if (day > 0)
        (void)snprintf(date, sizeof(date), "+%d/", (int)day);
    (void)snprintf(ret, 32, "%s%02d:%02d", date, (int)(minute / 60), (int)(minute % 60));
}

static void view_write(const struct room_view *view, char ret[static VECTOR_TEXT_SIZE])
{
    char until[32] = "-", next[128] = "-", holds[32];
    const struct room_booking *after = view->next;

    moment_write(view->changes_at, holds);
    if (view->until)
        moment_write(view->until, until);
    if (after) {
        char from[32], to[32];

        moment_write(after->starts_at, from);
        moment_write(after->ends_at, to);
        (void)snprintf(next, sizeof(next), "%s-%s%s%.40s", from, to, after->title[0] ? "," : "",
                       after->title);
    }
    (void)snprintf(ret, VECTOR_TEXT_SIZE, "%s until=%s title=%.40s next=%s holds=%s",
                   room_state_word(view->state), until,
                   view->current && view->current->title[0] ? view->current->title : "-", next,
                   holds);
}

static void row_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct room room = {.id = "salle", .name = "Salle"};
    int64_t now = MIDNIGHT + 10 * 3600;
    char *rest = vector->cells[1], *word;
    struct room_view view;

    assert_int_equal(vector->n, 3);
    while ((word = strsep(&rest, " "))) {
        if (starts_with(word, "now="))
            now = moment_of(word + 4);
        else if (*word)
            booking_add(&room, word);
    }
    room_judge(&room, now, MIDNIGHT + DAY, &view);
    view_write(&view, ret);
}

static void test_table(void **state)
{
    (void)state;
    vectors_run("room.txt", row_check);
}

/* What a row says holds to the last second, and not one longer. */
static void test_views_hold_as_long_as_they_say(void **state)
{
    struct room room = {.n_bookings = 3,
                        .bookings = {{MIDNIGHT + 36000, MIDNIGHT + 39600, "Yoga"},
                                     {MIDNIGHT + 39600, MIDNIGHT + 43200, ""},
                                     {MIDNIGHT + 8 * DAY, MIDNIGHT + 9 * DAY, "Exposition"}}};
    int64_t tomorrow = MIDNIGHT + DAY, now = MIDNIGHT;
    struct room_view before, after;
    size_t changes = 0;

    (void)state;
    while (now < MIDNIGHT + 2 * DAY) {
        room_judge(&room, now, tomorrow, &before);
        assert_true(before.changes_at > now);
        room_judge(&room, before.changes_at - 1, tomorrow, &after);
        assert_memory_equal(&before, &after, sizeof(before));
        now = before.changes_at;
        tomorrow += now == tomorrow ? DAY : 0;
        room_judge(&room, now, tomorrow, &after);
        changes += memcmp(&before, &after, sizeof(before)) != 0;
    }
    assert_true(changes >= 5); /* three ends and beginnings, a midnight, the week's edge */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_views_hold_as_long_as_they_say),
    };

    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
