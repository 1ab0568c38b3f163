/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The control socket: a stream socket on which each client sends orders (order.h), a line each, and
 * reads an answer, a line each, in order. Everything is bounded; nobody can make the reader wait.
 */
#include <stdint.h>

#include "virtual/order.h"

#define CONTROL_CLIENTS_MAX 16

struct control_client {
    int fd; /* negative = free */
    size_t length;
    char input[ORDER_LINE_MAX];
    struct tap tap;
};

struct control {
    int epoll;
    int listener;
    char path[108]; /* sun_path's size; unix(7) */
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

/**
 * Listens at `path` and has `epoll` report the listener and later the clients. A socket that a dead
 * reader left behind is replaced. -EADDRINUSE if a living one answers there, -EEXIST if `path` is
 * something else than a socket, -ENAMETOOLONG.
 */
int control_open(struct control *control, const char *path, int epoll);

/* Closes everything and removes the socket. Badges of running taps stay. */
void control_close(struct control *control);

/* Whatever clients have sent is carried out at `now`; taps whose time has come end. */
void control_advance(struct control *control, struct reader *reader, uint64_t now);

/* When a running tap ends; TIME_NEVER if there is none. */
uint64_t control_deadline(const struct control *control, const struct reader *reader);

/* Connects to a reader's control socket; the descriptor, or a negative errno. */
int control_connect(const char *path);
