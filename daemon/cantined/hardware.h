/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * `cantined --check` looks at the hardware that the configuration names: GPIO lines, relay boards,
 * readers. It only looks: nothing is requested, written or moved, so that it may be done beside a
 * cantined that is at work. What is missing is refused here alone; a cantined that starts says it
 * as that door's fault and opens the others.
 */

#include "config/config.h"

/* 0, or -ENODEV and in `errors` each part that cannot be had, with its place and what to do. */
int hardware_check(const struct config *config, struct config_errors *errors);
