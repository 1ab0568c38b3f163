/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Text for people in their language, by gettext: po/LANGUAGE.po holds the translations, and the
 * English text is the key. `_("…")` is the translation of a text; N_("…") only marks one that
 * stands in a table and is translated where it is shown. Functions that say something to people
 * take the English format and translate it themselves; the Makefile's list of keywords names them.
 */

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text
