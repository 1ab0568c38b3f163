/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static int read_whole(int fd, struct lines *lines)
{
    while (lines->size <= LINES_FILE_MOST) {
        ssize_t n = read(fd, lines->text + lines->size, LINES_FILE_MOST + 1 - lines->size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        lines->size += (size_t)n;
    }
    return -EFBIG;
}

int lines_open(const char *path, struct lines *ret)
{
    CLEANUP(lines_done) struct lines lines = {0};
    CLEANUP(cleanup_fd) int fd = -1;
    struct stat st;
    int r;

    /* O_NONBLOCK: opening a pipe that nobody writes to must not wait. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    lines.text = malloc(LINES_FILE_MOST + 1);
    if (!lines.text)
        return -ENOMEM;
    r = read_whole(fd, &lines);
    if (r < 0)
        return r;
    if (lines.size >= 3 && memcmp(lines.text, BYTE_ORDER_MARK, 3) == 0)
        lines.at = 3;
    *ret = lines;
    lines.text = NULL;
    return 0;
}

void lines_done(struct lines *lines)
{
    free(lines->text);
    *lines = (struct lines){0};
}

/* The bytes of the character at `p`, 0 unless it is well-formed UTF-8 (RFC 3629, 4). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char first, last;               /* of the leading byte */
        unsigned char second_first, second_last; /* of the byte after it */
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
        size_t length = forms[i].length;

        if (p[0] < forms[i].first || p[0] > forms[i].last)
            continue;
        if (length > n ||
            (length > 1 && (p[1] < forms[i].second_first || p[1] > forms[i].second_last)))
            return 0;
        for (size_t k = 2; k < length; k++)
            if (p[k] < 0x80 || p[k] > 0xBF)
                return 0;
        return length;
    }
    return 0;
}

static enum line_state line_check(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0; i < n;) {
        size_t length = utf8_length(p + i, n - i);

        if (length == 0)
            return LINE_NOT_UTF8;
        if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7F)
            return LINE_CONTROL;
        i += length;
    }
    return LINE_GOOD;
}

enum line_state lines_next(struct lines *lines, char *ret, size_t size)
{
    const char *line = lines->text + lines->at, *end;
    size_t left = lines->size - lines->at, n;
    enum line_state state;

    ret[0] = '\0';
    if (left == 0)
        return LINE_END;
    end = memchr(line, '\n', left);
    n = end ? (size_t)(end - line) : left;
    lines->at += n + (end ? 1 : 0);
    lines->number++;
    if (n > 0 && line[n - 1] == '\r')
        n--;
    if (n >= size)
        return LINE_TOO_LONG;
    state = line_check(line, n);
    if (state != LINE_GOOD)
        return state;
    memcpy(ret, line, n);
    ret[n] = '\0';
    return LINE_GOOD;
}
