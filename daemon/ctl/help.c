/* SPDX-License-Identifier: GPL-3.0-or-later */

/* cantinectl --help, made from the table of the commands. */

#include "ctl/ctl.h"
#include "ctl/shown.h"
#include "util/translate.h"

#define COMMAND_COLUMN 42 /* where the help of a command begins */

void help_print(FILE *stream)
{
    (void)fprintf(
        stream, "cantinectl [--config FILE] [--json] [--yes] COMMAND\n\n%s\n",
        _("Edits Cantine's records and asks cantined. Alone, at a terminal, it shows a menu."));
    for (size_t i = 0; i < n_commands; i++) {
        const struct command *command = &commands[i];
        size_t group = strcspn(command->name, " ");
        size_t used = 3 + shown_width(command->name) + shown_width(command->arguments);

        if (i == 0 || strncmp(command->name, commands[i - 1].name, group) != 0)
            (void)fputc('\n', stream);
        (void)fprintf(stream, "  %s %s", command->name, command->arguments);
        if (used > COMMAND_COLUMN - 2)
            (void)fprintf(stream, "\n%*s%s\n", COMMAND_COLUMN, "", _(command->help));
        else
            (void)fprintf(stream, "%*s%s\n", (int)(COMMAND_COLUMN - used), "", _(command->help));
    }
    (void)fprintf(
        stream,
        _("\n"
          "  M     a member: number, e-mail address or an unambiguous part of the name\n"
          "  UID   a badge's number: 04A1B2C3D4E5F6, 04:a1:b2:c3:d4:e5:f6\n"
          "  DAY   2026-11-23; for closures and passes also today, tomorrow\n"
          "  TIME  2026-11-23T14:00, 2026-11-23, \"today 14:00\", yesterday\n"
          "  START like TIME, with its hour; END likewise, or 16:00 on the same day;\n"
          "        DURATION 2h, 90min\n"
          "  DAYS  mon, mon-fri, sat,sun; WINDOW 18:00-23:00, 00:00-00:00 is the whole day\n"
          "  FILE.csv  a table as spreadsheets save it (- is the standard input or output), in\n"
          "        French or English: a line of titles, below it one for each. Guests: name\n"
          "        (or first name and last name), email, company; who isn't a member yet\n"
          "        becomes one until the day of the booking. Members: also plan, status,\n"
          "        valid_from, valid_until and more; the address says who is meant, an empty\n"
          "        cell changes nothing, and - takes away what is there\n"
          "\n"
          "  --config FILE   read FILE and FILE.d/*.conf (default: %s)\n"
          "  --json          print JSON, for programs\n"
          "  --yes           don't ask before what can't be undone\n"
          "  --help          print this; after a command: its options\n"
          "  --version       print the version\n"),
        CONFIG_PATH);
}

void command_help_print(FILE *stream, const struct command *command)
{
    (void)fprintf(stream, "cantinectl %s %s\n\n%s\n", command->name, command->arguments,
                  _(command->help));
    for (const struct option_rule *rule = command->options; rule && rule->name; rule++)
        (void)fprintf(stream, "%s  --%s %s\n", rule == command->options ? "\n" : "", rule->name,
                      rule->value ? rule->value : "");
}
