/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * What a bad reader does to the chip's messages on their way to the host. One fault at a time, for
 * a number of commands or until it is cleared, for every command or for one code. Pure: a message
 * goes in, what the host gets to hear comes out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtual/chip.h"

enum fault_kind {
    FAULT_NONE,
    FAULT_MUTE,       /* neither ACK nor answer */
    FAULT_NO_ACK,     /* the answer alone */
    FAULT_NO_ANSWER,  /* the ACK alone */
    FAULT_NACK,       /* a NACK for the ACK, no answer */
    FAULT_BAD_LCS,    /* the answer's length checksum is wrong */
    FAULT_BAD_DCS,    /* the answer's data checksum is wrong */
    FAULT_WRONG_CODE, /* the answer's response code is another command's, checksums are right */
    FAULT_ERROR,      /* an error frame for the answer */
    FAULT_HALF,       /* half of the answer */
    FAULT_STALE,      /* the answer to the command before comes once more, before the right one */
    FAULT_GARBAGE,    /* noise for ACK and answer */
    FAULT_FLOOD,      /* noise all the time, whatever the host does: fault_noise() */
    FAULT_LATE,       /* the answer comes late, and so does whatever comes after it */
    FAULT_DRIP,       /* a long answer, byte by byte */
    FAULT_STATUS,     /* bit 7 of the answer's status byte is set */
    FAULT_ATS,        /* a badge's ATS has a length byte of 0 */
    FAULT_KINDS,
};

/* How late an answer is, and how far apart the bytes of a dripping one are, unless told. */
#define FAULT_LATE_NS     (400 * NS_PER_MS)
#define FAULT_DRIP_NS     (150 * NS_PER_MS)
#define FAULT_DRIP_LENGTH 200 /* bytes of a dripping answer's payload */
#define FAULT_NOISE       256 /* bytes in one burst */

/* A host hears at most so many transmissions for one message. */
#define FAULT_SOUNDS_MOST 2

/* Zero-initialised, nothing is wrong. */
struct fault {
    enum fault_kind kind;
    int command;        /* its code; negative = any */
    unsigned count;     /* commands still to spoil; 0 = until it is cleared */
    uint64_t by;        /* ns, for FAULT_LATE and FAULT_DRIP */
    unsigned spoilt;    /* commands so far */
    bool spoiling;      /* the command at work */
    uint32_t noise;     /* state of the noise */
    size_t last_length; /* the last answer as it was on the wire; 0 = none */
    uint8_t last[FRAME_WIRE_MAX];
};

/* One transmission towards the host. */
struct fault_sound {
    uint64_t at;      /* ns; not before this moment */
    uint64_t byte_ns; /* time of one byte; 0 = the line's own */
    size_t length;
    uint8_t bytes[FRAME_WIRE_MAX];
};

/* "mute", "no-ack", … to a kind; -EINVAL for another word. */
int fault_kind_parse(const char *word, enum fault_kind *ret);

const char *fault_kind_word(enum fault_kind kind);

/* From now on `kind`, for `count` commands (0 = until cleared) with code `command` (negative =
 * any).
 */
void fault_set(struct fault *fault, enum fault_kind kind, int command, unsigned count, uint64_t by);

/* What the host hears of a message: so many of `ret`, perhaps none. */
size_t fault_spoil(struct fault *fault, const struct chip_message *message,
                   struct fault_sound ret[static FAULT_SOUNDS_MOST]);

/* FAULT_FLOOD's next burst; false if there is no such fault. */
bool fault_noise(struct fault *fault, struct fault_sound *ret);
