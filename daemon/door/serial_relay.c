/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * USB relay boards sold as "LCUS-1" to "LCUS-8": a serial line at 9600 8N1 that takes frames of
 * four bytes, A0 CHANNEL STATE CHECKSUM, where the checksum is the sum of the first three modulo
 * 256. The board answers nothing, so that a frame is all that can be known to have been sent.
 */

#include "door/actuator.h"
#include "door/node.h"
#include "util/told.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <termios.h>

#define FRAME_START 0xA0

struct serial_relay {
    char *path;
    uint8_t channel;
    bool inverted; /* on while locked */
    int fd;        /* -1 while the device is missing */
    char fault[NODE_ERROR_SIZE];
};

PRINTF(3, 4)
static int relay_fail(struct serial_relay *relay, int error, const char *format, ...)
{
    va_list args;

    relay->fd = fd_close(relay->fd);
    va_start(args, format);
    (void)vsnprintf(relay->fault, sizeof(relay->fault), format, args);
    va_end(args);
    return error;
}

static int frame_send(struct serial_relay *relay, bool unlocked)
{
    uint8_t frame[4] = {FRAME_START, relay->channel, unlocked != relay->inverted, 0};
    ssize_t n;

    frame[3] = (uint8_t)(frame[0] + frame[1] + frame[2]);
    do
        n = write(relay->fd, frame, sizeof(frame));
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof(frame))
        return 0;
    return relay_fail(relay, n < 0 ? -errno : -EIO, "%s does not take a frame: %s", relay->path,
                      n < 0 ? strerror(errno) : TOLD("its line is full"));
}

/* 9600 8N1 without flow control; the line is left up on close, since some boards reset on a
 * hang-up. */
static int line_configure(int fd)
{
    struct termios line;

    if (tcgetattr(fd, &line) < 0)
        return -errno;
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
    (void)cfsetspeed(&line, B9600);
    return tcsetattr(fd, TCSANOW, &line) < 0 ? -errno : 0;
}

static int relay_open(struct serial_relay *relay)
{
    int r;

    r = node_open_serial(relay->path, relay->fault);
    if (r < 0)
        return r;
    relay->fd = r;
    r = line_configure(relay->fd);
    if (r < 0)
        return relay_fail(relay, r, "%s cannot be set to 9600 baud: %s: is it a relay board?",
                          relay->path, strerror(-r));
    r = frame_send(relay, false);
    if (r == 0)
        relay->fault[0] = '\0';
    return r;
}

static int relay_write(void *state, bool unlocked)
{
    struct serial_relay *relay = state;

    return relay->fd < 0 ? -ENODEV : frame_send(relay, unlocked);
}

static int relay_mend(void *state)
{
    struct serial_relay *relay = state;
    struct pollfd line = {.fd = relay->fd};

    if (relay->fd < 0)
        return relay_open(relay);
    if (poll(&line, 1, 0) > 0 && line.revents & (POLLHUP | POLLERR | POLLNVAL))
        return relay_fail(relay, -ENODEV, "%s has gone: is the relay board plugged in?",
                          relay->path);
    return 0;
}

static const char *relay_fault(const void *state)
{
    const struct serial_relay *relay = state;

    return relay->fault[0] ? relay->fault : NULL;
}

static void relay_free(void *state)
{
    struct serial_relay *relay = state;

    if (relay->fd >= 0)
        (void)tcdrain(relay->fd);
    (void)fd_close(relay->fd);
    free(relay->path);
    free(relay);
}

int actuator_serial_relay_new(const char *path, int channel, bool inverted, struct actuator **ret)
{
    static const struct actuator_kind kind = {relay_write, relay_mend, relay_fault, relay_free};
    struct serial_relay *relay = calloc(1, sizeof(*relay));

    if (!relay)
        return -ENOMEM;
    relay->fd = -1;
    relay->channel = (uint8_t)channel;
    relay->inverted = inverted;
    relay->path = strdup(path);
    if (!relay->path) {
        free(relay);
        return -ENOMEM;
    }
    (void)relay_open(relay); /* a missing device is a fault, not a failure */
    return actuator_new(&kind, relay, ret);
}
