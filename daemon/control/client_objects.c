/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The doors and readers, as the ObjectManager lists them. */

#include "control/client_private.h"

#include <errno.h>

/* One kind of object: its interface, its size with its name first, and where a property goes. */
struct object_kind {
    const char *interface;
    size_t size;
    /* Negative errno if the word is none that we know. */
    int (*take)(void *object, const char *property, const char *word);
};

static void name_take(char name[static SLUG_SIZE], const char *word)
{
    (void)snprintf(name, SLUG_SIZE, "%s", word);
}

static int door_take(void *object, const char *property, const char *word)
{
    struct client_door *door = object;
    int known = 0;

    if (streq(property, "Name"))
        name_take(door->name, word);
    else if (streq(property, "Lock"))
        door->lock = (enum lock_state)(known = lock_state_of(word));
    else if (streq(property, "Contact"))
        door->contact = (enum contact_state)(known = contact_state_of(word));
    else if (streq(property, "Alarm"))
        door->alarm = (enum door_alarm)(known = door_alarm_of(*word ? word : NULL));
    return MIN_OF(known, 0);
}

static int reader_take(void *object, const char *property, const char *word)
{
    struct client_reader *reader = object;
    int known = 0;

    if (streq(property, "Name"))
        name_take(reader->name, word);
    else if (streq(property, "Direction"))
        reader->direction = (enum direction)(known = direction_of(word));
    else if (streq(property, "State"))
        reader->state = (enum reader_state)(known = reader_state_of(word));
    return MIN_OF(known, 0);
}

static const struct object_kind door_kind = {CONTROL_DOOR, sizeof(struct client_door), door_take};
static const struct object_kind reader_kind = {CONTROL_READER, sizeof(struct client_reader),
                                               reader_take};

/* Reads the a{sv} of one interface. */
static int properties_read(sd_bus_message *reply, const struct object_kind *kind, void *object)
{
    int r = sd_bus_message_enter_container(reply, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
        const char *property, *word;

        r = sd_bus_message_read(reply, "s", &property);
        if (r >= 0)
            r = sd_bus_message_read(reply, "v", "s", &word);
        if (r >= 0)
            r = kind->take(object, property, word);
        if (r >= 0)
            r = sd_bus_message_exit_container(reply);
    }
    return r < 0 ? r : sd_bus_message_exit_container(reply);
}

/* Reads one object of GetManagedObjects: 1 if it was of this kind, 0 if something else. */
static int object_read(sd_bus_message *reply, const struct object_kind *kind, void *object)
{
    const char *path, *interface;
    int r, is_it = 0;

    r = sd_bus_message_read(reply, "o", &path);
    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "{sa{sv}}");
    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sa{sv}")) > 0) {
        r = sd_bus_message_read(reply, "s", &interface);
        if (r >= 0 && streq(interface, kind->interface)) {
            is_it = 1;
            r = properties_read(reply, kind, object);
        } else if (r >= 0) {
            r = sd_bus_message_skip(reply, "a{sv}");
        }
        if (r >= 0)
            r = sd_bus_message_exit_container(reply);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(reply);
    return r < 0 ? r : is_it;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(a, b); /* the name comes first in each kind of object */
}

static int objects_read(sd_bus_message *reply, const struct object_kind *kind, void **ret,
                        size_t *ret_n)
{
    CLEANUP(cleanup_free) char *objects = NULL;
    size_t n = 0;
    int r;

    r = sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}");
    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}")) > 0) {
        char *grown = reallocarray(objects, n + 1, kind->size);

        if (!grown)
            return -ENOMEM;
        objects = grown;
        memset(objects + n * kind->size, 0, kind->size);
        r = object_read(reply, kind, objects + n * kind->size);
        if (r > 0)
            n++;
        if (r >= 0)
            r = sd_bus_message_exit_container(reply);
    }
    if (r < 0)
        return r;
    if (n > 0)
        qsort(objects, n, kind->size, name_compare);
    *ret = TAKE_PTR(objects);
    *ret_n = n;
    return 0;
}

/* Every object of this kind, in the order of their names; `*ret` is the caller's. */
static int objects_ask(struct client *client, const struct object_kind *kind, void **ret,
                       size_t *ret_n)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
    int r;

    r = client_message(client, CONTROL_PATH, "org.freedesktop.DBus.ObjectManager",
                       "GetManagedObjects", &message);
    if (r == 0)
        r = client_ask(client, message, CLIENT_PATIENCE, &reply);
    if (r < 0)
        return r;
    r = objects_read(reply, kind, ret, ret_n);
    return r < 0 ? client_fail(client, r, ANSWER_STRANGE) : 0;
}

int client_doors(struct client *client, struct client_door **ret, size_t *ret_n)
{
    void *doors = NULL;
    int r = objects_ask(client, &door_kind, &doors, ret_n);

    if (r == 0)
        *ret = doors;
    return r;
}

int client_readers(struct client *client, struct client_reader **ret, size_t *ret_n)
{
    void *readers = NULL;
    int r = objects_ask(client, &reader_kind, &readers, ret_n);

    if (r == 0)
        *ret = readers;
    return r;
}
