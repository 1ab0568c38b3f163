/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A decision with its look-ups, as cantined makes one at each tap: records_refresh(),
 * records_facts() and decide(), on a file that association.c wrote. Each round writes two numbers
 * to the standard output, in µs: the decision and its floor.
 *
 *   decision taps FILE ROUNDS        nothing has changed; floor: one look-up by primary key
 *   decision edits FILE ROUNDS       a badge's status was changed just before; floor: reading each
 *                                    row of the tables that the door needs once, by SQLite
 *   decision noticed FILE ROUNDS     likewise, but the change was noticed in the background before;
 *                                    floor: as for taps
 *   decision overtaken FILE ROUNDS   an edit while an earlier one is being copied in the
 *                                    background; floor: as for edits
 *
 * Whoever taps is drawn from all badges, one in twenty is a stranger. An answer that is wrong ends
 * it.
 */

#include "core/decide.h"
#include "store/database.h"
#include "store/records.h"

#include <poll.h>
#include <time.h>

#define STRANGERS 20 /* one tap in so many */
#define DOOR      "front"

struct bench {
    struct records *records;
    sqlite3 *file; /* as another program has it open */
    sqlite3_stmt *status_set, *scan;
    sqlite3 *memory; /* the badges' numbers by primary key */
    sqlite3_stmt *look_up;
    struct uid *uids;
    size_t n_uids;
    uint64_t random;
};

static void need(bool well, const char *what)
{
    if (well)
        return;
    (void)fprintf(stderr, "decision: %s\n", what);
    exit(1);
}

static double clock_usec(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* The same numbers each time (Knuth's MMIX). */
static size_t random_below(struct bench *bench, size_t n)
{
    bench->random = bench->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(bench->random >> 33) % n;
}

static struct uid random_uid(struct bench *bench)
{
    struct uid uid = bench->uids[random_below(bench, bench->n_uids)];

    if (random_below(bench, STRANGERS) == 0)
        uid.bytes[1] ^= 0x5A;
    return uid;
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    (void)sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    need(statement, sql);
    return statement;
}

static void uids_read(struct bench *bench)
{
    sqlite3_stmt *select = prepared(bench->file, "SELECT uid FROM badge"), *insert;
    int64_t n;

    need(database_number(bench->file, "SELECT count(*) FROM badge", &n) == 0 && n > 0, "no badge");
    bench->uids = calloc((size_t)n, sizeof(*bench->uids));
    need(bench->uids, "no memory");
    need(database_run(bench->memory,
                      "BEGIN; CREATE TABLE badge(uid TEXT PRIMARY KEY, member) WITHOUT ROWID") == 0,
         "no table");
    insert = prepared(bench->memory, "INSERT INTO badge VALUES (?1, 1)");
    while (sqlite3_step(select) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(select, 0);

        need(uid_parse(text, &bench->uids[bench->n_uids++]) == 0, text);
        (void)sqlite3_bind_text(insert, 1, text, -1, SQLITE_STATIC);
        need(sqlite3_step(insert) == SQLITE_DONE, "no row");
        (void)sqlite3_reset(insert);
    }
    (void)sqlite3_finalize(insert);
    (void)sqlite3_finalize(select);
    need(database_run(bench->memory, "COMMIT") == 0, "no table");
}

static void bench_open(struct bench *bench, const char *path)
{
    char error[DATABASE_ERROR_SIZE];

    if (records_open(path, &bench->records, error, sizeof(error)) < 0)
        need(false, error);
    need(sqlite3_open(path, &bench->file) == SQLITE_OK, path);
    need(sqlite3_open(":memory:", &bench->memory) == SQLITE_OK, "no memory");
    uids_read(bench);
    bench->look_up = prepared(bench->memory, "SELECT member FROM badge WHERE uid = ?1");
    bench->status_set = prepared(bench->file, "UPDATE badge SET status = ?2 WHERE uid = ?1");
    bench->scan =
        prepared(bench->file, "SELECT (SELECT sum(length(uid) + member) FROM badge),"
                              " (SELECT sum(length(name) + length(plan)) FROM member),"
                              " (SELECT sum(member + ends_at) FROM booking NOT INDEXED),"
                              " (SELECT sum(member + booking) FROM booking_guest NOT INDEXED)");
}

static void moment(struct now *ret)
{
    *ret = (struct now){.monotonic = time_monotonic(), .wall = time_wall()};
    (void)time_local(ret->wall, &ret->local);
    ret->pass_day = ret->local.day;
}

/* µs from the tap to its decision. */
static double decide_on(struct bench *bench, const struct uid *uid, struct decision *decision)
{
    struct facts facts = {.presented = {.uid = *uid, .assurance = ASSURANCE_UID}};
    struct now now;
    double begun;

    moment(&now);
    begun = clock_usec();
    (void)records_refresh(bench->records);
    need(records_facts(bench->records, DOOR, &now, NULL, &facts) == 0, "no facts");
    decide(&facts, &now, decision);
    return clock_usec() - begun;
}

static double look_up_measure(struct bench *bench)
{
    struct uid uid = random_uid(bench);
    char text[UID_TEXT_SIZE];
    double begun = clock_usec();

    uid_format(&uid, text);
    (void)sqlite3_bind_text(bench->look_up, 1, text, -1, SQLITE_STATIC);
    (void)sqlite3_step(bench->look_up);
    (void)sqlite3_reset(bench->look_up);
    return clock_usec() - begun;
}

static double scan_measure(struct bench *bench)
{
    double begun = clock_usec();

    need(sqlite3_step(bench->scan) == SQLITE_ROW, "the tables could not be read");
    (void)sqlite3_reset(bench->scan);
    return clock_usec() - begun;
}

/* Any tap; whether the answer is right is for the tests to say. */
static double tap_measure(struct bench *bench)
{
    struct uid uid = random_uid(bench);
    struct decision decision;

    return decide_on(bench, &uid, &decision);
}

static void status_set(struct bench *bench, const struct uid *uid, const char *status)
{
    char text[UID_TEXT_SIZE];

    uid_format(uid, text);
    (void)sqlite3_bind_text(bench->status_set, 1, text, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(bench->status_set, 2, status, -1, SQLITE_STATIC);
    need(sqlite3_step(bench->status_set) == SQLITE_DONE, "the badge could not be edited");
    (void)sqlite3_reset(bench->status_set);
}

/* The tap of a badge that became lost or stolen just before: refused with that very word. */
static double edited_tap_measure(struct bench *bench, const struct uid *uid, bool stolen)
{
    struct decision decision;
    double took = decide_on(bench, uid, &decision);

    need(!decision.granted && decision.reason == (stolen ? REASON_BADGE_STOLEN : REASON_BADGE_LOST),
         "the tap does not see the edit before it");
    return took;
}

static void background_until(struct bench *bench, enum records_news wanted)
{
    struct pollfd wake = {.fd = records_fd(bench->records), .events = POLLIN};
    usec_t now = time_monotonic();

    /* The clock is put forward, so that no copy is put off. */
    while (records_refresh_background(bench->records, now += USEC_PER_SEC) != wanted)
        (void)poll(&wake, 1, 1000);
}

static void taps(struct bench *bench, int i, double *ret, double *ret_floor)
{
    (void)i;
    *ret = tap_measure(bench);
    *ret_floor = look_up_measure(bench);
}

static void edits(struct bench *bench, int i, double *ret, double *ret_floor)
{
    struct uid uid = bench->uids[random_below(bench, bench->n_uids)];

    status_set(bench, &uid, i % 2 ? "stolen" : "lost");
    *ret = edited_tap_measure(bench, &uid, i % 2);
    *ret_floor = scan_measure(bench);
}

static void noticed(struct bench *bench, int i, double *ret, double *ret_floor)
{
    struct uid uid = bench->uids[random_below(bench, bench->n_uids)];

    status_set(bench, &uid, i % 2 ? "stolen" : "lost");
    background_until(bench, RECORDS_NEW);
    for (int k = 0; k < 20; k++) /* the caches are a tap's again */
        (void)tap_measure(bench);
    *ret = edited_tap_measure(bench, &uid, i % 2);
    *ret_floor = look_up_measure(bench);
}

static void overtaken(struct bench *bench, int i, double *ret, double *ret_floor)
{
    struct uid uid = bench->uids[random_below(bench, bench->n_uids)];

    status_set(bench, &uid, "returned");
    background_until(bench, RECORDS_COPYING);
    status_set(bench, &uid, i % 2 ? "stolen" : "lost");
    *ret = edited_tap_measure(bench, &uid, i % 2);
    *ret_floor = scan_measure(bench);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*measure)(struct bench *bench, int i, double *ret, double *ret_floor);
    } modes[] = {{"taps", taps}, {"edits", edits}, {"noticed", noticed}, {"overtaken", overtaken}};
    struct bench bench = {.random = 42};

    if (argc != 4)
        return 2;
    bench_open(&bench, argv[2]);
    for (size_t m = 0; m < ELEMENTSOF(modes); m++) {
        for (int i = 0; streq(modes[m].name, argv[1]) && i < atoi(argv[3]); i++) {
            double took, floor;

            modes[m].measure(&bench, i, &took, &floor);
            printf("%.3f %.3f\n", took, floor);
        }
    }
    (void)records_free(bench.records);
    return 0;
}
