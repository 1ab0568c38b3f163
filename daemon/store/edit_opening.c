/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the space is open: its weekly hours, and the days on which it is closed. */

#include "store/edit_private.h"

#include <errno.h>
#include <inttypes.h>

#define WEEKDAYS  7
#define HOUR_SIZE 16

static void hour_format(int minute, char ret[static HOUR_SIZE])
{
    (void)snprintf(ret, HOUR_SIZE, "%02d:%02d", minute / 60, minute % 60);
}

int edit_window_insert(struct edit *edit, const char *table, const struct edit_value *key,
                       const struct window *window)
{
    char day[HOUR_SIZE], opens[HOUR_SIZE], closes[HOUR_SIZE];
    struct edit_value values[] = {{"weekday", day}, {"opens", opens}, {"closes", closes}, {0}};
    size_t n = ELEMENTSOF(values) - 1;

    (void)snprintf(day, sizeof(day), "%d", window->weekday);
    hour_format(window->opens, opens);
    hour_format(window->closes, closes);
    if (key)
        values[n++] = *key;
    return edit_row_insert(edit, table, values, n);
}

int edit_opening_set(struct edit *edit, unsigned weekdays, const struct window *windows, size_t n)
{
    char key[HOUR_SIZE];
    int r = edit_begin(edit);

    for (int day = 1; day <= WEEKDAYS && r == 0; day++) {
        if (!(weekdays & 1U << day))
            continue;
        (void)snprintf(key, sizeof(key), "%d", day);
        r = edit_run(edit, "DELETE FROM opening_hours WHERE weekday = CAST(?1 AS INTEGER)", key);
        for (size_t i = 0; i < n && r == 0; i++) {
            struct window window = windows[i];

            window.weekday = day;
            r = edit_window_insert(edit, "opening_hours", NULL, &window);
        }
    }
    return edit_end(edit, r);
}

int edit_list_opening_hours(struct edit *edit, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, "SELECT * FROM opening_hours ORDER BY weekday, opens", &statement);

    return r < 0 ? r : edit_rows(edit, statement, ret);
}

int edit_list_closures(struct edit *edit, const char *first, const char *last, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit,
                         "SELECT * FROM closure WHERE first_day <= ?2"
                         " AND coalesce(last_day, first_day) >= ?1 ORDER BY first_day, id",
                         &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, first, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, last, -1, SQLITE_STATIC);
    return edit_rows(edit, statement, ret);
}

int64_t edit_closure_add(struct edit *edit, const struct edit_value *values, size_t n)
{
    return edit_row_add(edit, "closure", values, n);
}

/* Adds one of many closures where the day is open. */
static int closure_add_open(struct edit *edit, struct edit_closure *closure)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit,
                         "INSERT INTO closure (first_day, label) SELECT ?1, ?2 WHERE NOT EXISTS"
                         " (SELECT 1 FROM closure WHERE ?1 BETWEEN first_day"
                         " AND coalesce(last_day, first_day)) RETURNING id",
                         &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, closure->day, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, closure->label, -1, SQLITE_STATIC);
    r = sqlite3_step(statement);
    closure->id = r == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (r == SQLITE_ROW)
        r = sqlite3_step(statement);
    return r == SQLITE_DONE ? 0 : edit_explain(edit, NULL, 0);
}

int edit_closures_add(struct edit *edit, struct edit_closure *closures, size_t n)
{
    int r = edit_begin(edit);

    for (size_t i = 0; i < n && r == 0; i++)
        r = closure_add_open(edit, &closures[i]);
    return edit_end(edit, r);
}

int edit_closure_remove(struct edit *edit, int64_t closure)
{
    char key[24];
    int r = edit_begin(edit);

    (void)snprintf(key, sizeof(key), "%" PRId64, closure);
    if (r == 0)
        r = edit_run(edit, "DELETE FROM closure WHERE id = CAST(?1 AS INTEGER)", key);
    if (r == 0 && sqlite3_changes(edit->db) == 0)
        r = edit_fail(edit, -ENOENT, "there is no closure %s: see `cantinectl closure list --all`",
                      key);
    return edit_end(edit, r);
}
