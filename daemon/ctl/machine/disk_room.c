/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/machine/disk_room.h"

#define MIB (1ULL << 20)

static enum room space_judge(const struct disk_room *room)
{
    if (room->free_mib < ROOM_MIB_NONE)
        return ROOM_NONE;
    return room->free_mib < ROOM_MIB_LEAST || room->free_percent < ROOM_PERCENT_LEAST ? ROOM_LITTLE
                                                                                      : ROOM_ENOUGH;
}

void disk_room_judge(const struct statvfs *disk, struct disk_room *ret)
{
    unsigned long long block = disk->f_frsize, free = disk->f_bavail;

    *ret = (struct disk_room){
        .free_mib = free * block / MIB,
        .free_files = disk->f_favail,
        .free_percent = disk->f_blocks ? (unsigned)(free * 100 / disk->f_blocks) : 100,
    };
    if (disk->f_blocks > 0)
        ret->space = space_judge(ret);
    if (disk->f_files == 0)
        return;
    if (disk->f_favail < ROOM_FILES_NONE)
        ret->files = ROOM_NONE;
    else if (disk->f_favail < disk->f_files / 100 * ROOM_FILES_LEAST)
        ret->files = ROOM_LITTLE;
}
