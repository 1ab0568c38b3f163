/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * cantined: decides who may enter, drives the doors, owns both databases. main() reads like the story
 * of a start: arguments, configuration, sockets, application, loop.
 */

#include "cantined/application.h"
#include "util/log.h"
#include "util/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define LOCK_NAME "cantined.lock"

static const char *arg_config = CONFIG_PATH;
static bool arg_check = false;

static void help(void)
{
    printf("cantined [OPTION…]\n\n"
           "Decides who may open the doors of a coworking space.\n\n"
           "  --config FILE   read FILE and FILE.d/*.conf (default: " CONFIG_PATH ")\n"
           "  --check         only say whether the configuration is right\n"
           "  --help          print this\n"
           "  --version       print the version\n");
}

/* 1 = go on, 0 = all is said, negative = wrong usage. */
static int arguments_parse(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {0}};
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
        switch (c) {
        case 'c':
            arg_config = optarg;
            break;
        case 'k':
            arg_check = true;
            break;
        case 'h':
            help();
            return 0;
        case 'v':
            printf("cantined " CANTINE_VERSION "\n");
            return 0;
        default:
            return -EINVAL;
        }
    if (optind < argc) {
        (void)fprintf(stderr, "cantined: %s: unknown argument: see cantined --help\n", argv[optind]);
        return -EINVAL;
    }
    return 1;
}

static int configuration_load(struct config **ret)
{
    struct config_errors errors = {0};
    int r = config_load(arg_config, ret, &errors);

    for (size_t i = 0; i < errors.n; i++)
        log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "%s", errors.lines[i]);
    if (errors.left_out)
        log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "… and %zu more", errors.left_out);
    config_errors_done(&errors);
    return r;
}

/* One cantined for one runtime_dir. The lock ends with the process; the descriptor stays open. */
static int directory_lock(const char *directory)
{
    char path[CONFIG_TEXT_SIZE + sizeof(LOCK_NAME) + 1];
    int fd;

    if (mkdir(directory, 0755) < 0 && errno != EEXIST) {
        log_line(LOG_ERR, LOG_ID_NONE, "%s cannot be created: %s: create it, or set runtime_dir",
                 directory, strerror(errno));
        return -errno;
    }
    (void)snprintf(path, sizeof(path), "%s/" LOCK_NAME, directory);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        log_line(LOG_ERR, LOG_ID_NONE, "%s cannot be opened: %s: give cantined the right to write there",
                 path, strerror(errno));
        return -errno;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        log_line(LOG_ERR, LOG_ID_NONE, "another cantined runs in %s: stop it first", directory);
        (void)close(fd);
        return -EBUSY;
    }
    return fd;
}

static int socket_bind(const char *directory, const char *name)
{
    char path[CONFIG_TEXT_SIZE + 32];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    fd = socket_listen(path);
    if (fd < 0)
        log_line(LOG_ERR, LOG_ID_NONE, "%s cannot be listened on: %s", path, strerror(-fd));
    return fd;
}

/* From systemd by their names, else bound here. */
static int listeners_get(const struct config *config, struct listeners *ret)
{
    const char *directory = config->storage.runtime_dir;
    char **names = NULL;
    int n = sd_listen_fds_with_names(true, &names);

    *ret = (struct listeners){-1, -1};
    for (int i = 0; i < n; i++) {
        if (streq(names[i], READER_SOCKET_NAME))
            ret->reader = SD_LISTEN_FDS_START + i;
        else if (streq(names[i], PUBLISHER_SOCKET_NAME))
            ret->publisher = SD_LISTEN_FDS_START + i;
        free(names[i]);
    }
    free(names);
    if (ret->reader < 0)
        ret->reader = socket_bind(directory, READER_SOCKET_NAME);
    if (ret->publisher < 0)
        ret->publisher = socket_bind(directory, PUBLISHER_SOCKET_NAME);
    return MIN_OF(0, MIN_OF(ret->reader, ret->publisher));
}

static void time_zone_set(const struct config *config)
{
    (void)setenv("TZ", config->site.timezone, 1);
    tzset();
}

static int loop_new(sd_event **ret)
{
    CLEANUP(sd_event_unrefp) sd_event *event = NULL;
    sigset_t signals;
    int r;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
        return -errno;
    r = sd_event_default(&event);
    if (r < 0)
        return r;
    r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
    if (r < 0)
        return r;
    r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
    if (r < 0)
        return r;
    r = sd_event_set_watchdog(event, true);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(event);
    return 0;
}

static int run(const struct config *config)
{
    CLEANUP(cleanup_application) struct application *application = NULL;
    CLEANUP(sd_event_unrefp) sd_event *event = NULL;
    CLEANUP(cleanup_fd) int lock = -1;
    char error[APPLICATION_ERROR_SIZE];
    struct listeners listeners;
    int r;

    time_zone_set(config);
    lock = directory_lock(config->storage.runtime_dir);
    if (lock < 0)
        return lock;
    r = loop_new(&event);
    if (r < 0)
        return r;
    r = listeners_get(config, &listeners);
    if (r < 0)
        return r;
    r = application_new(config, event, listeners, &application, error, sizeof(error));
    if (r < 0) {
        log_line(LOG_ERR, LOG_ID_NONE, "%s", error);
        return r;
    }
    log_line(LOG_NOTICE, LOG_ID_STARTED, "%s: ready, %zu people inside, every door locked",
             config->site.name, application->presence.n);
    (void)sd_notify(false, "READY=1");
    r = sd_event_loop(event);
    (void)sd_notify(false, "STOPPING=1\nSTATUS=Stopping; every door is locked.");
    log_line(LOG_NOTICE, LOG_ID_STOPPED, "stopped, every door locked");
    return r;
}

int main(int argc, char **argv)
{
    CLEANUP(cleanup_config) struct config *config = NULL;
    int r;

    log_open("cantined");
    r = arguments_parse(argc, argv);
    if (r <= 0)
        return r == 0 ? EXIT_SUCCESS : 2;
    r = configuration_load(&config);
    if (r < 0)
        return EXIT_FAILURE;
    if (arg_check) {
        printf("%s: right: %zu doors, %zu readers\n", arg_config, config->n_doors,
               config->n_readers);
        return EXIT_SUCCESS;
    }
    return run(config) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
