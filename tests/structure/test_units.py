# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandboxes, judged by systemd itself: `systemd-analyze security` (threshold = score × 10)."""

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("unit, threshold", [
    ("cantined.service", 6), ("cantine-reader@.service", 6), ("cantine-publisher.service", 10)])
def test_sandbox(unit, threshold):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                           f"--threshold={threshold}", f"./{unit}"], cwd=TOP / "systemd",
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
