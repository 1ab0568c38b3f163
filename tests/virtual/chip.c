/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The chip between line and commands: waking up, acknowledging, cancelling, repeating.
 */
#include "virtual/chip.h"

#include <string.h>

#include "virtual/chip_air.h"
#include "virtual/chip_command.h"
#include "virtual/timing.h"

/* Any rising edge on the line wakes the chip; hosts send this byte. UM0701-02, 7.2.11 "PowerDown".
 */
#define WAKE_UP_BYTE 0x55

void chip_init(struct chip *chip, struct field *field, uint64_t byte_ns, chip_send_fn send,
               void *userdata)
{
    *chip = (struct chip){
        .field = field,
        .send = send,
        .userdata = userdata,
        .byte_ns = byte_ns,
        .parameters = CHIP_PARAMETERS_DEFAULT,
        .activation_retries = CHIP_RETRIES_ENDLESS,
        .timeout_code = AIR_TIMEOUT_DEFAULT,
    };
    chip_forget_targets(chip);
    field_switch(field, false);
}

static void chip_send_bare(struct chip *chip, enum chip_message_kind kind, uint8_t command,
                           uint64_t at)
{
    struct chip_message message = {.kind = kind, .command = command, .at = at};

    chip->send(chip->userdata, &message);
}

void chip_answer(struct chip *chip, uint8_t command, uint64_t at)
{
    struct chip_message *message = &chip->last_answer;

    *message = (struct chip_message){.kind = CHIP_ANSWER, .command = command, .at = at};
    message->payload[0] = FRAME_TFI_CHIP;
    message->payload[1] = command + 1;
    memcpy(message->payload + 2, chip->reply, chip->reply_length);
    message->length = 2 + chip->reply_length;
    chip->send(chip->userdata, message);
}

/*
 * A new command cancels the one that is still at work, whose answer is then never sent (6.2.2.1,
 * "abort"). What has been answered already is on the line and still arrives.
 */
static void chip_obey(struct chip *chip, const uint8_t *payload, size_t length, uint64_t at)
{
    uint64_t begin = at + FRAME_ACK_LENGTH * chip->byte_ns; /* the ACK goes out first */
    uint8_t command = length < 2 ? 0 : payload[1];

    chip->job.kind = CHIP_JOB_NONE;
    chip->reply_length = 0;
    chip_send_bare(chip, CHIP_ACK, command, at);

    if (length < 2 || payload[0] != FRAME_TFI_HOST) {
        chip_send_bare(chip, CHIP_SYNTAX_ERROR, command, begin);
        return;
    }
    switch (chip_command_run(chip, command, payload + 2, length - 2, begin)) {
    case CHIP_COMMAND_DONE:
        chip_answer(chip, command, begin);
        break;
    case CHIP_COMMAND_AT_WORK:
        break;
    case CHIP_COMMAND_INVALID:
        chip_send_bare(chip, CHIP_SYNTAX_ERROR, command, begin);
        break;
    }
}

void chip_receive(struct chip *chip, uint8_t byte, uint64_t at)
{
    chip_advance(chip, at);

    if (!chip->awake) {
        if (byte == WAKE_UP_BYTE && !chip->deaf) {
            chip->awake = true;
            chip->parser = (struct frame_parser){0};
        }
        return;
    }

    switch (frame_parser_feed(&chip->parser, byte)) {
    case FRAME_INFORMATION:
        chip_obey(chip, chip->parser.payload, chip->parser.payload_length, at);
        break;
    case FRAME_ACK: /* the host aborts */
        chip->job.kind = CHIP_JOB_NONE;
        break;
    case FRAME_NACK:
        if (chip->last_answer.length > 0 && chip->job.kind == CHIP_JOB_NONE) {
            chip->last_answer.at = at;
            chip->send(chip->userdata, &chip->last_answer);
        }
        break;
    case FRAME_BROKEN: /* no ACK: after 15 ms without one the host should repeat; 6.2.3 */
    case FRAME_NOTHING:
        break;
    }
}

void chip_advance(struct chip *chip, uint64_t now)
{
    chip_air_advance(chip, now);
}

uint64_t chip_deadline(const struct chip *chip)
{
    return chip_air_deadline(chip);
}
