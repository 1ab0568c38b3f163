# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of records.db say what the door would: compared with `cantinectl why`, member by member and hour by hour.

A view knows no hour but now; here the hour that it asks SQLite for is put in its text.
"""

import datetime
import itertools
import json
import os
import random
import sqlite3
import subprocess
from zoneinfo import ZoneInfo

import pytest

from rig.cantine import Cantine
from rig.ctl import APPLICATION_ID, STEPS, VERSION, Ctl

PARIS = ZoneInfo("Europe/Paris")
ADA = "04A1B2C3D4E5F6"
DOORS = """[reader entrance]
device=pn532_uart:/dev/ttyS9
door=front
direction=in
[door back]
actuator=virtual
[reader yard]
device=pn532_uart:/dev/ttyS8
door=back
direction=in
"""
MONDAY = "2026-11-23"


def view(ctl, name, at=None):
    """The rows of a view, now or at a local time (2026-11-23T20:15), in the sqlite3 shell of somebody in Paris."""
    query = f"SELECT * FROM {name}"
    if at:
        moment = datetime.datetime.fromisoformat(at).replace(tzinfo=PARIS).astimezone(datetime.UTC)
        text = ctl.rows(f"SELECT sql FROM sqlite_schema WHERE name = '{name}'")[0]["sql"]
        assert "'now'" in text and "CURRENT" not in text
        query = text.replace(f"CREATE VIEW {name} AS", "").replace("'now'", f"'{moment:%Y-%m-%d %H:%M:%S}'")
    done = subprocess.run(["sqlite3", "-json", "-readonly", ctl.records, "PRAGMA trusted_schema = 0;" + query],
                          env={**os.environ, "TZ": "Europe/Paris"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "[]")


def why(ctl, uid, door, at):
    done = ctl.run("why", uid, "--door", door, "--at", at, "--json",
                   DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_agrees(ctl, row, uid, at):
    """One line of v_access_now against the decisions at both doors; the reasons that were given."""
    told = {door: why(ctl, uid, door, at) for door in ("front", "back")}
    what = f"{uid} at {at}: {row} {[(t['result'], t['reason'], t['detail']) for t in told.values()]}"
    doors = {"front", "back"} if row["doors"] == "every door" else set((row["doors"] or "").split(", ")) - {""}
    granted = {door for door, answer in told.items() if answer["result"] == "granted"}
    # the view counts passes that were bought, the decision those that are left
    by_pass = {door for door in doors - granted if told[door]["reason"] == "no_pass"}
    assert (row["enters"] == "yes") == bool(doors), what
    assert granted == doors - by_pass, what
    if any(answer["detail"] == "booking" for answer in told.values()):
        assert row["why"].startswith("booking "), what
    elif granted | by_pass:
        assert row["why"] in ("plan always", "plan hours", "opening hours") or row["why"].startswith("pass "), what
    else:
        answers = {(t["reason"], t["detail"]) for t in told.values()}
        answers = {answer for answer in answers if answer[0] != "wrong_door"} or answers
        assert answers == {(row["why"], row["detail"])}, what
    return {"booking" if row["why"].startswith("booking ") else row["why"]}


# --- a town of members --------------------------------------------------------------------------

def seconds(local):
    return int(datetime.datetime.fromisoformat(local).replace(tzinfo=PARIS).timestamp())


PLACE = f"""
INSERT INTO plan(id, name, access, active) VALUES ('old', 'Ancien', 'always', 0), ('yard', 'Cour', 'opening', 1),
    ('safe', 'Coffre', 'always', 1);
UPDATE plan SET min_assurance = 'secure' WHERE id = 'safe';
INSERT INTO plan_door VALUES ('yard', 'back');
INSERT INTO opening_hours VALUES (1, '09:00', '12:00'), (1, '14:00', '18:00'), (2, '09:00', '18:00'),
    (3, '09:00', '18:00'), (6, '20:00', '02:00');
INSERT INTO plan_hours VALUES ('soir', 1, '18:00', '02:00'), ('soir', 3, '18:00', '22:00'),
    ('soir', 7, '00:00', '00:00');
INSERT INTO closure(first_day) VALUES ('2026-11-25');
INSERT INTO closure(first_day, last_day) VALUES ('2026-11-28', '2026-11-28');
INSERT INTO resource(id, name, early, late) VALUES ('room', 'Salle', 10, 20), ('shed', 'Remise', 0, 0),
    ('porch', 'Porche', 60, 5);
INSERT INTO resource_door VALUES ('shed', 'back'), ('porch', 'front');
INSERT INTO booking(id, resource, member, starts_at, ends_at, status) VALUES
    (1, 'room', 1, {seconds("2026-11-23T14:00")}, {seconds("2026-11-23T16:00")}, 'confirmed'),
    (2, 'shed', 2, {seconds("2026-11-23T14:30")}, {seconds("2026-11-23T19:00")}, 'confirmed'),
    (3, 'porch', 3, {seconds("2026-11-25T10:00")}, {seconds("2026-11-25T12:00")}, 'confirmed'),
    (4, 'porch', 4, {seconds("2026-11-23T20:00")}, {seconds("2026-11-24T03:00")}, 'confirmed'),
    (5, 'room', 5, {seconds("2026-11-23T20:00")}, {seconds("2026-11-23T23:00")}, 'cancelled');
INSERT INTO booking_guest VALUES (1, 6), (1, 7), (2, 6), (2, 8), (3, 9), (4, 10), (5, 11);
"""
MOMENTS = ["2026-11-22T12:00", "2026-11-23T01:59", "2026-11-23T09:00", "2026-11-23T12:00", "2026-11-23T14:20",
           "2026-11-23T15:00", "2026-11-23T16:19", "2026-11-23T16:20", "2026-11-23T19:00", "2026-11-24T01:59",
           "2026-11-24T02:00", "2026-11-25T11:00", "2026-11-25T19:00", "2026-11-29T01:00", "2026-03-29T03:30"]
PEOPLE = 120


def town(ctl, seed):
    """Members of every sort in the place above; their badges' numbers by member."""
    draw = random.Random(seed)
    plans = ["resident", "nomade", "nomade", "soir", "soir", "salle", "carnet", "carnet", "yard", "yard",
             "old", "ghost"]
    days = [None] * 24 + ["2026-11-22", "2026-11-23", "2026-11-24"] * 2 + ["2026-02-30"]
    badges = {}
    with ctl.sql() as db:
        db.executescript("PRAGMA ignore_check_constraints = 1;" + PLACE)
        for number in range(1, PEOPLE + 1):
            host = draw.choice([None] * 12 + [draw.randrange(0, number), draw.randrange(0, number), 999]) or None
            db.execute("INSERT INTO member(id, name, plan, status, valid_from, valid_until, host) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)",
                       (number, f"m{number}", draw.choice(plans),
                        draw.choice(["active"] * 24 + ["suspended", "left"] * 2 + ["asleep"]),
                        draw.choice(days), draw.choice(days), host))
            badges[number] = f"04{number:012X}"
            db.execute("INSERT INTO badge(uid, member, status, valid_until) VALUES (?, ?, ?, ?)",
                       (badges[number], number,
                        draw.choice(["active"] * 20 + ["blocked", "lost", "stolen", "returned"] * 2 + ["eaten"]),
                        draw.choice(days)))
            if draw.random() < 0.2:
                db.execute("INSERT INTO pass(member, valid_until) VALUES (?, ?)",
                           (number, draw.choice([None, "2026-11-23"])))
    return badges


def test_access_now_is_the_decision(ctl):
    """Members drawn by chance, each at some of fifteen moments, at two doors."""
    badges = town(ctl, seed=1)
    seen = set()
    for number, at in enumerate(MOMENTS):
        rows = {row["member"]: row for row in view(ctl, "v_access_now", at)}
        assert set(rows) == set(badges)
        for member in range(1, PEOPLE + 1):
            if member <= 11 or member % len(MOMENTS) == number or member % 7 == number % 7:
                seen |= assert_agrees(ctl, rows[member], badges[member], at)
    missed = {"plan always", "plan hours", "opening hours", "booking", "unknown_badge", "badge_blocked", "badge_lost",
              "badge_stolen", "badge_returned", "badge_expired", "member_suspended", "member_left", "member_not_yet",
              "member_expired", "plan_inactive", "closed_day", "outside_hours", "no_booking", "no_pass"} - seen
    assert not missed, f"no member showed {missed}"


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    return Ctl(tmp_path, DOORS)


def add(ctl, **fields):
    """One member with a badge; both are made of what is given."""
    badge = {"uid": ADA, **{name: fields.pop(name) for name in ("uid", "kind") if name in fields}}
    with ctl.sql() as db:
        fields = {"name": "Ada", "plan": "resident", **fields}
        db.execute(f"INSERT INTO member({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})",
                   list(fields.values()))
        db.execute(f"INSERT INTO badge(member, {', '.join(badge)}) SELECT max(id), "
                   f"{', '.join('?' * len(badge))} FROM member", list(badge.values()))


@pytest.mark.parametrize("at, shown", [
    ("08:59", "outside_hours"), ("09:00", "opening hours"), ("11:59", "opening hours"), ("12:00", "outside_hours"),
    ("18:00", "outside_hours")])
def test_hours_are_half_open(ctl, at, shown):
    add(ctl, plan="nomade")
    with ctl.sql() as db:
        db.executescript(PLACE)
    [row] = view(ctl, "v_access_now", f"{MONDAY}T{at}")
    assert row["why"] == shown
    assert_agrees(ctl, row, ADA, f"{MONDAY}T{at}")


@pytest.mark.parametrize("uid", ["08A1B2C3", "00000000000000", "FFFFFFFF"])
def test_numbers_that_are_no_badges(ctl, uid):
    add(ctl, uid=uid)
    [row] = view(ctl, "v_access_now", f"{MONDAY}T12:00")
    assert (row["badges"], row["why"]) == (0, "weak_badge")
    assert_agrees(ctl, row, uid, f"{MONDAY}T12:00")


def test_a_plan_that_asks_for_a_proof(ctl):
    with ctl.sql() as db:
        db.executescript(PLACE)
    add(ctl, plan="safe")
    row = view(ctl, "v_access_now", f"{MONDAY}T12:00")[0]
    assert (row["badges"], row["why"]) == (0, "weak_badge")
    assert_agrees(ctl, row, ADA, f"{MONDAY}T12:00")
    with ctl.sql() as db:
        db.execute("UPDATE badge SET kind = 'ntag424'")
    row = view(ctl, "v_access_now", f"{MONDAY}T12:00")[0]
    assert (row["badges"], row["why"]) == (1, "plan always")


def test_several_badges_and_none(ctl):
    add(ctl)
    with ctl.sql() as db:
        db.execute("INSERT INTO member(name, plan) VALUES ('Bob', 'resident')")
        db.execute("INSERT INTO badge(uid, member, status, added_at) VALUES ('04000001', 1, 'lost', unixepoch() + 9), "
                   "('04000002', 1, 'active', 0)")
    ada, bob = view(ctl, "v_access_now")
    assert (ada["badges"], ada["why"], ada["enters"]) == (2, "plan always", "yes")
    assert (bob["badges"], bob["why"], bob["enters"], bob["doors"]) == (0, "no badge", "no", None)
    with ctl.sql() as db:
        db.execute("UPDATE badge SET status = 'returned' WHERE status = 'active'")
    row = [row for row in view(ctl, "v_access_now") if row["name"] == "Ada"][0]
    assert (row["badges"], row["why"]) == (0, "badge_lost")  # the newest


def test_doors_of_a_booking_and_of_the_plan_add_up(ctl):
    add(ctl, plan="yard")
    for name in ("Bob", "Eve", "Zoé"):
        add(ctl, name=name, uid=f"04{ord(name[0]):06X}", plan="salle")
    with ctl.sql() as db:
        db.executescript(PLACE)
        db.execute("DELETE FROM booking_guest")
        db.execute("INSERT INTO booking_guest VALUES (2, 1), (3, 1), (1, 3)")
        db.execute("UPDATE booking SET starts_at = ?, ends_at = ? WHERE id = 3",
                   (seconds("2026-11-23T15:00"), seconds("2026-11-23T16:00")))
    rows = {row["member"]: row for row in view(ctl, "v_access_now", f"{MONDAY}T15:00")}
    assert [(rows[i]["why"], rows[i]["doors"]) for i in (1, 2, 3, 4)] == [
        ("booking 1", "every door"), ("booking 2", "back"), ("booking 1", "every door"), ("no_booking", None)]
    for member, uid in ((1, ADA), (2, "04000042"), (3, "04000045"), (4, "0400005A")):
        assert_agrees(ctl, rows[member], uid, f"{MONDAY}T15:00")


# --- now, by real taps --------------------------------------------------------------------------

def test_access_now_is_what_the_next_tap_gets(cantine):
    """Without a word put in the view's mouth."""
    def shown():
        row = json.loads(subprocess.run(
            ["sqlite3", "-json", "-readonly", cantine.directory / "records.db", "SELECT * FROM v_access_now"],
            env={**os.environ, "TZ": "Europe/Paris"}, capture_output=True, text=True, check=True).stdout)[0]
        _, line = cantine.tap(ADA)
        assert ("granted" in line) == (row["enters"] == "yes"), (line, row)
        if "granted" not in line:
            assert f"({row['why']}" in line, (line, row)
        return row["why"]

    cantine.add_member("Ada", ADA, plan="nomade")
    assert shown() == "outside_hours"
    cantine.ctl("opening", "set", "mon-sun", "00:00-00:00")
    assert shown() == "opening hours"
    cantine.sql("INSERT INTO closure(first_day, last_day) VALUES (date('now', '-1 day'), date('now', '+1 day'))")
    assert shown() == "closed_day"
    cantine.sql("INSERT INTO resource(id, name) VALUES ('cabine', 'La cabine');"
                "INSERT INTO booking(resource, member, starts_at, ends_at) "
                "VALUES ('cabine', 1, unixepoch() + 300, unixepoch() + 3600)")
    assert shown() == "booking 1"
    cantine.ctl("member", "edit", "ada", "--until", "2026-01-01")
    assert shown() == "member_expired"


# --- the other two ------------------------------------------------------------------------------

def test_members_readable(ctl):
    add(ctl, name="Ada", email="ada@example.org", company="Engines", valid_until="2026-12-31")
    add(ctl, name="bob", uid="04000001", plan="nomade", host=1, valid_from="2026-11-24")
    add(ctl, name="Eve", uid="04000002", plan="ghost", host=99, status="suspended", valid_from="2026-01-01",
        valid_until="2026-10-31")
    with ctl.sql() as db:
        db.execute("INSERT INTO badge(uid, member, status) VALUES ('04000003', 1, 'lost'), ('04000004', 1, 'active')")
        db.execute("UPDATE badge SET valid_until = '2026-11-22' WHERE uid = '04000002'")
        db.execute("INSERT INTO pass(member, kind, quantity) VALUES (2, 'day', 10), (2, 'day', 5), (2, 'half_day', 3)")
    ada, bob, eve = view(ctl, "v_member", f"{MONDAY}T00:00")
    assert ada == {"id": 1, "name": "Ada", "email": "ada@example.org", "company": "Engines", "plan": "Résident",
                   "status": "active", "validity": "until 2026-12-31", "host": None, "badges": 2,
                   "day_passes": 0, "half_day_passes": 0}
    assert (bob["plan"], bob["status"], bob["validity"], bob["host"]) == ("Nomade", "not yet", "from 2026-11-24", "Ada")
    assert (bob["day_passes"], bob["half_day_passes"]) == (15, 3)
    assert (eve["plan"], eve["status"], eve["host"]) == ("ghost (no such plan)", "suspended", "99 (no such member)")
    assert (eve["validity"], eve["badges"]) == ("2026-01-01 to 2026-10-31", 0)
    assert [row["status"] for row in view(ctl, "v_member", "2027-01-01T00:00")] == ["expired", "active", "suspended"]


@pytest.mark.parametrize("status", ["active", "suspended", "left"])
def test_members_status_is_the_rules(ctl, status):
    """v_member and the decision call the same membership the same."""
    add(ctl, status=status, valid_from="2026-11-23", valid_until="2026-11-24")
    words = {"active": "ok", "not yet": "member_not_yet", "expired": "member_expired",
             "suspended": "member_suspended", "left": "member_left"}
    for at in ("2026-11-22T23:59", "2026-11-23T00:00", "2026-11-24T23:59", "2026-11-25T00:00"):
        [row] = view(ctl, "v_member", at)
        assert words[row["status"]] == why(ctl, ADA, "front", at)["reason"], at


DAYS = ["2026-10-25", "2026-03-29", MONDAY]  # 25, 23 and 24 hours long


@pytest.mark.parametrize("day", DAYS)
def test_bookings_today_are_those_of_the_day(ctl, day):
    """Around both midnights, as `booking list --day` has them."""
    add(ctl)
    after = str(datetime.date.fromisoformat(day) + datetime.timedelta(1))
    edges = [seconds(f"{day}T00:00"), seconds(f"{after}T00:00")]
    with ctl.sql() as db:
        db.execute("INSERT INTO resource(id, name) VALUES ('r', 'Salle')")
        for edge, (start, end) in itertools.product(edges, [(-7200, -3600), (-3600, 0), (0, 1800), (1800, 3600)]):
            db.execute("INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('r', 1, ?, ?)",
                       (edge + start, edge + end))
        db.execute("UPDATE booking SET status = 'cancelled' WHERE id = 3")
        db.execute("INSERT INTO booking_guest VALUES (3, 7), (3, 8)")
    listed = ctl.json("booking", "list", "--day", day)
    assert len(listed) == 4
    for at in ("00:00", "12:00", "23:59"):
        rows = view(ctl, "v_booking_today", f"{day}T{at}")
        assert [row["id"] for row in rows] == [row["id"] for row in listed]
    assert rows[0] == {"id": 3, "resource": "Salle", "member": "Ada", "starts": "00:00", "ends": "00:30",
                       "title": None, "status": "cancelled", "guests": 2}


def test_bookings_over_midnight_and_of_nobody(ctl):
    with ctl.sql() as db:
        db.execute("INSERT INTO booking(resource, member, starts_at, ends_at, title) VALUES ('gone', 9, ?, ?, 'Nuit')",
                   (seconds("2026-11-22T22:00"), seconds("2026-11-24T06:30")))
    [row] = view(ctl, "v_booking_today", f"{MONDAY}T10:00")
    assert (row["starts"], row["ends"]) == ("2026-11-22 22:00", "2026-11-24 06:30")
    assert (row["resource"], row["member"]) == ("gone (no such resource)", "9 (no such member)")


# --- records of the first version ---------------------------------------------------------------

def test_first_records_are_migrated_with_a_copy_beside_them(tmp_path):
    """A file that only 0001 has made, with a view of the admin's own under a name of ours."""
    records = tmp_path / "records.db"
    with sqlite3.connect(records) as db:
        db.executescript(STEPS[0].read_text())
        db.executescript(f"""
            PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;
            INSERT INTO member(name, plan) VALUES ('Ada', 'resident'), ('Bob', 'resident');
            INSERT INTO badge(uid, member) VALUES ('{ADA}', 1);
            UPDATE member SET host = 3 - id;
            CREATE VIEW v_member AS SELECT name FROM member;
        """)
    db.close()
    with Cantine(tmp_path) as cantine:
        _, line = cantine.tap(ADA)
        assert "granted" in line
        assert cantine.sql("PRAGMA user_version") == str(VERSION)
        assert cantine.sql("SELECT name, host FROM v_member") == "Ada|Bob\nBob|Ada"
        assert [row["row"] for row in found(cantine)] == ["1", "2"]  # the circle was there before
    backup = tmp_path / "records.db.before-0003"
    with sqlite3.connect(f"file:{backup}?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT name FROM v_member").fetchall() == [("Ada",), ("Bob",)]
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def found(cantine):
    done = subprocess.run([cantine.cantined.argv[0].replace("cantined", "cantinectl"), "--config",
                           cantine.configuration, "--json", "check"], env=cantine.env, capture_output=True,
                          text=True, check=False)
    return json.loads(done.stdout)
