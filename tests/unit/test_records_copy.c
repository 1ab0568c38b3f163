/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The copy that answers: an edit of any table is in the next one, what it leaves behind changes no
 * answer, and one that has been overtaken is given up. The oracle is records_load_once(), which
 * leaves nothing behind.
 */

#include "store/records_private.h"
#include "unit/records_rig.h"

#include <signal.h>
#include <sys/resource.h>

static int by_id(const void *a, const void *b)
{
    const struct booking_window *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static size_t windows_say(const struct window *windows, size_t n, char *ret, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(ret + used, size - used, " %d:%d-%d", windows[i].weekday,
                                 windows[i].opens, windows[i].closes);
    return used;
}

/* All of the facts that come from the records, as a text. */
static void facts_say(struct facts *facts, char *ret, size_t size)
{
    size_t used = (size_t)snprintf(
        ret, size, "badge %d %d %d member %d %d %d %d host %d %d %d plan %s %d %d %d %d",
        facts->badge.known, (int)facts->badge.status, facts->badge.valid_until,
        (int)facts->member.id, (int)facts->member.standing.status,
        facts->member.standing.validity.from, facts->member.standing.validity.until,
        (int)facts->member.host_id, (int)facts->member.host.status,
        facts->member.host.validity.until, facts->plan.id, (int)facts->plan.access,
        (int)facts->plan.min_assurance, facts->plan.active, facts->plan.door_allowed);

    used += windows_say(facts->plan.hours, facts->plan.n_hours, ret + used, size - used);
    used += (size_t)snprintf(ret + used, size - used, " open");
    used += windows_say(facts->space.opening, facts->space.n_opening, ret + used, size - used);
    used += (size_t)snprintf(ret + used, size - used, " closed %d", facts->space.closure_today);
    qsort(facts->bookings, facts->n_bookings, sizeof(*facts->bookings), by_id);
    for (size_t i = 0; i < facts->n_bookings; i++)
        used += (size_t)snprintf(ret + used, size - used, " booking %d %s %d %d %d",
                                 (int)facts->bookings[i].id, facts->bookings[i].resource,
                                 facts->bookings[i].early, facts->bookings[i].late,
                                 facts->bookings[i].at_this_door);
    for (size_t i = 0; i < facts->n_passes; i++)
        used += (size_t)snprintf(ret + used, size - used, " pass %d %d", (int)facts->passes[i].id,
                                 (int)facts->passes[i].quantity);
}

static void answer(struct records *records, const char *uid, const struct now *now, char *ret,
                   size_t size)
{
    struct facts facts = {0};

    assert_int_equal(uid_parse(uid, &facts.presented.uid), 0);
    assert_int_equal(records_facts(records, "front", now, NULL, &facts), 0);
    facts_say(&facts, ret, size);
}

/* The answer of a copy that has everything and was made just now. */
static void answer_of_all(struct rig *rig, const char *uid, const struct now *now, char *ret,
                          size_t size)
{
    CLEANUP(cleanup_records) struct records *once = NULL;

    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)), 0);
    answer(once, uid, now, ret, size);
}

static void test_an_edit_of_any_table_is_in_the_next_copy(void **state)
{
    static const char *const edits[] = {
        "UPDATE badge SET status='lost'",
        "INSERT OR REPLACE INTO badge(uid, member) VALUES ('" ADA_BADGE "', 2)",
        "UPDATE badge SET member=1, valid_until='2027-01-01'",
        "UPDATE member SET status='suspended' WHERE id=1",
        "UPDATE member SET host=2 WHERE id=1",
        "UPDATE member SET status='left' WHERE id=2", /* the host */
        "UPDATE member SET plan='soir' WHERE id=1",
        "UPDATE plan SET min_assurance='secure' WHERE id='soir'",
        "INSERT INTO plan_hours VALUES ('soir', 1, '09:00', '12:00')",
        "UPDATE plan_hours SET closes='13:00'",
        "DELETE FROM plan_hours",
        "INSERT INTO plan_door VALUES ('soir', 'back')",
        "DELETE FROM plan_door",
        "INSERT INTO opening_hours VALUES (1, '08:00', '20:00')",
        "UPDATE opening_hours SET opens='07:00'",
        "INSERT INTO closure(first_day) VALUES ('2099-11-23')",
        "UPDATE closure SET first_day='2099-11-24'",
        "UPDATE member SET plan='carnet' WHERE id=1",
        "INSERT INTO pass(member, quantity) VALUES (1, 5)",
        "UPDATE pass SET quantity=7",
        "DELETE FROM pass",
        "INSERT INTO booking(resource, member, starts_at, ends_at)"
        " VALUES ('room', 1, 4099111200, 4099114800)",
        "UPDATE resource SET late=30",
        "INSERT INTO resource_door VALUES ('room', 'back')",
        "UPDATE booking SET member=2",
        "INSERT INTO booking_guest VALUES (1, 1)",
        "DELETE FROM booking_guest",
        "UPDATE booking SET member=1",
        "UPDATE booking SET status='cancelled'",
        "DELETE FROM badge",
    };
    struct rig *rig = *state;
    char before[2048], after[2048], expected[2048];

    open_with_ada(rig);
    shell(rig, "INSERT INTO member(name, plan) VALUES ('Grace', 'nomade');"
               "INSERT INTO resource(id, name) VALUES ('room', 'Salle')");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    for (size_t i = 0; i < ELEMENTSOF(edits); i++) {
        answer(rig->records, ADA_BADGE, &monday, before, sizeof(before));
        shell(rig, edits[i]);
        assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
        answer(rig->records, ADA_BADGE, &monday, after, sizeof(after));
        if (streq(after, before))
            fail_msg("%s: not seen: %s", edits[i], after);
        answer_of_all(rig, ADA_BADGE, &monday, expected, sizeof(expected));
        assert_string_equal(after, expected);
    }
}

/* --- bookings that are over ------------------------------------------------------------------- */

static int64_t bookings_copied(struct records *records)
{
    int64_t n = -1;

    assert_int_equal(database_number(records_copy(records)->db, "SELECT count(*) FROM booking", &n),
                     0);
    return n;
}

static struct now hours_from_now(int hours)
{
    struct now now = monday;

    now.wall = time_wall() + (usec_t)((int64_t)hours * (int64_t)USEC_PER_HOUR);
    return now;
}

/* One that ended a week ago, one that goes on, one to come; a guest at the first. */
static void add_three_bookings(struct rig *rig)
{
    shell(rig, "INSERT INTO resource(id, name, kind) VALUES ('hall', 'Grande salle', 'space');"
               "INSERT INTO member(name, plan) VALUES ('Grace', 'salle');"
               "INSERT INTO badge(uid, member) VALUES ('04000002', 2);"
               "INSERT INTO booking(resource, member, starts_at, ends_at) SELECT 'hall', 1,"
               " unixepoch() + value, unixepoch() + value + 7200 FROM"
               " json_each('[-608400, -3600, 604800]');"
               "INSERT INTO booking_guest VALUES (1, 2)");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
}

static void test_what_is_over_is_left_behind(void **state)
{
    CLEANUP(cleanup_records) struct records *once = NULL;
    struct rig *rig = *state;

    open_with_ada(rig);
    add_three_bookings(rig);
    assert_int_equal(bookings_copied(rig->records), 2);
    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)), 0);
    assert_int_equal(bookings_copied(once), 3); /* `why --at` may ask for any time */
}

/* Whoever asks for a time before: the copy is made anew, without anything being news. */
static void test_a_clock_put_back_finds_its_bookings(void **state)
{
    struct rig *rig = *state;
    struct now now = hours_from_now(0), last_week = hours_from_now(-7 * 24);
    char said[2048];

    open_with_ada(rig);
    add_three_bookings(rig);
    assert_int_equal(records_space_booked(rig->records, &now), 1);
    answer(rig->records, "04000002", &now, said, sizeof(said));
    assert_null(strstr(said, "booking"));
    last_week.wall -= 30 * USEC_PER_MINUTE;
    answer(rig->records, "04000002", &last_week, said, sizeof(said));
    assert_non_null(strstr(said, "booking 1 hall"));
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
    assert_int_equal(bookings_copied(rig->records), 3);
    assert_int_equal(records_space_booked(rig->records, &last_week), 1);
    shell(rig, "UPDATE member SET name='Ada Lovelace' WHERE id=1");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(bookings_copied(rig->records), 2);
    assert_int_equal(records_space_booked(rig->records, &last_week), 1);
}

/* Of all lengths, from eleven days ago until tomorrow, with all that `early` and `late` may be. */
static void add_bookings_of_all_kinds(struct rig *rig)
{
    shell(rig, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
               " INSERT INTO member(name, plan) SELECT 'Member ' || i, 'salle' FROM n;"
               "INSERT INTO badge(uid, member) SELECT printf('05%06X', id), id FROM member;"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
               " INSERT INTO resource(id, name, early, late) SELECT 'r' || i, 'Salle',"
               " i * 104729 % 1441, i * 15485863 % 1441 FROM n;"
               "INSERT INTO booking(resource, member, starts_at, ends_at)"
               " SELECT id, rowid * 7 % 20 + 1, at, at + 60 + rowid * 179424673 % 172800 FROM"
               " (SELECT id, rowid, unixepoch() - 1000000 + rowid * 48611 % 1100000 AS at"
               " FROM resource);"
               "INSERT INTO booking_guest SELECT id, (member + id) % 20 + 1 FROM booking"
               " WHERE id % 4 = 0");
}

static void assert_answers_of_all(struct rig *rig, struct records *once, const struct now *now)
{
    for (int id = 1; id <= 20; id++) {
        char uid[UID_TEXT_SIZE], said[2048], expected[2048];

        (void)snprintf(uid, sizeof(uid), "05%06X", id);
        answer(rig->records, uid, now, said, sizeof(said));
        answer(once, uid, now, expected, sizeof(expected));
        assert_string_equal(said, expected);
    }
}

/* At the edges of what is kept, ahead of them, and with the clock put back. */
static void test_what_is_left_behind_changes_no_answer(void **state)
{
    static const int hours[] = {0, -1, -23, -24, -25, -47, -49, 5, 30, -100, -200};
    CLEANUP(cleanup_records) struct records *once = NULL;
    struct rig *rig = *state;

    open_with_ada(rig);
    add_bookings_of_all_kinds(rig);
    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)), 0);
    for (size_t i = 0; i < ELEMENTSOF(hours); i++) {
        struct now now = hours_from_now(hours[i]);

        shell(rig, "UPDATE member SET company = coalesce(company, '') || '.'");
        assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
        assert_in_range(bookings_copied(rig->records), 10, 60);
        assert_answers_of_all(rig, once, &now);
    }
}

/* --- how it is made --------------------------------------------------------------------------- */

/* So many that their index would not be sorted in SQLite's usual 2 MB. */
static void add_many_bookings(struct rig *rig)
{
    shell(rig, "INSERT INTO resource(id, name) VALUES"
               " ('a-room-with-the-longest-name-ok', 'Salle');"
               "DROP TRIGGER booking_inserted; DROP TRIGGER booking_inserted_over_another;"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)"
               " INSERT INTO booking(resource, member, starts_at, ends_at)"
               " SELECT id, 1, unixepoch() + i * 3600, unixepoch() + i * 3600 + 3600"
               " FROM n, resource ORDER BY i * 7919 % 90000");
}

/* Neither a full disk nor a slow one has a part in it: the file is read, nothing is written. */
static void test_a_copy_writes_no_file(void **state)
{
    struct rig *rig = *state;
    struct rlimit before, none;
    enum records_news news;

    open_with_ada(rig);
    add_many_bookings(rig);
    assert_return_code(getrlimit(RLIMIT_FSIZE, &before), errno);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_return_code(setrlimit(RLIMIT_FSIZE, &none), errno);
    news = records_refresh(rig->records);
    assert_return_code(setrlimit(RLIMIT_FSIZE, &before), errno);
    assert_int_equal(news, RECORDS_NEW);
    assert_int_equal(bookings_copied(rig->records), 90000);
}

static void test_an_unwanted_copy_is_given_up(void **state)
{
    const atomic_bool unwanted = true;
    struct rig *rig = *state;
    struct copy_order order = {.path = rig->path, .unwanted = &unwanted};
    struct copy *copy = NULL;

    open_with_ada(rig);
    add_many_bookings(rig);
    assert_int_equal(copy_new(&order, &copy, rig->error, sizeof(rig->error)), -EINTR);
    assert_null(copy);
}

/* The tap after it takes the newest; that the older copy was given up is no fault. */
static void test_an_overtaken_copy_leaves_no_trace(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    add_many_bookings(rig);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    for (int i = 0; i < 3; i++) {
        shell(rig, "UPDATE member SET status='left'");
        rig->clock += USEC_PER_SEC;
        assert_int_equal(records_refresh_background(rig->records, rig->clock), RECORDS_COPYING);
        shell(rig, "UPDATE member SET status='suspended'");
        assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
        assert_int_equal(ada(rig).member.standing.status, MEMBER_SUSPENDED);
        assert_null(records_fault(rig->records));
        rig->clock += USEC_PER_SEC;
        assert_int_equal(records_refresh_background(rig->records, rig->clock), RECORDS_SAME);
    }
}

/* A page of the file at `path` that no copy reads: one of an index. */
static int unread_page(struct rig *rig, const char *path)
{
    char command[256], said[32] = "";
    FILE *pipe;

    (void)snprintf(command, sizeof(command),
                   "sqlite3 '%s' \"SELECT rootpage FROM sqlite_schema"
                   " WHERE name = 'record_change_by_row'\"",
                   path);
    pipe = popen(command, "re");
    assert_non_null(pipe);
    assert_non_null(fgets(said, sizeof(said), pipe));
    assert_int_equal(pclose(pipe), 0);
    (void)rig;
    return atoi(said);
}

/* The copy on its way is of the old file: the new one is read whole before it is believed. */
static void test_another_file_during_a_copy_is_checked(void **state)
{
    struct rig *rig = *state;
    char other[96], sql[160], page[4096];
    int fd;

    open_with_ada(rig);
    (void)snprintf(other, sizeof(other), "%s/other.db", rig->directory);
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", other);
    shell(rig, sql);
    memset(page, 0xFF, sizeof(page));
    fd = open(other, O_WRONLY | O_CLOEXEC);
    assert_return_code(fd, errno);
    assert_int_equal(pwrite(fd, page, sizeof(page), (unread_page(rig, other) - 1) * 4096L), 4096);
    (void)close(fd);
    shell(rig, "UPDATE member SET status='left'; PRAGMA wal_checkpoint(TRUNCATE)");
    assert_int_equal(records_refresh_background(rig->records, 1), RECORDS_COPYING);
    assert_return_code(rename(other, rig->path), errno);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_non_null(strstr(records_fault(rig->records), "is damaged"));
    assert_true(ada(rig).badge.known);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_an_edit_of_any_table_is_in_the_next_copy),
        RIGGED(test_what_is_over_is_left_behind),
        RIGGED(test_a_clock_put_back_finds_its_bookings),
        RIGGED(test_what_is_left_behind_changes_no_answer),
        RIGGED(test_a_copy_writes_no_file),
        RIGGED(test_an_unwanted_copy_is_given_up),
        RIGGED(test_an_overtaken_copy_leaves_no_trace),
        RIGGED(test_another_file_during_a_copy_is_checked),
    };

    return cmocka_run_group_tests_name("records_copy", tests, NULL, NULL);
}
