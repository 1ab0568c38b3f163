/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include "ctl/shown.h"
#include "util/translate.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>

#define ANSWER_SIZE 64 /* of somebody who is asked */

enum outcome complain(const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    va_list args;
    int r;

    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    shown_print(stderr, "cantinectl: %s", text ? text : _("not enough memory"));
    return OUTCOME_FAILED;
}

void caution(const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    va_list args;
    int r;

    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r >= 0)
        shown_print(stderr, "cantinectl: warning: %s", text);
    else
        text = NULL; /* vasprintf() leaves it undefined */
}

void moment_tell(const char *text, enum moment_note note, usec_t taken)
{
    char local[TIME_TEXT_SIZE], utc[TIME_TEXT_SIZE];

    if (note == MOMENT_PLAIN)
        return;
    time_format_local(taken, local);
    time_format_utc(taken, utc);
    caution(note == MOMENT_SKIPPED
                ? N_("“%.80s” does not exist, the clocks go forward then: %s is taken (%s)")
                : N_("“%.80s” exists twice, the clocks go back then: %s is taken (%s)"),
            text, local, utc);
}

/* Who is acting: the person behind sudo, or the user of this process. */
static void actor_name(char ret[static ACTOR_SIZE])
{
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *user = getpwuid(getuid());

    if (sudo && *sudo)
        (void)snprintf(ret, ACTOR_SIZE, "%s", sudo);
    else if (user)
        (void)snprintf(ret, ACTOR_SIZE, "%s", user->pw_name);
    else
        (void)snprintf(ret, ACTOR_SIZE, "uid %u", getuid());
}

static void on_waiting(void *userdata, const char *path)
{
    (void)userdata;
    shown_print(stderr, "cantinectl: waiting for another program that is changing %s …", path);
}

/* True for a line that begins as "yes" does, here or in English. */
static bool says_yes(const char *line)
{
    const char *yes = _("yes");

    line += strspn(line, " \t");
    return *line && (tolower((unsigned char)*line) == *yes || tolower((unsigned char)*line) == 'y');
}

bool ctl_confirm(const struct ctl *ctl, const char *question, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    char line[ANSWER_SIZE] = "";
    va_list args;

    if (ctl->invocation.yes || !isatty(STDIN_FILENO))
        return true;
    va_start(args, question);
    if (vasprintf(&text, _(question), args) < 0)
        text = NULL; /* it leaves it undefined */
    va_end(args);
    shown_print(stderr, "%s", text ? text : _("not enough memory"));
    (void)fprintf(stderr, "%s ", _("Type yes to do it (--yes: don't ask):"));
    if (text && fgets(line, sizeof(line), stdin) && says_yes(line))
        return true;
    (void)complain("nothing was done");
    return false;
}

struct edit *ctl_records(struct ctl *ctl)
{
    char actor[ACTOR_SIZE], error[1024];

    if (ctl->records)
        return ctl->records;
    actor_name(actor);
    if (edit_open(ctl->config->storage.records, actor, &ctl->records, error, sizeof(error)) < 0) {
        (void)complain("%s", error);
        return NULL;
    }
    edit_on_waiting(ctl->records, on_waiting, NULL);
    return ctl->records;
}

struct edit *ctl_records_try(struct ctl *ctl)
{
    char error[1024];

    if (!ctl->records)
        (void)edit_open(ctl->config->storage.records, "", &ctl->records, error, sizeof(error));
    return ctl->records;
}

struct client *ctl_daemon(struct ctl *ctl)
{
    if (!ctl->daemon && client_open(&ctl->daemon) < 0) {
        (void)complain("%s", client_error(ctl->daemon));
        ctl->daemon = client_free(ctl->daemon);
    }
    return ctl->daemon;
}

int64_t ctl_member(struct ctl *ctl, const char *who)
{
    struct edit *records = ctl_records(ctl);
    int64_t member;

    if (!records)
        return 0;
    member = edit_member_find(records, who);
    if (member > 0)
        return member;
    (void)complain("%s", edit_error(records));
    return 0;
}

/* A first or last day ("tomorrow") as the tables have it, any other value as it is; NULL after
 * saying what is wrong. */
static const char *day_of(struct ctl *ctl, const char *column, const char *value)
{
    char *day = streq(column, "valid_from")    ? ctl->days[0]
                : streq(column, "valid_until") ? ctl->days[1]
                                               : NULL;

    if (!day || !*value)
        return value;
    if (moment_day_parse(value, time_wall(), day) == 0)
        return day;
    (void)complain("“%.80s” is no day: give %s", value, _(DAY_FORMS));
    return NULL;
}

int ctl_values(struct ctl *ctl, struct edit_value ret[static OPTIONS_MOST], size_t *ret_n,
               char host[static 24])
{
    const struct option_rule *rules = ctl->invocation.command->options;
    size_t n = 0;

    for (size_t i = 0; rules && rules[i].name; i++) {
        const char *value = ctl->invocation.values[i];

        if (!value || !rules[i].column)
            continue;
        if (*value && streq(rules[i].column, "host")) {
            int64_t member = ctl_member(ctl, value);

            if (member == 0)
                return -EINVAL;
            (void)snprintf(host, 24, "%" PRId64, member);
            value = host;
        }
        value = day_of(ctl, rules[i].column, value);
        if (!value)
            return -EINVAL;
        ret[n++] = (struct edit_value){rules[i].column, *value ? value : NULL};
    }
    *ret_n = n;
    return 0;
}

void json_print(const json_t *json)
{
    (void)json_dumpf(json, stdout, JSON_COMPACT);
    (void)putchar('\n');
}
