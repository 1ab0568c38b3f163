/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What a cantine-reader and cantined say to each other on reader.sock. The reader begins with
 * HELLO, then tells its STATE at each change, a CARD for each presentation and a HEARTBEAT each
 * second; cantined gives each CARD one ANSWER once it is decided and recorded. A CARD without an
 * ANSWER when the connection is lost is sent again on the next one if it is younger than
 * READER_CARD_FRESH. A CARD before the connection's first STATE of READY lay there when the reader
 * came to work: it opens nothing and is answered as REPEATED.
 */

#include "core/limits.h"
#include "core/uid.h"
#include "core/words.h"
#include "util/time.h"
#include "wire/message.h"

#define READER_SOCKET_NAME    "reader.sock" /* in runtime_dir */
#define READER_ATS_SIZE       32 /* the longest ATS kept: ISO/IEC 14443-4 5.2 allows 254 */
#define READER_HEARTBEAT_EACH USEC_PER_SEC
#define READER_SILENT_AFTER                                                                        \
    (5 * USEC_PER_SEC) /* no heartbeat for so long: the reader is faulty                           \
                        */
#define READER_CARD_FRESH (2 * USEC_PER_SEC)

enum reader_message_type {
    READER_HELLO = 1,
    READER_STATE,
    READER_CARD,
    READER_HEARTBEAT,
    READER_ANSWER,
};

struct reader_hello {
    struct message_header header;
    char name[SLUG_SIZE]; /* the [reader NAME] section that this program serves */
};

struct reader_state_message {
    struct message_header header;
    uint32_t state;                /* enum reader_state */
    char tried[READER_TRIED_SIZE]; /* for people: what doesn't work, or the device's name when ready
                                    */
};

struct reader_card {
    struct message_header header;
    uint64_t presentation; /* counts up from 1 in one reader process */
    uint64_t read_at;      /* CLOCK_MONOTONIC µs at which libnfc gave the number */
    struct uid uid;        /* 4, 7 or 10 bytes */
    uint8_t atqa[2];       /* as on the air: SENS_RES */
    uint8_t sak;
    uint8_t ats_length;
    uint8_t ats[READER_ATS_SIZE];
    uint8_t reserved; /* 0 */
};

struct reader_heartbeat {
    struct message_header header;
    uint64_t polls; /* completed since the program started */
};

enum reader_outcome { OUTCOME_REFUSED, OUTCOME_GRANTED, OUTCOME_REPEATED, OUTCOME_COUNT };

struct reader_answer {
    struct message_header header;
    uint64_t presentation;
    uint32_t outcome;  /* enum reader_outcome */
    uint32_t reserved; /* 0 */
};

union reader_message {
    struct message_header header;
    struct reader_hello hello;
    struct reader_state_message state;
    struct reader_card card;
    struct reader_heartbeat heartbeat;
    struct reader_answer answer;
};

/*
 * Checks `n` received bytes: exact size, version, and every value in range. Returns the type (enum
 * reader_message_type), -EPROTO for another version, -EBADMSG for anything else.
 */
int reader_message_check(const union reader_message *message, size_t n);
