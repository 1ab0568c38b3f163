/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * cantine-publisher publishes on MQTT what cantined says has happened and how things stand. It owns
 * the network connection and nothing else: no device, no database, and no way to open a door.
 * Neither a missing broker nor a missing cantined is a failure.
 */

#include "publisher/broker.h"
#include "publisher/publisher.h"
#include "util/log.h"
#include "util/translate.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <systemd/sd-daemon.h>

#define PROGRAM    "cantine-publisher"
#define EXIT_USAGE 2

static const char *arg_config = CONFIG_PATH;

static void print_help(void)
{
    translate_begin();
    (void)printf(
        _("cantine-publisher [--config FILE]\n"
          "Publishes occupancy, doors, readers and events to the MQTT broker of the "
          "configuration,\n"
          "and runs its on_alert= command for each alert, until SIGTERM. The configuration is "
          "read\n"
          "at start: restart the program to change it.\n"
          "\n"
          "  --config FILE  the configuration (%s)\n"
          "  --help         this text\n"
          "  --version      the version\n"
          "\n"
          "Ends with 0 when asked to, 1 if the configuration is no good, 2 on wrong usage. A "
          "broker\n"
          "or a cantined that is missing is no failure: both are tried again until they are "
          "there.\n"),
        CONFIG_PATH);
}

enum arguments { ARGUMENTS_RUN, ARGUMENTS_DONE, ARGUMENTS_WRONG };

static enum arguments arguments_parse(int argc, char *argv[])
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {0}};
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
        switch (c) {
        case 'c':
            arg_config = optarg;
            break;
        case 'h':
            print_help();
            return ARGUMENTS_DONE;
        case 'V':
            (void)printf(PROGRAM " " CANTINE_VERSION "\n");
            return ARGUMENTS_DONE;
        default: /* getopt_long() has said what is wrong */
            return ARGUMENTS_WRONG;
        }
    if (optind < argc) {
        (void)fprintf(stderr, PROGRAM ": %s: not an option: see --help\n", argv[optind]);
        return ARGUMENTS_WRONG;
    }
    return ARGUMENTS_RUN;
}

static int config_read(struct config **ret)
{
    struct config_errors errors = {0};
    int r;

    r = config_load(arg_config, ret, &errors);
    for (size_t i = 0; r < 0 && i < errors.n; i++)
        (void)log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "%s", errors.lines[i]);
    if (r < 0 && errors.left_out > 0)
        (void)log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "and %zu more mistakes", errors.left_out);
    config_errors_done(&errors);
    return r;
}

/* `userdata` is the publisher, NULL where there is nobody to say good-bye to. */
static int on_end(sd_event_source *source, const struct signalfd_siginfo *signal, void *userdata)
{
    int r = userdata ? publisher_close(userdata) : -ENOTCONN;

    (void)signal;
    (void)sd_notify(false, "STOPPING=1");
    return r < 0 ? sd_event_exit(sd_event_source_get_event(source), 0) : 0;
}

/*
 * To be called before there is a thread: all of them inherit the mask. SIGCHLD is for the bell.
 */
static void signals_block(void)
{
    sigset_t ends;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
}

static int loop_run(sd_event *event, struct publisher *publisher)
{
    int r;

    r = sd_event_add_signal(event, NULL, SIGTERM, on_end, publisher);
    if (r >= 0)
        r = sd_event_add_signal(event, NULL, SIGINT, on_end, publisher);
    if (r >= 0)
        r = sd_event_set_watchdog(event, true);
    if (r < 0)
        return r;
    (void)sd_notify(false, "READY=1");
    return sd_event_loop(event);
}

static int publish(sd_event *event, const struct account *account)
{
    CLEANUP(cleanup_publisher) struct publisher *publisher = NULL;
    int r;

    r = publisher_new(event, account, &publisher);
    if (r < 0)
        return r;
    if (account->config->mqtt.enabled)
        (void)log_line(LOG_INFO, LOG_ID_STARTED, "started, for the broker at %s", account->place);
    else
        (void)log_line(LOG_INFO, LOG_ID_STARTED, "started, for alerts; publishing is switched off");
    return loop_run(event, publisher);
}

static int stay_idle(sd_event *event)
{
    (void)log_line(LOG_INFO, LOG_ID_STARTED, "started; publishing is switched off");
    (void)sd_notify(false, "STATUS=Publishing is switched off: enabled=no in [mqtt].");
    return loop_run(event, NULL);
}

static void cleanup_event(sd_event **event)
{
    (void)sd_event_unref(*event);
}

static int run(const struct config *config)
{
    CLEANUP(cleanup_event) sd_event *event = NULL;
    char error[ACCOUNT_ERROR_SIZE] = "";
    struct account account = {.config = config};
    bool needed = config->mqtt.enabled || config->site.on_alert[0];
    int r;

    signals_block();
    r = sd_event_new(&event);
    if (r >= 0)
        r = broker_library_open();
    if (r >= 0 && config->mqtt.enabled)
        r = account_init(config, &account, error);
    if (r >= 0)
        r = needed ? publish(event, &account) : stay_idle(event);
    if (r < 0)
        (void)log_line(LOG_ERR, error[0] ? LOG_ID_CONFIG_INVALID : LOG_ID_NONE, "%s",
                       error[0] ? error : strerror(-r));
    else
        (void)log_line(LOG_INFO, LOG_ID_STOPPED, "stopped");
    return r;
}

int main(int argc, char *argv[])
{
    struct config *config = NULL;
    int r;

    log_open(PROGRAM);
    switch (arguments_parse(argc, argv)) {
    case ARGUMENTS_DONE:
        return EXIT_SUCCESS;
    case ARGUMENTS_WRONG:
        return EXIT_USAGE;
    case ARGUMENTS_RUN:
        break;
    }
    if (config_read(&config) < 0)
        return EXIT_FAILURE;
    r = run(config);
    /*
     * A thread may be looking for the broker, which nothing can interrupt: it reads the
     * configuration, and the libraries' own exit functions would pull the ground from under it.
     */
    _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
