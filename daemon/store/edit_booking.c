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

int edit_resource_add(struct edit *edit, const struct edit_value *values, size_t n,
                      const struct edit_doors *doors)
{
    int r = edit_values_check(edit, values, n);

    if (r == 0)
        r = edit_doors_check(edit, doors);
    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_row_insert(edit, "resource", values, n);
    if (r == 0)
        r = edit_doors_replace(edit, "resource", values[0].text, doors);
    return edit_end(edit, r);
}

int edit_resource_set(struct edit *edit, const char *id, const struct edit_value *values, size_t n,
                      const struct edit_doors *doors)
{
    int r = edit_values_check(edit, values, n);

    if (r == 0)
        r = edit_doors_check(edit, doors);
    if (r < 0)
        return r;
    r = edit_begin(edit);
    if (r == 0)
        r = edit_resource_check(edit, id);
    if (r == 0 && n > 0)
        r = edit_row_update(edit, "resource", values, n, "id", id);
    if (r == 0)
        r = edit_doors_replace(edit, "resource", id, doors);
    return edit_end(edit, r);
}

int edit_list_resources(struct edit *edit, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    int r = edit_prepare(edit, "SELECT * FROM resource ORDER BY id", &statement);

    if (r == 0)
        r = edit_rows(edit, statement, &rows);
    if (r == 0)
        r = edit_rows_nest(edit, rows, "doors", "id",
                           "SELECT door FROM resource_door WHERE resource = ?1 ORDER BY door",
                           "door");
    if (r == 0)
        *ret = TAKE_PTR(rows);
    return r;
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

/* The guests of each of the rows, as an array. */
static int guests_nest(struct edit *edit, json_t *rows)
{
    return edit_rows_nest(edit, rows, "guests", "id",
                          "SELECT member FROM booking_guest WHERE booking = ?1 ORDER BY member",
                          "member");
}

/*
 * The clauses are written only where they ask something, so that an index helps: one booking, one
 * member's, one resource's.
 */
void edit_booking_clauses(sqlite3_str *sql, const struct edit_booking_query *query)
{
    sqlite3_str_appendall(sql, " WHERE 1");
    if (query->booking)
        sqlite3_str_appendf(sql, " AND b.id = %lld", (long long)query->booking);
    if (query->member)
        sqlite3_str_appendf(sql, " AND b.member = %lld", (long long)query->member);
    if (query->resource)
        sqlite3_str_appendf(sql, " AND b.resource = %Q", query->resource);
    if (query->from)
        sqlite3_str_appendf(sql, " AND b.ends_at > %lld", (long long)query->from);
    if (query->until)
        sqlite3_str_appendf(sql, " AND b.starts_at < %lld", (long long)query->until);
    if (query->confirmed)
        sqlite3_str_appendall(sql, " AND b.status = 'confirmed'");
    sqlite3_str_appendall(sql, " ORDER BY b.starts_at, b.id");
}

/* The rows of `sql`, which this ends, with their guests. */
static int list_with_guests(struct edit *edit, sqlite3_str *sql, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    char *text = sqlite3_str_finish(sql);
    int r =
        text ? edit_prepare(edit, text, &statement) : edit_fail(edit, -ENOMEM, "not enough memory");

    sqlite3_free(text);
    if (r == 0)
        r = edit_rows(edit, statement, &rows);
    if (r == 0)
        r = guests_nest(edit, rows);
    if (r == 0)
        *ret = TAKE_PTR(rows);
    return r;
}

int edit_list_bookings(struct edit *edit, const struct edit_booking_query *query, json_t **ret)
{
    sqlite3_str *sql;
    int r = query->resource ? edit_resource_check(edit, query->resource) : 0;

    if (r < 0)
        return r;
    sql = sqlite3_str_new(edit->db);
    sqlite3_str_appendall(sql, "SELECT b.* FROM booking b");
    edit_booking_clauses(sql, query);
    return list_with_guests(edit, sql, ret);
}

int edit_list_next_bookings(struct edit *edit, int64_t member, int64_t after, size_t most,
                            json_t **ret)
{
    sqlite3_str *sql = sqlite3_str_new(edit->db);

    sqlite3_str_appendf(sql,
                        "SELECT b.* FROM booking b WHERE b.status = 'confirmed' AND b.member = %lld"
                        " AND b.ends_at > %lld UNION "
                        "SELECT b.* FROM booking_guest g JOIN booking b ON b.id = g.booking"
                        " WHERE g.member = %lld AND b.status = 'confirmed' AND b.ends_at > %lld"
                        " ORDER BY starts_at, id LIMIT %lld",
                        (long long)member, (long long)after, (long long)member, (long long)after,
                        (long long)most);
    return list_with_guests(edit, sql, ret);
}
