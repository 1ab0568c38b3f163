/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The publisher as cantined sees it: one connection on publisher.sock that is given every state,
 * and the journal's rows after the last one that the broker acknowledged. There is no queue: a
 * cursor walks over the journal, at most FEED_WINDOW rows ahead of what is acknowledged.
 */

#include "wire/publisher_message.h"

#include <systemd/sd-event.h>

#define FEED_SERVICE_USER "cantine-publisher"
#define FEED_UNREAD_MOST  212992 /* bytes, twice counted by the kernel: all states and a window */

struct feed;

struct feed_calls {
    /* Sends every state by feed_send(): a publisher has come. */
    void (*states)(void *userdata);
    /* Asks the journal for the rows after `seq`; answered by feed_rows(). */
    int (*read_after)(void *userdata, int64_t seq);
    /* The broker has everything up to `seq`. */
    void (*acknowledged)(void *userdata, int64_t seq);
    /* The member's name as it is now; leaves it empty if there is none. */
    void (*member_name)(void *userdata, int64_t member, char name[MEMBER_NAME_SIZE]);
    /* The publisher has done with this alert. */
    void (*alert_taken)(void *userdata, uint64_t number);
};

/* `newest`, `acknowledged`: as the journal has them now. Takes `listener` over, also on failure. */
int feed_new(sd_event *event, int listener, int64_t newest, int64_t acknowledged,
             const struct feed_calls *calls, void *userdata, struct feed **ret);
struct feed *feed_free(struct feed *feed);

/* Sends one well-formed message if a publisher is there; false if it could not be sent. */
bool feed_send(struct feed *feed, const void *message, size_t size);

/* The journal has a row of this seq. */
void feed_grown(struct feed *feed, int64_t newest);

/* The journal's answer to read_after(). */
void feed_rows(struct feed *feed, const struct event *rows, size_t n);

DEFINE_CLEANUP(struct feed *, cleanup_feed, feed_free);
