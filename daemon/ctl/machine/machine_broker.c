/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A mosquitto on the machine: who may read what came in with a name (private/event), whether the
 * lobby screen can connect, and who listens at the ports. The door works without all that.
 */

#include "ctl/machine/broker_rules.h"
#include "ctl/machine/machine.h"
#include "ctl/machine/machine_text.h"

#include <errno.h>

#define MOSQUITTO "/etc/mosquitto/mosquitto.conf"

bool machine_has_broker(const struct machine *machine)
{
    const char *host = machine->config->mqtt.host;

    return machine->config->mqtt.enabled && (host[0] == '/' || streq(host, "localhost") ||
                                             streq(host, "::1") || starts_with(host, "127."));
}

static int lines_read(const struct machine *machine, const char *path, struct broker *broker,
                      bool is_main);

static void folder_read(const struct machine *machine, const char *folder, struct broker *broker)
{
    CLEANUP(cleanup_names) struct names files;
    char path[MACHINE_PATH_SIZE];

    machine_list(machine, &files, "%s", folder);
    for (size_t i = 0; i < files.n; i++) {
        size_t n = strlen(files.items[i]);

        if (n < strlen(".conf") || !streq(files.items[i] + n - strlen(".conf"), ".conf"))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, files.items[i]);
        (void)lines_read(machine, path, broker, false);
    }
}

/* Only the main file may name a folder (include_dir). */
static int lines_read(const struct machine *machine, const char *path, struct broker *broker,
                      bool is_main)
{
    CLEANUP(cleanup_free) char *text = NULL;
    int r = machine_read(machine, &text, "%s", path);
    char *rest = text, *line;

    while (r == 0 && (line = line_next(&rest))) {
        const char *folder = broker_line(broker, line);

        if (folder && is_main)
            folder_read(machine, folder, broker);
    }
    return r;
}

/* --- the rules -------------------------------------------------------------------------------- */

/* Whether the user has a password; yes, where that cannot be known. */
static bool has_account(const struct machine *machine, const struct broker_access *access,
                        const char *user)
{
    CLEANUP(cleanup_free) char *text = NULL;
    size_t n = strlen(user);
    char *rest, *line;

    if (!access->passwords[0] || machine_read(machine, &text, "%s", access->passwords) < 0)
        return true;
    rest = text;
    while ((line = line_next(&rest)))
        if (strncmp(line, user, n) == 0 && line[n] == ':')
            return true;
    return false;
}

static void users_check(struct machine *machine, const struct broker_access *access,
                        const char *rules, const char *topic)
{
    char user[BROKER_TEXT_SIZE];

    for (size_t i = 0; acl_user(rules, i, user); i++) {
        if (streq(user, machine->config->mqtt.username) || acl_names(rules, user, "private") ||
            !acl_allows(rules, user, topic, ACL_READ) || !has_account(machine, access, user))
            continue;
        machine_find(machine, SEVERITY_ADVICE, "", "its user “%s” may read who came in (%s)", user,
                     topic);
        machine_advise(machine,
                       "write the topics of “%s” one by one into %s; who is meant to "
                       "read it gets a line with private in its topic",
                       user, access->acl);
    }
}

/* The text of the rules; NULL after saying why there is none. */
static char *rules_read(struct machine *machine, const struct broker_access *access)
{
    char *rules;
    int r = machine_read(machine, &rules, "%s", access->acl);

    if (r == 0)
        return rules;
    if (r == -EACCES || r == -EPERM) {
        machine_find(machine, SEVERITY_ADVICE, "", "%s may not be read by you", access->acl);
        machine_advise(machine, "run: sudo cantinectl check");
    } else {
        machine_find(machine, SEVERITY_ADVICE, "", "its file of rules (%s) isn't there",
                     access->acl);
        machine_advise(machine, "run in Cantine's folder: make -C firmware-config install, or "
                                "name the right one as acl_file in mosquitto's settings");
    }
    return NULL;
}

static void rules_check(struct machine *machine, const struct broker_access *access, bool is_open)
{
    CLEANUP(cleanup_free) char *rules = rules_read(machine, access);
    const struct config *config = machine->config;
    char topic[ACL_TOPIC_SIZE], count[ACL_TOPIC_SIZE];

    (void)snprintf(topic, sizeof(topic), "%s/%s/private/event", config->mqtt.prefix,
                   config->site.id);
    (void)snprintf(count, sizeof(count), "%s/%s/occupancy", config->mqtt.prefix, config->site.id);
    if (!rules)
        return;
    if (is_open && acl_allows(rules, NULL, topic, ACL_READ)) {
        machine_find(machine, SEVERITY_ADVICE, "",
                     "anybody without a password may read who came in (%s)", topic);
        machine_advise(machine,
                       "write the public topics one by one before the first user of "
                       "%s, as firmware-config/mosquitto/cantine.acl does",
                       access->acl);
    }
    if (!is_open && acl_allows(rules, "", topic, ACL_READ)) { /* a pattern for all */
        machine_find(machine, SEVERITY_ADVICE, "",
                     "whoever has a password for it reads who came in (%s)", topic);
        machine_advise(machine, "take the patterns out of %s that are for everybody", access->acl);
    }
    if (is_open && config->mqtt.username[0] && acl_allows(rules, NULL, count, ACL_WRITE)) {
        machine_find(machine, SEVERITY_ADVICE, "",
                     "anybody without a password may write false figures (%s)", count);
        machine_advise(machine,
                       "write “topic read …” instead of “topic …” before the first "
                       "user of %s",
                       access->acl);
    }
    users_check(machine, access, rules, topic);
}

static void access_check(struct machine *machine, const struct broker *broker, size_t i)
{
    const struct broker_access *access = broker_access(broker, i);
    bool is_open = broker_is_open(broker, i);

    if (access->has_plugin)
        return;
    if (access->acl[0]) {
        rules_check(machine, access, is_open);
        return;
    }
    if (is_open)
        machine_find(machine, SEVERITY_ADVICE, "",
                     "whoever reaches it reads who came in, without a password");
    else
        machine_find(machine, SEVERITY_ADVICE, "",
                     "whoever has a password for it reads who came in");
    machine_advise(machine, "give mosquitto an acl_file; firmware-config/mosquitto has one, and "
                            "make -C firmware-config install puts it in place");
}

static bool has_websockets(const struct broker *broker)
{
    for (size_t i = 0; i < broker->n_listeners; i++)
        if (broker->listeners[i].websockets)
            return true;
    return false;
}

void check_broker(struct machine *machine)
{
    struct broker broker = {0};

    if (!machine_has_broker(machine) || lines_read(machine, MOSQUITTO, &broker, true) < 0)
        return;
    if (broker.per_listener)
        for (size_t i = 0; i < broker.n_listeners; i++)
            access_check(machine, &broker, i);
    else
        access_check(machine, &broker, 0);
    if (!has_websockets(&broker)) {
        machine_find(machine, SEVERITY_ADVICE, "", "the lobby screen can't connect to it");
        machine_advise(machine, "write into /etc/mosquitto/conf.d/cantine.conf: listener 8080, "
                                "and below it: protocol websockets");
    }
}

/* --- the ports -------------------------------------------------------------------------------- */

static bool listens(const struct machine *machine, unsigned port, bool *ret_far)
{
    static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    bool found = false;

    *ret_far = false;
    for (size_t i = 0; i < ELEMENTSOF(tables); i++) {
        CLEANUP(cleanup_free) char *table = NULL;

        if (machine_read(machine, &table, "%s", tables[i]) == 0)
            found = port_listens(table, port, ret_far) || found;
    }
    return found;
}

static void silence_tell(struct machine *machine, unsigned port)
{
    char subject[16];

    (void)snprintf(subject, sizeof(subject), "%u", port);
    machine_find(machine, SEVERITY_ADVICE, subject, "no broker listens there");
    machine_advise(machine, "run: systemctl restart mosquitto, and if it fails: journalctl -u "
                            "mosquitto");
}

/* A listener of mosquitto's files, as it is now. */
static void listener_check(struct machine *machine, const struct broker *broker, size_t i)
{
    const struct broker_access *access = broker_access(broker, i);
    unsigned port = broker->listeners[i].port;
    char subject[16];
    bool far;

    if (port == 0)
        return;
    if (!listens(machine, port, &far)) {
        silence_tell(machine, port);
        return;
    }
    if (!far || !broker_is_open(broker, i) || access->acl[0] || access->has_plugin)
        return;
    (void)snprintf(subject, sizeof(subject), "%u", port);
    machine_find(machine, SEVERITY_ADVICE, subject,
                 "the whole network reaches it without a password");
    machine_advise(machine,
                   "write “listener %u 127.0.0.1” into mosquitto's settings, or give it "
                   "an acl_file",
                   port);
}

void check_ports(struct machine *machine)
{
    unsigned port = machine->config->mqtt.port;
    struct broker broker = {0};
    bool told = false, far;

    if (!machine_has_broker(machine))
        return;
    (void)lines_read(machine, MOSQUITTO, &broker, true);
    for (size_t i = 0; i < broker.n_listeners; i++) {
        told = told || broker.listeners[i].port == port;
        listener_check(machine, &broker, i);
    }
    if (!told && port > 0 && !listens(machine, port, &far))
        silence_tell(machine, port);
}
