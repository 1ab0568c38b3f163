# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows without sense, as a careless tool would write them, and what each does to four members at the door.

Ada may always come, Eve comes by her booking, Otto by his plan's hours, Nina within the opening hours: on
Monday 2026-11-23 at 15:00 in Amiens all four get in. Each edit says what `check` must find and who is refused by it.
"""

from typing import NamedTuple

ADA, EVE, OTTO, NINA = "04A1B2C3D4E5F6", "04E0E1E2E3E4E5", "04070707070707", "04111111111111"
PEOPLE = {"ada": ADA, "eve": EVE, "otto": OTTO, "nina": NINA}
MOMENT = "2026-11-23T15:00"
STARTS = 1795438800  # 14:00 there, for two hours

TABLES = ("booking_guest", "booking", "resource_door", "resource", "pass", "badge", "member", "plan_hours",
          "plan_door", "plan", "opening_hours", "closure", "record_actor")

# also to begin anew in a file in which edits were made
BASELINE = "".join(f"DELETE FROM {table};" for table in TABLES) + f"""
INSERT INTO plan(id, name, access) VALUES ('always', 'A', 'always'), ('eves', 'E', 'booking'),
    ('ottos', 'O', 'hours'), ('ninas', 'N', 'opening');
INSERT INTO member(id, name, plan) VALUES (1, 'Ada', 'always'), (3, 'Grace', 'always'), (4, 'Otto', 'ottos'),
    (5, 'Nina', 'ninas');
INSERT INTO member(id, name, plan, host) VALUES (2, 'Eve', 'eves', 3);
INSERT INTO badge(uid, member) VALUES ('{ADA}', 1), ('{EVE}', 2), ('{OTTO}', 4), ('{NINA}', 5);
INSERT INTO plan_hours VALUES ('ottos', 1, '12:00', '18:00');
INSERT INTO opening_hours VALUES (1, '12:00', '18:00');
INSERT INTO plan_door VALUES ('eves', 'front');
INSERT INTO pass(id, member) VALUES (1, 2);
INSERT INTO resource(id, name) VALUES ('cabine', 'La cabine');
INSERT INTO resource_door VALUES ('cabine', 'front');
INSERT INTO booking(id, resource, member, starts_at, ends_at)
    VALUES (1, 'cabine', 2, {STARTS}, {STARTS + 7200});
INSERT INTO booking_guest VALUES (1, 3);
"""
CARELESS = "PRAGMA ignore_check_constraints = 1;"

SKIPPED = "; the door skips this row"
# what becomes of somebody when a row of the table is as good as not there
WITHOUT = {"badge": {"eve": "unknown_badge"}, "member": {"eve": "unknown_badge"}, "plan": {"eve": "unknown_badge"},
           "booking": {"eve": "no_booking"}, "resource": {"eve": "no_booking"},
           "plan_hours": {"otto": "outside_hours"}, "opening_hours": {"nina": "outside_hours"}}


class Edit(NamedTuple):
    sql: str
    table: str
    row: str
    says: str  # part of the problem or the advice
    skipped: bool = False
    refused: dict = {}  # who else is refused, by which word
    also: tuple = ()  # (table, row) of what else is found

    @property
    def outcome(self):
        return {**(WITHOUT.get(self.table, {}) if self.skipped else {}), **self.refused}


def value(table, where, row, column, sql_value, says, skipped=False, refused=None, also=()):
    return Edit(f"UPDATE {table} SET {column} = {sql_value} WHERE {where}", table, row, says, skipped,
                refused or {}, also)


def member(column, sql_value, says, **more):
    return value("member", "id = 2", "2", column, sql_value, says, **more)


def badge(column, sql_value, says, **more):
    return value("badge", f"uid = '{EVE}'", EVE, column, sql_value, says, **more)


def plan(column, sql_value, says, **more):
    return value("plan", "id = 'eves'", "eves", column, sql_value, says, **more)


def resource(column, sql_value, says, **more):
    return value("resource", "id = 'cabine'", "cabine", column, sql_value, says, **more)


def booking(column, sql_value, says, **more):
    return value("booking", "id = 1", "1", column, sql_value, says, **more)


def one_pass(column, sql_value, says):
    return value("pass", "id = 1", "1", column, sql_value, says)


def hours(table, key, column, sql_value, says, row, skipped=False):
    plan_without = ("plan", "ottos" if table == "plan_hours" else "ninas")
    return value(table, "1", f"{key}{row}", column, sql_value, says, skipped, also=(plan_without,) if skipped else ())


NO_EVE = {"eve": "unknown_badge"}
CLOSED = {"otto": "closed_day", "nina": "closed_day"}
ANOTHER_BOOKING = (f"INSERT INTO booking(id, resource, member, starts_at, ends_at) VALUES (2, 'cabine', 1, "
                   f"{STARTS + 7199}, {STARTS + 9000})")
MANY = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 40) "

VALUES = [
    # plan
    Edit("UPDATE plan SET id = 'Big Plan' WHERE id = 'eves'; UPDATE member SET plan = 'Big Plan' WHERE id = 2; "
         "UPDATE plan_door SET plan = 'Big Plan'", "plan", "Big Plan", "a plan's id is 1 to 31"),
    plan("name", "''", "a plan's name has 1 to 120"),
    plan("name", "'a' || char(7)", "with control characters in it"),
    plan("access", "'sometimes'", "access is always, opening", skipped=True),
    plan("min_assurance", "'total'", "min_assurance is uid or secure", skipped=True),
    plan("active", "7", "active is 0 or 1"),
    plan("active", "-1", "active is 0 or 1"),
    # hours
    *[edit for table, key in (("plan_hours", "ottos "), ("opening_hours", "")) for edit in (
        hours(table, key, "weekday", "0", "weekday is 1 (Monday) to 7", "0 12:00", skipped=True),
        hours(table, key, "weekday", "8", "weekday is 1 (Monday) to 7", "8 12:00", skipped=True),
        hours(table, key, "opens", "'25:00'", "opens is an hour", "1 25:00", skipped=True),
        hours(table, key, "opens", "'9:00'", "opens is an hour", "1 9:00", skipped=True),
        hours(table, key, "opens", "'12:00' || char(0)", "with a NUL in it", "1 12:00\ufffd"),
        hours(table, key, "closes", "'24:00'", "closes is an hour", "1 12:00", skipped=True),
        hours(table, key, "closes", "'18:60'", "closes is an hour", "1 12:00", skipped=True))],
    # doors
    Edit("UPDATE plan_door SET door = 'Front Door'", "plan_door", "eves Front Door", "a door's name is 1 to 31"),
    Edit("UPDATE resource_door SET door = ''", "resource_door", "cabine ", "a door's name is 1 to 31",
         refused={"eve": "no_booking"}),
    # closure: one that makes no sense closes nothing
    Edit("INSERT INTO closure(id, first_day) VALUES (1, '2026-02-29')", "closure", "1", "first_day is a day", True),
    Edit("INSERT INTO closure(id, first_day) VALUES (1, '0999-01-01')", "closure", "1", "first_day is a day"),
    Edit("INSERT INTO closure(id, first_day, last_day) VALUES (1, '2026-11-23', 'Friday')", "closure", "1",
         "last_day is a day", True),
    Edit("INSERT INTO closure(id, first_day, last_day) VALUES (1, '2026-11-23', '2026-11-22')", "closure", "1",
         "last_day is not before first_day"),
    Edit("INSERT INTO closure(id, first_day, label) VALUES (1, '2026-11-23', printf('%121d', 0))", "closure", "1",
         "a label has at most 120", refused=CLOSED),
    # member
    Edit("UPDATE member SET id = -2 WHERE id = 2; UPDATE badge SET member = -2 WHERE member = 2", "member", "-2",
         "a member's id is greater than 0", True, also=(("pass", "1"), ("booking", "1"))),
    member("name", "''", "a name has 1 to 120"),
    member("name", "'Eve' || char(0) || 'x'", "“Eve\ufffdx” with a NUL in it"),
    member("name", "'Eve' || char(27) || '[2J'", "with control characters in it"),
    member("name", "'Eve' || char(133)", "with control characters in it"),
    member("name", "CAST(x'457665ff' AS TEXT)", "“Eve\ufffd”, not written in UTF-8"),
    member("name", "printf('%121d', 0)", "a name has 1 to 120"),
    member("email", "'eve at home'", "email is an address"),
    member("company", "printf('%121d', 0)", "company has at most 120"),
    member("status", "'asleep'", "a member's status is", skipped=True),
    member("status", "''", "a member's status is", skipped=True),
    member("status", "'active' || char(0) || '!'", "a member's status is"),
    member("valid_from", "'2026-02-30'", "valid_from is a day", skipped=True),
    member("valid_from", "'2026-11-23 12:00'", "valid_from is a day", skipped=True),
    member("valid_from", "'0999-11-23'", "valid_from is a day"),
    member("valid_until", "'soon'", "valid_until is a day", skipped=True),
    member("valid_from = '2026-01-02', valid_until", "'2026-01-01'", "valid_until is not before valid_from",
           refused={"eve": "member_expired"}),
    member("display_name", "'  '", "display_name has 1 to 120"),
    member("language", "'French'", "language is a code"),
    member("note", "CAST(x'c328' AS TEXT)", "not written in UTF-8"),
    member("note", "printf('%4001d', 0)", "a note has at most 4000"),
    Edit("DROP TRIGGER IF EXISTS member_moved_into_a_circle; UPDATE member SET host = 2 WHERE id = 2", "member", "2",
         "nobody is their own host"),
    Edit("UPDATE member SET status = 'gone' WHERE id = 3", "member", "3", "a member's status is", True),
    # badge
    Edit(f"UPDATE badge SET uid = lower(uid) WHERE uid = '{EVE}'", "badge", EVE.lower(), "uid is 8, 14 or 20", True),
    Edit(f"UPDATE badge SET uid = uid || 'AB' WHERE uid = '{EVE}'", "badge", f"{EVE}AB", "uid is 8, 14 or 20", True),
    badge("status", "'eaten'", "a badge's status is", skipped=True),
    badge("label", "printf('%121d', 0)", "a label has at most 120"),
    badge("kind", "'qr'", "a badge's kind is"),
    badge("valid_until", "'2026-13-01'", "valid_until is a day", skipped=True),
    # pass
    one_pass("kind", "'week'", "a pass's kind is"),
    one_pass("quantity", "0", "quantity is 1 to 10000"),
    one_pass("valid_from", "'2026-00-01'", "valid_from is a day"),
    one_pass("valid_until", "'never'", "valid_until is a day"),
    one_pass("valid_from = '2026-01-02', valid_until", "'2026-01-01'", "valid_until is not before valid_from"),
    # resource
    Edit("UPDATE resource SET id = 'La Cabine'; UPDATE booking SET resource = 'La Cabine'; "
         "UPDATE resource_door SET resource = 'La Cabine'", "resource", "La Cabine", "a resource's id is"),
    resource("name", "' '", "a resource's name has"),
    resource("kind", "'car'", "a resource's kind is"),
    resource("seats", "0", "seats is 1 to 10000"),
    resource("early", "-1", "early is 0 to 1440", skipped=True),
    resource("late", "1441", "late is 0 to 1440", skipped=True),
    resource("check_in", "0", "check_in is 1 to 1440"),
    # booking
    booking("starts_at", "-1", "starts_at is in seconds", skipped=True),
    booking("ends_at", "1795446000000", "ends_at is in seconds", skipped=True),
    booking("ends_at", "starts_at", "ends_at is after starts_at", skipped=True),
    booking("title", "printf('%201d', 0)", "a title has at most 200"),
    booking("status", "'maybe'", "a booking's status is", skipped=True),
    booking("public", "2", "public is 0 or 1"),
    booking("series", "printf('%256d', 0)", "series has at most 255"),
]

REFERENCES = [
    badge("member", "77", "there is no member “77”", skipped=True),
    member("plan", "'ghost'", "there is no plan “ghost”", skipped=True),
    member("host", "77", "there is no member “77”", skipped=True),
    Edit("DELETE FROM plan WHERE id = 'eves'", "member", "2", "there is no plan “eves”", True,
         also=(("plan_door", "eves front"),)),
    Edit("INSERT INTO plan_hours VALUES ('ghost', 1, '09:00', '10:00')", "plan_hours", "ghost 1 09:00",
         "there is no plan “ghost”", True, {"otto": None}),
    Edit("INSERT INTO plan_door VALUES ('ghost', 'front')", "plan_door", "ghost front", "there is no plan", True),
    Edit("UPDATE pass SET member = 77", "pass", "1", "there is no member “77”", True),
    Edit("INSERT INTO resource_door VALUES ('ghost', 'front')", "resource_door", "ghost front",
         "there is no resource “ghost”", True),
    booking("resource", "'ghost'", "there is no resource “ghost”", skipped=True),
    booking("member", "77", "there is no member “77”", skipped=True),
    Edit("INSERT INTO booking_guest VALUES (77, 1)", "booking_guest", "77 1", "there is no booking “77”", True),
    Edit("INSERT INTO booking_guest VALUES (1, 77)", "booking_guest", "1 77", "there is no member “77”", True),
]

OTHERS = [
    Edit("DROP TRIGGER IF EXISTS booking_inserted_over_another; " + ANOTHER_BOOKING, "booking", "2",
         "cabine is booked twice then, see booking 1"),
    Edit("INSERT INTO opening_hours VALUES (1, '17:59', '19:00')", "opening_hours", "1 17:59",
         "begins within the hours of weekday 1, 12:00-18:00"),
    Edit("INSERT INTO opening_hours VALUES (7, '20:00', '12:01')", "opening_hours", "1 12:00",
         "begins within the hours of weekday 7, 20:00-12:01"),
    Edit("INSERT INTO plan_hours VALUES ('ottos', 1, '13:00', '14:00')", "plan_hours", "ottos 1 13:00",
         "begins within the hours of weekday 1, 12:00-18:00"),
    Edit("DROP TRIGGER IF EXISTS member_moved_into_a_circle; UPDATE member SET host = 2 WHERE id = 3", "member", "2",
         "round in a circle", also=(("member", "3"),)),
    Edit("UPDATE plan_door SET door = 'cellar'", "plan_door", "eves cellar", "no door is left that this plan opens"),
    Edit("INSERT INTO plan_door VALUES ('eves', 'cellar')", "plan_door", "eves cellar",
         "the configuration has front"),
    Edit("UPDATE resource_door SET door = 'cellar'", "resource_door", "cabine cellar",
         "no door is left that this resource opens", refused={"eve": "no_booking"}),
    Edit("DELETE FROM plan_hours", "plan", "ottos", "has no hours in plan_hours", refused={"otto": "outside_hours"}),
    Edit("DELETE FROM opening_hours", "plan", "ninas", "there are none", refused={"nina": "outside_hours"}),
    Edit("INSERT INTO record_actor(name) VALUES ('bob')", "record_actor", "1", "written down as those of “bob”"),
    Edit(f"UPDATE badge SET uid = '08E1E2E3' WHERE uid = '{EVE}'", "badge", "08E1E2E3", "answers weak_badge",
         refused=NO_EVE),
    Edit("DELETE FROM opening_hours; " + MANY + "INSERT INTO opening_hours SELECT 3, printf('08:%02d', i), "
         "printf('08:%02d', i + 1) FROM n; INSERT INTO opening_hours VALUES (1, '12:00', '18:00')", "opening_hours",
         "3", "more than 32 windows", also=(("opening_hours", "4"),)),
    Edit(MANY + "INSERT INTO plan_hours SELECT 'ottos', 3, printf('08:%02d', i), printf('08:%02d', i + 1) FROM n",
         "plan_hours", "ottos 3", "more than 32 windows", also=(("plan_hours", "ottos 4"),)),
]

EDITS = VALUES + REFERENCES + OTHERS

SENSIBLE = [
    "UPDATE member SET status = 'suspended' WHERE id IN (1, 2, 3)",  # a guest's booking keeps its sense
    "UPDATE member SET note = 'two' || char(10) || 'lines'",
    "UPDATE booking SET status = 'cancelled'",
    ANOTHER_BOOKING.replace(str(STARTS + 7199), str(STARTS + 7200)),
    "INSERT INTO opening_hours VALUES (1, '18:00', '02:00'), (2, '02:00', '00:00'), (3, '00:00', '00:00')",
    "INSERT INTO plan_hours VALUES ('ottos', 7, '20:00', '12:00')",
    "UPDATE member SET host = 4 WHERE id = 3",
    "INSERT INTO plan(id, name, access) VALUES ('later', 'Later', 'hours')",
    "DELETE FROM opening_hours; UPDATE member SET status = 'left' WHERE plan = 'ninas'",
    "DELETE FROM opening_hours; UPDATE plan SET active = 0 WHERE id = 'ninas'",
    "INSERT INTO closure(first_day) VALUES ('2026-11-23')",
    "INSERT INTO member(name, plan, display_name, email, valid_from, valid_until) VALUES "
    "('Zoé Œuvré', 'always', 'Zoé', 'zoé@exemple.fr', '2024-02-29', '2024-02-29')",
]
