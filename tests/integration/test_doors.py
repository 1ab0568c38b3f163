# SPDX-License-Identifier: GPL-3.0-or-later
"""Doors that are held, by hand and by the opening hours, lockdowns, and strikes that need current to lock."""

import signal
import time

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.waiting import wait_until

ADA, STRANGER = "04A1B2C3D4E5F6", "04DEADBEEF0001"
DOOR = "cantine/amiens/door/front"
EVERY_DAY = "INSERT INTO opening_hours SELECT value, '00:00', '00:00' FROM json_each('[1,2,3,4,5,6,7]')"


def shows(cantine, lock):
    wait_until(lambda: cantine.broker.retained(DOOR)["lock"] == lock, what=f"the door shown as {lock}")
    assert cantine.ctl_json("door", "list")[0]["lock"] == lock


def rows(cantine, *types):
    return [(row["type"], row["detail"], bool(row["actor"])) for row in cantine.journal() if row["type"] in types]


def test_held_by_hand(cantine):
    cantine.add_member("Ada", ADA)
    seen = len(cantine.relay.frames)
    assert "held unlocked until" in cantine.ctl("door", "hold", "front")
    cantine.relay.wait(True, seen)
    shows(cantine, "held")
    wait_until(lambda: cantine.broker.retained("cantine/amiens/occupancy")["open"], what="open while a door is held")
    cantine.tap(ADA)
    wait_until(lambda: len(cantine.relay.frames) > seen + 1, what="the grant's own frame")
    cantine.ctl("door", "release", "front")
    shows(cantine, "locked")
    assert [frame.on for frame in cantine.relay.frames.items[seen:]] == [True, True, False]
    assert rows(cantine, "hold", "release") == [("hold", None, True), ("release", None, True)]


def test_held_until(cantine):
    seen = len(cantine.relay.frames)
    cantine.bus.send("--dest=org.cantine.Cantine1", "/org/cantine/Cantine1/door/front",
                     "org.cantine.Cantine1.Door.Hold", f"uint64:{int((time.time() + 1) * 1_000_000)}")
    cantine.relay.wait(True, seen)
    shows(cantine, "held")
    cantine.relay.wait(False, seen)
    shows(cantine, "locked")
    with pytest.raises(CommandFailed, match="is over: give a time to come"):
        cantine.ctl("door", "hold", "front", "--until", "yesterday")
    with pytest.raises(CommandFailed, match="there is no door “back”"):
        cantine.ctl("door", "hold", "back")
    assert "until tomorrow 2:00" in cantine.ctl("door", "hold", "front", "--until", "tomorrow 2:00")
    with pytest.raises(CommandFailed, match="is over: give a time to come"):
        cantine.ctl("door", "hold", "front", "--until", "0:00")  # today's
    assert cantine.ctl("log").splitlines()[-1].split()[-3:-1][1] == "02:00"  # the site's hour, as all else there


def test_a_hold_ends_with_the_daemon(cantine):
    cantine.ctl("door", "hold", "front")
    shows(cantine, "held")
    seen = len(cantine.relay.frames)
    cantine.cantined.kill()
    cantine.resume_cantined()
    shows(cantine, "locked")
    assert not any(frame.on for frame in cantine.relay.frames.items[seen:])


def test_lockdown(cantine):
    cantine.add_member("Ada", ADA)
    cantine.ctl("door", "hold", "front")
    seen = len(cantine.relay.frames)
    assert "nobody comes in" in cantine.ctl("door", "lockdown", "on")
    cantine.relay.wait(False, seen)
    shows(cantine, "lockdown")
    for uid, reason in ((ADA, "lockdown"), (STRANGER, "unknown_badge")):
        cantine.tap(uid)
        assert cantine.journal("SELECT reason FROM event ORDER BY seq DESC LIMIT 1")[0]["reason"] == reason
    answer = cantine.ctl_json("why", ADA)
    assert answer["reason"] == "lockdown" and "door lockdown off" in answer["rules"][-1]["because"]
    with pytest.raises(CommandFailed, match="nothing is held in a lockdown"):
        cantine.ctl("door", "hold", "front")
    with pytest.raises(CommandFailed) as failed:
        cantine.ctl("door", "lockdown", "maybe")
    assert failed.value.status == 2

    cantine.cantined.kill()
    cantine.resume_cantined()
    shows(cantine, "lockdown")
    _, line = cantine.tap(ADA)
    assert "refused (lockdown)" in line
    assert not any(frame.on for frame in cantine.relay.frames.items[seen:])

    cantine.ctl("door", "lockdown", "off")
    cantine.ctl("door", "lockdown", "off")
    shows(cantine, "locked")
    assert "granted" in cantine.tap(ADA)[1]
    assert rows(cantine, "lockdown") == [("lockdown", "on", True), ("lockdown", "off", True)]


def test_an_admin_opens_in_a_lockdown(cantine):
    """It is a person who stands there and decides."""
    cantine.ctl("door", "lockdown", "on")
    seen = len(cantine.relay.frames)
    cantine.ctl("door", "unlock", "front")
    cantine.relay.wait(True, seen)
    cantine.relay.wait(False, seen)
    shows(cantine, "lockdown")


@pytest.fixture(name="settings")
def fixture_settings(tmp_path):
    """Writes a drop-in."""
    drop_in = tmp_path / "cantine.conf.d"
    drop_in.mkdir()
    return (drop_in / "doors.conf").write_text


def test_opening_hours_hold(tmp_path, settings):
    settings("[door front]\nunlock_when=opening_hours\n")
    with Cantine(tmp_path) as cantine:
        seen = len(cantine.relay.frames)
        cantine.sql(EVERY_DAY)
        cantine.relay.wait(True, seen)
        shows(cantine, "held")
        cantine.ctl("door", "release", "front")
        shows(cantine, "locked")
        cantine.sql("DELETE FROM opening_hours")
        wait_until(lambda: not cantine.ctl_json("occupancy")["open"])
        cantine.sql(EVERY_DAY)
        shows(cantine, "held")
        day = cantine.sql("SELECT date('now', '-1 day') || ' ' || date('now', '+1 day')").split()
        cantine.sql(f"INSERT INTO closure (first_day, last_day) VALUES ('{day[0]}', '{day[1]}')")
        shows(cantine, "locked")


def test_the_first_member_holds(tmp_path, settings):
    settings("[door front]\nunlock_when=first_member\n")
    with Cantine(tmp_path, direction="toggle") as cantine:
        cantine.add_member("Ada", ADA)
        cantine.sql(EVERY_DAY)
        wait_until(lambda: cantine.ctl_json("occupancy")["open"])
        shows(cantine, "locked")
        cantine.tap(ADA)
        shows(cantine, "held")
        cantine.tap(ADA)
        wait_until(lambda: cantine.ctl_json("occupancy")["count"] == 0)
        shows(cantine, "held")


def read_again(cantine):
    seen = len(cantine.cantined.lines)
    cantine.cantined.process.send_signal(signal.SIGHUP)
    cantine.cantined.wait_line("every door locked", seen)


def test_a_hold_outlives_a_new_configuration(cantine):
    cantine.ctl("door", "hold", "front")
    shows(cantine, "held")
    seen = len(cantine.relay.frames)
    read_again(cantine)
    cantine.relay.wait(True, seen)
    shows(cantine, "held")
    assert rows(cantine, "hold") == [("hold", None, True)]  # it is the same one
    cantine.ctl("door", "release", "front")
    read_again(cantine)
    shows(cantine, "locked")
    assert not cantine.relay.frames.items[-1].on


def test_a_hold_outlives_no_restart(cantine):
    cantine.ctl("door", "hold", "front")
    shows(cantine, "held")
    cantine.cantined.kill()
    seen = len(cantine.relay.frames)
    cantine.resume_cantined()
    shows(cantine, "locked")
    assert not any(frame.on for frame in cantine.relay.frames.items[seen:])


def test_a_schedule_that_was_released_stays_so_with_a_new_configuration(tmp_path, settings):
    settings("[door front]\nunlock_when=opening_hours\n")
    with Cantine(tmp_path) as cantine:
        cantine.sql(EVERY_DAY)
        shows(cantine, "held")
        cantine.ctl("door", "release", "front")
        shows(cantine, "locked")
        seen = len(cantine.relay.frames)
        read_again(cantine)
        # the records are looked at once more, and hours later it would still be so
        ticks = len(cantine.cantined.lines)
        cantine.sql("INSERT INTO plan (id, name) VALUES ('autre', 'Autre')")
        cantine.cantined.wait_line("the records have changed", ticks)
        assert not any(frame.on for frame in cantine.relay.frames.items[seen:])
        shows(cantine, "locked")


def test_a_strike_that_needs_current_to_lock(tmp_path, settings):
    settings("[door front]\nstrike=fail_safe\n")
    with Cantine(tmp_path) as cantine:
        cantine.add_member("Ada", ADA)
        assert [frame.on for frame in cantine.relay.frames.items] == [True]  # locked at start
        cantine.tap(ADA)
        cantine.relay.wait(False, 1)
        cantine.relay.wait(True, 2)
    assert [frame.on for frame in cantine.relay.frames.items] == [True, False, True, True]


def test_a_relay_that_comes_back_holds_by_the_hours_alone(tmp_path, settings):
    settings("[door front]\nunlock_when=opening_hours\n")
    with Cantine(tmp_path) as cantine:
        cantine.sql(EVERY_DAY)
        shows(cantine, "held")
        cantine.relay.unplug()
        wait_until(lambda: cantine.broker.retained(DOOR)["alarm"] == "faulty")
        seen = len(cantine.relay.frames)
        cantine.relay.plug()
        cantine.relay.wait(True, seen)
        assert [frame.on for frame in cantine.relay.frames.items[seen:]] == [False, True]
        shows(cantine, "held")
