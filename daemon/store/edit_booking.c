/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resources and their bookings: edits and lists. */

#include "store/edit_private.h"
#include "util/translate.h"

#include <errno.h>
#include <inttypes.h>

#define MINUTES_END (sizeof("2026-11-23 14:00") - 1) /* in time_format_local()'s text */

/* --- resources -------------------------------------------------------------------------------- */

int edit_resource_check(struct edit *edit, const char *id)
{
    CLEANUP(cleanup_free) char *known = NULL, *all = NULL;

    known = edit_text(edit, "SELECT id FROM resource WHERE id = ?1", id);
    if (known)
        return 0;
    all = edit_text(edit, "SELECT group_concat(id, ', ') FROM resource", NULL);
    if (!all)
        return edit_fail(edit, -ENOENT,
                         "there is no resource “%.80s”: add one with `cantinectl resource add`",
                         id);
    return edit_fail(edit, -ENOENT, "there is no resource “%.80s”: there are %s", id, all);
}

int edit_resource_add(struct edit *edit, const struct edit_value *values, size_t n)
{
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_row_insert(edit, "resource", values, n);
    return edit_end(edit, r);
}

int edit_resource_set(struct edit *edit, const char *id, const struct edit_value *values, size_t n)
{
    int r = edit_values_check(edit, values, n);

    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0) {
        r = edit_row_update(edit, "resource", values, n, "id", id);
        if (r == -ESRCH)
            r = edit_resource_check(edit, id);
    }
    return edit_end(edit, r);
}

int edit_list_resources(struct edit *edit, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, "SELECT * FROM resource ORDER BY id", &statement);

    return r < 0 ? r : edit_rows(edit, statement, ret);
}

/* --- bookings --------------------------------------------------------------------------------- */

/* Whose booking is in the way of this one, in words; 0 if none is. */
static int conflict_explain(struct edit *edit, const struct edit_booking *booking)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
    const char *name;
    int r = edit_prepare(edit,
                         "SELECT b.id, b.starts_at, b.ends_at, m.name FROM booking b"
                         " LEFT JOIN member m ON m.id = b.member WHERE b.status = 'confirmed'"
                         " AND b.resource = ?1 AND b.ends_at > ?2 AND b.starts_at < ?3"
                         " ORDER BY b.starts_at LIMIT 1",
                         &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, booking->resource, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, booking->starts_at);
    (void)sqlite3_bind_int64(statement, 3, booking->ends_at);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return 0;
    name = (const char *)sqlite3_column_text(statement, 3);
    time_format_local((usec_t)sqlite3_column_int64(statement, 1) * USEC_PER_SEC, from);
    time_format_local((usec_t)sqlite3_column_int64(statement, 2) * USEC_PER_SEC, until);
    from[MINUTES_END] = until[MINUTES_END] = '\0';
    return edit_fail(edit, -EEXIST,
                     "%s is booked at that time already, by %.120s from %s to %s (booking %" PRId64
                     "): choose another time, or cancel that one with `cantinectl booking cancel "
                     "%" PRId64 "`",
                     booking->resource, name ? name : _("somebody who is gone"), from, until,
                     (int64_t)sqlite3_column_int64(statement, 0),
                     (int64_t)sqlite3_column_int64(statement, 0));
}

int64_t edit_booking_add(struct edit *edit, const struct edit_booking *booking)
{
    char member[24], starts_at[24], ends_at[24];
    const struct edit_value values[] = {
        {"resource", booking->resource}, {"member", member},
        {"starts_at", starts_at},        {"ends_at", ends_at},
        {"title", booking->title},       {"public", booking->is_public ? "1" : "0"},
    };
    int64_t id = 0;
    int r;

    (void)snprintf(member, sizeof(member), "%" PRId64, booking->member);
    (void)snprintf(starts_at, sizeof(starts_at), "%" PRId64, booking->starts_at);
    (void)snprintf(ends_at, sizeof(ends_at), "%" PRId64, booking->ends_at);
    r = edit_values_check(edit, values, ELEMENTSOF(values));
    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0) {
        r = edit_row_insert(edit, "booking", values, ELEMENTSOF(values));
        if (r == -EINVAL && conflict_explain(edit, booking) == -EEXIST)
            r = -EEXIST;
    }
    if (r == 0)
        id = sqlite3_last_insert_rowid(edit->db);
    if (r == 0 && booking->guests)
        r = edit_guests_insert(edit, id, booking->member, booking->guests);
    r = edit_end(edit, r);
    return r < 0 ? r : id;
}

int edit_booking_cancel(struct edit *edit, int64_t booking)
{
    struct edit_value value = {"status", "cancelled"};
    char key[24];
    int r;

    (void)snprintf(key, sizeof(key), "%" PRId64, booking);
    r = edit_begin(edit);
    if (r == 0) {
        r = edit_row_update(edit, "booking", &value, 1, "id", key);
        if (r == -ESRCH)
            r = edit_fail(edit, -ENOENT, "there is no booking %s: see `cantinectl booking list`",
                          key);
    }
    return edit_end(edit, r);
}

int edit_list_bookings(struct edit *edit, const struct edit_booking_query *query, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    int r = 0;

    if (query->resource)
        r = edit_resource_check(edit, query->resource);
    if (r == 0)
        r = edit_prepare(edit,
                         "SELECT * FROM booking WHERE (?1 IS NULL OR resource = ?1)"
                         " AND (?2 = 0 OR member = ?2) AND (?3 = 0 OR id = ?3)"
                         " AND (?4 = 0 OR ends_at > ?4) AND (?5 = 0 OR starts_at < ?5)"
                         " AND (?6 = 0 OR status = 'confirmed') ORDER BY starts_at, id",
                         &statement);
    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, query->resource, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, query->member);
    (void)sqlite3_bind_int64(statement, 3, query->booking);
    (void)sqlite3_bind_int64(statement, 4, query->from);
    (void)sqlite3_bind_int64(statement, 5, query->until);
    (void)sqlite3_bind_int(statement, 6, query->confirmed);
    r = edit_rows(edit, statement, &rows);
    if (r == 0)
        r = edit_rows_nest(edit, rows, "guests", "id",
                           "SELECT member FROM booking_guest WHERE booking = ?1 ORDER BY member",
                           "member");
    if (r == 0)
        *ret = TAKE_PTR(rows);
    return r;
}
