# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: how fast, each figure beside its floor of the same run; a table and build/bench.json.

What is compared runs in turn, so that a machine whose speed drifts is unjust to neither.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import door, idle, screen  # noqa: E402
from rig.program import BUILD  # noqa: E402

BENCHES = [
    door.tap_to_relay,
    lambda directory: door.share(directory, 1_000),
    lambda directory: door.share(directory, 10_000),
    lambda directory: door.share(directory, 100_000),
    door.journal_commit,
    lambda directory: door.start_to_ready(directory, 10_000),
    screen.relay_to_page,
]


def machine():
    model = next((line.split(":")[1].strip() for line in
                  Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
                 platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux {platform.release()}"


def summed_up(row):
    """The row with its medians instead of its measurements (in µs)."""
    values, floors = row.pop("values"), row.pop("floors")
    return {**row, "unit": "ms", "n": len(values),
            "median": statistics.median(values) / 1000,
            "p95": sorted(values)[int(len(values) * 0.95)] / 1000,
            "floor": statistics.median(floors) / 1000}


def shown(row):
    return (f"{row['name']:<36} {row['n']:>4} {row['median']:>9.3f} {row['p95']:>9.3f} "
            f"{row['floor']:>9.3f} {row['median'] / row['floor']:>6.2f}  {row['floor_is']}")


def shown_idle(row):
    return (f"{row['name']:<36} {row['cpu']:>9.2f} {row['wakeups']:>9.1f} {row['resident']:>9.1f}")


def main():
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print(f"{'times in ms':<36} {'n':>4} {'median':>9} {'95 %':>9} {'floor':>9} {'ratio':>6}"
          "  the floor is")
    rows = []
    for bench in BENCHES:
        with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
            rows.append(summed_up(bench(Path(directory))))
        print(shown(rows[-1]), flush=True)
    with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
        idle_rows = idle.measure(Path(directory))
    print(f"\n{'idle, one reader polling':<36} {'% of core':>9} {'wakes / s':>9} {'MiB':>9}")
    for row in idle_rows:
        print(shown_idle(row))
    (BUILD / "bench.json").write_text(json.dumps(
        {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "times": rows,
         "idle": idle_rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
