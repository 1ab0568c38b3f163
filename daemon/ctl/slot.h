/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* From when to when, as people type a booking: a beginning, and an end or how long it lasts. */

#include "ctl/moment.h"
#include "util/translate.h"

#define SLOT_START_FORMS                                                                           \
    N_("2026-11-23T14:00, \"2026-11-23 14:00\", \"today 14:00\" or \"tomorrow 9:00\"")
#define SLOT_END_FORMS N_("16:00, 2026-11-23T16:00, or how long it lasts: 2h, 90min, \"1h 30min\"")

struct slot {
    usec_t starts, ends; /* wall clock */
    enum moment_note start_note, end_note;
    const char *start_text, *end_text; /* as typed, into the buffer below */
    char text[512];
};

/*
 * Reads START END|DURATION from `n` words; each may be several, as without quotes: today 14:00 1h
 * 30min. An hour alone ends it on the day on which it starts. -EINVAL: `error` says what is
 * accepted; that the end comes after the beginning is for the caller.
 */
int slot_parse(const char *const *words, size_t n, usec_t now, struct slot *ret, char *error,
               size_t size);
