/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What follows from a decision, as a list to be carried out in order: first everything that is
 * recorded (one transaction), then what happens in the world.
 */

#include "core/decide.h"

#define EFFECTS_MOST 4

enum effect {
    EFFECT_RECORD_ACCESS,
    EFFECT_RECORD_ENTERED,
    EFFECT_RECORD_LEFT,
    EFFECT_UNLOCK, /* from here on only once the records are committed */
    EFFECT_ANSWER,
};

/* `inside`: the member is counted inside. Returns how many effects there are. */
size_t effects_of(const struct decision *decision, bool inside, enum effect ret[EFFECTS_MOST]);
