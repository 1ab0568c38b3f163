/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The PN532 itself: takes the bytes of the host one by one, each with the moment at which it
 * arrived, and sends messages, each with the moment at which it may leave. It knows neither
 * descriptors nor clocks, so that a test can drive it through any moment that it likes.
 *
 * Follows UM0701-02 "PN532 User Manual" (firmware 1.6), 6.2 "Host controller communication
 * protocol" and 7 "Commands supported", as far as a reader of ISO 14443 badges needs it. The
 * commands are in chip_command.c, what happens on the air in chip_air.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtual/field.h"
#include "virtual/frame.h"

/* A PN532 keeps two activated targets at once. UM0701-02, 7.3.5 "InListPassiveTarget". */
#define CHIP_TARGETS_MAX 2

/* Command data or answer data, without TFI and command code. */
#define CHIP_DATA_MAX (FRAME_PAYLOAD_MAX - 2)

/* The registers that hosts touch lie here. UM0701-02, 7.2.4 "ReadRegister". */
#define CHIP_REGISTER_FIRST 0x6000
#define CHIP_REGISTER_COUNT 0x400

/* InAutoPoll takes at most so many target types. UM0701-02, 7.3.13. */
#define CHIP_AUTOPOLL_TYPES_MAX 15

enum chip_message_kind {
    CHIP_ACK,
    CHIP_ANSWER,       /* payload: TFI, command code + 1, data */
    CHIP_SYNTAX_ERROR, /* the command is unknown or its parameters are wrong */
};

struct chip_message {
    enum chip_message_kind kind;
    uint8_t command; /* the one that it belongs to */
    uint64_t at;     /* ns; not before this moment */
    size_t length;
    uint8_t payload[FRAME_PAYLOAD_MAX];
};

/* Where the chip's messages go. */
typedef void (*chip_send_fn)(void *userdata, const struct chip_message *message);

enum chip_job_kind {
    CHIP_JOB_NONE,
    CHIP_JOB_LIST, /* InListPassiveTarget: tries until somebody answers or the tries are used up */
    CHIP_JOB_AUTOPOLL, /* InAutoPoll: one try for each type at the start of its period */
    CHIP_JOB_EXCHANGE, /* a command is on its way to a badge and back */
};

/* The one command that takes time. A new command or the host's ACK cancels it. */
struct chip_job {
    enum chip_job_kind kind;
    uint8_t command;
    uint64_t next; /* when its next step is due */

    /* activation */
    bool selecting; /* a badge has answered: anticollision and SELECT are under way until `next` */
    int place;      /* … of that badge in the field */
    uint64_t since; /* when that began */
    bool endless;   /* retries FF */
    unsigned tries_left; /* else */
    size_t wanted_targets;
    bool type_b;
    uint8_t wanted_uid[BADGE_UID_MAX];
    size_t wanted_uid_length;

    /* InAutoPoll */
    uint64_t period;
    uint8_t types[CHIP_AUTOPOLL_TYPES_MAX];
    size_t types_count, type_at;

    /* exchange: `reply` is complete at `next` if the badge stays; else a time-out at `gives_up` */
    uint64_t gives_up;
    bool silent;
};

struct chip {
    struct field *field;
    chip_send_fn send;
    void *userdata;
    uint64_t byte_ns; /* one byte on the serial line */

    bool awake;
    bool deaf; /* powered down without the serial line as wake-up source */
    struct frame_parser parser;
    struct chip_message last_answer; /* repeated when the host sends NACK; length 0 = none yet */

    uint8_t registers[CHIP_REGISTER_COUNT];
    uint8_t parameters;
    uint8_t activation_retries;
    uint8_t timeout_code;
    uint8_t last_error;
    int targets[CHIP_TARGETS_MAX]; /* places in the field by Tg − 1; negative = none */

    struct chip_job job;
    uint8_t reply[CHIP_DATA_MAX]; /* data of the answer being made */
    size_t reply_length;
};

/* A chip that has just got its power: asleep, field off, default settings. */
void chip_init(struct chip *chip, struct field *field, uint64_t byte_ns, chip_send_fn send,
               void *userdata);

/* One byte of the host has arrived at `at` (ns, never decreasing). */
void chip_receive(struct chip *chip, uint8_t byte, uint64_t at);

/* Does whatever is due up to `now`. Must be called before the field is changed from outside. */
void chip_advance(struct chip *chip, uint64_t now);

/* When chip_advance() has something to do if nothing changes; TIME_NEVER if nothing. */
uint64_t chip_deadline(const struct chip *chip);

/* For the chip's other files: ends the current command at `at` with the data in `reply`. */
void chip_answer(struct chip *chip, uint8_t command, uint64_t at);

static inline void chip_reply_byte(struct chip *chip, uint8_t byte)
{
    if (chip->reply_length < sizeof(chip->reply))
        chip->reply[chip->reply_length++] = byte;
}
