/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *trimmed(char *text)
{
    size_t n;

    text += strspn(text, " \t\n");
    n = strlen(text);
    while (n > 0 && strchr(" \t\n", text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

static void cells_split(char *text, struct vector *ret)
{
    char *rest = text, *cell;

    while ((cell = strsep(&rest, "|"))) {
        assert_true(ret->n < VECTOR_CELLS_MOST);
        ret->cells[ret->n++] = trimmed(cell);
    }
}

void vectors_run(const char *name, vector_check_t check)
{
    char path[256], text[4 * VECTOR_TEXT_SIZE];
    size_t rows = 0, wrong = 0;
    FILE *file;
    int line = 0;

    (void)snprintf(path, sizeof(path), "tests/vectors/%s", name);
    file = fopen(path, "re");
    if (!file)
        fail_msg("%s cannot be opened: run the tests from the top of the tree", path);
    while (fgets(text, sizeof(text), file)) {
        struct vector vector = {.line = ++line};
        char came[VECTOR_TEXT_SIZE] = "";

        if (text[0] == '#' || !*trimmed(text))
            continue;
        cells_split(text, &vector);
        check(&vector, came);
        rows++;
        if (streq(came, vector.cells[vector.n - 1]))
            continue;
        wrong++;
        print_error("%s:%d: %s: expected \"%s\", came \"%s\"\n", path, line, vector.cells[0],
                    vector.cells[vector.n - 1], came);
    }
    (void)fclose(file);
    assert_int_equal(wrong, 0);
    assert_int_not_equal(rows, 0);
}
