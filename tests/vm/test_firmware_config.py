# SPDX-License-Identifier: GPL-3.0-or-later
"""firmware-config/ installed and taken away inside an arm64 Debian 12, by its own shell: a chroot, in which an
emulator runs the programs. The root lies above the computer's base, which stays as it is."""

import shutil
import subprocess

import pytest

from rig import vm
from rig.card import CMDLINE, CONFIG, FOLDER, LIBNFC, MOSQUITTO, tree_of
from rig.sysfs import Sysfs

OUTSIDE = ("proc", "sys", "dev", "run", "tmp")
FILES = {"boot/firmware/config.txt": CONFIG, "boot/firmware/cmdline.txt": CMDLINE, "etc/nfc/libnfc.conf": LIBNFC,
         "etc/mosquitto/mosquitto.conf": MOSQUITTO, "usr/share/cantine/lobby/index.html": "<!doctype html>\n",
         "etc/overlayroot.conf": 'overlayroot=""\n', "usr/bin/cage": "", "usr/bin/Xwayland": "",
         "usr/bin/chromium": ""}


class Root:
    """An arm64 Debian laid out like Raspberry Pi OS, with Debian's own mosquitto_passwd."""

    def __init__(self, directory):
        self.root, self.layer = directory / "root", directory / "layer"

    def prepare(self):
        vm.base_make()
        vm.emulation_enable()
        for path in (self.root, self.layer):
            path.mkdir()
        vm.quietly("mount", "-t", "tmpfs", "-o", "size=1G", "tmpfs", self.layer)
        for name in ("upper", "work"):
            (self.layer / name).mkdir()
        vm.quietly("mount", "-t", "overlay", "overlay", "-o",
                   f"lowerdir={vm.ROOT},upperdir={self.layer}/upper,workdir={self.layer}/work", self.root)
        for name, text in FILES.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        vm.quietly("chroot", self.root, "sh", "-ec",
                   "cd /tmp && apt-get -q update && apt-get -q download mosquitto"
                   " && dpkg-deb -x mosquitto_*.deb unpacked && cp unpacked/usr/bin/mosquitto_passwd /usr/bin"
                   " && mkdir /etc/mosquitto/conf.d")
        shutil.copy(vm.TOP / "systemd/cantine.sysusers", self.root / "usr/lib/sysusers.d/cantine.conf")
        vm.quietly("chroot", self.root, "systemd-sysusers")
        shutil.copytree(FOLDER, self.root / "tmp/firmware-config")

    def apply(self, *words, check=True):
        done = subprocess.run(["chroot", self.root, "/tmp/firmware-config/apply", *words], capture_output=True,
                              text=True, check=False, timeout=300, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def tree(self):
        return tree_of(self.root, *OUTSIDE)

    def remove(self):
        for path in (self.root, self.layer):
            subprocess.run(["umount", path], check=False)


@pytest.fixture(scope="module")
def arm(tmp_path_factory):
    it = Root(tmp_path_factory.mktemp("arm64"))
    try:
        it.prepare()
        yield it
    finally:
        it.remove()


def test_it_is_another_machine(arm):
    said = subprocess.run(["chroot", arm.root, "uname", "-m"], capture_output=True, text=True, check=True).stdout
    assert said == "aarch64\n"


@pytest.mark.parametrize("model", ["pi3", "pi4", "pi5"])
def test_installed_and_taken_away(arm, model):
    before = arm.tree
    assert "would be made" in arm.apply("install", "--sets", "door broker", "--model", model, "--dry-run")
    assert arm.tree == before
    arm.apply("install", "--sets", "door broker", "--model", model)
    arm.apply("install", "--sets", "kiosk")
    installed = arm.tree
    assert len(installed) > len(before) + 25
    assert "nothing to do" in arm.apply("install", "--sets", "door broker", "--model", model)
    assert arm.tree == installed
    assert (arm.root / "etc/mosquitto/cantine.passwd").read_text().startswith("cantine:$7$")
    arm.apply("uninstall")
    assert arm.tree == before


def test_no_partition_for_the_data(arm):
    before = arm.tree
    assert "no partition with the label cantine-data" in arm.apply("install", "--sets", "readonly", check=False)
    assert arm.tree == before


def test_an_unknown_model(arm):
    before = arm.tree
    assert "the model pi2 is not known: MODEL= is one of: pi3 pi4 pi5" in arm.apply(
        "install", "--sets", "door", "--model", "pi2", check=False)
    assert arm.tree == before


def test_arm64s_udev_takes_the_rules(arm):
    arm.apply("install", "--sets", "door", "--model", "pi4")
    pi = Sysfs(arm.root)
    tty, _ = pi.usb_serial(1, "1a86", "7523", "ch341", "ttyUSB0")
    gpio = pi.gpio_chip("gpiochip0", "pinctrl-bcm2835")
    for path, link in ((gpio, "gpio"), (pi.uart("ttyAMA0"), "uart"), (tty, "port-")):
        found, complaints = pi.plug(path)
        assert not complaints and f"/dev/cantine/{link}" in found["DEVLINKS"]
    arm.apply("uninstall")
