/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The publisher's end of publisher.sock: connects to cantined, and again for as long as the program
 * runs, and passes on checked messages. A message that is no good is logged once and ends the
 * connection.
 */

#include "util/time.h"
#include "wire/publisher_message.h"

#include <systemd/sd-event.h>

#define FEED_RETRY_EACH (200 * USEC_PER_MSEC)
#define FEED_BATCH_MOST 32 /* messages taken before other events have their turn */

struct feed_calls {
    void (*connected)(void *owner);
    /* A message from cantined to the publisher; false = it can't be right: the connection is
     * dropped. */
    bool (*message)(void *owner, int type, const union publisher_message *message);
    void (*lost)(void *owner); /* after `connected` only */
};

struct feed;

/*
 * Begins to connect to the socket in `runtime_dir`. Every call comes from the event loop, never
 * from inside a function of this file that the owner called. `calls` and `owner` must outlive the
 * feed.
 */
int feed_new(sd_event *event, const char *runtime_dir, const struct feed_calls *calls, void *owner,
             struct feed **ret);
struct feed *feed_free(struct feed *feed);

/* Each does nothing while cantined is away. */
void feed_start(struct feed *feed);
void feed_stop(struct feed *feed);
void feed_acknowledge(struct feed *feed, int64_t seq);
void feed_alert_taken(struct feed *feed, uint64_t number);

/* Drops the connection and begins a new one: `lost` comes, then `connected`. */
void feed_renew(struct feed *feed);

DEFINE_CLEANUP(struct feed *, cleanup_feed, feed_free);
