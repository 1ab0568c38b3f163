/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Text for people in their language, by gettext: po/LANGUAGE.po holds the translations, and the
 * English text is the key. `_("…")` is the translation of a text; N_("…") only marks one that
 * stands in a table and is translated where it is shown. Functions that say something to people
 * take the English format and translate it themselves; KEYWORDS in po/Makefile names them.
 *
 * What programs read (JSON, MQTT, D-Bus, the journal, the log) is never translated.
 */

#include <libintl.h>
#include <locale.h>

#define _(text)  gettext(text)
#define N_(text) text

/*
 * Takes the language from the environment, as locale(7) has it, also where its locale was never
 * generated. Characters are UTF-8 whatever it says, numbers stay as in C. Called once, first in
 * main(), before any thread.
 */
void translate_begin(void);

/*
 * For a program that goes on in English and now and then says something to people: their language,
 * for uselocale(3) in the thread that speaks; (locale_t)0 = English. Called once, before any
 * thread; the caller frees it (freelocale(3)).
 */
locale_t translate_aside(void);

/* From here on everything is said in English: for programs. */
void translate_end(void);
