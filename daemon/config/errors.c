/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/errors.h"

#include "util/translate.h"

#include <ctype.h>
#include <stdarg.h>

#define WORD_MOST 40 /* characters in a word that a suggestion is looked for */

void config_errors_add(struct config_errors *errors, struct place place, const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    char line[16] = "";
    va_list args;
    int r;

    if (errors->n == CONFIG_ERRORS_MOST) {
        errors->left_out++;
        return;
    }
    if (place.line > 0)
        (void)snprintf(line, sizeof(line), "%u:", place.line);
    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r < 0) {
        text = NULL; /* vasprintf() leaves it undefined */
        errors->left_out++;
    } else if (asprintf(&errors->lines[errors->n], "%s:%s %s", place.file, line, text) < 0) {
        errors->lines[errors->n] = NULL;
        errors->left_out++;
    } else {
        errors->n++;
    }
}

void config_errors_done(struct config_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++)
        free(errors->lines[i]);
    *errors = (struct config_errors){0};
}

void config_print_errors(const struct config_errors *errors, const char *program)
{
    for (size_t i = 0; i < errors->n; i++)
        (void)fprintf(stderr, "%s: %s\n", program, errors->lines[i]);
    if (errors->left_out > 0)
        (void)fprintf(stderr,
                      ngettext("%s: %zu more mistake is not shown: correct these first\n",
                               "%s: %zu more mistakes are not shown: correct these first\n",
                               errors->left_out),
                      program, errors->left_out);
}

int shown_length(const char *text)
{
    size_t n = strlen(text);

    if (n > SHOWN_MOST)
        for (n = SHOWN_MOST; ((unsigned char)text[n] & 0xC0) == 0x80; n--)
            ; /* the middle of a character */
    return (int)n;
}

/* How many characters must be typed, deleted or replaced to make `b` of `a` (Levenshtein); case is
 * free. */
static size_t word_distance(const char *a, const char *b)
{
    size_t row[WORD_MOST + 1], n_a = strlen(a), n_b = strlen(b);

    if (n_a > WORD_MOST || n_b > WORD_MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t replaced = diagonal + (same ? 0 : 1);

            diagonal = row[j];
            row[j] = MIN_OF(replaced, MIN_OF(row[j], row[j - 1]) + 1);
        }
    }
    return row[n_b];
}

const char *closest_word(const char *text, const char *const *words, size_t n)
{
    /* Two slips in a long word, one in a short one: "in" must not be offered for "id". */
    size_t allowed = strlen(text) >= 5 ? 2 : strlen(text) >= 3 ? 1 : 0;
    const char *closest = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t distance = word_distance(text, words[i]);

        /* A beginning is meant to be the whole, however much is missing: password_file. */
        if (strlen(text) >= 3 && starts_with(words[i], text))
            return words[i];
        if (distance > allowed)
            continue;
        closest = words[i];
        if (distance == 0)
            break;
        allowed = distance - 1;
    }
    return closest;
}
