/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What somebody should hear of at once, each time that it begins and not while it lasts: the
 * capacity is reached, a door's relay or a reader is gone, the journal or the records fail, a door
 * is forced or held open. Each is one line in the log and, where on_alert= is set, one message that
 * is kept here until the publisher has started the command for it (wire/publisher_message.h). What
 * was so at the start is no news: a restart in a full space says nothing; a relay that is missing
 * at the start does.
 */

#include "config/config.h"
#include "wire/publisher_message.h"

#define ALERTS_KEPT_MOST 16 /* not yet taken by the publisher; then the oldest is given up */

/* How long after the start a reader that was never there becomes an alert: a board's USB takes
 * its time. One that has worked counts as gone after READERS_GRACE. */
#define ALERTS_READER_START (60 * USEC_PER_SEC)

struct alert_reader {
    bool was_ready;
    bool told;
    usec_t away_since; /* monotonic; 0 = it is ready */
};

struct alerts {
    struct publisher_alert kept[ALERTS_KEPT_MOST]; /* oldest first */
    size_t n;
    uint64_t number; /* of the newest */
    bool counted;    /* `full` is known */
    bool full;
    bool records; /* they can't be read, and that has been told */
    struct alert_reader readers[CONFIG_READERS_MOST];
};
