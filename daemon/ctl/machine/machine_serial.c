/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Who else wants the reader: a console of the kernel or a login on its serial line, or one of the
 * kernel's own drivers of NFC readers.
 */

#include "ctl/machine/machine.h"
#include "ctl/machine/machine_text.h"

static const char *const wishes[] = {"/etc/systemd/system", "/run/systemd/generator",
                                     "/run/systemd/system"};

/* --- consoles --------------------------------------------------------------------------------- */

/* Where the kernel's command line stands; a card tells it by the boot loader's file. */
static int cmdline_read(const struct machine *machine, char **ret)
{
    if (machine->runs)
        return machine_read(machine, ret, "/proc/cmdline");
    if (machine_read(machine, ret, "/boot/firmware/cmdline.txt") == 0)
        return 0;
    return machine_read(machine, ret, "/boot/cmdline.txt");
}

static void kernel_check(struct machine *machine, const char *tty)
{
    CLEANUP(cleanup_free) char *cmdline = NULL;
    char word[CONSOLE_SIZE];

    if (cmdline_read(machine, &cmdline) < 0 || !console_on(cmdline, tty, !machine->runs, word))
        return;
    machine_find(machine, SEVERITY_FAULT, tty,
                 "the kernel writes its messages to the reader's line (%s)", word);
    if (machine->is_pi)
        machine_advise(machine,
                       "take %s, or console=serial0 with what follows it, out of "
                       "/boot/firmware/cmdline.txt, and restart",
                       word);
    else
        machine_advise(machine, "take %s out of the boot loader's settings, and restart", word);
}

/* True if systemd starts the login by itself: a link in a folder of wishes. */
static bool is_wanted(const struct machine *machine, const char *unit)
{
    for (size_t i = 0; i < ELEMENTSOF(wishes); i++)
        if (machine_has(machine, "%s/getty.target.wants/%s", wishes[i], unit) ||
            machine_has(machine, "%s/multi-user.target.wants/%s", wishes[i], unit))
            return true;
    return false;
}

static void login_check(struct machine *machine, const char *tty)
{
    char unit[128];
    bool runs, is_masked;

    (void)snprintf(unit, sizeof(unit), "serial-getty@%.64s.service", tty);
    runs = machine->runs && machine_has(machine, "/run/systemd/units/invocation:%s", unit);
    is_masked = machine_is_link(machine, "/dev/null", "/etc/systemd/system/%s", unit);
    if (!runs && (is_masked || !is_wanted(machine, unit)))
        return;
    machine_find(machine, SEVERITY_FAULT, tty, "a login waits on the reader's line (%s)", unit);
    machine_advise(machine, "run: systemctl mask --now %s", unit);
}

void check_console(struct machine *machine)
{
    const struct config *config = machine->config;

    for (size_t i = 0; i < config->n_readers; i++) {
        char path[CONFIG_TEXT_SIZE], device[MACHINE_PATH_SIZE];
        const char *tty;

        reader_path(&config->readers[i], path);
        if (!path[0])
            continue;
        machine_resolve(machine, path, device);
        tty = strrchr(device, '/') + 1;
        if (streq(tty, "uart") && !machine->runs) /* firmware-config's name of the header's line */
            tty = "ttyAMA0";
        kernel_check(machine, tty);
        login_check(machine, tty);
    }
}

/* --- modules ---------------------------------------------------------------------------------- */

void check_modules(struct machine *machine)
{
    static const char *const names[] = {"nfc", "pn533", "pn533_usb", "pn533_i2c", "pn532_uart"};
    CLEANUP(cleanup_free) char *modules = NULL;
    const struct config *config = machine->config;
    bool on_usb = false;

    for (size_t i = 0; i < config->n_readers; i++)
        on_usb = on_usb || strstr(config->readers[i].device, "_usb");
    if (config->n_readers == 0 || machine_read(machine, &modules, "/proc/modules") < 0)
        return;
    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        if (!line_begins(modules, names[i]))
            continue;
        machine_find(machine, on_usb ? SEVERITY_FAULT : SEVERITY_ADVICE, names[i],
                     "the kernel's own NFC driver takes readers away from Cantine");
        machine_advise(machine,
                       "write the line “blacklist %s” into /etc/modprobe.d/cantine.conf, and "
                       "run: rmmod %s",
                       names[i], names[i]);
    }
}
