/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text made safe to show, and how many cells it takes: ctl/shown.h. */

#include "ctl/shown.h"
#include "util/macro.h"
#include "util/translate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HARMLESS "\xEF\xBF\xBD" /* U+FFFD */

static const struct {
    const char *text, *shown;
    size_t width;
} rows[] = {
    {"", "", 0},
    {"Ada", "Ada", 3},
    {"Été à Łódź", "Été à Łódź", 10}, /* U+00C0 to U+01BF */
    {"ƀ Ǆ ɐ", "ƀ Ǆ ɐ", 5},            /* at the end of those, and behind them */
    {"e\xCC\x81t", "e\xCC\x81t", 2},  /* U+0301 combines with what stands before it */
    {"李 Łukasz", "李 Łukasz", 9},
    {"a\x1B[2Jb", "a" HARMLESS "[2Jb", 6},
    {"\xC3", HARMLESS, 1}, /* half a letter */
    {"Zo\xC3", "Zo" HARMLESS, 3},
    {"\xC3(x", HARMLESS "(x", 3},
    {"\xE9t\xE9", HARMLESS "t" HARMLESS, 3}, /* Latin-1 */
    {"a\xE2\x80\xAE"
     "b",
     "a" HARMLESS "b", 3}, /* U+202E turns what follows */
};

static void test_what_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        CLEANUP(cleanup_free) char *shown = shown_text(rows[i].text);
        char copy[64];
        size_t width, n = shown_copy(copy, rows[i].text, strlen(rows[i].text), &width);

        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(n, strlen(rows[i].shown));
        assert_memory_equal(copy, rows[i].shown, n);
        assert_int_equal(width, rows[i].width);
        assert_int_equal(shown_width(shown), rows[i].width);
    }
}

static void test_cut(void **state)
{
    char text[] = "Été à Łódź";

    (void)state;
    shown_cut(text, 4);
    assert_string_equal(text, "Été…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_cut),
    };

    translate_begin(); /* characters are UTF-8, whatever the locale says */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
