/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Times as people type them: bookings (the table tests/vectors/times.txt), weekdays and hours. */

#include "ctl/hours.h"
#include "ctl/slot.h"
#include "unit/vectors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#define NOW        (1795438800 * USEC_PER_SEC) /* 2026-11-23T13:00:00Z */
#define WORDS_MOST 8

/* Splits as a shell would, with "…" around what belongs together. */
static size_t words_split(char *text, const char *words[static WORDS_MOST])
{
    size_t n = 0;

    while (*text) {
        char end = *text == '"' ? '"' : ' ';

        if (end == '"')
            text++;
        assert_true(n < WORDS_MOST);
        words[n++] = text;
        text += strcspn(text, (const char[]){end, '\0'});
        if (*text)
            *text++ = '\0';
        text += strspn(text, " ");
    }
    return n;
}

static int moment_write(usec_t wall, enum moment_note note, char *ret, size_t size)
{
    static const char *const notes[] = {"", " skipped", " twice"};
    char text[TIME_TEXT_SIZE];

    time_format_utc(wall, text);
    return snprintf(ret, size, "%.16s%s", text, notes[note]);
}

static void slot_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    const char *words[WORDS_MOST];
    struct slot slot;
    char error[512];
    size_t n;
    int used;

    assert_int_equal(vector->n, 3);
    n = words_split(vector->cells[1], words);
    if (slot_parse(words, n, NOW, &slot, error, sizeof(error)) < 0) {
        assert_non_null(strstr(error, ": give "));
        (void)snprintf(ret, VECTOR_TEXT_SIZE, "%.*s", (int)strcspn(error, "\n"), error);
        *strstr(ret, ": give ") = '\0';
        return;
    }
    used = moment_write(slot.starts, slot.start_note, ret, VECTOR_TEXT_SIZE);
    ret[used++] = ' ';
    (void)moment_write(slot.ends, slot.end_note, ret + used, VECTOR_TEXT_SIZE - (size_t)used);
}

static void test_bookings(void **state)
{
    (void)state;
    vectors_run("times.txt", slot_check);
}

static void test_too_long(void **state)
{
    char word[1000], error[512];
    const char *words[] = {word, "2h"};
    struct slot slot;

    (void)state;
    memset(word, '1', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    assert_int_equal(slot_parse(words, 2, NOW, &slot, error, sizeof(error)), -EINVAL);
    assert_non_null(strstr(error, "too long"));
}

static void test_weekdays(void **state)
{
    static const struct {
        const char *text;
        int set;
    } rows[] = {
        {"1", 0x02},
        {"7", 0x80},
        {"mon", 0x02},
        {"Monday", 0x02},
        {"lundi", 0x02},
        {"LUN", 0x02},
        {"dimanche", 0x80},
        {"sun", 0x80},
        {"mon-fri", 0x3E},
        {"1-5", 0x3E},
        {"lundi-vendredi", 0x3E},
        {"sat-mon", 0xC2},
        {"mon,wed", 0x0A},
        {"mar,sam-dim", 0xC4},
        {"mon-mon", 0x02},
        {"0", -EINVAL},
        {"8", -EINVAL},
        {"mo", -EINVAL},
        {"mon-", -EINVAL},
        {"-fri", -EINVAL},
        {"mon,", -EINVAL},
        {"", -EINVAL},
        {"mondays", -EINVAL},
        {"9:00-18:00", -EINVAL},
        {"closed", -EINVAL},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (weekdays_parse(rows[i].text) != rows[i].set)
            fail_msg("%s: %x", rows[i].text, weekdays_parse(rows[i].text));
}

static void test_windows(void **state)
{
    static const char *const wrong[] = {"",           "9:00",        "9-18",       "09:00-24:00",
                                        "9:00-18:60", "9:00-18:00x", "9:00–18:00", "-18:00",
                                        "9:00-",      "a9:00-10:00", "closed"};
    char text[HOURS_TEXT_SIZE];
    struct window window;

    (void)state;
    assert_int_equal(window_parse("9:00-18:30", &window), 0);
    window.weekday = 5;
    window_format(&window, text);
    assert_string_equal(text, "Fri 09:00–18:30");
    assert_int_equal(window_parse("00:00-00:00", &window), 0);
    assert_int_equal(window_parse("09:00-09:00", &window), -ERANGE);
    for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
        if (window_parse(wrong[i], &window) != -EINVAL)
            fail_msg("“%s” is taken for a window", wrong[i]);
}

static void test_overlaps(void **state)
{
    static const struct {
        const char *a, *b;
        bool overlap;
    } rows[] = {
        {"09:00-12:00", "12:00-18:00", false}, {"09:00-12:00", "11:59-18:00", true},
        {"09:00-18:00", "10:00-11:00", true},  {"20:00-02:00", "09:00-18:00", false},
        {"20:00-02:00", "23:00-23:30", true},  {"00:00-00:00", "09:00-10:00", true},
        {"09:00-12:00", "09:00-12:00", true},
    };
    struct window a, b;

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        assert_int_equal(window_parse(rows[i].a, &a), 0);
        assert_int_equal(window_parse(rows[i].b, &b), 0);
        if (windows_overlap(&a, &b) != rows[i].overlap ||
            windows_overlap(&b, &a) != rows[i].overlap)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

/* Reads each as one --hours, all into one week; what is wrong, or the week for people. */
static char *week_text(const char *const *texts)
{
    static const struct week kept = {.windows = {{.weekday = 7, .opens = 1380, .closes = 60}},
                                     .n = 1};
    struct week week = {.n = 0};
    char error[512];

    for (; *texts; texts++) {
        CLEANUP(cleanup_free) char *copy = strdup(*texts);
        const char *words[WORDS_MOST];

        if (week_read(&week, words, words_split(copy, words), "none", error, sizeof(error)) < 0)
            return strdup(error);
    }
    return week_overlaps(&week, &kept, error, sizeof(error)) ? strdup(error) : week_format(&week);
}

static void test_weeks(void **state)
{
    static const struct {
        const char *texts[3], *expected;
    } rows[] = {
        {{"mon-fri 9:00-12:00 14:00-18:00"}, "Mon–Fri 09:00–12:00 14:00–18:00"},
        {{"mon,wed 09:00-12:00", "tue 9:00-12:00"}, "Mon–Wed 09:00–12:00"},
        {{"mon 09:00-12:00", "mon 14:00-18:00"}, "Mon 09:00–12:00 14:00–18:00"},
        {{"sat sun 00:00-00:00"}, "Sun 23:00–01:00 and Sun 00:00–00:00 overlap"},
        {{"sat 00:00-00:00"}, "Sat 00:00–00:00"},
        {{"mon none", "tue 10:00-11:00"}, "Tue 10:00–11:00"},
        {{"mon-sun 20:00-22:00"}, "Mon–Sun 20:00–22:00"},
        /* overlaps: within a day, across midnight, across the week's end, with what was there */
        {{"mon 09:00-12:00 11:59-13:00"}, "Mon 09:00–12:00 and Mon 11:59–13:00 overlap"},
        {{"mon 20:00-02:00", "tue 01:00-03:00"}, "Mon 20:00–02:00 and Tue 01:00–03:00 overlap"},
        {{"mon 20:00-02:00", "tue 02:00-03:00"}, "Mon 20:00–02:00, Tue 02:00–03:00"},
        {{"mon-fri 20:00-02:00 01:00-03:00"}, "Mon 20:00–02:00 and Tue 01:00–03:00 overlap"},
        {{"sat 12:00-11:00", "sun 10:00-12:00"}, "Sat 12:00–11:00 and Sun 10:00–12:00 overlap"},
        {{"mon 00:00-02:00"}, "Sun 23:00–01:00 and Mon 00:00–02:00 overlap"},
        {{"mon 01:00-02:00"}, "Mon 01:00–02:00"},
        {{"sun 12:00-23:30"}, "Sun 23:00–01:00 and Sun 12:00–23:30 overlap"},
        /* no hours */
        {{"09:00-12:00"}, "“09:00-12:00” is no weekday: give a weekday"},
        {{""}, "“” is no weekday: give a weekday"},
        {{"mon"}, "from when to when is missing: give 09:00-18:00"},
        {{"mon 9-18"}, "“9-18” are no hours: give 09:00-18:00"},
        {{"mon 10:00-11:00 none"}, "“none” are no hours"},
        {{"mon 09:00-09:00"}, "“09:00-09:00” is a window of 0 minutes: give another end, or 00:00"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        CLEANUP(cleanup_free) char *text = week_text(rows[i].texts);

        if (!starts_with(text, rows[i].expected))
            fail_msg("%s: %s", rows[i].texts[0], text);
    }
}

/* A day has as many windows as the doors look at, and no more. */
static void test_full_days(void **state)
{
    struct week week = {.n = 0};
    char word[HOURS_TEXT_SIZE], error[512];
    const char *words[] = {"mon-sun", word};

    (void)state;
    for (int i = 0; i < HOURS_WINDOWS_DAY; i++) {
        (void)snprintf(word, sizeof(word), "%02d:00-%02d:30", i, i);
        assert_int_equal(week_read(&week, words, 2, "none", error, sizeof(error)), 0xFE);
    }
    assert_int_equal(week.n, HOURS_WEEKDAYS * HOURS_WINDOWS_DAY);
    (void)strcpy(word, "20:00-20:30");
    assert_int_equal(week_read(&week, words, 2, "none", error, sizeof(error)), -EINVAL);
    assert_non_null(strstr(error, "16 at most"));
    assert_int_equal(week.n, HOURS_WEEKDAYS * HOURS_WINDOWS_DAY);
}

/* An hour alone is today's for who speaks of today, and no moment for anybody else. */
static void test_hours_alone(void **state)
{
    static const struct {
        const char *text;
        usec_t moment; /* 0 = none */
    } rows[] = {
        {"14:00", NOW},
        {"9:30", NOW - 270 * USEC_PER_MINUTE},
        {"20h", NOW + 360 * USEC_PER_MINUTE},
        {"20h15", NOW + 375 * USEC_PER_MINUTE},
        {"tomorrow 14:00", NOW + 1440 * USEC_PER_MINUTE},
        {"25:00", 0},
        {"14", 0},
        {"2h5", 0},
        {"", 0},
    };
    usec_t moment;

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        int r = moment_parse_near(rows[i].text, NOW, &moment);

        assert_int_equal(r, rows[i].moment ? MOMENT_PLAIN : -EINVAL);
        if (rows[i].moment)
            assert_int_equal(moment, rows[i].moment);
    }
    assert_int_equal(moment_parse("14:00", NOW, &moment), -EINVAL);
}

static void test_days(void **state)
{
    static const struct {
        const char *text, *day;
    } rows[] = {
        {"today", "2026-11-23"},     {"tomorrow", "2026-11-24"},
        {"yesterday", "2026-11-22"}, {"2028-02-29", "2028-02-29"},
        {"2026-02-29", NULL},        {"2026-02-30", NULL},
        {"2026-11-23 ", NULL},       {"2026-11-23T10:00", NULL},
        {"today 10:00", NULL},       {"23/11/2026", "2026-11-23"},
        {"31/02/2026", NULL},        {"3/11/2026", NULL},
        {"demain", "2026-11-24"},    {"", NULL},
    };
    char day[TIME_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        int r = moment_day_parse(rows[i].text, NOW, day);

        assert_int_equal(r, rows[i].day ? 0 : -EINVAL);
        if (rows[i].day)
            assert_string_equal(day, rows[i].day);
    }
}

/* Monday 23 November 2026, 14:00 in Paris, said on other days too. */
static void test_words(void **state)
{
    static const struct {
        const char *at;
        int64_t now; /* days from NOW */
        const char *said;
    } moments[] = {
        {"2026-11-23T18:00", 0, "today 18:00"},
        {"2026-11-23T00:00", 0, "today 0:00"},
        {"2026-11-24T09:05", 0, "tomorrow 9:05"},
        {"2026-11-22T23:59", 0, "yesterday 23:59"},
        {"2026-11-21T23:59", 0, "Saturday 21 November 23:59"},
        {"2026-11-25T00:00", 0, "Wednesday 0:00"},
        {"2026-11-29T23:59", 0, "Sunday 23:59"},
        {"2026-11-30T00:00", 0, "Monday 30 November 0:00"},
        {"2027-01-01T00:00", 0, "Friday 1 January 2027 0:00"},
        {"2027-01-01T00:00", 38, "tomorrow 0:00"},
        {"2026-12-31T12:00", 39, "yesterday 12:00"},
        {"2026-03-29T02:30", -240, "tomorrow 3:30"}, /* the hour that is skipped */
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(moments); i++) {
        usec_t now = (usec_t)((int64_t)NOW + moments[i].now * 86400 * (int64_t)USEC_PER_SEC), at;
        char words[MOMENT_WORDS_SIZE];

        assert_true(moment_parse(moments[i].at, now, &at) >= 0);
        moment_words(at, now, words);
        assert_string_equal(words, moments[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bookings),    cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_weekdays),    cmocka_unit_test(test_windows),
        cmocka_unit_test(test_overlaps),    cmocka_unit_test(test_weeks),
        cmocka_unit_test(test_full_days),   cmocka_unit_test(test_days),
        cmocka_unit_test(test_hours_alone), cmocka_unit_test(test_words),
    };

    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
