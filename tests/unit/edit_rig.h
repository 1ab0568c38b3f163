/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A records.db of its own for each test, edited as "grace", and another tool that looks into it. */

#include "store/database.h"
#include "store/edit.h"
#include "store/records.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

DEFINE_CLEANUP(json_t *, cleanup_json, json_decref);

struct rig {
    char directory[32];
    char path[64];
    sqlite3 *other; /* another tool's connection */
    struct edit *edit;
    char error[1024];
};

/* For a resource whose doors are left as they are. */
static const struct edit_doors every_door __attribute__((unused)) = {.given = false};

static inline int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    strcpy(rig->directory, "/tmp/cantine-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    (void)snprintf(rig->path, sizeof(rig->path), "%s/records.db", rig->directory);
    assert_int_equal(database_open(rig->path, DATABASE_CREATE, 0, &rig->other), 0);
    assert_int_equal(sqlite3_db_config(rig->other, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL),
                     SQLITE_OK);
    assert_int_equal(database_migrate(rig->other, rig->path, "records", RECORDS_APPLICATION_ID,
                                      rig->error, sizeof(rig->error)),
                     1);
    assert_int_equal(edit_open(rig->path, "grace", &rig->edit, rig->error, sizeof(rig->error)), 0);
    *state = rig;
    return 0;
}

static inline int teardown(void **state)
{
    struct rig *rig = *state;
    char command[64];

    (void)edit_free(rig->edit);
    (void)sqlite3_close_v2(rig->other);
    (void)snprintf(command, sizeof(command), "rm -r %s", rig->directory);
    assert_int_equal(system(command), 0);
    free(rig);
    return 0;
}

static inline void assert_number(struct rig *rig, const char *sql, int64_t expected)
{
    int64_t number = -1;

    assert_int_equal(database_number(rig->other, sql, &number), 0);
    assert_int_equal(number, expected);
}

static inline void assert_error(struct rig *rig, const char *part)
{
    if (!strstr(edit_error(rig->edit), part))
        fail_msg("“%s” does not say “%s”", edit_error(rig->edit), part);
}
