/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The devices that the configuration names: is each there, is it one, and may the program's user
 * read and write it? No device is opened: that alone can reset a board on a serial line.
 */

#include "ctl/machine/machine.h"

#include <errno.h>

#define READ_WRITE 6 /* of a class of users, as in chmod(1) */

/* USB readers by their makers' numbers: libnfc 1.8.0, drivers/acr122_usb.c and pn53x_usb.c. */
static const struct {
    const char *driver, *vendor, *product;
} usb_readers[] = {
    {"acr122_usb", "072f", "2200"}, {"acr122_usb", "072f", "90cc"}, {"acr122_usb", "072f", "2214"},
    {"pn53x_usb", "04cc", "0531"},  {"pn53x_usb", "04cc", "2533"},  {"pn53x_usb", "04e6", "5591"},
    {"pn53x_usb", "04e6", "5594"},  {"pn53x_usb", "054c", "0193"},  {"pn53x_usb", "054c", "02e1"},
    {"pn53x_usb", "1fd3", "0608"},
};

void reader_path(const struct config_reader *reader, char ret[static CONFIG_TEXT_SIZE])
{
    const char *path = strchr(reader->device, ':');

    ret[0] = '\0';
    if (path && path[1] == '/')
        (void)snprintf(ret, CONFIG_TEXT_SIZE, "%.*s", (int)strcspn(path + 1, ":"), path + 1);
}

/* --- one device ------------------------------------------------------------------------------- */

/* What switches on a line of the board's own: firmware-config's OPTIONS=. NULL for other devices.
 */
static const char *board_option(const struct machine *machine, const char *path)
{
    static const struct {
        const char *name, *option;
    } names[] = {
        {"/dev/serial0", ""},         {"/dev/ttyAMA0", ""},           {"/dev/cantine/uart", ""},
        {"/dev/spidev", "spi"},       {"/dev/cantine/spidev", "spi"}, {"/dev/i2c-", "i2c"},
        {"/dev/cantine/i2c-", "i2c"},
    };

    for (size_t i = 0; machine->is_pi && i < ELEMENTSOF(names); i++)
        if (starts_with(path, names[i].name))
            return names[i].option;
    return NULL;
}

static void missing_tell(struct machine *machine, const char *path, const char *subject)
{
    const char *option = board_option(machine, path);

    machine_find(machine, SEVERITY_FAULT, subject, "%s is not there", path);
    if (option && *option)
        machine_advise(machine,
                       "run in Cantine's folder: make -C firmware-config install MODEL=pi4 "
                       "OPTIONS=%s (or pi3, pi5), and restart",
                       option);
    else if (option)
        machine_advise(machine, "run in Cantine's folder: make -C firmware-config install "
                                "MODEL=pi4 (or pi3, pi5), and restart");
    else if (starts_with(path, "/dev/cantine/"))
        machine_advise(machine, "plug it in; ls -l /dev/cantine shows what is there, and "
                                "/etc/udev/rules.d/70-cantine-ports.rules gives the names");
    else
        machine_advise(machine, "plug it in, or name the right device in "
                                "/etc/cantine/cantine.conf");
}

static bool may_use(const struct machine_user *user, const struct stat *device)
{
    unsigned mode = device->st_mode;

    if (user->uid == 0)
        return true;
    if (user->uid == device->st_uid)
        return (mode >> 6 & READ_WRITE) == READ_WRITE;
    for (size_t i = 0; i < user->n_groups; i++)
        if (user->groups[i] == device->st_gid)
            return (mode >> 3 & READ_WRITE) == READ_WRITE;
    return (mode & READ_WRITE) == READ_WRITE;
}

static void forbidden_tell(struct machine *machine, const char *path, const char *subject,
                           const char *user, const struct stat *device)
{
    char group[64];

    machine_group_name(machine, device->st_gid, group);
    machine_find(machine, SEVERITY_FAULT, subject, "%s may not use %s (group %s, mode %04o)", user,
                 path, group, device->st_mode & 07777);
    if ((device->st_mode >> 3 & READ_WRITE) == READ_WRITE && device->st_gid != 0)
        machine_advise(machine, "run: usermod -aG %s %s, and restart cantine.target", group, user);
    else
        machine_advise(machine,
                       "give it to the group %s by a udev rule, as "
                       "firmware-config/udev does",
                       user);
}

void machine_device(struct machine *machine, const char *path, const char *subject,
                    const char *user, const char *unit)
{
    struct machine_user its_user;
    struct stat device;
    int r = machine_stat(machine, &device, "%s", path);

    if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENXIO || r == -ENODEV)
        missing_tell(machine, path, subject);
    else if (r < 0) {
        machine_find(machine, SEVERITY_ADVICE, subject, "%s can't be looked at", path);
        machine_advise(machine, "run: sudo cantinectl check");
    } else if (!S_ISCHR(device.st_mode)) {
        machine_find(machine, SEVERITY_FAULT, subject, "%s is not a device", path);
        machine_advise(machine, "name the right one in /etc/cantine/cantine.conf");
    } else if (machine_user(machine, user, unit, &its_user) && !may_use(&its_user, &device))
        forbidden_tell(machine, path, subject, user, &device);
}

/* --- readers on the USB ----------------------------------------------------------------------- */

/* The value in a file of /sys, without the end of its line; "" if there is none. */
static void attribute_read(const struct machine *machine, const char *device, const char *name,
                           char ret[static 16])
{
    CLEANUP(cleanup_free) char *text = NULL;

    ret[0] = '\0';
    if (machine_read(machine, &text, "/sys/bus/usb/devices/%s/%s", device, name) == 0)
        (void)snprintf(ret, 16, "%.*s", (int)strcspn(text, "\n"), text);
}

static bool is_usb_reader(const struct machine *machine, const char *device, const char *driver)
{
    char vendor[16], product[16];

    attribute_read(machine, device, "idVendor", vendor);
    attribute_read(machine, device, "idProduct", product);
    for (size_t i = 0; i < ELEMENTSOF(usb_readers); i++)
        if (streq(usb_readers[i].driver, driver) && streq(usb_readers[i].vendor, vendor) &&
            streq(usb_readers[i].product, product))
            return true;
    return false;
}

/* Its node: Documentation/admin-guide/devices.txt, major 189, as udev names it. */
static void usb_node(const struct machine *machine, const char *device,
                     char ret[static CONFIG_TEXT_SIZE])
{
    char bus[16], number[16];

    attribute_read(machine, device, "busnum", bus);
    attribute_read(machine, device, "devnum", number);
    (void)snprintf(ret, CONFIG_TEXT_SIZE, "/dev/bus/usb/%03d/%03d", atoi(bus), atoi(number));
}

static void usb_reader_check(struct machine *machine, const struct config_reader *reader)
{
    CLEANUP(cleanup_names) struct names devices;
    char driver[CONFIG_TEXT_SIZE], node[CONFIG_TEXT_SIZE];
    bool known = false;

    (void)snprintf(driver, sizeof(driver), "%.*s", (int)strcspn(reader->device, ":"),
                   reader->device);
    for (size_t i = 0; i < ELEMENTSOF(usb_readers); i++)
        known = known || streq(usb_readers[i].driver, driver);
    machine_list(machine, &devices, "/sys/bus/usb/devices");
    if (!known)
        return;
    for (size_t i = 0; i < devices.n; i++)
        if (is_usb_reader(machine, devices.items[i], driver)) {
            usb_node(machine, devices.items[i], node);
            machine_device(machine, node, reader->name, "cantine-reader",
                           "cantine-reader@.service");
            return;
        }
    machine_find(machine, SEVERITY_FAULT, reader->name, "no reader for %s is on the USB", driver);
    machine_advise(machine, "plug it in; lsusb shows what is there");
}

/* --- the checks ------------------------------------------------------------------------------- */

void check_readers(struct machine *machine)
{
    const struct config *config = machine->config;
    char path[CONFIG_TEXT_SIZE];

    for (size_t i = 0; i < config->n_readers; i++) {
        reader_path(&config->readers[i], path);
        if (path[0])
            machine_device(machine, path, config->readers[i].name, "cantine-reader",
                           "cantine-reader@.service");
        else
            usb_reader_check(machine, &config->readers[i]);
    }
}

void check_doors(struct machine *machine)
{
    const struct config *config = machine->config;

    for (size_t i = 0; i < config->n_doors; i++)
        if (config->doors[i].actuator == ACTUATOR_SERIAL_RELAY)
            machine_device(machine, config->doors[i].relay_path, config->doors[i].name, "cantine",
                           "cantined.service");
}
