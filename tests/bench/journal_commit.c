/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The journal's commit against its floor. `journal_commit DIRECTORY ROUNDS` writes two numbers a
 * round, in µs: append → COMMITTED as the event loop sees it (poll() on journal_fd), and a bare
 * INSERT in a transaction of its own into a plain table, in the calling thread, with the same
 * settings.
 */

#include "store/database.h"
#include "store/journal.h"

#include <inttypes.h>
#include <poll.h>

static void news_wait(struct journal *journal, enum journal_news_type type)
{
    for (;;) {
        struct journal_news *news = journal_next(journal);
        bool found = news && news->type == type;

        free(news);
        if (found)
            return;
        if (!news)
            (void)poll(&(struct pollfd){.fd = journal_fd(journal), .events = POLLIN}, 1, -1);
    }
}

static usec_t commit_measure(struct journal *journal)
{
    struct event event = {.at = time_wall(),
                          .type = EVENT_ACCESS,
                          .result = RESULT_GRANTED,
                          .direction = DIRECTION_IN,
                          .member = 1,
                          .boot = "00000000-0000-0000-0000-000000000000",
                          .door = "front",
                          .reader = "entrance"};
    usec_t begun = time_monotonic();
    uint64_t ticket;

    if (journal_append(journal, &event, 1, &ticket) < 0)
        exit(1);
    news_wait(journal, JOURNAL_COMMITTED);
    return time_monotonic() - begun;
}

static usec_t insert_measure(sqlite3 *db)
{
    usec_t begun = time_monotonic();

    if (database_run(db, "BEGIN IMMEDIATE; INSERT INTO bare (at, door, reader, result) VALUES (1, "
                         "'front', 'entrance', 'granted'); COMMIT") < 0)
        exit(1);
    return time_monotonic() - begun;
}

int main(int argc, char **argv)
{
    CLEANUP(cleanup_journal) struct journal *journal = NULL;
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    char path[512], error[512];

    if (argc != 3)
        return 2;
    (void)snprintf(path, sizeof(path), "%s/journal.db", argv[1]);
    if (journal_open(path, &journal, error, sizeof(error)) < 0)
        return 1;
    (void)snprintf(path, sizeof(path), "%s/bare.db", argv[1]);
    if (database_open(path, DATABASE_CREATE, 0, &db) < 0 ||
        database_run(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE bare "
                     "(id INTEGER PRIMARY KEY AUTOINCREMENT, at, door, reader, result)") < 0)
        return 1;
    for (int i = atoi(argv[2]); i > 0; i--) {
        usec_t commit = commit_measure(journal), insert = insert_measure(db);

        printf("%" PRIu64 " %" PRIu64 "\n", commit, insert);
    }
    return 0;
}
