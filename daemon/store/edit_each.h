/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The long lists, row by row as they are read, so that a hundred thousand take no memory and little
 * time. The columns are the tables' own, in their order; behind them, where the question has
 * `names`, what people want to see instead of numbers.
 */

#include "store/edit.h"

enum edit_cell_kind { EDIT_NULL, EDIT_INTEGER, EDIT_TEXT, EDIT_ARRAY };

struct edit_cell {
    enum edit_cell_kind kind;
    int64_t integer;  /* of EDIT_INTEGER */
    const char *text; /* of EDIT_TEXT, UTF-8, and of EDIT_ARRAY, JSON; ended by NUL, else "" */
    size_t length;    /* of `text` */
};

#define EDIT_CELLS_MOST 16 /* in a row */

struct edit_row {
    const char *const *names; /* the columns' */
    const struct edit_cell *cells;
    size_t n;
};

/* Takes a row, whose texts end with the call; a negative return ends the list and is passed on. */
typedef int (*edit_take_t)(void *userdata, const struct edit_row *row);

/* Which members; NULL = any. In the order of their ids, or of their last days where these count. */
struct edit_member_query {
    const char *until_from, *until_to; /* whose last day is one of these, and who hasn't left */
    bool brief;                        /* only what a table shows, which is faster */
};

int edit_each_member(struct edit *edit, const struct edit_member_query *query, edit_take_t take,
                     void *userdata);

/* Which badges; 0 or NULL = any. By member, then by number. */
struct edit_badge_query {
    int64_t member;
    const char *until_from, *until_to; /* whose last day is one of these, and that work */
    bool names;                        /* "member_name", but not "added_at" */
};

int edit_each_badge(struct edit *edit, const struct edit_badge_query *query, edit_take_t take,
                    void *userdata);

/* With "who" where `names`; `member` 0 = everybody's. */
int edit_each_pass(struct edit *edit, int64_t member, bool names, edit_take_t take, void *userdata);

/* In the order of their beginnings; with "guests", and with "who" where `names`. */
int edit_each_booking(struct edit *edit, const struct edit_booking_query *query, bool names,
                      edit_take_t take, void *userdata);
