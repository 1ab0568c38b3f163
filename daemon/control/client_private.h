/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files client*.c share: the connection, a call on it, and its last error. */

#include "control/client.h"

#include <systemd/sd-bus.h>

#define ANSWER_STRANGE                                                                             \
    "cantined answers in words that this cantinectl doesn't know: install the same version of "    \
    "both"

struct client {
    sd_bus *bus;
    char error[512];
};

/* Writes the error and returns `r`. */
int client_fail(struct client *client, int r, const char *format, ...) PRINTF(3, 4);

int client_message(struct client *client, const char *path, const char *interface,
                   const char *member, sd_bus_message **ret);

/* Sends `message` and waits; the error, if there is one, is put into words. */
int client_ask(struct client *client, sd_bus_message *message, usec_t patience,
               sd_bus_message **ret_reply);
