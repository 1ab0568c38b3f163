/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/uplink.h"

#include "util/log.h"

#include <errno.h>
#include <sys/random.h>

struct uplink {
    sd_event *event;
    const struct account *account;
    const struct uplink_calls *calls;
    void *owner;

    struct broker *broker; /* NULL during a pause */
    sd_event_source *timer;
    unsigned attempt;    /* chooses the address */
    unsigned failures;   /* since a connection has held */
    usec_t connected_at; /* monotonic, 0 = not connected */
    usec_t pause;        /* until the next attempt */
    char why[BROKER_REASON_SIZE];
    bool outage_logged;
};

/* `pause` and up to a quarter more or less. */
static usec_t pause_by_chance(usec_t pause)
{
    uint16_t chance = 0; /* without random numbers: always the shortest */

    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = 0;
    return pause - pause / 4 + pause / 2 * chance / UINT16_MAX;
}

static usec_t pause_after(unsigned failures)
{
    usec_t pause = UPLINK_PAUSE_FIRST;

    if (failures == 0)
        return pause_by_chance(UPLINK_PAUSE_QUICK);
    while (--failures > 0 && pause < UPLINK_PAUSE_MOST)
        pause *= 2;
    return pause_by_chance(MIN_OF(pause, UPLINK_PAUSE_MOST));
}

/* The pause before the next attempt: none where the name has another address to try in this round.
 */
static usec_t next_pause(struct uplink *uplink)
{
    unsigned n = uplink->broker ? MAX_OF(broker_addresses(uplink->broker), 1U) : 1;

    uplink->attempt++;
    if (uplink->attempt % n != 0)
        return 0;
    return pause_after(uplink->failures++);
}

static void attempt_later(struct uplink *uplink, usec_t pause)
{
    uplink->pause = pause;
    uplink->broker = broker_free(uplink->broker);
    (void)sd_event_source_set_time_relative(uplink->timer, pause);
    (void)sd_event_source_set_enabled(uplink->timer, SD_EVENT_ONESHOT);
}

static void on_connected(void *owner)
{
    struct uplink *uplink = owner;

    uplink->connected_at = time_monotonic();
    uplink->outage_logged = false;
    (void)log_line(LOG_INFO, LOG_ID_BROKER_ONLINE, "connected to the broker at %s",
                   uplink->account->place);
    uplink->calls->connected(uplink->owner);
    uplink->calls->changed(uplink->owner);
}

static void on_acknowledged(void *owner, int id)
{
    struct uplink *uplink = owner;

    uplink->calls->acknowledged(uplink->owner, id);
}

/* `why` is the broker's: gone with it. */
static void on_lost(void *owner, const char *why)
{
    struct uplink *uplink = owner;
    bool was_connected = uplink->connected_at > 0;

    (void)snprintf(uplink->why, sizeof(uplink->why), "%s", why);
    if (was_connected && time_monotonic() - uplink->connected_at >= UPLINK_HELD)
        uplink->failures = 0;
    uplink->connected_at = 0;
    if (was_connected) /* the same address again: it was a good one */
        attempt_later(uplink, pause_after(uplink->failures++));
    else
        attempt_later(uplink, next_pause(uplink));
    if (!uplink->outage_logged && uplink->pause > 0) {
        uplink->outage_logged = true;
        (void)log_line(LOG_WARNING, LOG_ID_BROKER_OFFLINE,
                       "the broker at %s is out of reach: %s: trying again until it answers",
                       uplink->account->place, uplink->why);
    }
    if (was_connected)
        uplink->calls->lost(uplink->owner);
    uplink->calls->changed(uplink->owner);
}

static void attempt_now(struct uplink *uplink)
{
    static const struct broker_calls calls = {on_connected, on_acknowledged, on_lost};
    int r;

    r = broker_new(uplink->event, uplink->account, uplink->attempt, &calls, uplink,
                   &uplink->broker);
    if (r < 0)
        on_lost(uplink, strerror(-r));
    else
        uplink->calls->changed(uplink->owner);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    attempt_now(userdata);
    return 0;
}

int uplink_new(sd_event *event, const struct account *account, const struct uplink_calls *calls,
               void *owner, struct uplink **ret)
{
    CLEANUP(cleanup_uplink) struct uplink *uplink = calloc(1, sizeof(*uplink));
    int r;

    if (!uplink)
        return -ENOMEM;
    *uplink = (struct uplink){
        .event = sd_event_ref(event), .account = account, .calls = calls, .owner = owner};
    r = sd_event_add_time_relative(event, &uplink->timer, CLOCK_MONOTONIC, 0, USEC_PER_MSEC,
                                   on_timer, uplink);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(uplink);
    return 0;
}

struct uplink *uplink_free(struct uplink *uplink)
{
    if (!uplink)
        return NULL;
    if (uplink->broker)
        broker_disconnect(uplink->broker);
    uplink->broker = broker_free(uplink->broker);
    uplink->timer = sd_event_source_disable_unref(uplink->timer);
    uplink->event = sd_event_unref(uplink->event);
    free(uplink);
    return NULL;
}

bool uplink_connected(const struct uplink *uplink)
{
    return uplink->broker && broker_connected(uplink->broker);
}

int uplink_publish(struct uplink *uplink, const char *topic, const char *payload, size_t n,
                   enum delivery delivery)
{
    return uplink->broker ? broker_publish(uplink->broker, topic, payload, n, delivery) : -ENOTCONN;
}

void uplink_words(const struct uplink *uplink, char ret[static UPLINK_WORDS_SIZE])
{
    usec_t seconds = (uplink->pause + USEC_PER_SEC - 1) / USEC_PER_SEC;
    const char *place = uplink->account->place;
    char pause[TIME_TEXT_SIZE];

    time_format_span(seconds * USEC_PER_SEC, pause);
    if (uplink_connected(uplink))
        (void)snprintf(ret, UPLINK_WORDS_SIZE, "Connected to %s.", place);
    else if (uplink->why[0] && !uplink->broker)
        (void)snprintf(ret, UPLINK_WORDS_SIZE,
                       "The broker at %s is out of reach: %s; next try in %s.", place, uplink->why,
                       pause);
    else
        (void)snprintf(ret, UPLINK_WORDS_SIZE, "Connecting to %s.", place);
}
