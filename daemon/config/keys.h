/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What may stand in the configuration: each kind of section with its keys, and for each key where
 * its value goes, what is accepted and what holds without it. A new key is one row in keys.c.
 */

#include "config/config.h"
#include "config/values.h"

#define KEYS_MOST 13 /* in a section */

/* The known kinds of section, in the order of section_kinds. */
enum section_id {
    SECTION_SITE,
    SECTION_STORAGE,
    SECTION_MQTT,
    SECTION_SPACE,
    SECTION_READER,
    SECTION_DOOR,
    SECTION_KIND_COUNT
};

struct config_key {
    const char *name;
    size_t offset;       /* of the field in struct config, config_reader or config_door */
    const char *initial; /* what holds without the key; NULL = it must be there */
    const struct value_kind *kind;
};

struct section_kind {
    const char *word;
    bool named; /* [WORD NAME], any number of them */
    const struct config_key *keys;
    size_t n_keys;
};

extern const struct section_kind section_kinds[SECTION_KIND_COUNT];
