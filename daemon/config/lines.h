/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A text file, read whole and handed out line by line with its number. What an editor leaves behind
 * (a byte order mark, CR LF) is taken off; what has no place in a configuration (a NUL, another
 * control character, bytes that are not UTF-8, a line without end) is named, never passed on.
 */

#include "util/macro.h"

#define LINES_FILE_MOST 262144 /* bytes in a file */

struct lines {
    char *text;
    size_t size;
    size_t at;       /* where the next line begins */
    unsigned number; /* of the line handed out last, from 1 */
};

enum line_state {
    LINE_END, /* there are no more */
    LINE_GOOD,
    LINE_TOO_LONG,
    LINE_CONTROL, /* a NUL or another control character than a tab */
    LINE_NOT_UTF8,
};

/*
 * Reads the regular file `path`. 0, -EFBIG beyond LINES_FILE_MOST, -EINVAL for anything but a
 * regular file (a pipe could block for ever), or another negative errno. To be ended by
 * lines_done().
 */
int lines_open(const char *path, struct lines *ret);
void lines_done(struct lines *lines);

/*
 * Writes the next line without its end into `ret` of `size` bytes. Unless LINE_GOOD is returned,
 * `ret` is empty; LINE_TOO_LONG is a line of `size` bytes or more.
 */
enum line_state lines_next(struct lines *lines, char *ret, size_t size);
