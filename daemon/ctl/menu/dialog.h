/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Questions to somebody at a terminal, by whiptail(1). Every text is translated already; it may
 * hold what people typed, which is made safe to show here. Esc and the second button are the same
 * answer.
 */

#include <jansson.h>
#include <stddef.h>

struct dialog {
    const char *title, *back; /* borrowed: above the question, on its second button */
    int error; /* a negative errno once no question could be asked: -ENOENT = there is no whiptail
                */
};

/* Lets one of `items`, an array of strings, be chosen, the `first` to begin with: which, -1 = back.
 */
int dialog_choose(struct dialog *dialog, const char *text, const json_t *items, size_t first);

/* Asks for a line, which begins as `begin`: the caller's, without blanks around it; NULL = back. */
char *dialog_ask(struct dialog *dialog, const char *text, const char *begin);

/* Says something until it was read. */
void dialog_tell(struct dialog *dialog, const char *text);
