/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "door/node.h"

#include "util/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#define SUBSYSTEM_SIZE 256 /* "../../../../../class/tty" */

/* --- what is said ----------------------------------------------------------------------------- */

/* Fills `error` and returns `r`. */
PRINTF(3, 4)
static int refuse(char error[static NODE_ERROR_SIZE], int r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(error, NODE_ERROR_SIZE, _(format), args);
    va_end(args);
    return r;
}

static int refuse_other(char error[static NODE_ERROR_SIZE], const char *path, enum node_kind kind)
{
    switch (kind) {
    case NODE_SERIAL:
        return refuse(error, -ENODEV,
                      "%s is not a serial device: write the path of one, such as /dev/ttyUSB0",
                      path);
    case NODE_SPI:
        return refuse(error, -ENODEV,
                      "%s is not an SPI device: write the path of one, such as /dev/spidev0.0",
                      path);
    case NODE_I2C:
        return refuse(error, -ENODEV,
                      "%s is not an I2C device: write the path of one, such as /dev/i2c-1", path);
    case NODE_ANY:
        break;
    }
    return refuse(error, -ENODEV, "%s is not a device: write the path of one, below /dev", path);
}

/* The system refused the path with `r`. */
static int refuse_path(char error[static NODE_ERROR_SIZE], const char *path, int r)
{
    switch (r) {
    case -EACCES:
    case -EPERM:
        return refuse(error, r,
                      "%s cannot be opened: %s: give the user cantine the right to, and run "
                      "this as that user or as root",
                      path, strerror(-r));
    case -EBUSY:
        return refuse(error, r, "%s is in use by another program: end that one", path);
    case -ENOENT:
    case -ENOTDIR:
        return refuse(error, r,
                      "%s is not there: plug the device in, or write the path that it has", path);
    }
    return refuse(error, r,
                  "%s cannot be opened: %s: plug the device in, or write the path that it has",
                  path, strerror(-r));
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Documentation/admin-guide/sysfs-rules.rst: a device's subsystem is the last word of its link. */
static const char *const subsystems[] = {
    [NODE_SERIAL] = "tty", [NODE_SPI] = "spidev", [NODE_I2C] = "i2c-dev"};

#define MEMORY_MAJOR 1 /* null, zero, …: Documentation/admin-guide/devices.txt */

/* True if the kernel says that this device is of another kind. It says nothing of a
 * pseudo-terminal; nor where /sys is hidden, but then the numbers say what is no such device. */
static bool is_other(dev_t number, enum node_kind kind)
{
    char path[64], link[SUBSYSTEM_SIZE];
    const char *word;
    ssize_t n;

    if (kind == NODE_ANY)
        return false;
    (void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/subsystem", major(number),
                   minor(number));
    n = readlink(path, link, sizeof(link) - 1);
    if (n < 0)
        return major(number) == MEMORY_MAJOR;
    link[n] = '\0';
    word = strrchr(link, '/');
    return !streq(word ? word + 1 : link, subsystems[kind]);
}

int node_look(const char *path, enum node_kind kind, dev_t *ret, char error[static NODE_ERROR_SIZE])
{
    struct stat node;

    if (stat(path, &node) < 0)
        return refuse_path(error, path, -errno);
    if (!S_ISCHR(node.st_mode) || is_other(node.st_rdev, kind))
        return refuse_other(error, path, kind);
    *ret = node.st_rdev;
    return 0;
}

int node_open_serial(const char *path, char error[static NODE_ERROR_SIZE])
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct termios line;
    dev_t number;
    int r;

    r = node_look(path, NODE_SERIAL, &number, error);
    if (r < 0)
        return r;
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return refuse_path(error, path, -errno);
    if (tcgetattr(fd, &line) < 0)
        return errno == ENOTTY || errno == EINVAL ? refuse_other(error, path, NODE_SERIAL)
                                                  : refuse_path(error, path, -errno);
    return TAKE_FD(fd);
}
