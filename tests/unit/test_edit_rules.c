/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Edits of more than one row: plans with their hours and doors, closures, passes, and bookings with
 * guests. All of it or nothing, each row in record_change with who did it.
 */

#include "unit/edit_rig.h"

#include <errno.h>

#define CHANGES "SELECT count(*) FROM record_change"
#define BY      " WHERE actor = 'grace'"

static json_t *row_of(json_t *rows, const char *id)
{
    json_t *row;
    size_t i;

    json_array_foreach(
        rows, i, row) if (streq(json_string_value(json_object_get(row, "id")), id)) return row;
    fail_msg("there is no row %s", id);
    return NULL;
}

static void plans_change_as_a_whole(void **state)
{
    struct rig *rig = *state;
    const struct edit_value values[] = {{"id", "nuit"}, {"name", "La nuit"}, {"access", "hours"}};
    const struct window hours[] = {{.weekday = 1, .opens = 1200, .closes = 120},
                                   {.weekday = 6, .opens = 0, .closes = 0}};
    const struct window twice[] = {{.weekday = 1, .opens = 60, .closes = 120},
                                   {.weekday = 1, .opens = 60, .closes = 180}};
    const char *doors[] = {"front", "back"}, *wrong[] = {"front", "La porte"};
    struct edit_plan plan = {values, 3, true, hours, 2, {true, doors, 2}};
    CLEANUP(cleanup_json) json_t *rows = NULL;

    assert_int_equal(edit_plan_add(rig->edit, &plan), 0);
    assert_number(rig, CHANGES BY, 5);
    assert_number(rig, CHANGES, 5);
    assert_int_equal(edit_plan_add(rig->edit, &plan), -EEXIST);
    assert_error(rig, "plan nuit is already there");

    plan = (struct edit_plan){.has_hours = true, .hours = twice, .n_hours = 2};
    assert_int_equal(edit_plan_set(rig->edit, "nuit", &plan), -EEXIST);
    plan = (struct edit_plan){.values = values + 1,
                              .n_values = 1,
                              .has_hours = true,
                              .doors = {.given = true, .names = wrong, .n = 2}};
    assert_int_equal(edit_plan_set(rig->edit, "nuit", &plan), -EINVAL);
    assert_error(rig, "“La porte” is not possible: a door's name is");
    assert_int_equal(edit_plan_set(rig->edit, "jour", &plan), -ENOENT);
    assert_error(rig, "there is no plan “jour”: there are carnet, nomade, nuit");
    assert_number(rig, CHANGES, 5);

    assert_int_equal(edit_list_plans(rig->edit, &rows), 0);
    assert_int_equal(json_array_size(json_object_get(row_of(rows, "nuit"), "hours")), 2);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(row_of(rows, "nuit"), "doors"), 0)),
        "back");
    assert_int_equal(json_array_size(json_object_get(row_of(rows, "soir"), "hours")), 0);

    plan = (struct edit_plan){.has_hours = true, .hours = hours, .n_hours = 1, .doors.given = true};
    assert_int_equal(edit_plan_set(rig->edit, "nuit", &plan), 0);
    assert_number(rig, "SELECT count(*) FROM plan_hours WHERE plan = 'nuit'", 1);
    assert_number(rig, "SELECT count(*) FROM plan_door", 0);
    assert_number(rig, CHANGES BY, 10);
    assert_number(rig, CHANGES, 10);
}

static void closures_come_and_go(void **state)
{
    struct rig *rig = *state;
    const struct edit_value values[] = {
        {"first_day", "2026-12-24"}, {"last_day", "2026-12-26"}, {"label", "Noël"}};
    const struct edit_value wrong[] = {{"first_day", "2026-02-30"}};
    CLEANUP(cleanup_json) json_t *rows = NULL;

    assert_int_equal(edit_closure_add(rig->edit, values, 3), 1);
    assert_int_equal(edit_closure_add(rig->edit, values, 1), 2);
    assert_int_equal(edit_closure_add(rig->edit, wrong, 1), -EINVAL);
    assert_error(rig, "“2026-02-30” is not possible: first_day is a day");
    assert_string_equal(edit_error_column(rig->edit), "first_day");
    assert_int_equal(edit_list_closures(rig->edit, "2026-12-25", "2026-12-25", &rows), 0);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(edit_closure_remove(rig->edit, 1), 0);
    assert_int_equal(edit_closure_remove(rig->edit, 1), -ENOENT);
    assert_error(rig, "there is no closure 1");
    assert_number(rig, "SELECT id FROM closure", 2);
    assert_number(rig, CHANGES BY, 3);
    assert_number(rig, CHANGES, 3);
}

static int64_t add(struct rig *rig, const char *name, const char *email, const char *host)
{
    struct edit_value values[] = {
        {"name", name}, {"plan", "salle"}, {"email", email}, {"host", host}};

    return edit_member_add(rig->edit, values, ELEMENTSOF(values));
}

static void passes_are_listed_by_member(void **state)
{
    struct rig *rig = *state;
    struct edit_value values[] = {{"member", "1"}, {"kind", "half_day"}, {"quantity", "10"}};
    CLEANUP(cleanup_json) json_t *rows = NULL;

    assert_int_equal(edit_pass_add(rig->edit, values, 3), -ENOENT);
    assert_error(rig, "there is no member 1");
    assert_int_equal(add(rig, "Ada", NULL, NULL), 1);
    assert_int_equal(edit_pass_add(rig->edit, values, 3), 1);
    values[2].text = "1.5";
    assert_int_equal(edit_pass_add(rig->edit, values, 3), -EINVAL);
    assert_error(rig, "quantity is a whole number");
    values[2].text = "-3";
    assert_int_equal(edit_pass_add(rig->edit, values, 3), -EINVAL);
    assert_error(rig, "quantity is 1 to 10000");
    assert_int_equal(edit_list_passes(rig->edit, 2, &rows), 0);
    assert_int_equal(json_array_size(rows), 0);
    json_decref(rows);
    assert_int_equal(edit_list_passes(rig->edit, 0, &rows), 0);
    assert_int_equal(json_array_size(rows), 1);
    assert_number(rig, CHANGES BY, 2);
}

/* --- guests ----------------------------------------------------------------------------------- */

static void guests_are_known_members_where_they_can_be(void **state)
{
    static const struct {
        struct edit_guest guest;
        int64_t member;
        bool widen;
    } cases[] = {
        {{.name = "Somebody", .email = "ADA@x.org"}, 2, false}, /* another's guest */
        {{.name = "Somebody", .email = "zoe@x.org"}, 3, true},
        {{.name = "zoe martin"}, 3, true},
        {{.name = "Zoé"}, 0, false},                               /* a part of a name only */
        {{.name = "Zoé Martin", .email = "z@y.org"}, 0, false},    /* another address */
        {{.name = "Alan Turing", .email = "alan@x.org"}, 4, true}, /* no address until now */
        {{.name = "Jean Dupont"}, 0, false},                       /* two of them */
        {{.name = "Ada Lovelace"}, 0, false},                      /* not a guest of this host */
        {{.name = "Paul Erdős"}, 7, false}, /* gets in without bookings too */
        {{.member = 4}, 4, true},
    };
    struct edit_guest list[ELEMENTSOF(cases)];
    struct rig *rig = *state;

    assert_int_equal(add(rig, "Host", NULL, NULL), 1);
    assert_int_equal(add(rig, "Ada Lovelace", "ada@x.org", NULL), 2);
    assert_int_equal(add(rig, "Zoé Martin", "zoe@x.org", "1"), 3);
    assert_int_equal(add(rig, "Alan Turing", NULL, "1"), 4);
    assert_int_equal(add(rig, "Jean Dupont", NULL, "1"), 5);
    assert_int_equal(add(rig, "Jean DUPONT", NULL, "1"), 6);
    assert_int_equal(add(rig, "Paul Erdős", NULL, "1"), 7);
    assert_int_equal(database_run(rig->other, "UPDATE member SET plan = 'resident' WHERE id = 7"),
                     0);
    for (size_t i = 0; i < ELEMENTSOF(cases); i++)
        list[i] = cases[i].guest;
    assert_int_equal(edit_guests_find(rig->edit, 1, list, ELEMENTSOF(list)), 0);
    for (size_t i = 0; i < ELEMENTSOF(cases); i++)
        if (list[i].member != cases[i].member || list[i].widen != cases[i].widen)
            fail_msg("guest %zu is member %d", i, (int)list[i].member);
}

struct refusals {
    struct rig *rig;
    size_t n, guests[4];
    char columns[4][SLUG_SIZE];
};

static void on_refused(void *userdata, size_t i)
{
    struct refusals *refusals = userdata;

    assert_true(refusals->n < ELEMENTSOF(refusals->guests));
    (void)snprintf(refusals->columns[refusals->n], SLUG_SIZE, "%s",
                   edit_error_column(refusals->rig->edit));
    refusals->guests[refusals->n++] = i;
}

static int64_t book(struct rig *rig, const struct edit_guests *guests, int64_t starts_at)
{
    const struct edit_booking booking = {.resource = "tout",
                                         .member = 1,
                                         .starts_at = starts_at,
                                         .ends_at = starts_at + 1000,
                                         .guests = guests};

    return edit_booking_add(rig->edit, &booking);
}

static void bookings_come_with_their_guests_or_not_at_all(void **state)
{
    struct rig *rig = *state;
    const struct edit_value tout[] = {{"id", "tout"}, {"name", "Tout"}};
    struct edit_guest list[] = {
        {.name = "Grace", .email = "grace@x.org"}, {.name = "Alan", .email = "alan@"},
        {.name = "", .company = "Nobody"},         {.member = 99},
        {.name = "Zoé 🍽", .company = "Labs"},
    };
    struct refusals refusals = {.rig = rig};
    struct edit_guests guests = {.list = list,
                                 .n = 5,
                                 .plan = "salle",
                                 .from = "2026-11-23",
                                 .until = "2026-11-24",
                                 .on_refused = on_refused,
                                 .userdata = &refusals};

    assert_int_equal(add(rig, "Ada", NULL, NULL), 1);
    assert_int_equal(edit_resource_add(rig->edit, tout, 2, &every_door), 0);
    assert_int_equal(book(rig, &guests, 1000), -ECANCELED);
    assert_int_equal(refusals.n, 3);
    assert_int_equal(refusals.guests[0], 1);
    assert_string_equal(refusals.columns[0], "email");
    assert_int_equal(refusals.guests[1], 2);
    assert_string_equal(refusals.columns[1], "name");
    assert_int_equal(refusals.guests[2], 3);
    assert_number(rig, "SELECT count(*) FROM booking", 0);
    assert_number(rig, "SELECT count(*) FROM member", 1);
    assert_number(rig, CHANGES, 2);

    list[1] = list[4];
    guests.n = 2;
    assert_int_equal(book(rig, &guests, 1000), 1);
    assert_number(rig,
                  "SELECT count(*) FROM member JOIN booking_guest ON member = id WHERE plan = "
                  "'salle' AND host = 1 AND valid_from = '2026-11-23' AND valid_until = "
                  "'2026-11-24' AND status = 'active'",
                  2);
    assert_number(rig, "SELECT count(*) FROM member WHERE name = 'Zoé 🍽' AND company = 'Labs'",
                  1);
    assert_number(rig, CHANGES BY, 7);
    assert_number(rig, CHANGES, 7);
    assert_int_equal(book(rig, &guests, 1500), -EEXIST);
    assert_number(rig, CHANGES, 7);
}

static void days_of_own_guests_become_wider_and_never_narrower(void **state)
{
    struct rig *rig = *state;
    const struct edit_value tout[] = {{"id", "tout"}, {"name", "Tout"}};
    struct edit_guest list[] = {{.member = 2, .widen = true}, {.member = 3, .widen = true}};
    struct edit_guests guests = {.list = list, .n = 2, .from = "2026-11-23", .until = "2026-11-24"};

    assert_int_equal(add(rig, "Ada", NULL, NULL), 1);
    assert_int_equal(add(rig, "Open", NULL, "1"), 2);
    assert_int_equal(add(rig, "Past", NULL, "1"), 3);
    assert_int_equal(edit_resource_add(rig->edit, tout, 2, &every_door), 0);
    assert_int_equal(database_run(rig->other, "UPDATE member SET valid_from = '2026-11-01',"
                                              " valid_until = '2026-11-01' WHERE id = 3"),
                     0);
    assert_int_equal(book(rig, &guests, 1000), 1);
    assert_false(list[0].widen);
    assert_true(list[1].widen);
    assert_number(rig,
                  "SELECT count(*) FROM member WHERE valid_from = '2026-11-01' AND valid_until = "
                  "'2026-11-24'",
                  1);
    assert_number(
        rig, "SELECT count(*) FROM member WHERE valid_from IS NULL AND valid_until IS NULL", 2);
    list[1].widen = true;
    assert_int_equal(book(rig, &guests, 5000), 2);
    assert_false(list[1].widen);
}

static void the_plan_for_guests_is_salle_or_the_next_best(void **state)
{
    static const struct {
        const char *sql, *plan;
    } cases[] = {
        {"INSERT INTO plan(id, name, access) VALUES ('atelier', 'Atelier', 'booking')", "salle"},
        {"UPDATE plan SET active = 0 WHERE id = 'salle'", "atelier"},
        {"UPDATE plan SET active = 1, access = 'always' WHERE id = 'salle'", "atelier"},
        {"UPDATE plan SET active = 0 WHERE id = 'atelier'", NULL},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        CLEANUP(cleanup_free) char *plan = NULL;

        assert_int_equal(database_run(rig->other, cases[i].sql), 0);
        plan = edit_guest_plan(rig->edit);
        if (cases[i].plan)
            assert_string_equal(plan, cases[i].plan);
        else
            assert_null(plan);
    }
    assert_error(rig, "cantinectl plan add");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plans_change_as_a_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(closures_come_and_go, setup, teardown),
        cmocka_unit_test_setup_teardown(passes_are_listed_by_member, setup, teardown),
        cmocka_unit_test_setup_teardown(guests_are_known_members_where_they_can_be, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bookings_come_with_their_guests_or_not_at_all, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(days_of_own_guests_become_wider_and_never_narrower, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_plan_for_guests_is_salle_or_the_next_best, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
