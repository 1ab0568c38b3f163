/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Something that hangs on a GPIO input: a door's contact, an exit button, the fire alarm. Its owner
 * is told each change of its level. A line that can't be had, or whose chip has gone, is a fault in
 * words and is tried again at each mend.
 */

#include "config/config.h"
#include "door/gpio.h"

#include <systemd/sd-event.h>

#define INPUT_DEBOUNCE (30 * USEC_PER_MSEC)

enum input_level { INPUT_UNKNOWN, INPUT_INACTIVE, INPUT_ACTIVE };

struct input {
    sd_event *event;
    const struct config_line *line;
    struct gpio *gpio;
    sd_event_source *source;
    enum input_level level;
    void (*changed)(void *userdata, enum input_level level);
    void *userdata;
    char fault[GPIO_ERROR_SIZE];
};

/* Begins to listen; `line` must outlive it. Nothing is done where no line is configured. */
void input_init(struct input *input, const struct config_line *line, sd_event *event,
                void (*changed)(void *userdata, enum input_level level), void *userdata);
void input_done(struct input *input);

/* Once a second: looks for a line that is missing. */
void input_mend(struct input *input);

/* What is wrong, for people; NULL when all is well. */
const char *input_fault(const struct input *input);
