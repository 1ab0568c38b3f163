/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The GPIO chips that the configuration names: by path, by the kernel's name (gpiochip0) or by
 * label. The label stands in /sys/class/gpio/gpiochipN (Documentation/ABI/obsolete/sysfs-gpio;
 * N is not the number in /dev/gpiochipN, but both hang below the same device). A kernel without
 * that doesn't tell labels to who may not open the chip: then nothing is said about them.
 */

#include "ctl/machine/machine.h"

#define CHIPS_MOST 32
#define LINES_MOST (1 + 3 * CONFIG_DOORS_MOST + 3 * CONFIG_READERS_MOST)

struct chip {
    char name[64];  /* "gpiochip0" */
    char label[64]; /* "" = not known */
};

struct chips {
    struct chip items[CHIPS_MOST];
    size_t n;
    bool labelled; /* the kernel tells labels */
};

/* True if `folder` is `device` or lies directly below it. */
static bool is_below(const char *folder, const char *device)
{
    size_t n = strlen(device);

    return strncmp(folder, device, n) == 0 &&
           (folder[n] == '\0' || (folder[n] == '/' && !strchr(folder + n + 1, '/')));
}

/* Cuts the last `n` names off a path. */
static void path_cut(char *path, int n)
{
    for (char *slash; n > 0 && (slash = strrchr(path, '/')); n--)
        *slash = '\0';
}

/* The label of the chip at `device`, the folder of "/sys/bus/gpio/devices/gpiochip0". */
static void label_find(const struct machine *machine, const struct names *entries,
                       const char *device, char ret[static 64])
{
    for (size_t i = 0; i < entries->n; i++) {
        CLEANUP(cleanup_free) char *label = NULL;
        char path[MACHINE_PATH_SIZE], folder[MACHINE_PATH_SIZE];

        if (!starts_with(entries->items[i], "gpiochip"))
            continue;
        (void)snprintf(path, sizeof(path), "/sys/class/gpio/%s", entries->items[i]);
        machine_resolve(machine, path, folder);
        path_cut(folder, 2); /* gpio/gpiochip512 */
        if (!is_below(device, folder) ||
            machine_read(machine, &label, "/sys/class/gpio/%s/label", entries->items[i]) < 0)
            continue;
        (void)snprintf(ret, 64, "%.*s", (int)strcspn(label, "\n"), label);
        return;
    }
}

static void chips_read(const struct machine *machine, struct chips *ret)
{
    CLEANUP(cleanup_names) struct names devices;
    CLEANUP(cleanup_names) struct names entries;

    *ret = (struct chips){0};
    machine_list(machine, &devices, "/sys/bus/gpio/devices");
    machine_list(machine, &entries, "/sys/class/gpio");
    ret->labelled = devices.n == 0;
    for (size_t i = 0; i < devices.n && ret->n < CHIPS_MOST; i++) {
        struct chip *chip = &ret->items[ret->n++];
        char path[MACHINE_PATH_SIZE], folder[MACHINE_PATH_SIZE];

        (void)snprintf(chip->name, sizeof(chip->name), "%s", devices.items[i]);
        (void)snprintf(path, sizeof(path), "/sys/bus/gpio/devices/%s", devices.items[i]);
        machine_resolve(machine, path, folder);
        label_find(machine, &entries, folder, chip->label);
        ret->labelled = ret->labelled || chip->label[0];
    }
}

static const struct chip *chip_named(const struct chips *chips, const char *name)
{
    for (size_t i = 0; i < chips->n; i++)
        if (streq(chips->items[i].label, name) || streq(chips->items[i].name, name))
            return &chips->items[i];
    return NULL;
}

static void missing_tell(struct machine *machine, const struct chips *chips, const char *name)
{
    char labels[256] = "";

    for (size_t i = 0; i < chips->n; i++) {
        size_t n = strlen(labels);

        (void)snprintf(labels + n, sizeof(labels) - n, "%s%s", n ? ", " : "",
                       chips->items[i].label[0] ? chips->items[i].label : chips->items[i].name);
    }
    machine_find(machine, SEVERITY_FAULT, name, "there is no GPIO chip of this label");
    if (labels[0])
        machine_advise(machine, "name one of these in /etc/cantine/cantine.conf: %s", labels);
    else
        machine_advise(machine, "there is none at all: is this the computer with the relay?");
}

static void chip_check(struct machine *machine, const struct chips *chips, const char *name)
{
    const struct chip *chip = chip_named(chips, name);
    char path[CONFIG_TEXT_SIZE];

    if (!chip && name[0] != '/') {
        if (chips->labelled)
            missing_tell(machine, chips, name);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s%.200s", chip ? "/dev/" : "", chip ? chip->name : name);
    machine_device(machine, path, name, "cantine", "cantined.service");
}

/* Every line that the configuration names. */
static size_t lines_collect(const struct config *config, const struct config_line *ret[LINES_MOST])
{
    size_t n = 0;

    ret[n++] = &config->site.fire;
    for (size_t i = 0; i < config->n_doors; i++) {
        const struct config_door *door = &config->doors[i];

        if (door->actuator == ACTUATOR_GPIO)
            ret[n++] = &door->relay_line;
        ret[n++] = &door->contact;
        ret[n++] = &door->exit_button;
    }
    for (size_t i = 0; i < config->n_readers; i++) {
        const struct config_reader *reader = &config->readers[i];

        ret[n++] = &reader->led_green;
        ret[n++] = &reader->led_red;
        ret[n++] = &reader->buzzer;
    }
    return n;
}

/* True for the first of the lines on its chip. */
static bool is_first(const struct config_line *const *lines, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (streq(lines[k]->chip, lines[i]->chip))
            return false;
    return true;
}

void check_gpio(struct machine *machine)
{
    const struct config_line *lines[LINES_MOST];
    size_t n = lines_collect(machine->config, lines);
    struct chips chips;

    chips_read(machine, &chips);
    for (size_t i = 0; i < n; i++)
        if (lines[i]->chip[0] && is_first(lines, i))
            chip_check(machine, &chips, lines[i]->chip);
}
