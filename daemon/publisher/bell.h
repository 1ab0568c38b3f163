/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Rings for alerts: runs the command of on_alert= once for each, in the order in which they came,
 * never two at once and never waiting for one. The command is the site's own and may do anything:
 * it gets a process group, a time limit, and nothing that is open here but the places where this
 * program's own output goes. A broker is not needed.
 *
 * What the command finds is promised to those who write one (schemas/cantine.conf): the text as $1,
 * and CANTINE_ALERT, CANTINE_NAME, CANTINE_TEXT, CANTINE_SITE, CANTINE_AT in its environment.
 */

#include "config/config.h"
#include "wire/publisher_message.h"

#include <systemd/sd-event.h>

#define BELL_QUEUE_MOST 16                    /* alerts that wait; then the oldest is given up */
#define BELL_RUN_MOST   (30 * USEC_PER_SEC)   /* then its process group gets SIGTERM … */
#define BELL_GRACE      (5 * USEC_PER_SEC)    /* … and after that SIGKILL */
#define BELL_LAST_GRACE (500 * USEC_PER_MSEC) /* the same at the end of this program */

struct bell;

/* Alert `number` is done with: its command was started, or never will be. */
typedef void (*bell_taken_t)(void *owner, uint64_t number);

/*
 * SIGCHLD must be blocked (sd_event_add_child(3)). `config` and `owner` must outlive it; `taken`
 * may be called from inside bell_ring().
 */
int bell_new(sd_event *event, const struct config *config, bell_taken_t taken, void *owner,
             struct bell **ret);

/* Ends a running command: at once, or within BELL_LAST_GRACE if it asks for SIGKILL. */
struct bell *bell_free(struct bell *bell);

/* Rings for a checked alert, if it isn't one that it has had. */
void bell_ring(struct bell *bell, const struct publisher_alert *alert);

DEFINE_CLEANUP(struct bell *, cleanup_bell, bell_free);
