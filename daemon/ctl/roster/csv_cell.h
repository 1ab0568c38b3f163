/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Cells of a table that spreadsheets open. A cell that begins with = + - @ (also behind blanks, or
 * in full width), with a tab or with the end of a line may be run as a formula: it is written with
 * an apostrophe before it, as people do by hand to say "this is text". Reading takes that one
 * apostrophe away again, so that every text comes back as it was. Pure, but for the stream.
 */

#include "util/macro.h"

/*
 * Writes the text as one cell, in quotes where it needs them (RFC 4180, 2) and without blanks at
 * its end. What can't be written shows in ferror(stream).
 */
void csv_cell_write(FILE *stream, const char *text, char separator);

/* What a cell means: `cell`, or behind its apostrophe. */
const char *csv_cell_text(const char *cell);

/* A title as a word to compare by: its letters and digits, in lower case and without accents. */
#define TITLE_WORD_SIZE 64
void csv_title_word(const char *title, char ret[static TITLE_WORD_SIZE]);
