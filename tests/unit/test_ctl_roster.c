/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What people write into a list of members (the table tests/vectors/roster.txt), and that a cell of
 * any text comes back as that text.
 */

#include "ctl/roster/csv.h"
#include "ctl/roster/csv_cell.h"
#include "ctl/roster/roster_cell.h"
#include "unit/vectors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROUNDS      200000
#define LENGTH_MOST 12

static const char *const columns[] = {
    "id",         "name",         "first name",         "email",        "company", "plan", "status",
    "valid_from", "valid_until",  "display_name",       "language",     "host",    "note", "badges",
    "order",      "payer's name", "payer's first name", "payer's email"};

/* Writes what `text` stands for. */
static void unescape(const char *text, char ret[static VECTOR_TEXT_SIZE])
{
    char *end = ret;

    for (; *text; text++) {
        unsigned byte;

        if (*text != '\\') {
            *end++ = *text;
            continue;
        }
        text++;
        if (*text == 'x') {
            assert_int_equal(sscanf(text, "x%2x", &byte), 1);
            *end++ = (char)byte;
            text += 2;
        } else {
            *end++ = *text == 'n' ? '\n' : *text == 'r' ? '\r' : '\t';
        }
    }
    *end = '\0';
}

static void badges_check(const char *text, char ret[static VECTOR_TEXT_SIZE])
{
    char uid[UID_TEXT_SIZE];
    int r;

    ret[0] = '\0';
    while ((r = roster_badge(&text, uid)) > 0)
        (void)strcat(strcat(ret, *ret ? " " : ""), uid);
    if (r < 0)
        (void)strcat(strcat(ret, *ret ? " " : ""), r == -ERANGE ? "names nobody" : "no number");
}

/* Without blanks around it; what remains. */
static char *bare(char *text)
{
    size_t n;

    for (;;)
        if (*text && strchr(" \t\r\n", *text))
            text++;
        else if (starts_with(text, "\xC2\xA0"))
            text += 2;
        else
            break;
    for (n = strlen(text);;)
        if (n >= 1 && strchr(" \t\r\n", text[n - 1]))
            text[--n] = '\0';
        else if (n >= 2 && streq(text + n - 2, "\xC2\xA0"))
            text[n -= 2] = '\0';
        else
            return text;
}

/* Blanks around a text are all that a table loses. */
static void assert_bare_equal(const char *a, const char *b)
{
    char one[VECTOR_TEXT_SIZE], other[VECTOR_TEXT_SIZE];

    (void)strcpy(one, a);
    (void)strcpy(other, b);
    assert_string_equal(bare(one), bare(other));
}

/* Writes the text as a cell, checks that it is read back, and gives the cell. */
static void cell_check(const char *text, char *ret, size_t size)
{
    char titles_and_cell[2 * VECTOR_TEXT_SIZE];
    FILE *stream = fmemopen(ret, size, "w");
    struct csv_error error;
    struct csv csv;
    int n;

    ret[0] = '\0'; /* fmemopen() leaves it when nothing is written */
    csv_cell_write(stream, text, ';');
    assert_int_equal(fclose(stream), 0);
    n = snprintf(titles_and_cell, sizeof(titles_and_cell), "a;b\r\n%s;x\r\n", ret);
    assert_int_equal(csv_parse(titles_and_cell, (size_t)n, 1, &csv, &error), 0);
    assert_int_equal(csv.n_rows, 1);
    assert_string_equal(csv_field(&csv, 1, 1), "x");
    if (strspn(text, "=+-@") > 0)
        assert_int_equal(ret[ret[0] == '"'], '\'');
    assert_bare_equal(csv_cell_text(csv_field(&csv, 1, 0)), text);
    csv_done(&csv);
}

/* The cell in the writing of the vectors. */
static void escape(const char *text, char ret[static VECTOR_TEXT_SIZE])
{
    char *end = ret;

    for (; *text; text++)
        if (*text == '\'')
            end = stpcpy(end, "\\x27");
        else if (*text == '\n')
            end = stpcpy(end, "\\n");
        else if (*text == '\r')
            end = stpcpy(end, "\\r");
        else if (*text == '\t')
            end = stpcpy(end, "\\t");
        else if (starts_with(text, "\xC2\xA0"))
            end = stpcpy(end, "\\xC2\\xA0"), text++;
        else
            *end++ = *text;
    *end = '\0';
}

static void word_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    const char *kind = vector->cells[0], *word;
    char text[VECTOR_TEXT_SIZE], cell[VECTOR_TEXT_SIZE];
    int column;

    assert_int_equal(vector->n, 3);
    unescape(vector->cells[1], text);
    if (streq(kind, "title")) {
        column = roster_title(text);
        if (column < 0)
            (void)strcpy(ret, "none");
        else
            (void)sprintf(ret, "%d %s", column, columns[column]);
    } else if (streq(kind, "day")) {
        (void)strcpy(ret, "no day");
        (void)roster_day(text, ret);
    } else if (streq(kind, "status")) {
        word = roster_status(text);
        (void)strcpy(ret, !word ? "no status" : *word ? word : "as it is");
    } else if (streq(kind, "order")) {
        (void)strcpy(ret, roster_order_stands(text) ? "stands" : "doesn't stand");
    } else if (streq(kind, "language")) {
        (void)strcpy(ret, roster_language(text));
    } else if (streq(kind, "badges")) {
        badges_check(text, ret);
    } else {
        cell_check(text, cell, sizeof(cell));
        escape(cell, ret);
    }
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(ELEMENTSOF(columns), ROSTER_COLUMN_COUNT);
    vectors_run("roster.txt", word_check);
}

/* Random texts of what is dangerous, in quotes or looks like what is added. */
static void test_any_text_comes_back(void **state)
{
    static const char *const pieces[] = {"=",  "+",  "-",  "@", "'", "\"", ";",  ",",
                                         "\t", "\n", "\r", " ", "a", "é",  "＝", "\xC2\xA0"};
    char text[LENGTH_MOST * 4 + 8], cell[VECTOR_TEXT_SIZE];

    (void)state;
    srandom(1);
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = (size_t)random() % LENGTH_MOST;

        text[0] = '\0';
        while (n-- > 0)
            (void)strcat(text, pieces[(size_t)random() % ELEMENTSOF(pieces)]);
        cell_check(text, cell, sizeof(cell));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_any_text_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
