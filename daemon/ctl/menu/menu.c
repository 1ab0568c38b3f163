/* SPDX-License-Identifier: GPL-3.0-or-later */

/* cantinectl alone at a terminal: the daily tasks for those who don't know commands. */

#include "ctl/menu/menu_private.h"
#include "util/translate.h"

#include <errno.h>

static const struct task {
    const char *name;
    void (*run)(struct menu *menu);
} tasks[] = {
    {N_("Let somebody in, give a badge"), menu_let_in},
    {N_("A badge is lost or stolen"), menu_lost_badge},
    {N_("Book a room"), menu_book},
    {N_("Who is here?"), menu_who_is_here},
    {N_("Open the door now"), menu_open_door},
    {N_("Why was I refused?"), menu_why_refused},
};

static json_t *task_names(void)
{
    json_t *names = json_array();

    for (size_t i = 0; i < ELEMENTSOF(tasks); i++)
        (void)json_array_append_new(names, json_string(_(tasks[i].name)));
    return names;
}

enum outcome menu_show(struct ctl *ctl)
{
    CLEANUP(cleanup_json) json_t *names = task_names();
    struct menu menu = {.ctl = ctl, .dialog = {.title = ctl->config->site.name}};
    int chosen = 0;

    (void)setenv(MENU_VARIABLE, "1", true);
    while (menu.dialog.error == 0) {
        menu.dialog.back = _("Quit");
        chosen = dialog_choose(&menu.dialog, _("What do you want to do?"), names, (size_t)chosen);
        if (chosen < 0)
            break;
        menu.dialog.back = _("Back");
        tasks[chosen].run(&menu);
    }
    if (menu.dialog.error == -ENOENT)
        return complain("the menu needs the program whiptail: install it with `apt install "
                        "whiptail`, or see cantinectl --help");
    if (menu.dialog.error < 0) {
        errno = -menu.dialog.error;
        return complain("the menu can't go on: %m");
    }
    return OUTCOME_DONE;
}
