# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: how fast, each figure beside its floor of the same run; a table and build/bench.json.

What is compared runs in turn, so that a machine whose speed drifts is unjust to neither.
"""

import json
import platform
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig.cantine import Cantine  # noqa: E402
from rig.program import BUILD  # noqa: E402
from rig.relay import Relay  # noqa: E402
from rig.virtual_reader import VirtualReader  # noqa: E402
from rig.waiting import wait_until  # noqa: E402

ADA = "04A1B2C3D4E5F6"
TAPS = 60
CARDS = 300


def median(values):
    return statistics.median(values)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


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


def relay_taps(cantine):
    frames = len(cantine.relay.frames)
    tap = cantine.reader_device.tap(ADA)
    on = cantine.relay.wait(True, frames)
    cantine.relay.wait(False, frames)
    return on.at - tap.put


def bench_tap_to_relay(directory):
    """Badge put down → the relay's first byte, against badge → number in the bare loop."""
    with Cantine(directory, unlock="100ms") as cantine, BareReader(directory) as bare:
        cantine.add_member("Ada Lovelace", ADA)
        whole, floor = [], []
        for _ in range(TAPS):
            whole.append(relay_taps(cantine))
            floor.append(bare.tap())
    return {"name": "tap to relay, 115200 baud", "unit": "ms", "n": TAPS,
            "median": median(whole) / 1000, "p95": percentile(whole, 0.95) / 1000,
            "floor": median(floor) / 1000, "floor_is": "bare libnfc loop, tap to number"}


def card(presentation, uid):
    """A READER_CARD of daemon/wire/reader_message.h."""
    number = bytes.fromhex(uid)
    body = struct.pack("=QQ10sB2sBB32sB", presentation, int(time.monotonic() * 1e6), number,
                       len(number), b"\x00\x44", 0, 0, b"", 0)
    body += b"\0" * (-len(body) % 8)
    return struct.pack("=HHI", 1, 3, 8 + len(body)) + body


def fill(cantine, members):
    """So many members with a badge each, the last one Ada; returns when they hold."""
    cantine.sql(f"""
        BEGIN;
        WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {members - 1})
        INSERT INTO member (name, plan) SELECT 'Member ' || i, 'resident' FROM n;
        INSERT INTO badge (uid, member) SELECT printf('05%012X', id), id FROM member;
        COMMIT;""")
    cantine.add_member("Ada Lovelace", ADA)


def send_and_wait(peer, relay, message):
    frames = len(relay.frames)
    sent = time.monotonic() * 1e6
    peer.send(message)
    return relay.wait(True, frames).at - sent


def bench_share(directory, members):
    """A card on reader.sock → the relay's first byte, against a program that only writes the frame."""
    bare_directory = directory / "bare"
    bare_directory.mkdir()
    shares, floors = [], []
    with Cantine(directory, unlock="100ms") as cantine, Relay(bare_directory) as relay:
        fill(cantine, members)
        cantine.tap(ADA)
        cantine.reader.stop()
        bare = subprocess.Popen([BUILD / "bench/bare_relay", bare_directory / "sock", relay.path])
        wait_until((bare_directory / "sock").exists, what="the bare relay")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer, \
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as bare_peer:
            peer.connect(str(directory / "run/reader.sock"))
            peer.send(struct.pack("=HHI32s", 1, 1, 40, b"entrance"))
            peer.send(struct.pack("=HHII128s", 1, 2, 140, 1, b"bench"))
            bare_peer.connect(str(bare_directory / "sock"))
            for i in range(CARDS):
                shares.append(send_and_wait(peer, cantine.relay, card(i + 1, ADA)))
                peer.recv(256)
                floors.append(send_and_wait(bare_peer, relay, card(i + 1, ADA)))
        bare.wait(10)
    return {"name": f"cantined's share, {members:,} members", "unit": "ms", "n": CARDS,
            "median": median(shares) / 1000, "p95": percentile(shares, 0.95) / 1000,
            "floor": median(floors) / 1000, "floor_is": "a program that only writes the frame"}


BENCHES = [
    bench_tap_to_relay,
    lambda directory: bench_share(directory, 10_000),
]


def machine():
    model = next((line.split(":")[1].strip() for line in
                  Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
                 platform.machine())
    return f"{model}, {len(__import__('os').sched_getaffinity(0))} cores, {platform.release()}"


def shown(row):
    return (f"{row['name']:<40} {row['median']:>9.3f} {row['p95']:>9.3f} {row['floor']:>9.3f} "
            f"{row['median'] / row['floor']:>6.2f}  {row['unit']:<4} {row['floor_is']}")


def main():
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print(f"{'':<40} {'median':>9} {'95 %':>9} {'floor':>9} {'ratio':>6}  unit floor is")
    rows = []
    for bench in BENCHES:
        with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
            rows.append(bench(Path(directory)))
        print(shown(rows[-1]), flush=True)
    (BUILD / "bench.json").write_text(json.dumps(
        {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
