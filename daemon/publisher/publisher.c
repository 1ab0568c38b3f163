/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/publisher.h"

#include "publisher/bell.h"
#include "publisher/feed.h"
#include "publisher/flight.h"
#include "publisher/states.h"
#include "publisher/uplink.h"
#include "wire/payload.h"

#include <errno.h>
#include <systemd/sd-daemon.h>

struct publisher {
    sd_event *event;
    const struct account *account;
    struct uplink *uplink; /* NULL where publishing is switched off */
    struct feed *feed;
    struct bell *bell;

    struct states states; /* of this connection to cantined */
    sd_event_source *patience;
    bool waited; /* long enough for states that don't come */
    struct flight flight;
    bool online; /* `online` is published and cantined was told to START */

    sd_event_source *goodbye;
    bool closing;
    int goodbye_id; /* the last message's number */
};

static bool broker_there(const struct publisher *publisher)
{
    return publisher->uplink && uplink_connected(publisher->uplink);
}

/* Tells systemd how it stands, as a sentence. */
static void publisher_say(const struct publisher *publisher)
{
    char words[UPLINK_WORDS_SIZE];

    if (!publisher->uplink)
        (void)snprintf(words, sizeof(words),
                       "Publishing is switched off: enabled=no in [mqtt]; alerts run on_alert=.");
    else if (publisher->online)
        (void)snprintf(words, sizeof(words), "Publishing to %s.", publisher->account->place);
    else if (broker_there(publisher))
        (void)snprintf(words, sizeof(words), "Connected to %s, waiting for cantined.",
                       publisher->account->place);
    else
        uplink_words(publisher->uplink, words);
    (void)sd_notifyf(false, "STATUS=%s", words);
}

/* --- to the broker -----------------------------------------------------------------------------
 */

/* Publishes a payload of `n` bytes (an error if negative) below the site's topic; as
 * uplink_publish(). */
static int publish(struct publisher *publisher, const char *kind, const char *name,
                   const char *payload, int n, enum delivery delivery)
{
    char topic[ACCOUNT_TOPIC_SIZE];

    if (n < 0)
        return n;
    if (!publisher->uplink)
        return -ENOTCONN;
    account_topic(publisher->account, kind, name, topic);
    return uplink_publish(publisher->uplink, topic, payload, (size_t)n, delivery);
}

static int publish_status(struct publisher *publisher, const char *word)
{
    return publish(publisher, "status", NULL, word, (int)strlen(word), DELIVERY_KEPT);
}

static void publish_occupancy(struct publisher *publisher,
                              const struct publisher_occupancy *occupancy)
{
    char payload[PAYLOAD_SIZE];
    int n = payload_occupancy(occupancy, payload, sizeof(payload));

    (void)publish(publisher, "occupancy", NULL, payload, n, DELIVERY_KEPT);
}

static void publish_door(struct publisher *publisher, const struct publisher_door *door)
{
    char payload[PAYLOAD_SIZE];
    int n = payload_door(door, payload, sizeof(payload));

    (void)publish(publisher, "door", door->name, payload, n, DELIVERY_KEPT);
}

static void publish_reader(struct publisher *publisher, const struct publisher_reader *reader)
{
    char payload[PAYLOAD_SIZE];
    int n = payload_reader(reader, payload, sizeof(payload));

    (void)publish(publisher, "reader", reader->name, payload, n, DELIVERY_KEPT);
}

/* Where the room is no more, its topic is cleared by an empty payload (MQTT 3.1.1, 3.3.1.3). */
static void publish_room(struct publisher *publisher, const struct publisher_room *room)
{
    char payload[PAYLOAD_SIZE];

    if (room->name[0])
        (void)publish(publisher, "room", room->id, payload,
                      payload_room(room, payload, sizeof(payload)), DELIVERY_KEPT);
    else
        (void)publish(publisher, "room", room->id, "", 0, DELIVERY_KEPT);
}

static void publish_state(struct publisher *publisher, int type,
                          const union publisher_message *message)
{
    if (type == PUBLISHER_OCCUPANCY)
        publish_occupancy(publisher, &message->occupancy);
    else if (type == PUBLISHER_DOOR)
        publish_door(publisher, &message->door);
    else if (type == PUBLISHER_READER)
        publish_reader(publisher, &message->reader);
    else
        publish_room(publisher, &message->room);
}

static void publish_all_states(struct publisher *publisher)
{
    const struct states *states = &publisher->states;

    publish_occupancy(publisher, &states->occupancy);
    for (size_t i = 0; i < states->n_doors; i++)
        publish_door(publisher, &states->doors[i]);
    for (size_t i = 0; i < states->n_readers; i++)
        publish_reader(publisher, &states->readers[i]);
    for (size_t i = 0; i < states->n_rooms; i++)
        publish_room(publisher, &states->rooms[i]);
}

/* A message that can't be published any more is lost with the connection, and comes again after it.
 */
static void publish_event(struct publisher *publisher, const struct publisher_event *event)
{
    char payload[PAYLOAD_SIZE];
    int n, public_id, private_id;

    n = payload_event(event, payload, sizeof(payload));
    public_id = publish(publisher, "event", NULL, payload, n, DELIVERY_ASSURED);
    n = payload_private_event(event, payload, sizeof(payload));
    private_id = publish(publisher, "private/event", NULL, payload, n, DELIVERY_ASSURED);
    flight_add(&publisher->flight, event->event.seq, public_id, private_id);
}

/* Late is worse than never: whoever it was for is long inside. */
static void publish_greeting(struct publisher *publisher, const struct publisher_greeting *greeting)
{
    char payload[PAYLOAD_SIZE];
    int n;

    if (time_monotonic() - greeting->at > PUBLISHER_GREETING_MOST)
        return;
    n = payload_greeting(greeting, payload, sizeof(payload));
    (void)publish(publisher, "greeting", NULL, payload, n, DELIVERY_FLEETING);
}

/* --- both there, or not ------------------------------------------------------------------------
 */

/*
 * States first, then `online`, then the journal's rows: once both sides are there and cantined has
 * told all that the configuration speaks of. It may have been started with another one: then what
 * has come in a second is enough. A cantined that says nothing at all isn't there.
 */
static void publisher_go_online(struct publisher *publisher)
{
    const struct states *states = &publisher->states;

    if (publisher->online || publisher->closing || !broker_there(publisher))
        return;
    if (!states_complete(states, publisher->account->config) &&
        !(publisher->waited && states->has_occupancy))
        return;
    publish_all_states(publisher);
    (void)publish_status(publisher, ACCOUNT_ONLINE);
    feed_start(publisher->feed);
    publisher->online = true;
    publisher_say(publisher);
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct publisher *publisher = userdata;

    (void)source;
    (void)usec;
    publisher->waited = true;
    publisher_go_online(publisher);
    return 0;
}

static void on_broker_connected(void *owner)
{
    struct publisher *publisher = owner;

    publisher_go_online(publisher);
    if (!publisher->online) /* whatever the broker remembers */
        (void)publish_status(publisher, ACCOUNT_OFFLINE);
}

static void on_broker_acknowledged(void *owner, int id)
{
    struct publisher *publisher = owner;
    int64_t seq;

    if (publisher->closing && id == publisher->goodbye_id)
        (void)sd_event_exit(publisher->event, 0);
    flight_acknowledge(&publisher->flight, id);
    while ((seq = flight_take(&publisher->flight)) > 0)
        feed_acknowledge(publisher->feed, seq);
}

/*
 * Rows that were under way come again after the next START. They are asked for on a new connection:
 * on this one, rows sent before STOP was read couldn't be told from those that come again.
 */
static void on_broker_lost(void *owner)
{
    struct publisher *publisher = owner;

    if (publisher->closing)
        (void)sd_event_exit(publisher->event, 0);
    if (!publisher->online)
        return;
    publisher->online = false;
    feed_stop(publisher->feed);
    if (publisher->flight.n > 0)
        feed_renew(publisher->feed);
    publisher->flight = (struct flight){0};
}

static void on_broker_changed(void *owner)
{
    publisher_say(owner);
}

/* --- from cantined -----------------------------------------------------------------------------
 */

static void on_feed_connected(void *owner)
{
    struct publisher *publisher = owner;

    publisher->waited = false;
    (void)sd_event_source_set_time_relative(publisher->patience, PUBLISHER_STATES_MOST);
    (void)sd_event_source_set_enabled(publisher->patience, SD_EVENT_ONESHOT);
}

static bool on_feed_event(struct publisher *publisher, const struct publisher_event *event)
{
    if (!publisher->online) { /* it has crossed our STOP: see on_broker_lost() */
        feed_renew(publisher->feed);
        return true;
    }
    if (!flight_may_add(&publisher->flight, event->event.seq))
        return false;
    publish_event(publisher, event);
    return true;
}

static bool on_feed_message(void *owner, int type, const union publisher_message *message)
{
    struct publisher *publisher = owner;

    if (type == PUBLISHER_EVENT)
        return on_feed_event(publisher, &message->event);
    if (type == PUBLISHER_GREETING) {
        if (publisher->online)
            publish_greeting(publisher, &message->greeting);
        return true;
    }
    if (type == PUBLISHER_ALERT) {
        bell_ring(publisher->bell, &message->alert);
        return true;
    }
    if (!states_keep(&publisher->states, type, message))
        return false;
    if (publisher->online)
        publish_state(publisher, type, message);
    else
        publisher_go_online(publisher);
    return true;
}

static void on_alert_taken(void *owner, uint64_t number)
{
    struct publisher *publisher = owner;

    feed_alert_taken(publisher->feed, number);
}

static void on_feed_lost(void *owner)
{
    struct publisher *publisher = owner;

    (void)sd_event_source_set_enabled(publisher->patience, SD_EVENT_OFF);
    publisher->states = (struct states){0};
    publisher->flight = (struct flight){0};
    if (!publisher->online)
        return;
    publisher->online = false;
    (void)publish_status(publisher, ACCOUNT_OFFLINE);
    publisher_say(publisher);
}

/* --- beginning and end -------------------------------------------------------------------------
 */

int publisher_new(sd_event *event, const struct account *account, struct publisher **ret)
{
    static const struct uplink_calls uplink_calls = {on_broker_connected, on_broker_acknowledged,
                                                     on_broker_lost, on_broker_changed};
    static const struct feed_calls feed_calls = {on_feed_connected, on_feed_message, on_feed_lost};
    CLEANUP(cleanup_publisher) struct publisher *publisher = calloc(1, sizeof(*publisher));
    int r;

    if (!publisher)
        return -ENOMEM;
    *publisher = (struct publisher){.event = sd_event_ref(event), .account = account};
    r = sd_event_add_time(event, &publisher->patience, CLOCK_MONOTONIC, USEC_INFINITY, 0,
                          on_patience, publisher);
    if (r < 0)
        return r;
    r = bell_new(event, account->config, on_alert_taken, publisher, &publisher->bell);
    if (r < 0)
        return r;
    r = feed_new(event, account->config->storage.runtime_dir, &feed_calls, publisher,
                 &publisher->feed);
    if (r < 0)
        return r;
    if (account->config->mqtt.enabled)
        r = uplink_new(event, account, &uplink_calls, publisher, &publisher->uplink);
    if (r < 0)
        return r;
    publisher_say(publisher);
    *ret = TAKE_PTR(publisher);
    return 0;
}

struct publisher *publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return NULL;
    publisher->bell = bell_free(publisher->bell);
    publisher->feed = feed_free(publisher->feed);
    publisher->uplink = uplink_free(publisher->uplink);
    publisher->patience = sd_event_source_disable_unref(publisher->patience);
    publisher->goodbye = sd_event_source_disable_unref(publisher->goodbye);
    publisher->event = sd_event_unref(publisher->event);
    free(publisher);
    return NULL;
}

static int on_goodbye(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct publisher *publisher = userdata;

    (void)source;
    (void)usec;
    return sd_event_exit(publisher->event, 0);
}

int publisher_close(struct publisher *publisher)
{
    if (publisher->closing)
        return 0;
    publisher->closing = true;
    publisher->online = false;
    publisher->flight = (struct flight){0};
    publisher->bell = bell_free(publisher->bell);
    publisher->feed = feed_free(publisher->feed);
    publisher->goodbye_id = publish_status(publisher, ACCOUNT_OFFLINE);
    if (publisher->goodbye_id < 0)
        return publisher->goodbye_id;
    return sd_event_add_time_relative(publisher->event, &publisher->goodbye, CLOCK_MONOTONIC,
                                      PUBLISHER_GOODBYE_MOST, 0, on_goodbye, publisher);
}
