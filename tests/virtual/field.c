/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Badges in a field. See field.h.
 */
#include "virtual/field.h"

#include <errno.h>
#include <string.h>

#include "virtual/timing.h"

int field_put(struct field *field, const struct badge *badge, uint64_t now)
{
    for (int place = 0; place < FIELD_BADGES_MAX; place++) {
        if (field->badges[place].present)
            continue;
        field->badges[place] = (struct field_badge){
            .present = true,
            .badge = *badge,
            .state = BADGE_IDLE,
            .entered = now,
            .first_read = TIME_NEVER,
        };
        return place;
    }
    return -ENOSPC;
}

void field_take(struct field *field, int place)
{
    field->badges[place] = (struct field_badge){0};
}

static bool badge_is_same(const struct badge *a, const struct badge *b)
{
    if (a->random || b->random)
        return a->random && b->random;
    return a->uid_length == b->uid_length && memcmp(a->uid, b->uid, a->uid_length) == 0;
}

int field_find(const struct field *field, const struct badge *badge)
{
    for (int place = 0; place < FIELD_BADGES_MAX; place++)
        if (field->badges[place].present && badge_is_same(&field->badges[place].badge, badge))
            return place;
    return -ENOENT;
}

void field_switch(struct field *field, bool on)
{
    field->on = on;
    if (on)
        return;
    for (int place = 0; place < FIELD_BADGES_MAX; place++)
        field->badges[place].state = BADGE_IDLE;
}

int field_candidate(const struct field *field, uint64_t at, bool type_b, const uint8_t *wanted,
                    size_t wanted_length)
{
    int winner = -ENOENT;

    if (!field->on)
        return -ENOENT;

    for (int place = 0; place < FIELD_BADGES_MAX; place++) {
        const struct field_badge *it = &field->badges[place];

        if (!it->present || it->state != BADGE_IDLE || it->entered > at ||
            badge_is_type_b(&it->badge) != type_b)
            continue;
        if (wanted_length > 0 && (it->badge.uid_length != wanted_length ||
                                  memcmp(it->badge.uid, wanted, wanted_length) != 0))
            continue;
        if (winner < 0 || it->entered < field->badges[winner].entered)
            winner = place;
    }
    return winner;
}

bool field_is_still_there(const struct field *field, int place, uint64_t since)
{
    return field->on && field->badges[place].present && field->badges[place].entered <= since;
}

void field_activate(struct field *field, int place, uint64_t at)
{
    struct field_badge *it = &field->badges[place];

    it->state = BADGE_ACTIVE;
    if (it->first_read == TIME_NEVER)
        it->first_read = at;
}

bool field_is_active(const struct field *field, int place)
{
    return field->on && field->badges[place].present && field->badges[place].state == BADGE_ACTIVE;
}

void field_leave_active(struct field *field, int place, bool halt)
{
    struct field_badge *it = &field->badges[place];

    if (it->state == BADGE_ACTIVE)
        it->state = halt ? BADGE_HALTED : BADGE_IDLE;
}
