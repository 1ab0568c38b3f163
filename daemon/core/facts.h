/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Everything that a decision depends on, as plain values. The store fills in what the records say,
 * the application what it knows itself (the reader, who is inside); core only reads.
 */

#include "core/limits.h"
#include "core/pass.h"
#include "core/schedule.h"
#include "core/uid.h"
#include "core/words.h"

#define FACTS_WINDOWS_MOST  32 /* windows of one plan, or of the space, on two neighbouring days */
#define FACTS_BOOKINGS_MOST 8  /* a person's bookings whose windows hold now */
#define FACTS_PASSES_MOST   8  /* a person's passes of which something is left */

/* The moment of the decision. */
struct now {
    usec_t monotonic;
    usec_t wall;
    struct local_time local;
    day_t pass_day;       /* the local day of the latest cutoff: core/pass.h */
    bool clock_untrusted; /* core/clock.h */
};

/* Somebody whose membership counts: the badge's owner, or the host of a guest. */
struct standing {
    enum member_status status;
    struct validity validity;
};

/* A confirmed booking of the member, or one to which the member is invited. */
struct booking_window {
    int64_t id;
    char resource[SLUG_SIZE];
    int64_t starts_at, ends_at; /* Unix seconds */
    int early, late;            /* minutes before and after in which it lets people in */
    bool at_this_door;
};

struct facts {
    struct {
        struct uid uid;
        enum assurance assurance; /* what the badge has proved at this presentation */
    } presented;

    struct {
        enum direction direction; /* in, out or toggle */
        bool inside;              /* the badge's member is counted inside */
        bool throttled;           /* an episode of core/throttle.h goes on at this reader */
        bool full;                /* as many as the capacity are inside, and when_full=deny */
        bool lockdown;            /* nobody comes in */
        bool clock_denies;        /* clock_untrusted=deny: plans `always` don't pass either */
    } place;

    struct {
        bool known; /* the number is in the records, with a member and a plan that exist */
        enum badge_status status;
        day_t valid_until; /* 0 = open */
    } badge;

    struct {
        int64_t id;
        struct standing standing;
        bool has_host;
        int64_t host_id; /* 0 = nobody's guest */
        struct standing host;
    } member;

    struct {
        char id[SLUG_SIZE];
        enum plan_access access;
        enum assurance min_assurance;
        bool active;
        bool door_allowed;
        struct window hours[FACTS_WINDOWS_MOST];
        size_t n_hours;
    } plan;

    struct {
        bool closure_today;
        struct window opening[FACTS_WINDOWS_MOST];
        size_t n_opening;
    } space;

    struct booking_window bookings[FACTS_BOOKINGS_MOST];
    size_t n_bookings;

    /* Of a member whose plan has access `pass`. */
    struct pass passes[FACTS_PASSES_MOST]; /* those to be used first come first */
    size_t n_passes;
    unsigned halves_used; /* of the pass day, by whichever pass */
};
