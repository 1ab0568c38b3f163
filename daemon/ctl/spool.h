/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Much text on its way to stdout, in few large writes. Begins zeroed. */

#include "util/macro.h"

#define SPOOL_SIZE (64 * 1024)

struct spool {
    size_t n;
    char text[SPOOL_SIZE];
};

/* Hands over what is still here; what can't be written shows in ferror(stdout). */
static inline void spool_end(struct spool *spool)
{
    (void)fwrite(spool->text, 1, spool->n, stdout);
    spool->n = 0;
}

static inline void spool_add(struct spool *spool, const char *text, size_t n)
{
    if (n > SPOOL_SIZE - spool->n)
        spool_end(spool);
    if (n > SPOOL_SIZE) {
        (void)fwrite(text, 1, n, stdout);
        return;
    }
    memcpy(spool->text + spool->n, text, n);
    spool->n += n;
}

static inline void spool_text(struct spool *spool, const char *text)
{
    spool_add(spool, text, strlen(text));
}

static inline void spool_blanks(struct spool *spool, size_t n)
{
    while (n > 0) {
        size_t part = MIN_OF(n, (size_t)SPOOL_SIZE - spool->n);

        memset(spool->text + spool->n, ' ', part);
        spool->n += part;
        n -= part;
        if (spool->n == SPOOL_SIZE)
            spool_end(spool);
    }
}

/* Writes a number's digits; returns how many bytes (at most 20), without NUL. */
size_t spool_digits(int64_t number, char ret[static 24]);
