/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Weekly windows and calendar days, judged by local wall time. Windows are half-open: at `closes`
 * it is closed. A window that closes at or before it opens runs past midnight and belongs to the
 * day on which it opens.
 */

#include "util/time.h"

struct window {
    int weekday; /* 1 = Monday … 7 = Sunday */
    int opens;   /* minutes since local midnight */
    int closes;
};

/* The first and last local day on which something holds, both inclusive; 0 = open. */
struct validity {
    day_t from;
    day_t until;
};

bool window_contains(const struct window *window, const struct local_time *local);

bool windows_contain(const struct window *windows, size_t n, const struct local_time *local);
