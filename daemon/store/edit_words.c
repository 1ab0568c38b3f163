/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_words.h"

#include "store/edit_private.h"

/* ?1, with nothing in it that LIKE would take for more than it is; LIKE is the fastest there is. */
#define LITERAL "replace(replace(replace(?1, '\\', '\\\\'), '%', '\\%'), '_', '\\_')"

/* Each with ?1 = the word's beginning, for at most ?2 of them. */
static const char *const queries[] = {
    [EDIT_WORDS_MEMBERS] =
        "SELECT DISTINCT name FROM member WHERE name LIKE " LITERAL " || '%' ESCAPE '\\' LIMIT ?2",
    [EDIT_WORDS_MEMBERS_WITHIN] =
        "SELECT DISTINCT name FROM member WHERE name LIKE '% ' || " LITERAL
        " || '%' ESCAPE '\\' LIMIT ?2",
    [EDIT_WORDS_BADGES] =
        "SELECT uid FROM badge WHERE substr(uid, 1, length(?1)) = upper(?1) LIMIT ?2",
    [EDIT_WORDS_PLANS] = "SELECT id FROM plan WHERE substr(id, 1, length(?1)) = ?1 LIMIT ?2",
    [EDIT_WORDS_RESOURCES] =
        "SELECT id FROM resource WHERE substr(id, 1, length(?1)) = ?1 LIMIT ?2",
    [EDIT_WORDS_CLOSURES] =
        "SELECT id FROM closure WHERE coalesce(last_day, first_day) >= date('now')"
        " AND substr(id, 1, length(?1)) = ?1 LIMIT ?2",
    [EDIT_WORDS_BOOKINGS] =
        "SELECT id FROM booking WHERE status = 'confirmed' AND ends_at > unixepoch()"
        " AND substr(id, 1, length(?1)) = ?1 LIMIT ?2",
};

int edit_words(struct edit *edit, enum edit_words words, const char *begins, int most,
               edit_word_t take, void *userdata)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, queries[words], &statement), n = 0;

    if (r < 0)
        return r;
    (void)sqlite3_bind_text(statement, 1, begins, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int(statement, 2, most);
    for (; sqlite3_step(statement) == SQLITE_ROW; n++) {
        const char *word = (const char *)sqlite3_column_text(statement, 0);

        if (word)
            take(userdata, word);
    }
    return n;
}
