/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Words of the records that somebody has begun to type. */

#include "store/edit.h"

enum edit_words {
    EDIT_WORDS_MEMBERS,        /* names that begin so */
    EDIT_WORDS_MEMBERS_WITHIN, /* names of which a later word begins so */
    EDIT_WORDS_BADGES,
    EDIT_WORDS_PLANS,
    EDIT_WORDS_RESOURCES,
    EDIT_WORDS_CLOSURES, /* that aren't over */
    EDIT_WORDS_BOOKINGS, /* likewise, and not cancelled */
};

/* Takes a word, which ends with the call. */
typedef void (*edit_word_t)(void *userdata, const char *word);

/* Gives at most `most` words that begin with `begins`, in no order: how many, or negative. */
int edit_words(struct edit *edit, enum edit_words words, const char *begins, int most,
               edit_word_t take, void *userdata);
