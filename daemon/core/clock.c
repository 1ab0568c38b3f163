/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/clock.h"

bool clock_trusted(const struct clock_look *look)
{
    if (look->synchronised)
        return true;
    return !look->needs_sync && look->wall >= look->built &&
           look->wall + CLOCK_BEHIND_MOST >= look->newest;
}
