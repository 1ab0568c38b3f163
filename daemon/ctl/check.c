/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * `check`: looks for what an admin should mend, section by section. Each finding is an object of
 * `table`, `row`, `problem` and `advice`; the machine's have a `severity`, too. The sections'
 * findings make one list. Exit status 1 says that there is something to mend; advice alone says
 * what would be better, and leaves it at 0.
 */

#include "ctl/ctl.h"
#include "ctl/machine/machine.h"
#include "ctl/shown.h"

#include <errno.h>

struct section {
    const char *name;
    /* A new array of findings; NULL after saying why there is none. */
    json_t *(*examine)(struct ctl *ctl, const char *root);
    bool (*is_wanted)(const struct ctl *ctl);
};

/* True for the section that an option names, and for both where none is named. */
static bool is_chosen(const struct ctl *ctl, const char *section)
{
    const struct invocation *invocation = &ctl->invocation;

    return option_value(invocation, section) ||
           (!option_value(invocation, "records") && !option_value(invocation, "machine"));
}

/* --- records ---------------------------------------------------------------------------------- */

static bool records_wanted(const struct ctl *ctl)
{
    return is_chosen(ctl, "records");
}

/* The records below another root, where they are named by their place in it. */
static bool records_move(struct config *config, const char *root)
{
    char path[CONFIG_TEXT_SIZE];
    int n = snprintf(path, sizeof(path), "%s%s", root, config->storage.records);

    if (n < 0 || n >= (int)sizeof(path)) {
        (void)complain("%.200s: the path is too long: mount the card elsewhere", root);
        return false;
    }
    memcpy(config->storage.records, path, sizeof(path));
    return true;
}

static json_t *records_examine(struct ctl *ctl, const char *root)
{
    const struct config *config = ctl->config;
    const char *doors[CONFIG_DOORS_MOST];
    json_t *findings = NULL;

    for (size_t i = 0; i < config->n_doors; i++)
        doors[i] = config->doors[i].name;
    if ((root && !records_move(ctl->config, root)) || !ctl_records(ctl))
        return NULL;
    if (edit_check(ctl->records, doors, config->n_doors, &findings) < 0)
        (void)complain("%s", edit_error(ctl->records));
    return findings;
}

/* --- the machine ------------------------------------------------------------------------------ */

/* Where Cantine was only built, programs are started by hand, and only who asks is told. */
static bool machine_wanted(const struct ctl *ctl)
{
    CLEANUP(cleanup_machine) struct machine machine = {.root = -1};

    if (!is_chosen(ctl, "machine"))
        return false;
    return option_value(&ctl->invocation, "machine") || option_value(&ctl->invocation, "root") ||
           machine_open(&machine, NULL, ctl->config) < 0 || machine.is_installed;
}

static json_t *machine_examine(struct ctl *ctl, const char *root)
{
    CLEANUP(cleanup_machine) struct machine machine = {.root = -1};
    int r = machine_open(&machine, root, ctl->config);

    if (r == -ENOMEM || (r == 0 && !machine_look(&machine)))
        (void)complain("not enough memory");
    else if (r < 0)
        (void)complain("%.200s: %s: give the folder where the card is mounted", root ? root : "/",
                       strerror(-r));
    else {
        if (!machine.is_installed)
            caution("Cantine isn't installed there: only its devices and the disk were looked at");
        return TAKE_PTR(machine.findings);
    }
    return NULL;
}

static const struct section sections[] = {
    {"records", records_examine, records_wanted},
    {"machine", machine_examine, machine_wanted},
};

/* --- telling ---------------------------------------------------------------------------------- */

static const char *text_of(const json_t *finding, const char *key)
{
    return json_string_value(json_object_get(finding, key));
}

static bool is_advice(const json_t *finding)
{
    const char *severity = text_of(finding, "severity");

    return severity && streq(severity, "advice");
}

static size_t faults_count(const json_t *findings)
{
    const json_t *finding;
    size_t i, n = 0;

    json_array_foreach(findings, i, finding) n += !is_advice(finding);
    return n;
}

static void finding_print(const json_t *finding)
{
    const char *table = text_of(finding, "table"), *row = text_of(finding, "row");
    const char *problem = text_of(finding, "problem"), *advice = text_of(finding, "advice");

    if (is_advice(finding))
        shown_print(stdout, "advice: %s %s: %s: %s", table, row, problem, advice);
    else
        shown_print(stdout, "%s %s: %s: %s", table, row, problem, advice);
}

static void findings_print(const struct section *section, const json_t *findings)
{
    const json_t *finding;
    size_t i;

    if (json_array_size(findings) == 0)
        shown_print(stdout, "%s: all is well", section->name);
    json_array_foreach(findings, i, finding) finding_print(finding);
}

enum outcome check_run(struct ctl *ctl)
{
    CLEANUP(cleanup_json) json_t *all = json_array();
    const char *root = option_value(&ctl->invocation, "root");
    bool whole = true; /* every section could be examined */

    for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
        CLEANUP(cleanup_json) json_t *findings = NULL;

        if (!sections[i].is_wanted(ctl))
            continue;
        findings = sections[i].examine(ctl, root);
        whole = whole && findings;
        if (findings && !ctl->invocation.json)
            findings_print(&sections[i], findings);
        if (findings && json_array_extend(all, findings) < 0)
            return complain("not enough memory");
    }
    if (ctl->invocation.json && whole)
        json_print(all);
    return whole && faults_count(all) == 0 ? OUTCOME_DONE : OUTCOME_FAILED;
}
