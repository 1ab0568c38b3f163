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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bookings), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_weekdays), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_overlaps),
    };

    (void)setenv("TZ", "Europe/Paris", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
