/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/translate.h"

#include "util/macro.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <sys/stat.h>

#define DOMAIN      "cantine"
#define LIBC_DOMAIN "libc"    /* strerror(3)'s */
#define FALLBACK    "C.UTF-8" /* a part of every Debian */

/* The locale that is asked for, by the rules of locale(7). */
static const char *locale_wished(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return value;
    }
    return "C";
}

static bool locale_is_plain(const char *locale)
{
    return streq(locale, "C") || streq(locale, "POSIX") || starts_with(locale, "C.");
}

/*
 * The locale to take instead of one that was never generated here (Raspberry Pi OS has British
 * English alone). Its language is still understood: gettext takes LANGUAGE wherever the locale is
 * not "C" itself.
 */
static const char *locale_instead(void)
{
    const char *wished = locale_wished();
    char language[32];

    if (locale_is_plain(wished))
        return "C";
    (void)snprintf(language, sizeof(language), "%.*s", (int)strcspn(wished, ".@"), wished);
    (void)setenv("LANGUAGE", language, false);
    return FALLBACK;
}

static void locale_set(void)
{
    if (!setlocale(LC_ALL, ""))
        (void)setlocale(LC_ALL, locale_instead());
    if (!streq(nl_langinfo(CODESET), "UTF-8"))
        (void)setlocale(LC_CTYPE, FALLBACK);
    (void)setlocale(LC_NUMERIC, "C");
}

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Beside the program, as in build/, or where `make install` puts it: /usr/bin, /usr/share. */
static bool catalogues_find(char ret[static PATH_MAX])
{
    static const char *const places[] = {"locale", "../share/locale"};
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *name;

    if (n < 0)
        return false;
    program[n] = '\0';
    name = strrchr(program, '/') + 1;
    for (size_t i = 0; i < ELEMENTSOF(places); i++) {
        if (snprintf(ret, PATH_MAX, "%.*s%s", (int)(name - program), program, places[i]) <
                PATH_MAX &&
            is_directory(ret))
            return true;
    }
    return false;
}

static void domain_bind(void)
{
    char catalogues[PATH_MAX];

    if (catalogues_find(catalogues))
        (void)bindtextdomain(DOMAIN, catalogues);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)bind_textdomain_codeset(LIBC_DOMAIN, "UTF-8");
    (void)textdomain(DOMAIN);
}

void translate_begin(void)
{
    locale_set();
    domain_bind();
}

locale_t translate_aside(void)
{
    locale_t people = newlocale(LC_MESSAGES_MASK, "", (locale_t)0);

    domain_bind();
    return people ? people : newlocale(LC_MESSAGES_MASK, locale_instead(), (locale_t)0);
}

void translate_end(void)
{
    (void)setlocale(LC_MESSAGES, "C");
}
