/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One thing that happened: a row of the journal, a line of `cantinectl log`, a message on MQTT.
 * Plain values of fixed size; an empty text or a member of 0 means that it doesn't apply. An
 * unknown badge's number has no place in it.
 */

#include "core/limits.h"
#include "core/words.h"
#include "util/time.h"

struct event {
    int64_t seq;       /* given by the journal when the row is committed; 0 before */
    usec_t at;         /* wall clock, µs since 1970 UTC */
    int64_t member;    /* member.id, 0 = none */
    int32_t type;      /* enum event_type */
    int32_t result;    /* enum result */
    int32_t reason;    /* enum reason */
    int32_t direction; /* enum direction: in, out or none */
    char boot[BOOT_ID_SIZE + 3];
    char door[SLUG_SIZE];
    char reader[SLUG_SIZE];
    char detail[DETAIL_SIZE];
    char actor[ACTOR_SIZE];
};
