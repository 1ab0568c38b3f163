/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What is decided and waits for its record: no door opens before the journal has committed the row.
 * If the journal hasn't answered within PASSAGE_WAIT (a choking card, a full disk), the door opens
 * all the same and the fault is announced; the row is kept by the journal and tried again.
 */

#include "core/effects.h"
#include "util/time.h"

#include <systemd/sd-event.h>

#define PASSAGE_WAIT  (20 * USEC_PER_MSEC)
#define PASSAGES_MOST 64 /* waiting at once; beyond that nothing waits */

struct passages;

/* What is left to do once the record is there. */
struct passage {
    uint64_t ticket; /* the journal's */
    usec_t deadline; /* monotonic; filled in by passages_add() */
    size_t door;
    usec_t duration; /* of the unlocking, 0 = as configured */
    bool from_reader;
    bool by_button; /* the exit button's */
    size_t reader;
    uint64_t presentation;
    usec_t read_at; /* monotonic: when the badge's number was read */
    int64_t member; /* 0 = nobody that is known */
    enum direction direction;
    bool granted;
    enum reason reason;
    enum effect effects[EFFECTS_MOST];
    size_t n_effects;
};

/* Carries out the effects; `late` if the record isn't there yet. */
typedef void (*passage_carry_out_t)(void *userdata, const struct passage *passage, bool late);

int passages_new(sd_event *event, passage_carry_out_t carry_out, void *userdata,
                 struct passages **ret);
struct passages *passages_free(struct passages *passages);

void passages_add(struct passages *passages, const struct passage *passage);

/* The entry `ticket` is committed. */
void passages_committed(struct passages *passages, uint64_t ticket);

DEFINE_CLEANUP(struct passages *, cleanup_passages, passages_free);
