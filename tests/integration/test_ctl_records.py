# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl on a records.db, without any daemon: what it writes, prints and refuses."""

import datetime
import fcntl
import getpass
import os
import pty
import re
import select
import struct
import subprocess
import termios
from zoneinfo import ZoneInfo

import pytest

from rig.ctl import Ctl
from rig.program import BUILD
from rig.waiting import DEADLINE

UID = "04A1B2C3D4E5F6"


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    return Ctl(tmp_path)


@pytest.fixture(name="ada")
def fixture_ada(ctl):
    return int(ctl("member", "add", "Ada Lovelace", "--plan", "resident", "--email",
                   "ada@example.org"))


# --- members ------------------------------------------------------------------------------------

def test_member_add_prints_the_id_alone(ctl):
    assert ctl("member", "add", "Ada", "--plan", "resident") == "1\n"
    assert ctl("--json", "member", "add", "Grace", "--plan=soir", "--from", "2026-11-01",
               "--until=2026-11-30", "--company", "Navy", "--host", "ada") == "2\n"
    assert ctl.json("member", "list")[1] == {
        "id": 2, "name": "Grace", "email": None, "company": "Navy", "plan": "soir",
        "status": "active", "valid_from": "2026-11-01", "valid_until": "2026-11-30",
        "display_name": None, "language": "fr", "host": 1, "note": None}


def test_json_stands_before_or_after_the_command(ctl, ada):
    assert ctl("--json", "member", "list") == ctl("member", "list", "--json")
    assert ctl.json("member", "show", ada)["badges"] == []


def test_member_edit_sets_every_column_and_clears_with_nothing(ctl, ada):
    fields = {"name": "Ada King", "email": "king@example.org", "company": "Engines",
              "plan": "nomade", "status": "suspended", "valid_from": "2026-01-01",
              "valid_until": "2026-12-31", "display_name": "Ada", "language": "en", "note": "=1+1"}
    ctl("member", "edit", ada, *[word for key, value in fields.items()
                                 for word in (f"--{key}", value)])
    assert ctl.rows("SELECT * FROM member")[0] == {"id": ada, "host": None, **fields}
    ctl("member", "edit", "king", "--email=", "--display-name", "", "--until", "")
    row = ctl.rows("SELECT * FROM member")[0]
    assert (row["email"], row["display_name"], row["valid_until"]) == (None, None, None)


@pytest.mark.parametrize("verb, status", [("suspend", "suspended"), ("leave", "left"),
                                          ("resume", "active")])
def test_member_status(ctl, ada, verb, status):
    ctl("member", "edit", ada, "--status", "left" if verb == "resume" else "active")
    assert status in ctl("member", verb, "ada")
    assert ctl.rows("SELECT status FROM member") == [{"status": status}]


def test_members_are_found_by_id_address_and_part_of_a_name(ctl, ada):
    ctl("member", "add", "Chloë Œuvré", "--plan", "resident")
    for who in (ada, "ADA@example.org", "lovelace", "  LOVE"):
        assert ctl.json("member", "show", who)["id"] == ada
    assert ctl.json("member", "show", "chloe oeuvre")["id"] == 2


def test_ambiguous_and_unknown_members(ctl, ada):
    ctl("member", "add", "Ada Byron", "--plan", "resident")
    assert "1 Ada Lovelace, 2 Ada Byron" in ctl.refused("member", "suspend", "ada")
    assert "nobody is called" in ctl.refused("member", "suspend", "jules")
    assert "no member" in ctl.refused("member", "suspend", "77")
    assert ctl.rows("SELECT count(*) AS n FROM member WHERE status <> 'active'") == [{"n": 0}]


def test_expiring_lists_who_ends_within_the_days(ctl):
    today = datetime.datetime.now(ZoneInfo("Europe/Paris")).date()
    for days, status in ((-1, "active"), (0, "active"), (7, "active"), (8, "active"), (3, "left")):
        member = ctl("member", "add", f"In {days} {status}", "--plan", "resident", "--until",
                     today + datetime.timedelta(days)).strip()
        ctl("member", "edit", member, "--status", status)
    assert [row["name"] for row in ctl.json("member", "list", "--expiring", 7)] == [
        "In 0 active", "In 7 active"]
    assert "number of days" in ctl.refused("member", "list", "--expiring", "soon")


# --- badges and plans ---------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["04a1b2c3d4e5f6"], ["04:A1:b2:C3:D4:e5:f6"],
                                   ["04 A1 B2 C3 D4 E5 F6"], "04 a1 b2 c3 d4 e5 f6".split()],
                         ids=" ".join)
def test_badge_numbers_are_read_as_people_write_them(ctl, ada, words):
    ctl("badge", "add", "ada", *words, "--label", "blue", "--until", "2027-01-01")
    assert ctl.rows("SELECT uid, member, label, valid_until, status, kind FROM badge") == [
        {"uid": UID, "member": ada, "label": "blue", "valid_until": "2027-01-01",
         "status": "active", "kind": "uid"}]
    ctl("badge", "set", *words, "stolen")
    assert ctl.json("badge", "list", "ada")[0]["status"] == "stolen"


@pytest.mark.parametrize("uid, why", [
    ("04A1B2", "4, 7 or 10 bytes"), ("04A1B2C3D4E5F", "4, 7 or 10 bytes"),
    ("04A1B2C3D4E5F6A7B8C9D0", "4, 7 or 10 bytes"), ("WXYZ", "4, 7 or 10 bytes"), ("", "4, 7 or 10"),
    ("08A1B2C3", "random"), ("00000000", "another badge"), ("FFFFFFFFFFFFFF", "another badge")])
def test_numbers_that_are_nobodys_badge(ctl, ada, uid, why):
    assert why in ctl.refused("badge", "add", ada, uid)
    assert ctl.rows("SELECT * FROM badge") == []


def test_badge_errors_say_whose_it_is(ctl, ada):
    ctl("member", "add", "Grace", "--plan", "resident")
    ctl("badge", "add", ada, UID)
    assert "Ada Lovelace (member 1), status active" in ctl.refused("badge", "add", "grace", UID)
    assert "active, blocked, lost, stolen or returned" in ctl.refused("badge", "set", UID, "gone")
    assert "no badge 04A1B2C3" in ctl.refused("badge", "set", "04A1B2C3", "lost")
    assert "“soon” is no day: give" in ctl.refused("badge", "add", ada, "04A1B2C3", "--until", "soon")


def test_badge_list_json_has_the_tables_columns(ctl, ada):
    ctl("badge", "add", ada, UID)
    (row,) = ctl.json("badge", "list")
    assert list(row) == ["uid", "member", "status", "label", "kind", "valid_until", "added_at"]
    assert row["label"] is None and isinstance(row["added_at"], int)
    assert "Ada Lovelace" in ctl("badge", "list")


def test_plan_list(ctl):
    assert {row["id"]: row["access"] for row in ctl.json("plan", "list")} == {
        "resident": "always", "nomade": "opening", "soir": "hours", "salle": "booking",
        "carnet": "pass"}
    assert "Résident" in ctl("plan", "list")


# --- what is refused ----------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, why", [
    (["member", "add", "", "--plan", "resident"], "1 to 120 characters"),
    (["member", "add", "x" * 121, "--plan", "resident"], "1 to 120 characters"),
    (["member", "add", "two\nlines", "--plan", "resident"], "on one line"),
    (["member", "add", "\udcff", "--plan", "resident"], "UTF-8"),
    (["member", "add", "Ada", "--plan", "residnet"], "carnet, nomade, resident, salle, soir"),
    (["member", "add", "Ada", "--plan", "resident", "--until", "2026-02-30"], "“2026-02-30”"),
    (["member", "add", "Ada", "--plan", "resident", "--email", "ada"], "address"),
    (["member", "add", "Ada", "--plan", "resident", "--host", "nobody"], "nobody is called"),
    (["member", "add", "Ada", "--plan", "resident", "--from", "2026-11-02", "--until", "2026-11-01"],
     "valid_until is not before valid_from"),
    (["log", "--since", "2026-02-30"], "is no time"),
    (["log", "--since", "today 25:00"], "is no time"),
    (["door", "unlock", "front", "--for", "11min"], "1ms to 10min"),
    (["door", "unlock", "front", "--for", "0s"], "1ms to 10min")])
def test_values_that_are_refused(ctl, arguments, why):
    assert why in ctl.refused(*arguments)
    assert ctl.rows("SELECT * FROM member") == []


def test_an_address_belongs_to_one_member(ctl, ada):
    assert f"Ada Lovelace (member {ada})" in ctl.refused(
        "member", "add", "Other", "--plan", "soir", "--email", "Ada@Example.ORG")


@pytest.mark.parametrize("arguments, why", [
    (["membre"], "membre"), (["member"], "add, list, show"), (["member", "lst"], "member list"),
    (["member", "add"], "too few"), (["plan", "list", "x"], "too many"),
    (["member", "add", "Ada"], "--plan"), (["member", "list", "--expring", "3"], "--expiring"),
    (["member", "list", "--expiring"], "needs a value"), (["member", "edit", "1"], "nothing"),
    (["log", "--denied=yes"], "no value"), (["--jsn"], "--json")])
def test_wrong_usage_is_2_and_shows_the_way(ctl, arguments, why):
    ctl("member", "add", "Ada", "--plan", "resident")
    assert why in ctl.refused(*arguments, status=2)


def test_no_command_prints_the_help(ctl):
    done = ctl.run()
    assert done.returncode == 2 and "member add NAME --plan PLAN" in done.stderr
    assert ctl("--help") == done.stderr
    assert "--display-name" in ctl("member", "edit", "--help")
    assert re.fullmatch(r"cantinectl \d+\.\d+\.\d+\n", ctl("--version"))


def test_what_follows_two_dashes_is_no_option(ctl):
    ctl("member", "add", "--plan", "resident", "--", "--json")
    assert ctl.rows("SELECT name FROM member") == [{"name": "--json"}]


# --- the file -----------------------------------------------------------------------------------

def test_changes_say_who_did_it(ctl, ada):
    ctl("member", "suspend", ada, SUDO_USER="grace")
    with ctl.sql() as db:
        db.execute("UPDATE member SET note = 'by hand'")
    me = getpass.getuser()
    expected = [me, "grace" if os.getuid() == 0 else me, None]
    assert [row["actor"] for row in ctl.rows("SELECT actor FROM record_change")] == expected
    assert ctl.rows("SELECT * FROM record_actor") == []


def test_a_locked_file_is_waited_for_and_then_said(ctl, ada):
    other = ctl.sql()
    other.execute("BEGIN IMMEDIATE")
    done = ctl.run("member", "suspend", ada)
    assert done.returncode == 1
    waiting, failed = done.stderr.splitlines()
    assert "waiting for another program" in waiting and str(ctl.records) in waiting
    assert "end its transaction and try again" in failed
    assert ctl.json("member", "list")[0]["status"] == "active"  # reading needs no lock
    other.execute("ROLLBACK")
    ctl("member", "suspend", ada)


def test_no_database_no_edit(ctl):
    for file in ctl.records.parent.glob("records.db*"):
        file.unlink()
    assert "start cantined once" in ctl.refused("member", "list")
    assert not ctl.records.exists()


def test_databases_of_others_are_left_alone(ctl):
    with ctl.sql() as db:
        db.execute("PRAGMA user_version=99")
    assert "newer Cantine" in ctl.refused("member", "list")
    with ctl.sql() as db:
        db.execute("PRAGMA application_id=7")
    assert "another application" in ctl.refused("member", "list")
    ctl.records.write_bytes(b"no database at all " * 100)
    assert "damaged" in ctl.refused("member", "list")


def test_a_missing_configuration_is_said(ctl):
    ctl.configuration.unlink()
    assert str(ctl.configuration) in ctl.refused("member", "list")


def test_without_a_bus_the_daemons_commands_say_so(ctl, tmp_path):
    for command in (["occupancy"], ["door", "list"], ["log"], ["door", "unlock", "front"]):
        done = ctl.run(*command, DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={tmp_path}/none")
        assert done.returncode == 1 and "D-Bus can't be reached" in done.stderr, done.stderr


# --- for people ---------------------------------------------------------------------------------

def on_terminal(ctl, *arguments, columns=200, **env):
    """What cantinectl writes to a terminal that is so wide."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BUILD / "cantinectl", "--config", ctl.configuration, *arguments],
                               stdout=child, env={"LC_ALL": "C.UTF-8", "TERM": "xterm", **env})
    os.close(child)
    text = b""
    while select.select([parent], [], [], DEADLINE)[0]:
        try:
            text += os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
    os.close(parent)
    assert process.wait(DEADLINE) == 0
    return text.decode().replace("\r\n", "\n")


def test_columns_are_aligned_by_what_is_seen(ctl):
    for name in ("Zoé", "e\u0301lan", "日本", "Ada"):
        ctl("member", "add", name, "--plan", "resident")
    lines = ctl("member", "list").splitlines()[1:]
    # "日本" has two characters in four cells, "élan" five characters in four
    assert [line.index("resident") for line in lines] == [10, 11, 8, 10]


def test_names_cannot_steer_the_terminal(ctl):
    with ctl.sql() as db:
        db.execute("INSERT INTO member(name, company, plan) VALUES ('Eve\u202etxt', "
                   "'\x1b[2Jgone\x07', 'resident')")
    text = ctl("member", "list") + ctl("member", "show", 1) + ctl("member", "suspend", 1)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "\ufffd[2Jgone\ufffd" in text and "Eve\ufffdtxt" in text
    assert "\x1b" not in ctl.refused("member", "show", "\x1b[31mred")
    assert ctl.json("member", "list")[0]["company"] == "\x1b[2Jgone\x07"


def test_tables_fit_the_terminal(ctl):
    ctl("member", "add", "A name that goes on and on " * 3, "--plan", "resident", "--company",
        "And a company " * 5)
    text = on_terminal(ctl, "member", "list", columns=60, NO_COLOR="1")
    assert all(len(line) <= 60 for line in text.splitlines()) and "…" in text
    assert max(map(len, ctl("member", "list").splitlines())) > 100


def test_colour_only_on_a_terminal_that_wants_it(ctl, ada):
    ctl("member", "suspend", ada)
    assert "\x1b[31msuspended\x1b[0m" in on_terminal(ctl, "member", "list")
    assert "\x1b" not in on_terminal(ctl, "member", "list", NO_COLOR="1")
    assert "\x1b" not in on_terminal(ctl, "member", "list", TERM="dumb")
    assert "\x1b" not in ctl("member", "list")
