/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The machine that the door runs on, as `cantinectl check` sees it: files of /etc, /proc, /sys and
 * /dev, read and never changed, and no device is opened. All of them are looked for below a root:
 * "/", or a folder where a card is mounted. Its links stay within it (openat2(2),
 * RESOLVE_IN_ROOT). What cannot be known there, because the card's machine doesn't run, isn't
 * asked.
 *
 * A finding is an object of `table` ("machine"), `row`, `problem`, `advice` and `severity`.
 */

#include "config/config.h"

#include <jansson.h>
#include <sys/stat.h>

#define MACHINE_FILE_MOST  (1 << 20) /* bytes of a file; more isn't read */
#define MACHINE_NAMES_MOST 1024      /* files of a folder */
#define MACHINE_PATH_SIZE  512

/* Whether the door works with it: a fault stops the door, advice makes it better. */
enum severity { SEVERITY_FAULT, SEVERITY_ADVICE };

struct machine {
    const struct config *config;
    int root;
    bool is_this;      /* the machine that this program runs on */
    bool runs;         /* it has a /proc: no card in another computer */
    bool is_installed; /* systemd there knows Cantine's units */
    bool is_pi;        /* a Raspberry Pi */
    bool is_contained; /* a container, whose clock and watchdog are its host's */
    const char *check; /* that is under way */
    json_t *findings;
    bool failed; /* no memory for a finding */
};

/* Looks at the machine whose "/" is `root`, NULL = this one. 0, -errno if there is no such folder.
 */
int machine_open(struct machine *ret, const char *root, const struct config *config);
void machine_done(struct machine *machine);

/* Runs every check that makes sense there; false without memory. */
bool machine_look(struct machine *machine);

/* --- for the checks --------------------------------------------------------------------------- */

/* Adds a finding about `subject` ("" = what the check is about). `problem` is translated here, as
 * is the advice. */
void machine_find(struct machine *machine, enum severity severity, const char *subject,
                  const char *problem, ...) PRINTF(4, 5);

/* What to do about the finding just made. */
void machine_advise(struct machine *machine, const char *advice, ...) PRINTF(2, 3);

/* The file's descriptor, or a negative errno. O_PATH is all that a device may be opened with. */
int machine_open_file(const struct machine *machine, const char *path, int flags);

/* The whole file, to be ended by free(); a negative errno. */
int machine_read(const struct machine *machine, char **ret, const char *path, ...) PRINTF(3, 4);

/* What the path leads to; 0 or a negative errno. */
int machine_stat(const struct machine *machine, struct stat *ret, const char *path, ...)
    PRINTF(3, 4);

/* True if there is such a file, folder or link, even one that leads nowhere. */
bool machine_has(const struct machine *machine, const char *path, ...) PRINTF(2, 3);

/* The path with all its links followed, or as it stands where it leads nowhere. */
void machine_resolve(const struct machine *machine, const char *path,
                     char ret[static MACHINE_PATH_SIZE]);

/* True if the path is a link to exactly `target`: systemd's units are masked by one to /dev/null.
 */
bool machine_is_link(const struct machine *machine, const char *target, const char *path, ...)
    PRINTF(3, 4);

struct names {
    char *items[MACHINE_NAMES_MOST];
    size_t n;
};

/* The names in a folder, sorted; none where there is no such folder. */
void machine_list(const struct machine *machine, struct names *ret, const char *path, ...)
    PRINTF(3, 4);
void names_done(struct names *names);

/*
 * What systemd reads for `file` ("system.conf", "system/cantined.service"): the file and its
 * drop-ins, in the order in which they count, as one text to be ended by free(); NULL without
 * memory. systemd-system.conf(5) and systemd.unit(5).
 */
char *machine_settings(const struct machine *machine, const char *file);

struct machine_user {
    uid_t uid;
    gid_t groups[64]; /* the first is the user's own */
    size_t n_groups;
};

/* A user of the machine with their groups, and those that `unit` gives its program besides. */
bool machine_user(const struct machine *machine, const char *name, const char *unit,
                  struct machine_user *ret);

/* The number of a group of the machine; the name of one, or its number as text. */
bool machine_group(const struct machine *machine, const char *name, gid_t *ret);
void machine_group_name(const struct machine *machine, gid_t gid, char ret[static 64]);

/* Finds `path` missing, no device, or out of the reach of `user`, who runs `unit`. */
void machine_device(struct machine *machine, const char *path, const char *subject,
                    const char *user, const char *unit);

/* The path of the reader's device, "" where libnfc looks for it on the USB. */
void reader_path(const struct config_reader *reader, char ret[static CONFIG_TEXT_SIZE]);

/* True where `folder` lies on a card: an SD card or eMMC of the board. */
bool machine_on_card(const struct machine *machine, const char *folder);

/* True if the broker of the configuration runs on this machine. */
bool machine_has_broker(const struct machine *machine);

/* The checks, each in the file of its kind. */
void check_users(struct machine *machine);
void check_groups(struct machine *machine);
void check_readers(struct machine *machine);
void check_doors(struct machine *machine);
void check_gpio(struct machine *machine);
void check_console(struct machine *machine);
void check_modules(struct machine *machine);
void check_units(struct machine *machine);
void check_disk(struct machine *machine);
void check_card(struct machine *machine);
void check_watchdog(struct machine *machine);
void check_clock(struct machine *machine);
void check_broker(struct machine *machine);
void check_ports(struct machine *machine);

static inline void cleanup_names(struct names *names)
{
    names_done(names);
}

static inline void cleanup_machine(struct machine *machine)
{
    machine_done(machine);
}
