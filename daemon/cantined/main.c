/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * cantined: decides who may enter, drives the doors, owns both databases. main() reads like the
 * story of a start: arguments, configuration, sockets, application, loop. SIGHUP reads the
 * configuration again.
 */

#include "cantined/application.h"
#include "cantined/hardware.h"
#include "util/log.h"
#include "util/socket.h"
#include "util/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define LOCK_NAME         "cantined.lock"
#define CHANGE_RETRY_EACH (100 * USEC_PER_MSEC) /* while a new configuration waits for a pulse */

static const char *arg_config = CONFIG_PATH;
static bool arg_check = false;

static void help(void)
{
    translate_begin();
    printf(
        _("cantined [OPTION…]\n\n"
          "Decides who may open the doors of a coworking space.\n\n"
          "  --config FILE   read FILE and FILE.d/*.conf (default: %s)\n"
          "  --check         only say whether the configuration is right and its hardware there\n"
          "  --help          print this\n"
          "  --version       print the version\n"),
        CONFIG_PATH);
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
        (void)fprintf(stderr, "cantined: %s: unknown argument: see cantined --help\n",
                      argv[optind]);
        return -EINVAL;
    }
    return 1;
}

/* Says the mistakes and ends them. */
static void mistakes_log(struct config_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++)
        log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "%s", errors->lines[i]);
    if (errors->left_out)
        log_line(LOG_ERR, LOG_ID_CONFIG_INVALID, "… and %zu more", errors->left_out);
    config_errors_done(errors);
}

static int configuration_load(struct config **ret)
{
    struct config_errors errors = {0};
    int r = config_load(arg_config, ret, &errors);

    mistakes_log(&errors);
    return r;
}

/* What --check does with a configuration that has been read. */
static int configuration_check(const struct config *config)
{
    struct config_errors errors = {0};
    int r = hardware_check(config, &errors);

    mistakes_log(&errors);
    if (r == 0)
        printf("%s: right: %zu doors, %zu readers\n", arg_config, config->n_doors,
               config->n_readers);
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
        log_line(LOG_ERR, LOG_ID_NONE,
                 "%s cannot be opened: %s: give cantined the right to write there", path,
                 strerror(errno));
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

/* What lives across a reload; an application lives from one reload to the next. */
struct service {
    struct config *config;
    struct config *next; /* read by SIGHUP, takes over once every door is locked */
    struct listeners listeners;
    sd_event *event;
    sd_event_source *change;
    struct application *application;
    struct doors_held held; /* when the configuration changes */
};

enum loop_end { LOOP_STOP, LOOP_CHANGE };

/* The new configuration waits for running pulses: nobody's door locks early because of it. */
static int on_change(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct service *service = userdata;

    (void)usec;
    if (!doors_any_unlocked(service->application->doors))
        return sd_event_exit(service->event, LOOP_CHANGE);
    (void)sd_event_source_set_time_relative(source, CHANGE_RETRY_EACH);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *signal, void *userdata)
{
    struct service *service = userdata;
    struct config *next = NULL;

    (void)source;
    (void)signal;
    (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%llu",
                     (unsigned long long)time_monotonic());
    if (configuration_load(&next) < 0) {
        (void)sd_notify(false, "READY=1");
        return log_line(LOG_ERR, LOG_ID_CONFIG_INVALID,
                        "the configuration has a mistake: the one in use stays");
    }
    (void)config_free(service->next);
    service->next = next;
    (void)sd_event_source_set_time(service->change, 0);
    return sd_event_source_set_enabled(service->change, SD_EVENT_ONESHOT);
}

static int loop_new(struct service *service)
{
    CLEANUP(sd_event_unrefp) sd_event *event = NULL;
    int r;

    r = sd_event_new(&event);
    if (r < 0)
        return r;
    r = sd_event_add_signal(event, NULL, SIGTERM, NULL, (void *)LOOP_STOP);
    if (r < 0)
        return r;
    r = sd_event_add_signal(event, NULL, SIGINT, NULL, (void *)LOOP_STOP);
    if (r < 0)
        return r;
    r = sd_event_add_signal(event, NULL, SIGHUP, on_hangup, service);
    if (r < 0)
        return r;
    r = sd_event_add_time(event, &service->change, CLOCK_MONOTONIC, 0, USEC_PER_MSEC, on_change,
                          service);
    if (r < 0)
        return r;
    (void)sd_event_source_set_enabled(service->change, SD_EVENT_OFF);
    r = sd_event_set_watchdog(event, true);
    if (r < 0)
        return r;
    service->event = TAKE_PTR(event);
    return 0;
}

static void loop_done(struct service *service)
{
    if (service->application)
        doors_held_get(service->application->doors, &service->held);
    service->application = application_free(service->application);
    service->change = sd_event_source_disable_unref(service->change);
    service->event = sd_event_unref(service->event);
}

/* One application, from its start to a stop or a change of configuration (enum loop_end). */
static int loop_run(struct service *service)
{
    struct listeners listeners = {.reader = fcntl(service->listeners.reader, F_DUPFD_CLOEXEC, 3),
                                  .publisher =
                                      fcntl(service->listeners.publisher, F_DUPFD_CLOEXEC, 3)};
    char error[APPLICATION_ERROR_SIZE];
    int r;

    time_zone_set(service->config);
    r = application_new(service->config, service->event, listeners, &service->application, error,
                        sizeof(error));
    if (r < 0) {
        log_line(LOG_ERR, LOG_ID_NONE, "%s", error);
        return r;
    }
    log_line(LOG_NOTICE, LOG_ID_STARTED, "%s: ready, %zu people inside, every door locked",
             service->config->site.name, presence_count(&service->application->presence));
    doors_resume(service->application->doors, &service->held);
    service->held.n = 0;
    (void)sd_notify(false, "READY=1");
    return sd_event_loop(service->event);
}

static void configuration_change(struct service *service)
{
    if (!streq(service->config->storage.runtime_dir, service->next->storage.runtime_dir))
        log_line(LOG_WARNING, LOG_ID_NONE, "a new runtime_dir only holds after a restart");
    (void)config_free(service->config);
    service->config = TAKE_PTR(service->next);
    log_line(LOG_NOTICE, LOG_ID_CONFIG_RELOADED, "the configuration was read again");
}

static int signals_block(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    return sigprocmask(SIG_BLOCK, &signals, NULL) < 0 ? -errno : 0;
}

static int run(struct service *service)
{
    CLEANUP(cleanup_fd) int lock = -1;
    int r;

    lock = directory_lock(service->config->storage.runtime_dir);
    if (lock < 0)
        return lock;
    r = signals_block();
    if (r < 0)
        return r;
    r = listeners_get(service->config, &service->listeners);
    if (r < 0)
        return r;
    do {
        r = loop_new(service);
        if (r >= 0)
            r = loop_run(service);
        loop_done(service);
        if (r == LOOP_CHANGE)
            configuration_change(service);
    } while (r == LOOP_CHANGE);
    (void)sd_notify(false, "STOPPING=1\nSTATUS=Stopping; every door is locked.");
    if (r == LOOP_STOP)
        log_line(LOG_NOTICE, LOG_ID_STOPPED, "stopped, every door locked");
    return r;
}

int main(int argc, char **argv)
{
    struct service service = {.listeners = {-1, -1}};
    int r;

    log_open("cantined");
    r = arguments_parse(argc, argv);
    if (r <= 0)
        return r == 0 ? EXIT_SUCCESS : 2;
    if (arg_check) /* a person reads it; the log of the daemon stays English */
        translate_begin();
    r = configuration_load(&service.config);
    if (r < 0)
        return EXIT_FAILURE;
    r = arg_check ? configuration_check(service.config) : run(&service);
    (void)fd_close(service.listeners.reader);
    (void)fd_close(service.listeners.publisher);
    (void)config_free(service.next);
    (void)config_free(service.config);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
