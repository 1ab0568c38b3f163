/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A tap in the words of tests/vectors/decide.txt: Ada's usual one, and what differs from it. The
 * test runs in TZ=Europe/Paris.
 */

#include "core/decide.h"
#include "unit/vectors.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

struct situation {
    struct facts facts;
    struct now now;
};

static inline usec_t wall_of(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_isdst = -1};

    return (usec_t)mktime(&tm) * USEC_PER_SEC;
}

static inline void now_set(struct now *now, usec_t wall)
{
    now->monotonic = 1;
    now->wall = wall;
    assert_int_equal(time_local(wall, &now->local), 0);
    now->pass_day = time_day_since(wall, 3 * 60); /* cutoff=03:00 */
}

static inline void usual_tap(struct situation *ret)
{
    *ret = (struct situation){
        .facts = {.place = {.direction = DIRECTION_IN},
                  .badge = {.known = true},
                  .member = {.id = 1},
                  .plan = {.id = "nomade",
                           .access = ACCESS_ALWAYS,
                           .active = true,
                           .door_allowed = true}},
    };
    assert_int_equal(uid_parse("04A1B2C3D4E5F6", &ret->facts.presented.uid), 0);
    now_set(&ret->now, wall_of(2026, 11, 23, 14, 0));
}

static inline day_t day_of(const char *text)
{
    day_t day = 0;

    assert_int_equal(day_parse(text, &day), 0);
    return day;
}

static inline struct window window_of(const char *text)
{
    struct window window = {0};
    char opens[6], closes[6];

    assert_int_equal(sscanf(text, "%d,%5[0-9:],%5[0-9:]", &window.weekday, opens, closes), 3);
    assert_int_equal(minute_parse(opens, &window.opens), 0);
    assert_int_equal(minute_parse(closes, &window.closes), 0);
    return window;
}

/* "2026-10-25T02:30" in Amiens, with "+01:00" after it where the clocks show that twice. */
static inline usec_t wall_read(const char *text)
{
    int year, month, day, hour, minute, offset_hour = 0;
    char sign = 0;
    int n = sscanf(text, "%d-%d-%dT%d:%d%c%d:00", &year, &month, &day, &hour, &minute, &sign,
                   &offset_hour);
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute};

    assert_true(n == 5 || (n == 7 && sign == '+'));
    if (n == 5)
        return wall_of(year, month, day, hour, minute);
    return ((usec_t)timegm(&tm) - (usec_t)offset_hour * 3600) * USEC_PER_SEC;
}

/* An hour of the usual day, or a day and an hour. */
static inline int64_t booking_moment(const char *text)
{
    char whole[64];

    if (strchr(text, 'T'))
        (void)snprintf(whole, sizeof(whole), "%s", text);
    else
        (void)snprintf(whole, sizeof(whole), "2026-11-23T%s", text);
    return (int64_t)(wall_read(whole) / USEC_PER_SEC);
}

static inline void booking_add(struct facts *facts, const char *text)
{
    struct booking_window booking = {.id = 12, .resource = "cabine", .at_this_door = true};
    char starts[32], ends[32];

    assert_int_equal(
        sscanf(text, "%31[^,],%31[^,],%d,%d", starts, ends, &booking.early, &booking.late), 4);
    booking.starts_at = booking_moment(starts);
    booking.ends_at = booking_moment(ends);
    facts->bookings[facts->n_bookings++] = booking;
}

static inline bool badge_word(struct facts *facts, const char *key, const char *value)
{
    if (streq(key, "uid"))
        assert_int_equal(uid_parse(value, &facts->presented.uid), 0);
    else if (streq(key, "badge") && streq(value, "unknown"))
        facts->badge.known = false;
    else if (streq(key, "badge"))
        facts->badge.status = (enum badge_status)badge_status_of(value);
    else if (streq(key, "badge_until"))
        facts->badge.valid_until = day_of(value);
    else if (streq(key, "proves"))
        facts->presented.assurance = (enum assurance)assurance_of(value);
    else
        return false;
    return true;
}

static inline bool member_word(struct facts *facts, const char *key, const char *value)
{
    if (streq(key, "member"))
        facts->member.standing.status = (enum member_status)member_status_of(value);
    else if (streq(key, "from"))
        facts->member.standing.validity.from = day_of(value);
    else if (streq(key, "until"))
        facts->member.standing.validity.until = day_of(value);
    else if (streq(key, "host_from"))
        facts->member.host.validity.from = day_of(value);
    else if (streq(key, "host_until"))
        facts->member.host.validity.until = day_of(value);
    else if (streq(key, "host")) {
        facts->member.has_host = true;
        facts->member.host_id = 2;
        facts->member.host.status = (enum member_status)member_status_of(value);
    } else
        return false;
    return true;
}

static inline bool plan_word(struct facts *facts, const char *key, const char *value)
{
    if (streq(key, "access"))
        facts->plan.access = (enum plan_access)plan_access_of(value);
    else if (streq(key, "plan"))
        facts->plan.active = !streq(value, "inactive");
    else if (streq(key, "min"))
        facts->plan.min_assurance = (enum assurance)assurance_of(value);
    else if (streq(key, "door"))
        facts->plan.door_allowed = !streq(value, "no");
    else if (streq(key, "hours"))
        facts->plan.hours[facts->plan.n_hours++] = window_of(value);
    else
        return false;
    return true;
}

/* "day,10,7": a kind, how many were bought and how many are used; with a first and a last day too.
 */
static inline void pass_add(struct facts *facts, const char *text)
{
    struct pass *pass = &facts->passes[facts->n_passes++];
    char kind[10], from[11] = "", until[11] = "";
    int n = sscanf(text, "%9[a-z_],%" SCNd64 ",%" SCNd64 ",%10[0-9-],%10[0-9-]", kind,
                   &pass->quantity, &pass->used, from, until);

    assert_true(n == 3 || n == 5);
    assert_true(pass_kind_of(kind) >= 0);
    pass->id = (int64_t)facts->n_passes;
    pass->kind = (enum pass_kind)pass_kind_of(kind);
    if (n == 5)
        pass->validity = (struct validity){day_of(from), day_of(until)};
}

static inline bool pass_word(struct situation *situation, const char *key, const char *value)
{
    struct facts *facts = &situation->facts;

    if (streq(key, "pass"))
        pass_add(facts, value);
    else if (streq(key, "used"))
        facts->halves_used |= streq(value, "day")       ? PASS_WHOLE_DAY
                              : streq(value, "morning") ? PASS_MORNING
                                                        : PASS_AFTERNOON;
    else if (streq(key, "clock"))
        situation->now.clock_untrusted = streq(value, "wrong");
    else if (streq(key, "wrong_clock"))
        facts->place.clock_denies = streq(value, "deny");
    else
        return false;
    return true;
}

static inline bool space_word(struct facts *facts, const char *key, const char *value)
{
    if (streq(key, "reader"))
        facts->place.direction = (enum direction)direction_of(value);
    else if (streq(key, "inside"))
        facts->place.inside = true;
    else if (streq(key, "throttled"))
        facts->place.throttled = true;
    else if (streq(key, "full"))
        facts->place.full = true;
    else if (streq(key, "lockdown"))
        facts->place.lockdown = true;
    else if (streq(key, "closure"))
        facts->space.closure_today = true;
    else if (streq(key, "open"))
        facts->space.opening[facts->space.n_opening++] = window_of(value);
    else if (streq(key, "booking"))
        booking_add(facts, value);
    else if (streq(key, "booking_door"))
        facts->bookings[facts->n_bookings - 1].at_this_door = !streq(value, "no");
    else
        return false;
    return true;
}

static inline void situation_read(char *words, struct situation *ret)
{
    char *word;

    usual_tap(ret);
    while ((word = strsep(&words, " "))) {
        char *value = word, *key = strsep(&value, "=");

        if (!*word)
            continue;
        if (streq(key, "now"))
            now_set(&ret->now, wall_read(value));
        else if (!badge_word(&ret->facts, key, value) && !member_word(&ret->facts, key, value) &&
                 !plan_word(&ret->facts, key, value) && !space_word(&ret->facts, key, value) &&
                 !pass_word(ret, key, value))
            fail_msg("%s: no such word: see the head of the table", key);
    }
}
