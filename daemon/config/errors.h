/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The list of mistakes, each with the place in the files where it stands. */

#include "config/config.h"

#define SHOWN_MOST 60 /* bytes of somebody's text that an error shows */

/* Adds "FILE:LINE: text"; beyond CONFIG_ERRORS_MOST, or without memory, it is only counted. */
void config_errors_add(struct config_errors *errors, struct place place, const char *format, ...)
    PRINTF(3, 4);

/* How many bytes of `text` to show: whole characters, SHOWN_MOST bytes at most. */
int shown_length(const char *text);

/* The one of `n` words that `text` was probably meant to be, NULL if none is close. */
const char *closest_word(const char *text, const char *const *words, size_t n);
