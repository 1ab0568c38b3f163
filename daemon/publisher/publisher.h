/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Joins the two sides: what cantined says is published, what the broker has acknowledged is told to
 * cantined. It holds no queue of its own: while the broker or cantined is away, the journal keeps
 * the events, and the states come afresh before anything else. Publishing is one-way: nothing is
 * subscribed to. Alerts go to the bell, whether a broker is there or not.
 */

#include "publisher/account.h"

#include <systemd/sd-event.h>

#define PUBLISHER_STATES_MOST  (1 * USEC_PER_SEC)     /* how long all states may take to come */
#define PUBLISHER_GOODBYE_MOST (1500 * USEC_PER_MSEC) /* how long the last word may take */
#define PUBLISHER_GREETING_MOST                                                                    \
    (5 * USEC_PER_SEC) /* how long after the door a greeting makes sense */

struct publisher;

/* Begins to connect to both sides; to cantined alone where publishing is switched off. `account`
 * must outlive it. */
int publisher_new(sd_event *event, const struct account *account, struct publisher **ret);
struct publisher *publisher_free(struct publisher *publisher);

/*
 * Ends a running command, publishes `offline` and then ends the event loop with 0, within
 * PUBLISHER_GOODBYE_MOST and the bell's last grace. A negative errno if there is nobody to tell it:
 * the loop may be ended at once.
 */
int publisher_close(struct publisher *publisher);

DEFINE_CLEANUP(struct publisher *, cleanup_publisher, publisher_free);
