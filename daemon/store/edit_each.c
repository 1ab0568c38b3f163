/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_each.h"

#include "store/edit_each_private.h"
#include "store/edit_text.h"

#include <errno.h>

#define MEMBER_BRIEF "id, name, email, company, plan, status, valid_from, valid_until"

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_ascii(const char *text, size_t length)
{
    uint64_t eight, high = 0;
    size_t i = 0;

    for (; i + sizeof(eight) <= length; i += sizeof(eight)) {
        memcpy(&eight, text + i, sizeof(eight));
        high |= eight;
    }
    for (; i < length; i++)
        high |= (unsigned char)text[i];
    return (high & 0x8080808080808080) == 0;
}

/* STRICT tables of ours have whole numbers and text; other tools may have written any bytes. */
static int cell_read(sqlite3_stmt *statement, int i, struct each_row *ret)
{
    struct edit_cell *cell = &ret->cells[i];
    const char *text;

    *cell = (struct edit_cell){.text = ""};
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_NULL:
        return 0;
    case SQLITE_INTEGER:
        cell->kind = EDIT_INTEGER;
        cell->integer = sqlite3_column_int64(statement, i);
        return 0;
    default:
        text = (const char *)sqlite3_column_text(statement, i);
        cell->kind = i == ret->array_at ? EDIT_ARRAY : EDIT_TEXT;
    }
    if (!text)
        return -ENOMEM;
    cell->length = strlen(text);
    if (!is_ascii(text, cell->length) && !text_valid(text)) {
        text = ret->cleaned[i] = text_cleaned(text);
        if (!text)
            return -ENOMEM;
        cell->length = strlen(text);
    }
    cell->text = text;
    return 0;
}

void each_row_begin(struct each_row *row, sqlite3_stmt *statement, const char *array)
{
    row->row.n = MIN_OF((size_t)sqlite3_column_count(statement), (size_t)EDIT_CELLS_MOST);
    row->row.names = row->names;
    row->row.cells = row->cells;
    row->array_at = -1;
    for (size_t i = 0; i < row->row.n; i++) {
        row->names[i] = sqlite3_column_name(statement, (int)i);
        if (array && streq(row->names[i], array))
            row->array_at = (int)i;
    }
}

int each_row_read(struct each_row *row, sqlite3_stmt *statement)
{
    int r = 0;

    for (size_t i = 0; i < row->row.n && r == 0; i++)
        r = cell_read(statement, (int)i, row);
    return r;
}

void each_row_end(struct each_row *row)
{
    for (size_t i = 0; i < row->row.n; i++) {
        free(row->cleaned[i]);
        row->cleaned[i] = NULL;
    }
}

int each_give(struct edit *edit, sqlite3_stmt *statement, const char *array, edit_take_t take,
              void *userdata)
{
    struct each_row row = {0};
    int r = 0, step = SQLITE_DONE;

    edit->waiting_told = false;
    each_row_begin(&row, statement, array);
    while (r >= 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        r = each_row_read(&row, statement);
        if (r == 0)
            r = take(userdata, &row.row);
        else
            r = edit_fail(edit, r, "not enough memory");
        each_row_end(&row);
    }
    if (r >= 0 && step != SQLITE_DONE)
        r = edit_explain(edit, NULL, 0);
    return MIN_OF(r, 0);
}

/* --- lists ------------------------------------------------------------------------------------ */

int edit_each_member(struct edit *edit, const struct edit_member_query *query, edit_take_t take,
                     void *userdata)
{
    sqlite3_str *sql = sqlite3_str_new(edit->db);

    sqlite3_str_appendf(sql, "SELECT %s FROM member", query->brief ? MEMBER_BRIEF : "*");
    if (query->until_from)
        sqlite3_str_appendf(sql,
                            " WHERE valid_until BETWEEN %Q AND %Q AND status <> 'left'"
                            " ORDER BY valid_until, id",
                            query->until_from, query->until_to);
    else
        sqlite3_str_appendall(sql, " ORDER BY id");
    return each_run(edit, sql, NULL, take, userdata);
}

int edit_each_pass(struct edit *edit, int64_t member, bool names, edit_take_t take, void *userdata)
{
    sqlite3_str *sql = sqlite3_str_new(edit->db);

    sqlite3_str_appendf(sql, "SELECT p.*%s FROM pass p%s",
                        names ? ", coalesce(m.name, '') AS who" : "",
                        names ? " LEFT JOIN member m ON m.id = p.member" : "");
    if (member)
        sqlite3_str_appendf(sql, " WHERE p.member = %lld", (long long)member);
    sqlite3_str_appendall(sql, " ORDER BY p.id");
    return each_run(edit, sql, NULL, take, userdata);
}

int edit_each_booking(struct edit *edit, const struct edit_booking_query *query, bool names,
                      edit_take_t take, void *userdata)
{
    sqlite3_str *sql;
    int r = query->resource ? edit_resource_check(edit, query->resource) : 0;

    if (r < 0)
        return r;
    sql = sqlite3_str_new(edit->db);
    sqlite3_str_appendf(sql,
                        "SELECT b.*, (SELECT json_group_array(member) FROM (SELECT member FROM"
                        " booking_guest WHERE booking = b.id ORDER BY member)) AS guests%s"
                        " FROM booking b%s",
                        names ? ", coalesce(m.name, '') AS who" : "",
                        names ? " LEFT JOIN member m ON m.id = b.member" : "");
    edit_booking_clauses(sql, query);
    return each_run(edit, sql, "guests", take, userdata);
}

int each_run(struct edit *edit, sqlite3_str *sql, const char *array, edit_take_t take,
             void *userdata)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    char *text = sqlite3_str_finish(sql);
    int r =
        text ? edit_prepare(edit, text, &statement) : edit_fail(edit, -ENOMEM, "not enough memory");

    sqlite3_free(text);
    return r < 0 ? r : each_give(edit, statement, array, take, userdata);
}
