# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual "LCUS" relay board: a pseudo-terminal that understands the four-byte frames."""

import os
import select
import threading
import time
import tty
from pathlib import Path
from typing import NamedTuple

from rig.waiting import DEADLINE, Log


class Frame(NamedTuple):
    """One frame; `at` in µs of CLOCK_MONOTONIC when its first byte came; `good`: well formed."""

    at: int
    raw: bytes
    channel: int
    on: bool
    good: bool

    def __str__(self):
        return f"{self.raw.hex(' ').upper()} ({'on' if self.on else 'off'})"


def frame_of(raw, at):
    good = raw[0] == 0xA0 and raw[2] in (0, 1) and raw[3] == sum(raw[:3]) % 256
    return Frame(at, raw, raw[1], raw[2] == 1, good)


class Relay:
    """The board at `path`; `frames` is what cantined sent it, in order."""

    def __init__(self, directory, name="relay", told=None):
        self.path = Path(directory) / name
        self.frames = Log("relay")
        self.told = told or (lambda frame: None)
        self._stop = None

    def plug(self):
        master, slave = os.openpty()
        tty.setraw(slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        self._stop = os.pipe()
        # The slave stays open here, so that the line doesn't hang up while cantined restarts.
        threading.Thread(target=self._read, args=(master, slave, self._stop[0]),
                         daemon=True).start()
        return self

    def unplug(self):
        """The device goes, as if the cable were pulled; cantined's descriptor hangs up."""
        if self._stop:
            self.path.unlink(missing_ok=True)
            os.close(self._stop[1])
            self._stop = None

    def _read(self, master, slave, stop):
        raw, at = b"", 0
        while True:
            ready, _, _ = select.select([master, stop], [], [])
            if stop in ready:
                break
            came = int(time.monotonic() * 1e6)
            for byte in os.read(master, 64):
                if not raw:
                    at = came
                raw += bytes([byte])
                if len(raw) == 4:
                    frame = frame_of(raw, at)
                    self.frames.add(frame)
                    self.told(frame)
                    raw = b""
        for fd in (slave, master, stop):
            os.close(fd)

    def wait(self, on, after=0, deadline=DEADLINE):
        """The first frame "on" (or off) from index `after`."""
        return self.frames.wait(lambda f: f.on == on, after, deadline,
                                f"a frame {'on' if on else 'off'}")

    def is_on(self):
        return bool(self.frames.items) and self.frames.items[-1].on

    __enter__ = plug

    def __exit__(self, *_):
        self.unplug()
