/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/shown.h"
#include "util/translate.h"

/* The doors as JSON: the caller's. */
static json_t *doors_json(const struct client_door *doors, size_t n)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s?}", "name", doors[i].name,
                                                    "lock", lock_state_word(doors[i].lock),
                                                    "contact", contact_state_word(doors[i].contact),
                                                    "alarm", door_alarm_word(doors[i].alarm)));
    return rows;
}

enum outcome door_list(struct ctl *ctl)
{
    static const struct column columns[] = {
        {"name", N_("DOOR"), false, SHRINKS},
        {"lock", N_("LOCK"), false, 0},
        {"contact", N_("CONTACT"), false, 0},
        {"alarm", N_("ALARM"), false, 0},
    };
    CLEANUP(cleanup_free) struct client_door *doors = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    size_t n;

    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_doors(ctl->daemon, &doors, &n) < 0)
        return complain("%s", client_error(ctl->daemon));
    rows = doors_json(doors, n);
    if (ctl->invocation.json)
        json_print(rows);
    else
        table_print(columns, ELEMENTSOF(columns), rows, "no doors in the configuration");
    return OUTCOME_DONE;
}

enum outcome door_unlock(struct ctl *ctl)
{
    const char *door = ctl->invocation.arguments[0];
    const char *span = option_value(&ctl->invocation, "for");
    CLEANUP(cleanup_json) json_t *told = NULL;
    usec_t duration = 0; /* as configured */

    if (span && (time_parse_span(span, &duration) < 0 || duration < USEC_PER_MSEC ||
                 duration > CONTROL_UNLOCK_MOST))
        return complain("a door isn't unlocked for “%s”: give 1ms to 10min, such as 5s", span);
    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_unlock(ctl->daemon, door, duration) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:s}", "door", door);
    if (ctl->invocation.json)
        json_print(told);
    else if (span)
        shown_print(stdout, "door %s is unlocked for %s", door, span);
    else
        shown_print(stdout, "door %s is unlocked", door);
    return OUTCOME_DONE;
}

enum outcome door_hold(struct ctl *ctl)
{
    const char *door = ctl->invocation.arguments[0];
    const char *text = option_value(&ctl->invocation, "until");
    CLEANUP(cleanup_json) json_t *told = NULL;
    char local[TIME_TEXT_SIZE] = "", words[MOMENT_WORDS_SIZE] = "";
    usec_t until = 0, now = time_wall();
    int note;

    if (text) {
        note = moment_parse_near(text, now, &until);
        if (note < 0)
            return complain("“%.80s” is no time: give %s", text, _(MOMENT_FORMS));
        if (until <= now)
            return complain("“%.80s” is over: give a time to come", text);
        moment_tell(text, (enum moment_note)note, until);
        time_format_local(until, local);
        moment_words(until, now, words);
    }
    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_hold(ctl->daemon, door, until) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:s, s:s?}", "door", door, "until", text ? local : NULL);
    if (ctl->invocation.json)
        json_print(told);
    else if (text)
        shown_print(stdout, "door %s is held unlocked until %s", door, words);
    else
        shown_print(stdout, "door %s is held unlocked until: cantinectl door release %s", door,
                    door);
    return OUTCOME_DONE;
}

enum outcome door_release(struct ctl *ctl)
{
    const char *door = ctl->invocation.arguments[0];
    CLEANUP(cleanup_json) json_t *told = NULL;

    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_release(ctl->daemon, door) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:s}", "door", door);
    if (ctl->invocation.json)
        json_print(told);
    else
        shown_print(stdout, "door %s is no longer held", door);
    return OUTCOME_DONE;
}

enum outcome door_lockdown(struct ctl *ctl)
{
    const char *word = ctl->invocation.arguments[0];
    CLEANUP(cleanup_json) json_t *told = NULL;
    bool on = streq(word, "on");

    if (!on && !streq(word, "off")) {
        (void)complain("a lockdown is not “%.80s”: give on or off", word);
        return OUTCOME_MISUSED;
    }
    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (client_set_lockdown(ctl->daemon, on) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:b}", "lockdown", (int)on);
    if (ctl->invocation.json)
        json_print(told);
    else if (on)
        shown_print(stdout, "lockdown: nobody comes in; readers that lead out and exit buttons "
                            "still open");
    else
        shown_print(stdout, "the lockdown is over");
    return OUTCOME_DONE;
}
