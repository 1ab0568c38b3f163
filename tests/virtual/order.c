/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Orders: their words, and what they do. See order.h.
 */
#include "virtual/order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/hex.h"
#include "util/macro.h"
#include "util/time.h"
#include "virtual/timing.h"

/* The words of an order, taken apart. Strings point into the line. */
struct order {
    const char *verb;
    char uid[ORDER_LINE_MAX]; /* every word that is no option, put together */
    const char *kind, *atqa, *sak, *ats, *duration;
    const char *command, *count, *by; /* of a fault */
};

/* Ends a function with an answer. */
PRINTF(2, 3)
static enum order_result say(char answer[static ORDER_ANSWER_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(answer, ORDER_ANSWER_MAX, format, args);
    va_end(args);
    return ORDER_ANSWERED;
}

static const char **order_option(struct order *order, const char *word)
{
    if (streq(word, "--kind"))
        return &order->kind;
    if (streq(word, "--atqa"))
        return &order->atqa;
    if (streq(word, "--sak"))
        return &order->sak;
    if (streq(word, "--ats"))
        return &order->ats;
    if (streq(word, "--for"))
        return &order->duration;
    if (streq(word, "--command"))
        return &order->command;
    if (streq(word, "--count"))
        return &order->count;
    if (streq(word, "--by"))
        return &order->by;
    return NULL;
}

/* Splits `line` (which it changes). Returns false with an answer if a word makes no sense. */
static bool order_parse(char *line, struct order *order, char answer[static ORDER_ANSWER_MAX])
{
    char *rest = NULL;

    *order = (struct order){.verb = strtok_r(line, " \t", &rest)};
    if (!order->verb) {
        say(answer, "usage nothing was asked: try list");
        return false;
    }
    for (char *word = strtok_r(NULL, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        char *value = starts_with(word, "--") ? strchr(word, '=') : NULL;
        const char **option;

        if (!starts_with(word, "--")) {
            strcat(order->uid, word); /* no longer than the line */
            continue;
        }
        if (value)
            *value++ = '\0';
        option = order_option(order, word);
        if (!option) {
            say(answer, "usage unknown option %.20s: see --help", word);
            return false;
        }
        *option = value ? value : strtok_r(NULL, " \t", &rest);
        if (!*option) {
            say(answer, "usage %s has no value: see --help", word);
            return false;
        }
    }
    return true;
}

/* ATQA, SAK and ATS as given replace those of the kind. */
static bool badge_parse_overrides(const struct order *order, struct badge *badge,
                                  char answer[static ORDER_ANSWER_MAX])
{
    int n;

    if (order->atqa && hex_decode(order->atqa, badge->atqa, 2) != 2) {
        say(answer, "usage bad ATQA: give four hex digits, such as 0044");
        return false;
    }
    if (order->sak && hex_decode(order->sak, &badge->sak, 1) != 1) {
        say(answer, "usage bad SAK: give two hex digits, such as 08");
        return false;
    }
    if (order->ats) {
        n = hex_decode(order->ats, badge->ats, sizeof(badge->ats));
        if (n < 0) {
            say(answer, "usage bad ATS: give at most %d bytes in hex, without the length byte",
                BADGE_ATS_MAX);
            return false;
        }
        badge->ats_length = (size_t)n;
    }
    if (order->ats && !badge_is_iso_dep(badge)) {
        say(answer, "usage this badge has no ATS: give --sak 20 (or another with bit 20) too");
        return false;
    }
    return true;
}

static bool badge_parse(const struct order *order, struct badge *badge,
                        char answer[static ORDER_ANSWER_MAX])
{
    bool random = streq(order->uid, "random");
    uint8_t uid[BADGE_UID_MAX] = {0};
    int n = random ? 4 : hex_decode(order->uid, uid, sizeof(uid));
    enum badge_kind kind;

    if (n != 4 && n != 7 && n != 10) {
        say(answer,
            "usage bad UID: give 4, 7 or 10 bytes in hex, such as 04A1B2C3D4E5F6, or random");
        return false;
    }
    kind = random ? BADGE_PHONE : badge_kind_by_uid_length((size_t)n);
    if (order->kind && badge_kind_parse(order->kind, &kind) < 0) {
        say(answer, "usage unknown kind %.20s: classic, ntag, desfire, phone and type-b are known",
            order->kind);
        return false;
    }
    if (badge_init(badge, kind, random ? NULL : uid, (size_t)n) < 0) {
        say(answer, "usage bad UID: a badge of type B has 4 bytes, such as 1A2B3C4D, or random");
        return false;
    }
    return badge_parse_overrides(order, badge, answer);
}

/* How the badge is called in answers: a random one has no lasting name. */
static void badge_name(const struct badge *badge, char name[static BADGE_UID_TEXT_SIZE])
{
    if (badge->random)
        strcpy(name, "random");
    else
        badge_uid_text(badge, name);
}

/* Puts the order's badge down; its place, or negative with an answer. */
static int put_badge(struct reader *reader, const struct order *order, uint64_t now,
                     char answer[static ORDER_ANSWER_MAX])
{
    char name[BADGE_UID_TEXT_SIZE];
    struct badge badge;
    int place;

    if (!badge_parse(order, &badge, answer))
        return -EINVAL;
    badge_name(&badge, name);
    if (field_find(&reader->field, &badge) >= 0) {
        say(answer, "failed badge %s lies there already: take it away first", name);
        return -EEXIST;
    }
    place = field_put(&reader->field, &badge, now);
    if (place < 0) {
        say(answer, "failed %d badges lie there: take one away first", FIELD_BADGES_MAX);
        return place;
    }
    return place;
}

static enum order_result order_put(struct reader *reader, const struct order *order, uint64_t now,
                                   char answer[static ORDER_ANSWER_MAX])
{
    char name[BADGE_UID_TEXT_SIZE];
    int place = put_badge(reader, order, now, answer);

    if (place < 0)
        return ORDER_ANSWERED;
    badge_name(&reader->field.badges[place].badge, name);
    return say(answer, "ok put %s at %" PRIu64, name, now / NS_PER_US);
}

static enum order_result order_take(struct reader *reader, const struct order *order, uint64_t now,
                                    char answer[static ORDER_ANSWER_MAX])
{
    char text[FIELD_BADGES_MAX * BADGE_UID_TEXT_SIZE + 1] = "", name[BADGE_UID_TEXT_SIZE];
    struct badge wanted;
    bool any = order->uid[0] == '\0';

    if (!any && !badge_parse(order, &wanted, answer))
        return ORDER_ANSWERED;
    for (int place = 0; place < FIELD_BADGES_MAX; place++) {
        const struct field_badge *it = &reader->field.badges[place];

        if (!it->present || (!any && field_find(&reader->field, &wanted) != place))
            continue;
        badge_name(&it->badge, name);
        strcat(strcat(text, " "), name);
        field_take(&reader->field, place);
    }
    if (text[0] == '\0')
        return say(answer, "failed no such badge lies there: see list");
    return say(answer, "ok take%s at %" PRIu64, text, now / NS_PER_US);
}

static enum order_result order_tap(struct reader *reader, const struct order *order, uint64_t now,
                                   struct tap *tap, char answer[static ORDER_ANSWER_MAX])
{
    uint64_t least = TAP_LEAST_NS, most = TAP_MOST_NS;
    int place;

    if (order->duration) {
        usec_t span;

        if (time_parse_span(order->duration, &span) < 0 || span > TAP_FOR_MAX_NS / NS_PER_US)
            return say(answer, "usage bad duration: give up to 60s, such as 200ms");
        least = most = span * NS_PER_US;
    }
    place = put_badge(reader, order, now, answer);
    if (place < 0)
        return ORDER_ANSWERED;
    *tap = (struct tap){
        .running = true,
        .place = place,
        .entered = now,
        .earliest = now + least,
        .latest = now + most,
    };
    return ORDER_TAPPING;
}

static enum order_result order_list(const struct reader *reader,
                                    char answer[static ORDER_ANSWER_MAX])
{
    static const char *const states[] = {
        [BADGE_IDLE] = "idle", [BADGE_ACTIVE] = "active", [BADGE_HALTED] = "halted"};
    char uid[BADGE_UID_TEXT_SIZE], atqa[5], sak[3], ats[2 * BADGE_ATS_MAX + 1];
    size_t n, count = 0;

    for (int place = 0; place < FIELD_BADGES_MAX; place++)
        count += reader->field.badges[place].present;
    n = (size_t)snprintf(answer, ORDER_ANSWER_MAX, "ok list %zu %s", count,
                         reader_is_plugged(reader) ? "plugged" : "unplugged");
    for (int place = 0; place < FIELD_BADGES_MAX && n < ORDER_ANSWER_MAX; place++) {
        const struct field_badge *it = &reader->field.badges[place];

        if (!it->present)
            continue;
        badge_uid_text(&it->badge, uid);
        hex_encode(it->badge.atqa, 2, atqa);
        hex_encode(&it->badge.sak, 1, sak);
        hex_encode(it->badge.ats, it->badge.ats_length, ats);
        n += (size_t)snprintf(answer + n, ORDER_ANSWER_MAX - n,
                              "; uid=%s random=%s atqa=%s sak=%s ats=%s state=%s since=%" PRIu64,
                              uid, it->badge.random ? "yes" : "no", atqa, sak,
                              it->badge.ats_length > 0 ? ats : "-", states[it->state],
                              it->entered / NS_PER_US);
    }
    return ORDER_ANSWERED;
}

static enum order_result order_unplug(struct reader *reader, uint64_t now,
                                      char answer[static ORDER_ANSWER_MAX])
{
    if (!reader_is_plugged(reader))
        return say(answer, "failed the reader is unplugged already: use replug");
    reader_unplug(reader);
    return say(answer, "ok unplug at %" PRIu64, now / NS_PER_US);
}

static enum order_result order_replug(struct reader *reader, uint64_t now,
                                      char answer[static ORDER_ANSWER_MAX])
{
    int r;

    if (reader_is_plugged(reader))
        return say(answer, "failed the reader is plugged in: use unplug first");
    r = reader_plug(reader);
    if (r < 0)
        return say(answer, "failed cannot open a terminal as %s (%s): see that the name is free",
                   reader->line.path, strerror(-r));
    return say(answer, "ok replug at %" PRIu64 " %s", now / NS_PER_US, reader->line.terminal);
}

/* The numbers of a fault; false with an answer if one makes no sense. */
static bool fault_parse(const struct order *order, int *command, unsigned *count, uint64_t *by,
                        char answer[static ORDER_ANSWER_MAX])
{
    uint8_t code;
    usec_t span;
    char *end = NULL;

    if (order->command) {
        if (hex_decode(order->command, &code, 1) != 1) {
            say(answer, "usage bad command code: give two hex digits, such as 4A");
            return false;
        }
        *command = code;
    }
    if (order->count) {
        *count = (unsigned)strtoul(order->count, &end, 10);
        if (*end != '\0' || *count < 1 || *count > FAULT_COUNT_MAX) {
            say(answer, "usage bad count: give 1 to %u commands", FAULT_COUNT_MAX);
            return false;
        }
    }
    if (order->by) {
        if (time_parse_span(order->by, &span) < 0 || span > TAP_FOR_MAX_NS / NS_PER_US) {
            say(answer, "usage bad time: give up to 60s, such as 400ms");
            return false;
        }
        *by = span * NS_PER_US;
    }
    return true;
}

static enum order_result order_fault(struct reader *reader, const struct order *order, uint64_t now,
                                     char answer[static ORDER_ANSWER_MAX])
{
    enum fault_kind kind;
    unsigned count = 0;
    int command = -1;
    uint64_t by;

    if (fault_kind_parse(order->uid, &kind) < 0 || kind == FAULT_NONE)
        return say(answer, "usage unknown fault %.20s: see --help", order->uid);
    if (order->kind || order->atqa || order->sak || order->ats)
        return say(answer, "usage a fault has no badge: see --help");
    by = kind == FAULT_DRIP ? FAULT_DRIP_NS : FAULT_LATE_NS;
    if (!fault_parse(order, &command, &count, &by, answer))
        return ORDER_ANSWERED;
    fault_set(&reader->fault, kind, command, count, by);
    return say(answer, "ok fault %s at %" PRIu64, fault_kind_word(kind), now / NS_PER_US);
}

static enum order_result order_heal(struct reader *reader, uint64_t now,
                                    char answer[static ORDER_ANSWER_MAX])
{
    unsigned spoilt = reader->fault.spoilt;

    reader_heal(reader);
    return say(answer, "ok heal spoilt %u at %" PRIu64, spoilt, now / NS_PER_US);
}

enum order_result order_run(struct reader *reader, const char *line, uint64_t now, struct tap *tap,
                            char answer[static ORDER_ANSWER_MAX])
{
    char words[ORDER_LINE_MAX];
    struct order order;

    snprintf(words, sizeof(words), "%s", line);
    if (!order_parse(words, &order, answer))
        return ORDER_ANSWERED;
    if (order.duration && !streq(order.verb, "tap"))
        return say(answer, "usage --for belongs to tap: see --help");
    if ((order.command || order.count || order.by) && !streq(order.verb, "fault"))
        return say(answer, "usage --command, --count and --by belong to fault: see --help");
    if (streq(order.verb, "put"))
        return order_put(reader, &order, now, answer);
    if (streq(order.verb, "take"))
        return order_take(reader, &order, now, answer);
    if (streq(order.verb, "tap"))
        return order_tap(reader, &order, now, tap, answer);
    if (streq(order.verb, "fault"))
        return order_fault(reader, &order, now, answer);
    if (order.uid[0] != '\0' || order.kind || order.atqa || order.sak || order.ats)
        return say(answer, "usage %.20s takes nothing else: see --help", order.verb);
    if (streq(order.verb, "list"))
        return order_list(reader, answer);
    if (streq(order.verb, "unplug"))
        return order_unplug(reader, now, answer);
    if (streq(order.verb, "replug"))
        return order_replug(reader, now, answer);
    if (streq(order.verb, "heal"))
        return order_heal(reader, now, answer);
    return say(answer,
               "usage unknown command %.20s: put, take, tap, list, unplug, replug, fault and heal "
               "are known",
               order.verb);
}

/* The tap's badge, unless somebody took it away by another order. */
static struct field_badge *tap_badge(struct reader *reader, const struct tap *tap)
{
    struct field_badge *it = &reader->field.badges[tap->place];

    return it->present && it->entered == tap->entered ? it : NULL;
}

uint64_t tap_deadline(const struct reader *reader, const struct tap *tap)
{
    const struct field_badge *it;

    if (!tap->running)
        return TIME_NEVER;
    it = &reader->field.badges[tap->place];
    return it->first_read != TIME_NEVER ? tap->earliest : tap->latest;
}

bool tap_advance(struct reader *reader, struct tap *tap, uint64_t now,
                 char answer[static ORDER_ANSWER_MAX])
{
    const struct field_badge *it;
    char name[BADGE_UID_TEXT_SIZE], uid[BADGE_UID_TEXT_SIZE], read[64] = "read never";

    if (!tap->running)
        return false;
    it = tap_badge(reader, tap);
    if (!it) {
        tap->running = false;
        say(answer, "failed the badge was taken away during the tap: tap it again");
        return true;
    }
    if (now < tap_deadline(reader, tap))
        return false;

    badge_name(&it->badge, name);
    badge_uid_text(&it->badge, uid);
    if (it->first_read != TIME_NEVER)
        snprintf(read, sizeof(read), "read %" PRIu64 " as %s", it->first_read / NS_PER_US, uid);
    say(answer, "ok tap %s at %" PRIu64 " %s taken %" PRIu64, name, tap->entered / NS_PER_US, read,
        now / NS_PER_US);
    tap_cancel(reader, tap);
    return true;
}

void tap_cancel(struct reader *reader, struct tap *tap)
{
    if (tap->running && tap_badge(reader, tap))
        field_take(&reader->field, tap->place);
    tap->running = false;
}
