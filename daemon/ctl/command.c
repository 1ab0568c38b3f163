/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/command.h"
#include "util/translate.h"

#include <stdarg.h>

#include "config/errors.h"
#include "ctl/ctl.h"
#include "ctl/shown.h"

#define OPTION_NAME_MOST 40
#define COMMANDS_MOST    64
#define MANY             " …"
#define HELP_COLUMN      42 /* where the help of a command begins */

static const struct option_rule member_options[] = {
    {"plan", "PLAN", "plan"},
    {"email", "E", "email"},
    {"company", "C", "company"},
    {"from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {"host", "MEMBER", "host"},
    {"display-name", "NAME", "display_name"},
    {"language", "CODE", "language"},
    {"note", "TEXT", "note"},
    {0},
};

static const struct option_rule member_edit_options[] = {
    {"name", "NAME", "name"},
    {"email", "E", "email"},
    {"company", "C", "company"},
    {"plan", "PLAN", "plan"},
    {"status", "active|suspended|left", "status"},
    {"from", "DAY", "valid_from"},
    {"valid-from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {"valid-until", "DAY", "valid_until"},
    {"display-name", "NAME", "display_name"},
    {"language", "CODE", "language"},
    {"host", "MEMBER", "host"},
    {"note", "TEXT", "note"},
    {0},
};

static const struct option_rule member_in_options[] = {{"guests", "N", NULL}, {0}};

static const struct option_rule expiring_options[] = {{"expiring", "DAYS", NULL}, {0}};

static const struct option_rule badge_add_options[] = {
    {"last", NULL, NULL},
    {"label", "L", "label"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule badge_enrol_options[] = {
    {"reader", "R", NULL},
    {"timeout", "30s", NULL},
    {"label", "L", "label"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule resource_add_options[] = {
    {"kind", "room|desk|space", "kind"}, {"seats", "N", "seats"},
    {"early", "MINUTES", "early"},       {"late", "MINUTES", "late"},
    {"check-in", "MINUTES", "check_in"}, {0},
};

static const struct option_rule resource_edit_options[] = {
    {"name", "NAME", "name"},
    {"kind", "room|desk|space", "kind"},
    {"seats", "N", "seats"},
    {"early", "MINUTES", "early"},
    {"late", "MINUTES", "late"},
    {"check-in", "MINUTES", "check_in"},
    {0},
};

static const struct option_rule plan_add_options[] = {
    {"access", "always|opening|hours|booking|pass", "access"},
    {"min-assurance", "uid|secure", "min_assurance"},
    {"active", "0|1", "active"},
    {"hours", "\"mon-fri 18:00-23:00\" …", NULL},
    {"door", "DOOR …", NULL},
    {0},
};

static const struct option_rule plan_edit_options[] = {
    {"name", "NAME", "name"},
    {"access", "always|opening|hours|booking|pass", "access"},
    {"min-assurance", "uid|secure", "min_assurance"},
    {"active", "0|1", "active"},
    {"hours", "\"mon-fri 18:00-23:00\"|none …", NULL},
    {"door", "DOOR|all …", NULL},
    {0},
};

static const struct option_rule closure_add_options[] = {
    {"label", "L", "label"},
    {"french-holidays", "YEAR", NULL},
    {0},
};

static const struct option_rule closure_list_options[] = {{"all", NULL, NULL}, {0}};

static const struct option_rule pass_options[] = {
    {"from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule booking_add_options[] = {
    {"title", "T", NULL},
    {"public", NULL, NULL},
    {"guest", "M …", NULL},
    {"guests", "FILE.csv", NULL},
    {0},
};

static const struct option_rule booking_list_options[] = {
    {"resource", "R", NULL},
    {"day", "DAY", NULL},
    {0},
};

static const struct option_rule why_options[] = {{"door", "D", NULL}, {"at", "TIME", NULL}, {0}};

static const struct option_rule hold_options[] = {{"until", "TIME", NULL}, {0}};
static const struct option_rule occupancy_options[] = {{"names", NULL, NULL}, {0}};

static const struct option_rule unlock_options[] = {{"for", "5s", NULL}, {0}};

static const struct option_rule log_options[] = {
    {"since", "TIME", NULL},
    {"member", "M", NULL},
    {"denied", NULL, NULL},
    {"follow", NULL, NULL},
    {0},
};

static const struct option_rule check_options[] = {
    {"records", NULL, NULL},
    {"machine", NULL, NULL},
    {"root", "DIR", NULL},
    {0},
};

static const struct option_rule import_options[] = {
    {"dry-run", NULL, NULL},
    {"plan", "PLAN", NULL},
    {"plan-for", "WORDS=PLAN …", NULL},
    {0},
};

static const struct option_rule export_options[] = {
    {"force", NULL, NULL},
    {"badges", NULL, NULL},
    {"separator", "semicolon|comma|tab", NULL},
    {0},
};

const struct command commands[] = {
    {"member add", "NAME --plan PLAN", N_("add a member; prints the number alone"), 1, 1,
     member_options, member_add},
    {"member list", "[--expiring DAYS]", N_("all members, or whose membership ends soon"), 0, 0,
     expiring_options, member_list},
    {"member show", "M", N_("one member on one screen: badges, passes, bookings, visits"), 1, 1,
     NULL, member_show},
    {"member edit", "M --FIELD VALUE …", N_("change a member; an empty value takes it away"), 1, 1,
     member_edit_options, member_edit},
    {"member suspend", "M", N_("let nobody in as this member, until resumed"), 1, 1, NULL,
     member_suspend},
    {"member resume", "M", N_("let a suspended member in again"), 1, 1, NULL, member_resume},
    {"member leave", "M", N_("end a membership"), 1, 1, NULL, member_leave},
    {"member in", "M [--guests N]",
     N_("count a member inside who came without a badge, or with so many guests who have none"), 1,
     1, member_in_options, member_in},
    {"member out", "M", N_("count a member no longer, who forgot to tap"), 1, 1, NULL, member_out},
    {"badge enrol", "M [--reader R] [--timeout 30s] [--label L] [--until DAY]",
     N_("give a member the badge held to a reader next"), 1, 1, badge_enrol_options, badge_enrol},
    {"badge add", "M UID|--last [--label L] [--until DAY]",
     N_("give a member a badge; --last: the one just refused as unknown"), 1, ARGUMENTS_MOST,
     badge_add_options, badge_add},
    {"badge set", "UID STATUS", N_("active, blocked, lost, stolen or returned"), 2, ARGUMENTS_MOST,
     NULL, badge_set},
    {"badge list", "[M] [--expiring DAYS]", N_("all badges, a member's, or whose end is near"), 0,
     1, expiring_options, badge_list},
    {"enrol", "M …", N_("short for badge enrol"), 1, 1, badge_enrol_options, badge_enrol},
    {"plan add", "ID NAME [--access A] [--hours \"DAYS WINDOW…\"]… [--door D]…",
     N_("add a membership; without --door it opens every door"), 2, 2, plan_add_options, plan_add},
    {"plan edit", "ID --FIELD VALUE … [--hours H|none]… [--door D|all]…",
     N_("change one; hours and doors replace what was there"), 1, 1, plan_edit_options, plan_edit},
    {"plan list", "", N_("what memberships there are, their hours and doors"), 0, 0, NULL,
     plan_list},
    {"opening set", "WEEKDAY OPENS-CLOSES…|closed",
     N_("when the space is open: mon-fri 09:00-12:00 14:00-18:00"), 2, ARGUMENTS_MOST, NULL,
     opening_set},
    {"opening list", "", N_("the opening hours"), 0, 0, NULL, opening_list},
    {"closure add", "FIRST [LAST] [--label L] | --french-holidays YEAR",
     N_("close the space on these days; prints the number alone"), 0, 2, closure_add_options,
     closure_add},
    {"closure list", "[--all]", N_("closed days from today on, or all"), 0, 0, closure_list_options,
     closure_list},
    {"closure remove", "ID", N_("open the space on these days again"), 1, 1, NULL, closure_remove},
    {"pass add", "M day|half_day QUANTITY [--from DAY] [--until DAY]",
     N_("sell a member so many days; prints the number alone"), 3, 3, pass_options, pass_add},
    {"pass list", "[M]", N_("all passes, or a member's"), 0, 1, NULL, pass_list},
    {"resource add", "ID NAME", N_("add a room, a desk or the space, to be booked"), 2, 2,
     resource_add_options, resource_add},
    {"resource edit", "ID --FIELD VALUE …", N_("change one; an empty value takes it away"), 1, 1,
     resource_edit_options, resource_edit},
    {"resource list", "", N_("what can be booked"), 0, 0, NULL, resource_list},
    {"booking add", "RESOURCE M START END|DURATION [--title T] [--guest M]… [--guests FILE.csv]",
     N_("book, and invite guests; prints the number alone"), 4, ARGUMENTS_MOST, booking_add_options,
     booking_add},
    {"booking list", "[--resource R] [--day DAY]", N_("what is booked"), 0, 0, booking_list_options,
     booking_list},
    {"booking cancel", "ID", N_("cancel a booking; it stays in the list"), 1, 1, NULL,
     booking_cancel},
    {"door list", "", N_("the doors and how they are"), 0, 0, NULL, door_list},
    {"door unlock", "DOOR [--for 5s]", N_("unlock a door once"), 1, 1, unlock_options, door_unlock},
    {"door hold", "DOOR [--until TIME]", N_("hold a door unlocked"), 1, 1, hold_options, door_hold},
    {"door release", "DOOR", N_("end that, also what the opening hours hold"), 1, 1, NULL,
     door_release},
    {"door lockdown", "on|off", N_("let nobody in; ways out stay"), 1, 1, NULL, door_lockdown},
    {"occupancy", "[--names]", N_("how many people are in, or who (to print for an evacuation)"), 0,
     0, occupancy_options, occupancy_show},
    {"occupancy reset", "", N_("check everybody out"), 0, 0, NULL, occupancy_reset},
    {"why", "UID [--door D] [--at TIME]", N_("the answer that a tap would get, rule by rule"), 1,
     ARGUMENTS_MOST, why_options, why_show},
    {"log", "[--since TIME] [--member M] [--denied] [--follow]",
     N_("what happened, the newest last; --follow goes on until Ctrl-C"), 0, 0, log_options,
     log_list},
    {"import", "FILE.csv [--dry-run] [--plan PLAN] [--plan-for WORDS=PLAN]…",
     N_("add and change the members of a list, all or nothing; --dry-run only shows it"), 1, 1,
     import_options, import_members},
    {"export", "FILE.csv [--force] [--badges]",
     N_("write the members to a list, for a spreadsheet"), 1, 1, export_options, export_members},
    {"check", "[--records] [--machine] [--root DIR]",
     N_("what to mend in the records and on the door's machine, or on its card mounted at DIR"), 0,
     0, check_options, check_run},
};
const size_t n_commands = ELEMENTSOF(commands);

/* What is run where no command is given, by somebody at a terminal. */
static const struct command menu = {.name = "", .run = menu_show};

const struct option_rule global_options[] = {{"config", "FILE", NULL}, {"json", NULL, NULL},
                                             {"yes", NULL, NULL},      {"help", NULL, NULL},
                                             {"version", NULL, NULL},  {0}};

/* --- looking up ------------------------------------------------------------------------------- */

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < n_commands; i++)
        if (streq(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* True if `word` is the first of a command's two. */
static bool group_exists(const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < n_commands; i++)
        if (starts_with(commands[i].name, word) && commands[i].name[n] == ' ')
            return true;
    return false;
}

const struct option_rule *option_find(const struct option_rule *rules, const char *name)
{
    for (; rules && rules->name; rules++)
        if (streq(rules->name, name))
            return rules;
    return NULL;
}

const char *option_value(const struct invocation *invocation, const char *name)
{
    const struct option_rule *rules = invocation->command->options;
    const struct option_rule *rule = option_find(rules, name);

    return rule ? invocation->values[rule - rules] : NULL;
}

const char *option_nth(const struct invocation *invocation, const char *name, size_t i)
{
    const struct option_rule *rule = option_find(invocation->command->options, name);

    for (size_t k = 0; k < invocation->n_repeated; k++)
        if (invocation->repeated[k].rule == rule && i-- == 0)
            return invocation->repeated[k].value;
    return NULL;
}

/* --- what is wrong ---------------------------------------------------------------------------- */

/* Says what is wrong, and what was probably meant (NULL = nobody knows). */
static PRINTF(2, 3) enum outcome misused(const char *meant, const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    va_list args;
    int r;

    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    else if (meant)
        (void)complain("%s: did you mean %s?", text, meant);
    else
        (void)complain("%s: see cantinectl --help", text);
    return OUTCOME_MISUSED;
}

static enum outcome command_unknown(const char *name)
{
    const char *names[COMMANDS_MOST];

    for (size_t i = 0; i < n_commands; i++)
        names[i] = commands[i].name;
    return misused(closest_word(name, names, n_commands), "there is no command “%s”", name);
}

/* A first word alone: says which second ones there are. */
static enum outcome command_unfinished(const char *group)
{
    char seconds[256] = "";
    size_t n = strlen(group), used = 0;

    for (size_t i = 0; i < n_commands && used < sizeof(seconds); i++)
        if (starts_with(commands[i].name, group) && commands[i].name[n] == ' ')
            used += (size_t)snprintf(seconds + used, sizeof(seconds) - used, "%s%s",
                                     used > 0 ? ", " : "", commands[i].name + n + 1);
    (void)complain("%s what? there is: %s", group, seconds);
    return OUTCOME_MISUSED;
}

static enum outcome option_unknown(const struct command *command, const char *name)
{
    const char *names[OPTIONS_MOST + ELEMENTSOF(global_options)], *meant;
    CLEANUP(cleanup_free) char *shown = NULL, *dashed = NULL;
    size_t n = 0;

    for (const struct option_rule *rule = global_options; rule->name; rule++)
        names[n++] = rule->name;
    for (const struct option_rule *rule = command ? command->options : NULL; rule && rule->name;
         rule++)
        names[n++] = rule->name;
    meant = closest_word(name, names, n);
    if (asprintf(&shown, "--%s", name) < 0 || asprintf(&dashed, "--%s", meant ? meant : "") < 0)
        return OUTCOME_MISUSED;
    return command ? misused(meant ? dashed : NULL, "there is no option “%s”", shown)
                   : misused(meant ? dashed : NULL, "before the command there is no option “%s”",
                             shown);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
    int argc;
    char **argv;
    int at;            /* the next word */
    const char *group; /* the first word of a command of two */
    struct invocation *invocation;
};

bool option_repeats(const struct option_rule *rule)
{
    size_t n = rule->value ? strlen(rule->value) : 0;

    return n > strlen(MANY) && streq(rule->value + n - strlen(MANY), MANY);
}

/* Keeps one more value of an option that may be given many times. */
static enum outcome option_repeat(struct invocation *invocation, const struct option_rule *rule,
                                  const char *value)
{
    size_t n = invocation->n_repeated;

    if (n == REPEATED_MOST) {
        (void)complain("--%s and its like are given more than %d times: give fewer", rule->name,
                       REPEATED_MOST);
        return OUTCOME_MISUSED;
    }
    invocation->repeated[n].rule = rule;
    invocation->repeated[n].value = value;
    invocation->n_repeated++;
    return OUTCOME_DONE;
}

/* Keeps the value of an option of the command. */
static enum outcome option_keep(struct invocation *invocation, const struct option_rule *rule,
                                const char *value)
{
    const char **kept = &invocation->values[rule - invocation->command->options];

    if (option_repeats(rule))
        return option_repeat(invocation, rule, value);
    if (rule->value && *kept) {
        (void)complain("--%s is given twice: give it once", rule->name);
        return OUTCOME_MISUSED;
    }
    *kept = value;
    return OUTCOME_DONE;
}

static enum outcome option_store(struct invocation *invocation, const struct option_rule *rule,
                                 const char *value)
{
    if (streq(rule->name, "config"))
        invocation->config = value;
    else if (streq(rule->name, "json"))
        invocation->json = true;
    else if (streq(rule->name, "yes"))
        invocation->yes = true;
    else if (streq(rule->name, "help"))
        invocation->help = true;
    else if (streq(rule->name, "version"))
        invocation->version = true;
    else
        return option_keep(invocation, rule, value);
    return OUTCOME_DONE;
}

static enum outcome option_read(struct reading *reading, const char *text)
{
    const struct command *command = reading->invocation->command;
    char name[OPTION_NAME_MOST];
    const char *value = strchr(text, '=');
    const struct option_rule *rule;

    (void)snprintf(name, sizeof(name), "%.*s", value ? (int)(value - text) : (int)strlen(text),
                   text);
    for (char *p = name; *p; p++)
        if (*p == '_')
            *p = '-';
    rule = option_find(global_options, name);
    if (!rule && !command && reading->group) /* "occupancy --names": a command of one word */
        command = reading->invocation->command = command_find(reading->group);
    if (!rule && command)
        rule = option_find(command->options, name);
    if (!rule)
        return option_unknown(command, name);
    if (!rule->value && value)
        return misused(NULL, "there is no value for this option in “%s”", text);
    if (rule->value && value)
        value++;
    else if (rule->value && reading->at < reading->argc)
        value = reading->argv[reading->at++];
    else if (rule->value) {
        (void)complain("--%s needs a value: --%s %s", name, name, rule->value);
        return OUTCOME_MISUSED;
    }
    return option_store(reading->invocation, rule, value ? value : "");
}

static enum outcome word_read(struct reading *reading, const char *word)
{
    struct invocation *invocation = reading->invocation;
    CLEANUP(cleanup_free) char *both = NULL;

    if (invocation->command) {
        if (invocation->n_arguments == ARGUMENTS_MOST)
            return misused(NULL, "that is one argument too many: “%s”", word);
        invocation->arguments[invocation->n_arguments++] = word;
        return OUTCOME_DONE;
    }
    if (!reading->group && group_exists(word)) {
        reading->group = word;
        return OUTCOME_DONE;
    }
    if (asprintf(&both, "%s%s%s", reading->group ? reading->group : "", reading->group ? " " : "",
                 word) < 0)
        return complain("not enough memory");
    invocation->command = command_find(both);
    return invocation->command ? OUTCOME_DONE : command_unknown(both);
}

/* True for what begins with a dash and is neither just one nor a negative number. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9');
}

/* True where somebody can be asked: dialogs need a terminal that moves its cursor. */
static bool terminal_is_whole(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && terminal && *terminal &&
           !streq(terminal, "dumb");
}

static enum outcome reading_end(const struct reading *reading)
{
    struct invocation *invocation = reading->invocation;
    const struct command *command = invocation->command;

    if (!command && reading->group)
        command = invocation->command = command_find(reading->group);

    if (invocation->help || invocation->version)
        return OUTCOME_DONE;
    if (!command && reading->group)
        return command_unfinished(reading->group);
    if (!command && !invocation->json && terminal_is_whole()) {
        invocation->command = &menu;
        return OUTCOME_DONE;
    }
    if (!command) {
        help_print(stderr);
        return OUTCOME_MISUSED;
    }
    if (invocation->n_arguments < command->least || invocation->n_arguments > command->most) {
        (void)complain("%s arguments for %s: cantinectl %s %s",
                       invocation->n_arguments < command->least ? "too few" : "too many",
                       command->name, command->name, command->arguments);
        return OUTCOME_MISUSED;
    }
    return OUTCOME_DONE;
}

enum outcome invocation_read(int argc, char **argv, struct invocation *ret)
{
    struct reading reading = {.argc = argc, .argv = argv, .at = 1, .invocation = ret};
    bool options_over = false;

    *ret = (struct invocation){0};
    while (reading.at < argc) {
        const char *word = argv[reading.at++];
        enum outcome outcome = OUTCOME_DONE;

        if (options_over || !is_option(word))
            outcome = word_read(&reading, word);
        else if (streq(word, "--"))
            options_over = true;
        else if (streq(word, "-h"))
            ret->help = true;
        else
            outcome = option_read(&reading, word + (word[1] == '-' ? 2 : 1));
        if (outcome != OUTCOME_DONE)
            return outcome;
    }
    return reading_end(&reading);
}

/* --- help ------------------------------------------------------------------------------------- */

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
        if (used > HELP_COLUMN - 2)
            (void)fprintf(stream, "\n%*s%s\n", HELP_COLUMN, "", _(command->help));
        else
            (void)fprintf(stream, "%*s%s\n", (int)(HELP_COLUMN - used), "", _(command->help));
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
