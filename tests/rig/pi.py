# SPDX-License-Identifier: GPL-3.0-or-later
"""A Raspberry Pi 4 at a door, as far as `cantinectl check --root` sees it: a folder with the files of one that runs.

What firmware-config/ installs is installed; the kernel's and systemd's own files are written as they look there.
"""

import json
import os
import shutil
import stat
import subprocess

import pytest

from rig.card import Card
from rig.program import BUILD
from rig.waiting import DEADLINE

TOP = BUILD.parent
CONFIGURATION = """[site]
id=amiens
timezone=Europe/Paris
[reader entrance]
device=pn532_uart:/dev/cantine/uart:115200
door=front
direction=in
led_green=gpio:pinctrl-bcm2711:5
[door front]
actuator=gpio:pinctrl-bcm2711:17
contact=gpio:pinctrl-bcm2711:27
[door back]
actuator=serial-relay:/dev/cantine/relay-back:1
"""
PASSWD = """root:x:0:0::/root:/bin/sh
cantine:x:9001:9001::/:/bin/false
cantine-reader:x:9002:9002::/:/bin/false
cantine-publisher:x:9003:9003::/:/bin/false
"""
UNITS = ("cantined.service", "cantine-publisher.service", "cantine-reader@entrance.service")
WISHES = {"multi-user.target": "cantine.target", "cantine.target": "cantine-reader@entrance.service",
          "sysinit.target": "systemd-timesyncd.service"}
MOUNTS = """/dev/mmcblk0p2 / ext4 rw,noatime,commit=60 0 0
/dev/mmcblk0p1 /boot/firmware vfat rw,relatime 0 0
"""
LISTENING = """  sl  local_address rem_address   st
   0: 0100007F:075B 00000000:0000 0A
   1: 00000000:1F90 00000000:0000 0A
"""
FILES = {
    "proc/cmdline": "console=tty1 root=PARTUUID=0d3c7a31-02 rootfstype=ext4 rootwait quiet\n",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/modules": "spi_bcm2835 20480 0 - Live 0x0\n", "proc/mounts": MOUNTS, "proc/net/tcp": LISTENING,
    "dev/watchdog": "", "run/systemd/timesync/synchronized": "", "etc/passwd": PASSWD,
    "etc/cantine/cantine.conf": CONFIGURATION, "var/log/journal/x": "",
}
CHIP = "sys/devices/platform/soc/fe200000.gpio"
LINKS = {
    "dev/serial0": "ttyAMA0", "dev/cantine/uart": "../ttyAMA0", "dev/cantine/relay-back": "../ttyUSB0",
    "sys/bus/gpio/devices/gpiochip0": f"/{CHIP}/gpiochip0", "sys/class/gpio/gpiochip512": f"/{CHIP}/gpio/gpiochip512",
}
# a group that is neither root's nor anybody's primary one in PASSWD
DEVICES_GROUP = 20000 if os.getuid() == 0 else os.getgid()


class Pi(Card):
    """`group`: the lines of its /etc/group, name → (number, members)."""

    def __init__(self, root):
        super().__init__(root)
        self.make("install", "MODEL=pi4")
        # the devices' first: it may have the same number, and is to be found by it
        self.groups = {"devices": (DEVICES_GROUP, "cantine,cantine-reader"), "cantine-admin": (os.getgid(), "")}
        for name, text in FILES.items():
            self.write(name, text)
        self.write_groups()
        for name in ("cantined.service", "cantine-reader@.service"):
            self.write(f"usr/lib/systemd/system/{name}", (TOP / "systemd" / name).read_text())
        for name in ("run/systemd/system", "run/systemd/units", "var/lib/cantine/records", "var/lib/cantine/journal",
                     f"{CHIP}/gpiochip0", "sys/block/mmcblk0/device"):
            (self.root / name).mkdir(parents=True)
        self.write(f"{CHIP}/gpio/gpiochip512/label", "pinctrl-bcm2711\n")
        for name, target in LINKS.items():
            self.link(name, target)
        for name in ("dev/ttyAMA0", "dev/ttyUSB0", "dev/gpiochip0"):
            self.device(name)
        for unit in (*UNITS, "mosquitto.service"):
            self.link(f"run/systemd/units/invocation:{unit}", "0123456789abcdef0123456789abcdef")
        for target, unit in WISHES.items():
            self.link(f"etc/systemd/system/{target}.wants/{unit}", f"/usr/lib/systemd/system/{unit}")

    def link(self, name, target):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def device(self, name, mode=0o660):
        """A character device that nobody opens: null's numbers for root, and for others those that they may make."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.mknod(path, stat.S_IFCHR | mode, os.makedev(1, 3) if os.getuid() == 0 else os.makedev(0, 0))
        except PermissionError:
            pytest.skip("no device can be made here")
        os.chmod(path, mode)
        os.chown(path, -1, DEVICES_GROUP)
        return path

    def write_groups(self):
        self.write("etc/group", "root:x:0:\n" + "".join(f"{name}:x:{gid}:{members}\n"
                                                        for name, (gid, members) in self.groups.items()))

    def remove(self, name):
        path = self.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    def replace(self, name, old, new):
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def configure(self, text):
        """More configuration, after all other."""
        self.write("etc/cantine/cantine.conf.d/90-test.conf", text)

    def turn_off(self):
        """Its card in another computer: what the kernel and systemd show of a running one is gone."""
        for name in ("proc", "sys", "dev", "run"):
            shutil.rmtree(self.root / name)
            (self.root / name).mkdir()

    def run(self, *arguments, before=(), env=None):
        return subprocess.run([*before, BUILD / "cantinectl", "check", "--machine", "--root", self.root, *arguments],
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})},
                              capture_output=True, text=True, timeout=DEADLINE, check=False)

    def found(self, **how):
        """What is found, but for how full the disk of these tests is. Faults and the exit status agree."""
        done = self.run("--json", **how)
        assert done.stderr == "" and done.stdout.count("\n") == 1, done.stderr
        found = json.loads(done.stdout)
        for finding in found:
            assert list(finding) == ["table", "row", "problem", "advice", "severity"]
            assert finding["table"] == "machine" and finding["advice"], finding
        assert done.returncode == any(finding["severity"] == "fault" for finding in found)
        return [finding for finding in found if "MiB are free" not in finding["problem"]]

    def one(self, **how):
        """The only finding, in one line, with a mark before advice."""
        (finding,) = self.found(**how)
        mark = {"fault": "", "advice": "advice: "}[finding["severity"]]
        return f"{mark}{finding['row']}: {finding['problem']}: {finding['advice']}"
