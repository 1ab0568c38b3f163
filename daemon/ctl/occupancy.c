/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "wire/payload.h"

static enum outcome occupancy_json(const struct control_occupancy *occupancy)
{
    struct publisher_occupancy message = {
        .at = occupancy->at,
        .count = occupancy->count,
        .capacity = occupancy->capacity,
        .open = occupancy->open,
    };
    char payload[PAYLOAD_SIZE];

    if (payload_occupancy(&message, payload, sizeof(payload)) < 0)
        return complain("not enough memory");
    (void)puts(payload);
    return OUTCOME_DONE;
}

enum outcome occupancy_show(struct ctl *ctl)
{
    struct control_occupancy occupancy;

    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_occupancy(ctl->daemon, &occupancy) < 0)
        return complain("%s", client_error(ctl->daemon));
    if (ctl->invocation.json)
        return occupancy_json(&occupancy);
    (void)printf("%u %s inside", occupancy.count, occupancy.count == 1 ? "person" : "people");
    if (occupancy.capacity > 0)
        (void)printf(", %u of %u places free",
                     occupancy.capacity - MIN_OF(occupancy.count, occupancy.capacity),
                     occupancy.capacity);
    (void)printf(", %s\n", occupancy.open ? "open" : "closed");
    return OUTCOME_DONE;
}
