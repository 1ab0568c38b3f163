/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The serial line: a pseudo-terminal, a symbolic link to it, and the time that bytes take. A pty
 * would deliver a frame at once; here each byte arrives, in both directions, when a real line would
 * have carried it. Bytes that nobody reads are lost, as on a real line. Never blocks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtual/frame.h"

/* Bytes from the host that are still "on the wire"; more at once is an overrun and lost. */
#define LINE_INPUT_MAX 1024

/* Transmissions towards the host that wait for the wire. */
#define LINE_OUTPUT_MAX 8

#define LINE_PATH_MAX 256

struct line_transmission {
    uint64_t start; /* when its first bit leaves */
    uint64_t byte_ns;
    size_t length, sent;
    uint8_t bytes[FRAME_WIRE_MAX];
};

struct line {
    uint64_t byte_ns;
    int master;             /* negative = unplugged */
    unsigned times_plugged; /* tells a new terminal from an old one with the same descriptor */
    char path[LINE_PATH_MAX];
    char terminal[64]; /* /dev/pts/N */
    bool host_present; /* false once the last host has closed the terminal */

    struct {
        uint8_t byte;
        uint64_t at; /* when it has arrived completely */
    } input[LINE_INPUT_MAX];
    size_t input_first, input_count;
    uint64_t input_free;

    struct line_transmission output[LINE_OUTPUT_MAX];
    size_t output_first, output_count;
    uint64_t output_free;
};

/* An unplugged line at `speed` baud whose link will be `path`. -ENAMETOOLONG if that is too long.
 */
int line_init(struct line *line, const char *path, unsigned speed);

/**
 * Opens a terminal and points the link to it. A link left behind by another reader is replaced;
 * -EEXIST if something else has that name. Other negative errnos as the system gives them.
 */
int line_plug(struct line *line);

/* Closes the terminal (the host sees a hang-up), removes the link, forgets what was on the wire. */
void line_unplug(struct line *line);

/**
 * Reads what the host has written, at `now`. Must be called on each edge of readability. Returns
 * the number of bytes read into `raw` (for a log), 0 if there was nothing.
 */
size_t line_read(struct line *line, uint64_t now, uint8_t raw[static LINE_INPUT_MAX]);

/* The next byte of the host that has arrived by `now`; false if there is none. */
bool line_next_byte(struct line *line, uint64_t now, uint8_t *ret_byte, uint64_t *ret_at);

/* Queues bytes for the host, to leave at `at` or when the wire is free. Dropped if the queue is
 * full. `byte_ns` 0 is the line's own speed; slower bytes arrive one by one. */
void line_send(struct line *line, const uint8_t *bytes, size_t length, uint64_t at,
               uint64_t byte_ns);

/* Forgets what is queued for the host: the wire is free. */
void line_hush(struct line *line);

/* Hands over the bytes that have arrived at the host's side by `now`. */
void line_deliver(struct line *line, uint64_t now);

/* When line_next_byte() or line_deliver() has something to do; TIME_NEVER if nothing. */
uint64_t line_deadline(const struct line *line);
