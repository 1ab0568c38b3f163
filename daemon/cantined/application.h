/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * One running Cantine: the place where the rooms are joined. A tap goes one way through it:
 *
 *   card ─► gather facts ─► decide ─► effects ─► record ─► relay ─► publish
 *           (tap.c)         (core/)   (core/)    (journal) (passage.c) (announce.c)
 */

#include "cantined/alert.h"
#include "cantined/doors.h"
#include "cantined/feed.h"
#include "cantined/lamps.h"
#include "cantined/passage.h"
#include "cantined/readers.h"
#include "cantined/rooms.h"
#include "config/config.h"
#include "control/control.h"
#include "core/enrolment.h"
#include "core/presence.h"
#include "core/repeat.h"
#include "core/threshold.h"
#include "core/throttle.h"
#include "store/journal.h"
#include "store/records.h"

#define APPLICATION_TICK_EACH  USEC_PER_SEC
#define APPLICATION_ERROR_SIZE 512

/* The two listening sockets, made by systemd or by main(). */
struct listeners {
    int reader;
    int publisher;
};

struct application {
    const struct config *config;
    sd_event *event;
    sd_event_source *tick, *records_ready, *journal_ready;
    struct records *records;
    struct journal *journal;
    struct doors *doors;
    struct readers *readers;
    struct lamps *lamps;
    struct feed *feed;
    struct rooms *rooms;
    struct control *control;
    struct passages *passages;
    struct presence presence;
    struct repeat repeats[CONFIG_READERS_MOST];
    struct throttle throttles[CONFIG_READERS_MOST];
    struct enrolment enrolments[CONFIG_READERS_MOST];
    struct stranger strangers[CONFIG_READERS_MOST];
    struct control_occupancy occupancy; /* as last announced */
    bool faulty[CONFIG_DOORS_MOST];     /* as last recorded */
    struct threshold thresholds[CONFIG_DOORS_MOST];
    bool had_member[CONFIG_DOORS_MOST]; /* since opening: unlock_when=first_member */
    bool lockdown, fire;
    struct alerts alerts;
    bool journal_failing;
    usec_t newest_at;     /* the latest wall clock time that the journal has a row of */
    bool clock_untrusted; /* as last announced */
    char boot[BOOT_ID_SIZE];
};

/*
 * Opens the databases, locks the doors and listens. Takes the listeners over, also on failure;
 * `config` and `event` must outlive it. On failure `error` says what to do.
 */
int application_new(const struct config *config, sd_event *event, struct listeners listeners,
                    struct application **ret, char *error, size_t size);

/* Records the end, locks the doors, closes the databases. */
struct application *application_free(struct application *application);

/* The moment, as core/ wants it. */
void application_now(struct application *application, struct now *ret);

/* A zeroed event of this type, now. */
struct event application_event(const struct application *application, enum event_type type);

/* Records one event by itself: nothing waits for it. */
void application_record(struct application *application, const struct event *event);

/* Records a `system` event; `door` may be empty. */
void application_record_system(struct application *application, const char *door,
                               const char *detail);

/* Records an `unlock` or `exit_button`, then unlocks door `door` for `duration` (0 = as
 * configured). */
int application_open(struct application *application, size_t door, usec_t duration,
                     enum event_type type, const char *actor);

/* Says what has become of the records. */
void application_records(struct application *application, enum records_news news);

/* bus.c: what D-Bus may ask. */
extern const struct control_calls bus_calls;

/* tap.c: a presentation at reader `i`. */
void tap_take(struct application *application, size_t i, const struct reader_card *card);

/* tap.c: the door has been opened: who was granted just before goes through. */
void threshold_cross(struct application *application, size_t door);

/*
 * enrolment.c: reader `i` waits for a badge (control_calls.enrol), no longer for who has gone, or
 * no longer at all.
 */
enum enrolment_end enrolment_start(struct application *application, size_t i, usec_t timeout,
                                   uint64_t tag, const char *actor);
void enrolment_cancel(struct application *application, uint64_t tag);
void enrolment_reader_lost(struct application *application, size_t i);
void enrolments_stop(struct application *application);
void enrolments_tick(struct application *application); /* once a second */

/* enrolment.c: true if the badge was waited for: it is no tap, and has been answered. */
bool enrolment_take(struct application *application, size_t i, const struct reader_card *card,
                    const struct now *now);

/* enrolment.c: the newest stranger; forgets those whom the records know by now. */
void strangers_last(struct application *application, struct control_enrolment *ret);
void strangers_settle(struct application *application);

/* openings.c: which doors the opening hours hold unlocked; holds, releases and lockdowns by hand.
 */
void openings_apply(struct application *application);
int openings_hold(struct application *application, size_t door, usec_t until_wall,
                  const char *actor);
int openings_release(struct application *application, size_t door, const char *actor);
void openings_lockdown(struct application *application, bool on, const char *actor);

/* clock.c: true if the wall clock, which shows `wall`, can't be trusted; announces a change. */
bool clock_check(struct application *application, usec_t wall);

/*
 * attendance.c: presence by hand and by the clock, for user `actor`. attendance_in() counts a
 * member inside, with so many people without badges where `guests` isn't NULL, and
 * attendance_out() no longer: 1 if that changed something, 0 if it was so already, -ENOENT: nobody
 * in the records, -ENOSPC: no room to count one more, -ERANGE: more than BROUGHT_MOST guests.
 * attendance_reset() checks everybody out and says how many people; attendance_cutoff() whoever
 * came before the day's cutoff.
 */
int attendance_in(struct application *application, int64_t member, const uint32_t *guests,
                  const char *actor);
int attendance_out(struct application *application, int64_t member, const char *actor);
uint32_t attendance_reset(struct application *application, const char *actor);
void attendance_cutoff(struct application *application);

/* announce.c: tell bus and publisher what became of it. */
void announce_everything(struct application *application);
void announce_occupancy(struct application *application);
void announce_door(struct application *application, size_t i);
void announce_reader(struct application *application, size_t i);
void announce_rooms(struct application *application);
void announce_greeting(struct application *application, const struct passage *passage);
void announce_status(const struct application *application);

/* alert.c: what somebody should hear of at once; each says it once, when it begins. */
void alert_door_fault(struct application *application, const struct door_view *door);
void alert_fire_fault(struct application *application, const char *fault);
void alert_door_open(struct application *application, const char *door, enum event_type type);
void alert_occupancy(struct application *application);
void alert_records(struct application *application, enum records_news news);
void alert_journal(struct application *application, const char *why);
void alert_readers(struct application *application); /* once a second, and at a change */

/* alert.c: a publisher has come; it has taken this one. */
void alert_say(struct application *application);
void alert_taken(struct application *application, uint64_t number);

DEFINE_CLEANUP(struct application *, cleanup_application, application_free);
