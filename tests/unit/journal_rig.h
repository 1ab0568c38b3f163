/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What the journal's tests stand on: a journal on a real file in a directory of its own, its news
 * taken one by one with a deadline, and another program's connection to the same file.
 */

#include "store/database.h"
#include "store/journal.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DEADLINE (20 * USEC_PER_SEC)

struct rig {
    char directory[64];
    char path[128];
    struct journal *journal;
};

static inline void journal_begin(struct rig *rig)
{
    char error[DATABASE_ERROR_SIZE] = "";

    if (journal_open(rig->path, &rig->journal, error, sizeof(error)) < 0)
        fail_msg("%s", error);
}

static inline void journal_end(struct rig *rig)
{
    rig->journal = journal_free(rig->journal);
}

static inline int rig_begin(void **state)
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

static inline int rig_end(void **state)
{
    struct rig *rig = *state;
    char command[128];

    journal_end(rig);
    (void)snprintf(command, sizeof(command), "rm -r %s", rig->directory);
    assert_int_equal(system(command), 0);
    free(rig);
    return 0;
}

/* The next news, which must be of `type`. */
static inline struct journal_news *expect(struct rig *rig, enum journal_news_type type)
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

static inline void expect_text(struct rig *rig, enum journal_news_type type, const char *words)
{
    CLEANUP(cleanup_free) struct journal_news *news = expect(rig, type);

    if (!strstr(news->text, words))
        fail_msg("\"%s\" does not say \"%s\"", news->text, words);
}

/* The next news: the entry `ticket`, whose rows are first … last. */
static inline void expect_committed(struct rig *rig, uint64_t ticket, int64_t first, int64_t last)
{
    CLEANUP(cleanup_free) struct journal_news *news = expect(rig, JOURNAL_COMMITTED);

    assert_int_equal(news->ticket, ticket);
    assert_int_equal(news->n, last - first + 1);
    for (size_t i = 0; i < news->n; i++)
        assert_int_equal(news->rows[i].seq, first + (int64_t)i);
}

static inline struct event event_of(enum event_type type, int64_t member, usec_t at)
{
    struct event event = {.type = type, .member = member, .at = at};

    if (type == EVENT_ACCESS)
        event.result = RESULT_GRANTED;
    (void)strcpy(event.boot, "6f1c0d52-7a5e-4a52-9d0f-2f6f0a3d8c11");
    (void)strcpy(event.door, "front");
    return event;
}

static inline uint64_t append(struct rig *rig, enum event_type type, int64_t member, usec_t at)
{
    struct event event = event_of(type, member, at);
    uint64_t ticket = 0;

    assert_int_equal(journal_append(rig->journal, &event, 1, &ticket), 0);
    return ticket;
}

/* Appends `n` events and waits until all are committed. */
static inline void append_many(struct rig *rig, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)append(rig, EVENT_SYSTEM, 0, 1 + i);
    for (size_t i = 0; i < n; i++)
        free(expect(rig, JOURNAL_COMMITTED));
}

/* Another program's connection to the journal. */
static inline sqlite3 *other_program(struct rig *rig)
{
    sqlite3 *db = NULL;

    assert_int_equal(database_open(rig->path, DATABASE_WRITE, 1000, &db), 0);
    return db;
}

static inline int64_t number(sqlite3 *db, const char *sql)
{
    int64_t n = -1;

    assert_int_equal(database_number(db, sql, &n), 0);
    return n;
}
