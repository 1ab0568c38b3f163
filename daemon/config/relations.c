/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/reading.h"

/* The section whose values these are. */
static const struct section *section_of(const struct reading *reading, const void *values,
                                        enum section_id kind)
{
    for (size_t i = 0; i < reading->n_sections; i++)
        if (reading->sections[i].values == values &&
            reading->sections[i].kind == &section_kinds[kind])
            return &reading->sections[i];
    return NULL;
}

static const struct section *reader_section(const struct reading *reading, size_t i)
{
    return section_of(reading, &reading->config->readers[i], SECTION_READER);
}

static const struct section *door_section(const struct reading *reading, size_t i)
{
    return section_of(reading, &reading->config->doors[i], SECTION_DOOR);
}

static void reader_door_check(struct reading *reading, size_t i)
{
    struct config_reader *reader = &reading->config->readers[i];
    const struct section *section = reader_section(reading, i);
    const char *names[CONFIG_DOORS_MOST], *close;

    for (size_t d = 0; d < reading->config->n_doors; d++) {
        names[d] = reading->config->doors[d].name;
        if (streq(names[d], reader->door)) {
            reader->door_index = d;
            return;
        }
    }
    close = closest_word(reader->door, names, reading->config->n_doors);
    if (close)
        config_errors_add(reading->errors, section_key_place(section, "door"),
                          "%s door: there is no [door %s]: did you mean %s?", section->title,
                          reader->door, close);
    else
        config_errors_add(reading->errors, section_key_place(section, "door"),
                          "%s door: there is no [door %s]: add that section", section->title,
                          reader->door);
}

static void readers_check(struct reading *reading)
{
    const struct config *config = reading->config;

    for (size_t i = 0; i < config->n_readers; i++) {
        const struct section *section = reader_section(reading, i);

        if (config->readers[i].door[0])
            reader_door_check(reading, i);
        for (size_t k = 0; k < i; k++) {
            const char *device = config->readers[i].device;

            if (!device[0] || !streq(device, config->readers[k].device))
                continue;
            config_errors_add(
                reading->errors, section_key_place(section, "device"),
                "%s device: is also the device of [reader %s]: give each reader its own",
                section->title, config->readers[k].name);
            break;
        }
    }
}

/* Notes a part that `section` names, for whoever looks at the hardware. */
static struct config_part *part_add(struct reading *reading, const struct section *section,
                                    const char *key)
{
    struct config_part *part = &reading->config->parts[reading->config->n_parts++];

    *part = (struct config_part){.place = section_key_place(section, key), .key = key};
    memcpy(part->title, section->title, sizeof(part->title));
    return part;
}

static void line_add(struct reading *reading, const struct section *section, const char *key,
                     const struct config_line *line)
{
    if (line->chip[0])
        part_add(reading, section, key)->line = line;
}

static void parts_gather(struct reading *reading)
{
    const struct config *config = reading->config;

    line_add(reading, section_of(reading, config, SECTION_SITE), "fire", &config->site.fire);
    for (size_t i = 0; i < config->n_readers; i++) {
        const struct section *section = reader_section(reading, i);
        const struct config_reader *reader = &config->readers[i];

        part_add(reading, section, "device")->reader = reader;
        line_add(reading, section, "led_green", &reader->led_green);
        line_add(reading, section, "led_red", &reader->led_red);
        line_add(reading, section, "buzzer", &reader->buzzer);
    }
    for (size_t i = 0; i < config->n_doors; i++) {
        const struct section *section = door_section(reading, i);
        const struct config_door *door = &config->doors[i];

        if (door->relay_path[0])
            part_add(reading, section, "actuator")->door = door;
        line_add(reading, section, "actuator", &door->relay_line);
        line_add(reading, section, "contact", &door->contact);
        line_add(reading, section, "exit_button", &door->exit_button);
    }
}

/* "gpiochip0" and "/dev/gpiochip0" are one chip. */
static const char *chip_name(const char *chip)
{
    return starts_with(chip, "/dev/") ? chip + strlen("/dev/") : chip;
}

static bool line_same(const struct config_line *a, const struct config_line *b)
{
    return streq(chip_name(a->chip), chip_name(b->chip)) && streq(a->line, b->line);
}

/* Nothing hangs on one line with something else. */
static void lines_check(struct reading *reading)
{
    const struct config *config = reading->config;

    for (size_t i = 0; i < config->n_parts; i++) {
        const struct config_part *part = &config->parts[i];

        for (size_t k = 0; k < i && part->line; k++) {
            const struct config_part *other = &config->parts[k];

            if (!other->line || !line_same(part->line, other->line))
                continue;
            config_errors_add(reading->errors, part->place,
                              "%s %s: is also the %s of %s: give each its own line", part->title,
                              part->key, other->key, other->title);
            break;
        }
    }
}

static void relays_check(struct reading *reading, size_t i)
{
    const struct config_door *door = &reading->config->doors[i];
    const struct section *section = door_section(reading, i);

    for (size_t k = 0; k < i && door->relay_path[0]; k++) {
        const struct config_door *other = &reading->config->doors[k];

        if (streq(door->relay_path, other->relay_path) &&
            door->relay_channel == other->relay_channel)
            config_errors_add(reading->errors, section_key_place(section, "actuator"),
                              "%s actuator: is also the relay of [door %s]: give each door its own "
                              "channel",
                              section->title, other->name);
    }
}

/* Reports that `key` makes sense only together with `other`. */
static void lonely_report(struct reading *reading, const struct section *section, const char *key,
                          const char *other)
{
    config_errors_add(reading->errors, section_key_place(section, key),
                      "%s %s: is of no use alone: add %s", section->title, key, other);
}

static void storage_check(struct reading *reading, const struct section *section)
{
    const struct config *config = reading->config;

    if (streq(config->storage.records, config->storage.journal))
        config_errors_add(reading->errors, section_key_place(section, "journal"),
                          "%s journal: is also the file of records: give each its own",
                          section->title);
}

static void mqtt_check(struct reading *reading, const struct section *section)
{
    const struct config *config = reading->config;
    bool socket_path = config->mqtt.host[0] == '/';

    if (socket_path && config->mqtt.port != 0)
        config_errors_add(reading->errors, section_key_place(section, "host"),
                          "%s host: is a UNIX socket, which has no port: add port=0",
                          section->title);
    if (!socket_path && config->mqtt.port == 0)
        config_errors_add(reading->errors, section_key_place(section, "port"),
                          "%s port: 0 is for a UNIX socket: write a port from 1 to 65535, or the "
                          "socket's path as host",
                          section->title);
    if (config->mqtt.cert_file[0] && !config->mqtt.key_file[0])
        lonely_report(reading, section, "cert_file", "key_file");
    if (config->mqtt.key_file[0] && !config->mqtt.cert_file[0])
        lonely_report(reading, section, "key_file", "cert_file");
    if (config->mqtt.password_file[0] && !config->mqtt.username[0])
        lonely_report(reading, section, "password_file", "username");
}

static void space_check(struct reading *reading, const struct section *section)
{
    const struct config *config = reading->config;

    if (config->space.lat[0] && !config->space.lon[0])
        lonely_report(reading, section, "lat", "lon");
    if (config->space.lon[0] && !config->space.lat[0])
        lonely_report(reading, section, "lon", "lat");
}

void relations_check(struct reading *reading)
{
    static void (*const checks[])(struct reading *, const struct section *) = {
        [SECTION_STORAGE] = storage_check,
        [SECTION_MQTT] = mqtt_check,
        [SECTION_SPACE] = space_check,
    };

    for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
        const struct section *section = section_of(reading, reading->config, i);

        if (checks[i] && !section->wrong)
            checks[i](reading, section);
    }
    readers_check(reading);
    parts_gather(reading);
    lines_check(reading);
    for (size_t i = 0; i < reading->config->n_doors; i++)
        relays_check(reading, i);
}
