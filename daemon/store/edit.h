/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * How cantinectl edits records.db and lists it: one transaction per command, with the acting user
 * in record_actor, so that record_change says who did it. The daemon notices by itself.
 *
 * Lists are JSON arrays of objects, one a row, with the tables' column names in their order: what
 * `--json` prints as it is, and what the tables for people are laid out from.
 */

#include "core/limits.h"
#include "core/schedule.h"
#include "core/words.h"
#include "util/time.h"

#include <jansson.h>

#define EDIT_WAIT_MSEC     5000 /* how long an edit waits for somebody else's open transaction */
#define EDIT_PATIENCE_MSEC 500  /* … before it says so */

struct edit;

/*
 * Opens `path` for editing, as `actor` (a user's name). Never creates or migrates: -ENOENT where
 * there is none ("start cantined once"), -EPROTONOSUPPORT for another version. `error` as
 * records_open().
 */
int edit_open(const char *path, const char *actor, struct edit **ret, char *error, size_t size);
struct edit *edit_free(struct edit *edit);

/*
 * `waiting` is told once per call that somebody else's transaction is in the way, after
 * EDIT_PATIENCE_MSEC of it; the call goes on waiting until EDIT_WAIT_MSEC.
 */
typedef void (*edit_waiting_t)(void *userdata, const char *path);
void edit_on_waiting(struct edit *edit, edit_waiting_t waiting, void *userdata);

/* Why the last call failed, in words for people: which row, which rule of the table, what to do. */
const char *edit_error(const struct edit *edit);
/* The column that a table refused the value of in that call; "" where it was none or is unknown. */
const char *edit_error_column(const struct edit *edit);

/* True for what is wrong with one row alone: others may still be tried in the same transaction. */
bool edit_is_refusal(int r);

/*
 * Resolves an id, an e-mail address or an unambiguous part of a name to member.id (> 0). -ENOENT:
 * nobody; -ENOTUNIQ: several, named in edit_error().
 */
int64_t edit_member_find(struct edit *edit, const char *who);

/* The member's name; empty when there is no such member or it can't be read. */
void edit_member_name(struct edit *edit, int64_t member, char ret[static MEMBER_NAME_SIZE]);

/* One column's new value; text NULL = NULL. */
struct edit_value {
    const char *column;
    const char *text;
};

/* Inserts a member with these columns; returns its id or a negative errno. */
int64_t edit_member_add(struct edit *edit, const struct edit_value *values, size_t n);
/* The first other member of the same name, the case of ASCII letters aside; 0 = none. */
int64_t edit_namesake(struct edit *edit, int64_t member);
/* Sets columns of one member. */
int edit_member_set(struct edit *edit, int64_t member, const struct edit_value *values, size_t n);
/* Adds a badge, or gives one that was returned to somebody else; `uid` upper-case hex. */
int edit_badge_add(struct edit *edit, int64_t member, const char *uid,
                   const struct edit_value *values, size_t n);
/*
 * Tries all of that but the number, and undoes it: whether somebody needs to hold a badge to a
 * reader at all.
 */
int edit_badge_try(struct edit *edit, int64_t member, const struct edit_value *values, size_t n);
/* Sets columns of one badge. */
int edit_badge_set(struct edit *edit, const char *uid, const struct edit_value *values, size_t n);

/* The doors that a plan or a resource opens. */
struct edit_doors {
    bool given; /* these replace what was there; none: every door */
    const char *const *names;
    size_t n;
};

/* Adds a resource with these columns (`id` and `name` at least), or sets columns of one. */
int edit_resource_add(struct edit *edit, const struct edit_value *values, size_t n,
                      const struct edit_doors *doors);
int edit_resource_set(struct edit *edit, const char *id, const struct edit_value *values, size_t n,
                      const struct edit_doors *doors);

/* Adds a pass with these columns; returns its id. */
int64_t edit_pass_add(struct edit *edit, const struct edit_value *values, size_t n);

/* What becomes of a plan: columns, and its hours and doors if they are given. */
struct edit_plan {
    const struct edit_value *values;
    size_t n_values;
    bool has_hours; /* these replace what was there; none: no hours */
    const struct window *hours;
    size_t n_hours;
    struct edit_doors doors;
};

/* Adds a plan (`id` and `name` among its values), or changes one. */
int edit_plan_add(struct edit *edit, const struct edit_plan *plan);
int edit_plan_set(struct edit *edit, const char *id, const struct edit_plan *plan);

/*
 * The plan for guests that are to be members from now on: `salle`, or the first one, active and
 * with access `booking`. A text that the caller frees; NULL: edit_error() says what to do.
 */
char *edit_guest_plan(struct edit *edit);

/* One who is invited to a booking: a member, or somebody who becomes one. */
struct edit_guest {
    int64_t member; /* 0 = somebody new, of this name and so on */
    const char *name;
    const char *email, *company; /* NULL = none */
    bool widen; /* a member whose days are to include those of the booking; after it: they changed
                 */
};

struct edit_guests {
    struct edit_guest *list;
    size_t n;
    const char *plan;         /* of who is new */
    const char *from, *until; /* local days on which the booking opens doors, the first and last */
    /* Guest `i` can't be written; edit_error() says why. NULL = nobody asks. */
    void (*on_refused)(void *userdata, size_t i);
    void *userdata;
};

/*
 * Looks for guests of `host` among the members: writes `member` of those found, by their e-mail
 * address or else as the only guest of that host with that name (case and accents aside) who
 * hasn't another address; and `widen` where it is the host's own guest, on a plan with access
 * `booking`.
 */
int edit_guests_find(struct edit *edit, int64_t host, struct edit_guest *list, size_t n);

struct edit_booking {
    const char *resource;
    int64_t member;
    int64_t starts_at, ends_at;       /* Unix seconds */
    const char *title;                /* NULL = none */
    bool is_public;                   /* screens in public may show the title */
    const struct edit_guests *guests; /* NULL = none; who is new becomes `member`'s guest */
};

/*
 * Books, with the guests: all or nothing. Returns the booking's id. -EEXIST: another booking is in
 * the way, edit_error() says whose and when (in the zone TZ). -ECANCELED: guests were refused, each
 * told to on_refused().
 */
int64_t edit_booking_add(struct edit *edit, const struct edit_booking *booking);
/* Ends a booking's claim on its resource; the row stays. */
int edit_booking_cancel(struct edit *edit, int64_t booking);

/* Opening hours of `weekdays` (bit 1 = Monday … bit 7) become these windows; n = 0: closed. */
int edit_opening_set(struct edit *edit, unsigned weekdays, const struct window *windows, size_t n);

/* Adds a closure with these columns, returns its id; or takes one away. */
int64_t edit_closure_add(struct edit *edit, const struct edit_value *values, size_t n);
int edit_closure_remove(struct edit *edit, int64_t closure);

/* One closure of `n`: a day, the name, and the id that it got. */
struct edit_closure {
    const char *day, *label;
    int64_t id; /* 0: the day was closed already, so nothing was added */
};

/* Closes the days that are still open, all in one transaction. */
int edit_closures_add(struct edit *edit, struct edit_closure *closures, size_t n);

/* One row, a new object that the caller ends with json_decref(); -ENOENT where there is none. */
int edit_member(struct edit *edit, int64_t member, json_t **ret);
int edit_badge(struct edit *edit, const char *uid, json_t **ret);

/*
 * Each gives a new array that the caller ends with json_decref(). `member` 0 = everybody's; for
 * these there is store/edit_each.h, which is ten times as fast.
 */
int edit_list_members(struct edit *edit, json_t **ret);
int edit_list_badges(struct edit *edit, int64_t member, json_t **ret);
int edit_list_passes(struct edit *edit, int64_t member, json_t **ret);
/* With "hours", an array of objects, and "doors", one of names. */
int edit_list_plans(struct edit *edit, json_t **ret);
int edit_list_resources(struct edit *edit, json_t **ret);
int edit_list_opening_hours(struct edit *edit, json_t **ret);
/* The closures that have a day from `first` to `last` ("YYYY-MM-DD", inclusive). */
int edit_list_closures(struct edit *edit, const char *first, const char *last, json_t **ret);

/* Which bookings; 0 or NULL = any. */
struct edit_booking_query {
    int64_t booking, member;
    const char *resource;
    int64_t from, until; /* that have a moment in [from, until), Unix seconds */
    bool confirmed;      /* those alone */
};

/* Bookings in the order of their beginnings, with "guests", an array of members' ids. */
int edit_list_bookings(struct edit *edit, const struct edit_booking_query *query, json_t **ret);
/*
 * The next confirmed bookings that end after `after` (Unix seconds) and that the member has made or
 * is a guest of, at most `most`.
 */
int edit_list_next_bookings(struct edit *edit, int64_t member, int64_t after, size_t most,
                            json_t **ret);
/* The `id` and `name` of the members whose host this is. */
int edit_list_hosted(struct edit *edit, int64_t host, json_t **ret);
/* The members that are guests of a booking, by their hosts. */
int edit_list_guests(struct edit *edit, int64_t booking, json_t **ret);

/*
 * Every row that makes no sense or leads nowhere, as objects of `table`, `row` (its key, as in
 * record_change), `problem` and `advice`; an empty array where all is well. `doors` are those of
 * the configuration. A problem that ends in "the door skips this row" is one of a row that no
 * decision knows of. Writes nothing.
 */
int edit_check(struct edit *edit, const char *const doors[], size_t n_doors, json_t **ret);

DEFINE_CLEANUP(struct edit *, cleanup_edit, edit_free);
