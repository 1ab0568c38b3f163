/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/schedule.h"

bool window_contains(const struct window *window, const struct local_time *local)
{
    int weekday_before = local->weekday == 1 ? 7 : local->weekday - 1;
    bool past_midnight = window->closes <= window->opens;

    if (window->weekday == local->weekday && local->minute >= window->opens)
        return past_midnight || local->minute < window->closes;
    return past_midnight && window->weekday == weekday_before && local->minute < window->closes;
}

bool windows_contain(const struct window *windows, size_t n, const struct local_time *local)
{
    for (size_t i = 0; i < n; i++)
        if (window_contains(&windows[i], local))
            return true;
    return false;
}
