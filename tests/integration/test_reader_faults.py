# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers that fail, each in its own way and all at once, while cantined, the broker and D-Bus look on.

Each fault has a reader of its own in one Cantine. Everything happens once, in module fixtures; the
tests look at what was seen. A reader that fails is said to be so within 8 s, costs next to nothing,
moves no relay, and is well again within 10 s after its fault has gone.
"""

import os
import resource
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rig.cantine import Cantine
from rig.program import KeptProgram
from rig.virtual_reader import VirtualReader
from rig.waiting import DEADLINE, wait_until

ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04B0B0B0B0B0B0", "04DEADBEEF0001"

SEEN_WITHIN, WELL_WITHIN = 8, 10  # seconds
CPU_FOR, CPU_MOST = 5, 0.02  # seconds; share of a core

# reader → the fault that it gets, for as long as it lasts
LINE = {
    "mute": ["mute"],
    "no-ack": ["no-ack"],
    "no-answer": ["no-answer"],
    "nack": ["nack"],
    "bad-lcs": ["bad-lcs"],
    "bad-dcs": ["bad-dcs"],
    "wrong-code": ["wrong-code"],
    "error": ["error"],
    "half": ["half"],
    "stale": ["stale"],
    "garbage": ["garbage"],
    "flood": ["flood"],
    "late": ["late"],
    "drip": ["drip"],
    "firmware": ["no-answer", "--command", "02"],  # comes to light when the device is opened
    "entrance": None,  # the line hangs up
}

# What ends or stops the program itself. The first two need a badge that lies there.
PROGRAM = {"status": ["status"], "ats": ["ats"], "stopped": None}

# A single one of these must not be noticed: reader → fault.
SINGLE = {name: LINE[name] for name in LINE if name not in ("flood", "drip", "firmware", "entrance")}

SECTION = """
[reader {name}]
device={device}
door=front
direction=in
repeat_after=0
"""


class Site:
    """A Cantine with many readers; `seen` is what became of each: reader → facts."""

    def __init__(self, directory, names):
        self.cantine = Cantine(directory)
        self.devices = {name: VirtualReader(directory, f"nfc-{name}") for name in names if name != "entrance"}
        self.cantine.settings["extra"] = "".join(
            SECTION.format(name=name, device=device.device) for name, device in self.devices.items())
        self.programs = {name: self._program(name) for name in ["entrance", *self.devices]}
        self.cantine.reader = self.programs["entrance"]
        self.seen = {name: {} for name in names}
        self.pool = ThreadPoolExecutor(len(self.programs))

    def _program(self, name):
        return KeptProgram("cantine-reader", "--config", self.cantine.configuration, name,
                           env={"DBUS_SYSTEM_BUS_ADDRESS": self.cantine.bus.address})

    def __enter__(self):
        for device in self.devices.values():
            device.start()
        self.cantine.start()
        self.devices["entrance"] = self.cantine.reader_device
        for name, program in self.programs.items():
            if name != "entrance":
                program.start()
        for name in self.programs:
            wait_until(lambda name=name: self.state(name) == "ready", what=f"reader {name}")
        self.cantine.add_member("Ada Lovelace", ADA)
        self.cantine.add_member("Bob", BOB)
        return self

    def __exit__(self, *_):
        self.pool.shutdown()
        for name, program in self.programs.items():
            if name != "entrance":
                program.stop()
        self.cantine.stop()
        for name, device in self.devices.items():
            if name != "entrance":
                device.stop()

    def each(self, names, do):
        """Does it at all these readers at once; reader → what came of it."""
        return dict(zip(names, self.pool.map(do, names)))

    # --- what is seen -----------------------------------------------------------------------

    def state(self, name):
        return (self.cantine.broker.retained(f"cantine/amiens/reader/{name}") or {}).get("state")

    def tried(self, name):
        return self.cantine.broker.retained(f"cantine/amiens/reader/{name}")["tried"]

    def state_on_bus(self, name):
        return self.on_bus(name, "State")

    def on_bus(self, name, what):
        done = subprocess.run(
            ["dbus-send", f"--bus={self.cantine.bus.address}", "--print-reply=literal",
             "--dest=org.cantine.Cantine1", f"/org/cantine/Cantine1/reader/{name.replace('-', '_2d')}",
             "org.freedesktop.DBus.Properties.Get", "string:org.cantine.Cantine1.Reader", f"string:{what}"],
            capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("variant", 1)[1].strip()

    def wait_states(self, names, matches, since, deadline):
        """Waits for all; reader → seconds from `since` (one moment, or one for each) to it."""
        took = {}
        end = time.monotonic() + deadline + 2
        while len(took) < len(names) and time.monotonic() < end:
            for name in names:
                if name not in took and matches(self.state(name)):
                    took[name] = time.monotonic() - (since[name] if isinstance(since, dict) else since)
            time.sleep(0.01)
        return {name: took.get(name) for name in names}

    def cpu(self):
        """Seconds of CPU so far: reader → its living process, "cantined", and "ended" for the dead."""
        used = {name: cpu_of(program) for name, program in self.programs.items()}
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {**used, "cantined": cpu_of(self.cantine.cantined), "ended": ended.ru_utime + ended.ru_stime}

    def measure_cpu(self):
        """Shares of a core over CPU_FOR seconds, in which nothing else is done."""
        before, begin = self.cpu(), time.monotonic()
        time.sleep(CPU_FOR)
        after, took = self.cpu(), time.monotonic() - begin
        return {who: max(after[who] - before[who], 0) / took for who in after}

    def decisions(self):
        return [line for line in self.cantine.cantined.lines.items if ": granted" in line or ": refused" in line]

    def ons(self):
        return [frame for frame in self.cantine.relay.frames.items if frame.on]

    def access(self, result=None):
        rows = self.cantine.journal("SELECT * FROM event WHERE type = 'access' ORDER BY seq")
        return [row for row in rows if result in (None, row["result"])]

    def states_in_journal(self, name):
        return [row["detail"] for row in self.cantine.journal("SELECT * FROM event ORDER BY seq")
                if row["type"] == "reader" and row["reader"] == name]

    # --- what is done -----------------------------------------------------------------------

    def tap_all(self, names, uid, *options):
        """Holds a badge to all these readers at once; reader → the lines of its decisions."""
        return self.decided(names, lambda name: self.devices[name].tap(uid, *options))

    def decided(self, names, do):
        """Does it at all these readers at once; reader → what was decided there meanwhile."""
        seen = len(self.cantine.cantined.lines)
        self.each(names, do)
        lines = self.cantine.cantined.lines.items[seen:]
        return {name: [line for line in lines
                       if f"reader {name}: granted" in line or f"reader {name}: refused" in line]
                for name in names}

    def break_all(self, faults):
        """All faults at once; reader → the moment."""
        def do(name):
            if name == "entrance":
                self.devices[name].unplug()
            elif name == "stopped":
                self.programs[name].process.send_signal(signal.SIGSTOP)
            else:
                self.devices[name].command("fault", *faults[name])
            if name == "firmware":
                self.devices[name].unplug()
                self.devices[name].replug()
            return time.monotonic()
        return self.each(list(faults), do)

    def heal_all(self, faults):
        def do(name):
            if name == "entrance":
                self.devices[name].replug()
            elif name == "stopped":
                self.programs[name].process.send_signal(signal.SIGCONT)
            else:
                self.seen[name]["spoilt"] = int(self.devices[name].command("heal")[2])
            return time.monotonic()
        return self.each(list(faults), do)

    def suffer(self, faults, during=lambda: None):
        """The whole story of faults that last: what was seen goes to `seen`."""
        names = list(faults)
        before = {name: len(self.states_in_journal(name)) for name in names}
        broken_at = self.break_all(faults)
        took = self.wait_states(names, lambda state: state != "ready", broken_at, SEEN_WITHIN)
        cpu = self.measure_cpu()
        during()
        for name in names:
            self.seen[name].update(seen_after=took[name], state=self.state(name), cpu=cpu[name],
                                   cantined_cpu=cpu["cantined"], ended_cpu=cpu["ended"],
                                   on_bus=self.state_on_bus(name),
                                   tried=self.tried(name), tried_on_bus=self.on_bus(name, "Tried"))
        healed_at = self.heal_all(faults)
        took = self.wait_states(names, lambda state: state == "ready", healed_at, WELL_WITHIN)
        taps = self.tap_all(names, ADA)
        for name in names:
            self.seen[name].update(well_after=took[name], tap=taps[name],
                                   states=self.states_in_journal(name)[before[name]:])


def cpu_of(program):
    """Seconds of CPU of its process, from proc(5): utime + stime."""
    try:
        fields = Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, AttributeError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def together(device, *orders):
    """Several orders to a virtual reader at the same moment; returns when all are done."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(device.control))
        control.sendall("".join(f"{order}\n" for order in orders).encode())
        with control.makefile() as answers:
            for order in orders:
                answer = answers.readline()
                assert answer.startswith("ok "), f"{order}: {answer}"


# --- the line: every fault at a reader of its own ------------------------------------------------


@pytest.fixture(name="line", scope="module")
def fixture_line(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("line"), LINE) as site:
        names = list(SINGLE)
        states = len(site.cantine.journal("SELECT seq FROM event WHERE type = 'reader'"))
        site.single = {}
        for command, badge, why in (("4A", ADA, "while it is read"), ("40", BOB, "while it lies there")):
            site.single[why] = site.decided(names, lambda name, badge=badge, command=command: together(
                site.devices[name], f"fault {SINGLE[name][0]} --command {command} --count 1",
                f"tap {badge} --for 1s"))
            spoilt = site.each(names, lambda name: site.devices[name].command("heal")[2])
            assert set(spoilt.values()) == {"1"}, spoilt
        site.single_states = len(site.cantine.journal("SELECT seq FROM event WHERE type = 'reader'")) - states
        site.suffer(LINE, lambda: site.tap_all(LINE, ADA, "--for", "700ms"))
        yield site


@pytest.mark.parametrize("when", ["while it is read", "while it lies there"])
@pytest.mark.parametrize("name", SINGLE)
def test_a_single_fault_loses_no_tap_and_opens_once(line, name, when):
    lines = line.single[when][name]
    assert len(lines) == 1 and "granted" in lines[0]


def test_a_single_fault_is_no_news(line):
    assert line.single_states == 0


@pytest.mark.parametrize("name", LINE)
def test_is_seen(line, name):
    seen = line.seen[name]
    wanted = "absent" if name == "entrance" else "faulty"
    assert seen["seen_after"] is not None and seen["seen_after"] < SEEN_WITHIN, seen
    assert seen["state"] == seen["on_bus"] == wanted, seen
    assert seen.get("spoilt") != 0, "the fault was there"


@pytest.mark.parametrize("name", LINE)
def test_is_well_again(line, name):
    seen = line.seen[name]
    assert seen["well_after"] is not None and seen["well_after"] < WELL_WITHIN, seen
    assert len(seen["tap"]) == 1 and "granted" in seen["tap"][0], seen


@pytest.mark.parametrize("name", LINE)
def test_costs_next_to_nothing(line, name):
    seen = line.seen[name]
    assert seen["cpu"] + seen["cantined_cpu"] < CPU_MOST, seen


@pytest.mark.parametrize("name", LINE)
def test_each_change_is_recorded_once(line, name):
    states = line.seen[name]["states"]
    if name == "firmware":  # was unplugged for a moment, so that it had to be opened
        states = [state for state in states if state != "absent"]
    assert states == [line.seen[name]["state"], "ready"]


@pytest.mark.parametrize("name", [name for name in LINE if name not in ("entrance", "drip")])
def test_says_what_was_tried(line, name):
    lines = [text for text in line.programs[name].lines.items if ": faulty: " in text]
    assert len(lines) == 1
    tried = f"no reader answers on {line.devices[name].device}: check its power"
    assert tried in lines[0]
    # what the bus and the broker say is cut to the message's size
    assert line.seen[name]["tried"].startswith(tried[:100])
    assert line.seen[name]["tried_on_bus"] == line.seen[name]["tried"]


def test_a_reader_that_works_has_nothing_to_say(line):
    assert line.tried("entrance") is None


def test_only_grants_move_the_relay(line):
    wait_until(lambda: len(line.access()) == len(line.decisions()), what="every decision in the journal")
    assert len(line.ons()) == len(line.access("granted"))
    assert all(frame.good for frame in line.cantine.relay.frames.items)


def test_every_event_is_published(line):
    rows = {row["seq"] for row in line.cantine.journal() if row["type"] in ("access", "reader")}

    def published():
        return {m[1]["seq"] for m in line.cantine.broker.messages.items if m[0] == "cantine/amiens/event"}
    wait_until(lambda: rows <= published(), what="every event")


# --- the program: what kills or stops it ---------------------------------------------------------


@pytest.fixture(name="program", scope="module")
def fixture_program(tmp_path_factory):
    """A badge that nobody knows lies on the readers whose program it will kill."""
    with Site(tmp_path_factory.mktemp("program"), PROGRAM) as site:
        for name in ("status", "ats"):
            site.devices[name].put(STRANGER, "--kind", "desfire")
            site.cantine.cantined.wait_line(f"reader {name}: refused")
        site.suffer(PROGRAM, lambda: [site.devices[name].take() for name in ("status", "ats")])
        yield site


@pytest.mark.parametrize("name", PROGRAM)
def test_a_program_that_falls_is_seen_once(program, name):
    seen = program.seen[name]
    assert seen["seen_after"] is not None and seen["seen_after"] < SEEN_WITHIN, seen
    assert seen["state"] == seen["on_bus"] == "faulty"
    assert seen["states"] == ["faulty", "ready"], "it didn't change with every start"


@pytest.mark.parametrize("name, status", [("status", -signal.SIGABRT), ("ats", -signal.SIGSEGV)])
def test_a_program_that_falls_is_patient(program, name, status):
    """It is started again after 100 ms each time, and still costs next to nothing."""
    seen, ends = program.seen[name], program.programs[name].ends.items
    assert set(ends) == {status} and 3 <= len(ends) <= 20, ends
    assert seen["cpu"] + seen["cantined_cpu"] + seen["ended_cpu"] < CPU_MOST, seen


@pytest.mark.parametrize("name", PROGRAM)
def test_a_program_that_fell_is_well_again(program, name):
    seen = program.seen[name]
    assert seen["well_after"] is not None and seen["well_after"] < WELL_WITHIN, seen
    assert len(seen["tap"]) == 1 and "granted" in seen["tap"][0], seen


def test_a_badge_that_lies_there_while_the_program_falls_is_decided_once(program):
    for name in ("status", "ats"):
        rows = [row for row in program.access("refused") if row["reader"] == name]
        assert len(rows) == 1
    assert len(program.ons()) == len(program.access("granted")) == len(PROGRAM)


def test_one_fall_is_no_news(cantine):
    """A program that has run for a while falls once, by a badge: back at once, nothing opens by it."""
    cantine.reader.stop()
    cantine.reader = KeptProgram("cantine-reader", "--config", cantine.configuration, "entrance",
                                 env={"DBUS_SYSTEM_BUS_ADDRESS": cantine.bus.address})
    cantine.start_reader()
    cantine.add_member("Ada Lovelace", ADA)
    states = [row["seq"] for row in cantine.journal() if row["type"] == "reader"]
    cantine.reader_device.command("fault", "status", "--count", "1")
    seen = len(cantine.cantined.lines)
    cantine.reader_device.put(ADA, "--kind", "desfire")
    cantine.cantined.wait_line("reader entrance: granted", seen)
    cantine.cantined.wait_line("reader entrance: ready again", seen)
    assert cantine.reader.ends.items == [-signal.SIGABRT]
    cantine.reader_device.take()
    cantine.tap(STRANGER)
    rows = cantine.journal()
    assert [row["result"] for row in rows if row["type"] == "access"] == ["granted", "refused"]
    assert [row["seq"] for row in rows if row["type"] == "reader"] == states
    assert len([frame for frame in cantine.relay.frames.items if frame.on]) == 1


def test_a_library_that_is_stuck_is_left(cantine):
    """libnfc waits for as long as bytes drip in; the program ends itself before that."""
    cantine.reader.stop()
    cantine.reader = KeptProgram("cantine-reader", "--config", cantine.configuration, "entrance",
                                 env={"DBUS_SYSTEM_BUS_ADDRESS": cantine.bus.address})
    cantine.start_reader()
    cantine.reader_device.command("fault", "drip", "--command", "4A", "--by", "100ms")
    begin = time.monotonic()
    assert cantine.reader.ends.wait(lambda status: True, deadline=12) == -signal.SIGALRM
    assert 5 < time.monotonic() - begin
    assert cantine.broker.retained("cantine/amiens/reader/entrance")["state"] == "faulty"
    assert "stuck" in cantine.reader.lines.items[-1]
    cantine.reader_device.command("heal")
    wait_until(lambda: cantine.broker.retained("cantine/amiens/reader/entrance")["state"] == "ready",
               WELL_WITHIN, "the reader")
    cantine.add_member("Ada Lovelace", ADA)
    assert "granted" in cantine.tap(ADA)[1]
    assert [row["detail"] for row in cantine.journal() if row["type"] == "reader"][-2:] == ["faulty", "ready"]


# --- badges in the wrong place -------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, "bad-dcs", "mute"])
def test_two_badges_at_once_are_each_decided_once(cantine, fault):
    """The chip tells them apart: first one is read, the other once that one has been silenced. Who
    holds two members' badges there is two people; nobody is taken for somebody else."""
    members = {cantine.add_member("Ada Lovelace", ADA), cantine.add_member("Bob", BOB)}
    if fault:
        cantine.reader_device.command("fault", fault, "--count", "2")
    together(cantine.reader_device, f"put {ADA}", f"put {BOB}", f"put {STRANGER}")
    cantine.cantined.wait_line("reader entrance: refused")
    cantine.cantined.lines.wait(
        lambda _: len([line for line in cantine.cantined.lines.items if ": granted" in line]) == 2, what="two grants")
    # Another badge that is found after them shows that they were all asked once more.
    for other in ("AABBCC01", "AABBCC02"):
        seen = len(cantine.cantined.lines)
        cantine.reader_device.put(other)
        cantine.cantined.wait_line("reader entrance: refused", seen)
        cantine.reader_device.take(other)
    rows = [row for row in cantine.journal() if row["type"] == "access"]
    assert sorted(row["member"] for row in rows if row["result"] == "granted") == sorted(members)
    assert [row["reason"] for row in rows if row["result"] == "refused"] == 3 * ["unknown_badge"]
    assert len([frame for frame in cantine.relay.frames.items if frame.on]) == 2


def test_a_badge_torn_away_opens_at_most_once(cantine):
    """Held there for 1 to 10 ms: it is read or not, and nothing else happens."""
    ada = cantine.add_member("Ada Lovelace", ADA)
    states = [row["seq"] for row in cantine.journal() if row["type"] == "reader"]
    read = 0
    for milliseconds in range(1, 11):
        for kind in ("ntag", "desfire"):
            badge = f"04{milliseconds:02X}{kind.encode().hex()[:8]}00"  # no other is so soon there again
            cantine.ctl("badge", "add", ada, badge)
            tap = cantine.reader_device.tap(badge, "--kind", kind, "--for", f"{milliseconds}ms")
            read += tap.read is not None
    cantine.tap(STRANGER)  # decided after all of them
    rows = cantine.journal()
    assert len([row for row in rows if row["result"] == "granted"]) == read
    assert len([frame for frame in cantine.relay.frames.items if frame.on]) == read
    assert 0 < read < 20
    assert [row["seq"] for row in rows if row["type"] == "reader"] == states


def test_a_slow_reader_works(cantine):
    """Every answer a quarter of a second late is still in time."""
    cantine.add_member("Ada Lovelace", ADA)
    states = [row["seq"] for row in cantine.journal() if row["type"] == "reader"]
    cantine.reader_device.command("fault", "late", "--by", "250ms")
    seen = len(cantine.cantined.lines)
    cantine.reader_device.tap(ADA, "--for", "3s")  # longer than a look around for others
    cantine.cantined.wait_line("reader entrance: granted", seen)
    cantine.reader_device.command("heal")
    cantine.tap(STRANGER)
    rows = cantine.journal()
    assert len([row for row in rows if row["result"] == "granted"]) == 1
    assert [row["seq"] for row in rows if row["type"] == "reader"] == states
