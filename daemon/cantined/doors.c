/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/doors.h"

#include "cantined/priority.h"
#include "door/actuator.h"
#include "door/gpio.h"
#include "util/log.h"

#include <errno.h>

#define PULSE_ACCURACY USEC_PER_MSEC

struct site_door {
    struct doors *doors;
    const struct config_door *config;
    struct door state;
    struct actuator *actuator;
    enum door_alarm alarm;
    usec_t changed_at;
    sd_event_source *pulse_end;
};

struct doors {
    size_t n;
    doors_changed_t changed;
    void *userdata;
    struct site_door door[CONFIG_DOORS_MOST];
};

static void door_changed(struct site_door *door)
{
    door->changed_at = time_wall();
    door->doors->changed(door->doors->userdata, (size_t)(door - door->doors->door));
}

/* Says a fault, and its end, once each. Returns true if that changed the alarm. */
static bool alarm_update(struct site_door *door)
{
    const char *fault = actuator_fault(door->actuator);
    const char *fields[] = {"CANTINE_DOOR", door->config->name, NULL};

    if ((fault != NULL) == (door->alarm == ALARM_FAULTY))
        return false;
    door->alarm = fault ? ALARM_FAULTY : ALARM_NONE;
    if (fault)
        log_fields(LOG_ERR, LOG_ID_DOOR_FAULT, fields, "door %s: %s", door->config->name, fault);
    else
        log_fields(LOG_NOTICE, LOG_ID_DOOR_WELL, fields, "door %s: its relay is back, locked",
                   door->config->name);
    return true;
}

static void pulse_end_arm(struct site_door *door)
{
    usec_t next = door_next(&door->state);

    if (next == USEC_INFINITY) {
        (void)sd_event_source_set_enabled(door->pulse_end, SD_EVENT_OFF);
        return;
    }
    (void)sd_event_source_set_time(door->pulse_end, next);
    (void)sd_event_source_set_enabled(door->pulse_end, SD_EVENT_ONESHOT);
}

/* Carries one action out. A relay that doesn't take it leaves the door locked as far as anybody
 * knows. */
static int door_act(struct site_door *door, enum door_action action)
{
    int r;

    if (action == DOOR_NOTHING)
        return 0;
    r = actuator_write(door->actuator, action == DOOR_WRITE_UNLOCKED);
    if (r < 0)
        door_init(&door->state);
    (void)alarm_update(door);
    pulse_end_arm(door);
    door_changed(door);
    return r;
}

static int on_pulse_end(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct site_door *door = userdata;

    (void)source;
    (void)usec;
    (void)door_act(door, door_advance(&door->state, time_monotonic()));
    pulse_end_arm(door); /* again, if it woke too early */
    return 0;
}

static int actuator_make(const struct config_door *config, struct actuator **ret)
{
    const struct config_line *line = &config->relay_line;

    switch (config->actuator) {
    case ACTUATOR_VIRTUAL:
        return actuator_virtual_new(ret);
    case ACTUATOR_SERIAL_RELAY:
        return actuator_serial_relay_new(config->relay_path, config->relay_channel, ret);
    case ACTUATOR_GPIO:
        return actuator_gpio_new(&(struct gpio_wish){line->chip, line->line, line->active_low},
                                 ret);
    }
    return -EINVAL;
}

static int door_start(struct site_door *door, sd_event *event, char *error, size_t size)
{
    int r;

    door_init(&door->state);
    door->changed_at = time_wall();
    r = actuator_make(door->config, &door->actuator);
    if (r < 0) {
        (void)snprintf(error, size, "[door %s] actuator: %s", door->config->name, strerror(-r));
        return r;
    }
    (void)alarm_update(door);
    r = sd_event_add_time(event, &door->pulse_end, CLOCK_MONOTONIC, 0, PULSE_ACCURACY, on_pulse_end,
                          door);
    if (r < 0)
        return r;
    (void)sd_event_source_set_enabled(door->pulse_end, SD_EVENT_OFF);
    return sd_event_source_set_priority(door->pulse_end, PRIORITY_PULSE_END);
}

int doors_new(const struct config *config, sd_event *event, doors_changed_t changed, void *userdata,
              struct doors **ret, char *error, size_t size)
{
    CLEANUP(cleanup_doors) struct doors *doors = calloc(1, sizeof(*doors));

    if (!doors)
        return -ENOMEM;
    doors->changed = changed;
    doors->userdata = userdata;
    for (size_t i = 0; i < config->n_doors; i++) {
        int r;

        doors->door[i].doors = doors;
        doors->door[i].config = &config->doors[i];
        doors->n++;
        r = door_start(&doors->door[i], event, error, size);
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(doors);
    return 0;
}

struct doors *doors_free(struct doors *doors)
{
    if (!doors)
        return NULL;
    for (size_t i = 0; i < doors->n; i++) {
        sd_event_source_disable_unref(doors->door[i].pulse_end);
        (void)actuator_free(doors->door[i].actuator);
    }
    free(doors);
    return NULL;
}

size_t doors_count(const struct doors *doors)
{
    return doors->n;
}

void doors_view(const struct doors *doors, size_t i, struct door_view *ret)
{
    const struct site_door *door = &doors->door[i];

    *ret = (struct door_view){
        .name = door->config->name,
        .lock = door->state.lock,
        .contact = CONTACT_UNKNOWN,
        .alarm = door->alarm,
        .changed_at = door->changed_at,
    };
}

bool doors_any_unlocked(const struct doors *doors)
{
    for (size_t i = 0; i < doors->n; i++)
        if (doors->door[i].state.lock == LOCK_UNLOCKED)
            return true;
    return false;
}

int doors_unlock(struct doors *doors, size_t i, usec_t duration)
{
    struct site_door *door = &doors->door[i];

    if (duration == 0)
        duration = door->config->unlock;
    return door_act(door, door_unlock(&door->state, time_monotonic(), duration));
}

void doors_mend(struct doors *doors)
{
    for (size_t i = 0; i < doors->n; i++) {
        struct site_door *door = &doors->door[i];

        /* A device that has gone took its pulse with it: what comes back is written locked. */
        if (actuator_mend(door->actuator) < 0)
            door_init(&door->state);
        if (!alarm_update(door))
            continue;
        pulse_end_arm(door);
        door_changed(door);
    }
}
