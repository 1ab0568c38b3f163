/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * What people and tests ask of the reader: one line of text in, one line of text out.
 *
 *     put UID [--kind K] [--atqa HEX] [--sak HEX] [--ats HEX]
 *     take [UID]        tap UID [...] [--for TIME]        list        unplug        replug
 *     fault KIND [--command HEX] [--count N] [--by TIME]        heal
 *
 * An answer is "ok TEXT", "failed WHAT: WHAT TO DO" or "usage WHAT: WHAT TO DO". Times in it are
 * CLOCK_MONOTONIC in microseconds.
 */
#include <stdbool.h>
#include <stdint.h>

#include "virtual/reader.h"

#define ORDER_LINE_MAX   512
#define ORDER_ANSWER_MAX 2048

/* A tap without --for stays until it is read, but at least and at most so long. */
#define TAP_LEAST_NS (200 * NS_PER_MS)
#define TAP_MOST_NS  (5 * NS_PER_S)

/* The longest --for. */
#define TAP_FOR_MAX_NS (60 * NS_PER_S)

/* The most commands that a fault with --count spoils. */
#define FAULT_COUNT_MAX 1000000U

/* A badge that is going to be taken away by itself. */
struct tap {
    bool running;
    int place;
    uint64_t entered;
    uint64_t earliest, latest; /* when it leaves: read and after `earliest`, or at `latest` */
};

enum order_result { ORDER_ANSWERED, ORDER_TAPPING };

/**
 * Carries an order out at `now`. ORDER_TAPPING: `tap` is running and tap_advance() will have the
 * answer; else `answer` holds it (without newline).
 */
enum order_result order_run(struct reader *reader, const char *line, uint64_t now, struct tap *tap,
                            char answer[static ORDER_ANSWER_MAX]);

/* Ends the tap if its time has come; true if so, with `answer` filled in. */
bool tap_advance(struct reader *reader, struct tap *tap, uint64_t now,
                 char answer[static ORDER_ANSWER_MAX]);

/* Takes the badge of a running tap away at once: whoever held it has gone. */
void tap_cancel(struct reader *reader, struct tap *tap);

/* When tap_advance() has something to do; TIME_NEVER for no tap. */
uint64_t tap_deadline(const struct reader *reader, const struct tap *tap);
