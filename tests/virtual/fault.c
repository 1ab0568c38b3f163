/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults of a reader. See fault.h.
 */
#include "virtual/fault.h"

#include <errno.h>
#include <string.h>

#include "util/macro.h"
#include "virtual/timing.h"

/* An answer's bytes: preamble, start code, LEN, LCS, then the payload. Faults that look into an
 * answer leave long ones (extended frames) alone. */
enum { AT_LCS = 4, AT_PAYLOAD = 5 };

/* The badge's data in an answer to InListPassiveTarget: D5 4B NbTg Tg ATQA ATQA SAK length UID. */
enum { LIST_ANSWER = 0x4B, LIST_COUNT = 2, LIST_UID_LENGTH = 7 };

static const char *const words[FAULT_KINDS] = {
    [FAULT_NONE] = "none",       [FAULT_MUTE] = "mute",
    [FAULT_NO_ACK] = "no-ack",   [FAULT_NO_ANSWER] = "no-answer",
    [FAULT_NACK] = "nack",       [FAULT_BAD_LCS] = "bad-lcs",
    [FAULT_BAD_DCS] = "bad-dcs", [FAULT_WRONG_CODE] = "wrong-code",
    [FAULT_ERROR] = "error",     [FAULT_HALF] = "half",
    [FAULT_STALE] = "stale",     [FAULT_GARBAGE] = "garbage",
    [FAULT_FLOOD] = "flood",     [FAULT_LATE] = "late",
    [FAULT_DRIP] = "drip",       [FAULT_STATUS] = "status",
    [FAULT_ATS] = "ats",
};

int fault_kind_parse(const char *word, enum fault_kind *ret)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        if (streq(words[i], word)) {
            *ret = (enum fault_kind)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *fault_kind_word(enum fault_kind kind)
{
    return words[kind];
}

void fault_set(struct fault *fault, enum fault_kind kind, int command, unsigned count, uint64_t by)
{
    fault->kind = kind;
    fault->command = command;
    fault->count = count;
    fault->by = by;
    fault->spoilt = 0;
    fault->spoiling = false;
}

static void sound_set(struct fault_sound *sound, const uint8_t *bytes, size_t length, uint64_t at)
{
    *sound = (struct fault_sound){.at = at, .length = length};
    memcpy(sound->bytes, bytes, length);
}

static void sound_of_message(const struct chip_message *message, struct fault_sound *ret)
{
    switch (message->kind) {
    case CHIP_ACK:
        sound_set(ret, frame_ack, sizeof(frame_ack), message->at);
        break;
    case CHIP_SYNTAX_ERROR:
        sound_set(ret, frame_error, sizeof(frame_error), message->at);
        break;
    case CHIP_ANSWER:
        *ret = (struct fault_sound){.at = message->at};
        ret->length = frame_encode(message->payload, message->length, ret->bytes);
        break;
    }
}

/* The answers that begin with a status byte. UM0701-02, 7 "Commands supported". */
static bool has_status(const struct chip_message *message)
{
    static const uint8_t commands[] = {0x16, 0x40, 0x42, 0x44, 0x52, 0x54};

    return message->length > 2 && memchr(commands, message->command, sizeof(commands));
}

static bool has_badge(const struct chip_message *message)
{
    return message->length > LIST_UID_LENGTH && message->payload[1] == LIST_ANSWER &&
           message->payload[LIST_COUNT] > 0;
}

/* Some faults need something to spoil: a command without it doesn't count. */
static bool fault_fits(const struct fault *fault, const struct chip_message *message)
{
    if (fault->command >= 0 && fault->command != message->command)
        return false;
    switch (fault->kind) {
    case FAULT_NONE:
    case FAULT_FLOOD:
        return false;
    case FAULT_MUTE:
    case FAULT_NO_ACK:
    case FAULT_NACK:
    case FAULT_GARBAGE:
        return message->kind == CHIP_ACK;
    case FAULT_STATUS:
        return message->kind == CHIP_ANSWER && has_status(message);
    case FAULT_ATS:
        return message->kind == CHIP_ANSWER && has_badge(message);
    case FAULT_STALE:
        return message->kind == CHIP_ANSWER && fault->last_length > 0;
    default:
        return message->kind == CHIP_ANSWER;
    }
}

static void fault_end_if_over(struct fault *fault)
{
    if (fault->count > 0 && fault->spoilt >= fault->count)
        fault->kind = FAULT_NONE;
}

/* Begins or goes on with spoiling the command that `message` belongs to; false = it is whole. */
static bool fault_strikes(struct fault *fault, const struct chip_message *message)
{
    if (message->kind == CHIP_ACK) {
        fault->spoiling = false;
        fault_end_if_over(fault);
    }
    if (fault->spoiling || !fault_fits(fault, message))
        return fault->spoiling;
    fault->spoilt++;
    fault->spoiling = true;
    return true;
}

/* Random enough for noise: Knuth, "Seminumerical Algorithms", 3.3.4, table 1, line 26. */
static void noise_fill(struct fault *fault, struct fault_sound *sound)
{
    sound->length = FAULT_NOISE;
    for (size_t i = 0; i < sound->length; i++) {
        fault->noise = fault->noise * UINT32_C(1664525) + UINT32_C(1013904223);
        sound->bytes[i] = (uint8_t)(fault->noise >> 24);
    }
}

static void drip(const struct fault *fault, const struct chip_message *message,
                 struct fault_sound *sound)
{
    struct chip_message longer = *message;

    if (longer.length < FAULT_DRIP_LENGTH) {
        memset(longer.payload + longer.length, 0, FAULT_DRIP_LENGTH - longer.length);
        longer.length = FAULT_DRIP_LENGTH;
    }
    sound_of_message(&longer, sound);
    sound->byte_ns = fault->by;
}

/* The same answer with another payload and right checksums. */
static void sound_alter(const struct chip_message *message, size_t at, uint8_t byte, size_t length,
                        struct fault_sound *sound)
{
    struct chip_message altered = *message;

    altered.payload[at] = byte;
    altered.length = length;
    sound_of_message(&altered, sound);
}

/* Spoils the answer in `ret[0]`; how many transmissions are left of it. */
static size_t answer_spoil(struct fault *fault, const struct chip_message *message,
                           struct fault_sound ret[static FAULT_SOUNDS_MOST])
{
    const uint8_t *payload = message->payload;

    switch (fault->kind) {
    case FAULT_BAD_LCS:
        ret->bytes[AT_LCS] ^= 0x01;
        return 1;
    case FAULT_BAD_DCS:
        ret->bytes[ret->length - 2] ^= 0x01;
        return 1;
    case FAULT_WRONG_CODE:
        sound_alter(message, 1, payload[1] ^ 0x02, message->length, ret);
        return 1;
    case FAULT_ERROR:
        sound_set(ret, frame_error, sizeof(frame_error), message->at);
        return 1;
    case FAULT_HALF:
        ret->length /= 2;
        return 1;
    case FAULT_LATE:
        ret->at += fault->by;
        return 1;
    case FAULT_DRIP:
        drip(fault, message, ret);
        return 1;
    case FAULT_STATUS:
        sound_alter(message, 2, payload[2] | 0x80, message->length, ret);
        return 1;
    case FAULT_ATS: {
        size_t at = LIST_UID_LENGTH + 1U + payload[LIST_UID_LENGTH];

        sound_alter(message, at, 0, at + 1, ret);
        return 1;
    }
    case FAULT_STALE:
        ret[1] = ret[0];
        sound_set(ret, fault->last, fault->last_length, message->at);
        return 2;
    case FAULT_NO_ACK:
        return 1;
    default:
        return 0;
    }
}

static size_t ack_spoil(struct fault *fault, struct fault_sound *ret)
{
    switch (fault->kind) {
    case FAULT_NACK:
        sound_set(ret, frame_nack, sizeof(frame_nack), ret->at);
        return 1;
    case FAULT_GARBAGE:
        noise_fill(fault, ret);
        return 1;
    default:
        return 0;
    }
}

size_t fault_spoil(struct fault *fault, const struct chip_message *message,
                   struct fault_sound ret[static FAULT_SOUNDS_MOST])
{
    struct fault_sound whole;
    size_t sounds = 1;

    sound_of_message(message, &whole);
    ret[0] = whole;
    if (fault_strikes(fault, message)) {
        sounds =
            message->kind == CHIP_ACK ? ack_spoil(fault, ret) : answer_spoil(fault, message, ret);
    }
    if (message->kind == CHIP_ANSWER) {
        fault->last_length = whole.length;
        memcpy(fault->last, whole.bytes, whole.length);
    }
    return sounds;
}

bool fault_noise(struct fault *fault, struct fault_sound *ret)
{
    if (fault->kind != FAULT_FLOOD)
        return false;
    *ret = (struct fault_sound){0};
    noise_fill(fault, ret);
    fault->spoilt++;
    return true;
}
