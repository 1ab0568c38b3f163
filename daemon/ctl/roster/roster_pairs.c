/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/roster_private.h"

#include "store/edit_text.h"
#include "util/translate.h"

#include <strings.h>

/* A row by a text of its own. */
struct keyed {
    const char *key;
    struct roster_row *row;
};

static int keyed_compare(const void *a, const void *b)
{
    const struct keyed *one = a, *other = b;
    int order = strcasecmp(one->key, other->key);

    if (order != 0)
        return order;
    return one->row->line < other->row->line ? -1 : one->row->line > other->row->line;
}

/* Hosts that stand in the list themselves, by their address. */
static void hosts_find(struct roster *roster, const struct keyed *by_email, size_t n)
{
    for (size_t i = 0; i < roster->n_rows; i++) {
        const char *host = roster->rows[i].import.cells[IMPORT_HOST];
        size_t low = 0, high = n;

        while (host && low < high) {
            size_t middle = low + (high - low) / 2;

            if (strcasecmp(by_email[middle].key, host) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (!host || low == n || strcasecmp(by_email[low].key, host) != 0)
            continue;
        roster->rows[i].host_row = (size_t)(by_email[low].row - roster->rows);
        roster->rows[i].import.cells[IMPORT_HOST] = NULL;
    }
}

static int id_compare(const void *a, const void *b)
{
    const struct roster_row *const *one = a, *const *other = b;

    if ((*one)->import.id != (*other)->import.id)
        return (*one)->import.id < (*other)->import.id ? -1 : 1;
    return 0;
}

/* Hosts that stand in the list themselves, by their number. */
static bool numbered_hosts_find(struct roster *roster)
{
    CLEANUP(cleanup_free) struct roster_row **rows = calloc(roster->n_rows + 1, sizeof(*rows));
    size_t n = 0;

    if (!rows)
        return roster_out_of_memory();
    for (size_t i = 0; i < roster->n_rows; i++)
        if (roster->rows[i].import.id > 0)
            rows[n++] = &roster->rows[i];
    qsort(rows, n, sizeof(struct roster_row *), id_compare);
    for (size_t i = 0; i < roster->n_rows; i++) {
        const char *host = roster->rows[i].import.cells[IMPORT_HOST];
        struct roster_row wanted = {0}, *key = &wanted, **found;

        if (!host || !*host || host[strspn(host, "0123456789")])
            continue;
        wanted.import.id = strtoll(host, NULL, 10);
        found = bsearch(&key, rows, n, sizeof(struct roster_row *), id_compare);
        if (!found)
            continue;
        roster->rows[i].host_row = (size_t)(*found - roster->rows);
        roster->rows[i].import.cells[IMPORT_HOST] = NULL;
    }
    return true;
}

static bool emails_compare(struct roster *roster)
{
    CLEANUP(cleanup_free) struct keyed *keyed = calloc(roster->n_rows + 1, sizeof(*keyed));
    size_t n = 0;

    if (!keyed)
        return roster_out_of_memory();
    for (size_t i = 0; i < roster->n_rows; i++) {
        const char *email = roster->rows[i].import.cells[IMPORT_EMAIL];

        if (email && *email)
            keyed[n++] = (struct keyed){email, &roster->rows[i]};
    }
    qsort(keyed, n, sizeof(*keyed), keyed_compare);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcasecmp(keyed[i].key, keyed[first].key) != 0)
            first = i;
        else
            roster_mistake(roster, keyed[i].row, "email",
                           _("“%.80s” is on line %u already: each member has their own address"),
                           keyed[i].key, keyed[first].row->line);
    }
    hosts_find(roster, keyed, n);
    return true;
}

/* Two rows of one name that nothing else tells apart. */
static bool names_compare(struct roster *roster)
{
    CLEANUP(cleanup_free) struct keyed *keyed = calloc(roster->n_rows + 1, sizeof(*keyed));
    size_t n = 0;

    for (size_t i = 0; keyed && i < roster->n_rows; i++) {
        const struct import_row *row = &roster->rows[i].import;
        bool has_email = row->cells[IMPORT_EMAIL] && *row->cells[IMPORT_EMAIL];
        char *folded = row->id == 0 && !has_email && roster->rows[i].name
                           ? text_folded(roster->rows[i].name)
                           : NULL;

        if (folded)
            keyed[n++] = (struct keyed){folded, &roster->rows[i]};
    }
    if (keyed)
        qsort(keyed, n, sizeof(*keyed), keyed_compare);
    for (size_t i = 1; i < n; i++)
        if (streq(keyed[i].key, keyed[i - 1].key))
            roster_warn(roster, keyed[i].row,
                        _("“%.80s” is on line %u too, both without an address: they become two "
                          "members"),
                        keyed[i].row->name, keyed[i - 1].row->line);
    for (size_t i = 0; i < n; i++)
        free((char *)keyed[i].key);
    return keyed || roster_out_of_memory();
}

bool roster_rows_compare(struct roster *roster)
{
    return emails_compare(roster) && numbered_hosts_find(roster) && names_compare(roster);
}
