# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts, exit buttons, the fire alarm, lamps and buzzers, on the lines of a virtual GPIO chip."""

import pytest

from rig.cantine import Cantine
from rig.gpio import Chip, give_chips
from rig.waiting import wait_until

ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04DEADBEEF0001"
DOOR = "cantine/amiens/door/front"
CONTACT, BUTTON, FIRE, GREEN, RED, BUZZER = 22, 23, 24, 5, 6, 7
WIRES = f"""[door front]
contact=gpio:pins:{CONTACT}
exit_button=gpio:pins:{BUTTON}
held_open_after=1s
{{}}
[site]
fire=gpio:pins:{FIRE}
[reader entrance]
led_green=gpio:pins:{GREEN}
led_red=gpio:pins:{RED}
buzzer=gpio:pins:{BUZZER}
"""


class Site(Cantine):
    """The door's contact is closed, that is 1, at the start."""

    def __init__(self, directory, more="", contact=1, **settings):
        chips, drop_in = directory / "chips", directory / "cantine.conf.d"
        chips.mkdir()
        drop_in.mkdir()
        (drop_in / "wires.conf").write_text(WIRES.format(more))
        super().__init__(directory, **settings)
        self.pins = Chip(chips, "pins").plug(levels={CONTACT: contact})
        give_chips(self.cantined, chips)

    def door_opens(self):
        self.pins.set(CONTACT, 0)

    def door_closes(self):
        self.pins.set(CONTACT, 1)

    def press(self):
        self.pins.set(BUTTON, 1)
        self.pins.set(BUTTON, 0)

    def count(self):
        return self.ctl_json("occupancy")["count"]

    def types(self):
        return [row["type"] for row in self.journal() if row["type"] not in ("system", "reader")]

    def wait_shown(self, **fields):
        wait_until(lambda: fields.items() <= (self.broker.retained(DOOR) or {}).items(), what=str(fields))


@pytest.fixture(name="site")
def fixture_site(tmp_path):
    with Site(tmp_path) as site:
        site.ada, site.bob = site.add_member("Ada", ADA), site.add_member("Bob", BOB)
        yield site


# --- who really goes through ----------------------------------------------------------------------

def test_people_are_counted_when_the_door_opens(site):
    site.wait_shown(contact="closed")
    site.tap(ADA)
    site.tap(BOB)
    assert site.count() == 0 and site.types() == ["access", "access"]
    site.door_opens()
    wait_until(lambda: site.count() == 2, what="both counted at once")
    site.wait_shown(contact="open")
    assert site.types() == ["access", "access", "entered", "entered"]
    site.door_closes()
    site.wait_shown(contact="closed", lock="locked", alarm=None)
    site.door_opens()
    assert site.count() == 2


def test_an_open_door_counts_at_once(tmp_path):
    with Site(tmp_path, contact=0) as site:
        site.add_member("Ada", ADA)
        site.wait_shown(contact="open", alarm=None)
        site.tap(ADA)
        assert site.types()[:2] == ["access", "entered"] and site.count() == 1


def test_toggle_goes_by_who_is_inside(tmp_path):
    with Site(tmp_path, direction="toggle") as site:
        site.add_member("Ada", ADA)
        for direction, count in (("in", 1), ("out", 0)):
            site.tap(ADA)
            site.tap(ADA)  # again, before going through
            site.door_opens()
            wait_until(lambda n=count: site.count() == n)
            site.door_closes()
            accesses = [row["direction"] for row in site.journal() if row["type"] == "access"]
            assert accesses[-2:] == [direction, direction]


def test_a_pass_is_used_when_the_door_opens(site):
    site.sql("INSERT INTO opening_hours SELECT value, '00:00', '00:00' FROM json_each('[1,2,3,4,5,6,7]')")
    site.ctl("member", "edit", "ada", "--plan", "carnet")
    site.ctl("pass", "add", "ada", "day", "1")
    site.tap(ADA)
    assert site.journal("SELECT * FROM pass_use") == []
    site.tap(ADA)
    site.door_opens()
    wait_until(lambda: site.count() == 1)
    assert len(site.journal("SELECT * FROM pass_use")) == 1


# --- alarms ---------------------------------------------------------------------------------------

def test_forced(site):
    site.wait_shown(contact="closed")
    site.door_opens()
    site.wait_shown(alarm="forced", contact="open")
    assert site.types() == ["forced"]
    site.door_closes()
    site.wait_shown(alarm=None, contact="closed")


def test_left_open(site):
    site.tap(ADA)
    site.door_opens()
    site.wait_shown(alarm="held_open")
    assert site.types() == ["access", "entered", "held_open"]
    site.tap(ADA)
    site.wait_shown(alarm=None)


def test_relocked_when_it_closes(tmp_path):
    with Site(tmp_path, more="relock_on_close=yes", unlock="5min") as site:
        site.add_member("Ada", ADA)
        seen = len(site.relay.frames)
        site.tap(ADA)
        site.door_opens()
        site.wait_shown(contact="open")
        site.door_closes()
        site.relay.wait(False, seen)
        site.wait_shown(lock="locked")


def test_a_contact_that_has_gone(site):
    site.pins.unplug()
    site.wait_shown(alarm="faulty", contact="unknown")
    seen = len(site.relay.frames)
    site.tap(ADA)
    site.relay.wait(True, seen)
    wait_until(lambda: site.count() == 1, what="counted at once")
    site.pins.plug(levels={CONTACT: 1})
    site.wait_shown(alarm=None, contact="closed")


# --- ways out -------------------------------------------------------------------------------------

def test_exit_button(site):
    site.ctl("door", "lockdown", "on")
    seen = len(site.relay.frames)
    site.press()
    site.relay.wait(True, seen)
    site.relay.wait(False, seen)
    assert site.types() == ["lockdown", "exit_button"]
    site.cantined.wait_line("door front: unlocked by its exit button")


def test_fire_releases_while_it_lasts(site):
    site.ctl("door", "lockdown", "on")
    site.wait_shown(lock="lockdown")
    seen = len(site.relay.frames)
    site.pins.set(FIRE, 1)
    site.relay.wait(True, seen)
    site.wait_shown(lock="held", alarm="fire")
    site.relay.unplug()
    seen = len(site.relay.frames)
    site.wait_shown(alarm="fire")
    site.relay.plug()
    site.relay.wait(True, seen)
    site.pins.set(FIRE, 0)
    site.relay.wait(False, len(site.relay.frames) - 1)
    site.wait_shown(lock="lockdown", alarm=None)
    assert [(row["type"], row["detail"]) for row in site.journal() if row["type"] == "fire"] == [
        ("fire", "on"), ("fire", "off")]


def test_fire_at_the_start(tmp_path):
    site = Site(tmp_path)
    site.pins.set(FIRE, 1)
    with site:
        assert [frame.on for frame in site.relay.frames.items] == [False, True]
        site.wait_shown(alarm="fire")


def test_a_fire_alarm_that_cannot_be_heard(site):
    """It is said, and what it said last holds: a door that was released stays so."""
    def details():
        return [row["detail"] for row in site.journal() if row["type"] == "system"]
    seen = len(site.relay.frames)
    site.pins.set(FIRE, 1)
    site.relay.wait(True, seen)
    site.wait_shown(alarm="fire")
    site.pins.unplug()
    site.cantined.wait_line("the fire alarm cannot be heard: ")
    wait_until(lambda: "fire_faulty" in details(), what="its row")
    site.wait_shown(lock="held", alarm="fire")
    site.pins.plug(levels={CONTACT: 1, FIRE: 0})
    site.cantined.wait_line("the fire alarm is heard again")
    site.wait_shown(lock="locked")
    assert details().count("fire_faulty") == details().count("fire_well") == 1
    assert not site.relay.frames.items[-1].on


# --- lamps ----------------------------------------------------------------------------------------

def lit(site, *lines):
    return {line: [change.level for change in site.pins.changes(line)] for line in lines}


def test_granted_and_refused_are_shown(site):
    assert set(sum(lit(site, GREEN, RED, BUZZER).values(), [])) <= {0, 1}
    before = len(site.pins.changes(GREEN))
    site.tap(ADA)
    shown = site.pins.wait(GREEN, 1, before)
    site.pins.wait(BUZZER, 1)
    site.pins.wait(GREEN, 0, len(site.pins.changes(GREEN)))
    read = [frame.at for frame in site.relay.frames.items if frame.on][-1]
    assert abs(shown.at - read) < 50_000, "within 50 ms of the unlocking, which comes after the read"
    red = len(site.pins.changes(RED))
    beeps = len(site.pins.changes(BUZZER))
    site.tap(STRANGER)
    site.pins.wait(RED, 1, red)
    wait_until(lambda: lit(site, BUZZER)[BUZZER][beeps:] == [1, 0, 1, 0, 1, 0], what="three beeps")
    site.pins.wait(RED, 0, red)


def test_a_reader_that_has_gone_is_shown(site):
    red = len(site.pins.changes(RED))
    site.reader.kill()
    site.pins.wait(RED, 1, red)
    site.pins.wait(RED, 0, red)
    site.pins.wait(RED, 1, red + 2)
    site.start_reader()
    wait_until(lambda: site.pins.level(RED) == 0)


def test_a_lamp_that_is_taken_keeps_nobody_out(tmp_path):
    site = Site(tmp_path)
    site.pins.take(GREEN, "somebody else")
    with site:
        site.add_member("Ada", ADA)
        site.cantined.wait_line("reader entrance: a lamp: ")
        assert "granted" in site.tap(ADA)[1]
        site.wait_shown(alarm=None)
