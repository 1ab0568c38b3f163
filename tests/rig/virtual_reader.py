# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual reader for tests: starts and stops cantine-virtual-reader and holds badges to it.

    with VirtualReader(tmp_path) as reader:
        put = reader.put("04A1B2C3D4E5F6")
        ... reader.device is the connection string for libnfc ...
        reader.take()
"""

import os
import subprocess
from pathlib import Path
from typing import List, NamedTuple, Optional

BUILD = Path(os.environ.get("CANTINE_BUILD") or Path(__file__).resolve().parents[2] / "build")
PROGRAM = BUILD / "cantine-virtual-reader"

# More than any command takes on a busy machine; a tap may wait for its reading.
DEADLINE = 20


class ReaderError(Exception):
    """The program refused a command; `status` is its exit status."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class Tap(NamedTuple):
    """How a tap went, times in µs of CLOCK_MONOTONIC; `read` and `uid` are None if unread."""

    put: int
    read: Optional[int]
    uid: Optional[str]
    taken: int


class VirtualReader:
    """One running cantine-virtual-reader with its link and socket in `directory`."""

    def __init__(self, directory, name: str = "reader", speed: int = 115200):
        self.link = Path(directory) / name
        self.control = Path(directory) / f"{name}.sock"
        self.speed = speed
        self.process: Optional[subprocess.Popen] = None

    @property
    def device(self) -> str:
        """The connection string for libnfc."""
        return f"pn532_uart:{self.link}"

    def start(self) -> "VirtualReader":
        """Returns once the reader is ready."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--link", self.link, "--control", self.control,
             "--speed", str(self.speed)],
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,  # Ctrl-C in a terminal is for whoever started it
        )
        line = self.process.stdout.readline()
        if not line.startswith("ready: "):
            self.process.wait(DEADLINE)
            raise ReaderError(self.process.returncode, "the virtual reader did not start")
        return self

    def stop(self) -> int:
        """Ends the program; its exit status."""
        if not self.process:
            return 0
        self.process.terminate()
        status = self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.process = None
        return status

    def __enter__(self) -> "VirtualReader":
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def command(self, *words: str) -> List[str]:
        """Sends one command; the words of its answer. Raises ReaderError if it is refused."""
        done = subprocess.run(
            [PROGRAM, "--control", self.control, *words],
            capture_output=True, text=True, timeout=DEADLINE, check=False,
        )
        if done.returncode != 0:
            raise ReaderError(done.returncode, done.stderr.strip())
        return done.stdout.split()

    def put(self, uid: str, *badge: str) -> int:
        """Puts a badge down (`badge`: options such as "--kind", "desfire"); when, in µs."""
        return int(self.command("put", uid, *badge)[-1])

    def take(self, *uid: str) -> int:
        """Takes this badge away, or all; when, in µs."""
        return int(self.command("take", *uid)[-1])

    def tap(self, uid: str, *options: str) -> Tap:
        """Holds a badge to the reader (`options`: a badge's, or "--for", TIME)."""
        words = self.command("tap", uid, *options)
        # "tap UID", then name and value in turn
        facts = dict(zip(words[2::2], words[3::2]))
        read = None if facts["read"] == "never" else int(facts["read"])
        return Tap(int(facts["at"]), read, facts.get("as"), int(facts["taken"]))

    def list(self) -> str:
        """The program's own list, as one line."""
        return " ".join(self.command("list"))

    def unplug(self):
        """The host sees a hang-up; the link is gone."""
        self.command("unplug")

    def replug(self):
        """The link is back; badges stayed where they were."""
        self.command("replug")
