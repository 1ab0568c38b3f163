/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The way to the broker, for as long as the program runs: it connects, and again after each loss,
 * to one of the name's addresses after another, with growing pauses. Each outage is logged once.
 */

#include "publisher/account.h"
#include "publisher/broker.h"

#include <systemd/sd-event.h>

/*
 * Pauses before a new attempt: a short one after a connection that held, then doubling, each with
 * up to a quarter more or less by chance, so that a site's programs don't come all at once.
 */
#define UPLINK_PAUSE_QUICK (300 * USEC_PER_MSEC)
#define UPLINK_PAUSE_FIRST (1 * USEC_PER_SEC)
#define UPLINK_PAUSE_MOST  (48 * USEC_PER_SEC) /* 60 s with the quarter more */
#define UPLINK_HELD        (5 * USEC_PER_SEC)  /* a connection that lasted so long has held */
#define UPLINK_WORDS_SIZE  1024

struct uplink_calls {
    void (*connected)(void *owner);
    void (*acknowledged)(void *owner, int id); /* as in publisher/broker.h */
    void (*lost)(void *owner);                 /* after `connected` only */
    void (*changed)(void *owner);              /* uplink_words() has something new to say */
};

struct uplink;

/* Begins to connect. `account`, `calls` and `owner` must outlive it. */
int uplink_new(sd_event *event, const struct account *account, const struct uplink_calls *calls,
               void *owner, struct uplink **ret);

/* Says good-bye to the broker if there is one. */
struct uplink *uplink_free(struct uplink *uplink);

bool uplink_connected(const struct uplink *uplink);

/* As broker_publish(); -ENOTCONN while there is no broker. */
int uplink_publish(struct uplink *uplink, const char *topic, const char *payload, size_t n,
                   enum delivery delivery);

/* How it stands with the broker, as a sentence. */
void uplink_words(const struct uplink *uplink, char ret[static UPLINK_WORDS_SIZE]);

DEFINE_CLEANUP(struct uplink *, cleanup_uplink, uplink_free);
