/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Users and groups, as /etc/passwd and /etc/group of the machine have them: those of services are
 * made there (sysusers.d(5)), and a card's are not this computer's.
 */

#include "ctl/machine/machine.h"
#include "ctl/machine/machine_text.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>

#define ADMINS "cantine-admin"

static FILE *table_open(const struct machine *machine, const char *path)
{
    int fd = machine_open_file(machine, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

    if (!stream)
        (void)fd_close(fd);
    return stream;
}

static bool user_find(const struct machine *machine, const char *name, struct machine_user *ret)
{
    CLEANUP(cleanup_file) FILE *users = table_open(machine, "/etc/passwd");
    const struct passwd *user;

    while (users && (user = fgetpwent(users)))
        if (streq(user->pw_name, name)) {
            *ret = (struct machine_user){user->pw_uid, {user->pw_gid}, 1};
            return true;
        }
    return false;
}

static void group_add(struct machine_user *user, gid_t gid)
{
    if (user->n_groups < ELEMENTSOF(user->groups))
        user->groups[user->n_groups++] = gid;
}

static void groups_add(const struct machine *machine, const char *name, struct machine_user *user)
{
    CLEANUP(cleanup_file) FILE *groups = table_open(machine, "/etc/group");
    const struct group *group;

    while (groups && (group = fgetgrent(groups)))
        for (char **member = group->gr_mem; *member; member++)
            if (streq(*member, name))
                group_add(user, group->gr_gid);
}

/* What a unit's SupplementaryGroups= give its program (systemd.exec(5)). */
static void unit_groups_add(const struct machine *machine, const char *unit,
                            struct machine_user *user)
{
    CLEANUP(cleanup_free) char *file = NULL, *text = NULL;
    char *rest, *words, *word;
    gid_t gid;

    if (asprintf(&file, "system/%s", unit) < 0)
        file = NULL; /* asprintf() leaves it undefined */
    text = file ? machine_settings(machine, file) : NULL;
    rest = text;
    while ((words = setting_next(&rest, "SupplementaryGroups")))
        while ((word = word_next(&words)))
            if (machine_group(machine, word, &gid))
                group_add(user, gid);
}

bool machine_user(const struct machine *machine, const char *name, const char *unit,
                  struct machine_user *ret)
{
    if (!user_find(machine, name, ret))
        return false;
    groups_add(machine, name, ret);
    unit_groups_add(machine, unit, ret);
    return true;
}

bool machine_group(const struct machine *machine, const char *name, gid_t *ret)
{
    CLEANUP(cleanup_file) FILE *groups = table_open(machine, "/etc/group");
    const struct group *group;

    while (groups && (group = fgetgrent(groups)))
        if (streq(group->gr_name, name)) {
            *ret = group->gr_gid;
            return true;
        }
    return false;
}

void machine_group_name(const struct machine *machine, gid_t gid, char ret[static 64])
{
    CLEANUP(cleanup_file) FILE *groups = table_open(machine, "/etc/group");
    const struct group *group;

    (void)snprintf(ret, 64, "%u", gid);
    while (groups && (group = fgetgrent(groups)))
        if (group->gr_gid == gid) {
            (void)snprintf(ret, 64, "%s", group->gr_name);
            return;
        }
}

/* --- the checks ------------------------------------------------------------------------------- */

void check_users(struct machine *machine)
{
    static const char *const names[] = {"cantine", "cantine-reader", "cantine-publisher"};
    struct machine_user user;

    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        if (user_find(machine, names[i], &user))
            continue;
        machine_find(machine, SEVERITY_FAULT, names[i],
                     "there is no such user, and its program can't start");
        machine_advise(machine, "run: systemd-sysusers");
    }
}

/* True if this process is in the group. */
static bool is_member(gid_t gid)
{
    gid_t groups[1024];
    int n = getgroups(ELEMENTSOF(groups), groups);

    for (int i = 0; i < n; i++)
        if (groups[i] == gid)
            return true;
    return getegid() == gid || n < 0; /* in more groups than can be asked about: who knows? */
}

void check_groups(struct machine *machine)
{
    gid_t admins;

    if (!machine_group(machine, ADMINS, &admins)) {
        machine_find(machine, SEVERITY_ADVICE, ADMINS,
                     "there is no such group, and only root may use cantinectl");
        machine_advise(machine, "run: systemd-sysusers");
    } else if (machine->runs && geteuid() != 0 && !is_member(admins)) {
        machine_find(machine, SEVERITY_ADVICE, ADMINS,
                     "you aren't in this group, and need a password for much of cantinectl");
        machine_advise(machine, "run: sudo usermod -aG cantine-admin YOUR-NAME, and log in again");
    }
}
