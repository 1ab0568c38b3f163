/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/shown.h"

#include "util/translate.h"

#include <stdarg.h>
#include <wchar.h>

#define HARMLESS    "\xEF\xBF\xBD" /* U+FFFD */
#define MORE        "\xE2\x80\xA6" /* U+2026 */
#define LABEL_WIDTH 12 /* cells, of what stands before a line, and the blank behind it */
#define UTF8_MOST   4  /* bytes of a character (RFC 3629) */

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
    size_t n = mbrtowc(&c, text, strnlen(text, UTF8_MOST), &state);

    if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
        *ret_width = -1;
        return 1;
    }
    *ret_width = turns_text(c) ? -1 : wcwidth(c);
    return n;
}

/* The letter that `text` begins with is one of U+00C0 to U+01BF: two bytes, a cell wide. */
static bool latin(const char *text)
{
    unsigned char first = (unsigned char)text[0];

    return first >= 0xC3 && first <= 0xC6 && ((unsigned char)text[1] & 0xC0) == 0x80;
}

/* How many bytes at the head of `text` are ASCII or Latin letters, in so many cells: most of what
 * there is, and quicker than asking the C library about each. */
static size_t plain(const char *text, size_t length, size_t *ret_width)
{
    size_t n = 0, letters = 0;

    for (;;) {
        while (n < length && text[n] >= ' ' && text[n] <= '~')
            n++;
        if (!latin(text + n))
            break;
        n += 2;
        letters++;
    }
    *ret_width = n - letters;
    return n;
}

size_t shown_copy(char *ret, const char *text, size_t length, size_t *ret_width)
{
    char *end = ret;
    size_t n, cells;
    int width;

    for (*ret_width = 0; length > 0; text += n, length -= n) {
        n = plain(text, length, &cells);
        if (n > 0) {
            end = mempcpy(end, text, n);
            *ret_width += cells;
            continue;
        }
        n = MIN_OF(next(text, &width), length);
        end = width < 0 ? stpcpy(end, HARMLESS) : mempcpy(end, text, n);
        *ret_width += width < 0 ? 1 : (size_t)width;
    }
    return (size_t)(end - ret);
}

char *shown_text(const char *text)
{
    size_t length = strlen(text), width;
    char *shown = malloc(SHOWN_ROOM(length) + 1);

    if (shown)
        shown[shown_copy(shown, text, length, &width)] = '\0';
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

/* How many bytes at the head of `text` fit into `width` cells, ending at a blank where there is
 * one.
 */
static size_t fold(const char *text, size_t width)
{
    size_t used = 0, at = 0, last = 0, n;
    int w;

    for (; text[at]; at += n) {
        n = next(text + at, &w);
        used += (size_t)MAX_OF(w, 0);
        if (used > width)
            return last > 0 ? last : MAX_OF(at, n);
        if (text[at] == ' ')
            last = at;
    }
    return at;
}

void shown_line(const char *label, const char *text, size_t width)
{
    CLEANUP(cleanup_free) char *shown = shown_text(text);
    const char *rest = shown ? shown : _("not enough memory"), *word = *label ? _(label) : "";
    size_t label_width = shown_width(word);
    size_t room = width > 2 * LABEL_WIDTH ? width - LABEL_WIDTH : SIZE_MAX;

    (void)printf("%s%*s", word, (int)(LABEL_WIDTH - MIN_OF(label_width, (size_t)LABEL_WIDTH - 1)),
                 "");
    for (;;) {
        size_t n = fold(rest, room);

        (void)printf("%.*s\n", (int)n, rest);
        rest += n;
        rest += strspn(rest, " ");
        if (!*rest)
            return;
        (void)printf("%*s", LABEL_WIDTH, "");
    }
}

const char *shown_word(const char *word)
{
    static const char *const words[] = {
        N_("active"),   N_("suspended"), N_("left"), N_("blocked"),  N_("lost"), N_("stolen"),
        N_("returned"), N_("day"),       N_("room"), N_("half_day"), N_("desk"), N_("space")};

    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (streq(word, words[i]))
            return _(words[i]);
    return word;
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
