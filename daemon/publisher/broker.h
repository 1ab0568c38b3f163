/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One connection to the MQTT broker, from looking up its name to its end: libmosquitto driven by
 * our event loop. A connection that is lost is thrown away with everything that was under way in
 * it, and the next one begins with nothing: so no state is ever published late by a library that
 * kept it. The only user of <mosquitto.h>.
 */

#include "publisher/account.h"

#include <systemd/sd-event.h>

#define BROKER_KEEPALIVE   15 /* seconds of silence after which the broker is asked */
#define BROKER_ANSWER_MOST (10 * USEC_PER_SEC) /* from an address to the broker's CONNACK */
#define BROKER_REASON_SIZE 256

/* How much it matters that a message arrives. */
enum delivery {
    DELIVERY_KEPT,     /* QoS 1, retained: a state */
    DELIVERY_ASSURED,  /* QoS 1: an event */
    DELIVERY_FLEETING, /* QoS 0: for the moment alone */
};

struct broker_calls {
    void (*connected)(void *owner);
    /* The broker has acknowledged the message that broker_publish() numbered `id`. */
    void (*acknowledged)(void *owner, int id);
    /* It is over, `why` in words; the last call. The owner may free the broker in it. */
    void (*lost)(void *owner, const char *why);
};

struct broker;

/* To be called once, before any other function here. */
int broker_library_open(void);

/*
 * Begins to connect, to the name's address number `attempt` (modulo how many it has). The name is
 * looked up in a thread. Every outcome comes as a call, never from inside a function of this file
 * that the owner called. `account`, `calls` and `owner` must outlive the broker.
 */
int broker_new(sd_event *event, const struct account *account, unsigned attempt,
               const struct broker_calls *calls, void *owner, struct broker **ret);

/*
 * Drops the connection without a word, which makes the broker publish the will. A look-up that is
 * under way goes on in its thread, and reads `account->config`.
 */
struct broker *broker_free(struct broker *broker);

/* How many addresses the broker's name has; 0 while it isn't known. */
unsigned broker_addresses(const struct broker *broker);

bool broker_connected(const struct broker *broker);

/*
 * Publishes on a connected broker; returns the message's id (> 0) or a negative errno, after which
 * the connection is lost. Messages of one delivery arrive in the order of the calls.
 */
int broker_publish(struct broker *broker, const char *topic, const char *payload, size_t n,
                   enum delivery delivery);

/* Says good-bye, so that the will is not published. */
void broker_disconnect(struct broker *broker);

DEFINE_CLEANUP(struct broker *, cleanup_broker, broker_free);
