/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serving a virtual reader. See serve.h.
 */
#include "virtual/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "util/macro.h"
#include "virtual/control.h"
#include "virtual/reader.h"
#include "virtual/timing.h"

struct serve {
    int epoll, timer, signals;
    uint64_t armed;            /* what the timer stands at */
    unsigned watched_terminal; /* times_plugged of the terminal that epoll knows */
    struct reader reader;
    struct control control;
};

static uint64_t clock_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int epoll_add(int epoll, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int serve_open_descriptors(struct serve *serve)
{
    sigset_t ends;
    int r;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    serve->epoll = epoll_create1(EPOLL_CLOEXEC);
    serve->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    serve->signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
    if (serve->epoll < 0 || serve->timer < 0 || serve->signals < 0)
        return -errno;
    r = epoll_add(serve->epoll, serve->timer, EPOLLIN);
    return r < 0 ? r : epoll_add(serve->epoll, serve->signals, EPOLLIN);
}

/*
 * A terminal that no host has open reads as hung up for as long as that lasts, so only edges are of
 * interest: reader_advance() reads all there is.
 */
static int serve_watch_terminal(struct serve *serve)
{
    const struct line *line = &serve->reader.line;

    if (line->master < 0 || serve->watched_terminal == line->times_plugged)
        return 0;
    serve->watched_terminal = line->times_plugged;
    return epoll_add(serve->epoll, line->master, EPOLLIN | EPOLLET);
}

static int serve_arm_timer(struct serve *serve)
{
    uint64_t deadline =
        MIN_OF(reader_deadline(&serve->reader), control_deadline(&serve->control, &serve->reader));
    struct itimerspec when = {0};

    if (deadline == serve->armed)
        return 0;
    serve->armed = deadline;
    if (deadline != TIME_NEVER) {
        when.it_value.tv_sec = (time_t)(deadline / NS_PER_S);
        when.it_value.tv_nsec = (long)(deadline % NS_PER_S);
    }
    return timerfd_settime(serve->timer, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

/* Waits for the next event. 1 to go on, 0 to end, or a negative errno. */
static int serve_wait(struct serve *serve)
{
    struct epoll_event events[8];
    uint64_t expirations;
    int n = epoll_wait(serve->epoll, events, ELEMENTSOF(events), -1);

    if (n < 0)
        return errno == EINTR ? 1 : -errno;
    for (int i = 0; i < n; i++) {
        if (events[i].data.fd == serve->signals)
            return 0;
        if (events[i].data.fd == serve->timer &&
            read(serve->timer, &expirations, sizeof(expirations)) > 0)
            serve->armed = TIME_NEVER;
    }
    return 1;
}

static int serve_loop(struct serve *serve)
{
    for (;;) {
        uint64_t now;
        int r = serve_watch_terminal(serve);

        if (r >= 0)
            r = serve_arm_timer(serve);
        if (r >= 0)
            r = serve_wait(serve);
        if (r <= 0)
            return r;
        /* What the chip did before this moment comes before what a hand does now. */
        now = clock_now();
        reader_advance(&serve->reader, now);
        control_advance(&serve->control, &serve->reader, now);
    }
}

static const char *control_advice(int error)
{
    switch (error) {
    case -EADDRINUSE:
        return "another reader answers there: choose another --control";
    case -EEXIST:
        return "that name is not a socket: choose another --control";
    case -ENAMETOOLONG:
        return "the path is empty or too long: choose another --control";
    default:
        return strerror(-error);
    }
}

static const char *link_advice(int error)
{
    switch (error) {
    case -EEXIST:
        return "that name is taken by something else than a terminal's link: choose another --link";
    case -ENAMETOOLONG:
        return "the path is too long: choose another --link";
    default:
        return strerror(-error);
    }
}

static int serve_complain(const char *what, const char *name, const char *advice)
{
    fprintf(stderr, "cantine-virtual-reader: %s %s: %s\n", what, name, advice);
    return 1;
}

static int serve_open(struct serve *serve, const struct serve_options *options)
{
    int r = serve_open_descriptors(serve);

    if (r < 0)
        return serve_complain("cannot start", "the event loop", strerror(-r));
    r = control_open(&serve->control, options->control, serve->epoll);
    if (r < 0)
        return serve_complain("cannot listen at", options->control, control_advice(r));
    r = reader_init(&serve->reader, options->link, options->speed, options->verbose);
    if (r >= 0)
        r = reader_plug(&serve->reader);
    if (r < 0)
        return serve_complain("cannot make the serial line", options->link, link_advice(r));
    return 0;
}

static void serve_close(struct serve *serve)
{
    reader_unplug(&serve->reader);
    control_close(&serve->control);
    serve->signals = fd_close(serve->signals);
    serve->timer = fd_close(serve->timer);
    serve->epoll = fd_close(serve->epoll);
}

int serve(const struct serve_options *options)
{
    struct serve serve = {
        .epoll = -1,
        .timer = -1,
        .signals = -1,
        .armed = TIME_NEVER,
        .reader.line.master = -1,
        .control.listener = -1,
    };
    int r = serve_open(&serve, options);

    if (r == 0) {
        printf("ready: link %s terminal %s control %s speed %u\n", options->link,
               serve.reader.line.terminal, options->control, options->speed);
        fflush(stdout);
        r = serve_loop(&serve);
        if (r < 0)
            r = serve_complain("cannot go on with", "the event loop", strerror(-r));
    }
    serve_close(&serve);
    return r;
}
