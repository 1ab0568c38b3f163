/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/records_private.h"

static void booking_read(sqlite3_stmt *row, struct room_booking *ret)
{
    ret->starts_at = sqlite3_column_int64(row, 0);
    ret->ends_at = sqlite3_column_int64(row, 1);
    text_copy((const char *)sqlite3_column_text(row, 2), ret->title, sizeof(ret->title));
}

static int room_bookings_read(const struct copy *copy, usec_t wall, struct room *room)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_ROOM_BOOKINGS];
    int r = SQLITE_DONE;

    room->n_bookings = 0;
    (void)sqlite3_bind_text(question, 1, room->id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(question, 2, (int64_t)(wall / USEC_PER_SEC));
    (void)sqlite3_bind_int(question, 3, ROOM_BOOKINGS_MOST);
    while (room->n_bookings < ROOM_BOOKINGS_MOST && (r = sqlite3_step(question)) == SQLITE_ROW)
        booking_read(question, &room->bookings[room->n_bookings++]);
    return database_errno(r);
}

int records_rooms(struct records *records, usec_t wall,
                  void (*take)(void *userdata, const struct room *room), void *userdata)
{
    const struct copy *copy = records_copy_at(records, wall);
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_ROOMS];
    size_t n = 0;
    int r;

    (void)sqlite3_bind_int(question, 1, ROOMS_MOST + 1);
    while ((r = sqlite3_step(question)) == SQLITE_ROW) {
        struct room room;

        if (n++ == ROOMS_MOST)
            return 1;
        text_copy((const char *)sqlite3_column_text(question, 0), room.id, sizeof(room.id));
        text_copy((const char *)sqlite3_column_text(question, 1), room.name, sizeof(room.name));
        r = room_bookings_read(copy, wall, &room);
        if (r < 0)
            return r;
        take(userdata, &room);
    }
    return database_errno(r);
}
