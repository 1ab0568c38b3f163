/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Guests of a booking: which members they are, and writing them into the booking's transaction -
 * members for those who aren't any yet.
 */

#include "store/edit_private.h"
#include "store/edit_text.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

char *edit_guest_plan(struct edit *edit)
{
    char *plan = edit_text(edit,
                           "SELECT id FROM plan WHERE active = 1 AND access = 'booking'"
                           " ORDER BY id <> 'salle', rowid LIMIT 1",
                           NULL);

    if (!plan)
        (void)edit_fail(edit, -ENOENT,
                        "there is no plan for guests, active and with access booking: add one with "
                        "`cantinectl plan add guest \"Guest\" --access booking`");
    return plan;
}

/* --- who they are ----------------------------------------------------------------------------- */

/* A guest of the host, by name. */
struct known {
    int64_t member;
    char *folded;
    bool has_email;
};

struct known_list {
    struct known *items;
    size_t n;
};

static void cleanup_known(struct known_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].folded);
    free(list->items);
}

static int known_compare(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->folded, ((const struct known *)b)->folded);
}

static int known_add(struct known_list *list, sqlite3_stmt *statement)
{
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    struct known *items = reallocarray(list->items, list->n + 1, sizeof(*items));

    if (!items)
        return -ENOMEM;
    list->items = items;
    items[list->n] = (struct known){
        .member = sqlite3_column_int64(statement, 0),
        .folded = text_folded(name ? name : ""),
        .has_email = sqlite3_column_type(statement, 2) != SQLITE_NULL,
    };
    return items[list->n].folded ? (list->n++, 0) : -ENOMEM;
}

/* All guests of the host, sorted by name. */
static int known_gather(struct edit *edit, int64_t host, struct known_list *ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit, "SELECT id, name, email FROM member WHERE host = ?1", &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_int64(statement, 1, host);
    while ((r = sqlite3_step(statement)) == SQLITE_ROW)
        if (known_add(ret, statement) < 0)
            return edit_fail(edit, -ENOMEM, "not enough memory");
    if (r != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    if (ret->n > 0)
        qsort(ret->items, ret->n, sizeof(*ret->items), known_compare);
    return 0;
}

/* The only known guest of that name; 0 where there is none or several. */
static int64_t known_find(struct edit *edit, const struct known_list *list,
                          const struct edit_guest *guest)
{
    CLEANUP(cleanup_free) char *folded = text_folded(guest->name);
    const struct known key = {.folded = folded}, *first, *end = list->items + list->n, *after;

    if (!folded)
        return edit_fail(edit, -ENOMEM, "not enough memory");
    first = list->n > 0 ? bsearch(&key, list->items, list->n, sizeof(key), known_compare) : NULL;
    if (!first)
        return 0;
    while (first > list->items && known_compare(first - 1, &key) == 0)
        first--;
    after = first + 1;
    if (after < end && known_compare(after, &key) == 0)
        return 0;
    return guest->email && first->has_email ? 0 : first->member; /* another address: another one */
}

static int64_t email_find(struct edit *edit, sqlite3_stmt *statement, const char *email)
{
    int r;

    (void)sqlite3_reset(statement);
    (void)sqlite3_bind_text(statement, 1, email, -1, SQLITE_STATIC);
    r = sqlite3_step(statement);
    if (r == SQLITE_ROW)
        return sqlite3_column_int64(statement, 0);
    return r == SQLITE_DONE ? 0 : edit_explain(edit, NULL, 0);
}

/* True if the member is the host's own guest who gets in by bookings alone. */
static int may_widen(struct edit *edit, sqlite3_stmt *statement, int64_t host, int64_t member)
{
    int r;

    (void)sqlite3_reset(statement);
    (void)sqlite3_bind_int64(statement, 1, member);
    (void)sqlite3_bind_int64(statement, 2, host);
    r = sqlite3_step(statement);
    if (r != SQLITE_ROW && r != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    return r == SQLITE_ROW;
}

int edit_guests_find(struct edit *edit, int64_t host, struct edit_guest *list, size_t n)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *by_email = NULL, *own = NULL;
    CLEANUP(cleanup_known) struct known_list known = {0};
    int r = known_gather(edit, host, &known);

    if (r == 0)
        r = edit_prepare(edit, "SELECT id FROM member WHERE email = ?1", &by_email);
    if (r == 0)
        r = edit_prepare(edit,
                         "SELECT 1 FROM member m JOIN plan p ON p.id = m.plan WHERE m.id = ?1"
                         " AND m.host = ?2 AND p.access = 'booking'",
                         &own);
    for (size_t i = 0; i < n && r >= 0; i++) {
        struct edit_guest *guest = &list[i];

        if (guest->member == 0 && guest->email)
            guest->member = email_find(edit, by_email, guest->email);
        if (guest->member == 0 && guest->name)
            guest->member = known_find(edit, &known, guest);
        if (guest->member < 0)
            return (int)guest->member;
        r = guest->member > 0 ? may_widen(edit, own, host, guest->member) : 0;
        guest->widen = r > 0;
    }
    return r < 0 ? r : 0;
}

/* --- writing them ----------------------------------------------------------------------------- */

static int member_insert(struct edit *edit, const struct edit_guest *guest, const char *host,
                         const struct edit_guests *guests, int64_t *ret)
{
    const struct edit_value values[] = {
        {"name", guest->name},          {"email", guest->email}, {"company", guest->company},
        {"plan", guests->plan},         {"host", host},          {"valid_from", guests->from},
        {"valid_until", guests->until},
    };
    int r = edit_values_check(edit, values, ELEMENTSOF(values));

    if (r == 0)
        r = edit_row_insert(edit, "member", values, ELEMENTSOF(values));
    if (r == 0)
        *ret = sqlite3_last_insert_rowid(edit->db);
    return r;
}

/* Widens a member's days to those of the booking, if they aren't so wide already. */
static int days_widen(struct edit *edit, struct edit_guest *guest, const struct edit_guests *guests)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit,
                         "UPDATE member SET valid_from = min(valid_from, ?2),"
                         " valid_until = max(valid_until, ?3)"
                         " WHERE id = ?1 AND (valid_from > ?2 OR valid_until < ?3)",
                         &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_int64(statement, 1, guest->member);
    (void)sqlite3_bind_text(statement, 2, guests->from, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 3, guests->until, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        return edit_explain(edit, NULL, 0);
    guest->widen = sqlite3_changes(edit->db) > 0;
    return 0;
}

static int guest_insert(struct edit *edit, const char *booking, const char *host,
                        const struct edit_guests *guests, struct edit_guest *guest)
{
    char id[24];
    const struct edit_value values[] = {{"booking", booking}, {"member", id}};
    int64_t member = guest->member;
    int r = 0;

    if (member == 0)
        r = member_insert(edit, guest, host, guests, &member);
    else if (guest->widen)
        r = days_widen(edit, guest, guests);
    if (r < 0)
        return r;
    (void)snprintf(id, sizeof(id), "%" PRId64, member);
    return edit_row_insert(edit, "booking_guest", values, ELEMENTSOF(values));
}

int edit_guests_insert(struct edit *edit, int64_t booking, int64_t host,
                       const struct edit_guests *guests)
{
    char booking_key[24], host_key[24];
    bool refused = false;

    (void)snprintf(booking_key, sizeof(booking_key), "%" PRId64, booking);
    (void)snprintf(host_key, sizeof(host_key), "%" PRId64, host);
    for (size_t i = 0; i < guests->n; i++) {
        int r = guest_insert(edit, booking_key, host_key, guests, &guests->list[i]);

        if (r < 0 && (!edit_is_refusal(r) || !guests->on_refused))
            return r;
        if (r < 0)
            guests->on_refused(guests->userdata, i);
        refused = refused || r < 0;
    }
    return refused ? -ECANCELED : 0;
}

int edit_list_guests(struct edit *edit, int64_t booking, json_t **ret)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = edit_prepare(edit,
                         "SELECT m.* FROM booking_guest g JOIN member m ON m.id = g.member"
                         " WHERE g.booking = ?1 ORDER BY m.host, m.id",
                         &statement);

    if (r < 0)
        return r;
    (void)sqlite3_bind_int64(statement, 1, booking);
    return edit_rows(edit, statement, ret);
}
