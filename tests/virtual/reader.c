/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chip and line, joined. See reader.h.
 */
#include "virtual/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/macro.h"
#include "virtual/timing.h"

static void reader_log(const struct reader *reader, const char *direction, const uint8_t *bytes,
                       size_t length, uint64_t at)
{
    if (!reader->verbose)
        return;
    fprintf(stderr, "%" PRIu64 ".%06" PRIu64 " %s", at / NS_PER_S, at % NS_PER_S / NS_PER_US,
            direction);
    for (size_t i = 0; i < length; i++)
        fprintf(stderr, " %02X", bytes[i]);
    fputc('\n', stderr);
}

static void sound_send(struct reader *reader, const struct fault_sound *sound)
{
    reader_log(reader, "chip >", sound->bytes, sound->length, sound->at);
    line_send(&reader->line, sound->bytes, sound->length, sound->at, sound->byte_ns);
}

/* From the chip to the line: a message becomes bytes with a moment to leave. */
static void transmit(void *userdata, const struct chip_message *message)
{
    struct reader *reader = userdata;
    struct fault_sound sounds[FAULT_SOUNDS_MOST];
    size_t n = fault_spoil(&reader->fault, message, sounds);

    for (size_t i = 0; i < n; i++)
        sound_send(reader, &sounds[i]);
}

int reader_init(struct reader *reader, const char *link, unsigned speed, bool verbose)
{
    *reader = (struct reader){.verbose = verbose};
    return line_init(&reader->line, link, speed);
}

int reader_plug(struct reader *reader)
{
    chip_init(&reader->chip, &reader->field, reader->line.byte_ns, transmit, reader);
    return line_plug(&reader->line);
}

void reader_unplug(struct reader *reader)
{
    line_unplug(&reader->line);
    reader->chip.job.kind = CHIP_JOB_NONE;
    field_switch(&reader->field, false);
}

/* A wire that is never silent: the next burst follows the last one. */
static void reader_flood(struct reader *reader, uint64_t now)
{
    struct fault_sound noise;

    if (!reader->line.host_present || reader->line.output_count > 0)
        return;
    if (!fault_noise(&reader->fault, &noise))
        return;
    noise.at = now;
    sound_send(reader, &noise);
}

void reader_advance(struct reader *reader, uint64_t now)
{
    uint8_t raw[LINE_INPUT_MAX], byte;
    size_t length = line_read(&reader->line, now, raw);
    uint64_t at;

    if (length > 0)
        reader_log(reader, "host <", raw, length, now);
    while (line_next_byte(&reader->line, now, &byte, &at))
        chip_receive(&reader->chip, byte, at);
    chip_advance(&reader->chip, now);
    line_deliver(&reader->line, now);
    reader_flood(reader, now);
}

void reader_heal(struct reader *reader)
{
    fault_set(&reader->fault, FAULT_NONE, -1, 0, 0);
    line_hush(&reader->line);
}

uint64_t reader_deadline(const struct reader *reader)
{
    return MIN_OF(line_deadline(&reader->line), chip_deadline(&reader->chip));
}
