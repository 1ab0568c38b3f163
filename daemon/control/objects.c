/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/objects.h"

#include "control/authorize.h"
#include "util/told.h"

#include <errno.h>
#include <inttypes.h>

#define ACTION_UNLOCK "org.cantine.unlock"
#define ACTION_HOLD   "org.cantine.hold"
#define UNLOCK_LEAST  USEC_PER_MSEC

/* --- the doors -------------------------------------------------------------------------------- */

/* The door whose object is at `path`: true, and which. */
static bool door_at(struct control *control, const char *path, size_t *ret_i,
                    struct control_door *ret)
{
    CLEANUP(cleanup_free) char *name = NULL;

    if (sd_bus_path_decode(path, CONTROL_DOOR_PATH, &name) <= 0)
        return false;
    for (size_t i = 0; i < control->calls->n_doors(control->application); i++) {
        control->calls->door(control->application, i, ret);
        if (streq(ret->name, name)) {
            *ret_i = i;
            return true;
        }
    }
    return false;
}

static int door_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                     void **ret_found, sd_bus_error *error)
{
    struct control_door door;
    size_t i;

    (void)bus;
    (void)interface;
    (void)error;
    *ret_found = userdata;
    return door_at(userdata, path, &i, &door);
}

static int get_door(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    struct control_door door;
    const char *value;
    size_t i;

    (void)bus;
    (void)interface;
    if (!door_at(userdata, path, &i, &door))
        return sd_bus_error_set(error, SD_BUS_ERROR_UNKNOWN_OBJECT, TOLD("there is no such door"));
    if (streq(property, "Name"))
        value = door.name;
    else if (streq(property, "Lock"))
        value = lock_state_word(door.lock);
    else if (streq(property, "Contact"))
        value = contact_state_word(door.contact);
    else
        value = door_alarm_word(door.alarm);
    return sd_bus_message_append(reply, "s", word_or_empty(value));
}

static void unlock_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct control *control = call->control;
    struct control_door door;
    usec_t duration;
    size_t i;
    int r;

    if (!door_at(control, sd_bus_message_get_path(call->message), &i, &door)) {
        call_refuse(call, SD_BUS_ERROR_UNKNOWN_OBJECT, "there is no such door any more");
        return;
    }
    r = sd_bus_message_read(call->message, "t", &duration);
    if (r < 0 || (duration != 0 && (duration < UNLOCK_LEAST || duration > CONTROL_UNLOCK_MOST))) {
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS,
                    "a door is unlocked for 1 ms to 10 min, or 0 for as long as configured");
        return;
    }
    r = sd_bus_message_new_method_return(call->message, &reply);
    if (r >= 0)
        r = control->calls->unlock(control->application, i, duration, call->actor);
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "door %s doesn't unlock: %s", door.name,
                    strerror(-r));
    else
        call_done(call, reply);
}

static int on_unlock(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_UNLOCK, unlock_permitted, error);
}

/* Holds (`hold`) or releases the door that the call is about. */
static void hold_or_release(struct call *call, bool hold)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct control *control = call->control;
    struct control_door door;
    usec_t until = 0;
    size_t i;
    int r;

    if (!door_at(control, sd_bus_message_get_path(call->message), &i, &door)) {
        call_refuse(call, SD_BUS_ERROR_UNKNOWN_OBJECT, "there is no such door any more");
        return;
    }
    r = hold ? sd_bus_message_read(call->message, "t", &until) : 0;
    if (r >= 0)
        r = sd_bus_message_new_method_return(call->message, &reply);
    if (r >= 0)
        r = hold ? control->calls->hold(control->application, i, until, call->actor)
                 : control->calls->release(control->application, i, call->actor);
    if (r == -EPERM)
        call_refuse(call, SD_BUS_ERROR_FAILED, "nothing is held in a lockdown: end it first");
    else if (r == -ERANGE)
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "that time is over");
    else if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "door %s: %s", door.name, strerror(-r));
    else
        call_done(call, reply);
}

static void hold_permitted(struct call *call)
{
    hold_or_release(call, true);
}

static void release_permitted(struct call *call)
{
    hold_or_release(call, false);
}

static int on_hold(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_HOLD, hold_permitted, error);
}

static int on_release(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_HOLD, release_permitted, error);
}

static const sd_bus_vtable door_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Name", "s", get_door, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Lock", "s", get_door, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Contact", "s", get_door, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Alarm", "s", get_door, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_METHOD_WITH_ARGS("Unlock", SD_BUS_ARGS("t", usec), SD_BUS_NO_RESULT, on_unlock,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Hold", SD_BUS_ARGS("t", until_usec), SD_BUS_NO_RESULT, on_hold,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Release", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, on_release,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

/* --- the readers ------------------------------------------------------------------------------ */

static bool reader_at(struct control *control, const char *path, struct control_reader *ret)
{
    CLEANUP(cleanup_free) char *name = NULL;

    if (sd_bus_path_decode(path, CONTROL_READER_PATH, &name) <= 0)
        return false;
    for (size_t i = 0; i < control->calls->n_readers(control->application); i++) {
        control->calls->reader(control->application, i, ret);
        if (streq(ret->name, name))
            return true;
    }
    return false;
}

static int reader_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                       void **ret_found, sd_bus_error *error)
{
    struct control_reader reader;

    (void)bus;
    (void)interface;
    (void)error;
    *ret_found = userdata;
    return reader_at(userdata, path, &reader);
}

static int get_reader(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    struct control_reader reader;
    const char *value;

    (void)bus;
    (void)interface;
    if (!reader_at(userdata, path, &reader))
        return sd_bus_error_set(error, SD_BUS_ERROR_UNKNOWN_OBJECT,
                                TOLD("there is no such reader"));
    if (streq(property, "Name"))
        value = reader.name;
    else if (streq(property, "Direction"))
        value = direction_word(reader.direction);
    else if (streq(property, "Tried"))
        value = reader.tried;
    else
        value = reader_state_word(reader.state);
    return sd_bus_message_append(reply, "s", word_or_empty(value));
}

static const sd_bus_vtable reader_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Name", "s", get_reader, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Direction", "s", get_reader, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", get_reader, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Tried", "s", get_reader, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

/* --- what there is ---------------------------------------------------------------------------- */

static char **paths_free(char **paths)
{
    for (char **path = paths; path && *path; path++)
        free(*path);
    free(paths);
    return NULL;
}

DEFINE_CLEANUP(char **, cleanup_paths, paths_free);

static int doors_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                           sd_bus_error *error)
{
    struct control *control = userdata;
    size_t n = control->calls->n_doors(control->application);
    CLEANUP(cleanup_paths) char **paths = calloc(n + 1, sizeof(char *));
    struct control_door door;

    (void)bus;
    (void)prefix; /* the path that is asked about, which may be below ours */
    (void)error;
    if (!paths)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        int r;

        control->calls->door(control->application, i, &door);
        r = sd_bus_path_encode(CONTROL_DOOR_PATH, door.name, &paths[i]);
        if (r < 0)
            return r;
    }
    *ret_nodes = TAKE_PTR(paths);
    return 0;
}

static int readers_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                             sd_bus_error *error)
{
    struct control *control = userdata;
    size_t n = control->calls->n_readers(control->application);
    CLEANUP(cleanup_paths) char **paths = calloc(n + 1, sizeof(char *));
    struct control_reader reader;

    (void)bus;
    (void)prefix; /* the path that is asked about, which may be below ours */
    (void)error;
    if (!paths)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        int r;

        control->calls->reader(control->application, i, &reader);
        r = sd_bus_path_encode(CONTROL_READER_PATH, reader.name, &paths[i]);
        if (r < 0)
            return r;
    }
    *ret_nodes = TAKE_PTR(paths);
    return 0;
}

int objects_add(struct control *control)
{
    sd_bus *bus = control->bus;
    int r;

    r = sd_bus_add_object_vtable(bus, NULL, CONTROL_PATH, CONTROL_INTERFACE, site_vtable, control);
    if (r < 0)
        return r;
    r = sd_bus_add_fallback_vtable(bus, NULL, CONTROL_DOOR_PATH, CONTROL_DOOR, door_vtable,
                                   door_find, control);
    if (r < 0)
        return r;
    r = sd_bus_add_node_enumerator(bus, NULL, CONTROL_DOOR_PATH, doors_enumerate, control);
    if (r < 0)
        return r;
    r = sd_bus_add_fallback_vtable(bus, NULL, CONTROL_READER_PATH, CONTROL_READER, reader_vtable,
                                   reader_find, control);
    if (r < 0)
        return r;
    r = sd_bus_add_node_enumerator(bus, NULL, CONTROL_READER_PATH, readers_enumerate, control);
    if (r < 0)
        return r;
    return sd_bus_add_object_manager(bus, NULL, CONTROL_PATH);
}
