/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/*
 * The chip's radio field and the badges that lie in it, with each badge's state as ISO/IEC 14443-3
 * ("State diagram") has it. Times are handed in; nothing here reads a clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtual/badge.h"

/* More badges than a hand can hold to a reader. */
#define FIELD_BADGES_MAX 8

enum badge_state {
    BADGE_IDLE,   /* answers the next activation */
    BADGE_ACTIVE, /* has been activated and answers commands */
    BADGE_HALTED, /* deselected: silent until the field drops, the badge leaves or it is woken */
};

struct field_badge {
    bool present;
    struct badge badge;
    enum badge_state state;
    uint64_t entered;    /* ns */
    uint64_t first_read; /* ns, when its first activation was complete; TIME_NEVER before */
};

struct field {
    bool on;
    struct field_badge badges[FIELD_BADGES_MAX];
};

/* Puts a badge down. Returns its place (0 …), -ENOSPC if the field is full. */
int field_put(struct field *field, const struct badge *badge, uint64_t now);

/* Takes the badge at a place away. */
void field_take(struct field *field, int place);

/* The place of the badge with this UID, or of any random badge if `badge` is one; -ENOENT if none.
 */
int field_find(const struct field *field, const struct badge *badge);

/* Switches the radio field; without power every badge forgets that it was activated or halted. */
void field_switch(struct field *field, bool on);

/**
 * The badge that answers an activation at `at`: idle, powered, and there since before. With
 * `wanted_length` > 0 only a badge with that UID answers. Only badges of type B answer `type_b`,
 * all others only without it. The longest there wins the anticollision. -ENOENT if nobody answers.
 */
int field_candidate(const struct field *field, uint64_t at, bool type_b, const uint8_t *wanted,
                    size_t wanted_length);

/* True if the badge at `place` is powered and has not been exchanged or taken away since `since`.
 */
bool field_is_still_there(const struct field *field, int place, uint64_t since);

/* Marks the badge as activated at `at`. */
void field_activate(struct field *field, int place, uint64_t at);

/* True if the badge at `place` is there and activated. */
bool field_is_active(const struct field *field, int place);

/* Active badges become halted (`halt`) or, as at a new activation round, idle again. */
void field_leave_active(struct field *field, int place, bool halt);
