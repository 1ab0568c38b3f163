# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian 12 that boots with what firmware-config/ has installed, the product, and a real broker beside it."""

import subprocess

import pytest

from rig.card import CMDLINE, CONFIG, FOLDER, MOSQUITTO, tree_of
from rig.house import House
from rig.machine import Machine
from rig.waiting import wait_until

CONFIGURATION = """[site]
id=amiens

[reader entrance]
device=pn532_uart:/dev/cantine/uart
door=front

[door front]
actuator=virtual
"""
OUTSIDE = ("proc", "sys", "dev", "run", "tmp")


class Pi:
    """The machine with its boot partition: a card as far as `House` sees it."""

    def __init__(self, directory):
        self.machine = Machine(directory, CONFIGURATION, {FOLDER: "/mnt/firmware-config"}).install()
        self.root = self.machine.root
        for name, text in {"boot/firmware/config.txt": CONFIG, "boot/firmware/cmdline.txt": CMDLINE,
                           "etc/mosquitto/mosquitto.conf": MOSQUITTO, "etc/mosquitto/conf.d/README": "",
                           "etc/nfc/libnfc.conf": "# the package's\n"}.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def make(self, *words):
        return subprocess.run(["make", "-s", "-C", FOLDER, f"DESTDIR={self.root}", *words], capture_output=True,
                              text=True, check=True).stdout


@pytest.fixture(scope="module")
def pi(tmp_path_factory):
    it = Pi(tmp_path_factory.mktemp("firmware"))
    it.make("install", "MODEL=pi4")
    with House(it) as broker:
        (it.root / "etc/cantine/cantine.conf.d/60-rig.conf").write_text(f"[mqtt]\nport={broker.port}\n")
        it.broker = broker
        try:
            it.machine.boot()
            yield it
        finally:
            it.machine.power_off()


def test_nothing_fails_for_it(pi):
    failed = pi.machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout
    assert not [line for line in failed.splitlines() if "cantine" in line or "tmp.mount" in line], failed
    log = pi.machine.run("journalctl", "-b", "-o", "cat").stdout
    for complaint in ("Unknown key", "Unknown section", "Failed to parse", "cantine.conf.d"):
        assert complaint not in log, [line for line in log.splitlines() if complaint in line]


def test_settings_hold(pi):
    assert pi.machine.run("systemctl", "show", "--value", "-p", "RuntimeWatchdogUSec").stdout.strip() == "14s"
    assert pi.machine.show("tmp.mount", "ActiveState") == "active"
    assert pi.machine.run("findmnt", "-no", "FSTYPE", "/tmp").stdout.strip() == "tmpfs"
    for unit in ("serial-getty@ttyAMA0", "serial-getty@ttyS0", "serial-getty@serial0", "hciuart"):
        assert pi.machine.show(f"{unit}.service", "LoadState") == "masked"
    assert "Storage=persistent" in pi.machine.run("systemd-analyze", "cat-config", "systemd/journald.conf").stdout
    assert pi.machine.run("sh", "-c", "ls /var/log/journal").stdout.strip(), "the journal is on the card"


def test_modules_stay_away(pi):
    for module in ("pn533_usb", "pn533", "nfc", "pn532_uart"):
        listed = pi.machine.run("modprobe", "--showconfig").stdout
        assert f"blacklist {module}\n" in listed


def test_the_publisher_has_its_password(pi):
    """By way of systemd: root alone may read the file, and the broker takes the publisher's word."""
    reader = pi.broker.client().subscribe("cantine/+/status")
    wait_until(lambda: pi.machine.show("cantine-publisher.service", "ActiveState") == "active", 30, "the publisher")
    reader.messages.wait(lambda topic: topic == "cantine/amiens/status", 0, 30)
    reader.close()
    refused = pi.machine.run("cat", "/etc/cantine/mqtt-password", user="cantine-publisher", check=False)
    assert refused.returncode != 0
    assert "authoris" not in pi.machine.log_of("cantine-publisher.service")


def test_a_running_system_is_told(pi):
    """Taken away and installed again from inside: systemd knows of it at once."""
    pi.machine.run("cp", "-r", "/mnt/firmware-config", "/root/")
    apply = "/root/firmware-config/apply"
    asked = pi.machine.run("sh", "-c", "cp -r /root/firmware-config /tmp/f && chmod 0755 /tmp/f && "
                           "runuser -u cantine -- /tmp/f/apply uninstall 2>&1", check=False)
    assert asked.returncode != 0 and "run it as root" in asked.stdout
    assert "removed  /etc/systemd/system/hciuart.service" in pi.machine.run(apply, "uninstall", "--sets", "door").stdout
    assert pi.machine.show("serial-getty@ttyS0.service", "LoadState") == "loaded"
    assert "made     /etc/systemd/system/hciuart.service" in pi.machine.run(
        apply, "install", "--sets", "door", "--model", "pi4").stdout
    assert pi.machine.show("serial-getty@ttyS0.service", "LoadState") == "masked"
    assert pi.machine.show("cantine-publisher.service", "ActiveState") == "active"


def test_uninstalled_again(tmp_path):
    """The same tree as before, byte for byte, in a whole Debian."""
    it = Pi(tmp_path)
    before = tree_of(it.root, *OUTSIDE)
    it.make("install", "MODEL=pi5", "OPTIONS=spi i2c battery")
    assert tree_of(it.root, *OUTSIDE) != before
    it.make("uninstall")
    assert tree_of(it.root, *OUTSIDE) == before
