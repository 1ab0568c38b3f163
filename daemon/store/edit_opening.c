/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the space is open: its weekly hours, and the days on which it is closed. */

#include "store/edit_private.h"

#define WEEKDAYS  7
#define HOUR_SIZE 16

static void hour_format(int minute, char ret[static HOUR_SIZE])
{
    (void)snprintf(ret, HOUR_SIZE, "%02d:%02d", minute / 60, minute % 60);
}

/* Takes the day's windows away. */
static int day_empty(struct edit *edit, int weekday)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, "DELETE FROM opening_hours WHERE weekday = ?1", &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_int(statement, 1, weekday);
    return sqlite3_step(statement) == SQLITE_DONE ? 0 : edit_explain(edit, NULL, 0);
}

static int window_insert(struct edit *edit, int weekday, const struct window *window)
{
    char day[HOUR_SIZE], opens[HOUR_SIZE], closes[HOUR_SIZE];
    const struct edit_value values[] = {{"weekday", day}, {"opens", opens}, {"closes", closes}};

    (void)snprintf(day, sizeof(day), "%d", weekday);
    hour_format(window->opens, opens);
    hour_format(window->closes, closes);
    return edit_row_insert(edit, "opening_hours", values, ELEMENTSOF(values));
}

int edit_opening_set(struct edit *edit, unsigned weekdays, const struct window *windows, size_t n)
{
    int r = edit_begin(edit);

    for (int day = 1; day <= WEEKDAYS && r == 0; day++) {
        if (!(weekdays & 1U << day))
            continue;
        r = day_empty(edit, day);
        for (size_t i = 0; i < n && r == 0; i++)
            r = window_insert(edit, day, &windows[i]);
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
