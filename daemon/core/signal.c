/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/signal.h"

#define STEPS_MOST 8

struct step {
    unsigned msec;
    unsigned lamps;
};

/* A green long light and one beep; a red one and three; what goes on is seen and not heard. */
static const struct {
    struct step steps[STEPS_MOST]; /* 0 ms ends them */
    bool repeated;
} patterns[SIGNAL_COUNT] = {
    [SIGNAL_WAIT] = {{{100, LAMP_GREEN}, {100, 0}}, true},
    [SIGNAL_GRANTED] = {{{150, LAMP_GREEN | LAMP_BUZZER}, {1850, LAMP_GREEN}}, false},
    [SIGNAL_REFUSED] = {{{120, LAMP_RED | LAMP_BUZZER},
                         {120, LAMP_RED},
                         {120, LAMP_RED | LAMP_BUZZER},
                         {120, LAMP_RED},
                         {120, LAMP_RED | LAMP_BUZZER},
                         {1400, LAMP_RED}},
                        false},
    [SIGNAL_ENROL] = {{{500, LAMP_GREEN}, {500, LAMP_RED}}, true},
    [SIGNAL_FAULT] = {{{100, LAMP_RED}, {1900, 0}}, true},
};

static usec_t pattern_length(enum signal signal)
{
    usec_t length = 0;

    for (size_t i = 0; i < STEPS_MOST; i++)
        length += patterns[signal].steps[i].msec * USEC_PER_MSEC;
    return length;
}

bool signal_over(enum signal signal, usec_t elapsed)
{
    return !patterns[signal].repeated && elapsed >= pattern_length(signal);
}

unsigned signal_lamps(enum signal signal, usec_t elapsed, usec_t *ret_next)
{
    usec_t ends = 0;

    *ret_next = USEC_INFINITY;
    if (signal_over(signal, elapsed))
        return 0;
    elapsed %= pattern_length(signal);
    for (size_t i = 0; i < STEPS_MOST; i++) {
        const struct step *step = &patterns[signal].steps[i];

        ends += step->msec * USEC_PER_MSEC;
        if (elapsed < ends) {
            *ret_next = ends - elapsed;
            return step->lamps;
        }
    }
    return 0;
}
