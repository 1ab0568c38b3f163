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
enum call_stage { CALL_AT_BUS, CALL_AT_POLKIT, CALL_AT_JOURNAL, CALL_AT_READER, CALL_STAGE_COUNT };

/* Carries out what was permitted; the call is still waiting, call_done() or call_refuse() ends it.
 */
typedef void (*call_permitted_t)(struct call *call);

/* The caller has gone, or the bus: nobody waits for the answer any more. The call ends by itself.
 */
typedef void (*call_gone_t)(struct call *call);

struct call {
    struct control *control;
    struct call *next;
    enum call_stage stage;
    sd_bus_message *message;
    sd_bus_slot *question;
    const char *action; /* polkit's name for it; static */
    call_permitted_t permitted;
    call_gone_t gone;       /* may be NULL */
    sd_bus_slot *watch;     /* of the sender, for `gone` */
    char actor[ACTOR_SIZE]; /* the sender's user name, once known */
    uint64_t tag;           /* CALL_AT_JOURNAL, CALL_AT_READER: which answer is its own */
};

/*
 * Lets `message` wait for the right to `action`; for a method handler to return: 1, or a negative
 * errno with `error` set when too many calls wait.
 */
int call_authorize(struct control *control, sd_bus_message *message, const char *action,
                   call_permitted_t permitted, sd_bus_error *error);

/* The same for a call that waits long: `gone` is told if its sender doesn't. */
int call_authorize_waiting(struct control *control, sd_bus_message *message, const char *action,
                           call_permitted_t permitted, call_gone_t gone, sd_bus_error *error);

/* The call at this stage that waits for the answer of this tag; NULL if it has gone. */
struct call *call_find(struct control *control, enum call_stage stage, uint64_t tag);

/* Moves the call on; false if that stage is full: then it has been refused and freed. */
bool call_enter(struct call *call, enum call_stage stage);

/* Answers with an error and forgets the call. */
void call_refuse(struct call *call, const char *error_name, const char *format, ...) PRINTF(3, 4);

/* Sends `reply` and forgets the call. */
void call_done(struct call *call, sd_bus_message *reply);

/* Forgets every waiting call without a reply: their bus is gone. */
void calls_drop(struct control *control);
