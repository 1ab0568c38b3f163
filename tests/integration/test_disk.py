# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk under the databases is full, or turns read-only as ext4 does after an error: members still get in.

A real ext4 on a loop device; needs root and a kernel that lets us.
"""

import os
import subprocess
import time
from pathlib import Path

import pytest

from rig.cantine import Cantine
from rig.waiting import wait_until

ADA = "04A1B2C3D4E5F6"
SAID_WITHIN = 2  # seconds


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(name="disk")
def fixture_disk(tmp_path):
    """A mounted file system of 24 MB."""
    if os.getuid() != 0:
        pytest.skip("mounting needs root")
    image, where = tmp_path / "disk.img", tmp_path / "disk"
    where.mkdir()
    with open(image, "wb") as file:
        file.truncate(24 << 20)
    done = run("/sbin/mkfs.ext4", "-q", image)
    done = run("mount", "-o", "loop,errors=remount-ro", image, where) if done.returncode == 0 else done
    if done.returncode != 0:
        pytest.skip(f"no loop device here: {done.stderr.strip()}")
    yield where
    run("umount", "-l", where)


@pytest.fixture(name="cantine")
def fixture_cantine(tmp_path, disk):
    drop_in = tmp_path / "cantine.conf.d"
    drop_in.mkdir()
    (drop_in / "disk.conf").write_text(f"[storage]\nrecords={disk}/records.db\njournal={disk}/journal.db\n"
                                       f"[site]\non_alert=echo \"$CANTINE_ALERT\" >> {tmp_path}/alerts\n")
    with Cantine(tmp_path) as cantine:
        cantine.add_member("Ada", ADA)
        cantine.tap(ADA)
        yield cantine


def tap_opens(cantine):
    frames = len(cantine.relay.frames)
    cantine.reader_device.tap(ADA)
    cantine.relay.wait(True, frames)
    cantine.relay.wait(False, frames)


def opens_and_is_said(cantine):
    """The door opens, and somebody hears of the fault."""
    seen, begun = len(cantine.cantined.lines), time.monotonic()
    tap_opens(cantine)
    cantine.cantined.wait_line("the journal cannot be written", seen)
    alerts = cantine.directory / "alerts"
    wait_until(lambda: alerts.exists() and "fault" in alerts.read_text(), what="the alert")
    assert time.monotonic() - begun < SAID_WITHIN + 1, "with a second for a loaded machine"
    tap_opens(cantine)


def test_a_full_disk(cantine, disk):
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    opens_and_is_said(cantine)
    filler.unlink()
    cantine.cantined.wait_line("the journal is written again")
    tap_opens(cantine)
    wait_until(lambda: cantine.ctl_json("log", "--denied") == [] and
               sum(event["type"] == "access" for event in cantine.ctl_json("log")) == 4, what="every row")


def test_a_disk_that_turned_read_only(cantine, disk):
    device = Path(run("findmnt", "-n", "-o", "SOURCE", disk).stdout.strip()).name
    trigger = Path(f"/sys/fs/ext4/{device}/trigger_fs_error")
    if not trigger.exists():
        pytest.skip("this kernel has no trigger_fs_error")
    trigger.write_text("1")
    assert run("touch", disk / "x").returncode != 0, "it is read-only now"
    opens_and_is_said(cantine)
