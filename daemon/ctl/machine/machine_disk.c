/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The disk below the records and the journal: is there room, may it be written, and how much has a
 * card of the board been worn, or is being worn without need?
 */

#include "ctl/machine/disk_room.h"
#include "ctl/machine/machine.h"
#include "ctl/machine/machine_text.h"

#include <errno.h>
#include <fcntl.h>

#define LIFE_WORN     9 /* life_time: 9 is 80 to 90 % used, 11 is past its end */
#define LIFE_END_NEAR 2 /* pre_eol_info: 2 = 80 % of the reserve is used, 3 = 90 % */

/* The folder of a database, or the nearest one above it that can be looked at, with its links
 * followed. */
static void folder_of(const struct machine *machine, const char *file,
                      char ret[static MACHINE_PATH_SIZE])
{
    char path[MACHINE_PATH_SIZE];
    struct stat there;

    (void)snprintf(path, sizeof(path), "%s", file);
    do {
        char *slash = strrchr(path, '/');

        if (!slash || slash == path) {
            (void)snprintf(path, sizeof(path), "/");
            break;
        }
        *slash = '\0';
    } while (machine_stat(machine, &there, "%s", path) < 0);
    machine_resolve(machine, path, ret);
}

static bool mount_find(const struct machine *machine, const char *folder, struct mount *ret)
{
    CLEANUP(cleanup_free) char *mounts = NULL;

    return machine_read(machine, &mounts, "/proc/mounts") == 0 && mount_of(mounts, folder, ret);
}

bool machine_on_card(const struct machine *machine, const char *folder)
{
    struct mount mount;

    if (!machine->runs)
        return machine->is_pi;
    return mount_find(machine, folder, &mount) && starts_with(mount.source, "/dev/mmcblk");
}

/* --- room ------------------------------------------------------------------------------------- */

static void room_check(struct machine *machine, const char *folder)
{
    CLEANUP(cleanup_fd) int fd = machine_open_file(machine, folder, O_PATH);
    struct disk_room room;
    struct statvfs disk;

    if (fd < 0 || fstatvfs(fd, &disk) < 0)
        return;
    disk_room_judge(&disk, &room);
    if (room.space != ROOM_ENOUGH) {
        machine_find(machine, room.space == ROOM_NONE ? SEVERITY_FAULT : SEVERITY_ADVICE, folder,
                     "%llu MiB are free (%u %%)", room.free_mib, room.free_percent);
        machine_advise(machine, "make room: journalctl --vacuum-size=50M; apt-get clean; "
                                "du -xh / | sort -h | tail shows what is large");
    }
    if (room.files != ROOM_ENOUGH) {
        machine_find(machine, room.files == ROOM_NONE ? SEVERITY_FAULT : SEVERITY_ADVICE, folder,
                     "%llu more files fit on it (inodes)", room.free_files);
        machine_advise(machine, "delete old files: du --inodes -x / | sort -n | tail shows "
                                "where there are many");
    }
}

static void folder_check(struct machine *machine, const char *folder)
{
    struct mount mount;

    if (mount_find(machine, folder, &mount) && mount.read_only) {
        machine_find(machine, SEVERITY_FAULT, folder,
                     "the disk is mounted read-only (%s), and nothing is recorded", mount.source);
        machine_advise(machine, "run: dmesg | grep -i error; a card that has failed is to be "
                                "replaced, and another one mounted with rw");
    }
    room_check(machine, folder);
}

void check_disk(struct machine *machine)
{
    char records[MACHINE_PATH_SIZE], journal[MACHINE_PATH_SIZE];
    struct stat a, b;

    folder_of(machine, machine->config->storage.records, records);
    folder_of(machine, machine->config->storage.journal, journal);
    folder_check(machine, records);
    if (machine_stat(machine, &a, "%s", records) == 0 &&
        machine_stat(machine, &b, "%s", journal) == 0 && a.st_dev == b.st_dev)
        return; /* one disk is one finding */
    folder_check(machine, journal);
}

/* --- wear ------------------------------------------------------------------------------------- */

/*
 * eMMC says how much of its life is used (Documentation/driver-api/mmc/mmc-dev-attrs.rst, JEDEC
 * JESD84-B51, 7.4.25 to 7.4.27); SD cards have no such files.
 */
static void life_check(struct machine *machine, const char *disk)
{
    CLEANUP(cleanup_free) char *life = NULL, *end = NULL;
    unsigned kinds[2] = {0}, reserve = 0;

    if (machine_read(machine, &life, "/sys/block/%s/device/life_time", disk) == 0)
        (void)sscanf(life, "%x %x", &kinds[0], &kinds[1]);
    if (machine_read(machine, &end, "/sys/block/%s/device/pre_eol_info", disk) == 0)
        (void)sscanf(end, "%x", &reserve);
    if (MAX_OF(kinds[0], kinds[1]) < LIFE_WORN && reserve < LIFE_END_NEAR)
        return;
    machine_find(machine, SEVERITY_ADVICE, disk, "this flash memory is almost worn out");
    machine_advise(machine, "copy the records away (the folder of records=), and replace it "
                            "soon");
}

static void atime_check(struct machine *machine, const char *folder)
{
    struct mount mount;

    if (!machine->runs || !mount_find(machine, folder, &mount) || mount.noatime)
        return;
    machine_find(machine, SEVERITY_ADVICE, folder, "reading files there also writes to the card");
    machine_advise(machine, "add the option noatime to its line in /etc/fstab, and restart");
}

/* journald keeps up to a tenth of the disk unless told (journald.conf(5), SystemMaxUse=). */
static void log_check(struct machine *machine)
{
    CLEANUP(cleanup_free) char *settings = machine_settings(machine, "journald.conf");
    char storage[32] = "auto", most[32] = "";

    if (!settings)
        return;
    (void)setting_last(settings, "Storage", storage, sizeof(storage));
    (void)setting_last(settings, "SystemMaxUse", most, sizeof(most));
    if (streq(storage, "volatile") || streq(storage, "none") || most[0] ||
        (streq(storage, "auto") && !machine_has(machine, "/var/log/journal")))
        return;
    machine_find(machine, SEVERITY_ADVICE, "journald",
                 "the system's log may take a tenth of the card");
    machine_advise(machine, "write SystemMaxUse=64M below [Journal] into "
                            "/etc/systemd/journald.conf.d/50-cantine.conf");
}

void check_card(struct machine *machine)
{
    CLEANUP(cleanup_names) struct names disks;
    char records[MACHINE_PATH_SIZE];

    folder_of(machine, machine->config->storage.records, records);
    machine_list(machine, &disks, "/sys/block");
    for (size_t i = 0; i < disks.n; i++)
        if (starts_with(disks.items[i], "mmcblk"))
            life_check(machine, disks.items[i]);
    if (machine_on_card(machine, records))
        atime_check(machine, records);
    if (machine_on_card(machine, "/var/log/journal"))
        log_check(machine);
}
