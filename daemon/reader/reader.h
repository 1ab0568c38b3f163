/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The reader's life in one thread: poll, report a badge at once, watch it until it leaves, poll
 * again; while the device doesn't work, say so once and try again with patience. The link to
 * cantined is served between the calls to the device, each of which is bounded (reader/device.h);
 * should one not be, the program ends (reader/collapse.h).
 *
 * Badges of type A are polled all the time, those of type B in between: each 250 ms, so that 16 ms
 * of them go to a type that few badges are; in turn while one lies there.
 *
 * A badge that already lay there when the device was opened is reported before the state READY, any
 * other after it.
 */

#include "config/config.h"
#include "reader/device.h"
#include "reader/link.h"
#include "reader/lying.h"
#include "reader/port.h"

#define READER_CHECK_EACH                                                                          \
    (20 * USEC_PER_MSEC) /* is the badge still there? as often as an idle poll */
#define READER_LOOK_AROUND (500 * USEC_PER_MSEC) /* is there another beside it? */
#define READER_LOOK_MOST   USEC_PER_SEC          /* so long at most: nobody is heard meanwhile */
#define READER_TYPE_B_EACH                                                                         \
    (250 * USEC_PER_MSEC) /* while nobody is there: is there one of type B? */
#define READER_FAILURES 4 /* in a row: the device is closed */
#define READER_TRIES    3 /* in vain, with the device node there: it is faulty */
#define READER_QUIET                                                                               \
    (20 * USEC_PER_MSEC) /* the line is left alone after a failure, 4 times longer after each */
#define READER_LOOK_EACH   (250 * USEC_PER_MSEC) /* has the device node appeared? */
#define READER_RETRY_FIRST (250 * USEC_PER_MSEC) /* between tries to open, doubled each time … */
#define READER_RETRY_MOST  (5 * USEC_PER_SEC)    /* … up to this */
#define READER_STATUS_SIZE 320

struct reader {
    const struct config_reader *config;
    struct device *device;
    struct port port;
    struct link link; /* holds the state that was told last */
    struct lying lying;
    uint64_t presentations; /* so far */
    bool activated;         /* a badge, `in_use`, can be asked whether it stays */
    struct uid in_use;
    bool type_b_lies;   /* or may: a badge of type B was among those that lie here */
    enum air air;       /* that is polled next */
    usec_t type_b_at;   /* the next poll for type B; 0 = the device was just opened */
    bool type_a_polled; /* since then */
    usec_t check_at, look_around_at;
    usec_t look_at, retry_at, retry_delay; /* while closed */
    unsigned failures;                     /* in a row, with the device node there */
    bool doubtful;                         /* the line, after a failure … */
    usec_t settle_at;                      /* … until it is settled, not before this moment */
    usec_t begun_at;
    uint64_t polls; /* completed */
    usec_t beat_at;
    bool has_progressed; /* since the last beat */
    char status[READER_STATUS_SIZE];
};

/*
 * A reader of `config`, which must outlive it, that will look for cantined in `runtime_dir`.
 * Nothing is opened yet. -ENAMETOOLONG if the socket's path doesn't fit, -ENOMEM.
 */
int reader_init(struct reader *reader, const struct config_reader *config, const char *runtime_dir);

/* Works until `signals` (a signalfd) is readable. */
void reader_run(struct reader *reader, int signals);

/* Closes the device and the link. Takes one that was zeroed or half-built by reader_init(). */
void reader_done(struct reader *reader);
