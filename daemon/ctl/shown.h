/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Text on somebody's terminal. Names come from whoever typed them: what could move the cursor, ring
 * the bell or turn the direction of writing is shown as � and never sent.
 */

#include "util/macro.h"

#define SHOWN_ROOM(length) (3 * (length)) /* bytes that so many become at most */

/*
 * Copies `length` bytes, ended by NUL, as they are safe to show; no NUL is written. Returns how
 * many bytes were written (at most SHOWN_ROOM(length)), and in `*ret_width` the cells that they
 * take.
 */
size_t shown_copy(char *ret, const char *text, size_t length, size_t *ret_width);

/* A copy that is safe to show, ended by free(); NULL without memory. Needs a UTF-8 LC_CTYPE. */
char *shown_text(const char *text);

/* How many cells of a terminal a text from shown_text() takes. */
size_t shown_width(const char *text);

/* Cuts a text from shown_text() to `width` cells, "…" at its end where something is missing. */
void shown_cut(char *text, size_t width);

/* The people's word for one of the records' own (a state, a kind), in a sentence; lists keep
 * theirs, which is what one types. */
const char *shown_word(const char *word);

/* printf() for people, made safe to show as a whole. */
void shown_print(FILE *stream, const char *format, ...) PRINTF(2, 3);

/*
 * Prints a line for people behind its label (translated), and folds it between words where it is
 * wider than `width` cells (0 = never), with the label's room free below it.
 */
void shown_line(const char *label, const char *text, size_t width);
