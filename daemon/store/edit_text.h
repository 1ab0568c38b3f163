/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Text as people type it: whether it is UTF-8 at all, and compared without regard for case and the
 * accents of Latin letters ("chloe" finds "Chloë", "OEUVRE" finds "Œuvre").
 */

#include "util/macro.h"

/* True if all of `text` is well-formed UTF-8 (RFC 3629). */
bool text_valid(const char *text);

/* A copy in which every byte that isn't UTF-8 has become U+FFFD; NULL without memory. */
char *text_cleaned(const char *text);

/* A copy to compare by: lower case, accents gone, spaces at both ends gone. NULL without memory. */
char *text_folded(const char *text);

/*
 * Moves `*text` on behind blanks at its beginning, also lines' ends and blanks that don't break;
 * the length of what follows, without those at its end.
 */
size_t text_bare(const char **text);
