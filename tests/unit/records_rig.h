/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * A records.db of its own for each test of the records: a real file in a directory that vanishes
 * with the test, edited by the sqlite3 shell as an admin would. The moment of every look-up is
 * Monday 2099-11-23, 10:00 in UTC: later than any clock that runs this, since a look-up before what
 * the copy holds of bookings (two days before it was made) makes another copy.
 */

#include "store/records.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#define ADA_BADGE "04A1B2C3D4E5F6"
#define WALL      INT64_C(4099111200) /* 2099-11-23T10:00:00Z */

static const struct now monday = {
    .wall = WALL * USEC_PER_SEC,
    .local = {.day = 20991123, .yesterday = 20991122, .weekday = 1, .minute = 600},
};

struct rig {
    char directory[32];
    char path[64];
    struct records *records;
    char error[512];
    char said[1024]; /* by the shell, on its standard error */
    usec_t clock;    /* monotonic, moved by hand */
};

/* Runs `program` with its standard error in rig->said; returns its exit status. */
static inline int run(struct rig *rig, const char *const *arguments)
{
    int ends[2], status = -1;
    ssize_t n;
    pid_t pid;

    assert_return_code(pipe2(ends, O_CLOEXEC), errno);
    pid = fork();
    assert_return_code(pid, errno);
    if (pid == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        (void)execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    (void)close(ends[1]);
    n = read(ends[0], rig->said, sizeof(rig->said) - 1);
    rig->said[MAX_OF(n, 0)] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static inline int shell_tries(struct rig *rig, const char *sql)
{
    return run(rig, (const char *const[]){"sqlite3", rig->path, sql, NULL});
}

static inline void shell(struct rig *rig, const char *sql)
{
    int status = shell_tries(rig, sql);

    if (status != 0)
        fail_msg("%s: %s", sql, rig->said);
}

/* Writes past every constraint, as a broken tool would. */
static inline void shell_careless(struct rig *rig, const char *sql)
{
    char careless[1024];

    (void)snprintf(careless, sizeof(careless), "PRAGMA ignore_check_constraints=1; %s", sql);
    shell(rig, careless);
}

static inline int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    strcpy(rig->directory, "/tmp/cantine-XXXXXX");
    if (!mkdtemp(rig->directory))
        return -1;
    (void)snprintf(rig->path, sizeof(rig->path), "%s/records.db", rig->directory);
    *state = rig;
    return 0;
}

static inline int teardown(void **state)
{
    struct rig *rig = *state;

    rig->records = records_free(rig->records);
    (void)run(rig, (const char *const[]){"rm", "-r", rig->directory, NULL});
    free(rig);
    return 0;
}

static inline int open_tries(struct rig *rig)
{
    return records_open(rig->path, &rig->records, rig->error, sizeof(rig->error));
}

static inline void open_well(struct rig *rig)
{
    if (open_tries(rig) != 0)
        fail_msg("%s", rig->error);
}

static inline void open_with_ada(struct rig *rig)
{
    open_well(rig);
    shell(rig, "INSERT INTO member(name, plan) VALUES ('Ada', 'resident');"
               "INSERT INTO badge(uid, member) VALUES ('" ADA_BADGE "', 1)");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
}

static inline struct facts facts_of(struct rig *rig, const char *uid, const char *door)
{
    struct facts facts = {.place = {.direction = DIRECTION_IN}};

    assert_int_equal(uid_parse(uid, &facts.presented.uid), 0);
    assert_int_equal(records_facts(rig->records, door, &monday, NULL, &facts), 0);
    assert_int_equal(facts.place.direction, DIRECTION_IN);
    return facts;
}

static inline struct facts ada(struct rig *rig)
{
    return facts_of(rig, ADA_BADGE, "front");
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
