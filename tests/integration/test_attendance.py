# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is counted inside where no tap says so: by hand, at the cutoff, and everybody out."""

import sqlite3
import time
from pathlib import Path

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.waiting import wait_until

ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04DEADBEEF0001"
TWO_DAYS = 2 * 86400 * 1_000_000


def count(cantine):
    return cantine.ctl_json("occupancy")["count"]


def rows(cantine, *types):
    return [(row["type"], row["member"], row["direction"], row["detail"], bool(row["actor"]))
            for row in cantine.journal() if row["type"] in types]


# --- by hand --------------------------------------------------------------------------------------

def test_in_and_out_by_hand(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    assert "is now counted in" in cantine.ctl("member", "in", "ada")
    assert "was already counted in" in cantine.ctl("member", "in", ada)
    wait_until(lambda: cantine.broker.retained("cantine/amiens/occupancy")["count"] == 1)
    assert cantine.ctl_json("member", "out", "Ada") == {
        "member_id": ada, "member_name": "Ada Lovelace", "inside": False, "changed": True}
    assert cantine.ctl_json("member", "out", "Ada")["changed"] is False
    wait_until(lambda: cantine.broker.retained("cantine/amiens/occupancy")["count"] == 0)
    assert rows(cantine, "entered", "left") == [
        ("entered", ada, "in", "by_hand", True), ("left", ada, "out", "by_hand", True)]
    assert cantine.journal("SELECT count(*) AS n FROM presence")[0]["n"] == 0
    with pytest.raises(CommandFailed, match="nobody is called “Zoé”"):
        cantine.ctl("member", "in", "Zoé")


def test_a_tap_goes_on_from_there(tmp_path):
    with Cantine(tmp_path, direction="toggle") as cantine:
        ada = cantine.add_member("Ada", ADA)
        cantine.ctl("member", "in", ada)
        cantine.tap(ADA)
        wait_until(lambda: count(cantine) == 0, what="the way out")


def test_a_member_who_does_not_exist(cantine):
    said = cantine.bus.send("--dest=org.cantine.Cantine1", "/org/cantine/Cantine1",
                            "org.cantine.Cantine1.SetPresence", "int64:99", "boolean:true")
    assert "there is no such member" in said
    assert count(cantine) == 0


def test_names_are_a_list_to_print(cantine):
    assert cantine.ctl("occupancy", "--names").endswith("nobody is inside\n")
    for name, uid in (("Zoé", ADA), ("Éric", BOB)):
        cantine.add_member(name, uid)
        cantine.tap(uid)
    wait_until(lambda: count(cantine) == 2)
    text = cantine.ctl("occupancy", "--names")
    assert "La Cantine numérique d'Amiens" in text and "2 inside" in text and text.count("[ ]") == 2
    names = cantine.ctl_json("occupancy", "--names")
    assert {row["member_name"] for row in names} == {"Zoé", "Éric"}
    assert all(list(row) == ["member_id", "member_name", "since", "guests"] for row in names)
    cantine.sql("DELETE FROM member WHERE name = 'Zoé'")
    wait_until(lambda: "no longer a member" in cantine.ctl("occupancy", "--names"))


def test_guests_without_badges_come_and_go_with_their_member(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    assert cantine.ctl("member", "in", "ada", "--guests", 3).splitlines() == [
        f"Ada Lovelace (member {ada}) is now counted in", "with 3 guests"]
    wait_until(lambda: cantine.broker.retained("cantine/amiens/occupancy")["count"] == 4)
    assert "4 inside" in cantine.ctl("occupancy", "--names") and "+3" in cantine.ctl("occupancy", "--names")
    assert [row["guests"] for row in cantine.ctl_json("occupancy", "--names")] == [3]
    cantine.ctl("member", "in", ada)  # says nothing of guests, and so changes none
    cantine.tap(ADA)
    assert count(cantine) == 4
    assert cantine.ctl_json("member", "in", ada, "--guests", 1) == {
        "member_id": ada, "member_name": "Ada Lovelace", "inside": True, "changed": True, "guests": 1}
    assert cantine.ctl_json("member", "in", ada, "--guests", 1)["changed"] is False
    assert count(cantine) == 2
    cantine.cantined.kill()
    cantine.cantined.start()
    cantine.cantined.wait_line("ready, 2 people inside")
    cantine.ctl("member", "out", ada)
    wait_until(lambda: count(cantine) == 0)
    assert rows(cantine, "entered", "left") == [
        ("entered", ada, "in", "guests 3", True), ("entered", ada, "in", "guests 1", True),
        ("left", ada, "out", "by_hand", True)]
    assert cantine.journal("SELECT count(*) AS n FROM presence")[0]["n"] == 0


def test_who_was_inside_before_guests_were_counted_still_is(tmp_path):
    """A journal of the version before: step 0006 keeps what is there."""
    steps = sorted((Path(__file__).parents[2] / "schemas/sql").glob("000[0-5]_journal*.sql"))
    with Cantine(tmp_path) as cantine:
        ada = cantine.add_member("Ada Lovelace", ADA)
        cantine.cantined.stop()
        for path in tmp_path.glob("journal.db*"):
            path.unlink()
        with sqlite3.connect(tmp_path / "journal.db") as db:
            for step in steps:
                db.executescript(step.read_text())
            db.execute("INSERT INTO event(at_usec, type, member, reason) VALUES (?, 'entered', ?, 'ok')",
                       (time.time_ns() // 1000, ada))
            db.executescript("PRAGMA application_id=0x43414E4A; PRAGMA user_version=5; PRAGMA journal_mode=WAL;")
        seen = len(cantine.cantined.lines)
        cantine.cantined.start()
        cantine.cantined.wait_line("ready, 1 people inside", seen)
        cantine.ctl("member", "in", ada, "--guests", 2)
        assert [row["guests"] for row in cantine.ctl_json("occupancy", "--names")] == [2]


@pytest.mark.parametrize("guests", ["-1", "201", "three", ""])
def test_what_is_no_number_of_guests(cantine, guests):
    ada = cantine.add_member("Ada Lovelace", ADA)
    with pytest.raises(CommandFailed, match="is no number of guests: give 0 to 200"):
        cantine.ctl("member", "in", ada, "--guests", guests)
    said = cantine.bus.send("--dest=org.cantine.Cantine1", "/org/cantine/Cantine1",
                            "org.cantine.Cantine1.SetGuests", f"int64:{ada}", "uint32:201")
    assert "at most 200 guests" in said
    assert count(cantine) == 0


def test_guests_take_places(tmp_path):
    (tmp_path / "cantine.conf.d").mkdir()
    (tmp_path / "cantine.conf.d/full.conf").write_text("[site]\nwhen_full=deny\n")
    with Cantine(tmp_path, capacity=3) as cantine:
        ada = cantine.add_member("Ada", ADA)
        cantine.add_member("Bob", BOB)
        cantine.ctl("member", "in", ada, "--guests", 2)
        assert "(full)" in cantine.tap(BOB)[1]


def test_reset_checks_everybody_out(cantine):
    ada, bob = cantine.add_member("Ada", ADA), cantine.add_member("Bob", BOB)
    cantine.tap(ADA)
    cantine.tap(BOB)
    assert cantine.ctl("occupancy", "reset") == "2 people were checked out\n"
    assert count(cantine) == 0
    assert sorted(rows(cantine, "checkout")) == [
        ("checkout", ada, "out", "reset", True), ("checkout", bob, "out", "reset", True)]
    assert cantine.ctl_json("occupancy", "reset") == {"checked_out": 0}


# --- at the cutoff --------------------------------------------------------------------------------

def came_two_days_ago(cantine, member):
    """As if the daemon had been off since."""
    cantine.cantined.stop()
    with sqlite3.connect(cantine.directory / "journal.db") as db:
        db.execute("UPDATE presence SET since_usec = since_usec - ? WHERE member = ?", (TWO_DAYS, member))
    db.close()
    cantine.resume_cantined()
    wait_until(lambda: cantine.broker.retained("cantine/amiens/status") == "online",
               what="status online")


def test_cutoff(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.add_member("Bob", BOB)
    cantine.tap(ADA)
    cantine.tap(BOB)
    came_two_days_ago(cantine, ada)
    wait_until(lambda: count(cantine) == 1, what="one checked out, who came today stays")
    assert rows(cantine, "checkout") == [("checkout", ada, "out", None, False)]
    assert cantine.journal("SELECT count(*) AS n FROM presence")[0]["n"] == 1


def test_not_while_the_whole_space_is_booked(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.tap(ADA)
    now = int(time.time())
    cantine.sql("INSERT INTO resource (id, name, kind) VALUES ('tout', 'Tout', 'space'); "
                "INSERT INTO booking (resource, member, starts_at, ends_at) "
                f"VALUES ('tout', {ada}, {now - 3600}, {now + 3600})")
    came_two_days_ago(cantine, ada)
    assert count(cantine) == 1
    cantine.sql("UPDATE booking SET status = 'cancelled'")
    wait_until(lambda: count(cantine) == 0, what="the checkout after the party")
