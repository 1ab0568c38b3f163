/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * cantinectl: what an admin types. Records are edited in their file, with or without cantined
 * running; what happens now and what happened is asked from cantined over D-Bus. Exit status: enum
 * outcome.
 */

#include "ctl/complete.h"
#include "ctl/ctl.h"

#include "util/translate.h"

#include <time.h>

static bool configuration_load(struct ctl *ctl)
{
    const char *path = ctl->invocation.config, *root = option_value(&ctl->invocation, "root");
    CLEANUP(cleanup_free) char *below = NULL;
    struct config_errors errors = {0};
    int r;

    if (!path && root) { /* that of the machine which is looked at */
        if (asprintf(&below, "%s" CONFIG_PATH, root) < 0) {
            below = NULL; /* asprintf() leaves it undefined */
            (void)complain("not enough memory");
            return false;
        }
        path = below;
    }
    r = config_load(path ? path : CONFIG_PATH, &ctl->config, &errors);
    if (r < 0)
        config_print_errors(&errors, "cantinectl");
    config_errors_done(&errors);
    if (r < 0)
        return false;
    (void)setenv("TZ", ctl->config->site.timezone, true);
    tzset();
    return true;
}

static enum outcome ctl_run(struct ctl *ctl)
{
    const struct command *command = ctl->invocation.command;
    enum outcome outcome;

    if (ctl->invocation.version) {
        (void)puts("cantinectl " CANTINE_VERSION);
        return OUTCOME_DONE;
    }
    if (ctl->invocation.help) {
        if (command)
            command_help_print(stdout, command);
        else
            help_print(stdout);
        return OUTCOME_DONE;
    }
    if (!configuration_load(ctl))
        return OUTCOME_FAILED;
    outcome = command->run(ctl);
    if (fflush(stdout) == EOF || ferror(stdout))
        return complain("the output can't be written: %m");
    return outcome;
}

/* True where a program asks, also by a line that is wrong. */
static bool json_wanted(char **argv)
{
    for (; *argv && !streq(*argv, "--"); argv++)
        if (streq(*argv, "--json"))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct ctl ctl = {0};
    enum outcome outcome;

    if (argc > 1 && streq(argv[1], COMPLETE_OPTION))
        return complete(argc - 2, argv + 2);
    translate_begin();
    if (json_wanted(argv) && !getenv(MENU_VARIABLE))
        translate_end();
    outcome = invocation_read(argc, argv, &ctl.invocation);
    if (outcome == OUTCOME_DONE)
        outcome = ctl_run(&ctl);
    (void)client_free(ctl.daemon);
    (void)edit_free(ctl.records);
    (void)config_free(ctl.config);
    return (int)outcome;
}
