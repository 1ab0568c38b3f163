# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl pass, closure and plan, on a records.db alone: what they write, print, warn of and refuse."""

import datetime
import getpass
from zoneinfo import ZoneInfo

import pytest

from rig.ctl import Ctl

ADA = "04A1B2C3D4E5F6"
LONG = "x" * 10000
NAMES = ["Élodie Œuvré-Ÿ", "Zoe\u0301 (NFD)", "日本 太郎", "🍽 👩‍👩‍👧 🏳️‍🌈", "O'Brien \"Bob\" --; DROP", "عمر"]
BACK = "[door back]\nactuator=virtual\n"


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    ctl = Ctl(tmp_path, BACK)
    ctl("member", "add", "Ada Lovelace", "--plan", "carnet")
    return ctl


def day(days=0):
    return str(datetime.datetime.now(ZoneInfo("Europe/Paris")).date() + datetime.timedelta(days))


def unchanged(ctl, *tables):
    """What must be as before after something was refused: the tables and what was noted about them."""
    return [ctl.rows(f"SELECT * FROM {table}") for table in (*tables, "record_change", "record_actor")]


def changes(ctl, table):
    """The actions noted about a table; each must say who did it."""
    rows = ctl.rows(f"SELECT actor, action FROM record_change WHERE table_name = '{table}' ORDER BY id")
    assert {row["actor"] for row in rows} <= {getpass.getuser()}
    return [row["action"] for row in rows]


# --- passes -------------------------------------------------------------------------------------

def test_pass_add_prints_the_id_alone(ctl):
    assert ctl("pass", "add", "ada", "day", 10) == "1\n"
    assert ctl("--json", "pass", "add", 1, "half_day", 5, "--from", "today", "--until", "2099-12-31") == "2\n"
    assert ctl("pass", "add", "ada", "half-day", 10000, "--until", "tomorrow") == "3\n"
    rows = ctl.json("pass", "list")
    assert rows[0] == {"id": 1, "member": 1, "kind": "day", "quantity": 10, "valid_from": None,
                       "valid_until": None, "left": None}
    assert rows[1] == {"id": 2, "member": 1, "kind": "half_day", "quantity": 5, "valid_from": day(),
                       "valid_until": "2099-12-31", "left": None}
    assert (rows[2]["kind"], rows[2]["valid_until"]) == ("half_day", day(1))
    assert changes(ctl, "pass") == ["insert"] * 3


def test_pass_list_by_member_and_for_people(ctl):
    assert ctl("pass", "list").startswith("no passes yet")
    ctl("member", "add", "Grace Hopper", "--plan", "carnet")
    ctl("pass", "add", "ada", "day", 10)
    ctl("pass", "add", "grace", "half_day", 3, "--until", "2099-01-31")
    assert [row["id"] for row in ctl.json("pass", "list", "grace")] == [2]
    table, warnings = ctl.warned("pass", "list", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
    assert table.splitlines() == [
        "ID  WHO           KIND      QUANTITY  UNTIL", " 1  Ada Lovelace  day             10",
        " 2  Grace Hopper  half_day         3  2099-01-31"]
    assert len(warnings) == 1 and warnings[0].startswith("how much is left is not known: ")
    assert "nobody is called" in ctl.refused("pass", "list", "jules")


@pytest.mark.parametrize("quantity, why", [
    ("-3", "“-3” is not possible: quantity is 1 to 10000"), ("0", "1 to 10000"), ("10001", "1 to 10000"),
    ("1.5", "quantity is a whole number"), ("\u22123", "whole number"), ("ten", "whole number"),
    ("", "whole number"), ("99999999999999999999", "whole number")])
def test_quantities_that_are_no_quantities(ctl, quantity, why):
    before = unchanged(ctl, "pass")
    assert why in ctl.refused("pass", "add", "ada", "day", quantity)
    assert unchanged(ctl, "pass") == before


@pytest.mark.parametrize("arguments, why", [
    (["ada", "week", "3"], "“week” is not possible: a pass's kind is day or half_day"),
    (["ada", LONG, "3"], "day or half_day"), (["ada", "\udcff", "3"], "UTF-8"),
    (["ada", "day", "3", "--until", "2026-02-30"], "“2026-02-30” is no day: give 2026-11-23, today"),
    (["ada", "day", "3", "--from", "soon"], "“soon” is no day"),
    (["ada", "day", "3", "--from", "2027-01-02", "--until", "2027-01-01"], "not before valid_from"),
    (["ada", "day", "3", "--until", "9999-01-01"], "valid_until is a day such as"),
    (["jules", "day", "3"], "nobody is called"), (["9", "day", "3"], "no member"),
    (["\udcff", "day", "3"], "UTF-8")])
def test_passes_that_are_refused(ctl, arguments, why):
    before = unchanged(ctl, "pass")
    assert why in ctl.refused("pass", "add", *arguments)
    assert unchanged(ctl, "pass") == before


def test_passes_that_are_sold_with_a_warning(ctl):
    out, warnings = ctl.warned("pass", "add", "ada", "day", 3, "--until", "2026-01-01")
    assert out == "1\n" and warnings == ["the pass is over already: its last day was 2026-01-01"]
    ctl("member", "edit", "ada", "--plan", "resident")
    out, warnings = ctl.warned("pass", "add", "ada", "day", 3)
    assert out == "2\n" and warnings == ["the pass does nothing while Ada Lovelace has plan resident, which "
                                         "needs none: cantinectl member edit 1 --plan carnet"]
    ctl("plan", "add", "demi", "Demi-journées", "--access", "pass")
    ctl("member", "edit", "ada", "--plan", "demi")
    ctl("pass", "add", "ada", "half_day", 3)


# --- closures -----------------------------------------------------------------------------------

def test_closure_add_prints_the_id_alone(ctl):
    assert ctl("closure", "add", "2099-12-24", "2099-12-26", "--label", "Noël 🎄") == "1\n"
    assert ctl("--json", "closure", "add", "tomorrow") == "2\n"
    assert ctl.json("closure", "list") == [
        {"id": 2, "first_day": day(1), "last_day": None, "label": None},
        {"id": 1, "first_day": "2099-12-24", "last_day": "2099-12-26", "label": "Noël 🎄"}]
    assert ctl("closure", "list").splitlines() == [
        "ID  FIRST       LAST        LABEL", f" 2  {day(1)}", " 1  2099-12-24  2099-12-26  Noël 🎄"]
    assert changes(ctl, "closure") == ["insert"] * 2


def test_closure_list_is_what_is_still_to_come(ctl):
    assert ctl("closure", "list").startswith("no closed days from today on")
    assert ctl("closure", "list", "--all").startswith("no closed days yet")
    out, warnings = ctl.warned("closure", "add", "2026-01-01", "2026-01-02")
    assert out == "1\n" and warnings == ["these days are over already"]
    ctl("closure", "add", day(-1), "today")
    ctl("closure", "add", day(5))
    ids = lambda *options: [row["id"] for row in ctl.json("closure", "list", *options)]  # noqa: E731
    assert ids() == [2, 3]
    assert ids("--all") == [1, 2, 3]


def test_closure_remove(ctl):
    ctl("closure", "add", "2099-12-24", "2099-12-26")
    ctl("closure", "add", "2099-05-01")
    assert ctl("closure", "remove", 1) == "closure 1 is gone: 2099-12-24 to 2099-12-26\n"
    assert ctl.json("closure", "remove", 2) == {"id": 2, "first_day": "2099-05-01", "last_day": None,
                                                "label": None}
    assert ctl.json("closure", "list", "--all") == []
    for what, why in ((1, "no closure 1"), ("-1", "no closure's number"), ("noel", "no closure's number")):
        assert why in ctl.refused("closure", "remove", what)
    assert changes(ctl, "closure") == ["insert", "insert", "delete", "delete"]


def test_closures_may_overlap_with_a_warning(ctl):
    ctl("closure", "add", "2099-12-24", "2099-12-26", "--label", "Noël")
    ctl("closure", "add", "2099-12-27")
    out, warnings = ctl.warned("closure", "add", "2099-12-26", "2099-12-28")
    assert out == "3\n" and warnings == [
        "closure 1 (2099-12-24 to 2099-12-26, Noël) has days of this one too",
        "closure 2 (2099-12-27 to 2099-12-27) has days of this one too"]


def test_a_closure_says_which_bookings_open_the_door_all_the_same(ctl):
    ctl("resource", "add", "salle", "La salle")
    for start in ("2099-06-01T23:00", "2099-06-02T14:00", "2099-06-03T23:00", "2099-06-05T00:00"):
        ctl("booking", "add", "salle", "ada", start, "2h")
    ctl("booking", "cancel", 2)
    _, (warning,) = ctl.warned("closure", "add", "2099-06-02", "2099-06-04")
    assert warning.startswith("2 confirmed bookings on these days open the door all the same (1, 3): see")
    ctl("closure", "add", "2099-05-01")
    _, (_, warning) = ctl.warned("closure", "add", "2099-06-02")
    assert warning.startswith("1 confirmed booking on these days opens the door all the same (1): see")


@pytest.mark.parametrize("arguments, why", [
    (["2026-02-30"], "“2026-02-30” is no day: give 2026-11-23, today or tomorrow"),
    (["2026-12-24", "2026-13-01"], "“2026-13-01” is no day"), (["noel"], "“noel” is no day"),
    (["today 14:00"], "is no day"), ([""], "is no day"), (["\udcff"], "is no day"), ([LONG], "is no day"),
    (["2099-12-26", "2099-12-24"], "would end before it begins"),
    (["2099-12-24", "--label", LONG], "at most 120 characters"),
    (["2099-12-24", "--label", "\udcff"], "label isn't UTF-8"),
    (["0999-12-24"], "first_day is a day such as")])
def test_closures_that_are_refused(ctl, arguments, why):
    before = unchanged(ctl, "closure")
    assert why in ctl.refused("closure", "add", *arguments)
    assert unchanged(ctl, "closure") == before


def test_labels_come_back_as_they_were_given(ctl):
    for name in NAMES:
        ctl("closure", "add", day(10 + NAMES.index(name)), "--label", name)
    assert [row["label"] for row in ctl.json("closure", "list")] == NAMES


# --- plans --------------------------------------------------------------------------------------

def plan(ctl, name):
    (row,) = [row for row in ctl.json("plan", "list") if row["id"] == name]
    return row


def windows(ctl, name):
    return {(row["weekday"], row["opens"], row["closes"]) for row in plan(ctl, name)["hours"]}


def test_plan_add(ctl):
    added = ctl.json("plan", "add", "nuit", "La nuit", "--access", "hours", "--min-assurance", "secure",
                     "--active", 0, "--hours", "mon,tue 20:00-02:00", "--hours=sun 9:00-12:00 14:00-18:00",
                     "--door", "back", "--door", "front", "--door", "back")
    assert added == plan(ctl, "nuit") == {
        "id": "nuit", "name": "La nuit", "access": "hours", "min_assurance": "secure", "active": 0,
        "hours": [{"weekday": 1, "opens": "20:00", "closes": "02:00"},
                  {"weekday": 2, "opens": "20:00", "closes": "02:00"},
                  {"weekday": 7, "opens": "09:00", "closes": "12:00"},
                  {"weekday": 7, "opens": "14:00", "closes": "18:00"}],
        "doors": ["back", "front"]}
    assert ctl("plan", "add", "libre", "Libre", "--access=always") == (
        "plan libre: Libre, access always, doors: all\n")
    assert plan(ctl, "libre") == {"id": "libre", "name": "Libre", "access": "always", "min_assurance": "uid",
                                  "active": 1, "hours": [], "doors": []}
    assert changes(ctl, "plan") == ["insert"] * 2  # what was there from the start came before the triggers
    assert changes(ctl, "plan_hours") == ["insert"] * 4 and changes(ctl, "plan_door") == ["insert"] * 2


def test_plan_list_for_people(ctl):
    ctl("plan", "edit", "soir", "--hours", "mon-fri 18:00-23:00", "--hours", "sat-sun 10:00-23:00", "--door",
        "back")
    lines = ctl("plan", "list").splitlines()
    assert lines[0].split() == ["PLAN", "NAME", "ACCESS", "BADGE", "ACTIVE", "HOURS", "DOORS"]
    assert lines[1].endswith("all")
    assert lines[3].endswith("Mon–Fri 18:00–23:00, Sat–Sun 10:00–23:00  back")


def test_plan_edit_replaces_hours_and_doors_and_leaves_what_isnt_named(ctl):
    ctl("plan", "edit", "soir", "--hours", "mon-fri 18:00-23:00", "--door", "back")
    ctl("plan", "edit", "soir", "--hours", "sat 10:00-12:00")
    assert windows(ctl, "soir") == {(6, "10:00", "12:00")} and plan(ctl, "soir")["doors"] == ["back"]
    ctl("plan", "edit", "soir", "--door", "front")
    assert windows(ctl, "soir") == {(6, "10:00", "12:00")} and plan(ctl, "soir")["doors"] == ["front"]
    ctl("plan", "edit", "soir", "--name", "Le soir", "--door", "all")
    assert (plan(ctl, "soir")["name"], plan(ctl, "soir")["doors"]) == ("Le soir", [])
    out, warnings = ctl.warned("plan", "edit", "soir", "--hours", "none")
    assert out == "plan soir: Le soir, access hours, doors: all\n" and windows(ctl, "soir") == set()
    assert warnings == ['plan soir lets nobody in without hours: cantinectl plan edit soir --hours "mon-fri '
                        '18:00-23:00"']
    assert changes(ctl, "plan_hours") == ["insert"] * 5 + ["delete"] * 5 + ["insert", "delete"]
    assert changes(ctl, "plan") == ["update"]


def test_plans_that_are_made_with_a_warning(ctl):
    _, (warning,) = ctl.warned("plan", "add", "nuit", "La nuit", "--access", "hours")
    assert "nobody in without hours" in warning
    _, (warning,) = ctl.warned("plan", "edit", "nomade", "--hours", "mon 10:00-12:00")
    assert "mean nothing while its access is opening" in warning


@pytest.mark.parametrize("arguments, why", [
    (["edit", "soir", "--hours", "mon 09:00-09:00"], "0 minutes: give another end, or 00:00-00:00"),
    (["edit", "soir", "--hours", "mon 09:00-12:00", "--hours", "mon 11:00-13:00"], "overlap"),
    (["edit", "soir", "--hours", "sun 22:00-02:00", "--hours", "mon 01:00-03:00"], "Sun 22:00–02:00 and Mon"),
    (["edit", "soir", "--hours", "mon"], "missing"), (["edit", "soir", "--hours", ""], "no weekday"),
    (["edit", "soir", "--hours", "none", "--hours", "mon 10:00-12:00"], "no weekday"),
    (["edit", "soir", "--hours", "mon 25:00-26:00"], "are no hours"), (["edit", "soir", "--hours", LONG], "long"),
    (["edit", "soir", "--hours", "\udcff"], "no weekday"),
    (["edit", "soir", "--door", "cellar"], "no door “cellar” in the configuration: give one of: front, back"),
    (["edit", "soir", "--door", "front", "--door", "all"], "no door “all”"),
    (["edit", "soir", "--door", ""], "no door"), (["edit", "soir", "--door", "\udcff"], "no door"),
    (["edit", "soir", "--access", "sometimes"], "always, opening, hours, booking or pass"),
    (["edit", "soir", "--active", "yes"], "whole number"), (["edit", "soir", "--active", "2"], "0 or 1"),
    (["edit", "soir", "--name", LONG], "1 to 120 characters"), (["edit", "soir", "--name", ""], "be empty"),
    (["edit", "soir", "--name", "\udcff"], "name isn't UTF-8"),
    (["edit", "jour", "--active", "0"], "there is no plan “jour”: there are carnet, nomade, resident"),
    (["edit", "\udcff", "--active", "0"], "there is no plan"),
    (["add", "soir", "Again"], "plan edit"), (["add", "La nuit", "x"], "a-z 0-9"), (["add", LONG, "x"], "1 to 31"),
    (["add", "nuit", LONG], "1 to 120 characters"), (["add", "nuit", ""], "1 to 120 characters"),
    (["add", "\udcff", "x"], "id isn't UTF-8")])
def test_plans_that_are_refused(ctl, arguments, why):
    """Valid hours and a door stand beside what is wrong: nothing of it may be written."""
    ctl("plan", "edit", "soir", "--hours", "sat 10:00-12:00", "--door", "front")
    before = unchanged(ctl, "plan", "plan_hours", "plan_door")
    more = [] if "--hours" in arguments else ["--hours", "tue 10:00-12:00"]
    more += [] if "--door" in arguments else ["--door", "back"]
    assert why in ctl.refused("plan", *arguments, *more)
    assert unchanged(ctl, "plan", "plan_hours", "plan_door") == before


def test_plan_names_come_back_as_they_were_given(ctl):
    for i, name in enumerate(NAMES):
        ctl("plan", "add", f"p{i}", name, "--access", "always")
    assert [row["name"] for row in ctl.json("plan", "list")][5:] == NAMES


def test_plans_of_other_tools_are_listed(ctl):
    with ctl.sql() as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute("INSERT INTO plan_hours VALUES ('soir', 9, '25:00', 'noon'), ('soir', 1, '10:00', '10:00')")
        db.execute("INSERT INTO plan_door VALUES ('soir', 'gone')")
    assert "Mon 10:00–10:00" in ctl("plan", "list")
    assert plan(ctl, "soir")["doors"] == ["gone"] and len(plan(ctl, "soir")["hours"]) == 2


# --- opening hours ------------------------------------------------------------------------------

def test_opening_hours_of_no_length_and_of_a_whole_day(ctl):
    assert "give another end, or 00:00-00:00 for the whole day" in ctl.refused("opening", "set", "mon",
                                                                               "09:00-09:00")
    ctl("opening", "set", "mon-sun", "00:00-00:00")
    assert len(ctl.json("opening", "list")) == 7


def test_opening_hours_overlap_into_the_next_day(ctl):
    ctl("opening", "set", "mon", "00:00-03:00", "10:00-18:00")
    before = ctl.json("opening", "list")
    why = ctl.refused("opening", "set", "sun", "22:00-02:00")
    assert why == "Mon 00:00–03:00 and Sun 22:00–02:00 overlap: give hours that follow one another"
    assert "overlap" in ctl.refused("opening", "set", "mon-sun", "20:00-02:00", "01:00-10:00")
    assert ctl.json("opening", "list") == before
    ctl("opening", "set", "sun", "22:00-00:00")
    ctl("opening", "set", "mon", "20:00-02:00")  # what Monday had is gone
    with ctl.sql() as db:  # what another tool has written stays, as long as it isn't touched
        db.execute("INSERT INTO opening_hours VALUES (3, '09:00', '12:00'), (3, '10:00', '11:00')")
    ctl("opening", "set", "thu", "10:00-12:00")
    assert len(ctl.json("opening", "list")) == 5


# --- the command line ---------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, why", [
    (["pass"], "add, list"), (["closure"], "add, list, remove"), (["pass", "add", "ada", "day"], "too few"),
    (["closure", "add"], "which days?"), (["closure", "add", "today", "today", "today"], "too many"),
    (["closure", "add", "today", "--label", "a", "--label", "b"], "--label is given twice"),
    (["plan", "edit", "soir"], "nothing to change"), (["plan", "edit", "soir", "--hour", "x"], "--hours"),
    (["plan", "edit", "soir", *["--door", "front"] * 257], "more than 256 times")])
def test_wrong_usage(ctl, arguments, why):
    before = unchanged(ctl, "pass", "closure", "plan")
    assert why in ctl.refused(*arguments, status=2)
    assert unchanged(ctl, "pass", "closure", "plan") == before


def test_help(ctl):
    text = ctl("--help")
    for words in (["pass", "add"], ["closure", "add"], ["plan", "add"], ["plan", "edit"], ["booking", "add"]):
        assert " ".join(words) in text
        assert ctl(*words, "--help").startswith("cantinectl " + " ".join(words))
    assert '--hours "mon-fri 18:00-23:00"|none …' in ctl("plan", "edit", "--help")
    assert "--guests FILE.csv" in ctl("booking", "add", "--help")


# --- as volunteers type it ------------------------------------------------------------------------

def test_days_in_words_and_with_strokes(ctl):
    member = ctl("member", "add", "Eve", "--plan", "carnet", "--from", "hier", "--until", "31/12/2099").strip()
    assert ctl.rows(f"SELECT valid_from, valid_until FROM member WHERE id = {member}") == [
        {"valid_from": day(-1), "valid_until": "2099-12-31"}]
    ctl("badge", "add", member, ADA, "--until", "tomorrow")
    assert ctl.rows("SELECT valid_until FROM badge") == [{"valid_until": day(1)}]
    assert ctl.refused("member", "edit", member, "--until", "31/02/2099") == (
        "“31/02/2099” is no day: give 2026-11-23, today or tomorrow")


def test_a_loaner_is_prolonged_and_lent_again(ctl):
    bob = ctl("member", "add", "Bob", "--plan", "carnet").strip()
    assert ctl("badge", "add", "ada", ADA, "--until", "2099-01-01") == (
        f"badge {ADA} of Ada Lovelace: active, until Thursday 1 January 2099\n")
    assert "until Sunday 1 February 2099" in ctl("badge", "set", ADA, "active", "--until", "2099-02-01", "--label", "L")
    assert ctl.refused("badge", "add", bob, ADA).startswith(f"badge {ADA} is already there: it belongs to Ada Lovelace")
    ctl("badge", "set", ADA, "returned")
    assert ctl("badge", "add", bob, ADA) == f"badge {ADA} of Bob: active\n"
    assert ctl.rows("SELECT member, label, valid_until FROM badge") == [
        {"member": int(bob), "label": None, "valid_until": None}]
    out, warnings = ctl.warned("badge", "set", ADA, "active", "--until", day(-1))
    assert "active, until yesterday" in out and warnings == [f"the last day of badge {ADA} is over: it opens no door"]


def test_a_second_member_of_a_name_is_said(ctl):
    out, [warning] = ctl.warned("member", "add", "ada LOVELACE", "--plan", "carnet")
    assert out.strip().isdigit() and warning.startswith("member 1 has the same name: if they are one person")
    assert "`cantinectl member leave" in warning


def test_a_long_booking_is_said(ctl):
    ctl("resource", "add", "salle", "Salle")
    out, [warning] = ctl.warned("booking", "add", "salle", "ada", "2099-06-01T9:00", "18h")
    assert out == "1\n" and warning == ("this booking lasts 18h, until Tuesday 2 June 2099 3:00: an end at an hour is "
                                        "written 18:00")
    assert ctl("booking", "add", "salle", "ada", "2099-06-03T9:00", "2d") == "2\n"
    assert ctl("booking", "add", "salle", "ada", "2099-06-06T9:00", "2099-06-07T18:00") == "3\n"
    assert ctl("booking", "add", "salle", "ada", "2099-06-08T9h30", "2h30") == "4\n"
    [row] = ctl.json("booking", "list", "--day", "2099-06-08")
    assert row["ends_at"] - row["starts_at"] == 9000


def test_help_as_a_word(ctl):
    assert ctl("help") == ctl("--help") and "member add" in ctl("help")
    assert ctl("help", "badge", "set") == ctl("badge", "set", "--help")


def test_a_workbook_is_no_list(ctl):
    path = ctl.directory / "members.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    assert "is a spreadsheet's own file (.xlsx, .ods), whatever its name" in ctl.refused("import", path)
