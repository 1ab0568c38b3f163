/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clients and their lines. See control.h.
 */
#include "virtual/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/macro.h"
#include "virtual/timing.h"

static int address_fill(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (path[0] == '\0' || strlen(path) >= sizeof(address->sun_path))
        return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

int control_connect(const char *path)
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct sockaddr_un address;
    int r = address_fill(&address, path);

    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return TAKE_FD(fd);
}

/* Only what nobody listens to any more is removed. */
static int remove_stale_socket(const char *path)
{
    CLEANUP(cleanup_fd) int living = -1;
    struct stat st;

    if (lstat(path, &st) < 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    living = control_connect(path);
    if (living >= 0)
        return -EADDRINUSE;
    return unlink(path) < 0 ? -errno : 0;
}

static int watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int control_open(struct control *control, const char *path, int epoll)
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct sockaddr_un address;
    int r;

    *control = (struct control){.epoll = epoll, .listener = -1};
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->clients[i].fd = -1;

    r = address_fill(&address, path);
    if (r >= 0)
        r = remove_stale_socket(path);
    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    if (listen(fd, CONTROL_CLIENTS_MAX) < 0)
        return -errno;
    r = watch(epoll, fd);
    if (r < 0)
        return r;

    strcpy(control->path, path);
    control->listener = TAKE_FD(fd);
    return 0;
}

void control_close(struct control *control)
{
    if (control->listener < 0)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->clients[i].fd = fd_close(control->clients[i].fd);
    control->listener = fd_close(control->listener);
    (void)unlink(control->path);
}

static void client_close(struct control_client *client, struct reader *reader)
{
    tap_cancel(reader, &client->tap);
    client->fd = fd_close(client->fd);
    client->length = 0;
}

/* An answer fits a fresh socket buffer many times; a client that never reads is cut off. */
static void client_answer(struct control_client *client, struct reader *reader, char *answer)
{
    size_t length = strlen(answer);

    answer[length++] = '\n'; /* over the NUL */
    if (send(client->fd, answer, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length)
        client_close(client, reader);
}

/* Runs the lines that have arrived, one at a time: a tap holds back what comes after it. */
static void client_run_lines(struct control_client *client, struct reader *reader, uint64_t now)
{
    char answer[ORDER_ANSWER_MAX + 1], *end;

    while (client->fd >= 0 && !client->tap.running &&
           (end = memchr(client->input, '\n', client->length))) {
        size_t used = (size_t)(end - client->input) + 1;
        enum order_result result;

        *end = '\0';
        result = order_run(reader, client->input, now, &client->tap, answer);
        client->length -= used;
        memmove(client->input, client->input + used, client->length);
        if (result == ORDER_ANSWERED)
            client_answer(client, reader, answer);
    }
}

static void client_read(struct control_client *client, struct reader *reader)
{
    char too_long[ORDER_ANSWER_MAX] = "usage the line is too long: send at most 511 bytes";
    size_t room = sizeof(client->input) - client->length;
    ssize_t n;

    if (room == 0) {
        client_answer(client, reader, too_long);
        client_close(client, reader);
        return;
    }
    n = recv(client->fd, client->input + client->length, room, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        client_close(client, reader);
    else
        client->length += (size_t)n;
}

static void control_accept(struct control *control)
{
    int fd;

    while ((fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct control_client *free_one = NULL;

        for (size_t i = 0; i < CONTROL_CLIENTS_MAX && !free_one; i++)
            if (control->clients[i].fd < 0)
                free_one = &control->clients[i];
        if (!free_one || watch(control->epoll, fd) < 0) {
            (void)close(fd);
            continue;
        }
        *free_one = (struct control_client){.fd = fd};
    }
}

void control_advance(struct control *control, struct reader *reader, uint64_t now)
{
    char answer[ORDER_ANSWER_MAX + 1];

    control_accept(control);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &control->clients[i];

        if (client->fd < 0)
            continue;
        if (tap_advance(reader, &client->tap, now, answer))
            client_answer(client, reader, answer);
        if (client->fd >= 0)
            client_read(client, reader);
        client_run_lines(client, reader, now);
    }
}

uint64_t control_deadline(const struct control *control, const struct reader *reader)
{
    uint64_t deadline = TIME_NEVER;

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        deadline = MIN_OF(deadline, tap_deadline(reader, &control->clients[i].tap));
    return deadline;
}
