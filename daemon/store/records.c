/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/records_private.h"
#include "util/told.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#define COPIES_APART (USEC_PER_SEC / 2) /* background copies of a file that never rests */
#define QUIET_FOR    (2 * USEC_PER_SEC) /* before the log is brought home */

/*
 * A booking that is over counts for a day at most (`late`); it is kept for one more, so that a
 * clock that is put right by some hours needs no other copy.
 */
#define BOOKINGS_COUNT INT64_C(86400) /* s */
#define BOOKINGS_KEPT  (2 * BOOKINGS_COUNT)

/* The file as it looked at one moment; equal looks mean that there is nothing new to copy. */
struct look {
    int error; /* it couldn't be looked at: a negative errno */
    struct identity identity;
    off_t size;
    struct timespec touched; /* st_ctim: what writes past SQLite shows here alone */
    int64_t version;         /* PRAGMA data_version */
};

/* A piece of work in a thread of its own. Only the thread writes it until `done`. */
struct errand {
    pthread_t thread;
    bool running;
    atomic_bool done;
    atomic_bool unwanted; /* set by the loop; a copy then ends early */
    int wake_fd;          /* borrowed */
    const char *path;
    struct identity identity;
    struct copy_order order;
    int result;
    struct copy *copy;
    char error[DATABASE_ERROR_SIZE];
};

struct records {
    char *path;
    bool once; /* records_load_once(): the copy is all there is, the file is another's */
    struct copy *copy;
    struct identity copied; /* the file that `copy` was made from */

    sqlite3 *watch; /* asked for nothing but data_version */
    sqlite3_stmt *version;
    struct identity watched;
    struct look seen; /* at the last attempt to make a copy */

    int wake_fd;
    struct errand copying, settling;
    usec_t look_next; /* monotonic */
    usec_t quiet_since;
    bool changed;   /* since quiet_since was last set */
    bool unsettled; /* the log may hold something */

    int fault;
    char fault_text[DATABASE_ERROR_SIZE + 64];
    bool fault_untold, new_untold;
};

static bool identity_equal(const struct identity *a, const struct identity *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static bool look_equal(const struct look *a, const struct look *b)
{
    return a->error == b->error && identity_equal(&a->identity, &b->identity) &&
           a->size == b->size && a->touched.tv_sec == b->touched.tv_sec &&
           a->touched.tv_nsec == b->touched.tv_nsec && a->version == b->version;
}

static void *errand_copy(void *p)
{
    struct errand *errand = p;

    errand->result = copy_new(&errand->order, &errand->copy, errand->error, sizeof(errand->error));
    atomic_store(&errand->done, true);
    (void)eventfd_write(errand->wake_fd, 1);
    return NULL;
}

static void *errand_settle(void *p)
{
    struct errand *errand = p;

    errand->result = records_settle(errand->path, &errand->identity);
    (void)malloc_trim(0); /* older copies leave holes, which the heap would keep for ever */
    atomic_store(&errand->done, true);
    (void)eventfd_write(errand->wake_fd, 1);
    return NULL;
}

/* Signals are the loop's: the thread takes none. */
static int errand_start(struct errand *errand, void *(*work)(void *))
{
    sigset_t all, before;
    int r;

    atomic_store(&errand->done, false);
    atomic_store(&errand->unwanted, false);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&errand->thread, NULL, work, errand);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errand->running = r == 0;
    return -r;
}

static void errand_wait(struct errand *errand)
{
    if (errand->running)
        (void)pthread_join(errand->thread, NULL);
    errand->running = false;
}

static bool errand_ended(const struct errand *errand)
{
    return errand->running && atomic_load(&errand->done);
}

static void watch_close(struct records *records)
{
    /* Closing drops this process's locks on the log, which a checkpoint would still count on. */
    errand_wait(&records->settling);
    (void)sqlite3_finalize(TAKE_PTR(records->version));
    (void)sqlite3_close_v2(TAKE_PTR(records->watch));
}

static int watch_open(struct records *records, const struct identity *identity)
{
    int r = database_open(records->path, DATABASE_READ, RECORDS_BUSY_MSEC, &records->watch);

    if (r < 0)
        return r;
    records->watched = *identity;
    r = sqlite3_prepare_v3(records->watch, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
                           &records->version, NULL);
    if (r != SQLITE_OK)
        watch_close(records);
    return database_errno(r);
}

static int watch_ask(struct records *records, int64_t *ret)
{
    int r = sqlite3_step(records->version);

    if (r == SQLITE_ROW)
        *ret = sqlite3_column_int64(records->version, 0);
    (void)sqlite3_reset(records->version);
    return database_errno(r);
}

/* A connection to a file that has gone or was replaced is closed before anything opens the new one.
 */
static void look_take(struct records *records, struct look *ret)
{
    struct stat st;

    *ret = (struct look){0};
    if (stat(records->path, &st) < 0) {
        ret->error = -errno;
        watch_close(records);
        return;
    }
    ret->identity = (struct identity){st.st_dev, st.st_ino};
    ret->size = st.st_size;
    ret->touched = st.st_ctim;
    if (records->watch && !identity_equal(&records->watched, &ret->identity))
        watch_close(records);
    if (!records->watch)
        ret->error = watch_open(records, &ret->identity);
    if (ret->error == 0)
        ret->error = watch_ask(records, &ret->version);
}

/* True if the file isn't as it was at the last attempt to copy it; remembers what it is now. */
static bool file_changed(struct records *records)
{
    struct look now;

    look_take(records, &now);
    if (look_equal(&now, &records->seen))
        return false;
    records->seen = now;
    records->changed = true;
    return true;
}

/* Another file than the copy's, or one with a fault, is read whole before it is believed. */
static bool file_needs_check(const struct records *records)
{
    return records->fault != 0 || !identity_equal(&records->copied, &records->seen.identity);
}

static void copy_swap(struct records *records, struct copy *copy)
{
    (void)copy_free(records->copy);
    records->copy = copy;
    records->copied = records->seen.identity;
    records->fault = 0;
    records->fault_untold = false;
    records->new_untold = true;
}

static void fault_note(struct records *records, int r, const char *error)
{
    if (r != records->fault)
        records->fault_untold = true;
    records->fault = r;
    (void)snprintf(records->fault_text, sizeof(records->fault_text),
                   TOLD("%s (the last good copy stays in use)"), error);
}

static void copy_take(struct records *records, int r, struct copy *copy, const char *error)
{
    if (r < 0)
        fault_note(records, r, error);
    else
        copy_swap(records, copy);
}

static void copying_end(struct records *records)
{
    struct errand *errand = &records->copying;

    errand_wait(errand);
    copy_take(records, errand->result, TAKE_PTR(errand->copy), errand->error);
}

static void copying_abandon(struct records *records)
{
    struct errand *errand = &records->copying;

    atomic_store(&errand->unwanted, true);
    errand_wait(errand);
    errand->copy = copy_free(errand->copy);
}

static struct copy_order copy_order_at(const struct records *records, usec_t wall)
{
    return (struct copy_order){
        .path = records->path,
        .whole = file_needs_check(records),
        .since = (int64_t)(wall / USEC_PER_SEC) - BOOKINGS_KEPT,
    };
}

static void copying_begin(struct records *records)
{
    int r;

    records->copying.order = copy_order_at(records, time_wall());
    records->copying.order.unwanted = &records->copying.unwanted;
    r = errand_start(&records->copying, errand_copy);
    if (r == 0)
        return;
    database_explain(r, records->path, records->copying.error, sizeof(records->copying.error));
    fault_note(records, r, records->copying.error);
}

static void copy_at_once(struct records *records, usec_t wall)
{
    const struct copy_order order = copy_order_at(records, wall);
    char error[DATABASE_ERROR_SIZE];
    struct copy *copy = NULL;
    int r = copy_new(&order, &copy, error, sizeof(error));

    copy_take(records, r, copy, error);
}

/* Each new copy and each new kind of fault is told once. */
static enum records_news news_tell(struct records *records)
{
    if (records->new_untold) {
        records->new_untold = false;
        return RECORDS_NEW;
    }
    if (records->fault_untold) {
        records->fault_untold = false;
        return RECORDS_FAULT;
    }
    return records->copying.running ? RECORDS_COPYING : RECORDS_SAME;
}

enum records_news records_refresh(struct records *records)
{
    bool changed = file_changed(records);

    /* A copy on its way that is older than the change would only keep the tap waiting. */
    if (records->copying.running && changed)
        copying_abandon(records);
    else if (records->copying.running)
        copying_end(records);
    if (changed)
        copy_at_once(records, time_wall());
    return news_tell(records);
}

static void settle_when_quiet(struct records *records, usec_t now)
{
    struct errand *errand = &records->settling;

    if (errand_ended(errand)) {
        errand_wait(errand);
        if (errand->result < 0)
            records->changed = true; /* somebody is at it: again when it is quiet */
    }
    if (records->changed) {
        records->changed = false;
        records->unsettled = true;
        records->quiet_since = now;
    }
    if (!records->unsettled || records->fault || errand->running || records->copying.running ||
        now - records->quiet_since < QUIET_FOR)
        return;
    errand->identity = records->copied;
    records->unsettled = errand_start(errand, errand_settle) < 0;
}

enum records_news records_refresh_background(struct records *records, usec_t now)
{
    eventfd_t wakes;

    (void)eventfd_read(records->wake_fd, &wakes);
    if (errand_ended(&records->copying))
        copying_end(records);
    if (!records->copying.running && now >= records->look_next) {
        /* A fault may end without the file changing: a lock, a mode, a disk. */
        if (file_changed(records) || records->fault) {
            copying_begin(records);
            records->look_next = now + COPIES_APART;
        }
    }
    settle_when_quiet(records, now);
    return news_tell(records);
}

/* Creates the file or brings its schema up to date, on a connection that is closed again. */
static int file_prepare(const char *path, char *error, size_t size)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int r = database_open(path, DATABASE_CREATE, RECORDS_BUSY_MSEC, &db);

    if (r == -ENOENT)
        database_say(error, size, "%s: its directory does not exist: create it", path);
    else if (r < 0)
        database_explain(r, path, error, size);
    if (r < 0)
        return r;
    return database_migrate(db, path, "records", RECORDS_APPLICATION_ID, error, size);
}

/* A half-built one that watches `path` already, but has no copy. */
static int records_new(const char *path, struct records **ret)
{
    CLEANUP(cleanup_records) struct records *records = calloc(1, sizeof(*records));

    if (!records)
        return -ENOMEM;
    records->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (records->wake_fd < 0)
        return -errno;
    records->path = strdup(path);
    if (!records->path)
        return -ENOMEM;
    records->copying.wake_fd = records->settling.wake_fd = records->wake_fd;
    records->copying.path = records->settling.path = records->path;
    *ret = TAKE_PTR(records);
    return 0;
}

int records_open(const char *path, struct records **ret, char *error, size_t size)
{
    CLEANUP(cleanup_records) struct records *records = NULL;
    struct copy_order order;
    int r = file_prepare(path, error, size);

    if (r < 0)
        return r;
    r = records_new(path, &records);
    if (r < 0) {
        database_explain(r, path, error, size);
        return r;
    }
    (void)file_changed(records);
    order = copy_order_at(records, time_wall());
    order.whole = true;
    r = copy_new(&order, &records->copy, error, size);
    if (r < 0)
        return r;
    records->copied = records->seen.identity;
    *ret = TAKE_PTR(records);
    return 0;
}

int records_load_once(const char *path, struct records **ret, char *error, size_t size)
{
    CLEANUP(cleanup_records) struct records *records = calloc(1, sizeof(*records));
    const struct copy_order everything = {.path = path, .since = -1};
    int r = records ? 0 : -ENOMEM;

    if (r < 0) {
        database_explain(r, path, error, size);
        return r;
    }
    records->wake_fd = -1;
    records->once = true;
    r = copy_new(&everything, &records->copy, error, size);
    if (r == -ENOENT)
        database_say(error, size, "there is no %s: start cantined once, it creates the file", path);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(records);
    return 0;
}

struct records *records_free(struct records *records)
{
    if (!records)
        return NULL;
    if (records->copying.running)
        copying_abandon(records);
    watch_close(records);
    /* Whoever replaces the file while nobody watches finds no log beside it. */
    if (records->copy && !records->fault && !records->once)
        (void)records_settle(records->path, &records->copied);
    (void)copy_free(records->copy);
    (void)fd_close(records->wake_fd);
    free(records->path);
    free(records);
    return NULL;
}

int records_fd(const struct records *records)
{
    return records->wake_fd;
}

const char *records_fault(const struct records *records)
{
    return records->fault ? records->fault_text : NULL;
}

struct copy *records_copy(struct records *records)
{
    return records->copy;
}

struct copy *records_copy_at(struct records *records, usec_t wall)
{
    int64_t needed = (int64_t)(wall / USEC_PER_SEC) - BOOKINGS_COUNT;
    bool new_untold = records->new_untold;

    if (needed >= records->copy->since || records->once || records->fault)
        return records->copy;
    copy_at_once(records, wall);
    records->new_untold = new_untold; /* nothing in the file is new */
    return records->copy;
}
