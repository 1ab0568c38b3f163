/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The beginning of every message between the programs. A message is one SEQPACKET datagram, a C
 * struct of fixed size in the machine's own byte order (both ends run on one machine and come from
 * one build). A receiver takes it only if version, type and size are exactly right and every value
 * is in range; anything else ends the connection. schemas/wire/ describes them for people.
 */

#include "util/macro.h"

#include <errno.h>

#define WIRE_VERSION 1

struct message_header {
    uint16_t version; /* WIRE_VERSION */
    uint16_t type;
    uint32_t size; /* of the whole message, this header included */
};

/* The header of a message of type `message_type` that is held in a struct of type `struct_type`. */
#define MESSAGE_HEADER(message_type, struct_type)                                                  \
    {                                                                                              \
        .version = WIRE_VERSION, .type = (message_type), .size = sizeof(struct_type)               \
    }

/* True if the array `text` holds a NUL, so that it may be read as a string. */
static inline bool message_text_ends(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* True for a name of a door, reader or the like: 1 to 31 of a-z 0-9 - _, ended by a NUL. */
bool message_slug_valid(const char *text, size_t size);

/*
 * Checks the header of the `n` bytes at `message` and that they are `size_of_type(type)` long.
 * Returns the type, -EPROTO for another version, -EBADMSG for anything else.
 */
int message_check(const void *message, size_t n, size_t (*size_of_type)(uint16_t type));
