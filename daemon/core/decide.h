/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * May this badge open this door now? One pure function over an ordered list of rules: the first
 * rule that refuses or grants ends it. Every rule that was asked leaves a line, so that "why" is
 * answered by the very code that answers a tap. Rules and their order: the table in decide.c; what
 * each does, in tests/vectors/decide.txt.
 */

#include "core/facts.h"

#define DECISION_STEPS_MOST 16

enum verdict { VERDICT_PASSES, VERDICT_GRANTS, VERDICT_REFUSES };

struct decision_step {
    const char *rule; /* the rule's name, static */
    enum verdict verdict;
    enum reason reason; /* why it refuses; REASON_OK otherwise */
};

struct decision {
    bool granted;
    enum reason reason;
    const char *detail;       /* "host", "booking" or NULL; static */
    enum direction direction; /* in or out: the way that a grant means */
    struct pass_use use;      /* what a grant takes of a pass */
    struct decision_step steps[DECISION_STEPS_MOST];
    size_t n_steps;
};

/* Total: answers for every input, the same each time. */
void decide(const struct facts *facts, const struct now *now, struct decision *ret);

const char *verdict_word(enum verdict verdict);
