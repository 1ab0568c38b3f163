/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame codec. See frame.h.
 */
#include "virtual/frame.h"

#include <string.h>

const uint8_t frame_ack[FRAME_ACK_LENGTH] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const uint8_t frame_nack[FRAME_ACK_LENGTH] = {0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
const uint8_t frame_error[FRAME_ERROR_LENGTH] = {0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};

static enum frame_event parser_restart(struct frame_parser *parser, enum frame_event event)
{
    parser->state = FRAME_SEEK;
    return event;
}

static enum frame_event parser_expect(struct frame_parser *parser, size_t length)
{
    if (length == 0 || length > FRAME_PAYLOAD_MAX)
        return parser_restart(parser, FRAME_BROKEN);

    parser->expected = length;
    parser->payload_length = 0;
    parser->sum = 0;
    parser->state = FRAME_PAYLOAD;
    return FRAME_NOTHING;
}

/* Two length bytes that cannot be a length and its checksum mark the special frames. */
static enum frame_event parser_length_sum(struct frame_parser *parser, uint8_t byte)
{
    uint8_t length = parser->length_byte;

    if (length == 0x00 && byte == 0xFF)
        return parser_restart(parser, FRAME_ACK);
    if (length == 0xFF && byte == 0x00)
        return parser_restart(parser, FRAME_NACK);
    if (length == 0xFF && byte == 0xFF) {
        parser->state = FRAME_EXTENDED_HIGH;
        return FRAME_NOTHING;
    }
    if ((uint8_t)(length + byte) != 0)
        return parser_restart(parser, FRAME_BROKEN);

    return parser_expect(parser, length);
}

static enum frame_event parser_extended(struct frame_parser *parser, uint8_t byte)
{
    switch (parser->state) {
    case FRAME_EXTENDED_HIGH:
        parser->expected = (size_t)byte << 8;
        parser->sum = byte;
        parser->state = FRAME_EXTENDED_LOW;
        return FRAME_NOTHING;
    case FRAME_EXTENDED_LOW:
        parser->expected |= byte;
        parser->sum += byte;
        parser->state = FRAME_EXTENDED_SUM;
        return FRAME_NOTHING;
    default:
        if ((uint8_t)(parser->sum + byte) != 0)
            return parser_restart(parser, FRAME_BROKEN);
        return parser_expect(parser, parser->expected);
    }
}

static enum frame_event parser_payload(struct frame_parser *parser, uint8_t byte)
{
    parser->payload[parser->payload_length++] = byte;
    parser->sum += byte;
    if (parser->payload_length == parser->expected)
        parser->state = FRAME_PAYLOAD_SUM;
    return FRAME_NOTHING;
}

enum frame_event frame_parser_feed(struct frame_parser *parser, uint8_t byte)
{
    uint8_t previous = parser->previous;

    parser->previous = byte;
    switch (parser->state) {
    case FRAME_SEEK:
        if (previous == 0x00 && byte == 0xFF)
            parser->state = FRAME_LENGTH;
        return FRAME_NOTHING;
    case FRAME_LENGTH:
        parser->length_byte = byte;
        parser->state = FRAME_LENGTH_SUM;
        return FRAME_NOTHING;
    case FRAME_LENGTH_SUM:
        return parser_length_sum(parser, byte);
    case FRAME_EXTENDED_HIGH:
    case FRAME_EXTENDED_LOW:
    case FRAME_EXTENDED_SUM:
        return parser_extended(parser, byte);
    case FRAME_PAYLOAD:
        return parser_payload(parser, byte);
    case FRAME_PAYLOAD_SUM:
        if ((uint8_t)(parser->sum + byte) != 0)
            return parser_restart(parser, FRAME_BROKEN);
        return parser_restart(parser, FRAME_INFORMATION);
    }
    return FRAME_NOTHING;
}

size_t frame_encode(const uint8_t *payload, size_t length, uint8_t wire[static FRAME_WIRE_MAX])
{
    uint8_t high = (uint8_t)(length >> 8), low = (uint8_t)length, sum = 0;
    size_t n = 0;

    wire[n++] = 0x00;
    wire[n++] = 0x00;
    wire[n++] = 0xFF;
    if (length > FRAME_NORMAL_MAX) {
        wire[n++] = 0xFF;
        wire[n++] = 0xFF;
        wire[n++] = high;
        wire[n++] = low;
        wire[n++] = (uint8_t) - (high + low);
    } else {
        wire[n++] = low;
        wire[n++] = (uint8_t)-low;
    }

    for (size_t i = 0; i < length; i++)
        sum += payload[i];
    memcpy(wire + n, payload, length);
    n += length;
    wire[n++] = (uint8_t)-sum;
    wire[n++] = 0x00;
    return n;
}
