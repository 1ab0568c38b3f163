/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/moment.h"

#include "util/translate.h"

#include <errno.h>
#include <time.h>

#define DAY_LENGTH    10 /* YYYY-MM-DD */
#define MINUTE_LENGTH 5  /* HH:MM */
#define DAY           86400
#define MONTHDAY_SIZE 16

/* Noon of the local day `days` after `now`: an hour that every day has. */
static struct tm noon(usec_t now, int days)
{
    time_t seconds = (time_t)(now / USEC_PER_SEC);
    struct tm tm;

    (void)localtime_r(&seconds, &tm);
    tm = (struct tm){.tm_year = tm.tm_year,
                     .tm_mon = tm.tm_mon,
                     .tm_mday = tm.tm_mday + days,
                     .tm_hour = 12,
                     .tm_isdst = -1};
    (void)mktime(&tm);
    return tm;
}

void moment_day(usec_t now, int days, char ret[static TIME_TEXT_SIZE])
{
    struct tm tm = noon(now, days);

    (void)strftime(ret, TIME_TEXT_SIZE, "%Y-%m-%d", &tm);
}

/* Reads the day at the beginning of `*text` and moves on behind it. */
static int day_read(const char **text, usec_t now, day_t *ret)
{
    static const struct {
        const char *word;
        int days;
    } words[] = {{"today", 0},       {"yesterday", -1}, {"tomorrow", 1}, {"aujourd'hui", 0},
                 {"aujourd’hui", 0}, {"hier", -1},      {"demain", 1}};
    char day[TIME_TEXT_SIZE];

    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (starts_with(*text, words[i].word)) {
            *text += strlen(words[i].word);
            moment_day(now, words[i].days, day);
            return day_parse(day, ret);
        }
    if (strlen(*text) < DAY_LENGTH)
        return -EINVAL;
    if ((*text)[2] == '/' && (*text)[5] == '/') /* 23/11/2026 */
        (void)snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", *text + 6, *text + 3, *text);
    else
        (void)snprintf(day, sizeof(day), "%.*s", DAY_LENGTH, *text);
    *text += DAY_LENGTH;
    return day_parse(day, ret);
}

int moment_day_parse(const char *text, usec_t now, char ret[static TIME_TEXT_SIZE])
{
    day_t day;

    if (day_read(&text, now, &day) < 0 || *text)
        return -EINVAL;
    day_format(day, ret);
    return 0;
}

/* "9h30" and "9h", as the French write it, with a colon. */
static bool clock_in_french(const char *text, char ret[static MINUTE_LENGTH + 1])
{
    size_t hours = strspn(text, "0123456789"), minutes;

    if (hours < 1 || hours > 2 || text[hours] != 'h')
        return false;
    minutes = strspn(text + hours + 1, "0123456789");
    if ((minutes != 0 && minutes != 2) || text[hours + 1 + minutes])
        return false;
    (void)snprintf(ret, MINUTE_LENGTH + 1, "%s%.*s:%.2s", hours == 1 ? "0" : "", (int)hours, text,
                   minutes ? text + hours + 1 : "00");
    return true;
}

/* Reads what follows the day: nothing, or " HH:MM" or "THH:MM", also H:MM, with seconds, or 9h30.
 */
static int clock_read(const char *text, int *ret_minute, int *ret_second)
{
    char clock[MINUTE_LENGTH + 1];
    size_t n;

    *ret_minute = *ret_second = 0;
    if (!*text)
        return 0;
    if (*text != ' ' && *text != 'T')
        return -EINVAL;
    text++;
    if (clock_in_french(text, clock))
        return minute_parse(clock, ret_minute);
    n = strcspn(text, ":");
    if (n < 1 || n > 2 || strlen(text) < n + 3)
        return -EINVAL;
    (void)snprintf(clock, sizeof(clock), "%s%.*s", n == 1 ? "0" : "", (int)n + 3, text);
    text += n + 3;
    if (*text) {
        if (text[0] != ':' || strspn(text + 1, "0123456789") != 2 || text[3] || text[1] > '5')
            return -EINVAL;
        *ret_second = atoi(text + 1);
    }
    return minute_parse(clock, ret_minute);
}

/* Seconds that local time is ahead of UTC at `t`. */
static long offset_at(time_t t)
{
    struct tm tm;

    (void)localtime_r(&t, &tm);
    return tm.tm_gmtoff;
}

/* True if the local clock shows at `t` what `seconds` would show on a clock in UTC. */
static bool clock_shows(time_t t, time_t seconds)
{
    return t + offset_at(t) == seconds;
}

/* The moment at which the local clock shows `seconds`, as above; an enum moment_note. */
static int moment_of(time_t seconds, time_t *ret)
{
    time_t before = seconds - offset_at(seconds - DAY), after = seconds - offset_at(seconds + DAY);
    bool before_shows = clock_shows(before, seconds), after_shows = clock_shows(after, seconds);

    *ret = before_shows || !after_shows ? before : after;
    if (!before_shows && !after_shows)
        return MOMENT_SKIPPED;
    return before_shows && after_shows && before != after ? MOMENT_TWICE : MOMENT_PLAIN;
}

int moment_parse(const char *text, usec_t now, usec_t *ret)
{
    int minute, second, note;
    struct tm tm;
    time_t seconds;
    day_t day;

    if (day_read(&text, now, &day) < 0 || clock_read(text, &minute, &second) < 0)
        return -EINVAL;
    tm = (struct tm){.tm_year = day / 10000 - 1900,
                     .tm_mon = day / 100 % 100 - 1,
                     .tm_mday = day % 100,
                     .tm_hour = minute / 60,
                     .tm_min = minute % 60,
                     .tm_sec = second};
    note = moment_of(timegm(&tm), &seconds);
    if (seconds < -DAY)
        return -EINVAL;
    *ret = (usec_t)MAX_OF(seconds, 0) * USEC_PER_SEC; /* the first day began before UTC's */
    return note;
}

int moment_parse_near(const char *text, usec_t now, usec_t *ret)
{
    char day[TIME_TEXT_SIZE], whole[2 * TIME_TEXT_SIZE];
    size_t hours = strspn(text, "0123456789");

    if (hours < 1 || hours > 2 || (text[hours] != ':' && text[hours] != 'h') ||
        strlen(text) >= TIME_TEXT_SIZE)
        return moment_parse(text, now, ret);
    moment_day(now, 0, day);
    (void)snprintf(whole, sizeof(whole), "%s %s", day, text);
    return moment_parse(whole, now, ret);
}

/* --- written ---------------------------------------------------------------------------------- */

static const char *weekday_words(int weekday) /* 0 = Sunday */
{
    static const char *const names[] = {N_("Sunday"),    N_("Monday"),   N_("Tuesday"),
                                        N_("Wednesday"), N_("Thursday"), N_("Friday"),
                                        N_("Saturday")};

    return _(names[weekday]);
}

static const char *month_words(int month) /* 0 = January */
{
    static const char *const names[] = {N_("January"), N_("February"), N_("March"),
                                        N_("April"),   N_("May"),      N_("June"),
                                        N_("July"),    N_("August"),   N_("September"),
                                        N_("October"), N_("November"), N_("December")};

    return _(names[month]);
}

/* The day of the month as it stands in a date: French has a word of its own for the first one. */
static void monthday_words(int day, char ret[static MONTHDAY_SIZE])
{
    (void)snprintf(ret, MONTHDAY_SIZE, day == 1 ? _("1") : "%d", day);
}

static bool same_day(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_yday == b->tm_yday;
}

/* Days from today, where that is one for which there is a word or a weekday alone; else 7. */
static int days_ahead(const struct tm *local, usec_t now)
{
    for (int days = -1; days < 7; days++) {
        struct tm day = noon(now, days);

        if (same_day(local, &day))
            return days;
    }
    return 7;
}

/* Writes the day alone, `days` away from today. */
static void day_words(const struct tm *local, int days, int year, char *ret)
{
    const char *weekday = weekday_words(local->tm_wday), *month = month_words(local->tm_mon);
    char monthday[MONTHDAY_SIZE];

    monthday_words(local->tm_mday, monthday);
    if (days == -1)
        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", _("yesterday"));
    else if (days == 0)
        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", _("today"));
    else if (days == 1)
        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", _("tomorrow"));
    else if (days < 7)
        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", weekday);
    else if (local->tm_year == year)
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("%s %s %s"), weekday, monthday, month);
    else
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("%s %s %s %d"), weekday, monthday, month,
                       local->tm_year + 1900);
}

void moment_day_words(const char *day, usec_t now, char ret[static MOMENT_WORDS_SIZE])
{
    struct tm local, today = noon(now, 0);
    day_t number;
    usec_t begins;

    if (day_parse(day, &number) < 0 || moment_parse(day, now, &begins) < 0) {
        (void)snprintf(ret, MOMENT_WORDS_SIZE, "%s", day);
        return;
    }
    local = noon(begins, 0);
    day_words(&local, days_ahead(&local, now), today.tm_year, ret);
}

void moment_words(usec_t at, usec_t now, char ret[static MOMENT_WORDS_SIZE])
{
    time_t seconds = (time_t)(at / USEC_PER_SEC);
    struct tm local, today = noon(now, 0);
    char clock[16], monthday[MONTHDAY_SIZE];
    const char *weekday;

    (void)localtime_r(&seconds, &local);
    (void)snprintf(clock, sizeof(clock), "%d:%02d", local.tm_hour, local.tm_min);
    weekday = weekday_words(local.tm_wday);
    monthday_words(local.tm_mday, monthday);
    switch (days_ahead(&local, now)) {
    case -1:
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("yesterday %s"), clock);
        break;
    case 0:
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("today %s"), clock);
        break;
    case 1:
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("tomorrow %s"), clock);
        break;
    case 7:
        if (local.tm_year == today.tm_year)
            (void)snprintf(ret, MOMENT_WORDS_SIZE, _("%s %s %s %s"), weekday, monthday,
                           month_words(local.tm_mon), clock);
        else
            (void)snprintf(ret, MOMENT_WORDS_SIZE, _("%s %s %s %d %s"), weekday, monthday,
                           month_words(local.tm_mon), local.tm_year + 1900, clock);
        break;
    default:
        (void)snprintf(ret, MOMENT_WORDS_SIZE, _("%s %s"), weekday, clock);
        break;
    }
}

/* Writes `number` in so many digits; returns what follows them. */
static char *digits(char *ret, int number, int n)
{
    for (int i = n; i-- > 0; number /= 10)
        ret[i] = (char)('0' + number % 10);
    return ret + n;
}

void moment_minutes(usec_t at, char ret[static TIME_TEXT_SIZE])
{
    time_t seconds = (time_t)(at / USEC_PER_SEC);
    struct tm local;
    char *end;

    (void)localtime_r(&seconds, &local);
    end = digits(ret, local.tm_year + 1900, 4);
    *end++ = '-';
    end = digits(end, local.tm_mon + 1, 2);
    *end++ = '-';
    end = digits(end, local.tm_mday, 2);
    *end++ = ' ';
    end = digits(end, local.tm_hour, 2);
    *end++ = ':';
    end = digits(end, local.tm_min, 2);
    *end = '\0';
}

usec_t moment_utc(const char *text)
{
    struct tm tm = {0};
    time_t seconds = text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;

    return seconds > 0 ? (usec_t)seconds * USEC_PER_SEC : 0;
}
