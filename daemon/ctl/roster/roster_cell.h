/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What people write into a list of members: the titles of its columns and its cells, in French and
 * English, with HelloAsso's words among them. schemas/ctl/members.csv.md lists them for people.
 * Pure: text in, values out.
 */

#include "core/uid.h"
#include "util/time.h"

/* What a column is. */
enum roster_column {
    ROSTER_ID,
    ROSTER_NAME, /* the whole one, or beside ROSTER_FIRST_NAME the last name */
    ROSTER_FIRST_NAME,
    ROSTER_EMAIL,
    ROSTER_COMPANY,
    ROSTER_PLAN,
    ROSTER_STATUS,
    ROSTER_FROM,
    ROSTER_UNTIL,
    ROSTER_DISPLAY_NAME,
    ROSTER_LANGUAGE,
    ROSTER_HOST,
    ROSTER_NOTE,
    ROSTER_BADGES,
    ROSTER_ORDER, /* HelloAsso: whether the order that the row is of was paid */
    ROSTER_PAYER_NAME,
    ROSTER_PAYER_FIRST_NAME,
    ROSTER_PAYER_EMAIL,
    ROSTER_COLUMN_COUNT
};

/* What a column is by its title, -ENOENT for any other. */
int roster_title(const char *title);

/*
 * Reads a day as 2026-11-24, 2026/11/24, 24/11/2026, 24.11.2026 or 24-11-2026, also with an hour
 * behind it, to "2026-11-24". -EINVAL for anything else, such as a year of two digits or a day that
 * doesn't exist.
 */
int roster_day(const char *cell, char ret[static TIME_TEXT_SIZE]);

/* The status as the records have it, "" for an order's word that says nothing of it, or NULL. */
const char *roster_status(const char *cell);

/* The language's code: of a name such as "français", or the cell itself. */
const char *roster_language(const char *cell);

/* True for the status of an order that stands: "Validé". */
bool roster_order_stands(const char *cell);

/*
 * Reads the next badge's number of a cell, in which a comma, semicolon, slash, plus or the end of a
 * line stands between two; `*cell` moves on behind it. 1; 0 at the end; -EINVAL for what is no
 * number, -ERANGE for one that names nobody (uid_is_weak()).
 */
int roster_badge(const char **cell, char ret[static UID_TEXT_SIZE]);
