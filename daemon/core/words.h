/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The closed vocabularies that records, journal, wire and MQTT share, each an enum with its words.
 * Words are the interface, numbers are not: they may only be compared inside one build.
 */

#include "util/macro.h"

/* Why an access was granted or refused. */
enum reason {
    REASON_OK,
    REASON_THROTTLED,
    REASON_UNKNOWN_BADGE,
    REASON_WEAK_BADGE,
    REASON_BAD_SIGNATURE,
    REASON_BADGE_BLOCKED,
    REASON_BADGE_LOST,
    REASON_BADGE_STOLEN,
    REASON_BADGE_RETURNED,
    REASON_BADGE_EXPIRED,
    REASON_LOCKDOWN,
    REASON_MEMBER_SUSPENDED,
    REASON_MEMBER_LEFT,
    REASON_MEMBER_NOT_YET,
    REASON_MEMBER_EXPIRED,
    REASON_PLAN_INACTIVE,
    REASON_WRONG_DOOR,
    REASON_CLOSED_DAY,
    REASON_OUTSIDE_HOURS,
    REASON_NO_BOOKING,
    REASON_NO_PASS,
    REASON_CLOCK_UNTRUSTED,
    REASON_FULL,
    REASON_COUNT
};

enum result { RESULT_NONE, RESULT_GRANTED, RESULT_REFUSED, RESULT_COUNT };

enum direction { DIRECTION_NONE, DIRECTION_IN, DIRECTION_OUT, DIRECTION_TOGGLE, DIRECTION_COUNT };

enum event_type {
    EVENT_ACCESS,
    EVENT_ENTERED,
    EVENT_LEFT,
    EVENT_CHECKOUT,
    EVENT_EXIT_BUTTON,
    EVENT_UNLOCK,
    EVENT_HOLD,
    EVENT_RELEASE,
    EVENT_LOCKDOWN,
    EVENT_FIRE,
    EVENT_FORCED,
    EVENT_HELD_OPEN,
    EVENT_READER,
    EVENT_SYSTEM,
    EVENT_TYPE_COUNT
};

enum badge_status {
    BADGE_ACTIVE,
    BADGE_BLOCKED,
    BADGE_LOST,
    BADGE_STOLEN,
    BADGE_RETURNED,
    BADGE_STATUS_COUNT
};

enum badge_kind { BADGE_KIND_UID, BADGE_KIND_DESFIRE, BADGE_KIND_NTAG424, BADGE_KIND_COUNT };

enum member_status { MEMBER_ACTIVE, MEMBER_SUSPENDED, MEMBER_LEFT, MEMBER_STATUS_COUNT };

enum plan_access {
    ACCESS_ALWAYS,
    ACCESS_OPENING,
    ACCESS_HOURS,
    ACCESS_BOOKING,
    ACCESS_PASS,
    PLAN_ACCESS_COUNT
};

enum pass_kind { PASS_DAY, PASS_HALF_DAY, PASS_KIND_COUNT };

/* How much a badge proves, in rising order. */
enum assurance { ASSURANCE_UID, ASSURANCE_SECURE, ASSURANCE_COUNT };

enum lock_state { LOCK_LOCKED, LOCK_UNLOCKED, LOCK_HELD, LOCK_LOCKDOWN, LOCK_STATE_COUNT };

enum contact_state { CONTACT_UNKNOWN, CONTACT_OPEN, CONTACT_CLOSED, CONTACT_STATE_COUNT };

enum door_alarm {
    ALARM_NONE,
    ALARM_FORCED,
    ALARM_HELD_OPEN,
    ALARM_FAULTY,
    ALARM_FIRE,
    DOOR_ALARM_COUNT
};

enum reader_state { READER_ABSENT, READER_READY, READER_FAULTY, READER_STATE_COUNT };

enum room_state { ROOM_FREE, ROOM_BUSY, ROOM_STATE_COUNT };

/* What comes of looking for a badge that somebody is to have. */
enum enrolment_end {
    ENROLMENT_WAITS,   /* nothing yet */
    ENROLMENT_BADGE,   /* a badge with a number of its own */
    ENROLMENT_RANDOM,  /* a phone, or a badge with privacy: another number each time */
    ENROLMENT_WEAK,    /* no number that could be anybody's */
    ENROLMENT_NONE,    /* no badge in time */
    ENROLMENT_ABSENT,  /* the reader doesn't work */
    ENROLMENT_BUSY,    /* somebody else waits at that reader */
    ENROLMENT_STOPPED, /* cantined ends, or takes a new configuration */
    ENROLMENT_END_COUNT
};

/* What somebody should hear of at once. */
enum alert {
    ALERT_FORCED,
    ALERT_HELD_OPEN,
    ALERT_FAULTY, /* a door's relay or a reader */
    ALERT_FULL,
    ALERT_FAULT, /* the journal or the records */
    ALERT_COUNT
};

/* The word of each value; NULL for RESULT_NONE, DIRECTION_NONE, ALARM_NONE, ENROLMENT_WAITS and out
 * of range. */
const char *reason_word(enum reason reason);
const char *result_word(enum result result);
const char *direction_word(enum direction direction);
const char *event_type_word(enum event_type type);
const char *badge_status_word(enum badge_status status);
const char *badge_kind_word(enum badge_kind kind);
const char *member_status_word(enum member_status status);
const char *plan_access_word(enum plan_access access);
const char *pass_kind_word(enum pass_kind kind);
const char *assurance_word(enum assurance assurance);
const char *lock_state_word(enum lock_state state);
const char *contact_state_word(enum contact_state state);
const char *door_alarm_word(enum door_alarm alarm);
const char *reader_state_word(enum reader_state state);
const char *room_state_word(enum room_state state);
const char *enrolment_end_word(enum enrolment_end end);
const char *alert_word(enum alert alert);

/* The value of a word, or -EINVAL; NULL gives the value that has no word, where there is one. */
int reason_of(const char *word);
int result_of(const char *word);
int direction_of(const char *word);
int event_type_of(const char *word);
int badge_status_of(const char *word);
int badge_kind_of(const char *word);
int member_status_of(const char *word);
int plan_access_of(const char *word);
int pass_kind_of(const char *word);
int assurance_of(const char *word);
int lock_state_of(const char *word);
int contact_state_of(const char *word);
int door_alarm_of(const char *word);
int reader_state_of(const char *word);
int room_state_of(const char *word);
int enrolment_end_of(const char *word);
int alert_of(const char *word);
