/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_private.h"
#include "util/translate.h"

#include <errno.h>

/*
 * Why SQLite refused a row, for people. The sentence of a CHECK is its constraint's name in
 * schemas/sql/, that of a trigger is its RAISE; for the others SQLite names the column at most.
 */

#define CHECK_PREFIX    "CHECK constraint failed: "
#define UNIQUE_PREFIX   "UNIQUE constraint failed: "
#define NOT_NULL_PREFIX "NOT NULL constraint failed: "

int edit_prepare(struct edit *edit, const char *sql, sqlite3_stmt **ret)
{
    if (sqlite3_prepare_v2(edit->db, sql, -1, ret, NULL) != SQLITE_OK)
        return edit_explain(edit, NULL, 0);
    return 0;
}

char *edit_text(struct edit *edit, const char *sql, const char *text)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    const char *found;

    if (sqlite3_prepare_v2(edit->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    if (text)
        (void)sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return NULL;
    found = (const char *)sqlite3_column_text(statement, 0);
    return found ? strdup(found) : NULL;
}

static const char *value_of(const char *column, const struct edit_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (streq(values[i].column, column))
            return values[i].text;
    return NULL;
}

bool edit_is_refusal(int r)
{
    return r == -EINVAL || r == -EEXIST || r == -EILSEQ || r == -ENOENT;
}

int edit_about(struct edit *edit, int r, const char *column)
{
    (void)snprintf(edit->column, sizeof(edit->column), "%s", column);
    return r;
}

/* The value that a table's sentence is about: the longest of its columns that the sentence names.
 */
static const struct edit_value *value_named(const char *sentence, const struct edit_value *values,
                                            size_t n)
{
    const struct edit_value *named = NULL;

    for (size_t i = 0; i < n; i++)
        if (values[i].text && strstr(sentence, values[i].column) &&
            (!named || strlen(values[i].column) > strlen(named->column)))
            named = &values[i];
    return named;
}

static int explain_check(struct edit *edit, const char *sentence, const struct edit_value *values,
                         size_t n)
{
    const struct edit_value *value = value_named(sentence, values, n);

    if (!value)
        return edit_fail(edit, -EINVAL, "%s", _(sentence));
    return edit_about(
        edit, edit_fail(edit, -EINVAL, "“%.80s” is not possible: %s", value->text, _(sentence)),
        value->column);
}

static int explain_unique(struct edit *edit, const char *where, const struct edit_value *values,
                          size_t n)
{
    CLEANUP(cleanup_free) char *name = NULL, *id = NULL, *status = NULL;
    const char *text;

    if (streq(where, "badge.uid")) {
        text = value_of("uid", values, n);
        name = edit_text(edit, "SELECT name FROM member JOIN badge ON member = id WHERE uid = ?1",
                         text);
        id = edit_text(edit, "SELECT member FROM badge WHERE uid = ?1", text);
        status = edit_text(edit, "SELECT status FROM badge WHERE uid = ?1", text);
        return edit_fail(
            edit, -EEXIST,
            "badge %s is already there: it belongs to %s (member %s), status %s: use another "
            "badge, or set it returned with `cantinectl badge set`, and then give it again",
            text, name ? name : _("somebody who is gone"), id ? id : "?", status ? status : "?");
    }
    if (streq(where, "member.email")) {
        text = value_of("email", values, n);
        name = edit_text(edit, "SELECT name FROM member WHERE email = ?1", text);
        id = edit_text(edit, "SELECT id FROM member WHERE email = ?1", text);
        return edit_about(
            edit,
            edit_fail(edit, -EEXIST,
                      "%s is already the address of %s (member %s): each has their own", text,
                      name ? name : _("somebody who is gone"), id ? id : "?"),
            "email");
    }
    if (streq(where, "plan.id"))
        return edit_fail(edit, -EEXIST,
                         "plan %s is already there: choose another id, or change it with "
                         "`cantinectl plan edit`",
                         value_of("id", values, n));
    if (streq(where, "resource.id"))
        return edit_fail(edit, -EEXIST,
                         "resource %s is already there: choose another id, or change it with "
                         "`cantinectl resource edit`",
                         value_of("id", values, n));
    return edit_fail(edit, -EEXIST, "%s is already there: choose another", where);
}

static int explain_foreign_key(struct edit *edit, const struct edit_value *values, size_t n)
{
    const char *plan = value_of("plan", values, n), *host = value_of("host", values, n);
    const char *member = value_of("member", values, n);
    const char *resource = value_of("resource", values, n);
    CLEANUP(cleanup_free) char *known = NULL, *plans = NULL;

    if (resource && edit_resource_check(edit, resource) < 0)
        return -ENOENT;

    if (plan) {
        known = edit_text(edit, "SELECT id FROM plan WHERE id = ?1", plan);
        plans = edit_text(edit, "SELECT group_concat(id, ', ') FROM plan", NULL);
        if (!known)
            return edit_about(edit,
                              edit_fail(edit, -ENOENT, "there is no plan “%.80s”: there are %s",
                                        plan, plans ? plans : _("none yet")),
                              "plan");
    }
    if (!host && !member)
        return edit_fail(edit, -ENOENT,
                         "there is no member of that number: see `cantinectl member list`");
    return edit_about(edit,
                      edit_fail(edit, -ENOENT,
                                "there is no member %s: see `cantinectl member list`",
                                host ? host : member),
                      host ? "host" : "");
}

/* "cannot store TEXT value in INTEGER column resource.seats" */
static int explain_type(struct edit *edit, const char *message, const struct edit_value *values,
                        size_t n)
{
    const char *dot = strrchr(message, '.');
    const char *text = dot ? value_of(dot + 1, values, n) : NULL;

    if (!text)
        return edit_fail(edit, -EINVAL, "%s", message);
    return edit_about(
        edit,
        edit_fail(edit, -EINVAL, "“%.80s” is not possible: %s is a whole number", text, dot + 1),
        dot + 1);
}

static int explain_constraint(struct edit *edit, int code, const char *message,
                              const struct edit_value *values, size_t n)
{
    if (starts_with(message, CHECK_PREFIX))
        return explain_check(edit, message + strlen(CHECK_PREFIX), values, n);
    if (starts_with(message, UNIQUE_PREFIX))
        return explain_unique(edit, message + strlen(UNIQUE_PREFIX), values, n);
    if (starts_with(message, NOT_NULL_PREFIX)) {
        const char *dot = strchr(message, '.');

        return edit_about(
            edit, edit_fail(edit, -EINVAL, "%s can't be empty: give one", dot ? dot + 1 : message),
            dot ? dot + 1 : "");
    }
    if (code == SQLITE_CONSTRAINT_DATATYPE)
        return explain_type(edit, message, values, n);
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return explain_foreign_key(edit, values, n);
    return edit_fail(edit, -EINVAL, "%s", _(message)); /* a trigger's own sentence */
}

int edit_explain(struct edit *edit, const struct edit_value *values, size_t n)
{
    int code = sqlite3_extended_errcode(edit->db), r = database_errno(code);
    CLEANUP(cleanup_free) char *message = strdup(sqlite3_errmsg(edit->db));

    if (!message)
        return edit_fail(edit, -ENOMEM, "not enough memory");
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return explain_constraint(edit, code, message, values, n);
    switch (r) {
    case -EBUSY:
        return edit_fail(
            edit, r, "%s is being changed by another program: end its transaction and try again",
            edit->path);
    case -EACCES:
        return edit_fail(
            edit, r,
            "%s can't be written by this user: join the group cantine-admin (usermod -aG "
            "cantine-admin YOUR-NAME, as root, then log in again), or use sudo",
            edit->path);
    case -EIO:
    case -EINVAL:
        return edit_fail(edit, r, "%s: %s: look at its disk, or restore a backup", edit->path,
                         message);
    default:
        database_explain(r, edit->path, edit->error, sizeof(edit->error));
        return r;
    }
}
