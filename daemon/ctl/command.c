/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/command.h"
#include "util/translate.h"

#include <stdarg.h>

#include "config/errors.h"
#include "ctl/ctl.h"

#define COMMAND_NAME_MOST 40
#define OPTION_NAME_MOST  40
#define MANY              " …"

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

/* Of two words the first one was right; one alone may have been meant as the first of two. */
static enum outcome command_unknown(const char *name)
{
    bool alone = strchr(name, ' ') == NULL;
    const char *names[COMMANDS_MOST] = {0}, *meant;
    char word[COMMAND_NAME_MOST];

    for (size_t i = 0; i < n_commands; i++)
        names[i] = commands[i].name;
    meant = closest_word(name, names, n_commands);
    for (size_t i = 0; i < n_commands && alone && !meant; i++) {
        (void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(names[i], " "), names[i]);
        meant = closest_word(name, (const char *const[]){word}, 1);
    }
    return misused(meant, "there is no command “%s”", name);
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
    if (!reading->group && streq(word, "help")) { /* "help member add" */
        invocation->help = true;
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
        (void)complain(
            invocation->n_arguments < command->least
                ? N_("too few arguments for %s: cantinectl %s %s")
                : N_("too many arguments for %s (quote what has blanks in it): cantinectl %s %s"),
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
