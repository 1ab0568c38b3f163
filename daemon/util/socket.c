/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/socket.h"

#include <errno.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int address_fill(const char *path, struct sockaddr_un *ret)
{
    if (strlen(path) >= sizeof(ret->sun_path))
        return -ENAMETOOLONG;
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)stpcpy(ret->sun_path, path);
    return 0;
}

static int socket_new(void)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd < 0 ? -errno : fd;
}

int socket_listen(const char *path)
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct sockaddr_un address;
    int r;

    r = address_fill(path, &address);
    if (r < 0)
        return r;
    fd = socket_new();
    if (fd < 0)
        return fd;
    if (unlink(path) < 0 && errno != ENOENT)
        return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0666) < 0 ||
        listen(fd, 8) < 0)
        return -errno;
    return TAKE_FD(fd);
}

int socket_connect(const char *path)
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct sockaddr_un address;
    int r;

    r = address_fill(path, &address);
    if (r < 0)
        return r;
    fd = socket_new();
    if (fd < 0)
        return fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return TAKE_FD(fd);
}

int socket_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    return fd < 0 ? -errno : fd;
}

bool socket_peer_allowed(int fd, const char *service, uid_t *ret_uid)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    const struct passwd *user;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    *ret_uid = peer.uid;
    if (peer.uid == 0 || peer.uid == geteuid())
        return true;
    user = getpwnam(service);
    return user && peer.uid == user->pw_uid;
}

ssize_t socket_receive(int fd, void *ret, size_t size)
{
    ssize_t n;

    do
        n = recv(fd, ret, size, MSG_TRUNC | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == ECONNRESET ? 0 : -errno;
    return (size_t)n > size ? -EMSGSIZE : n;
}

int socket_send(int fd, const void *message, size_t size)
{
    ssize_t n;

    do
        n = send(fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return (size_t)n == size ? 0 : -EMSGSIZE;
}
