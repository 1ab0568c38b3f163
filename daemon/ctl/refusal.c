/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/refusal.h"

#include "ctl/shown.h"
#include "util/translate.h"

#include <inttypes.h>
#include <stdarg.h>

/* Adds to the sentence what still fits. */
static void say(char *ret, const char *format, ...) PRINTF(2, 3);

static void say(char *ret, const char *format, ...)
{
    size_t used = strlen(ret);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(ret + used, REFUSAL_SIZE - used, _(format), args);
    va_end(args);
}

static const char *text_of(const json_t *row, const char *column)
{
    const char *text = json_string_value(json_object_get(row, column));

    return text ? text : "";
}

static int64_t id_of(const json_t *row)
{
    return json_integer_value(json_object_get(row, "id"));
}

/* --- the badge -------------------------------------------------------------------------------- */

/* The number of the first badge with this status; NULL = there is none any more. */
static const char *badge_with(const struct refusal *refusal, const char *status)
{
    const json_t *badge;
    size_t i;

    json_array_foreach(refusal->badges, i, badge) if (streq(text_of(badge, "status"),
                                                            status)) return text_of(badge, "uid");
    return NULL;
}

static void say_badge_status(const struct refusal *refusal, enum badge_status status, char *ret)
{
    const char *word = badge_status_word(status), *uid = badge_with(refusal, word);

    if (uid)
        say(ret, "badge %s is %s: cantinectl badge set %s active, if it shall open again", uid,
            shown_word(word), uid);
    else
        say(ret, "the badge was %s then; none of these is now", shown_word(word));
}

static void say_badge_expired(const struct refusal *refusal, char *ret)
{
    const json_t *badge;
    size_t i;

    json_array_foreach(refusal->badges, i, badge)
    {
        const char *until = text_of(badge, "valid_until");

        if (!*until || strcmp(until, refusal->today) >= 0)
            continue;
        say(ret,
            "the last day of badge %s was %s: take it back (cantinectl badge set %s returned) and "
            "give another one",
            text_of(badge, "uid"), until, text_of(badge, "uid"));
        return;
    }
    say(ret, "the badge's last day was over; no badge's is now");
}

static void say_weak(const struct refusal *refusal, enum reason reason, char *ret)
{
    if (reason == REASON_BAD_SIGNATURE)
        say(ret, "the badge couldn't prove what it is, it may be a copy: look at it, and give "
                 "another one if it is worn");
    else
        say(ret,
            "plan %s asks for a badge that proves itself, or this badge's number is none: give "
            "another badge, or cantinectl member edit %" PRId64 " --plan …",
            text_of(refusal->member, "plan"), id_of(refusal->member));
}

/* --- the membership --------------------------------------------------------------------------- */

static void say_suspended(const json_t *who, char *ret)
{
    if (streq(text_of(who, "status"), member_status_word(MEMBER_SUSPENDED)))
        say(ret, "%s is suspended: cantinectl member resume %" PRId64, text_of(who, "name"),
            id_of(who));
    else
        say(ret, "%s was suspended then, and no longer is", text_of(who, "name"));
}

static void say_left(const json_t *who, char *ret)
{
    if (streq(text_of(who, "status"), member_status_word(MEMBER_LEFT)))
        say(ret, "%s has left: cantinectl member resume %" PRId64, text_of(who, "name"),
            id_of(who));
    else
        say(ret, "%s had left then, and is a member again", text_of(who, "name"));
}

static void say_not_yet(const json_t *who, const char *today, char *ret)
{
    const char *from = text_of(who, "valid_from");

    if (strcmp(from, today) > 0)
        say(ret, "membership of %s begins %s: cantinectl member edit %" PRId64 " --from today",
            text_of(who, "name"), from, id_of(who));
    else
        say(ret, "membership of %s hadn't begun then, and has now", text_of(who, "name"));
}

static void say_expired(const json_t *who, const char *today, char *ret)
{
    const char *until = text_of(who, "valid_until");

    if (*until && strcmp(until, today) < 0)
        say(ret, "membership of %s ended %s: cantinectl member edit %" PRId64 " --until DAY",
            text_of(who, "name"), until, id_of(who));
    else
        say(ret, "membership of %s was over then, and goes on now", text_of(who, "name"));
}

static void say_member(const struct refusal *refusal, char *ret)
{
    const json_t *who = refusal->of_host && refusal->host ? refusal->host : refusal->member;

    if (refusal->of_host)
        say(ret, "a guest gets in only while the host would: ");
    if (refusal->reason == REASON_MEMBER_SUSPENDED)
        say_suspended(who, ret);
    else if (refusal->reason == REASON_MEMBER_LEFT)
        say_left(who, ret);
    else if (refusal->reason == REASON_MEMBER_NOT_YET)
        say_not_yet(who, refusal->today, ret);
    else
        say_expired(who, refusal->today, ret);
}

/* --- the plan --------------------------------------------------------------------------------- */

static void say_hours(const struct refusal *refusal, char *ret)
{
    const char *plan = text_of(refusal->member, "plan");

    if (streq(refusal->access, plan_access_word(ACCESS_HOURS)))
        say(ret, "outside the hours of plan %s: cantinectl plan list shows them", plan);
    else
        say(ret,
            "plan %s lets in during the opening hours: cantinectl opening list shows them; a "
            "booking opens at any hour",
            plan);
}

static void say_plan(const struct refusal *refusal, char *ret)
{
    const char *plan = text_of(refusal->member, "plan");
    int64_t id = id_of(refusal->member);

    if (refusal->reason == REASON_PLAN_INACTIVE)
        say(ret, "plan %s is no longer active: cantinectl member edit %" PRId64 " --plan …", plan,
            id);
    else if (refusal->reason == REASON_WRONG_DOOR)
        say(ret, "plan %s does not open door %s: cantinectl plan edit %s --door …", plan,
            refusal->door, plan);
    else if (refusal->reason == REASON_CLOSED_DAY)
        say(ret, "it was a closed day: cantinectl closure list --all");
    else if (refusal->reason == REASON_NO_BOOKING)
        say(ret,
            "plan %s opens only with a booking, and there was none: cantinectl booking add "
            "RESOURCE %" PRId64 " START DURATION",
            plan, id);
    else
        say(ret, "no pass with something left: cantinectl pass add %" PRId64 " day 10", id);
}

/* ---------------------------------------------------------------------------------------------- */

void refusal_write(const struct refusal *refusal, char ret[static REFUSAL_SIZE])
{
    ret[0] = '\0';
    switch (refusal->reason) {
    case REASON_BADGE_BLOCKED:
        say_badge_status(refusal, BADGE_BLOCKED, ret);
        break;
    case REASON_BADGE_LOST:
        say_badge_status(refusal, BADGE_LOST, ret);
        break;
    case REASON_BADGE_STOLEN:
        say_badge_status(refusal, BADGE_STOLEN, ret);
        break;
    case REASON_BADGE_RETURNED:
        say_badge_status(refusal, BADGE_RETURNED, ret);
        break;
    case REASON_BADGE_EXPIRED:
        say_badge_expired(refusal, ret);
        break;
    case REASON_WEAK_BADGE:
    case REASON_BAD_SIGNATURE:
        say_weak(refusal, refusal->reason, ret);
        break;
    case REASON_MEMBER_SUSPENDED:
    case REASON_MEMBER_LEFT:
    case REASON_MEMBER_NOT_YET:
    case REASON_MEMBER_EXPIRED:
        say_member(refusal, ret);
        break;
    case REASON_OUTSIDE_HOURS:
        say_hours(refusal, ret);
        break;
    case REASON_PLAN_INACTIVE:
    case REASON_WRONG_DOOR:
    case REASON_CLOSED_DAY:
    case REASON_NO_BOOKING:
    case REASON_NO_PASS:
        say_plan(refusal, ret);
        break;
    case REASON_LOCKDOWN:
        say(ret, "there was a lockdown: cantinectl door lockdown off ends one");
        break;
    case REASON_FULL:
        say(ret, "as many as the capacity were inside: cantinectl occupancy --names says who is");
        break;
    case REASON_CLOCK_UNTRUSTED:
        say(ret, "nobody knew what day and hour it was: set the clock with timedatectl, or bring "
                 "the network back");
        break;
    case REASON_THROTTLED:
        say(ret, "somebody tried badge after badge at this reader: 10 s without one end it");
        break;
    case REASON_UNKNOWN_BADGE:
        say(ret, "the badge was nobody's that is in the records: cantinectl badge list %" PRId64,
            id_of(refusal->member));
        break;
    default:
        break;
    }
}
