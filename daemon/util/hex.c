/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/hex.h"

#include <errno.h>

void hex_encode(const uint8_t *bytes, size_t n, char *ret)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < n; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * n] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -EINVAL;
}

int hex_decode(const char *text, uint8_t *ret, size_t size)
{
    size_t n = 0;

    for (const char *p = text; *p;) {
        int high, low;

        if (*p == ' ' || *p == ':' || *p == '-') {
            p++;
            continue;
        }
        high = digit(p[0]);
        low = high < 0 ? high : digit(p[1]);
        if (low < 0)
            return -EINVAL;
        if (n == size)
            return -ENOSPC;
        ret[n++] = (uint8_t)(high << 4 | low);
        p += 2;
    }
    return (int)n;
}
