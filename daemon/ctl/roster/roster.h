/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A list of members in a file, read as far as that goes without the records: which column is what,
 * each row's cells as the records would have them, whose host stands in another row, and what is
 * wrong with the file itself. Every mistake and every warning is kept with its line, to be told in
 * order when all are known.
 */

#include "ctl/command.h"
#include "ctl/remarks.h"
#include "ctl/roster/csv.h"
#include "ctl/roster/roster_cell.h"
#include "store/edit_import.h"

#define ROSTER_BADGES_MOST 16 /* in one row */

/* Where a row is on its way into the records. */
enum roster_state {
    ROSTER_READ,
    ROSTER_BAD,     /* something is wrong with it: nothing is tried with it any more */
    ROSTER_WAITING, /* for its host */
    ROSTER_WRITTEN
};

struct roster_row {
    unsigned line;
    enum roster_state state;
    size_t host_row; /* where the host stands, SIZE_MAX = in no row */
    char *name;      /* first and last one put together, NULL = none */
    char (*badges)[UID_TEXT_SIZE];
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    struct import_row import;
};

/* What a plan may be called in the file; `plan` belongs to the JSON that it came from. */
struct roster_plan {
    char *folded;
    const char *plan;
};

/* What is no plan, on one row or many. */
struct roster_unknown {
    char *folded;
    const char *called;
    struct roster_row *first;
    size_t n_rows;
};

struct roster {
    const char *path; /* as people are told */
    struct csv csv;
    size_t columns[ROSTER_COLUMN_COUNT]; /* of the file, SIZE_MAX = it has none such */
    struct roster_row *rows;
    size_t n_rows;
    struct roster_plan *plans;
    size_t n_plans;
    char *plan_ids; /* "resident, nomade, …", to be told */
    struct roster_unknown *unknown;
    size_t n_unknown;
    const char *plan;    /* of who is new, NULL = the row must say */
    size_t n_left_out;   /* rows whose order doesn't stand */
    size_t n_not_theirs; /* rows without the address of a payer who is somebody else */
    struct remarks mistakes, warnings;
};

/*
 * Reads the file ("-" = the standard input). `plans` as edit_list_plans() gives them, which must
 * outlive the roster; `plan` for who is new; the invocation's --plan-for say what else may mean a
 * plan. False after saying why nothing can be done with the file at all.
 */
bool roster_read(const char *path, const json_t *plans, const char *plan,
                 const struct invocation *invocation, struct roster *ret);

/* The title of the column that is written to the table's `column` ("id" and "badges" too), or that
 * name itself where the file has none. */
const char *roster_title_of(const struct roster *roster, const char *column);

/* A mistake in a row, in its column ("" = in none) of the table: the row is bad from now on. */
void roster_mistake(struct roster *roster, struct roster_row *row, const char *column,
                    const char *format, ...) PRINTF(4, 5);
void roster_warn(struct roster *roster, const struct roster_row *row, const char *format, ...)
    PRINTF(3, 4);

void roster_done(struct roster *roster);

static inline void cleanup_roster(struct roster *roster)
{
    roster_done(roster);
}
