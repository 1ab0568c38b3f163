/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Tables as spreadsheets write them (RFC 4180): a line of titles, then a row a line. Between
 * commas, semicolons or tabs, whichever the titles have most of; in UTF-8, with or without its
 * mark, or else in Windows-1252, of which Latin-1's letters are a part; lines end with LF, CR LF or
 * CR. Pure: bytes in, rows out.
 */

#include "util/macro.h"

#define CSV_BYTES_MOST   (16 * 1024 * 1024)
#define CSV_ROWS_MOST    100000 /* below the titles; a caller may want fewer */
#define CSV_COLUMNS_MOST 64

struct csv {
    char *text;          /* what the fields point into */
    const char **fields; /* of the titles and of each row, n_columns each */
    unsigned *lines;     /* on which the titles and each row begin, from 1 */
    size_t n_columns, n_rows;
    char separator;
    bool is_latin; /* it wasn't UTF-8 */
};

/* What is wrong and what to do, in words to follow "FILE:LINE: "; line 0 = the whole file. */
struct csv_error {
    unsigned line;
    char text[256];
};

/*
 * Reads `n` bytes of at most `rows_most` rows (up to CSV_ROWS_MOST). Every field is UTF-8 without
 * blanks around it; a row with fewer fields than there are titles has empty ones at its end, and a
 * line without any text is no row. `*ret` is written on success only, to be ended by csv_done().
 * -ENODATA: nothing is in it; -EFBIG, -E2BIG: over a limit above; -EILSEQ: no text; -EBADMSG: a
 * quote or a field too many; -ENOMEM.
 */
int csv_parse(const char *bytes, size_t n, size_t rows_most, struct csv *ret,
              struct csv_error *error);
void csv_done(struct csv *csv);

/* A title (row 0) or a field of row 1 …; column from 0. */
const char *csv_field(const struct csv *csv, size_t row, size_t column);
