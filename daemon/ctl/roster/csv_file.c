/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/csv_file.h"

#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>

/* Reads until the end or until `size` bytes are there; how many, or a negative errno. */
static ssize_t all_read(int fd, char *bytes, size_t size)
{
    size_t n = 0;

    while (n < size) {
        ssize_t r = read(fd, bytes + n, size - n);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        if (r == 0)
            break;
        n += (size_t)r;
    }
    return (ssize_t)n;
}

static bool unreadable(const char *path, int r)
{
    if (r == -ENOENT)
        (void)complain("%.200s: there is no such file: give the path of a CSV file", path);
    else if (r == -EISDIR)
        (void)complain("%.200s: is a directory: give the path of a CSV file", path);
    else if (r == -EACCES)
        (void)complain("%.200s: can't be read by this user: use sudo, or change its rights", path);
    else
        (void)complain("%.200s: can't be read: %s: give the path of a CSV file", path,
                       strerror(-r));
    return false;
}

/* Opens the file, or the standard input anew. */
static int file_open(const char *path)
{
    if (streq(path, "-"))
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

bool csv_file_read(const char *path, size_t rows_most, struct csv *ret)
{
    CLEANUP(cleanup_fd) int fd = file_open(path);
    CLEANUP(cleanup_free) char *bytes = malloc(CSV_BYTES_MOST + 1);
    struct csv_error error;
    ssize_t n;

    if (fd < 0)
        return unreadable(path, -errno);
    if (!bytes)
        return unreadable(path, -ENOMEM);
    n = all_read(fd, bytes, CSV_BYTES_MOST + 1);
    if (n < 0)
        return unreadable(path, (int)n);
    if (csv_parse(bytes, (size_t)n, rows_most, ret, &error) == 0)
        return true;
    if (error.line > 0)
        (void)complain("%.200s:%u: %s", path, error.line, error.text);
    else
        (void)complain("%.200s: %s", path, error.text);
    return false;
}
