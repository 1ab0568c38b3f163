/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A badge whose number nobody has to type: the next one at a reader, or the one that was just
 * refused there. cantined says the number; the records are edited here, as for any other badge.
 */

#include "ctl/ctl.h"
#include "ctl/shown.h"

#define ENROL_TIMEOUT (30 * USEC_PER_SEC)
#define NAMES_SIZE    512

/* What to bring instead of what was held to a reader. */
static enum outcome complain_number(enum enrolment_end end, const char *reader)
{
    if (end == ENROLMENT_RANDOM)
        return complain("what was held to reader %s shows another number each time, as a phone "
                        "does, or a badge with privacy: bring a badge with a number of its own",
                        reader);
    return complain("what was held to reader %s has no number of its own: bring another badge",
                    reader);
}

/* --- at which reader -------------------------------------------------------------------------- */

/* The readers' names, as in "entrance, side". */
static void names_join(const struct client_reader *readers, size_t n, char ret[static NAMES_SIZE])
{
    size_t used = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < n && used < NAMES_SIZE; i++)
        used += (size_t)snprintf(ret + used, NAMES_SIZE - used, "%s%s", i > 0 ? ", " : "",
                                 readers[i].name);
}

/* The one reader that lets people in; where there are none or several, says so. */
static const struct client_reader *reader_only(const struct client_reader *readers, size_t n)
{
    const struct client_reader *only = NULL;
    char names[NAMES_SIZE];
    size_t n_in = 0;

    for (size_t i = 0; i < n; i++)
        if (readers[i].direction != DIRECTION_OUT) {
            only = &readers[i];
            n_in++;
        }
    if (n_in == 1)
        return only;
    names_join(readers, n, names);
    if (n == 0)
        (void)complain(
            "there is no reader in cantined's configuration: add a section [reader NAME]");
    else
        (void)complain("at which reader? give --reader and one of: %s", names);
    return NULL;
}

static const struct client_reader *reader_named(const struct client_reader *readers, size_t n,
                                                const char *name)
{
    char names[NAMES_SIZE];

    for (size_t i = 0; i < n; i++)
        if (streq(readers[i].name, name))
            return &readers[i];
    names_join(readers, n, names);
    if (n == 0)
        (void)complain(
            "there is no reader in cantined's configuration: add a section [reader NAME]");
    else
        (void)complain("there is no reader “%.80s”: give one of: %s", name, names);
    return NULL;
}

/* The reader that is meant; false after saying what is wrong. */
static bool reader_choose(struct ctl *ctl, char ret[static SLUG_SIZE])
{
    const char *name = option_value(&ctl->invocation, "reader");
    CLEANUP(cleanup_free) struct client_reader *readers = NULL;
    const struct client_reader *chosen;
    size_t n;

    if (!ctl_daemon(ctl))
        return false;
    if (client_readers(ctl->daemon, &readers, &n) < 0) {
        (void)complain("%s", client_error(ctl->daemon));
        return false;
    }
    chosen = name ? reader_named(readers, n, name) : reader_only(readers, n);
    if (chosen)
        (void)stpcpy(ret, chosen->name);
    return chosen != NULL;
}

/* --- waiting for a badge ---------------------------------------------------------------------- */

static bool timeout_read(const struct invocation *invocation, usec_t *ret)
{
    const char *text = option_value(invocation, "timeout");

    *ret = ENROL_TIMEOUT;
    if (!text ||
        (time_parse_span(text, ret) == 0 && *ret >= ENROLMENT_LEAST && *ret <= ENROLMENT_MOST))
        return true;
    (void)complain("a badge isn't waited for “%.80s”: give 1s to 10min, such as 30s", text);
    return false;
}

/* Whatever can be wrong is said before somebody walks to the door: 0 then. */
static int64_t member_check(struct ctl *ctl)
{
    struct edit_value values[OPTIONS_MOST];
    int64_t member = ctl_member(ctl, ctl->invocation.arguments[0]);
    char host[24];
    size_t n;

    if (member == 0 || ctl_values(ctl, values, &n, host) < 0)
        return 0;
    if (edit_badge_try(ctl->records, member, values, n) == 0)
        return member;
    (void)complain("%s", edit_error(ctl->records));
    return 0;
}

/* Says why there is no badge. */
static enum outcome complain_end(const struct control_enrolment *enrolment, const char *waited)
{
    const char *reader = enrolment->reader;

    switch (enrolment->end) {
    case ENROLMENT_RANDOM:
    case ENROLMENT_WEAK:
        return complain_number(enrolment->end, reader);
    case ENROLMENT_NONE:
        return complain("no badge was held to reader %s within %s: try again, or wait longer with "
                        "--timeout",
                        reader, waited);
    case ENROLMENT_ABSENT:
        return complain("reader %s doesn't work: look at its cable and at `systemctl status "
                        "cantine-reader@%s`",
                        reader, reader);
    case ENROLMENT_BUSY:
        return complain("somebody else is waiting for a badge at reader %s: try again when they "
                        "are done",
                        reader);
    default:
        return complain("cantined was stopped or took a new configuration meanwhile, and reader "
                        "%s waits no longer: try again",
                        reader);
    }
}

enum outcome badge_enrol(struct ctl *ctl)
{
    struct control_enrolment enrolment;
    char reader[SLUG_SIZE], waited[TIME_TEXT_SIZE];
    int64_t member;
    usec_t timeout;

    if (!timeout_read(&ctl->invocation, &timeout))
        return OUTCOME_FAILED;
    member = member_check(ctl);
    if (member == 0 || !reader_choose(ctl, reader))
        return OUTCOME_FAILED;
    time_format_span(timeout, waited);
    shown_print(stderr, "hold the badge to reader %s within %s (Ctrl-C: stop waiting)", reader,
                waited);
    if (client_enrol(ctl->daemon, reader, timeout, &enrolment) < 0)
        return complain("%s", client_error(ctl->daemon));
    if (enrolment.end != ENROLMENT_BADGE)
        return complain_end(&enrolment, waited);
    return badge_give(ctl, member, enrolment.uid, &enrolment);
}

/* --- the one that was refused ----------------------------------------------------------------- */

bool stranger_read(struct ctl *ctl, struct control_enrolment *ret)
{
    if (!ctl_daemon(ctl))
        return false;
    if (client_last_stranger(ctl->daemon, ret) < 0)
        (void)complain("%s", client_error(ctl->daemon));
    else if (ret->end == ENROLMENT_NONE)
        (void)complain("no unknown badge was held to a reader in the last five minutes: hold it "
                       "there and try again, or use `cantinectl badge enrol`");
    else if (ret->end != ENROLMENT_BADGE)
        (void)complain_number(ret->end, ret->reader);
    else
        return true;
    return false;
}
