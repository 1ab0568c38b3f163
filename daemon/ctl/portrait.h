/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * All that is known about one member, as the JSON that `member show --json` prints: the row, and
 * plan_name, host_name, guests, badges, passes with what is left, the next bookings; and, as far as
 * cantined can be asked (else null), inside, since, visits and last_refusal.
 */

#include "ctl/ctl.h"

#define PORTRAIT_BOOKINGS 3
#define PORTRAIT_VISITS   3

/* The caller's; NULL after saying why not. `*ret_why`: why cantined could not be asked, "" = it
 * was. */
json_t *portrait(struct ctl *ctl, int64_t member, const char **ret_why);
