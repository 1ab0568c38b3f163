/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files roster*.c share. */

#include "ctl/roster/roster.h"

/* Says so; false. */
bool roster_out_of_memory(void);

/* Takes the plans that there are, that of --plan and what else each --plan-for calls one. */
bool roster_plans_read(struct roster *roster, const json_t *plans, const char *plan,
                       const struct invocation *invocation);

/* The plan of that id, or else of that name or other word for it; NULL = none. */
const char *roster_plan_find(const struct roster *roster, const char *called);

/* Notes what is no plan: the row is bad. */
void roster_plan_unknown(struct roster *roster, struct roster_row *row, const char *called);

/* Makes one mistake of each of them, when all are known. */
void roster_plans_tell(struct roster *roster);

/* Looks for rows that get into each other's way, and for hosts in other rows. */
bool roster_rows_compare(struct roster *roster);
