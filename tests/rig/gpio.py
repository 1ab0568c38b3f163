# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual GPIO chips for a program under test: what tests/rig/virtual_gpio.h keeps in its files.

    chip = Chip(tmp_path, "pinctrl-bcm2711", names={5: "STRIKE"}).plug()
    give_chips(cantine.cantined, tmp_path)   # before it starts
    ... chip.level(17), chip.changes(17), chip.set(27, 1) ...
"""

import mmap
import os
import struct
import time
from pathlib import Path
from typing import NamedTuple

from rig.program import BUILD
from rig.waiting import DEADLINE, wait_until

LIBRARY = BUILD / "virtual-gpio.so"
DIRECTORY = "CANTINE_VIRTUAL_GPIO"
HEAD = struct.Struct("=32sIIII")         # struct virtual_chip: label, gone, n_lines, n_changes, edgeless
LINE = struct.Struct("=32s32sIIIIIII")   # struct virtual_line
CHANGE = struct.Struct("=QII")           # struct virtual_change
EDGE = struct.Struct("=QIIII24x")        # struct gpio_v2_line_event
LINES_MOST, CHANGES_MOST = 32, 1024
SIZE = HEAD.size + LINES_MOST * LINE.size + CHANGES_MOST * CHANGE.size
RISING, FALLING = 1, 2


def give_chips(program, directory):
    """The program, once started, finds the chips of `directory` and no others."""
    assert LIBRARY.exists(), "run make unit"
    program.env.update({"LD_PRELOAD": str(LIBRARY), DIRECTORY: str(directory)})


class Line(NamedTuple):
    name: bytes
    consumer: bytes
    holder: int
    level: int
    output: int
    active_low: int
    debounce: int
    seqno: int
    kept: int


class Change(NamedTuple):
    """A level that was driven on an output; `at` in µs of CLOCK_MONOTONIC."""

    at: int
    line: int
    level: int


class Chip:
    """/dev/gpiochipN. Levels are those of the wire: 1 = high."""

    def __init__(self, directory, label, number=0, lines=28, names=None):
        self.directory = Path(directory)
        self.number = number
        self.label = label
        self.n_lines = lines
        self.names = names or {}
        self.map = None

    def plug(self, levels=None):
        """A fresh chip; `levels`: what its wires are at."""
        path = self.directory / f"gpiochip{self.number}"
        new = path.with_name(f"new.{self.number}")
        with open(new, "w+b") as file:
            file.truncate(SIZE)
            self.map = mmap.mmap(file.fileno(), SIZE)
        HEAD.pack_into(self.map, 0, self.label.encode(), 0, self.n_lines, 0, 0)
        for number in range(self.n_lines):
            self._write(number, name=self.names.get(number, "").encode(), level=(levels or {}).get(number, 0))
        new.rename(path)
        return self

    def unplug(self):
        """As if its driver were unbound."""
        (self.directory / f"gpiochip{self.number}").unlink()
        struct.pack_into("=I", self.map, 32, 1)
        for number in range(self.n_lines):
            if self.line(number).consumer and not self.line(number).output:
                self._edge(number, RISING)  # wakes who waits; what it reads is that the chip has gone

    def line(self, number):
        fields = LINE.unpack_from(self.map, HEAD.size + number * LINE.size)
        return Line(*(field.split(b"\0")[0] if isinstance(field, bytes) else field for field in fields))

    def level(self, number):
        return self.line(number).level

    def consumer(self, number):
        return self.line(number).consumer.decode()

    def take(self, number, consumer):
        """Somebody else has the line; an empty name gives it back."""
        self._write(number, consumer=consumer.encode(), holder=0)
        return self

    def keep(self, number):
        """The kernel has the line for something else than GPIO."""
        self._write(number, kept=1)

    def set(self, number, level):
        """The wire of an input changes: a contact, a button."""
        line = self.line(number)
        self._write(number, level=level, seqno=line.seqno + 1)
        if line.consumer and not line.output and level != line.level:
            self._edge(number, RISING if level != line.active_low else FALLING)

    def changes(self, number):
        """Every level that was driven on this line since the chip was plugged, in order."""
        n = HEAD.unpack_from(self.map)[3]
        assert n <= CHANGES_MOST
        start = HEAD.size + LINES_MOST * LINE.size
        every = (Change(*CHANGE.unpack_from(self.map, start + i * CHANGE.size)) for i in range(n))
        return [change for change in every if change.line == number]

    def wait(self, number, level, after=0, deadline=DEADLINE):
        """The first change to this level from index `after` of the line's changes on."""
        return wait_until(lambda: next((c for c in self.changes(number)[after:] if c.level == level), None),
                          deadline, f"level {level} on line {number} of {self.label}", 0.001)

    def _write(self, number, **fields):
        LINE.pack_into(self.map, HEAD.size + number * LINE.size, *self.line(number)._replace(**fields))

    def _edge(self, number, kind):
        seqno = self.line(number).seqno
        fifo = os.open(self.directory / f"edges.{self.number}.{number}", os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(fifo, EDGE.pack(time.monotonic_ns(), kind, number, seqno, seqno))
        finally:
            os.close(fifo)
