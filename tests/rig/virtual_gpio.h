/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * GPIO chips without a kernel: open(), scandir(), ioctl(), read() and close() as the program under
 * test calls them, for /dev/gpiochip*. A chip is a file "gpiochipN" in the directory
 * $CANTINE_VIRTUAL_GPIO, mapped by everybody who has it open: the program, and the test, which sees
 * there each level that was ever driven (rig/gpio.py knows this layout). A unit test links it, any
 * other program gets it by LD_PRELOAD. Behaves as drivers/gpio/gpiolib-cdev.c does, but for the
 * debouncing, which is only noted, and for poll(), which an edge wakes and a lost chip alone
 * doesn't.
 */

#include <stdint.h>

#define VIRTUAL_GPIO_DIRECTORY "CANTINE_VIRTUAL_GPIO"
#define VIRTUAL_LINES_MOST     32
#define VIRTUAL_CHANGES_MOST   1024

struct virtual_line {
    char name[32];
    char consumer[32]; /* empty = free */
    uint32_t holder;   /* a process; 0 = whoever, for ever */
    uint32_t level;    /* on the wire: 1 = high */
    uint32_t output;
    uint32_t active_low;
    uint32_t debounce; /* µs that were asked for */
    uint32_t seqno;    /* of the newest edge */
    uint32_t kept;     /* by the kernel, under no name: a pin that has another function */
};

/* A level was driven. */
struct virtual_change {
    uint64_t at; /* µs of CLOCK_MONOTONIC */
    uint32_t line, level;
};

struct virtual_chip {
    char label[32];
    uint32_t gone; /* its driver was unbound */
    uint32_t n_lines, n_changes, edgeless;
    struct virtual_line lines[VIRTUAL_LINES_MOST];
    struct virtual_change changes[VIRTUAL_CHANGES_MOST];
};

/* Makes the chip's file and maps it; for the unit tests. */
struct virtual_chip *virtual_chip_plug(int number, const char *label, unsigned lines);

/* The chip goes: its file, and every line that somebody has. Unmaps it. */
void virtual_chip_unplug(int number, struct virtual_chip *chip);

/* The wire of a line that was requested as an input changes; `skipped` edges were lost before. */
void virtual_line_edge(int number, struct virtual_chip *chip, unsigned line, unsigned level,
                       unsigned skipped);
