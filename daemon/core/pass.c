/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/pass.h"

unsigned pass_half_at(day_t day, const struct local_time *local)
{
    /* After midnight and before the cutoff it is still the evening of the day before. */
    bool morning = day == local->day && local->minute < PASS_AFTERNOON_FROM;

    return morning ? PASS_MORNING : PASS_AFTERNOON;
}

static bool pass_usable(const struct pass *pass, day_t today)
{
    const struct validity *validity = &pass->validity;

    return pass->used < pass->quantity && (!validity->from || today >= validity->from) &&
           (!validity->until || today <= validity->until);
}

const struct pass *pass_pick(const struct pass *passes, size_t n, day_t today)
{
    for (size_t i = 0; i < n; i++)
        if (pass_usable(&passes[i], today))
            return &passes[i];
    return NULL;
}

unsigned pass_takes(enum pass_kind kind, unsigned half)
{
    return kind == PASS_HALF_DAY ? half : PASS_WHOLE_DAY;
}
