# SPDX-License-Identifier: GPL-3.0-or-later
"""Many readers at one Cantine, each of which gets its own fault; for the tests and for the bench."""

import resource
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rig.cantine import Cantine
from rig.program import KeptProgram
from rig.virtual_reader import VirtualReader
from rig.waiting import DEADLINE, wait_until

ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04B0B0B0B0B0B0", "04DEADBEEF0001"

SEEN_WITHIN, WELL_WITHIN = 8, 10  # seconds
CPU_FOR = 5  # seconds

# reader → the fault that it gets, for as long as it lasts
LINE = {
    "mute": ["mute"],
    "no-ack": ["no-ack"],
    "no-answer": ["no-answer"],
    "nack": ["nack"],
    "bad-lcs": ["bad-lcs"],
    "bad-dcs": ["bad-dcs"],
    "wrong-code": ["wrong-code"],
    "error": ["error"],
    "half": ["half"],
    "stale": ["stale"],
    "garbage": ["garbage"],
    "flood": ["flood"],
    "late": ["late"],
    "drip": ["drip"],
    "firmware": ["no-answer", "--command", "02"],  # comes to light when the device is opened
    "entrance": None,  # the line hangs up
}

# What ends or stops the program itself. The first two need a badge that lies there.
PROGRAM = {"status": ["status"], "ats": ["ats"], "stopped": None}

SECTION = """
[reader {name}]
device={device}
door=front
direction=in
repeat_after=0
"""


class Site:
    """A Cantine with many readers; `seen` is what became of each: reader → facts."""

    def __init__(self, directory, names):
        self.cantine = Cantine(directory)
        self.devices = {name: VirtualReader(directory, f"nfc-{name}") for name in names if name != "entrance"}
        self.cantine.settings["extra"] = "".join(
            SECTION.format(name=name, device=device.device) for name, device in self.devices.items())
        self.programs = {name: self._program(name) for name in ["entrance", *self.devices]}
        self.cantine.reader = self.programs["entrance"]
        self.seen = {name: {} for name in names}
        self.pool = ThreadPoolExecutor(len(self.programs))

    def _program(self, name):
        return KeptProgram("cantine-reader", "--config", self.cantine.configuration, name,
                           env={"DBUS_SYSTEM_BUS_ADDRESS": self.cantine.bus.address})

    def __enter__(self):
        for device in self.devices.values():
            device.start()
        self.cantine.start()
        self.devices["entrance"] = self.cantine.reader_device
        for name, program in self.programs.items():
            if name != "entrance":
                program.start()
        for name in self.programs:
            wait_until(lambda name=name: self.state(name) == "ready", what=f"reader {name}")
        self.cantine.add_member("Ada Lovelace", ADA)
        self.cantine.add_member("Bob", BOB)
        return self

    def __exit__(self, *_):
        self.pool.shutdown()
        for name, program in self.programs.items():
            if name != "entrance":
                program.stop()
        self.cantine.stop()
        for name, device in self.devices.items():
            if name != "entrance":
                device.stop()

    def each(self, names, do):
        """Does it at all these readers at once; reader → what came of it."""
        return dict(zip(names, self.pool.map(do, names)))

    # --- what is seen -----------------------------------------------------------------------

    def state(self, name):
        return (self.cantine.broker.retained(f"cantine/amiens/reader/{name}") or {}).get("state")

    def tried(self, name):
        return self.cantine.broker.retained(f"cantine/amiens/reader/{name}")["tried"]

    def state_on_bus(self, name):
        return self.on_bus(name, "State")

    def on_bus(self, name, what):
        done = subprocess.run(
            ["dbus-send", f"--bus={self.cantine.bus.address}", "--print-reply=literal",
             "--dest=org.cantine.Cantine1", f"/org/cantine/Cantine1/reader/{name.replace('-', '_2d')}",
             "org.freedesktop.DBus.Properties.Get", "string:org.cantine.Cantine1.Reader", f"string:{what}"],
            capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("variant", 1)[1].strip()

    def wait_states(self, names, matches, since, deadline):
        """Waits for all; reader → seconds from `since` (one moment, or one for each) to it."""
        took = {}
        end = time.monotonic() + deadline + 2
        while len(took) < len(names) and time.monotonic() < end:
            for name in names:
                if name not in took and matches(self.state(name)):
                    took[name] = time.monotonic() - (since[name] if isinstance(since, dict) else since)
            time.sleep(0.01)
        return {name: took.get(name) for name in names}

    def cpu(self):
        """Seconds of CPU so far: reader → its living process, "cantined", and "ended" for the dead."""
        used = {name: cpu_of(program) for name, program in self.programs.items()}
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {**used, "cantined": cpu_of(self.cantine.cantined), "ended": ended.ru_utime + ended.ru_stime}

    def measure_cpu(self):
        """Shares of a core over CPU_FOR seconds, in which nothing else is done."""
        before, begin = self.cpu(), time.monotonic()
        time.sleep(CPU_FOR)
        after, took = self.cpu(), time.monotonic() - begin
        return {who: max(after[who] - before[who], 0) / took for who in after}

    def decisions(self):
        return [line for line in self.cantine.cantined.lines.items if ": granted" in line or ": refused" in line]

    def ons(self):
        return [frame for frame in self.cantine.relay.frames.items if frame.on]

    def access(self, result=None):
        rows = self.cantine.journal("SELECT * FROM event WHERE type = 'access' ORDER BY seq")
        return [row for row in rows if result in (None, row["result"])]

    def states_in_journal(self, name):
        return [row["detail"] for row in self.cantine.journal("SELECT * FROM event ORDER BY seq")
                if row["type"] == "reader" and row["reader"] == name]

    # --- what is done -----------------------------------------------------------------------

    def tap_all(self, names, uid, *options):
        """Holds a badge to all these readers at once; reader → the lines of its decisions."""
        return self.decided(names, lambda name: self.devices[name].tap(uid, *options))

    def decided(self, names, do):
        """Does it at all these readers at once; reader → what was decided there meanwhile."""
        seen = len(self.cantine.cantined.lines)
        self.each(names, do)
        lines = self.cantine.cantined.lines.items[seen:]
        return {name: [line for line in lines
                       if f"reader {name}: granted" in line or f"reader {name}: refused" in line]
                for name in names}

    def break_all(self, faults):
        """All faults at once; reader → the moment."""
        def do(name):
            if name == "entrance":
                self.devices[name].unplug()
            elif name == "stopped":
                self.programs[name].process.send_signal(signal.SIGSTOP)
            else:
                self.devices[name].command("fault", *faults[name])
            if name == "firmware":
                self.devices[name].unplug()
                self.devices[name].replug()
            return time.monotonic()
        return self.each(list(faults), do)

    def heal_all(self, faults):
        def do(name):
            if name == "entrance":
                self.devices[name].replug()
            elif name == "stopped":
                self.programs[name].process.send_signal(signal.SIGCONT)
            else:
                self.seen[name]["spoilt"] = int(self.devices[name].command("heal")[2])
            return time.monotonic()
        return self.each(list(faults), do)

    def suffer(self, faults, during=lambda: None):
        """The whole story of faults that last: what was seen goes to `seen`."""
        names = list(faults)
        before = {name: len(self.states_in_journal(name)) for name in names}
        broken_at = self.break_all(faults)
        took = self.wait_states(names, lambda state: state != "ready", broken_at, SEEN_WITHIN)
        cpu = self.measure_cpu()
        during()
        for name in names:
            self.seen[name].update(seen_after=took[name], state=self.state(name), cpu=cpu[name],
                                   cantined_cpu=cpu["cantined"], ended_cpu=cpu["ended"],
                                   on_bus=self.state_on_bus(name),
                                   tried=self.tried(name), tried_on_bus=self.on_bus(name, "Tried"))
        healed_at = self.heal_all(faults)
        took = self.wait_states(names, lambda state: state == "ready", healed_at, WELL_WITHIN)
        taps = self.tap_all(names, ADA)
        for name in names:
            self.seen[name].update(well_after=took[name], tap=taps[name],
                                   states=self.states_in_journal(name)[before[name]:])

    def suffer_program(self):
        """The faults of PROGRAM: a badge that nobody knows lies where it will kill the program."""
        falls = [name for name in PROGRAM if PROGRAM[name]]
        for name in falls:
            self.devices[name].put(STRANGER, "--kind", "desfire")
            self.cantine.cantined.wait_line(f"reader {name}: refused")
        self.suffer(PROGRAM, lambda: [self.devices[name].take() for name in falls])


def cpu_of(program):
    """Seconds of CPU of its process so far, all threads (schedstat counts in ns)."""
    try:
        tasks = list(Path(f"/proc/{program.process.pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except (OSError, AttributeError):
        return 0
