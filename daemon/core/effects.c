/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/effects.h"

size_t effects_of(const struct decision *decision, bool inside, enum effect ret[EFFECTS_MOST])
{
    size_t n = 0;

    ret[n++] = EFFECT_RECORD_ACCESS;
    if (decision->granted) {
        if (decision->direction == DIRECTION_IN && !inside)
            ret[n++] = EFFECT_RECORD_ENTERED;
        if (decision->direction == DIRECTION_OUT && inside)
            ret[n++] = EFFECT_RECORD_LEFT;
        ret[n++] = EFFECT_UNLOCK;
    }
    ret[n++] = EFFECT_ANSWER;
    return n;
}
