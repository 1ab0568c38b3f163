/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables from spreadsheets: the table tests/vectors/csv.txt, and the limits. */

#include "ctl/roster/csv.h"
#include "unit/vectors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Writes the bytes that `text` stands for, without a NUL at their end; how many. */
static size_t bytes_of(const char *text, char ret[static VECTOR_TEXT_SIZE])
{
    char *end = ret;

    for (; *text; text++) {
        unsigned byte;

        if (*text != '\\') {
            *end++ = *text;
            continue;
        }
        switch (*++text) {
        case 'n':
            *end++ = '\n';
            break;
        case 'r':
            *end++ = '\r';
            break;
        case 't':
            *end++ = '\t';
            break;
        default:
            assert_int_equal(sscanf(text, "x%2x", &byte), 1);
            *end++ = (char)byte;
            text += 2;
        }
    }
    return (size_t)(end - ret);
}

static void field_write(FILE *stream, const char *field)
{
    (void)fputc('[', stream);
    for (; *field; field++)
        (void)fputs(*field == '\n' || *field == '\r' ? "¶"
                    : *field == '\t'                 ? "→"
                                                     : (char[]){*field, '\0'},
                    stream);
    (void)fputc(']', stream);
}

static void csv_check(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    char bytes[VECTOR_TEXT_SIZE], *exact;
    struct csv_error error;
    struct csv csv;
    FILE *stream = fmemopen(ret, VECTOR_TEXT_SIZE, "w");
    size_t n;
    int r;

    assert_int_equal(vector->n, 3);
    n = bytes_of(vector->cells[1], bytes);
    exact = malloc(n + 1); /* so that a byte beyond is noticed */
    exact = realloc(memcpy(exact, bytes, n), MAX_OF(n, (size_t)1));
    r = csv_parse(exact, n, CSV_ROWS_MOST, &csv, &error);
    free(exact);
    if (r < 0) {
        assert_non_null(strchr(error.text, ':')); /* and what to do */
        (void)fprintf(stream, "%u: %.*s", error.line, (int)strcspn(error.text, ":"), error.text);
        (void)fclose(stream);
        return;
    }
    for (size_t row = 0; row <= csv.n_rows; row++) {
        (void)fprintf(stream, "%s%u", row > 0 ? " " : "", csv.lines[row]);
        for (size_t column = 0; column < csv.n_columns; column++)
            field_write(stream, csv_field(&csv, row, column));
    }
    if (csv.is_latin)
        (void)fputs(" Latin-1", stream);
    (void)fclose(stream);
    csv_done(&csv);
}

static void test_tables(void **state)
{
    (void)state;
    vectors_run("csv.txt", csv_check);
}

/* `n` times `line` below `titles`. */
static int many_parse(const char *titles, const char *line, size_t n, size_t rows_most,
                      struct csv_error *error)
{
    size_t size = strlen(titles) + n * strlen(line);
    char *bytes = malloc(size), *end = mempcpy(bytes, titles, strlen(titles));
    struct csv csv;
    int r;

    for (size_t i = 0; i < n; i++)
        end = mempcpy(end, line, strlen(line));
    r = csv_parse(bytes, size, rows_most, &csv, error);
    free(bytes);
    if (r < 0)
        return r;
    r = (int)csv.n_rows;
    assert_int_equal(csv.lines[csv.n_rows], csv.n_rows + 1);
    assert_string_equal(csv_field(&csv, csv.n_rows, 0), "Ada");
    csv_done(&csv);
    return r;
}

static void test_rows(void **state)
{
    struct csv_error error;

    (void)state;
    for (size_t most = 10; most <= CSV_ROWS_MOST; most *= 100) {
        assert_int_equal(many_parse("name\n", "Ada\n", most, most, &error), most);
        assert_int_equal(many_parse("name\n", "Ada\n", most + 1, most, &error), -E2BIG);
        assert_int_equal(error.line, most + 2);
    }
    assert_int_equal(many_parse("name\n", "Ada\n", CSV_ROWS_MOST + 1, SIZE_MAX, &error), -E2BIG);
    assert_non_null(strstr(error.text, "more than 100000 rows"));
}

static void test_bytes(void **state)
{
    struct csv_error error;

    (void)state;
    assert_int_equal(many_parse("name\nAda\n\n", "\n", CSV_BYTES_MOST - 10, 1, &error), 1);
    assert_int_equal(many_parse("name\nAda\n\n", "\n", CSV_BYTES_MOST - 9, 1, &error), -EFBIG);
    assert_int_equal(error.line, 0);
    assert_non_null(strstr(error.text, "larger than 16 MiB"));
}

static void test_columns(void **state)
{
    char titles[2 * CSV_COLUMNS_MOST + 8];
    struct csv_error error;

    (void)state;
    for (size_t i = 0; i <= CSV_COLUMNS_MOST; i++)
        memcpy(titles + 2 * i, i < CSV_COLUMNS_MOST ? "a," : "a\n", 2);
    titles[2 * CSV_COLUMNS_MOST + 2] = '\0';
    assert_int_equal(many_parse(titles, "Ada\n", 1, 1, &error), -E2BIG);
    assert_int_equal(error.line, 1);
    assert_int_equal(many_parse(titles + 2, "Ada\n", 1, 1, &error), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
