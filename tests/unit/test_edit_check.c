/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What edit_check() finds in a real records.db: that every rule of the schema has its counterpart,
 * that the shape of a finding holds for any bytes, and that nothing is written. What each hand edit
 * looks like, and that the door agrees, is in tests/integration/test_ctl_check.py.
 */

#include "store/edit_check_rules.h"
#include "unit/records_rig.h"

#include "store/database.h"
#include "store/edit.h"

#define SKIPPED "; the door skips this row"

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);

static const char *const doors[] = {"front", "back"};

static json_t *check(struct rig *rig)
{
    CLEANUP(cleanup_edit) struct edit *edit = NULL;
    json_t *findings = NULL;

    if (edit_open(rig->path, "grace", &edit, rig->error, sizeof(rig->error)) < 0)
        fail_msg("%s", rig->error);
    if (edit_check(edit, doors, ELEMENTSOF(doors), &findings) < 0)
        fail_msg("%s", edit_error(edit));
    return findings;
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));

    assert_non_null(text);
    return text;
}

static void assert_count(struct rig *rig, size_t expected)
{
    CLEANUP(cleanup_json) json_t *findings = check(rig);

    if (json_array_size(findings) != expected)
        fail_msg("%zu findings, not %zu: %s", json_array_size(findings), expected,
                 json_dumps(findings, JSON_COMPACT));
}

/* One finding, of this row, with this problem. */
static void assert_finds(struct rig *rig, const char *table, const char *row, const char *problem)
{
    CLEANUP(cleanup_json) json_t *findings = check(rig);
    const json_t *finding = json_array_get(findings, 0);

    assert_int_equal(json_array_size(findings), 1);
    assert_int_equal(json_object_size(finding), 4);
    assert_string_equal(text_of(finding, "table"), table);
    assert_string_equal(text_of(finding, "row"), row);
    assert_string_equal(text_of(finding, "problem"), problem);
    assert_true(strlen(text_of(finding, "advice")) > 0);
}

static bool sentence_is_checked(const char *sentence, size_t n)
{
    static const char *const elsewhere[] = {/* any row that is left in record_actor is found */
                                            "one person edits at a time",
                                            "an actor's name has 1 to 63 characters"};

    for (size_t i = 0; i < n_check_values; i++)
        if (strlen(check_values[i].sentence) == n &&
            strncmp(check_values[i].sentence, sentence, n) == 0)
            return true;
    for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++)
        if (strlen(elsewhere[i]) == n && strncmp(elsewhere[i], sentence, n) == 0)
            return true;
    return false;
}

/* A constraint without a rule would be one whose breaking nobody is told of. */
static void test_every_constraint_has_its_rule(void **state)
{
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < n_migrations; i++) {
        const char *p = strstr(migrations[i].name, "records") ? migrations[i].sql : "";

        while ((p = strstr(p, "CONSTRAINT \"")) != NULL) {
            size_t length;

            p += strlen("CONSTRAINT \"");
            length = strcspn(p, "\"");
            if (!sentence_is_checked(p, length))
                fail_msg("nobody checks “%.*s”", (int)length, p);
            n++;
        }
    }
    assert_true(n > 50);
}

/* … and each reference that a table declares. */
static void test_every_reference_has_its_rule(void **state)
{
    static const char sql[] =
        "SELECT count(*) FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name)";
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int64_t n;

    open_well(rig);
    assert_int_equal(database_open(rig->path, DATABASE_READ, 0, &db), 0);
    assert_int_equal(database_number(db, sql, &n), 0);
    assert_int_equal(n, n_check_references);
    for (size_t i = 0; i < n_check_references; i++) {
        char one[256];

        (void)snprintf(one, sizeof(one),
                       "SELECT 1 FROM pragma_foreign_key_list('%s')"
                       " WHERE \"from\" = '%s' AND \"table\" = '%s'",
                       check_references[i].table, check_references[i].column,
                       check_references[i].target);
        if (database_number(db, one, &n) != 0)
            fail_msg("%s.%s is no reference", check_references[i].table,
                     check_references[i].column);
    }
}

static void test_fresh_records_are_well(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    assert_count(rig, 0);
}

static void test_orphans(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "INSERT INTO badge(uid, member) VALUES ('04B0B1B2B3B4B5', 77)");
    assert_finds(rig, "badge", "04B0B1B2B3B4B5", "there is no member “77”" SKIPPED);
    shell(rig, "DELETE FROM badge WHERE member = 77; UPDATE member SET plan = 'it''s gone'");
    assert_finds(rig, "member", "1", "there is no plan “it's gone”" SKIPPED);
}

/* What the door reads all the same isn't said to be skipped. */
static void test_values(void **state)
{
    static const struct {
        const char *sql, *problem;
    } edits[] = {
        {"UPDATE member SET status = 'asleep'", "status is “asleep”" SKIPPED},
        {"UPDATE member SET status = 'active' || char(0) || 'x'",
         "status is “active\xEF\xBF\xBDx” with a NUL in it"},
        {"UPDATE member SET status = 'active', valid_from = '2026-02-30'",
         "valid_from is “2026-02-30”" SKIPPED},
        {"UPDATE member SET valid_from = '0999-01-01'", "valid_from is “0999-01-01”"},
        {"UPDATE member SET valid_from = NULL, name = CAST(x'41c3' AS TEXT)",
         "name is “A\xEF\xBF\xBD”, not written in UTF-8"},
        {"UPDATE member SET name = 'A' || char(127)",
         "name is “A\xEF\xBF\xBD” with control characters in it"},
        {"UPDATE member SET name = replace(printf('%121d', 0), ' ', 'é')",
         "name is “éééééééééééééééééééééééééééééé…”"},
    };
    struct rig *rig = *state;

    open_with_ada(rig);
    for (size_t i = 0; i < ELEMENTSOF(edits); i++) {
        shell_careless(rig, edits[i].sql);
        assert_finds(rig, "member", "1", edits[i].problem);
    }
}

static void test_overlaps_name_the_other(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "DROP TRIGGER booking_inserted_over_another;"
               "INSERT INTO resource(id, name) VALUES ('a', 'A'), ('b', 'B');"
               "INSERT INTO booking(id, resource, member, starts_at, ends_at, status) VALUES"
               " (1, 'a', 1, 1000, 2000, 'confirmed'), (2, 'b', 1, 1000, 2000, 'confirmed'),"
               " (3, 'a', 1, 1500, 1600, 'cancelled'), (4, 'a', 1, 2000, 3000, 'confirmed')");
    assert_count(rig, 0);
    shell(rig, "INSERT INTO booking(id, resource, member, starts_at, ends_at)"
               " VALUES (5, 'a', 1, 1900, 2000)");
    assert_finds(rig, "booking", "5", "a is booked twice then, see booking 1");
}

/* A long booking over many short ones, none of which touches its neighbour. */
static void test_overlaps_are_found_behind_others(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "DROP TRIGGER booking_inserted_over_another;"
               "INSERT INTO resource(id, name) VALUES ('a', 'A');"
               "INSERT INTO booking(id, resource, member, starts_at, ends_at) VALUES"
               " (1, 'a', 1, 0, 9000), (2, 'a', 1, 1000, 1100), (3, 'a', 1, 8000, 8100)");
    assert_count(rig, 2);
}

static void test_circles_of_any_length(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "DROP TRIGGER member_moved_into_a_circle;"
               "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
               " INSERT INTO member(id, name, plan, host) SELECT i, 'm', 'resident', i - 1 FROM n");
    assert_count(rig, 0);
    shell(rig, "UPDATE member SET host = 100 WHERE id = 1");
    assert_count(rig, 100);
}

/* A chain of thousands ends in bounded time; those who are in no circle are no finding. */
static void test_long_chains_end(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
               " INSERT INTO member(id, name, plan, host) SELECT i, 'm', 'resident', i - 1 FROM n");
    assert_count(rig, 0);
}

static void test_doors_are_the_configurations(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "INSERT INTO plan_door VALUES ('resident', 'back')");
    assert_count(rig, 0);
    shell(rig, "INSERT INTO plan_door VALUES ('resident', 'cellar')");
    assert_finds(rig, "plan_door", "resident cellar", "no door is called “cellar”");
    shell(rig, "DELETE FROM plan_door WHERE door = 'back'");
    assert_finds(rig, "plan_door", "resident cellar",
                 "no door is called “cellar”; no door is left that this plan opens");
}

static void test_nothing_is_written(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int64_t before, after;

    open_with_ada(rig);
    shell_careless(rig, "UPDATE member SET status = 'asleep'");
    assert_int_equal(database_open(rig->path, DATABASE_READ, 0, &db), 0);
    assert_int_equal(database_number(db, "PRAGMA data_version", &before), 0);
    assert_count(rig, 1);
    assert_int_equal(database_number(db, "PRAGMA data_version", &after), 0);
    assert_int_equal(before, after);
}

/* The same open file can be edited after the check, and its constraints hold again. */
static void test_edits_go_on_after_a_check(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_edit) struct edit *edit = NULL;
    CLEANUP(cleanup_json) json_t *first = NULL, *second = NULL;
    struct edit_value value = {"status", "asleep"};

    open_with_ada(rig);
    assert_int_equal(edit_open(rig->path, "grace", &edit, rig->error, sizeof(rig->error)), 0);
    assert_int_equal(edit_check(edit, doors, ELEMENTSOF(doors), &first), 0);
    assert_int_equal(edit_member_set(edit, 1, &value, 1), -EINVAL);
    value.text = "left";
    assert_int_equal(edit_member_set(edit, 1, &value, 1), 0);
    assert_int_equal(edit_check(edit, doors, ELEMENTSOF(doors), &second), 0);
    assert_int_equal(json_array_size(second), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_constraint_has_its_rule),
        RIGGED(test_every_reference_has_its_rule),
        RIGGED(test_fresh_records_are_well),
        RIGGED(test_orphans),
        RIGGED(test_values),
        RIGGED(test_overlaps_name_the_other),
        RIGGED(test_overlaps_are_found_behind_others),
        RIGGED(test_circles_of_any_length),
        RIGGED(test_long_chains_end),
        RIGGED(test_doors_are_the_configurations),
        RIGGED(test_nothing_is_written),
        RIGGED(test_edits_go_on_after_a_check),
    };

    return cmocka_run_group_tests_name("edit_check", tests, NULL, NULL);
}
