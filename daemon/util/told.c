/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/told.h"

#include "util/macro.h"
#include "util/translate.h"

#include <ctype.h>

#define DEPTH_MOST 3 /* "door front: PATH cannot be opened: Permission denied: …" */

/* What stands in a text where its format has a directive. */
struct part {
    const char *text;
    size_t n;
};

struct finding {
    struct part parts[TOLD_PARTS_MOST];
    size_t letters; /* that the format and the text have in common */
};

static void tell(const char *text, size_t n, unsigned depth, FILE *out);

/* Behind the directive that begins at `format`: flags, width, precision, length, conversion. */
static const char *directive_end(const char *format)
{
    format += strspn(format + 1, "0123456789$#-+ .*hljztL") + 1;
    return *format ? format + 1 : format;
}

/* Each directive stands for as few letters as can be; the rest must agree to the last one. */
static bool match(const char *format, const char *text, const char *end, size_t n,
                  struct finding *ret)
{
    size_t letters = 0;

    while (*format && *format != '%') {
        if (text == end || *format++ != *text++)
            return false;
        letters++;
    }
    if (!*format) {
        ret->letters = letters;
        return text == end;
    }
    if (n == TOLD_PARTS_MOST)
        return false;
    format = directive_end(format);
    for (size_t length = 0; length <= (size_t)(end - text); length++)
        if (match(format, text + length, end, n + 1, ret)) {
            ret->parts[n] = (struct part){text, length};
            ret->letters += letters;
            return true;
        }
    return false;
}

/* The sentence that says most of the text itself; NULL = none of ours. */
static const char *sentence_find(const char *text, size_t n, struct finding *ret)
{
    const char *best = NULL;

    for (size_t i = 0; told_sentences[i]; i++) {
        struct finding finding;

        if (!match(told_sentences[i], text, text + n, 0, &finding) ||
            finding.letters <= ret->letters)
            continue;
        best = told_sentences[i];
        *ret = finding;
    }
    return best;
}

/* A name, a path or a number is no sentence, and so stays as it is. */
static void part_tell(const struct part *part, unsigned depth, FILE *out)
{
    if (depth < DEPTH_MOST)
        tell(part->text, part->n, depth + 1, out);
    else
        (void)fwrite(part->text, 1, part->n, out);
}

/* Like printf(3) with each argument told; `%2$s` names an argument, as translators may. */
static void sentence_tell(const char *format, const struct finding *finding, unsigned depth,
                          FILE *out)
{
    size_t next = 0;

    while (*format) {
        size_t n = strcspn(format, "%");

        (void)fwrite(format, 1, n, out);
        format += n;
        if (!*format)
            break;
        if (isdigit(format[1]) && format[2] == '$')
            next = (size_t)(format[1] - '1');
        if (next < TOLD_PARTS_MOST)
            part_tell(&finding->parts[next++], depth, out);
        format = directive_end(format);
    }
}

static void tell(const char *text, size_t n, unsigned depth, FILE *out)
{
    struct finding finding = {0};
    const char *sentence = sentence_find(text, n, &finding);
    CLEANUP(cleanup_free) char *copy = NULL;

    if (sentence) {
        sentence_tell(gettext(sentence), &finding, depth, out);
        return;
    }
    copy = strndup(text, n);
    if (copy)
        (void)fputs(dgettext("libc", copy), out); /* errno's, where its translation is installed */
}

void told_translate(const char *text, char *ret, size_t size)
{
    FILE *out = fmemopen(ret, size, "w");

    ret[0] = '\0';
    if (!out)
        return;
    if (*text) /* the translation of nothing is a catalogue's head */
        tell(text, strlen(text), 0, out);
    (void)fclose(out);
    ret[size - 1] = '\0';
}
