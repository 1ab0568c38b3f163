/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Giving badges: a call that waits for one at a reader as long as its caller does, and the last
 * stranger's. The only place where a badge's number goes out, to who may ask for it and once.
 */

#include "control/authorize.h"
#include "control/objects.h"

#define ACTION_ENROL "org.cantine.enrol"

static bool reader_named(struct control *control, const char *name, size_t *ret_i)
{
    for (size_t i = 0; i < control->calls->n_readers(control->application); i++) {
        struct control_reader reader;

        control->calls->reader(control->application, i, &reader);
        if (streq(reader.name, name)) {
            *ret_i = i;
            return true;
        }
    }
    return false;
}

static void call_answer(struct call *call, const struct control_enrolment *enrolment)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(call->message, &reply);

    if (r >= 0)
        r = sd_bus_message_append(reply, "ss", word_or_empty(enrolment_end_word(enrolment->end)),
                                  enrolment->uid);
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "no answer can be made: %s", strerror(-r));
    else
        call_done(call, reply);
}

static void enrol_permitted(struct call *call)
{
    struct control *control = call->control;
    struct control_enrolment enrolment = {0};
    const char *name;
    usec_t timeout;
    size_t i;
    int r = sd_bus_message_read(call->message, "st", &name, &timeout);

    if (r < 0 || timeout < ENROLMENT_LEAST || timeout > ENROLMENT_MOST) {
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "a badge is waited for from 1 s to 10 min");
        return;
    }
    if (!reader_named(control, name, &i)) {
        call_refuse(call, SD_BUS_ERROR_INVALID_ARGS, "there is no such reader");
        return;
    }
    if (!call_enter(call, CALL_AT_READER))
        return;
    call->tag = ++control->last_tag;
    enrolment.end = control->calls->enrol(control->application, i, timeout, call->tag, call->actor);
    if (enrolment.end != ENROLMENT_WAITS)
        call_answer(call, &enrolment);
}

static void enrol_gone(struct call *call)
{
    if (call->stage == CALL_AT_READER)
        call->control->calls->enrol_cancel(call->control->application, call->tag);
}

int on_enrol(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize_waiting(userdata, message, ACTION_ENROL, enrol_permitted, enrol_gone,
                                  error);
}

void control_enrolment_end(struct control *control, uint64_t tag,
                           const struct control_enrolment *enrolment)
{
    struct call *call = call_find(control, CALL_AT_READER, tag);

    if (call)
        call_answer(call, enrolment);
}

static void last_stranger_permitted(struct call *call)
{
    CLEANUP(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    struct control_enrolment stranger;
    int r = sd_bus_message_new_method_return(call->message, &reply);

    call->control->calls->stranger(call->control->application, &stranger);
    if (r >= 0)
        r = sd_bus_message_append(reply, "ssst", word_or_empty(enrolment_end_word(stranger.end)),
                                  stranger.reader, stranger.uid, stranger.at);
    if (r < 0)
        call_refuse(call, SD_BUS_ERROR_FAILED, "no answer can be made: %s", strerror(-r));
    else
        call_done(call, reply);
}

int on_get_last_stranger(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return call_authorize(userdata, message, ACTION_ENROL, last_stranger_permitted, error);
}
