/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The connection to cantined. It never blocks and never ends the program: while cantined is away
 * the link asks for it again every LINK_RETRY_EACH, then begins with HELLO, the latest STATE (once
 * the device has been tried) and the cards that are still fresh and unanswered
 * (wire/reader_message.h).
 */

#include "wire/reader_message.h"

#include <sys/un.h>

#define LINK_RETRY_EACH (200 * USEC_PER_MSEC)
#define LINK_SETTLED    USEC_PER_SEC /* connected for so long: worth a line in the log */
#define LINK_CARDS_MOST 8            /* unanswered; the oldest gives way */

enum link_news { LINK_NEWS_NONE, LINK_NEWS_AWAY, LINK_NEWS_CONNECTED };

struct link {
    const char *name; /* the reader's */
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    int fd; /* -1 while there is no connection */
    usec_t connected_at;
    usec_t retry_at;
    enum link_news said; /* the last that the log was told */
    bool has_state;      /* the device has been tried: until then cantined keeps what it knows */
    struct reader_state_message state;
    struct reader_card unanswered[LINK_CARDS_MOST];
    size_t n_unanswered;
};

/* `name` must outlive the link; -ENAMETOOLONG if the socket's path doesn't fit. */
int link_init(struct link *link, const char *name, const char *runtime_dir);
void link_done(struct link *link);

/* Connects if it is time to, and takes what cantined has sent. */
void link_advance(struct link *link, usec_t now);

/* When link_advance() has something to do although nothing came: USEC_INFINITY if never. */
usec_t link_next(const struct link *link);

/* Tells a change of state, now or as soon as there is a connection; `tried` is cut to fit. */
void link_state(struct link *link, enum reader_state state, const char *tried);

/* Tells a presentation, now or, while it is fresh, as soon as there is a connection. */
void link_card(struct link *link, const struct reader_card *card);

/* Says that the reader is alive; without a connection nobody needs to know. */
void link_heartbeat(struct link *link, uint64_t polls);
