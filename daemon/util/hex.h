/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Bytes to upper-case hexadecimal text and back. */

#include "util/macro.h"

/* Writes 2·n upper-case digits and a NUL into `ret`, which must hold 2·n + 1 bytes. */
void hex_encode(const uint8_t *bytes, size_t n, char *ret);

/*
 * Reads digits of either case, skipping spaces, colons and hyphens between bytes. Returns the
 * number of bytes written, -EINVAL for anything else (an odd digit, another character), -ENOSPC
 * beyond `size`.
 */
int hex_decode(const char *text, uint8_t *ret, size_t size);
