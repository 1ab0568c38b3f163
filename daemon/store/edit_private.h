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
};

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);

/* Writes the error and returns `r`. */
int edit_fail(struct edit *edit, int r, const char *format, ...) PRINTF(3, 4);

/* Says in words why SQLite refused a row with these values; returns a negative errno. */
int edit_explain(struct edit *edit, const struct edit_value *values, size_t n);

/* Compiles `sql`; errors as edit_explain(). */
int edit_prepare(struct edit *edit, const char *sql, sqlite3_stmt **ret);

/* The first column of the first row of `sql` with ?1 = `text` as text that the caller frees, or
 * NULL. */
char *edit_text(struct edit *edit, const char *sql, const char *text);
