/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What a command works with: its invocation, the configuration, and - opened when first asked for -
 * the records and the daemon. A command says itself what went wrong and returns its outcome.
 */

#include "config/config.h"
#include "control/client.h"
#include "core/uid.h"
#include "ctl/command.h"
#include "ctl/moment.h"
#include "ctl/table.h"
#include "store/edit.h"

#include <jansson.h>

struct ctl {
    struct invocation invocation;
    struct config *config;
    struct edit *records;
    struct client *daemon;
    char days[2][TIME_TEXT_SIZE]; /* of --from and --until, once ctl_values() has read them */
};

/* "cantinectl: what went wrong: what to do", in one line on stderr. Returns OUTCOME_FAILED. */
enum outcome complain(const char *format, ...) PRINTF(1, 2);

/* "cantinectl: warning: …" on stderr, for what is done all the same. */
void caution(const char *format, ...) PRINTF(1, 2);

/* Says which moment was taken for a local time (`text`) that a change of clocks touches. */
void moment_tell(const char *text, enum moment_note note, usec_t taken);

/*
 * Asks before what can't be undone: `question` ends with a question mark. Only somebody at a
 * terminal is asked, who didn't give --yes; no answer is no. False after saying that nothing was
 * done.
 */
bool ctl_confirm(const struct ctl *ctl, const char *question, ...) PRINTF(2, 3);

/* The records; NULL after saying why not. */
struct edit *ctl_records(struct ctl *ctl);

/* The records for reading alone where they are; NULL without a word. */
struct edit *ctl_records_try(struct ctl *ctl);

/* The connection to cantined; NULL after saying why not. */
struct client *ctl_daemon(struct ctl *ctl);

/* The member whom `who` means, 0 after saying why nobody. */
int64_t ctl_member(struct ctl *ctl, const char *who);

/* Reads a badge's number from the arguments [first, end); false after saying what is wrong. */
bool ctl_uid(const struct invocation *invocation, size_t first, size_t end, struct uid *ret);

/*
 * Gives the member a badge and tells so; `read`: where its number came from, NULL if it was typed.
 */
enum outcome badge_give(struct ctl *ctl, int64_t member, const char *uid,
                        const struct control_enrolment *read);

/* The number of the badge that was refused last as unknown; false after saying why there is none.
 */
bool stranger_read(struct ctl *ctl, struct control_enrolment *ret);

/*
 * Asks cantined how often each of the passes was used; false where it can't be asked, for a reason
 * that client_error() has.
 */
bool passes_used(struct ctl *ctl, const int64_t *ids, size_t n, int64_t *ret);

/* The row of one member: the caller's, NULL after saying why there is none. */
json_t *member_row(struct ctl *ctl, int64_t member);

/* The days that the option --expiring means: from today on. */
struct expiring {
    const char *from, *to; /* "2026-11-23", inclusive; NULL where the option wasn't given */
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
};

/* Reads the option, if it was given; false after saying what is wrong with it. */
bool ctl_expiring(const struct invocation *invocation, struct expiring *ret);

/*
 * The values of the options that have a column, an empty one as NULL; a host is resolved to a
 * number, which is written to `host`. -EINVAL after saying what is wrong.
 */
int ctl_values(struct ctl *ctl, struct edit_value ret[static OPTIONS_MOST], size_t *ret_n,
               char host[static 24]);

/* Prints JSON in one line. */
void json_print(const json_t *json);

/* The commands, each in the file of its first word. */
enum outcome member_add(struct ctl *ctl);
enum outcome member_list(struct ctl *ctl);
enum outcome member_show(struct ctl *ctl);
enum outcome member_edit(struct ctl *ctl);
enum outcome member_suspend(struct ctl *ctl);
enum outcome member_resume(struct ctl *ctl);
enum outcome member_leave(struct ctl *ctl);
enum outcome member_in(struct ctl *ctl);
enum outcome member_out(struct ctl *ctl);
enum outcome badge_add(struct ctl *ctl);
enum outcome badge_enrol(struct ctl *ctl);
enum outcome badge_set(struct ctl *ctl);
enum outcome badge_list(struct ctl *ctl);
enum outcome plan_add(struct ctl *ctl);
enum outcome plan_edit(struct ctl *ctl);
enum outcome plan_list(struct ctl *ctl);
enum outcome opening_set(struct ctl *ctl);
enum outcome opening_list(struct ctl *ctl);
enum outcome closure_add(struct ctl *ctl);
enum outcome closure_list(struct ctl *ctl);
enum outcome closure_remove(struct ctl *ctl);
enum outcome pass_add(struct ctl *ctl);
enum outcome pass_list(struct ctl *ctl);
enum outcome resource_add(struct ctl *ctl);
enum outcome resource_edit(struct ctl *ctl);
enum outcome resource_list(struct ctl *ctl);
enum outcome booking_add(struct ctl *ctl);
enum outcome booking_list(struct ctl *ctl);
enum outcome booking_cancel(struct ctl *ctl);
enum outcome why_show(struct ctl *ctl);
enum outcome door_list(struct ctl *ctl);
enum outcome door_unlock(struct ctl *ctl);
enum outcome door_hold(struct ctl *ctl);
enum outcome door_release(struct ctl *ctl);
enum outcome door_lockdown(struct ctl *ctl);
enum outcome occupancy_show(struct ctl *ctl);
enum outcome occupancy_reset(struct ctl *ctl);
enum outcome log_list(struct ctl *ctl);
enum outcome import_members(struct ctl *ctl);
enum outcome export_members(struct ctl *ctl);
enum outcome check_run(struct ctl *ctl);

/* Where no command is given: the menu. */
enum outcome menu_show(struct ctl *ctl);

/* The columns of a list of badges, without whose they are. */
extern const struct column badge_columns[];
extern const size_t n_badge_columns;

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);
