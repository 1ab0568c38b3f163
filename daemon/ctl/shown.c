/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/shown.h"

#include "util/translate.h"

#include <stdarg.h>
#include <wchar.h>

#define HARMLESS "\xEF\xBF\xBD" /* U+FFFD */
#define MORE     "\xE2\x80\xA6" /* U+2026 */

/* Marks that turn the direction of what follows, or break the line (Unicode Standard, UAX 9). */
static bool turns_text(wchar_t c)
{
    return c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* The next character of `text`: its length in bytes, and its width, -1 for one not to be shown. */
static size_t next(const char *text, int *ret_width)
{
    mbstate_t state = {0};
    wchar_t c;
    size_t n = mbrtowc(&c, text, strlen(text), &state);

    if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
        *ret_width = -1;
        return 1;
    }
    *ret_width = turns_text(c) ? -1 : wcwidth(c);
    return n;
}

char *shown_text(const char *text)
{
    char *shown = malloc(strlen(text) * strlen(HARMLESS) + 1), *end = shown;
    int width;

    if (!shown)
        return NULL;
    for (size_t n; *text; text += n) {
        n = next(text, &width);
        end = width < 0 ? stpcpy(end, HARMLESS) : mempcpy(end, text, n);
    }
    *end = '\0';
    return shown;
}

size_t shown_width(const char *text)
{
    size_t sum = 0;
    int width;

    for (; *text; text += next(text, &width), sum += (size_t)MAX_OF(width, 0))
        ;
    return sum;
}

void shown_cut(char *text, size_t width)
{
    char *cut = text; /* where the last cell begins that "…" can have */
    size_t used = 0, n;
    int w;

    if (width == 0 || shown_width(text) <= width)
        return;
    for (char *p = text; *p && used < width; p += n) {
        n = next(p, &w);
        used += (size_t)MAX_OF(w, 0);
        if (used < width)
            cut = p + n;
    }
    /* What is cut off may be shorter than "…" is: the room comes from shown_text() of wider text.
     */
    if (strlen(cut) >= strlen(MORE))
        (void)strcpy(cut, MORE);
    else
        (void)strcpy(cut, ".");
}

void shown_print(FILE *stream, const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL, *shown = NULL;
    va_list args;
    int r;

    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    shown = text ? shown_text(text) : NULL;
    (void)fprintf(stream, "%s\n", shown ? shown : "not enough memory");
}
