/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The site's own object: how many are inside and who, the log, the clock, what passes were used. */

#include "control/authorize.h"
#include "control/objects.h"

#include <errno.h>

#define ACTION_LOG      "org.cantine.log"
#define ACTION_PRESENCE "org.cantine.presence"

#define ACTION_LOCKDOWN "org.cantine.lockdown"

static int get_site(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    struct control_occupancy occupancy;

    (void)bus;
    (void)path;
    (void)interface;
    (void)error;
    control->calls->occupancy(control->application, &occupancy);
    return sd_bus_message_append(
        reply, "u", streq(property, "Capacity") ? occupancy.capacity : occupancy.count);
}

static int get_flag(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    const struct control_calls *calls = control->calls;

    (void)bus;
    (void)path;
    (void)interface;
    (void)error;
    return sd_bus_message_append(reply, "b",
                                 streq(property, "Lockdown")
                                     ? (int)calls->lockdown(control->application)
                                     : (int)calls->clock_trusted(control->application));
}

static int on_get_occupancy(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    struct control_occupancy occupancy;

    (void)error;
    control->calls->occupancy(control->application, &occupancy);
    return sd_bus_reply_method_return(message, "uubt", occupancy.count, occupancy.capacity,
                                      (int)occupancy.open, occupancy.at);
}

/* --- the log ---------------------------------------------------------------------------------- */

static void log_permitted(struct call *call)
{
    struct control *control = call->control;
    struct control_log_query query;
    int denied, newest, r;

    r = sd_bus_message_read(call->message, "txxbb", &query.since, &query.member, &query.after,
                            &denied, &newest);
    if (r < 0 || query.member < 0 || query.after < 0) {
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "a member and a seq are 0 (all) or greater");
        return;
    }
    if (!call_enter(call, CALL_AT_JOURNAL))
        return;
    query.denied = denied;
    query.from_end = newest;
    call->tag = ++control->last_tag;
    r = control->calls->log(control->application, &query, call->tag);
    if (r < 0) /* otherwise control_log_answer() ends the call, perhaps already */
        call_refuse(call, SD_BUS_ERROR_FAILED, "the journal can't be read: %s", strerror(-r));
}

static int on_log(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_LOG, log_permitted, error);
}

static int event_append(sd_bus_message *reply, const struct event *event)
{
    return sd_bus_message_append(reply, CONTROL_LOG_TYPES, event->seq, event->at, event->member,
                                 word_or_empty(event_type_word((enum event_type)event->type)),
                                 event->door, event->reader,
                                 word_or_empty(result_word((enum result)event->result)),
                                 word_or_empty(reason_word((enum reason)event->reason)),
                                 word_or_empty(direction_word((enum direction)event->direction)),
                                 event->detail, event->actor, event->boot);
}

static int log_reply(sd_bus_message *call, const struct event *rows, size_t n, sd_bus_message **ret)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int r;

    r = sd_bus_message_new_method_return(call, &reply);
    if (r < 0)
        return r;
    r = sd_bus_message_open_container(reply, 'a', CONTROL_LOG_TYPES);
    for (size_t i = 0; i < n && r >= 0; i++)
        r = event_append(reply, &rows[i]);
    if (r < 0)
        return r;
    r = sd_bus_message_close_container(reply);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(reply);
    return 0;
}

void control_log_answer(struct control *control, uint64_t tag, const struct event *rows, size_t n)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct call *call = call_find(control, CALL_AT_JOURNAL, tag);
    int r;

    if (!call)
        return; /* asked on a connection that is gone */
    r = log_reply(call->message, rows, n, &reply);
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "the log can't be sent: %s", strerror(-r));
    else
        call_done(call, reply);
}

/* --- who is inside ---------------------------------------------------------------------------- */

/* Answers with `reply`, or says why there is none. */
static void call_end(struct call *call, sd_bus_message *reply, int r)
{
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "no answer can be made: %s", strerror(-r));
    else
        call_done(call, reply);
}

/* Reads the call's first argument; false after refusing it. */
static bool member_read(struct call *call, int64_t *ret)
{
    if (sd_bus_message_read(call->message, "x", ret) >= 0 && *ret > 0)
        return true;
    call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "a member's number is greater than 0");
    return false;
}

static void is_inside_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct control *control = call->control;
    int64_t member;
    int r;

    if (!member_read(call, &member))
        return;
    r = sd_bus_message_new_method_return(call->message, &reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "b",
                                  (int)control->calls->is_inside(control->application, member));
    call_end(call, reply, r);
}

/* Who is inside is as private as the log that it follows from. */
static int on_is_inside(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_LOG, is_inside_permitted, error);
}

static int presence_append(sd_bus_message *reply, const struct control *control)
{
    const struct control_calls *calls = control->calls;
    size_t n = calls->n_inside(control->application);
    int r = sd_bus_message_open_container(reply, 'a', CONTROL_PRESENCE_TYPES);

    for (size_t i = 0; i < n && r >= 0; i++) {
        struct control_presence presence;

        calls->inside(control->application, i, &presence);
        r = sd_bus_message_append(reply, CONTROL_PRESENCE_TYPES, presence.member, presence.name,
                                  presence.since, presence.guests);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void presence_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(call->message, &reply);

    if (r >= 0)
        r = presence_append(reply, call->control);
    call_end(call, reply, r);
}

static int on_get_presence(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_LOG, presence_permitted, error);
}

/* Answers a call that counted somebody: `r` as the application gave it. */
static void presence_end(struct call *call, int r)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

    int changed = r;

    if (r >= 0)
        r = sd_bus_message_new_method_return(call->message, &reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "b", changed);
    if (r == -ENOENT)
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "there is no such member in the records");
    else if (r == -ENOSPC)
        call_refuse(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "more people can't be counted");
    else if (r == -ERANGE)
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "one member brings at most %d guests",
                    BROUGHT_MOST);
    else
        call_end(call, reply, r);
}

static void set_presence_permitted(struct call *call)
{
    struct control *control = call->control;
    int64_t member;
    int inside, r;

    if (!member_read(call, &member))
        return;
    r = sd_bus_message_read(call->message, "b", &inside);
    if (r >= 0)
        r = control->calls->set_presence(control->application, member, inside, call->actor);
    presence_end(call, r);
}

static void set_guests_permitted(struct call *call)
{
    struct control *control = call->control;
    int64_t member;
    uint32_t guests;
    int r;

    if (!member_read(call, &member))
        return;
    r = sd_bus_message_read(call->message, "u", &guests);
    if (r >= 0)
        r = control->calls->set_guests(control->application, member, guests, call->actor);
    presence_end(call, r);
}

static int on_set_guests(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_PRESENCE, set_guests_permitted, error);
}

static int on_set_presence(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_PRESENCE, set_presence_permitted, error);
}

static void reset_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct control *control = call->control;
    int r = sd_bus_message_new_method_return(call->message, &reply);

    if (r >= 0)
        r = sd_bus_message_append(
            reply, "u", control->calls->reset_presence(control->application, call->actor));
    call_end(call, reply, r);
}

static int on_reset_presence(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_PRESENCE, reset_permitted, error);
}

/* --- lockdown --------------------------------------------------------------------------------- */

static void lockdown_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int on, r = sd_bus_message_read(call->message, "b", &on);

    if (r >= 0)
        r = sd_bus_message_new_method_return(call->message, &reply);
    if (r >= 0)
        call->control->calls->set_lockdown(call->control->application, on, call->actor);
    call_end(call, reply, r);
}

static int on_set_lockdown(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_LOCKDOWN, lockdown_permitted, error);
}

/* --- what has been used of passes ------------------------------------------------------------- */

static int pass_uses_append(sd_bus_message *reply, struct call *call)
{
    const struct control_calls *calls = call->control->calls;
    void *application = call->control->application;
    int64_t member, pass;
    int32_t day;
    int r = sd_bus_message_read(call->message, "xi", &member, &day);

    if (r >= 0)
        r = sd_bus_message_append(reply, "u", calls->halves_used(application, member, day));
    if (r >= 0)
        r = sd_bus_message_enter_container(call->message, 'a', "x");
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "x");
    while (r >= 0 && (r = sd_bus_message_read(call->message, "x", &pass)) > 0)
        r = sd_bus_message_append(reply, "x", calls->pass_used(application, pass));
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void pass_uses_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(call->message, &reply);

    if (r >= 0)
        r = pass_uses_append(reply, call);
    call_end(call, reply, r);
}

static int on_get_pass_uses(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_LOG, pass_uses_permitted, error);
}

/* ---------------------------------------------------------------------------------------------- */

const sd_bus_vtable site_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Occupancy", "u", get_site, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Capacity", "u", get_site, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ClockTrusted", "b", get_flag, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Lockdown", "b", get_flag, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_METHOD_WITH_ARGS("GetOccupancy", SD_BUS_NO_ARGS,
                            SD_BUS_RESULT("u", count, "u", capacity, "b", open, "t", at_usec),
                            on_get_occupancy, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS(
        "Log", SD_BUS_ARGS("t", since_usec, "x", member, "x", after_seq, "b", denied, "b", newest),
        SD_BUS_RESULT("a" CONTROL_LOG_TYPES, events), on_log, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("IsInside", SD_BUS_ARGS("x", member), SD_BUS_RESULT("b", inside),
                            on_is_inside, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetLockdown", SD_BUS_ARGS("b", on), SD_BUS_NO_RESULT, on_set_lockdown,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetPresence", SD_BUS_NO_ARGS,
                            SD_BUS_RESULT("a" CONTROL_PRESENCE_TYPES, members), on_get_presence,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetPresence", SD_BUS_ARGS("x", member, "b", inside),
                            SD_BUS_RESULT("b", changed), on_set_presence,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetGuests", SD_BUS_ARGS("x", member, "u", guests),
                            SD_BUS_RESULT("b", changed), on_set_guests, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("ResetPresence", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", checked_out),
                            on_reset_presence, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetPassUses", SD_BUS_ARGS("x", member, "i", day, "ax", passes),
                            SD_BUS_RESULT("u", halves, "ax", used), on_get_pass_uses,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Enrol", SD_BUS_ARGS("s", reader, "t", timeout_usec),
                            SD_BUS_RESULT("s", end, "s", uid), on_enrol,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetLastStranger", SD_BUS_NO_ARGS,
                            SD_BUS_RESULT("s", end, "s", reader, "s", uid, "t", at_usec),
                            on_get_last_stranger, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS(
        "Access", SD_BUS_ARGS("s", door, "s", reader, "s", result, "s", reason, "s", direction), 0),
    SD_BUS_VTABLE_END,
};
