/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The journal when things go wrong, by real causes: other programs' locks, full and failing and
 * slow disks, SIGKILL. What was committed is there whatever happens next; what can't be written is
 * kept, said once, and written later in order and without a gap; no commit waits for the disk.
 */

#include "unit/journal_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

/* Also takes back what a failed test has left: its limit, its mount. */
static int disk_rig_end(void **state)
{
    struct rig *rig = *state;
    struct rlimit limit;

    disk_set(false, false);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    journal_end(rig);
    (void)umount2(rig->directory, MNT_DETACH);
    return rig_end(state);
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
    struct journal_news *rows;
    uint64_t ticket = 0;

    append_many(rig, 1);
    assert_int_equal(database_run(other, "CREATE TRIGGER no BEFORE INSERT ON presence"
                                         " BEGIN SELECT raise(ABORT, 'no'); END"),
                     0);
    assert_int_equal(journal_append(rig->journal, events, 2, &ticket), 0);
    free(expect(rig, JOURNAL_FAILING));
    assert_int_equal(journal_read_after(rig->journal, 0), 0);
    rows = expect(rig, JOURNAL_ROWS); /* not the half that could be written */
    assert_int_equal(rows->n, 1);
    free(rows);
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

/* Another journal in its place is not what the rows are written to, so that all is not well. */
static void test_moved_file(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    struct pollfd news = {.fd = journal_fd(rig->journal), .events = POLLIN};
    char elsewhere[160], copy[160], sql[256];

    (void)snprintf(elsewhere, sizeof(elsewhere), "%s.old", rig->path);
    (void)snprintf(copy, sizeof(copy), "%s.copy", rig->path);
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", copy);
    assert_int_equal(database_run(other, sql), 0);
    assert_int_equal(rename(rig->path, elsewhere), 0);
    assert_int_equal(rename(copy, rig->path), 0);
    append_many(rig, 1);
    expect_text(rig, JOURNAL_FAILING, "moved or replaced");
    assert_int_equal(poll(&news, 1, 2500), 0); /* two more looks of the keeper */
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

/*
 * Opens a journal without a log, and waits until its first write is made: that one waits for the
 * disk, twice (the log's header, its name in the directory).
 */
static void journal_begin_quiet(struct rig *rig)
{
    unsigned before;

    journal_end(rig);
    before = disk_count(&disk.by_writer);
    journal_begin(rig);
    disk_await(&disk.by_writer, before);
    append_many(rig, 1);
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
    disk_set(true, false); /* no checkpoint before all is written */
    append_many(rig, 1500);
    disk_set(false, false);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, disk_rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
