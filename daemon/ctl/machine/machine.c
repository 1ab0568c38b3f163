/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/machine/machine.h"

#include "ctl/machine/machine_text.h"
#include "ctl/shown.h"
#include "util/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#define UNIT "cantined.service" /* who is there where Cantine is installed */

static const char *const unit_folders[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
                                           "/usr/lib/systemd/system", "/lib/systemd/system"};

/* What must be so for a check to make sense. */
enum need {
    RUNNING = 1 << 0,   /* not a card in another computer */
    INSTALLED = 1 << 1, /* Cantine's units, users and surroundings are expected */
    HARDWARE = 1 << 2,  /* not a container */
};

/* Every check, in the order in which somebody would mend what it finds. */
static const struct {
    const char *name; /* what its findings' rows begin with */
    unsigned needs;
    void (*look)(struct machine *machine);
} checks[] = {
    /* the users of the three programs in /etc/passwd */
    {"user", INSTALLED, check_users},
    /* cantine-admin in /etc/group, and who calls in it */
    {"group", INSTALLED, check_groups},
    /* each reader's device: there, a device, and cantine-reader may use it */
    {"reader", RUNNING, check_readers},
    /* each door's serial relay board: the same for cantine */
    {"door", RUNNING, check_doors},
    /* the chips of relays, contacts, buttons and lamps, by their labels in /sys */
    {"gpio", RUNNING, check_gpio},
    /* the kernel's command line and serial-getty@ on a reader's line */
    {"console", 0, check_console},
    /* the kernel's own drivers of NFC readers in /proc/modules */
    {"module", RUNNING | HARDWARE, check_modules},
    /* systemd's links: what starts with the machine, and what runs */
    {"unit", INSTALLED, check_units},
    /* room, files and rights where records and journal lie */
    {"disk", RUNNING, check_disk},
    /* what wears an SD card: wear so far, atime, journald's size */
    {"card", INSTALLED, check_card},
    /* /dev/watchdog and systemd's RuntimeWatchdogSec= */
    {"watchdog", INSTALLED | HARDWARE, check_watchdog},
    /* a time service, whether it has set the clock, and a battery clock in /sys/class/rtc */
    {"clock", INSTALLED | HARDWARE, check_clock},
    /* mosquitto's listeners and access rules */
    {"broker", INSTALLED, check_broker},
    /* who listens, in /proc/net/tcp and tcp6 */
    {"port", RUNNING | INSTALLED, check_ports},
};

/* --- the machine ------------------------------------------------------------------------------ */

static bool pi_recognise(const struct machine *machine)
{
    CLEANUP(cleanup_free) char *model = NULL;

    if (!machine->runs)
        return machine_has(machine, "/boot/firmware/config.txt") ||
               machine_has(machine, "/boot/config.txt");
    return machine_read(machine, &model, "/proc/device-tree/model") == 0 &&
           strstr(model, "Raspberry Pi");
}

int machine_open(struct machine *ret, const char *root, const struct config *config)
{
    struct machine machine = {.config = config, .is_this = !root};

    machine.root = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (machine.root < 0)
        return -errno;
    machine.findings = json_array();
    if (!machine.findings) {
        machine_done(&machine);
        return -ENOMEM;
    }
    machine.runs = machine_has(&machine, "/proc/cmdline");
    for (size_t i = 0; i < ELEMENTSOF(unit_folders); i++)
        machine.is_installed =
            machine.is_installed || machine_has(&machine, "%s/" UNIT, unit_folders[i]);
    machine.is_pi = pi_recognise(&machine);
    machine.is_contained = machine_has(&machine, "/run/systemd/container");
    *ret = machine;
    return 0;
}

void machine_done(struct machine *machine)
{
    json_decref(machine->findings);
    machine->findings = NULL;
    machine->root = fd_close(machine->root);
}

bool machine_look(struct machine *machine)
{
    unsigned there = (machine->runs ? (unsigned)RUNNING : 0) |
                     (machine->is_installed ? (unsigned)INSTALLED : 0) |
                     (machine->is_contained ? 0 : (unsigned)HARDWARE);

    for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
        if (checks[i].needs & ~there)
            continue;
        machine->check = checks[i].name;
        checks[i].look(machine);
    }
    return !machine->failed;
}

/* --- findings --------------------------------------------------------------------------------- */

/* Bytes that are no text are shown as what they aren't. */
static json_t *text_json(const char *text)
{
    CLEANUP(cleanup_free) char *shown = text ? shown_text(text) : NULL;

    return shown ? json_string(shown) : NULL;
}

PRINTF(1, 0)
static json_t *text_write(const char *format, va_list args)
{
    CLEANUP(cleanup_free) char *text = NULL;

    if (vasprintf(&text, _(format), args) < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    return text_json(text);
}

void machine_find(struct machine *machine, enum severity severity, const char *subject,
                  const char *problem, ...)
{
    CLEANUP(cleanup_free) char *row = NULL;
    json_t *finding;
    va_list args;

    if (asprintf(&row, "%s%s%s", machine->check, *subject ? " " : "", subject) < 0)
        row = NULL; /* asprintf() leaves it undefined */
    va_start(args, problem);
    finding = json_pack("{ss so so ss ss}", "table", "machine", "row", text_json(row), "problem",
                        text_write(problem, args), "advice", "", "severity",
                        severity == SEVERITY_FAULT ? "fault" : "advice");
    va_end(args);
    if (!finding || json_array_append_new(machine->findings, finding) < 0)
        machine->failed = true;
}

void machine_advise(struct machine *machine, const char *advice, ...)
{
    size_t n = json_array_size(machine->findings);
    va_list args;

    if (n == 0)
        return;
    va_start(args, advice);
    if (json_object_set_new(json_array_get(machine->findings, n - 1), "advice",
                            text_write(advice, args)) < 0)
        machine->failed = true;
    va_end(args);
}
