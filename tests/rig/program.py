# SPDX-License-Identifier: GPL-3.0-or-later
"""One of Cantine's programs as a child process: its lines, its end, its death."""

import os
import signal
import subprocess
import threading
from pathlib import Path

from rig.waiting import DEADLINE, Log

BUILD = Path(os.environ.get("CANTINE_BUILD") or Path(__file__).resolve().parents[2] / "build")


class Program:
    """`lines` is all that it has written to stderr since the first start."""

    def __init__(self, name, *arguments, env=None):
        self.name = name
        self.argv = [str(BUILD / name), *map(str, arguments)]
        self.env = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
        self.lines = Log(name)
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.argv, env=self.env, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True, process_group=0)
        threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True).start()
        return self

    def _read(self, stderr):
        with stderr:
            for line in stderr:
                self.lines.add(line.rstrip("\n"))

    def wait_line(self, text, after=0, deadline=DEADLINE):
        return self.lines.wait(lambda line: text in line, after, deadline, f'"{text}"')

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """kill -9; the exit status."""
        return self._end(signal.SIGKILL)

    def _end(self, number):
        if not self.process:
            return 0
        if self.running:
            self.process.send_signal(number)
        try:
            status = self.process.wait(DEADLINE)
        finally:
            if self.running:
                self.process.kill()
        self.process = None
        return status


class KeptProgram(Program):
    """Started again when it ends by itself, as its unit says: Restart=always, RestartSec=100ms.

    `ends` are the exit statuses of what has ended by itself."""

    RESTART = 0.1

    def __init__(self, name, *arguments, env=None):
        super().__init__(name, *arguments, env=env)
        self.ends = Log(f"{name}'s ends")
        self._asked = threading.Event()

    def start(self):
        self._asked.clear()
        super().start()
        threading.Thread(target=self._keep, args=(self.process,), daemon=True).start()
        return self

    def _keep(self, process):
        status = process.wait()
        if self._asked.is_set():
            return
        self.ends.add(status)
        if not self._asked.wait(self.RESTART):
            self.start()

    def _end(self, number):
        self._asked.set()
        return super()._end(number)
