/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is inside, and what has been used of passes. */

#include "control/client_private.h"

#include <errno.h>

static int presence_ask(struct client *client, sd_bus_message *message, sd_bus_message **ret_reply)
{
    int r = client_ask(client, message, CLIENT_PATIENCE_ALLOWED, ret_reply);

    return r == -ENOENT ? client_fail(client, r, ANSWER_STRANGE) : r;
}

static int call_failed(struct client *client, int r)
{
    return client_fail(client, r, "D-Bus: %s", strerror(-r));
}

int client_is_inside(struct client *client, int64_t member, bool *ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r, inside;

    r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "IsInside", &message);
    if (r < 0)
        return r;
    (void)sd_bus_message_set_allow_interactive_authorization(message, false);
    r = sd_bus_message_append(message, "x", member);
    if (r < 0)
        return call_failed(client, r);
    r = presence_ask(client, message, &reply);
    if (r < 0)
        return r;
    if (sd_bus_message_read(reply, "b", &inside) < 0)
        return client_fail(client, -EPROTO, ANSWER_STRANGE);
    *ret = inside;
    return 0;
}

static int presences_read(sd_bus_message *reply, struct control_presence **ret, size_t *ret_n)
{
    CLEANUP(cleanup_free) struct control_presence *rows = NULL;
    struct control_presence row;
    const char *name;
    size_t n = 0;
    int r = sd_bus_message_enter_container(reply, 'a', CONTROL_PRESENCE_TYPES);

    while (r >= 0 && (r = sd_bus_message_read(reply, CONTROL_PRESENCE_TYPES, &row.member, &name,
                                              &row.since, &row.guests)) > 0) {
        struct control_presence *grown = reallocarray(rows, n + 1, sizeof(*rows));

        if (!grown)
            return -ENOMEM;
        rows = grown;
        (void)snprintf(row.name, sizeof(row.name), "%s", name);
        rows[n++] = row;
    }
    if (r < 0)
        return r;
    *ret = TAKE_PTR(rows);
    *ret_n = n;
    return 0;
}

int client_presence(struct client *client, struct control_presence **ret, size_t *ret_n)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "GetPresence", &message);

    if (r == 0)
        r = presence_ask(client, message, &reply);
    if (r < 0)
        return r;
    r = presences_read(reply, ret, ret_n);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}

/* Asks `method` with the member and one value more: what it answers, 1 = changed. */
static int presence_change(struct client *client, const char *method, const char *types,
                           int64_t member, uint32_t value)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int changed, r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, method, &message);

    if (r < 0)
        return r;
    r = sd_bus_message_append(message, types, member, value);
    if (r < 0)
        return call_failed(client, r);
    r = presence_ask(client, message, &reply);
    if (r < 0)
        return r;
    if (sd_bus_message_read(reply, "b", &changed) < 0)
        return client_fail(client, -EPROTO, ANSWER_STRANGE);
    return changed;
}

int client_set_presence(struct client *client, int64_t member, bool inside)
{
    return presence_change(client, "SetPresence", "xb", member, inside);
}

int client_set_guests(struct client *client, int64_t member, uint32_t guests)
{
    return presence_change(client, "SetGuests", "xu", member, guests);
}

int client_reset_presence(struct client *client, uint32_t *ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "ResetPresence", &message);

    if (r == 0)
        r = presence_ask(client, message, &reply);
    if (r < 0)
        return r;
    return sd_bus_message_read(reply, "u", ret) < 0 ? client_fail(client, -EPROTO, ANSWER_STRANGE)
                                                    : 0;
}

static int used_read(sd_bus_message *reply, size_t n, int64_t *used, unsigned *ret_halves)
{
    uint32_t halves;
    int r = sd_bus_message_read(reply, "u", &halves);

    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "x");
    for (size_t i = 0; i < n && r >= 0; i++) {
        r = sd_bus_message_read(reply, "x", &used[i]);
        if (r == 0)
            r = -EPROTO;
    }
    if (r >= 0)
        *ret_halves = halves;
    return r;
}

int client_pass_uses(struct client *client, int64_t member, day_t day, const int64_t *passes,
                     size_t n, int64_t *used, unsigned *ret_halves)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "GetPassUses", &message);

    if (r < 0)
        return r;
    (void)sd_bus_message_set_allow_interactive_authorization(message, false);
    r = sd_bus_message_append(message, "xi", member, day);
    if (r >= 0)
        r = sd_bus_message_append_array(message, 'x', passes, n * sizeof(passes[0]));
    if (r < 0)
        return call_failed(client, r);
    r = presence_ask(client, message, &reply);
    if (r < 0)
        return r;
    r = used_read(reply, n, used, ret_halves);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}
