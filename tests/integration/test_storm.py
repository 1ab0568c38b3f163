# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of all three programs at random moments while badges are tapped without a pause.

CANTINE_STORM=200 makes it two hundred rounds (`make storm`); CANTINE_SEED repeats one.
"""

import os
import random
import threading
import time

from rig.cantine import Cantine
from rig.virtual_reader import ReaderError
from rig.waiting import wait_until

ROUNDS = int(os.environ.get("CANTINE_STORM", "24"))
MEMBERS = [f"04A1B2C3D4E5{n:02X}" for n in range(6)]
STRANGERS = [f"04DEADBEEF00{n:02X}" for n in range(2)]
UNLOCK = 0.3
LATE = 0.5  # a loaded machine


def wall(monotonic_usec):
    return monotonic_usec + (time.time_ns() - time.monotonic_ns()) // 1000


class Taps(threading.Thread):
    """Somebody who taps one badge after the other until told to stop."""

    def __init__(self, cantine, dice):
        super().__init__(daemon=True)
        self.cantine, self.dice = cantine, dice
        self.over = threading.Event()
        self.n = 0

    def run(self):
        while not self.over.is_set():
            uid = self.dice.choice(MEMBERS * 3 + STRANGERS)
            try:
                self.cantine.reader_device.tap(uid, "--for", "80ms")
            except ReaderError:
                continue
            self.n += 1

    def stop(self):
        self.over.set()
        self.join(15)


def kill_one(cantine, dice):
    program = dice.choice(cantine.programs)
    time.sleep(dice.uniform(0, 0.5))  # the random moment is the point, nothing waits here
    program.kill()
    killed = int(time.monotonic() * 1e6)
    program.start()
    return program.name, killed


def test_every_pulse_has_its_grant_and_its_end(tmp_path):
    seed = int(os.environ.get("CANTINE_SEED", time.time_ns() % 1_000_000))
    print(f"CANTINE_SEED={seed}")
    dice = random.Random(seed)
    kills = []
    with Cantine(tmp_path, unlock=f"{int(UNLOCK * 1000)}ms", capacity=0) as cantine:
        for n, uid in enumerate(MEMBERS):
            cantine.add_member(f"Member {n}", uid)
        taps = Taps(cantine, random.Random(seed + 1))
        taps.start()
        for _ in range(ROUNDS):
            kills.append(kill_one(cantine, dice))
        wait_until(lambda: cantine.broker.retained("cantine/amiens/status") == "online", what="everything back")
        taps.stop()
        wait_until(lambda: not cantine.relay.is_on(), what="the door locked")
        frames = list(cantine.relay.frames.items)
        rows = cantine.journal()
        published = lambda: {m[1]["seq"] for m in cantine.broker.messages.items  # noqa: E731
                             if m[0] == "cantine/amiens/event"}
        wait_until(lambda: published() >= {row["seq"] for row in rows}, what="every row on MQTT")
        assert cantine.ctl_json("occupancy")["count"] == len(cantine.journal("SELECT * FROM presence"))
    assert taps.n > ROUNDS // 4, "there were taps"

    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1)), "no row is lost"
    grants = [row["at_usec"] for row in rows if row["type"] == "access" and row["result"] == "granted"]
    pulses = [frame for frame in frames if frame.on]
    assert pulses and len(pulses) <= len(grants)
    for frame in pulses:
        at = wall(frame.at)
        assert any(-50_000 < at - grant < 2_000_000 for grant in grants), f"a pulse without a grant, seed {seed}"
    deaths = [at for name, at in kills if name == "cantined"]
    for i, frame in enumerate(frames):
        if not frame.on:
            continue
        end = next(other for other in frames[i + 1:] if not other.on)
        last = max(other.at for other in frames[i:frames.index(end, i)] if other.on)
        died = any(frame.at <= death <= end.at for death in deaths)
        assert end.at - last < (UNLOCK + LATE + (5 if died else 0)) * 1e6, f"too long a pulse, seed {seed}"
    for death in deaths:
        after = [frame for frame in frames if frame.at > death]
        if after and after[0].on and after[0].at - death < 100_000:
            after.pop(0)  # it was on its way to the relay when its sender died
        assert not after or not after[0].on, f"the first frame of a start locks, seed {seed}"
