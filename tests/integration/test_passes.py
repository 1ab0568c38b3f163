# SPDX-License-Identifier: GPL-3.0-or-later
"""Passes through the real daemon: what an entry uses, in the transaction of the entry, and what why says of it."""

import sqlite3
import time

import pytest

from rig.cantine import Cantine
from rig.waiting import wait_until

ADA = "04A1B2C3D4E5F6"
ALWAYS_OPEN = ("INSERT OR IGNORE INTO opening_hours SELECT value, '00:00', '00:00' FROM "
               "json_each('[1,2,3,4,5,6,7]')")


def zone_where_it_is(hour):
    """A time zone in which it is about that hour now, so that no test meets 13:00 or the cutoff."""
    offset = (hour - time.gmtime().tm_hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


@pytest.fixture(name="space", params=[9])
def fixture_space(tmp_path, request):
    """Reader for both ways; at nine in the morning unless the test says otherwise."""
    drop_in = tmp_path / "cantine.conf.d"
    drop_in.mkdir()
    (drop_in / "zone.conf").write_text(f"[site]\ntimezone={zone_where_it_is(request.param)}\n")
    with Cantine(tmp_path, direction="toggle") as cantine:
        cantine.sql(ALWAYS_OPEN)
        cantine.ada = cantine.add_member("Ada Lovelace", ADA, plan="carnet")
        yield cantine


def uses(cantine):
    return cantine.journal("SELECT pass, member, half, seq FROM pass_use ORDER BY id")


def add_pass(cantine, kind, quantity):
    return int(cantine.sql(f"INSERT INTO pass (member, kind, quantity) VALUES ({cantine.ada}, '{kind}', {quantity}) "
                           "RETURNING id"))


def reason(cantine):
    _, line = cantine.tap(ADA)
    event = cantine.journal("SELECT * FROM event WHERE type = 'access' ORDER BY seq DESC LIMIT 1")[0]
    assert ("granted" in line) == (event["result"] == "granted")
    return event["reason"], event["direction"]


def why(cantine):
    """The answer and the sentence about the plan's times."""
    answer = cantine.ctl_json("why", ADA)
    return answer["reason"], next((r["because"] for r in answer["rules"] if r["rule"] == "plan_times"), None)


def test_a_day_is_used_once(space):
    assert why(space)[0] == "no_pass"
    assert reason(space) == ("no_pass", "in")
    bought = add_pass(space, "day", 2)
    assert "has 2 of 2 left" in why(space)[1]
    assert reason(space) == ("ok", "in")
    access = space.journal("SELECT seq FROM event WHERE type = 'access' AND result = 'granted'")[0]
    assert uses(space) == [{"pass": bought, "member": space.ada, "half": None, "seq": access["seq"]}]
    assert "a pass was used today already" in why(space)[1] and "has 1 of 2 left" in why(space)[1]
    assert space.ctl("pass", "list").splitlines()[1].split()[-2:] == ["2", "1"], "bought and left"
    assert space.ctl_json("pass", "list")[0]["left"] == 1
    for direction in ("out", "in", "out"):
        assert reason(space) == ("ok", direction)
    assert len(uses(space)) == 1


def test_the_last_day_lets_in_again_also_after_a_restart(space):
    add_pass(space, "day", 1)
    assert reason(space) == ("ok", "in")
    space.cantined.kill()
    space.resume_cantined()
    wait_until(lambda: space.ctl_json("occupancy")["count"] == 1)
    assert reason(space) == ("ok", "out")
    assert reason(space) == ("ok", "in")
    assert len(uses(space)) == 1


@pytest.mark.parametrize("space, half", [(9, "morning"), (16, "afternoon")], indirect=["space"])
def test_half_a_day(space, half):
    add_pass(space, "half_day", 1)
    assert reason(space) == ("ok", "in")
    assert [use["half"] for use in uses(space)] == [half]
    assert reason(space) == ("ok", "out")
    assert reason(space) == ("ok", "in")
    assert len(uses(space)) == 1


def test_what_ends_first_is_used_first(space):
    add_pass(space, "day", 5)
    ending = add_pass(space, "day", 5)
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
    space.sql(f"UPDATE pass SET valid_until = '{today}' WHERE id = {ending}")
    assert reason(space) == ("ok", "in")
    assert [use["pass"] for use in uses(space)] == [ending]


def test_a_booking_uses_nothing(space):
    add_pass(space, "day", 5)
    now = int(time.time())
    space.sql("INSERT INTO resource (id, name) VALUES ('salle', 'Salle'); INSERT INTO booking (resource, member, "
              f"starts_at, ends_at) VALUES ('salle', {space.ada}, {now - 60}, {now + 3600})")
    assert reason(space) == ("ok", "in")
    assert uses(space) == []


def test_a_row_that_makes_no_sense_is_no_pass(space):
    space.sql("PRAGMA ignore_check_constraints = 1; INSERT INTO pass (member, kind, quantity) VALUES "
              f"({space.ada}, 'week', 5), ({space.ada}, 'day', -3)")
    assert reason(space) == ("no_pass", "in")
    add_pass(space, "day", 1)
    assert reason(space) == ("ok", "in")


def test_uses_outlive_the_events(space):
    add_pass(space, "day", 1)
    assert reason(space) == ("ok", "in")
    space.cantined.stop()
    with sqlite3.connect(space.directory / "journal.db") as db:
        db.execute("DELETE FROM event")
        db.execute("UPDATE pass_use SET day = '2020-01-01'")
    db.close()
    space.resume_cantined()
    assert why(space)[0] == "no_pass"
