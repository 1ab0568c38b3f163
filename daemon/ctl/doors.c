/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/doors.h"

#include "util/translate.h"

/* The configuration's name of a door, NULL after saying which there are. */
static const char *door_find(const struct config *config, const char *name)
{
    char all[CONFIG_DOORS_MOST * (SLUG_SIZE + 2)] = "";
    size_t used = 0;

    for (size_t i = 0; i < config->n_doors; i++) {
        if (streq(config->doors[i].name, name))
            return config->doors[i].name;
        used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "",
                                 config->doors[i].name);
    }
    if (used == 0)
        (void)complain("there is no door “%.80s” in the configuration: add a [door NAME] there "
                       "first",
                       name);
    else
        (void)complain("there is no door “%.80s” in the configuration: give one of: %s", name, all);
    return NULL;
}

bool doors_read(const struct ctl *ctl, struct doors_option *ret)
{
    const struct invocation *invocation = &ctl->invocation;
    const char *name;
    size_t n = 0, k;

    *ret = (struct doors_option){.doors.given = option_nth(invocation, "door", 0) != NULL};
    ret->doors.names = ret->names;
    for (size_t i = 0; (name = option_nth(invocation, "door", i)); i++) {
        if (streq(name, "all") && i == 0 && !option_nth(invocation, "door", 1))
            return true;
        name = door_find(ctl->config, name);
        if (!name)
            return false;
        for (k = 0; k < n && ret->names[k] != name; k++)
            ;
        ret->names[k] = name; /* a door is one of the configuration's: there is room for all */
        n = MAX_OF(n, k + 1);
    }
    ret->doors.n = n;
    return true;
}

void doors_show(json_t *row)
{
    const json_t *doors = json_object_get(row, "doors");
    char names[CONFIG_DOORS_MOST * (SLUG_SIZE + 2)];
    size_t used = 0;

    (void)snprintf(names, sizeof(names), "%s", _("all"));
    for (size_t i = 0; i < json_array_size(doors) && used + SLUG_SIZE + 2 < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.31s", i > 0 ? " " : "",
                                 json_string_value(json_array_get(doors, i)));
    (void)json_object_set_new(row, "open", json_string(names));
}
