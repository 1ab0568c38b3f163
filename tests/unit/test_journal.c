/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The journal on real files: what was committed is there whatever happens next, in order and
 * without a gap; what can't be written is kept, said once and written later; no commit waits for
 * the disk.
 */

#include "store/database.h"
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#define DEADLINE (20 * USEC_PER_SEC)

/* --- the disk, as SQLite sees it ------------------------------------------------------------- */

/* What the test says about the disk's fsync, and what the journal's threads asked of it. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool held;  /* an fsync doesn't come back */
    bool fails; /* with EIO */
    unsigned by_writer, by_keeper;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int disk_sync(long call, int fd)
{
    char thread[16] = "";
    bool fails;

    (void)pthread_getname_np(pthread_self(), thread, sizeof(thread));
    (void)pthread_mutex_lock(&disk.lock);
    disk.by_writer += streq(thread, "journal-writer");
    disk.by_keeper += streq(thread, "journal-keeper");
    (void)pthread_cond_broadcast(&disk.changed);
    while (disk.held)
        (void)pthread_cond_wait(&disk.changed, &disk.lock);
    fails = disk.fails;
    (void)pthread_mutex_unlock(&disk.lock);
    if (!fails)
        return (int)syscall(call, fd);
    errno = EIO;
    return -1;
}

/* libsqlite3 finds these two before the C library's. */
int fdatasync(int fd)
{
    return disk_sync(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return disk_sync(SYS_fsync, fd);
}

static void disk_set(bool held, bool fails)
{
    (void)pthread_mutex_lock(&disk.lock);
    disk.held = held;
    disk.fails = fails;
    (void)pthread_cond_broadcast(&disk.changed);
    (void)pthread_mutex_unlock(&disk.lock);
}

static unsigned disk_count(const unsigned *count)
{
    unsigned n;

    (void)pthread_mutex_lock(&disk.lock);
    n = *count;
    (void)pthread_mutex_unlock(&disk.lock);
    return n;
}

/* Waits until `*count` is more than `before`. */
static void disk_await(const unsigned *count, unsigned before)
{
    struct timespec until = {.tv_sec = (time_t)((time_wall() + DEADLINE) / USEC_PER_SEC)};
    int r = 0;

    (void)pthread_mutex_lock(&disk.lock);
    while (*count <= before && r == 0)
        r = pthread_cond_timedwait(&disk.changed, &disk.lock, &until);
    (void)pthread_mutex_unlock(&disk.lock);
    assert_int_equal(r, 0);
}

/* --- the rig --------------------------------------------------------------------------------- */

struct rig {
    char directory[64];
    char path[128];
    struct journal *journal;
};

static void journal_begin(struct rig *rig)
{
    char error[DATABASE_ERROR_SIZE] = "";

    if (journal_open(rig->path, &rig->journal, error, sizeof(error)) < 0)
        fail_msg("%s", error);
}

static void journal_end(struct rig *rig)
{
    rig->journal = journal_free(rig->journal);
}

static int rig_begin(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    assert_non_null(rig);
    (void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/cantine-journal-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    (void)snprintf(rig->path, sizeof(rig->path), "%s/journal.db", rig->directory);
    journal_begin(rig);
    *state = rig;
    return 0;
}

static int rig_end(void **state)
{
    struct rig *rig = *state;
    char command[128];

    disk_set(false, false);
    journal_end(rig);
    (void)snprintf(command, sizeof(command), "rm -r %s", rig->directory);
    assert_int_equal(system(command), 0);
    free(rig);
    return 0;
}

/* The next news, which must be of `type`. */
static struct journal_news *expect(struct rig *rig, enum journal_news_type type)
{
    struct pollfd ready = {.fd = journal_fd(rig->journal), .events = POLLIN};
    struct journal_news *news;

    assert_int_equal(poll(&ready, 1, (int)(DEADLINE / USEC_PER_MSEC)), 1);
    news = journal_next(rig->journal);
    assert_non_null(news);
    if (news->type != type)
        fail_msg("news of type %d instead of %d: %s", news->type, type, news->text);
    return news;
}

static void expect_text(struct rig *rig, enum journal_news_type type, const char *words)
{
    CLEANUP(cleanup_free) struct journal_news *news = expect(rig, type);

    if (!strstr(news->text, words))
        fail_msg("\"%s\" does not say \"%s\"", news->text, words);
}

/* The next news: the entry `ticket`, whose rows are first … last. */
static void expect_committed(struct rig *rig, uint64_t ticket, int64_t first, int64_t last)
{
    CLEANUP(cleanup_free) struct journal_news *news = expect(rig, JOURNAL_COMMITTED);

    assert_int_equal(news->ticket, ticket);
    assert_int_equal(news->n, last - first + 1);
    for (size_t i = 0; i < news->n; i++)
        assert_int_equal(news->rows[i].seq, first + (int64_t)i);
}

static struct event event_of(enum event_type type, int64_t member, usec_t at)
{
    struct event event = {.type = type, .member = member, .at = at};

    if (type == EVENT_ACCESS)
        event.result = RESULT_GRANTED;
    (void)strcpy(event.boot, "6f1c0d52-7a5e-4a52-9d0f-2f6f0a3d8c11");
    (void)strcpy(event.door, "front");
    return event;
}

static uint64_t append(struct rig *rig, enum event_type type, int64_t member, usec_t at)
{
    struct event event = event_of(type, member, at);
    uint64_t ticket = 0;

    assert_int_equal(journal_append(rig->journal, &event, 1, &ticket), 0);
    return ticket;
}

/* Appends `n` events and waits until all are committed. */
static void append_many(struct rig *rig, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)append(rig, EVENT_SYSTEM, 0, 1 + i);
    for (size_t i = 0; i < n; i++)
        free(expect(rig, JOURNAL_COMMITTED));
}

/* Another program's connection to the journal. */
static sqlite3 *other_program(struct rig *rig)
{
    sqlite3 *db = NULL;

    assert_int_equal(database_open(rig->path, DATABASE_WRITE, 1000, &db), 0);
    return db;
}

static int64_t number(sqlite3 *db, const char *sql)
{
    int64_t n = -1;

    assert_int_equal(database_number(db, sql, &n), 0);
    return n;
}

/* --- rows ------------------------------------------------------------------------------------ */

static void assert_event_equal(const struct event *a, const struct event *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->at, b->at);
    assert_int_equal(a->member, b->member);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->result, b->result);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->direction, b->direction);
    assert_string_equal(a->boot, b->boot);
    assert_string_equal(a->door, b->door);
    assert_string_equal(a->reader, b->reader);
    assert_string_equal(a->detail, b->detail);
    assert_string_equal(a->actor, b->actor);
}

static void test_rows_come_back_as_they_went_in(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {event_of(EVENT_ACCESS, 7, 1795464900123456),
                             event_of(EVENT_UNLOCK, 0, 0)};
    struct journal_news *news;
    uint64_t ticket = 0;

    events[0].seq = 99; /* whatever stands there: the journal numbers */
    events[0].result = RESULT_REFUSED;
    events[0].reason = REASON_MEMBER_EXPIRED;
    events[0].direction = DIRECTION_IN;
    (void)strcpy(events[0].reader, "entrance");
    (void)strcpy(events[0].detail, "host");
    (void)strcpy(events[1].actor, "élodie'; DROP TABLE event; --");
    assert_int_equal(journal_newest(rig->journal), 0);
    assert_int_equal(journal_append(rig->journal, events, 2, &ticket), 0);
    assert_int_equal(ticket, 1);
    expect_committed(rig, 1, 1, 2);
    journal_end(rig);

    journal_begin(rig);
    assert_int_equal(journal_newest(rig->journal), 2);
    assert_int_equal(journal_read_after(rig->journal, 0), 0);
    news = expect(rig, JOURNAL_ROWS);
    assert_int_equal(news->n, 2);
    for (int i = 0; i < 2; i++) {
        events[i].seq = i + 1;
        assert_event_equal(&news->rows[i], &events[i]);
    }
    free(news);
}

static void test_senseless_events_are_refused(void **state)
{
    struct rig *rig = *state;
    struct event good = event_of(EVENT_ACCESS, 7, 1), bad[10];
    uint64_t ticket = 0;

    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        bad[i] = good;
    bad[0].type = EVENT_TYPE_COUNT;
    bad[1].result = RESULT_NONE;
    bad[2].reason = REASON_COUNT;
    bad[3].direction = DIRECTION_TOGGLE;
    bad[4].member = -1;
    bad[5].at = USEC_INFINITY;
    memset(bad[6].door, 'x', sizeof(bad[6].door));
    memset(bad[7].boot, 'x', sizeof(bad[7].boot));
    bad[8] = event_of(EVENT_SYSTEM, 0, 1);
    bad[8].result = RESULT_GRANTED;
    bad[9] = event_of(EVENT_ENTERED, 0, 1);
    for (size_t i = 0; i < ELEMENTSOF(bad); i++)
        if (journal_append(rig->journal, &bad[i], 1, &ticket) != -EINVAL)
            fail_msg("senseless event %zu was taken", i);
    assert_int_equal(journal_append(rig->journal, &good, 0, &ticket), -EINVAL);
    assert_int_equal(journal_append(rig->journal, bad, JOURNAL_ENTRY_EVENTS + 1, &ticket), -EINVAL);
    assert_int_equal(append(rig, EVENT_SYSTEM, 0, 1), 1);
    expect_committed(rig, 1, 1, 1);
}

/* Whatever the vocabulary has, the schema takes: a row that it refuses would be tried for ever. */
static void test_every_word_can_be_written(void **state)
{
    struct rig *rig = *state;
    uint64_t ticket = 0;

    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        ticket = append(rig, type, 1, 1);
        expect_committed(rig, ticket, (int64_t)ticket, (int64_t)ticket);
    }
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        struct event event = event_of(EVENT_ACCESS, 1, 1);

        event.reason = reason;
        memset(event.detail, 'x', sizeof(event.detail) - 1);
        memset(event.actor, 'x', sizeof(event.actor) - 1);
        memset(event.door, 'x', sizeof(event.door) - 1);
        memset(event.reader, 'x', sizeof(event.reader) - 1);
        memset(event.boot, 'x', sizeof(event.boot) - 1);
        assert_int_equal(journal_append(rig->journal, &event, 1, &ticket), 0);
        expect_committed(rig, ticket, (int64_t)ticket, (int64_t)ticket);
    }
}

static void test_senseless_row_is_read_as_system(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    struct journal_news *news;

    append_many(rig, 2);
    assert_int_equal(database_run(other, "PRAGMA ignore_check_constraints=1;"
                                         "UPDATE event SET type = 'party', reason = '?'"
                                         " WHERE seq = 1"),
                     0);
    assert_int_equal(journal_read_after(rig->journal, 0), 0);
    news = expect(rig, JOURNAL_ROWS);
    assert_int_equal(news->n, 2);
    assert_int_equal(news->rows[0].seq, 1);
    assert_int_equal(news->rows[0].type, EVENT_SYSTEM);
    assert_int_equal(news->rows[0].reason, REASON_OK);
    free(news);
}

static void test_feed_is_read_in_pages(void **state)
{
    struct rig *rig = *state;
    static const struct {
        int64_t after;
        size_t n;
    } pages[] = {{0, JOURNAL_ROWS_MOST}, {JOURNAL_ROWS_MOST, 6}, {JOURNAL_ROWS_MOST + 6, 0}};

    append_many(rig, JOURNAL_ROWS_MOST + 6);
    for (size_t i = 0; i < ELEMENTSOF(pages); i++)
        assert_int_equal(journal_read_after(rig->journal, pages[i].after), 0);
    for (size_t i = 0; i < ELEMENTSOF(pages); i++) {
        CLEANUP(cleanup_free) struct journal_news *news = expect(rig, JOURNAL_ROWS);

        assert_int_equal(news->query.after, pages[i].after);
        assert_int_equal(news->n, pages[i].n);
        for (size_t row = 0; row < news->n; row++)
            assert_int_equal(news->rows[row].seq, pages[i].after + (int64_t)row + 1);
    }
}

/* --- presence, acknowledgement, queries ------------------------------------------------------ */

static void test_presence_is_kept(void **state)
{
    struct rig *rig = *state;
    const struct presence *presence;

    (void)append(rig, EVENT_ENTERED, 1, 100);
    (void)append(rig, EVENT_ENTERED, 2, 200);
    (void)append(rig, EVENT_ENTERED, 1, 300); /* counted already: since 100 */
    (void)append(rig, EVENT_ENTERED, 3, 400);
    (void)append(rig, EVENT_ACCESS, 4, 500); /* counts nobody */
    (void)append(rig, EVENT_LEFT, 2, 600);
    (void)append(rig, EVENT_CHECKOUT, 3, 700);
    (void)append(rig, EVENT_ENTERED, 3, 800);
    (void)append(rig, EVENT_LEFT, 9, 900); /* was not inside */
    assert_int_equal(journal_presence(rig->journal)->n, 0);
    journal_end(rig);

    journal_begin(rig);
    presence = journal_presence(rig->journal);
    assert_int_equal(presence->n, 2);
    assert_int_equal(presence->entries[0].member, 1);
    assert_int_equal(presence->entries[0].since, 100);
    assert_int_equal(presence->entries[1].member, 3);
    assert_int_equal(presence->entries[1].since, 800);
}

static void test_acknowledgement_survives(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_acknowledge(rig->journal, 1), -EINVAL); /* there is no row 1 */
    append_many(rig, 3);
    assert_int_equal(journal_acknowledge(rig->journal, 4), -EINVAL);
    assert_int_equal(journal_acknowledge(rig->journal, 2), 0);
    assert_int_equal(journal_acknowledge(rig->journal, 1), 0); /* changes nothing */
    journal_end(rig);

    journal_begin(rig);
    assert_int_equal(journal_acknowledged(rig->journal), 2);
    assert_int_equal(journal_newest(rig->journal), 3);
}

static void test_acknowledgement_is_written_within_a_second(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    usec_t begun;

    append_many(rig, 3);
    begun = time_monotonic();
    assert_int_equal(journal_acknowledge(rig->journal, 1), 0);
    assert_int_equal(journal_acknowledge(rig->journal, 3), 0);
    while (number(other, "SELECT acknowledged FROM feed") != 3 &&
           time_monotonic() < begun + DEADLINE)
        (void)poll(NULL, 0, 10);
    assert_in_range(time_monotonic() - begun, USEC_PER_SEC / 2, 2 * USEC_PER_SEC);
}

/* Asks, and compares the answer's seqs with first, first + step … (`n` of them). */
static void expect_query(struct rig *rig, struct journal_query query, size_t n, int64_t first,
                         int64_t step)
{
    CLEANUP(cleanup_free) struct journal_news *news = NULL;

    assert_int_equal(journal_query(rig->journal, &query, 42), 0);
    news = expect(rig, JOURNAL_QUERIED);
    assert_int_equal(news->tag, 42);
    assert_string_equal(news->text, "");
    assert_int_equal(news->n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(news->rows[i].seq, first + (int64_t)i * step);
}

static void test_queries(void **state)
{
    struct rig *rig = *state;
    enum { ROWS = 200 };

    /* Member 5 has every second row, each tenth is refused, and the clock goes back after row 150.
     */
    for (int i = 1; i <= ROWS; i++) {
        struct event event = event_of(EVENT_ACCESS, i % 2 == 0 ? 5 : 0, 1000 + i);
        uint64_t ticket;

        if (i % 10 == 0)
            event.result = RESULT_REFUSED, event.reason = REASON_UNKNOWN_BADGE;
        if (i > 150)
            event.at = 1;
        assert_int_equal(journal_append(rig->journal, &event, 1, &ticket), 0);
        expect_committed(rig, ticket, i, i);
    }
    expect_query(rig, (struct journal_query){0}, 64, 1, 1);
    expect_query(rig, (struct journal_query){.after = 190}, 10, 191, 1);
    expect_query(rig, (struct journal_query){.after = ROWS}, 0, 0, 0);
    expect_query(rig, (struct journal_query){.from_end = true}, 64, ROWS - 63, 1);
    expect_query(rig, (struct journal_query){.from_end = true, .after = 3}, 64, 4, 1);
    expect_query(rig, (struct journal_query){.member = 5}, 64, 2, 2);
    expect_query(rig, (struct journal_query){.member = 5, .after = 101}, 50, 102, 2);
    expect_query(rig, (struct journal_query){.member = 5, .from_end = true}, 64, 74, 2);
    expect_query(rig, (struct journal_query){.member = 6}, 0, 0, 0);
    expect_query(rig, (struct journal_query){.denied = true}, 20, 10, 10);
    expect_query(rig, (struct journal_query){.denied = true, .since = 1105}, 5, 110, 10);
    expect_query(rig, (struct journal_query){.since = 1101}, 50, 101, 1);
    expect_query(rig, (struct journal_query){.since = 1101, .from_end = true}, 50, 101, 1);
    expect_query(rig, (struct journal_query){.since = 1101, .member = 5}, 25, 102, 2);
    expect_query(rig, (struct journal_query){.since = 5000}, 0, 0, 0);
}

/* --- what can go wrong ----------------------------------------------------------------------- */

static void test_locked_by_another_program(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    uint64_t ticket;

    append_many(rig, 1);
    assert_int_equal(database_run(other, "BEGIN EXCLUSIVE"), 0);
    ticket = append(rig, EVENT_SYSTEM, 0, 2);
    expect_text(rig, JOURNAL_FAILING, "locked by another program");
    (void)append(rig, EVENT_SYSTEM, 0, 3);
    assert_int_equal(journal_read_after(rig->journal, 0), 0); /* the feed goes on */
    free(expect(rig, JOURNAL_ROWS));
    assert_int_equal(database_run(other, "ROLLBACK"), 0);
    expect_committed(rig, ticket, 2, 2);
    expect_committed(rig, ticket + 1, 3, 3);
    free(expect(rig, JOURNAL_WELL));
}

static void test_an_entry_is_written_whole_or_not(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    struct event events[] = {event_of(EVENT_ACCESS, 7, 1), event_of(EVENT_ENTERED, 7, 1)};
    uint64_t ticket = 0;

    append_many(rig, 1);
    assert_int_equal(database_run(other, "CREATE TRIGGER no BEFORE INSERT ON presence"
                                         " BEGIN SELECT raise(ABORT, 'no'); END"),
                     0);
    assert_int_equal(journal_append(rig->journal, events, 2, &ticket), 0);
    free(expect(rig, JOURNAL_FAILING));
    assert_int_equal(number(other, "SELECT count(*) FROM event"), 1);
    assert_int_equal(database_run(other, "DROP TRIGGER no"), 0);
    expect_committed(rig, ticket, 2, 3); /* no seq was lost by trying */
    free(expect(rig, JOURNAL_WELL));
    assert_int_equal(number(other, "SELECT count(*) FROM presence"), 1);
}

static void test_full_queue_and_order(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    struct event event = event_of(EVENT_SYSTEM, 0, 1);
    uint64_t ticket = 0;

    assert_int_equal(database_run(other, "BEGIN IMMEDIATE"), 0);
    for (size_t i = 0; i < JOURNAL_QUEUE_MOST; i++)
        assert_int_equal(append(rig, EVENT_SYSTEM, 0, i + 1), i + 1);
    assert_int_equal(journal_append(rig->journal, &event, 1, &ticket), -ENOBUFS);
    free(expect(rig, JOURNAL_FAILING));
    assert_int_equal(database_run(other, "ROLLBACK"), 0);
    for (uint64_t i = 1; i <= JOURNAL_QUEUE_MOST; i++)
        expect_committed(rig, i, (int64_t)i, (int64_t)i);
    free(expect(rig, JOURNAL_WELL));
    assert_int_equal(append(rig, EVENT_SYSTEM, 0, 1), JOURNAL_QUEUE_MOST + 1);
    expect_committed(rig, JOURNAL_QUEUE_MOST + 1, JOURNAL_QUEUE_MOST + 1, JOURNAL_QUEUE_MOST + 1);
    assert_int_equal(number(other, "SELECT count(*) FROM event WHERE at_usec = seq"),
                     JOURNAL_QUEUE_MOST);
}

/* A file may grow no more (EFBIG inside the write: an I/O error to SQLite), then it may again. */
static void test_write_error(void **state)
{
    struct rig *rig = *state;
    struct rlimit before, none;
    struct stat log;
    char path[160];
    uint64_t ticket;

    append_many(rig, 3);
    (void)snprintf(path, sizeof(path), "%s-wal", rig->path);
    assert_int_equal(stat(path, &log), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = (struct rlimit){.rlim_cur = (rlim_t)log.st_size + 100, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    ticket = append(rig, EVENT_ENTERED, 1, 4);
    expect_text(rig, JOURNAL_FAILING, "journal.db");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    expect_committed(rig, ticket, 4, 4);
    free(expect(rig, JOURNAL_WELL));
    journal_end(rig);

    journal_begin(rig);
    assert_int_equal(journal_newest(rig->journal), 4);
    assert_int_equal(journal_presence(rig->journal)->n, 1);
}

/* A disk of 512 KiB, filled by somebody else, then cleared. Needs the right to mount one. */
static void test_full_disk(void **state)
{
    struct rig *rig = *state;
    char filler[160], block[4096] = "";
    enum journal_news_type type;
    uint64_t ticket = 0;
    int fd;

    journal_end(rig);
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", rig->directory, "tmpfs", 0, "size=512k") < 0)
        skip();
    journal_begin(rig);
    (void)snprintf(filler, sizeof(filler), "%s/filler", rig->directory);
    fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, block, sizeof(block)) > 0)
        ;
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(close(fd), 0);
    do {
        struct pollfd ready = {.fd = journal_fd(rig->journal), .events = POLLIN};
        struct journal_news *news;

        ticket = append(rig, EVENT_SYSTEM, 0, 1);
        assert_int_equal(poll(&ready, 1, (int)(DEADLINE / USEC_PER_MSEC)), 1);
        news = journal_next(rig->journal);
        type = news->type;
        if (type == JOURNAL_FAILING)
            assert_non_null(strstr(news->text, "the disk is full"));
        free(news);
    } while (type == JOURNAL_COMMITTED);
    assert_int_equal(unlink(filler), 0);
    expect_committed(rig, ticket, (int64_t)ticket, (int64_t)ticket);
    free(expect(rig, JOURNAL_WELL));
    journal_end(rig);
    assert_int_equal(umount2(rig->directory, MNT_DETACH), 0);
}

static void test_moved_file(void **state)
{
    struct rig *rig = *state;
    char elsewhere[160];

    (void)snprintf(elsewhere, sizeof(elsewhere), "%s.old", rig->path);
    assert_int_equal(rename(rig->path, elsewhere), 0);
    append_many(rig, 1);
    expect_text(rig, JOURNAL_FAILING, "moved or replaced");
    assert_int_equal(rename(elsewhere, rig->path), 0);
    free(expect(rig, JOURNAL_WELL));
}

/* The child dies by SIGKILL in the very moment in which it learns of the commit. */
static void test_kill_after_committed(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {event_of(EVENT_ACCESS, 7, 1), event_of(EVENT_ENTERED, 7, 2)};
    struct journal_news *news;
    int status;
    pid_t child;

    journal_end(rig);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint64_t ticket;

        journal_begin(rig);
        assert_int_equal(journal_append(rig->journal, events, 2, &ticket), 0);
        expect_committed(rig, 1, 1, 2);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    journal_begin(rig);
    assert_int_equal(journal_newest(rig->journal), 2);
    assert_true(presence_contains(journal_presence(rig->journal), 7));
    assert_int_equal(journal_read_after(rig->journal, 0), 0);
    news = expect(rig, JOURNAL_ROWS);
    assert_int_equal(news->n, 2);
    free(news);
}

static void test_the_end_is_bounded(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    usec_t begun;

    assert_int_equal(database_run(other, "BEGIN IMMEDIATE"), 0);
    (void)append(rig, EVENT_SYSTEM, 0, 1);
    begun = time_monotonic();
    journal_end(rig);
    assert_in_range(time_monotonic() - begun, 19 * USEC_PER_SEC / 10, 4 * USEC_PER_SEC);
}

/* --- the disk's pace ------------------------------------------------------------------------- */

/* Opens a journal without a log, and waits until its first write, which waits for the disk, is
 * made. */
static void journal_begin_quiet(struct rig *rig)
{
    unsigned before;

    journal_end(rig);
    before = disk_count(&disk.by_writer);
    journal_begin(rig);
    disk_await(&disk.by_writer, before);
}

static void test_no_commit_waits_for_the_disk(void **state)
{
    struct rig *rig = *state;
    unsigned by_writer, by_keeper;

    journal_begin_quiet(rig);
    by_writer = disk_count(&disk.by_writer);
    by_keeper = disk_count(&disk.by_keeper);
    disk_set(true, false);
    append_many(rig, 1);
    disk_await(&disk.by_keeper, by_keeper); /* within a second the keeper asks, and is stuck */
    append_many(rig, 50);
    assert_int_equal(disk_count(&disk.by_writer), by_writer);
}

/* After a checkpoint the log begins anew, and that write waits for the disk: it must not be a
 * tap's. */
static void test_log_begins_anew_by_itself(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = NULL;
    unsigned by_writer;
    int64_t rounds;

    journal_begin_quiet(rig);
    other = other_program(rig);
    by_writer = disk_count(&disk.by_writer);
    rounds = number(other, "SELECT number FROM log_round");
    append_many(rig, 2000);
    disk_await(&disk.by_writer, by_writer);
    assert_int_equal(disk_count(&disk.by_writer), by_writer + 1);
    append_many(rig, 50);
    assert_int_equal(disk_count(&disk.by_writer), by_writer + 1);
    assert_int_equal(number(other, "SELECT number FROM log_round"), rounds + 1);
}

static void test_failing_fsync(void **state)
{
    struct rig *rig = *state;

    journal_begin_quiet(rig);
    disk_set(false, true);
    append_many(rig, 1);
    expect_text(rig, JOURNAL_FAILING, "Input/output error");
    append_many(rig, 1); /* rows still go into the log */
    disk_set(false, false);
    free(expect(rig, JOURNAL_WELL));
}

/* --- opening --------------------------------------------------------------------------------- */

static void expect_refused(struct rig *rig, int r, const char *words)
{
    char error[DATABASE_ERROR_SIZE] = "";
    struct journal *journal = NULL;

    assert_int_equal(journal_open(rig->path, &journal, error, sizeof(error)), r);
    assert_null(journal);
    if (!starts_with(error, rig->path) || !strstr(error, words))
        fail_msg("\"%s\" does not say \"%s\"", error, words);
}

static void test_files_that_are_not_ours(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = NULL;
    FILE *file;

    journal_end(rig);
    other = other_program(rig);
    assert_int_equal(database_run(other, "PRAGMA user_version=9999"), 0);
    expect_refused(rig, -EPROTONOSUPPORT, "newer");
    assert_int_equal(database_run(other, "PRAGMA user_version=2; PRAGMA application_id=1"), 0);
    expect_refused(rig, -EMEDIUMTYPE, "another application's");
    assert_int_equal(sqlite3_close_v2(TAKE_PTR(other)), SQLITE_OK);

    file = fopen(rig->path, "we");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        (void)fprintf(file, "this is no database ");
    assert_int_equal(fclose(file), 0);
    expect_refused(rig, -EUCLEAN, "damaged");
    assert_int_equal(unlink(rig->path), 0);
    assert_int_equal(mkdir(rig->path, 0700), 0);
    expect_refused(rig, -EISDIR, "");
}

/* Whether the thread NAME of this process is there and blocks SIGTERM (proc(5), SigBlk). */
static bool thread_blocks_signals(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    bool blocks = false;

    assert_non_null(tasks);
    while ((task = readdir(tasks))) {
        CLEANUP(cleanup_file) FILE *status = NULL;
        char path[300], line[256], thread[32] = "";
        unsigned long long blocked;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
        status = fopen(path, "re");
        while (status && fgets(line, sizeof(line), status)) {
            (void)sscanf(line, "Name: %31s", thread);
            if (sscanf(line, "SigBlk: %llx", &blocked) == 1 && streq(thread, name))
                blocks = (blocked >> (SIGTERM - 1)) & 1;
        }
    }
    assert_int_equal(closedir(tasks), 0);
    return blocks;
}

static void test_signals_are_not_for_the_threads(void **state)
{
    struct rig *rig = *state;

    append_many(rig, 1);                                   /* the writer has its name */
    expect_query(rig, (struct journal_query){0}, 1, 1, 1); /* and the keeper */
    assert_true(thread_blocks_signals("journal-writer"));
    assert_true(thread_blocks_signals("journal-keeper"));
    assert_false(thread_blocks_signals("test_journal"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows_come_back_as_they_went_in),
        TEST(test_senseless_events_are_refused),
        TEST(test_every_word_can_be_written),
        TEST(test_senseless_row_is_read_as_system),
        TEST(test_feed_is_read_in_pages),
        TEST(test_presence_is_kept),
        TEST(test_acknowledgement_survives),
        TEST(test_acknowledgement_is_written_within_a_second),
        TEST(test_queries),
        TEST(test_locked_by_another_program),
        TEST(test_an_entry_is_written_whole_or_not),
        TEST(test_full_queue_and_order),
        TEST(test_write_error),
        TEST(test_full_disk),
        TEST(test_moved_file),
        TEST(test_kill_after_committed),
        TEST(test_the_end_is_bounded),
        TEST(test_no_commit_waits_for_the_disk),
        TEST(test_log_begins_anew_by_itself),
        TEST(test_failing_fsync),
        TEST(test_files_that_are_not_ours),
        TEST(test_signals_are_not_for_the_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
