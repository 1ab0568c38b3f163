/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files edit_import*.c share. */

#include "store/edit_import.h"
#include "store/edit_private.h"

#define KEPT_MOST 16 /* compiled statements: rows of a table mostly have the same columns */

#define NUMBERED (1U << IMPORT_COLUMN_COUNT)

/* A statement that writes the columns of `mask` (bit = enum import_column), and the number of who
 * is new where it has NUMBERED. */
struct kept {
    sqlite3_stmt *statement;
    unsigned mask;
    bool inserts;
};

struct namesake {
    char *folded;
    int64_t member;
};

struct edit_import {
    struct edit *edit;
    sqlite3_stmt *by_id, *by_email, *current, *badge, *badge_add;
    struct kept kept[KEPT_MOST];
    size_t next;                /* of `kept`, to be given up */
    struct namesake *namesakes; /* by name; NULL = not asked for yet */
    size_t n_namesakes;
};

/* Says so; -ENOMEM. */
int import_out_of_memory(struct edit_import *import);
