/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The device nodes that a configuration names by their paths: looked at without opening them, and
 * serial ones opened. What is wrong is said in the same words by whoever checks the configuration
 * and by a door that cannot have its relay.
 */

#include "util/macro.h"

#include <sys/types.h>

#define NODE_ERROR_SIZE 512

enum node_kind { NODE_ANY, NODE_SERIAL, NODE_SPI, NODE_I2C };

/*
 * Looks at `path` and opens nothing, since to open some devices is to start them (a watchdog).
 * 0 and its number, or a negative errno and in `error` what is wrong and what to do: -ENODEV for
 * what is no device of this kind, -EACCES, -ENOENT … as stat(2) gives them.
 */
int node_look(const char *path, enum node_kind kind, dev_t *ret,
              char error[static NODE_ERROR_SIZE]);

/*
 * Opens a serial device to read and write without waiting for either. Returns a descriptor, the
 * caller's, or a negative errno with `error` as above; -EBUSY: somebody has it for himself alone
 * (ioctl_tty(2), TIOCEXCL). Nothing is written, and none of its settings are touched.
 */
int node_open_serial(const char *path, char error[static NODE_ERROR_SIZE]);
