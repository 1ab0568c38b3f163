/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * UNIX sockets of type SEQPACKET between the programs: every message is one datagram with a
 * beginning and an end, and the kernel says who sent it (unix(7), SO_PEERCRED).
 */

#include "util/macro.h"

#include <sys/types.h>

/*
 * Binds and listens at `path` (mode 0666: who may talk is decided by socket_peer_allowed),
 * replacing a stale socket; the caller holds the lock that says nobody else is bound there. Returns
 * the descriptor (non-blocking, close-on-exec) or a negative errno.
 */
int socket_listen(const char *path);

/* Connects to `path`; returns a descriptor (non-blocking, close-on-exec) or a negative errno. */
int socket_connect(const char *path);

/* Accepts one connection; returns a descriptor (non-blocking, close-on-exec) or a negative errno.
 */
int socket_accept(int listener);

/* True if the peer runs as uid 0, as the caller's own uid or as user `service` (which may not
 * exist). */
bool socket_peer_allowed(int fd, const char *service, uid_t *ret_uid);

/*
 * Receives one message into `ret` of `size` bytes. Returns its length, 0 when the peer has closed,
 * -EAGAIN when there is none, -EMSGSIZE when it was longer than `size`, or another negative errno.
 */
ssize_t socket_receive(int fd, void *ret, size_t size);

/* Sends one whole message; 0, -EAGAIN when the peer doesn't read, or another negative errno. */
int socket_send(int fd, const void *message, size_t size);
