/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What has been used of all passes, in memory: how often each pass, and which halves of their
 * latest pass day each member. The journal fills it at its opening; whoever decides adds to it.
 */

#include "core/pass.h"

struct pass_uses;

int pass_uses_new(struct pass_uses **ret);
struct pass_uses *pass_uses_free(struct pass_uses *uses);

/* `n` more uses of `pass`. 0 or -ENOMEM. */
int pass_uses_count(struct pass_uses *uses, int64_t pass, int64_t n);

/* The member has used something for these halves of `day`. 0 or -ENOMEM. */
int pass_uses_mark(struct pass_uses *uses, int64_t member, day_t day, unsigned halves);

/* Both. */
int pass_uses_add(struct pass_uses *uses, const struct pass_use *use);

/* How many uses of the pass there were. `uses` may be NULL: none is known. */
int64_t pass_uses_of(const struct pass_uses *uses, int64_t pass);

/* Which halves of the pass day the member has used something for. `uses` may be NULL. */
unsigned pass_uses_halves(const struct pass_uses *uses, int64_t member, day_t day);

DEFINE_CLEANUP(struct pass_uses *, cleanup_pass_uses, pass_uses_free);
