/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/edit_check_rules.h"

#include "core/facts.h"

/* SQL for a text in the reader's language; it has no apostrophe in it. */
#define TR(text) "tr('" text "')"

#define STRING_OF(x) #x
#define NUMBER(x)    STRING_OF(x)

const struct check_table check_tables[] = {
    {"plan", "plain(id)", "'id = ' || quote(id)", NULL},
    {"plan_hours", "printf('%s %s %s', plain(plan), weekday, plain(opens))",
     "printf('plan = %Q AND weekday = %d AND opens = %Q', plan, weekday, opens)", NULL},
    {"plan_door", "printf('%s %s', plain(plan), plain(door))",
     "printf('plan = %Q AND door = %Q', plan, door)", NULL},
    {"opening_hours", "printf('%s %s', weekday, plain(opens))",
     "printf('weekday = %d AND opens = %Q', weekday, opens)", NULL},
    {"closure", "id", "'id = ' || id", NULL},
    {"member", "id", "'id = ' || id", "'cantinectl member edit ' || id"},
    {"badge", "plain(uid)", "'uid = ' || quote(uid)", NULL},
    {"pass", "id", "'id = ' || id", NULL},
    {"resource", "plain(id)", "'id = ' || quote(id)", "'cantinectl resource edit ' || plain(id)"},
    {"resource_door", "printf('%s %s', plain(resource), plain(door))",
     "printf('resource = %Q AND door = %Q', resource, door)", NULL},
    {"booking", "id", "'id = ' || id", NULL},
    {"booking_guest", "printf('%s %s', booking, member)",
     "printf('booking = %d AND member = %d', booking, member)", NULL},
};
const size_t n_check_tables = ELEMENTSOF(check_tables);

#define SLUG(column)                                                                               \
    "encoded(" column ") AND length(" column ") BETWEEN 1 AND 31 AND " column                      \
    " NOT GLOB '*[^a-z0-9_-]*'"
#define NAME(column) "one_line(" column ") AND length(" column ") <= 120 AND trim(" column ") <> ''"
#define NOTE(column, most)                                                                         \
    column " IS NULL OR encoded(" column ") AND length(" column ") <= " NUMBER(most)
#define DAY(column)                                                                                \
    "encoded(" column ") AND " column " GLOB '[12][0-9][0-9][0-9]-*' AND date(" column             \
    ", '+0 days') IS " column
#define DAY_OR_NONE(column)      column " IS NULL OR " DAY(column)
#define DAY_READ(column)         column " IS NULL OR door_day(" column ")"
#define HOUR(column)             "encoded(" column ") AND door_hour(" column ") IS NOT NULL"
#define HOUR_READ(column)        "door_hour(" column ") IS NOT NULL"
#define IN_ORDER(from, until)    "(" until " < " from ") IS NOT TRUE"
#define WHOLE(column, from, to)  column " BETWEEN " NUMBER(from) " AND " NUMBER(to)
#define MOMENT(column)           column " BETWEEN 0 AND 253402300799"
#define WORD(column, words)      column " IN (" words ")"
#define WORD_READ(column, words) "as_read(" column ") IN (" words ")"
#define NEVER                    "0"

#define SAYS_HOUR_OF_CLOSING "closes is an hour such as 18:30, midnight is 00:00"
#define SAYS_HOUR_OF_OPENING "opens is an hour such as 09:00"
#define SAYS_ORDER           "valid_until is not before valid_from"
#define SAYS_WEEKDAY         "weekday is 1 (Monday) to 7 (Sunday)"
#define SAYS_DOOR            "a door's name is 1 to 31 of a-z 0-9 - _"
#define SAYS_FROM            "valid_from is a day such as 2026-11-23"
#define SAYS_UNTIL           "valid_until is a day such as 2026-11-23"
#define SAYS_LABEL           "a label has at most 120 characters"

#define WORDS_ACCESS    "'always', 'opening', 'hours', 'booking', 'pass'"
#define WORDS_ASSURANCE "'uid', 'secure'"
#define WORDS_MEMBER    "'active', 'suspended', 'left'"
#define WORDS_BADGE     "'active', 'blocked', 'lost', 'stolen', 'returned'"

const struct check_value check_values[] = {
    {"plan", "id", "a plan's id is 1 to 31 of a-z 0-9 - _", SLUG("id"), NULL},
    {"plan", "name", "a plan's name has 1 to 120 characters", NAME("name"), NULL},
    {"plan", "access", "access is always, opening, hours, booking or pass",
     WORD("access", WORDS_ACCESS), WORD_READ("access", WORDS_ACCESS)},
    {"plan", "min_assurance", "min_assurance is uid or secure",
     WORD("min_assurance", WORDS_ASSURANCE), WORD_READ("min_assurance", WORDS_ASSURANCE)},
    {"plan", "active", "active is 0 or 1", "active IN (0, 1)", NULL},

    {"plan_hours", "weekday", SAYS_WEEKDAY, WHOLE("weekday", 1, 7), NEVER},
    {"plan_hours", "opens", SAYS_HOUR_OF_OPENING, HOUR("opens"), HOUR_READ("opens")},
    {"plan_hours", "closes", SAYS_HOUR_OF_CLOSING, HOUR("closes"), HOUR_READ("closes")},
    {"plan_door", "door", SAYS_DOOR, SLUG("door"), NULL},
    {"opening_hours", "weekday", SAYS_WEEKDAY, WHOLE("weekday", 1, 7), NEVER},
    {"opening_hours", "opens", SAYS_HOUR_OF_OPENING, HOUR("opens"), HOUR_READ("opens")},
    {"opening_hours", "closes", SAYS_HOUR_OF_CLOSING, HOUR("closes"), HOUR_READ("closes")},

    {"closure", "first_day", "first_day is a day such as 2026-11-23", DAY("first_day"),
     "date(first_day, '+0 days') IS first_day"},
    {"closure", "last_day", "last_day is a day such as 2026-11-23", DAY_OR_NONE("last_day"),
     "date(last_day, '+0 days') IS last_day"},
    {"closure", "last_day", "last_day is not before first_day", IN_ORDER("first_day", "last_day"),
     NULL},
    {"closure", "label", SAYS_LABEL, NOTE("label", 120), NULL},

    {"member", "id", "a member's id is greater than 0", "id > 0", NEVER},
    {"member", "name", "a name has 1 to 120 characters, on one line", NAME("name"), NULL},
    {"member", "email", "email is an address such as ada@example.org",
     "email IS NULL OR one_line(email) AND length(email) <= 254 AND email LIKE '_%@_%'"
     " AND email NOT GLOB '*[ ,;<>]*'",
     NULL},
    {"member", "company", "company has at most 120 characters", NOTE("company", 120), NULL},
    {"member", "status", "a member's status is active, suspended or left",
     WORD("status", WORDS_MEMBER), WORD_READ("status", WORDS_MEMBER)},
    {"member", "valid_from", SAYS_FROM, DAY_OR_NONE("valid_from"), DAY_READ("valid_from")},
    {"member", "valid_until", SAYS_UNTIL, DAY_OR_NONE("valid_until"), DAY_READ("valid_until")},
    {"member", "valid_until", SAYS_ORDER, IN_ORDER("valid_from", "valid_until"), NULL},
    {"member", "display_name", "display_name has 1 to 120 characters, on one line",
     "display_name IS NULL OR " NAME("display_name"), NULL},
    {"member", "language", "language is a code such as fr",
     "encoded(language) AND language GLOB '[a-z][a-z]*' AND length(language) <= 11", NULL},
    {"member", "note", "a note has at most 4000 characters", NOTE("note", 4000), NULL},
    {"member", "host", "nobody is their own host", "host IS NULL OR host <> id", NULL},

    {"badge", "uid", "uid is 8, 14 or 20 digits of 0-9 A-F",
     "encoded(uid) AND length(uid) IN (8, 14, 20) AND uid NOT GLOB '*[^0-9A-F]*'", NEVER},
    {"badge", "status", "a badge's status is active, blocked, lost, stolen or returned",
     WORD("status", WORDS_BADGE), WORD_READ("status", WORDS_BADGE)},
    {"badge", "label", SAYS_LABEL, NOTE("label", 120), NULL},
    {"badge", "kind", "a badge's kind is uid, desfire or ntag424",
     "kind IN ('uid', 'desfire', 'ntag424')", NULL},
    {"badge", "valid_until", SAYS_UNTIL, DAY_OR_NONE("valid_until"), DAY_READ("valid_until")},

    {"pass", "kind", "a pass's kind is day or half_day", "kind IN ('day', 'half_day')", NULL},
    {"pass", "quantity", "quantity is 1 to 10000", WHOLE("quantity", 1, 10000), NULL},
    {"pass", "valid_from", SAYS_FROM, DAY_OR_NONE("valid_from"), NULL},
    {"pass", "valid_until", SAYS_UNTIL, DAY_OR_NONE("valid_until"), NULL},
    {"pass", "valid_until", SAYS_ORDER, IN_ORDER("valid_from", "valid_until"), NULL},

    {"resource", "id", "a resource's id is 1 to 31 of a-z 0-9 - _", SLUG("id"), NULL},
    {"resource", "name", "a resource's name has 1 to 120 characters", NAME("name"), NULL},
    {"resource", "kind", "a resource's kind is room, desk or space",
     "kind IN ('room', 'desk', 'space')", NULL},
    {"resource", "seats", "seats is 1 to 10000", WHOLE("seats", 1, 10000), NULL},
    {"resource", "early", "early is 0 to 1440 minutes", WHOLE("early", 0, 1440), NEVER},
    {"resource", "late", "late is 0 to 1440 minutes", WHOLE("late", 0, 1440), NEVER},
    {"resource", "check_in", "check_in is 1 to 1440 minutes",
     "check_in IS NULL OR " WHOLE("check_in", 1, 1440), NULL},
    {"resource_door", "door", SAYS_DOOR, SLUG("door"), NULL},

    {"booking", "starts_at", "starts_at is in seconds since 1970 (UTC)", MOMENT("starts_at"),
     NEVER},
    {"booking", "ends_at", "ends_at is in seconds since 1970 (UTC)", MOMENT("ends_at"), NEVER},
    {"booking", "ends_at", "ends_at is after starts_at", "ends_at > starts_at", NEVER},
    {"booking", "title", "a title has at most 200 characters", NOTE("title", 200), NULL},
    {"booking", "status", "a booking's status is confirmed, cancelled or released",
     "status IN ('confirmed', 'cancelled', 'released')", NEVER},
    {"booking", "public", "public is 0 or 1", "public IN (0, 1)", NULL},
    {"booking", "series", "series has at most 255 characters", NOTE("series", 255), NULL},
};
const size_t n_check_values = ELEMENTSOF(check_values);

const struct check_reference check_references[] = {
    {"badge", "member", "member", NULL},
    {"member", "plan", "plan", NULL},
    {"member", "host", "member", "host IS NOT NULL"},
    {"plan_hours", "plan", "plan", NULL},
    {"plan_door", "plan", "plan", NULL},
    {"pass", "member", "member", NULL},
    {"resource_door", "resource", "resource", NULL},
    {"booking", "resource", "resource", NULL},
    {"booking", "member", "member", NULL},
    {"booking_guest", "booking", "booking", NULL},
    {"booking_guest", "member", "member", NULL},
};
const size_t n_check_references = ELEMENTSOF(check_references);

/* Windows as minutes of the week: a begins, as long as it holds. */
#define WINDOW_MINUTES                                                                             \
    " (weekday - 1) * 1440 + door_hour(opens) AS a,"                                               \
    " (door_hour(closes) - door_hour(opens) + 1439) % 1440 + 1 AS length"
#define WINDOW_SOUND                                                                               \
    " weekday BETWEEN 1 AND 7 AND door_hour(opens) IS NOT NULL AND door_hour(closes) IS NOT NULL"
#define BEGINS_WITHIN "(y.a - x.a + 10080) % 10080 < x.length"

#define MEMBERS_OF_PLAN                                                                            \
    "(SELECT count(*) FROM member m WHERE m.plan = p.id AND m.status = 'active')"

/* clang-format off */
#define DOORS "(SELECT coalesce(group_concat(value, ', '), " TR("none yet") ") FROM json_each(?1))"
#define NO_SUCH_DOOR(table, owner, without) \
    "SELECT printf('%s %s', plain(" owner "), door)," \
    " printf(" TR("no door is called %s") ", quoted(door)) || CASE WHEN NOT EXISTS (SELECT 1" \
    " FROM " table " o WHERE o." owner " = t." owner " AND o.door IN" \
    " (SELECT value FROM json_each(?1))) THEN " without " ELSE '' END," \
    " printf(" TR("the configuration has %s:") ", " DOORS ") ||" \
    " printf(' UPDATE " table " SET door = … WHERE " owner " = %Q AND door = %Q', " owner "," \
    " door)" \
    " FROM " table " t WHERE " SLUG("door") " AND door NOT IN (SELECT value FROM json_each(?1))"

const struct check_question check_questions[] = {
    {"badge",
     "SELECT uid, "
     TR("no badge has this number for long, or it is not its own: the door answers weak_badge")
     ", " TR("give the member another badge and take this one away:")
     " || ' DELETE FROM badge WHERE uid = ' || quote(uid) FROM badge WHERE length(uid) IN (8,"
     " 14, 20) AND uid NOT GLOB '*[^0-9A-F]*' AND encoded(uid) AND (length(uid) = 8 AND uid"
     " GLOB '08*' OR trim(uid, '0') = '' OR trim(uid, 'F') = '')"},
    /* UNION ends the walk; the limit keeps a chain of thousands from taking minutes. */
    {"member",
     "WITH RECURSIVE host_of(guest, id) AS ( SELECT id, host FROM member WHERE host IS NOT"
     " NULL AND host <> id UNION SELECT h.guest, m.host FROM host_of h JOIN member m ON m.id"
     " = h.id WHERE m.host IS NOT NULL LIMIT 1000000) SELECT guest, "
     TR("is a guest of their own guest, round in a circle") ", "
     TR("take one host of the circle away:")
     " || printf(' cantinectl member edit %d --host \"\"', guest) FROM host_of WHERE id ="
     " guest ORDER BY guest"},
    {"booking",
     "WITH b AS (SELECT id, resource, starts_at, ends_at FROM booking WHERE status ="
     " 'confirmed' AND ends_at > starts_at), o AS (SELECT *, max(ends_at) OVER (PARTITION BY"
     " resource ORDER BY starts_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS"
     " taken_until FROM b) SELECT id, printf(" TR("%s is booked twice then, see booking %d")
     ", plain(resource), (SELECT b.id FROM b WHERE b.resource = o.resource AND b.id <> o.id "
     " AND b.ends_at > o.starts_at AND b.starts_at < o.ends_at ORDER BY b.starts_at, b.id)), "
     TR("cancel one of the two:")
     " || printf(' cantinectl booking cancel %d', id) FROM o WHERE starts_at < taken_until"
     " ORDER BY id"},
    {"plan_hours",
     "WITH w AS (SELECT plan, weekday, opens, closes," WINDOW_MINUTES " FROM plan_hours WHERE"
     WINDOW_SOUND ") SELECT printf('%s %s %s', plain(y.plan), y.weekday, y.opens), printf("
     TR("begins within the hours of weekday %d, %s-%s") ", x.weekday, x.opens, x.closes), "
     TR("make one of the two:")
     " || printf(' DELETE FROM plan_hours WHERE plan = %Q AND weekday = %d AND opens = %Q',"
     " y.plan, y.weekday, y.opens) FROM w x JOIN w y ON y.plan = x.plan AND (y.weekday,"
     " y.opens) <> (x.weekday, x.opens) WHERE " BEGINS_WITHIN
     " GROUP BY y.plan, y.weekday, y.opens"},
    {"opening_hours",
     "WITH w AS (SELECT weekday, opens, closes," WINDOW_MINUTES " FROM opening_hours WHERE"
     WINDOW_SOUND ") SELECT printf('%s %s', y.weekday, y.opens), printf("
     TR("begins within the hours of weekday %d, %s-%s") ", x.weekday, x.opens, x.closes), "
     TR("give the hours of that day anew:")
     " || printf(' cantinectl opening set %d 09:00-18:00', y.weekday) FROM w x JOIN w y ON"
     " (y.weekday, y.opens) <> (x.weekday, x.opens) WHERE " BEGINS_WITHIN
     " GROUP BY y.weekday, y.opens"},
    {"plan_hours",
     "SELECT printf('%s %s', plain(p.id), d.weekday), printf("
     TR("has more than %d windows with the day before; the door skips some of them") ", "
     NUMBER(FACTS_WINDOWS_MOST) "), " TR("make fewer and longer ones:")
     " || ' DELETE FROM plan_hours WHERE …' FROM plan p JOIN (SELECT column1 AS weekday FROM"
     " (VALUES (1), (2), (3), (4), (5), (6), (7))) d WHERE (SELECT count(*) FROM plan_hours h"
     " WHERE h.plan = p.id AND h.weekday IN (d.weekday, (d.weekday + 5) % 7 + 1)) > "
     NUMBER(FACTS_WINDOWS_MOST)},
    {"opening_hours",
     "SELECT d.weekday, printf("
     TR("has more than %d windows with the day before; the door skips some of them") ", "
     NUMBER(FACTS_WINDOWS_MOST) "), " TR("make fewer and longer ones:")
     " || printf(' cantinectl opening set %d 09:00-18:00', d.weekday) FROM (SELECT column1 AS"
     " weekday FROM (VALUES (1), (2), (3), (4), (5), (6), (7))) d WHERE (SELECT count(*) FROM"
     " opening_hours h WHERE h.weekday IN (d.weekday, (d.weekday + 5) % 7 + 1)) > "
     NUMBER(FACTS_WINDOWS_MOST)},
    {"plan_door",
     NO_SUCH_DOOR("plan_door", "plan", TR("; no door is left that this plan opens"))},
    {"resource_door",
     NO_SUCH_DOOR("resource_door", "resource", TR("; no door is left that this resource opens"))},
    /* A plan that nobody has may wait for its hours. */
    {"plan",
     "SELECT plain(id), printf("
     TR("has no hours in plan_hours, so that its %d members find the door closed") ", "
     MEMBERS_OF_PLAN "), " TR("give it some:")
     " || printf(' INSERT INTO plan_hours VALUES (%Q, 1, ''18:00'', ''22:00'')', id) FROM"
     " plan p WHERE access = 'hours' AND active <> 0 AND " MEMBERS_OF_PLAN
     " > 0 AND NOT EXISTS (SELECT 1 FROM plan_hours h WHERE h.plan = p.id AND" WINDOW_SOUND ")"},
    {"plan",
     "SELECT plain(id), printf("
     TR("goes by the opening hours, and there are none, so that its %d members find the door"
        " closed") ", " MEMBERS_OF_PLAN "), " TR("say when the space is open:")
     " || ' cantinectl opening set mon-fri 09:00-18:00' FROM plan p WHERE access IN"
     " ('opening', 'pass') AND active <> 0 AND " MEMBERS_OF_PLAN
     " > 0 AND NOT EXISTS (SELECT 1 FROM opening_hours WHERE" WINDOW_SOUND ")"},
    {"record_actor",
     "SELECT id, printf("
     TR("was left behind: changes by other tools are written down as those of %s")
     ", quoted(name)), " TR("take it away:") " || ' DELETE FROM record_actor' FROM record_actor"},
};
/* clang-format on */
const size_t n_check_questions = ELEMENTSOF(check_questions);
