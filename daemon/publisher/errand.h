/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One piece of work that may block, done in a thread of its own; its end is told in the event loop.
 * Whoever ordered it may lose interest before: the work then ends by itself, unheard.
 */

#include "util/macro.h"

#include <systemd/sd-event.h>

struct errand_work {
    void (*run)(void *argument);     /* in the thread */
    void (*done)(void *owner);       /* in the event loop, once `run` has returned */
    void (*destroy)(void *argument); /* when neither side needs the argument any more, in either */
};

struct errand;

/*
 * Starts. The thread alone may touch `argument` until `done`; it belongs to the errand, also when
 * this fails (negative errno).
 */
int errand_new(sd_event *event, const struct errand_work *work, void *argument, void *owner,
               struct errand **ret);

struct errand *errand_free(struct errand *errand);
