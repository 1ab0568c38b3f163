/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/uid.h"

#include "util/hex.h"

#include <errno.h>

bool uid_length_valid(size_t length)
{
    return length == 4 || length == 7 || length == 10;
}

static bool all_bytes_are(const struct uid *uid, uint8_t value)
{
    for (size_t i = 0; i < uid->length; i++)
        if (uid->bytes[i] != value)
            return false;
    return true;
}

bool uid_is_random(const struct uid *uid)
{
    return uid->length == 4 && uid->bytes[0] == UID_RANDOM_FIRST;
}

bool uid_is_weak(const struct uid *uid)
{
    if (!uid_length_valid(uid->length) || uid_is_random(uid))
        return true;
    return all_bytes_are(uid, 0x00) || all_bytes_are(uid, 0xFF);
}

bool uid_equal(const struct uid *a, const struct uid *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void uid_format(const struct uid *uid, char ret[static UID_TEXT_SIZE])
{
    hex_encode(uid->bytes, uid->length, ret);
}

int uid_parse(const char *text, struct uid *ret)
{
    struct uid uid = {0};
    int n;

    n = hex_decode(text, uid.bytes, sizeof(uid.bytes));
    if (n < 0 || !uid_length_valid((size_t)n))
        return -EINVAL;
    uid.length = (uint8_t)n;
    *ret = uid;
    return 0;
}
