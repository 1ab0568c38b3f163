/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * The grammar of cantinectl: a table of commands, and one command line read by it. Options may
 * stand anywhere, as `--name value` or `--name=value`; "_" and "-" are the same in their names;
 * what follows `--` is no option, nor is a negative number. An option with a value is given once,
 * but for those that may be given many times.
 */

#include "util/macro.h"

#define COMMANDS_MOST  64
#define ARGUMENTS_MOST 16
#define OPTIONS_MOST   20
#define REPEATED_MOST  256 /* values of options that may be given many times, all together */

/* In the environment of what the menu runs: it reads JSON, and people read what goes wrong. */
#define MENU_VARIABLE "CANTINECTL_MENU"

struct ctl;

/* How a command came out: the exit status. */
enum outcome { OUTCOME_DONE = 0, OUTCOME_FAILED = 1, OUTCOME_MISUSED = 2 };

struct option_rule {
    const char *name; /* without the dashes; NULL ends a table */
    /* What its value is, for help: "DAY"; with " …" at its end it may be given many times; NULL: it
     * has none. */
    const char *value;
    const char *column; /* of the table that the value goes to, where it does */
};

struct command {
    const char *name;                  /* "member add" */
    const char *arguments;             /* "M --FIELD VALUE …", for help */
    const char *help;                  /* one line */
    size_t least, most;                /* arguments */
    const struct option_rule *options; /* may be NULL */
    enum outcome (*run)(struct ctl *ctl);
};

struct invocation {
    const char *config; /* NULL = the usual one */
    bool json, yes, help, version;
    const struct command *command;
    const char *arguments[ARGUMENTS_MOST];
    size_t n_arguments;
    const char
        *values[OPTIONS_MOST]; /* of the command's options, in their order; NULL = not given */
    struct {
        const struct option_rule *rule;
        const char *value;
    } repeated[REPEATED_MOST]; /* those given of the options that may be given many times */
    size_t n_repeated;
};

/* The commands of cantinectl, grouped as --help shows them. */
extern const struct command commands[];
extern const size_t n_commands;

/* The options that every command takes, ended by a nameless one. */
extern const struct option_rule global_options[];

/* The option in a table (which may be NULL), NULL where there is none. */
const struct option_rule *option_find(const struct option_rule *rules, const char *name);

/* True for an option that may be given many times: its help says so. */
bool option_repeats(const struct option_rule *rule);

/* Reads a command line; OUTCOME_MISUSED after saying what is wrong with it. */
enum outcome invocation_read(int argc, char **argv, struct invocation *ret);

/* The value given to the option, "" for a given one without value, NULL where it wasn't given. */
const char *option_value(const struct invocation *invocation, const char *name);

/* The value given to an option that may be given many times, the `i`-th (from 0), NULL after them.
 */
const char *option_nth(const struct invocation *invocation, const char *name, size_t i);

/* Every command with its one line. */
void help_print(FILE *stream);

/* One command with its options. */
void command_help_print(FILE *stream, const struct command *command);
