/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A list for people: rows of JSON laid out in columns by display width, within the terminal's, with
 * a little colour where the terminal wants it. A column in which no row has anything is left out.
 */

#include "util/macro.h"

#include <jansson.h>

#define TABLE_COLUMNS_MOST 12

struct column {
    const char *key; /* of the rows' objects */
    const char *title;
    bool right;   /* numbers */
    bool shrinks; /* may be cut where the terminal is narrow */
};

/* Prints the rows under their titles; nothing but `empty` (a sentence) where there is no row. */
void table_print(const struct column *columns, size_t n, const json_t *rows, const char *empty);
