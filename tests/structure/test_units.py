# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandboxes, judged by systemd itself: `systemd-analyze security` (threshold = score × 10)."""

import platform
import re
import subprocess
import sys
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


# A child that may open sockets of the unit's families only, and then wakes libusb: seccomp(2), with a BPF program
# that lets socket(2) fail as systemd's own does.
CHILD = """
import ctypes, struct, sys
families, number = [int(word) for word in sys.argv[2:]], int(sys.argv[1])
program = [(0x20, 0, 0, 0), (0x15, 0, 2 + len(families), number), (0x20, 0, 0, 16)]
for index, family in enumerate(families):
    program.append((0x15, len(families) - index, 0, family))
program += [(0x06, 0, 0, 0x00050000 | 97), (0x06, 0, 0, 0x7fff0000)]
code = b"".join(struct.pack("HBBI", *line) for line in program)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(Program(len(program), code))) == 0
print(ctypes.CDLL("libusb-1.0.so.0").libusb_init(None))
"""
FAMILIES = {"AF_UNIX": 1, "AF_NETLINK": 16}
SOCKET = {"x86_64": 41, "aarch64": 198}


def usb_opens(families):
    done = subprocess.run([sys.executable, "-c", CHILD, str(SOCKET[platform.machine()]),
                           *(str(FAMILIES[family]) for family in families)],
                          capture_output=True, text=True, check=True)
    return int(done.stdout) == 0


@pytest.mark.skipif(platform.machine() not in SOCKET, reason="the number of socket(2) is not known here")
def test_the_reader_may_use_usb_readers():
    """libusb, behind an ACR122U, gives up where it may not listen to the kernel."""
    unit = (TOP / "systemd/cantine-reader@.service").read_text()
    families = re.search(r"(?m)^RestrictAddressFamilies=(.*)$", unit)[1].split()
    assert usb_opens(families)
    assert not usb_opens(["AF_UNIX"]), "then this test tests nothing"
