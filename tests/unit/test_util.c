/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The small things that everything rests on, as tables: times as people and machines write them,
 * days and hours, hexadecimal, badge numbers, and the words of the vocabularies.
 */

#include "core/uid.h"
#include "core/words.h"
#include "util/hex.h"
#include "util/time.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

/* --- time ------------------------------------------------------------------------------------ */

static void test_span_parse(void **state)
{
    static const struct {
        const char *text;
        int result;
        usec_t span;
    } rows[] = {
        {"0", 0, 0},
        {"5", 0, 5 * USEC_PER_SEC}, /* a bare number is seconds */
        {"5s", 0, 5 * USEC_PER_SEC},
        {" 5 s ", 0, 5 * USEC_PER_SEC},
        {"200ms", 0, 200 * USEC_PER_MSEC},
        {"7us", 0, 7},
        {"1min 30s", 0, 90 * USEC_PER_SEC},
        {"1min30s", 0, 90 * USEC_PER_SEC},
        {"1m", 0, USEC_PER_MINUTE},
        {"2 hours", 0, 2 * USEC_PER_HOUR},
        {"90d", 0, 90 * USEC_PER_DAY},
        {"1week 1day", 0, 8 * USEC_PER_DAY},
        {"36600d", 0, 36600 * USEC_PER_DAY},
        {"", -EINVAL, 0},
        {"  ", -EINVAL, 0},
        {"five", -EINVAL, 0},
        {"s", -EINVAL, 0},
        {"-5s", -EINVAL, 0},
        {"1.5s", -EINVAL, 0},
        {"5 apples", -EINVAL, 0},
        {"5S", -EINVAL, 0},
        {"5s,", -EINVAL, 0},
        {"36601d", -ERANGE, 0},
        {"36600d 1us", -ERANGE, 0},
        {"999999999999w", -ERANGE, 0},
        {"1000000000000us", -ERANGE, 0},
        {"99999999999999999999s", -ERANGE, 0},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        usec_t span = 42;
        int r = time_parse_span(rows[i].text, &span);

        if (r != rows[i].result || span != (r < 0 ? 42 : rows[i].span))
            fail_msg("\"%s\" gave %d, %llu µs", rows[i].text, r, (unsigned long long)span);
    }
}

static void test_span_format(void **state)
{
    static const struct {
        usec_t span;
        const char *text;
    } rows[] = {
        {0, "0s"},
        {1, "1us"},
        {200 * USEC_PER_MSEC, "200ms"},
        {90 * USEC_PER_SEC, "1min 30s"},
        {USEC_PER_MINUTE, "1min"},
        {90 * USEC_PER_DAY, "90d"},
        {USEC_PER_DAY + 1, "1d 1us"},
        {USEC_PER_DAY + 23 * USEC_PER_HOUR + 59 * USEC_PER_MINUTE + 59 * USEC_PER_SEC + 999999,
         "1d 23h 59min 59s 999ms 999us"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        char text[TIME_TEXT_SIZE];
        usec_t back;

        time_format_span(rows[i].span, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(time_parse_span(text, &back), 0);
        assert_int_equal(back, rows[i].span);
    }
}

static void test_utc(void **state)
{
    static const struct {
        usec_t wall;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795464900123999, "2026-11-23T20:15:00.123Z"}, /* cut, not rounded: never a later time */
        {951782400 * USEC_PER_SEC + 7 * USEC_PER_MSEC, "2000-02-29T00:00:00.007Z"},
        {4102444799 * USEC_PER_SEC, "2099-12-31T23:59:59.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        char text[TIME_TEXT_SIZE];

        time_format_utc(rows[i].wall, text);
        assert_string_equal(text, rows[i].text);
    }
}

static int zone_set(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZ", "Europe/Paris", 1), 0);
    tzset();
    return 0;
}

/* Amiens: an hour ahead of UTC, two from the last Sunday of March to that of October. */
static void test_local(void **state)
{
    static const struct {
        const char *what;
        usec_t seconds; /* UTC */
        struct local_time local;
        const char *text;
    } rows[] = {
        {"a winter evening", 1795464900, {20261123, 20261122, 1, 1275}, "2026-11-23 21:15:00"},
        {"just before midnight", 1795474799, {20261123, 20261122, 1, 1439}, "2026-11-23 23:59:59"},
        {"midnight", 1795474800, {20261124, 20261123, 2, 0}, "2026-11-24 00:00:00"},
        {"before summer time", 1774745999, {20260329, 20260328, 7, 119}, "2026-03-29 01:59:59"},
        {"summer time begins", 1774746000, {20260329, 20260328, 7, 180}, "2026-03-29 03:00:00"},
        {"half past two, first", 1792888200, {20261025, 20261024, 7, 150}, "2026-10-25 02:30:00"},
        {"half past two, again", 1792891800, {20261025, 20261024, 7, 150}, "2026-10-25 02:30:00"},
        {"after a leap day", 1835391600, {20280229, 20280228, 2, 0}, "2028-02-29 00:00:00"},
        {"the first of March", 1835478000, {20280301, 20280229, 3, 0}, "2028-03-01 00:00:00"},
        {"new year", 1798758000, {20270101, 20261231, 5, 0}, "2027-01-01 00:00:00"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct local_time local;
        char text[TIME_TEXT_SIZE];

        assert_int_equal(time_local(rows[i].seconds * USEC_PER_SEC, &local), 0);
        time_format_local(rows[i].seconds * USEC_PER_SEC, text);
        if (memcmp(&local, &rows[i].local, sizeof(local)) != 0 || !streq(text, rows[i].text))
            fail_msg("%s: day %d after %d, weekday %d, minute %d, \"%s\"", rows[i].what, local.day,
                     local.yesterday, local.weekday, local.minute, text);
    }
}

static void test_tomorrow(void **state)
{
    static const struct {
        const char *what;
        usec_t seconds, tomorrow; /* UTC */
    } rows[] = {
        {"a winter evening", 1795464900, 1795474800},
        {"just before midnight", 1795474799, 1795474800},
        {"midnight", 1795474800, 1795561200},
        {"a day of 23 hours", 1774738800, 1774821600},
        {"a day of 25 hours", 1792879200, 1792969200},
        {"the last day of the year", 1798700000, 1798758000},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        usec_t tomorrow = time_tomorrow(rows[i].seconds * USEC_PER_SEC + 999999);

        if (tomorrow != rows[i].tomorrow * USEC_PER_SEC)
            fail_msg("%s: %llu", rows[i].what, (unsigned long long)(tomorrow / USEC_PER_SEC));
    }
}

static void test_last_at(void **state)
{
    static const struct {
        const char *what;
        usec_t seconds; /* UTC */
        int minute;
        usec_t last;
    } rows[] = {
        {"3:00 of this day", 1795464900, 180, 1795399200},
        {"it is 3:00", 1795399200, 180, 1795399200},
        {"a second before 3:00", 1795399199, 180, 1795312800},
        {"noon of a day of 23 hours", 1774778400, 180, 1774746000},
        {"3:00 of a day of 25 hours, four hours after its midnight", 1792893600, 180, 1792893600},
        {"2:30 that comes twice: once", 1792888200, 150, 1792888200},
        {"between the two", 1792891799, 150, 1792888200},
        {"twice", 1792891800, 150, 1792891800},
        {"2:30 of last night, asked in winter", 1797000000, 150, 1796952600},
        {"2:30 that comes twice, asked after that", 1792890000, 150, 1792888200},
        {"2:30 that is skipped", 1774778400, 150, 1774747800},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        usec_t last = time_last_at(rows[i].seconds * USEC_PER_SEC, rows[i].minute);

        if (last != rows[i].last * USEC_PER_SEC)
            fail_msg("%s: %llu", rows[i].what, (unsigned long long)(last / USEC_PER_SEC));
    }
}

static void test_day(void **state)
{
    static const struct {
        const char *text;
        day_t day; /* 0 = refused */
    } rows[] = {
        {"2026-11-23", 20261123},
        {"2028-02-29", 20280229},
        {"2000-02-29", 20000229},
        {"2026-12-31", 20261231},
        {"2026-02-29", 0},
        {"1900-02-29", 0},
        {"2026-04-31", 0},
        {"2026-13-01", 0},
        {"2026-00-10", 0},
        {"2026-01-00", 0},
        {"2026-1-1", 0},
        {"26-11-23", 0},
        {"23/11/2026", 0},
        {"2026-11-23 ", 0},
        {"2026-11-2x", 0},
        {"+026-11-23", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        day_t day = 0;
        int r = day_parse(rows[i].text, &day);

        if (r != (rows[i].day ? 0 : -EINVAL) || day != rows[i].day)
            fail_msg("\"%s\" gave %d, day %d", rows[i].text, r, day);
    }
}

static void test_minute(void **state)
{
    static const struct {
        const char *text;
        int minute; /* -1 = refused */
    } rows[] = {
        {"00:00", 0}, {"09:00", 540}, {"23:59", 1439}, {"24:00", -1},  {"12:60", -1}, {"9:00", -1},
        {"0900", -1}, {"09h00", -1},  {"-1:00", -1},   {"09:00 ", -1}, {"09:0x", -1}, {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        int minute = -1, r = minute_parse(rows[i].text, &minute);

        if (r != (rows[i].minute < 0 ? -EINVAL : 0) || minute != rows[i].minute)
            fail_msg("\"%s\" gave %d, minute %d", rows[i].text, r, minute);
    }
}

/* --- hexadecimal and badge numbers ----------------------------------------------------------- */

static void test_hex(void **state)
{
    static const struct {
        const char *text;
        int result; /* the number of bytes, or the error */
        uint8_t bytes[4];
    } rows[] = {
        {"", 0, {0}},
        {"00", 1, {0x00}},
        {"04A1fF", 3, {0x04, 0xA1, 0xFF}},
        {"04:a1:ff:9B", 4, {0x04, 0xA1, 0xFF, 0x9B}},
        {"04 A1-FF", 3, {0x04, 0xA1, 0xFF}},
        {"04A1FF9B00", -ENOSPC, {0}},
        {"4", -EINVAL, {0}},
        {"04A", -EINVAL, {0}},
        {"0 4", -EINVAL, {0}},
        {"0x04", -EINVAL, {0}},
        {"0G", -EINVAL, {0}},
        {"é0", -EINVAL, {0}},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        uint8_t bytes[4] = {0};
        int r = hex_decode(rows[i].text, bytes, sizeof(bytes));

        if (r != rows[i].result || (r > 0 && memcmp(bytes, rows[i].bytes, (size_t)r) != 0))
            fail_msg("\"%s\" gave %d", rows[i].text, r);
    }
}

static void test_hex_both_ways(void **state)
{
    uint8_t bytes[256], back[256];
    char text[2 * sizeof(bytes) + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    hex_encode(bytes, sizeof(bytes), text);
    assert_int_equal(strlen(text), 2 * sizeof(bytes));
    assert_int_equal(strspn(text, "0123456789ABCDEF"), strlen(text));
    assert_int_equal(hex_decode(text, back, sizeof(back)), sizeof(back));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

static void test_uid(void **state)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL = refused */
        bool weak;
    } rows[] = {
        {"04a1b2c3", "04A1B2C3", false},
        {"04:A1:B2:C3:D4:E5:F6", "04A1B2C3D4E5F6", false},
        {"04 A1 B2 C3 D4 E5 F6 07 18 29", "04A1B2C3D4E5F6071829", false},
        {"08A1B2C3", "08A1B2C3", true},              /* random, new at each tap */
        {"08A1B2C3D4E5F6", "08A1B2C3D4E5F6", false}, /* only of 4 bytes */
        {"00000000", "00000000", true},
        {"00000001", "00000001", false},
        {"FFFFFFFFFFFFFF", "FFFFFFFFFFFFFF", true},
        {"00000000000000000000", "00000000000000000000", true},
        {"", NULL, false},
        {"04A1B2", NULL, false},
        {"04A1B2C3D4", NULL, false},
        {"04A1B2C3D4E5F607", NULL, false},
        {"04A1B2C3D4E5F60718293A", NULL, false},
        {"04A1B2C", NULL, false},
        {"04A1B2CX", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct uid uid = {0};
        char text[UID_TEXT_SIZE] = "";
        int r = uid_parse(rows[i].text, &uid);

        assert_int_equal(r, rows[i].formatted ? 0 : -EINVAL);
        if (r < 0)
            continue;
        uid_format(&uid, text);
        assert_string_equal(text, rows[i].formatted);
        if (uid_is_weak(&uid) != rows[i].weak)
            fail_msg("%s is %s", text, rows[i].weak ? "weak" : "not weak");
    }
}

static void test_uid_equal(void **state)
{
    struct uid a, b;

    (void)state;
    assert_int_equal(uid_parse("04A1B2C3", &a), 0);
    assert_int_equal(uid_parse("04 a1 b2 c3", &b), 0);
    assert_true(uid_equal(&a, &b));
    assert_int_equal(uid_parse("04A1B2C4", &b), 0);
    assert_false(uid_equal(&a, &b));
    assert_int_equal(uid_parse("04A1B2C3000000", &b), 0); /* the same beginning, then zeros */
    assert_false(uid_equal(&a, &b));
}

static void test_uid_lengths(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 16; n++) {
        struct uid uid = {.bytes = {0x04}, .length = (uint8_t)n};

        assert_int_equal(uid_length_valid(n), n == 4 || n == 7 || n == 10);
        if (n <= UID_BYTES_MOST)
            assert_int_equal(uid_is_weak(&uid), n != 4 && n != 7 && n != 10);
    }
}

/* --- words ----------------------------------------------------------------------------------- */

/* One vocabulary: its words in the order of its enum, as the interfaces have them. */
#define VOCABULARY(name, type, count, ...)                                                         \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        static const char *const words[] = {__VA_ARGS__};                                          \
                                                                                                   \
        (void)state;                                                                               \
        assert_int_equal(ELEMENTSOF(words), count);                                                \
        for (int i = 0; i < (int)(count); i++) {                                                   \
            if (words[i])                                                                          \
                assert_string_equal(name##_word((type)i), words[i]);                               \
            else                                                                                   \
                assert_null(name##_word((type)i));                                                 \
            assert_int_equal(name##_of(words[i]), i);                                              \
        }                                                                                          \
        assert_null(name##_word((type)(count)));                                                   \
        assert_null(name##_word((type)-1));                                                        \
        assert_int_equal(name##_of(""), -EINVAL);                                                  \
        assert_int_equal(name##_of("nonsense"), -EINVAL);                                          \
        if (words[0])                                                                              \
            assert_int_equal(name##_of(NULL), -EINVAL);                                            \
    }                                                                                              \
    struct name##_needs_semicolon

VOCABULARY(reason, enum reason, REASON_COUNT, "ok", "throttled", "unknown_badge", "weak_badge",
           "bad_signature", "badge_blocked", "badge_lost", "badge_stolen", "badge_returned",
           "badge_expired", "lockdown", "member_suspended", "member_left", "member_not_yet",
           "member_expired", "plan_inactive", "wrong_door", "closed_day", "outside_hours",
           "no_booking", "no_pass", "clock_untrusted", "full");
VOCABULARY(result, enum result, RESULT_COUNT, NULL, "granted", "refused");
VOCABULARY(direction, enum direction, DIRECTION_COUNT, NULL, "in", "out", "toggle");
VOCABULARY(event_type, enum event_type, EVENT_TYPE_COUNT, "access", "entered", "left", "checkout",
           "exit_button", "unlock", "hold", "release", "lockdown", "fire", "forced", "held_open",
           "reader", "system");
VOCABULARY(badge_status, enum badge_status, BADGE_STATUS_COUNT, "active", "blocked", "lost",
           "stolen", "returned");
VOCABULARY(badge_kind, enum badge_kind, BADGE_KIND_COUNT, "uid", "desfire", "ntag424");
VOCABULARY(member_status, enum member_status, MEMBER_STATUS_COUNT, "active", "suspended", "left");
VOCABULARY(plan_access, enum plan_access, PLAN_ACCESS_COUNT, "always", "opening", "hours",
           "booking", "pass");
VOCABULARY(assurance, enum assurance, ASSURANCE_COUNT, "uid", "secure");
VOCABULARY(lock_state, enum lock_state, LOCK_STATE_COUNT, "locked", "unlocked", "held", "lockdown");
VOCABULARY(contact_state, enum contact_state, CONTACT_STATE_COUNT, "unknown", "open", "closed");
VOCABULARY(door_alarm, enum door_alarm, DOOR_ALARM_COUNT, NULL, "forced", "held_open", "faulty",
           "fire");
VOCABULARY(reader_state, enum reader_state, READER_STATE_COUNT, "absent", "ready", "faulty");
VOCABULARY(room_state, enum room_state, ROOM_STATE_COUNT, "free", "busy");

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span_parse),
        cmocka_unit_test(test_span_format),
        cmocka_unit_test(test_utc),
        cmocka_unit_test_setup(test_local, zone_set),
        cmocka_unit_test_setup(test_last_at, zone_set),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_minute),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_hex_both_ways),
        cmocka_unit_test(test_uid),
        cmocka_unit_test(test_uid_equal),
        cmocka_unit_test(test_uid_lengths),
        cmocka_unit_test(test_reason),
        cmocka_unit_test(test_result),
        cmocka_unit_test(test_direction),
        cmocka_unit_test(test_event_type),
        cmocka_unit_test(test_badge_status),
        cmocka_unit_test(test_badge_kind),
        cmocka_unit_test(test_member_status),
        cmocka_unit_test(test_plan_access),
        cmocka_unit_test(test_assurance),
        cmocka_unit_test(test_lock_state),
        cmocka_unit_test(test_contact_state),
        cmocka_unit_test(test_door_alarm),
        cmocka_unit_test(test_reader_state),
        cmocka_unit_test(test_room_state),
        cmocka_unit_test_setup(test_tomorrow, zone_set),
    };

    return cmocka_run_group_tests_name("util and words", tests, NULL, NULL);
}
