/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/errand.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

struct errand {
    const struct errand_work *work;
    void *argument, *owner;
    sd_event_source *source;
    int fd;             /* eventfd: written by the thread when it is done */
    atomic_int holders; /* the thread and whoever ordered it: the last one tidies up */
};

static void errand_release(struct errand *errand)
{
    if (atomic_fetch_sub(&errand->holders, 1) > 1)
        return;
    errand->work->destroy(errand->argument);
    (void)fd_close(errand->fd);
    free(errand);
}

static void *errand_thread(void *userdata)
{
    struct errand *errand = userdata;

    errand->work->run(errand->argument);
    (void)eventfd_write(errand->fd, 1);
    errand_release(errand);
    return NULL;
}

static int on_done(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct errand *errand = userdata;
    eventfd_t times;

    (void)source;
    (void)revents;
    if (eventfd_read(fd, &times) == 0)
        errand->work->done(errand->owner);
    return 0;
}

static int thread_start(struct errand *errand)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int r;

    r = -pthread_attr_init(&attributes);
    if (r < 0)
        return r;
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    atomic_store(&errand->holders, 2);
    r = -pthread_create(&thread, &attributes, errand_thread, errand);
    if (r < 0)
        atomic_store(&errand->holders, 1);
    (void)pthread_attr_destroy(&attributes);
    return r;
}

int errand_new(sd_event *event, const struct errand_work *work, void *argument, void *owner,
               struct errand **ret)
{
    struct errand *errand = calloc(1, sizeof(*errand));
    int r;

    if (!errand) {
        work->destroy(argument);
        return -ENOMEM;
    }
    *errand = (struct errand){.work = work, .argument = argument, .owner = owner, .holders = 1};
    errand->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r = errand->fd < 0 ? -errno : 0;
    if (r == 0)
        r = sd_event_add_io(event, &errand->source, errand->fd, EPOLLIN, on_done, errand);
    if (r >= 0)
        r = thread_start(errand);
    if (r < 0) {
        (void)errand_free(errand);
        return r;
    }
    *ret = errand;
    return 0;
}

struct errand *errand_free(struct errand *errand)
{
    if (!errand)
        return NULL;
    errand->source = sd_event_source_disable_unref(errand->source);
    errand_release(errand);
    return NULL;
}
