/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A relay on a GPIO line: active is unlocked. The line is asked for at its inactive level, also
 * when its chip comes back; whoever asks for it before, or takes the chip away, makes a fault until
 * the line is to be had.
 */

#include "door/actuator.h"
#include "door/gpio.h"
#include "util/told.h"

#include <errno.h>

struct relay_line {
    char *chip, *line;
    bool active_low;
    struct gpio *gpio; /* NULL while it is not to be had */
    char fault[GPIO_ERROR_SIZE];
};

static int line_take(struct relay_line *relay)
{
    struct gpio_wish wish = {relay->chip, relay->line, relay->active_low};
    int r = gpio_output_new(&wish, false, &relay->gpio, relay->fault);

    if (r == 0)
        relay->fault[0] = '\0';
    return r;
}

/* A line that does not answer is given back: it is asked for afresh, and locked, at the next mend.
 */
static int line_lose(struct relay_line *relay, int error)
{
    relay->gpio = gpio_free(relay->gpio);
    if (error == -ENODEV)
        (void)snprintf(relay->fault, sizeof(relay->fault),
                       TOLD("line %.60s of %.100s has gone: is its GPIO chip there?"), relay->line,
                       relay->chip);
    else
        (void)snprintf(relay->fault, sizeof(relay->fault),
                       TOLD("line %.60s of %.100s does not obey: %s"), relay->line, relay->chip,
                       strerror(-error));
    return error;
}

static int relay_write(void *state, bool unlocked)
{
    struct relay_line *relay = state;
    int r = relay->gpio ? gpio_write(relay->gpio, unlocked) : -ENODEV;

    return r < 0 && relay->gpio ? line_lose(relay, r) : r;
}

/* A chip that has gone says so to whatever it is asked (error-codes.rst, ENODEV); that it cannot
 * read an output back, as a shift register cannot, is no fault. */
static int relay_mend(void *state)
{
    struct relay_line *relay = state;

    if (!relay->gpio)
        return line_take(relay);
    return gpio_read(relay->gpio) == -ENODEV ? line_lose(relay, -ENODEV) : 0;
}

static const char *relay_fault(const void *state)
{
    const struct relay_line *relay = state;

    return relay->fault[0] ? relay->fault : NULL;
}

static void relay_free(void *state)
{
    struct relay_line *relay = state;

    (void)gpio_free(relay->gpio);
    free(relay->chip);
    free(relay->line);
    free(relay);
}

int actuator_gpio_new(const struct gpio_wish *wish, struct actuator **ret)
{
    static const struct actuator_kind kind = {relay_write, relay_mend, relay_fault, relay_free};
    struct relay_line *relay = calloc(1, sizeof(*relay));

    if (!relay)
        return -ENOMEM;
    relay->active_low = wish->active_low;
    relay->chip = strdup(wish->chip);
    relay->line = strdup(wish->line);
    if (!relay->chip || !relay->line) {
        relay_free(relay);
        return -ENOMEM;
    }
    (void)line_take(relay); /* a line that is not to be had is a fault, not a failure */
    return actuator_new(&kind, relay, ret);
}
