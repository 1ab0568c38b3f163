# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening hours, rooms and bookings by cantinectl, and `why`: which answer a tap gets and for what reason.

First on a records.db alone, at moments of choice; then with everything running, by real taps.
"""

import datetime
import json
import re
from zoneinfo import ZoneInfo

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.ctl import Ctl
from rig.waiting import wait_until

PARIS = ZoneInfo("Europe/Paris")
ADA, BOB, STRANGER, PHONE = "04A1B2C3D4E5F6", "04B0B1B2B3B4B5", "04DEADBEEF0001", "08A1B2C3"

READERS = """[reader entrance]
device=pn532_uart:/dev/ttyS9
door=front
direction=in
[reader exit]
device=pn532_uart:/dev/ttyS8
door=front
direction=out
"""
BACK = """[door back]
actuator=virtual
[reader yard]
device=pn532_uart:/dev/ttyS7
door=back
direction=toggle
[door way-out]
actuator=virtual
[reader leaving]
device=pn532_uart:/dev/ttyS6
door=way-out
direction=out
"""


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    """Ada, a nomade with a badge, and the room `cabine`."""
    ctl = Ctl(tmp_path, READERS)
    ctl("member", "add", "Ada Lovelace", "--plan", "nomade")
    ctl("badge", "add", 1, ADA)
    ctl("resource", "add", "cabine", "La cabine")
    return ctl


def why(ctl, uid, *options):
    """The answer without a bus, which costs a warning and nothing else."""
    out, warnings = ctl.warned("why", uid, "--json", *options,
                               DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
    assert len(warnings) == 1, warnings
    assert warnings[0].startswith("who is inside and whether there is a lockdown is not known: ")
    assert out.count("\n") == 1
    return json.loads(out)


def answer(ctl, at, *options, uid=ADA):
    told = why(ctl, uid, "--at", at, *options)
    return " ".join(filter(None, (told["result"], told["reason"], told["detail"])))


def because(told):
    """The sentence of the rule that decided; room is asked after every grant."""
    return [rule["because"] for rule in told["rules"]
            if rule["rule"] != "capacity" or rule["verdict"] != "passes"][-1]


def local(minutes=0):
    """So many minutes from now, as START takes it."""
    moment = datetime.datetime.now(PARIS) + datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M")


# --- why ----------------------------------------------------------------------------------------

def test_why_has_this_shape_and_no_other(ctl):
    told = why(ctl, ADA, "--at", "2026-11-23T20:15")
    assert list(told) == ["result", "reason", "detail", "rules"]
    assert (told["result"], told["reason"], told["detail"]) == ("refused", "outside_hours", None)
    assert all(list(rule) == ["rule", "verdict", "because"] for rule in told["rules"])
    assert [rule["verdict"] for rule in told["rules"]] == ["passes"] * 14 + ["refuses"]
    assert told["rules"][0]["rule"] == "throttle" and told["rules"][-1]["rule"] == "plan_times"


def test_why_answers_for_badges_of_nobody(ctl):
    for uid, reason in ((STRANGER, "unknown_badge"), (PHONE, "weak_badge"), ("00000000", "weak_badge")):
        told = ctl.json("why", uid)  # nobody's presence needs no bus
        assert (told["result"], told["reason"]) == ("refused", reason)
        assert told["rules"][-1]["verdict"] == "refuses" and uid in because(told)


@pytest.mark.parametrize("words", [["04:a1:b2:c3:d4:e5:f6"], "04 A1 B2 C3 D4 E5 F6".split()],
                         ids=" ".join)
def test_why_reads_numbers_as_people_write_them(ctl, words):
    out, _ = ctl.warned("why", *words, "--at", "2026-11-23T20:15", "--json",
                        DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
    assert json.loads(out)["reason"] == "outside_hours"


def test_why_for_people(ctl):
    ctl("opening", "set", "mon", "09:00-18:00")
    out, _ = ctl.warned("why", ADA, "--at", "2026-11-23 20:15",
                        DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
    lines = out.splitlines()
    assert lines[0] == "refused: outside_hours"
    assert all(re.match(r"  ✓ \w+ +\S", line) for line in lines[1:-1])
    assert re.fullmatch(r"  ✗ plan_times +plan nomade: opening hours Mon 09:00–18:00; "
                        r"now Mon 20:15: cantinectl opening set", lines[-1])
    assert ctl("why", STRANGER).startswith("refused: unknown_badge\n  ✓ throttle")


def test_why_names_cannot_steer_the_terminal(ctl):
    with ctl.sql() as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute("UPDATE member SET name = 'Eve\u202e\x1b[2J', status = 'left'")
    out, _ = ctl.warned("why", ADA, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
    assert "Eve\ufffd\ufffd[2J has left: cantinectl member resume 1" in out


@pytest.mark.parametrize("arguments, why_not", [
    (["04A1"], "4, 7 or 10 bytes"), (["hello"], "4, 7 or 10 bytes"),
    ([ADA, "--door", "cellar"], "give one of: front"), ([ADA, "--at", "soon"], "is no time"),
    ([ADA, "--at", "2026-02-30"], "is no time")])
def test_why_questions_that_make_no_sense(ctl, arguments, why_not):
    assert why_not in ctl.refused("why", *arguments)


def test_why_without_a_question(ctl):
    assert "too few" in ctl.refused("why", status=2)
    assert "no option" in ctl.refused("why", ADA, "--when", "today", status=2)


def test_why_neither_makes_nor_changes_the_records(ctl):
    before = ctl.rows("SELECT * FROM record_change")
    why(ctl, ADA)
    assert ctl.rows("SELECT * FROM record_change") == before
    with ctl.sql() as db:
        db.execute("PRAGMA user_version=0")
    assert "start cantined once" in ctl.refused("why", ADA)
    for file in ctl.records.parent.glob("records.db*"):
        file.unlink()
    assert "start cantined once" in ctl.refused("why", ADA)
    assert not ctl.records.exists()


def test_why_at_each_door(tmp_path):
    ctl = Ctl(tmp_path, READERS + BACK)
    ctl("member", "add", "Ada Lovelace", "--plan", "resident")
    ctl("badge", "add", 1, ADA)
    ctl("badge", "set", ADA, "lost")
    with ctl.sql() as db:
        db.execute("INSERT INTO plan_door VALUES ('resident', 'back')")
    env = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    out, _ = ctl.warned("why", ADA, **env)
    blocks = re.split(r"^door (\S+):$", out, flags=re.MULTILINE)[1:]
    assert blocks[::2] == ["front", "back", "way-out"]
    assert [block.split()[1] for block in blocks[1::2]] == ["badge_lost", "badge_lost", "ok"]
    assert "reader leaving leads out" in blocks[5]  # nobody is kept inside, even with a lost badge
    assert "reader entrance leads in" in blocks[1]  # not the exit of the same door

    ctl("badge", "set", ADA, "active")
    out, warnings = ctl.warned("why", ADA, "--json", **env)
    assert json.loads(out)["reason"] == "wrong_door"
    assert any("the answer at door front" in warning for warning in warnings)
    assert why(ctl, ADA, "--door", "back")["result"] == "granted"
    assert "plan resident does not open door front" in because(why(ctl, ADA, "--door", "front"))


def test_why_tells_which_of_two_hours(ctl):
    _, warnings = ctl.warned("why", STRANGER, "--at", "2026-10-25T02:30")
    assert warnings == ["“2026-10-25T02:30” exists twice, the clocks go back then: "
                        "2026-10-25 02:30:00 is taken (2026-10-25T00:30:00.000Z)"]


# --- plans and their times ----------------------------------------------------------------------

def test_plan_opening(ctl):
    ctl("opening", "set", "mon-fri", "09:00-12:00", "14:00-18:00")
    for at, expected in (("08:59", "refused outside_hours"), ("09:00", "granted ok"),
                         ("11:59", "granted ok"), ("12:00", "refused outside_hours"),
                         ("17:59", "granted ok"), ("18:00", "refused outside_hours")):
        assert answer(ctl, f"2026-11-23T{at}") == expected, at
    assert answer(ctl, "2026-11-22T10:00") == "refused outside_hours"  # a Sunday
    with ctl.sql() as db:
        db.execute("INSERT INTO closure(first_day, last_day, label) "
                   "VALUES ('2026-11-23', '2026-11-24', 'Travaux')")
    assert answer(ctl, "2026-11-24T10:00") == "refused closed_day"
    assert "closed day (Travaux)" in because(why(ctl, ADA, "--at", "2026-11-24T10:00"))
    assert answer(ctl, "2026-11-25T10:00") == "granted ok"


def test_plan_hours(ctl):
    ctl("member", "edit", 1, "--plan", "soir")
    with ctl.sql() as db:
        db.execute("INSERT INTO plan_hours VALUES ('soir', 5, '20:00', '02:00')")
    for at, expected in (("2026-11-27T19:59", "refused outside_hours"),
                         ("2026-11-27T20:00", "granted ok"), ("2026-11-28T01:59", "granted ok"),
                         ("2026-11-28T02:00", "refused outside_hours"),
                         ("2026-11-27T01:00", "refused outside_hours")):
        assert answer(ctl, at) == expected, at
    assert "its hours Fri 20:00–02:00; now Sat 01:59" in because(why(ctl, ADA, "--at", "2026-11-28T01:59"))


def test_plan_booking_with_its_margins(ctl):
    ctl("member", "edit", 1, "--plan", "salle")
    ctl("resource", "edit", "cabine", "--early", 5, "--late", 30)
    assert ctl.warned("booking", "add", "cabine", "ada", "2026-07-01T14:00", "2h")[0] == "1\n"
    for at, expected in (("13:54", "refused no_booking"), ("13:55", "granted ok booking"),
                         ("16:29", "granted ok booking"), ("16:30", "refused no_booking")):
        assert answer(ctl, f"2026-07-01T{at}") == expected, at
    assert because(why(ctl, ADA, "--at", "2026-07-01T14:30")) == (
        "booking 1 of cabine 14:00–16:00, door open from 13:55 to 16:30")
    ctl("booking", "cancel", 1)
    assert answer(ctl, "2026-07-01T14:30") == "refused no_booking"


def test_bookings_open_their_doors_alone(tmp_path):
    ctl = Ctl(tmp_path, READERS + BACK)
    ctl("member", "add", "Ada", "--plan", "salle")
    ctl("badge", "add", 1, ADA)
    ctl("resource", "add", "atelier", "L'atelier")
    with ctl.sql() as db:
        db.execute("INSERT INTO resource_door VALUES ('atelier', 'back')")
    ctl.warned("booking", "add", "atelier", "ada", "2026-07-01T14:00", "2h")
    assert answer(ctl, "2026-07-01T15:00", "--door", "back") == "granted ok booking"
    assert answer(ctl, "2026-07-01T15:00", "--door", "front") == "refused no_booking"
    rules = {rule["rule"]: rule["because"] for rule in
             why(ctl, ADA, "--at", "2026-07-01T15:00", "--door", "front")["rules"]}
    assert "not behind door front" in rules["booking"]


def test_a_booking_overrides_hours_and_closures_but_no_suspension(ctl):
    with ctl.sql() as db:
        db.execute("INSERT INTO closure(first_day) VALUES ('2026-07-01')")
    ctl.warned("booking", "add", "cabine", "ada", "2026-07-01T14:00", "2h")
    assert answer(ctl, "2026-07-01T15:00") == "granted ok booking"
    ctl("member", "suspend", "ada")
    assert answer(ctl, "2026-07-01T15:00") == "refused member_suspended"
    ctl("member", "edit", "ada", "--status", "active", "--until", "2026-06-30")
    assert "membership of Ada Lovelace ended 2026-06-30: cantinectl member edit 1 --until" in because(
        why(ctl, ADA, "--at", "2026-07-01T15:00"))


# --- opening hours ------------------------------------------------------------------------------

def hours(ctl):
    return {(row["weekday"], row["opens"], row["closes"]) for row in ctl.json("opening", "list")}


def test_opening_set_replaces_the_days_it_names(ctl):
    assert ctl("opening", "list").startswith("no opening hours yet")
    assert "Mon  09:00  18:00" in ctl("opening", "set", "mon", "9:00-18:00")
    ctl("opening", "set", "lundi-mercredi", "09:00-12:00", "13:30-18:00")
    ctl("opening", "set", "Sat,7", "20:00-02:00")
    ctl("opening", "set", "mardi", "closed")
    assert hours(ctl) == {(1, "09:00", "12:00"), (1, "13:30", "18:00"), (3, "09:00", "12:00"),
                          (3, "13:30", "18:00"), (6, "20:00", "02:00"), (7, "20:00", "02:00")}
    assert ctl.json("opening", "set", "mon-sun", "closed") == []
    assert list(ctl.json("opening", "set", "5", "00:00-00:00")[0]) == ["weekday", "opens", "closes"]


@pytest.mark.parametrize("arguments, why_not", [
    (["someday", "09:00-18:00"], "mon … sun, lundi … dimanche, 1 … 7"),
    (["mon", "09:00-24:00"], "midnight"), (["mon", "9-18"], "09:00-18:00"),
    (["mon", "09:00-12:00", "closed"], "closed"), (["mon", "09:00-12:00", "11:00-18:00"], "overlap"),
    (["8", "09:00-18:00"], "no weekday")])
def test_opening_hours_that_are_refused(ctl, arguments, why_not):
    ctl("opening", "set", "mon", "10:00-11:00")
    assert why_not in ctl.refused("opening", "set", *arguments)
    assert hours(ctl) == {(1, "10:00", "11:00")}


def test_opening_hours_without_hours(ctl):
    for arguments in (["mon"], ["mon", "fri"]):
        ctl.refused("opening", "set", *arguments, status=2)


# --- resources ----------------------------------------------------------------------------------

def test_resources(ctl):
    assert ctl.json("resource", "add", "atelier", "L'atelier", "--kind", "space", "--seats", 12,
                    "--early", 0, "--late", 30, "--check-in", 15) == {
        "id": "atelier", "name": "L'atelier", "kind": "space", "seats": 12, "early": 0, "late": 30,
        "check_in": 15, "doors": []}
    assert ctl("resource", "edit", "atelier", "--check-in", "", "--name", "Le grand").startswith(
        "space atelier: Le grand")
    rows = ctl.json("resource", "list")
    assert [row["id"] for row in rows] == ["atelier", "cabine"]
    assert rows[0]["check_in"] is None
    assert rows[1] == {"id": "cabine", "name": "La cabine", "kind": "room", "seats": 1, "early": 10,
                       "late": 10, "check_in": None, "doors": []}
    assert "La cabine" in ctl("resource", "list")
    assert ctl.rows("SELECT count(*) AS n FROM record_change WHERE table_name = 'resource' "
                    "AND actor IS NOT NULL") == [{"n": 3}]


def test_doors_of_a_resource(ctl):
    assert ctl("resource", "add", "atelier", "L'atelier", "--door", "front") == (
        "room atelier: L'atelier, opens front 10 min before a booking, 10 min after it\n")
    rows = {row["id"]: row["doors"] for row in ctl.json("resource", "list")}
    assert rows == {"atelier": ["front"], "cabine": []}
    assert [line.split()[-1] for line in ctl("resource", "list").splitlines()] == ["DOORS", "front", "all"]
    assert ctl.json("resource", "edit", "atelier", "--seats", 3)["doors"] == ["front"]
    assert ctl.json("resource", "edit", "atelier", "--door", "all")["doors"] == []
    assert ctl.rows("SELECT * FROM resource_door") == []
    assert ctl.refused("resource", "edit", "atelier", "--door", "frnt").startswith("there is no door “frnt” in the")
    assert "there are atelier, cabine" in ctl.refused("resource", "edit", "nowhere", "--door", "front")


@pytest.mark.parametrize("arguments, why_not", [
    (["add", "cabine", "Again"], "resource edit"), (["add", "La Cabine", "x"], "a-z 0-9"),
    (["add", "b", ""], "1 to 120 characters"), (["add", "b", "B", "--kind", "hall"], "room, desk or space"),
    (["add", "b", "B", "--seats", "many"], "whole number"), (["add", "b", "B", "--seats", "0"], "1 to 10000"),
    (["edit", "cabine", "--early", "-1"], "0 to 1440"), (["edit", "cabine", "--name", ""], "can't be empty"),
    (["edit", "nowhere", "--seats", "2"], "there are cabine")])
def test_resources_that_are_refused(ctl, arguments, why_not):
    before = ctl.rows("SELECT * FROM resource")
    assert why_not in ctl.refused("resource", *arguments)
    assert ctl.rows("SELECT * FROM resource") == before


# --- bookings -----------------------------------------------------------------------------------

def test_booking_add_prints_the_id_alone_and_keeps_what_was_said(ctl):
    assert ctl("booking", "add", "cabine", "ada", "2099-06-01 14:00", "16:00", "--title", "Réunion",
               "--public") == "1\n"
    assert ctl("--json", "booking", "add", "cabine", 1, "tomorrow 9:00", "90min") == "2\n"
    rows = {row["id"]: row for row in ctl.json("booking", "list")}
    starts = int(datetime.datetime(2099, 6, 1, 14, tzinfo=PARIS).timestamp())
    assert rows[1] == {"id": 1, "resource": "cabine", "member": 1, "starts_at": starts,
                       "ends_at": starts + 7200, "title": "Réunion", "status": "confirmed",
                       "public": 1, "series": None, "guests": []}
    assert (rows[2]["ends_at"] - rows[2]["starts_at"], rows[2]["title"], rows[2]["public"]) == (
        5400, None, 0)
    assert ctl.rows("SELECT actor FROM record_change WHERE table_name = 'booking'")[0]["actor"]


def test_booking_list_by_room_and_day(ctl):
    ctl("resource", "add", "salle", "La salle")
    for room, start, end in (("cabine", "2099-06-01T23:00", "2h"), ("cabine", "2099-06-02T01:00", "1h"),
                             ("salle", "2099-06-01T22:00", "2h"), ("salle", "2099-06-03T00:00", "1h")):
        ctl("booking", "add", room, "ada", start, end)
    ids = lambda *options: [row["id"] for row in ctl.json("booking", "list", *options)]  # noqa: E731
    assert ids() == [3, 1, 2, 4]
    assert ids("--day", "2099-06-02") == [1, 2]  # what ends at midnight isn't of the next day
    assert ids("--resource", "salle") == [3, 4]
    assert ids("--resource", "salle", "--day", "2099-06-01") == [3]
    assert ids("--day", "today") == []
    text = ctl("booking", "list")
    assert "2099-06-01 23:00  2099-06-02 01:00  Ada Lovelace" in text
    assert ctl("booking", "list", "--day", "yesterday") == "nothing is booked\n"
    assert "no day" in ctl.refused("booking", "list", "--day", "today 14:00")
    assert "there are cabine, salle" in ctl.refused("booking", "list", "--resource", "sale")


def test_a_conflict_says_whose_and_when(ctl):
    ctl("member", "add", "Grace Hopper", "--plan", "resident")
    ctl("booking", "add", "cabine", "ada", "2099-06-01T14:00", "2h")
    told = ctl.refused("booking", "add", "cabine", "grace", "2099-06-01T15:59", "1h")
    assert "by Ada Lovelace from 2099-06-01 14:00 to 2099-06-01 16:00 (booking 1)" in told
    assert len(ctl.json("booking", "list")) == 1
    ctl("booking", "add", "cabine", "grace", "2099-06-01T16:00", "1h")  # one ends, another begins
    ctl("booking", "cancel", 1)
    ctl("booking", "add", "cabine", "grace", "2099-06-01T14:30", "30min")


def test_cancelled_bookings_stay_in_the_list(ctl):
    ctl("booking", "add", "cabine", "ada", "2099-06-01T14:00", "2h")
    assert "cancelled" in ctl("booking", "cancel", 1)
    assert ctl.json("booking", "cancel", 1)["status"] == "cancelled"
    assert [row["status"] for row in ctl.json("booking", "list")] == ["cancelled"]
    for what, why_not in (("99", "no booking 99"), ("one", "no booking's number"), ("-- -1", "number")):
        assert why_not in ctl.refused("booking", "cancel", *what.split())


@pytest.mark.parametrize("arguments, why_not", [
    (["cabine", "ada", "2099-06-01T14:00", "13:00"], "before it begins"),
    (["cabine", "ada", "2099-06-01T14:00", "14:00"], "before it begins"),
    (["cabine", "ada", "2099-06-01T14:00", "0min"], "before it begins"),
    (["cabine", "ada", "2099-06-31T14:00", "1h"], "is no beginning"),
    (["cabine", "ada", "today", "1h"], "is no beginning"),
    (["cabine", "ada", "2099-06-01T14:00", "later"], "is no end"),
    (["cabine", "jules", "2099-06-01T14:00", "1h"], "nobody is called"),
    (["sale", "ada", "2099-06-01T14:00", "1h"], "there are cabine"),
    (["cabine", "ada", "2099-06-01T14:00", "1h", "--title", "x" * 201], "at most 200 characters")])
def test_bookings_that_are_refused(ctl, arguments, why_not):
    assert why_not in ctl.refused("booking", "add", *arguments)
    assert ctl.json("booking", "list") == []


def test_bookings_with_too_few_words(ctl):
    ctl.refused("booking", "add", "cabine", "ada", "2099-06-01T14:00", status=2)
    ctl.refused("booking", "cancel", status=2)
    ctl.refused("resource", "edit", "cabine", status=2)


@pytest.mark.parametrize("prepare, words, warning", [
    ("UPDATE member SET status = 'suspended'", ["2099-06-01T14:00", "1h"], "Ada Lovelace is suspended"),
    ("UPDATE member SET status = 'left'", ["2099-06-01T14:00", "1h"], "Ada Lovelace is left"),
    ("UPDATE member SET valid_until = '2099-05-31'", ["2099-06-01T14:00", "1h"], "ends 2099-05-31"),
    ("UPDATE member SET valid_from = '2099-06-02'", ["2099-06-01T14:00", "1h"], "begins 2099-06-02"),
    ("INSERT INTO member(name, plan, status) VALUES ('Grace', 'resident', 'suspended'); "
     "UPDATE member SET host = 2 WHERE id = 1", ["2099-06-01T14:00", "1h"], "the host, Grace is suspended"),
    ("INSERT INTO closure(first_day, label) VALUES ('2099-06-01', 'Travaux')",
     ["2099-06-01T14:00", "1h"], "closed then (2099-06-01 to 2099-06-01, Travaux)"),
    ("", ["2020-06-01T14:00", "1h"], "in the past"),
    ("", ["2026-03-29T02:30", "1h"], "does not exist"),
    ("", ["2026-10-25T02:30", "1h"], "exists twice")])
def test_bookings_that_are_made_with_a_warning(ctl, prepare, words, warning):
    with ctl.sql() as db:
        db.executescript(prepare)
    out, warnings = ctl.warned("booking", "add", "cabine", 1, *words)
    assert out == "1\n" and any(warning in line for line in warnings), warnings


def test_bookings_that_deserve_no_warning(ctl):
    with ctl.sql() as db:
        db.execute("INSERT INTO closure(first_day) VALUES ('2099-06-02')")
        db.execute("UPDATE member SET valid_from = '2020-01-01', valid_until = '2099-06-01'")
    ctl("booking", "add", "cabine", "ada", "2099-06-01T22:00", "2h")  # until midnight, not beyond


def test_help_knows_the_commands(ctl):
    for words in (["why"], ["opening", "set"], ["resource", "add"], ["booking", "add"]):
        assert ctl(*words, "--help").startswith("cantinectl " + " ".join(words))
    assert "--check-in MINUTES" in ctl("resource", "edit", "--help")
    assert "booking cancel ID" in ctl("--help")


# --- at the door --------------------------------------------------------------------------------

def tap_and_why(cantine, uid=ADA):
    """How a tap came out; `why` must have said the same."""
    told = cantine.ctl_json("why", uid)
    _, line = cantine.tap(uid)
    tapped = "granted" if "granted" in line else re.search(r"refused \((\w+)\)", line)[1]
    assert tapped == ("granted" if told["result"] == "granted" else told["reason"]), told
    return tapped


def test_opening_hours_hold_at_the_next_tap(cantine):
    cantine.add_member("Ada", ADA, plan="nomade")
    assert tap_and_why(cantine) == "outside_hours"
    cantine.ctl("opening", "set", "mon-sun", "00:00-00:00")
    assert tap_and_why(cantine) == "granted"
    cantine.sql("INSERT INTO closure(first_day, last_day) "
                "VALUES (date('now', '-1 day'), date('now', '+1 day'))")
    assert tap_and_why(cantine) == "closed_day"
    cantine.sql("DELETE FROM closure")
    cantine.ctl("opening", "set", "mon-sun", "closed")
    assert tap_and_why(cantine) == "outside_hours"
    cantine.sql("UPDATE member SET plan = 'soir'; "
                "INSERT INTO plan_hours SELECT 'soir', value, '00:00', '00:00' FROM "
                "json_each('[1,2,3,4,5,6,7]')")
    assert tap_and_why(cantine) == "granted"


def test_bookings_hold_at_the_next_tap(cantine):
    cantine.add_member("Ada", ADA, plan="salle")
    cantine.ctl("resource", "add", "cabine", "La cabine")
    assert tap_and_why(cantine) == "no_booking"
    booking = cantine.ctl("booking", "add", "cabine", "ada", local(5), "1h").strip()
    assert tap_and_why(cantine) == "granted"  # ten minutes early is soon enough
    event = wait_until(lambda: [row for row in cantine.journal() if row["result"] == "granted"])[0]
    assert event["detail"] == "booking"
    cantine.ctl("resource", "edit", "cabine", "--early", 0)
    assert tap_and_why(cantine) == "no_booking"
    cantine.ctl("resource", "edit", "cabine", "--early", 10)
    cantine.sql("INSERT INTO resource_door VALUES ('cabine', 'back')")
    assert tap_and_why(cantine) == "no_booking"
    cantine.sql("DELETE FROM resource_door")
    assert tap_and_why(cantine) == "granted"
    cantine.ctl("booking", "cancel", booking)
    assert tap_and_why(cantine) == "no_booking"


def test_guests_come_in_by_the_booking(cantine):
    cantine.add_member("Ada", ADA, plan="salle")
    bob = cantine.add_member("Bob", BOB, plan="salle")
    cantine.ctl("resource", "add", "cabine", "La cabine")
    cantine.ctl("booking", "add", "cabine", "ada", local(1), "1h")
    assert tap_and_why(cantine, BOB) == "no_booking"
    cantine.sql(f"INSERT INTO booking_guest VALUES (1, {bob})")
    assert tap_and_why(cantine, BOB) == "granted"


def test_why_knows_who_is_inside(tmp_path):
    with Cantine(tmp_path, direction="toggle") as cantine:
        ada = cantine.add_member("Ada", ADA)
        ways = lambda: cantine.ctl_json("why", ADA)["rules"][3]["because"]  # noqa: E731
        assert "Ada is not inside, so this would be the way in" in ways()
        cantine.tap(ADA)
        assert "Ada is inside, so this would be the way out" in ways()
        cantine.tap(ADA)
        assert "Ada is not inside" in ways()
        cantine.cantined.stop()
        out = cantine.ctl("why", ADA)  # the records are there all the same
        assert out.startswith("granted: ok") and "who is inside is not known here" in out
        cantine.ctl("member", "suspend", ada)
        assert cantine.ctl_json("why", ADA)["reason"] == "member_suspended"


def test_why_knows_of_a_lockdown(cantine):
    cantine.add_member("Ada", ADA)
    cantine.ctl("door", "lockdown", "on")
    assert tap_and_why(cantine, ADA) == "lockdown"
    cantine.cantined.stop()  # the lockdown is there when it is back, and nobody can say so meanwhile
    told = {rule["rule"]: rule["because"] for rule in cantine.ctl_json("why", ADA)["rules"]}
    assert told["lockdown"].startswith("whether there is a lockdown is not known here")
    assert told["clock"].startswith("whether the clock is trusted is not known here")
    cantine.resume_cantined()
    assert tap_and_why(cantine, ADA) == "lockdown"
    cantine.ctl("door", "lockdown", "off")
    assert tap_and_why(cantine, ADA) == "granted"


def test_a_number_that_is_no_badges_is_refused_with_everything_running(cantine):
    with pytest.raises(CommandFailed) as refused:
        cantine.ctl("why", "04A1")
    assert refused.value.status == 1
    assert cantine.ctl_json("why", STRANGER)["reason"] == "unknown_badge"
    assert tap_and_why(cantine, PHONE) == "weak_badge"
