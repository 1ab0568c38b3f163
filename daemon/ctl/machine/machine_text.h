/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Reading what the kernel and systemd write as text. Pure: text in, values out. */

#include "util/macro.h"

#define MOUNT_SOURCE_SIZE 128
#define CONSOLE_SIZE      64

struct mount {
    char source[MOUNT_SOURCE_SIZE]; /* "/dev/mmcblk0p2" */
    bool read_only, noatime;
};

/* Takes the next line, without blanks around it, off `text`, which it changes; NULL at the end. */
char *line_next(char **text);

/* Takes the next word off a line, which it changes; NULL at the end. */
char *word_next(char **line);

/*
 * Where the file `path` (absolute, without links) is mounted, from the text of /proc/mounts
 * (proc(5), fstab(5)). The innermost mount counts, and the latest of several at one place.
 */
bool mount_of(const char *mounts, const char *path, struct mount *ret);

/*
 * The word of a kernel's command line that puts a console or its debugger on the serial line `tty`
 * ("ttyAMA0"): Documentation/admin-guide/kernel-parameters.txt, console=, kgdboc=. On a Raspberry
 * Pi the boot file names the header's line "serial0"; who knows only that file gives `is_file`.
 */
bool console_on(const char *cmdline, const char *tty, bool is_file, char ret[static CONSOLE_SIZE]);

/*
 * Whether somebody listens at the port, from the text of /proc/net/tcp or tcp6, and if others than
 * this machine reach it (`*ret_far` is only ever set to true).
 */
bool port_listens(const char *table, unsigned port, bool *ret_far);

/* The value of the next line of the form "Key=Value" with this key, off `text`, which it changes.
 */
char *setting_next(char **text, const char *key);

/* The latest value of a key in text of the form "Key=Value"; false if it isn't set. */
bool setting_last(const char *text, const char *key, char *ret, size_t size);

/* True if a line of the text begins with the word: a module in /proc/modules. */
bool line_begins(const char *text, const char *word);
