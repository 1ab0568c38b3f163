/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/menu/child.h"
#include "ctl/menu/menu_private.h"
#include "ctl/shown.h"
#include "store/edit_text.h"
#include "util/translate.h"

#include <ctype.h>
#include <errno.h>

#define CLEAR        "\033[H\033[2J" /* ECMA-48, 8.3.21 CUP and 8.3.39 ED */
#define WORDS_MOST   24
#define MEMBERS_MOST 200 /* that are offered at once */

/* --- commands --------------------------------------------------------------------------------- */

static void wait_for_enter(void)
{
    int c;

    (void)printf("\n%s ", _("Enter: back to the menu"));
    (void)fflush(stdout);
    do
        c = getchar();
    while (c != '\n' && c != EOF);
}

/* Shows the command as a shell takes it. */
static void words_show(const char *const *words)
{
    CLEANUP(cleanup_free) char *line = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&line, &size);

    if (!stream)
        return;
    (void)fputs("$ cantinectl", stream);
    for (; *words; words++) {
        const char *word = *words;
        bool plain = *word != '\0';

        for (const char *p = word; *p; p++)
            if (!isalnum((unsigned char)*p) && !strchr("-_.:@/+,=", *p))
                plain = false;
        (void)fputs(plain ? " " : " '", stream);
        for (const char *p = word; *p; p++)
            (void)(*p == '\'' ? fputs("'\\''", stream) : fputc(*p, stream));
        (void)fputs(plain ? "" : "'", stream);
    }
    if (fclose(stream) == 0) {
        (void)fputc('\n', stdout);
        shown_print(stdout, "%s", line);
    }
}

/* Runs this program with the same configuration; `output`, if any, gets what it prints. */
static int words_run(const struct menu *menu, const char *const *words, bool json, char **output)
{
    const char *argv[WORDS_MOST] = {"cantinectl"};
    size_t n = 1;

    if (menu->ctl->invocation.config) {
        argv[n++] = "--config";
        argv[n++] = menu->ctl->invocation.config;
    }
    if (json)
        argv[n++] = "--json";
    while (*words && n < WORDS_MOST - 1)
        argv[n++] = *words++;
    (void)fflush(stdout);
    return child_run("/proc/self/exe", argv, output ? STDOUT_FILENO : -1, output);
}

bool menu_run(struct menu *menu, const char *const *words, const char *done)
{
    int status;

    (void)fputs(CLEAR, stdout); /* a dialog has left its place blank above what was before it */
    words_show(words);
    status = words_run(menu, words, false, NULL);
    if (status < 0)
        (void)complain("cantinectl can't be run: %s", strerror(-status));
    else if (status == 0 && done)
        shown_print(stdout, "%s", done);
    wait_for_enter();
    return status == 0;
}

json_t *menu_query(struct menu *menu, const char *const *words)
{
    CLEANUP(cleanup_free) char *text = NULL;
    int status = words_run(menu, words, true, &text);
    json_t *json = status == 0 && text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

    if (!json)
        wait_for_enter();
    return json;
}

/* --- who and what ----------------------------------------------------------------------------- */

int menu_row(struct menu *menu, const char *text, const json_t *rows, const char *key)
{
    CLEANUP(cleanup_json) json_t *items = json_array();
    const json_t *row;
    size_t i;

    if (json_array_size(rows) == 1)
        return 0;
    json_array_foreach(rows, i, row)(void) json_array_append(items, json_object_get(row, key));
    return dialog_choose(&menu->dialog, text, items, 0);
}

/* True if `wanted` (folded) may mean this member: the number, the address, a part of the name. */
static bool member_fits(const json_t *member, const char *wanted)
{
    const char *email = json_string_value(json_object_get(member, "email"));
    CLEANUP(cleanup_free)
    char *name = text_folded(json_string_value(json_object_get(member, "name")));
    char id[24];

    (void)snprintf(id, sizeof(id), "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(member, "id")));
    return streq(id, wanted) || (email && strcasecmp(email, wanted) == 0) ||
           (name && strstr(name, wanted));
}

/* Those of `members` who may be meant, each with a line to "show". */
static json_t *members_fitting(const json_t *members, const char *wanted)
{
    CLEANUP(cleanup_free) char *folded = text_folded(wanted);
    json_t *found = json_array(), *member;
    size_t i;

    json_array_foreach(members, i, member)
    {
        const char *name = json_string_value(json_object_get(member, "name"));
        const char *email = json_string_value(json_object_get(member, "email"));
        const char *status = json_string_value(json_object_get(member, "status"));

        if (!folded || !member_fits(member, folded) || json_array_size(found) == MEMBERS_MOST)
            continue;
        (void)json_object_set_new(member, "show",
                                  json_sprintf("%s  %s%s(%" JSON_INTEGER_FORMAT "%s%s)", name,
                                               email ? email : "", email ? "  " : "",
                                               json_integer_value(json_object_get(member, "id")),
                                               streq(status, "active") ? "" : ", ",
                                               streq(status, "active") ? "" : shown_word(status)));
        (void)json_array_append(found, member);
    }
    return found;
}

static void member_take(const json_t *member, struct menu_member *ret)
{
    (void)snprintf(ret->number, sizeof(ret->number), "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(member, "id")));
    (void)snprintf(ret->name, sizeof(ret->name), "%s",
                   json_string_value(json_object_get(member, "name")));
}

bool menu_member(struct menu *menu, const char *text, struct menu_member *ret)
{
    CLEANUP(cleanup_json) json_t *members = NULL;
    CLEANUP(cleanup_free) char *wanted = strdup("");

    members = menu_query(menu, (const char *const[]){"member", "list", NULL});
    while (members && wanted) {
        CLEANUP(cleanup_json) json_t *found = NULL;
        char *typed = dialog_ask(&menu->dialog, text, wanted);
        int chosen;

        free(wanted);
        wanted = typed;
        if (!wanted)
            return false;
        found = members_fitting(members, wanted);
        if (json_array_size(found) == 0) {
            dialog_tell(&menu->dialog, _("Nobody has this name, address or number."));
            continue;
        }
        chosen =
            menu_row(menu,
                     json_array_size(found) < MEMBERS_MOST
                         ? _("Who of these?")
                         : _("Who of these? There are more: go back to type more of the name."),
                     found, "show");
        if (chosen >= 0) {
            member_take(json_array_get(found, (size_t)chosen), ret);
            return true;
        }
    }
    return false;
}
