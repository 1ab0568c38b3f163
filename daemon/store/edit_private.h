/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files edit*.c share: the open file, its last error, and rows as JSON. */

#include "store/database.h"
#include "store/edit.h"

#define EDIT_ERROR_SIZE 1024

struct edit {
    sqlite3 *db;
    char *path;
    char actor[ACTOR_SIZE];
    edit_waiting_t waiting;
    void *userdata;
    usec_t waiting_since; /* monotonic; 0 = not waiting */
    bool waiting_told;
    char error[EDIT_ERROR_SIZE];
    char column[SLUG_SIZE]; /* that the error is about */
};

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);

/* Writes the error and returns `r`. */
int edit_fail(struct edit *edit, int r, const char *format, ...) PRINTF(3, 4);

/* Notes which column edit_fail()'s error is about, and passes its `r` on. */
int edit_about(struct edit *edit, int r, const char *column);

/* Says in words why SQLite refused a row with these values; returns a negative errno. */
int edit_explain(struct edit *edit, const struct edit_value *values, size_t n);

/* Compiles `sql`; errors as edit_explain(). */
int edit_prepare(struct edit *edit, const char *sql, sqlite3_stmt **ret);

/* Begins a command's transaction, with the actor in it; always to be ended by edit_end(). */
int edit_begin(struct edit *edit);

/* Ends what edit_begin() began: writes it if `r` says that all went well. Returns `r` or why not.
 */
int edit_end(struct edit *edit, int r);

/* -EILSEQ if a value isn't UTF-8. */
int edit_values_check(struct edit *edit, const struct edit_value *values, size_t n);

/* Inserts one row. */
int edit_row_insert(struct edit *edit, const char *table, const struct edit_value *values,
                    size_t n);

/* Checks the values and inserts one row in a transaction of its own; the row's id. */
int64_t edit_row_add(struct edit *edit, const char *table, const struct edit_value *values,
                     size_t n);

/* Runs `sql` with ?1 = `key`, in a transaction. */
int edit_run(struct edit *edit, const char *sql, const char *key);

/* Checks the doors' names; and replaces those of `id` in plan_door or resource_door, if given. */
int edit_doors_check(struct edit *edit, const struct edit_doors *doors);
int edit_doors_replace(struct edit *edit, const char *of, const char *id,
                       const struct edit_doors *doors);

/* Writes the window as the columns weekday, opens and closes of `table`, beside those of `key`. */
int edit_window_insert(struct edit *edit, const char *table, const struct edit_value *key,
                       const struct window *window);

/* Sets columns of the row whose column `key_column` is `key`; -ESRCH when there is none. */
int edit_row_update(struct edit *edit, const char *table, const struct edit_value *values, size_t n,
                    const char *key_column, const char *key);

/* -ENOENT, with the ids that there are in edit_error(), if there is no such resource. */
int edit_resource_check(struct edit *edit, const char *id);

/* Adds WHERE and ORDER BY for the bookings `b` that are asked for. */
void edit_booking_clauses(sqlite3_str *sql, const struct edit_booking_query *query);

/* The rows that `statement`, bound, gives: an array of objects for the caller. */
int edit_rows(struct edit *edit, sqlite3_stmt *statement, json_t **ret);

/* The rows of `sql`, in which ?1 is `key`, added to each of `rows` as the array `name`; `key` is
 * the row's column `key_column`. `column` NULL: rows as objects, else its values alone. */
int edit_rows_nest(struct edit *edit, json_t *rows, const char *name, const char *key_column,
                   const char *sql, const char *column);

/* Invites the guests to a booking of `host`; in a transaction. */
int edit_guests_insert(struct edit *edit, int64_t booking, int64_t host,
                       const struct edit_guests *guests);

/* The first column of the first row of `sql` with ?1 = `text` as text that the caller frees, or
 * NULL. */
char *edit_text(struct edit *edit, const char *sql, const char *text);
