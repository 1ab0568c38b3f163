/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the files of this room share: the server itself, the calls that wait in it, and its objects.
 */

#include "control/control.h"

#include <systemd/sd-bus.h>

struct call;

struct control {
    sd_event *event;
    const struct control_calls *calls;
    void *application;

    sd_bus *bus; /* NULL while there is none */
    sd_event_source *retry;
    bool troubled; /* the application was told so */

    struct {
        bool synchronised; /* as last answered */
        usec_t ask_next;   /* monotonic */
    } clock;

    struct call *waiting; /* authorize.h: newest first */
    uint64_t last_tag;
};

/* D-Bus has no null: a word that doesn't apply is sent as an empty text. */
static inline const char *word_or_empty(const char *word)
{
    return word ? word : "";
}

/* site.c: the members of the site's own object. */
extern const sd_bus_vtable site_vtable[];

/* enrolment.c: those of its methods that give badges. */
int on_enrol(sd_bus_message *message, void *userdata, sd_bus_error *error);
int on_get_last_stranger(sd_bus_message *message, void *userdata, sd_bus_error *error);

/* Puts the objects on the bus connection of `control`; they go with it. */
int objects_add(struct control *control);
