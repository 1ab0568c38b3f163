/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"
#include "ctl/shown.h"
#include "util/translate.h"
#include "wire/payload.h"

static enum outcome occupancy_json(const struct control_occupancy *occupancy)
{
    struct publisher_occupancy message = {
        .at = occupancy->at,
        .count = occupancy->count,
        .capacity = occupancy->capacity,
        .open = occupancy->open,
    };
    char payload[PAYLOAD_SIZE];

    if (payload_occupancy(&message, payload, sizeof(payload)) < 0)
        return complain("not enough memory");
    (void)puts(payload);
    return OUTCOME_DONE;
}

static int name_compare(const void *a, const void *b)
{
    return strcoll(((const struct control_presence *)a)->name,
                   ((const struct control_presence *)b)->name);
}

/* Everybody inside, by name. */
static json_t *names_json(struct control_presence *presence, size_t n)
{
    json_t *rows = json_array();
    char since[TIME_TEXT_SIZE];

    if (n > 0)
        qsort(presence, n, sizeof(presence[0]), name_compare);
    for (size_t i = 0; i < n; i++) {
        time_format_utc(presence[i].since, since);
        (void)json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:I}", "member_id",
                                                    (json_int_t)presence[i].member, "member_name",
                                                    presence[i].name, "since", since, "guests",
                                                    (json_int_t)presence[i].guests));
    }
    return rows;
}

/* A list to be printed and ticked off outside. */
static void names_print(const struct config *config, json_t *rows,
                        const struct control_presence *presence)
{
    static const struct column columns[] = {
        {"box", N_("HERE"), false, 0},
        {"member_name", N_("NAME"), false, SHRINKS},
        {"more", N_("GUESTS"), false, 0},
        {"local", N_("SINCE"), false, 0},
    };
    char local[TIME_TEXT_SIZE], more[16];
    size_t n = json_array_size(rows), i;
    json_t *row;

    time_format_local(time_wall(), local);
    for (i = 0; i < json_array_size(rows); i++)
        n += presence[i].guests;
    shown_print(stdout, "%s, %s: %zu inside", config->site.name, local, n);
    json_array_foreach(rows, i, row)
    {
        time_format_local(presence[i].since, local);
        (void)json_object_set_new(row, "box", json_string("[ ]"));
        (void)snprintf(more, sizeof(more), "+%" PRIu32, presence[i].guests);
        if (presence[i].guests > 0)
            (void)json_object_set_new(row, "more", json_string(more));
        (void)json_object_set_new(row, "local", json_string(local));
        if (!presence[i].name[0])
            (void)json_object_set_new(row, "member_name", json_string("(no longer a member)"));
    }
    table_print(columns, ELEMENTSOF(columns), rows, "nobody is inside");
}

static enum outcome names_show(struct ctl *ctl)
{
    CLEANUP(cleanup_free) struct control_presence *presence = NULL;
    CLEANUP(cleanup_json) json_t *rows = NULL;
    size_t n;

    if (client_presence(ctl->daemon, &presence, &n) < 0)
        return complain("%s", client_error(ctl->daemon));
    rows = names_json(presence, n);
    if (ctl->invocation.json)
        json_print(rows);
    else
        names_print(ctl->config, rows, presence);
    return OUTCOME_DONE;
}

enum outcome occupancy_reset(struct ctl *ctl)
{
    CLEANUP(cleanup_json) json_t *told = NULL;
    uint32_t n;

    if (!ctl_daemon(ctl) ||
        !ctl_confirm(ctl,
                     "Check out everybody who is counted inside? Only a tap counts them again."))
        return OUTCOME_FAILED;
    if (client_reset_presence(ctl->daemon, &n) < 0)
        return complain("%s", client_error(ctl->daemon));
    told = json_pack("{s:I}", "checked_out", (json_int_t)n);
    if (ctl->invocation.json)
        json_print(told);
    else
        shown_print(stdout, ngettext("%u person was checked out", "%u people were checked out", n),
                    n);
    return OUTCOME_DONE;
}

static void occupancy_print(const struct control_occupancy *occupancy)
{
    uint32_t n = occupancy->count;

    (void)printf(ngettext("%u person inside", "%u people inside", n), n);
    if (occupancy->capacity > 0)
        (void)printf(_(", %u of %u places free"),
                     occupancy->capacity - MIN_OF(n, occupancy->capacity), occupancy->capacity);
    (void)puts(occupancy->open ? _(", open") : _(", closed"));
}

enum outcome occupancy_show(struct ctl *ctl)
{
    struct control_occupancy occupancy;

    if (!ctl_daemon(ctl))
        return OUTCOME_FAILED;
    if (option_value(&ctl->invocation, "names"))
        return names_show(ctl);
    if (client_occupancy(ctl->daemon, &occupancy) < 0)
        return complain("%s", client_error(ctl->daemon));
    if (ctl->invocation.json)
        return occupancy_json(&occupancy);
    occupancy_print(&occupancy);
    return OUTCOME_DONE;
}
