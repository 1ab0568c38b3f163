# SPDX-License-Identifier: GPL-3.0-or-later
"""A door computer: an emulated arm64 machine with Debian 12, its own kernel and a real GPIO chip (PL061).

The base is made once (some minutes: packages are unpacked by an emulated dpkg) and kept outside the tree;
each computer writes into a layer above it, which outlives a power cut as a disk does: what the computer has
flushed is there, what it hasn't may be gone. A badge reader hangs on its serial line, as on a Raspberry Pi;
the levels of its GPIO lines are seen from outside, by the emulator.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

from rig.broker import free_port
from rig.program import BUILD
from rig.waiting import Log, wait_until

TOP = BUILD.parent
CACHE = Path(os.environ.get("CANTINE_CACHE", "/var/tmp")) / "cantine-vm-base"
ROOT, KERNEL, IMAGE, INITRD = (CACHE / name for name in ("root", "kernel", "base.img", "initrd"))
BINFMT = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")

# What the product needs there, and, as this is also what the cross compiler builds against, its headers.
INCLUDE = ("systemd,systemd-sysv,dbus,udev,kmod,busybox-static,sqlite3,gpiod,libc6-dev,libnfc-dev,libmosquitto-dev,"
           "libsqlite3-dev,libsystemd-dev,libinih-dev,libjansson-dev")
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "ext4")
USB_MODULES = ("xhci_pci", "ftdi_sio")  # for udev to load

PL061 = 0x09030000  # hw/arm/virt.c, VIRT_GPIO
GPIODIR = 0x400     # ARM DDI 0190B, 3.2: the data register's address masks its bits
LABEL = "9030000.pl061"
HOST = "10.0.2.2"   # the host, seen from inside
SHELL_PORT = 7000

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in {modules}; do /bin/busybox insmod /modules/$module; done
until /bin/busybox mount -t ext4 /dev/vda /root 2>/dev/null; do /bin/busybox sleep 0.1; done
exec /bin/busybox switch_root /root /sbin/init
"""

# The computer's own network, and a shell for the tests.
FILES = {
    "etc/hostname": "door\n",
    "etc/systemd/network/rig.network":
        f"[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nGateway={HOST}\nLinkLocalAddressing=no\n",
    "etc/systemd/system/rig.socket":
        f"[Socket]\nListenStream={SHELL_PORT}\nAccept=yes\n[Install]\nWantedBy=sockets.target\n",
    "etc/systemd/system/rig@.service":
        "[Service]\nExecStart=/bin/sh\nStandardInput=socket\nStandardOutput=socket\nStandardError=socket\n"
        "Environment=HOME=/root LC_ALL=C.UTF-8\n",
}
MASKED = ("serial-getty@.service", "getty.target", "apt-daily.timer", "apt-daily-upgrade.timer",
          "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def quietly(*command, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout[-4000:]}"
    return done.stdout


# --- the base -----------------------------------------------------------------------------------


def emulation_enable():
    """arm64 programs run here, for the package manager of the base."""
    if not BINFMT.exists():
        if not BINFMT.with_name("status").exists():
            quietly("mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT.parent)
        quietly("update-binfmts", "--enable", "qemu-aarch64")


def kernel_unpack():
    """Debian's kernel; its version."""
    inside = ("chroot", ROOT)
    quietly(*inside, "apt-get", "-q", "update")
    answer = quietly(*inside, "apt-cache", "depends", "linux-image-arm64")
    package = re.search(r"Depends: (linux-image-\S+-arm64)", answer)
    quietly(*inside, "sh", "-c", f"cd /tmp && apt-get -q download {package[1]}")
    (archive,) = (ROOT / "tmp").glob("linux-image-*.deb")
    quietly("dpkg-deb", "-x", archive, KERNEL)
    archive.unlink()
    (modules,) = (KERNEL / "lib/modules").iterdir()
    quietly("depmod", "-b", KERNEL, modules.name)
    (KERNEL / "Image").symlink_to(f"boot/vmlinuz-{modules.name}")
    return modules.name


def module_paths(version, module):
    """The files of a kernel module and of those that it needs, in the order of loading."""
    lines = quietly("modprobe", "-d", KERNEL, "-S", version, "--show-depends", module)
    return [Path(path) for path in re.findall(r"^insmod (\S+)", lines, re.MULTILINE)]


def initrd_pack(version):
    """Just enough to mount the disk."""
    directory = CACHE / "initrd.d"
    for name in ("bin", "dev", "root", "modules"):
        (directory / name).mkdir(parents=True)
    shutil.copy(ROOT / "bin/busybox", directory / "bin/busybox")
    order = []
    for module in MODULES:
        for path in module_paths(version, module):
            if path.name not in order:
                order.append(path.name)
                shutil.copy(path, directory / "modules")
    (directory / "init").write_text(INIT.format(modules=" ".join(order)))
    (directory / "init").chmod(0o755)
    quietly("sh", "-c", f"cd {directory} && find . | cpio -o -H newc > {INITRD}")


def root_prepare():
    for name, text in FILES.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    quietly("systemctl", f"--root={ROOT}", "-q", "enable", "systemd-networkd.service", "rig.socket")
    quietly("systemctl", f"--root={ROOT}", "-q", "mask", *MASKED)
    for path in (ROOT / "var/cache/apt/archives").glob("*.deb"):
        path.unlink()


def base_make():
    """Once: the root, its kernel, the disk that every computer's layer lies above."""
    made_from = hashlib.sha256(repr((INCLUDE, MODULES, INIT, FILES, MASKED)).encode()).hexdigest()
    done = CACHE / ".complete"
    if done.exists() and done.read_text() == made_from:
        return
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    emulation_enable()
    quietly("debootstrap", "--arch=arm64", "--variant=minbase", f"--include={INCLUDE}", "bookworm", ROOT)
    initrd_pack(kernel_unpack())
    root_prepare()
    quietly("mke2fs", "-q", "-t", "ext4", "-d", ROOT, IMAGE, "2G")
    done.write_text(made_from)


def usb_modules_install(tree):
    """Kernel modules for things that are plugged in while the computer runs."""
    (modules,) = (KERNEL / "lib/modules").iterdir()
    for module in USB_MODULES:
        for path in module_paths(modules.name, module):
            target = tree / "usr" / path.relative_to(KERNEL)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for name in ("modules.builtin", "modules.order", "modules.builtin.modinfo"):
        shutil.copy(modules / name, tree / "usr/lib/modules" / modules.name)
    quietly("depmod", "-b", tree / "usr", modules.name)


def product_pack(directory, files):
    """What `make install` installs, for arm64, and the site's own files; a tar archive."""
    tree, archive = directory / "product", directory / "product.tar"
    libraries = ROOT / "usr/lib/aarch64-linux-gnu/pkgconfig"
    run("make", "-s", "install", f"BUILD={BUILD.name}/arm64", f"DESTDIR={tree}", "AR=aarch64-linux-gnu-ar",
        f"CC=aarch64-linux-gnu-gcc --sysroot={ROOT}", cwd=TOP,
        env={**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(ROOT),
             "PKG_CONFIG_LIBDIR": f"{libraries}:{ROOT}/usr/share/pkgconfig"})
    usb_modules_install(tree)
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    run("tar", "-C", tree, "--owner=0", "--group=0", "-cf", archive, *(path.name for path in tree.iterdir()))
    return archive


# --- the computer -------------------------------------------------------------------------------


class Level(NamedTuple):
    """A GPIO line's output changed; `at` in seconds of the wall clock."""

    at: float
    line: int
    level: int


class Vm:
    """`levels` is every change of a GPIO output since the computer was made."""

    def __init__(self, directory, reader, files):
        self.directory = Path(directory)
        self.reader = reader
        base_make()
        self.product = product_pack(self.directory, files)
        self.disk = self.directory / "disk.qcow2"
        quietly("qemu-img", "create", "-q", "-f", "qcow2", "-b", IMAGE, "-F", "raw", self.disk)
        self.levels = Log("GPIO chip")
        self.console = self.directory / "console.log"
        self.boots = 0
        self.process = self.monitor = None
        self.shell_port = free_port()

    def power_on(self):
        """Until systemd says that the computer is up."""
        self.boots += 1
        trace = self.directory / f"gpio.{self.boots}.log"
        trace.touch()
        socket_path = self.directory / f"monitor.{self.boots}"
        with open(self.directory / "emulator.log", "ab") as log:
            self.process = subprocess.Popen(self._command(trace, socket_path), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, process_group=0)
        threading.Thread(target=self._follow, args=(trace, self.process), daemon=True).start()
        wait_until(socket_path.exists, what="the emulator")
        self.monitor = Monitor(socket_path)
        wait_until(self._is_up, 300, "the computer", 0.2)
        return self

    def _command(self, trace, monitor):
        forward = f"hostfwd=tcp:127.0.0.1:{self.shell_port}-10.0.2.15:{SHELL_PORT}"
        return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-accel", "tcg,thread=multi",
                "-smp", "2", "-m", "1024", "-nodefaults", "-display", "none", "-no-reboot",
                "-kernel", str(KERNEL / "Image"), "-initrd", str(INITRD),
                "-append", "console=ttyS0 root=/dev/vda rw quiet panic=-1",
                "-chardev", f"serial,id=reader,path={self.reader}", "-serial", "chardev:reader",
                "-chardev", f"file,id=console,path={self.console},append=on",
                "-device", "pci-serial,chardev=console",
                "-drive", f"if=none,id=disk,file={self.disk},format=qcow2,cache=writeback",
                "-device", "virtio-blk-pci,drive=disk",
                "-drive", f"if=none,id=product,file={self.product},format=raw,readonly=on",
                "-device", "virtio-blk-pci,drive=product",
                "-netdev", f"user,id=net,{forward}", "-device", "virtio-net-pci,netdev=net,romfile=",
                "-device", "qemu-xhci,id=usb",
                "-qmp", f"unix:{monitor},server=on,wait=off",
                "-trace", "pl061_set_output", "-D", str(trace), "-msg", "timestamp=on"]

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / "emulator.log").read_text())
        try:
            return self.run("systemctl is-system-running", check=False) in ("running", "degraded")
        except OSError:
            return False

    def _follow(self, trace, process):
        """Reads what the emulator writes of its GPIO chip, as long as it runs."""
        form = re.compile(r"\d+@([\d.]+):pl061_set_output .* output (\d+) to (\d+)")
        with open(trace, encoding="ascii") as lines:
            rest = ""
            while True:
                ended = process.poll() is not None
                rest += lines.read()
                *whole, rest = rest.split("\n")
                for match in filter(None, map(form.match, whole)):
                    self.levels.add(Level(float(match[1]), int(match[2]), int(match[3])))
                if ended:
                    return
                time.sleep(0.005)

    def power_cut(self):
        """As if the plug were pulled."""
        self.monitor.close()
        self.process.kill()
        self.process.wait()
        self.process = None

    def power_off(self):
        """Whatever state it is in."""
        if self.process:
            self.power_cut()

    def run(self, script, check=True):
        """Runs lines of sh(1) inside as root; what they wrote, without the last line's end."""
        with socket.create_connection(("127.0.0.1", self.shell_port), timeout=120) as shell:
            shell.sendall(f"{{ {script}\n}} </dev/null; status=$?; echo; echo status $status\n".encode())
            shell.shutdown(socket.SHUT_WR)
            with shell.makefile("r", encoding="utf-8") as answer:
                text = answer.read()
        written, _, status = text.rpartition("status ")
        if not status and not check:
            return ""
        assert status, f"{script}: no answer"
        assert not check or status == "0\n", f"{script}: {text}"
        return written.strip("\n")

    def show(self, unit, prop):
        return self.run(f"systemctl show --value -p {prop} {unit}")

    def ctl(self, words):
        return self.run(f"cantinectl {words}")

    def ctl_json(self, words):
        return json.loads(self.ctl(f"--json {words}"))

    def log_of(self, unit):
        return self.run(f"journalctl -o cat -b -u {unit}")

    # --- the GPIO chip, from outside ------------------------------------------------------------

    def level(self, line):
        """The line's bit in the chip's data register, now; None while it is no output."""
        if not self._register(GPIODIR) & (1 << line):
            return None
        return self._register(1 << (line + 2)) >> line & 1

    def _register(self, offset):
        answer = self.monitor.ask("human-monitor-command", **{"command-line": f"xp /1xw {PL061 + offset:#x}"})
        return int(answer.split(":")[1], 16)

    def changes(self, line, after=0):
        """The levels of a line, in order."""
        return [change.level for change in self.levels.items[after:] if change.line == line]

    def wait_level(self, line, level, after=0, deadline=60):
        return self.levels.wait(lambda change: change.line == line and change.level == level, after, deadline,
                                f"level {level} on line {line}")

    # --- what is plugged in while it runs --------------------------------------------------------

    def plug_in(self, name, path):
        """A serial line behind a USB adapter: an FTDI FT232 to the computer (docs/system/devices/usb)."""
        self.monitor.ask("chardev-add", id=name, backend={
            "type": "serial", "data": {"device": str(path)}})
        self.monitor.ask("device_add", driver="usb-serial", id=f"{name}-adapter", chardev=name, bus="usb.0",
                         port="1")

    def pull_out(self, name):
        self.monitor.ask("device_del", id=f"{name}-adapter")
        wait_until(lambda: self._chardev_removed(name), 30, f"{name} given back by the emulator", 0.1)

    def _chardev_removed(self, name):
        """The adapter lets go of the line only when the computer has."""
        try:
            self.monitor.ask("chardev-remove", id=name)
            return True
        except MonitorError:
            return False

    def press(self):
        """The power button, which hw/arm/virt.c wires to line 3 of the chip: high for 100 ms."""
        self.monitor.ask("system_powerdown")


class MonitorError(Exception):
    """The emulator's own words."""


class Monitor:
    """The emulator's QMP (docs/interop/qmp-spec)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("r", encoding="utf-8")
        self.stream.readline()  # its greeting
        self.lock = threading.Lock()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        with self.lock:
            self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
            while True:
                answer = json.loads(self.stream.readline())
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise MonitorError(answer["error"]["desc"])
                assert "event" in answer, answer

    def close(self):
        self.stream.close()
        self.socket.close()
