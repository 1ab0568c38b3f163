/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The event loop of a virtual reader: one thread, one epoll, one timer on CLOCK_MONOTONIC that
 * always stands at the next moment at which anything is due.
 */
#include <stdbool.h>

#define SERVE_SPEED_MIN 1200
#define SERVE_SPEED_MAX 921600

struct serve_options {
    const char *link;
    const char *control;
    unsigned speed; /* baud */
    bool verbose;
};

/* Serves until SIGTERM or SIGINT. Prints what went wrong itself. Returns the exit status. */
int serve(const struct serve_options *options);
