# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian 12 with systemd as PID 1 and the product installed by `make install`, in a container.

The base is made once (a minute) and kept outside the tree; each machine is a copy of it. It shares
the host's network, so that the rig's broker is reached on the loopback address.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from rig.program import BUILD
from rig.waiting import wait_until

TOP = BUILD.parent
CACHE = Path(os.environ.get("CANTINE_CACHE", "/var/tmp")) / "cantine-system-base"
INCLUDE = ("systemd,systemd-sysv,dbus,udev,kmod,libnfc6,libmosquitto1,libsqlite3-0,libinih1,"
           "libjansson4,sqlite3")
UNITS = ("cantine.target", "cantined-reader.socket", "cantined-publisher.socket",
         "cantined.service", "cantine-publisher.service", "cantine-reader@entrance.service")


def base():
    """The root that every machine is a copy of."""
    done = CACHE / ".cantine-complete"
    if not done.exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={INCLUDE}", "bookworm",
                        CACHE], check=True, stdout=subprocess.DEVNULL)
        done.touch()
    return CACHE


class Machine:
    """`binds`: host path → path inside."""

    def __init__(self, directory, configuration, binds):
        self.root = Path(directory) / "root"
        self.log = Path(directory) / "console.log"
        self.configuration = configuration
        self.binds = binds
        self.process = None
        self.init = None

    def install(self):
        subprocess.run(["cp", "-a", base(), self.root], check=True)
        subprocess.run(["make", "-s", "install", f"DESTDIR={self.root}"], cwd=TOP, check=True)
        etc = self.root / "etc/cantine"
        etc.mkdir()
        (etc / "cantine.conf").write_text(self.configuration)
        # A French machine, whose locale was never generated: only people are spoken to in French.
        (self.root / "etc/default/locale").write_text("LANG=fr_FR.UTF-8\n")
        for unit in ("cantined", "cantine-reader@"):  # the rig's devices are pseudo-terminals
            drop_in = self.root / f"etc/systemd/system/{unit}.service.d/rig.conf"
            drop_in.parent.mkdir(parents=True)
            drop_in.write_text("[Service]\nDeviceAllow=char-pts rw\n")
        for command in (["systemd-sysusers", f"--root={self.root}"],
                        ["chroot", self.root, "journalctl", "--update-catalog"],
                        ["systemctl", f"--root={self.root}", "-q", "enable", *UNITS]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        return self

    def uid(self, user):
        for line in (self.root / "etc/passwd").read_text().splitlines():
            if line.startswith(f"{user}:"):
                return int(line.split(":")[2])
        raise KeyError(user)

    def boot(self):
        binds = [f"--bind={outside}:{inside}" for outside, inside in self.binds.items()]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "-q", "-D", self.root, "--register=no", "--keep-unit", "-b",
                 "--console=pipe", *binds], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.init = int(wait_until(self._init, what="the machine's init"))
        wait_until(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip()
                   in ("running", "degraded"), 60, "the boot")
        return self

    def _init(self):
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text(errors="replace"))
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return child
        return None

    def run(self, *command, check=True, user=None):
        """Runs a command inside; its result. `user`: as this user."""
        if user:
            command = ("runuser", "-u", user, "--", *command)
        done = subprocess.run(["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "-C",
                               *command], capture_output=True, text=True, timeout=60, check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done

    def show(self, unit, prop):
        """A unit's property, as systemctl shows it."""
        return self.run("systemctl", "show", "--value", "-p", prop, unit).stdout.strip()

    def ctl(self, *arguments):
        return self.run("cantinectl", *map(str, arguments)).stdout

    def ctl_json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def log_of(self, unit):
        return self.run("journalctl", "-o", "cat", "-u", unit).stdout

    def power_off(self):
        if self.process:
            self.run("systemctl", "poweroff", check=False)
            try:
                self.process.wait(60)
            finally:
                self.process.kill()
            self.process = None
