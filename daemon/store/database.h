/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What every SQLite connection of this room has in common: how it is opened and hardened
 * (DEFENSIVE, TRUSTED_SCHEMA=0, no extensions, NOFOLLOW), how SQLite's codes become errnos, and how
 * a file gets its schema: the numbered files of schemas/sql/ that carry the database's name, each
 * in one transaction.
 */

#include "util/macro.h"

#include <sqlite3.h>

#define DATABASE_ERROR_SIZE 512 /* room for what database_explain() writes */

enum database_access {
    DATABASE_READ,
    DATABASE_WRITE,
    DATABASE_CREATE,
    /* Reads a file at rest in a directory that may not be written, where SQLite can't have its log.
       -EBUSY where there is a log: then somebody is at the file. */
    DATABASE_READ_AT_REST,
};

/*
 * Opens `path` (":memory:" works) for one thread at a time, with `busy_msec` of patience. -ENOENT,
 * -EACCES, -EUCLEAN (damaged or no database) or another negative errno; `*ret` is ended by
 * sqlite3_close_v2().
 */
int database_open(const char *path, enum database_access access, int busy_msec, sqlite3 **ret);

/*
 * SQLite's result code (also an extended one) as a negative errno; 0 for OK, ROW and DONE. A row
 * that the schema refuses is -EINVAL; with an extended code, a second row of the same key is
 * -EEXIST.
 */
int database_errno(int code);

/* Writes for people what `r`, a negative errno of this room, means for `path` and what to do. */
void database_explain(int r, const char *path, char *ret, size_t size);

/* Runs statements that give no rows. */
int database_run(sqlite3 *db, const char *sql);

/* The first column of the first row of `sql`; -ENODATA where there is no row. */
int database_number(sqlite3 *db, const char *sql, int64_t *ret);

/*
 * Reads the whole file for damage: 0, -EUCLEAN or another negative errno. Rows that a CHECK would
 * refuse are no damage.
 */
int database_check_whole(sqlite3 *db);

/* One file schemas/sql/NNNN_NAME….sql, compiled in (the Makefile makes the table). */
struct migration {
    int number;       /* NNNN */
    const char *name; /* the file's name */
    const char *sql;
};
extern const struct migration migrations[];
extern const size_t n_migrations;

/* Writes a sentence about a database for people; translates the format itself. */
void database_say(char *ret, size_t size, const char *format, ...) PRINTF(3, 4);

/*
 * Brings `db` (at `path`) to the newest schema of `name` ("records" or "journal"): user_version is
 * the number of the last file applied. A file that holds something is first copied to
 * PATH.before-NNNN. -EMEDIUMTYPE: another application's file; -EPROTONOSUPPORT: newer than this
 * build. `error` says what to do. Returns 1 if something was applied, 0 if the schema was there.
 * The file is in WAL mode then.
 */
int database_migrate(sqlite3 *db, const char *path, const char *name, int32_t application_id,
                     char *error, size_t size);

/*
 * For who never migrates: 0 if `db` has exactly the schema of `name` that this build knows; errors
 * as database_migrate(), and -EPROTONOSUPPORT as well for an older schema or none yet.
 */
int database_check_version(sqlite3 *db, const char *path, const char *name, int32_t application_id,
                           char *error, size_t size);

static inline void cleanup_database(sqlite3 **db)
{
    (void)sqlite3_close_v2(*db);
}

static inline void cleanup_statement(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}
