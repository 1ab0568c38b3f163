# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody sees on a terminal of so many columns and rows, cursor movements and all."""

import os

import pyte

from rig.terminal import Terminal
from rig.waiting import DEADLINE, Timeout

UP, DOWN, ENTER, ESC, TAB, CTRL_C, BACKSPACE = "\x1b[A", "\x1b[B", "\r", "\x1b", "\t", "\x03", "\x7f"
FRAME = str.maketrans("│┤├┌┐└┘─", " " * 8)


class Face(pyte.Screen):
    """Where programs draw on a second face of the terminal, as dialogs do, each face begins and ends empty."""

    ALTERNATE = 1049

    def set_mode(self, *modes, **options):
        super().set_mode(*modes, **options)
        self._turn(modes)

    def reset_mode(self, *modes, **options):
        super().reset_mode(*modes, **options)
        self._turn(modes)

    def _turn(self, modes):
        if self.ALTERNATE in modes:
            self.erase_in_display(2)
            self.cursor_position()


class Screen(Terminal):
    """One program on a whole terminal."""

    def __init__(self, argv, columns=80, rows=24, env=None):
        self._screen = Face(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__(argv, columns, {**(env or os.environ), "TERM": "xterm"}, rows)

    def received(self, more):
        self._stream.feed(more)

    @property
    def lines(self):
        """What stands on it now, row by row."""
        with self.changed:
            return [line.rstrip() for line in self._screen.display]

    @property
    def words(self):
        """The same as running text, without the frames of boxes."""
        return " ".join(" ".join(self.lines).translate(FRAME).split())

    def see(self, *texts):
        """Waits until all of them stand on it."""
        self.until(lambda: all(text in self.words for text in texts),
                   lambda: f"{texts} did not appear in {DEADLINE} s; what stands there:\n" + "\n".join(self.lines))

    def until(self, condition, complaint):
        with self.changed:
            if not self.changed.wait_for(condition, DEADLINE):
                raise Timeout(complaint())

    def answer(self, question, *keys):
        """Waits for a question and types."""
        self.see(question)
        self.type("".join(keys))
