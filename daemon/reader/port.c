/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

void port_init(struct port *port, const char *connection)
{
    *port = (struct port){.fd = -1};
    config_device_path(connection, port->path);
}

static bool same_node(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_rdev == b->st_rdev &&
           a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid;
}

enum port_sight port_look(struct port *port)
{
    struct stat before = port->seen;

    if (!port->path[0])
        return PORT_SAME;
    if (stat(port->path, &port->seen) < 0) {
        port->seen = (struct stat){0};
        return PORT_MISSING;
    }
    return same_node(&before, &port->seen) ? PORT_SAME : PORT_NEW;
}

int port_claim(struct port *port)
{
    CLEANUP(cleanup_fd) int fd = -1;

    if (!port->path[0])
        return 0;
    fd = open(port->path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    port->fd = TAKE_FD(fd);
    return 0;
}

bool port_is_alive(const struct port *port)
{
    struct pollfd line = {.fd = port->fd};

    return port->fd < 0 || poll(&line, 1, 0) <= 0 || !(line.revents & (POLLHUP | POLLERR));
}

void port_release(struct port *port)
{
    port->fd = fd_close(port->fd);
}
