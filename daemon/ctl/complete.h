/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the last of some words could become: cantinectl --complete WORD…, which the shell's file
 * cantinectl.bash asks on TAB. One in a line, plain; the shell quotes them. Nothing is said or
 * asked, and cantined isn't: where the records can't be read there are just no names.
 */

#define COMPLETE_OPTION "--complete"
#define COMPLETE_FILES  3 /* exit status: it is a file's name, which the shell knows better */

/* `argv` begins behind --complete. The exit status. */
int complete(int argc, char **argv);
