/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Sentences that one program makes and another one tells to people. What a reader, a door or a call
 * over D-Bus says of itself travels as English text, since programs and the log read it too;
 * whoever shows it to a person finds the sentence of the sources that it was made from, and says
 * that one in the person's language. The sentences are those of the functions that TOLD in
 * po/Makefile names, and of the mark below.
 */

#include <stddef.h>

/* Marks a sentence that another program tells; one that stands in a call of TOLD needs no mark. */
#define TOLD(text) text

#define TOLD_PARTS_MOST 6 /* directives of one sentence; one with more is never found */

/* Formats of printf(3) without `n$`, in no order; NULL ends them. Made from the sources by make. */
extern const char *const told_sentences[];

/*
 * Writes `text` into `ret`, cut to `size` bytes, in the language of the thread's locale. A part of
 * it that is a sentence itself is translated too, as is what strerror(3) says. A text that comes
 * from no sentence of ours (another program's, or one that was cut short) stays as it is.
 */
void told_translate(const char *text, char *ret, size_t size);
