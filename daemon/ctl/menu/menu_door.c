/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Of the menu: who is here, the door, and who stood before it in vain. */

#include "ctl/menu/menu_private.h"
#include "util/translate.h"

#define REFUSALS_MOST 30

void menu_who_is_here(struct menu *menu)
{
    (void)menu_run(menu, (const char *const[]){"occupancy", "--names", NULL}, NULL);
}

void menu_open_door(struct menu *menu)
{
    const struct config *config = menu->ctl->config;
    CLEANUP(cleanup_json) json_t *rows = json_array();
    int chosen = -1;

    for (size_t i = 0; i < config->n_doors; i++)
        (void)json_array_append_new(rows, json_pack("{s:s}", "name", config->doors[i].name));
    if (config->n_doors == 0)
        dialog_tell(&menu->dialog, _("There is no door in the configuration."));
    else
        chosen = menu_row(menu, _("Which door?"), rows, "name");
    if (chosen >= 0)
        (void)menu_run(
            menu, (const char *const[]){"door", "unlock", config->doors[chosen].name, NULL}, NULL);
}

/* --- refusals --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

/* Those refused since yesterday, the newest first, each with a line to "show". */
static json_t *refusals(struct menu *menu)
{
    CLEANUP(cleanup_json) json_t *all =
        menu_query(menu, (const char *const[]){"log", "--denied", "--since", "yesterday", NULL});
    json_t *newest = all ? json_array() : NULL;

    for (size_t i = json_array_size(all); i > 0 && json_array_size(newest) < REFUSALS_MOST; i--) {
        json_t *row = json_array_get(all, i - 1);
        char words[MOMENT_WORDS_SIZE];

        moment_words(moment_utc(text_of(row, "at")), time_wall(), words);
        (void)json_object_set_new(row, "show",
                                  json_sprintf("%s  %s  %s", words, text_of(row, "door"),
                                               *text_of(row, "member_name")
                                                   ? text_of(row, "member_name")
                                                   : _("(a badge that nobody has)")));
        (void)json_array_append(newest, row);
    }
    return newest;
}

void menu_why_refused(struct menu *menu)
{
    CLEANUP(cleanup_json) json_t *rows = refusals(menu);
    char number[24];
    json_int_t member;
    int chosen;

    if (rows && json_array_size(rows) == 0)
        dialog_tell(&menu->dialog, _("Nobody was refused since yesterday."));
    if (!rows || json_array_size(rows) == 0)
        return;
    chosen = menu_row(menu, _("Who are you? The last one is on top:"), rows, "show");
    if (chosen < 0)
        return;
    member = json_integer_value(json_object_get(json_array_get(rows, (size_t)chosen), "member_id"));
    if (member > 0) {
        (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, member);
        (void)menu_run(menu, (const char *const[]){"member", "show", number, NULL}, NULL);
    } else
        dialog_tell(&menu->dialog,
                    _("Nobody had this badge then. If it shall open the door: hold it there once "
                      "more, then choose “Let somebody in, give a badge” and “It was refused at "
                      "the door”."));
}
