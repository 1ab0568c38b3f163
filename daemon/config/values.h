/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The kinds of value that a key can have: how each is read from its text, and the words that an
 * error uses for it ("forty" is not NOUN: write ACCEPTED).
 */

#include "util/macro.h"

struct value_kind {
    /* Reads `text` into the field at `ret`; unless it returns true, nothing is written. */
    bool (*read)(const struct value_kind *kind, const char *text, void *ret);
    const char *noun;
    const char *accepted;
    uint64_t least, most; /* of a number, of a span in µs, of a directory's bytes */
    bool secret;          /* somebody may write a password here by mistake: errors don't show it */
};

/* Into char[CONFIG_TEXT_SIZE]; the caller has checked that the text is no longer. */
extern const struct value_kind value_text;
extern const struct value_kind value_device;
extern const struct value_kind value_time_zone;
extern const struct value_kind value_path;
extern const struct value_kind value_runtime_dir;
extern const struct value_kind value_path_or_none;
extern const struct value_kind value_secret_path_or_none;
extern const struct value_kind value_host;
extern const struct value_kind value_topic;
extern const struct value_kind value_web_address;
extern const struct value_kind value_mail_address;
extern const struct value_kind value_latitude;
extern const struct value_kind value_longitude;

extern const struct value_kind value_site_id; /* into char[SITE_SIZE] */
extern const struct value_kind value_door;    /* into char[SLUG_SIZE] */

extern const struct value_kind value_people; /* into unsigned */
extern const struct value_kind value_port;   /* into unsigned */
extern const struct value_kind value_yes;    /* into bool: yes */
extern const struct value_kind value_deny;   /* into bool: deny */
extern const struct value_kind value_hour;   /* into int: minutes since midnight */

extern const struct value_kind value_keep;        /* into usec_t */
extern const struct value_kind value_unlock;      /* into usec_t */
extern const struct value_kind value_repeat;      /* into usec_t */
extern const struct value_kind value_held_open;   /* into usec_t */
extern const struct value_kind value_strike;      /* into bool: fail_safe */
extern const struct value_kind value_unlock_when; /* into enum config_unlock_when */

extern const struct value_kind value_direction; /* into enum direction */
extern const struct value_kind value_line;      /* into struct config_line */
extern const struct value_kind value_actuator;  /* into struct config_door */

/* True for 1 to 31 characters of a-z 0-9 - _, the name of a reader or door. */
bool slug_valid(const char *text);
