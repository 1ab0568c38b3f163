/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/holidays.h"

#include <time.h>

/* A holiday is on a fixed day, or so many days after Easter Sunday. */
static const struct {
    int month, day; /* month 0: `day` is days after Easter */
    const char *label;
} rules[HOLIDAYS] = {
    {1, 1, "Jour de l’an"},        {0, 1, "Lundi de Pâques"}, {5, 1, "Fête du Travail"},
    {5, 8, "Victoire de 1945"},    {0, 39, "Ascension"},      {0, 50, "Lundi de Pentecôte"},
    {7, 14, "Fête nationale"},     {8, 15, "Assomption"},     {11, 1, "Toussaint"},
    {11, 11, "Armistice de 1918"}, {12, 25, "Noël"},
};

/* Easter Sunday as a day of March, which may go on past 31; the Gregorian computus of
 * Meeus, Astronomical Algorithms, chapter 8.
 */
static int easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int f = (b + 8) / 25, g = (b - f + 1) / 3;
    int h = (19 * a + b - b / 4 - g + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;

    return 22 + h + l - 7 * m;
}

static int holiday_compare(const void *a, const void *b)
{
    return strcmp(((const struct holiday *)a)->day, ((const struct holiday *)b)->day);
}

void holidays_of(int year, struct holiday ret[static HOLIDAYS])
{
    for (size_t i = 0; i < HOLIDAYS; i++) {
        bool moves = rules[i].month == 0;
        struct tm tm = {.tm_year = year - 1900,
                        .tm_mon = moves ? 2 : rules[i].month - 1,
                        .tm_mday = rules[i].day + (moves ? easter(year) : 0),
                        .tm_hour = 12};

        (void)timegm(&tm); /* a day past the month's end goes on into the next ones */
        (void)strftime(ret[i].day, sizeof(ret[i].day), "%Y-%m-%d", &tm);
        ret[i].label = rules[i].label;
    }
    qsort(ret, HOLIDAYS, sizeof(ret[0]), holiday_compare);
}
