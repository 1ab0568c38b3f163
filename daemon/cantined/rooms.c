/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/rooms.h"

#include "util/log.h"

#include <errno.h>

#define RETRY_AFTER USEC_PER_MINUTE /* when the records could not be asked */

/* One room as last said; it stays after it is gone, for a publisher that wasn't there to hear it.
 */
struct told {
    struct publisher_room message; /* an empty name = gone */
    bool met;                      /* by the look that is under way */
};

struct rooms {
    struct records *records;
    struct feed *feed;
    struct told told[ROOMS_MOST];
    size_t n;
    bool stale;
    usec_t looked_at, look_next; /* wall clock */
    usec_t tomorrow;
    bool too_many; /* and it has been said */
};

/* The place of room `id`: its own, the next free one, or that of a room that is gone. */
static struct told *told_place(struct rooms *rooms, const char *id)
{
    for (size_t i = 0; i < rooms->n; i++)
        if (streq(rooms->told[i].message.id, id))
            return &rooms->told[i];
    if (rooms->n < ROOMS_MOST)
        return &rooms->told[rooms->n++];
    for (size_t i = 0; i < rooms->n; i++)
        if (!rooms->told[i].message.name[0])
            return &rooms->told[i];
    return NULL;
}

static void told_say(const struct rooms *rooms, const struct told *told)
{
    feed_send(rooms->feed, &told->message, sizeof(told->message));
}

static void message_compose(const struct room *room, const struct room_view *view,
                            struct publisher_room *ret)
{
    *ret = (struct publisher_room){.header = MESSAGE_HEADER(PUBLISHER_ROOM, struct publisher_room),
                                   .state = view->state,
                                   .until = (usec_t)view->until * USEC_PER_SEC};
    (void)snprintf(ret->id, sizeof(ret->id), "%s", room->id);
    (void)snprintf(ret->name, sizeof(ret->name), "%s", room->name);
    if (view->current)
        (void)snprintf(ret->title, sizeof(ret->title), "%s", view->current->title);
    if (view->next) {
        ret->next_starts_at = (usec_t)view->next->starts_at * USEC_PER_SEC;
        ret->next_ends_at = (usec_t)view->next->ends_at * USEC_PER_SEC;
        (void)snprintf(ret->next_title, sizeof(ret->next_title), "%s", view->next->title);
    }
}

static void room_take(void *userdata, const struct room *room)
{
    struct rooms *rooms = userdata;
    struct told *told = told_place(rooms, room->id);
    struct publisher_room message;
    struct room_view view;

    if (!told) { /* its place is one's that is gone, which this look is about to find out */
        rooms_changed(rooms);
        return;
    }
    room_judge(room, (int64_t)(rooms->looked_at / USEC_PER_SEC),
               (int64_t)(rooms->tomorrow / USEC_PER_SEC), &view);
    rooms->look_next = MIN_OF(rooms->look_next, (usec_t)view.changes_at * USEC_PER_SEC);
    message_compose(room, &view, &message);
    told->met = true;
    if (memcmp(&told->message, &message, sizeof(message)) == 0)
        return;
    told->message = message;
    told_say(rooms, told);
}

/* What was said before and has not been met is no more. */
static void gone_say(struct rooms *rooms)
{
    for (size_t i = 0; i < rooms->n; i++) {
        struct told *told = &rooms->told[i];
        struct publisher_room gone = {.header =
                                          MESSAGE_HEADER(PUBLISHER_ROOM, struct publisher_room)};

        if (told->met || !told->message.name[0])
            continue;
        (void)stpcpy(gone.id, told->message.id);
        told->message = gone;
        told_say(rooms, told);
    }
}

static void too_many_say(struct rooms *rooms, bool too_many)
{
    if (too_many && !rooms->too_many)
        log_line(LOG_WARNING, LOG_ID_NONE,
                 "there are more than %d resources: the others are not published", ROOMS_MOST);
    rooms->too_many = too_many;
}

int rooms_new(struct records *records, struct feed *feed, struct rooms **ret)
{
    struct rooms *rooms = calloc(1, sizeof(*rooms));

    if (!rooms)
        return -ENOMEM;
    rooms->records = records;
    rooms->feed = feed;
    rooms->stale = true;
    *ret = rooms;
    return 0;
}

struct rooms *rooms_free(struct rooms *rooms)
{
    free(rooms);
    return NULL;
}

void rooms_changed(struct rooms *rooms)
{
    rooms->stale = true;
}

void rooms_look(struct rooms *rooms, usec_t wall)
{
    int r;

    /* A clock that was set back makes everything new too. */
    if (!rooms->stale && wall >= rooms->looked_at && wall < rooms->look_next)
        return;
    rooms->stale = false;
    rooms->looked_at = wall;
    rooms->look_next = rooms->tomorrow = time_tomorrow(wall);
    for (size_t i = 0; i < rooms->n; i++)
        rooms->told[i].met = false;
    r = records_rooms(rooms->records, wall, room_take, rooms);
    if (r < 0) {
        log_line(LOG_ERR, LOG_ID_RECORDS_FAULT, "the rooms could not be asked for: %s",
                 strerror(-r));
        rooms->look_next = wall + RETRY_AFTER;
        return;
    }
    gone_say(rooms);
    too_many_say(rooms, r > 0);
}

void rooms_say(const struct rooms *rooms)
{
    for (size_t i = 0; i < rooms->n; i++)
        told_say(rooms, &rooms->told[i]);
}
