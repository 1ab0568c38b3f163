# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers that fail, each in its own way and all at once, while cantined, the broker and D-Bus look on.

Each fault has a reader of its own in one Cantine. Everything happens once, in module fixtures; the
tests look at what was seen. A reader that fails is said to be so within 8 s, costs next to nothing,
moves no relay, and is well again within 10 s after its fault has gone.
"""

import signal
import socket
import time

import pytest

from rig.failing_readers import ADA, BOB, LINE, PROGRAM, SEEN_WITHIN, STRANGER, WELL_WITHIN, Site
from rig.program import KeptProgram
from rig.waiting import wait_until

CPU_MOST = 0.02  # share of a core

# A single one of these must not be noticed: reader → fault.
SINGLE = {name: LINE[name] for name in LINE if name not in ("flood", "drip", "firmware", "entrance")}


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
    with Site(tmp_path_factory.mktemp("program"), PROGRAM) as site:
        site.suffer_program()
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
