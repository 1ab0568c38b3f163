/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Many members at once, out of a table or into one. An import is one transaction that its caller
 * drives row by row: first edit_import_find() for every row - who is meant is asked of the members
 * as they were -, then edit_import_write() for every row, and all or nothing at the end. A refused
 * row leaves the others possible, so that all mistakes can be said at once.
 */

#include "core/uid.h"
#include "store/edit.h"

/* The columns of a member that a table may give. */
enum import_column {
    IMPORT_NAME,
    IMPORT_EMAIL,
    IMPORT_COMPANY,
    IMPORT_PLAN,
    IMPORT_STATUS,
    IMPORT_FROM,
    IMPORT_UNTIL,
    IMPORT_DISPLAY_NAME,
    IMPORT_LANGUAGE,
    IMPORT_HOST,
    IMPORT_NOTE,
    IMPORT_COLUMN_COUNT
};

/* Their names in the table `member`. */
extern const char *const import_column_names[IMPORT_COLUMN_COUNT];

enum import_outcome { IMPORT_UNCHANGED, IMPORT_CHANGED, IMPORT_NEW };

struct import_row {
    /* What the table says. The texts are the caller's and stay until the import's end. */
    int64_t id;                             /* that the row gives itself; 0 = none */
    const char *cells[IMPORT_COLUMN_COUNT]; /* NULL = leave it as it is; "" = take it away */
    unsigned empty;   /* bits of the columns that the table has and this row says nothing in */
    const char *plan; /* of who is new and has none in `cells`; may be NULL */
    const char (*badges)[UID_TEXT_SIZE]; /* to be given, upper-case hex */
    size_t n_badges;

    /* From edit_import_find(). */
    int64_t member;   /* who is meant; 0 = somebody new */
    bool numbered;    /* somebody new, who gets the number `id`, which `member` is already */
    int64_t host;     /* whom the cell means; 0 = nobody. The caller's, where it is another row */
    int64_t namesake; /* of somebody new: a member of that name, 0 = none */
    char *old_name;   /* of who is meant by number alone and is called otherwise, else NULL */

    /* From edit_import_write(); `member` is then also that of who is new. */
    enum import_outcome outcome;
    /* By column, of those that change: {"before": …, "after": …}; NULL = none. */
    json_t *changes;
    char *name;     /* of who is meant, as it is then */
    unsigned kept;  /* those bits of `empty` where something stays */
    size_t n_given; /* of the badges */
    size_t n_unfit; /* … that the member has already and that are blocked, lost and so on */
};

struct edit_import;

/* Begins; waits for others as every edit does. `*ret` is ended by edit_import_end(). */
int edit_import_begin(struct edit *edit, struct edit_import **ret);

/*
 * Finds whom the row means: by its number and address, which must not contradict each other, or
 * else by its address alone (case aside); a number that nobody has is one to be given. And its
 * host, by address or number, unless `host` is given. -ENOENT, -EEXIST, -EINVAL: edit_error() and
 * edit_error_column() (a column's name, "id" or "badges") say what is wrong with the row.
 */
int edit_import_find(struct edit_import *import, struct import_row *row);

/* Writes what the row changes, and its badges. Errors as edit_import_find(). */
int edit_import_write(struct edit_import *import, struct import_row *row);

/* Ends, writing all of it or, unless `keep`, nothing. `import` is gone then. */
int edit_import_end(struct edit_import *import, bool keep);

/* Frees what the two have written into the row. */
void import_row_done(struct import_row *row);

/* One member of a table that edit_export() gives out: texts that hold until the next one. */
struct export_row {
    int64_t id;
    const char *cells[IMPORT_COLUMN_COUNT]; /* "" = nothing; the host's address, or else number */
    const char *badges;                     /* the active ones, in hex, with a blank between */
};

/* Gives each member to `each`, by number; a negative return ends it and is passed on. */
int edit_export(struct edit *edit, int (*each)(void *userdata, const struct export_row *row),
                void *userdata);
