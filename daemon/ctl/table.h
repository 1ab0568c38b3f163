/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A list for people, laid out in columns by display width, with a little colour where the terminal
 * wants it. A column in which no row has anything is left out. Nothing is wider than the terminal:
 * columns give way as their tables say, and "…" behind the titles says that some are missing. Made
 * for hundreds of thousands of rows.
 */

#include "util/macro.h"

#include <jansson.h>

#define TABLE_COLUMNS_MOST 12

/*
 * How a column gives way where the terminal is narrow: its cells may be cut; or it may also be left
 * out, lower turns before higher ones.
 */
#define SHRINKS     1
#define DROPS(turn) ((turn) << 1 | 1)

struct column {
    const char *key; /* of the rows' objects */
    const char *title;
    bool right;   /* numbers */
    int yielding; /* 0, SHRINKS or DROPS(1 …) */
};

struct table;

/* NULL without memory, which the other functions take: table_show() says so. */
struct table *table_new(const struct column *columns, size_t n);
struct table *table_free(struct table *table);

/* Adds the next cell, row by row: `length` bytes, ended by NUL. */
void table_add(struct table *table, const char *text, size_t length);
void table_add_number(struct table *table, int64_t number);

/* Prints the rows under their titles; nothing but `empty` (a sentence) where there is no row. */
void table_show(struct table *table, const char *empty);

/* All of that with the rows of an array. */
void table_print(const struct column *columns, size_t n, const json_t *rows, const char *empty);

/* The width to stay within; 0 = any, where nobody's terminal is at the other end. */
size_t terminal_width(void);

DEFINE_CLEANUP(struct table *, cleanup_table, table_free);
