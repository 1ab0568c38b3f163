/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * May the sender of this call do that? The bus is asked who it is, then polkit if that isn't
 * enough; the call waits meanwhile, the program doesn't. Root and the daemon's own user may do
 * everything, group CONTROL_GROUP likewise; without polkit nobody else may. Every call ends in
 * exactly one reply.
 */

#include "control/objects.h"

/* What a call waits for. Each stage has room for so many calls, so that nobody can crowd root out.
 */
enum call_stage { CALL_AT_BUS, CALL_AT_POLKIT, CALL_AT_JOURNAL, CALL_STAGE_COUNT };

/* Carries out what was permitted; the call is still waiting, call_done() or call_refuse() ends it.
 */
typedef void (*call_permitted_t)(struct call *call);

struct call {
    struct control *control;
    struct call *next;
    enum call_stage stage;
    sd_bus_message *message;
    sd_bus_slot *question;
    const char *action; /* polkit's name for it; static */
    call_permitted_t permitted;
    char actor[ACTOR_SIZE]; /* the sender's user name, once known */
    uint64_t tag;           /* CALL_AT_JOURNAL: which answer is its own */
};

/*
 * Lets `message` wait for the right to `action`; for a method handler to return: 1, or a negative
 * errno with `error` set when too many calls wait.
 */
int call_authorize(struct control *control, sd_bus_message *message, const char *action,
                   call_permitted_t permitted, sd_bus_error *error);

/* Moves the call on; false if that stage is full: then it has been refused and freed. */
bool call_enter(struct call *call, enum call_stage stage);

/* Answers with an error and forgets the call. */
void call_refuse(struct call *call, const char *error_name, const char *format, ...) PRINTF(3, 4);

/* Sends `reply` and forgets the call. */
void call_done(struct call *call, sd_bus_message *reply);

/* Forgets every waiting call without a reply: their bus is gone. */
void calls_drop(struct control *control);
