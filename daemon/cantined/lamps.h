/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The lamps and buzzers at the readers: each plays the patterns of core/signal.h on its GPIO lines.
 * A line that can't be had is said once and tried again; nothing else depends on it.
 */

#include "config/config.h"
#include "core/signal.h"

#include <systemd/sd-event.h>

struct lamps;

int lamps_new(const struct config *config, sd_event *event, struct lamps **ret);
struct lamps *lamps_free(struct lamps *lamps); /* all dark */

/* Plays a signal at reader `i`, at once. */
void lamps_show(struct lamps *lamps, size_t i, enum signal signal);

/* What reader `i` shows while nothing else is played: SIGNAL_IDLE or SIGNAL_FAULT. */
void lamps_rest(struct lamps *lamps, size_t i, enum signal signal);

/* Once a second: looks for lines that are missing. */
void lamps_mend(struct lamps *lamps);

DEFINE_CLEANUP(struct lamps *, cleanup_lamps, lamps_free);
