/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/rows.h"

#include "ctl/moment.h"
#include "ctl/spool.h"

#include <errno.h>

#define NUMBER_SIZE 24

/* --- JSON ------------------------------------------------------------------------------------- */

struct json_rows {
    bool begun;
    struct spool spool;
};

struct json_rows *json_rows_new(void)
{
    struct json_rows *rows = malloc(sizeof(*rows));

    if (!rows)
        return NULL;
    rows->begun = false;
    rows->spool.n = 0;
    return rows;
}

struct json_rows *json_rows_free(struct json_rows *rows)
{
    free(rows);
    return NULL;
}

/* Text as RFC 8259, section 7, has it; it is UTF-8 already. */
static void string_add(struct spool *spool, const char *text, size_t length)
{
    static const char letters[] = "btn\0fr"; /* of U+0008 to U+000D */
    const char *end = text + length;
    char escape[8];

    spool_add(spool, "\"", 1);
    while (text < end) {
        const char *plain = text;
        unsigned char c;

        while (text < end && (unsigned char)*text >= ' ' && *text != '"' && *text != '\\')
            text++;
        spool_add(spool, plain, (size_t)(text - plain));
        if (text == end)
            break;
        c = (unsigned char)*text++;
        if (c >= ' ')
            (void)snprintf(escape, sizeof(escape), "\\%c", c);
        else if (c >= 8 && c <= 13 && c != 11)
            (void)snprintf(escape, sizeof(escape), "\\%c", letters[c - 8]);
        else
            (void)snprintf(escape, sizeof(escape), "\\u%04X", c);
        spool_text(spool, escape);
    }
    spool_add(spool, "\"", 1);
}

int json_rows_take(void *userdata, const struct edit_row *row)
{
    struct json_rows *rows = userdata;
    char number[NUMBER_SIZE];

    if (!rows)
        return -ENOMEM;
    spool_text(&rows->spool, rows->begun ? ",{" : "[{");
    rows->begun = true;
    for (size_t i = 0; i < row->n; i++) {
        const struct edit_cell *cell = &row->cells[i];

        spool_text(&rows->spool, i > 0 ? ",\"" : "\"");
        spool_text(&rows->spool, row->names[i]);
        spool_add(&rows->spool, "\":", 2);
        if (cell->kind == EDIT_INTEGER)
            spool_add(&rows->spool, number, spool_digits(cell->integer, number));
        else if (cell->kind == EDIT_TEXT)
            string_add(&rows->spool, cell->text, cell->length);
        else if (cell->kind == EDIT_ARRAY)
            spool_add(&rows->spool, cell->text, cell->length);
        else
            spool_add(&rows->spool, "null", 4);
    }
    spool_add(&rows->spool, "}", 1);
    return 0;
}

void json_rows_end(struct json_rows *rows)
{
    if (!rows)
        return;
    spool_text(&rows->spool, rows->begun ? "]\n" : "[]\n");
    spool_end(&rows->spool);
}

/* --- tables ----------------------------------------------------------------------------------- */

int row_column(const struct edit_row *row, const char *name)
{
    for (size_t i = 0; i < row->n; i++)
        if (streq(row->names[i], name))
            return (int)i;
    return -1;
}

/* How many values the array has: whole numbers, with a comma between two. */
static size_t array_count(const struct edit_cell *cell)
{
    size_t n = cell->length > sizeof("[]") - 1 ? 1 : 0;

    for (size_t i = 0; i < cell->length; i++)
        n += cell->text[i] == ',';
    return n;
}

static void day_add(struct table *table, const char *day)
{
    char words[MOMENT_WORDS_SIZE];

    moment_day_words(day, time_wall(), words);
    table_add(table, words, strlen(words));
}

int table_rows_take(void *userdata, const struct edit_row *row)
{
    struct table_rows *rows = userdata;

    for (size_t c = 0; c < rows->n && !rows->found; c++)
        rows->at[c] = row_column(row, rows->columns[c].key);
    rows->found = true;
    for (size_t c = 0; c < rows->n; c++) {
        const struct edit_cell *cell = rows->at[c] >= 0 ? &row->cells[rows->at[c]] : NULL;

        if (cell && cell->kind == EDIT_INTEGER)
            table_add_number(rows->table, cell->integer);
        else if (cell && cell->kind == EDIT_ARRAY && array_count(cell) > 0)
            table_add_number(rows->table, (int64_t)array_count(cell));
        else if (cell && cell->kind == EDIT_TEXT && rows->day &&
                 streq(rows->day, rows->columns[c].key))
            day_add(rows->table, cell->text);
        else if (cell && cell->kind == EDIT_TEXT)
            table_add(rows->table, cell->text, cell->length);
        else
            table_add(rows->table, "", 0);
    }
    return 0;
}
