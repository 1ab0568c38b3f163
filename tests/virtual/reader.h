/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The whole reader: chip, field and line joined. Between chip and line stands transmit() in
 * reader.c, through which every message passes on its way past the fault (fault.h).
 */
#include <stdbool.h>
#include <stdint.h>

#include "virtual/chip.h"
#include "virtual/fault.h"
#include "virtual/field.h"
#include "virtual/line.h"

struct reader {
    struct field field;
    struct chip chip;
    struct line line;
    struct fault fault;
    bool verbose; /* frames as hex on stderr */
};

/* An unplugged reader; -ENAMETOOLONG if `link` is too long. `speed` is in baud, not 0. */
int reader_init(struct reader *reader, const char *link, unsigned speed, bool verbose);

/* Connects the line, with a chip fresh from power-up. Badges stay. Errors as line_plug(). */
int reader_plug(struct reader *reader);

/* Hangs up. */
void reader_unplug(struct reader *reader);

static inline bool reader_is_plugged(const struct reader *reader)
{
    return reader->line.master >= 0;
}

/* Does everything that is due up to `now`, in the order of time. Call before changing the field. */
void reader_advance(struct reader *reader, uint64_t now);

/* The fault is over and what it left on the wire is gone. */
void reader_heal(struct reader *reader);

/* When reader_advance() has something to do next; TIME_NEVER if only the host or a badge can tell.
 */
uint64_t reader_deadline(const struct reader *reader);
