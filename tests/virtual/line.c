/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pty with the speed of a serial line. See line.h.
 */
#include "virtual/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "util/macro.h"
#include "virtual/timing.h"

int line_init(struct line *line, const char *path, unsigned speed)
{
    *line = (struct line){
        .byte_ns = LINE_BITS_PER_BYTE * NS_PER_S / speed,
        .master = -1,
    };
    if (strlen(path) >= sizeof(line->path) - 8)
        return -ENAMETOOLONG;
    strcpy(line->path, path);
    return 0;
}

/* Nobody may see a terminal that echoes and edits lines, so it is made raw before it has a name. */
static int terminal_open(char *name, size_t size)
{
    CLEANUP(cleanup_fd) int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios settings;

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return -errno;
    if (tcgetattr(master, &settings) < 0)
        return -errno;
    cfmakeraw(&settings);
    if (tcsetattr(master, TCSANOW, &settings) < 0)
        return -errno;
    if (ptsname_r(master, name, size) != 0)
        return -errno;
    return TAKE_FD(master);
}

/* Where the link at `path` points; empty if there is no link. */
static void link_target(const char *path, char target[static 64])
{
    ssize_t n = readlink(path, target, 63);

    target[MAX_OF(n, 0)] = '\0';
}

/* Replaces the link in one step: at no moment does it point nowhere. */
static int link_create(const char *path, const char *terminal)
{
    char temporary[LINE_PATH_MAX], target[64];
    struct stat st;

    link_target(path, target);
    if (lstat(path, &st) == 0 && !starts_with(target, "/dev/pts/"))
        return -EEXIST;

    snprintf(temporary, sizeof(temporary), "%s.new", path);
    (void)unlink(temporary);
    if (symlink(terminal, temporary) < 0)
        return -errno;
    if (rename(temporary, path) < 0) {
        int r = -errno;

        (void)unlink(temporary);
        return r;
    }
    return 0;
}

int line_plug(struct line *line)
{
    CLEANUP(cleanup_fd) int master = terminal_open(line->terminal, sizeof(line->terminal));
    int r;

    if (master < 0)
        return TAKE_FD(master);
    r = link_create(line->path, line->terminal);
    if (r < 0)
        return r;
    line->master = TAKE_FD(master);
    line->times_plugged++;
    line->host_present = false;
    return 0;
}

void line_unplug(struct line *line)
{
    char target[64];

    if (line->master < 0)
        return;
    /* Another reader may have taken the name over in the meantime. */
    link_target(line->path, target);
    if (streq(target, line->terminal))
        (void)unlink(line->path);
    line->master = fd_close(line->master);
    line->host_present = false;
    line->input_count = 0;
    line_hush(line);
}

static void input_append(struct line *line, uint8_t byte, uint64_t now)
{
    size_t i = (line->input_first + line->input_count) % LINE_INPUT_MAX;

    if (line->input_count == LINE_INPUT_MAX)
        return;
    line->input_free = MAX_OF(line->input_free, now) + line->byte_ns;
    line->input[i].byte = byte;
    line->input[i].at = line->input_free;
    line->input_count++;
}

size_t line_read(struct line *line, uint64_t now, uint8_t raw[static LINE_INPUT_MAX])
{
    size_t length = 0;

    while (line->master >= 0 && length < LINE_INPUT_MAX) {
        ssize_t n = read(line->master, raw + length, LINE_INPUT_MAX - length);

        if (n < 0 && errno == EINTR)
            continue;
        /* EIO says that nobody has the terminal open; the next host will be noticed by its bytes.
         */
        if (n < 0 && errno == EIO)
            line->host_present = false;
        if (n <= 0)
            break;
        line->host_present = true;
        for (ssize_t i = 0; i < n; i++)
            input_append(line, raw[length + (size_t)i], now);
        length += (size_t)n;
    }
    return length;
}

bool line_next_byte(struct line *line, uint64_t now, uint8_t *ret_byte, uint64_t *ret_at)
{
    if (line->input_count == 0 || line->input[line->input_first].at > now)
        return false;
    *ret_byte = line->input[line->input_first].byte;
    *ret_at = line->input[line->input_first].at;
    line->input_first = (line->input_first + 1) % LINE_INPUT_MAX;
    line->input_count--;
    return true;
}

void line_send(struct line *line, const uint8_t *bytes, size_t length, uint64_t at,
               uint64_t byte_ns)
{
    struct line_transmission *it;

    if (line->output_count == LINE_OUTPUT_MAX || length > sizeof(it->bytes))
        return;
    it = &line->output[(line->output_first + line->output_count++) % LINE_OUTPUT_MAX];
    it->start = MAX_OF(line->output_free, at);
    it->byte_ns = byte_ns > 0 ? byte_ns : line->byte_ns;
    it->length = length;
    it->sent = 0;
    memcpy(it->bytes, bytes, length);
    line->output_free = it->start + length * it->byte_ns;
}

void line_hush(struct line *line)
{
    line->output_count = 0;
    line->output_free = 0;
}

static size_t bunch_size(const struct line *line, const struct line_transmission *it)
{
    return MIN_OF(it->byte_ns > line->byte_ns ? 1 : LINE_BUNCH, it->length - it->sent);
}

/* When the transmission's next bunch of bytes has arrived. */
static uint64_t bunch_at(const struct line *line, const struct line_transmission *it)
{
    return it->start + (it->sent + bunch_size(line, it)) * it->byte_ns;
}

void line_deliver(struct line *line, uint64_t now)
{
    while (line->output_count > 0) {
        struct line_transmission *it = &line->output[line->output_first];
        size_t n = bunch_size(line, it);

        if (bunch_at(line, it) > now)
            return;
        if (line->master >= 0 && line->host_present) {
            /* A host that does not read loses bytes: there is no flow control on this line. */
            ssize_t written = write(line->master, it->bytes + it->sent, n);

            (void)written;
        }
        it->sent += n;
        if (it->sent == it->length) {
            line->output_first = (line->output_first + 1) % LINE_OUTPUT_MAX;
            line->output_count--;
        }
    }
}

uint64_t line_deadline(const struct line *line)
{
    uint64_t deadline = TIME_NEVER;

    /* Frames come in one piece, so waking once for the last byte is enough; each byte keeps the
     * time of its own arrival. */
    if (line->input_count > 0) {
        size_t last = (line->input_first + line->input_count - 1) % LINE_INPUT_MAX;

        deadline = line->input[last].at;
    }
    if (line->output_count > 0)
        deadline = MIN_OF(deadline, bunch_at(line, &line->output[line->output_first]));
    return deadline;
}
