/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_import.h"
#include "store/edit_private.h"
#include "store/edit_text.h"

#include <errno.h>

/* The host's number also stands where it leads nowhere: import leaves it then. */
#define MEMBERS                                                                                    \
    "SELECT m.id, m.name, m.email, m.company, m.plan, m.status, m.valid_from, m.valid_until,"      \
    " m.display_name, m.language, coalesce(h.email, m.host), m.note,"                              \
    " (SELECT group_concat(uid, ' ') FROM (SELECT uid FROM badge"                                  \
    "  WHERE member = m.id AND status = 'active' ORDER BY uid))"                                   \
    " FROM member m LEFT JOIN member h ON h.id = m.host ORDER BY m.id"

#define BADGES_AT (IMPORT_COLUMN_COUNT + 1)

/* The texts of a row, which other tools may have written, as text in any case. */
static bool row_read(sqlite3_stmt *statement, char *cleaned[static BADGES_AT + 1])
{
    for (int i = 1; i <= BADGES_AT; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);

        cleaned[i] = text_cleaned(text ? text : "");
        if (!cleaned[i])
            return false;
    }
    return true;
}

static int row_give(struct edit *edit, sqlite3_stmt *statement,
                    int (*each)(void *userdata, const struct export_row *row), void *userdata)
{
    char *cleaned[BADGES_AT + 1] = {0};
    struct export_row row = {.id = sqlite3_column_int64(statement, 0)};
    int r;

    if (row_read(statement, cleaned)) {
        for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++)
            row.cells[i] = cleaned[i + 1];
        row.badges = cleaned[BADGES_AT];
        r = each(userdata, &row);
    } else {
        r = edit_fail(edit, -ENOMEM, "not enough memory");
    }
    for (size_t i = 0; i <= BADGES_AT; i++)
        free(cleaned[i]);
    return r;
}

int edit_export(struct edit *edit, int (*each)(void *userdata, const struct export_row *row),
                void *userdata)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, MEMBERS, &statement), step = SQLITE_DONE;

    edit->waiting_told = false;
    while (r >= 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
        r = row_give(edit, statement, each, userdata);
    if (r >= 0 && step != SQLITE_DONE)
        r = edit_explain(edit, NULL, 0);
    return r < 0 ? r : 0;
}
