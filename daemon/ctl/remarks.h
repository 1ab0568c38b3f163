/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What there is to say about the lines of a file: the first ones in the lines' order, and how many
 * there are. */

#include "util/macro.h"

#define REMARKS_SHOWN 20

struct remarks {
    struct {
        unsigned line;
        char *text;
    } first[REMARKS_SHOWN];
    size_t n; /* also those that aren't kept */
};

/* Adds one; its text (NULL: there was no memory for it) is freed by remarks_done(). */
void remark_add(struct remarks *remarks, unsigned line, char *text);

/* "FILE:LINE: text" for each kept one, as complaints or as cautions. */
void remarks_tell(const struct remarks *remarks, const char *path, bool as_cautions);

void remarks_done(struct remarks *remarks);
