/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/client_private.h"

#include "util/told.h"
#include "util/translate.h"

#include <errno.h>
#include <stdarg.h>

int client_fail(struct client *client, int r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(client->error, sizeof(client->error), _(format), args);
    va_end(args);
    return r;
}

/* The same with what the other end said, if it did. */
static int client_fail_told(struct client *client, int r, const sd_bus_error *error)
{
    told_translate(error->message ? error->message : strerror(-r), client->error,
                   sizeof(client->error));
    return r;
}

/* --- the connection --------------------------------------------------------------------------- */

int client_open(struct client **ret)
{
    struct client *client = calloc(1, sizeof(*client));
    int r;

    *ret = client;
    if (!client)
        return -ENOMEM;
    r = sd_bus_open_system(&client->bus);
    if (r < 0)
        return client_fail(client, r,
                           "the system's D-Bus can't be reached (%s): is dbus running? "
                           "`systemctl status dbus`",
                           strerror(-r));
    (void)sd_bus_set_allow_interactive_authorization(client->bus, true);
    return 0;
}

struct client *client_free(struct client *client)
{
    if (!client)
        return NULL;
    (void)sd_bus_flush_close_unref(client->bus);
    free(client);
    return NULL;
}

void client_ask_nobody(struct client *client)
{
    (void)sd_bus_set_allow_interactive_authorization(client->bus, false);
}

const char *client_error(const struct client *client)
{
    return client ? client->error : _("not enough memory");
}

/* --- calls ------------------------------------------------------------------------------------ */

/* True if the error says that nobody is at the other end. */
static bool nobody_there(const sd_bus_error *error)
{
    return sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN,
                                  SD_BUS_ERROR_NAME_HAS_NO_OWNER, SD_BUS_ERROR_NO_REPLY,
                                  SD_BUS_ERROR_TIMEOUT, SD_BUS_ERROR_DISCONNECTED);
}

int client_ask(struct client *client, sd_bus_message *message, usec_t patience,
               sd_bus_message **ret_reply)
{
    CLEANUP(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    int r = sd_bus_call(client->bus, message, patience, &error, ret_reply);

    if (r >= 0)
        return 0;
    if (nobody_there(&error) || r == -ETIMEDOUT)
        return client_fail(
            client, r,
            "cantined does not answer on D-Bus: is it running? `systemctl status cantined`");
    if (sd_bus_error_has_names(&error, SD_BUS_ERROR_UNKNOWN_OBJECT, SD_BUS_ERROR_UNKNOWN_METHOD))
        return client_fail(client, -ENOENT,
                           "cantined doesn't have that: see `cantinectl door list`");
    return client_fail_told(client, r, &error);
}

int client_message(struct client *client, const char *path, const char *interface,
                   const char *member, sd_bus_message **ret)
{
    int r =
        sd_bus_message_new_method_call(client->bus, ret, CONTROL_BUS_NAME, path, interface, member);

    return r < 0 ? client_fail(client, r, "D-Bus: %s", strerror(-r)) : 0;
}

int client_occupancy(struct client *client, struct control_occupancy *ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    struct control_occupancy occupancy;
    int open, r;

    r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "GetOccupancy", &message);
    if (r == 0)
        r = client_ask(client, message, CLIENT_PATIENCE, &reply);
    if (r < 0)
        return r;
    if (sd_bus_message_read(reply, "uubt", &occupancy.count, &occupancy.capacity, &open,
                            &occupancy.at) < 0)
        return client_fail(client, -EPROTO, ANSWER_STRANGE);
    occupancy.open = open;
    *ret = occupancy;
    return 0;
}

/* Begins a call of the door's method `member`; its object's path is checked by the daemon. */
static int door_message(struct client *client, const char *door, const char *member,
                        sd_bus_message **ret)
{
    CLEANUP(cleanup_free) char *path = NULL;
    int r = sd_bus_path_encode(CONTROL_DOOR_PATH, door, &path);

    if (r < 0)
        return client_fail(client, r, "door %s: %s", door, strerror(-r));
    return client_message(client, path, CONTROL_DOOR, member, ret);
}

static int door_ask(struct client *client, const char *door, sd_bus_message *message)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int r = client_ask(client, message, CLIENT_PATIENCE_ALLOWED, &reply);

    if (r == -ENOENT)
        return client_fail(client, r, "there is no door “%.80s”: see `cantinectl door list`", door);
    return r;
}

/* Calls a method with one argument. */
static int door_call(struct client *client, const char *door, const char *member, usec_t argument)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL;
    int r = door_message(client, door, member, &message);

    if (r < 0)
        return r;
    r = sd_bus_message_append(message, "t", argument);
    if (r < 0)
        return client_fail(client, r, "D-Bus: %s", strerror(-r));
    return door_ask(client, door, message);
}

int client_unlock(struct client *client, const char *door, usec_t duration)
{
    return door_call(client, door, "Unlock", duration);
}

int client_hold(struct client *client, const char *door, usec_t until)
{
    return door_call(client, door, "Hold", until);
}

int client_release(struct client *client, const char *door)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL;
    int r = door_message(client, door, "Release", &message);

    return r < 0 ? r : door_ask(client, door, message);
}

int client_set_lockdown(struct client *client, bool on)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "SetLockdown", &message);

    if (r < 0)
        return r;
    r = sd_bus_message_append(message, "b", (int)on);
    if (r < 0)
        return client_fail(client, r, "D-Bus: %s", strerror(-r));
    return client_ask(client, message, CLIENT_PATIENCE_ALLOWED, &reply);
}

int client_flag(struct client *client, const char *property, bool *ret)
{
    CLEANUP(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    int value, r;

    r = sd_bus_get_property_trivial(client->bus, CONTROL_BUS_NAME, CONTROL_PATH, CONTROL_INTERFACE,
                                    property, &error, 'b', &value);
    if (r < 0)
        return client_fail_told(client, r, &error);
    *ret = value;
    return 0;
}

/* --- the log ---------------------------------------------------------------------------------- */

static int word_check(int value, int32_t *ret)
{
    *ret = value;
    return value < 0 ? value : 0;
}

/* One event: 1, 0 at the end of the list, or a negative errno. */
static int event_read(sd_bus_message *reply, struct event *ret)
{
    const char *type, *door, *reader, *result, *reason, *direction, *detail, *actor, *boot;
    int r =
        sd_bus_message_read(reply, CONTROL_LOG_TYPES, &ret->seq, &ret->at, &ret->member, &type,
                            &door, &reader, &result, &reason, &direction, &detail, &actor, &boot);

    if (r <= 0)
        return r;
    if (word_check(event_type_of(type), &ret->type) < 0 ||
        word_check(result_of(*result ? result : NULL), &ret->result) < 0 ||
        word_check(reason_of(reason), &ret->reason) < 0 ||
        word_check(direction_of(*direction ? direction : NULL), &ret->direction) < 0)
        return -EPROTO;
    (void)snprintf(ret->door, sizeof(ret->door), "%s", door);
    (void)snprintf(ret->reader, sizeof(ret->reader), "%s", reader);
    (void)snprintf(ret->detail, sizeof(ret->detail), "%s", detail);
    (void)snprintf(ret->actor, sizeof(ret->actor), "%s", actor);
    (void)snprintf(ret->boot, sizeof(ret->boot), "%s", boot);
    return 1;
}

static int events_read(sd_bus_message *reply, struct event **ret, size_t *ret_n)
{
    CLEANUP(cleanup_free) struct event *rows = NULL;
    struct event row;
    size_t n = 0;
    int r;

    r = sd_bus_message_enter_container(reply, 'a', CONTROL_LOG_TYPES);
    if (r < 0)
        return r;
    while ((r = event_read(reply, &row)) > 0) {
        struct event *grown = reallocarray(rows, n + 1, sizeof(*rows));

        if (!grown)
            return -ENOMEM;
        rows = grown;
        rows[n++] = row;
    }
    if (r < 0)
        return r;
    *ret = TAKE_PTR(rows);
    *ret_n = n;
    return 0;
}

int client_log(struct client *client, const struct control_log_query *query, struct event **ret,
               size_t *ret_n)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r;

    r = client_message(client, CONTROL_PATH, CONTROL_INTERFACE, "Log", &message);
    if (r < 0)
        return r;
    r = sd_bus_message_append(message, "txxbb", query->since, query->member, query->after,
                              (int)query->denied, (int)query->from_end);
    if (r < 0)
        return client_fail(client, r, "D-Bus: %s", strerror(-r));
    r = client_ask(client, message, CLIENT_PATIENCE_ALLOWED, &reply);
    if (r < 0)
        return r;
    r = events_read(reply, ret, ret_n);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}
