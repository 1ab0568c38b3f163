/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/guests.h"

#include "ctl/roster/csv_cell.h"
#include "ctl/roster/csv_file.h"
#include "ctl/shown.h"
#include "store/edit_text.h"
#include "util/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <strings.h>

#define TITLES_NAMED 5 /* unused columns that a warning names */

static const struct {
    const char *word; /* of letters and digits alone, in lower case and without accents */
    enum guest_role role;
} title_words[] = {
    {"name", GUEST_NAME},
    {"nom", GUEST_NAME},
    {"fullname", GUEST_NAME},
    {"nomcomplet", GUEST_NAME},
    {"lastname", GUEST_NAME},
    {"surname", GUEST_NAME},
    {"familyname", GUEST_NAME},
    {"nomdefamille", GUEST_NAME},
    {"firstname", GUEST_FIRST_NAME},
    {"givenname", GUEST_FIRST_NAME},
    {"prenom", GUEST_FIRST_NAME},
    {"email", GUEST_EMAIL},
    {"mail", GUEST_EMAIL},
    {"emailaddress", GUEST_EMAIL},
    {"courriel", GUEST_EMAIL},
    {"adresseemail", GUEST_EMAIL},
    {"adressemail", GUEST_EMAIL},
    {"company", GUEST_COMPANY},
    {"organisation", GUEST_COMPANY},
    {"organization", GUEST_COMPANY},
    {"societe", GUEST_COMPANY},
    {"entreprise", GUEST_COMPANY},
};

void guests_done(struct guests *guests)
{
    for (size_t i = 0; guests->names && i < guests->csv.n_rows; i++)
        free(guests->names[i]);
    free(guests->names);
    free(guests->lines);
    free(guests->plan);
    free(guests->invited.list);
    csv_done(&guests->csv);
    *guests = (struct guests){0};
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void mistake(struct guests *guests, unsigned line, const char *format, ...) PRINTF(3, 4);

static void mistake(struct guests *guests, unsigned line, const char *format, ...)
{
    CLEANUP(cleanup_free) char *text = NULL;
    va_list args;
    int r;

    if (guests->mistakes++ >= GUESTS_MISTAKES_MOST)
        return;
    va_start(args, format);
    r = vasprintf(&text, _(format), args);
    va_end(args);
    if (r < 0)
        text = NULL; /* vasprintf() leaves it undefined */
    (void)complain("%.200s:%u: %s", guests->path, line, text ? text : _("not enough memory"));
}

enum outcome guests_refused(const struct guests *guests)
{
    if (guests->mistakes > GUESTS_MISTAKES_MOST)
        return complain("%.200s has %zu mistakes, of which these are the first %d: nothing is "
                        "booked until they are gone",
                        guests->path, guests->mistakes, GUESTS_MISTAKES_MOST);
    if (guests->mistakes > 1)
        return complain("%.200s has %zu mistakes: nothing is booked until they are gone",
                        guests->path, guests->mistakes);
    return OUTCOME_FAILED;
}

static bool failed(const char *text)
{
    (void)complain("%s", text);
    return false;
}

static const char *title_of(const struct guests *guests, enum guest_role role)
{
    return csv_field(&guests->csv, 0, guests->columns[role]);
}

/* --- the titles ------------------------------------------------------------------------------- */

/* What a column is by its title, -ENOENT for any other. */
static int role_of(const char *title)
{
    char word[TITLE_WORD_SIZE];

    csv_title_word(title, word);
    for (size_t i = 0; i < ELEMENTSOF(title_words); i++)
        if (streq(title_words[i].word, word))
            return (int)title_words[i].role;
    return -ENOENT;
}

static void unused_tell(const struct guests *guests, const size_t *unused, size_t n)
{
    char named[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < MIN_OF(n, (size_t)TITLES_NAMED); i++)
        used += (size_t)snprintf(named + used, sizeof(named) - used, "%s“%.60s”", i > 0 ? ", " : "",
                                 csv_field(&guests->csv, 0, unused[i]));
    if (n > 0)
        caution("%.200s:%u: not used: %s%s", guests->path, guests->csv.lines[0], named,
                n > TITLES_NAMED ? ", …" : "");
}

/* Finds which column is what; false after saying what is wrong. */
static bool titles_read(struct guests *guests)
{
    const struct csv *csv = &guests->csv;
    size_t unused[CSV_COLUMNS_MOST], n_unused = 0;

    for (size_t i = 0; i < GUEST_ROLE_COUNT; i++)
        guests->columns[i] = SIZE_MAX;
    for (size_t i = 0; i < csv->n_columns; i++) {
        const char *title = csv_field(csv, 0, i);
        int role = role_of(title);

        if (role < 0 && *title) {
            unused[n_unused++] = i;
        } else if (role >= 0 && guests->columns[role] != SIZE_MAX) {
            mistake(guests, csv->lines[0], "“%.60s” and “%.60s” mean the same: keep one of the two",
                    title_of(guests, (enum guest_role)role), title);
            return false;
        } else if (role >= 0) {
            guests->columns[role] = i;
        }
    }
    if (guests->columns[GUEST_NAME] == SIZE_MAX) {
        mistake(guests, csv->lines[0],
                "there is no column of names: give one of these titles to it: name, nom, or first "
                "name and last name, prénom and nom; besides them email and company are used");
        return false;
    }
    unused_tell(guests, unused, n_unused);
    return true;
}

/* --- the rows --------------------------------------------------------------------------------- */

/* The field of row `i` (from 0), "" where the file has no such column. */
static const char *field(const struct guests *guests, size_t i, enum guest_role role)
{
    size_t column = guests->columns[role];

    return column == SIZE_MAX ? "" : csv_field(&guests->csv, i + 1, column);
}

static const char *field_or_null(const struct guests *guests, size_t i, enum guest_role role)
{
    const char *text = field(guests, i, role);

    return *text ? text : NULL;
}

/* Takes the guest of row `i` from its fields; false without memory. */
static bool row_read(struct guests *guests, size_t i)
{
    const char *first = field(guests, i, GUEST_FIRST_NAME), *name = field(guests, i, GUEST_NAME);
    unsigned line = guests->csv.lines[i + 1];

    if (asprintf(&guests->names[i], "%s%s%s", first, *first && *name ? " " : "", name) < 0) {
        guests->names[i] = NULL;
        return false;
    }
    if (!*guests->names[i])
        mistake(guests, line, "%s: is empty: each guest needs a name",
                title_of(guests, GUEST_NAME));
    guests->lines[i] = line;
    guests->invited.list[i] = (struct edit_guest){
        .name = guests->names[i],
        .email = field_or_null(guests, i, GUEST_EMAIL),
        .company = field_or_null(guests, i, GUEST_COMPANY),
    };
    return true;
}

/* True if two rows are about one person; two addresses make two persons of one name. */
static bool rows_alike(const struct guests *guests, size_t a, size_t b, char *const *folded)
{
    const struct edit_guest *one = &guests->invited.list[a], *other = &guests->invited.list[b];

    if (one->email && other->email)
        return strcasecmp(one->email, other->email) == 0;
    return *folded[a] && streq(folded[a], folded[b]);
}

static void rows_compare(struct guests *guests, size_t i, char *const *folded)
{
    const struct edit_guest *guest = &guests->invited.list[i];

    for (size_t k = 0; k < i; k++) {
        if (!rows_alike(guests, k, i, folded))
            continue;
        if (guest->email && guests->invited.list[k].email)
            mistake(guests, guests->lines[i],
                    "%s: “%.80s” is on line %u already: each guest has their own address",
                    title_of(guests, GUEST_EMAIL), guest->email, guests->lines[k]);
        else
            mistake(guests, guests->lines[i],
                    "%s: “%.80s” is on line %u already: keep one of the two, or give each their "
                    "address",
                    title_of(guests, GUEST_NAME), guest->name, guests->lines[k]);
        return;
    }
}

/* Says which rows are there twice; false without memory. */
static bool rows_check(struct guests *guests)
{
    size_t n = guests->invited.n, known = 0;
    char **folded = calloc(n, sizeof(*folded));

    for (; folded && known < n; known++) {
        folded[known] = text_folded(guests->invited.list[known].name);
        if (!folded[known])
            break;
        rows_compare(guests, known, folded);
    }
    for (size_t i = 0; folded && i < known; i++)
        free(folded[i]);
    free(folded);
    return folded && known == n;
}

bool guests_read(const struct invocation *invocation, struct guests *ret)
{
    size_t n, n_named = 0;

    *ret = (struct guests){.path = option_value(invocation, "guests")};
    while (option_nth(invocation, "guest", n_named))
        n_named++;
    if (ret->path && (!csv_file_read(ret->path, GUESTS_MOST, &ret->csv) || !titles_read(ret)))
        return false;
    n = ret->csv.n_rows;
    if (ret->path && n == 0) {
        mistake(ret, ret->csv.lines[0], "there are no guests below the titles: give each a line");
        return false;
    }
    ret->names = calloc(n + 1, sizeof(*ret->names));
    ret->lines = calloc(n + n_named + 1, sizeof(*ret->lines));
    ret->invited.list = calloc(n + n_named + 1, sizeof(*ret->invited.list));
    if (!ret->names || !ret->lines || !ret->invited.list)
        return failed("not enough memory");
    for (; ret->invited.n < n; ret->invited.n++)
        if (!row_read(ret, ret->invited.n))
            return failed("not enough memory");
    if (n > 0 && !rows_check(ret))
        return failed("not enough memory");
    if (ret->csv.is_latin)
        caution("%.200s isn't UTF-8 and was read as Latin-1: look at the accents of its names",
                ret->path);
    return ret->mistakes == 0 || guests_refused(ret) == OUTCOME_DONE;
}

/* --- who they are ----------------------------------------------------------------------------- */

static void guest_drop(struct guests *guests, size_t i)
{
    size_t after = --guests->invited.n - i;

    memmove(&guests->invited.list[i], &guests->invited.list[i + 1],
            after * sizeof(*guests->invited.list));
    memmove(&guests->lines[i], &guests->lines[i + 1], after * sizeof(*guests->lines));
}

/* Rows that turned out to be one member are a mistake, the same in --guest is not. */
static void members_check(struct guests *guests)
{
    for (size_t i = 0; i < guests->invited.n; i++) {
        int64_t member = guests->invited.list[i].member;
        size_t k = 0;

        while (k < i && (member == 0 || guests->invited.list[k].member != member))
            k++;
        if (k == i)
            continue;
        if (guests->lines[i] == 0)
            guest_drop(guests, i--);
        else
            mistake(guests, guests->lines[i],
                    "“%.80s” is member %" PRId64 ", who is on line %u already: keep one of the two",
                    guests->invited.list[i].name, member, guests->lines[k]);
    }
}

/* Who books needs no invitation. */
static void booker_drop(struct guests *guests, int64_t booker)
{
    for (size_t i = 0; i < guests->invited.n; i++)
        if (guests->invited.list[i].member == booker) {
            if (guests->lines[i] > 0)
                caution("%.200s:%u: this is who books, and needs no invitation", guests->path,
                        guests->lines[i]);
            else
                caution("member %" PRId64 " is who books, and needs no invitation", booker);
            guest_drop(guests, i--);
        }
}

/* The days on which the booking opens doors, the first and the last. */
static bool days_find(struct ctl *ctl, const char *resource, const struct slot *slot,
                      struct guests *guests)
{
    CLEANUP(cleanup_json) json_t *rows = NULL;
    usec_t early = 0, late = 0;
    json_t *row;
    size_t i;

    if (edit_list_resources(ctl->records, &rows) < 0)
        return failed(edit_error(ctl->records));
    json_array_foreach(rows, i, row)
    {
        if (!streq(json_string_value(json_object_get(row, "id")), resource))
            continue;
        early = (usec_t)json_integer_value(json_object_get(row, "early")) * USEC_PER_MINUTE;
        late = (usec_t)json_integer_value(json_object_get(row, "late")) * USEC_PER_MINUTE;
    }
    moment_day(slot->starts - MIN_OF(early, slot->starts), 0, guests->from);
    moment_day(slot->ends + late - 1, 0, guests->until);
    guests->invited.from = guests->from;
    guests->invited.until = guests->until;
    return true;
}

/* The title of the file's column that is written to a member's `column`. */
static const char *title_for(const struct guests *guests, const char *column)
{
    enum guest_role role = streq(column, "name")      ? GUEST_NAME
                           : streq(column, "email")   ? GUEST_EMAIL
                           : streq(column, "company") ? GUEST_COMPANY
                                                      : GUEST_ROLE_COUNT;

    if (role == GUEST_ROLE_COUNT || guests->columns[role] == SIZE_MAX)
        return column;
    return title_of(guests, role);
}

/* A guest that the tables refuse: on which line and why. */
static void on_refused(void *userdata, size_t i)
{
    struct guests *guests = userdata;
    const struct edit_guest *guest = &guests->invited.list[i];
    const char *error = edit_error(guests->records), *column = edit_error_column(guests->records);

    if (guests->lines[i] == 0)
        (void)complain("%s", error);
    else if (streq(column, "email") && guest->email && starts_with(error, "“"))
        mistake(guests, guests->lines[i],
                "%s: “%.80s” is not an address: give one such as ada@example.org, or none",
                title_for(guests, column), guest->email);
    else
        mistake(guests, guests->lines[i], "%s%s%s", title_for(guests, column), *column ? ": " : "",
                error);
}

static size_t new_count(const struct guests *guests)
{
    size_t n = 0;

    for (size_t i = 0; i < guests->invited.n; i++)
        n += guests->invited.list[i].member == 0;
    return n;
}

/* Adds the members given by --guest behind those of the file. */
static bool named_add(struct ctl *ctl, struct guests *guests)
{
    const char *who;

    for (size_t i = 0; (who = option_nth(&ctl->invocation, "guest", i)); i++) {
        int64_t member = ctl_member(ctl, who);

        if (member == 0)
            return false;
        guests->invited.list[guests->invited.n++] = (struct edit_guest){.member = member};
    }
    return true;
}

bool guests_find(struct ctl *ctl, int64_t booker, const char *resource, const struct slot *slot,
                 struct guests *guests)
{
    struct edit_guests *invited = &guests->invited;

    guests->records = ctl->records;
    if (!named_add(ctl, guests))
        return false;
    if (invited->n == 0)
        return true;
    if (!days_find(ctl, resource, slot, guests))
        return false;
    if (edit_guests_find(ctl->records, booker, invited->list, invited->n) < 0)
        return failed(edit_error(ctl->records));
    members_check(guests);
    if (guests->mistakes > 0)
        return guests_refused(guests) == OUTCOME_DONE;
    booker_drop(guests, booker);
    if (new_count(guests) > 0) {
        guests->plan = edit_guest_plan(ctl->records);
        if (!guests->plan)
            return failed(edit_error(ctl->records));
    }
    invited->plan = guests->plan;
    invited->on_refused = on_refused;
    invited->userdata = guests;
    return true;
}

void guests_tell(const struct guests *guests)
{
    size_t n = guests->invited.n, n_new = new_count(guests), n_widened = 0;

    for (size_t i = 0; i < n; i++)
        n_widened += guests->invited.list[i].widen;
    if (guests->path)
        shown_print(stderr,
                    ngettext("cantinectl: %zu guest: %zu known, %zu new",
                             "cantinectl: %zu guests: %zu known, %zu new", n),
                    n, n - n_new, n_new);
    if (n_widened > 0)
        caution(ngettext("the membership of %zu guest was changed to include %s%s%s",
                         "the membership of %zu guests was changed to include %s%s%s", n_widened),
                n_widened, guests->from, streq(guests->from, guests->until) ? "" : _(" to "),
                streq(guests->from, guests->until) ? "" : guests->until);
}
