/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/values.h"
#include "util/translate.h"

#include "config/config.h"

#include <ctype.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_MAGIC     "TZif" /* tzfile(5) */
#define LOWER_DIGITS   "abcdefghijklmnopqrstuvwxyz0123456789-"

/* Fields of type text are char[CONFIG_TEXT_SIZE]; who calls a reader has checked the length. */
static bool text_set(const char *text, void *ret)
{
    (void)snprintf(ret, CONFIG_TEXT_SIZE, "%s", text);
    return true;
}

static bool name_valid(const char *text, const char *characters, size_t size)
{
    size_t n = strlen(text);

    return n > 0 && n < size && strspn(text, characters) == n;
}

bool slug_valid(const char *text)
{
    return name_valid(text, LOWER_DIGITS "_", SLUG_SIZE);
}

static bool read_text(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    return text_set(text, ret);
}

static bool read_some_text(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    return *text && text_set(text, ret);
}

static bool read_site_id(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    if (!name_valid(text, LOWER_DIGITS, SITE_SIZE))
        return false;
    (void)snprintf(ret, SITE_SIZE, "%s", text);
    return true;
}

static bool read_slug(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    if (!slug_valid(text))
        return false;
    (void)snprintf(ret, SLUG_SIZE, "%s", text);
    return true;
}

static bool read_time_zone(const struct value_kind *kind, const char *text, void *ret)
{
    CLEANUP(cleanup_file) FILE *zone = NULL;
    char path[sizeof(ZONE_DIRECTORY) + CONFIG_TEXT_SIZE], magic[sizeof(ZONE_MAGIC) - 1];

    (void)kind;
    if (!isalpha((unsigned char)text[0]) || strstr(text, ".."))
        return false;
    (void)snprintf(path, sizeof(path), "%s%s", ZONE_DIRECTORY, text);
    zone = fopen(path, "re");
    if (!zone || fread(magic, 1, sizeof(magic), zone) != sizeof(magic))
        return false;
    return memcmp(magic, ZONE_MAGIC, sizeof(magic)) == 0 && text_set(text, ret);
}

/* A whole number of digits alone: no sign, no space, no other base. */
static bool number_read(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    size_t n = strlen(text);
    uint64_t number;

    if (n == 0 || n > 9 || strspn(text, "0123456789") != n)
        return false;
    number = strtoull(text, NULL, 10);
    if (number < least || number > most)
        return false;
    *ret = number;
    return true;
}

static bool read_number(const struct value_kind *kind, const char *text, void *ret)
{
    uint64_t number;

    if (!number_read(text, kind->least, kind->most, &number))
        return false;
    *(unsigned *)ret = (unsigned)number;
    return true;
}

static bool read_yes(const struct value_kind *kind, const char *text, void *ret)
{
    static const struct {
        const char *word;
        bool on;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},   {"1", true},
                 {"no", false}, {"false", false}, {"off", false}, {"0", false}};

    (void)kind;
    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (streq(text, words[i].word)) {
            *(bool *)ret = words[i].on;
            return true;
        }
    return false;
}

static bool read_deny(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    if (!streq(text, "deny") && !streq(text, "admit"))
        return false;
    *(bool *)ret = streq(text, "deny");
    return true;
}

static bool read_hour(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    return minute_parse(text, ret) == 0;
}

static bool read_span(const struct value_kind *kind, const char *text, void *ret)
{
    usec_t span;

    if (time_parse_span(text, &span) < 0 || span < kind->least || span > kind->most)
        return false;
    *(usec_t *)ret = span;
    return true;
}

static bool read_direction(const struct value_kind *kind, const char *text, void *ret)
{
    int direction = direction_of(text);

    (void)kind;
    if (direction < 0)
        return false;
    *(enum direction *)ret = (enum direction)direction;
    return true;
}

static bool read_path(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    return text[0] == '/' && text[strlen(text) - 1] != '/' && text_set(text, ret);
}

static bool read_directory(const struct value_kind *kind, const char *text, void *ret)
{
    return text[0] == '/' && strlen(text) <= kind->most && text_set(text, ret);
}

static bool read_path_or_none(const struct value_kind *kind, const char *text, void *ret)
{
    return *text ? read_path(kind, text, ret) : text_set(text, ret);
}

static bool read_host(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    if (text[0] == '/' ? text[1] == '\0' : strchr(text, '/') != NULL)
        return false;
    return *text && !strpbrk(text, " \t") && text_set(text, ret);
}

/* A topic that others can be appended to (MQTT 3.1.1, 4.7); the broker keeps $ for itself. */
static bool read_topic(const struct value_kind *kind, const char *text, void *ret)
{
    size_t n = strlen(text);

    (void)kind;
    if (n == 0 || text[0] == '$' || text[0] == '/' || text[n - 1] == '/')
        return false;
    return !strpbrk(text, "+#") && !strstr(text, "//") && text_set(text, ret);
}

static bool read_web_address(const struct value_kind *kind, const char *text, void *ret)
{
    const char *host = starts_with(text, "https://")  ? text + 8
                       : starts_with(text, "http://") ? text + 7
                                                      : NULL;

    (void)kind;
    if (*text && (!host || !isalnum((unsigned char)*host) || strpbrk(text, " \t")))
        return false;
    return text_set(text, ret);
}

static bool read_mail_address(const struct value_kind *kind, const char *text, void *ret)
{
    const char *at = strchr(text, '@');

    (void)kind;
    if (*text && (!at || at == text || !at[1] || strchr(at + 1, '@') || strpbrk(text, " \t")))
        return false;
    return text_set(text, ret);
}

/* Digits, a point, digits: read by hand, since strtod() expects a comma in a French locale. */
static bool read_degrees(const struct value_kind *kind, const char *text, void *ret)
{
    const char *number = text + (text[0] == '-' ? 1 : 0);
    size_t whole = strspn(number, "0123456789"), fraction = 0;
    unsigned degrees = 0;

    if (!*text)
        return text_set(text, ret);
    if (whole < 1 || whole > 3)
        return false;
    if (number[whole] == '.') {
        fraction = strspn(number + whole + 1, "0123456789");
        if (fraction < 1 || fraction > 8 || number[whole + 1 + fraction])
            return false;
    } else if (number[whole]) {
        return false;
    }
    for (size_t i = 0; i < whole; i++)
        degrees = degrees * 10 + (unsigned)(number[i] - '0');
    if (degrees > kind->most)
        return false;
    if (degrees == kind->most && fraction > 0 && strspn(number + whole + 1, "0") != fraction)
        return false;
    return text_set(text, ret);
}

/* "CHIP:LINE" or "CHIP:LINE:active-low", read from its end: a chip's label may hold colons. */
static bool line_read(const char *text, struct config_line *ret)
{
    static const char active_low[] = ":active-low";
    struct config_line line = {0};
    size_t n = strlen(text), n_chip;
    const char *colon;

    if (n > strlen(active_low) && streq(text + n - strlen(active_low), active_low)) {
        line.active_low = true;
        n -= strlen(active_low);
    }
    colon = memrchr(text, ':', n);
    if (!colon || strpbrk(text, " \t"))
        return false;
    n_chip = (size_t)(colon - text);
    n -= n_chip + 1;
    if (n_chip == 0 || n_chip >= sizeof(line.chip) || n == 0 || n >= sizeof(line.line))
        return false;
    memcpy(line.chip, text, n_chip);
    memcpy(line.line, colon + 1, n);
    if (starts_with(line.line, "active")) /* a slip in ":active-low", not a line's name */
        return false;
    *ret = line;
    return true;
}

static bool read_line(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    if (!*text) {
        *(struct config_line *)ret = (struct config_line){0};
        return true;
    }
    return starts_with(text, "gpio:") && line_read(text + strlen("gpio:"), ret);
}

static bool read_strike(const struct value_kind *kind, const char *text, void *ret)
{
    (void)kind;
    *(bool *)ret = streq(text, "fail_safe");
    return *(bool *)ret || streq(text, "fail_secure");
}

static bool read_unlock_when(const struct value_kind *kind, const char *text, void *ret)
{
    static const char *const words[] = {[UNLOCK_NEVER] = "never",
                                        [UNLOCK_OPENING_HOURS] = "opening_hours",
                                        [UNLOCK_FIRST_MEMBER] = "first_member"};

    (void)kind;
    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (streq(words[i], text)) {
            *(enum config_unlock_when *)ret = (enum config_unlock_when)i;
            return true;
        }
    return false;
}

/* "PATH:CHANNEL" */
static bool relay_read(const char *text, struct config_door *ret)
{
    const char *channel = strrchr(text, ':');
    uint64_t number;
    size_t n;

    if (text[0] != '/' || !channel || !number_read(channel + 1, 1, 8, &number))
        return false;
    n = (size_t)(channel - text);
    if (n < 2 || n >= sizeof(ret->relay_path))
        return false;
    memcpy(ret->relay_path, text, n);
    ret->relay_path[n] = '\0';
    ret->relay_channel = (int)number;
    return true;
}

static bool read_actuator(const struct value_kind *kind, const char *text, void *ret)
{
    static const char relay[] = "serial-relay:", gpio[] = "gpio:";
    struct config_door read = {.actuator = ACTUATOR_VIRTUAL}, *door = ret;

    (void)kind;
    if (starts_with(text, relay) && relay_read(text + strlen(relay), &read))
        read.actuator = ACTUATOR_SERIAL_RELAY;
    else if (starts_with(text, gpio) && line_read(text + strlen(gpio), &read.relay_line))
        read.actuator = ACTUATOR_GPIO;
    else if (!streq(text, "virtual"))
        return false;
    /* All of them: a drop-in may have put another kind in the place of the first. */
    door->actuator = read.actuator;
    memcpy(door->relay_path, read.relay_path, sizeof(door->relay_path));
    door->relay_channel = read.relay_channel;
    door->relay_line = read.relay_line;
    return true;
}

/* The longest directory whose sockets ("/publisher.sock") still fit into sun_path (unix(7)). */
#define RUNTIME_DIR_MOST (108 - sizeof("/publisher.sock"))
_Static_assert(RUNTIME_DIR_MOST == 92, "value_runtime_dir says so");

const struct value_kind value_text = {
    .read = read_text,
    .noun = N_("a text"),
    .accepted = N_("a text"),
};
const struct value_kind value_device = {
    .read = read_some_text,
    .noun = N_("a libnfc device"),
    .accepted = N_("a connection string such as pn532_uart:/dev/ttyAMA0"),
};
const struct value_kind value_time_zone = {
    .read = read_time_zone,
    .noun = N_("a time zone of this system"),
    .accepted = N_("the name of a file below /usr/share/zoneinfo, such as Europe/Paris"),
};
const struct value_kind value_path = {
    .read = read_path,
    .noun = N_("the path of a file"),
    .accepted = N_("a full path that begins with / and does not end with one"),
};
const struct value_kind value_runtime_dir = {
    .read = read_directory,
    .noun = N_("the path of a directory for sockets"),
    .accepted = N_("a full path that begins with /, of at most 92 bytes"),
    .most = RUNTIME_DIR_MOST,
};
const struct value_kind value_path_or_none = {
    .read = read_path_or_none,
    .noun = N_("the path of a file"),
    .accepted = N_("a full path that begins with / and does not end with one"),
};
const struct value_kind value_secret_path_or_none = {
    .read = read_path_or_none,
    .noun = N_("the path of a file"),
    .accepted = N_("a full path that begins with / and does not end with one, and the secret "
                   "itself into that file"),
    .secret = true,
};
const struct value_kind value_host = {
    .read = read_host,
    .noun = N_("a broker's host"),
    .accepted = N_("a name, an address, or the full path of a UNIX socket with port=0"),
};
const struct value_kind value_topic = {
    .read = read_topic,
    .noun = N_("the beginning of a topic"),
    .accepted = N_("words without + # $ joined by single /"),
};
const struct value_kind value_web_address = {
    .read = read_web_address,
    .noun = N_("a web address"),
    .accepted = N_("an address that begins with https:// or http://"),
};
const struct value_kind value_mail_address = {
    .read = read_mail_address,
    .noun = N_("an e-mail address"),
    .accepted = N_("an address such as bonjour@example.org"),
};
const struct value_kind value_latitude = {
    .read = read_degrees,
    .noun = N_("a latitude"),
    .accepted = N_("degrees from -90 to 90 with a decimal point, such as 49.8942"),
    .most = 90,
};
const struct value_kind value_longitude = {
    .read = read_degrees,
    .noun = N_("a longitude"),
    .accepted = N_("degrees from -180 to 180 with a decimal point, such as 2.2957"),
    .most = 180,
};
const struct value_kind value_site_id = {
    .read = read_site_id,
    .noun = N_("a site's id"),
    .accepted = N_("1 to 31 characters of a-z 0-9 -"),
};
const struct value_kind value_door = {
    .read = read_slug,
    .noun = N_("a door's name"),
    .accepted = N_("the NAME of a section [door NAME]"),
};
const struct value_kind value_people = {
    .read = read_number,
    .noun = N_("a number of people"),
    .accepted = N_("a whole number from 0 to 100000"),
    .most = 100000,
};
const struct value_kind value_port = {
    .read = read_number,
    .noun = N_("a port"),
    .accepted = N_("a whole number from 1 to 65535, or 0 if host is a UNIX socket"),
    .most = 65535,
};
const struct value_kind value_yes = {
    .read = read_yes,
    .noun = N_("yes or no"),
    .accepted = N_("yes or no"),
};
const struct value_kind value_deny = {
    .read = read_deny,
    .noun = N_("a choice here"),
    .accepted = N_("admit or deny"),
};
const struct value_kind value_hour = {
    .read = read_hour,
    .noun = N_("an hour of the day"),
    .accepted = N_("HH:MM from 00:00 to 23:59"),
};
const struct value_kind value_keep = {
    .read = read_span,
    .noun = N_("a time that movements may be kept"),
    .accepted = N_("a time from 1d to 92d (CNIL: at most three months)"),
    .least = USEC_PER_DAY,
    .most = 92 * USEC_PER_DAY,
};
const struct value_kind value_unlock = {
    .read = read_span,
    .noun = N_("a time for unlocking"),
    .accepted = N_("a time from 100ms to 10min"),
    .least = 100 * USEC_PER_MSEC,
    .most = 10 * USEC_PER_MINUTE,
};
const struct value_kind value_repeat = {
    .read = read_span,
    .noun = N_("a time for repeats"),
    .accepted = N_("a time from 0s to 1min"),
    .most = USEC_PER_MINUTE,
};
const struct value_kind value_held_open = {
    .read = read_span,
    .noun = N_("a time for a door left open"),
    .accepted = N_("a time from 0s (never) to 1h"),
    .most = USEC_PER_HOUR,
};
const struct value_kind value_strike = {
    .read = read_strike,
    .noun = N_("a kind of strike"),
    .accepted = N_("fail_secure (locked without current) or fail_safe (unlocked without it)"),
};
const struct value_kind value_unlock_when = {
    .read = read_unlock_when,
    .noun = N_("a time to hold a door unlocked"),
    .accepted = N_("never, opening_hours or first_member"),
};
const struct value_kind value_direction = {
    .read = read_direction,
    .noun = N_("a direction"),
    .accepted = N_("in, out or toggle"),
};
const struct value_kind value_line = {
    .read = read_line,
    .noun = N_("a GPIO line"),
    .accepted =
        N_("nothing, gpio:CHIP:LINE or gpio:CHIP:LINE:active-low, CHIP being a label or a path"),
};
const struct value_kind value_actuator = {
    .read = read_actuator,
    .noun = N_("an actuator"),
    .accepted = N_("virtual, serial-relay:/dev/NAME:CHANNEL (1 to 8) or gpio:CHIP:LINE or "
                   "gpio:CHIP:LINE:active-low, CHIP being a label or a path"),
};
