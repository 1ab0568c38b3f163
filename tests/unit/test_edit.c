/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Edits of a real records.db: what they write, who is said to have done it, whom a name means, and
 * in which words a refusal comes.
 */

#include "store/edit_text.h"
#include "unit/edit_rig.h"

#include <errno.h>

#define BADGE "04A1B2C3D4E5F6"

static int64_t add(struct rig *rig, const char *name, const char *email)
{
    struct edit_value values[] = {{"name", name}, {"plan", "resident"}, {"email", email}};

    return edit_member_add(rig->edit, values, ELEMENTSOF(values));
}

static int set(struct rig *rig, int64_t member, const char *column, const char *text)
{
    struct edit_value value = {column, text};

    return edit_member_set(rig->edit, member, &value, 1);
}

static const struct edit_value lost = {"status", "lost"}, returned = {"status", "returned"};

static void changes_carry_the_actor(void **state)
{
    struct rig *rig = *state;
    int64_t ada = add(rig, "Ada Lovelace", NULL);

    assert_int_equal(ada, 1);
    assert_int_equal(edit_badge_add(rig->edit, ada, BADGE, NULL, 0), 0);
    assert_int_equal(edit_badge_set(rig->edit, BADGE, &lost, 1), 0);
    assert_int_equal(set(rig, ada, "status", "suspended"), 0);
    assert_number(rig, "SELECT count(*) FROM record_change WHERE actor = 'grace'", 4);
    assert_number(rig, "SELECT count(*) FROM record_actor", 0);
    assert_int_equal(database_run(rig->other, "UPDATE member SET company = 'Analytical Engines'"),
                     0);
    assert_number(rig, "SELECT count(*) FROM record_change WHERE actor IS NULL", 1);
}

static void refusal_leaves_nothing_behind(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(add(rig, "", NULL), -EINVAL);
    assert_number(rig, "SELECT count(*) FROM record_change", 0);
    assert_number(rig, "SELECT count(*) FROM record_actor", 0);
    assert_int_equal(add(rig, "Ada", NULL), 1); /* no transaction is left open */
}

static void checks_speak_for_themselves(void **state)
{
    struct rig *rig = *state;
    int64_t ada = add(rig, "Ada", NULL);

    assert_int_equal(set(rig, ada, "valid_until", "2026-02-30"), -EINVAL);
    assert_error(rig, "“2026-02-30” is not possible: valid_until is a day such as");
    assert_int_equal(set(rig, ada, "status", "dormant"), -EINVAL);
    assert_error(rig, "“dormant” is not possible: a member's status is active, suspended or left");
    assert_int_equal(set(rig, ada, "display_name", "a\nb"), -EINVAL);
    assert_error(rig, "display_name has 1 to 120 characters, on one line");
    assert_int_equal(set(rig, ada, "plan", NULL), -EINVAL);
    assert_error(rig, "plan can't be empty");
    assert_int_equal(set(rig, ada, "note", "\xC3("), -EILSEQ);
    assert_error(rig, "note isn't UTF-8");
}

static void unknown_plan_lists_the_known(void **state)
{
    struct rig *rig = *state;
    int64_t ada = add(rig, "Ada", NULL);

    assert_int_equal(set(rig, ada, "plan", "residnet"), -ENOENT);
    assert_error(rig,
                 "there is no plan “residnet”: there are carnet, nomade, resident, salle, soir");
    assert_int_equal(set(rig, ada, "host", "99"), -ENOENT);
    assert_error(rig, "there is no member 99");
}

static void taken_badge_and_address_name_their_owner(void **state)
{
    struct rig *rig = *state;
    int64_t ada = add(rig, "Ada", "ada@example.org"), grace = add(rig, "Grace", NULL);

    assert_int_equal(edit_badge_add(rig->edit, ada, BADGE, NULL, 0), 0);
    assert_int_equal(edit_badge_add(rig->edit, grace, BADGE, NULL, 0), -EEXIST);
    assert_error(rig, "it belongs to Ada (member 1), status active");
    assert_int_equal(set(rig, grace, "email", "ADA@example.org"), -EEXIST);
    assert_error(rig, "ADA@example.org is already the address of Ada (member 1)");
}

static void what_is_not_there_is_said_to_be_missing(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(set(rig, 7, "note", "x"), -ENOENT);
    assert_error(rig, "there is no member 7");
    assert_int_equal(edit_badge_set(rig->edit, BADGE, &lost, 1), -ENOENT);
    assert_error(rig, "there is no badge " BADGE);
    assert_int_equal(edit_badge_add(rig->edit, 7, BADGE, NULL, 0), -ENOENT);
    assert_error(rig, "there is no member 7");
}

static void members_are_found_as_people_name_them(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(add(rig, "Ada Lovelace", "ada@example.org"), 2);
    assert_int_equal(add(rig, "Chloë Œuvré", NULL), 3);
    assert_int_equal(add(rig, "Zoé Durand", NULL), 4);

    assert_int_equal(edit_member_find(rig->edit, "2"), 2);
    assert_int_equal(edit_member_find(rig->edit, "Ada@Example.org"), 2);
    assert_int_equal(edit_member_find(rig->edit, "LOVE"), 2);
    assert_int_equal(edit_member_find(rig->edit, "chloe oeuvre"), 3);
    assert_int_equal(edit_member_find(rig->edit, " ada "), 1); /* the whole name goes first */
    assert_int_equal(edit_member_find(rig->edit, "a"), -ENOTUNIQ);
    assert_error(rig, "1 Ada, 2 Ada Lovelace, 4 Zoé Durand");
    assert_int_equal(edit_member_find(rig->edit, "9"), -ENOENT);
    assert_int_equal(edit_member_find(rig->edit, "nobody@example.org"), -ENOENT);
    assert_int_equal(edit_member_find(rig->edit, "Jules"), -ENOENT);
    assert_int_equal(edit_member_find(rig->edit, ""), -ENOENT);
    assert_int_equal(edit_member_find(rig->edit, "\xFF"), -EILSEQ);
}

static void lists_have_the_columns_of_the_tables(void **state)
{
    static const char *const columns[] = {"id",           "name",     "email",      "company",
                                          "plan",         "status",   "valid_from", "valid_until",
                                          "display_name", "language", "host",       "note"};
    struct rig *rig = *state;
    CLEANUP(cleanup_json) json_t *members = NULL, *badges = NULL, *plans = NULL;
    const char *key;
    json_t *value;
    size_t i = 0;

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(add(rig, "Grace", NULL), 2);
    assert_int_equal(edit_badge_add(rig->edit, 2, BADGE, NULL, 0), 0);
    assert_int_equal(edit_list_members(rig->edit, &members), 0);
    assert_int_equal(json_array_size(members), 2);
    json_object_foreach(json_array_get(members, 0), key, value)
        assert_string_equal(key, columns[i++]);
    assert_int_equal(i, ELEMENTSOF(columns));
    assert_true(json_is_null(json_object_get(json_array_get(members, 0), "email")));
    assert_int_equal(edit_list_badges(rig->edit, 1, &badges), 0);
    assert_int_equal(json_array_size(badges), 0);
    json_decref(badges);
    assert_int_equal(edit_list_badges(rig->edit, 0, &badges), 0);
    assert_string_equal(json_string_value(json_object_get(json_array_get(badges, 0), "uid")),
                        BADGE);
    assert_int_equal(edit_list_plans(rig->edit, &plans), 0);
    assert_int_equal(json_array_size(plans), 5);
}

static void bytes_of_other_tools_are_listed_all_the_same(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_json) json_t *members = NULL;

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(database_run(rig->other, "UPDATE member SET note = CAST(x'41ff42' AS TEXT)"),
                     0);
    assert_int_equal(edit_list_members(rig->edit, &members), 0);
    assert_string_equal(json_string_value(json_object_get(json_array_get(members, 0), "note")),
                        "A\xEF\xBF\xBD"
                        "B");
}

static void on_waiting(void *userdata, const char *path)
{
    struct rig *rig = userdata;

    assert_string_equal(path, rig->path);
    assert_int_equal(database_run(rig->other, "ROLLBACK"), 0);
}

/* The other tool ends its transaction when we have said that we wait: then the edit goes through.
 */
static void waits_for_another_transaction_and_says_so(void **state)
{
    struct rig *rig = *state;

    edit_on_waiting(rig->edit, on_waiting, rig);
    assert_int_equal(database_run(rig->other, "BEGIN IMMEDIATE"), 0);
    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_true(sqlite3_get_autocommit(rig->other));
}

static void opens_only_what_cantined_has_made(void **state)
{
    struct rig *rig = *state;
    struct edit *edit = NULL;
    char missing[96];

    (void)snprintf(missing, sizeof(missing), "%s/none.db", rig->directory);
    assert_int_equal(edit_open(missing, "grace", &edit, rig->error, sizeof(rig->error)), -ENOENT);
    assert_non_null(strstr(rig->error, "start cantined once"));
    assert_int_equal(access(missing, F_OK), -1);

    assert_int_equal(database_run(rig->other, "PRAGMA user_version=99"), 0);
    assert_int_equal(edit_open(rig->path, "grace", &edit, rig->error, sizeof(rig->error)),
                     -EPROTONOSUPPORT);
    assert_int_equal(database_run(rig->other, "PRAGMA application_id=7"), 0);
    assert_int_equal(edit_open(rig->path, "grace", &edit, rig->error, sizeof(rig->error)),
                     -EMEDIUMTYPE);
    assert_null(edit);
}

static void names_fold(void **state)
{
    static const struct {
        const char *text, *folded;
    } cases[] = {
        {"Ada LOVELACE", "ada lovelace"},
        {"  Zoé ", "zoe"},
        {"Œuvre Æsir Straße", "oeuvre aesir strasse"},
        {"ŁÓDŹ Şafak Ğ ž", "lodz safak g z"},
        {"e\xCC\x81", "e"},
        {"Ωμέγα", "Ωμέγα"},
        {"À×÷ÿ", "a×÷y"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        CLEANUP(cleanup_free) char *folded = text_folded(cases[i].text);

        assert_string_equal(folded, cases[i].folded);
    }
}

static void utf8_is_told_from_other_bytes(void **state)
{
    static const char *const wrong[] = {"\x80",
                                        "\xC0\x80",
                                        "\xC3",
                                        "\xE0\x80\x80",
                                        "\xED\xA0\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xF8\x88\x80\x80"};

    (void)state;
    assert_true(text_valid(""));
    assert_true(text_valid("a é € 𝄞"));
    for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
        assert_false(text_valid(wrong[i]));
}

static int64_t book(struct rig *rig, const char *resource, int64_t starts_at, int64_t ends_at)
{
    struct edit_booking booking = {
        .resource = resource, .member = 1, .starts_at = starts_at, .ends_at = ends_at};

    return edit_booking_add(rig->edit, &booking);
}

/* A loaner goes from one to the next; any other badge of somebody stays theirs. */
static void a_returned_badge_is_lent_again(void **state)
{
    struct rig *rig = *state;
    const struct edit_value loan[] = {{"label", "loan"}, {"valid_until", "2099-01-31"}};

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(add(rig, "Bob", NULL), 2);
    assert_int_equal(edit_badge_add(rig->edit, 1, BADGE, loan, 2), 0);
    assert_int_equal(edit_badge_add(rig->edit, 2, BADGE, NULL, 0), -EEXIST);
    assert_error(rig, "belongs to Ada (member 1), status active");
    assert_int_equal(edit_badge_set(rig->edit, BADGE, &lost, 1), 0);
    assert_int_equal(edit_badge_add(rig->edit, 2, BADGE, NULL, 0), -EEXIST);
    assert_int_equal(edit_badge_set(rig->edit, BADGE, &returned, 1), 0);
    assert_int_equal(edit_badge_add(rig->edit, 7, BADGE, NULL, 0), -ENOENT);
    assert_int_equal(edit_badge_add(rig->edit, 2, BADGE, loan + 1, 1), 0);
    assert_number(rig,
                  "SELECT count(*) FROM badge WHERE member = 2 AND status = 'active' AND label IS "
                  "NULL AND valid_until = '2099-01-31'",
                  1);
    assert_number(rig, "SELECT count(*) FROM badge", 1);
    assert_number(rig, "SELECT count(*) FROM record_change WHERE table_name = 'badge'", 5);
}

static void namesakes_are_found(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(add(rig, "Bob", NULL), 2);
    assert_int_equal(add(rig, "ADA", NULL), 3);
    assert_int_equal(edit_namesake(rig->edit, 1), 3);
    assert_int_equal(edit_namesake(rig->edit, 3), 1);
    assert_int_equal(edit_namesake(rig->edit, 2), 0);
}

static void rooms_are_booked_once(void **state)
{
    struct rig *rig = *state;
    const struct edit_value values[] = {{"id", "cabine"}, {"name", "La cabine"}, {"seats", "4"}};
    const struct edit_value many = {"seats", "many"};
    CLEANUP(cleanup_json) json_t *rows = NULL;
    struct edit_booking_query query = {.from = 2000, .until = 3000};

    assert_int_equal(add(rig, "Ada", NULL), 1);
    assert_int_equal(book(rig, "cabine", 1000, 2000), -ENOENT);
    assert_error(rig, "cantinectl resource add");
    assert_int_equal(edit_resource_add(rig->edit, values, ELEMENTSOF(values), &every_door), 0);
    assert_int_equal(edit_resource_add(rig->edit, values, ELEMENTSOF(values), &every_door),
                     -EEXIST);
    assert_error(rig, "resource cabine is already there");
    assert_int_equal(edit_resource_set(rig->edit, "cabine", &many, 1, &every_door), -EINVAL);
    assert_error(rig, "seats is a whole number");
    assert_int_equal(edit_resource_set(rig->edit, "nowhere", values + 2, 1, &every_door), -ENOENT);
    assert_error(rig, "there are cabine");

    assert_int_equal(book(rig, "cabine", 1000, 2000), 1);
    assert_int_equal(book(rig, "cabine", 1999, 3000), -EEXIST);
    assert_error(rig, "by Ada from 1970-01-01 ");
    assert_error(rig, "(booking 1)");
    assert_int_equal(book(rig, "cabine", 3000, 2500), -EINVAL);
    assert_int_equal(book(rig, "cabine", 2000, 2500), 2);
    assert_int_equal(edit_list_bookings(rig->edit, &query, &rows), 0);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 0), "id")), 2);

    assert_int_equal(edit_booking_cancel(rig->edit, 1), 0);
    assert_int_equal(edit_booking_cancel(rig->edit, 9), -ENOENT);
    assert_int_equal(book(rig, "cabine", 1500, 2000), 3);
    assert_number(rig, "SELECT count(*) FROM booking", 3);
    assert_number(rig, "SELECT count(*) FROM record_change WHERE actor IS NOT 'grace'", 0);
    assert_number(rig, "SELECT count(*) FROM record_actor", 0);
}

/* All days or none: a window that the table refuses leaves the week as it was. */
static void opening_hours_change_as_a_whole(void **state)
{
    struct rig *rig = *state;
    const struct window day = {.opens = 540, .closes = 1080};
    const struct window twice[] = {{.opens = 600, .closes = 660}, {.opens = 600, .closes = 720}};

    assert_int_equal(edit_opening_set(rig->edit, 0x3E, &day, 1), 0);
    assert_number(rig, "SELECT count(*) FROM opening_hours", 5);
    assert_number(rig,
                  "SELECT count(*) FROM opening_hours WHERE opens = '09:00' AND closes = '18:00' "
                  "AND weekday BETWEEN 1 AND 5",
                  5);
    assert_int_equal(edit_opening_set(rig->edit, 0x06, twice, 2), -EEXIST);
    assert_number(rig, "SELECT count(*) FROM opening_hours WHERE opens = '09:00'", 5);
    assert_int_equal(edit_opening_set(rig->edit, 0x02, NULL, 0), 0);
    assert_number(rig, "SELECT count(*) FROM opening_hours", 4);
    assert_number(rig, "SELECT min(weekday) FROM opening_hours", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes_carry_the_actor, setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_leaves_nothing_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(checks_speak_for_themselves, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_plan_lists_the_known, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_badge_and_address_name_their_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_said_to_be_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_found_as_people_name_them, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_have_the_columns_of_the_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_of_other_tools_are_listed_all_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(waits_for_another_transaction_and_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(opens_only_what_cantined_has_made, setup, teardown),
        cmocka_unit_test_setup_teardown(a_returned_badge_is_lent_again, setup, teardown),
        cmocka_unit_test_setup_teardown(namesakes_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(rooms_are_booked_once, setup, teardown),
        cmocka_unit_test_setup_teardown(opening_hours_change_as_a_whole, setup, teardown),
        cmocka_unit_test(names_fold),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
