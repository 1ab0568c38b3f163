/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/spool.h"

size_t spool_digits(int64_t number, char ret[static 24])
{
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    char digits[24];
    size_t n = 0, at = 0;

    do
        digits[n++] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        ret[at++] = '-';
    while (n > 0)
        ret[at++] = digits[--n];
    return at;
}
