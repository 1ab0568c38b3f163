/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/roster_private.h"

#include "ctl/ctl.h"
#include "ctl/roster/csv_cell.h"
#include "ctl/roster/csv_file.h"
#include "store/edit_text.h"
#include "util/translate.h"

#include <errno.h>
#include <stdarg.h>

#define TITLES_NAMED 20  /* unused columns that a warning names */
#define NOTHING      "-" /* a cell that takes away what is there */

/* Which column of the table a column of the file is written to. */
static const char *const written_to[ROSTER_COLUMN_COUNT] = {
    [ROSTER_ID] = "id",
    [ROSTER_NAME] = "name",
    [ROSTER_FIRST_NAME] = "name",
    [ROSTER_EMAIL] = "email",
    [ROSTER_COMPANY] = "company",
    [ROSTER_PLAN] = "plan",
    [ROSTER_STATUS] = "status",
    [ROSTER_FROM] = "valid_from",
    [ROSTER_UNTIL] = "valid_until",
    [ROSTER_DISPLAY_NAME] = "display_name",
    [ROSTER_LANGUAGE] = "language",
    [ROSTER_HOST] = "host",
    [ROSTER_NOTE] = "note",
    [ROSTER_BADGES] = "badges",
    [ROSTER_PAYER_NAME] = "name",
    [ROSTER_PAYER_FIRST_NAME] = "name",
    [ROSTER_PAYER_EMAIL] = "email",
};

void roster_done(struct roster *roster)
{
    for (size_t i = 0; i < roster->n_rows; i++) {
        free(roster->rows[i].name);
        free(roster->rows[i].badges);
        import_row_done(&roster->rows[i].import);
    }
    for (size_t i = 0; i < roster->n_plans; i++)
        free(roster->plans[i].folded);
    for (size_t i = 0; i < roster->n_unknown; i++)
        free(roster->unknown[i].folded);
    free(roster->rows);
    free(roster->plans);
    free(roster->plan_ids);
    free(roster->unknown);
    remarks_done(&roster->mistakes);
    remarks_done(&roster->warnings);
    csv_done(&roster->csv);
    *roster = (struct roster){0};
}

bool roster_out_of_memory(void)
{
    (void)complain("not enough memory");
    return false;
}

/* --- what is wrong ---------------------------------------------------------------------------- */

const char *roster_title_of(const struct roster *roster, const char *column)
{
    for (size_t i = 0; i < ROSTER_COLUMN_COUNT; i++)
        if (written_to[i] && streq(written_to[i], column) && roster->columns[i] != SIZE_MAX)
            return csv_field(&roster->csv, 0, roster->columns[i]);
    return column;
}

void roster_mistake(struct roster *roster, struct roster_row *row, const char *column,
                    const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    char *whole = NULL;
    va_list args;
    int r;

    row->state = ROSTER_BAD;
    va_start(args, format);
    r = vasprintf(&text, format, args);
    va_end(args);
    if (r < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    if (text && *column &&
        asprintf(&whole, _("column %.60s: %s"), roster_title_of(roster, column), text) < 0)
        whole = NULL;
    else if (text && !*column)
        whole = TAKE_PTR(text);
    remark_add(&roster->mistakes, row->line, whole);
}

void roster_warn(struct roster *roster, const struct roster_row *row, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    remark_add(&roster->warnings, row->line, text);
}

/* --- the titles ------------------------------------------------------------------------------- */

static void unused_tell(const struct roster *roster, const size_t *unused, size_t n)
{
    CLEANUP(cleanup_free) char *named = NULL;
    size_t size;
    FILE *stream = open_memstream(&named, &size);

    if (!stream)
        return;
    for (size_t i = 0; i < MIN_OF(n, (size_t)TITLES_NAMED); i++)
        (void)fprintf(stream, "%s“%.60s”", i > 0 ? ", " : "",
                      csv_field(&roster->csv, 0, unused[i]));
    if (n > TITLES_NAMED)
        (void)fputs(", …", stream);
    if (fclose(stream) == 0 && n > 0)
        caution("%.200s:%u: not used: %s", roster->path, roster->csv.lines[0], named);
}

/* A file that names only who paid is about them. */
static void payers_move(struct roster *roster)
{
    static const enum roster_column moves[][2] = {{ROSTER_PAYER_NAME, ROSTER_NAME},
                                                  {ROSTER_PAYER_FIRST_NAME, ROSTER_FIRST_NAME}};

    if (roster->columns[ROSTER_NAME] != SIZE_MAX || roster->columns[ROSTER_FIRST_NAME] != SIZE_MAX)
        return;
    for (size_t i = 0; i < ELEMENTSOF(moves); i++) {
        roster->columns[moves[i][1]] = roster->columns[moves[i][0]];
        roster->columns[moves[i][0]] = SIZE_MAX;
    }
}

/* Finds which column is what; false after saying what is wrong. */
static bool titles_read(struct roster *roster)
{
    const struct csv *csv = &roster->csv;
    size_t unused[CSV_COLUMNS_MOST], n_unused = 0, *columns = roster->columns;

    for (size_t i = 0; i < ROSTER_COLUMN_COUNT; i++)
        columns[i] = SIZE_MAX;
    for (size_t i = 0; i < csv->n_columns; i++) {
        const char *title = csv_field(csv, 0, i);
        int column = roster_title(title);

        if (column < 0 && *title) {
            unused[n_unused++] = i;
        } else if (column >= 0 && columns[column] != SIZE_MAX) {
            (void)complain("%.200s:%u: “%.60s” and “%.60s” mean the same: keep one of the two",
                           roster->path, csv->lines[0], csv_field(csv, 0, columns[column]), title);
            return false;
        } else if (column >= 0) {
            columns[column] = i;
        }
    }
    payers_move(roster);
    if (columns[ROSTER_NAME] == SIZE_MAX && columns[ROSTER_FIRST_NAME] == SIZE_MAX &&
        columns[ROSTER_EMAIL] == SIZE_MAX && columns[ROSTER_ID] == SIZE_MAX) {
        (void)complain("%.200s:%u: there is no column of names: give one of these titles to it: "
                       "name, nom, or first name and last name, prénom and nom",
                       roster->path, csv->lines[0]);
        return false;
    }
    unused_tell(roster, unused, n_unused);
    return true;
}

/* --- the cells -------------------------------------------------------------------------------- */

/* The cell of row `i` (from 0) as it is in the file, "" where the file has no such column. */
static const char *raw(const struct roster *roster, size_t i, enum roster_column column)
{
    size_t at = roster->columns[column];

    return at == SIZE_MAX ? "" : csv_field(&roster->csv, i + 1, at);
}

/* What the cell says: NULL = nothing, "" = take away what is there. */
static const char *said(const struct roster *roster, size_t i, enum roster_column column)
{
    const char *cell = raw(roster, i, column);

    if (!*cell)
        return NULL;
    return streq(cell, NOTHING) ? "" : csv_cell_text(cell);
}

/* A part of a name, "" where there is none. */
static const char *name_part(const struct roster *roster, size_t i, enum roster_column column)
{
    const char *text = said(roster, i, column);

    return text ? text : "";
}

static bool name_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char *first = name_part(roster, i, ROSTER_FIRST_NAME);
    const char *last = name_part(roster, i, ROSTER_NAME);

    if (!*first && !*last) {
        row->import.cells[IMPORT_NAME] = said(roster, i, ROSTER_NAME); /* "-" can't be obeyed */
        return true;
    }
    if (asprintf(&row->name, "%s%s%s", first, *first && *last ? " " : "", last) < 0) {
        row->name = NULL;
        return roster_out_of_memory();
    }
    row->import.cells[IMPORT_NAME] = row->name;
    return true;
}

/* True if two texts are one, case and accents aside. */
static bool alike(const char *a, const char *b)
{
    CLEANUP(cleanup_free) char *one = text_folded(a);
    CLEANUP(cleanup_free) char *other = text_folded(b);

    return one && other && streq(one, other);
}

/* The payer's address is the member's only if they are one person. */
static void email_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char *payer = said(roster, i, ROSTER_PAYER_EMAIL);
    bool is_payer =
        roster->columns[ROSTER_PAYER_NAME] == SIZE_MAX ||
        (alike(raw(roster, i, ROSTER_NAME), raw(roster, i, ROSTER_PAYER_NAME)) &&
         alike(raw(roster, i, ROSTER_FIRST_NAME), raw(roster, i, ROSTER_PAYER_FIRST_NAME)));

    row->import.cells[IMPORT_EMAIL] = said(roster, i, ROSTER_EMAIL);
    if (row->import.cells[IMPORT_EMAIL] || !payer || !*payer)
        return;
    if (is_payer)
        row->import.cells[IMPORT_EMAIL] = payer;
    else
        roster->n_not_theirs++;
}

static void id_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char *cell = raw(roster, i, ROSTER_ID);
    char *end;

    if (!*cell)
        return;
    errno = 0;
    row->import.id = strtoll(cell, &end, 10);
    if (cell[strspn(cell, "0123456789")] || errno || row->import.id < 1)
        roster_mistake(roster, row, "id",
                       _("“%.80s” is no member's number: leave it out for somebody new"), cell);
}

static void day_read(struct roster *roster, size_t i, struct roster_row *row,
                     enum roster_column column, enum import_column into,
                     char day[static TIME_TEXT_SIZE])
{
    const char *text = said(roster, i, column);

    if (text && *text && roster_day(text, day) < 0)
        roster_mistake(roster, row, import_column_names[into],
                       _("“%.80s” is no day: give one such as 2026-11-24 or 24/11/2026"), text);
    else
        row->import.cells[into] = text && *text ? day : text;
}

static void words_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char *plan = said(roster, i, ROSTER_PLAN), *status = said(roster, i, ROSTER_STATUS);
    const char *language = said(roster, i, ROSTER_LANGUAGE), **cells = row->import.cells;

    cells[IMPORT_PLAN] = plan && *plan ? roster_plan_find(roster, plan) : plan;
    if (plan && !cells[IMPORT_PLAN])
        roster_plan_unknown(roster, row, plan);
    cells[IMPORT_STATUS] = status && *status ? roster_status(status) : status;
    if (status && !cells[IMPORT_STATUS])
        roster_mistake(roster, row, "status",
                       _("“%.80s” is no status: give active, suspended or left"), status);
    else if (status && *status && !*cells[IMPORT_STATUS])
        cells[IMPORT_STATUS] = NULL;
    cells[IMPORT_LANGUAGE] = language && *language ? roster_language(language) : language;
}

static bool badges_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char *cell = raw(roster, i, ROSTER_BADGES), *whole = cell;
    char uid[UID_TEXT_SIZE];
    int r;

    while ((r = roster_badge(&cell, uid)) > 0) {
        if (row->import.n_badges == ROSTER_BADGES_MOST) {
            roster_mistake(roster, row, "badges", _("more than %d badges: give fewer"),
                           ROSTER_BADGES_MOST);
            return true;
        }
        if (!row->badges && !(row->badges = calloc(ROSTER_BADGES_MOST, sizeof(*row->badges))))
            return roster_out_of_memory();
        memcpy(row->badges[row->import.n_badges++], uid, sizeof(uid));
    }
    row->import.badges = (const char(*)[UID_TEXT_SIZE])row->badges;
    if (r == -ERANGE)
        roster_mistake(
            roster, row, "badges",
            _("“%.80s”: a number that names nobody, such as a phone's: give a badge with "
              "a number of its own"),
            whole);
    else if (r < 0)
        roster_mistake(roster, row, "badges",
                       _("“%.80s” is no badge's number: give 4, 7 or 10 bytes in hexadecimal, such "
                         "as 04:A1:B2:C3:D4:E5:F6, and a comma between two (a spreadsheet may have "
                         "taken away a 0)"),
                       whole);
    return true;
}

/* Which of the columns that the file has say nothing in this row. */
static unsigned empties(const struct roster *roster, const struct roster_row *row)
{
    unsigned mask = 0;

    for (size_t i = 0; i < ROSTER_COLUMN_COUNT; i++)
        for (size_t k = 0; k < IMPORT_COLUMN_COUNT; k++)
            if (roster->columns[i] != SIZE_MAX && written_to[i] &&
                streq(written_to[i], import_column_names[k]) && !row->import.cells[k])
                mask |= 1U << k;
    return mask;
}

/* Takes the member of row `i` from its cells; false without memory. */
static bool row_read(struct roster *roster, size_t i, struct roster_row *row)
{
    const char **cells = row->import.cells;

    *row = (struct roster_row){
        .line = roster->csv.lines[i + 1], .host_row = SIZE_MAX, .import.plan = roster->plan};
    id_read(roster, i, row);
    email_read(roster, i, row);
    cells[IMPORT_COMPANY] = said(roster, i, ROSTER_COMPANY);
    cells[IMPORT_DISPLAY_NAME] = said(roster, i, ROSTER_DISPLAY_NAME);
    cells[IMPORT_HOST] = said(roster, i, ROSTER_HOST);
    cells[IMPORT_NOTE] = said(roster, i, ROSTER_NOTE);
    day_read(roster, i, row, ROSTER_FROM, IMPORT_FROM, row->from);
    day_read(roster, i, row, ROSTER_UNTIL, IMPORT_UNTIL, row->until);
    words_read(roster, i, row);
    if (!name_read(roster, i, row) || !badges_read(roster, i, row))
        return false;
    row->import.empty = empties(roster, row);
    return true;
}

/* True if the row's order was paid, or if the file isn't about orders. */
static bool order_stands(struct roster *roster, size_t i)
{
    const char *order = raw(roster, i, ROSTER_ORDER);

    if (!*order || roster_order_stands(order))
        return true;
    roster->n_left_out++;
    roster_warn(roster, &(struct roster_row){.line = roster->csv.lines[i + 1]},
                _("the order's status is “%.60s”: the row is left out"), order);
    return false;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool rows_read(struct roster *roster)
{
    roster->rows = calloc(roster->csv.n_rows, sizeof(*roster->rows));
    if (!roster->rows)
        return roster_out_of_memory();
    for (size_t i = 0; i < roster->csv.n_rows; i++)
        if (order_stands(roster, i) && !row_read(roster, i, &roster->rows[roster->n_rows++]))
            return false;
    roster_plans_tell(roster);
    return roster_rows_compare(roster);
}

bool roster_read(const char *path, const json_t *plans, const char *plan,
                 const struct invocation *invocation, struct roster *ret)
{
    *ret = (struct roster){.path = streq(path, "-") ? _("the standard input") : path};
    if (!roster_plans_read(ret, plans, plan, invocation) ||
        !csv_file_read(path, CSV_ROWS_MOST, &ret->csv) || !titles_read(ret))
        return false;
    if (ret->csv.n_rows == 0) {
        (void)complain("%.200s:%u: there are no members below the titles: give each a line",
                       ret->path, ret->csv.lines[0]);
        return false;
    }
    if (ret->csv.is_latin)
        caution("%.200s isn't UTF-8 and was read as Latin-1: look at the accents of its names",
                ret->path);
    return rows_read(ret);
}
