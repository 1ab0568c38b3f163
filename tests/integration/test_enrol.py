# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving badges at the door: waiting for one at a reader, and the stranger who was just refused."""

import json
import signal
import subprocess

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.gpio import Chip, give_chips
from rig.program import BUILD, Program
from rig.virtual_reader import VirtualReader
from rig.waiting import DEADLINE, wait_until

ADA, NEW, STRANGER = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04DEADBEEF0001"
PHONE, ZEROES = "08A1B2C3", "00000000"
GREEN, RED, BUZZER = 5, 6, 7
LAMPS = f"""[reader entrance]
led_green=gpio:pins:{GREEN}
led_red=gpio:pins:{RED}
buzzer=gpio:pins:{BUZZER}
"""
ROOT, NAME = "/org/cantine/Cantine1", "org.cantine.Cantine1"
ARMED, DISARMED = "waits for a badge to be enrolled", "no longer waits for a badge"


class Enrolment:
    """cantinectl badge enrol in the background, from when its reader waits."""

    def __init__(self, cantine, *arguments, armed=True):
        self.cantine = cantine
        seen = len(cantine.cantined.lines)
        self.process = subprocess.Popen(
            [BUILD / "cantinectl", "--config", cantine.configuration, "badge", "enrol",
             *map(str, arguments)], env=cantine.env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if armed:
            cantine.cantined.wait_line(ARMED, seen)

    def end(self):
        """Its exit status, what it printed, and the last line that it complained in."""
        out, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, out, errors.splitlines()[-1]

    def refused(self):
        status, out, error = self.end()
        assert (status, out) == (1, ""), (status, out, error)
        return error


@pytest.fixture(name="site")
def fixture_site(cantine):
    """Ada is a member without a badge."""
    cantine.ada = int(cantine.ctl("member", "add", "Ada", "--plan", "resident"))
    return cantine


def badges(cantine):
    return [(row["uid"], row["member"], row["status"]) for row in cantine.ctl_json("badge", "list")]


def hold(cantine, uid):
    """Holds a badge to a reader that waits for it: no answer of a tap comes."""
    seen = len(cantine.cantined.lines)
    cantine.reader_device.tap(uid)
    cantine.cantined.wait_line(DISARMED, seen)


def assert_number_is_nowhere(cantine, *numbers):
    """Neither log line nor journal nor message tells a badge's number."""
    told = [*cantine.cantined.lines.items, *cantine.reader.lines.items, *cantine.publisher.lines.items,
            cantine.ctl("log"), str(cantine.journal())]
    for number in numbers:
        assert not any(number in text for text in told)
        for path in cantine.directory.glob("journal.db*"):
            assert number.encode() not in path.read_bytes()


# --- waiting at a reader --------------------------------------------------------------------------

def test_enrolled_badge_opens_at_the_next_tap(site):
    frames, rows = len(site.relay.frames), len(site.journal())
    enrolment = Enrolment(site, "ada", "--label", "blue", "--until", "2030-01-01")
    hold(site, NEW)
    status, out, prompt = enrolment.end()
    assert status == 0 and out == f"badge {NEW} of Ada: active, until Tuesday 1 January 2030\n"
    assert "hold the badge to reader entrance within 30s" in prompt
    assert site.sql("SELECT uid, member, label, valid_until, status FROM badge") == f"{NEW}|1|blue|2030-01-01|active"
    assert len(site.relay.frames) == frames and len(site.journal()) == rows
    assert "granted" in site.tap(NEW)[1]
    site.relay.wait(True, frames)
    assert_number_is_nowhere(site, NEW)


def test_short_name_and_json(site):
    seen = len(site.cantined.lines)
    process = subprocess.Popen([BUILD / "cantinectl", "--config", site.configuration, "--json", "enrol",
                                "ada"], env=site.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    site.cantined.wait_line(ARMED, seen)
    hold(site, NEW)
    row = json.loads(process.communicate(timeout=DEADLINE)[0])
    assert (row["uid"], row["member"], row["status"], row["reader"], row["read_at"]) == (
        NEW, 1, "active", "entrance", None)


def test_badge_of_somebody(site):
    site.add_member("Grace", STRANGER)
    site.ctl("badge", "set", STRANGER, "lost")
    frames, rows = len(site.relay.frames), len(site.journal())
    enrolment = Enrolment(site, "ada")
    hold(site, STRANGER)
    error = enrolment.refused()
    assert "it belongs to Grace (member 2), status lost" in error and "cantinectl badge set" in error
    assert badges(site) == [(STRANGER, 2, "lost")]
    assert len(site.relay.frames) == frames and len(site.journal()) == rows


def test_known_badge_does_not_open_meanwhile(site):
    site.ctl("badge", "add", "ada", ADA)
    frames = len(site.relay.frames)
    enrolment = Enrolment(site, "ada")
    hold(site, ADA)
    assert "belongs to Ada (member 1), status active" in enrolment.refused()
    assert len(site.relay.frames) == frames
    assert "granted" in site.tap(ADA)[1]


@pytest.mark.parametrize("number, why", [(PHONE, "another number each time, as a phone"),
                                         (ZEROES, "no number of its own")])
def test_numbers_that_are_nobodys(site, number, why):
    enrolment = Enrolment(site, "ada")
    hold(site, number)
    error = enrolment.refused()
    assert why in error and "bring" in error
    assert badges(site) == []


def test_nobody_comes(site):
    enrolment = Enrolment(site, "ada", "--timeout", "1s")
    assert "no badge was held to reader entrance within 1s" in enrolment.refused()
    assert "refused" in site.tap(NEW)[1]


def test_longer_than_a_call_on_dbus_usually_waits(site):
    """sd-bus gives up after 25 s unless told otherwise; so would dbus-send."""
    enrolment = Enrolment(site, "ada", "--timeout", "27s")
    with pytest.raises(subprocess.TimeoutExpired):
        enrolment.process.wait(26)
    hold(site, NEW)
    assert enrolment.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_who_goes_away_waits_no_longer(site, number):
    site.ctl("badge", "add", "ada", ADA)
    seen = len(site.cantined.lines)
    enrolment = Enrolment(site, "ada")
    enrolment.process.send_signal(number)
    enrolment.process.communicate(timeout=DEADLINE)
    assert "has gone" in site.cantined.wait_line(DISARMED, seen)
    assert "granted" in site.tap(ADA)[1]


def test_one_at_a_time(site):
    first = Enrolment(site, "ada")
    second = Enrolment(site, "ada", armed=False)
    assert "somebody else is waiting for a badge at reader entrance" in second.refused()
    hold(site, NEW)
    assert first.end()[0] == 0
    third = Enrolment(site, "ada")
    hold(site, STRANGER)
    assert third.end()[0] == 0
    assert [row[0] for row in badges(site)] == [NEW, STRANGER]


def test_reader_that_stops_working(site):
    enrolment = Enrolment(site, "ada")
    site.reader_device.unplug()
    assert "reader entrance doesn't work" in enrolment.refused()
    assert "reader entrance doesn't work" in Enrolment(site, "ada", armed=False).refused()
    seen = len(site.cantined.lines)
    site.reader_device.replug()
    site.cantined.wait_line("reader entrance: ready", seen)
    assert "refused" in site.tap(NEW)[1]


def test_reader_program_that_is_started_again_goes_on_waiting(site):
    enrolment = Enrolment(site, "ada")
    site.reader.kill()
    site.start_reader()
    hold(site, NEW)
    assert enrolment.end()[0] == 0


@pytest.mark.parametrize("end", ["reload", "stop", "kill", "bus"])
def test_cantined_that_ends_meanwhile(site, end):
    enrolment = Enrolment(site, "ada")
    seen = len(site.cantined.lines)
    if end == "reload":
        site.cantined.process.send_signal(signal.SIGHUP)
        site.cantined.wait_line("the configuration was read again", seen)
        site.cantined.wait_line("reader entrance: ready", seen)
    elif end == "bus":
        site.bus.stop()
        site.cantined.wait_line(DISARMED, seen)
    else:
        getattr(site.cantined, end)()
    assert "waits no longer: try again" in enrolment.refused()
    if end in ("reload", "bus"):
        assert "refused" in site.tap(NEW)[1]


def test_cantined_that_is_stopped_is_said(site):
    site.cantined.stop()
    for command in (("badge", "enrol", "ada"), ("badge", "add", "ada", "--last")):
        with pytest.raises(CommandFailed, match="systemctl status cantined"):
            site.ctl(*command)


@pytest.mark.parametrize("arguments, why", [
    (("nobody",), "nobody"),
    (("ada", "--timeout", "1ms"), "give 1s to 10min"),
    (("ada", "--timeout", "1h"), "give 1s to 10min"),
    (("ada", "--reader", "back"), "there is no reader “back”: give one of: entrance"),
    (("ada", "--until", "soon"), "“soon” is no day: give 2026-11-23"),
    (("ada", "--label", "x" * 121), "at most 120"),
])
def test_mistakes_are_said_before_anybody_walks_to_the_door(site, arguments, why):
    with pytest.raises(CommandFailed, match=why):
        site.ctl("badge", "enrol", *arguments)
    assert not any(ARMED in line for line in site.cantined.lines.items)
    assert badges(site) == [] and site.sql("SELECT count(*) FROM record_change WHERE table_name='badge'") == "0"


# --- several readers ------------------------------------------------------------------------------

class TwoReaders(Cantine):
    """A second reader, side, likewise at the front door."""

    def __init__(self, directory, direction="in"):
        self.side_device = VirtualReader(directory, "side")
        super().__init__(directory, extra=f"[reader side]\ndevice={self.side_device.device}\ndoor=front\n"
                                          f"direction={direction}\nrepeat_after=0\n")
        self.side = Program("cantine-reader", "--config", self.configuration, "side",
                            env={"DBUS_SYSTEM_BUS_ADDRESS": self.bus.address})

    def start(self):
        self.side_device.start()
        super().start()
        self.ctl("member", "add", "Ada", "--plan", "resident")
        seen = len(self.cantined.lines)
        self.side.start()
        self.cantined.wait_line("reader side: ready", seen)
        return self

    __enter__ = start

    def stop(self):
        self.side.stop()
        super().stop()
        self.side_device.stop()


def test_which_of_two_readers(tmp_path):
    with TwoReaders(tmp_path) as site:
        with pytest.raises(CommandFailed, match="--reader and one of: entrance, side"):
            site.ctl("badge", "enrol", "ada")
        enrolment = Enrolment(site, "ada", "--reader", "side")
        assert "refused" in site.tap(STRANGER)[1]  # the other one goes on
        site.side_device.tap(NEW)
        assert enrolment.end()[:2] == (0, f"badge {NEW} of Ada: active\n")
        told = site.ctl("badge", "add", "ada", "--last")
        assert f"badge {STRANGER} of Ada: active\nit was held to reader entrance at 20" in told


def test_a_reader_that_leads_out_is_not_meant(tmp_path):
    with TwoReaders(tmp_path, direction="out") as site:
        enrolment = Enrolment(site, "ada")
        hold(site, NEW)
        assert enrolment.end()[0] == 0
        site.tap(STRANGER)
        site.side_device.tap("04DEADBEEF0002")
        site.cantined.wait_line("reader side: refused")
        (row,) = [site.ctl_json("badge", "add", "ada", "--last")]
        assert (row["uid"], row["reader"]) == ("04DEADBEEF0002", "side") and row["read_at"].endswith("Z")


# --- lamps ----------------------------------------------------------------------------------------

def lit(pins, line, after=0):
    return [change.level for change in pins.changes(line)[after:]]


def test_lamps_at_the_door(tmp_path):
    chips, drop_in = tmp_path / "chips", tmp_path / "cantine.conf.d"
    chips.mkdir()
    drop_in.mkdir()
    (drop_in / "lamps.conf").write_text(LAMPS)
    site = Cantine(tmp_path)
    pins = Chip(chips, "pins").plug()
    give_chips(site.cantined, chips)
    with site:
        site.ctl("member", "add", "Ada", "--plan", "resident")
        green, red = len(pins.changes(GREEN)), len(pins.changes(RED))
        enrolment = Enrolment(site, "ada")
        pins.wait(GREEN, 1, green)  # green and red in turn, again and again
        first = pins.wait(RED, 1, red)
        second = pins.wait(GREEN, 1, green + 2)
        assert first.at - pins.changes(GREEN)[green].at == pytest.approx(500_000, abs=200_000)
        assert second.at - pins.changes(GREEN)[green].at == pytest.approx(1_000_000, abs=200_000)
        beeps = len(pins.changes(BUZZER))
        hold(site, NEW)
        assert enrolment.end()[0] == 0
        wait_until(lambda: lit(pins, BUZZER, beeps) == [1, 0], what="one beep")
        wait_until(lambda: pins.level(GREEN) == pins.level(RED) == 0, what="the lamps at rest")

        enrolment = Enrolment(site, "ada")
        beeps = len(pins.changes(BUZZER))
        hold(site, NEW)  # by now somebody's
        assert "belongs to Ada" in enrolment.refused()
        wait_until(lambda: lit(pins, BUZZER, beeps) == [1, 0, 1, 0, 1, 0], what="three beeps")

        enrolment = Enrolment(site, "ada")
        enrolment.process.kill()
        enrolment.process.communicate()
        wait_until(lambda: pins.level(GREEN) == pins.level(RED) == 0, what="the lamps at rest")


# --- the stranger who was just refused ------------------------------------------------------------

def test_last_stranger(site):
    site.tap(STRANGER)
    site.ctl("badge", "add", "ada", ADA)
    site.tap(ADA)  # somebody else comes in between
    told = site.ctl("badge", "add", "ada", "--last", "--label", "blue")
    assert told.startswith(f"badge {STRANGER} of Ada: active\nit was held to reader entrance at 20")
    assert site.sql(f"SELECT label FROM badge WHERE uid = '{STRANGER}'") == "blue"
    assert "granted" in site.tap(STRANGER)[1]
    with pytest.raises(CommandFailed, match="no unknown badge was held to a reader in the last five minutes"):
        site.ctl("badge", "add", "ada", "--last")
    assert_number_is_nowhere(site, STRANGER)


def test_stranger_who_got_the_badge_by_another_tool_is_forgotten(site):
    site.tap(STRANGER)
    site.sql(f"INSERT INTO badge(uid, member) VALUES ('{STRANGER}', 1)")
    with pytest.raises(CommandFailed, match="no unknown badge"):
        site.ctl("badge", "add", "ada", "--last")
    site.sql("DELETE FROM badge")
    with pytest.raises(CommandFailed, match="no unknown badge"):
        site.ctl("badge", "add", "ada", "--last")


def test_last_one_was_a_phone(site):
    site.tap(STRANGER)
    site.tap(PHONE)
    with pytest.raises(CommandFailed, match="another number each time, as a phone does.*bring a badge"):
        site.ctl("badge", "add", "ada", "--last")
    site.tap(STRANGER)
    assert STRANGER in site.ctl("badge", "add", "ada", "--last")


def test_enrolled_and_known_badges_are_no_strangers(site):
    enrolment = Enrolment(site, "ada")
    hold(site, NEW)
    assert enrolment.end()[0] == 0
    site.tap(NEW)
    with pytest.raises(CommandFailed, match="no unknown badge"):
        site.ctl("badge", "add", "ada", "--last")


@pytest.mark.parametrize("arguments", [("ada",), ("ada", NEW, "--last")])
def test_either_a_number_or_the_last_one(site, arguments):
    with pytest.raises(CommandFailed, match="give either its number or --last") as failed:
        site.ctl("badge", "add", *arguments)
    assert failed.value.status == 2


def test_bounds_of_the_call(site):
    for reader, usec in (("entrance", 0), ("entrance", 999_999), ("entrance", 600_000_001), ("back", 5_000_000)):
        answer = site.bus.send(f"--dest={NAME}", ROOT, f"{NAME}.Enrol", f"string:{reader}", f"uint64:{usec}")
        assert "InvalidArgs" in answer
    assert "refused" in site.tap(NEW)[1]
