# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails, fails alone: broker, programs, files, devices. Nothing unlocks by it, nothing is lost."""

import sqlite3

import pytest

from rig.program import Program
from rig.waiting import wait_until

ADA, STRANGER = "04A1B2C3D4E5F6", "04DEADBEEF0001"


@pytest.fixture
def ada(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    return cantine


def events(cantine, seen=0):
    return [m[1] for m in cantine.broker.messages.items[seen:]
            if m[0] == "cantine/amiens/event"]


def test_broker_down_and_back(ada):
    before = max(event["seq"] for event in events(ada)) if events(ada) else 0
    ada.broker.stop()
    for _ in range(5):
        frames = len(ada.relay.frames)
        ada.tap(ADA)
        ada.relay.wait(True, frames)
        ada.relay.wait(False, frames)
    newest = ada.journal("SELECT max(seq) AS seq FROM event")[0]["seq"]
    seen = len(ada.broker.messages)
    ada.broker.start()
    ada.broker.messages.wait(
        lambda m: m[0] == "cantine/amiens/event" and m[1]["seq"] == newest, seen, 30)
    ada.tap(ADA)
    ada.broker.messages.wait(
        lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access"
        and m[1]["seq"] > newest, seen)

    topics = [m[0] for m in ada.broker.messages.items[seen:]]
    first_event = topics.index("cantine/amiens/event")
    assert "cantine/amiens/occupancy" in topics[:first_event], "states come before events"
    came = events(ada, seen)
    assert [event["seq"] for event in came] == sorted(event["seq"] for event in came)
    missed = [event for event in came if before < event["seq"] <= newest]
    assert {event["seq"] for event in missed} >= {
        row["seq"] for row in ada.journal() if before < row["seq"] <= newest
        and row["type"] == "access"}
    assert all(event["historical"] for event in missed)
    assert not came[-1]["historical"]


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("name", ["cantined", "reader", "publisher"])
def test_each_program_ended_and_started_again(ada, name, end):
    frames = len(ada.relay.frames)
    program = getattr(ada, name)
    status = getattr(program, end)()
    assert status == (0 if end == "stop" else -9)
    getattr(ada, f"start_{name}")()
    wait_until(lambda: ada.broker.retained("cantine/amiens/status") == "online",
               what="status online")
    assert not [f for f in ada.relay.frames.items[frames:] if f.on], "nothing unlocks by it"
    if name == "cantined":  # its peers come back by themselves
        ada.cantined.wait_line("reader entrance: ready", 1)
    _, line = ada.tap(ADA)
    assert "granted" in line
    ada.relay.wait(True, frames)


def test_a_badge_forgotten_on_the_reader_opens_nothing_at_a_start(ada):
    ada.tap(ADA)
    ada.reader.stop()
    ada.reader_device.put(ADA)
    frames, lines = len(ada.relay.frames), len(ada.cantined.lines)
    ada.start_reader()
    ada.reader_device.take()
    ada.tap(STRANGER)  # decided after the forgotten badge would have been
    granted = [line for line in ada.cantined.lines.items[lines:] if "granted" in line]
    assert not granted and not [f for f in ada.relay.frames.items[frames:] if f.on]


def test_killed_during_a_pulse_locks_at_start(ada):
    ada.tap(ADA)
    frames = len(ada.relay.frames)
    ada.cantined.kill()
    ada.start_cantined()
    assert not ada.relay.wait(False, frames).on
    assert not [f for f in ada.relay.frames.items[frames:] if f.on]


def test_relay_goes_and_comes_back(ada):
    ada.relay.unplug()
    ada.cantined.wait_line("door front: ")
    wait_until(lambda: ada.broker.retained("cantine/amiens/door/front")["alarm"] == "faulty",
               what="the alarm")
    _, line = ada.tap(ADA)
    assert "granted" in line
    frames = len(ada.relay.frames)
    ada.relay.plug()
    assert not ada.relay.frames.wait(lambda f: True, frames).on
    wait_until(lambda: ada.broker.retained("cantine/amiens/door/front")["alarm"] is None,
               what="the end of the alarm")
    ada.tap(ADA)
    ada.relay.wait(True, frames)


def test_records_vanish_and_come_back(ada):
    path = ada.directory / "records.db"
    kept = ada.directory / "kept.db"
    ada.tap(ADA)  # the copy has her
    with sqlite3.connect(path) as db:
        db.execute("VACUUM INTO ?", (str(kept),))
    db.close()
    for suffix in ("", "-wal", "-shm"):
        (ada.directory / f"records.db{suffix}").unlink(missing_ok=True)
    _, line = ada.tap(ADA)
    assert "granted" in line, "the last good copy goes on"
    ada.cantined.wait_line("last good copy")
    with sqlite3.connect(kept) as db:
        db.execute("UPDATE badge SET status = 'lost'")
    db.close()
    kept.rename(path)
    _, line = ada.tap(ADA)
    assert "badge_lost" in line


def test_a_journal_that_cannot_be_written_keeps_nobody_out(ada):
    frames = len(ada.relay.frames)
    other = sqlite3.connect(ada.directory / "journal.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # somebody else's open transaction
    ada.reader_device.tap(ADA)
    ada.relay.wait(True, frames)
    ada.cantined.wait_line("the journal cannot be written")
    assert not [row for row in ada.journal() if row["type"] == "access"]
    other.execute("ROLLBACK")
    other.close()
    ada.cantined.wait_line("the journal is written again")
    wait_until(lambda: [row["type"] for row in ada.journal()].count("access") == 1,
               what="the row that had to wait")
    ada.broker.messages.wait(
        lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access", what="the event")


def end_of(cantine, program):
    """Starts a program that must not start: its only line, its status."""
    program.start()
    status = program.process.wait(15)
    return program.lines.wait(lambda line: True), status


def test_broken_configuration(ada):
    ada.settings["extra"] = "[door back]\nactuator=magic\n"
    ada.write_configuration()
    for name, arguments in (("cantined", ()), ("cantine-reader", ("entrance",)),
                            ("cantine-publisher", ())):
        line, status = end_of(ada, Program(name, "--config", ada.configuration, *arguments))
        assert status == 1
        assert f"{ada.configuration}:" in line and "magic" in line and "serial-relay" in line
    line, status = end_of(ada, Program("cantined", "--config", ada.configuration, "--check"))
    assert status == 1 and "magic" in line


def test_a_contact_on_a_chip_that_is_not_there(ada):
    """The door is faulty, and opens all the same."""
    ada.cantined.stop()
    ada.settings["unlock"] = "300ms\ncontact=gpio:no-such-chip:4"
    ada.write_configuration()
    ada.resume_cantined()
    ada.cantined.wait_line("door front: there is no GPIO chip “no-such-chip”")
    wait_until(lambda: ada.broker.retained("cantine/amiens/door/front")["alarm"] == "faulty")
    ada.tap(ADA)
    wait_until(lambda: ada.ctl_json("occupancy")["count"] == 1)


def test_newer_database(ada):
    ada.cantined.stop()
    ada.sql("PRAGMA user_version = 9999")
    line, status = end_of(ada, Program("cantined", "--config", ada.configuration))
    assert status == 1 and "records.db" in line and "9999" in line


def test_unreadable_database(ada):
    ada.cantined.stop()
    for suffix in ("-wal", "-shm"):
        (ada.directory / f"records.db{suffix}").unlink(missing_ok=True)
    (ada.directory / "records.db").write_bytes(b"This is a shopping list.\n" * 400)
    line, status = end_of(ada, Program("cantined", "--config", ada.configuration))
    assert status == 1 and "records.db" in line
    assert (ada.directory / "records.db").read_bytes().startswith(b"This is a shopping list.")


def test_strangers_on_the_sockets(ada):
    """Messages of the wrong size, version or kind end their connection and nothing else."""
    import socket
    import struct

    for name in ("reader.sock", "publisher.sock"):
        for message in (b"x", b"\0" * 8, struct.pack("=HHI", 1, 1, 8), struct.pack("=HHI", 99, 1, 40)
                        + b"entrance".ljust(32, b"\0"), struct.pack("=HHI", 1, 1, 40)
                        + b"cellar".ljust(32, b"\0"), b"\xff" * 5000):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
                peer.settimeout(10)
                peer.connect(str(ada.directory / "run" / name))
                if name == "publisher.sock" and message == struct.pack("=HHI", 1, 1, 8):
                    continue  # the publisher's own HELLO
                peer.send(message)
                try:
                    assert peer.recv(1) == b""
                except ConnectionResetError:
                    pass
    assert "granted" in ada.tap(ADA)[1]
