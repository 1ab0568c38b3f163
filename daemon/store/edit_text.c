/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_text.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define NBSP        "\xC2\xA0"

/* The length of the well-formed sequence at `s` (RFC 3629, section 4), 0 where there is none. */
static size_t sequence_length(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;
    size_t n = b[0] < 0x80 ? 1 : b[0] < 0xC2 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;

    if (b[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xC0) != 0x80) /* the end of the text too */
            return 0;
    if ((b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xED && b[1] > 0x9F) ||
        (b[0] == 0xF0 && b[1] < 0x90) || (b[0] == 0xF4 && b[1] > 0x8F))
        return 0; /* longer than it need be, a surrogate, or beyond U+10FFFF */
    return n;
}

bool text_valid(const char *text)
{
    for (size_t n; *text; text += n) {
        n = sequence_length(text);
        if (n == 0)
            return false;
    }
    return true;
}

char *text_cleaned(const char *text)
{
    char *cleaned = malloc(strlen(text) * strlen(REPLACEMENT) + 1), *end = cleaned;

    if (!cleaned)
        return NULL;
    while (*text) {
        size_t n = sequence_length(text);

        end = n > 0 ? mempcpy(end, text, n) : stpcpy(end, REPLACEMENT);
        text += MAX_OF(n, (size_t)1);
    }
    *end = '\0';
    return cleaned;
}

/*
 * Writes the Latin letter `c`, U+00C0 to U+017F, in lower case and without what is above or below
 * it; nothing for any other.
 */
static void latin_letter(uint32_t c, char ret[static 3])
{
    static const char letters[] = "aaaaaa.ceeeeiiiidnooooo.ouuuuy.."
                                  "aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
                                  "aaaaaaccccccccddddeeeeeeeeeegggg"
                                  "gggghhhhiiiiiiiiii..jjkkklllllll"
                                  "lllnnnnnnnnnoooooo..rrrrrrssssss"
                                  "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    static const struct {
        uint32_t c;
        const char *letters;
    } pairs[] = {{0xC6, "ae"},  {0xE6, "ae"},  {0xDE, "th"},  {0xFE, "th"}, {0xDF, "ss"},
                 {0x132, "ij"}, {0x133, "ij"}, {0x152, "oe"}, {0x153, "oe"}};

    ret[0] = ret[1] = ret[2] = '\0';
    for (size_t i = 0; i < ELEMENTSOF(pairs); i++)
        if (pairs[i].c == c)
            memcpy(ret, pairs[i].letters, 2);
    if (ret[0] == '\0' && c >= 0xC0 && c <= 0x17F && letters[c - 0xC0] != '.')
        ret[0] = letters[c - 0xC0];
}

/* The code point of a sequence of `n` (2 …) bytes. */
static uint32_t code_point(const char *s, size_t n)
{
    uint32_t c = (unsigned char)s[0] & (0xFFU >> (n + 1));

    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3F);
    return c;
}

static char *fold_sequence(const char *s, size_t n, char *end)
{
    uint32_t c = code_point(s, n);
    char latin[3];

    if (c >= 0x300 && c <= 0x36F) /* combining accents */
        return end;
    latin_letter(c, latin);
    return latin[0] ? stpcpy(end, latin) : mempcpy(end, s, n);
}

char *text_folded(const char *text)
{
    char *folded, *end;

    text += strspn(text, " ");
    folded = end = malloc(strlen(text) + 1); /* no letter becomes longer */
    if (!folded)
        return NULL;
    while (*text) {
        size_t n = MAX_OF(sequence_length(text), (size_t)1);

        if (n > 1)
            end = fold_sequence(text, n, end);
        else
            *end++ = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        text += n;
    }
    while (end > folded && end[-1] == ' ')
        end--;
    *end = '\0';
    return folded;
}

size_t text_bare(const char **text)
{
    size_t n;

    for (;;)
        if (**text && strchr(" \t\r\n", **text))
            (*text)++;
        else if (starts_with(*text, NBSP))
            *text += strlen(NBSP);
        else
            break;
    n = strlen(*text);
    for (;;)
        if (n >= 1 && strchr(" \t\r\n", (*text)[n - 1]))
            n--;
        else if (n >= 2 && memcmp(*text + n - 2, NBSP, 2) == 0)
            n -= 2;
        else
            return n;
}
