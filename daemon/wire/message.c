/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/message.h"

bool message_slug_valid(const char *text, size_t size)
{
    size_t n;

    if (!message_text_ends(text, size))
        return false;
    n = strlen(text);
    return n > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

int message_check(const void *message, size_t n, size_t (*size_of_type)(uint16_t type))
{
    struct message_header header;

    if (n < sizeof(header))
        return -EBADMSG;
    memcpy(&header, message, sizeof(header));
    if (header.version != WIRE_VERSION)
        return -EPROTO;
    if (header.size != n || size_of_type(header.type) != n)
        return -EBADMSG;
    return header.type;
}
