/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The other end of the control socket, for the command line.
 */

/**
 * Sends the words as one order to the reader at `socket` and prints its answer: on stdout what was
 * done, on stderr what went wrong. Returns the exit status: 0 done, 1 failed, 2 wrong usage.
 */
int client_order(const char *socket, int count, char *const words[]);
