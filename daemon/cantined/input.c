/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/input.h"

#include "cantined/priority.h"
#include "util/told.h"

#include <sys/epoll.h>

static void level_take(struct input *input, enum input_level level)
{
    if (level == input->level)
        return;
    input->level = level;
    input->changed(input->userdata, level);
}

static void input_lose(struct input *input, const char *why)
{
    input->source = sd_event_source_disable_unref(input->source);
    input->gpio = gpio_free(input->gpio);
    (void)snprintf(input->fault, sizeof(input->fault), "%s", why);
    level_take(input, INPUT_UNKNOWN);
}

static int on_edge(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct input *input = userdata;
    bool active;
    usec_t at;
    int r;

    (void)source;
    (void)fd;
    (void)events;
    while ((r = gpio_edge(input->gpio, &active, &at)) > 0)
        level_take(input, active ? INPUT_ACTIVE : INPUT_INACTIVE);
    if (r < 0)
        input_lose(input, TOLD("its GPIO chip has gone"));
    return 0;
}

static void input_open(struct input *input)
{
    const struct gpio_wish wish = {input->line->chip, input->line->line, input->line->active_low};
    int r = gpio_input_new(&wish, INPUT_DEBOUNCE, &input->gpio, input->fault);

    if (r < 0)
        return;
    r = sd_event_add_io(input->event, &input->source, gpio_fd(input->gpio), EPOLLIN, on_edge,
                        input);
    if (r >= 0)
        r = sd_event_source_set_priority(input->source, PRIORITY_READER);
    if (r >= 0)
        r = gpio_read(input->gpio);
    if (r < 0) {
        input_lose(input, TOLD("its GPIO line cannot be read"));
        return;
    }
    input->fault[0] = '\0';
    level_take(input, r > 0 ? INPUT_ACTIVE : INPUT_INACTIVE);
}

void input_init(struct input *input, const struct config_line *line, sd_event *event,
                void (*changed)(void *userdata, enum input_level level), void *userdata)
{
    *input = (struct input){.event = event, .line = line, .changed = changed, .userdata = userdata};
    input_mend(input);
}

void input_done(struct input *input)
{
    input->source = sd_event_source_disable_unref(input->source);
    input->gpio = gpio_free(input->gpio);
}

void input_mend(struct input *input)
{
    if (!input->line->chip[0])
        return;
    if (!input->gpio)
        input_open(input);
    else if (gpio_read(input->gpio) < 0)
        input_lose(input, TOLD("its GPIO chip has gone"));
}

const char *input_fault(const struct input *input)
{
    return input->fault[0] ? input->fault : NULL;
}
