/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What keeps the machine going and on time: the hardware watchdog, the time service, the clock. */

#include "ctl/machine/machine.h"
#include "ctl/machine/machine_text.h"

#include <sys/timex.h>

/* --- watchdog --------------------------------------------------------------------------------- */

static bool watchdog_is_fed(const struct machine *machine)
{
    CLEANUP(cleanup_free) char *settings = machine_settings(machine, "system.conf");
    char value[64] = "";
    usec_t span;

    if (!settings || !setting_last(settings, "RuntimeWatchdogSec", value, sizeof(value)))
        return false;
    return streq(value, "default") || (time_parse_span(value, &span) == 0 && span > 0);
}

void check_watchdog(struct machine *machine)
{
    if (machine->runs && !machine_has(machine, "/dev/watchdog") &&
        !machine_has(machine, "/dev/watchdog0")) {
        machine_find(machine, SEVERITY_ADVICE, "",
                     "there is none, and a computer that hangs stays so");
        if (machine->is_pi)
            machine_advise(machine, "put dtparam=watchdog=on into /boot/firmware/config.txt "
                                    "and restart");
        else
            machine_advise(machine, "load the driver of the board's watchdog, if it has one");
        return;
    }
    if (watchdog_is_fed(machine))
        return;
    machine_find(machine, SEVERITY_ADVICE, "", "it isn't used, and a computer that hangs stays so");
    machine_advise(machine, "write RuntimeWatchdogSec=14s below [Manager] into "
                            "/etc/systemd/system.conf.d/50-cantine-watchdog.conf, and restart");
}

/* --- clock ------------------------------------------------------------------------------------ */

/* Debian's programs that set the clock; any of them enabled will do. */
static bool service_exists(const struct machine *machine)
{
    static const char *const units[] = {
        "sysinit.target.wants/systemd-timesyncd.service", "multi-user.target.wants/chrony.service",
        "multi-user.target.wants/chronyd.service",        "multi-user.target.wants/ntpsec.service",
        "multi-user.target.wants/openntpd.service",
    };

    for (size_t i = 0; i < ELEMENTSOF(units); i++)
        if (machine_has(machine, "/etc/systemd/system/%s", units[i]))
            return true;
    return false;
}

/* systemd-timesyncd leaves a file (systemd-timesyncd.service(8)); of others only the kernel knows.
 */
static bool is_synchronised(const struct machine *machine)
{
    struct timex timex = {0};

    if (machine_has(machine, "/run/systemd/timesync/synchronized"))
        return true;
    return machine->is_this && adjtimex(&timex) >= 0 && !(timex.status & STA_UNSYNC);
}

static bool has_battery_clock(const struct machine *machine)
{
    CLEANUP(cleanup_names) struct names clocks;

    machine_list(machine, &clocks, "/sys/class/rtc");
    return clocks.n > 0;
}

void check_clock(struct machine *machine)
{
    bool synchronised = machine->runs && is_synchronised(machine);

    if (!synchronised && !service_exists(machine)) {
        machine_find(machine, SEVERITY_ADVICE, "", "no program sets it by the network");
        machine_advise(machine, "run: apt-get install systemd-timesyncd");
    } else if (machine->runs && !synchronised) {
        machine_find(machine, SEVERITY_ADVICE, "", "it hasn't been set by the network yet");
        machine_advise(machine, "is the network there? timedatectl timesync-status tells");
    }
    if (machine->runs && !machine->config->site.clock_needs_sync && !has_battery_clock(machine)) {
        machine_find(machine, SEVERITY_ADVICE, "",
                     "it has no battery, and is wrong after a power cut");
        machine_advise(machine, "write clock_needs_sync=yes below [site] into "
                                "/etc/cantine/cantine.conf");
    }
}
