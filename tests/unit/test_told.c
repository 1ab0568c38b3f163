/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sentences that one program makes and another one tells, in French: util/told.h. */

#include "util/macro.h"
#include "util/told.h"
#include "util/translate.h"

#include <errno.h>
#include <printf.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROOM 1024

static void assert_told(const char *text, const char *french)
{
    char told[ROOM];

    told_translate(text, told, sizeof(told));
    assert_string_equal(told, french);
}

/* --- every sentence of the sources --------------------------------------------------------------
 */

static const char *const names[TOLD_PARTS_MOST] = {"front",     "/dev/tty U", "a: b",
                                                   "kitchen-2", "%s",         "cinq à six"};

/* The format with its names in; false if it asks for something else than names. */
static bool filled(const char *format, char ret[static ROOM])
{
    int kinds[TOLD_PARTS_MOST];
    size_t n = parse_printf_format(format, TOLD_PARTS_MOST, kinds);

    assert_true(n <= TOLD_PARTS_MOST);
    for (size_t i = 0; i < n; i++)
        if (kinds[i] != PA_STRING)
            return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(ret, ROOM, format, names[0], names[1], names[2], names[3], names[4], names[5]);
#pragma GCC diagnostic pop
    return true;
}

static size_t with_numbers(void)
{
    size_t n = 0;
    char text[ROOM];

    for (size_t i = 0; told_sentences[i]; i++)
        n += !filled(told_sentences[i], text);
    return n;
}

static void test_every_sentence_with_names(void **state)
{
    size_t n = 0;

    (void)state;
    for (; told_sentences[n]; n++) {
        char text[ROOM], french[ROOM];

        if (!filled(told_sentences[n], text))
            continue;
        assert_true(filled(gettext(told_sentences[n]), french));
        if (!streq(told_sentences[n], "%s"))
            assert_string_not_equal(text, french);
        assert_told(text, french);
    }
    assert_true(n > 80);
}

static void test_every_sentence_with_numbers(void **state)
{
    static const struct {
        const char *text, *french;
    } rows[] = {
        {"the space is full, 12 of 40 people are inside: who comes now is let in all the same",
         "l’espace est complet, 12 personnes sur 40 sont à l’intérieur : qui arrive maintenant "
         "entre quand même"},
        {"the space is full, 2 of 2 people are inside: who comes now is refused until somebody "
         "leaves",
         "l’espace est complet, 2 personnes sur 2 sont à l’intérieur : qui arrive maintenant est "
         "refusé jusqu’à ce que quelqu’un sorte"},
        {"one member brings at most 20 guests", "un membre amène au plus 20 invités"},
        {"pinctrl-rp1 has no line 99: its lines are 0 to 53",
         "pinctrl-rp1 n’a pas de ligne 99 : ses lignes vont de 0 à 53"},
        {"/a/b.db: was made by a newer Cantine (schema 9, this one knows 6): install that version "
         "again or restore a backup",
         "/a/b.db : a été fait par une version plus récente de Cantine (schéma 9, celle-ci connaît "
         "6) : réinstaller cette version ou restaurer une sauvegarde"},
    };

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        assert_told(rows[i].text, rows[i].french);
    assert_int_equal(with_numbers(), ELEMENTSOF(rows)); /* a new one wants a row of its own */
}

/* --- one within another ------------------------------------------------------------------------
 */

static void test_a_fault_within_an_alert(void **state)
{
    (void)state;
    assert_told("door front: /dev/ttyUSB1 has gone: is the relay board plugged in?",
                "porte front : /dev/ttyUSB1 a disparu : la carte relais est-elle branchée ?");
    assert_told("reader entrance reads no badges: /dev/a b is not there: plug the reader in",
                "le lecteur entrance ne lit aucun badge : /dev/a b n’est pas là : brancher le "
                "lecteur");
    assert_told("door front: /dev/ttyUSB1 does not take a frame: its line is full",
                "porte front : /dev/ttyUSB1 ne prend pas de trame : sa ligne est pleine");
    assert_told(
        "the records cannot be read, so that changes do not reach the door: /r.db: the disk "
        "is full: make room (the last good copy stays in use)",
        "les fiches ne peuvent pas être lues, les changements n’arrivent donc pas à la "
        "porte : /r.db : le disque est plein : faire de la place (la dernière bonne copie "
        "reste en service)");
}

/* What errno means comes from the C library's own catalogue, if that is installed. */
static void test_errno_within_a_fault(void **state)
{
    char french[ROOM];

    (void)state;
    (void)snprintf(french, sizeof(french),
                   "le lecteur x ne lit aucun badge : /d ne s’ouvre pas : %s",
                   dgettext("libc", "Input/output error"));
    assert_told("reader x reads no badges: cannot open /d: Input/output error", french);
}

/* --- what is none of ours ----------------------------------------------------------------------
 */

static void test_others_stay_as_they_are(void **state)
{
    static const char *const texts[] = {"",
                                        "Access denied",
                                        "door",
                                        "%s",
                                        "%n%n%n",
                                        "door front",
                                        "the space is full, 2 of 2 people"};

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(texts); i++)
        assert_told(texts[i], texts[i]);
    assert_told("gate not opened yet: x", "gate not opened yet: x");
}

/* A door may be called as a text of the catalogue. */
static void test_names_are_not_translated(void **state)
{
    (void)state;
    assert_string_not_equal(gettext("guests"), "guests");
    assert_told("door guests has been open for too long: close it",
                "la porte guests est ouverte depuis trop longtemps : la fermer");
}

static void test_what_does_not_fit_is_cut(void **state)
{
    char told[12];

    (void)state;
    memset(told, 'x', sizeof(told));
    told_translate("door front has been open for too long: close it", told, sizeof(told) - 1);
    assert_string_equal(told, "la porte f");
    assert_int_equal(told[sizeof(told) - 1], 'x');
}

/* --- whose language ----------------------------------------------------------------------------
 */

static void test_the_language_is_the_threads(void **state)
{
    locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0), own = uselocale(english);

    (void)state;
    assert_told("door front has been open for too long: close it",
                "door front has been open for too long: close it");
    (void)uselocale(own);
    freelocale(english);
    assert_told("door front has been open for too long: close it",
                "la porte front est ouverte depuis trop longtemps : la fermer");
}

static void test_a_program_stays_english_beside_it(void **state)
{
    locale_t people = translate_aside(), own;

    (void)state;
    assert_non_null(people);
    (void)bindtextdomain("cantine", "build/locale");
    translate_end();
    assert_string_equal(_("that time is over"), "that time is over");
    own = uselocale(people);
    assert_told("that time is over", "ce moment est passé");
    (void)uselocale(own);
    assert_string_equal(_("that time is over"), "that time is over");
    freelocale(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sentence_with_names),
        cmocka_unit_test(test_every_sentence_with_numbers),
        cmocka_unit_test(test_a_fault_within_an_alert),
        cmocka_unit_test(test_errno_within_a_fault),
        cmocka_unit_test(test_others_stay_as_they_are),
        cmocka_unit_test(test_names_are_not_translated),
        cmocka_unit_test(test_what_does_not_fit_is_cut),
        cmocka_unit_test(test_the_language_is_the_threads),
        cmocka_unit_test(test_a_program_stays_english_beside_it), /* the last: it ends French */
    };

    (void)unsetenv("LC_ALL");
    (void)unsetenv("LC_MESSAGES");
    (void)unsetenv("LANGUAGE");
    (void)setenv("LANG", "fr_FR.UTF-8", true);
    translate_begin();
    (void)bindtextdomain("cantine", "build/locale"); /* it is not beside this program */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
