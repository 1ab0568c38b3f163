/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Asking cantined over D-Bus, as cantinectl does: each call waits for its answer (CLIENT_PATIENCE,
 * or as long as polkit may take to ask somebody), and what goes wrong is a sentence for people.
 */

#include "control/control.h"

#define CLIENT_PATIENCE         (10 * USEC_PER_SEC)
#define CLIENT_PATIENCE_ALLOWED (2 * USEC_PER_MINUTE) /* where polkit may ask for a password */

struct client;

/* Connects to the system bus. Also on failure `*ret` is there, for client_error() and
 * client_free(). */
int client_open(struct client **ret);
struct client *client_free(struct client *client);

/* From here on nobody is asked for a password: what needs one is refused. */
void client_ask_nobody(struct client *client);

/* Why the last call failed, in words for people; also what to do. */
const char *client_error(const struct client *client);

int client_occupancy(struct client *client, struct control_occupancy *ret);

/* A door with its own name. */
struct client_door {
    char name[SLUG_SIZE];
    enum lock_state lock;
    enum contact_state contact;
    enum door_alarm alarm;
};

/* Every door, in the order of their names; `*ret` is the caller's, to be ended by free(). */
int client_doors(struct client *client, struct client_door **ret, size_t *ret_n);

/* A reader with its own name. */
struct client_reader {
    char name[SLUG_SIZE];
    enum direction direction;
    enum reader_state state;
};

/* Every reader, likewise. */
int client_readers(struct client *client, struct client_reader **ret, size_t *ret_n);

/*
 * Waits up to `timeout` µs (ENROLMENT_LEAST … ENROLMENT_MOST) for the next badge at a reader, which
 * opens nothing; the caller's end is the waiting's end. 0 with what came of it.
 */
int client_enrol(struct client *client, const char *reader, usec_t timeout,
                 struct control_enrolment *ret);

/* The badge that was refused last as unknown, in the last STRANGER_KEPT. */
int client_last_stranger(struct client *client, struct control_enrolment *ret);

/* Unlocks for `duration` µs, 0 = as configured. -ENOENT for a door that there isn't. */
int client_unlock(struct client *client, const char *door, usec_t duration);

/* Holds the door unlocked until `until` (wall clock, µs), 0 = until released; ends that. */
int client_hold(struct client *client, const char *door, usec_t until);
int client_release(struct client *client, const char *door);

int client_set_lockdown(struct client *client, bool on);

/* One answer to `query`: some rows, oldest first, `*ret_n` = 0 when there are no more. */
int client_log(struct client *client, const struct control_log_query *query, struct event **ret,
               size_t *ret_n);

/* Everybody who is counted inside; `*ret` is the caller's, to be ended by free(). */
int client_presence(struct client *client, struct control_presence **ret, size_t *ret_n);

/* Counts the member inside, or no longer: 1 if that changed something, 0 if it was so already. */
int client_set_presence(struct client *client, int64_t member, bool inside);

/* Counts the member inside with so many guests without badges: likewise. */
int client_set_guests(struct client *client, int64_t member, uint32_t guests);

/* Checks everybody out; `*ret` says how many were inside. */
int client_reset_presence(struct client *client, uint32_t *ret);

/* The site's property "ClockTrusted" or "Lockdown". */
int client_flag(struct client *client, const char *property, bool *ret);

/*
 * How often each of the `n` passes was used (into used[0 … n)), and the halves of the pass day
 * `day` for which the member has used something. Nobody is asked for a password for that.
 */
int client_pass_uses(struct client *client, int64_t member, day_t day, const int64_t *passes,
                     size_t n, int64_t *used, unsigned *ret_halves);

/* Whether the member is counted inside. Nobody is asked for a password for that. */
int client_is_inside(struct client *client, int64_t member, bool *ret);

DEFINE_CLEANUP(struct client *, cleanup_client, client_free);
