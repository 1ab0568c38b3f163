/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the door learns from the records: each table's part in the facts, and rows without sense. */

#include "unit/records_rig.h"

#include <inttypes.h>

static void test_plain_member(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    facts = ada(rig);
    assert_true(facts.badge.known);
    assert_int_equal(facts.badge.status, BADGE_ACTIVE);
    assert_int_equal(facts.badge.valid_until, 0);
    assert_int_equal(facts.member.id, 1);
    assert_int_equal(facts.member.standing.status, MEMBER_ACTIVE);
    assert_false(facts.member.has_host);
    assert_int_equal(facts.plan.access, ACCESS_ALWAYS);
    assert_int_equal(facts.plan.min_assurance, ASSURANCE_UID);
    assert_true(facts.plan.active);
    assert_true(facts.plan.door_allowed);
    assert_int_equal(facts.n_bookings, 0);
    assert_false(facts_of(rig, "04A1B2C3", "front").badge.known);
}

static void test_every_value_arrives(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    shell(rig, "UPDATE badge SET status='stolen', valid_until='2027-01-31';"
               "UPDATE member SET status='suspended', plan='soir', valid_from='2099-01-01',"
               " valid_until='2099-12-31';"
               "UPDATE plan SET min_assurance='secure', active=0 WHERE id='soir'");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    facts = ada(rig);
    assert_int_equal(facts.badge.status, BADGE_STOLEN);
    assert_int_equal(facts.badge.valid_until, 20270131);
    assert_int_equal(facts.member.standing.status, MEMBER_SUSPENDED);
    assert_int_equal(facts.member.standing.validity.from, 20990101);
    assert_int_equal(facts.member.standing.validity.until, 20991231);
    assert_string_equal(facts.plan.id, "soir");
    assert_int_equal(facts.plan.access, ACCESS_HOURS);
    assert_int_equal(facts.plan.min_assurance, ASSURANCE_SECURE);
    assert_false(facts.plan.active);
}

static void test_guest_and_host(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    shell(rig, "INSERT INTO member(name, plan, status, valid_until)"
               " VALUES ('Grace', 'nomade', 'left', '2099-06-30');"
               "UPDATE member SET host=2 WHERE id=1");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    facts = ada(rig);
    assert_true(facts.member.has_host);
    assert_int_equal(facts.member.standing.status, MEMBER_ACTIVE);
    assert_int_equal(facts.member.host_id, 2);
    assert_int_equal(facts.member.host.status, MEMBER_LEFT);
    assert_int_equal(facts.member.host.validity.until, 20990630);
}

/* Each leaves a badge that leads nowhere: it is unknown, and nothing of it is left in the facts. */
static void test_senseless_rows_are_nobody(void **state)
{
    static const char *const edits[] = {
        "UPDATE badge SET member=77",
        "UPDATE member SET plan='ghost'",
        "UPDATE member SET host=77",
        "UPDATE member SET valid_until='soon'",
        "UPDATE member SET valid_from='2099-02-30'",
        "UPDATE member SET status='asleep'",
        "UPDATE badge SET status='eaten'",
        "UPDATE badge SET valid_until='2099-11-23 12:00'",
        "UPDATE plan SET access='sometimes' WHERE id='resident'",
        "UPDATE plan SET min_assurance='total' WHERE id='resident'",
        "INSERT INTO member(name, plan, status) VALUES ('Host', 'nomade', 'gone');"
        "UPDATE member SET host=2 WHERE id=1",
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < ELEMENTSOF(edits); i++) {
        struct facts facts;

        open_with_ada(rig);
        shell_careless(rig, edits[i]);
        assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
        facts = ada(rig);
        if (facts.badge.known || facts.member.id != 0 || facts.member.has_host)
            fail_msg("%s: the badge is known", edits[i]);
        assert_null(records_fault(rig->records));
        rig->records = records_free(rig->records);
        /* With such a row the file still opens. */
        open_well(rig);
        rig->records = records_free(rig->records);
        assert_return_code(unlink(rig->path), errno);
    }
}

static void test_hours(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    shell_careless(rig,
                   "UPDATE member SET plan='soir';"
                   "INSERT INTO plan_hours VALUES ('soir', 1, '18:00', '02:00'),"
                   " ('soir', 7, '00:30', '23:59'), ('soir', 2, '18:00', '20:00'),"
                   " ('soir', 1, '25:00', '26:00'),"
                   " ('nomade', 1, '09:00', '10:00');"
                   "INSERT INTO opening_hours VALUES (1, '09:00', '18:00'), (3, '09:00', '18:00')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    facts = ada(rig);
    assert_int_equal(facts.plan.n_hours, 2); /* Monday's and Sunday's, and those with sense */
    assert_int_equal(facts.plan.hours[0].weekday, 1);
    assert_int_equal(facts.plan.hours[0].opens, 18 * 60);
    assert_int_equal(facts.plan.hours[0].closes, 2 * 60);
    assert_int_equal(facts.plan.hours[1].weekday, 7);
    assert_int_equal(facts.plan.hours[1].opens, 30);
    assert_int_equal(facts.plan.hours[1].closes, 23 * 60 + 59);
    assert_int_equal(facts.space.n_opening, 1);
    assert_int_equal(facts.space.opening[0].opens, 9 * 60);
}

static void test_hours_are_bounded(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
               " INSERT INTO opening_hours SELECT 1, printf('08:%02d', i), '12:00' FROM n");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(ada(rig).space.n_opening, FACTS_WINDOWS_MOST);
}

static void test_open_now(void **state)
{
    struct rig *rig = *state;
    struct now evening = monday;

    evening.local.minute = 18 * 60;
    open_with_ada(rig);
    assert_int_equal(records_open_now(rig->records, &monday), -ENODATA);
    shell(rig, "INSERT INTO opening_hours VALUES (1, '09:00', '18:00')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(records_open_now(rig->records, &monday), 1);
    assert_int_equal(records_open_now(rig->records, &evening), 0);
    shell(rig, "INSERT INTO closure(first_day) VALUES ('2099-11-23')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(records_open_now(rig->records, &monday), 0);
}

static void test_closures(void **state)
{
    static const struct {
        const char *row;
        bool closed;
    } closures[] = {
        {"('2099-11-23', '2099-11-23')", true},
        {"('2099-11-01', '2099-11-30')", true},
        {"('2099-11-01', '2099-11-22')", false},
        {"('2099-11-24', '2099-11-30')", false},
        {"('2099-11-23', NULL)", true},
        {"('2099-11-22', NULL)", false},
        {"('0', 'z')", false},
        {"('2099-11-01', 'z')", false},
    };
    struct rig *rig = *state;

    open_with_ada(rig);
    for (size_t i = 0; i < ELEMENTSOF(closures); i++) {
        char sql[128];

        (void)snprintf(sql, sizeof(sql),
                       "DELETE FROM closure; INSERT INTO closure(first_day, last_day) VALUES %s",
                       closures[i].row);
        shell_careless(rig, sql);
        assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
        if (ada(rig).space.closure_today != closures[i].closed)
            fail_msg("%s", closures[i].row);
    }
}

static void test_doors(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "INSERT INTO plan_door VALUES ('resident', 'back')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_false(facts_of(rig, ADA_BADGE, "front").plan.door_allowed);
    assert_true(facts_of(rig, ADA_BADGE, "back").plan.door_allowed);
}

/* Bookings from `from` to `until` (seconds from now) in a room 10 minutes early and 20 late. */
static size_t bookings_now(struct rig *rig, int from, int until, const char *and_then)
{
    char sql[512];

    (void)snprintf(sql, sizeof(sql),
                   "DELETE FROM booking;"
                   "INSERT INTO booking(id, resource, member, starts_at, ends_at)"
                   " VALUES (1, 'room', 1, %" PRId64 ", %" PRId64 "); %s",
                   WALL + from, WALL + until, and_then);
    shell_careless(rig, sql);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    return ada(rig).n_bookings;
}

static void test_bookings(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    shell(rig, "INSERT INTO resource(id, name, late) VALUES ('room', 'Salle', 20);"
               "INSERT INTO member(name, plan) VALUES ('Grace', 'salle')");
    assert_int_equal(bookings_now(rig, -60, 3600, ""), 1);
    facts = ada(rig);
    assert_true(facts.bookings[0].id > 0);
    assert_string_equal(facts.bookings[0].resource, "room");
    assert_int_equal(facts.bookings[0].starts_at, WALL - 60);
    assert_int_equal(facts.bookings[0].ends_at, WALL + 3600);
    assert_int_equal(facts.bookings[0].early, 10);
    assert_int_equal(facts.bookings[0].late, 20);
    assert_true(facts.bookings[0].at_this_door);
    assert_int_equal(bookings_now(rig, 600, 3600, ""), 1); /* the first second of early */
    assert_int_equal(bookings_now(rig, 601, 3600, ""), 0);
    assert_int_equal(bookings_now(rig, -3600, -1199, ""), 1); /* the last second of late */
    assert_int_equal(bookings_now(rig, -3600, -1200, ""), 0);
    assert_int_equal(bookings_now(rig, -60, 60, "UPDATE booking SET status='cancelled'"), 0);
    assert_int_equal(bookings_now(rig, -60, 60, "UPDATE booking SET resource='ghost'"), 0);
    assert_int_equal(bookings_now(rig, -60, 60,
                                  "UPDATE booking SET member=77;"
                                  "INSERT INTO booking_guest VALUES (1, 1)"),
                     0);
    shell(rig, "DELETE FROM booking_guest");
    assert_int_equal(bookings_now(rig, -60, 60, "UPDATE booking SET member=2"), 0);
    assert_int_equal(bookings_now(rig, -60, 60,
                                  "UPDATE booking SET member=2;"
                                  "INSERT INTO booking_guest VALUES (1, 1)"),
                     1);
    assert_int_equal(bookings_now(rig, -60, 60, "UPDATE resource SET early=99999"), 0);
}

static void test_bookings_at_this_door_come_first(void **state)
{
    struct rig *rig = *state;
    struct facts facts;

    open_with_ada(rig);
    shell(rig, "INSERT INTO resource(id, name) VALUES ('here', 'Ici');"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
               " INSERT INTO resource(id, name) SELECT 'far-' || i, 'Loin' FROM n;"
               "INSERT INTO resource_door SELECT id, 'back' FROM resource;"
               "INSERT INTO resource_door VALUES ('here', 'front');"
               "INSERT INTO booking(resource, member, starts_at, ends_at)"
               " SELECT id, 1, 4099111200, 4099112200 FROM resource ORDER BY id = 'here'");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    facts = ada(rig);
    assert_int_equal(facts.n_bookings, FACTS_BOOKINGS_MOST);
    assert_true(facts.bookings[0].at_this_door);
    assert_false(facts.bookings[1].at_this_door);
}

static void test_names(void **state)
{
    struct rig *rig = *state;
    char name[MEMBER_NAME_SIZE], display[MEMBER_NAME_SIZE];

    open_with_ada(rig);
    shell_careless(rig, "UPDATE member SET name='Ada Lovelace', display_name='Ada';"
                        "INSERT INTO member(name, plan) VALUES"
                        " ('x' || replace(hex(zeroblob(150)), '00', 'éé'), 'nomade'),"
                        " (CAST(x'41C3' || x'42F09F' AS TEXT), 'nomade')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    records_member_names(rig->records, 1, name, display);
    assert_string_equal(name, "Ada Lovelace");
    assert_string_equal(display, "Ada");
    records_member_names(rig->records, 2, name, display); /* 601 bytes, cut between characters */
    assert_int_equal(strlen(name), MEMBER_NAME_SIZE - 1);
    assert_string_equal(name + strlen(name) - 2, "é");
    assert_string_equal(display, "");
    records_member_names(rig->records, 3, name, NULL);
    assert_string_equal(name, "A?B??");
    records_member_names(rig->records, 77, name, display);
    assert_string_equal(name, "");
    assert_string_equal(display, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_plain_member),
        RIGGED(test_every_value_arrives),
        RIGGED(test_guest_and_host),
        RIGGED(test_senseless_rows_are_nobody),
        RIGGED(test_hours),
        RIGGED(test_hours_are_bounded),
        RIGGED(test_open_now),
        RIGGED(test_closures),
        RIGGED(test_doors),
        RIGGED(test_bookings),
        RIGGED(test_bookings_at_this_door_come_first),
        RIGGED(test_names),
    };

    return cmocka_run_group_tests_name("records_facts", tests, NULL, NULL);
}
