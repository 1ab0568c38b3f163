/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The journal on real files when all is well: rows come back as they went in, in order, whole pages
 * and queries of them; who is inside and what the broker acknowledged survive a restart; and files
 * that are no journal are refused in words.
 */

#include "unit/journal_rig.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

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

static void test_query_that_cannot_be_answered(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = other_program(rig);
    const struct journal_query query = {0};

    append_many(rig, 1);
    assert_int_equal(database_run(other, "DROP TABLE event"), 0);
    assert_int_equal(journal_query(rig->journal, &query, 1), 0);
    expect_text(rig, JOURNAL_QUERIED, rig->path);
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
        TEST(test_query_that_cannot_be_answered),
        TEST(test_files_that_are_not_ours),
        TEST(test_signals_are_not_for_the_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
