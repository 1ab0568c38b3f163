# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay on a GPIO line, of a virtual chip that keeps every level ever driven on it."""

import subprocess

import pytest

from rig.cantine import Cantine
from rig.gpio import Chip, give_chips
from rig.waiting import DEADLINE, wait_until

ADA = "04A1B2C3D4E5F6"
LABEL = "pinctrl-bcm2711"
LINE = 17
SECOND_DOOR = "[door back]\nactuator={}\nunlock=300ms\n"


class Site:
    """A Cantine whose door hangs on a virtual chip."""

    def __init__(self, directory):
        self.chips = directory / "chips"
        self.chips.mkdir()
        self.directory = directory
        self.chip = Chip(self.chips, LABEL, names={LINE: "STRIKE"})
        self.cantine = None

    def start(self, actuator, extra=""):
        self.cantine = Cantine(self.directory, actuator=actuator, extra=extra)
        give_chips(self.cantine.cantined, self.chips)
        self.cantine.start()
        self.cantine.add_member("Ada Lovelace", ADA)
        return self.cantine

    def levels(self, line=LINE):
        return [change.level for change in self.chip.changes(line)]

    def tap_opens(self, locked=0):
        before = len(self.levels())
        assert "granted" in self.cantine.tap(ADA)[1]
        up = self.chip.wait(LINE, 1 - locked, before)
        down = self.chip.wait(LINE, locked, before)
        assert 290_000 < down.at - up.at < 1_000_000  # unlock=300ms, and the machine's own delays
        assert self.levels()[before:] == [1 - locked, locked]

    def alarm(self, door="front"):
        return (self.cantine.broker.retained(f"cantine/amiens/door/{door}") or {"alarm": "none yet"})["alarm"]

    def wait_alarm(self, alarm, door="front"):
        wait_until(lambda: self.alarm(door) == alarm, what=f"alarm {alarm} of {door}")
        done = subprocess.run(
            ["dbus-send", f"--bus={self.cantine.bus.address}", "--print-reply", "--dest=org.cantine.Cantine1",
             f"/org/cantine/Cantine1/door/{door}", "org.freedesktop.DBus.Properties.Get",
             "string:org.cantine.Cantine1.Door", "string:Alarm"],
            capture_output=True, text=True, timeout=DEADLINE, check=True)
        assert f'string "{alarm or ""}"' in done.stdout


@pytest.fixture(name="site")
def fixture_site(tmp_path):
    it = Site(tmp_path)
    yield it
    if it.cantine:
        it.cantine.stop()


@pytest.mark.parametrize("actuator, locked", [
    (f"gpio:{LABEL}:{LINE}", 0), (f"gpio:{LABEL}:{LINE}:active-low", 1), (f"gpio:{LABEL}:STRIKE", 0),
    (f"gpio:/dev/gpiochip0:{LINE}", 0)])
def test_tap_opens(site, actuator, locked):
    site.chip.plug(levels={LINE: 1 - locked})  # as a crash left it
    site.start(actuator)
    assert site.levels() == [locked], "the first level driven is the locked one"
    assert site.chip.consumer(LINE) == "cantined"
    site.tap_opens(locked)
    site.tap_opens(locked)
    assert site.alarm() is None
    assert site.cantine.cantined.stop() == 0
    assert set(site.levels()[5:]) == {locked}, "written once more at the end"
    assert site.chip.consumer(LINE) == ""


def test_stop_in_the_middle_of_a_pulse_locks(site):
    site.chip.plug()
    site.start(f"gpio:{LABEL}:{LINE}").ctl("door", "unlock", "front", "--for", "1min")
    site.chip.wait(LINE, 1)
    assert site.cantine.cantined.stop() == 0
    assert site.levels() == [0, 1, 0]


def test_killed_in_the_middle_of_a_pulse_locks_at_start(site):
    site.chip.plug()
    site.start(f"gpio:{LABEL}:{LINE}").ctl("door", "unlock", "front", "--for", "1min")
    site.chip.wait(LINE, 1)
    site.cantine.cantined.kill()
    assert site.chip.level(LINE) == 1, "nobody was there to lock it"
    site.cantine.resume_cantined()
    assert site.levels() == [0, 1, 0]
    site.tap_opens()


def test_a_taken_line_is_that_door_s_fault_alone(site):
    site.chip.plug().take(4, "lamp")
    cantine = site.start(f"gpio:{LABEL}:{LINE}", SECOND_DOOR.format(f"gpio:{LABEL}:4"))
    cantine.cantined.wait_line(f"door back: line 4 of {LABEL} is in use by “lamp”: free it or choose another line")
    site.wait_alarm("faulty", "back")
    site.wait_alarm(None, "front")
    site.tap_opens()
    assert site.levels(4) == []
    site.chip.take(4, "")
    cantine.cantined.wait_line("door back is well again")
    site.wait_alarm(None, "back")
    assert site.levels(4) == [0]


def test_one_line_by_two_names(site):
    """The configuration cannot see that a label and a path are one chip; the kernel can."""
    site.chip.plug()
    cantine = site.start(f"gpio:{LABEL}:{LINE}", SECOND_DOOR.format(f"gpio:/dev/gpiochip0:{LINE}"))
    cantine.cantined.wait_line(f"door back: line {LINE} of {LABEL} is in use by “cantined” for something else: "
                               "give each its own line")
    site.wait_alarm("faulty", "back")
    site.tap_opens()


def test_a_chip_that_goes_and_comes_back_under_another_number(site):
    site.chip.plug()
    cantine = site.start(f"gpio:{LABEL}:{LINE}")
    cantine.ctl("door", "unlock", "front", "--for", "1min")
    site.chip.wait(LINE, 1)
    site.chip.unplug()
    cantine.cantined.wait_line(f"door front: line {LINE} of {LABEL} has gone: is its GPIO chip there?")
    site.wait_alarm("faulty")
    assert cantine.broker.retained("cantine/amiens/door/front")["lock"] == "locked"
    assert "granted" in cantine.tap(ADA)[1]

    other = Chip(site.chips, "pinctrl-other").plug()
    site.chip.number = 4
    site.chip.plug(levels={LINE: 1})
    cantine.cantined.wait_line("door front is well again")
    assert site.levels() == [0]
    assert other.changes(LINE) == []
    site.wait_alarm(None)
    site.tap_opens()


def test_no_such_chip_is_a_fault_that_names_those_that_are_there(site):
    Chip(site.chips, "pinctrl-rp1").plug()
    cantine = site.start(f"gpio:{LABEL}:{LINE}")
    cantine.cantined.wait_line(f"door front: there is no GPIO chip “{LABEL}”: choose one of pinctrl-rp1")
    site.wait_alarm("faulty")


def test_reload_starts_locked(site):
    site.chip.plug()
    cantine = site.start(f"gpio:{LABEL}:{LINE}")
    cantine.settings["actuator"] = f"gpio:{LABEL}:18"
    cantine.write_configuration()
    seen = len(cantine.cantined.lines)
    cantine.cantined.process.send_signal(1)
    cantine.cantined.wait_line("ready", seen)
    assert set(site.levels()) == {0} and site.levels(18) == [0]
    assert site.chip.consumer(LINE) == "" and site.chip.consumer(18) == "cantined"
