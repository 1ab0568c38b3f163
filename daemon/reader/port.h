/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The device node behind a connection string: is it there, is it a new one, whose is it. libnfc
 * opens the node itself; the descriptor held here only carries the lock that keeps two readers off
 * one device, and hears of its unplugging. A connection string without a path (USB) has no port: it
 * counts as always there and is never locked.
 */

#include "config/config.h"

#include <sys/stat.h>

enum port_sight { PORT_MISSING, PORT_SAME, PORT_NEW };

struct port {
    char path[CONFIG_TEXT_SIZE]; /* empty: no path in the connection string */
    int fd;                      /* -1 while unclaimed */
    struct stat seen;            /* the node at the last look; all 0 = none */
};

/* Finds the path in `connection` (libnfc: DRIVER:PATH[:SPEED]); ended by port_release(). */
void port_init(struct port *port, const char *connection);

/*
 * Looks at the node: cheap enough for four times a second. NEW if it was missing at the last look,
 * is another one now, or was given to somebody else since (udev does that just after it appears).
 */
enum port_sight port_look(struct port *port);

/*
 * Opens the node and locks it. 0; -EBUSY if another reader holds it; -ENOENT, -EACCES or another
 * negative errno as open(2) gives it.
 */
int port_claim(struct port *port);

/* False once a claimed port was unplugged. */
bool port_is_alive(const struct port *port);

void port_release(struct port *port);
