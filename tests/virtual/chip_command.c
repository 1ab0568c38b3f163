/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands, one function each, in the order of their codes. Section numbers are those of
 * UM0701-02. Commands that libnfc does not send to a reader of ISO 14443-A badges (GPIO, baud rate,
 * peer to peer, card emulation) are answered like unknown ones, by a syntax error.
 */
#include "virtual/chip_command.h"

#include <errno.h>
#include <string.h>

#include "util/macro.h"
#include "virtual/chip_air.h"
#include "virtual/timing.h"

struct command_call {
    uint8_t code;
    const uint8_t *data;
    size_t length;
    uint64_t at;
};

/* 7.2.1: 00 echoes; ROM, RAM and antenna are always well; 06 asks whether the badge is still there.
 */
static enum chip_command_result diagnose(struct chip *chip, const struct command_call *call)
{
    enum { LINE = 0x00, ROM = 0x01, RAM = 0x02, POLLING = 0x04, ATTENTION = 0x06, ANTENNA = 0x07 };

    if (call->length == 0)
        return CHIP_COMMAND_INVALID;

    switch (call->data[0]) {
    case LINE:
        for (size_t i = 0; i < call->length; i++)
            chip_reply_byte(chip, call->data[i]);
        return CHIP_COMMAND_DONE;
    case ROM:
    case RAM:
    case POLLING:
    case ANTENNA:
        chip_reply_byte(chip, CHIP_OK);
        return CHIP_COMMAND_DONE;
    case ATTENTION: {
        bool there = chip->targets[0] >= 0 && field_is_active(chip->field, chip->targets[0]);

        chip_reply_byte(chip, there ? CHIP_OK : CHIP_TIMEOUT);
        return CHIP_COMMAND_DONE;
    }
    default:
        return CHIP_COMMAND_INVALID;
    }
}

/* 7.2.2: PN532, firmware 1.6, ISO 14443-A and -B and ISO 18092. */
static enum chip_command_result get_firmware_version(struct chip *chip,
                                                     const struct command_call *call)
{
    static const uint8_t version[] = {0x32, 0x01, 0x06, 0x07};

    (void)call;
    for (size_t i = 0; i < sizeof(version); i++)
        chip_reply_byte(chip, version[i]);
    return CHIP_COMMAND_DONE;
}

/* 7.2.3: last error, external field, targets (number, two bit rates, modulation), SAM status. */
static enum chip_command_result get_general_status(struct chip *chip,
                                                   const struct command_call *call)
{
    uint8_t count = 0;

    (void)call;
    for (size_t i = 0; i < CHIP_TARGETS_MAX; i++)
        count += chip->targets[i] >= 0;

    chip_reply_byte(chip, chip->last_error);
    chip_reply_byte(chip, 0x00);
    chip_reply_byte(chip, count);
    for (uint8_t i = 0; i < CHIP_TARGETS_MAX; i++) {
        if (chip->targets[i] < 0)
            continue;
        chip_reply_byte(chip, i + 1);
        chip_reply_byte(chip, 0x00); /* 106 kbit/s */
        chip_reply_byte(chip, 0x00);
        chip_reply_byte(chip, 0x00); /* ISO 14443 */
    }
    chip_reply_byte(chip, 0x00);
    return CHIP_COMMAND_DONE;
}

static uint8_t *chip_register(struct chip *chip, const uint8_t *address)
{
    size_t n = (size_t)(address[0] << 8 | address[1]);

    if (n < CHIP_REGISTER_FIRST || n >= CHIP_REGISTER_FIRST + CHIP_REGISTER_COUNT)
        return NULL;
    return &chip->registers[n - CHIP_REGISTER_FIRST];
}

/* 7.2.4: any number of addresses, one byte for each. Addresses outside the model read as 00. */
static enum chip_command_result read_register(struct chip *chip, const struct command_call *call)
{
    if (call->length == 0 || call->length % 2 != 0)
        return CHIP_COMMAND_INVALID;

    for (size_t i = 0; i < call->length; i += 2) {
        const uint8_t *value = chip_register(chip, call->data + i);

        chip_reply_byte(chip, value ? *value : 0x00);
    }
    return CHIP_COMMAND_DONE;
}

/* 7.2.5: any number of addresses with their values. */
static enum chip_command_result write_register(struct chip *chip, const struct command_call *call)
{
    if (call->length == 0 || call->length % 3 != 0)
        return CHIP_COMMAND_INVALID;

    for (size_t i = 0; i < call->length; i += 3) {
        uint8_t *value = chip_register(chip, call->data + i);

        if (value)
            *value = call->data[i + 2];
    }
    return CHIP_COMMAND_DONE;
}

/* 7.2.9 */
static enum chip_command_result set_parameters(struct chip *chip, const struct command_call *call)
{
    if (call->length != 1)
        return CHIP_COMMAND_INVALID;
    chip->parameters = call->data[0];
    return CHIP_COMMAND_DONE;
}

/* 7.2.10: modes 1 (normal) to 4; without a secure element they all behave as normal. */
static enum chip_command_result sam_configuration(struct chip *chip,
                                                  const struct command_call *call)
{
    (void)chip;
    if (call->length < 1 || call->length > 3 || call->data[0] < 1 || call->data[0] > 4)
        return CHIP_COMMAND_INVALID;
    return CHIP_COMMAND_DONE;
}

/* 7.2.11: the answer is the last thing before sleep. Bit 4 of the sources lets the line wake it. */
static enum chip_command_result power_down(struct chip *chip, const struct command_call *call)
{
    enum { WAKE_BY_LINE = 0x10 };

    if (call->length < 1 || call->length > 2)
        return CHIP_COMMAND_INVALID;

    field_switch(chip->field, false);
    chip->awake = false;
    chip->deaf = (call->data[0] & WAKE_BY_LINE) == 0;
    chip_reply_byte(chip, CHIP_OK);
    return CHIP_COMMAND_DONE;
}

/* 7.3.1: one item and its values. The analogue settings (0A to 0D) change nothing here. */
static enum chip_command_result rf_configuration(struct chip *chip, const struct command_call *call)
{
    enum { FIELD = 0x01, TIMINGS = 0x02, RETRIES_COM = 0x04, RETRIES = 0x05 };
    static const struct {
        uint8_t item, values;
    } items[] = {
        {FIELD, 1}, {TIMINGS, 3}, {RETRIES_COM, 1}, {RETRIES, 3},
        {0x0A, 11}, {0x0B, 8},    {0x0C, 3},        {0x0D, 9},
    };
    const uint8_t *values = call->data + 1;
    bool known = false;

    for (size_t i = 0; call->length > 0 && i < ELEMENTSOF(items); i++)
        known |= items[i].item == call->data[0] && items[i].values == call->length - 1;
    if (!known)
        return CHIP_COMMAND_INVALID;

    switch (call->data[0]) {
    case FIELD:
        field_switch(chip->field, values[0] & 0x01);
        break;
    case TIMINGS:
        if (values[2] > AIR_TIMEOUT_CODE_MAX)
            return CHIP_COMMAND_INVALID;
        chip->timeout_code = values[2];
        break;
    case RETRIES:
        chip->activation_retries = values[2];
        break;
    default:
        break;
    }
    return CHIP_COMMAND_DONE;
}

/* The target that a command names, or a negative errno. The upper bit asks for chaining. */
static int chip_target(const struct chip *chip, uint8_t number)
{
    number &= 0x3F;
    if (number < 1 || number > CHIP_TARGETS_MAX)
        return -ENOENT;
    return chip->targets[number - 1];
}

/* 7.3.8 */
static enum chip_command_result in_data_exchange(struct chip *chip, const struct command_call *call)
{
    int place;

    if (call->length < 1)
        return CHIP_COMMAND_INVALID;
    place = chip_target(chip, call->data[0]);
    if (place < 0) {
        chip_reply_byte(chip, CHIP_WRONG_CONTEXT);
        return CHIP_COMMAND_DONE;
    }
    chip_air_exchange(chip, call->code, place, true, call->data + 1, call->length - 1, call->at);
    return CHIP_COMMAND_AT_WORK;
}

/* 7.3.9: whoever is activated hears it. */
static enum chip_command_result in_communicate_thru(struct chip *chip,
                                                    const struct command_call *call)
{
    chip_air_exchange(chip, call->code, chip->targets[0], false, call->data, call->length,
                      call->at);
    return CHIP_COMMAND_AT_WORK;
}

/* 7.3.10 and 7.3.11: number 0 means every target; the badge goes to HALT, release forgets it too.
 */
static enum chip_command_result let_go(struct chip *chip, const struct command_call *call,
                                       bool forget)
{
    if (call->length != 1)
        return CHIP_COMMAND_INVALID;

    for (uint8_t i = 0; i < CHIP_TARGETS_MAX; i++) {
        if (chip->targets[i] < 0 || (call->data[0] != 0 && call->data[0] != i + 1))
            continue;
        field_leave_active(chip->field, chip->targets[i], true);
        if (forget)
            chip->targets[i] = -ENOENT;
    }
    chip_reply_byte(chip, CHIP_OK);
    return CHIP_COMMAND_DONE;
}

static enum chip_command_result in_deselect(struct chip *chip, const struct command_call *call)
{
    return let_go(chip, call, false);
}

static enum chip_command_result in_release(struct chip *chip, const struct command_call *call)
{
    return let_go(chip, call, true);
}

/* The UID that a host wants, cascade tags (88) taken out: 4, 8 or 12 bytes. 7.3.5, "InitiatorData".
 */
static int parse_wanted_uid(const uint8_t *data, size_t length, uint8_t uid[static BADGE_UID_MAX])
{
    switch (length) {
    case 0:
        return 0;
    case 4:
        memcpy(uid, data, 4);
        return 4;
    case 8:
        memcpy(uid, data + 1, 7);
        return 7;
    case 12:
        memcpy(uid, data + 1, 3);
        memcpy(uid + 3, data + 5, 7);
        return 10;
    default:
        return -EINVAL;
    }
}

/* 7.3.5: MaxTg, modulation (0 is type A, 3 type B; this field holds nothing else), perhaps a UID,
 * for type B the application family. */
static enum chip_command_result in_list_passive_target(struct chip *chip,
                                                       const struct command_call *call)
{
    enum { TYPE_A_106 = 0x00, TYPE_B_106 = 0x03, MODULATION_MAX = 0x04 };
    uint8_t uid[BADGE_UID_MAX];
    int n;

    if (call->length < 2 || call->data[0] < 1 || call->data[0] > CHIP_TARGETS_MAX ||
        call->data[1] > MODULATION_MAX)
        return CHIP_COMMAND_INVALID;

    if (call->data[1] == TYPE_B_106 && call->length > 2 && call->data[2] == 0x00) {
        chip_air_list_b(chip, call->data[0], call->at);
        return CHIP_COMMAND_AT_WORK;
    }
    if (call->data[1] != TYPE_A_106) {
        chip_air_list_nobody(chip, call->at);
        return CHIP_COMMAND_AT_WORK;
    }
    n = parse_wanted_uid(call->data + 2, call->length - 2, uid);
    if (n < 0)
        return CHIP_COMMAND_INVALID;
    chip_air_list(chip, call->data[0], uid, (size_t)n, call->at);
    return CHIP_COMMAND_AT_WORK;
}

/* 7.3.12: wakes a halted target (WUPA and SELECT), as long as it has not left. */
static enum chip_command_result in_select(struct chip *chip, const struct command_call *call)
{
    int place = call->length == 1 ? chip_target(chip, call->data[0]) : -ENOENT;
    bool there;

    if (call->length != 1)
        return CHIP_COMMAND_INVALID;
    if (place < 0) {
        chip_reply_byte(chip, CHIP_WRONG_CONTEXT);
        return CHIP_COMMAND_DONE;
    }
    /* Another badge in its place is idle: it does not know that UID. */
    there = field_is_still_there(chip->field, place, call->at) &&
            chip->field->badges[place].state != BADGE_IDLE;
    if (there)
        field_activate(chip->field, place, call->at);
    chip_reply_byte(chip, there ? CHIP_OK : CHIP_TIMEOUT);
    return CHIP_COMMAND_DONE;
}

/* 7.3.13: number of polls, period in units of 150 ms, target types. */
static enum chip_command_result in_autopoll(struct chip *chip, const struct command_call *call)
{
    if (call->length < 3 || call->length > 2 + CHIP_AUTOPOLL_TYPES_MAX || call->data[0] == 0 ||
        call->data[1] < 0x01 || call->data[1] > 0x0F)
        return CHIP_COMMAND_INVALID;
    chip_air_autopoll(chip, call->data[0], call->data[1], call->data + 2, call->length - 2,
                      call->at);
    return CHIP_COMMAND_AT_WORK;
}

static const struct {
    uint8_t code;
    enum chip_command_result (*run)(struct chip *chip, const struct command_call *call);
} commands[] = {
    {0x00, diagnose},
    {0x02, get_firmware_version},
    {0x04, get_general_status},
    {0x06, read_register},
    {0x08, write_register},
    {0x12, set_parameters},
    {0x14, sam_configuration},
    {0x16, power_down},
    {0x32, rf_configuration},
    {0x40, in_data_exchange},
    {0x42, in_communicate_thru},
    {0x44, in_deselect},
    {0x4A, in_list_passive_target},
    {0x52, in_release},
    {0x54, in_select},
    {0x60, in_autopoll},
};

enum chip_command_result chip_command_run(struct chip *chip, uint8_t command, const uint8_t *data,
                                          size_t length, uint64_t at)
{
    const struct command_call call = {.code = command, .data = data, .length = length, .at = at};

    for (size_t i = 0; i < ELEMENTSOF(commands); i++)
        if (commands[i].code == command)
            return commands[i].run(chip, &call);
    return CHIP_COMMAND_INVALID;
}
