/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/enrolment.h"

bool enrolment_begin(struct enrolment *enrolment, uint64_t tag, usec_t now, usec_t timeout)
{
    if (enrolment->tag != 0)
        return false;
    *enrolment = (struct enrolment){.tag = tag, .until = now + timeout};
    return true;
}

bool enrolment_is_over(const struct enrolment *enrolment, usec_t now)
{
    return enrolment->tag != 0 && now >= enrolment->until;
}

enum enrolment_end enrolment_judge(const struct uid *uid)
{
    if (uid_is_random(uid))
        return ENROLMENT_RANDOM;
    return uid_is_weak(uid) ? ENROLMENT_WEAK : ENROLMENT_BADGE;
}

void stranger_remember(struct stranger *stranger, const struct uid *uid, usec_t now, usec_t wall)
{
    *stranger = (struct stranger){.what = enrolment_judge(uid), .seen = now, .at = wall};
    if (stranger->what == ENROLMENT_BADGE)
        stranger->uid = *uid;
}

static bool is_kept(const struct stranger *stranger, usec_t now)
{
    return stranger->what != ENROLMENT_WAITS && now - stranger->seen < STRANGER_KEPT;
}

void stranger_expire(struct stranger *stranger, usec_t now)
{
    if (!is_kept(stranger, now))
        *stranger = (struct stranger){0};
}

size_t strangers_newest(const struct stranger *strangers, size_t n, usec_t now)
{
    size_t newest = n;

    for (size_t i = 0; i < n; i++)
        if (is_kept(&strangers[i], now) &&
            (newest == n || strangers[i].seen > strangers[newest].seen))
            newest = i;
    return newest;
}
