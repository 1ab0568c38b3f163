/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * cantine-reader serves one NFC reader of the configuration: it reports badges to cantined and
 * decides nothing. It holds no key, opens no file but its device, and may be killed and started at
 * any moment.
 */

#include "reader/reader.h"
#include "util/log.h"
#include "util/translate.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>

#define PROGRAM    "cantine-reader"
#define EXIT_USAGE 2

static const char *arg_config = CONFIG_PATH;
static const char *arg_name;

static void print_help(void)
{
    translate_begin();
    (void)printf(
        _("cantine-reader [--config FILE] NAME\n"
          "Serves the NFC reader NAME, a [reader NAME] section of the configuration, until\n"
          "SIGTERM: each badge held to it is reported to cantined, which decides.\n"
          "\n"
          "  --config FILE  the configuration (%s)\n"
          "  --help         this text\n"
          "  --version      the version\n"
          "\n"
          "Ends with 0 when asked to, 1 if the configuration is no good, 2 on wrong usage. A\n"
          "reader that is missing or doesn't answer is no failure: it is tried again.\n"),
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
    if (optind != argc - 1) {
        (void)fprintf(stderr, PROGRAM ": %s: see --help\n",
                      optind < argc ? "only one reader can be served" : "no reader was named");
        return ARGUMENTS_WRONG;
    }
    arg_name = argv[optind];
    return ARGUMENTS_RUN;
}

/* A tty that became descriptor 0 would look to libnfc like an order to abort. */
static void standard_descriptors_open(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    (void)fd_close(fd);
}

static int signals_open(void)
{
    sigset_t ends;
    int fd;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    if (sigprocmask(SIG_BLOCK, &ends, NULL) < 0)
        return -errno;
    fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
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

static const struct config_reader *reader_named(const struct config *config)
{
    const struct config_reader *reader = config_reader(config, arg_name);
    char names[CONFIG_READERS_MOST * (SLUG_SIZE + 2)] = "";
    char *end = names;

    if (reader)
        return reader;
    for (size_t i = 0; i < config->n_readers; i++)
        end = stpcpy(stpcpy(end, i == 0 ? "" : ", "), config->readers[i].name);
    (void)log_line(LOG_ERR, LOG_ID_CONFIG_INVALID,
                   "%s has no [reader %s]: the readers that it has: %s", arg_config, arg_name,
                   config->n_readers == 0 ? "none" : names);
    return NULL;
}

static void cleanup_reader(struct reader *reader)
{
    reader_done(reader);
}

static int serve(const struct config *config, const struct config_reader *section, int signals)
{
    CLEANUP(cleanup_reader) struct reader reader;
    const char *fields[] = {"CANTINE_READER", section->name, NULL};
    int r;

    r = reader_init(&reader, section, config->storage.runtime_dir);
    if (r < 0) {
        (void)log_fields(LOG_ERR, LOG_ID_NONE, fields, "reader %s: cannot start in %s: %s",
                         section->name, config->storage.runtime_dir, strerror(-r));
        return r;
    }
    (void)log_fields(LOG_INFO, LOG_ID_STARTED, fields, "reader %s: started on %s", section->name,
                     section->device);
    reader_run(&reader, signals);
    (void)log_fields(LOG_INFO, LOG_ID_STOPPED, fields, "reader %s: stopped", section->name);
    return 0;
}

int main(int argc, char *argv[])
{
    CLEANUP(cleanup_config) struct config *config = NULL;
    CLEANUP(cleanup_fd) int signals = -1;
    const struct config_reader *section;

    standard_descriptors_open();
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
    section = reader_named(config);
    if (!section)
        return EXIT_FAILURE;
    signals = signals_open();
    if (signals < 0) {
        (void)log_line(LOG_ERR, LOG_ID_NONE, "no signals: %s", strerror(-signals));
        return EXIT_FAILURE;
    }
    return serve(config, section, signals) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
