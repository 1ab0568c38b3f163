/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The floor of "cantined's own share": a program that decides nothing and records nothing.
 * `bare_relay SOCKET TTY` listens on a SEQPACKET socket and writes the on frame to the tty for each
 * message.
 */

#include "util/socket.h"

#include <fcntl.h>
#include <poll.h>

int main(int argc, char **argv)
{
    static const uint8_t on[] = {0xA0, 0x01, 0x01, 0xA2};
    char message[256];
    int listener, tty, peer;

    if (argc != 3)
        return 2;
    listener = socket_listen(argv[1]);
    tty = open(argv[2], O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (listener < 0 || tty < 0)
        return 1;
    (void)poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, -1);
    peer = socket_accept(listener);
    while (poll(&(struct pollfd){.fd = peer, .events = POLLIN}, 1, -1) > 0) {
        if (socket_receive(peer, message, sizeof(message)) <= 0)
            return 0;
        if (write(tty, on, sizeof(on)) < 0)
            return 1;
    }
    return 1;
}
