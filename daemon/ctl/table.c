/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/table.h"

#include "ctl/shown.h"
#include "util/translate.h"

#include <sys/ioctl.h>

#define GAP         2 /* cells between two columns */
#define WIDTH_LEAST 8 /* below this no column is cut */

struct layout {
    const struct column *columns;
    size_t n, n_rows;
    char **cells;                      /* n_rows + 1 rows of n, the titles first */
    size_t widths[TABLE_COLUMNS_MOST]; /* 0 = left out */
    bool coloured;
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

/* The width to stay within; 0 = any, where nobody's terminal is at the other end. */
static size_t terminal_width(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

static char *cell_text(const json_t *value)
{
    char number[24];

    if (json_is_integer(value)) {
        (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return strdup(number);
    }
    return shown_text(json_is_string(value) ? json_string_value(value) : "");
}

static struct layout layout_done(struct layout *layout)
{
    for (size_t i = 0; layout->cells && i < layout->n * (layout->n_rows + 1); i++)
        free(layout->cells[i]);
    free(layout->cells);
    return (struct layout){0};
}

static void cleanup_layout(struct layout *layout)
{
    *layout = layout_done(layout);
}

/* Fills the cells and the width that each column would like; false without memory. */
static bool layout_fill(struct layout *layout, const json_t *rows)
{
    for (size_t i = 0; i < (layout->n_rows + 1) * layout->n; i++) {
        const struct column *column = &layout->columns[i % layout->n];
        size_t row = i / layout->n, *width = &layout->widths[i % layout->n];

        layout->cells[i] =
            row == 0 ? strdup(_(column->title))
                     : cell_text(json_object_get(json_array_get(rows, row - 1), column->key));
        if (!layout->cells[i])
            return false;
        if (row > 0)
            *width = MAX_OF(*width, shown_width(layout->cells[i]));
    }
    for (size_t c = 0; c < layout->n; c++)
        if (layout->widths[c] > 0)
            layout->widths[c] = MAX_OF(layout->widths[c], shown_width(layout->cells[c]));
    return true;
}

static size_t layout_width(const struct layout *layout)
{
    size_t sum = 0;

    for (size_t c = 0; c < layout->n; c++)
        if (layout->widths[c] > 0)
            sum += layout->widths[c] + (sum > 0 ? GAP : 0);
    return sum;
}

/* Takes cells from the widest column that may give some, until all fits or none can. */
static void layout_shrink(struct layout *layout, size_t width)
{
    while (width > 0 && layout_width(layout) > width) {
        size_t *widest = NULL;

        for (size_t c = 0; c < layout->n; c++)
            if (layout->columns[c].shrinks && layout->widths[c] > WIDTH_LEAST &&
                (!widest || layout->widths[c] > *widest))
                widest = &layout->widths[c];
        if (!widest)
            return;
        (*widest)--;
    }
}

/* Prints one cell; `owed` is the room before it, which is only taken when something stands there.
 */
static void cell_print(const struct layout *layout, size_t row, size_t c, size_t *owed)
{
    char *text = layout->cells[row * layout->n + c];
    const char *paint = !layout->coloured ? NULL : row == 0 ? "\033[1m" : paint_of(text);
    size_t missing;

    shown_cut(text, layout->widths[c]);
    missing = layout->widths[c] - MIN_OF(shown_width(text), layout->widths[c]);
    if (layout->columns[c].right)
        *owed += missing;
    if (*text) {
        (void)printf("%*s%s%s%s", (int)*owed, "", paint ? paint : "", text, paint ? "\033[0m" : "");
        *owed = 0;
    }
    *owed += (layout->columns[c].right ? 0 : missing) + GAP;
}

static void layout_print(const struct layout *layout)
{
    for (size_t row = 0; row <= layout->n_rows; row++) {
        size_t owed = 0;

        for (size_t c = 0; c < layout->n; c++)
            if (layout->widths[c] > 0)
                cell_print(layout, row, c, &owed);
        (void)putchar('\n');
    }
}

void table_print(const struct column *columns, size_t n, const json_t *rows, const char *empty)
{
    CLEANUP(cleanup_layout) struct layout layout = {
        .columns = columns,
        .n = n,
        .n_rows = json_array_size(rows),
        .coloured = colour_wanted(),
    };

    if (layout.n_rows == 0) {
        (void)puts(_(empty));
        return;
    }
    layout.cells = calloc(n * (layout.n_rows + 1), sizeof(char *));
    if (!layout.cells || !layout_fill(&layout, rows)) {
        (void)fprintf(stderr, "cantinectl: %s\n", _("not enough memory: list less at once"));
        return;
    }
    layout_shrink(&layout, terminal_width());
    layout_print(&layout);
}
