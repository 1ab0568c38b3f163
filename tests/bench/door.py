# SPDX-License-Identifier: GPL-3.0-or-later
"""From the badge to the relay: the whole way, cantined's part of it, the record, the start."""

import os
import socket
import struct
import subprocess
import time

from rig.cantine import Cantine
from rig.program import BUILD
from rig.relay import Relay
from rig.virtual_reader import VirtualReader
from rig.waiting import DEADLINE, wait_until

ADA = "04A1B2C3D4E5F6"
TAPS = 60
CARDS = 300
COMMITS = 2000
STARTS = 15


class BareReader:
    """The bare libnfc loop on a virtual chip of its own."""

    def __init__(self, directory):
        self.device = VirtualReader(directory, "bare")

    def __enter__(self):
        self.device.start()
        self.process = subprocess.Popen([BUILD / "bench/bare_reader", self.device.device],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def tap(self):
        """µs from the badge to its number."""
        tap = self.device.tap(ADA)
        return int(self.process.stdout.readline()) - tap.put

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.device.stop()


def tap_and_relay(cantine):
    """µs from the badge to the relay's first byte."""
    frames = len(cantine.relay.frames)
    tap = cantine.reader_device.tap(ADA)
    on = cantine.relay.wait(True, frames)
    cantine.relay.wait(False, frames)
    return on.at - tap.put


def tap_to_relay(directory):
    """Badge put down → the relay's first byte, against badge → number in the bare loop."""
    with Cantine(directory, unlock="100ms") as cantine, BareReader(directory) as bare:
        cantine.add_member("Ada Lovelace", ADA)
        pairs = [(tap_and_relay(cantine), bare.tap()) for _ in range(TAPS)]
    return {"name": "tap to relay, 115200 baud", "floor_is": "a bare libnfc loop, tap to number",
            "values": [whole for whole, _ in pairs], "floors": [floor for _, floor in pairs]}


def card(presentation):
    """Ada's READER_CARD of daemon/wire/reader_message.h."""
    number = bytes.fromhex(ADA)
    body = struct.pack("=QQ10sB2sBB32sB", presentation, int(time.monotonic() * 1e6), number,
                       len(number), b"\x00\x44", 0, 0, b"", 0)
    return struct.pack("=HHI", 1, 3, 8 + len(body)) + body


def fill(cantine, members):
    """So many members with a badge each, the last one Ada."""
    cantine.sql(f"""
        BEGIN;
        WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {members - 1})
        INSERT INTO member (name, plan) SELECT 'Member ' || i, 'resident' FROM n;
        INSERT INTO badge (uid, member) SELECT printf('05%012X', id), id FROM member;
        COMMIT;""")
    cantine.add_member("Ada Lovelace", ADA)


def send_and_wait(peer, relay, message):
    """µs from a card on the socket to the relay's first byte."""
    frames = len(relay.frames)
    sent = time.monotonic() * 1e6
    peer.send(message)
    return relay.wait(True, frames).at - sent


def peer_of(path, *messages):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.settimeout(DEADLINE)
    peer.connect(str(path))
    for message in messages:
        peer.send(message)
    return peer


def share(directory, members):
    """A card on reader.sock → the relay's first byte, against a program that only writes it."""
    bare_directory = directory / "bare"
    bare_directory.mkdir()
    shares, floors = [], []
    hello = struct.pack("=HHI32s", 1, 1, 40, b"entrance")
    ready = struct.pack("=HHII128s", 1, 2, 140, 1, b"bench")
    with Cantine(directory, unlock="100ms") as cantine, Relay(bare_directory) as relay:
        fill(cantine, members)
        cantine.tap(ADA)
        cantine.reader.stop()
        bare = subprocess.Popen([BUILD / "bench/bare_relay", bare_directory / "sock", relay.path])
        wait_until((bare_directory / "sock").exists, what="the bare relay")
        with peer_of(directory / "run/reader.sock", hello, ready) as peer, \
                peer_of(bare_directory / "sock") as bare_peer:
            for i in range(CARDS):
                shares.append(send_and_wait(peer, cantine.relay, card(i + 1)))
                peer.recv(256)
                floors.append(send_and_wait(bare_peer, relay, card(i + 1)))
        bare.wait(DEADLINE)
    return {"name": f"cantined's share, {members:,} members",
            "floor_is": "a program that only writes the frame", "values": shares, "floors": floors}


def journal_commit(directory):
    """append → committed, as the event loop sees it, against a bare INSERT in one thread."""
    done = subprocess.run([BUILD / "bench/journal_commit", directory, str(COMMITS)],
                          capture_output=True, text=True, check=True, timeout=60)
    pairs = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    return {"name": "the journal's commit", "floor_is": "a bare INSERT in the same thread",
            "values": [commit for commit, _ in pairs], "floors": [insert for _, insert in pairs]}


def time_to_ready(cantine, path):
    """µs from starting cantined to its READY=1."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(DEADLINE)
        cantine.cantined.env["NOTIFY_SOCKET"] = str(path)
        begun = time.monotonic()
        cantine.cantined.start()
        while b"READY=1" not in notify.recv(4096):
            pass
        took = (time.monotonic() - begun) * 1e6
    cantine.cantined.stop()
    os.unlink(path)
    return took


def time_to_version():
    begun = time.monotonic()
    subprocess.run([BUILD / "cantined", "--version"], stdout=subprocess.DEVNULL, check=True)
    return (time.monotonic() - begun) * 1e6


def start_to_ready(directory, members):
    """Starting cantined → READY=1, against starting it only to print its version."""
    with Cantine(directory) as cantine:
        fill(cantine, members)
        cantine.publisher.stop()
        cantine.reader.stop()
        cantine.cantined.stop()
        pairs = [(time_to_ready(cantine, directory / "notify"), time_to_version())
                 for _ in range(STARTS)]
    return {"name": f"start to ready, {members:,} members",
            "floor_is": "cantined --version",
            "values": [ready for ready, _ in pairs], "floors": [floor for _, floor in pairs]}
