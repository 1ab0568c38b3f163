/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Giving somebody a badge at the door. Either an admin waits for it: the next badge at that reader
 * is then no presentation, and its number goes to whoever asked. Or it was held there already and
 * refused: the last stranger's number of each reader is kept for STRANGER_KEPT, and nowhere but in
 * memory. Pure; one of each for each reader.
 */

#include "core/uid.h"
#include "core/words.h"
#include "util/time.h"

#define ENROLMENT_LEAST USEC_PER_SEC /* how long somebody may wait */
#define ENROLMENT_MOST  (10 * USEC_PER_MINUTE)
#define STRANGER_KEPT   (5 * USEC_PER_MINUTE)

struct enrolment {
    uint64_t tag; /* of whoever waits; 0 = nobody */
    usec_t until; /* monotonic */
};

struct stranger {
    enum enrolment_end what; /* ENROLMENT_BADGE, _RANDOM or _WEAK; ENROLMENT_WAITS = nobody yet */
    struct uid uid;          /* of ENROLMENT_BADGE alone */
    usec_t seen;             /* monotonic */
    usec_t at;               /* wall clock */
};

/* Waits for a badge until `timeout` µs after `now` (monotonic); false if somebody does already. */
bool enrolment_begin(struct enrolment *enrolment, uint64_t tag, usec_t now, usec_t timeout);

/* True for somebody who has waited long enough: what comes at `now` is a presentation again. */
bool enrolment_is_over(const struct enrolment *enrolment, usec_t now);

/* What a number is good for: ENROLMENT_BADGE, _RANDOM or _WEAK. */
enum enrolment_end enrolment_judge(const struct uid *uid);

/* Remembers who was refused as unknown; a number that is nobody's is not kept, only that it came.
 */
void stranger_remember(struct stranger *stranger, const struct uid *uid, usec_t now, usec_t wall);

/* Forgets whoever came STRANGER_KEPT before `now` or earlier. */
void stranger_expire(struct stranger *stranger, usec_t now);

/* Which of `n` came last and less than STRANGER_KEPT before `now`; `n` if none did. */
size_t strangers_newest(const struct stranger *strangers, size_t n, usec_t now);
