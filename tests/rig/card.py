# SPDX-License-Identifier: GPL-3.0-or-later
"""A card with Raspberry Pi OS, as far as firmware-config/ sees it: a folder, mounted nowhere."""

import hashlib
import os
import subprocess
from pathlib import Path

from rig.program import BUILD

FOLDER = BUILD.parent / "firmware-config"
STATE = "var/backups/cantine-firmware-config"

# What a fresh card says (RPi-Distro/pi-gen, stage1/00-boot-files, 2026-06-16), shortened.
CONFIG = """# For more options and information see
# http://rptl.io/configtxt
#dtparam=i2c_arm=on
dtparam=audio=on
camera_auto_detect=1
auto_initramfs=1
dtoverlay=vc4-kms-v3d

[cm4]
otg_mode=1

[all]
"""
CMDLINE = ("console=serial0,115200 console=tty1 root=PARTUUID=0d3c7a31-02 rootfstype=ext4 fsck.repair=yes rootwait "
           "quiet\n")
MOSQUITTO = "persistence true\nlog_dest file /var/log/mosquitto/mosquitto.log\ninclude_dir /etc/mosquitto/conf.d\n"
LIBNFC = "# Allow device auto-detection (default: true)\n#allow_autoscan = true\n"

FILES = {"etc/nfc/libnfc.conf": LIBNFC, "etc/mosquitto/mosquitto.conf": MOSQUITTO,
         "etc/mosquitto/conf.d/README": "Place your local configuration here.\n",
         "etc/overlayroot.conf": 'overlayroot=""\n', "usr/bin/cage": "", "usr/bin/Xwayland": "",
         "usr/bin/chromium": "",
         "usr/share/cantine/lobby/index.html": "<!doctype html>\n",
         "etc/group": f"root:x:0:\nmosquitto:x:{os.getgid()}:\ncantine:x:990:\n"}
FOLDERS = ("etc/systemd/system/multi-user.target.wants", "etc/udev/rules.d", "etc/modprobe.d", "var/backups")


def look_of(path):
    """What a file, link or folder is, with its mode, owner and, but for folders, its time."""
    status = path.lstat()
    what = (os.readlink(path) if path.is_symlink() else
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder")
    when = None if what == "folder" else status.st_mtime_ns
    return what, oct(status.st_mode), status.st_uid, status.st_gid, when


def tree_of(root, *without):
    """Everything below a folder: path → its look."""
    return {name: look_of(Path(root) / name) for name in names_of(root) if not name.startswith(without)}


def names_of(root):
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            yield os.path.relpath(os.path.join(folder, name), root)


class Card:
    """`boot`: where its first partition is mounted."""

    def __init__(self, root, boot="boot/firmware"):
        self.root = Path(root)
        self.boot = self.root / boot
        self.config, self.cmdline = self.boot / "config.txt", self.boot / "cmdline.txt"
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        self.boot.mkdir(parents=True)
        for name, text in FILES.items():
            self.write(name, text)
        self.config.write_text(CONFIG)
        self.cmdline.write_text(CMDLINE)
        self.config.chmod(0o755)  # FAT has no modes of its own
        self.cmdline.chmod(0o755)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def append(self, name, text):
        self.write(name, self.read(name) + text)

    @property
    def tree(self):
        return tree_of(self.root)

    def make(self, *words, check=True, before=""):
        """make in firmware-config/ for this card; what it said. `before`: lines of bash(1) first."""
        line = f'{before}\nexec make -s "$@"'
        done = subprocess.run(["bash", "-c", line, "bash", "-C", FOLDER, f"DESTDIR={self.root}", *words],
                              capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        if check:
            assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
            return done.stdout
        return done

    def refused(self, *words):
        """What make says when it refuses: one line of it is ours, and nothing has changed."""
        before = self.tree
        done = self.make(*words, check=False)
        assert done.returncode != 0
        (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
        assert line.startswith("firmware-config: ") and not done.stdout
        assert self.tree == before
        return line
