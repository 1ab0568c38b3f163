/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A badge's number (UID) as ISO/IEC 14443-3 gives it: 4, 7 or 10 bytes. It is a name, not a proof.
 */

#include "util/macro.h"

#define UID_BYTES_MOST   10
#define UID_RANDOM_FIRST 0x08 /* of 4 bytes: a random number */
#define UID_TEXT_SIZE    (2 * UID_BYTES_MOST + 1)

struct uid {
    uint8_t bytes[UID_BYTES_MOST];
    uint8_t length;
};

/* True for a length that ISO/IEC 14443-3 knows: single (4), double (7) or triple (10) size. */
bool uid_length_valid(size_t length);

/*
 * True for a number that names nobody: a wrong length, a random one (4 bytes beginning 08, ISO/IEC
 * 14443-3 6.5.4: phones, badges with privacy), or nothing but 00 or FF.
 */
bool uid_is_weak(const struct uid *uid);

/* True for a random one alone: the same badge shows another at the next presentation. */
bool uid_is_random(const struct uid *uid);

bool uid_equal(const struct uid *a, const struct uid *b);

/* Upper-case hexadecimal, as the records hold it. */
void uid_format(const struct uid *uid, char ret[static UID_TEXT_SIZE]);

/* Reads digits of either case with spaces or colons; -EINVAL unless they are 4, 7 or 10 bytes. */
int uid_parse(const char *text, struct uid *ret);
