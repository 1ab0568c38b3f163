# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: how fast, each figure beside its floor of the same run; a table and build/bench.json.

What is compared runs in turn, so that a machine whose speed drifts is unjust to neither. A row may
carry a bound for its median: `most` in ms, `most_times` another row's; a bound that is missed is said
at the end, and the exit status is 1.
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

from bench import decision, door, faults, idle, lists, roster, screen  # noqa: E402
from rig.program import BUILD  # noqa: E402

BENCHES = [
    door.tap_to_relay,
    lambda directory: door.share(directory, 1_000),
    lambda directory: door.share(directory, 10_000),
    lambda directory: door.share(directory, 100_000),
    decision.look_ups,
    decision.edits,
    decision.edit_to_relay,
    door.journal_commit,
    lambda directory: door.start_to_ready(directory, 10_000),
    screen.relay_to_page,
    roster.imports,
    lists.lists,
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
    return (f"{row['name']:<36} {row['n']:>5} {row['median']:>9.3f} {row['p95']:>9.3f} "
            f"{row['floor']:>9.4f} {row['median'] / row['floor']:>6.2f}  {row['floor_is']}")


def shown_idle(row):
    return (f"{row['name']:<36} {row['cpu']:>9.2f} {row['wakeups']:>9.1f} {row['resident']:>9.1f}")


def shown_fault(row):
    figures = ("" if row[key] is None else f"{row[key]:.2f}" for key in ("seen", "well", "cpu"))
    return f"{row['name']:<36} " + " ".join(f"{figure:>9}" for figure in figures)


def missed(rows, idle_rows):
    """A line for each bound that the run has not kept."""
    medians = {row["name"]: row["median"] for row in rows}
    for row in rows:
        if row["median"] > row.get("most", row["median"]):
            yield f"{row['name']}: {row['median']:.3f} ms, the most is {row['most']} ms"
        times, other = row.get("most_times", (None, None))
        if times and row["median"] > times * medians[other]:
            yield (f"{row['name']}: {row['median'] / medians[other]:.2f} times {other}, "
                   f"the most is {times}")
    for row in idle_rows:
        if row["resident"] > row.get("resident_most", row["resident"]):
            yield (f"{row['name']}, idle: {row['resident']:.1f} MiB, "
                   f"the most is {row['resident_most']} MiB")


def main():
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}\n")
    print(f"{'times in ms':<36} {'n':>5} {'median':>9} {'95 %':>9} {'floor':>9} {'ratio':>6}"
          "  the floor is")
    rows = []
    for bench in BENCHES:
        with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
            measured = bench(Path(directory))
        for row in measured if isinstance(measured, list) else [measured]:
            rows.append(summed_up(row))
            print(shown(rows[-1]), flush=True)
    with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
        idle_rows = idle.measure(Path(directory))
    print(f"\n{f'idle, {idle.MEMBERS:,} members, one reader':<36} {'% of core':>9} {'wakes / s':>9} {'MiB':>9}")
    for row in idle_rows:
        print(shown_idle(row))
    with tempfile.TemporaryDirectory(prefix="cantine-bench-") as directory:
        fault_rows = faults.measure(Path(directory))
    print(f"\n{f'what fails, the worst of {faults.ROUNDS}':<36} {'said, s':>9} {'well, s':>9} {'% of core':>9}")
    for row in fault_rows:
        print(shown_fault(row))
    (BUILD / "bench.json").write_text(json.dumps(
        {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "times": rows,
         "idle": idle_rows, "faults": fault_rows}, indent=2) + "\n")
    lines = list(missed(rows, idle_rows))
    for line in lines:
        print(f"bench: {line}: run it again on a quiet machine", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
