# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where cantined would: listens on publisher.sock and speaks daemon/wire/publisher_message.h.

    with CantinedPeer(runtime_dir) as peer:
        peer.accept()
        peer.send(occupancy(count=1))
        peer.expect(START)
        peer.send(event(1))
        peer.expect(ACK, seq=1)
"""

import socket
import struct
import time
from pathlib import Path
from typing import NamedTuple

VERSION = 1
HELLO, START, STOP, ACK, OCCUPANCY, DOOR, READER, EVENT, ROOM, GREETING, ALERT, TAKEN = range(1, 13)
NAMES = ("", "HELLO", "START", "STOP", "ACK", "OCCUPANCY", "DOOR", "READER", "EVENT", "ROOM",
         "GREETING", "ALERT", "ALERT_TAKEN")
LOCKS = ("locked", "unlocked", "held", "lockdown")
CONTACTS = ("unknown", "open", "closed")
ALARMS = (None, "forced", "held_open", "faulty", "fire")
READERS = ("absent", "ready", "faulty")
ROOMS = ("free", "busy")
TYPES = ("access", "entered", "left", "checkout", "exit_button", "unlock", "hold", "release",
         "lockdown", "fire", "forced", "held_open", "reader", "system")
ALERT_KINDS = ("forced", "held_open", "faulty", "full", "fault")
RESULTS = (None, "granted", "refused")
DIRECTIONS = (None, "in", "out")
OK, UNKNOWN_BADGE = 0, 2  # enum reason

HEADER = struct.Struct("=HHI")
EVENT_BODY = struct.Struct("=qQqiiii40s32s32s64s64s512sII")
AT = 1_795_378_500_123_000  # 2026-11-22T20:15:00.123Z in µs
AT_TEXT = "2026-11-22T20:15:00.123Z"
BOOT = "0f3c9b1e-5d1a-4c8e-9a55-1f2e3d4c5b6a"


class Word(NamedTuple):
    """A message from the publisher; `seq` is an ACK's, or an alert's number."""

    kind: int
    seq: int = 0

    def __str__(self):
        return f"{NAMES[self.kind]} {self.seq or ''}".strip()


def message(kind, body, version=VERSION, size=None):
    """`size` = what the header claims, where it isn't the truth."""
    return HEADER.pack(version, kind, HEADER.size + len(body) if size is None else size) + body


def occupancy(count=12, capacity=40, opened=True, at=AT):
    return message(OCCUPANCY, struct.pack("=QIIII", at, count, capacity, opened, 0))


def door(name="front", lock="locked", contact="unknown", alarm=None, at=AT):
    return message(DOOR, struct.pack("=Q32sIIII", at, name.encode(), LOCKS.index(lock),
                                     CONTACTS.index(contact), ALARMS.index(alarm), 0))


def reader(name="entrance", state="ready", at=AT, tried=""):
    return message(READER, struct.pack("=Q32sII128s", at, name.encode(), READERS.index(state), 0, tried.encode()))


def room(name="bleue", title="Salle bleue", state="free", until=0, booked="", following=(0, 0, "")):
    """`booked`: what runs; `following`: when the next booking begins and ends (µs), its title."""
    return message(ROOM, struct.pack("=32s512sIIQ808sQQ808s", name.encode(), title.encode(),
                                     ROOMS.index(state), 0, until, booked.encode(), *following[:2],
                                     following[2].encode()))


def greeting(name="Ada", place="front", ago=0.0):
    """`ago`: how many seconds ago the door was opened."""
    at = int((time.monotonic() - ago) * 1e6)
    return message(GREETING, struct.pack("=Q512s32s", at, name.encode(), place.encode()))


def alert(number, kind="full", name="", text="the space is full", at=AT):
    return message(ALERT, struct.pack("=QQ32sII640s", number, at, name.encode(), ALERT_KINDS.index(kind), 0,
                                      text.encode()))


def event(seq, kind="access", result="granted", reason=OK, member=7, name="Ada Lovelace",
          direction="in", historical=False, at=AT):
    return message(EVENT, EVENT_BODY.pack(
        seq, at, member, TYPES.index(kind), RESULTS.index(result), reason,
        DIRECTIONS.index(direction), BOOT.encode(), b"front", b"entrance", b"", b"",
        name.encode(), historical, 0))


def decode(datagram):
    version, kind, size = HEADER.unpack_from(datagram)
    assert version == VERSION and size == len(datagram), datagram.hex()
    assert kind in (HELLO, START, STOP, ACK, TAKEN), NAMES[kind]
    numbered = kind in (ACK, TAKEN)
    assert size == (16 if numbered else 8), datagram.hex()
    return Word(kind, *struct.unpack_from("=q", datagram, HEADER.size) if numbered else ())


class CantinedPeer:
    """The listening socket and at most one connection."""

    def __init__(self, runtime_dir):
        self.path = Path(runtime_dir) / "publisher.sock"
        self.listener = None
        self.connection = None

    def start(self):
        self.path.parent.mkdir(exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.listener.listen(8)
        return self

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """As if cantined had ended: the socket is gone too."""
        self.hang_up()
        if self.listener:
            self.listener.close()
            self.path.unlink()
        self.listener = None

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def accept(self, *messages, deadline=5):
        """Takes the publisher's connection and its HELLO, and sends it the messages."""
        self.hang_up()
        self.listener.settimeout(deadline)
        self.connection, _ = self.listener.accept()
        assert self.receive(deadline) == Word(HELLO)
        self.send(*messages)

    def send(self, *messages):
        for datagram in messages:
            self.connection.send(datagram)

    def receive(self, deadline=5):
        """The next message. ConnectionError if the publisher hung up, TimeoutError if none came."""
        self.connection.settimeout(max(deadline, 0.001))
        datagram = self.connection.recv(4096)
        if not datagram:
            raise ConnectionError("the publisher hung up")
        return decode(datagram)

    def expect(self, kind, seq=0, deadline=10):
        """The very next message must be this one."""
        word = self.receive(deadline)
        assert word == Word(kind, seq), f"{word} instead of {Word(kind, seq)}"

    def expect_hang_up(self, deadline=5):
        """Lets messages go until the publisher closes the connection; what came before."""
        end = time.monotonic() + deadline
        words = []
        try:
            while True:
                words.append(self.receive(end - time.monotonic()))
        except ConnectionError:
            self.hang_up()
            return words
