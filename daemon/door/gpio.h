/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One line of a GPIO chip, by the kernel's own interface (uAPI v2, <linux/gpio.h>:
 * Documentation/userspace-api/gpio): one that a relay or a lamp hangs on, or one that a contact or
 * a button hangs on. "Active" is the logical level: what is wired active-low is turned round by the
 * kernel. The only user of <linux/gpio.h>.
 */

#include "util/time.h"

#define GPIO_ERROR_SIZE 256
#define GPIO_CHIP_SIZE  32 /* of the kernel's name for a chip */

/* Which line: `chip` is a label ("pinctrl-bcm2711") or a path, `line` a number or a name. */
struct gpio_wish {
    const char *chip, *line;
    bool active_low;
};

/* The one line that is meant, however its wish is written. */
struct gpio_spot {
    char chip[GPIO_CHIP_SIZE]; /* "gpiochip0" */
    uint32_t line;
};

struct gpio;

/*
 * Only looks: no line is requested, nothing moves. 0 and which line it is, or the error that a
 * request would end in, with its words. A line that a cantined has is as good as a free one: who
 * asks is another.
 */
int gpio_look(const struct gpio_wish *wish, struct gpio_spot *ret,
              char error[static GPIO_ERROR_SIZE]);

/*
 * Requests the line as an output at `active`, from the first moment on. -ENODEV: no such chip,
 * -ENOENT: it has no such line, -EBUSY: somebody else has it (`error`, of GPIO_ERROR_SIZE, says
 * who), and what to do.
 */
int gpio_output_new(const struct gpio_wish *wish, bool active, struct gpio **ret,
                    char error[static GPIO_ERROR_SIZE]);

/* Requests the line as an input with the kernel's debounce (`debounce` µs) and both its edges. */
int gpio_input_new(const struct gpio_wish *wish, usec_t debounce, struct gpio **ret,
                   char error[static GPIO_ERROR_SIZE]);

/* Gives the line back; its level is the kernel's from then on. */
struct gpio *gpio_free(struct gpio *gpio);

/* Sets an output. A negative errno when the chip has gone (-ENODEV). */
int gpio_write(struct gpio *gpio, bool active);

/* 1 = active, 0 = inactive, or a negative errno. */
int gpio_read(struct gpio *gpio);

/* An input's descriptor: readable when there are edges. */
int gpio_fd(const struct gpio *gpio);

/*
 * The next edge: 1 and the level after it (`at` on the monotonic clock, µs), 0 when there is none,
 * or a negative errno (-ENODEV when the chip has gone). After edges that the kernel had to drop,
 * the last one is the level read afresh.
 */
int gpio_edge(struct gpio *gpio, bool *ret_active, usec_t *ret_at);

DEFINE_CLEANUP(struct gpio *, cleanup_gpio, gpio_free);
