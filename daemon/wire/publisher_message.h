/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What cantined and cantine-publisher say to each other on publisher.sock.
 *
 * After the publisher's HELLO, cantined sends every state (each room, occupancy, each door, each
 * reader) and again each one that changes; a ROOM without a name is no more. When the broker is
 * there the publisher says START: cantined then sends the journal's rows after the last
 * acknowledged one, oldest first, never more than FEED_WINDOW that are not yet acknowledged. What
 * was in the journal before START is marked historical. The publisher says ACK for each row, in
 * order, once the broker has acknowledged it, and STOP when the broker is lost; what was sent and
 * not acknowledged comes again after the next START. A GREETING is for the moment: it is sent once,
 * to a publisher that is there.
 *
 * An ALERT needs no broker. cantined keeps it until the publisher says ALERT_TAKEN with its number,
 * which it does once the command of on_alert= has been started, or will never be; until then each
 * HELLO brings it again. Numbers rise, also from one cantined to the next of the same boot, so that
 * the publisher knows what it has had: a command runs once for each alert, and a second time only
 * if the publisher died between starting it and saying so.
 */

#include "core/event.h"
#include "core/limits.h"
#include "wire/message.h"

#define PUBLISHER_SOCKET_NAME "publisher.sock" /* in runtime_dir */
#define FEED_WINDOW           64

enum publisher_message_type {
    PUBLISHER_HELLO = 1, /* publisher → cantined */
    PUBLISHER_START,
    PUBLISHER_STOP,
    PUBLISHER_ACK,
    PUBLISHER_OCCUPANCY, /* cantined → publisher */
    PUBLISHER_DOOR,
    PUBLISHER_READER,
    PUBLISHER_EVENT,
    PUBLISHER_ROOM,
    PUBLISHER_GREETING,
    PUBLISHER_ALERT,
    PUBLISHER_ALERT_TAKEN, /* publisher → cantined */
};

/* HELLO, START, STOP: nothing but the header. */
struct publisher_word {
    struct message_header header;
};

struct publisher_ack {
    struct message_header header;
    int64_t seq;
};

struct publisher_occupancy {
    struct message_header header;
    uint64_t at; /* wall clock µs: when this became so */
    uint32_t count;
    uint32_t capacity; /* 0 = no limit */
    uint32_t open;     /* 0 or 1 */
    uint32_t reserved; /* 0 */
};

struct publisher_door {
    struct message_header header;
    uint64_t at;
    char name[SLUG_SIZE];
    uint32_t lock;     /* enum lock_state */
    uint32_t contact;  /* enum contact_state */
    uint32_t alarm;    /* enum door_alarm */
    uint32_t reserved; /* 0 */
};

struct publisher_reader {
    struct message_header header;
    uint64_t at;
    char name[SLUG_SIZE];
    uint32_t state;                /* enum reader_state */
    uint32_t reserved;             /* 0 */
    char tried[READER_TRIED_SIZE]; /* for people: what doesn't work; empty when ready */
};

struct publisher_event {
    struct message_header header;
    struct event event;
    char member_name[MEMBER_NAME_SIZE]; /* empty = none: for private/event alone */
    uint32_t historical;                /* 0 or 1 */
    uint32_t reserved;                  /* 0 */
};

struct publisher_room {
    struct message_header header;
    char id[SLUG_SIZE];
    char name[MEMBER_NAME_SIZE]; /* empty = there is no such room any more */
    uint32_t state;              /* enum room_state */
    uint32_t reserved;           /* 0 */
    uint64_t until;              /* wall clock µs; 0 = nothing is known to end it */
    char title[TITLE_SIZE];      /* empty = none, or private */
    uint64_t next_starts_at;     /* wall clock µs; 0 = there is no next booking */
    uint64_t next_ends_at;
    char next_title[TITLE_SIZE];
};

struct publisher_greeting {
    struct message_header header;
    uint64_t at;                 /* monotonic µs: when the door was opened */
    char name[MEMBER_NAME_SIZE]; /* the display name */
    char door[SLUG_SIZE];
};

struct publisher_alert {
    struct message_header header;
    uint64_t number;            /* rises: CLOCK_MONOTONIC µs, or one more than the one before */
    uint64_t at;                /* wall clock µs */
    char name[SLUG_SIZE];       /* of the door or the reader; empty = the whole site */
    uint32_t kind;              /* enum alert */
    uint32_t reserved;          /* 0 */
    char text[ALERT_TEXT_SIZE]; /* for people, in English: told.h translates it */
};

struct publisher_alert_taken {
    struct message_header header;
    uint64_t number;
};

union publisher_message {
    struct message_header header;
    struct publisher_ack ack;
    struct publisher_occupancy occupancy;
    struct publisher_door door;
    struct publisher_reader reader;
    struct publisher_event event;
    struct publisher_room room;
    struct publisher_greeting greeting;
    struct publisher_alert alert;
    struct publisher_alert_taken alert_taken;
};

/* As reader_message_check(), for enum publisher_message_type. */
int publisher_message_check(const union publisher_message *message, size_t n);
