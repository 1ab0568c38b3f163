/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Reads a table of tests/vectors/: rows of cells between bars, "#" for comments. Each row is given
 * to `check`, which returns what came out; the row's last cell is what should have. All rows are
 * tried and every difference is printed with its line, before the test fails.
 */

#include "util/macro.h"

#define VECTOR_CELLS_MOST 8
#define VECTOR_TEXT_SIZE  512

struct vector {
    char *cells[VECTOR_CELLS_MOST]; /* trimmed; the last one given is the expected outcome */
    size_t n;
    int line;
};

typedef void (*vector_check_t)(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE]);

/* Runs the table tests/vectors/NAME; fails the running cmocka test if a row differs or none is
 * there. */
void vectors_run(const char *name, vector_check_t check);
