/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The cantine-reader programs as cantined sees them: who is connected on reader.sock, what each
 * says of its device, and the cards that they report. A peer is checked by its uid, each message by
 * its exact size, version and values; whatever is wrong ends that connection alone, and the program
 * comes back.
 *
 * A program that is started again changes nothing that people see: its reader stays what it was
 * until the new one has something to say, and for READERS_GRACE without one. Only where it ends
 * again and again is the reader faulty, once, and until a program has lasted READERS_SETTLED.
 */

#include "config/config.h"
#include "wire/reader_message.h"

#include <systemd/sd-event.h>

#define READERS_SERVICE_USER   "cantine-reader"
#define READERS_STRANGERS_MOST 8 /* connections that have not yet said whose they are */
#define READERS_GRACE          (2 * USEC_PER_SEC) /* a restarting program is not an absent reader */
#define READERS_ENDS           3                  /* its program ended so often, each time … */
#define READERS_SETTLED        (3 * USEC_PER_SEC) /* … before it had lasted so long: faulty */

struct readers;

struct reader_view {
    const char *name;
    enum reader_state state;
    const char *tried;
    usec_t changed_at; /* wall clock */
};

struct readers_calls {
    /* A presentation at reader `i`; exactly one readers_answer() is owed for it. */
    void (*card)(void *userdata, size_t i, const struct reader_card *card);
    void (*state_changed)(void *userdata, size_t i);
    void (*tried_changed)(void *userdata, size_t i); /* the state is the same as before */
};

/* Takes over the listening socket `listener` (also on failure). */
int readers_new(const struct config *config, sd_event *event, int listener,
                const struct readers_calls *calls, void *userdata, struct readers **ret);
struct readers *readers_free(struct readers *readers);

size_t readers_count(const struct readers *readers);
void readers_view(const struct readers *readers, size_t i, struct reader_view *ret);

/* Tells reader `i` what became of a presentation; nothing happens if it has gone. */
void readers_answer(struct readers *readers, size_t i, uint64_t presentation,
                    enum reader_outcome outcome);

/* Once a second: readers whose program has gone or fallen silent. */
void readers_tick(struct readers *readers);

DEFINE_CLEANUP(struct readers *, cleanup_readers, readers_free);
