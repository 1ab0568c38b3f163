/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/csv_cell.h"

#include "store/edit_text.h"

#define APOSTROPHE '\''
#define NBSP       "\xC2\xA0"

/* True if a formula begins here, or what a spreadsheet may take for its beginning. */
static bool formula_begins(const char *text)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                       "\xEF\xBC\xA0"}; /* ＝ ＋ － ＠ */

    if (*text && strchr("=+-@\t\r\n", *text))
        return true;
    for (size_t i = 0; i < ELEMENTSOF(wide); i++)
        if (starts_with(text, wide[i]))
            return true;
    return false;
}

/*
 * True for a text, up to `end`, that is written with an apostrophe. One that has apostrophes
 * already gets one more, so that taking one away is right for every text.
 */
static bool is_dangerous(const char *text, const char *end)
{
    while (text < end) {
        if (formula_begins(text))
            return true;
        if (*text == APOSTROPHE || *text == ' ')
            text++;
        else if (starts_with(text, NBSP))
            text += strlen(NBSP);
        else
            return false;
    }
    return false;
}

const char *csv_cell_text(const char *cell)
{
    const char *rest = cell + 1;

    return *cell == APOSTROPHE && is_dangerous(rest, rest + strlen(rest)) ? rest : cell;
}

void csv_cell_write(FILE *stream, const char *text, char separator)
{
    const char stops[] = {separator, '"', '\r', '\n', '\t', '\0'};
    const char *bare = text;
    size_t n = text_bare(&bare);
    const char *end = n > 0 ? bare + n : text; /* no table keeps blanks at the end */
    bool quoted = text + strcspn(text, stops) < end || (n > 0 && *text == ' ');

    if (quoted)
        (void)fputc('"', stream);
    if (is_dangerous(text, end))
        (void)fputc(APOSTROPHE, stream);
    for (; text < end; text++) {
        if (*text == '"')
            (void)fputc('"', stream);
        (void)fputc(*text, stream);
    }
    if (quoted)
        (void)fputc('"', stream);
}

void csv_title_word(const char *title, char ret[static TITLE_WORD_SIZE])
{
    CLEANUP(cleanup_free) char *folded = text_folded(title);
    size_t n = 0;

    for (const char *p = folded; p && *p && n < TITLE_WORD_SIZE - 1; p++)
        if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
            ret[n++] = *p;
    ret[n] = '\0';
}
