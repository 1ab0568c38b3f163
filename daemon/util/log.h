/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One event, one line. Under systemd the line goes to the journal with its fields and a MESSAGE_ID
 * that the catalogue (systemd/cantine.catalog) explains; by hand it goes to stderr as "PROGRAM:
 * text". Only programs log, never a library room, and never a badge's number.
 */

#include "util/macro.h"

#include <syslog.h>

/* Message ids: made with `systemd-id128 new`, each with an entry in systemd/cantine.catalog. */
#define LOG_ID_NONE            NULL
#define LOG_ID_STARTED         "4a2f7ac1b0c94f0c8f6a8d2cf5a0b001"
#define LOG_ID_STOPPED         "4a2f7ac1b0c94f0c8f6a8d2cf5a0b002"
#define LOG_ID_ACCESS_GRANTED  "4a2f7ac1b0c94f0c8f6a8d2cf5a0b003"
#define LOG_ID_ACCESS_REFUSED  "4a2f7ac1b0c94f0c8f6a8d2cf5a0b004"
#define LOG_ID_DOOR_UNLOCKED   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b005"
#define LOG_ID_DOOR_FAULT      "4a2f7ac1b0c94f0c8f6a8d2cf5a0b006"
#define LOG_ID_DOOR_WELL       "4a2f7ac1b0c94f0c8f6a8d2cf5a0b007"
#define LOG_ID_READER_READY    "4a2f7ac1b0c94f0c8f6a8d2cf5a0b008"
#define LOG_ID_READER_LOST     "4a2f7ac1b0c94f0c8f6a8d2cf5a0b009"
#define LOG_ID_RECORDS_LOADED  "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00a"
#define LOG_ID_RECORDS_FAULT   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00b"
#define LOG_ID_JOURNAL_FAULT   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00c"
#define LOG_ID_JOURNAL_WELL    "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00d"
#define LOG_ID_PEER_REFUSED    "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00e"
#define LOG_ID_CONFIG_INVALID  "4a2f7ac1b0c94f0c8f6a8d2cf5a0b00f"
#define LOG_ID_CONFIG_RELOADED "4a2f7ac1b0c94f0c8f6a8d2cf5a0b010"
#define LOG_ID_BROKER_ONLINE   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b011"
#define LOG_ID_BROKER_OFFLINE  "4a2f7ac1b0c94f0c8f6a8d2cf5a0b012"
#define LOG_ID_BUS_LOST        "4a2f7ac1b0c94f0c8f6a8d2cf5a0b013"
#define LOG_ID_PRESENCE_FULL   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b014"
#define LOG_ID_FEED_FAULT      "4a2f7ac1b0c94f0c8f6a8d2cf5a0b015"
#define LOG_ID_CLOCK_UNTRUSTED "4a2f7ac1b0c94f0c8f6a8d2cf5a0b016"
#define LOG_ID_CLOCK_TRUSTED   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b017"
#define LOG_ID_FIRE            "4a2f7ac1b0c94f0c8f6a8d2cf5a0b019"
#define LOG_ID_LOCKDOWN        "4a2f7ac1b0c94f0c8f6a8d2cf5a0b01a"
#define LOG_ID_LAMP_FAULT      "4a2f7ac1b0c94f0c8f6a8d2cf5a0b01b"
#define LOG_ID_ENROLMENT       "4a2f7ac1b0c94f0c8f6a8d2cf5a0b050"
#define LOG_ID_ALERT           "4a2f7ac1b0c94f0c8f6a8d2cf5a0b040"
#define LOG_ID_ALERT_LOST      "4a2f7ac1b0c94f0c8f6a8d2cf5a0b041"
#define LOG_ID_ALERT_COMMAND   "4a2f7ac1b0c94f0c8f6a8d2cf5a0b042"

/* Decides once, in main(), where lines go; `program` must outlive every call. */
void log_open(const char *program);

/* A line with no further fields. Returns 0, so that an event handler can end with it. */
int log_line(int priority, const char *message_id, const char *format, ...) PRINTF(3, 4);

/*
 * A line with up to 8 fields, given as pairs NAME, value and ended by NULL:
 *     log_fields(LOG_INFO, LOG_ID_DOOR_UNLOCKED, (const char *[]){"CANTINE_DOOR", door, NULL},
 * "…");
 */
int log_fields(int priority, const char *message_id, const char *const *fields, const char *format,
               ...) PRINTF(4, 5);
