/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/repeat.h"

bool repeat_or_remember(struct repeat *repeat, const struct uid *uid, usec_t now,
                        usec_t repeat_after)
{
    size_t oldest = 0, at = REPEAT_BADGES_MOST;

    for (size_t i = 0; i < REPEAT_BADGES_MOST; i++) {
        if (repeat->badges[i].uid.length && uid_equal(&repeat->badges[i].uid, uid))
            at = i;
        if (repeat->badges[i].decided < repeat->badges[oldest].decided)
            oldest = i;
    }
    if (at < REPEAT_BADGES_MOST && now - repeat->badges[at].decided < repeat_after)
        return true;
    if (at == REPEAT_BADGES_MOST)
        at = oldest;
    repeat->badges[at].uid = *uid;
    repeat->badges[at].decided = now;
    return false;
}
