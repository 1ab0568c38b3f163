/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/feed.h"

#include "util/log.h"
#include "util/socket.h"

#include <errno.h>
#include <sys/epoll.h>

struct feed {
    sd_event *event;
    char *path;
    const struct feed_calls *calls;
    void *owner;

    int fd; /* -1 = not connected */
    sd_event_source *io, *timer;
    bool dropping;     /* the connection is to be given up at the next turn of the loop */
    bool away_logged;  /* that cantined is away */
    bool fault_logged; /* that it sends nonsense */
};

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata);

static void timer_arm(struct feed *feed, usec_t pause)
{
    (void)sd_event_source_set_time_relative(feed->timer, pause);
    (void)sd_event_source_set_enabled(feed->timer, SD_EVENT_ONESHOT);
}

static void feed_drop(struct feed *feed)
{
    feed->dropping = false;
    feed->io = sd_event_source_disable_unref(feed->io);
    feed->fd = fd_close(feed->fd);
    timer_arm(feed, FEED_RETRY_EACH);
    feed->calls->lost(feed->owner);
}

void feed_renew(struct feed *feed)
{
    if (feed->fd < 0)
        return;
    feed->dropping = true;
    timer_arm(feed, 0);
}

/* cantined always reads: if the socket is full, it has stopped, and a new connection is due. */
static void feed_send(struct feed *feed, const void *message, size_t size)
{
    if (feed->fd >= 0 && !feed->dropping && socket_send(feed->fd, message, size) < 0)
        feed_renew(feed);
}

static void feed_send_word(struct feed *feed, enum publisher_message_type type)
{
    const struct publisher_word word = {MESSAGE_HEADER(type, struct publisher_word)};

    feed_send(feed, &word, sizeof(word));
}

static int feed_connect(struct feed *feed)
{
    CLEANUP(cleanup_fd) int fd = socket_connect(feed->path);
    int r;

    if (fd < 0)
        return fd;
    r = sd_event_add_io(feed->event, &feed->io, fd, EPOLLIN, on_io, feed);
    if (r < 0)
        return r;
    feed->fd = TAKE_FD(fd);
    return 0;
}

static void feed_try(struct feed *feed)
{
    int r = feed_connect(feed);

    if (r < 0) {
        if (!feed->away_logged)
            (void)log_line(LOG_WARNING, LOG_ID_FEED_FAULT,
                           "cantined is away (%s: %s): waiting for it", feed->path, strerror(-r));
        feed->away_logged = true;
        timer_arm(feed, FEED_RETRY_EACH);
        return;
    }
    feed_send_word(feed, PUBLISHER_HELLO);
    feed->calls->connected(feed->owner);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct feed *feed = userdata;

    (void)source;
    (void)usec;
    if (feed->dropping)
        feed_drop(feed);
    else if (feed->fd < 0)
        feed_try(feed);
    return 0;
}

/* cantined has closed the connection, or it failed. */
static void feed_ended(struct feed *feed, int error)
{
    if (!feed->away_logged)
        (void)log_line(LOG_WARNING, LOG_ID_FEED_FAULT, "cantined is gone (%s): waiting for it",
                       error < 0 ? strerror(-error) : "it closed its socket");
    feed->away_logged = true;
    feed->fault_logged = false; /* another cantined may come */
    feed_drop(feed);
}

static void feed_refuse(struct feed *feed, int error)
{
    if (!feed->fault_logged)
        (void)log_line(LOG_ERR, LOG_ID_FEED_FAULT, "%s",
                       error == -EPROTO ? "cantined is of another version: restart both programs"
                                        : "cantined sent a message that makes no sense: "
                                          "connecting to it again");
    feed->fault_logged = true;
    feed_drop(feed);
}

/* Takes one message; false when there is no more to take just now. */
static bool feed_take(struct feed *feed)
{
    union publisher_message message;
    ssize_t n;
    int type;

    n = socket_receive(feed->fd, &message, sizeof(message));
    if (n == -EAGAIN)
        return false;
    if (n == 0 || (n < 0 && n != -EMSGSIZE)) {
        feed_ended(feed, (int)n);
        return false;
    }
    type = n < 0 ? -EBADMSG : publisher_message_check(&message, (size_t)n);
    if (type >= 0 && !feed->calls->message(feed->owner, type, &message))
        type = -EBADMSG;
    if (type < 0) {
        feed_refuse(feed, type);
        return false;
    }
    if (feed->away_logged)
        (void)log_line(LOG_INFO, LOG_ID_NONE, "cantined is there");
    feed->away_logged = false;
    return true;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct feed *feed = userdata;

    (void)source;
    (void)fd;
    (void)revents;
    for (int i = 0; i < FEED_BATCH_MOST && !feed->dropping; i++)
        if (!feed_take(feed))
            break;
    return 0;
}

int feed_new(sd_event *event, const char *runtime_dir, const struct feed_calls *calls, void *owner,
             struct feed **ret)
{
    CLEANUP(cleanup_feed) struct feed *feed = calloc(1, sizeof(*feed));
    int r;

    if (!feed)
        return -ENOMEM;
    *feed = (struct feed){.event = sd_event_ref(event), .calls = calls, .owner = owner, .fd = -1};
    if (asprintf(&feed->path, "%s/" PUBLISHER_SOCKET_NAME, runtime_dir) < 0) {
        feed->path = NULL;
        return -ENOMEM;
    }
    r = sd_event_add_time_relative(event, &feed->timer, CLOCK_MONOTONIC, 0, USEC_PER_MSEC, on_timer,
                                   feed);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(feed);
    return 0;
}

struct feed *feed_free(struct feed *feed)
{
    if (!feed)
        return NULL;
    feed->io = sd_event_source_disable_unref(feed->io);
    feed->timer = sd_event_source_disable_unref(feed->timer);
    feed->fd = fd_close(feed->fd);
    feed->event = sd_event_unref(feed->event);
    free(feed->path);
    free(feed);
    return NULL;
}

void feed_start(struct feed *feed)
{
    feed_send_word(feed, PUBLISHER_START);
}

void feed_stop(struct feed *feed)
{
    feed_send_word(feed, PUBLISHER_STOP);
}

void feed_acknowledge(struct feed *feed, int64_t seq)
{
    const struct publisher_ack ack = {MESSAGE_HEADER(PUBLISHER_ACK, struct publisher_ack),
                                      .seq = seq};

    feed_send(feed, &ack, sizeof(ack));
}

void feed_alert_taken(struct feed *feed, uint64_t number)
{
    const struct publisher_alert_taken taken = {
        MESSAGE_HEADER(PUBLISHER_ALERT_TAKEN, struct publisher_alert_taken), .number = number};

    feed_send(feed, &taken, sizeof(taken));
}
