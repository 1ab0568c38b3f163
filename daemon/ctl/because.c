/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/because.h"

#include "ctl/shown.h"
#include "util/translate.h"

#include "ctl/hours.h"

#include <inttypes.h>
#include <stdarg.h>

/* Adds to the sentence what still fits. */
static void say(char *ret, const char *format, ...) PRINTF(2, 3);

static void say(char *ret, const char *format, ...)
{
    size_t used = strlen(ret);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(ret + used, BECAUSE_SIZE - used, _(format), args);
    va_end(args);
}

/* The day as text, in `ret`. */
static const char *day_text(day_t day, char ret[static TIME_TEXT_SIZE])
{
    day_format(day, ret);
    return ret;
}

/* Adds "Mon 20:15". */
static void say_now(const struct now *now, char *ret)
{
    say(ret, "%s %02d:%02d", weekday_name(now->local.weekday), now->local.minute / 60,
        now->local.minute % 60);
}

/* Adds the hour at `seconds`, with its day where that is not today. */
static void say_moment(int64_t seconds, const struct now *now, char *ret)
{
    struct local_time local;
    char day[TIME_TEXT_SIZE];

    if (time_local((usec_t)seconds * USEC_PER_SEC, &local) < 0)
        return;
    if (local.day != now->local.day)
        say(ret, "%s %s ", weekday_name(local.weekday), day_text(local.day, day));
    say(ret, "%02d:%02d", local.minute / 60, local.minute % 60);
}

/* --- the badge -------------------------------------------------------------------------------- */

static void because_number(const struct because *because, const struct decision_step *step,
                           char *ret)
{
    const struct uid *uid = &because->facts->presented.uid;
    char text[UID_TEXT_SIZE];

    uid_format(uid, text);
    if (step->verdict != VERDICT_REFUSES)
        say(ret, "%s is a badge's own number", text);
    else if (uid->length == 4 && uid->bytes[0] == 0x08)
        say(ret,
            "%s is a random number, another one at each tap (a phone, or a badge with privacy): "
            "give a badge with a number of its own",
            text);
    else
        say(ret, "%s is no badge's own number: give another badge", text);
}

static void because_known(const struct because *because, const struct decision_step *step,
                          char *ret)
{
    const struct facts *facts = because->facts;
    char text[UID_TEXT_SIZE];

    uid_format(&facts->presented.uid, text);
    if (step->verdict == VERDICT_REFUSES)
        say(ret,
            "no badge %s with a member and a plan that exist is in the records: cantinectl badge "
            "add M %s",
            text, text);
    else
        say(ret, "badge %s belongs to %s (member %" PRId64 "), plan %s", text, because->member,
            facts->member.id, facts->plan.id);
}

static void because_way_out(const struct because *because, const struct decision_step *step,
                            char *ret)
{
    const struct facts *facts = because->facts;

    if (!because->reader)
        say(ret, "no reader is configured at door %s: answered as for one that leads in",
            because->door);
    else if (step->verdict == VERDICT_GRANTS)
        say(ret, "reader %s leads out: it lets every known badge out", because->reader);
    else if (facts->place.direction != DIRECTION_TOGGLE)
        say(ret, "reader %s leads in: the rules that follow decide", because->reader);
    else if (!because->presence_known)
        say(ret, "reader %s leads in and out: who is inside is not known here", because->reader);
    else if (facts->place.inside)
        say(ret, "reader %s leads in and out: %s is inside, so this would be the way out",
            because->reader, because->member);
    else
        say(ret, "reader %s leads in and out: %s is not inside, so this would be the way in",
            because->reader, because->member);
}

static void because_badge_status(const struct because *because, const struct decision_step *step,
                                 char *ret)
{
    char text[UID_TEXT_SIZE];

    uid_format(&because->facts->presented.uid, text);
    say(ret, "badge %s is %s", text, shown_word(badge_status_word(because->facts->badge.status)));
    if (step->verdict == VERDICT_REFUSES)
        say(ret, ": cantinectl badge set %s active, if it shall open again", text);
}

static void because_badge_validity(const struct because *because, const struct decision_step *step,
                                   char *ret)
{
    day_t until = because->facts->badge.valid_until;
    char text[UID_TEXT_SIZE], day[TIME_TEXT_SIZE];

    uid_format(&because->facts->presented.uid, text);
    if (step->verdict == VERDICT_REFUSES)
        say(ret, "badge %s ended %s: give another badge, or change its valid_until in the records",
            text, day_text(until, day));
    else if (until)
        say(ret, "badge %s is good until %s", text, day_text(until, day));
    else
        say(ret, "badge %s has no last day", text);
}

static void because_assurance(const struct because *because, const struct decision_step *step,
                              char *ret)
{
    const struct facts *facts = because->facts;

    if (step->verdict == VERDICT_REFUSES)
        say(ret,
            "plan %s asks for a badge that proves itself (min_assurance %s), and a number proves "
            "nothing: cantinectl member edit %" PRId64 " --plan …",
            facts->plan.id, assurance_word(facts->plan.min_assurance), facts->member.id);
    else
        say(ret, "plan %s asks for assurance %s, the badge has %s", facts->plan.id,
            assurance_word(facts->plan.min_assurance), assurance_word(facts->presented.assurance));
}

static void because_lockdown(const struct because *because, const struct decision_step *step,
                             char *ret)
{
    if (step->verdict == VERDICT_REFUSES)
        say(ret, "lockdown: nobody comes in: cantinectl door lockdown off");
    else if (because->lockdown_known)
        say(ret, "no lockdown");
    else
        say(ret, "whether there is a lockdown is not known here: answered as if there were none");
}

/* --- who -------------------------------------------------------------------------------------- */

static void say_refused_standing(const struct standing *standing, enum reason reason,
                                 const char *name, int64_t member, char *ret)
{
    char day[TIME_TEXT_SIZE];

    if (reason == REASON_MEMBER_NOT_YET)
        say(ret, "membership of %s begins %s: cantinectl member edit %" PRId64 " --from …", name,
            day_text(standing->validity.from, day), member);
    else if (reason == REASON_MEMBER_EXPIRED)
        say(ret, "membership of %s ended %s: cantinectl member edit %" PRId64 " --until …", name,
            day_text(standing->validity.until, day), member);
    else if (reason == REASON_MEMBER_LEFT)
        say(ret, "%s has left: cantinectl member resume %" PRId64, name, member);
    else
        say(ret, "%s is suspended: cantinectl member resume %" PRId64, name, member);
}

static void say_standing(const struct standing *standing, const char *name, char *ret)
{
    const struct validity *validity = &standing->validity;
    char day[TIME_TEXT_SIZE];

    say(ret, "%s is %s", name, shown_word(member_status_word(standing->status)));
    if (validity->from)
        say(ret, ", from %s", day_text(validity->from, day));
    if (validity->until && validity->from)
        say(ret, " until %s", day_text(validity->until, day));
    else if (validity->until)
        say(ret, ", until %s", day_text(validity->until, day));
}

static void because_member(const struct because *because, const struct decision_step *step,
                           char *ret)
{
    const struct facts *facts = because->facts;

    if (step->verdict == VERDICT_REFUSES)
        say_refused_standing(&facts->member.standing, step->reason, because->member,
                             facts->member.id, ret);
    else
        say_standing(&facts->member.standing, because->member, ret);
}

static void because_host(const struct because *because, const struct decision_step *step, char *ret)
{
    const struct facts *facts = because->facts;

    if (!facts->member.has_host) {
        say(ret, "%s is nobody's guest", because->member);
        return;
    }
    say(ret, "host: ");
    if (step->verdict == VERDICT_REFUSES)
        say_refused_standing(&facts->member.host, step->reason, because->host,
                             facts->member.host_id, ret);
    else
        say_standing(&facts->member.host, because->host, ret);
}

static void because_clock(const struct because *because, const struct decision_step *step,
                          char *ret)
{
    (void)step;
    if (!because->clock_known)
        say(ret, "whether the clock is trusted is not known here: answered as if it were");
    else if (!because->now->clock_untrusted)
        say(ret, "the clock is trusted");
    else
        say(ret, "the clock cannot be trusted, but plan %s lets in always",
            because->facts->plan.id);
}

/* --- bookings --------------------------------------------------------------------------------- */

static void say_booking(const struct booking_window *booking, const struct now *now, char *ret)
{
    struct now starts;

    say(ret, "booking %" PRId64 " of %s ", booking->id, booking->resource);
    if (time_local((usec_t)booking->starts_at * USEC_PER_SEC, &starts.local) < 0)
        return;
    say_moment(booking->starts_at, now, ret);
    say(ret, "–");
    say_moment(booking->ends_at, &starts, ret); /* its day only where it is yet another one */
}

static void because_booking(const struct because *because, const struct decision_step *step,
                            char *ret)
{
    const struct facts *facts = because->facts;

    for (size_t i = 0; i < facts->n_bookings; i++) {
        const struct booking_window *booking = &facts->bookings[i];

        if (step->verdict == VERDICT_GRANTS && !booking->at_this_door)
            continue;
        say_booking(booking, because->now, ret);
        if (!booking->at_this_door) {
            say(ret, " is not behind door %s (table resource_door)", because->door);
            return;
        }
        say(ret, ", door open from ");
        say_moment(booking->starts_at - booking->early * 60, because->now, ret);
        say(ret, " to ");
        say_moment(booking->ends_at + booking->late * 60, because->now, ret);
        return;
    }
    say(ret, "no booking of %s now", because->member);
    if (because->next) {
        say(ret, "; the next is ");
        say_booking(because->next, because->now, ret);
    }
}

/* --- the plan --------------------------------------------------------------------------------- */

static void because_plan_active(const struct because *because, const struct decision_step *step,
                                char *ret)
{
    const struct facts *facts = because->facts;

    if (step->verdict == VERDICT_REFUSES)
        say(ret, "plan %s is no longer active: cantinectl member edit %" PRId64 " --plan …",
            facts->plan.id, facts->member.id);
    else
        say(ret, "plan %s is active", facts->plan.id);
}

static void because_plan_door(const struct because *because, const struct decision_step *step,
                              char *ret)
{
    const char *plan = because->facts->plan.id;

    if (step->verdict == VERDICT_REFUSES)
        say(ret, "plan %s does not open door %s: cantinectl plan edit %s --door …", plan,
            because->door, plan);
    else
        say(ret, "plan %s opens door %s", plan, because->door);
}

/* Adds the windows that concern today: the day's own, and the day before's that run past midnight.
 */
static void say_windows(const struct window *windows, size_t n, const struct now *now, char *ret)
{
    char text[HOURS_TEXT_SIZE];
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (windows[i].weekday != now->local.weekday && windows[i].closes > windows[i].opens)
            continue;
        window_format(&windows[i], text);
        say(ret, "%s%s", any ? ", " : "", text);
        any = true;
    }
    if (!any)
        say(ret, "none on %s", weekday_name(now->local.weekday));
    say(ret, "; now ");
    say_now(now, ret);
}

/* Adds what is used, or would be, of a pass. */
static void say_pass(const struct because *because, const struct decision_step *step, char *ret)
{
    const struct facts *facts = because->facts;
    const struct pass *pass;

    if (step->reason == REASON_NO_PASS) {
        say(ret,
            "; no pass of %s with something left today: cantinectl pass add %" PRId64 " day 10",
            because->member, facts->member.id);
        return;
    }
    pass = pass_pick(facts->passes, facts->n_passes, because->now->local.day);
    if (facts->halves_used == PASS_WHOLE_DAY)
        say(ret, "; a pass was used today already");
    else if (facts->halves_used)
        say(ret, "; half a day of a pass was used today already");
    if (pass)
        say(ret, "; pass %" PRId64 " (%s) has %" PRId64 " of %" PRId64 " left", pass->id,
            shown_word(pass_kind_word(pass->kind)), pass->quantity - pass->used, pass->quantity);
}

static void say_closed(const struct because *because, const char *day, char *ret)
{
    if (because->closure)
        say(ret, "%s is a closed day (%s): cantinectl closure list", day, because->closure);
    else
        say(ret, "%s is a closed day: cantinectl closure list", day);
}

static void because_plan_times(const struct because *because, const struct decision_step *step,
                               char *ret)
{
    const struct facts *facts = because->facts;
    const struct now *now = because->now;
    char day[TIME_TEXT_SIZE];

    say(ret, "plan %s: ", facts->plan.id);
    if (facts->plan.access == ACCESS_ALWAYS)
        say(ret, "always");
    else if (step->reason == REASON_NO_BOOKING)
        say(ret, "only with a booking: cantinectl booking add RESOURCE %" PRId64 " START DURATION",
            facts->member.id);
    else if (step->reason == REASON_CLOSED_DAY)
        say_closed(because, day_text(now->local.day, day), ret);
    else if (facts->plan.access == ACCESS_HOURS) {
        say(ret, "its hours ");
        say_windows(facts->plan.hours, facts->plan.n_hours, now, ret);
        if (step->verdict == VERDICT_REFUSES)
            say(ret, ": cantinectl plan edit %s --hours …", facts->plan.id);
    } else {
        say(ret, "opening hours ");
        say_windows(facts->space.opening, facts->space.n_opening, now, ret);
        if (step->reason == REASON_OUTSIDE_HOURS)
            say(ret, ": cantinectl opening set");
        else if (facts->plan.access == ACCESS_PASS)
            say_pass(because, step, ret);
    }
}

static void because_throttle(const struct because *because, const struct decision_step *step,
                             char *ret)
{
    (void)because;
    if (step->verdict == VERDICT_REFUSES)
        say(ret, "somebody tries badge after badge at this reader: 10 s without one end it");
    else
        say(ret, "asked as if nobody tried badge after badge at the reader just now");
}

static void because_capacity(const struct because *because, const struct decision_step *step,
                             char *ret)
{
    (void)because;
    if (step->verdict == VERDICT_REFUSES)
        say(ret,
            "as many as the capacity are inside: see capacity and when_full in the configuration");
    else
        say(ret, "there is room, or the configuration lets in when it is full");
}

static const struct {
    const char *rule;
    void (*write)(const struct because *because, const struct decision_step *step, char *ret);
} sentences[] = {
    {"throttle", because_throttle},
    {"number", because_number},
    {"badge_known", because_known},
    {"way_out", because_way_out},
    {"badge_status", because_badge_status},
    {"badge_validity", because_badge_validity},
    {"assurance", because_assurance},
    {"lockdown", because_lockdown},
    {"member", because_member},
    {"host", because_host},
    {"plan_active", because_plan_active},
    {"clock", because_clock},
    {"booking", because_booking},
    {"plan_door", because_plan_door},
    {"plan_times", because_plan_times},
    {"capacity", because_capacity},
};

void because_write(const struct because *because, const struct decision_step *step,
                   char ret[static BECAUSE_SIZE])
{
    ret[0] = '\0';
    if (step->reason == REASON_CLOCK_UNTRUSTED) {
        say(ret,
            "nobody knows what day and hour it is: set the clock with timedatectl, or bring the "
            "network back");
        return;
    }
    for (size_t i = 0; i < ELEMENTSOF(sentences); i++)
        if (streq(sentences[i].rule, step->rule)) {
            sentences[i].write(because, step, ret);
            return;
        }
    if (step->verdict == VERDICT_PASSES)
        say(ret, "nothing against it");
    else
        say(ret, "%s", reason_word(step->reason));
}
