/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The long lists on their way from the records to stdout: as JSON, or into a table. */

#include "ctl/table.h"
#include "store/edit_each.h"

struct json_rows;

/* NULL without memory, which json_rows_take() refuses with -ENOMEM. */
struct json_rows *json_rows_new(void);
struct json_rows *json_rows_free(struct json_rows *rows);

/* An edit_take_t: prints the row as the next object of an array. */
int json_rows_take(void *userdata, const struct edit_row *row);

/* Ends the array and the line. */
void json_rows_end(struct json_rows *rows);

/* Rows that go into a table, each cell by the name of its column. Begins with `table` set. */
struct table_rows {
    struct table *table;
    const struct column *columns;
    size_t n;
    int at[TABLE_COLUMNS_MOST]; /* where each column is in a row; -1 = nowhere */
    bool found;
    const char *day; /* the column of days to be put into words, NULL = none */
};

/* An edit_take_t: adds the row's cells to the table; an array's is how many it has, if any. */
int table_rows_take(void *userdata, const struct edit_row *row);

/* Where the column `name` is in the row, -1 = nowhere. */
int row_column(const struct edit_row *row, const char *name);

DEFINE_CLEANUP(struct json_rows *, cleanup_json_rows, json_rows_free);
