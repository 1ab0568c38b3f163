/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * cantined's objects on D-Bus: org.cantine.Cantine1 (schemas/dbus/). The bus is a convenience: it
 * may be missing at start, go away and come back (reopened on a timer), and no call waits here for
 * anything, so that a tap is never late because of it. uid 0 and cantined's own uid may call
 * everything; for others group `cantine-admin` or polkit decide, asked asynchronously.
 */

#include "core/enrolment.h"
#include "core/event.h"
#include "core/limits.h"
#include "util/time.h"

#include <systemd/sd-event.h>

#define CONTROL_BUS_NAME       "org.cantine.Cantine1"
#define CONTROL_PATH           "/org/cantine/Cantine1"
#define CONTROL_INTERFACE      "org.cantine.Cantine1"
#define CONTROL_DOOR_PATH      CONTROL_PATH "/door" /* and the door's name, sd_bus_path_encode(3) */
#define CONTROL_DOOR           CONTROL_INTERFACE ".Door"
#define CONTROL_READER_PATH    CONTROL_PATH "/reader" /* and the reader's name */
#define CONTROL_READER         CONTROL_INTERFACE ".Reader"
#define CONTROL_LOG_TYPES      "(xtxsssssssss)" /* one event of Log's answer */
#define CONTROL_PRESENCE_TYPES "(xstu)"         /* one member of GetPresence's answer */
#define CONTROL_GROUP          "cantine-admin"
#define CONTROL_RETRY_EACH     (5 * USEC_PER_SEC)
#define CONTROL_UNLOCK_MOST    (10 * USEC_PER_MINUTE)
#define CONTROL_CALLS_MOST     64   /* calls whose caller the bus is being asked about */
#define CONTROL_ASKING_MOST    16   /* calls that wait for polkit, thus for a person */
#define CONTROL_LOGS_MOST      16   /* log calls waiting for an answer */
#define CONTROL_BADGES_MOST    16   /* calls waiting for a badge */
#define CONTROL_UNSENT_MOST    1024 /* messages in the queue of a stuck bus: then it is given up */
#define CONTROL_PRIORITY       40   /* in the event loop: after everything that a tap needs */

struct control_occupancy {
    uint32_t count, capacity; /* capacity 0 = no limit */
    bool open;
    usec_t at; /* wall clock: since when it is so */
};

/* Somebody who is counted inside. */
struct control_presence {
    int64_t member;
    char name[MEMBER_NAME_SIZE]; /* empty: no longer in the records */
    usec_t since;                /* wall clock */
    uint32_t guests;             /* whom the member brought, without badges */
};

struct control_door {
    const char *name;
    enum lock_state lock;
    enum contact_state contact;
    enum door_alarm alarm;
};

struct control_reader {
    const char *name;
    enum direction direction;
    enum reader_state state;
    const char *tried; /* for people: what doesn't work, or the device's name */
};

/* A badge that somebody is to have, or why there is none. */
struct control_enrolment {
    enum enrolment_end end;
    char reader[SLUG_SIZE];  /* of the last stranger; else empty */
    char uid[UID_TEXT_SIZE]; /* of ENROLMENT_BADGE; else empty */
    usec_t at;               /* wall clock: of the last stranger; else 0 */
};

/* Which events a Log call wants; as the journal's query. */
struct control_log_query {
    usec_t since;
    int64_t member, after;
    bool denied, from_end;
};

/* What the application answers; `application` is given back to each. None may block. */
struct control_calls {
    void (*occupancy)(void *application, struct control_occupancy *ret);
    size_t (*n_doors)(void *application);
    void (*door)(void *application, size_t i, struct control_door *ret);
    size_t (*n_readers)(void *application);
    void (*reader)(void *application, size_t i, struct control_reader *ret);
    /* Unlocks door `i` for `duration` µs (0 = as configured), asked for by user `actor`. */
    int (*unlock)(void *application, size_t i, usec_t duration, const char *actor);
    /* Holds door `i` unlocked until `until` (wall clock, 0 = until released): -EPERM in a lockdown,
     * -ERANGE for a time that is over. */
    int (*hold)(void *application, size_t i, usec_t until, const char *actor);
    int (*release)(void *application, size_t i, const char *actor);
    void (*set_lockdown)(void *application, bool on, const char *actor);
    bool (*lockdown)(void *application);
    bool (*is_inside)(void *application, int64_t member);
    size_t (*n_inside)(void *application);
    void (*inside)(void *application, size_t i, struct control_presence *ret);
    /* 1 if that changed something, 0 if it was so already; -ENOENT: no such member, -ENOSPC: no
     * room to count one more. */
    int (*set_presence)(void *application, int64_t member, bool inside, const char *actor);
    int (*set_guests)(void *application, int64_t member, uint32_t guests, const char *actor);
    uint32_t (*reset_presence)(void *application, const char *actor); /* how many were inside */
    bool (*clock_trusted)(void *application);
    int64_t (*pass_used)(void *application, int64_t pass); /* how often */
    /* The halves (core/pass.h) of the pass day for which the member has used something. */
    uint32_t (*halves_used)(void *application, int64_t member, day_t day);
    /* Answered later by control_log_answer() with the same tag. */
    int (*log)(void *application, const struct control_log_query *query, uint64_t tag);
    /*
     * Waits for a badge at reader `i`: ENROLMENT_WAITS, and control_enrolment_end() comes with the
     * same tag; or at once why not. enrol_cancel(): whoever asked has gone.
     */
    enum enrolment_end (*enrol)(void *application, size_t i, usec_t timeout, uint64_t tag,
                                const char *actor);
    void (*enrol_cancel)(void *application, uint64_t tag);
    /* Who was refused last as unknown; ENROLMENT_NONE if that is too long ago. */
    void (*stranger)(void *application, struct control_enrolment *ret);
    /* May be NULL. Once for each change: the bus is out of reach, and why; `trouble` NULL: it is
     * there. */
    void (*bus)(void *application, const char *trouble);
};

struct control;

/*
 * Whether systemd-timedated says that the kernel's clock is synchronised, as far as it has been
 * asked: the first call answers false and asks, later ones ask again now and then.
 */
bool control_synchronised(struct control *control);

/* Never fails for want of a bus. `calls` and `application` must outlive it. */
int control_new(sd_event *event, const struct control_calls *calls, void *application,
                struct control **ret);
struct control *control_free(struct control *control);

/* Tell the bus what changed (PropertiesChanged; the signal Access for an access event). */
void control_occupancy_changed(struct control *control);
void control_clock_changed(struct control *control);
void control_lockdown_changed(struct control *control);
void control_door_changed(struct control *control, size_t i);
void control_reader_changed(struct control *control, size_t i);
void control_access(struct control *control, const struct event *event);

void control_log_answer(struct control *control, uint64_t tag, const struct event *rows, size_t n);

/* What came of waiting for a badge; nothing happens if whoever asked has gone. */
void control_enrolment_end(struct control *control, uint64_t tag,
                           const struct control_enrolment *enrolment);

DEFINE_CLEANUP(struct control *, cleanup_control, control_free);
