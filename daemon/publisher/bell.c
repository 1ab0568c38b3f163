/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/bell.h"

#include "util/log.h"
#include "util/told.h"
#include "util/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SHELL           "/bin/sh"
#define TEXT_SIZE       (2 * ALERT_TEXT_SIZE) /* a translation may be longer */
#define VARIABLE_SIZE   (TEXT_SIZE + 32)
#define VARIABLES_MOST  256 /* of the environment that is handed on */
#define FIRST_CLOSED_FD 3
#define EXIT_NOT_RUN    127 /* what the shell says of a command that it can't find */

/* How a command is made to end. */
enum bell_urgency { URGENCY_NONE, URGENCY_TERM, URGENCY_KILL };

struct bell {
    sd_event *event;
    const struct config *config;
    locale_t people; /* the language of those whom the command tells */
    bell_taken_t taken;
    void *owner;

    struct publisher_alert queue[BELL_QUEUE_MOST]; /* oldest first */
    size_t n;
    uint64_t newest; /* the highest number that has come */

    pid_t pid; /* of the running command, and of its process group; 0 = none runs */
    uint32_t kind;
    enum bell_urgency urgency;
    sd_event_source *child, *limit;
};

static void bell_next(struct bell *bell);

/* --- in the child ------------------------------------------------------------------------------
 */

/* What the command is given; made before fork(), since other threads may hold malloc's lock. */
struct orders {
    char text[TEXT_SIZE];
    char own[5][VARIABLE_SIZE];
    char *variables[VARIABLES_MOST + 1];
    char *arguments[6];
};

/* Ours to systemd, or told anew below. */
static bool variable_is_private(const char *variable)
{
    static const char *const prefixes[] = {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "CANTINE_"};

    for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
        if (starts_with(variable, prefixes[i]))
            return true;
    return false;
}

static void text_translate(locale_t people, const char *text, char ret[static TEXT_SIZE])
{
    locale_t own = people ? uselocale(people) : (locale_t)0;

    told_translate(text, ret, TEXT_SIZE);
    if (own)
        (void)uselocale(own);
}

static void orders_fill(struct orders *orders, const struct bell *bell,
                        const struct publisher_alert *alert)
{
    const struct config *config = bell->config;
    char at[TIME_TEXT_SIZE];
    size_t n = 0;

    time_format_utc(alert->at, at);
    text_translate(bell->people, alert->text, orders->text);
    (void)snprintf(orders->own[0], VARIABLE_SIZE, "CANTINE_ALERT=%s",
                   alert_word((enum alert)alert->kind));
    (void)snprintf(orders->own[1], VARIABLE_SIZE, "CANTINE_NAME=%s", alert->name);
    (void)snprintf(orders->own[2], VARIABLE_SIZE, "CANTINE_TEXT=%s", orders->text);
    (void)snprintf(orders->own[3], VARIABLE_SIZE, "CANTINE_SITE=%s", config->site.id);
    (void)snprintf(orders->own[4], VARIABLE_SIZE, "CANTINE_AT=%s", at);
    for (size_t i = 0; i < ELEMENTSOF(orders->own); i++)
        orders->variables[n++] = orders->own[i];
    for (char **variable = environ; *variable && n < VARIABLES_MOST; variable++)
        if (!variable_is_private(*variable))
            orders->variables[n++] = *variable;
    orders->variables[n] = NULL;
    orders->arguments[0] = (char *)SHELL;
    orders->arguments[1] = (char *)"-c";
    orders->arguments[2] = (char *)config->site.on_alert;
    orders->arguments[3] = (char *)"on_alert"; /* $0: what the shell calls it in its complaints */
    orders->arguments[4] = orders->text;
    orders->arguments[5] = NULL;
}

/*
 * After fork() in a program with threads: async-signal-safe calls only (signal-safety(7)). Nothing
 * of this program goes along, also what libmosquitto opens without CLOEXEC; what this program
 * ignores or blocks is as usual again. The signal of parent's death comes to the shell alone: under
 * systemd the unit's control group ends the rest.
 */
static _Noreturn void child_become(const struct orders *orders)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    int null;

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &usual, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        _exit(EXIT_NOT_RUN);
    closefrom(FIRST_CLOSED_FD);
    (void)execve(SHELL, orders->arguments, orders->variables);
    _exit(EXIT_NOT_RUN);
}

/* --- one command -------------------------------------------------------------------------------
 */

static const char *bell_word(const struct bell *bell)
{
    return alert_word((enum alert)bell->kind);
}

static void failure_say(const struct bell *bell, const siginfo_t *end)
{
    const char *fields[] = {"CANTINE_ALERT", bell_word(bell), NULL};

    if (bell->urgency != URGENCY_NONE)
        log_fields(LOG_ERR, LOG_ID_ALERT_COMMAND, fields,
                   "the command of on_alert= for alert %s did not end within 30 s and was ended: "
                   "give it a time limit, as curl's --max-time",
                   bell_word(bell));
    else if (end->si_code != CLD_EXITED)
        log_fields(LOG_ERR, LOG_ID_ALERT_COMMAND, fields,
                   "the command of on_alert= for alert %s was ended by signal %d: try it by hand",
                   bell_word(bell), end->si_status);
    else if (end->si_status == EXIT_NOT_RUN)
        log_fields(LOG_ERR, LOG_ID_ALERT_COMMAND, fields,
                   "the command of on_alert= for alert %s was not found: install it, or give its "
                   "full path",
                   bell_word(bell));
    else if (end->si_status != 0)
        log_fields(LOG_ERR, LOG_ID_ALERT_COMMAND, fields,
                   "the command of on_alert= for alert %s failed with status %d: try it by hand, "
                   "as this program's user",
                   bell_word(bell), end->si_status);
}

/* The shell is not yet reaped: the group's number is still its own. */
static int on_child(sd_event_source *source, const siginfo_t *end, void *userdata)
{
    struct bell *bell = userdata;

    (void)source;
    if (bell->urgency != URGENCY_NONE) /* what it left behind was told to end, too */
        (void)kill(-bell->pid, SIGKILL);
    failure_say(bell, end);
    bell->pid = 0;
    bell->child = sd_event_source_disable_unref(bell->child);
    (void)sd_event_source_set_enabled(bell->limit, SD_EVENT_OFF);
    bell_next(bell);
    return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct bell *bell = userdata;

    (void)usec;
    if (bell->urgency == URGENCY_NONE) {
        bell->urgency = URGENCY_TERM;
        (void)kill(-bell->pid, SIGTERM);
        (void)sd_event_source_set_time_relative(source, BELL_GRACE);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    }
    bell->urgency = URGENCY_KILL;
    (void)kill(-bell->pid, SIGKILL);
    return 0;
}

/* Starts the command for `alert` and watches it. */
static int command_start(struct bell *bell, const struct publisher_alert *alert)
{
    struct orders orders;
    pid_t pid;
    int r;

    orders_fill(&orders, bell, alert);
    pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        child_become(&orders);
    (void)setpgid(pid, pid); /* here too: the first to come counts */
    r = sd_event_add_child(bell->event, &bell->child, pid, WEXITED, on_child, bell);
    if (r < 0) {
        (void)kill(-pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return r;
    }
    bell->pid = pid;
    bell->kind = alert->kind;
    bell->urgency = URGENCY_NONE;
    (void)sd_event_source_set_time_relative(bell->limit, BELL_RUN_MOST);
    (void)sd_event_source_set_enabled(bell->limit, SD_EVENT_ONESHOT);
    return 0;
}

/* --- the queue ---------------------------------------------------------------------------------
 */

static void queue_take(struct bell *bell, struct publisher_alert *ret)
{
    *ret = bell->queue[0];
    bell->n--;
    memmove(&bell->queue[0], &bell->queue[1], bell->n * sizeof(bell->queue[0]));
}

static void bell_next(struct bell *bell)
{
    while (bell->n > 0 && bell->pid == 0) {
        struct publisher_alert alert;
        int r = 0;

        queue_take(bell, &alert);
        if (bell->config->site.on_alert[0])
            r = command_start(bell, &alert);
        if (r < 0)
            log_line(LOG_ERR, LOG_ID_ALERT_COMMAND,
                     "the command of on_alert= for alert %s could not be started: %s: see "
                     "whether memory or processes run short",
                     alert_word((enum alert)alert.kind), strerror(-r));
        bell->taken(bell->owner, alert.number);
    }
}

static void queue_add(struct bell *bell, const struct publisher_alert *alert)
{
    if (bell->n == BELL_QUEUE_MOST) {
        struct publisher_alert oldest;

        queue_take(bell, &oldest);
        log_line(LOG_WARNING, LOG_ID_ALERT_LOST,
                 "%d alerts wait for the command of on_alert=: the oldest (%s) is given up: make "
                 "the command faster",
                 BELL_QUEUE_MOST, alert_word((enum alert)oldest.kind));
        bell->taken(bell->owner, oldest.number);
    }
    bell->queue[bell->n++] = *alert;
}

static bool queue_has(const struct bell *bell, uint64_t number)
{
    for (size_t i = 0; i < bell->n; i++)
        if (bell->queue[i].number == number)
            return true;
    return false;
}

void bell_ring(struct bell *bell, const struct publisher_alert *alert)
{
    if (alert->number > bell->newest) {
        bell->newest = alert->number;
        queue_add(bell, alert);
        bell_next(bell);
    } else if (!queue_has(bell, alert->number)) { /* our word got lost with its connection */
        bell->taken(bell->owner, alert->number);
    }
}

/* --- beginning and end -------------------------------------------------------------------------
 */

int bell_new(sd_event *event, const struct config *config, bell_taken_t taken, void *owner,
             struct bell **ret)
{
    CLEANUP(cleanup_bell) struct bell *bell = calloc(1, sizeof(*bell));
    int r;

    if (!bell)
        return -ENOMEM;
    bell->event = sd_event_ref(event);
    bell->config = config;
    bell->people = translate_aside();
    bell->taken = taken;
    bell->owner = owner;
    r = sd_event_add_time(event, &bell->limit, CLOCK_MONOTONIC, USEC_INFINITY, 0, on_limit, bell);
    if (r < 0)
        return r;
    (void)sd_event_source_set_enabled(bell->limit, SD_EVENT_OFF);
    *ret = TAKE_PTR(bell);
    return 0;
}

/* The one place that waits: this program ends, and its command with it. */
static void command_end(struct bell *bell)
{
    struct pollfd ended = {.fd = sd_event_source_get_child_pidfd(bell->child), .events = POLLIN};

    (void)kill(-bell->pid, SIGTERM);
    if (ended.fd >= 0)
        (void)poll(&ended, 1, (int)(BELL_LAST_GRACE / USEC_PER_MSEC));
    (void)kill(-bell->pid, SIGKILL);
    log_line(LOG_WARNING, LOG_ID_ALERT_COMMAND,
             "the command of on_alert= for alert %s was ended, since this program ends",
             bell_word(bell));
}

struct bell *bell_free(struct bell *bell)
{
    if (!bell)
        return NULL;
    if (bell->pid > 0)
        command_end(bell);
    bell->child = sd_event_source_disable_unref(bell->child);
    bell->limit = sd_event_source_disable_unref(bell->limit);
    bell->event = sd_event_unref(bell->event);
    if (bell->people)
        freelocale(bell->people);
    free(bell);
    return NULL;
}
