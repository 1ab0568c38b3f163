/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/control.h"

#include "control/authorize.h"
#include "control/objects.h"

#include <errno.h>

#define SYSTEM_BUS_ADDRESS "unix:path=/run/dbus/system_bus_socket"
#define NAME_OWNER         1 /* RequestName's answer: D-Bus specification, "Bus names" */
#define RETRY_FIRST        (100 * USEC_PER_MSEC) /* after a connection that was well */
#define RETRY_ACCURACY     (20 * USEC_PER_MSEC)

static void bus_told(struct control *control, const char *trouble)
{
    if (control->troubled == (trouble != NULL))
        return;
    control->troubled = trouble != NULL;
    if (control->calls->bus)
        control->calls->bus(control->application, trouble);
}

static void retry_arm(struct control *control, usec_t delay)
{
    (void)sd_event_source_set_time_relative(control->retry, delay);
    (void)sd_event_source_set_enabled(control->retry, SD_EVENT_ONESHOT);
}

/* Gives the connection up at a later turn of the loop: it may be inside a call of its own just now.
 */
static void bus_give_up(struct control *control, usec_t delay, const char *trouble)
{
    bus_told(control, trouble);
    retry_arm(control, delay);
}

static void bus_drop(struct control *control)
{
    calls_drop(control);
    control->bus = sd_bus_close_unref(control->bus);
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    bool was_well = !control->troubled; /* a bus that always hangs up is not asked as often */

    (void)message;
    (void)error;
    bus_give_up(control, was_well ? RETRY_FIRST : CONTROL_RETRY_EACH,
                "the connection to D-Bus is lost");
    return 0;
}

static int on_name(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    const sd_bus_error *refusal = sd_bus_message_get_error(message);
    uint32_t answer = 0;

    (void)error;
    if (refusal) {
        bus_give_up(control, CONTROL_RETRY_EACH,
                    sd_bus_error_has_name(refusal, SD_BUS_ERROR_ACCESS_DENIED)
                        ? "D-Bus refuses the name " CONTROL_BUS_NAME
                          ": is its policy org.cantine.Cantine1.conf installed?"
                        : "D-Bus did not give the name " CONTROL_BUS_NAME);
        return 0;
    }
    if (sd_bus_message_read(message, "u", &answer) < 0 || answer != NAME_OWNER) {
        bus_give_up(control, CONTROL_RETRY_EACH,
                    "another program has the D-Bus name " CONTROL_BUS_NAME
                    ": is cantined running twice?");
        return 0;
    }
    (void)sd_event_source_set_enabled(control->retry, SD_EVENT_OFF);
    bus_told(control, NULL);
    return 0;
}

/* Makes a connection that waits for the bus's socket by itself and asks for the name once it is
 * there. */
static int bus_connect(struct control *control)
{
    const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    sd_bus *bus;
    int r;

    r = sd_bus_new(&control->bus);
    if (r < 0)
        return r;
    bus = control->bus;
    r = sd_bus_set_address(bus, address && *address ? address : SYSTEM_BUS_ADDRESS);
    if (r < 0)
        return r;
    (void)sd_bus_set_description(bus, "cantined");
    r = sd_bus_set_bus_client(bus, true);
    if (r < 0)
        return r;
    (void)sd_bus_set_watch_bind(bus, true);
    r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local",
                            "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, control);
    if (r < 0)
        return r;
    r = objects_add(control);
    if (r < 0)
        return r;
    r = sd_bus_start(bus);
    if (r < 0)
        return r;
    r = sd_bus_attach_event(bus, control->event, CONTROL_PRIORITY);
    if (r < 0)
        return r;
    return sd_bus_request_name_async(bus, NULL, CONTROL_BUS_NAME, 0, on_name, control);
}

/*
 * At start, and CONTROL_RETRY_EACH after each attempt until the name is there: a socket that
 * appears in between is noticed at once, a bus that is there and silent is tried afresh.
 */
static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct control *control = userdata;

    (void)source;
    (void)usec;
    if (control->bus)
        bus_told(control, "D-Bus doesn't answer: is its daemon running?");
    bus_drop(control);
    if (bus_connect(control) < 0)
        bus_told(control, "D-Bus can't be reached: is DBUS_SYSTEM_BUS_ADDRESS right?");
    retry_arm(control, CONTROL_RETRY_EACH);
    return 0;
}

int control_new(sd_event *event, const struct control_calls *calls, void *application,
                struct control **ret)
{
    CLEANUP(cleanup_control) struct control *control = calloc(1, sizeof(*control));
    int r;

    if (!control)
        return -ENOMEM;
    control->event = sd_event_ref(event);
    control->calls = calls;
    control->application = application;
    r = sd_event_add_time_relative(event, &control->retry, CLOCK_MONOTONIC, 0, RETRY_ACCURACY,
                                   on_retry, control);
    if (r < 0)
        return r;
    (void)sd_event_source_set_priority(control->retry, CONTROL_PRIORITY);
    *ret = TAKE_PTR(control);
    return 0;
}

struct control *control_free(struct control *control)
{
    if (!control)
        return NULL;
    bus_drop(control);
    (void)sd_event_source_disable_unref(control->retry);
    (void)sd_event_unref(control->event);
    free(control);
    return NULL;
}

/* True if a signal has somewhere to go; a bus that takes nothing any more is given up. */
static bool bus_listens(struct control *control)
{
    uint64_t unsent = 0;

    if (!control->bus || sd_bus_is_ready(control->bus) <= 0)
        return false;
    if (sd_bus_get_n_queued_write(control->bus, &unsent) < 0 || unsent < CONTROL_UNSENT_MOST)
        return true;
    bus_give_up(control, 0, "D-Bus has stopped taking messages");
    return false;
}

void control_occupancy_changed(struct control *control)
{
    if (bus_listens(control))
        (void)sd_bus_emit_properties_changed(control->bus, CONTROL_PATH, CONTROL_INTERFACE,
                                             "Occupancy", "Capacity", NULL);
}

static void site_changed(struct control *control, const char *property)
{
    if (bus_listens(control))
        (void)sd_bus_emit_properties_changed(control->bus, CONTROL_PATH, CONTROL_INTERFACE,
                                             property, NULL);
}

void control_clock_changed(struct control *control)
{
    site_changed(control, "ClockTrusted");
}

void control_lockdown_changed(struct control *control)
{
    site_changed(control, "Lockdown");
}

void control_door_changed(struct control *control, size_t i)
{
    CLEANUP(cleanup_free) char *path = NULL;
    struct control_door door;

    if (!bus_listens(control))
        return;
    control->calls->door(control->application, i, &door);
    if (sd_bus_path_encode(CONTROL_DOOR_PATH, door.name, &path) >= 0)
        (void)sd_bus_emit_properties_changed(control->bus, path, CONTROL_DOOR, "Lock", "Contact",
                                             "Alarm", NULL);
}

void control_reader_changed(struct control *control, size_t i)
{
    CLEANUP(cleanup_free) char *path = NULL;
    struct control_reader reader;

    if (!bus_listens(control))
        return;
    control->calls->reader(control->application, i, &reader);
    if (sd_bus_path_encode(CONTROL_READER_PATH, reader.name, &path) >= 0)
        (void)sd_bus_emit_properties_changed(control->bus, path, CONTROL_READER, "State", "Tried",
                                             NULL);
}

void control_access(struct control *control, const struct event *event)
{
    if (bus_listens(control))
        (void)sd_bus_emit_signal(control->bus, CONTROL_PATH, CONTROL_INTERFACE, "Access", "sssss",
                                 event->door, event->reader,
                                 word_or_empty(result_word((enum result)event->result)),
                                 word_or_empty(reason_word((enum reason)event->reason)),
                                 word_or_empty(direction_word((enum direction)event->direction)));
}
