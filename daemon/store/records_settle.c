/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/records_private.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

static bool identity_holds(const char *path, const struct identity *identity)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_dev == identity->device && st.st_ino == identity->inode;
}

/* True if what `db` has open is still what its path leads to, and the file that is meant. */
static bool connection_holds(sqlite3 *db, const char *path, const struct identity *identity)
{
    int moved = 1;

    return sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           !moved && identity_holds(path, identity);
}

static bool log_is_empty(const char *path)
{
    char log[PATH_MAX];
    struct stat st;

    (void)snprintf(log, sizeof(log), "%s-wal", path);
    return stat(log, &st) < 0 || st.st_size == 0;
}

int records_settle(const char *path, const struct identity *identity)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    int r;

    if (!identity_holds(path, identity))
        return 0;
    r = database_open(path, DATABASE_WRITE, RECORDS_BUSY_MSEC, &db);
    if (r < 0)
        return r;
    if (!connection_holds(db, path, identity))
        return 0;
    /* A restored backup comes without a log, so that a writer would keep readers out. */
    r = database_run(db, "PRAGMA journal_mode=WAL");
    if (r < 0 || log_is_empty(path))
        return r;
    /* PASSIVE waits for the disk and for nobody; then TRUNCATE, which keeps writers out, is brief.
     */
    r = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (r == SQLITE_OK && connection_holds(db, path, identity))
        r = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return database_errno(r);
}
