/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/roster_private.h"

#include "ctl/ctl.h"
#include "store/edit_text.h"
#include "util/translate.h"

#define UNKNOWN_MOST 256

static bool word_add(struct roster *roster, const char *called, const char *plan)
{
    struct roster_plan *all =
        reallocarray(roster->plans, roster->n_plans + 1, sizeof(*roster->plans));

    if (!all)
        return roster_out_of_memory();
    roster->plans = all;
    all[roster->n_plans] = (struct roster_plan){.folded = text_folded(called), .plan = plan};
    return all[roster->n_plans].folded ? (roster->n_plans++, true) : roster_out_of_memory();
}

const char *roster_plan_find(const struct roster *roster, const char *called)
{
    CLEANUP(cleanup_free) char *folded = text_folded(called);

    for (size_t i = 0; folded && i < roster->n_plans; i++)
        if (streq(roster->plans[i].folded, folded))
            return roster->plans[i].plan;
    return NULL;
}

/* Takes the ids and the names of the plans that there are. */
static bool plans_gather(struct roster *roster, const json_t *plans)
{
    size_t size, i;
    FILE *stream = open_memstream(&roster->plan_ids, &size);
    bool good = stream;
    json_t *plan;

    json_array_foreach((json_t *)plans, i, plan)
    {
        const char *id = json_string_value(json_object_get(plan, "id"));

        good = good && word_add(roster, id, id);
        if (stream)
            (void)fprintf(stream, "%s%s", i > 0 ? ", " : "", id);
    }
    json_array_foreach((json_t *)plans, i, plan) good =
        good && word_add(roster, json_string_value(json_object_get(plan, "name")),
                         json_string_value(json_object_get(plan, "id")));
    return stream && fclose(stream) == 0 && good;
}

/* Reads each --plan-for "WORDS=PLAN". */
static bool plan_words_read(struct roster *roster, const struct invocation *invocation)
{
    const char *given;

    for (size_t i = 0; (given = option_nth(invocation, "plan-for", i)); i++) {
        const char *equals = strrchr(given, '='), *plan;
        CLEANUP(cleanup_free) char *words = strndup(given, equals ? (size_t)(equals - given) : 0);

        if (!words)
            return roster_out_of_memory();
        if (!equals || !*words) {
            (void)complain("“%.80s” says nothing of a plan: give WORDS=PLAN", given);
            return false;
        }
        plan = roster_plan_find(roster, equals + 1);
        if (!plan) {
            (void)complain("there is no plan “%.80s”: there are %s", equals + 1, roster->plan_ids);
            return false;
        }
        if (!word_add(roster, words, plan))
            return false;
    }
    return true;
}

bool roster_plans_read(struct roster *roster, const json_t *plans, const char *plan,
                       const struct invocation *invocation)
{
    if (!plans_gather(roster, plans))
        return roster_out_of_memory();
    if (plan)
        roster->plan = roster_plan_find(roster, plan);
    if (plan && !roster->plan) {
        (void)complain("there is no plan “%.80s”: there are %s", plan, roster->plan_ids);
        return false;
    }
    return plan_words_read(roster, invocation);
}

void roster_plan_unknown(struct roster *roster, struct roster_row *row, const char *called)
{
    CLEANUP(cleanup_free) char *folded = text_folded(called);
    struct roster_unknown *all;

    row->state = ROSTER_BAD;
    for (size_t i = 0; folded && i < roster->n_unknown; i++)
        if (streq(roster->unknown[i].folded, folded)) {
            roster->unknown[i].n_rows++;
            return;
        }
    all = reallocarray(roster->unknown, roster->n_unknown + 1, sizeof(*all));
    if (all)
        roster->unknown = all;
    if (!folded || !all || roster->n_unknown == UNKNOWN_MOST) {
        roster_mistake(roster, row, "plan", _("“%.80s” is no plan: there are %s"), called,
                       roster->plan_ids);
        return;
    }
    all[roster->n_unknown++] = (struct roster_unknown){TAKE_PTR(folded), called, row, 1};
}

void roster_plans_tell(struct roster *roster)
{
    for (size_t i = 0; i < roster->n_unknown; i++) {
        const struct roster_unknown *unknown = &roster->unknown[i];

        if (unknown->n_rows == 1)
            roster_mistake(roster, unknown->first, "plan",
                           _("“%.80s” is no plan: there are %s; or say which one it means: "
                             "--plan-for \"%.80s=PLAN\""),
                           unknown->called, roster->plan_ids, unknown->called);
        else
            roster_mistake(roster, unknown->first, "plan",
                           _("“%.80s” (here and on other lines, %zu in all) is no plan: there are "
                             "%s; or say which one it means: --plan-for \"%.80s=PLAN\""),
                           unknown->called, unknown->n_rows, roster->plan_ids, unknown->called);
    }
}
