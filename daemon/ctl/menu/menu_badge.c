/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Of the menu: a new member, a new badge, a lost one. */

#include "ctl/menu/menu_private.h"
#include "util/translate.h"

/* --- giving a badge --------------------------------------------------------------------------- */

/* The reader to hold a badge to; NULL = back. Where none lets people in, cantined says so. */
static const char *reader_choose(struct menu *menu)
{
    const struct config *config = menu->ctl->config;
    const char *names[CONFIG_READERS_MOST];
    CLEANUP(cleanup_json) json_t *rows = json_array();
    size_t n = 0;
    int chosen;

    for (size_t i = 0; i < config->n_readers; i++)
        if (config->readers[i].direction != DIRECTION_OUT) {
            names[n++] = config->readers[i].name;
            (void)json_array_append_new(rows, json_pack("{s:s}", "name", config->readers[i].name));
        }
    if (n == 0)
        return "";
    chosen = menu_row(menu, _("To which reader will the badge be held?"), rows, "name");
    return chosen < 0 ? NULL : names[chosen];
}

static bool badge_enrol_at(struct menu *menu, const struct menu_member *member)
{
    const char *reader = reader_choose(menu);

    if (!reader)
        return false;
    if (!*reader)
        return menu_run(menu, (const char *const[]){"badge", "enrol", member->number, NULL}, NULL);
    return menu_run(
        menu, (const char *const[]){"badge", "enrol", member->number, "--reader", reader, NULL},
        NULL);
}

/* Offers the ways to a badge until there is one, or somebody goes back. */
static void badge_offer(struct menu *menu, const struct menu_member *member)
{
    CLEANUP(cleanup_json)
    json_t *ways = json_pack("[s, s, s]", _("Hold it to the reader now"),
                             _("It was refused at the door"), _("No badge for now"));
    CLEANUP(cleanup_json) json_t *text = json_sprintf(_("A badge for %s:"), member->name);
    int way = 0;
    bool given = false;

    while (!given) {
        way = dialog_choose(&menu->dialog, json_string_value(text), ways, (size_t)way);
        if (way == 0)
            given = badge_enrol_at(menu, member);
        else if (way == 1)
            given = menu_run(
                menu, (const char *const[]){"badge", "add", member->number, "--last", NULL}, NULL);
        else
            return;
    }
}

/* --- letting somebody in ---------------------------------------------------------------------- */

/* The memberships that somebody can have. */
static json_t *plans_active(struct menu *menu)
{
    json_t *all = menu_query(menu, (const char *const[]){"plan", "list", NULL}), *plan;
    size_t i = 0;

    while ((plan = json_array_get(all, i))) {
        if (json_integer_value(json_object_get(plan, "active")) == 1)
            i++;
        else
            (void)json_array_remove(all, i);
    }
    return all;
}

/* Adds them and gives their number; false = something is wrong with what was typed. */
static bool member_create(struct menu *menu, const char *name, const char *email, const char *plan,
                          struct menu_member *ret)
{
    const char *words[] = {"member", "add", "--plan", plan, "--email", email, "--", name, NULL};
    const char *without[] = {"member", "add", "--plan", plan, "--", name, NULL};
    CLEANUP(cleanup_json) json_t *added = menu_query(menu, *email ? words : without);

    if (!added)
        return false;
    (void)snprintf(ret->number, sizeof(ret->number), "%" JSON_INTEGER_FORMAT,
                   json_integer_value(added));
    (void)snprintf(ret->name, sizeof(ret->name), "%s", name);
    return true;
}

/* Asks until there is a new member; false = back. What was typed stays for another try. */
static bool member_new(struct menu *menu, struct menu_member *ret)
{
    CLEANUP(cleanup_json) json_t *plans = plans_active(menu);
    CLEANUP(cleanup_free) char *name = strdup(""), *email = strdup("");

    if (plans && json_array_size(plans) == 0) {
        dialog_tell(&menu->dialog, _("There is no active membership: cantinectl plan add"));
        return false;
    }
    while (plans && name && email) {
        char *typed = dialog_ask(&menu->dialog, _("First name and last name:"), name);
        int plan;

        free(name);
        name = typed;
        if (!name)
            return false;
        typed = dialog_ask(&menu->dialog, _("E-mail address (may stay empty):"), email);
        free(email);
        email = typed;
        if (!email)
            return false;
        plan = menu_row(menu, _("Which membership?"), plans, "name");
        if (plan < 0)
            return false;
        if (member_create(
                menu, name, email,
                json_string_value(json_object_get(json_array_get(plans, (size_t)plan), "id")), ret))
            return true;
    }
    return false;
}

void menu_let_in(struct menu *menu)
{
    CLEANUP(cleanup_json)
    json_t *kinds = json_pack("[s, s]", _("Somebody new"), _("A member who needs a badge"));
    struct menu_member member;
    int kind = dialog_choose(&menu->dialog, _("Who shall come in?"), kinds, 0);

    if (kind < 0)
        return;
    if (kind == 0 ? member_new(menu, &member)
                  : menu_member(menu, _("Who gets a badge? Part of the name is enough:"), &member))
        badge_offer(menu, &member);
}

/* --- a lost one ------------------------------------------------------------------------------- */

/* The badges that open doors, each with a line to "show". */
static json_t *badges_active(struct menu *menu, const struct menu_member *member)
{
    json_t *all = menu_query(menu, (const char *const[]){"badge", "list", member->number, NULL});
    json_t *badge;
    size_t i = 0;

    while ((badge = json_array_get(all, i))) {
        const char *label = json_string_value(json_object_get(badge, "label"));

        if (!streq(json_string_value(json_object_get(badge, "status")), "active")) {
            (void)json_array_remove(all, i);
            continue;
        }
        (void)json_object_set_new(badge, "show",
                                  json_sprintf("%s%s%s",
                                               json_string_value(json_object_get(badge, "uid")),
                                               label ? "  " : "", label ? label : ""));
        i++;
    }
    return all;
}

/* Asks what happened to the badge and writes it down; false = back. */
static bool badge_lose(struct menu *menu, const struct menu_member *member, const json_t *badge)
{
    static const char *const words[] = {"lost", "stolen"};
    CLEANUP(cleanup_json) json_t *items = json_pack("[s, s]", _("Lost"), _("Stolen"));
    const char *uid = json_string_value(json_object_get(badge, "uid"));
    CLEANUP(cleanup_json)
    json_t *text = json_sprintf(
        _("Badge %s of %s will open no door any more. What happened to it?"), uid, member->name);
    int chosen = dialog_choose(&menu->dialog, json_string_value(text), items, 0);

    return chosen >= 0 &&
           menu_run(menu, (const char *const[]){"badge", "set", uid, words[chosen], NULL}, NULL);
}

void menu_lost_badge(struct menu *menu)
{
    CLEANUP(cleanup_json) json_t *badges = NULL;
    struct menu_member member;
    int chosen;

    if (!menu_member(menu, _("Whose badge? Part of the name is enough:"), &member))
        return;
    badges = badges_active(menu, &member);
    if (!badges)
        return;
    if (json_array_size(badges) == 0) {
        dialog_tell(&menu->dialog, _("No badge of this member opens a door."));
        badge_offer(menu, &member);
        return;
    }
    chosen = menu_row(menu, _("Which badge?"), badges, "show");
    if (chosen >= 0 && badge_lose(menu, &member, json_array_get(badges, (size_t)chosen)))
        badge_offer(menu, &member);
}
