/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * `cantinectl import`: a list of members becomes records, all of it or nothing. A rehearsal
 * (--dry-run) goes all the way, through the same transaction and the tables' own rules, and takes
 * it back at the end: what it says is what the import will do.
 */

#include "ctl/ctl.h"
#include "ctl/roster/roster.h"
#include "ctl/shown.h"
#include "util/translate.h"

#include <errno.h>
#include <inttypes.h>

struct importing {
    struct roster *roster;
    struct edit *records;
    struct edit_import *import;
    size_t n_new, n_changed, n_unchanged, n_badges;
    size_t n_numbered; /* of the new ones, that get the number of their row */
};

/* --- into the records ------------------------------------------------------------------------- */

/* Notes why a row was refused; a negative errno that no other row could do better with. */
static int refused(struct importing *importing, struct roster_row *row, int r)
{
    if (!edit_is_refusal(r))
        return r;
    roster_mistake(importing->roster, row, edit_error_column(importing->records), "%s",
                   edit_error(importing->records));
    return 0;
}

/* What is worth saying about whom the row was taken for. */
static void found_tell(struct importing *importing, const struct roster_row *row)
{
    const struct import_row *found = &row->import;

    if (found->old_name)
        roster_warn(importing->roster, row, _("member %" PRId64 ", %.80s, is called “%.80s” now"),
                    found->member, found->old_name, found->cells[IMPORT_NAME]);
    if (found->namesake != 0)
        roster_warn(importing->roster, row,
                    _("“%.80s” becomes a member beside member %" PRId64
                      " of the same name: if they "
                      "are one person, give the same address, or the number in a column id"),
                    found->cells[IMPORT_NAME], found->namesake);
}

static int row_compare(const void *a, const void *b)
{
    const struct roster_row *const *one = a, *const *other = b;

    if ((*one)->import.member != (*other)->import.member)
        return (*one)->import.member < (*other)->import.member ? -1 : 1;
    return (*one)->line < (*other)->line ? -1 : (*one)->line > (*other)->line;
}

/* Two rows that turned out to be one member are a mistake. */
static int twins_find(struct importing *importing)
{
    struct roster *roster = importing->roster;
    CLEANUP(cleanup_free) struct roster_row **rows = calloc(roster->n_rows + 1, sizeof(*rows));
    size_t n = 0;

    if (!rows)
        return -ENOMEM;
    for (size_t i = 0; i < roster->n_rows; i++)
        if (roster->rows[i].state != ROSTER_BAD && roster->rows[i].import.member != 0)
            rows[n++] = &roster->rows[i];
    qsort(rows, n, sizeof(struct roster_row *), row_compare);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (rows[i]->import.member != rows[first]->import.member)
            first = i;
        else
            roster_mistake(roster, rows[i], "",
                           _("this is member %" PRId64
                             ", who is on line %u already: keep one of the "
                             "two"),
                           rows[i]->import.member, rows[first]->line);
    }
    return 0;
}

static int rows_find(struct importing *importing)
{
    struct roster *roster = importing->roster;
    int r = 0;

    for (size_t i = 0; i < roster->n_rows && r == 0; i++) {
        struct roster_row *row = &roster->rows[i];

        if (row->state == ROSTER_BAD)
            continue;
        r = edit_import_find(importing->import, &row->import);
        r = r < 0 ? refused(importing, row, r) : 0;
        if (r == 0 && row->state != ROSTER_BAD)
            found_tell(importing, row);
        importing->n_numbered += row->state != ROSTER_BAD && row->import.numbered;
    }
    return r < 0 ? r : twins_find(importing);
}

/* Writes a row whose host is written, if it has one in the list. */
static int row_write(struct importing *importing, struct roster_row *row)
{
    int r;

    if (row->host_row != SIZE_MAX) {
        const struct roster_row *host = &importing->roster->rows[row->host_row];

        if (host->state != ROSTER_WRITTEN) { /* what is wrong is said there */
            row->state = ROSTER_BAD;
            return 0;
        }
        row->import.host = host->import.member;
    }
    r = edit_import_write(importing->import, &row->import);
    if (r < 0)
        return refused(importing, row, r);
    row->state = ROSTER_WRITTEN;
    importing->n_new += row->import.outcome == IMPORT_NEW;
    importing->n_changed += row->import.outcome == IMPORT_CHANGED;
    importing->n_unchanged += row->import.outcome == IMPORT_UNCHANGED;
    importing->n_badges += row->import.n_given;
    return 0;
}

/* Writes a row, and before it those that it waits for: its host, the host's host … */
static int row_write_after_hosts(struct importing *importing, size_t at, size_t *waiting)
{
    struct roster_row *rows = importing->roster->rows;
    size_t n = 0;
    int r = 0;

    for (; at != SIZE_MAX && rows[at].state == ROSTER_READ; at = rows[at].host_row) {
        rows[at].state = ROSTER_WAITING;
        waiting[n++] = at;
    }
    if (at != SIZE_MAX && rows[at].state == ROSTER_WAITING)
        roster_mistake(importing->roster, &rows[at], "host",
                       rows[at].host_row == at
                           ? _("nobody is their own host: give another one")
                           : _("the hosts lead round in a circle: give one of them another host"));
    while (n > 0 && r == 0) {
        struct roster_row *row = &rows[waiting[--n]];

        if (row->state == ROSTER_WAITING)
            r = row_write(importing, row);
    }
    return r;
}

static int rows_write(struct importing *importing)
{
    size_t n = importing->roster->n_rows;
    CLEANUP(cleanup_free) size_t *waiting = calloc(n + 1, sizeof(*waiting));
    int r = waiting ? 0 : -ENOMEM;

    for (size_t i = 0; i < n && r == 0; i++)
        r = row_write_after_hosts(importing, i, waiting);
    return r;
}

/* Takes the whole list into the records unless something is wrong with it. */
static int roster_write(struct importing *importing, bool rehearsal)
{
    int r = edit_import_begin(importing->records, &importing->import), ended;

    if (r < 0)
        return r;
    r = rows_find(importing);
    if (r == 0)
        r = rows_write(importing);
    ended = edit_import_end(importing->import,
                            r == 0 && !rehearsal && importing->roster->mistakes.n == 0);
    return r < 0 ? r : ended;
}

/* --- what is told ----------------------------------------------------------------------------- */

static enum outcome mistakes_tell(const struct roster *roster)
{
    const struct remarks *mistakes = &roster->mistakes;

    remarks_tell(mistakes, roster->path, false);
    if (mistakes->n > REMARKS_SHOWN)
        return complain("%.200s has %zu mistakes, of which these are the first %d, and %zu more: "
                        "nothing is imported until they are gone",
                        roster->path, mistakes->n, REMARKS_SHOWN, mistakes->n - REMARKS_SHOWN);
    if (mistakes->n > 1)
        return complain("%.200s has %zu mistakes: nothing is imported until they are gone",
                        roster->path, mistakes->n);
    return OUTCOME_FAILED;
}

/* Cells that were left empty where something is: a spreadsheet's user may have meant to delete it.
 */
static void kept_tell(const struct roster *roster)
{
    const struct roster_row *first = NULL;
    size_t n = 0, column = 0;

    for (size_t i = 0; i < roster->n_rows; i++) {
        const struct roster_row *row = &roster->rows[i];

        if (!first && row->import.kept != 0)
            first = row;
        n += (size_t)__builtin_popcount(row->import.kept);
    }
    if (!first)
        return;
    while (!(first->import.kept & 1U << column))
        column++;
    caution(ngettext("%.200s: %zu empty cell leaves what is there (line %u, %.60s): write - into a "
                     "cell to take away what is there",
                     "%.200s: %zu empty cells leave what is there (the first: line %u, %.60s): "
                     "write - into a cell to take away what is there",
                     n),
            roster->path, n, first->line, roster_title_of(roster, import_column_names[column]));
}

static void warnings_tell(const struct importing *importing)
{
    const struct roster *roster = importing->roster;
    const struct remarks *warnings = &roster->warnings;
    size_t n_unfit = 0;

    remarks_tell(warnings, roster->path, true);
    if (warnings->n > REMARKS_SHOWN)
        caution(ngettext("%.200s: and %zu more line like these",
                         "%.200s: and %zu more lines like these", warnings->n - REMARKS_SHOWN),
                roster->path, warnings->n - REMARKS_SHOWN);
    if (roster->n_not_theirs > 0)
        caution(ngettext("%.200s: %zu row has no address of the member: that of who paid isn't "
                         "theirs",
                         "%.200s: %zu rows have no address of the member: that of who paid isn't "
                         "theirs",
                         roster->n_not_theirs),
                roster->path, roster->n_not_theirs);
    if (importing->n_numbered > 0)
        caution(
            ngettext("%.200s: %zu row has a number that nobody has: somebody new gets it; leave "
                     "the column id out if the list comes from elsewhere",
                     "%.200s: %zu rows have numbers that nobody has: new members get them; "
                     "leave the column id out if the list comes from elsewhere",
                     importing->n_numbered),
            roster->path, importing->n_numbered);
    for (size_t i = 0; i < roster->n_rows; i++)
        n_unfit += roster->rows[i].import.n_unfit;
    if (n_unfit > 0)
        caution(ngettext("%.200s: %zu badge is there already and isn't active: see `cantinectl "
                         "badge list`",
                         "%.200s: %zu badges are there already and aren't active: see `cantinectl "
                         "badge list`",
                         n_unfit),
                roster->path, n_unfit);
    kept_tell(roster);
}

/* A value of a change as people read it: the caller's. */
static char *value_text(json_t *value)
{
    char *text;

    if (json_is_integer(value) &&
        asprintf(&text, _("member %" PRId64), (int64_t)json_integer_value(value)) >= 0)
        return text;
    return strdup(json_is_string(value) ? json_string_value(value) : _("nothing"));
}

static void changes_write(FILE *stream, json_t *changes, bool is_new)
{
    const char *column, *between = "";
    json_t *change;

    json_object_foreach(changes, column, change)
    {
        CLEANUP(cleanup_free) char *before = value_text(json_object_get(change, "before"));
        CLEANUP(cleanup_free) char *after = value_text(json_object_get(change, "after"));

        if (is_new && streq(column, "name"))
            continue;
        if (is_new)
            (void)fprintf(stream, "%s%s %s", between, column, after ? after : "");
        else
            (void)fprintf(stream, "%s%s %s → %s", between, column, before ? before : "",
                          after ? after : "");
        between = ", ";
    }
}

/* What becomes of one row, in a line. */
static void row_tell(const struct roster *roster, const struct roster_row *row)
{
    CLEANUP(cleanup_free) char *text = NULL;
    const struct import_row *import = &row->import;
    bool is_new = import->outcome == IMPORT_NEW;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return;
    changes_write(stream, import->changes, is_new);
    if (import->n_given > 0)
        (void)fprintf(stream, ngettext("%s%zu badge", "%s%zu badges", import->n_given),
                      import->changes ? ", " : "", import->n_given);
    if (fclose(stream) != 0)
        return;
    if (is_new)
        shown_print(stdout, "%.200s:%u: new: %s: %s", roster->path, row->line, import->name, text);
    else
        shown_print(stdout, "%.200s:%u: %s (member %" PRId64 "): %s", roster->path, row->line,
                    import->name, import->member, text);
}

/* As schemas/ctl/import.schema.json says. */
static json_t *result_json(const struct importing *importing, bool rehearsal)
{
    static const char *const words[] = {
        [IMPORT_NEW] = "new", [IMPORT_CHANGED] = "changed", [IMPORT_UNCHANGED] = "unchanged"};
    const struct roster *roster = importing->roster;
    json_t *members = json_array();

    for (size_t i = 0; i < roster->n_rows; i++) {
        const struct roster_row *row = &roster->rows[i];
        const struct import_row *import = &row->import;
        bool has_id = import->outcome != IMPORT_NEW || !rehearsal;

        if (import->outcome != IMPORT_UNCHANGED)
            (void)json_array_append_new(
                members, json_pack("{s:i, s:o, s:s, s:s, s:I, s:o}", "line", (int)row->line, "id",
                                   has_id ? json_integer(import->member) : json_null(), "name",
                                   import->name, "outcome", words[import->outcome], "badges",
                                   (json_int_t)import->n_given, "changes",
                                   import->changes ? json_incref(import->changes) : json_object()));
    }
    return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "dry_run", (int)rehearsal, "new",
                     (json_int_t)importing->n_new, "changed", (json_int_t)importing->n_changed,
                     "unchanged", (json_int_t)importing->n_unchanged, "left_out",
                     (json_int_t)roster->n_left_out, "badges", (json_int_t)importing->n_badges,
                     "members", members);
}

static void result_tell(const struct importing *importing, bool rehearsal)
{
    const struct roster *roster = importing->roster;

    for (size_t i = 0; rehearsal && i < roster->n_rows; i++)
        if (roster->rows[i].import.outcome != IMPORT_UNCHANGED)
            row_tell(roster, &roster->rows[i]);
    shown_print(stdout, "new: %zu, changed: %zu, as they are: %zu", importing->n_new,
                importing->n_changed, importing->n_unchanged);
    if (importing->n_badges > 0)
        shown_print(stdout, "badges given: %zu", importing->n_badges);
    if (rehearsal)
        shown_print(stdout, "this was a rehearsal: nothing was written");
}

enum outcome import_members(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    bool rehearsal = option_value(invocation, "dry-run");
    CLEANUP(cleanup_roster) struct roster roster = {0};
    CLEANUP(cleanup_json) json_t *plans = NULL, *result = NULL;
    struct importing importing = {.roster = &roster, .records = ctl_records(ctl)};

    if (!importing.records)
        return OUTCOME_FAILED;
    if (edit_list_plans(ctl->records, &plans) < 0)
        return complain("%s", edit_error(ctl->records));
    if (!roster_read(invocation->arguments[0], plans, option_value(invocation, "plan"), invocation,
                     &roster))
        return OUTCOME_FAILED;
    if (roster_write(&importing, rehearsal) < 0)
        return complain("%s", edit_error(ctl->records));
    warnings_tell(&importing);
    if (roster.mistakes.n > 0)
        return mistakes_tell(&roster);
    if (!invocation->json) {
        result_tell(&importing, rehearsal);
        return OUTCOME_DONE;
    }
    result = result_json(&importing, rehearsal);
    if (!result)
        return complain("not enough memory");
    json_print(result);
    return OUTCOME_DONE;
}
