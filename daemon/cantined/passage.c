/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/passage.h"

#include "cantined/priority.h"

#include <errno.h>

struct passages {
    passage_carry_out_t carry_out;
    void *userdata;
    sd_event_source *overdue;
    struct passage waiting[PASSAGES_MOST]; /* oldest first */
    size_t n;
};

static void overdue_arm(struct passages *passages)
{
    if (passages->n == 0) {
        (void)sd_event_source_set_enabled(passages->overdue, SD_EVENT_OFF);
        return;
    }
    (void)sd_event_source_set_time(passages->overdue, passages->waiting[0].deadline);
    (void)sd_event_source_set_enabled(passages->overdue, SD_EVENT_ONESHOT);
}

/* Takes number `at` out of the queue and carries it out. */
static void passage_finish(struct passages *passages, size_t at, bool late)
{
    struct passage passage = passages->waiting[at];

    passages->n--;
    memmove(&passages->waiting[at], &passages->waiting[at + 1],
            (passages->n - at) * sizeof(passage));
    passages->carry_out(passages->userdata, &passage, late);
    overdue_arm(passages);
}

static int on_overdue(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct passages *passages = userdata;

    (void)source;
    (void)usec;
    while (passages->n > 0 && passages->waiting[0].deadline <= time_monotonic())
        passage_finish(passages, 0, true);
    overdue_arm(passages);
    return 0;
}

int passages_new(sd_event *event, passage_carry_out_t carry_out, void *userdata,
                 struct passages **ret)
{
    CLEANUP(cleanup_passages) struct passages *passages = calloc(1, sizeof(*passages));
    int r;

    if (!passages)
        return -ENOMEM;
    passages->carry_out = carry_out;
    passages->userdata = userdata;
    r = sd_event_add_time(event, &passages->overdue, CLOCK_MONOTONIC, 0, USEC_PER_MSEC, on_overdue,
                          passages);
    if (r < 0)
        return r;
    (void)sd_event_source_set_priority(passages->overdue, PRIORITY_COMMITTED);
    overdue_arm(passages);
    *ret = TAKE_PTR(passages);
    return 0;
}

struct passages *passages_free(struct passages *passages)
{
    if (!passages)
        return NULL;
    sd_event_source_disable_unref(passages->overdue);
    free(passages);
    return NULL;
}

void passages_add(struct passages *passages, const struct passage *passage)
{
    if (passages->n == PASSAGES_MOST) {
        passages->carry_out(passages->userdata, passage, true);
        return;
    }
    passages->waiting[passages->n] = *passage;
    passages->waiting[passages->n].deadline = time_monotonic() + PASSAGE_WAIT;
    passages->n++;
    if (passages->n == 1)
        overdue_arm(passages);
}

void passages_committed(struct passages *passages, uint64_t ticket)
{
    for (size_t i = 0; i < passages->n; i++)
        if (passages->waiting[i].ticket == ticket) {
            passage_finish(passages, i, false);
            return;
        }
}
