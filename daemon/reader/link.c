/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/link.h"

#include "util/log.h"
#include "util/socket.h"
#include "util/told.h"

int link_init(struct link *link, const char *name, const char *runtime_dir)
{
    int n;

    *link = (struct link){.name = name, .fd = -1};
    n = snprintf(link->path, sizeof(link->path), "%s/%s", runtime_dir, READER_SOCKET_NAME);
    if (n < 0 || (size_t)n >= sizeof(link->path))
        return -ENAMETOOLONG;
    link->state.state = READER_ABSENT;
    (void)strcpy(link->state.tried, TOLD("not opened yet"));
    return 0;
}

void link_done(struct link *link)
{
    link->fd = fd_close(link->fd);
}

/* Each change once, however often it is tried. */
static void link_say(struct link *link, enum link_news news, int priority, const char *message_id,
                     const char *text)
{
    const char *fields[] = {"CANTINE_READER", link->name, NULL};

    if (link->said == news)
        return;
    link->said = news;
    (void)log_fields(priority, message_id, fields, "reader %s: %s", link->name, text);
}

static void link_drop(struct link *link, usec_t now, const char *message_id, const char *why)
{
    char text[256];

    link->fd = fd_close(link->fd);
    link->retry_at = now + LINK_RETRY_EACH;
    (void)snprintf(text, sizeof(text), "cantined is out of reach at %s: %s: trying again",
                   link->path, why);
    link_say(link, LINK_NEWS_AWAY, LOG_WARNING, message_id, text);
}

/* False if the message didn't go; the connection is over then. */
static bool link_send(struct link *link, const void *message, size_t size)
{
    int r;

    if (link->fd < 0)
        return false;
    r = socket_send(link->fd, message, size);
    if (r < 0)
        link_drop(link, time_monotonic(), LOG_ID_NONE, strerror(-r));
    return r >= 0;
}

static void unanswered_remove(struct link *link, size_t at)
{
    link->n_unanswered--;
    memmove(&link->unanswered[at], &link->unanswered[at + 1],
            (link->n_unanswered - at) * sizeof(link->unanswered[0]));
}

static void unanswered_add(struct link *link, const struct reader_card *card)
{
    if (link->n_unanswered == LINK_CARDS_MOST)
        unanswered_remove(link, 0);
    link->unanswered[link->n_unanswered++] = *card;
}

/* A person who has walked on since must not open the door behind them. */
static void unanswered_drop_stale(struct link *link, usec_t now)
{
    while (link->n_unanswered > 0 && now - link->unanswered[0].read_at >= READER_CARD_FRESH)
        unanswered_remove(link, 0);
}

static void unanswered_settle(struct link *link, uint64_t presentation)
{
    for (size_t i = 0; i < link->n_unanswered; i++)
        if (link->unanswered[i].presentation == presentation) {
            unanswered_remove(link, i);
            return;
        }
}

static bool link_send_hello(struct link *link)
{
    struct reader_hello hello = {.header = MESSAGE_HEADER(READER_HELLO, struct reader_hello)};

    (void)snprintf(hello.name, sizeof(hello.name), "%s", link->name);
    return link_send(link, &hello, sizeof(hello));
}

static void link_connect(struct link *link, usec_t now)
{
    bool sent;
    int fd;

    fd = socket_connect(link->path);
    if (fd < 0) {
        link_drop(link, now, LOG_ID_NONE, strerror(-fd));
        return;
    }
    link->fd = fd;
    link->connected_at = now;
    unanswered_drop_stale(link, now);
    sent = link_send_hello(link);
    if (sent && link->has_state)
        sent = link_send(link, &link->state, sizeof(link->state));
    for (size_t i = 0; sent && i < link->n_unanswered; i++)
        sent = link_send(link, &link->unanswered[i], sizeof(link->unanswered[i]));
}

/* Takes one message; false if there is none. */
static bool link_receive(struct link *link, usec_t now)
{
    union reader_message message;
    ssize_t n;

    n = socket_receive(link->fd, &message, sizeof(message));
    if (n == -EAGAIN)
        return false;
    if (n == 0)
        link_drop(link, now, LOG_ID_NONE, "it has closed the connection");
    else if (n < 0 && n != -EMSGSIZE)
        link_drop(link, now, LOG_ID_NONE, strerror((int)-n));
    else if (n < 0 || reader_message_check(&message, (size_t)n) != READER_ANSWER)
        link_drop(link, now, LOG_ID_PEER_REFUSED, "what it sent is no answer of this version");
    else
        unanswered_settle(link, message.answer.presentation);
    return link->fd >= 0;
}

void link_advance(struct link *link, usec_t now)
{
    if (link->fd < 0 && now >= link->retry_at)
        link_connect(link, now);
    while (link->fd >= 0 && link_receive(link, now))
        ;
    if (link->fd >= 0 && now - link->connected_at >= LINK_SETTLED)
        link_say(link, LINK_NEWS_CONNECTED, LOG_INFO, LOG_ID_NONE, "connected to cantined");
}

usec_t link_next(const struct link *link)
{
    return link->fd < 0 ? link->retry_at : USEC_INFINITY;
}

void link_state(struct link *link, enum reader_state state, const char *tried)
{
    link->state = (struct reader_state_message){
        .header = MESSAGE_HEADER(READER_STATE, struct reader_state_message), .state = state};
    (void)snprintf(link->state.tried, sizeof(link->state.tried), "%s", tried);
    link->has_state = true;
    (void)link_send(link, &link->state, sizeof(link->state));
}

void link_card(struct link *link, const struct reader_card *card)
{
    (void)link_send(link, card, sizeof(*card));
    unanswered_add(link, card);
}

void link_heartbeat(struct link *link, uint64_t polls)
{
    struct reader_heartbeat heartbeat = {
        .header = MESSAGE_HEADER(READER_HEARTBEAT, struct reader_heartbeat), .polls = polls};

    (void)link_send(link, &heartbeat, sizeof(heartbeat));
}
