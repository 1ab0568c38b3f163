/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The configuration that all programs share: one INI file and its drop-ins (FILE.d, "*.conf" in
 * lexical order, overriding key by key), read whole, checked whole, and then only values. Every
 * mistake is reported with file, line and what is accepted. schemas/cantine.conf is the annotated
 * example; the keys are INTERFACES' and man/cantine.conf(5)'s. The only user of <ini.h>.
 */

#include "core/limits.h"
#include "core/words.h"
#include "util/time.h"

#define CONFIG_PATH          "/etc/cantine/cantine.conf"
#define CONFIG_DOORS_MOST    16
#define CONFIG_READERS_MOST  16
#define CONFIG_TEXT_SIZE     256
#define CONFIG_LINE_MOST     1024 /* bytes in a line */
#define CONFIG_DROP_INS_MOST 64
#define CONFIG_FILES_MOST    (1 + CONFIG_DROP_INS_MOST)
#define CONFIG_TITLE_SIZE    (SLUG_SIZE + 16) /* "[reader NAME]" */
#define CONFIG_ERRORS_MOST   20               /* mistakes reported at once */

/* When a door is held unlocked by itself. */
enum config_unlock_when { UNLOCK_NEVER, UNLOCK_OPENING_HOURS, UNLOCK_FIRST_MEMBER };

enum config_actuator { ACTUATOR_VIRTUAL, ACTUATOR_SERIAL_RELAY, ACTUATOR_GPIO };

/* gpio:CHIP-LABEL-OR-PATH:LINE[:active-low]; `chip` empty = none. */
struct config_line {
    char chip[CONFIG_TEXT_SIZE];
    char line[SLUG_SIZE]; /* a number or a name */
    bool active_low;
};

struct config_door {
    char name[SLUG_SIZE];
    enum config_actuator actuator;
    char relay_path[CONFIG_TEXT_SIZE]; /* serial-relay: the device */
    int relay_channel;                 /* serial-relay: 1 … 8 */
    struct config_line relay_line;     /* gpio */
    usec_t unlock;                     /* 100 ms … 10 min */
    struct config_line contact;
    struct config_line exit_button;
    bool fail_safe; /* strike=fail_safe: without current it is unlocked */
    enum config_unlock_when unlock_when;
    bool relock_on_close;
    bool forced_alarm;
    usec_t held_open_after; /* 0 = never */
};

struct config_reader {
    char name[SLUG_SIZE];
    char device[CONFIG_TEXT_SIZE]; /* a libnfc connection string */
    char door[SLUG_SIZE];
    size_t door_index; /* into config.doors */
    enum direction direction;
    usec_t repeat_after;
    struct config_line led_green, led_red, buzzer;
};

/* Where in the files something stands; line 0 = the whole file. */
struct place {
    const char *file; /* compared as a pointer, NULL = nowhere */
    unsigned line;
};

/* A part of the hardware that a key names, and where: a GPIO line, or else a device. */
struct config_part {
    struct place place;
    char title[CONFIG_TITLE_SIZE]; /* of its section: "[door front]" */
    const char *key;
    const struct config_line *line;     /* NULL = a device */
    const struct config_reader *reader; /* whose device it is, NULL = a relay board … */
    const struct config_door *door;     /* … and then this door's */
};

/* [site] fire; each reader's device, lamps and buzzer; each door's relay, contact and button. */
#define CONFIG_PARTS_MOST (1 + 4 * CONFIG_READERS_MOST + 3 * CONFIG_DOORS_MOST)

struct config {
    struct {
        char id[SITE_SIZE];
        char name[CONFIG_TEXT_SIZE];
        char timezone[CONFIG_TEXT_SIZE];
        unsigned capacity; /* 0 = no limit */
        bool full_denies;  /* when_full=deny */
        int cutoff;        /* minutes since local midnight */
        bool clock_needs_sync;
        bool clock_untrusted_denies;
        char on_alert[CONFIG_TEXT_SIZE];
        struct config_line fire; /* while it is active every door is released */
    } site;
    struct {
        char records[CONFIG_TEXT_SIZE];
        char journal[CONFIG_TEXT_SIZE];
        char runtime_dir[CONFIG_TEXT_SIZE];
        usec_t keep_movements;
    } storage;
    struct {
        bool enabled;
        char host[CONFIG_TEXT_SIZE];
        unsigned port; /* 0: host is the path of a UNIX socket */
        char prefix[CONFIG_TEXT_SIZE];
        char username[CONFIG_TEXT_SIZE];
        char password_file[CONFIG_TEXT_SIZE];
        bool tls;
        char ca_file[CONFIG_TEXT_SIZE];
        char cert_file[CONFIG_TEXT_SIZE];
        char key_file[CONFIG_TEXT_SIZE];
        bool home_assistant;
        char discovery_prefix[CONFIG_TEXT_SIZE];
    } mqtt;
    struct {
        char url[CONFIG_TEXT_SIZE];
        char logo[CONFIG_TEXT_SIZE];
        char contact[CONFIG_TEXT_SIZE];
        char lat[CONFIG_TEXT_SIZE];
        char lon[CONFIG_TEXT_SIZE];
    } space;
    struct config_reader readers[CONFIG_READERS_MOST];
    size_t n_readers;
    struct config_door doors[CONFIG_DOORS_MOST];
    size_t n_doors;
    struct config_part parts[CONFIG_PARTS_MOST]; /* those that are configured */
    size_t n_parts;
    char *files[CONFIG_FILES_MOST]; /* in the order of their reading */
    size_t n_files;
};

/* The mistakes of one reading, each one line: "FILE:LINE: what is wrong: what is accepted". */
struct config_errors {
    char *lines[CONFIG_ERRORS_MOST];
    size_t n;
    size_t left_out; /* found beyond those kept */
};

/*
 * Reads `path` and its drop-ins. 0, or a negative errno (-EINVAL for mistakes in the text) with at
 * least one line in `errors` (initialised to {0} by the caller, ended by config_errors_done()).
 * `*ret` is the caller's, to be ended by config_free().
 */
int config_load(const char *path, struct config **ret, struct config_errors *errors);

struct config *config_free(struct config *config);
void config_errors_done(struct config_errors *errors);

/* Writes each mistake to stderr as "PROGRAM: FILE:LINE: …". */
void config_print_errors(const struct config_errors *errors, const char *program);

/* The reader or door of this name, NULL if there is none. */
const struct config_reader *config_reader(const struct config *config, const char *name);
const struct config_door *config_door(const struct config *config, const char *name);

/* The path in a libnfc connection string, DRIVER:PATH[:SPEED]; empty where it has none (USB). */
void config_device_path(const char *connection, char ret[static CONFIG_TEXT_SIZE]);

DEFINE_CLEANUP(struct config *, cleanup_config, config_free);
