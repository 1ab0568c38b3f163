/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/table.h"

#include "ctl/shown.h"
#include "ctl/spool.h"
#include "util/translate.h"

#include <sys/ioctl.h>

#define GAP           2  /* cells between two columns */
#define WIDTH_COMFORT 16 /* no column is cut below this while another one may be left out */
#define WIDTH_LEAST   8  /* … nor below this while anything else helps */
#define MORE          "\xE2\x80\xA6" /* U+2026: columns are left out */
#define MORE_WIDTH    1
#define TEXT_MOST     UINT32_MAX

struct cell {
    uint32_t at, length; /* in the table's text */
    uint32_t width;
};

struct table {
    const struct column *columns;
    size_t n;
    char *text;
    size_t used, room;
    struct cell *cells; /* rows of n, the titles first */
    size_t n_cells, cells_room;
    size_t natural[TABLE_COLUMNS_MOST]; /* the widest cell of the rows, 0 = all are empty */
    size_t widths[TABLE_COLUMNS_MOST];  /* as shown, 0 = left out */
    bool dropped;                       /* some that have something are left out */
    bool failed;                        /* no memory */
    bool coloured;
    struct spool spool;
};

static const struct {
    const char *word, *escape;
} paints[] = {
    {"granted", "\033[32m"},  {"refused", "\033[31m"}, {"suspended", "\033[31m"},
    {"blocked", "\033[31m"},  {"lost", "\033[31m"},    {"stolen", "\033[31m"},
    {"unlocked", "\033[32m"}, {"faulty", "\033[31m"},  {"forced", "\033[31m"},
    {"left", "\033[2m"},      {"returned", "\033[2m"},
};

static const char *paint_of(const char *text)
{
    for (size_t i = 0; i < ELEMENTSOF(paints); i++)
        if (streq(paints[i].word, text))
            return paints[i].escape;
    return NULL;
}

static bool colour_wanted(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no && *no) && terminal && !streq(terminal, "dumb");
}

size_t terminal_width(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

/* --- what is in it ---------------------------------------------------------------------------- */

/* Makes room for one more cell of so many bytes; false without memory. */
static bool table_grow(struct table *table, size_t length)
{
    size_t wanted = table->used + SHOWN_ROOM(length) + 1;

    if (table->failed || wanted > TEXT_MOST)
        return false;
    if (wanted > table->room) {
        size_t room = MAX_OF(2 * table->room, wanted);
        char *text = realloc(table->text, room);

        if (!text)
            return false;
        table->text = text;
        table->room = room;
    }
    if (table->n_cells == table->cells_room) {
        size_t room = 2 * table->cells_room;
        struct cell *cells = reallocarray(table->cells, room, sizeof(*cells));

        if (!cells)
            return false;
        table->cells = cells;
        table->cells_room = room;
    }
    return true;
}

void table_add(struct table *table, const char *text, size_t length)
{
    struct cell *cell;
    size_t width, *natural;

    if (!table)
        return;
    if (!table_grow(table, length)) {
        table->failed = true;
        return;
    }
    cell = &table->cells[table->n_cells];
    cell->at = (uint32_t)table->used;
    cell->length = (uint32_t)shown_copy(table->text + table->used, text, length, &width);
    cell->width = (uint32_t)width;
    table->used += cell->length;
    table->text[table->used++] = '\0';
    natural = &table->natural[table->n_cells % table->n];
    if (table->n_cells >= table->n)
        *natural = MAX_OF(*natural, width);
    table->n_cells++;
}

void table_add_number(struct table *table, int64_t number)
{
    char digits[24];
    size_t n = spool_digits(number, digits);

    digits[n] = '\0';
    table_add(table, digits, n);
}

struct table *table_new(const struct column *columns, size_t n)
{
    CLEANUP(cleanup_table) struct table *table = malloc(sizeof(*table));

    if (!table)
        return NULL;
    memset(table, 0, offsetof(struct table, spool));
    table->spool.n = 0;
    table->columns = columns;
    table->n = n;
    table->coloured = colour_wanted();
    table->cells_room = 64 * n;
    table->cells = calloc(table->cells_room, sizeof(*table->cells));
    if (!table->cells)
        return NULL;
    for (size_t c = 0; c < n; c++)
        table_add(table, _(columns[c].title), strlen(_(columns[c].title)));
    return TAKE_PTR(table);
}

struct table *table_free(struct table *table)
{
    if (!table)
        return NULL;
    free(table->text);
    free(table->cells);
    free(table);
    return NULL;
}

/* --- how wide --------------------------------------------------------------------------------- */

static size_t table_width(const struct table *table)
{
    size_t sum = table->dropped ? GAP + MORE_WIDTH : 0;

    for (size_t c = 0; c < table->n; c++)
        if (table->widths[c] > 0)
            sum += table->widths[c] + (c > 0 ? GAP : 0);
    return sum;
}

/* Takes cells from the widest column that may give some, until all fits or none can. */
static bool table_shrink(struct table *table, size_t width, size_t least, bool any)
{
    while (table_width(table) > width) {
        size_t *widest = NULL;

        for (size_t c = 0; c < table->n; c++)
            if ((any || table->columns[c].yielding) && table->widths[c] > least &&
                (!widest || table->widths[c] > *widest))
                widest = &table->widths[c];
        if (!widest)
            return false;
        (*widest)--;
    }
    return true;
}

/* The column to be left out next, -1 = none: by its turn, then whichever stands behind the first
 * two. */
static int next_dropped(const struct table *table, bool any)
{
    int found = -1;

    for (int c = 0; c < (int)table->n; c++) {
        int turn = table->columns[c].yielding >> 1;

        if (table->widths[c] > 0 && turn > 0 &&
            (found < 0 || turn < table->columns[found].yielding >> 1))
            found = c;
    }
    for (int c = (int)table->n - 1; any && found < 0 && c > 1; c--)
        if (table->widths[c] > 0)
            found = c;
    return found;
}

/* Gives the columns that are still there the width that they would like. */
static void widths_reset(struct table *table)
{
    for (size_t c = 0; c < table->n; c++)
        if (table->widths[c] > 0)
            table->widths[c] = table->natural[c];
}

/* Leaves columns out until the others fit, cut to `least` where need be. */
static bool table_drop(struct table *table, size_t width, size_t least, bool any)
{
    while (!table_shrink(table, width, least, false)) {
        int column = next_dropped(table, any);

        if (column < 0)
            return false;
        table->dropped = true;
        table->widths[column] = 0;
        widths_reset(table);
    }
    return true;
}

/* Cut a little, then without what matters less, then cut a lot, then whatever it takes. */
static void table_fit(struct table *table, size_t width)
{
    for (size_t c = 0; c < table->n; c++) {
        if (table->natural[c] > 0)
            table->natural[c] = MAX_OF(table->natural[c], (size_t)table->cells[c].width);
        table->widths[c] = table->natural[c];
    }
    if (width == 0 || table_drop(table, width, WIDTH_COMFORT, false))
        return;
    widths_reset(table);
    if (!table_drop(table, width, WIDTH_LEAST, true))
        (void)table_shrink(table, width, 1, true);
}

/* --- on paper --------------------------------------------------------------------------------- */

/*
 * Prints one cell; `owed` is the room before it, which is only taken when something stands there.
 */
static void cell_print(struct table *table, size_t row, size_t c, size_t *owed)
{
    struct cell *cell = &table->cells[row * table->n + c];
    char *text = table->text + cell->at;
    size_t width = table->widths[c], missing;
    const char *paint = !table->coloured ? NULL : row == 0 ? "\033[1m" : paint_of(text);

    if (cell->width > width) {
        shown_cut(text, width);
        cell->length = (uint32_t)strlen(text);
        cell->width = (uint32_t)shown_width(text);
    }
    missing = width - MIN_OF((size_t)cell->width, width);
    if (table->columns[c].right)
        *owed += missing;
    if (cell->length > 0) {
        spool_blanks(&table->spool, *owed);
        if (paint)
            spool_text(&table->spool, paint);
        spool_add(&table->spool, text, cell->length);
        if (paint)
            spool_text(&table->spool, "\033[0m");
        *owed = 0;
    }
    *owed += (table->columns[c].right ? 0 : missing) + GAP;
}

static void row_print(struct table *table, size_t row)
{
    size_t owed = 0;

    for (size_t c = 0; c < table->n; c++)
        if (table->widths[c] > 0)
            cell_print(table, row, c, &owed);
    if (row == 0 && table->dropped) {
        spool_blanks(&table->spool, owed);
        spool_text(&table->spool, MORE);
    }
    spool_add(&table->spool, "\n", 1);
}

void table_show(struct table *table, const char *empty)
{
    if (!table || table->failed) {
        shown_print(stderr, "cantinectl: not enough memory: list less at once");
        return;
    }
    if (table->n_cells <= table->n) {
        (void)puts(_(empty));
        return;
    }
    table_fit(table, terminal_width());
    for (size_t row = 0; row < table->n_cells / table->n; row++)
        row_print(table, row);
    spool_end(&table->spool);
}

void table_print(const struct column *columns, size_t n, const json_t *rows, const char *empty)
{
    CLEANUP(cleanup_table) struct table *table = table_new(columns, n);
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) for (size_t c = 0; c < n; c++)
    {
        const json_t *value = json_object_get(row, columns[c].key);

        if (json_is_integer(value))
            table_add_number(table, json_integer_value(value));
        else
            table_add(table, json_is_string(value) ? json_string_value(value) : "",
                      json_string_length(value));
    }
    table_show(table, empty);
}
