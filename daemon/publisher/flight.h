/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The journal's rows that are on their way to the broker; zeroed = none. Each goes out as two
 * messages, and cantined is told of it when the broker has acknowledged both, and those of all
 * earlier rows.
 */

#include "wire/publisher_message.h"

struct flight {
    struct flight_row {
        int64_t seq;
        int public_id, private_id; /* the messages' numbers; 0 = acknowledged */
    } rows[FEED_WINDOW];
    size_t first, n;
    int64_t newest; /* the last row that took off since START */
};

/* True if a row `seq` may take off: there is room, and it is newer than those before. */
bool flight_may_add(const struct flight *flight, int64_t seq);

void flight_add(struct flight *flight, int64_t seq, int public_id, int private_id);

/* The broker has message `id`; numbers of other messages are fine. */
void flight_acknowledge(struct flight *flight, int id);

/* The oldest row, taken out, if the broker has both its messages; else 0. */
int64_t flight_take(struct flight *flight);
