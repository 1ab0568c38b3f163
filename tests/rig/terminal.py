# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal of a given width, what a program writes to it, and what somebody types there."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time

from rig.waiting import DEADLINE, Timeout


class Terminal:
    """One program on a terminal; `text` is all that it has shown until now, stderr included."""

    def __init__(self, argv, columns=80, env=None, rows=24):
        self._parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen([str(word) for word in argv], stdin=child, stdout=child, stderr=child,
                                        env={"TERM": "xterm", **(env or os.environ)}, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # for Ctrl-C
        os.close(child)
        self.text = ""
        self.changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        raw = b""
        while True:
            try:
                more = os.read(self._parent, 4096)
            except OSError:  # the other end is closed
                return
            if not more:
                return
            raw += more
            with self.changed:
                self.received(more)
                self.text = raw.decode(errors="replace").replace("\r\n", "\n")
                self.changed.notify_all()

    def received(self, more):
        """For those who look closer at what came."""

    def wait(self, text, deadline=DEADLINE):
        """Until `text` has been shown."""
        end = time.monotonic() + deadline
        with self.changed:
            while text not in self.text:
                left = end - time.monotonic()
                if left <= 0:
                    raise Timeout(f"{text!r} was not shown in {deadline} s; what was:\n{self.text}")
                self.changed.wait(left)

    def type(self, text):
        os.write(self._parent, text.encode())

    def end(self):
        """Waits for its end: the exit status."""
        status = self.process.wait(DEADLINE)
        self._thread.join(DEADLINE)
        os.close(self._parent)
        return status


def shown(argv, columns=80, env=None, status=0):
    """What a program that asks nothing shows."""
    terminal = Terminal(argv, columns, env)
    assert terminal.end() == status, terminal.text
    return terminal.text
