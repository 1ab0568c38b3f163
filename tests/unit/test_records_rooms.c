/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rooms and their bookings as the records give them, and how long that takes. */

#include "unit/records_rig.h"

#define USEC_MOST 1000 /* with ROOMS_MOST rooms and 20,000 bookings; it takes some 100 */

struct taken {
    struct room rooms[ROOMS_MOST];
    size_t n;
};

static void take(void *userdata, const struct room *room)
{
    struct taken *taken = userdata;

    assert_true(taken->n < ROOMS_MOST);
    taken->rooms[taken->n++] = *room;
}

static struct taken *rooms_of(struct rig *rig, int expected)
{
    static struct taken taken;

    taken.n = 0;
    assert_int_equal(records_rooms(rig->records, monday.wall, take, &taken), expected);
    return &taken;
}

/* Each resource, and for each booking its times from now on and its title. */
static void rooms_are(struct rig *rig, const char *expected)
{
    const struct taken *taken = rooms_of(rig, 0);
    char came[1024] = "";
    size_t used = 0;

    for (const struct room *room = taken->rooms; room < taken->rooms + taken->n; room++) {
        used += (size_t)snprintf(came + used, sizeof(came) - used, "[%s %s", room->id, room->name);
        for (size_t i = 0; i < room->n_bookings; i++)
            used +=
                (size_t)snprintf(came + used, sizeof(came) - used, " %d:%d:%s",
                                 (int)(room->bookings[i].starts_at - WALL),
                                 (int)(room->bookings[i].ends_at - WALL), room->bookings[i].title);
        used += (size_t)snprintf(came + used, sizeof(came) - used, "]");
    }
    assert_string_equal(came, expected);
}

static void edit(struct rig *rig, const char *sql)
{
    shell_careless(rig, sql);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
}

static void test_every_kind_has_a_place(void **state)
{
    struct rig *rig = *state;

    open_well(rig);
    rooms_are(rig, "");
    edit(rig, "INSERT INTO resource(id, name, kind) VALUES ('a', 'Bureau 1', 'desk'),"
              " ('b', 'Salle bleue', 'room'), ('c', 'L''espace', 'space')");
    rooms_are(rig, "[b Salle bleue][c L'espace][a Bureau 1]");
    edit(rig, "DELETE FROM resource WHERE id = 'b'");
    rooms_are(rig, "[c L'espace][a Bureau 1]");
}

static void test_bookings(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    edit(rig, "INSERT INTO resource(id, name) VALUES ('b', 'Bleue'), ('v', 'Verte');"
              "INSERT INTO booking(resource, member, starts_at, ends_at, title, public, status)"
              " VALUES ('b', 1, 4099114800, 4099118400, 'Conseil', 1, 'confirmed'),"
              " ('v', 1, 4099110200, 4099111200, 'Fini', 1, 'confirmed'),"
              " ('b', 1, 4099110200, 4099111201, 'Yoga', 1, 'confirmed'),"
              " ('b', 1, 4099112200, 4099113200, 'Secret', 0, 'confirmed'),"
              " ('b', 1, 4099111700, 4099112200, 'Rien', 1, 'cancelled'),"
              " ('b', 1, 4099111700, 4099112200, 'Rien', 1, 'released'),"
              " ('v', 1, 4099183200, 4099193200, '', 1, 'confirmed')");
    rooms_are(rig, "[b Bleue -1000:1:Yoga 1000:2000: 3600:7200:Conseil][v Verte 72000:82000:]");
    edit(rig, "UPDATE booking SET status = 'cancelled' WHERE title = 'Yoga'");
    rooms_are(rig, "[b Bleue 1000:2000: 3600:7200:Conseil][v Verte 72000:82000:]");
}

/* What no tool can write, and a broken one might. */
static void test_rows_without_sense(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    edit(rig, "INSERT INTO resource(id, name) VALUES ('a/b', 'Topic'), ('', 'Rien'),"
              " ('Grand', 'Majuscule'), ('blanc', '  '), ('mal', CAST(x'5A6FE9' AS TEXT));"
              "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES"
              " ('mal', 1, 4099112200, 4099111700), ('nulle-part', 1, 4099111200, 4099112200)");
    rooms_are(rig, "[blanc blanc][mal Zo?]");
}

static void test_long_texts_keep_whole_letters(void **state)
{
    struct rig *rig = *state;
    const struct taken *taken;

    open_with_ada(rig);
    edit(rig, "INSERT INTO resource(id, name) VALUES ('b', 'Bleue');"
              "INSERT INTO booking(resource, member, starts_at, ends_at, title, public)"
              " VALUES ('b', 1, 4099110200, 4099112200,"
              " replace(printf('%200s', ''), ' ', char(0x1F37D)), 1)");
    taken = rooms_of(rig, 0);
    assert_int_equal(strlen(taken->rooms[0].bookings[0].title), 800);
    edit(rig, "UPDATE booking SET title = 'x' || title || title");
    taken = rooms_of(rig, 0);
    assert_int_equal(strlen(taken->rooms[0].bookings[0].title), 805);
}

/* ROOMS_MOST resources with ids from `first` on. */
static void resources_add(struct rig *rig, const char *kind, int first, int count)
{
    char sql[512];

    (void)snprintf(sql, sizeof(sql),
                   "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO resource(id, name, kind) SELECT printf('r%%04d', %d + i),"
                   " 'Salle ' || i, '%s' FROM n",
                   count - 1, first, kind);
    edit(rig, sql);
}

static void test_too_many(void **state)
{
    struct rig *rig = *state;
    const struct taken *taken;

    open_well(rig);
    resources_add(rig, "desk", 0, ROOMS_MOST);
    assert_int_equal(rooms_of(rig, 0)->n, ROOMS_MOST);
    resources_add(rig, "room", 9000, 2);
    taken = rooms_of(rig, 1);
    assert_int_equal(taken->n, ROOMS_MOST);
    assert_string_equal(taken->rooms[0].id, "r9000"); /* a desk gives way */
    assert_string_equal(taken->rooms[1].id, "r9001");
    assert_string_equal(taken->rooms[2].id, "r0000");
}

static void test_twenty_thousand_bookings(void **state)
{
    struct rig *rig = *state;
    usec_t best = USEC_INFINITY;

    open_with_ada(rig);
    resources_add(rig, "room", 0, ROOMS_MOST);
    edit(rig, "DROP TRIGGER booking_inserted_over_another;"
              "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)"
              " INSERT INTO booking(resource, member, starts_at, ends_at, title, public)"
              " SELECT printf('r%04d', i % 64), 1, 4099111200 + (i / 64 - 150) * 7200,"
              " 4099111200 + (i / 64 - 150) * 7200 + 3600, 'Atelier ' || i, 1 FROM n");
    for (int i = 0; i < 20; i++) {
        usec_t begun = time_monotonic();
        const struct taken *taken = rooms_of(rig, 0);
        usec_t took = time_monotonic() - begun;

        assert_int_equal(taken->n, ROOMS_MOST);
        assert_int_equal(taken->rooms[63].n_bookings, ROOM_BOOKINGS_MOST);
        assert_int_equal(taken->rooms[63].bookings[0].starts_at, WALL);
        best = MIN_OF(best, took);
    }
    print_message("%d rooms, 20,000 bookings: %llu µs\n", ROOMS_MOST, (unsigned long long)best);
    assert_true(best < USEC_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIGGED(test_every_kind_has_a_place),
        RIGGED(test_bookings),
        RIGGED(test_rows_without_sense),
        RIGGED(test_long_texts_keep_whole_letters),
        RIGGED(test_too_many),
        RIGGED(test_twenty_thousand_bookings),
    };

    return cmocka_run_group_tests_name("records_rooms", tests, NULL, NULL);
}
