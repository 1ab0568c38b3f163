/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/hardware.h"

#include "config/errors.h"
#include "door/gpio.h"
#include "door/node.h"

#include <errno.h>

/* What a part turned out to be: two names may be those of one thing. */
struct sight {
    bool seen;
    struct gpio_spot spot; /* of a line */
    dev_t device;          /* of anything else */
};

/* By the first word of a libnfc connection string; the drivers are those of Debian's libnfc. */
static enum node_kind reader_kind(const char *connection)
{
    static const struct {
        const char *driver;
        enum node_kind kind;
    } drivers[] = {{"pn532_uart:", NODE_SERIAL},
                   {"arygon:", NODE_SERIAL},
                   {"acr122s:", NODE_SERIAL},
                   {"pn532_spi:", NODE_SPI},
                   {"pn532_i2c:", NODE_I2C}};

    for (size_t i = 0; i < ELEMENTSOF(drivers); i++)
        if (starts_with(connection, drivers[i].driver))
            return drivers[i].kind;
    return NODE_ANY;
}

static int line_look(const struct config_line *line, struct sight *ret,
                     char error[static NODE_ERROR_SIZE])
{
    const struct gpio_wish wish = {line->chip, line->line, line->active_low};

    _Static_assert(GPIO_ERROR_SIZE <= NODE_ERROR_SIZE, "one text serves both");
    return gpio_look(&wish, &ret->spot, error);
}

/* The node is not opened: its reader may be at work. 1 = there is nothing to look at (USB). */
static int reader_look(const struct config_reader *reader, struct sight *ret,
                       char error[static NODE_ERROR_SIZE])
{
    char path[CONFIG_TEXT_SIZE];

    config_device_path(reader->device, path);
    return path[0] ? node_look(path, reader_kind(reader->device), &ret->device, error) : 1;
}

/* A board that somebody has for himself alone is there. */
static int relay_look(const char *path, struct sight *ret, char error[static NODE_ERROR_SIZE])
{
    int r = node_look(path, NODE_SERIAL, &ret->device, error);

    if (r < 0)
        return r;
    r = node_open_serial(path, error);
    if (r < 0)
        return r == -EBUSY ? 0 : r;
    (void)close(r);
    return 0;
}

static int part_look(const struct config_part *part, struct sight *ret,
                     char error[static NODE_ERROR_SIZE])
{
    if (part->line)
        return line_look(part->line, ret, error);
    return part->reader ? reader_look(part->reader, ret, error)
                        : relay_look(part->door->relay_path, ret, error);
}

/* Doors may share a relay board, each with its own channel; nobody shares anything else. */
static bool same(const struct config_part *a, const struct sight *a_sight,
                 const struct config_part *b, const struct sight *b_sight)
{
    if (!b_sight->seen || !a->line != !b->line)
        return false;
    if (a->line)
        return a_sight->spot.line == b_sight->spot.line &&
               streq(a_sight->spot.chip, b_sight->spot.chip);
    if (a->door && b->door && a->door->relay_channel != b->door->relay_channel)
        return false;
    return a_sight->device == b_sight->device;
}

int hardware_check(const struct config *config, struct config_errors *errors)
{
    struct sight sights[CONFIG_PARTS_MOST] = {0};
    int result = 0;

    for (size_t i = 0; i < config->n_parts; i++) {
        const struct config_part *part = &config->parts[i], *other = NULL;
        char error[NODE_ERROR_SIZE];
        int r = part_look(part, &sights[i], error);

        sights[i].seen = r == 0;
        for (size_t k = 0; k < i && r == 0 && !other; k++)
            if (same(part, &sights[i], &config->parts[k], &sights[k]))
                other = &config->parts[k];
        if (r < 0)
            config_errors_add(errors, part->place, "%s %s: %s", part->title, part->key, error);
        else if (other)
            config_errors_add(errors, part->place, "%s %s: is also the %s of %s: give each its own",
                              part->title, part->key, other->key, other->title);
        if (r < 0 || other)
            result = -ENODEV;
    }
    return result;
}
