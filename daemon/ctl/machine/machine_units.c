/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Cantine's units: does each start with the machine (a link in one of systemd's folders of wishes,
 * systemd.unit(5)), and does it run (systemd keeps a link below /run/systemd/units for each unit
 * that does)?
 */

#include "ctl/machine/machine.h"

#define UNIT_SIZE  128
#define WISHES     "/etc/systemd/system"
#define TARGET     "cantine.target"
#define WISHES_END ".wants"

static bool is_enabled(const struct machine *machine, const char *unit)
{
    CLEANUP(cleanup_names) struct names folders;

    machine_list(machine, &folders, WISHES);
    for (size_t i = 0; i < folders.n; i++)
        if (strstr(folders.items[i], WISHES_END) &&
            machine_has(machine, WISHES "/%s/%s", folders.items[i], unit))
            return true;
    return false;
}

static bool is_running(const struct machine *machine, const char *unit)
{
    return machine_has(machine, "/run/systemd/units/invocation:%s", unit);
}

/* `enabled`: whether something already starts it. */
static void unit_check(struct machine *machine, const char *unit, bool enabled,
                       enum severity severity)
{
    if (machine_is_link(machine, "/dev/null", WISHES "/%s", unit)) {
        machine_find(machine, severity, unit, "it is masked, and can't be started");
        machine_advise(machine, "run: systemctl unmask %s && systemctl enable --now %s", unit,
                       unit);
    } else if (!enabled) {
        machine_find(machine, severity, unit, "it doesn't start with the machine");
        machine_advise(machine, "run: systemctl enable --now %s", unit);
    } else if (machine->runs && !is_running(machine, unit)) {
        machine_find(machine, severity, unit, "it doesn't run");
        machine_advise(machine, "run: systemctl start %s, and if it fails: journalctl -u %s", unit,
                       unit);
    }
}

/* Instances for readers that are no more: systemd starts them again and again. */
static void stray_check(struct machine *machine)
{
    static const char prefix[] = "cantine-reader@";
    CLEANUP(cleanup_names) struct names units;

    machine_list(machine, &units, WISHES "/" TARGET WISHES_END);
    for (size_t i = 0; i < units.n; i++) {
        const char *unit = units.items[i];
        char name[UNIT_SIZE];

        if (!starts_with(unit, prefix))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(unit + strlen(prefix), "."),
                       unit + strlen(prefix));
        if (config_reader(machine->config, name))
            continue;
        machine_find(machine, SEVERITY_ADVICE, unit,
                     "it is started, and the configuration has no reader of this name");
        machine_advise(machine, "run: systemctl disable --now %s", unit);
    }
}

void check_units(struct machine *machine)
{
    const struct config *config = machine->config;
    bool target = is_enabled(machine, TARGET);
    char unit[UNIT_SIZE];

    if (machine->runs && !machine_has(machine, "/run/systemd/system"))
        return; /* programs are started by something else there */
    if (!target) {
        machine_find(machine, SEVERITY_FAULT, TARGET, "it doesn't start with the machine");
        machine_advise(machine, "run: systemctl enable --now %s", TARGET);
    }
    /* cantine.target itself wishes for these two. */
    unit_check(machine, "cantined.service", target || is_enabled(machine, "cantined.service"),
               SEVERITY_FAULT);
    if (config->mqtt.enabled)
        unit_check(machine, "cantine-publisher.service",
                   target || is_enabled(machine, "cantine-publisher.service"), SEVERITY_ADVICE);
    for (size_t i = 0; i < config->n_readers; i++) {
        (void)snprintf(unit, sizeof(unit), "cantine-reader@%s.service", config->readers[i].name);
        unit_check(machine, unit, is_enabled(machine, unit), SEVERITY_FAULT);
    }
    stray_check(machine);
}
