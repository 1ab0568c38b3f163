/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files edit_each*.c share: a row on its way. */

#include "store/edit_each.h"
#include "store/edit_private.h"

struct each_row {
    struct edit_row row;
    struct edit_cell cells[EDIT_CELLS_MOST];
    const char *names[EDIT_CELLS_MOST];
    char *cleaned[EDIT_CELLS_MOST]; /* texts that weren't UTF-8 */
    int array_at;                   /* the column that holds a JSON array, -1 = none */
};

/* Begins zeroed, for the rows of `statement`, whose column `array` (NULL = none) is one. */
void each_row_begin(struct each_row *row, sqlite3_stmt *statement, const char *array);

/* Reads the row that the statement stands at: -ENOMEM alone; each_row_end() in any case. */
int each_row_read(struct each_row *row, sqlite3_stmt *statement);
void each_row_end(struct each_row *row);

/* Gives every row of the statement. */
int each_give(struct edit *edit, sqlite3_stmt *statement, const char *array, edit_take_t take,
              void *userdata);

/* Gives every row of `sql`, which it ends. */
int each_run(struct edit *edit, sqlite3_str *sql, const char *array, edit_take_t take,
             void *userdata);
