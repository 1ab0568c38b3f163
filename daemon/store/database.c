/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/database.h"
#include "util/translate.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>

#define FILE_MODE 0660 /* people's names and addresses: for the daemon and its group alone */
#define URI_SIZE  (3 * PATH_MAX + 32)

int database_errno(int code)
{
    switch (code & 0xff) { /* the primary code of an extended one */
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return -EACCES;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_INTERRUPT:
        return -EINTR;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_CANTOPEN:
        return code == SQLITE_CANTOPEN_SYMLINK ? -ELOOP : -ENOENT;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_TOOBIG:
        return -E2BIG;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ? -EEXIST
                                                                                        : -EINVAL;
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return -EINVAL;
    default:
        return -EIO;
    }
}

void database_say(char *ret, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(ret, size, _(format), args);
    va_end(args);
}

void database_explain(int r, const char *path, char *ret, size_t size)
{
    switch (r) {
    case -ENOENT:
        database_say(ret, size, "%s: is not there: put it back or restore a backup", path);
        return;
    case -EACCES:
    case -EPERM:
        database_say(ret, size,
                     "%s: permission denied: give this user the right to read and write it and "
                     "its directory",
                     path);
        return;
    case -EUCLEAN:
        database_say(ret, size, "%s: is damaged or no SQLite database: restore a backup", path);
        return;
    case -EBUSY:
        database_say(ret, size, "%s: is locked by another program: close that program", path);
        return;
    case -ELOOP:
        database_say(ret, size, "%s: is a symbolic link: name the file that it leads to", path);
        return;
    case -ENOSPC:
        database_say(ret, size, "%s: the disk is full: make room", path);
        return;
    default:
        database_say(ret, size, "%s: %s: look at its disk and its directory", path, strerror(-r));
    }
}

/*
 * The absolute form of `path`: links that lead to its directory are resolved (that is the admin's
 * choice of a disk), since NOFOLLOW refuses a link anywhere; the file itself must not be one.
 */
static int path_absolute(const char *path, char ret[static PATH_MAX])
{
    char directory[PATH_MAX], name[PATH_MAX], real[PATH_MAX];

    if (strlen(path) >= PATH_MAX)
        return -ENAMETOOLONG;
    strcpy(directory, path);
    strcpy(name, path);
    if (!realpath(dirname(directory), real))
        return -errno;
    if (snprintf(ret, PATH_MAX, "%s/%s", real, basename(name)) >= PATH_MAX)
        return -ENAMETOOLONG;
    return 0;
}

/* Creates the file itself where there is none, so that its mode (and its WAL's) is ours. */
static int file_create(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);

    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    (void)close(fd);
    return 0;
}

/* Returns SQLite's code, as the next one does. */
static int harden(sqlite3 *db, int busy_msec)
{
    int r = sqlite3_busy_timeout(db, busy_msec);

    if (r == SQLITE_OK)
        r = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return r;
}

/* SQLite opens lazily, and read-only what may not be written: asks, so that opening says it. */
static int probe(sqlite3 *db, enum database_access access)
{
    bool reads = access == DATABASE_READ || access == DATABASE_READ_AT_REST;

    if (!reads && sqlite3_db_readonly(db, "main") == 1)
        return SQLITE_PERM;
    return sqlite3_exec(db, "PRAGMA schema_version", NULL, NULL, NULL);
}

/* Why opening failed: the system knows more than "unable to open". */
static int open_errno(sqlite3 *db, int code)
{
    int system_error = db ? sqlite3_system_errno(db) : ENOMEM;

    if (db && sqlite3_extended_errcode(db) == SQLITE_CANTOPEN_SYMLINK)
        return -ELOOP;
    if (code == SQLITE_CANTOPEN && system_error)
        return -system_error;
    return database_errno(code);
}

/*
 * The URI that opens `absolute` without a lock and without looking for a log (RFC 3986, 2.1:
 * percent-encoding). -EBUSY where there is a log.
 */
static int uri_at_rest(const char *absolute, char ret[static URI_SIZE])
{
    char log[PATH_MAX + 8];
    char *end = ret + sprintf(ret, "file:");

    (void)snprintf(log, sizeof(log), "%s-wal", absolute);
    if (access(log, F_OK) == 0)
        return -EBUSY;
    for (const unsigned char *p = (const unsigned char *)absolute; *p; p++)
        end += sprintf(end, isalnum(*p) || strchr("/._-", *p) ? "%c" : "%%%02X", *p);
    (void)sprintf(end, "?immutable=1");
    return 0;
}

int database_open(const char *path, enum database_access access, int busy_msec, sqlite3 **ret)
{
    static const int flags[] = {
        [DATABASE_READ] = SQLITE_OPEN_READONLY,
        [DATABASE_WRITE] = SQLITE_OPEN_READWRITE,
        [DATABASE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [DATABASE_READ_AT_REST] = SQLITE_OPEN_READONLY,
    };
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    char absolute[PATH_MAX] = ":memory:", uri[URI_SIZE];
    const char *name = absolute;
    int r = 0;

    if (!streq(path, absolute))
        r = path_absolute(path, absolute);
    if (r == 0 && access == DATABASE_CREATE && absolute[0] == '/')
        r = file_create(absolute);
    if (r == 0 && access == DATABASE_READ_AT_REST) {
        r = uri_at_rest(absolute, uri);
        name = uri;
    }
    if (r < 0)
        return r;
    /* URI is also for what is attached later: an absolute path never is one. */
    r = sqlite3_open_v2(
        name, &db, flags[access] | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
        NULL);
    if (r == SQLITE_OK)
        r = harden(db, busy_msec);
    if (r == SQLITE_OK)
        r = probe(db, access);
    if (r != SQLITE_OK)
        return open_errno(db, r);
    *ret = TAKE_PTR(db);
    return 0;
}

int database_run(sqlite3 *db, const char *sql)
{
    return database_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int database_number(sqlite3 *db, const char *sql, int64_t *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_step(statement);
    if (r == SQLITE_DONE)
        return -ENODATA;
    if (r != SQLITE_ROW)
        return database_errno(r);
    *ret = sqlite3_column_int64(statement, 0);
    return 0;
}

int database_check_whole(sqlite3 *db)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = sqlite3_exec(db, "PRAGMA ignore_check_constraints=1", NULL, NULL, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_step(statement);
    if (r != SQLITE_ROW)
        return r == SQLITE_DONE ? -EUCLEAN : database_errno(r);
    r = streq((const char *)sqlite3_column_text(statement, 0), "ok") ? 0 : -EUCLEAN;
    (void)sqlite3_exec(db, "PRAGMA ignore_check_constraints=0", NULL, NULL, NULL);
    return r;
}
