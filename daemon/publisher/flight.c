/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/flight.h"

static size_t place_of(const struct flight *flight, size_t i)
{
    return (flight->first + i) % FEED_WINDOW;
}

bool flight_may_add(const struct flight *flight, int64_t seq)
{
    return flight->n < FEED_WINDOW && seq > flight->newest;
}

void flight_add(struct flight *flight, int64_t seq, int public_id, int private_id)
{
    flight->rows[place_of(flight, flight->n++)] =
        (struct flight_row){.seq = seq, .public_id = public_id, .private_id = private_id};
    flight->newest = seq;
}

void flight_acknowledge(struct flight *flight, int id)
{
    for (size_t i = 0; i < flight->n; i++) {
        struct flight_row *row = &flight->rows[place_of(flight, i)];

        if (row->public_id == id)
            row->public_id = 0;
        else if (row->private_id == id)
            row->private_id = 0;
    }
}

int64_t flight_take(struct flight *flight)
{
    const struct flight_row *row = &flight->rows[flight->first];

    if (flight->n == 0 || row->public_id != 0 || row->private_id != 0)
        return 0;
    flight->first = (flight->first + 1) % FEED_WINDOW;
    flight->n--;
    return row->seq;
}
