/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>

#define NAME_AFTER_NUMBER 5 /* "NNNN_" */

static bool migration_is_for(const struct migration *migration, const char *name)
{
    const char *rest = migration->name + NAME_AFTER_NUMBER;
    size_t n = strlen(name);

    return strncmp(rest, name, n) == 0 && (rest[n] == '_' || rest[n] == '.');
}

/* The number of the newest schema of `name` that this build knows. */
static int64_t newest_for(const char *name)
{
    int64_t newest = 0;

    for (size_t i = 0; i < n_migrations; i++)
        if (migration_is_for(&migrations[i], name))
            newest = migrations[i].number;
    return newest;
}

/*
 * Whose file it is and which schema it has, 0 where it holds nothing yet. An application_id of 0
 * with anything in it is somebody else's database too.
 */
static int version_read(sqlite3 *db, const char *path, const char *name, int32_t application_id,
                        int64_t *ret, char *error, size_t size)
{
    int64_t id, version, objects;
    int r = database_number(db, "PRAGMA application_id", &id);

    if (r == 0)
        r = database_number(db, "PRAGMA user_version", &version);
    if (r == 0)
        r = database_number(db, "SELECT count(*) FROM sqlite_schema", &objects);
    if (r < 0) {
        database_explain(r, path, error, size);
        return r;
    }
    if (id != application_id && (id != 0 || version != 0 || objects != 0)) {
        database_say(error, size,
                     "%s: is another application's database: move it away or name another file",
                     path);
        return -EMEDIUMTYPE;
    }
    if (version > newest_for(name)) {
        database_say(error, size,
                     "%s: was made by a newer Cantine (schema %d, this one knows %d): install that "
                     "version again or restore a backup",
                     path, (int)version, (int)newest_for(name));
        return -EPROTONOSUPPORT;
    }
    *ret = version;
    return 0;
}

/* Brings `path`, a file or directory, onto the disk. */
static int path_sync(const char *path)
{
    CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}

/* An empty file at `path` with the mode of `model`, so that a copy is as private as what it copies.
 */
static int file_like(const char *path, const char *model)
{
    CLEANUP(cleanup_fd) int fd = -1;
    struct stat st;

    if (stat(model, &st) < 0)
        return -errno;
    if (unlink(path) < 0 && errno != ENOENT)
        return -errno;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, st.st_mode & 0777) < 0)
        return -errno;
    return 0;
}

static int vacuum_into(sqlite3 *db, const char *path)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &statement, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (r == SQLITE_OK)
        r = sqlite3_step(statement);
    return database_errno(r);
}

static int copy_check(const char *path)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int r = database_open(path, DATABASE_READ, 0, &db);

    return r < 0 ? r : database_check_whole(db);
}

/* A copy of the whole database beside it, there under its name only when it is whole and on the
 * disk. */
static int back_up(sqlite3 *db, const char *path, int number)
{
    char name[PATH_MAX], unfinished[PATH_MAX + 8];
    int r;

    if (snprintf(name, sizeof(name), "%s.before-%04d", path, number) >= (int)sizeof(name))
        return -ENAMETOOLONG;
    (void)snprintf(unfinished, sizeof(unfinished), "%s.new", name);
    r = file_like(unfinished, path);
    if (r == 0)
        r = vacuum_into(db, unfinished);
    if (r == 0)
        r = path_sync(unfinished);
    if (r == 0)
        r = copy_check(unfinished);
    if (r == 0 && rename(unfinished, name) < 0)
        r = -errno;
    return r < 0 ? r : path_sync(dirname(name));
}

static int wal_enter(sqlite3 *db)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    const char *filename = sqlite3_db_filename(db, "main");
    int r = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_step(statement);
    if (r != SQLITE_ROW)
        return database_errno(r);
    if (!filename || !*filename) /* in memory: there is no log */
        return 0;
    return streq((const char *)sqlite3_column_text(statement, 0), "wal") ? 0 : -EBUSY;
}

/* One file and its number, both or neither. */
static int migration_apply(sqlite3 *db, const struct migration *migration, int32_t application_id)
{
    char stamp[128];
    int r;

    (void)snprintf(stamp, sizeof(stamp),
                   "PRAGMA application_id=%" PRId32 "; PRAGMA user_version=%d; COMMIT",
                   application_id, migration->number);
    r = database_run(db, "BEGIN IMMEDIATE");
    if (r == 0)
        r = database_run(db, migration->sql);
    if (r == 0)
        r = database_run(db, stamp);
    if (r < 0 && !sqlite3_get_autocommit(db))
        (void)database_run(db, "ROLLBACK");
    return r;
}

/* Applies what is newer than `version`; returns how many files. */
static int migrations_apply(sqlite3 *db, const char *path, const char *name, int64_t version,
                            int32_t application_id)
{
    int applied = 0, r;

    for (size_t i = 0; i < n_migrations; i++) {
        const struct migration *migration = &migrations[i];

        if (migration->number <= version || !migration_is_for(migration, name))
            continue;
        if (version > 0 && applied == 0) {
            r = back_up(db, path, migration->number);
            if (r < 0)
                return r;
        }
        r = migration_apply(db, migration, application_id);
        if (r < 0)
            return r;
        applied++;
    }
    return applied;
}

int database_migrate(sqlite3 *db, const char *path, const char *name, int32_t application_id,
                     char *error, size_t size)
{
    int64_t version;
    int r = version_read(db, path, name, application_id, &version, error, size);

    if (r < 0)
        return r;
    r = wal_enter(db);
    if (r == 0)
        r = migrations_apply(db, path, name, version, application_id);
    if (r < 0)
        database_explain(r, path, error, size);
    return MIN_OF(r, 1);
}

int database_check_version(sqlite3 *db, const char *path, const char *name, int32_t application_id,
                           char *error, size_t size)
{
    int64_t version;
    int r = version_read(db, path, name, application_id, &version, error, size);

    if (r < 0 || version == newest_for(name))
        return r;
    if (version == 0)
        database_say(error, size, "%s: has no schema yet: start cantined once", path);
    else
        database_say(error, size, "%s: has an older schema: start cantined once", path);
    return -EPROTONOSUPPORT;
}
