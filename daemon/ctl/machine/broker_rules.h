/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What mosquitto's files say: listeners and who may use them (mosquitto.conf(5) of mosquitto
 * 2.0.11), and the access rules of its acl_file. Pure: text in, values out.
 */

#include "util/macro.h"

#define BROKER_LISTENERS_MOST 16
#define BROKER_TEXT_SIZE      256
#define ACL_TOPIC_SIZE        512

/* Who may come in: for the whole broker, or of one listener (per_listener_settings). */
struct broker_access {
    bool anonymous_set, anonymous; /* allow_anonymous */
    char acl[BROKER_TEXT_SIZE];    /* acl_file, "" = none */
    char passwords[BROKER_TEXT_SIZE];
    bool has_plugin; /* decides besides, in its own way */
};

struct broker_listener {
    unsigned port; /* 0: a UNIX socket */
    bool websockets;
    struct broker_access access;
};

struct broker {
    bool per_listener;
    struct broker_access general;
    struct broker_listener listeners[BROKER_LISTENERS_MOST];
    size_t n_listeners; /* 0: port 1883, for this machine alone */
};

/* Reads one line, which it changes; the folder that is to be read in its place, or NULL. */
const char *broker_line(struct broker *broker, char *line);

/* What holds for a listener; the one that is there where none is written (`i` = 0). */
const struct broker_access *broker_access(const struct broker *broker, size_t i);

/* Whether somebody without a name gets in at the listener. */
bool broker_is_open(const struct broker *broker, size_t i);

enum acl_wish { ACL_READ = 1 << 0, ACL_WRITE = 1 << 1 };

/*
 * Whether the rules let `user` (NULL = without a name) read or write the topic: the user's own
 * lines decide, and then patterns; among either what is denied comes first, wherever it stands
 * (mosquitto 2.0.11, src/security_default.c, mosquitto_acl_check_default). Somebody can choose any
 * client id, and so %c is any word.
 */
bool acl_allows(const char *rules, const char *user, const char *topic, enum acl_wish wish);

/* True if a line that lets the user read has the word in its topic: then it is meant so. */
bool acl_names(const char *rules, const char *user, const char *word);

/* The `i`-th user (from 0) for whom there are rules; false after the last. */
bool acl_user(const char *rules, size_t i, char ret[static BROKER_TEXT_SIZE]);
