# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a Raspberry Pi as /sys shows them, imitated below a Debian's root, and Debian's own udev that
applies its rules to them: `udevadm test` in a chroot. The nodes in /dev are real ones without a driver behind."""

import os
import re
import stat
import subprocess
from pathlib import Path

PORTS = "platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb1/1-1"


class Sysfs:
    """`root`: a folder with Debian and its udev."""

    def __init__(self, root):
        self.root = Path(root)
        self.numbers = iter(range(1000))
        self.said = ""
        for above in ("platform/scb", "platform/scb/fd500000.pcie", "platform/soc"):
            self._device(above, "bus/platform")
        self._device(PORTS.rpartition("/usb1")[0], "bus/pci")

    def _device(self, path, subsystem, driver=None, node=None, uevent="", **attributes):
        """Makes a device; with `node`, also /dev/`node`. Its path."""
        folder = self.root / "sys/devices" / path
        folder.mkdir(parents=True, exist_ok=True)
        if node:
            number = next(self.numbers)
            uevent += f"MAJOR=240\nMINOR={number}\nDEVNAME={node}\n"
            (folder / "dev").write_text(f"240:{number}\n")
            (self.root / "dev" / node).parent.mkdir(parents=True, exist_ok=True)
            os.mknod(self.root / "dev" / node, 0o600 | stat.S_IFCHR, os.makedev(240, number))
        (folder / "uevent").write_text(uevent)
        for name, text in attributes.items():
            (folder / name).write_text(f"{text}\n")
        self._link(folder / "subsystem", subsystem)
        if driver:
            self._link(folder / "driver", f"{subsystem}/drivers/{driver}")
        return path

    def _link(self, link, place):
        place = self.root / "sys" / place
        place.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(os.path.relpath(place, link.parent))

    # --- kinds of devices -----------------------------------------------------------------------

    def gpio_chip(self, name, driver):
        above = self._device(f"platform/soc/{name}.gpio", "bus/platform", driver)
        return self._device(f"{above}/{name}", "bus/gpio", node=name)

    def uart(self, name):
        above = self._device(f"platform/soc/{name}.serial", "bus/platform", "uart-pl011")
        return self._device(f"{above}/tty/{name}", "class/tty", node=name)

    def spi(self, name):
        return self._device(f"platform/soc/spi/{name}", "class/spidev", node=name)

    def i2c(self, name):
        return self._device(f"platform/soc/i2c/{name}", "class/i2c-dev", node=name)

    def usb(self, port, vendor, product):
        """A device in a USB port (1 to 4)."""
        return self._device(f"{PORTS}/1-1.{port}", "bus/usb", "usb", f"bus/usb/001/{port:03}", "DEVTYPE=usb_device\n",
                            idVendor=vendor, idProduct=product)

    def usb_serial(self, port, vendor, product, driver, name):
        """An adapter in a USB port: its tty, and the port device that the driver's settings belong to."""
        above = self.usb(port, vendor, product)
        above = self._device(f"{above}/1-1.{port}:1.0", "bus/usb", driver, uevent="DEVTYPE=usb_interface\n",
                             bInterfaceNumber="00", bInterfaceClass="ff")
        above = self._device(f"{above}/{name}", "bus/usb-serial", driver, latency_timer=16)
        return self._device(f"{above}/tty/{name}", "class/tty", node=name), above

    # --- what udev makes of them ----------------------------------------------------------------

    def plug(self, path, action="add"):
        """udev's word on a device: its properties, and complaints of our rules; `said` is everything that it said.
        It sets links, owners and modes, but writes no attributes: it only says so."""
        done = subprocess.run(
            ["unshare", "-m", "sh", "-euc",
             'mount -t proc proc "$0/proc"; exec chroot "$0" udevadm test "--action=$1" "$2"', self.root, action,
             f"/devices/{path}"],
            capture_output=True, text=True, check=True, timeout=60,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"})
        self.said = done.stderr
        ours = [line for line in done.stderr.splitlines() if "cantine.rules" in line or "cantine-ports.rules" in line]
        complaints = [line for line in ours if re.search(r"nvalid|nknown|gnor|rror|ail", line)]
        return dict(re.findall(r"(?m)^([\w.]+)=(.*)$", done.stdout)), complaints

    def node(self, name):
        """(group's number, mode) of /dev/`name`."""
        status = (self.root / "dev" / name).lstat()
        return status.st_gid, stat.S_IMODE(status.st_mode)

    def link(self, name):
        """Where /dev/`name` leads to."""
        return os.path.basename(os.readlink(self.root / "dev" / name))
