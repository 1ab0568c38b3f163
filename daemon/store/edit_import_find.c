/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whom a row of an import means, and its host. */

#include "store/edit_import_private.h"
#include "store/edit_text.h"

#include <errno.h>
#include <inttypes.h>

#define NUMBER_MOST 999999999 /* of somebody new; SQLite counts on from there */

struct found {
    int64_t member; /* 0 = nobody */
    char name[MEMBER_NAME_SIZE];
};

/* Asks a statement whose key is bound. */
static int found_read(struct edit_import *import, sqlite3_stmt *statement, struct found *ret)
{
    int r = sqlite3_step(statement);

    *ret = (struct found){0};
    if (r == SQLITE_ROW) {
        CLEANUP(cleanup_free)
        char *name = text_cleaned((const char *)sqlite3_column_text(statement, 1));

        ret->member = sqlite3_column_int64(statement, 0);
        (void)snprintf(ret->name, sizeof(ret->name), "%s", name ? name : "");
    } else if (r != SQLITE_DONE) {
        return edit_explain(import->edit, NULL, 0);
    }
    (void)sqlite3_reset(statement);
    return 0;
}

static int find_by_id(struct edit_import *import, int64_t id, struct found *ret)
{
    (void)sqlite3_bind_int64(import->by_id, 1, id);
    return found_read(import, import->by_id, ret);
}

static int find_by_email(struct edit_import *import, const char *email, struct found *ret)
{
    (void)sqlite3_bind_text(import->by_email, 1, email, -1, SQLITE_STATIC);
    return found_read(import, import->by_email, ret);
}

static char *bare_folded(const char *text)
{
    size_t n = text_bare(&text);
    CLEANUP(cleanup_free) char *copy = strndup(text, n);

    return copy ? text_folded(copy) : NULL;
}

/* True if two names are one, case, accents and blanks around them aside. */
static bool names_alike(const char *a, const char *b)
{
    CLEANUP(cleanup_free) char *one = bare_folded(a);
    CLEANUP(cleanup_free) char *other = bare_folded(b);

    return one && other && streq(one, other);
}

static int namesake_compare(const void *a, const void *b)
{
    return strcmp(((const struct namesake *)a)->folded, ((const struct namesake *)b)->folded);
}

static int namesake_add(struct edit_import *import, sqlite3_stmt *statement, size_t *capacity)
{
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    char *folded = bare_folded(name ? name : "");

    if (import->n_namesakes == *capacity) {
        size_t more = *capacity * 2 + 64;
        struct namesake *all = reallocarray(import->namesakes, more, sizeof(*all));

        if (!all) {
            free(folded);
            return -ENOMEM;
        }
        import->namesakes = all;
        *capacity = more;
    }
    if (!folded)
        return -ENOMEM;
    import->namesakes[import->n_namesakes++] =
        (struct namesake){folded, sqlite3_column_int64(statement, 0)};
    return 0;
}

/* Everybody's names, before anybody new is written. */
static int namesakes_gather(struct edit_import *import)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    size_t capacity = 1;
    int r = edit_prepare(import->edit, "SELECT id, name FROM member", &statement);

    if (r < 0)
        return r;
    import->namesakes = calloc(capacity, sizeof(*import->namesakes));
    if (!import->namesakes)
        return import_out_of_memory(import);
    while ((r = sqlite3_step(statement)) == SQLITE_ROW)
        if (namesake_add(import, statement, &capacity) < 0)
            return import_out_of_memory(import);
    if (r != SQLITE_DONE)
        return edit_explain(import->edit, NULL, 0);
    qsort(import->namesakes, import->n_namesakes, sizeof(*import->namesakes), namesake_compare);
    return 0;
}

static int namesake_find(struct edit_import *import, struct import_row *row)
{
    CLEANUP(cleanup_free) char *folded = NULL;
    const struct namesake *found;
    int r = import->namesakes ? 0 : namesakes_gather(import);

    if (r < 0 || !row->cells[IMPORT_NAME])
        return r;
    folded = bare_folded(row->cells[IMPORT_NAME]);
    if (!folded)
        return import_out_of_memory(import);
    found = bsearch(&(struct namesake){.folded = folded}, import->namesakes, import->n_namesakes,
                    sizeof(*found), namesake_compare);
    row->namesake = found ? found->member : 0;
    return 0;
}

/* A number that nobody has: of who is known by address, or else of somebody new, as in the list
 * that another Cantine has exported. */
static int number_new(struct edit_import *import, struct import_row *row,
                      const struct found *by_email)
{
    if (row->id > NUMBER_MOST)
        return edit_about(import->edit,
                          edit_fail(import->edit, -EINVAL,
                                    "there is no member %" PRId64 ", and a new one can't have so "
                                    "great a number: leave it out",
                                    row->id),
                          "id");
    row->numbered = by_email->member == 0;
    row->member = row->numbered ? row->id : by_email->member;
    return row->numbered ? namesake_find(import, row) : 0;
}

/* What a row with a number means: the number alone could be that of another association's list. */
static int numbered_find(struct edit_import *import, struct import_row *row,
                         const struct found *by_email)
{
    const char *email = row->cells[IMPORT_EMAIL], *name = row->cells[IMPORT_NAME];
    bool renamed;
    struct found by_id;
    int r = find_by_id(import, row->id, &by_id);

    if (r < 0)
        return r;
    if (by_id.member == 0)
        return number_new(import, row, by_email);
    if (by_email->member != 0 && by_email->member != row->id)
        r = edit_fail(import->edit, -EEXIST,
                      "member %" PRId64
                      " is %.80s, but %.80s is the address of %.80s (member %" PRId64
                      "): correct one of the two",
                      row->id, by_id.name, email, by_email->name, by_email->member);
    if (r < 0)
        return edit_about(import->edit, r, "id");
    renamed = name && *name && !names_alike(name, by_id.name);
    if (renamed && email && *email && by_email->member == 0)
        return edit_about(
            import->edit,
            edit_fail(import->edit, -EEXIST,
                      "member %" PRId64 " is %.80s, and here neither name nor address are theirs: "
                      "change one after the other, or leave the number out for somebody new",
                      row->id, by_id.name),
            "id");
    if (renamed && by_email->member == 0 && !(row->old_name = strdup(by_id.name)))
        return import_out_of_memory(import);
    row->member = row->id;
    return 0;
}

static int host_find(struct edit_import *import, struct import_row *row)
{
    const char *cell = row->cells[IMPORT_HOST];
    bool is_number = cell && *cell && cell[strspn(cell, "0123456789")] == '\0';
    struct found found = {0};
    int r = 0;

    if (!cell || !*cell || row->host != 0)
        return 0;
    if (is_number) { /* not looked up: one that leads nowhere may be there already */
        row->host = strtoll(cell, NULL, 10);
        return 0;
    }
    if (strchr(cell, '@'))
        r = find_by_email(import, cell, &found);
    else
        r = edit_fail(import->edit, -EINVAL,
                      "“%.80s” is neither an address nor a number: give the host's e-mail address",
                      cell);
    if (r == 0 && found.member == 0)
        r = edit_fail(
            import->edit, -ENOENT,
            "nobody has the address %.80s: give that of a member or of a row of this list", cell);
    row->host = found.member;
    return r < 0 ? edit_about(import->edit, r, import_column_names[IMPORT_HOST]) : 0;
}

int edit_import_find(struct edit_import *import, struct import_row *row)
{
    const char *email = row->cells[IMPORT_EMAIL];
    struct found by_email = {0};
    int r = 0;

    row->member = 0;
    row->numbered = false;
    if (email && *email)
        r = find_by_email(import, email, &by_email);
    if (r < 0)
        return r;
    if (row->id != 0)
        r = numbered_find(import, row, &by_email);
    else if (by_email.member != 0)
        row->member = by_email.member;
    else
        r = namesake_find(import, row);
    return r < 0 ? r : host_find(import, row);
}
