# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that cannot be trusted. What the kernel says of it differs from machine to machine: asked here too."""

import ctypes
import sqlite3

import pytest

from rig.cantine import Cantine
from rig.waiting import wait_until

ADA, BOB = "04A1B2C3D4E5F6", "04D3C4B5A60002"
HOUR = 3_600_000_000
STA_UNSYNC = 0x40


class Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as its status."""
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("rest", ctypes.c_char * 512)]


def synchronised():
    timex = Timex()
    return ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) >= 0 and not timex.status & STA_UNSYNC


def clock_trusted(cantine):
    return "boolean true" in cantine.bus.send(
        "--dest=org.cantine.Cantine1", "/org/cantine/Cantine1", "org.freedesktop.DBus.Properties.Get",
        "string:org.cantine.Cantine1", "string:ClockTrusted")


def the_journal_is_ahead(cantine, usec=HOUR):
    cantine.cantined.stop()
    with sqlite3.connect(cantine.directory / "journal.db") as db:
        db.execute("UPDATE event SET at_usec = at_usec + ? WHERE seq = 1", (usec,))
    db.close()
    cantine.resume_cantined()
    wait_until(lambda: cantine.ctl_json("door", "list"))


def answers(cantine):
    """What Ada (always) and Bob (opening hours, which it is) are answered."""
    result = []
    for uid in (ADA, BOB):
        cantine.tap(uid)
        row = cantine.journal("SELECT result, reason FROM event WHERE type = 'access' ORDER BY seq DESC LIMIT 1")[0]
        assert cantine.ctl_json("why", uid)["reason"] == row["reason"]
        result.append(row["reason"])
    return result


def people(cantine):
    cantine.sql("INSERT OR IGNORE INTO opening_hours SELECT value, '00:00', '00:00' FROM json_each('[1,2,3,4,5,6,7]')")
    cantine.add_member("Ada", ADA)
    cantine.add_member("Bob", BOB, plan="nomade")


@pytest.mark.parametrize("setting, ada, bob", [
    ("", "ok", "clock_untrusted"), ("[site]\nclock_untrusted=deny\n", "clock_untrusted", "clock_untrusted")])
def test_a_clock_behind_the_journal(tmp_path, setting, ada, bob):
    drop_in = tmp_path / "cantine.conf.d"
    drop_in.mkdir()
    (drop_in / "clock.conf").write_text(setting)
    with Cantine(tmp_path) as cantine:
        people(cantine)
        assert clock_trusted(cantine) and answers(cantine) == ["ok", "ok"]
        the_journal_is_ahead(cantine)
        trusted = synchronised()
        wait_until(lambda: clock_trusted(cantine) == trusted, what="ClockTrusted as the kernel says")
        assert answers(cantine) == (["ok", "ok"] if trusted else [ada, bob])
        said = [row["detail"] for row in cantine.journal() if row["detail"] == "clock_untrusted"]
        assert said == ([] if trusted else ["clock_untrusted"])
        # --at trusts the time that it is given
        assert cantine.ctl_json("why", BOB, "--at", "today 14:00")["reason"] == "ok"


def test_a_minute_behind_is_no_matter(cantine):
    people(cantine)
    the_journal_is_ahead(cantine, 50_000_000)
    assert clock_trusted(cantine) and answers(cantine) == ["ok", "ok"]


def test_a_board_without_a_battery_clock(tmp_path):
    drop_in = tmp_path / "cantine.conf.d"
    drop_in.mkdir()
    (drop_in / "clock.conf").write_text("[site]\nclock_needs_sync=yes\n")
    with Cantine(tmp_path) as cantine:
        people(cantine)
        assert answers(cantine) == ["ok", "ok" if synchronised() else "clock_untrusted"]


def test_nobody_is_checked_out_by_a_wrong_clock(cantine):
    people(cantine)
    cantine.tap(ADA)
    cantine.cantined.stop()
    with sqlite3.connect(cantine.directory / "journal.db") as db:
        db.execute("UPDATE presence SET since_usec = since_usec - ?", (48 * HOUR,))
    db.close()
    the_journal_is_ahead(cantine)
    wait_until(lambda: clock_trusted(cantine) == synchronised())
    if synchronised():
        wait_until(lambda: cantine.ctl_json("occupancy")["count"] == 0)
    else:
        assert cantine.ctl_json("occupancy")["count"] == 1
