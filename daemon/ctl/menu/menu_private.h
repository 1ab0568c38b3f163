/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the menu's tasks have in common. The menu knows nothing that the commands don't: it asks
 * with dialogs, runs commands of this program as if they had been typed, and shows those that do
 * something, so that they can be learned.
 */

#include "ctl/ctl.h"
#include "ctl/menu/dialog.h"

struct menu {
    struct ctl *ctl;
    struct dialog dialog;
};

/* Somebody, as the records have them. */
struct menu_member {
    char number[24]; /* the id, for a command line */
    char name[MEMBER_NAME_SIZE];
};

/*
 * Runs a command (words ended by NULL), shows it, what it says and - where it succeeded, and `done`
 * isn't NULL - that as well, translated already; then waits for Enter. True if it succeeded.
 */
bool menu_run(struct menu *menu, const char *const *words, const char *done);

/* Runs a command for its JSON: the caller's, NULL after it said why not, and Enter. */
json_t *menu_query(struct menu *menu, const char *const *words);

/* Asks for a member until there is one; false = back. */
bool menu_member(struct menu *menu, const char *text, struct menu_member *ret);

/* The place in `rows` of the chosen one, each shown as its `key`; -1 = back. Where there is one row
 * alone, it is that. */
int menu_row(struct menu *menu, const char *text, const json_t *rows, const char *key);

/* The tasks. */
void menu_let_in(struct menu *menu);
void menu_lost_badge(struct menu *menu);
void menu_book(struct menu *menu);
void menu_who_is_here(struct menu *menu);
void menu_open_door(struct menu *menu);
void menu_why_refused(struct menu *menu);
