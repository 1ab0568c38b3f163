/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The frames between a host and a PN532: bytes to frames and back, and nothing else. Pure: no
 * clock, no I/O, no allocation. UM0701-02 "PN532 User Manual", 6.2.1 "Frame structure".
 */
#include <stddef.h>
#include <stdint.h>

/* The first byte of an information frame says who speaks. */
#define FRAME_TFI_HOST 0xD4
#define FRAME_TFI_CHIP 0xD5

/* TFI, command code and at most 263 bytes of data. */
#define FRAME_PAYLOAD_MAX 265

/* Longest payload that fits a normal frame, whose length is one byte. */
#define FRAME_NORMAL_MAX 255

/* Preamble, start code, extended length, payload, checksum, postamble. */
#define FRAME_WIRE_MAX (3 + 5 + FRAME_PAYLOAD_MAX + 2)

#define FRAME_ACK_LENGTH   6
#define FRAME_ERROR_LENGTH 8

extern const uint8_t frame_ack[FRAME_ACK_LENGTH];
extern const uint8_t frame_nack[FRAME_ACK_LENGTH];
extern const uint8_t frame_error[FRAME_ERROR_LENGTH];

/* What the byte just fed has completed. */
enum frame_event {
    FRAME_NOTHING,
    FRAME_INFORMATION, /* payload and payload_length of the parser hold it until the next byte */
    FRAME_ACK,
    FRAME_NACK,
    FRAME_BROKEN, /* a wrong checksum or an impossible length */
};

enum frame_state {
    FRAME_SEEK,
    FRAME_LENGTH,
    FRAME_LENGTH_SUM,
    FRAME_EXTENDED_HIGH,
    FRAME_EXTENDED_LOW,
    FRAME_EXTENDED_SUM,
    FRAME_PAYLOAD,
    FRAME_PAYLOAD_SUM,
};

/* Zero-initialised, a parser is ready. */
struct frame_parser {
    enum frame_state state;
    uint8_t previous;
    uint8_t length_byte;
    uint8_t sum;
    size_t expected;
    size_t payload_length;
    uint8_t payload[FRAME_PAYLOAD_MAX];
};

/**
 * Takes the next byte of the line. Whatever comes before a start code (00 FF) is skipped:
 * preambles, postambles, wake-up bytes, noise. After a broken frame the search starts again at
 * once.
 */
enum frame_event frame_parser_feed(struct frame_parser *parser, uint8_t byte);

/**
 * Writes `payload` (TFI first, 1 to FRAME_PAYLOAD_MAX bytes) as a normal frame, or as an extended
 * one if it is too long for that. Returns the number of bytes written to `wire`.
 */
size_t frame_encode(const uint8_t *payload, size_t length, uint8_t wire[static FRAME_WIRE_MAX]);
