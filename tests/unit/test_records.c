/* SPDX-License-Identifier: GPL-3.0-or-later */

/* records.db as a file: created, refused, edited, replaced, damaged and gone while the door works.
 */

#include "store/database.h"
#include "unit/records_rig.h"

#include <poll.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PATIENCE 10000 /* ms in which a background copy must be there */

/* Refreshes in the background until the news is `wanted`. */
static void background_until(struct rig *rig, enum records_news wanted)
{
    struct pollfd wake = {.fd = records_fd(rig->records), .events = POLLIN};

    for (;;) {
        rig->clock += USEC_PER_SEC;
        if (records_refresh_background(rig->records, rig->clock) == wanted)
            return;
        assert_int_equal(poll(&wake, 1, PATIENCE), 1);
    }
}

static void overwrite(const char *path)
{
    char garbage[4096];
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    memset(garbage, 'x', sizeof(garbage));
    assert_return_code(fd, errno);
    for (int i = 0; i < 20; i++)
        assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
    (void)close(fd);
}

/* What the shell answers to `sql`, which must give one line. */
static void assert_shell_says(struct rig *rig, const char *sql, const char *expected)
{
    char command[512], said[512] = "";
    FILE *pipe;

    (void)snprintf(command, sizeof(command), "sqlite3 '%s' \"%s\"", rig->path, sql);
    pipe = popen(command, "re");
    assert_non_null(pipe);
    assert_non_null(fgets(said, sizeof(said), pipe));
    assert_int_equal(pclose(pipe), 0);
    said[strcspn(said, "\n")] = '\0';
    assert_string_equal(said, expected);
}

/* The number of records.db's newest schema: that of its last step in schemas/sql/. */
static int newest_version(void)
{
    int newest = 0;

    for (size_t i = 0; i < n_migrations; i++)
        if (strstr(migrations[i].name, "_records"))
            newest = migrations[i].number;
    return newest;
}

static void assert_error_says(const struct rig *rig, const char *words)
{
    if (!strstr(rig->error, words))
        fail_msg("'%s' is not in '%s'", words, rig->error);
}

static void test_fresh_file_gets_its_schema(void **state)
{
    struct rig *rig = *state;
    char expected[64];
    struct stat st;

    open_well(rig);
    assert_null(records_fault(rig->records));
    (void)snprintf(expected, sizeof(expected), "%d|1128353364|wal", newest_version());
    assert_shell_says(rig,
                      "SELECT * FROM pragma_user_version, pragma_application_id,"
                      " pragma_journal_mode",
                      expected);
    assert_shell_says(rig, "SELECT group_concat(id || ' ' || access) FROM plan",
                      "resident always,nomade opening,soir hours,salle booking,carnet pass");
    assert_shell_says(rig, "SELECT count(*) FROM record_change", "0");
    assert_return_code(stat(rig->path, &st), errno);
    assert_int_equal(st.st_mode & 0007, 0); /* nobody else's business */
}

static void test_second_open_keeps_everything(void **state)
{
    struct rig *rig = *state;
    char backup[128];

    open_with_ada(rig);
    rig->records = records_free(rig->records);
    open_well(rig);
    assert_true(ada(rig).badge.known);
    (void)snprintf(backup, sizeof(backup), "%s.before-%04d", rig->path, newest_version());
    assert_int_equal(access(backup, F_OK), -1);
}

static void test_closing_leaves_no_log(void **state)
{
    struct rig *rig = *state;
    char log[128];

    open_with_ada(rig);
    (void)snprintf(log, sizeof(log), "%s-wal", rig->path);
    assert_int_equal(access(log, F_OK), 0);
    rig->records = records_free(rig->records);
    assert_int_equal(access(log, F_OK), -1);
}

static void test_newer_schema_is_refused(void **state)
{
    struct rig *rig = *state;
    char expected[128];

    open_well(rig);
    rig->records = records_free(rig->records);
    shell(rig, "PRAGMA user_version=9999");
    assert_int_equal(open_tries(rig), -EPROTONOSUPPORT);
    (void)snprintf(expected, sizeof(expected),
                   "made by a newer Cantine (schema 9999, this one knows %d): install",
                   newest_version());
    assert_error_says(rig, expected);
    assert_shell_says(rig, "PRAGMA user_version", "9999");
}

static void test_foreign_file_is_refused(void **state)
{
    struct rig *rig = *state;

    shell(rig, "CREATE TABLE cake(x)");
    assert_int_equal(open_tries(rig), -EMEDIUMTYPE);
    assert_error_says(rig, "is another application's database: move it away");
    assert_shell_says(rig, "SELECT count(*) FROM sqlite_schema", "1");
}

static void test_damaged_file_is_refused(void **state)
{
    struct rig *rig = *state;

    open_well(rig);
    rig->records = records_free(rig->records);
    overwrite(rig->path);
    assert_int_equal(open_tries(rig), -EUCLEAN);
    assert_error_says(rig, "is damaged or no SQLite database: restore a backup");
}

static void test_missing_directory_is_named(void **state)
{
    struct rig *rig = *state;

    strcpy(rig->path, "/nonexistent/records.db");
    assert_int_equal(open_tries(rig), -ENOENT);
    assert_error_says(rig, "its directory does not exist: create it");
}

static void test_symbolic_link_is_refused(void **state)
{
    struct rig *rig = *state;
    char real[64];

    (void)snprintf(real, sizeof(real), "%s/real.db", rig->directory);
    assert_return_code(symlink(real, rig->path), errno);
    assert_int_equal(open_tries(rig), -ELOOP);
    assert_error_says(rig, "is a symbolic link: name the file");
    assert_int_equal(access(real, F_OK), -1);
}

static void test_edit_holds_at_the_next_tap(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
    shell(rig, "UPDATE member SET status='suspended'");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(ada(rig).member.standing.status, MEMBER_SUSPENDED);
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
}

static void test_edit_is_seen_in_the_background(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "UPDATE member SET status='left'");
    assert_int_equal(records_refresh_background(rig->records, 1), RECORDS_COPYING);
    assert_int_equal(ada(rig).member.standing.status, MEMBER_ACTIVE);
    background_until(rig, RECORDS_NEW);
    assert_int_equal(ada(rig).member.standing.status, MEMBER_LEFT);
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
}

static void test_tap_sees_an_edit_newer_than_the_copy_on_its_way(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "UPDATE member SET status='left'");
    assert_int_equal(records_refresh_background(rig->records, 1), RECORDS_COPYING);
    shell(rig, "UPDATE member SET status='suspended'");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(ada(rig).member.standing.status, MEMBER_SUSPENDED);
}

/* After 2 s of quiet the log is empty, so that another file may take the place of this one. */
static void test_quiet_file_is_settled(void **state)
{
    struct rig *rig = *state;
    struct pollfd wake;
    char log[128];
    struct stat st;

    open_with_ada(rig);
    wake = (struct pollfd){.fd = records_fd(rig->records), .events = POLLIN};
    (void)snprintf(log, sizeof(log), "%s-wal", rig->path);
    (void)records_refresh_background(rig->records, 1);
    (void)records_refresh_background(rig->records, 2 * USEC_PER_SEC);
    assert_return_code(stat(log, &st), errno);
    assert_int_not_equal(st.st_size, 0);
    assert_int_equal(poll(&wake, 1, 100), 0); /* no work in the background yet */
    (void)records_refresh_background(rig->records, 2 * USEC_PER_SEC + 1);
    assert_int_equal(poll(&wake, 1, PATIENCE), 1);
    assert_return_code(stat(log, &st), errno);
    assert_int_equal(st.st_size, 0);
    /* That this changed the file is noticed once, and then there is peace. */
    rig->clock = 3 * USEC_PER_SEC;
    background_until(rig, RECORDS_NEW);
    for (int i = 0; i < 5; i++) {
        rig->clock += 3 * USEC_PER_SEC;
        assert_int_equal(records_refresh_background(rig->records, rig->clock), RECORDS_SAME);
        (void)poll(&wake, 1, 20);
    }
}

static void replace_with_grace(struct rig *rig)
{
    char other[96], sql[256];

    (void)snprintf(other, sizeof(other), "%s/other.db", rig->directory);
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", other);
    shell(rig, sql);
    assert_int_equal(
        run(rig, (const char *const[]){"sqlite3", other, "UPDATE badge SET uid='04000001'", NULL}),
        0);
    shell(rig, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_return_code(rename(other, rig->path), errno);
}

static void test_replaced_file_is_read(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    replace_with_grace(rig);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_false(ada(rig).badge.known);
    assert_true(facts_of(rig, "04000001", "front").badge.known);
    /* And watched from now on; a file without a log gets one. */
    shell(rig, "UPDATE badge SET status='lost'");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(facts_of(rig, "04000001", "front").badge.status, BADGE_LOST);
    rig->records = records_free(rig->records);
    assert_shell_says(rig, "PRAGMA journal_mode", "wal");
}

static void assert_no_deleted_file_open(void)
{
    for (int fd = 0; fd < 100; fd++) {
        char link[32], name[256];
        ssize_t n;

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, name, sizeof(name) - 1);
        name[MAX_OF(n, 0)] = '\0';
        if (strstr(name, "records.db (deleted)"))
            fail_msg("the old file is still open");
    }
}

/* Once a commit stays in the new file's log, its data_version alone can tell. */
static void test_replaced_file_is_watched(void **state)
{
    struct rig *rig = *state;
    struct pollfd wake;
    sqlite3 *other;

    open_with_ada(rig);
    replace_with_grace(rig);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    wake = (struct pollfd){.fd = records_fd(rig->records), .events = POLLIN};
    (void)records_refresh_background(rig->records, 1);
    (void)records_refresh_background(rig->records, 3 * USEC_PER_SEC);
    assert_int_equal(poll(&wake, 1, PATIENCE), 1);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_no_deleted_file_open();
    assert_int_equal(sqlite3_open(rig->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "UPDATE badge SET status='lost'", NULL, NULL, NULL), 0);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_int_equal(facts_of(rig, "04000001", "front").badge.status, BADGE_LOST);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static void test_replaced_file_is_read_in_the_background(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    replace_with_grace(rig);
    background_until(rig, RECORDS_NEW);
    assert_true(facts_of(rig, "04000001", "front").badge.known);
}

static void assert_fault(struct rig *rig, const char *words)
{
    const char *fault = records_fault(rig->records);

    assert_non_null(fault);
    if (!strstr(fault, words) || !strstr(fault, "the last good copy stays in use"))
        fail_msg("the fault says '%s'", fault);
}

static void test_vanished_file_keeps_the_copy(void **state)
{
    struct rig *rig = *state;
    char away[96];

    open_with_ada(rig);
    shell(rig, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)records_refresh(rig->records);
    (void)snprintf(away, sizeof(away), "%s/away.db", rig->directory);
    assert_return_code(rename(rig->path, away), errno);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "is not there: put it back or restore a backup");
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
    assert_true(ada(rig).badge.known);
    assert_int_equal(access(rig->path, F_OK), -1); /* nobody made a new one */
    assert_return_code(rename(away, rig->path), errno);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_null(records_fault(rig->records));
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME);
}

static void test_garbage_keeps_the_copy(void **state)
{
    struct rig *rig = *state;
    char backup[96], command[160];

    open_with_ada(rig);
    shell(rig, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)snprintf(backup, sizeof(backup), "%s/backup.db", rig->directory);
    (void)snprintf(command, sizeof(command), "VACUUM INTO '%s'", backup);
    shell(rig, command);
    (void)records_refresh(rig->records);
    overwrite(rig->path);
    background_until(rig, RECORDS_FAULT);
    assert_fault(rig, "is damaged or no SQLite database: restore a backup");
    assert_true(ada(rig).badge.known);
    assert_int_equal(run(rig, (const char *const[]){"cp", backup, rig->path, NULL}), 0);
    background_until(rig, RECORDS_NEW);
    assert_null(records_fault(rig->records));
    assert_true(ada(rig).badge.known);
}

/* A fault of the moment: the file stays as it is and is read as soon as it can be. */
static void test_passing_fault_passes(void **state)
{
    struct rig *rig = *state;
    struct rlimit before, none;

    open_with_ada(rig);
    shell(rig, "UPDATE member SET status='left'");
    assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
    assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
    assert_fault(rig, "Too many open files");
    assert_int_equal(ada(rig).member.standing.status, MEMBER_ACTIVE);
    background_until(rig, RECORDS_NEW);
    assert_int_equal(ada(rig).member.standing.status, MEMBER_LEFT);
}

/* A restored backup has no log, so that a writer keeps readers out: told, and read at the next tap.
 */
static void test_locked_file_is_read_later(void **state)
{
    struct rig *rig = *state;
    sqlite3 *other;

    open_with_ada(rig);
    replace_with_grace(rig);
    assert_int_equal(sqlite3_open(rig->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "is locked by another program");
    assert_true(ada(rig).badge.known);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
    assert_false(ada(rig).badge.known);
}

/* Nothing about the header is wrong: what is broken is read only because rows are counted on. */
static void test_damage_inside_keeps_the_copy(void **state)
{
    struct rig *rig = *state;
    char page[4096];
    int fd;

    open_with_ada(rig);
    shell(rig, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)records_refresh(rig->records);
    memset(page, 0xFF, sizeof(page));
    fd = open(rig->path, O_WRONLY | O_CLOEXEC);
    assert_return_code(fd, errno);
    for (int i = 1; i < 20; i++)
        assert_int_equal(pwrite(fd, page, sizeof(page), i * (off_t)sizeof(page)), sizeof(page));
    (void)close(fd);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "is damaged");
    assert_true(ada(rig).badge.known);
}

static void test_other_versions_keep_the_copy(void **state)
{
    struct rig *rig = *state;
    char sql[64];

    open_with_ada(rig);
    shell(rig, "PRAGMA user_version=9999");
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "made by a newer Cantine");
    shell(rig, "PRAGMA user_version=0");
    assert_int_equal(records_refresh(rig->records), RECORDS_SAME); /* no new kind of fault */
    assert_fault(rig, "start cantined once");
    (void)snprintf(sql, sizeof(sql), "PRAGMA user_version=%d; PRAGMA application_id=7",
                   newest_version());
    shell(rig, sql);
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "another application's");
    assert_true(ada(rig).badge.known);
    shell(rig, "PRAGMA application_id=0x43414e54");
    assert_int_equal(records_refresh(rig->records), RECORDS_NEW);
}

static void test_dropped_table_keeps_the_copy(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "DROP TABLE badge");
    assert_int_equal(records_refresh(rig->records), RECORDS_FAULT);
    assert_fault(rig, "is damaged");
    assert_true(ada(rig).badge.known);
}

static void test_bookings_never_overlap(void **state)
{
    struct rig *rig = *state;

    open_with_ada(rig);
    shell(rig, "INSERT INTO resource(id, name) VALUES ('room', 'Salle'), ('desk', 'Bureau');"
               "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES"
               " ('room', 1, 1000, 2000), ('room', 1, 2000, 3000), ('desk', 1, 1500, 2500);"
               "INSERT INTO booking(resource, member, starts_at, ends_at, status) VALUES"
               " ('room', 1, 1000, 3000, 'cancelled')");
    assert_int_not_equal(shell_tries(rig,
                                     "INSERT INTO booking(resource, member, starts_at, ends_at)"
                                     " VALUES ('room', 1, 1999, 2001)"),
                         0);
    assert_non_null(strstr(rig->said, "booked at that time already"));
    assert_int_not_equal(shell_tries(rig, "UPDATE booking SET status='confirmed' WHERE id=4"), 0);
    assert_non_null(strstr(rig->said, "booked at that time already"));
    assert_int_not_equal(shell_tries(rig, "UPDATE booking SET ends_at=2001 WHERE id=1"), 0);
    assert_int_not_equal(shell_tries(rig, "UPDATE booking SET resource='room' WHERE id=3"), 0);
    shell(rig, "UPDATE booking SET title='Atelier', ends_at=1500 WHERE id=1");
}

/* Looking once needs no daemon, makes nothing and leaves the file to whoever watches it. */
static void test_looking_once(void **state)
{
    struct rig *rig = *state;
    struct stat before, after;
    struct records *once;
    struct facts facts = {.place = {.direction = DIRECTION_IN}};
    char name[MEMBER_NAME_SIZE];

    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)), -ENOENT);
    assert_error_says(rig, "start cantined once");
    assert_int_equal(access(rig->path, F_OK), -1);
    open_with_ada(rig);
    assert_return_code(stat(rig->path, &before), errno);
    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)), 0);
    assert_int_equal(uid_parse(ADA_BADGE, &facts.presented.uid), 0);
    shell(rig, "DELETE FROM badge"); /* after the look */
    assert_int_equal(records_facts(once, "front", &monday, NULL, &facts), 0);
    assert_true(facts.badge.known);
    assert_string_equal(facts.plan.id, "resident");
    records_member_names(once, 1, name, NULL);
    assert_string_equal(name, "Ada");
    assert_null(records_free(once));
    assert_return_code(stat(rig->path, &after), errno);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec); /* no log was brought home */
    shell(rig, "PRAGMA user_version=99");
    assert_int_equal(records_load_once(rig->path, &once, rig->error, sizeof(rig->error)),
                     -EPROTONOSUPPORT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_fresh_file_gets_its_schema),
        RIGGED(test_second_open_keeps_everything),
        RIGGED(test_closing_leaves_no_log),
        RIGGED(test_newer_schema_is_refused),
        RIGGED(test_foreign_file_is_refused),
        RIGGED(test_damaged_file_is_refused),
        RIGGED(test_missing_directory_is_named),
        RIGGED(test_symbolic_link_is_refused),
        RIGGED(test_edit_holds_at_the_next_tap),
        RIGGED(test_edit_is_seen_in_the_background),
        RIGGED(test_tap_sees_an_edit_newer_than_the_copy_on_its_way),
        RIGGED(test_quiet_file_is_settled),
        RIGGED(test_replaced_file_is_read),
        RIGGED(test_replaced_file_is_watched),
        RIGGED(test_replaced_file_is_read_in_the_background),
        RIGGED(test_vanished_file_keeps_the_copy),
        RIGGED(test_garbage_keeps_the_copy),
        RIGGED(test_passing_fault_passes),
        RIGGED(test_locked_file_is_read_later),
        RIGGED(test_damage_inside_keeps_the_copy),
        RIGGED(test_other_versions_keep_the_copy),
        RIGGED(test_dropped_table_keeps_the_copy),
        RIGGED(test_bookings_never_overlap),
        RIGGED(test_looking_once),
    };

    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
