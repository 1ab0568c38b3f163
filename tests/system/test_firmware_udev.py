# SPDX-License-Identifier: GPL-3.0-or-later
"""The udev rules of firmware-config/, applied by Debian 12's udev to imitated devices of a Raspberry Pi."""

import re
import subprocess

import pytest

from rig.card import CMDLINE, CONFIG, FOLDER
from rig.machine import TOP, base
from rig.sysfs import Sysfs

PORT = "platform-fd500000_pcie-pci-0000_01_00_0-usb-0_1_{}_1_0"

# As Raspberry Pi OS has it, later than ours: whoever is in these groups would get the devices.
RASPBERRY = """SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0666"
SUBSYSTEM=="spidev", GROUP="spi", MODE="0666"
SUBSYSTEM=="gpio", GROUP="gpio", MODE="0666"
SUBSYSTEM=="tty", GROUP="dialout", MODE="0666"
"""
PORTS = f"""ENV{{ID_PATH_TAG}}=="{PORT.format(1)}", ENV{{CANTINE_RELAY}}="front"
ENV{{ID_PATH_TAG}}=="{PORT.format(2)}", ENV{{CANTINE_READER}}="entrance"
"""


@pytest.fixture(scope="module")
def pi(tmp_path_factory):
    """A Debian with the users and the rules, before anything is plugged in."""
    root = tmp_path_factory.mktemp("udev") / "root"
    subprocess.run(["cp", "-a", base(), root], check=True)
    (root / "boot/firmware").mkdir()
    (root / "boot/firmware/config.txt").write_text(CONFIG)
    (root / "boot/firmware/cmdline.txt").write_text(CMDLINE)
    subprocess.run(["install", "-D", "-m", "0644", TOP / "systemd/cantine.sysusers",
                    root / "usr/lib/sysusers.d/cantine.conf"], check=True)
    (root / "usr/lib/sysusers.d/raspberry.conf").write_text("g gpio -\ng spi -\ng i2c -\n")
    subprocess.run(["systemd-sysusers", f"--root={root}"], check=True, capture_output=True)
    subprocess.run(["make", "-s", "-C", FOLDER, "install", "MODEL=pi4", "BROKER=no", f"DESTDIR={root}"], check=True,
                   capture_output=True)
    (root / "etc/udev/rules.d/70-cantine-ports.rules").write_text(PORTS)
    (root / "etc/udev/rules.d/99-com.rules").write_text(RASPBERRY)
    return Sysfs(root)


@pytest.fixture(scope="module")
def group(pi):
    lines = (pi.root / "etc/group").read_text().splitlines()
    return {line.split(":")[0]: int(line.split(":")[2]) for line in lines}


@pytest.mark.parametrize("name, driver", [("gpiochip0", "pinctrl-bcm2835"), ("gpiochip4", "pinctrl-rp1")])
def test_the_headers_gpio_is_cantineds(pi, group, name, driver):
    _, complaints = pi.plug(pi.gpio_chip(name, driver))
    assert not complaints
    assert pi.node(name) == (group["cantine"], 0o660) and pi.link("cantine/gpio") == name


def test_another_gpio_chip_is_not_ours(pi, group):
    pi.plug(pi.gpio_chip("gpiochip1", "raspberrypi-exp-gpio"))
    assert pi.node("gpiochip1")[0] == group["gpio"]


def test_the_headers_buses_are_the_readers(pi, group):
    for path, name in ((pi.uart("ttyAMA0"), "ttyAMA0"), (pi.spi("spidev0.0"), "spidev0.0"), (pi.i2c("i2c-1"), "i2c-1")):
        found, complaints = pi.plug(path)
        assert not complaints
        assert pi.node(name) == (group["cantine-reader"], 0o660)
        assert pi.link(f"cantine/{'uart' if name == 'ttyAMA0' else name}") == name
        assert name != "ttyAMA0" or found["ID_MM_DEVICE_IGNORE"] == "1"


def test_other_buses_are_not(pi, group):
    for path, name, owner in ((pi.uart("ttyAMA1"), "ttyAMA1", "dialout"), (pi.i2c("i2c-20"), "i2c-20", "i2c")):
        pi.plug(path)
        assert pi.node(name)[0] == group[owner]


@pytest.mark.parametrize("port, vendor, product, driver, name, owner, role", [
    (1, "1a86", "7523", "ch341", "ttyUSB0", "cantine", "relay-front"),
    (2, "1a86", "7523", "ch341", "ttyUSB1", "cantine-reader", "reader-entrance"),
    (3, "10c4", "ea60", "cp210x", "ttyUSB2", "cantine-reader", None),
    (4, "0403", "6001", "ftdi_sio", "ttyUSB3", "cantine-reader", None)])
def test_adapters(pi, group, port, vendor, product, driver, name, owner, role):
    """Two boards with the same chip differ by their port; each belongs to one program alone."""
    tty, _ = pi.usb_serial(port, vendor, product, driver, name)
    found, complaints = pi.plug(tty)
    assert not complaints and found["ID_MM_DEVICE_IGNORE"] == "1"
    assert pi.node(name) == (group[owner], 0o660)
    assert pi.link(f"cantine/port-{PORT.format(port)}") == name
    roles = [link for link in found["DEVLINKS"].split() if "/cantine/" in link and "/port-" not in link]
    assert roles == ([f"/dev/cantine/{role}"] if role else [])


def test_ftdi_answers_at_once(pi):
    _, above = pi.usb_serial(5, "0403", "6015", "ftdi_sio", "ttyUSB5")
    pi.plug(above, "change")
    assert "latency_timer" not in pi.said
    pi.plug(above)
    assert re.search(rf"71-cantine.rules:\d+ ATTR '/sys/devices/{above}/latency_timer' writing '1'", pi.said)


def test_another_serial_device_is_not_ours(pi, group):
    tty, _ = pi.usb_serial(6, "2341", "0043", "cdc_acm", "ttyACM0")
    found, _ = pi.plug(tty)
    assert pi.node("ttyACM0")[0] == group["dialout"] and "ID_MM_DEVICE_IGNORE" not in found


@pytest.mark.parametrize("port, vendor, product", [(7, "072f", "2200"), (8, "04cc", "2533"), (9, "04e6", "5591")])
def test_usb_readers(pi, group, port, vendor, product):
    _, complaints = pi.plug(pi.usb(port, vendor, product))
    assert not complaints and pi.node(f"bus/usb/001/{port:03}") == (group["cantine-reader"], 0o660)


def test_another_usb_device_is_not_ours(pi):
    pi.plug(pi.usb(10, "046d", "c31c"))
    assert pi.node("bus/usb/001/010") == (0, 0o664)


def test_udev_complains_of_a_mistake(pi):
    """So that "no complaints" says something."""
    rules = pi.root / "etc/udev/rules.d/71-cantine.rules"
    text = rules.read_text()
    try:
        rules.write_text(text.replace("GROUP:=", "GROOP:="))
        assert pi.plug(pi.spi("spidev0.1"))[1]
    finally:
        rules.write_text(text)
