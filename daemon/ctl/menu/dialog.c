/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/menu/dialog.h"

#include "ctl/menu/child.h"
#include "ctl/shown.h"
#include "store/edit_text.h"
#include "util/macro.h"
#include "util/translate.h"

#include <errno.h>
#include <sys/ioctl.h>

#define ANSWER_FD    3   /* of whiptail, which draws on the others */
#define NOT_FOUND    127 /* env's exit status: there is no whiptail */
#define WIDTH_MOST   72
#define WIDTH_LEAST  20
#define FRAME_WIDTH  4 /* what isn't text: the border and a blank on either side */
#define FRAME_HEIGHT 7 /* border, blanks and buttons */
#define MARGIN       2 /* beside an item */
#define OUTSIDE      4 /* columns and … */
#define SHADOW       1 /* … rows that a box leaves free */

/* The words of one call of whiptail. */
struct words {
    char **words; /* owned, ended by NULL */
    size_t n;
    size_t room; /* cells for an item */
    bool failed; /* no memory */
};

static void words_add(struct words *words, char *word)
{
    char **grown = word ? reallocarray(words->words, words->n + 2, sizeof(*grown)) : NULL;

    if (!grown) {
        free(word);
        words->failed = true;
        return;
    }
    grown[words->n++] = word;
    grown[words->n] = NULL;
    words->words = grown;
}

static void words_add_number(struct words *words, size_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%zu", number);
    words_add(words, strdup(text));
}

static void words_free(struct words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->words[i]);
    free(words->words);
}

/* How many lines a text takes at most, folded between its words. */
static size_t lines_of(const char *text, size_t room)
{
    size_t cells = shown_width(text);

    return cells <= room ? 1 : 1 + cells / (room - room / 4);
}

/*
 * Adds the text and the box's height and width, with room for `inside` lines below the text, or
 * fewer on a small terminal; returns how many.
 */
static size_t words_add_box(struct words *words, const char *text, size_t inside)
{
    struct winsize size;
    char *shown = shown_text(text);
    size_t width, used;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    width = MIN_OF(MAX_OF(size.ws_col, WIDTH_LEAST + OUTSIDE) - OUTSIDE, WIDTH_MOST);
    words->room = width - FRAME_WIDTH;
    used = FRAME_HEIGHT + (shown ? lines_of(shown, words->room) : 0);
    inside = MIN_OF(inside, MAX_OF(size.ws_row, used + 1 + SHADOW) - used - SHADOW);
    words_add(words, shown);
    words_add_number(words, used + inside);
    words_add_number(words, width);
    return inside;
}

/*
 * What every question begins with. Characters are UTF-8 for whiptail too, whatever the locale says;
 * what follows "--" is no option of its own, however it begins.
 */
static void words_begin(struct words *words, const struct dialog *dialog, const char *kind)
{
    const char *const begin[] = {
        "env",     "LC_ALL=C.UTF-8", "whiptail",    "--notags", "--output-fd",     "3",
        "--title", dialog->title,    "--ok-button", _("OK"),    "--cancel-button", dialog->back,
        kind};

    for (size_t i = 0; i < ELEMENTSOF(begin); i++)
        words_add(words, strdup(begin[i]));
}

/* Asks, and frees the words: the answer is the caller's, NULL = back. */
static char *words_ask(struct words *words, struct dialog *dialog)
{
    char *answer = NULL;
    int r = words->failed
                ? -ENOMEM
                : child_run(words->words[0], (const char *const *)words->words, ANSWER_FD, &answer);

    words_free(words);
    if (r < 0 || r == NOT_FOUND)
        dialog->error = r < 0 ? r : -ENOENT;
    if (r == 0)
        return answer;
    free(answer);
    return NULL;
}

int dialog_choose(struct dialog *dialog, const char *text, const json_t *items, size_t first)
{
    CLEANUP(cleanup_free) char *answer = NULL;
    struct words words = {0};
    const json_t *item;
    size_t i;

    words_begin(&words, dialog, "--menu");
    words_add(&words, strdup("--default-item"));
    words_add_number(&words, first);
    words_add(&words, strdup("--"));
    words_add_number(&words, words_add_box(&words, text, json_array_size(items)));
    json_array_foreach(items, i, item)
    {
        char *shown = shown_text(json_string_value(item));

        if (shown)
            shown_cut(shown, words.room - MARGIN);
        words_add_number(&words, i);
        words_add(&words, shown);
    }
    answer = words_ask(&words, dialog);
    return answer ? atoi(answer) : -1;
}

char *dialog_ask(struct dialog *dialog, const char *text, const char *begin)
{
    CLEANUP(cleanup_free) char *answer = NULL;
    struct words words = {0};
    const char *bare;
    size_t n;

    words_begin(&words, dialog, "--inputbox");
    words_add(&words, strdup("--"));
    (void)words_add_box(&words, text, 1);
    words_add(&words, strdup(begin));
    bare = answer = words_ask(&words, dialog);
    if (!answer)
        return NULL;
    n = text_bare(&bare);
    return strndup(bare, n);
}

void dialog_tell(struct dialog *dialog, const char *text)
{
    struct words words = {0};

    words_begin(&words, dialog, "--msgbox");
    words_add(&words, strdup("--"));
    (void)words_add_box(&words, text, 0);
    free(words_ask(&words, dialog));
}
