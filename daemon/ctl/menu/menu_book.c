/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Of the menu: a booking. */

#include "ctl/menu/menu_private.h"
#include "util/translate.h"

#define DAYS_OFFERED 14

/* What is typed for a booking; it stays for another try. */
struct wish {
    char day[TIME_TEXT_SIZE]; /* "2026-11-23" */
    char *from, *until, *title;
};

/* Asks once more for a line that begins as it was; false = back. */
static bool ask_again(struct menu *menu, const char *text, char **line)
{
    char *typed = *line ? dialog_ask(&menu->dialog, text, *line) : NULL;

    free(*line);
    *line = typed;
    return typed != NULL;
}

/* The day that was chosen before, if any, is offered first. */
static bool day_choose(struct menu *menu, const char *name, char ret[static TIME_TEXT_SIZE])
{
    CLEANUP(cleanup_json) json_t *text = json_sprintf(_("Which day, for %s?"), name);
    CLEANUP(cleanup_json) json_t *days = json_array();
    CLEANUP(cleanup_free) char *typed = NULL;
    char words[MOMENT_WORDS_SIZE], day[TIME_TEXT_SIZE];
    usec_t now = time_wall();
    bool typed_before = *ret != '\0';
    int chosen = 0;

    for (int i = 0; i < DAYS_OFFERED; i++) {
        moment_day(now, i, day);
        if (streq(day, ret)) {
            typed_before = false;
            chosen = i;
        }
        moment_day_words(day, now, words);
        (void)json_array_append_new(days, json_string(words));
    }
    (void)json_array_append_new(days, json_string(_("Another day")));
    chosen = dialog_choose(&menu->dialog, json_string_value(text), days,
                           typed_before ? DAYS_OFFERED : (size_t)chosen);
    if (chosen < 0)
        return false;
    if (chosen < DAYS_OFFERED) {
        moment_day(now, chosen, ret);
        return true;
    }
    typed = dialog_ask(&menu->dialog, _("Which day? Such as 23/11/2026:"), typed_before ? ret : "");
    if (typed)
        (void)snprintf(ret, TIME_TEXT_SIZE, "%s", typed);
    return typed != NULL;
}

static bool wish_ask(struct menu *menu, const char *name, struct wish *wish)
{
    return day_choose(menu, name, wish->day) &&
           ask_again(menu, _("From when? Hour and minutes, such as 14:00:"), &wish->from) &&
           ask_again(menu, _("Until when? An hour such as 16:00, or how long, such as 2h:"),
                     &wish->until) &&
           ask_again(menu, _("What for? The admins see it (may stay empty):"), &wish->title);
}

static bool wish_book(struct menu *menu, const struct wish *wish, const char *resource,
                      const char *member)
{
    char start[2 * TIME_TEXT_SIZE + 2];
    const char *words[] = {"booking", "add",  "--title", wish->title, "--",
                           resource,  member, start,     wish->until, NULL};
    const char *untitled[] = {"booking", "add", "--", resource, member, start, wish->until, NULL};

    (void)snprintf(start, sizeof(start), "%sT%.*s", wish->day, TIME_TEXT_SIZE, wish->from);
    return menu_run(menu, *wish->title ? words : untitled, _("It is booked."));
}

/* Asks for whom and when until it is booked, or somebody goes back. */
static void resource_book(struct menu *menu, const json_t *resource)
{
    const char *id = json_string_value(json_object_get(resource, "id"));
    CLEANUP(cleanup_json)
    json_t *text = json_sprintf(_("%s: for whom? Part of the name is enough:"),
                                json_string_value(json_object_get(resource, "name")));
    struct wish wish = {.from = strdup(""), .until = strdup("1h"), .title = strdup("")};
    struct menu_member member;

    if (menu_member(menu, json_string_value(text), &member))
        while (wish_ask(menu, member.name, &wish) && !wish_book(menu, &wish, id, member.number))
            continue;
    free(wish.from);
    free(wish.until);
    free(wish.title);
}

void menu_book(struct menu *menu)
{
    CLEANUP(cleanup_json)
    json_t *resources = menu_query(menu, (const char *const[]){"resource", "list", NULL});
    int chosen = -1;

    if (resources && json_array_size(resources) == 0)
        dialog_tell(&menu->dialog, _("There is nothing to book yet: cantinectl resource add"));
    else if (resources)
        chosen = menu_row(menu, _("What is booked?"), resources, "name");
    if (chosen >= 0)
        resource_book(menu, json_array_get(resources, (size_t)chosen));
}
