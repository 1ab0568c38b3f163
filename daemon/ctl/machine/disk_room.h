/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How much room a disk has, judged for one that a door's journal is written to. Pure. */

#include "util/macro.h"

#include <sys/statvfs.h>

#define ROOM_PERCENT_LEAST 10 /* below it, or below the next, there is little */
#define ROOM_MIB_LEAST     100
#define ROOM_MIB_NONE      5 /* below it there is none: a commit may fail at any time */
#define ROOM_FILES_LEAST   5 /* per cent */
#define ROOM_FILES_NONE    10

enum room { ROOM_ENOUGH, ROOM_LITTLE, ROOM_NONE };

struct disk_room {
    enum room space, files;
    unsigned long long free_mib, free_files;
    unsigned free_percent;
};

/* For who isn't root. A file system that counts nothing, as /proc, has enough. */
void disk_room_judge(const struct statvfs *disk, struct disk_room *ret);
