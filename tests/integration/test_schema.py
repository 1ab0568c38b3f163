# SPDX-License-Identifier: GPL-3.0-or-later
"""records.db defends itself against every tool: each rule refuses one bad row, in words, in the sqlite3 shell."""

import json
import re
import subprocess

import pytest

from rig.ctl import STEPS

SCHEMA = "".join(step.read_text() for step in STEPS)
README = (STEPS[0].parent / "README.md").read_text()

ROOM = "INSERT INTO resource(id, name) VALUES ('room', 'Salle');"
BOOKING = ROOM + "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 1000, 2000);"


@pytest.fixture(name="records")
def fixture_records(tmp_path):
    """A database with one member, Ada (1), and her badge."""
    path = tmp_path / "records.db"
    shell(path, SCHEMA)
    shell(path, "INSERT INTO member(name, plan) VALUES ('Ada', 'resident');"
                "INSERT INTO badge(uid, member) VALUES ('04A1B2C3', 1)")
    return path


def run(path, sql):
    return subprocess.run(["sqlite3", "-bail", path], input=sql, text=True, capture_output=True, check=False)


def shell(path, sql):
    done = run(path, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(path, sql):
    done = subprocess.run(["sqlite3", "-json", path, sql], text=True, capture_output=True, check=True)
    return json.loads(done.stdout or "[]")


def member(column, value):
    return f"INSERT INTO member(name, plan, {column}) VALUES ('Bob', 'nomade', {value})"


def test_names_and_keys_are_enough(records):
    shell(records, BOOKING + """
        INSERT INTO plan(id, name) VALUES ('p', 'P');
        INSERT INTO plan_hours VALUES ('p', 1, '18:00', '02:00');
        INSERT INTO opening_hours VALUES (7, '00:00', '23:59');
        INSERT INTO plan_door VALUES ('p', 'front');
        INSERT INTO resource_door VALUES ('room', 'front');
        INSERT INTO closure(label) VALUES ('Panne');
        INSERT INTO pass(member) VALUES (1);
        INSERT INTO booking_guest VALUES (1, 1);
    """)
    [ada] = rows(records, "SELECT * FROM member")
    assert ada == {"id": 1, "name": "Ada", "email": None, "company": None, "plan": "resident",
                   "status": "active", "valid_from": None, "valid_until": None, "display_name": None,
                   "language": "fr", "host": None, "note": None}
    [badge] = rows(records, "SELECT *, unixepoch() - added_at AS age FROM badge")
    assert 0 <= badge.pop("age") < 60 and badge.pop("added_at")
    assert badge == {"uid": "04A1B2C3", "member": 1, "status": "active", "label": None, "kind": "uid",
                     "valid_until": None}
    [room] = rows(records, "SELECT * FROM resource")
    assert room == {"id": "room", "name": "Salle", "kind": "room", "seats": 1, "early": 10, "late": 10,
                    "check_in": None}
    [booking] = rows(records, "SELECT title, status, public, series FROM booking")
    assert booking == {"title": None, "status": "confirmed", "public": 0, "series": None}
    assert rows(records, "SELECT access, min_assurance, active FROM plan WHERE id = 'p'") == [
        {"access": "opening", "min_assurance": "uid", "active": 1}]


def test_plans_are_there_from_the_start(records):
    assert {row["id"]: row["access"] for row in rows(records, "SELECT id, access FROM plan")} == {
        "resident": "always", "nomade": "opening", "soir": "hours", "salle": "booking", "carnet": "pass"}


REFUSED = [
    # plan
    ("INSERT INTO plan(id, name) VALUES ('Grand', 'x')", "a plan's id is 1 to 31 of a-z 0-9 - _"),
    ("INSERT INTO plan(id, name) VALUES ('', 'x')", "a plan's id is"),
    (f"INSERT INTO plan(id, name) VALUES ('{'a' * 32}', 'x')", "a plan's id is"),
    ("INSERT INTO plan(id, name) VALUES ('x', '  ')", "a plan's name has 1 to 120 characters"),
    ("INSERT INTO plan(id, name, access) VALUES ('x', 'x', 'never')", "access is always, opening, hours"),
    ("INSERT INTO plan(id, name, min_assurance) VALUES ('x', 'x', 'most')", "min_assurance is uid or secure"),
    ("INSERT INTO plan(id, name, active) VALUES ('x', 'x', 2)", "active is 0 or 1"),
    ("INSERT INTO plan(id, name) VALUES ('nomade', 'x')", "UNIQUE constraint failed: plan.id"),
    # plan_hours, opening_hours, the doors
    ("INSERT INTO plan_hours VALUES ('soir', 0, '09:00', '10:00')", "weekday is 1 (Monday) to 7 (Sunday)"),
    ("INSERT INTO plan_hours VALUES ('soir', 8, '09:00', '10:00')", "weekday is 1 (Monday) to 7 (Sunday)"),
    ("INSERT INTO plan_hours VALUES ('soir', 1, '9:00', '10:00')", "opens is an hour such as 09:00"),
    ("INSERT INTO plan_hours VALUES ('soir', 1, '09:60', '10:00')", "opens is an hour such as 09:00"),
    ("INSERT INTO plan_hours VALUES ('soir', 1, '09:00', '24:00')", "closes is an hour such as 18:30"),
    ("INSERT INTO opening_hours VALUES (0, '09:00', '10:00')", "weekday is 1 (Monday) to 7 (Sunday)"),
    ("INSERT INTO opening_hours VALUES (1, '24:00', '10:00')", "opens is an hour such as 09:00"),
    ("INSERT INTO opening_hours VALUES (1, '09:00', '10:00 ')", "closes is an hour such as 18:30"),
    ("INSERT INTO plan_door VALUES ('soir', 'Front Door')", "a door's name is 1 to 31 of a-z 0-9 - _"),
    ("INSERT INTO resource_door VALUES ('room', '')", "a door's name is 1 to 31 of a-z 0-9 - _"),
    # closure
    ("INSERT INTO closure(first_day) VALUES ('2026-02-29')", "first_day is a day such as 2026-11-23"),
    ("INSERT INTO closure(first_day, last_day) VALUES ('2026-12-24', '24/12/2026')", "last_day is a day"),
    ("INSERT INTO closure(first_day, last_day) VALUES ('2026-12-24', '2026-12-23')",
     "last_day is not before first_day"),
    (f"INSERT INTO closure(label) VALUES ('{'x' * 121}')", "a label has at most 120 characters"),
    # member
    ("INSERT INTO member(id, name, plan) VALUES (0, 'x', 'nomade')", "a member's id is greater than 0"),
    ("INSERT INTO member(name, plan) VALUES ('', 'nomade')", "a name has 1 to 120 characters, on one line"),
    (f"INSERT INTO member(name, plan) VALUES ('{'é' * 121}', 'nomade')", "a name has 1 to 120 characters"),
    ("INSERT INTO member(name, plan) VALUES ('a\nb', 'nomade')", "a name has 1 to 120 characters, on one line"),
    ("INSERT INTO member(name) VALUES ('x')", "NOT NULL constraint failed: member.plan"),
    (member("email", "'nobody'"), "email is an address such as ada@example.org"),
    (member("email", "''"), "email is an address such as ada@example.org"),
    (member("email", f"'a@{'b' * 253}'"), "email is an address such as ada@example.org"),
    (member("email", "'B@x'") + "; " + member("email", "'b@X'"), "UNIQUE constraint failed: member.email"),
    (member("company", f"'{'x' * 121}'"), "company has at most 120 characters"),
    (member("status", "'asleep'"), "a member's status is active, suspended or left"),
    (member("valid_from", "'2026-02-30'"), "valid_from is a day such as 2026-11-23"),
    (member("valid_from", "'now'"), "valid_from is a day such as 2026-11-23"),
    (member("valid_until", "'2026-1-1'"), "valid_until is a day such as 2026-11-23"),
    (member("valid_until", "'2026-11-23 12:00'"), "valid_until is a day such as 2026-11-23"),
    (member("valid_from, valid_until", "'2026-02-02', '2026-02-01'"), "valid_until is not before valid_from"),
    (member("display_name", "''"), "display_name has 1 to 120 characters"),
    (member("language", "'French'"), "language is a code such as fr"),
    ("UPDATE member SET host = 1", "nobody is their own host"),
    (member("note", f"'{'x' * 4001}'"), "a note has at most 4000 characters"),
    (member("id", "'one'"), "datatype mismatch"),
    # badge
    ("INSERT INTO badge(uid, member) VALUES ('04a1b2c3', 1)", "uid is 8, 14 or 20 digits of 0-9 A-F"),
    ("INSERT INTO badge(uid, member) VALUES ('04A1B2C3D4', 1)", "uid is 8, 14 or 20 digits of 0-9 A-F"),
    ("INSERT INTO badge(uid, member) VALUES ('04A1B2C3', 1)", "UNIQUE constraint failed: badge.uid"),
    ("UPDATE badge SET status = 'eaten'", "a badge's status is active, blocked, lost, stolen or returned"),
    ("UPDATE badge SET kind = 'qr'", "a badge's kind is uid, desfire or ntag424"),
    ("UPDATE badge SET valid_until = 'soon'", "valid_until is a day such as 2026-11-23"),
    (f"UPDATE badge SET label = '{'x' * 121}'", "a label has at most 120 characters"),
    ("UPDATE badge SET added_at = 'today'", "cannot store TEXT value in INTEGER column badge.added_at"),
    # pass
    ("INSERT INTO pass(member, kind) VALUES (1, 'week')", "a pass's kind is day or half_day"),
    ("INSERT INTO pass(member, quantity) VALUES (1, 0)", "quantity is 1 to 10000"),
    ("INSERT INTO pass(member, valid_from) VALUES (1, '2026-13-01')", "valid_from is a day"),
    ("INSERT INTO pass(member, valid_until) VALUES (1, '2026-00-01')", "valid_until is a day"),
    ("INSERT INTO pass(member, valid_from, valid_until) VALUES (1, '2026-02-02', '2026-02-01')",
     "valid_until is not before valid_from"),
    # resource
    ("INSERT INTO resource(id, name) VALUES ('a b', 'x')", "a resource's id is 1 to 31 of a-z 0-9 - _"),
    ("INSERT INTO resource(id, name) VALUES ('x', '')", "a resource's name has 1 to 120 characters"),
    ("INSERT INTO resource(id, name, kind) VALUES ('x', 'x', 'car')", "a resource's kind is room, desk or space"),
    ("INSERT INTO resource(id, name, seats) VALUES ('x', 'x', 0)", "seats is 1 to 10000"),
    ("INSERT INTO resource(id, name, early) VALUES ('x', 'x', -1)", "early is 0 to 1440 minutes"),
    ("INSERT INTO resource(id, name, late) VALUES ('x', 'x', 1441)", "late is 0 to 1440 minutes"),
    ("INSERT INTO resource(id, name, check_in) VALUES ('x', 'x', 0)", "check_in is 1 to 1440 minutes"),
    # booking
    (BOOKING + "UPDATE booking SET ends_at = starts_at", "ends_at is after starts_at"),
    (BOOKING + "UPDATE booking SET starts_at = -1", "starts_at is in seconds since 1970 (UTC)"),
    (BOOKING + "UPDATE booking SET ends_at = 1795428000000", "ends_at is in seconds since 1970 (UTC)"),
    (BOOKING + "UPDATE booking SET status = 'maybe'", "a booking's status is confirmed, cancelled or released"),
    (BOOKING + "UPDATE booking SET public = 2", "public is 0 or 1"),
    (BOOKING + f"UPDATE booking SET title = '{'x' * 201}'", "a title has at most 200 characters"),
    (BOOKING + f"UPDATE booking SET series = '{'x' * 256}'", "series has at most 255 characters"),
    (BOOKING + "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 0, 1001)",
     "booked at that time already: choose another time or cancel the other booking"),
    (BOOKING + "UPDATE booking SET id = -1; "
     "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 0, 1001)", "booked at that time"),
    (BOOKING + "INSERT OR REPLACE INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 0, 1001)",
     "booked at that time already"),
    (BOOKING + "INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 2000, 3000);"
     "UPDATE booking SET ends_at = 2001 WHERE id = 1", "booked at that time already"),
    # record_actor
    ("INSERT INTO record_actor(name) VALUES ('a'); INSERT INTO record_actor(name) VALUES ('b')",
     "one person edits at a time"),
    ("INSERT INTO record_actor(name) VALUES ('')", "an actor's name has 1 to 63 characters"),
]


@pytest.mark.parametrize("sql, words", REFUSED, ids=[words for _, words in REFUSED])
def test_refused(records, sql, words):
    done = run(records, sql)
    assert done.returncode != 0, "the row was taken"
    assert words in done.stderr


def test_each_rule_refuses_something():
    """A rule without a row above would be a rule that nobody has seen at work."""
    rules = {line.split('"')[1] for line in SCHEMA.splitlines() if 'CONSTRAINT "' in line}
    seen = {rule for rule in rules if any(rule.startswith(words) for _, words in REFUSED)}
    assert rules == seen


def test_accepted_at_the_limits(records):
    shell(records, f"""
        INSERT INTO member(name, plan, email, display_name, valid_from, valid_until, note) VALUES
            ('{'é' * 120}', 'nomade', 'a@b', '{'x' * 120}', '2024-02-29', '2024-02-29', '{'x' * 4000}');
        INSERT INTO badge(uid, member) VALUES ('00112233445566', 2), ('FFEEDDCCBBAA99887766', 2);
        INSERT INTO plan_hours VALUES ('soir', 7, '23:59', '00:00'), ('soir', 6, '00:00', '00:00');
        INSERT INTO resource(id, name, seats, early, late, check_in) VALUES ('r-_9', 'x', 10000, 0, 1440, 1);
    """)


def test_bookings_side_by_side(records):
    shell(records, BOOKING + """
        INSERT INTO resource(id, name) VALUES ('other', 'Autre');
        INSERT INTO booking(resource, member, starts_at, ends_at) VALUES
            ('room', 1, 2000, 3000), ('room', 1, 500, 1000), ('other', 1, 1000, 2000);
        INSERT INTO booking(resource, member, starts_at, ends_at, status) VALUES ('room', 1, 1000, 3000, 'released');
        UPDATE booking SET status = 'cancelled' WHERE id = 1;
        INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('room', 1, 1000, 2000);
    """)


def changes(path):
    found = rows(path, "SELECT * FROM record_change WHERE id > 2 ORDER BY id")
    for row in found:
        for side in ("before", "after"):
            row[side] = row[side] and json.loads(row[side])
    return found


def test_changes_are_written_down(records):
    shell(records, """
        BEGIN;
        INSERT INTO record_actor(name) VALUES ('camille');
        INSERT INTO member(name, plan) VALUES ('Bob "le Bâtisseur"', 'nomade');
        DELETE FROM record_actor;
        COMMIT;
        UPDATE member SET status = 'suspended' WHERE id = 2;
        DELETE FROM member WHERE id = 2;
    """)
    insert, update, delete = changes(records)
    assert [(c["table_name"], c["row_id"], c["action"], c["actor"]) for c in (insert, update, delete)] == [
        ("member", "2", "insert", "camille"), ("member", "2", "update", None), ("member", "2", "delete", None)]
    assert insert["before"] is None and delete["after"] is None
    assert insert["after"]["name"] == 'Bob "le Bâtisseur"' and insert["after"]["id"] == 2
    assert update["before"] == insert["after"]
    assert update["after"] == delete["before"] == {**update["before"], "status": "suspended"}
    assert insert["at"] <= delete["at"]


def test_every_table_is_written_down_whole(records):
    """Insert, update and delete of one row in each table, with all of its columns."""
    shell(records, BOOKING + """
        DELETE FROM record_change;
        INSERT INTO plan_hours VALUES ('soir', 1, '18:00', '22:00');
        INSERT INTO plan_door VALUES ('soir', 'front');
        INSERT INTO opening_hours VALUES (1, '09:00', '18:00');
        INSERT INTO closure(first_day) VALUES ('2026-12-25');
        INSERT INTO pass(member) VALUES (1);
        INSERT INTO resource_door VALUES ('room', 'front');
        INSERT INTO booking_guest VALUES (1, 1);
        INSERT INTO plan(id, name) VALUES ('x', 'X');
        INSERT INTO member(name, plan) VALUES ('Bob', 'x');
        INSERT INTO badge(uid, member) VALUES ('0411223344AABB', 2);
        INSERT INTO resource(id, name) VALUES ('x', 'X');
        INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('x', 2, 1, 2);
    """)
    tables = [row["name"] for row in rows(records, """
        SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite*' AND name NOT GLOB 'record_*'
        """)]
    assert len(tables) == 12
    for table in tables:
        columns = [row["name"] for row in rows(records, f"SELECT name FROM pragma_table_info('{table}')")]
        shell(records, f"UPDATE {table} SET {columns[-1]} = {columns[-1]}; DELETE FROM {table}")
        found = {row["action"]: row for row in rows(
            records, f"SELECT action, before, after, row_id FROM record_change WHERE table_name = '{table}'")}
        assert set(found) == {"insert", "update", "delete"}, table
        for side in (found["insert"]["after"], found["update"]["before"], found["update"]["after"],
                     found["delete"]["before"]):
            assert list(json.loads(side)) == columns


def test_a_members_id_is_never_given_again(records):
    shell(records, "DELETE FROM badge; DELETE FROM member; INSERT INTO member(name, plan) VALUES ('Bob', 'nomade')")
    assert rows(records, "SELECT id FROM member") == [{"id": 2}]


def test_foreign_keys_hold_for_who_asks(records):
    for sql in ("INSERT INTO member(name, plan) VALUES ('x', 'ghost')",
                "INSERT INTO badge(uid, member) VALUES ('0400000000AABB', 77)",
                "DELETE FROM plan WHERE id = 'resident'"):
        assert "FOREIGN KEY constraint failed" in run(records, "PRAGMA foreign_keys = 1;" + sql).stderr
    shell(records, "PRAGMA foreign_keys = 1; DELETE FROM member")
    assert rows(records, "SELECT * FROM badge") == []
    assert changes(records)[-1]["table_name"] in ("member", "badge")


# --- whose guest --------------------------------------------------------------------------------

CIRCLE = "a guest's host can't be their own guest: choose another host"


@pytest.fixture(name="chain")
def fixture_chain(records):
    """Ada (1), host of 2, who is host of 3, and so on to 300."""
    shell(records, """
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
        INSERT INTO member(id, name, plan, host) SELECT i, 'm' || i, 'nomade', i - 1 FROM n
    """)
    return records


@pytest.mark.parametrize("sql", [
    "UPDATE member SET host = 2 WHERE id = 1",
    "UPDATE member SET host = 300 WHERE id = 1",
    "UPDATE member SET host = 40 WHERE id = 30",
    "INSERT INTO member(id, name, plan, host) VALUES (400, 'x', 'nomade', 401);"
    "INSERT INTO member(id, name, plan, host) VALUES (401, 'y', 'nomade', 400)",
    "INSERT OR REPLACE INTO member(id, name, plan, host) VALUES (1, 'Ada', 'nomade', 2)",
    "INSERT INTO member(id, name, plan) VALUES (1, 'Ada', 'nomade') ON CONFLICT DO UPDATE SET host = 5",
    "INSERT INTO member(id, name, plan, host) VALUES (400, 'x', 'nomade', 77777);"
    "UPDATE member SET id = 77777, host = 400 WHERE id = 1",
])
def test_nobody_is_a_guest_of_their_own_guest(chain, sql):
    before = rows(chain, "SELECT * FROM member WHERE id < 400")
    done = run(chain, sql)
    assert done.returncode != 0 and CIRCLE in done.stderr
    assert rows(chain, "SELECT * FROM member WHERE id < 400") == before


def test_hosts_may_change_where_nothing_goes_round(chain):
    shell(chain, """
        UPDATE member SET host = 1 WHERE id = 300;
        UPDATE member SET host = NULL WHERE id = 2;
        UPDATE member SET host = 299 WHERE id = 1;
        UPDATE member SET host = 77777 WHERE id = 2;
        UPDATE member SET name = 'Ada L.', status = 'left';
    """)


def test_a_circle_that_was_there_before_stops_no_walk(records):
    """Made before the rule was: others can still be edited, and the circle be taken apart."""
    shell(records, """
        DROP TRIGGER member_moved_into_a_circle;
        INSERT INTO member(id, name, plan) VALUES (2, 'Bob', 'nomade');
        UPDATE member SET host = 3 - id;
    """)
    shell(records, SCHEMA[SCHEMA.index("CREATE TRIGGER member_moved_into_a_circle"):
                          SCHEMA.index("DROP VIEW IF EXISTS v_member")])
    shell(records, "INSERT INTO member(id, name, plan, host) VALUES (3, 'Eve', 'nomade', 1);"
                   "UPDATE member SET host = 2 WHERE id = 3; UPDATE member SET host = NULL WHERE id = 1")


# --- what is written about it -------------------------------------------------------------------

def test_readme_tells_of_every_table_and_view(records):
    """In the diagram and in a paragraph of its own; a table's columns too."""
    names = [row["name"] for row in rows(
        records, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'")]
    assert len(names) >= 17
    diagram = README[README.index("```text"):README.index("```", README.index("```text") + 3)]
    for name in names:
        assert re.search(rf"^\| `{name}` \|", README, re.MULTILINE), f"{name} is not told of"
        if not name.startswith("v_"):
            assert re.search(rf"\b{name}\b", diagram), f"{name} is not in the diagram"


def test_readme_tells_of_nothing_else(records):
    names = {row["name"] for row in rows(records, "SELECT name FROM sqlite_schema")}
    told = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    assert told and told <= names
