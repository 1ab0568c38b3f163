/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/complete.h"

#include "ctl/ctl.h"
#include "store/edit_words.h"

#include <ctype.h>
#include <time.h>

#define WORDS_MOST 200 /* more than that nobody reads */
#define KIND_SIZE  64

/* What has been typed. */
struct typed {
    struct ctl ctl;
    const struct command *command;    /* NULL = not whole yet */
    const char *group;                /* the first word of a command of two, else NULL */
    const struct option_rule *option; /* the last word is this one's value, else NULL */
    size_t n_arguments;               /* before the last word */
    const char *given[OPTIONS_MOST];  /* options */
    size_t n_given;
    const char *last;
};

static void offer(const struct typed *typed, const char *word)
{
    if (starts_with(word, typed->last))
        (void)puts(word);
}

static void take(void *userdata, const char *word)
{
    (void)userdata;
    if (!strchr(word, '\n'))
        (void)puts(word);
}

/* --- reading ---------------------------------------------------------------------------------- */

static const struct option_rule *option_of(const struct typed *typed, const char *name)
{
    const struct option_rule *rule =
        option_find(typed->command ? typed->command->options : NULL, name);

    return rule ? rule : option_find(global_options, name);
}

static void word_read(struct typed *typed, const char *word)
{
    char name[KIND_SIZE];

    if (typed->command) {
        typed->n_arguments++;
        return;
    }
    (void)snprintf(name, sizeof(name), "%s%s%s", typed->group ? typed->group : "",
                   typed->group ? " " : "", word);
    for (size_t i = 0; i < n_commands; i++)
        if (streq(commands[i].name, name))
            typed->command = &commands[i];
    typed->group = word;
}

static void words_read(struct typed *typed, int argc, char **argv)
{
    for (int i = 0; i < argc - 1; i++) {
        const struct option_rule *rule = NULL;

        typed->option = NULL;
        if (!starts_with(argv[i], "--")) {
            word_read(typed, argv[i]);
            continue;
        }
        rule = option_of(typed, argv[i] + 2);
        if (rule && typed->n_given < OPTIONS_MOST)
            typed->given[typed->n_given++] = rule->name;
        if (!rule || !rule->value)
            continue;
        if (i + 1 == argc - 1)
            typed->option = rule;
        else if (streq(rule->name, "config"))
            typed->ctl.invocation.config = argv[i + 1];
        i++;
    }
    typed->last = argc > 0 ? argv[argc - 1] : "";
}

/* --- what there is ---------------------------------------------------------------------------- */

static bool records_open(struct typed *typed)
{
    struct config_errors errors = {0};
    const char *path = typed->ctl.invocation.config;

    if (!typed->ctl.config)
        (void)config_load(path ? path : CONFIG_PATH, &typed->ctl.config, &errors);
    config_errors_done(&errors);
    return typed->ctl.config && ctl_records_try(&typed->ctl);
}

static void offer_records(struct typed *typed, enum edit_words words)
{
    if (records_open(typed))
        (void)edit_words(typed->ctl.records, words, typed->last, WORDS_MOST, take, NULL);
}

/* Keeps the first word. */
static void keep(void *userdata, const char *word)
{
    char **kept = userdata;

    if (!*kept && !strchr(word, '\n'))
        *kept = strdup(word);
}

/*
 * Names that begin so; else the one of which a later word does. Of several the shell would put in
 * what they begin with, and what was typed would be gone.
 */
static void offer_members(struct typed *typed)
{
    struct edit *records = records_open(typed) ? typed->ctl.records : NULL;
    CLEANUP(cleanup_free) char *only = NULL;

    if (!records || edit_words(records, EDIT_WORDS_MEMBERS, typed->last, WORDS_MOST, take, NULL))
        return;
    if (edit_words(records, EDIT_WORDS_MEMBERS_WITHIN, typed->last, 2, keep, &only) == 1 && only)
        (void)puts(only);
}

static void offer_config(struct typed *typed, bool doors)
{
    const struct config *config;

    (void)records_open(typed);
    config = typed->ctl.config;
    for (size_t i = 0; config && doors && i < config->n_doors; i++)
        offer(typed, config->doors[i].name);
    for (size_t i = 0; config && !doors && i < config->n_readers; i++)
        offer(typed, config->readers[i].name);
}

/* The words of "day|half_day"; names in capitals stand for something else. */
static void offer_choices(const struct typed *typed, const char *kind)
{
    char word[KIND_SIZE];
    size_t n;

    for (; *kind; kind += n + (kind[n] == '|')) {
        n = strcspn(kind, "|");
        (void)snprintf(word, sizeof(word), "%.*s", (int)n, kind);
        if (islower((unsigned char)*word) || isdigit((unsigned char)*word))
            offer(typed, word);
    }
}

static void offer_statuses(const struct typed *typed)
{
    for (int status = 0; status < BADGE_STATUS_COUNT; status++)
        offer(typed, badge_status_word((enum badge_status)status));
}

/* What is meant by the words of the commands' own help; the exit status. */
static int offer_kind(struct typed *typed, const char *kind)
{
    const char *name = typed->command ? typed->command->name : "";

    if (streq(kind, "M") || streq(kind, "MEMBER"))
        offer_members(typed);
    else if (streq(kind, "PLAN") || (streq(kind, "ID") && streq(name, "plan edit")))
        offer_records(typed, EDIT_WORDS_PLANS);
    else if (streq(kind, "RESOURCE") || (streq(kind, "ID") && streq(name, "resource edit")))
        offer_records(typed, EDIT_WORDS_RESOURCES);
    else if (streq(kind, "ID") && streq(name, "closure remove"))
        offer_records(typed, EDIT_WORDS_CLOSURES);
    else if (streq(kind, "ID") && streq(name, "booking cancel"))
        offer_records(typed, EDIT_WORDS_BOOKINGS);
    else if (streq(kind, "UID"))
        offer_records(typed, EDIT_WORDS_BADGES);
    else if (streq(kind, "STATUS"))
        offer_statuses(typed);
    else if (streq(kind, "WEEKDAY"))
        offer_choices(typed, "mon|tue|wed|thu|fri|sat|sun|mon-fri|mon-sun");
    else if (streq(kind, "DAY") || streq(kind, "FIRST") || streq(kind, "LAST"))
        offer_choices(typed, "today|tomorrow");
    else if (starts_with(kind, "FILE") || streq(kind, "DIR"))
        return COMPLETE_FILES;
    else
        offer_choices(typed, kind);
    return OUTCOME_DONE;
}

/* --- which of them ---------------------------------------------------------------------------- */

static void offer_options(const struct typed *typed)
{
    const struct option_rule *tables[] = {typed->command ? typed->command->options : NULL,
                                          global_options};
    char word[KIND_SIZE];

    for (size_t t = 0; t < ELEMENTSOF(tables); t++)
        for (const struct option_rule *rule = tables[t]; rule && rule->name; rule++) {
            bool given = false;

            for (size_t i = 0; i < typed->n_given; i++)
                given |= streq(typed->given[i], rule->name);
            (void)snprintf(word, sizeof(word), "--%s", rule->name);
            if (!given || option_repeats(rule))
                offer(typed, word);
        }
}

/* The first words of commands, or the second ones of their group. */
static void offer_commands(const struct typed *typed)
{
    size_t n = typed->group ? strlen(typed->group) : 0;
    char word[KIND_SIZE] = "", before[KIND_SIZE] = "";

    for (size_t i = 0; i < n_commands; i++) {
        const char *name = commands[i].name;

        if (typed->group && (!starts_with(name, typed->group) || name[n] != ' '))
            continue;
        if (typed->group)
            (void)snprintf(word, sizeof(word), "%s", name + n + 1);
        else
            (void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, " "), name);
        if (!streq(word, before))
            offer(typed, word);
        memcpy(before, word, sizeof(before));
    }
}

/* The name of the argument at this place in "M UID|--last [--label L]…"; false = none there. */
static bool argument_kind(const struct typed *typed, char ret[static KIND_SIZE])
{
    const char *text = typed->command->arguments;
    size_t n = 0;

    for (size_t i = 0; *text; i++, text += n + (text[n] == ' ')) {
        n = strcspn(text, " ");
        if (starts_with(text, "--") || starts_with(text, "[--"))
            return false;
        if (i == typed->n_arguments) {
            (void)snprintf(ret, KIND_SIZE, "%.*s", (int)n, text);
            memmove(ret, ret + strspn(ret, "["), KIND_SIZE - strspn(ret, "["));
            ret[strcspn(ret, "]")] = '\0';
            return true;
        }
    }
    return false;
}

/* An option's value; what it is may be named short, and then by the option. */
static int offer_value(struct typed *typed)
{
    const char *name = typed->option->name;
    char kind[KIND_SIZE];

    (void)snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(typed->option->value, " "),
                   typed->option->value);
    if (streq(name, "reader"))
        offer_config(typed, false);
    else if (streq(name, "door"))
        offer_config(typed, true);
    else if (streq(name, "resource"))
        offer_records(typed, EDIT_WORDS_RESOURCES);
    else
        return offer_kind(typed, kind);
    return OUTCOME_DONE;
}

static int offer_argument(struct typed *typed)
{
    char kind[KIND_SIZE];

    if (!argument_kind(typed, kind))
        return OUTCOME_DONE;
    if (!streq(kind, "DOOR"))
        return offer_kind(typed, kind);
    offer_config(typed, true);
    return OUTCOME_DONE;
}

int complete(int argc, char **argv)
{
    struct typed typed = {0};
    int r = OUTCOME_DONE;

    words_read(&typed, argc, argv);
    if (typed.option)
        r = offer_value(&typed);
    else if (*typed.last == '-')
        offer_options(&typed);
    else if (typed.command)
        r = offer_argument(&typed);
    else
        offer_commands(&typed);
    (void)edit_free(typed.ctl.records);
    (void)config_free(typed.ctl.config);
    return r;
}
