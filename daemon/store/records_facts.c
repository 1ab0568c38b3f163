/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/records_private.h"

#include <errno.h>
#include <limits.h>

const char *const question_sql[QUESTION_COUNT] = {
    /* A row that leads to nobody or to no plan is nobody's; so is, by its NULLs, one to no host. */
    [QUESTION_BADGE] =
        "SELECT b.status, b.valid_until, m.id, m.status, m.valid_from, m.valid_until,"
        " m.host, h.status, h.valid_from, h.valid_until, p.access, p.min_assurance, p.active,"
        " NOT EXISTS (SELECT 1 FROM plan_door WHERE plan = p.id)"
        " OR EXISTS (SELECT 1 FROM plan_door WHERE plan = p.id AND door = ?2), p.id"
        " FROM badge b JOIN member m ON m.id = b.member JOIN plan p ON p.id = m.plan"
        " LEFT JOIN member h ON h.id = m.host WHERE b.uid = ?1",
    [QUESTION_PLAN_HOURS] = "SELECT weekday, opens, closes FROM plan_hours"
                            " WHERE plan = ?3 AND weekday IN (?1, ?2)",
    [QUESTION_OPENING_HOURS] = "SELECT weekday, opens, closes FROM opening_hours"
                               " WHERE weekday IN (?1, ?2)",
    [QUESTION_OPENING_KNOWN] = "SELECT EXISTS (SELECT 1 FROM opening_hours)",
    [QUESTION_CLOSURE] =
        "SELECT EXISTS (SELECT 1 FROM closure WHERE ?1 BETWEEN first_day AND last_day)",
    [QUESTION_SPACE_BOOKED] =
        "SELECT EXISTS (SELECT 1 FROM resource r JOIN booking b ON b.resource = r.id "
        "WHERE r.kind = 'space' AND b.ends_at > ?1 AND b.starts_at <= ?1)",
    /* Those at this door come first, since there may be more than facts have room for. 86400: the
       most that a resource may be late. */
    [QUESTION_BOOKINGS] =
        "SELECT b.starts_at, b.ends_at, r.early, r.late, b.id, r.id,"
        " NOT EXISTS (SELECT 1 FROM resource_door WHERE resource = r.id)"
        " OR EXISTS (SELECT 1 FROM resource_door WHERE resource = r.id AND door = ?3) AS here"
        " FROM booking b JOIN resource r ON r.id = b.resource JOIN member o ON o.id = b.member"
        " WHERE b.id IN (SELECT id FROM booking WHERE member = ?1 AND ends_at > ?2 - 86400"
        "                UNION ALL SELECT booking FROM booking_guest WHERE member = ?1)"
        " AND ?2 >= b.starts_at - r.early * 60 AND ?2 < b.ends_at + r.late * 60"
        " ORDER BY here DESC",
    /* What ends first is used first, then what takes least. */
    [QUESTION_PASSES] = "SELECT id, kind, quantity, valid_from, valid_until FROM pass"
                        " WHERE member = ?1 AND coalesce(valid_until, '9999') >= ?2"
                        " ORDER BY valid_until IS NULL, valid_until, kind = 'day', id",
    [QUESTION_NAMES] = "SELECT name, display_name FROM member WHERE id = ?1",
    /* An id goes into a topic: what isn't a slug is nobody's. Where there are too many, desks give
       way. ?1: one more than are wanted. */
    [QUESTION_ROOMS] = "SELECT id, coalesce(nullif(trim(name), ''), id) FROM resource"
                       " WHERE length(id) BETWEEN 1 AND 31 AND id NOT GLOB '*[^a-z0-9_-]*'"
                       " ORDER BY kind = 'desk', id LIMIT ?1",
    [QUESTION_ROOM_BOOKINGS] = "SELECT starts_at, ends_at, title FROM booking"
                               " WHERE resource = ?1 AND ends_at > ?2 ORDER BY ends_at LIMIT ?3",
};

enum badge_column {
    BADGE_COLUMN_STATUS,
    BADGE_COLUMN_VALID_UNTIL,
    MEMBER_COLUMN_ID,
    MEMBER_COLUMN_STATUS,
    MEMBER_COLUMN_VALID_FROM,
    MEMBER_COLUMN_VALID_UNTIL,
    MEMBER_COLUMN_HOST,
    HOST_COLUMN_STATUS,
    HOST_COLUMN_VALID_FROM,
    HOST_COLUMN_VALID_UNTIL,
    PLAN_COLUMN_ACCESS,
    PLAN_COLUMN_MIN_ASSURANCE,
    PLAN_COLUMN_ACTIVE,
    PLAN_COLUMN_DOOR_ALLOWED,
    PLAN_COLUMN_ID,
};

void question_end(sqlite3_stmt **question)
{
    (void)sqlite3_reset(*question);
    (void)sqlite3_clear_bindings(*question);
}

static const char *text_column(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/* The length of the character at `text` (RFC 3629, 4: UTF8-char), 0 where there is none. */
static size_t character_length(const unsigned char *text)
{
    unsigned char first = text[0], second_least = 0x80, second_most = 0xBF;
    size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (first == 0 || (first >= 0x80 && first < 0xC2) || first > 0xF4)
        return 0;
    if (first == 0xE0)
        second_least = 0xA0; /* overlong */
    else if (first == 0xED)
        second_most = 0x9F; /* surrogates */
    else if (first == 0xF0)
        second_least = 0x90; /* overlong */
    else if (first == 0xF4)
        second_most = 0x8F; /* beyond U+10FFFF */
    if (length > 1 && (text[1] < second_least || text[1] > second_most))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xBF)
            return 0;
    return length;
}

void text_copy(const char *text, char *ret, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t used = 0;

    while (p && *p) {
        size_t length = character_length(p), written = MAX_OF(length, (size_t)1);

        if (used + written >= size)
            break;
        memcpy(ret + used, length ? (const char *)p : "?", written);
        used += written;
        p += written;
    }
    ret[used] = '\0';
}

/* NULL is no day; -EINVAL for what isn't a day. */
static int day_column(sqlite3_stmt *row, int column, day_t *ret)
{
    const char *text = text_column(row, column);

    *ret = 0;
    return text ? day_parse(text, ret) : 0;
}

/* A word of a closed vocabulary; -EINVAL for any other, and for none. */
static int word_column(sqlite3_stmt *row, int column, int (*value_of)(const char *word))
{
    const char *word = text_column(row, column);

    return word ? value_of(word) : -EINVAL;
}

/* Status, first and last day stand side by side from `column` on. */
static int standing_columns(sqlite3_stmt *row, int column, struct standing *ret)
{
    int status = word_column(row, column, member_status_of);

    if (status < 0)
        return -EINVAL;
    ret->status = (enum member_status)status;
    if (day_column(row, column + 1, &ret->validity.from) < 0)
        return -EINVAL;
    return day_column(row, column + 2, &ret->validity.until);
}

/* -EINVAL where one of the values makes no sense. */
static int badge_columns(sqlite3_stmt *row, struct facts *ret)
{
    int status = word_column(row, BADGE_COLUMN_STATUS, badge_status_of);
    int access = word_column(row, PLAN_COLUMN_ACCESS, plan_access_of);
    int assurance = word_column(row, PLAN_COLUMN_MIN_ASSURANCE, assurance_of);

    if (status < 0 || access < 0 || assurance < 0 ||
        day_column(row, BADGE_COLUMN_VALID_UNTIL, &ret->badge.valid_until) < 0 ||
        standing_columns(row, MEMBER_COLUMN_STATUS, &ret->member.standing) < 0)
        return -EINVAL;
    ret->member.has_host = sqlite3_column_type(row, MEMBER_COLUMN_HOST) != SQLITE_NULL;
    ret->member.host_id = sqlite3_column_int64(row, MEMBER_COLUMN_HOST);
    if (ret->member.has_host && standing_columns(row, HOST_COLUMN_STATUS, &ret->member.host) < 0)
        return -EINVAL;
    ret->badge.status = (enum badge_status)status;
    ret->member.id = sqlite3_column_int64(row, MEMBER_COLUMN_ID);
    text_copy(text_column(row, PLAN_COLUMN_ID), ret->plan.id, sizeof(ret->plan.id));
    ret->plan.access = (enum plan_access)access;
    ret->plan.min_assurance = (enum assurance)assurance;
    ret->plan.active = sqlite3_column_int(row, PLAN_COLUMN_ACTIVE) != 0;
    ret->plan.door_allowed = sqlite3_column_int(row, PLAN_COLUMN_DOOR_ALLOWED) != 0;
    return 0;
}

static int weekday_before(int weekday)
{
    return weekday == 1 ? 7 : weekday - 1;
}

/*
 * The windows that can hold at `local`: the day's and the day before's. The question's ?1 and ?2
 * are the two weekdays; rows without sense are skipped.
 */
static int windows_read(sqlite3_stmt *question, const struct local_time *local,
                        struct window windows[static FACTS_WINDOWS_MOST], size_t *ret_n)
{
    int r;

    *ret_n = 0;
    (void)sqlite3_bind_int(question, 1, local->weekday);
    (void)sqlite3_bind_int(question, 2, weekday_before(local->weekday));
    while (*ret_n < FACTS_WINDOWS_MOST && (r = sqlite3_step(question)) == SQLITE_ROW) {
        const char *opens = text_column(question, 1), *closes = text_column(question, 2);
        struct window window = {.weekday = sqlite3_column_int(question, 0)};

        if (opens && closes && minute_parse(opens, &window.opens) == 0 &&
            minute_parse(closes, &window.closes) == 0)
            windows[(*ret_n)++] = window;
    }
    return *ret_n == FACTS_WINDOWS_MOST ? 0 : database_errno(r);
}

static int plan_hours_read(const struct copy *copy, const char *plan, const struct now *now,
                           struct facts *ret)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_PLAN_HOURS];

    (void)sqlite3_bind_text(question, 3, plan, -1, SQLITE_TRANSIENT);
    return windows_read(question, &now->local, ret->plan.hours, &ret->plan.n_hours);
}

/* Everything that hangs on the badge's number itself; `known` only where all of it makes sense. */
static int badge_read(const struct copy *copy, const char *uid, const char *door,
                      const struct now *now, struct facts *ret)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_BADGE];
    int r;

    (void)sqlite3_bind_text(question, 1, uid, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(question, 2, door, -1, SQLITE_STATIC);
    r = sqlite3_step(question);
    if (r != SQLITE_ROW || badge_columns(question, ret) < 0)
        return database_errno(r);
    if (ret->plan.access == ACCESS_HOURS)
        r = plan_hours_read(copy, text_column(question, PLAN_COLUMN_ID), now, ret);
    else
        r = 0;
    ret->badge.known = r == 0;
    return r;
}

/* The answer to a question that has exactly one number for an answer. */
static int number_read(sqlite3_stmt *question, int *ret)
{
    int r = sqlite3_step(question);

    if (r != SQLITE_ROW)
        return r == SQLITE_DONE ? -ENODATA : database_errno(r);
    *ret = sqlite3_column_int(question, 0);
    return 0;
}

static int closure_read(const struct copy *copy, const struct now *now, bool *ret)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_CLOSURE];
    int closed = 0, r;

    (void)sqlite3_bind_int(question, 1, now->local.day);
    r = number_read(question, &closed);
    *ret = closed != 0;
    return r;
}

static int opening_read(const struct copy *copy, const struct now *now,
                        struct window windows[static FACTS_WINDOWS_MOST], size_t *ret_n)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_OPENING_HOURS];

    return windows_read(question, &now->local, windows, ret_n);
}

static int bookings_read(const struct copy *copy, const char *door, const struct now *now,
                         struct facts *ret)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_BOOKINGS];
    int r = SQLITE_DONE;

    (void)sqlite3_bind_int64(question, 1, ret->member.id);
    (void)sqlite3_bind_int64(question, 2, (int64_t)(now->wall / USEC_PER_SEC));
    (void)sqlite3_bind_text(question, 3, door, -1, SQLITE_STATIC);
    while (ret->n_bookings < FACTS_BOOKINGS_MOST && (r = sqlite3_step(question)) == SQLITE_ROW) {
        struct booking_window *booking = &ret->bookings[ret->n_bookings++];

        *booking = (struct booking_window){
            .starts_at = sqlite3_column_int64(question, 0),
            .ends_at = sqlite3_column_int64(question, 1),
            .early = sqlite3_column_int(question, 2),
            .late = sqlite3_column_int(question, 3),
            .id = sqlite3_column_int64(question, 4),
            .at_this_door = sqlite3_column_int(question, 6) != 0,
        };
        text_copy(text_column(question, 5), booking->resource, sizeof(booking->resource));
    }
    return database_errno(r);
}

/* -EINVAL where one of the values makes no sense. */
static int pass_columns(sqlite3_stmt *row, struct pass *ret)
{
    int kind = word_column(row, 1, pass_kind_of);

    *ret = (struct pass){.id = sqlite3_column_int64(row, 0),
                         .kind = kind == PASS_HALF_DAY ? PASS_HALF_DAY : PASS_DAY,
                         .quantity = sqlite3_column_int64(row, 2)};
    if (kind < 0 || day_column(row, 3, &ret->validity.from) < 0)
        return -EINVAL;
    return day_column(row, 4, &ret->validity.until);
}

/* The passes of which something is left, and what the member has used today. */
static int passes_read(const struct copy *copy, const struct now *now, const struct pass_uses *uses,
                       struct facts *ret)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_PASSES];
    char today[TIME_TEXT_SIZE];
    int r = SQLITE_DONE;

    day_format(now->local.day, today);
    (void)sqlite3_bind_int64(question, 1, ret->member.id);
    (void)sqlite3_bind_text(question, 2, today, -1, SQLITE_STATIC);
    ret->halves_used = pass_uses_halves(uses, ret->member.id, now->pass_day);
    while (ret->n_passes < FACTS_PASSES_MOST && (r = sqlite3_step(question)) == SQLITE_ROW) {
        struct pass *pass = &ret->passes[ret->n_passes];

        if (pass_columns(question, pass) < 0 || pass->validity.from > now->local.day)
            continue;
        pass->used = pass_uses_of(uses, pass->id);
        if (pass->used < pass->quantity)
            ret->n_passes++;
    }
    return ret->n_passes == FACTS_PASSES_MOST ? 0 : database_errno(r);
}

int records_passes(struct records *records, int64_t member, int64_t *ret, size_t most)
{
    CLEANUP(question_end)
    sqlite3_stmt *question = records_copy(records)->questions[QUESTION_PASSES];
    int r = SQLITE_DONE, n = 0;

    (void)sqlite3_bind_int64(question, 1, member);
    (void)sqlite3_bind_text(question, 2, "", -1, SQLITE_STATIC); /* those that are over too */
    while ((size_t)n < most && (r = sqlite3_step(question)) == SQLITE_ROW)
        ret[n++] = sqlite3_column_int64(question, 0);
    return r == SQLITE_ROW || r == SQLITE_DONE ? n : database_errno(r);
}

int records_facts(struct records *records, const char *door, const struct now *now,
                  const struct pass_uses *uses, struct facts *ret)
{
    const struct copy *copy = records_copy_at(records, now->wall);
    struct facts facts = {.presented = ret->presented, .place = ret->place};
    char uid[UID_TEXT_SIZE];
    int r = 0;

    if (uid_length_valid(facts.presented.uid.length)) {
        uid_format(&facts.presented.uid, uid);
        r = badge_read(copy, uid, door, now, &facts);
    }
    if (r < 0)
        return r;
    if (!facts.badge.known) /* nothing of a row without sense may be left */
        facts = (struct facts){.presented = ret->presented, .place = ret->place};
    r = closure_read(copy, now, &facts.space.closure_today);
    if (r == 0)
        r = opening_read(copy, now, facts.space.opening, &facts.space.n_opening);
    if (r == 0 && facts.badge.known)
        r = bookings_read(copy, door, now, &facts);
    if (r == 0 && facts.badge.known && facts.plan.access == ACCESS_PASS)
        r = passes_read(copy, now, uses, &facts);
    if (r == 0)
        *ret = facts;
    return r;
}

void records_member_names(struct records *records, int64_t member, char name[MEMBER_NAME_SIZE],
                          char display[MEMBER_NAME_SIZE])
{
    CLEANUP(question_end)
    sqlite3_stmt *question = records_copy(records)->questions[QUESTION_NAMES];
    bool found;

    (void)sqlite3_bind_int64(question, 1, member);
    found = sqlite3_step(question) == SQLITE_ROW;
    text_copy(found ? text_column(question, 0) : NULL, name, MEMBER_NAME_SIZE);
    if (display)
        text_copy(found ? text_column(question, 1) : NULL, display, MEMBER_NAME_SIZE);
}

static int opening_known(const struct copy *copy)
{
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_OPENING_KNOWN];
    int known = 0, r = number_read(question, &known);

    return r < 0 ? r : known;
}

int records_open_now(struct records *records, const struct now *now)
{
    const struct copy *copy = records_copy(records);
    struct window windows[FACTS_WINDOWS_MOST];
    bool closed = false;
    size_t n = 0;
    int r = opening_known(copy);

    if (r <= 0)
        return r < 0 ? r : -ENODATA;
    r = closure_read(copy, now, &closed);
    if (r == 0)
        r = opening_read(copy, now, windows, &n);
    if (r < 0)
        return r;
    return !closed && windows_contain(windows, n, &now->local);
}

int records_space_booked(struct records *records, const struct now *now)
{
    const struct copy *copy = records_copy_at(records, now->wall);
    CLEANUP(question_end) sqlite3_stmt *question = copy->questions[QUESTION_SPACE_BOOKED];
    int booked = 0, r;

    (void)sqlite3_bind_int64(question, 1, (int64_t)(now->wall / USEC_PER_SEC));
    r = number_read(question, &booked);
    return r < 0 ? r : booked;
}
