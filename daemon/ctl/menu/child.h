/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Another program on this terminal, which is waited for. */

#include "util/macro.h"

/*
 * Runs `program` (a path, or a name looked up in PATH) with `argv`, ended by NULL, and gives what
 * it writes to its descriptor `fd` (-1 = nothing is gathered, and `ret` may be NULL) in `*ret`: the
 * caller's, ended by NUL. Ctrl-C is the program's alone while it runs.
 * Returns its exit status, 128 and the signal's number where a signal ended it, -ENOENT where there
 * is no such program, or another negative errno; `*ret` is NULL then.
 */
int child_run(const char *program, const char *const *argv, int fd, char **ret);
