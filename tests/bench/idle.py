# SPDX-License-Identifier: GPL-3.0-or-later
"""What each program costs while nothing happens and one reader polls."""

import os
import time
from pathlib import Path

from bench.door import ADA, BareReader, fill
from rig.cantine import Cantine
from rig.waiting import wait_until

SECONDS = 20
MEMBERS = 10_000
RESIDENT_MOST = {"cantined": 8}  # MiB


def figures(pid):
    """CPU seconds, wake-ups (voluntary switches of every thread), resident MiB."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    wakeups, resident = 0, 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakeups += int(line.split()[1])
            if line.startswith("VmRSS"):
                resident = int(line.split()[1]) / 1024
    return cpu, wakeups, resident


def settled(log):
    """Some seconds after the last edit cantined has emptied the log, and then looked again."""
    wait_until(lambda: log.stat().st_size == 0, what="the records' log emptied")
    time.sleep(4)


def measure(directory):
    """One row a program; the floor is the bare libnfc loop, which polls just as much."""
    with Cantine(directory) as cantine, BareReader(directory) as bare:
        fill(cantine, MEMBERS)
        cantine.tap(ADA)
        settled(directory / "records.db-wal")
        pids = {program.name: program.process.pid for program in cantine.programs}
        pids["(floor: a bare libnfc loop)"] = bare.process.pid
        before = {name: figures(pid) for name, pid in pids.items()}
        time.sleep(SECONDS)
        after = {name: figures(pid) for name, pid in pids.items()}
    return [{"name": name, "cpu": 100 * (after[name][0] - before[name][0]) / SECONDS,
             "wakeups": (after[name][1] - before[name][1]) / SECONDS, "resident": after[name][2],
             **({"resident_most": RESIDENT_MOST[name]} if name in RESIDENT_MOST else {})}
            for name in pids]
