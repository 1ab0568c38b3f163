/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/words.h"

#include <errno.h>

/* Defines the two public functions of one vocabulary around its table. */
#define DEFINE_WORDS(name, type, count, ...)                                                       \
    static const char *const name##_words[count] = __VA_ARGS__;                                    \
    const char *name##_word(type value)                                                            \
    {                                                                                              \
        return (unsigned)value < count ? name##_words[value] : NULL;                               \
    }                                                                                              \
    int name##_of(const char *word)                                                                \
    {                                                                                              \
        return word_find(name##_words, count, word);                                               \
    }                                                                                              \
    struct name##_needs_semicolon

static int word_find(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (!word && !words[i])
            return (int)i;
        if (word && words[i] && streq(words[i], word))
            return (int)i;
    }
    return -EINVAL;
}

DEFINE_WORDS(reason, enum reason, REASON_COUNT,
             {
                 [REASON_OK] = "ok",
                 [REASON_THROTTLED] = "throttled",
                 [REASON_UNKNOWN_BADGE] = "unknown_badge",
                 [REASON_WEAK_BADGE] = "weak_badge",
                 [REASON_BAD_SIGNATURE] = "bad_signature",
                 [REASON_BADGE_BLOCKED] = "badge_blocked",
                 [REASON_BADGE_LOST] = "badge_lost",
                 [REASON_BADGE_STOLEN] = "badge_stolen",
                 [REASON_BADGE_RETURNED] = "badge_returned",
                 [REASON_BADGE_EXPIRED] = "badge_expired",
                 [REASON_LOCKDOWN] = "lockdown",
                 [REASON_MEMBER_SUSPENDED] = "member_suspended",
                 [REASON_MEMBER_LEFT] = "member_left",
                 [REASON_MEMBER_NOT_YET] = "member_not_yet",
                 [REASON_MEMBER_EXPIRED] = "member_expired",
                 [REASON_PLAN_INACTIVE] = "plan_inactive",
                 [REASON_WRONG_DOOR] = "wrong_door",
                 [REASON_CLOSED_DAY] = "closed_day",
                 [REASON_OUTSIDE_HOURS] = "outside_hours",
                 [REASON_NO_BOOKING] = "no_booking",
                 [REASON_NO_PASS] = "no_pass",
                 [REASON_CLOCK_UNTRUSTED] = "clock_untrusted",
                 [REASON_FULL] = "full",
             });

DEFINE_WORDS(result, enum result, RESULT_COUNT,
             {[RESULT_GRANTED] = "granted", [RESULT_REFUSED] = "refused"});

DEFINE_WORDS(direction, enum direction, DIRECTION_COUNT,
             {[DIRECTION_IN] = "in", [DIRECTION_OUT] = "out", [DIRECTION_TOGGLE] = "toggle"});

DEFINE_WORDS(event_type, enum event_type, EVENT_TYPE_COUNT,
             {
                 [EVENT_ACCESS] = "access",
                 [EVENT_ENTERED] = "entered",
                 [EVENT_LEFT] = "left",
                 [EVENT_CHECKOUT] = "checkout",
                 [EVENT_EXIT_BUTTON] = "exit_button",
                 [EVENT_UNLOCK] = "unlock",
                 [EVENT_HOLD] = "hold",
                 [EVENT_RELEASE] = "release",
                 [EVENT_LOCKDOWN] = "lockdown",
                 [EVENT_FIRE] = "fire",
                 [EVENT_FORCED] = "forced",
                 [EVENT_HELD_OPEN] = "held_open",
                 [EVENT_READER] = "reader",
                 [EVENT_SYSTEM] = "system",
             });

DEFINE_WORDS(badge_status, enum badge_status, BADGE_STATUS_COUNT,
             {
                 [BADGE_ACTIVE] = "active",
                 [BADGE_BLOCKED] = "blocked",
                 [BADGE_LOST] = "lost",
                 [BADGE_STOLEN] = "stolen",
                 [BADGE_RETURNED] = "returned",
             });

DEFINE_WORDS(badge_kind, enum badge_kind, BADGE_KIND_COUNT,
             {
                 [BADGE_KIND_UID] = "uid",
                 [BADGE_KIND_DESFIRE] = "desfire",
                 [BADGE_KIND_NTAG424] = "ntag424",
             });

DEFINE_WORDS(member_status, enum member_status, MEMBER_STATUS_COUNT,
             {
                 [MEMBER_ACTIVE] = "active",
                 [MEMBER_SUSPENDED] = "suspended",
                 [MEMBER_LEFT] = "left",
             });

DEFINE_WORDS(plan_access, enum plan_access, PLAN_ACCESS_COUNT,
             {
                 [ACCESS_ALWAYS] = "always",
                 [ACCESS_OPENING] = "opening",
                 [ACCESS_HOURS] = "hours",
                 [ACCESS_BOOKING] = "booking",
                 [ACCESS_PASS] = "pass",
             });

DEFINE_WORDS(pass_kind, enum pass_kind, PASS_KIND_COUNT,
             {[PASS_DAY] = "day", [PASS_HALF_DAY] = "half_day"});

DEFINE_WORDS(assurance, enum assurance, ASSURANCE_COUNT,
             {[ASSURANCE_UID] = "uid", [ASSURANCE_SECURE] = "secure"});

DEFINE_WORDS(lock_state, enum lock_state, LOCK_STATE_COUNT,
             {
                 [LOCK_LOCKED] = "locked",
                 [LOCK_UNLOCKED] = "unlocked",
                 [LOCK_HELD] = "held",
                 [LOCK_LOCKDOWN] = "lockdown",
             });

DEFINE_WORDS(contact_state, enum contact_state, CONTACT_STATE_COUNT,
             {
                 [CONTACT_UNKNOWN] = "unknown",
                 [CONTACT_OPEN] = "open",
                 [CONTACT_CLOSED] = "closed",
             });

DEFINE_WORDS(door_alarm, enum door_alarm, DOOR_ALARM_COUNT,
             {
                 [ALARM_FORCED] = "forced",
                 [ALARM_HELD_OPEN] = "held_open",
                 [ALARM_FAULTY] = "faulty",
                 [ALARM_FIRE] = "fire",
             });

DEFINE_WORDS(reader_state, enum reader_state, READER_STATE_COUNT,
             {
                 [READER_ABSENT] = "absent",
                 [READER_READY] = "ready",
                 [READER_FAULTY] = "faulty",
             });

DEFINE_WORDS(room_state, enum room_state, ROOM_STATE_COUNT,
             {[ROOM_FREE] = "free", [ROOM_BUSY] = "busy"});

DEFINE_WORDS(enrolment_end, enum enrolment_end, ENROLMENT_END_COUNT,
             {
                 [ENROLMENT_BADGE] = "badge",
                 [ENROLMENT_RANDOM] = "random",
                 [ENROLMENT_WEAK] = "weak",
                 [ENROLMENT_NONE] = "none",
                 [ENROLMENT_ABSENT] = "absent",
                 [ENROLMENT_BUSY] = "busy",
                 [ENROLMENT_STOPPED] = "stopped",
             });

DEFINE_WORDS(alert, enum alert, ALERT_COUNT,
             {
                 [ALERT_FORCED] = "forced",
                 [ALERT_HELD_OPEN] = "held_open",
                 [ALERT_FAULTY] = "faulty",
                 [ALERT_FULL] = "full",
                 [ALERT_FAULT] = "fault",
             });
