/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What a row of records.db must be like to make sense, as SQL. The conditions are those of the
 * schema's constraints, which other tools can switch off, and what no constraint can say. They may
 * use the functions that edit_check.c registers on its own connection:
 *
 *   encoded(x)   1 if x is UTF-8 text without a NUL in it
 *   one_line(x)  … and without control characters
 *   as_read(x)   x as the door reads it: up to a NUL
 *   door_day(x)  1 if the door reads x as a day
 *   door_hour(x) the minutes since midnight as which the door reads x; NULL if it can't
 *   plain(x)     x as text that can be shown
 *   quoted(x)    … between quotation marks; "empty" for NULL
 *   flaw(x)      what is wrong with the bytes of x, to stand after it
 *   tr(x)        x in the language of the locale; TR("…") in a rule marks it for translation
 */

#include "util/macro.h"

/* A table: what names a row of it, for people (record_change.row_id) and in a WHERE. */
struct check_table {
    const char *name;
    const char *key;
    const char *where;
    const char *command; /* what changes a column, where cantinectl can (the column follows) */
};

/* One column that must be like `sound`; `sentence` is the name of the schema's constraint. */
struct check_value {
    const char *table, *column;
    const char *sentence;
    const char *sound; /* true for what makes sense */
    const char *read;  /* true if the door reads the row all the same; NULL: it always does */
};

/* One column that names a row of another table. */
struct check_reference {
    const char *table, *column;
    const char *target;
    const char *condition; /* on which rows it must; NULL: on all */
};

/* A question of its own: rows of row's key, problem, advice. ?1: the doors' names (JSON array). */
struct check_question {
    const char *table;
    const char *sql;
};

extern const struct check_table check_tables[];
extern const size_t n_check_tables;
extern const struct check_value check_values[];
extern const size_t n_check_values;
extern const struct check_reference check_references[];
extern const size_t n_check_references;
extern const struct check_question check_questions[];
extern const size_t n_check_questions;
