/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/journal_private.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

/* --- lists ----------------------------------------------------------------------------------- */

static void list_put(struct journal_list *list, struct journal_news *news)
{
    news->next = NULL;
    if (list->last)
        list->last->next = news;
    else
        list->first = news;
    list->last = news;
    list->n++;
}

struct journal_news *journal_list_take(struct journal_list *list)
{
    struct journal_news *news = list->first;

    if (!news)
        return NULL;
    list->first = news->next;
    if (!list->first)
        list->last = NULL;
    list->n--;
    return news;
}

static void list_done(struct journal_list *list)
{
    struct journal_news *news;

    while ((news = journal_list_take(list)))
        free(news);
}

/* News with room for `most` rows and none yet. */
static struct journal_news *news_new(enum journal_news_type type, size_t most)
{
    struct journal_news *news = malloc(sizeof(*news) + most * sizeof(news->rows[0]));

    if (news)
        *news = (struct journal_news){.type = type};
    return news;
}

/* --- what the threads share: with the lock held ---------------------------------------------- */

void journal_post(struct journal *journal, struct journal_news *news)
{
    list_put(&journal->news, news);
    (void)eventfd_write(journal->fd, 1);
}

void journal_fault(struct journal *journal, enum journal_fault fault, int r)
{
    unsigned faults = r < 0 ? journal->faults | fault : journal->faults & ~(unsigned)fault;
    struct journal_news *news;

    if ((faults != 0) != (journal->faults != 0)) {
        news = news_new(faults ? JOURNAL_FAILING : JOURNAL_WELL, 0);
        if (!news) /* said at the next occasion */
            return;
        if (r == -ESTALE)
            database_say(news->text, sizeof(news->text),
                         "%s: has been moved or replaced: put it back or restart cantined",
                         journal->path);
        else if (r < 0)
            database_explain(r, journal->path, news->text, sizeof(news->text));
        journal_post(journal, news);
    }
    journal->faults = faults;
}

void journal_wait(struct journal *journal, pthread_cond_t *called, usec_t until)
{
    struct timespec at = {.tv_sec = (time_t)(until / USEC_PER_SEC),
                          .tv_nsec = (long)(until % USEC_PER_SEC) * 1000};

    if (until == USEC_INFINITY)
        (void)pthread_cond_wait(called, &journal->lock);
    else
        (void)pthread_cond_timedwait(called, &journal->lock, &at);
}

/* --- beginning and end ----------------------------------------------------------------------- */

/* A condition whose deadlines are monotonic, as all of the house's are. */
static void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

/* A thread that gets no signals: they are the application's. */
static int thread_start(struct journal *journal, void *(*run)(void *), pthread_t *ret)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(ret, NULL, run, journal);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static int threads_start(struct journal *journal)
{
    int r = thread_start(journal, journal_writer_main, &journal->writer);

    journal->writer_runs = r == 0;
    if (r < 0)
        return r;
    r = thread_start(journal, journal_keeper_main, &journal->keeper);
    journal->keeper_runs = r == 0;
    return r;
}

static int journal_new(const char *path, struct journal **ret)
{
    CLEANUP(cleanup_journal) struct journal *journal = calloc(1, sizeof(*journal));
    int r;

    if (!journal)
        return -ENOMEM;
    journal->fd = -1;
    journal->keeper_due = journal->writer_ends = journal->acknowledgement.due = USEC_INFINITY;
    journal->log.begins_anew = true;
    (void)pthread_mutex_init(&journal->lock, NULL);
    condition_init(&journal->writer_called);
    condition_init(&journal->keeper_called);
    journal->path = strdup(path);
    if (!journal->path)
        return -ENOMEM;
    r = pass_uses_new(&journal->uses);
    if (r < 0)
        return r;
    journal->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (journal->fd < 0)
        return -errno;
    *ret = TAKE_PTR(journal);
    return 0;
}

int journal_open(const char *path, struct journal **ret, char *error, size_t size)
{
    CLEANUP(cleanup_journal) struct journal *journal = NULL;
    int r = journal_new(path, &journal);

    if (r == 0) {
        r = journal_file_begin(journal, error, size);
        if (r < 0)
            return r;
        journal->committed = journal->newest;
        journal->acknowledgement.seq = journal->acknowledged;
        r = journal_writer_connect(journal);
    }
    if (r == 0)
        r = threads_start(journal);
    if (r < 0) {
        database_explain(r, path, error, size);
        return r;
    }
    *ret = TAKE_PTR(journal);
    return 0;
}

/* The writer first: what it still writes, the keeper brings to the disk. */
static void threads_end(struct journal *journal)
{
    (void)pthread_mutex_lock(&journal->lock);
    journal->writer_ends = time_monotonic() + JOURNAL_DRAIN_WITHIN;
    (void)pthread_cond_signal(&journal->writer_called);
    (void)pthread_mutex_unlock(&journal->lock);
    if (journal->writer_runs)
        (void)pthread_join(journal->writer, NULL);
    journal_writer_disconnect(journal);

    (void)pthread_mutex_lock(&journal->lock);
    journal->keeper_ends = true;
    (void)pthread_cond_signal(&journal->keeper_called);
    (void)pthread_mutex_unlock(&journal->lock);
    if (journal->keeper_runs)
        (void)pthread_join(journal->keeper, NULL);
    else
        (void)sqlite3_close_v2(journal->keeping.db);
}

struct journal *journal_free(struct journal *journal)
{
    if (!journal)
        return NULL;
    threads_end(journal);
    list_done(&journal->entries);
    list_done(&journal->reads);
    list_done(&journal->queries);
    list_done(&journal->news);
    (void)pthread_cond_destroy(&journal->writer_called);
    (void)pthread_cond_destroy(&journal->keeper_called);
    (void)pthread_mutex_destroy(&journal->lock);
    (void)pass_uses_free(journal->uses);
    (void)fd_close(journal->fd);
    free(journal->path);
    free(journal);
    return NULL;
}

const struct presence *journal_presence(const struct journal *journal)
{
    return &journal->presence;
}

int64_t journal_newest(const struct journal *journal)
{
    return journal->newest;
}

int64_t journal_acknowledged(const struct journal *journal)
{
    return journal->acknowledged;
}

usec_t journal_newest_at(const struct journal *journal)
{
    return journal->newest_at;
}

bool journal_lockdown(const struct journal *journal)
{
    return journal->lockdown != 0;
}

struct pass_uses *journal_pass_uses(struct journal *journal)
{
    return journal->uses;
}

/* --- requests -------------------------------------------------------------------------------- */

/* Puts the request on `list` unless `most` wait there already. Takes `asked` over, also on failure.
 */
static int request(struct journal *journal, struct journal_list *list, size_t most,
                   pthread_cond_t *thread, struct journal_news *asked)
{
    bool room;

    (void)pthread_mutex_lock(&journal->lock);
    room = list->n < most;
    if (room) {
        list_put(list, asked);
        (void)pthread_cond_signal(thread);
    }
    (void)pthread_mutex_unlock(&journal->lock);
    if (room)
        return 0;
    free(asked);
    return -ENOBUFS;
}

int journal_append(struct journal *journal, const struct event *events, size_t n,
                   uint64_t *ret_ticket)
{
    return journal_append_using(journal, events, n, NULL, ret_ticket);
}

int journal_append_using(struct journal *journal, const struct event *events, size_t n,
                         const struct pass_use *use, uint64_t *ret_ticket)
{
    struct journal_news *entry;
    int r;

    if (n < 1 || n > JOURNAL_ENTRY_EVENTS)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!journal_row_valid(&events[i]))
            return -EINVAL;
    entry = news_new(JOURNAL_COMMITTED, n);
    if (!entry)
        return -ENOMEM;
    entry->ticket = journal->tickets + 1;
    entry->n = n;
    if (use)
        entry->use = *use;
    memcpy(entry->rows, events, n * sizeof(events[0]));
    r = request(journal, &journal->entries, JOURNAL_QUEUE_MOST, &journal->writer_called, entry);
    if (r == 0)
        *ret_ticket = ++journal->tickets;
    return r;
}

int journal_read_after(struct journal *journal, int64_t seq)
{
    struct journal_news *read = news_new(JOURNAL_ROWS, JOURNAL_ROWS_MOST);

    if (!read)
        return -ENOMEM;
    read->query.after = seq;
    return request(journal, &journal->reads, JOURNAL_ASKED_MOST, &journal->writer_called, read);
}

int journal_query(struct journal *journal, const struct journal_query *query, uint64_t tag)
{
    struct journal_news *asked = news_new(JOURNAL_QUERIED, JOURNAL_ROWS_MOST);

    if (!asked)
        return -ENOMEM;
    asked->query = *query;
    asked->tag = tag;
    return request(journal, &journal->queries, JOURNAL_ASKED_MOST, &journal->keeper_called, asked);
}

int journal_acknowledge(struct journal *journal, int64_t seq)
{
    int r = 0;

    (void)pthread_mutex_lock(&journal->lock);
    if (seq < 0 || seq > journal->committed)
        r = -EINVAL;
    else if (seq > journal->acknowledgement.seq) {
        journal->acknowledgement.seq = seq;
        if (journal->acknowledgement.due == USEC_INFINITY) {
            journal->acknowledgement.due = time_monotonic() + JOURNAL_ACK_WITHIN;
            (void)pthread_cond_signal(&journal->writer_called);
        }
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return r;
}

/* --- news ------------------------------------------------------------------------------------ */

int journal_fd(const struct journal *journal)
{
    return journal->fd;
}

struct journal_news *journal_next(struct journal *journal)
{
    struct journal_news *news;
    eventfd_t count;

    (void)pthread_mutex_lock(&journal->lock);
    news = journal_list_take(&journal->news);
    if (!journal->news.first)
        (void)eventfd_read(journal->fd, &count);
    (void)pthread_mutex_unlock(&journal->lock);
    return news;
}
