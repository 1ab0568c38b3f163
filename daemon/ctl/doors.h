/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The doors that a plan or a resource opens, as they are typed and as they are shown. */

#include "ctl/ctl.h"

/* What --door says; `doors` points into it. */
struct doors_option {
    const char *names[CONFIG_DOORS_MOST];
    struct edit_doors doors;
};

/* Reads every --door, each one of the configuration's, or "all" alone; false after saying why not.
 */
bool doors_read(const struct ctl *ctl, struct doors_option *ret);

/* Adds to a row with "doors", an array, how people read them: "open". */
void doors_show(json_t *row);
