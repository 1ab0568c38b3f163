/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/decide.h"

/* What a rule says; `detail` only where the answer needs a word more. */
struct answer {
    enum verdict verdict;
    enum reason reason;
    const char *detail;
    const struct pass *pass; /* that it takes something of, NULL = none */
};

static struct answer passes(void)
{
    return (struct answer){.verdict = VERDICT_PASSES};
}

static struct answer grants(const char *detail)
{
    return (struct answer){.verdict = VERDICT_GRANTS, .detail = detail};
}

static struct answer refuses(enum reason reason)
{
    return (struct answer){.verdict = VERDICT_REFUSES, .reason = reason};
}

/* A rule about days or hours that can't be judged, since the clock is wrong: plans `always` pass.
 */
static struct answer clock_answer(const struct facts *facts)
{
    return facts->plan.access == ACCESS_ALWAYS && !facts->place.clock_denies
               ? passes()
               : refuses(REASON_CLOCK_UNTRUSTED);
}

/* The way that a grant means. */
static enum direction direction_meant(const struct facts *facts)
{
    if (facts->place.direction != DIRECTION_TOGGLE)
        return facts->place.direction;
    return facts->place.inside ? DIRECTION_OUT : DIRECTION_IN;
}

/* Somebody tries badge after badge here: none is read until they stop. */
static struct answer rule_throttle(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->place.throttled && facts->place.direction != DIRECTION_OUT
               ? refuses(REASON_THROTTLED)
               : passes();
}

static struct answer rule_number(const struct facts *facts, const struct now *now)
{
    (void)now;
    return uid_is_weak(&facts->presented.uid) ? refuses(REASON_WEAK_BADGE) : passes();
}

static struct answer rule_known(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->badge.known ? passes() : refuses(REASON_UNKNOWN_BADGE);
}

/* Nobody is kept inside: a reader that only lets out asks no more than that the badge is known. */
static struct answer rule_way_out(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->place.direction == DIRECTION_OUT ? grants(NULL) : passes();
}

static struct answer rule_badge_status(const struct facts *facts, const struct now *now)
{
    (void)now;
    switch (facts->badge.status) {
    case BADGE_ACTIVE:
        return passes();
    case BADGE_LOST:
        return refuses(REASON_BADGE_LOST);
    case BADGE_STOLEN:
        return refuses(REASON_BADGE_STOLEN);
    case BADGE_RETURNED:
        return refuses(REASON_BADGE_RETURNED);
    case BADGE_BLOCKED:
    case BADGE_STATUS_COUNT:
        break;
    }
    return refuses(REASON_BADGE_BLOCKED);
}

static struct answer rule_badge_validity(const struct facts *facts, const struct now *now)
{
    day_t until = facts->badge.valid_until;

    if (until && now->clock_untrusted)
        return clock_answer(facts);
    return until && now->local.day > until ? refuses(REASON_BADGE_EXPIRED) : passes();
}

static struct answer rule_assurance(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->presented.assurance < facts->plan.min_assurance ? refuses(REASON_WEAK_BADGE)
                                                                  : passes();
}

/* Nobody comes in; who wants to leave uses a reader that leads out, or the exit button. */
static struct answer rule_lockdown(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->place.lockdown ? refuses(REASON_LOCKDOWN) : passes();
}

static struct answer standing_judge(const struct standing *standing, const struct facts *facts,
                                    const struct now *now)
{
    const struct validity *validity = &standing->validity;

    if (standing->status == MEMBER_LEFT)
        return refuses(REASON_MEMBER_LEFT);
    if (standing->status != MEMBER_ACTIVE)
        return refuses(REASON_MEMBER_SUSPENDED);
    if ((validity->from || validity->until) && now->clock_untrusted)
        return clock_answer(facts);
    if (validity->from && now->local.day < validity->from)
        return refuses(REASON_MEMBER_NOT_YET);
    if (validity->until && now->local.day > validity->until)
        return refuses(REASON_MEMBER_EXPIRED);
    return passes();
}

static struct answer rule_member(const struct facts *facts, const struct now *now)
{
    return standing_judge(&facts->member.standing, facts, now);
}

static struct answer rule_host(const struct facts *facts, const struct now *now)
{
    struct answer answer = passes();

    if (facts->member.has_host)
        answer = standing_judge(&facts->member.host, facts, now);
    if (answer.verdict == VERDICT_REFUSES)
        answer.detail = "host";
    return answer;
}

static struct answer rule_plan_active(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->plan.active ? passes() : refuses(REASON_PLAN_INACTIVE);
}

/* From here on every rule is about days and hours. */
static struct answer rule_clock(const struct facts *facts, const struct now *now)
{
    return now->clock_untrusted ? clock_answer(facts) : passes();
}

static bool booking_holds(const struct booking_window *booking, const struct now *now)
{
    int64_t seconds = (int64_t)(now->wall / USEC_PER_SEC);

    return booking->at_this_door && seconds >= booking->starts_at - booking->early * 60 &&
           seconds < booking->ends_at + booking->late * 60;
}

static struct answer rule_booking(const struct facts *facts, const struct now *now)
{
    for (size_t i = 0; i < facts->n_bookings && !now->clock_untrusted; i++)
        if (booking_holds(&facts->bookings[i], now))
            return grants("booking");
    return passes();
}

static struct answer rule_plan_door(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->plan.door_allowed ? passes() : refuses(REASON_WRONG_DOOR);
}

/* Whoever has used something today comes and goes with it; who leaves uses nothing. */
static struct answer pass_judge(const struct facts *facts, const struct now *now)
{
    unsigned half = pass_half_at(now->pass_day, &now->local);
    bool leaving = direction_meant(facts) == DIRECTION_OUT;
    struct answer answer = passes();
    const struct pass *pass;

    if (facts->halves_used & (leaving ? PASS_WHOLE_DAY : half))
        return answer;
    pass = pass_pick(facts->passes, facts->n_passes, now->local.day);
    if (!pass)
        return refuses(REASON_NO_PASS);
    answer.pass = leaving ? NULL : pass;
    return answer;
}

static struct answer rule_plan_times(const struct facts *facts, const struct now *now)
{
    enum plan_access access = facts->plan.access;
    const struct window *windows = facts->space.opening;
    size_t n = facts->space.n_opening;

    if (access == ACCESS_ALWAYS)
        return passes();
    if (access == ACCESS_BOOKING)
        return refuses(REASON_NO_BOOKING);
    if (facts->space.closure_today)
        return refuses(REASON_CLOSED_DAY);
    if (access == ACCESS_HOURS) {
        windows = facts->plan.hours;
        n = facts->plan.n_hours;
    }
    if (!windows_contain(windows, n, &now->local))
        return refuses(REASON_OUTSIDE_HOURS);
    return access == ACCESS_PASS ? pass_judge(facts, now) : passes();
}

static struct answer rule_capacity(const struct facts *facts, const struct now *now)
{
    (void)now;
    return facts->place.full && !facts->place.inside && direction_meant(facts) == DIRECTION_IN
               ? refuses(REASON_FULL)
               : passes();
}

static const struct {
    const char *name;
    struct answer (*judge)(const struct facts *facts, const struct now *now);
    bool after_grant; /* asked also where an earlier rule has granted */
} rules[] = {
    {"throttle", rule_throttle, false},
    {"number", rule_number, false},
    {"badge_known", rule_known, false},
    {"way_out", rule_way_out, false},
    {"badge_status", rule_badge_status, false},
    {"badge_validity", rule_badge_validity, false},
    {"assurance", rule_assurance, false},
    {"lockdown", rule_lockdown, false},
    {"member", rule_member, false},
    {"host", rule_host, false},
    {"plan_active", rule_plan_active, false},
    {"clock", rule_clock, false},
    {"booking", rule_booking, false},
    {"plan_door", rule_plan_door, false},
    {"plan_times", rule_plan_times, false},
    {"capacity", rule_capacity, true},
};

_Static_assert(ELEMENTSOF(rules) <= DECISION_STEPS_MOST, "each rule can leave a line");

static struct pass_use use_of(const struct pass *pass, const struct facts *facts,
                              const struct now *now)
{
    unsigned half = pass_half_at(now->pass_day, &now->local);

    return (struct pass_use){pass->id, facts->member.id, now->pass_day,
                             pass_takes(pass->kind, half)};
}

void decide(const struct facts *facts, const struct now *now, struct decision *ret)
{
    bool granted = false;

    *ret = (struct decision){.direction = direction_meant(facts), .granted = true};
    for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
        struct answer answer;

        if (granted && !rules[i].after_grant)
            continue;
        answer = rules[i].judge(facts, now);
        ret->steps[ret->n_steps++] =
            (struct decision_step){rules[i].name, answer.verdict, answer.reason};
        if (answer.pass)
            ret->use = use_of(answer.pass, facts, now);
        if (answer.verdict == VERDICT_PASSES)
            continue;
        ret->detail = answer.detail;
        ret->reason = answer.reason;
        granted = ret->granted = answer.verdict == VERDICT_GRANTS;
        if (!granted) {
            ret->use = (struct pass_use){0};
            return;
        }
    }
}

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_PASSES] = "passes", [VERDICT_GRANTS] = "grants", [VERDICT_REFUSES] = "refuses"};

    return words[verdict];
}
