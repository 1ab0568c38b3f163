/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The badge that somebody is to have: waited for at a reader, or the last stranger's. */

#include "control/client_private.h"

#include <errno.h>

/* Takes the words of an answer over; -EPROTO for what no cantined of this version says. */
static int enrolment_take(const char *end, const char *reader, const char *uid,
                          struct control_enrolment *ret)
{
    int known = enrolment_end_of(end);

    if (known < 0 || strlen(reader) >= sizeof(ret->reader) || strlen(uid) >= sizeof(ret->uid))
        return -EPROTO;
    ret->end = (enum enrolment_end)known;
    (void)stpcpy(ret->reader, reader);
    (void)stpcpy(ret->uid, uid);
    return 0;
}

/* A cantined that ends in the middle of a call can't say so itself. */
static bool ended_meanwhile(int r)
{
    return r == -ECONNRESET || r == -ENOTCONN || r == -ETIMEDOUT || r == -EHOSTUNREACH ||
           r == -ENXIO;
}

int client_enrol(struct client *client, const char *reader, usec_t timeout,
                 struct control_enrolment *ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    const char *end, *uid;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "Enrol", &message);

    *ret = (struct control_enrolment){0};
    (void)snprintf(ret->reader, sizeof(ret->reader), "%s", reader);
    if (r < 0)
        return r;
    r = sd_bus_message_append(message, "st", reader, timeout);
    if (r < 0)
        return client_fail(client, r, "D-Bus: %s", strerror(-r));
    r = client_ask(client, message, timeout + CLIENT_PATIENCE_ALLOWED, &reply);
    if (ended_meanwhile(r)) {
        ret->end = ENROLMENT_STOPPED;
        return 0;
    }
    if (r < 0)
        return r == -ENOENT ? client_fail(client, r, ANSWER_STRANGE) : r;
    r = sd_bus_message_read(reply, "ss", &end, &uid);
    if (r >= 0)
        r = enrolment_take(end, reader, uid, ret);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}

int client_last_stranger(struct client *client, struct control_enrolment *ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    const char *end, *reader, *uid;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "GetLastStranger", &message);

    if (r == 0)
        r = client_ask(client, message, CLIENT_PATIENCE_ALLOWED, &reply);
    if (r < 0)
        return r == -ENOENT ? client_fail(client, r, ANSWER_STRANGE) : r;
    *ret = (struct control_enrolment){0};
    r = sd_bus_message_read(reply, "ssst", &end, &reader, &uid, &ret->at);
    if (r >= 0)
        r = enrolment_take(end, reader, uid, ret);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}
