# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test may use."""

import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rig.cantine import Cantine  # noqa: E402

# Programs under test take SIGINT, also where whoever started the tests ignores it (nohup, &).
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def cantine(tmp_path):
    """A running Cantine with its usual settings."""
    with Cantine(tmp_path) as it:
        yield it
