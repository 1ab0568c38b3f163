/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The badges. They lie in the order of their numbers, and everybody's by member is another order:
 * looking each one up costs more than everything else together. So they are read as they lie, put
 * in order here, and met by the members as these come by.
 */

#include "store/edit_each_private.h"

#include <errno.h>

#define BADGE_COLUMNS "uid, member, status, label, kind, valid_until"
#define BADGE_MEMBER  1 /* among the columns */
#define N_TEXTS       6 /* of the columns; "added_at" or "member_name" follows */

/* One badge, put aside: its texts follow one another in `texts`, each ended by NUL. */
struct aside {
    int64_t member, added_at;
    size_t at;
    unsigned nulls; /* bit i: column i is NULL */
};

struct asides {
    struct aside *rows;
    size_t n, room;
    char *texts;
    size_t used, texts_room;
};

static void cleanup_asides(struct asides *asides)
{
    free(asides->rows);
    free(asides->texts);
}

static bool asides_grow(struct asides *asides, size_t length)
{
    if (asides->n == asides->room) {
        size_t room = MAX_OF(2 * asides->room, (size_t)1024);
        struct aside *rows = reallocarray(asides->rows, room, sizeof(*rows));

        if (!rows)
            return false;
        asides->rows = rows;
        asides->room = room;
    }
    if (asides->used + length > asides->texts_room) {
        size_t room = MAX_OF(2 * asides->texts_room, asides->used + length);
        char *texts = realloc(asides->texts, room);

        if (!texts)
            return false;
        asides->texts = texts;
        asides->texts_room = room;
    }
    return true;
}

static int aside_put(void *userdata, const struct edit_row *row)
{
    struct asides *asides = userdata;
    struct aside *aside;
    size_t length = 0;

    for (size_t i = 0; i < row->n; i++)
        length += row->cells[i].length + 1;
    if (!asides_grow(asides, length))
        return -ENOMEM;
    aside = &asides->rows[asides->n++];
    *aside = (struct aside){.member = row->cells[BADGE_MEMBER].integer, .at = asides->used};
    if (row->n > N_TEXTS)
        aside->added_at = row->cells[N_TEXTS].integer;
    for (size_t i = 0; i < N_TEXTS; i++) {
        memcpy(asides->texts + asides->used, row->cells[i].text, row->cells[i].length + 1);
        asides->used += row->cells[i].length + 1;
        aside->nulls |= (row->cells[i].kind == EDIT_NULL ? 1U : 0U) << i;
    }
    return 0;
}

/* By member, each member's as they came. */
static int aside_compare(const void *a, const void *b)
{
    const struct aside *one = a, *other = b;

    if (one->member != other->member)
        return one->member < other->member ? -1 : 1;
    return one->at < other->at ? -1 : 1;
}

/* Makes the row of one that was put aside, but for what follows the texts. */
static void aside_cells(const struct asides *asides, const struct aside *aside,
                        struct edit_cell *cells)
{
    const char *text = asides->texts + aside->at;

    for (size_t i = 0; i < N_TEXTS; i++) {
        size_t length = strlen(text);
        bool is_null = aside->nulls & 1U << i;

        cells[i] = (struct edit_cell){is_null ? EDIT_NULL : EDIT_TEXT, 0, text, length};
        text += length + 1;
    }
    cells[BADGE_MEMBER].kind = EDIT_INTEGER;
    cells[BADGE_MEMBER].integer = aside->member;
}

/* The members go by in the order of their ids; reads on to `member`: 0, or a negative errno. */
static int name_reach(struct edit *edit, sqlite3_stmt *names, int64_t member, struct each_row *row)
{
    int step;

    while (row->cells[0].integer < member) {
        each_row_end(row);
        step = sqlite3_step(names);
        if (step == SQLITE_ROW && each_row_read(row, names) == 0)
            continue;
        row->cells[0].integer = INT64_MAX; /* nobody comes after */
        if (step != SQLITE_DONE)
            return step == SQLITE_ROW ? edit_fail(edit, -ENOMEM, "not enough memory")
                                      : edit_explain(edit, NULL, 0);
    }
    return 0;
}

/* Gives them away in their order, with names where there are `names`. */
static int asides_give(struct edit *edit, const struct asides *asides, sqlite3_stmt *names,
                       edit_take_t take, void *userdata)
{
    const char *const columns[N_TEXTS + 1] = {"uid",
                                              "member",
                                              "status",
                                              "label",
                                              "kind",
                                              "valid_until",
                                              names ? "member_name" : "added_at"};
    struct edit_cell cells[N_TEXTS + 1], *last = &cells[N_TEXTS];
    const struct edit_row row = {columns, cells, N_TEXTS + 1};
    struct each_row member = {0};
    int r = 0;

    if (names)
        each_row_begin(&member, names, NULL);
    for (size_t i = 0; i < asides->n && r >= 0; i++) {
        const struct aside *aside = &asides->rows[i];

        aside_cells(asides, aside, cells);
        *last = (struct edit_cell){names ? EDIT_TEXT : EDIT_INTEGER, aside->added_at, "", 0};
        if (names)
            r = name_reach(edit, names, aside->member, &member);
        if (names && member.cells[0].integer == aside->member)
            *last = member.cells[1];
        if (r >= 0)
            r = take(userdata, &row);
    }
    each_row_end(&member);
    return MIN_OF(r, 0);
}

/* Everybody's. */
static int each_badge_of_all(struct edit *edit, bool names, edit_take_t take, void *userdata)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *badges = NULL, *members = NULL;
    CLEANUP(cleanup_asides) struct asides asides = {0};
    int r = edit_prepare(edit,
                         names ? "SELECT " BADGE_COLUMNS " FROM badge NOT INDEXED"
                               : "SELECT " BADGE_COLUMNS ", added_at FROM badge NOT INDEXED",
                         &badges);

    if (r == 0 && names)
        r = edit_prepare(edit, "SELECT id, name FROM member ORDER BY id", &members);
    if (r == 0)
        r = each_give(edit, badges, NULL, aside_put, &asides);
    if (r == -ENOMEM)
        return edit_fail(edit, r, "not enough memory");
    if (r < 0)
        return r;
    if (asides.n > 1)
        qsort(asides.rows, asides.n, sizeof(*asides.rows), aside_compare);
    return asides_give(edit, &asides, members, take, userdata);
}

int edit_each_badge(struct edit *edit, const struct edit_badge_query *query, edit_take_t take,
                    void *userdata)
{
    sqlite3_str *sql;

    if (!query->member && !query->until_from)
        return each_badge_of_all(edit, query->names, take, userdata);
    sql = sqlite3_str_new(edit->db);
    sqlite3_str_appendf(sql, "SELECT " BADGE_COLUMNS ", %s FROM badge b WHERE 1",
                        query->names ? "coalesce((SELECT name FROM member WHERE id = b.member), '')"
                                       " AS member_name"
                                     : "added_at");
    if (query->member)
        sqlite3_str_appendf(sql, " AND b.member = %lld", (long long)query->member);
    if (query->until_from)
        sqlite3_str_appendf(sql,
                            " AND b.status = 'active' AND b.valid_until BETWEEN %Q AND %Q"
                            " ORDER BY b.valid_until, b.member, b.uid",
                            query->until_from, query->until_to);
    else
        sqlite3_str_appendall(sql, " ORDER BY b.member, b.uid");
    return each_run(edit, sql, NULL, take, userdata);
}
