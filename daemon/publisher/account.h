/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Who the publisher is at the broker: its name and password there, its topics and its last will.
 * Made once from the configuration; outlives every connection.
 */

#include "config/config.h"

#define ACCOUNT_SECRET_SIZE 256
#define ACCOUNT_TOPIC_SIZE  (CONFIG_TEXT_SIZE + SITE_SIZE + SLUG_SIZE + 32)
#define ACCOUNT_PLACE_SIZE  (CONFIG_TEXT_SIZE + 16)
#define ACCOUNT_ERROR_SIZE  (2 * CONFIG_TEXT_SIZE)

/* The two payloads of the topic `status`. */
#define ACCOUNT_ONLINE  "online"
#define ACCOUNT_OFFLINE "offline"

struct account {
    const struct config *config;
    char place[ACCOUNT_PLACE_SIZE]; /* the broker, for people: "localhost:1883" */
    char client_id[SITE_SIZE + 24]; /* always the same: a new connection ends a forgotten one */
    char will_topic[ACCOUNT_TOPIC_SIZE]; /* where the broker says that we are gone … */
    const char *will;                    /* … and with what word */
    char password[ACCOUNT_SECRET_SIZE];  /* empty = none */
};

/*
 * Fills `ret`; the password is the first line of password_file, or else of the systemd credential
 * mqtt-password where there is one (systemd.exec(5), "Credentials"). A negative errno if it can't
 * be read: `error` then says what to do. `config` must outlive the account.
 */
int account_init(const struct config *config, struct account *ret, char error[ACCOUNT_ERROR_SIZE]);

/* Writes PREFIX/SITE/KIND, or PREFIX/SITE/KIND/NAME where `name` isn't NULL. */
void account_topic(const struct account *account, const char *kind, const char *name,
                   char ret[static ACCOUNT_TOPIC_SIZE]);
