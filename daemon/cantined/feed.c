/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/feed.h"

#include "cantined/priority.h"
#include "util/log.h"
#include "util/socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct feed {
    sd_event *event;
    const struct feed_calls *calls;
    void *userdata;
    int listener;
    sd_event_source *listening;
    int fd; /* -1 without a publisher */
    sd_event_source *source;
    bool met; /* it has said HELLO: what is sent before would come before what it must know */

    int64_t newest;       /* the journal's last row */
    int64_t acknowledged; /* by the broker */
    bool started;         /* the publisher has a broker */
    int64_t head;         /* the journal's last row at START: rows up to it are historical */
    int64_t cursor;       /* the last row sent */
    size_t outstanding;   /* rows sent and not yet acknowledged */
    bool reading;         /* the journal has been asked … */
    int64_t reading_from; /* … for the rows after this one */
};

static void publisher_close(struct feed *feed)
{
    feed->source = sd_event_source_disable_unref(feed->source);
    feed->fd = fd_close(feed->fd);
    feed->met = false;
    feed->started = false;
}

/* Asks the journal for more if the publisher can take more and there is more. */
static void feed_pump(struct feed *feed)
{
    if (!feed->started || feed->reading || feed->outstanding >= FEED_WINDOW ||
        feed->cursor >= feed->newest)
        return;
    if (feed->calls->read_after(feed->userdata, feed->cursor) < 0)
        return;
    feed->reading = true;
    feed->reading_from = feed->cursor;
}

static int publisher_refuse(struct feed *feed, const char *why)
{
    log_line(LOG_WARNING, LOG_ID_PEER_REFUSED, "the publisher was sent away: %s", why);
    publisher_close(feed);
    return 0;
}

static void publisher_start(struct feed *feed)
{
    feed->started = true;
    feed->head = feed->newest;
    feed->cursor = feed->acknowledged;
    feed->outstanding = 0;
}

static int publisher_acknowledge(struct feed *feed, int64_t seq)
{
    if (!feed->started || feed->outstanding == 0 || seq <= feed->acknowledged || seq > feed->cursor)
        return publisher_refuse(feed, "it acknowledged a row that it was not given");
    feed->outstanding--;
    feed->acknowledged = seq;
    feed->calls->acknowledged(feed->userdata, seq);
    return 0;
}

static int publisher_take(struct feed *feed, int type, const union publisher_message *message)
{
    int r = 0;

    switch (type) {
    case PUBLISHER_HELLO:
        feed->met = true;
        feed->calls->states(feed->userdata);
        break;
    case PUBLISHER_START:
        publisher_start(feed);
        break;
    case PUBLISHER_STOP:
        feed->started = false;
        break;
    case PUBLISHER_ACK:
        r = publisher_acknowledge(feed, message->ack.seq);
        break;
    case PUBLISHER_ALERT_TAKEN:
        feed->calls->alert_taken(feed->userdata, message->alert_taken.number);
        break;
    default:
        r = publisher_refuse(feed, "it sent a message that publishers don't send");
    }
    feed_pump(feed);
    return r;
}

static int on_message(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct feed *feed = userdata;
    union publisher_message message;
    ssize_t n;
    int type;

    (void)source;
    (void)events;
    n = socket_receive(fd, &message, sizeof(message));
    if (n == -EAGAIN)
        return 0;
    if (n == 0) {
        publisher_close(feed);
        return 0;
    }
    type = n < 0 ? (int)n : publisher_message_check(&message, (size_t)n);
    if (type == -EPROTO)
        return publisher_refuse(feed, "it speaks another version: restart it after an update");
    if (type < 0)
        return publisher_refuse(feed, "its message was not well formed");
    return publisher_take(feed, type, &message);
}

/* The newest publisher is the one: an older one has been restarted. */
static int on_connect(sd_event_source *source, int listener, uint32_t events, void *userdata)
{
    struct feed *feed = userdata;
    static const int unread_most = FEED_UNREAD_MOST;
    CLEANUP(cleanup_fd) int fd = socket_accept(listener);
    uid_t uid = 0;

    (void)source;
    (void)events;
    if (fd < 0)
        return 0;
    if (!socket_peer_allowed(fd, FEED_SERVICE_USER, &uid))
        return log_line(LOG_WARNING, LOG_ID_PEER_REFUSED,
                        "a program of uid %u on %s was sent away: the publisher runs as %s",
                        (unsigned)uid, PUBLISHER_SOCKET_NAME, FEED_SERVICE_USER);
    publisher_close(feed);
    if (sd_event_add_io(feed->event, &feed->source, fd, EPOLLIN, on_message, feed) < 0)
        return 0;
    (void)sd_event_source_set_priority(feed->source, PRIORITY_FEED);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &unread_most, sizeof(unread_most));
    feed->fd = TAKE_FD(fd);
    return 0;
}

int feed_new(sd_event *event, int listener, int64_t newest, int64_t acknowledged,
             const struct feed_calls *calls, void *userdata, struct feed **ret)
{
    CLEANUP(cleanup_feed) struct feed *feed = calloc(1, sizeof(*feed));
    int r;

    if (!feed) {
        (void)fd_close(listener);
        return -ENOMEM;
    }
    *feed = (struct feed){
        .event = event,
        .calls = calls,
        .userdata = userdata,
        .listener = listener,
        .fd = -1,
        .newest = newest,
        .acknowledged = acknowledged,
    };
    r = sd_event_add_io(event, &feed->listening, listener, EPOLLIN, on_connect, feed);
    if (r < 0)
        return r;
    (void)sd_event_source_set_priority(feed->listening, PRIORITY_FEED);
    *ret = TAKE_PTR(feed);
    return 0;
}

struct feed *feed_free(struct feed *feed)
{
    if (!feed)
        return NULL;
    publisher_close(feed);
    sd_event_source_disable_unref(feed->listening);
    (void)fd_close(feed->listener);
    free(feed);
    return NULL;
}

bool feed_send(struct feed *feed, const void *message, size_t size)
{
    if (feed->fd < 0 || !feed->met)
        return false;
    if (socket_send(feed->fd, message, size) < 0) {
        (void)publisher_refuse(feed, "it does not read what it is sent");
        return false;
    }
    return true;
}

void feed_grown(struct feed *feed, int64_t newest)
{
    feed->newest = newest;
    feed_pump(feed);
}

void feed_rows(struct feed *feed, const struct event *rows, size_t n)
{
    bool wanted = feed->reading && feed->reading_from == feed->cursor && feed->started;

    feed->reading = false;
    if (wanted && n == 0) /* what was there has been purged */
        feed->cursor = feed->newest;
    for (size_t i = 0; wanted && i < n && feed->outstanding < FEED_WINDOW && feed->fd >= 0; i++) {
        struct publisher_event message = {
            .header = MESSAGE_HEADER(PUBLISHER_EVENT, struct publisher_event),
            .event = rows[i],
            .historical = rows[i].seq <= feed->head,
        };

        if (rows[i].member > 0)
            feed->calls->member_name(feed->userdata, rows[i].member, message.member_name);
        feed->cursor = rows[i].seq;
        feed->outstanding++;
        feed_send(feed, &message, sizeof(message));
    }
    feed_pump(feed);
}
