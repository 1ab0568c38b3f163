# SPDX-License-Identifier: GPL-3.0-or-later
"""A big association: what a decision costs with its look-ups, and what an edit makes it wait."""

import sqlite3
import struct
import subprocess
import time

from bench.door import ADA, card, peer_of, send_and_wait
from rig.cantine import Cantine
from rig.program import BUILD

SMALL, BIG = 1_000, 100_000
TURNS, TAPS = 5, 4_000
EDITS = 15
TAP_MOST = 0.1     # ms
GROWTH_MOST = 1.5  # times the small association's decision
EDIT_MOST = 300    # ms

# Each row of what the door needs, read once.
SCAN = """SELECT (SELECT sum(length(uid) + member) FROM badge),
    (SELECT sum(length(name) + length(plan)) FROM member),
    (SELECT sum(member + ends_at) FROM booking NOT INDEXED),
    (SELECT sum(member + booking) FROM booking_guest NOT INDEXED)"""


def association(path, members):
    """A records.db with so many members, three badges for two of them and two bookings for each."""
    subprocess.run([BUILD / "bench/association", path, str(members)], check=True, timeout=120)
    return path


def measured(what, path, rounds):
    """Pairs of a time and its floor, in µs: what tests/bench/decision.c prints."""
    done = subprocess.run([BUILD / "bench/decision", what, path, str(rounds)], capture_output=True,
                          text=True, check=True, timeout=120)
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def row(name, floor_is, pairs, **bounds):
    return {"name": name, "floor_is": floor_is, "values": [value for value, _ in pairs],
            "floors": [floor for _, floor in pairs], **bounds}


def look_ups(directory):
    """Nothing has changed, in a small and a big association in turn."""
    small, big = (association(directory / f"{n}.db", n) for n in (SMALL, BIG))
    of_small, of_big = [], []
    for _ in range(TURNS):
        of_small += measured("taps", small, TAPS)
        of_big += measured("taps", big, TAPS)
    floor_is = "one look-up by primary key in memory"
    return [row(f"a decision, {SMALL:,} members", floor_is, of_small),
            row(f"a decision, {BIG:,} members", floor_is, of_big, most=TAP_MOST,
                most_times=(GROWTH_MOST, f"a decision, {SMALL:,} members"))]


def edits(directory):
    """A badge's status was changed just before; while another change was being copied; noticed."""
    path = association(directory / "records.db", BIG)
    reading = "reading those tables once"
    return [row("… just after an edit", reading, measured("edits", path, EDITS), most=EDIT_MOST),
            row("… and with a copy on its way", reading, measured("overtaken", path, EDITS),
                most=EDIT_MOST),
            row("… after an edit that was noticed", "one look-up by primary key in memory",
                measured("noticed", path, EDITS), most=TAP_MOST)]


def reading_once(db):
    begun = time.monotonic()
    db.execute(SCAN).fetchall()
    return (time.monotonic() - begun) * 1e6


def edited(db, status):
    db.execute("UPDATE member SET status = ? WHERE name = 'Ada Lovelace'", (status,))


def edit_to_relay(directory):
    """The whole cantined: suspended, Ada is refused; active again, her next card opens."""
    association(directory / "records.db", BIG)
    hello = struct.pack("=HHI32s", 1, 1, 40, b"entrance")
    ready = struct.pack("=HHII128s", 1, 2, 140, 1, b"bench")
    pairs = []
    with Cantine(directory, unlock="100ms") as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        cantine.tap(ADA)
        cantine.reader.stop()
        db = sqlite3.connect(directory / "records.db", isolation_level=None)
        with peer_of(directory / "run/reader.sock", hello, ready) as peer:
            for i in range(EDITS):
                frames, lines = len(cantine.relay.frames), len(cantine.cantined.lines)
                edited(db, "suspended")
                peer.send(card(2 * i + 1))
                cantine.cantined.lines.wait(lambda text: "refused" in text, lines, what="a refusal")
                peer.recv(256)
                assert not any(frame.on for frame in cantine.relay.frames.items[frames:])
                edited(db, "active")
                pairs.append((send_and_wait(peer, cantine.relay, card(2 * i + 2)), reading_once(db)))
                peer.recv(256)
        db.close()
    return row(f"edit, then card to relay, {BIG:,}", "reading those tables once", pairs,
               most=EDIT_MOST)
