/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * `check`: looks for what an admin should mend, section by section. Each finding is an object of
 * `table`, `row`, `problem` and `advice`; the sections' findings make one list. Exit status 1 says
 * that there is something to mend.
 */

#include "ctl/ctl.h"
#include "ctl/shown.h"

struct section {
    const char *name;
    /* A new array of findings; NULL after saying why there is none. */
    json_t *(*examine)(struct ctl *ctl);
};

static json_t *records_examine(struct ctl *ctl)
{
    const struct config *config = ctl->config;
    const char *doors[CONFIG_DOORS_MOST];
    json_t *findings = NULL;

    for (size_t i = 0; i < config->n_doors; i++)
        doors[i] = config->doors[i].name;
    if (!ctl_records(ctl))
        return NULL;
    if (edit_check(ctl->records, doors, config->n_doors, &findings) < 0)
        (void)complain("%s", edit_error(ctl->records));
    return findings;
}

static const struct section sections[] = {
    {"records", records_examine},
};

static const char *text_of(const json_t *finding, const char *key)
{
    return json_string_value(json_object_get(finding, key));
}

static void findings_print(const struct section *section, const json_t *findings)
{
    const json_t *finding;
    size_t i;

    if (json_array_size(findings) == 0)
        shown_print(stdout, "%s: all is well", section->name);
    json_array_foreach(findings, i, finding)
        shown_print(stdout, "%s %s: %s: %s", text_of(finding, "table"), text_of(finding, "row"),
                    text_of(finding, "problem"), text_of(finding, "advice"));
}

enum outcome check_run(struct ctl *ctl)
{
    CLEANUP(cleanup_json) json_t *all = json_array();
    bool whole = true; /* every section could be examined */

    for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
        CLEANUP(cleanup_json) json_t *findings = sections[i].examine(ctl);

        whole = whole && findings;
        if (findings && !ctl->invocation.json)
            findings_print(&sections[i], findings);
        if (findings && json_array_extend(all, findings) < 0)
            return complain("not enough memory");
    }
    if (ctl->invocation.json && whole)
        json_print(all);
    return whole && json_array_size(all) == 0 ? OUTCOME_DONE : OUTCOME_FAILED;
}
