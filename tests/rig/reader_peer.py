# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where cantined would: listens on reader.sock and speaks daemon/wire/reader_message.h.

    with ReaderPeer(runtime_dir) as peer:
        peer.accept()
        card = peer.expect(Card, deadline=2)
        peer.answer(card.presentation)
"""

import select
import socket
import struct
import time
from pathlib import Path
from typing import List, NamedTuple, Optional, Union

VERSION = 1
HELLO, STATE, CARD, HEARTBEAT, ANSWER = range(1, 6)
STATES = ("absent", "ready", "faulty")
REFUSED, GRANTED, REPEATED = range(3)

HEADER = struct.Struct("=HHI")
BODIES = {
    HELLO: struct.Struct("=32s"),
    STATE: struct.Struct("=I128s"),
    CARD: struct.Struct("=QQ10sB2sBB32sB"),
    HEARTBEAT: struct.Struct("=Q"),
    ANSWER: struct.Struct("=QII"),
}


class Hello(NamedTuple):
    name: str


class State(NamedTuple):
    state: str
    tried: str


class Card(NamedTuple):
    presentation: int
    read_at: int  # µs of CLOCK_MONOTONIC
    uid: str
    atqa: bytes
    sak: int
    ats: bytes


class Heartbeat(NamedTuple):
    polls: int


Message = Union[Hello, State, Card, Heartbeat]


def text(field: bytes) -> str:
    return field[: field.index(0)].decode()


def decode(datagram: bytes) -> Message:
    """The message in `datagram`, every size checked."""
    version, kind, size = HEADER.unpack_from(datagram)
    assert version == VERSION and size == len(datagram), datagram.hex()
    values = BODIES[kind].unpack(datagram[HEADER.size :])
    if kind == HELLO:
        return Hello(text(values[0]))
    if kind == STATE:
        return State(STATES[values[0]], text(values[1]))
    if kind == CARD:
        presentation, read_at, uid, uid_length, atqa, sak, ats_length, ats, reserved = values
        assert reserved == 0
        return Card(presentation, read_at, uid[:uid_length].hex().upper(), atqa, sak, ats[:ats_length])
    assert kind == HEARTBEAT
    return Heartbeat(values[0])


def encode_answer(presentation: int, outcome: int = GRANTED, version: int = VERSION) -> bytes:
    body = BODIES[ANSWER].pack(presentation, outcome, 0)
    return HEADER.pack(version, ANSWER, HEADER.size + len(body)) + body


class ReaderPeer:
    """The listening socket and at most one connection."""

    def __init__(self, runtime_dir):
        self.path = Path(runtime_dir) / "reader.sock"
        self.listener: Optional[socket.socket] = None
        self.connection: Optional[socket.socket] = None
        self.waiting: List[Message] = []  # received while something else was expected

    def __enter__(self) -> "ReaderPeer":
        self.listen()
        return self

    def __exit__(self, *_):
        self.stop()

    def listen(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.listener.listen(8)

    def hang_up(self):
        """Closes the connection; the next one can be accepted."""
        if self.connection:
            self.connection.close()
        self.connection = None
        self.waiting = []

    def stop(self):
        """As if cantined had ended: the socket is gone too."""
        self.hang_up()
        if self.listener:
            self.listener.close()
            self.path.unlink(missing_ok=True)
        self.listener = None

    def accept(self, deadline: float = 5) -> Hello:
        """Takes the reader's connection; its first message."""
        self.listener.settimeout(deadline)
        self.connection, _ = self.listener.accept()
        hello = self.receive(deadline)
        assert isinstance(hello, Hello)
        return hello

    def receive(self, deadline: float) -> Optional[Message]:
        """The next message, None if none came in time. ConnectionError if the reader hung up."""
        if self.waiting:
            return self.waiting.pop(0)
        return self._receive(deadline)

    def _receive(self, deadline: float) -> Optional[Message]:
        if not select.select([self.connection], [], [], max(deadline, 0))[0]:
            return None
        datagram = self.connection.recv(4096)
        if not datagram:
            raise ConnectionError("the reader hung up")
        return decode(datagram)

    def expect(self, kind: type, deadline: float = 5, **values) -> Message:
        """The first message of this kind with these values; earlier ones are let go."""
        end = time.monotonic() + deadline
        while True:
            message = self.receive(end - time.monotonic())
            assert message is not None, f"no {kind.__name__} {values} within {deadline} s"
            if isinstance(message, kind) and all(getattr(message, k) == v for k, v in values.items()):
                return message

    def expect_none(self, kind: type, within: float):
        """Fails if such a message comes within so many seconds; others are kept for later."""
        end = time.monotonic() + within
        kept = []
        while (message := self.receive(end - time.monotonic())) is not None:
            assert not isinstance(message, kind), f"unexpected {message}"
            kept.append(message)
        self.waiting = kept

    def expect_hang_up(self, deadline: float = 2):
        """Waits until the reader closes the connection."""
        end = time.monotonic() + deadline
        try:
            while time.monotonic() < end:
                self._receive(end - time.monotonic())
        except ConnectionError:
            self.hang_up()
            return
        raise AssertionError(f"the reader kept the connection for {deadline} s")

    def send(self, datagram: bytes):
        self.connection.send(datagram)

    def answer(self, presentation: int, outcome: int = GRANTED):
        self.send(encode_answer(presentation, outcome))
