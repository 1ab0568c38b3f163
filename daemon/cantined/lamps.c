/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/lamps.h"

#include "cantined/priority.h"
#include "door/gpio.h"
#include "util/log.h"

#include <errno.h>

#define STEP_ACCURACY (5 * USEC_PER_MSEC)

struct lamp_line {
    const struct config_line *line;
    struct gpio *gpio;
    bool told; /* that it can't be had */
};

struct reader_lamps {
    const char *name;
    struct lamp_line lines[LAMPS]; /* in the order of enum lamp */
    enum signal signal, rest;
    usec_t began; /* monotonic */
    unsigned lit;
    sd_event_source *step;
};

struct lamps {
    size_t n;
    struct reader_lamps readers[CONFIG_READERS_MOST];
};

static void line_open(struct reader_lamps *reader, struct lamp_line *lamp)
{
    const struct gpio_wish wish = {lamp->line->chip, lamp->line->line, lamp->line->active_low};
    const char *fields[] = {"CANTINE_READER", reader->name, NULL};
    char error[GPIO_ERROR_SIZE];

    if (!lamp->line->chip[0] || lamp->gpio)
        return;
    if (gpio_output_new(&wish, false, &lamp->gpio, error) == 0) {
        lamp->told = false;
        return;
    }
    if (!lamp->told)
        log_fields(LOG_WARNING, LOG_ID_LAMP_FAULT, fields, "reader %s: a lamp: %s", reader->name,
                   error);
    lamp->told = true;
}

static void lamps_light(struct reader_lamps *reader, unsigned lit)
{
    for (size_t i = 0; i < LAMPS; i++) {
        struct lamp_line *lamp = &reader->lines[i];

        if (lamp->gpio && ((lit ^ reader->lit) & 1U << i) &&
            gpio_write(lamp->gpio, lit & 1U << i) < 0)
            lamp->gpio = gpio_free(lamp->gpio);
    }
    reader->lit = lit;
}

/* Lights what the signal shows now, and comes again when that changes. */
static void lamps_play(struct reader_lamps *reader)
{
    usec_t now = time_monotonic(), next;

    if (signal_over(reader->signal, now - reader->began)) {
        reader->signal = reader->rest;
        reader->began = now;
    }
    lamps_light(reader, signal_lamps(reader->signal, now - reader->began, &next));
    if (next == USEC_INFINITY) {
        (void)sd_event_source_set_enabled(reader->step, SD_EVENT_OFF);
        return;
    }
    (void)sd_event_source_set_time(reader->step, now + next);
    (void)sd_event_source_set_enabled(reader->step, SD_EVENT_ONESHOT);
}

static int on_step(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    lamps_play(userdata);
    return 0;
}

static bool has_lamps(const struct reader_lamps *reader)
{
    for (size_t i = 0; i < LAMPS; i++)
        if (reader->lines[i].line->chip[0])
            return true;
    return false;
}

int lamps_new(const struct config *config, sd_event *event, struct lamps **ret)
{
    CLEANUP(cleanup_lamps) struct lamps *lamps = calloc(1, sizeof(*lamps));

    if (!lamps)
        return -ENOMEM;
    for (size_t i = 0; i < config->n_readers; i++) {
        const struct config_reader *reader = &config->readers[i];
        int r;

        lamps->readers[i] = (struct reader_lamps){
            .name = reader->name,
            .lines = {{.line = &reader->led_green},
                      {.line = &reader->led_red},
                      {.line = &reader->buzzer}},
        };
        lamps->n++;
        r = sd_event_add_time(event, &lamps->readers[i].step, CLOCK_MONOTONIC, 0, STEP_ACCURACY,
                              on_step, &lamps->readers[i]);
        if (r < 0)
            return r;
        (void)sd_event_source_set_enabled(lamps->readers[i].step, SD_EVENT_OFF);
        (void)sd_event_source_set_priority(lamps->readers[i].step, PRIORITY_READER);
    }
    lamps_mend(lamps);
    *ret = TAKE_PTR(lamps);
    return 0;
}

struct lamps *lamps_free(struct lamps *lamps)
{
    if (!lamps)
        return NULL;
    for (size_t i = 0; i < lamps->n; i++) {
        lamps_light(&lamps->readers[i], 0);
        sd_event_source_disable_unref(lamps->readers[i].step);
        for (size_t k = 0; k < LAMPS; k++)
            (void)gpio_free(lamps->readers[i].lines[k].gpio);
    }
    free(lamps);
    return NULL;
}

void lamps_show(struct lamps *lamps, size_t i, enum signal signal)
{
    struct reader_lamps *reader = &lamps->readers[i];

    if (!has_lamps(reader))
        return;
    reader->signal = signal;
    reader->began = time_monotonic();
    lamps_play(reader);
}

void lamps_rest(struct lamps *lamps, size_t i, enum signal signal)
{
    lamps->readers[i].rest = signal;
    lamps_show(lamps, i, signal);
}

void lamps_mend(struct lamps *lamps)
{
    for (size_t i = 0; i < lamps->n; i++)
        for (size_t k = 0; k < LAMPS; k++)
            line_open(&lamps->readers[i], &lamps->readers[i].lines[k]);
}
