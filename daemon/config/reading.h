/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One reading of the configuration while it is under way: which sections the files have opened and
 * where each key stands, so that a mistake found late still names its line.
 */

#include "config/errors.h"
#include "config/keys.h"
#include "config/lines.h"

#define SECTIONS_MOST (SECTION_KIND_COUNT + CONFIG_READERS_MOST + CONFIG_DOORS_MOST)
#define VALUE_MOST    (CONFIG_TEXT_SIZE - 1)

struct section {
    const struct section_kind *kind;
    char title[CONFIG_TITLE_SIZE]; /* as it stands in the file */
    void *values;                  /* what the keys' offsets count from */
    struct place opened;           /* where it was first opened */
    struct place last;             /* where it was opened last */
    struct place keys[KEYS_MOST];  /* where each was set last */
    bool wrong; /* a key's value was refused: the values prove nothing together */
};

struct reading {
    struct config *config;
    struct config_errors *errors;
    struct section sections[SECTIONS_MOST];
    size_t n_sections;
    struct lines lines;      /* of the last of the configuration's files */
    struct section *section; /* that a key would belong to now, NULL = none */
    bool refused;            /* the section is unknown: its keys are passed over */
};

/* The line being read. */
struct place reading_place(const struct reading *reading);

/*
 * Opens the section that a line beginning with "[" names, or reports what is wrong with it.
 * section_key() takes a key and its value (NULL: a line without "=").
 */
void section_open(struct reading *reading, const char *line);
void section_key(struct reading *reading, const char *name, const char *value);

/* Opens the sections that are always there, in the order of section_kinds. */
void sections_begin(struct reading *reading);

/* Gives each key that no file set its initial value, or reports it as missing. */
void sections_complete(struct reading *reading);

/* Where `key` of `section` was set, or else where the section was opened. */
struct place section_key_place(const struct section *section, const char *key);

/* Checks what several keys must be together, and notes the hardware that they name. */
void relations_check(struct reading *reading);
