/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/doors.h"

#include "cantined/input.h"
#include "cantined/priority.h"
#include "door/actuator.h"
#include "util/log.h"

#include <errno.h>

#define PULSE_ACCURACY USEC_PER_MSEC

struct site_door {
    struct doors *doors;
    const struct config_door *config;
    struct door state;
    struct actuator *actuator;
    struct input contact, button;
    bool faulty;
    usec_t changed_at;
    sd_event_source *pulse_end;
};

struct doors {
    sd_event *event;
    const struct config *config;
    const struct doors_calls *calls;
    void *userdata;
    struct input fire;
    bool fire_faulty;
    size_t n;
    struct site_door door[CONFIG_DOORS_MOST];
};

static size_t door_index(const struct site_door *door)
{
    return (size_t)(door - door->doors->door);
}

/* --- what a change means ---------------------------------------------------------------------- */

static const char *door_fault(const struct site_door *door)
{
    const char *fault = actuator_fault(door->actuator);

    if (!fault)
        fault = input_fault(&door->contact);
    return fault ? fault : input_fault(&door->button);
}

/* Says a fault, and its end, once each. Returns true if that changed the alarm. */
static bool fault_update(struct site_door *door)
{
    const char *fault = door_fault(door);
    const char *fields[] = {"CANTINE_DOOR", door->config->name, NULL};

    if ((fault != NULL) == door->faulty)
        return false;
    door->faulty = fault != NULL;
    if (fault)
        log_fields(LOG_ERR, LOG_ID_DOOR_FAULT, fields, "door %s: %s", door->config->name, fault);
    else
        log_fields(LOG_NOTICE, LOG_ID_DOOR_WELL, fields, "door %s is well again",
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

/* Carries out what has changed, the relay first. One that doesn't take it leaves the door locked as
 * far as anybody knows. */
static int door_apply(struct site_door *door, unsigned changes)
{
    const struct doors *doors = door->doors;
    size_t i = door_index(door);
    int r = 0;

    if (changes & DOOR_WRITE)
        r = actuator_write(door->actuator, door_released(&door->state));
    if (r < 0)
        changes |= door_relock(&door->state) | DOOR_SHOWN;
    pulse_end_arm(door);
    if (changes & DOOR_OPENED)
        doors->calls->opened(doors->userdata, i);
    if (changes & (DOOR_FORCED | DOOR_HELD_OPEN))
        doors->calls->alarm(doors->userdata, i,
                            changes & DOOR_FORCED ? EVENT_FORCED : EVENT_HELD_OPEN);
    if (fault_update(door) || (changes & DOOR_SHOWN)) {
        door->changed_at = time_wall();
        doors->calls->changed(doors->userdata, i);
    }
    return r;
}

static int on_pulse_end(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct site_door *door = userdata;

    (void)source;
    (void)usec;
    (void)door_apply(door, door_advance(&door->state, time_monotonic()));
    return 0;
}

/* --- contact, button, fire -------------------------------------------------------------------- */

/* The contact closes with the door: active is closed. */
static void on_contact(void *userdata, enum input_level level)
{
    static const enum contact_state states[] = {[INPUT_UNKNOWN] = CONTACT_UNKNOWN,
                                                [INPUT_INACTIVE] = CONTACT_OPEN,
                                                [INPUT_ACTIVE] = CONTACT_CLOSED};
    struct site_door *door = userdata;

    (void)door_apply(door, door_contact(&door->state, time_monotonic(), states[level]));
}

static void on_button(void *userdata, enum input_level level)
{
    struct site_door *door = userdata;

    if (level == INPUT_ACTIVE)
        door->doors->calls->button(door->doors->userdata, door_index(door));
}

static void on_fire(void *userdata, enum input_level level)
{
    struct doors *doors = userdata;
    bool on = level == INPUT_ACTIVE;

    if (level == INPUT_UNKNOWN)
        return; /* what it said last holds: nothing locks a door because a wire burns */
    for (size_t i = 0; i < doors->n; i++)
        (void)door_apply(&doors->door[i], door_fire(&doors->door[i].state, time_monotonic(), on));
    doors->calls->fire(doors->userdata, on);
}

/* Says once each that the fire alarm can't be heard, and that it can. */
static void fire_fault_update(struct doors *doors)
{
    const char *fault = input_fault(&doors->fire);

    if ((fault != NULL) == doors->fire_faulty)
        return;
    doors->fire_faulty = fault != NULL;
    if (fault)
        log_line(LOG_ERR, LOG_ID_DOOR_FAULT, "the fire alarm cannot be heard: %s", fault);
    else
        log_line(LOG_NOTICE, LOG_ID_DOOR_WELL, "the fire alarm is heard again");
    doors->calls->fire_fault(doors->userdata, fault);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static int actuator_make(const struct config_door *config, struct actuator **ret)
{
    const struct config_line *line = &config->relay_line;
    /* Where current locks, the relay is switched the other way round. */
    const struct gpio_wish wish = {line->chip, line->line, line->active_low != config->fail_safe};

    switch (config->actuator) {
    case ACTUATOR_GPIO:
        return actuator_gpio_new(&wish, ret);
    case ACTUATOR_SERIAL_RELAY:
        return actuator_serial_relay_new(config->relay_path, config->relay_channel,
                                         config->fail_safe, ret);
    case ACTUATOR_VIRTUAL:
        break;
    }
    return actuator_virtual_new(ret);
}

static int door_start(struct site_door *door, sd_event *event)
{
    const struct door_settings settings = {
        .has_contact = door->config->contact.chip[0] != '\0',
        .relock_on_close = door->config->relock_on_close,
        .forced_alarm = door->config->forced_alarm,
        .held_open_after = door->config->held_open_after,
    };
    int r;

    door_init(&door->state, &settings);
    door->changed_at = time_wall();
    r = actuator_make(door->config, &door->actuator);
    if (r < 0)
        return r;
    (void)fault_update(door);
    r = sd_event_add_time(event, &door->pulse_end, CLOCK_MONOTONIC, 0, PULSE_ACCURACY, on_pulse_end,
                          door);
    if (r < 0)
        return r;
    (void)sd_event_source_set_enabled(door->pulse_end, SD_EVENT_OFF);
    return sd_event_source_set_priority(door->pulse_end, PRIORITY_PULSE_END);
}

int doors_new(const struct config *config, sd_event *event, const struct doors_calls *calls,
              void *userdata, struct doors **ret)
{
    CLEANUP(cleanup_doors) struct doors *doors = calloc(1, sizeof(*doors));

    if (!doors)
        return -ENOMEM;
    doors->event = event;
    doors->config = config;
    doors->calls = calls;
    doors->userdata = userdata;
    for (size_t i = 0; i < config->n_doors; i++) {
        int r;

        doors->door[i].doors = doors;
        doors->door[i].config = &config->doors[i];
        doors->n++;
        r = door_start(&doors->door[i], event);
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(doors);
    return 0;
}

void doors_listen(struct doors *doors)
{
    for (size_t i = 0; i < doors->n; i++) {
        struct site_door *door = &doors->door[i];

        input_init(&door->contact, &door->config->contact, doors->event, on_contact, door);
        input_init(&door->button, &door->config->exit_button, doors->event, on_button, door);
        (void)door_apply(door, DOOR_SAME);
    }
    input_init(&doors->fire, &doors->config->site.fire, doors->event, on_fire, doors);
    fire_fault_update(doors);
}

struct doors *doors_free(struct doors *doors)
{
    if (!doors)
        return NULL;
    input_done(&doors->fire);
    for (size_t i = 0; i < doors->n; i++) {
        input_done(&doors->door[i].contact);
        input_done(&doors->door[i].button);
        sd_event_source_disable_unref(doors->door[i].pulse_end);
        (void)actuator_free(doors->door[i].actuator);
    }
    free(doors);
    return NULL;
}

/* --- asked from outside ----------------------------------------------------------------------- */

size_t doors_count(const struct doors *doors)
{
    return doors->n;
}

void doors_view(const struct doors *doors, size_t i, struct door_view *ret)
{
    const struct site_door *door = &doors->door[i];
    enum door_alarm alarm = door_alarm(&door->state);

    *ret = (struct door_view){
        .name = door->config->name,
        .lock = door_lock(&door->state),
        .contact = door->state.contact,
        .alarm = alarm == ALARM_NONE && door->faulty ? ALARM_FAULTY : alarm,
        .fault = door->faulty ? door_fault(door) : NULL,
        .changed_at = door->changed_at,
    };
}

bool doors_any_unlocked(const struct doors *doors)
{
    for (size_t i = 0; i < doors->n; i++)
        if (doors->door[i].state.pulse_until)
            return true;
    return false;
}

bool doors_any_held(const struct doors *doors)
{
    for (size_t i = 0; i < doors->n; i++)
        if (door_lock(&doors->door[i].state) == LOCK_HELD)
            return true;
    return false;
}

int doors_unlock(struct doors *doors, size_t i, usec_t duration)
{
    struct site_door *door = &doors->door[i];

    if (duration == 0)
        duration = door->config->unlock;
    return door_apply(door, door_unlock(&door->state, time_monotonic(), duration));
}

int doors_hold(struct doors *doors, size_t i, usec_t until)
{
    struct site_door *door = &doors->door[i];

    if (door->state.lockdown)
        return -EPERM;
    return door_apply(door, door_hold(&door->state, time_monotonic(), until));
}

int doors_release(struct doors *doors, size_t i)
{
    struct site_door *door = &doors->door[i];

    return door_apply(door, door_release(&door->state, time_monotonic()));
}

void doors_schedule(struct doors *doors, size_t i, bool hold)
{
    struct site_door *door = &doors->door[i];

    if (!actuator_fault(door->actuator)) /* it begins again when the relay is back */
        (void)door_apply(door, door_schedule(&door->state, time_monotonic(), hold));
}

void doors_lockdown(struct doors *doors, bool on)
{
    for (size_t i = 0; i < doors->n; i++)
        (void)door_apply(&doors->door[i],
                         door_lockdown(&doors->door[i].state, time_monotonic(), on));
}

void doors_held_get(const struct doors *doors, struct doors_held *ret)
{
    ret->n = doors->n;
    for (size_t i = 0; i < doors->n; i++) {
        const struct door *state = &doors->door[i].state;

        (void)snprintf(ret->door[i].name, SLUG_SIZE, "%s", doors->door[i].config->name);
        ret->door[i].until = state->held_until;
        ret->door[i].schedule_released = state->schedule_released;
    }
}

void doors_resume(struct doors *doors, const struct doors_held *held)
{
    usec_t now = time_monotonic();

    for (size_t i = 0; i < doors->n; i++) {
        struct site_door *door = &doors->door[i];
        size_t k = 0;

        while (k < held->n && !streq(held->door[k].name, door->config->name))
            k++;
        if (k == held->n)
            continue;
        (void)door_apply(door, door_resume(&door->state, now, held->door[k].until,
                                           held->door[k].schedule_released));
    }
}

void doors_mend(struct doors *doors)
{
    input_mend(&doors->fire);
    fire_fault_update(doors);
    for (size_t i = 0; i < doors->n; i++) {
        struct site_door *door = &doors->door[i];
        unsigned changes = DOOR_SAME;

        input_mend(&door->contact);
        input_mend(&door->button);
        /* A device that has gone took its pulse with it: what comes back is written locked, and
         * then released only by a fire or the schedule. */
        if (actuator_mend(door->actuator) < 0)
            changes = door_relock(&door->state);
        else if (door->faulty)
            changes = door_advance(&door->state, time_monotonic());
        (void)door_apply(door, changes);
    }
}
