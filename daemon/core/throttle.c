/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/throttle.h"

bool throttle_holds(struct throttle *throttle, usec_t now)
{
    if (!throttle->episode)
        return false;
    if (now - throttle->presented_at >= THROTTLE_QUIET) {
        *throttle = (struct throttle){0};
        return false;
    }
    throttle->presented_at = now;
    return true;
}

bool throttle_is_first(struct throttle *throttle)
{
    bool first = !throttle->told;

    throttle->told = true;
    return first;
}

void throttle_count(struct throttle *throttle, enum reason reason, usec_t now)
{
    usec_t oldest = throttle->answers[(throttle->next + 1) % THROTTLE_ANSWERS];

    if (reason != REASON_UNKNOWN_BADGE && reason != REASON_WEAK_BADGE &&
        reason != REASON_BAD_SIGNATURE)
        return;
    throttle->answers[throttle->next] = now;
    throttle->next = (throttle->next + 1) % THROTTLE_ANSWERS;
    if (oldest == 0 || now - oldest > THROTTLE_WITHIN)
        return;
    throttle->episode = true;
    throttle->presented_at = now;
}
