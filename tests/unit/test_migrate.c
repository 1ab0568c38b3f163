/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How a database gets its schema, on migrations of this test's own: a ledger in two steps, a third
 * one that fails, and a step of another database between them.
 */

#include "store/database.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LEDGER 0x4c454447 /* "LEDG" */

const struct migration migrations[] = {
    {1, "0001_ledger.sql", "CREATE TABLE line(amount INTEGER) STRICT;"},
    {2, "0002_ledgers.sql", "CREATE TABLE wrong(x);"},
    {3, "0003_ledger_text.sql", "ALTER TABLE line ADD COLUMN text TEXT;"},
    {4, "0004_broken_start.sql", "CREATE TABLE start(x);"},
    {5, "0005_broken_end.sql", "CREATE TABLE half(x); CREATE TABLE start(x);"},
};
const size_t n_migrations = ELEMENTSOF(migrations);

struct rig {
    char directory[32];
    char path[64];
    char backup[96];
    char error[DATABASE_ERROR_SIZE];
    sqlite3 *db;
};

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    strcpy(rig->directory, "/tmp/cantine-XXXXXX");
    if (!mkdtemp(rig->directory))
        return -1;
    (void)snprintf(rig->path, sizeof(rig->path), "%s/ledger.db", rig->directory);
    (void)snprintf(rig->backup, sizeof(rig->backup), "%s.before-0003", rig->path);
    *state = rig;
    return database_open(rig->path, DATABASE_CREATE, 0, &rig->db);
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    char command[64];

    (void)sqlite3_close_v2(rig->db);
    (void)snprintf(command, sizeof(command), "rm -r %s", rig->directory);
    free(rig);
    return system(command);
}

static int migrate(struct rig *rig, const char *name)
{
    return database_migrate(rig->db, rig->path, name, LEDGER, rig->error, sizeof(rig->error));
}

static int check(struct rig *rig, const char *name)
{
    return database_check_version(rig->db, rig->path, name, LEDGER, rig->error, sizeof(rig->error));
}

static void assert_number(sqlite3 *db, const char *sql, int64_t expected)
{
    int64_t number = -1;

    assert_int_equal(database_number(db, sql, &number), 0);
    assert_int_equal(number, expected);
}

static void test_fresh_file_takes_every_step_of_its_own(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(check(rig, "ledger"), -EPROTONOSUPPORT);
    assert_non_null(strstr(rig->error, "has no schema yet: start cantined once"));
    assert_int_equal(migrate(rig, "ledger"), 1);
    assert_number(rig->db, "PRAGMA user_version", 3);
    assert_number(rig->db, "PRAGMA application_id", LEDGER);
    assert_number(rig->db, "SELECT count(*) FROM sqlite_schema", 1);
    assert_int_equal(database_run(rig->db, "INSERT INTO line(amount, text) VALUES (1, 'x')"), 0);
    assert_int_equal(check(rig, "ledger"), 0);
    assert_int_equal(migrate(rig, "ledger"), 0);
    assert_int_equal(access(rig->backup, F_OK), -1);
}

static void test_older_file_is_copied_first(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *backup = NULL;
    struct stat st;

    assert_int_equal(database_run(rig->db, "CREATE TABLE line(amount INTEGER) STRICT;"
                                           "INSERT INTO line VALUES (42);"
                                           "PRAGMA application_id=0x4c454447;"
                                           "PRAGMA user_version=1"),
                     0);
    assert_return_code(chmod(rig->path, 0604), errno);
    assert_int_equal(check(rig, "ledger"), -EPROTONOSUPPORT);
    assert_non_null(strstr(rig->error, "has an older schema: start cantined once"));
    assert_int_equal(migrate(rig, "ledger"), 1);
    assert_number(rig->db, "SELECT count(*) FROM line WHERE text IS NULL AND amount = 42", 1);
    assert_return_code(stat(rig->backup, &st), errno);
    assert_int_equal(st.st_mode & 0777, 0604);
    assert_int_equal(database_open(rig->backup, DATABASE_READ, 0, &backup), 0);
    assert_number(backup, "PRAGMA user_version", 1);
    assert_number(backup, "SELECT amount FROM line", 42);
    assert_number(backup, "SELECT count(*) FROM pragma_table_info('line')", 1);
}

static void test_step_that_fails_leaves_nothing(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(migrate(rig, "broken"), -EIO);
    assert_number(rig->db, "PRAGMA user_version", 4);
    assert_number(rig->db, "SELECT count(*) FROM sqlite_schema", 1);
    assert_int_equal(sqlite3_get_autocommit(rig->db), 1);
}

static void test_memory_has_no_log(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *db = NULL;

    assert_int_equal(database_open(":memory:", DATABASE_CREATE, 0, &db), 0);
    assert_int_equal(
        database_migrate(db, ":memory:", "ledger", LEDGER, rig->error, sizeof(rig->error)), 1);
    assert_number(db, "PRAGMA user_version", 3);
}

static void test_locked_file_says_so(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *other = NULL;

    assert_int_equal(database_open(rig->path, DATABASE_WRITE, 0, &other), 0);
    assert_int_equal(database_run(other, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE"), 0);
    assert_int_equal(migrate(rig, "ledger"), -EBUSY);
    assert_non_null(strstr(rig->error, "is locked by another program: close that program"));
}

static void test_file_that_may_only_be_read(void **state)
{
    struct rig *rig = *state;
    bool root = geteuid() == 0;
    sqlite3 *db = NULL;
    int r;

    assert_return_code(chmod(rig->directory, 0755), errno);
    assert_return_code(chmod(rig->path, 0444), errno);
    if (root)
        assert_return_code(seteuid(65534), errno);
    r = database_open(rig->path, DATABASE_WRITE, 0, &db);
    if (root)
        assert_return_code(seteuid(0), errno);
    assert_int_equal(r, -EACCES);
    assert_null(db);
}

static void test_opening(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    char missing[128], link[96];

    (void)snprintf(missing, sizeof(missing), "%s/missing.db", rig->directory);
    (void)snprintf(link, sizeof(link), "%s/elsewhere", rig->directory);
    assert_int_equal(database_open(missing, DATABASE_WRITE, 0, &db), -ENOENT);
    assert_int_equal(database_open(missing, DATABASE_READ, 0, &db), -ENOENT);
    assert_int_equal(access(missing, F_OK), -1);
    assert_null(db);
    /* A link to the directory is an admin's choice of a disk. */
    assert_return_code(symlink(rig->directory, link), errno);
    (void)snprintf(missing, sizeof(missing), "%s/ledger.db", link);
    assert_int_equal(database_open(missing, DATABASE_READ, 0, &db), 0);
    assert_int_equal(database_run(db, "CREATE TABLE t(x)"), -EACCES);
    assert_int_equal(database_number(db, "SELECT 1 WHERE 0", &(int64_t){0}), -ENODATA);
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_fresh_file_takes_every_step_of_its_own),
        RIGGED(test_older_file_is_copied_first),
        RIGGED(test_step_that_fails_leaves_nothing),
        RIGGED(test_memory_has_no_log),
        RIGGED(test_locked_file_says_so),
        RIGGED(test_file_that_may_only_be_read),
        RIGGED(test_opening),
    };

    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
