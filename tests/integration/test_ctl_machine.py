# SPDX-License-Identifier: GPL-3.0-or-later
"""`cantinectl check`: what it finds at the machine that the door runs on, and that it finds nothing where all is well.

Each test breaks one thing of a folder that looks like a Raspberry Pi with firmware-config/ installed.
"""

import json
import os
import pty
import re
import subprocess
import sys

import pytest
from paho.mqtt import client as paho

from rig.broker import MOSQUITTO, free_port
from rig.ctl import Ctl
from rig.pi import CHIP, DEVICES_GROUP, LISTENING, MOUNTS, Pi
from rig.program import BUILD
from rig.waiting import DEADLINE, Log, wait_until

WISHES = "etc/systemd/system"


@pytest.fixture(name="pi")
def fixture_pi(tmp_path):
    return Pi(tmp_path / "pi")


# --- as a whole ----------------------------------------------------------------------------------

def test_all_is_well(pi):
    assert pi.found() == []
    assert "machine: all is well\n" in pi.run().stdout or "MiB are free" in pi.run().stdout


def test_a_line_for_people_and_the_language(pi):
    (pi.root / "dev/ttyAMA0").unlink()
    (pi.root / "dev/watchdog").unlink()
    done = pi.run()
    assert done.returncode == 1 and done.stderr == ""
    lines = [line for line in done.stdout.splitlines() if "MiB are free" not in line]
    assert lines == [
        "machine reader entrance: /dev/cantine/uart is not there: run in Cantine's folder: "
        "make -C firmware-config install MODEL=pi4 (or pi3, pi5), and restart",
        "advice: machine watchdog: there is none, and a computer that hangs stays so: "
        "put dtparam=watchdog=on into /boot/firmware/config.txt and restart"]
    assert pi.found(env={"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr"}) == pi.found()


def test_advice_alone_is_no_failure(pi):
    pi.remove("dev/watchdog")
    assert pi.run().returncode == 0
    assert pi.run("--json").returncode == 0


def test_a_card_in_another_computer(pi):
    pi.turn_off()
    assert pi.found() == []
    pi.append("boot/firmware/cmdline.txt", " console=serial0,115200")
    pi.remove(f"{WISHES}/multi-user.target.wants/cantine.target")
    pi.remove("etc/systemd/system.conf.d/50-cantine-watchdog.conf")
    pi.remove("etc/systemd/journald.conf.d/50-cantine.conf")
    pi.remove(f"{WISHES}/sysinit.target.wants/systemd-timesyncd.service")
    pi.remove("etc/mosquitto/cantine.acl")
    assert [finding["row"] for finding in pi.found()] == [
        "console ttyAMA0", "unit cantine.target", "unit cantined.service", "unit cantine-publisher.service",
        "card journald", "watchdog", "clock", "broker"]


def test_the_cards_records(pi, tmp_path):
    records = pi.root / "var/lib/cantine/records"
    ctl = Ctl(tmp_path)
    with ctl.sql() as db:
        db.execute("UPDATE plan SET active = 1")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ctl.records.rename(records / "records.db")
    done = subprocess.run([BUILD / "cantinectl", "check", "--records", "--root", pi.root], capture_output=True,
                          text=True, timeout=DEADLINE, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("records: all is well\n", "", 0)
    ctl.records = records / "records.db"
    with ctl.sql() as db:
        db.executescript("PRAGMA foreign_keys = 0; INSERT INTO badge(uid, member) VALUES ('04A1B2C3D4E5F6', 77)")
    done = subprocess.run([BUILD / "cantinectl", "check", "--root", pi.root], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.stdout.startswith("badge 04A1B2C3D4E5F6: ") and done.returncode == 1
    assert "\nmachine: all is well\n" in done.stdout or "MiB are free" in done.stdout


def test_no_such_root(pi, tmp_path):
    done = subprocess.run([BUILD / "cantinectl", "--config", pi.root / "etc/cantine/cantine.conf", "check", "--machine",
                           "--root", tmp_path / "nowhere"],
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.endswith("No such file or directory: give the folder where the card is mounted\n")


def test_a_busy_computer(pi, tmp_path):
    """Renaming anywhere makes the kernel refuse a link with ".." for a moment: nothing is found because of that."""
    (tmp_path / "a").mkdir()
    loop = "import os\nwhile True: os.rename('a', 'b'); os.rename('b', 'a')"
    with subprocess.Popen([sys.executable, "-c", loop], cwd=tmp_path) as renaming:
        try:
            for _ in range(20):
                assert pi.found() == []
        finally:
            renaming.kill()


def test_links_stay_in_the_root(pi):
    """A card's own /etc/passwd is read, wherever its links lead."""
    pi.remove("etc/passwd")
    pi.link("etc/passwd", "/../../etc/elsewhere/passwd")
    pi.write("etc/elsewhere/passwd", "cantine:x:9001:9001::/:/bin/false\n")
    assert {finding["row"] for finding in pi.found()} == {"user cantine-reader", "user cantine-publisher"}


# --- on the machine that the tests run on ---------------------------------------------------------

def on_this(tmp_path, device):
    """What is found here for a reader at the device, with the one warning that Cantine isn't installed."""
    ctl = Ctl(tmp_path, f"[reader entrance]\ndevice=pn532_uart:{device}\ndoor=front\ndirection=in\n")
    done = ctl.run("check", "--machine", "--json")
    if done.stderr == "":
        pytest.skip("Cantine is installed here")
    assert done.stderr.startswith("cantinectl: warning: Cantine isn't installed there: ")
    return [finding for finding in json.loads(done.stdout) if not finding["row"].startswith("disk")], ctl


def test_a_developers_machine(tmp_path):
    """A pseudo-terminal as reader, also by a link: nothing to mend, and `check` alone speaks of the records."""
    master, slave = pty.openpty()
    link = tmp_path / "reader"
    link.symlink_to(os.ttyname(slave))
    for name, device in (("direct", os.ttyname(slave)), ("linked", link)):
        (tmp_path / name).mkdir()
        found, ctl = on_this(tmp_path / name, device)
        assert found == []
        assert ctl("check") == "records: all is well\n"
    os.close(master)
    os.close(slave)


def test_a_developers_machine_without_its_reader(tmp_path):
    found, ctl = on_this(tmp_path, tmp_path / "gone")
    assert [finding["problem"] for finding in found] == [f"{tmp_path}/gone is not there"]
    assert ctl("check") == "records: all is well\n"
    (tmp_path / "file").write_text("")
    (tmp_path / "second").mkdir()
    found, _ = on_this(tmp_path / "second", tmp_path / "file")
    assert [finding["problem"] for finding in found] == [f"{tmp_path}/file is not a device"]


# --- users and groups ----------------------------------------------------------------------------

def test_users(pi):
    pi.replace("etc/passwd", "cantine-reader:", "somebody:")
    assert pi.one() == ("user cantine-reader: there is no such user, and its program can't start: "
                        "run: systemd-sysusers")


def test_group(pi):
    del pi.groups["cantine-admin"]
    pi.write_groups()
    assert pi.one() == ("advice: group cantine-admin: there is no such group, and only root may use cantinectl: "
                        "run: systemd-sysusers")


def test_who_calls_is_in_the_group(pi):
    for parent in list(pi.root.parents)[:4]:  # what pytest makes for itself alone
        if parent.stat().st_uid == os.getuid() and parent.name.startswith(("pytest", "test_")):
            parent.chmod(0o755)
    (pi.root / "etc/mosquitto/cantine.passwd").chmod(0o644)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    pi.groups["cantine-admin"] = (65534 if user else os.getgid(), "")
    pi.write_groups()
    assert pi.found(before=user) == []
    pi.groups["cantine-admin"] = (31999, "")
    pi.write_groups()
    assert pi.one(before=user) == (
        "advice: group cantine-admin: you aren't in this group, and need a password for much of cantinectl: "
        "run: sudo usermod -aG cantine-admin YOUR-NAME, and log in again")
    if user:
        assert pi.found() == []  # root may do everything


# --- devices -------------------------------------------------------------------------------------

def test_a_board_that_is_not_plugged_in(pi):
    pi.remove("dev/ttyUSB0")
    assert pi.one() == ("door back: /dev/cantine/relay-back is not there: plug it in; ls -l /dev/cantine shows what "
                        "is there, and /etc/udev/rules.d/70-cantine-ports.rules gives the names")
    pi.configure("[door back]\nactuator=serial-relay:/dev/ttyUSB7:1\n")
    assert pi.one() == ("door back: /dev/ttyUSB7 is not there: plug it in, or name the right device in "
                        "/etc/cantine/cantine.conf")


@pytest.mark.parametrize("device, option", [("pn532_spi:/dev/spidev0.0:500000", "spi"),
                                            ("pn532_i2c:/dev/i2c-1", "i2c")])
def test_a_bus_that_is_not_switched_on(pi, device, option):
    pi.configure(f"[reader entrance]\ndevice={device}\n")
    assert (f"is not there: run in Cantine's folder: make -C firmware-config install MODEL=pi4 OPTIONS={option} ("
            in pi.one())
    pi.device(device.split(":")[1].lstrip("/"))
    assert pi.found() == []


def test_no_device(pi):
    pi.remove("dev/ttyUSB0")
    pi.write("dev/ttyUSB0", "")
    assert pi.one() == ("door back: /dev/cantine/relay-back is not a device: name the right one in "
                        "/etc/cantine/cantine.conf")


def test_a_device_that_its_user_may_not_open(pi):
    pi.groups["devices"] = (DEVICES_GROUP, "cantine")
    pi.write_groups()
    assert pi.one() == ("reader entrance: cantine-reader may not use /dev/cantine/uart (group devices, mode 0660): "
                        "run: usermod -aG devices cantine-reader, and restart cantine.target")
    (pi.root / "dev/ttyAMA0").chmod(0o640)
    assert pi.one() == ("reader entrance: cantine-reader may not use /dev/cantine/uart (group devices, mode 0640): "
                        "give it to the group cantine-reader by a udev rule, as firmware-config/udev does")
    (pi.root / "dev/ttyAMA0").chmod(0o606)
    assert pi.found() == []


def test_a_group_that_the_unit_gives(pi):
    pi.groups["devices"] = (DEVICES_GROUP, "cantine")
    pi.write_groups()
    pi.write(f"{WISHES}/cantine-reader@.service.d/group.conf", "[Service]\nSupplementaryGroups=audio devices\n")
    assert pi.found() == []


def test_a_group_that_the_user_is_in_but_others_may_more(pi):
    """As the kernel decides: who is in the group is not one of the others."""
    (pi.root / "dev/ttyAMA0").chmod(0o606)
    pi.groups["devices"] = (DEVICES_GROUP, "cantine,cantine-reader")
    assert "cantine-reader may not use" in pi.one()


def usb(pi, vendor, product):
    for name, text in {"idVendor": vendor, "idProduct": product, "busnum": "1", "devnum": "12"}.items():
        pi.write(f"sys/bus/usb/devices/1-1.3/{name}", text + "\n")


def test_a_reader_on_the_usb(pi):
    pi.configure("[reader entrance]\ndevice=acr122_usb\n")
    assert pi.one() == "reader entrance: no reader for acr122_usb is on the USB: plug it in; lsusb shows what is there"
    usb(pi, "04e6", "5591")  # one for pn53x_usb
    assert "no reader for acr122_usb" in pi.one()
    usb(pi, "072f", "2200")
    node = pi.device("dev/bus/usb/001/012")
    assert pi.found() == []
    node.chmod(0o600)
    assert "reader entrance: cantine-reader may not use /dev/bus/usb/001/012" in pi.one()


# --- GPIO ----------------------------------------------------------------------------------------

def test_gpio_chips(pi):
    pi.configure("[site]\nfire=gpio:pinctrl-rp1:24\n")
    assert pi.one() == ("gpio pinctrl-rp1: there is no GPIO chip of this label: "
                        "name one of these in /etc/cantine/cantine.conf: pinctrl-bcm2711")
    pi.configure("[site]\nfire=gpio:gpiochip0:24\n")
    assert pi.found() == []
    pi.configure("[site]\nfire=gpio:/dev/cantine/gpio:24\n")
    assert "gpio /dev/cantine/gpio: /dev/cantine/gpio is not there" in pi.one()
    pi.link("dev/cantine/gpio", "../gpiochip0")
    assert pi.found() == []


def test_gpio_rights(pi):
    (pi.root / "dev/gpiochip0").chmod(0o600)
    assert "gpio pinctrl-bcm2711: cantine may not use /dev/gpiochip0 (group devices, mode 0600)" in pi.one()


def test_gpio_none_at_all(pi):
    pi.remove("sys/bus/gpio/devices/gpiochip0")
    assert pi.one() == ("gpio pinctrl-bcm2711: there is no GPIO chip of this label: "
                        "there is none at all: is this the computer with the relay?")


def test_gpio_of_two_chips(pi):
    """Each label belongs to the chip below the same device, whatever their numbers."""
    pi.configure("[site]\nfire=gpio:raspberrypi-exp-gpio:2\n")
    other = CHIP.replace("fe200000.gpio", "firmware")
    (pi.root / other / "gpiochip1").mkdir(parents=True)
    pi.link("sys/bus/gpio/devices/gpiochip1", f"/{other}/gpiochip1")
    pi.write(f"{other}/gpio/gpiochip504/label", "raspberrypi-exp-gpio\n")
    pi.link("sys/class/gpio/gpiochip504", f"/{other}/gpio/gpiochip504")
    pi.device("dev/gpiochip1", 0o600)
    assert "gpio raspberrypi-exp-gpio: cantine may not use /dev/gpiochip1 " in pi.one()


def test_gpio_labels_that_the_kernel_keeps_to_itself(pi):
    """A kernel without /sys/class/gpio: who can't know says nothing."""
    pi.remove("sys/class/gpio")
    assert pi.found() == []


# --- who else wants the reader -------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/dev/cantine/uart", "/dev/serial0", "/dev/ttyAMA0"])
def test_console(pi, path):
    pi.configure(f"[reader entrance]\ndevice=pn532_uart:{path}\n")
    pi.write("proc/cmdline", "console=ttyS0,115200 console=tty1")
    assert pi.found() == []
    pi.write("proc/cmdline", "console=ttyAMA0,115200 console=tty1")
    assert pi.one() == ("console ttyAMA0: the kernel writes its messages to the reader's line (console=ttyAMA0,"
                        "115200): "
                        "take console=ttyAMA0,115200, or console=serial0 with what follows it, out of "
                        "/boot/firmware/cmdline.txt, and restart")


def test_console_of_another_computer(pi):
    pi.remove("proc/device-tree/model")
    pi.write("proc/cmdline", "console=ttyAMA0")
    assert pi.one().endswith("take console=ttyAMA0 out of the boot loader's settings, and restart")


def test_login(pi):
    unit = "serial-getty@ttyAMA0.service"
    words = f"console ttyAMA0: a login waits on the reader's line ({unit}): run: systemctl mask --now {unit}"
    pi.link(f"{WISHES}/getty.target.wants/{unit}", "/usr/lib/systemd/system/serial-getty@.service")
    assert pi.found() == []  # firmware-config has masked it
    pi.remove(f"{WISHES}/{unit}")
    assert pi.one() == words
    pi.remove(f"{WISHES}/getty.target.wants/{unit}")
    assert pi.found() == []
    pi.link(f"run/systemd/generator/getty.target.wants/{unit}", "/usr/lib/systemd/system/serial-getty@.service")
    assert pi.one() == words
    pi.remove("run/systemd/generator")
    pi.link(f"run/systemd/units/invocation:{unit}", "0")
    assert pi.one() == words


def test_modules(pi):
    pi.append("proc/modules", "pn533_usb 20480 0 - Live 0x0\nnfcsim 1 0 - Live 0x0\n")
    told = ("module pn533_usb: the kernel's own NFC driver takes readers away from Cantine: write the line "
            "“blacklist pn533_usb” into /etc/modprobe.d/cantine.conf, and run: rmmod pn533_usb")
    assert pi.one() == f"advice: {told}"
    pi.configure("[reader entrance]\ndevice=pn53x_usb\n")
    usb(pi, "04e6", "5591")
    pi.device("dev/bus/usb/001/012")
    assert pi.one() == told


# --- units ---------------------------------------------------------------------------------------

def test_unit_not_enabled(pi):
    pi.remove(f"{WISHES}/cantine.target.wants/cantine-reader@entrance.service")
    assert pi.one() == ("unit cantine-reader@entrance.service: it doesn't start with the machine: "
                        "run: systemctl enable --now cantine-reader@entrance.service")


def test_target_not_enabled(pi):
    pi.remove(f"{WISHES}/multi-user.target.wants/cantine.target")
    assert [(finding["row"], finding["severity"]) for finding in pi.found()] == [
        ("unit cantine.target", "fault"), ("unit cantined.service", "fault"),
        ("unit cantine-publisher.service", "advice")]


def test_unit_not_running(pi):
    pi.remove("run/systemd/units/invocation:cantined.service")
    assert pi.one() == ("unit cantined.service: it doesn't run: run: systemctl start cantined.service, and if it "
                        "fails: journalctl -u cantined.service")


def test_publisher(pi):
    pi.remove("run/systemd/units/invocation:cantine-publisher.service")
    assert pi.one().startswith("advice: unit cantine-publisher.service: it doesn't run: ")
    pi.configure("[mqtt]\nenabled=no\n")
    assert pi.found() == []


def test_unit_masked(pi):
    pi.link(f"{WISHES}/cantined.service", "/dev/null")
    assert pi.one() == ("unit cantined.service: it is masked, and can't be started: "
                        "run: systemctl unmask cantined.service && systemctl enable --now cantined.service")


def test_unit_of_a_reader_that_is_no_more(pi):
    pi.link(f"{WISHES}/cantine.target.wants/cantine-reader@old.service", "/x")
    assert pi.one() == ("advice: unit cantine-reader@old.service: it is started, and the configuration has no reader "
                        "of this name: run: systemctl disable --now cantine-reader@old.service")


def test_units_where_no_systemd_runs(pi):
    pi.remove("run/systemd/system")
    pi.remove(f"{WISHES}/multi-user.target.wants/cantine.target")
    assert pi.found() == []


# --- the disk ------------------------------------------------------------------------------------

def test_read_only(pi):
    pi.append("proc/mounts", "/dev/sda1 /var/lib/cantine ext4 ro,noatime 0 0\n")
    words = ("the disk is mounted read-only (/dev/sda1), and nothing is recorded: run: dmesg | grep -i error; a card "
             "that has failed is to be replaced, and another one mounted with rw")
    assert pi.one() == f"disk /var/lib/cantine/records: {words}"
    pi.write("proc/mounts", MOUNTS + "/dev/sda1 /var/lib/cantinex ext4 ro 0 0\n")
    assert pi.found() == []


def on_small_disk(pi, options, *content):
    """What is found with a file system of its own below the records; `content`: lines of sh(1) first. Whom a file
    belongs to isn't seen by who is root in a namespace of their own: what is found elsewhere doesn't count."""
    folder = pi.root / "var/lib/cantine"
    unshare = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    script = " && ".join([f"mount -t tmpfs -o {options} none {folder}", f"cd {folder}", "mkdir records journal",
                          *content])
    if subprocess.run([*unshare, "sh", "-c", script], capture_output=True, timeout=DEADLINE, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    done = subprocess.run([*unshare, "sh", "-c", f'{script} && exec "$0" check --machine --json --root {pi.root}',
                           BUILD / "cantinectl"], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert done.returncode == any(finding["severity"] == "fault" for finding in found)
    return [f"{f['severity']}: {f['row']}: {f['problem']}" for f in found if "/var/lib/cantine" in f["row"]]


def test_disk_is_full(pi):
    disk = "disk /var/lib/cantine/records"  # the journal is on the same one, which is told of once
    assert on_small_disk(pi, "size=2m", "true") == [f"fault: {disk}: 2 MiB are free (100 %)"]
    assert on_small_disk(pi, "size=60m", "true") == [f"advice: {disk}: 60 MiB are free (100 %)"]
    assert on_small_disk(pi, "size=200m", "true") == []
    assert on_small_disk(pi, "size=200m,nr_inodes=20", "touch $(seq 12)") == [
        f"fault: {disk}: 5 more files fit on it (inodes)"]
    assert on_small_disk(pi, "size=200m,nr_inodes=1000", "touch $(seq 970)") == [
        f"advice: {disk}: 27 more files fit on it (inodes)"]


def test_wear(pi):
    pi.write("sys/block/mmcblk0/device/life_time", "0x08 0x01\n")
    pi.write("sys/block/mmcblk0/device/pre_eol_info", "0x01\n")
    assert pi.found() == []
    words = ("advice: card mmcblk0: this flash memory is almost worn out: copy the records away (the folder of "
             "records=), and replace it soon")
    pi.write("sys/block/mmcblk0/device/life_time", "0x02 0x09\n")
    assert pi.one() == words
    pi.write("sys/block/mmcblk0/device/life_time", "0x01 0x01\n")
    pi.write("sys/block/mmcblk0/device/pre_eol_info", "0x02\n")
    assert pi.one() == words


def test_atime(pi):
    pi.write("proc/mounts", MOUNTS.replace("noatime", "relatime"))
    assert pi.one() == ("advice: card /var/lib/cantine/records: reading files there also writes to the card: "
                        "add the option noatime to its line in /etc/fstab, and restart")
    pi.write("proc/mounts", "/dev/nvme0n1p2 / ext4 rw,relatime 0 0\n")
    assert pi.found() == []


def test_log_size(pi):
    pi.remove("etc/systemd/journald.conf.d/50-cantine.conf")
    assert pi.one() == ("advice: card journald: the system's log may take a tenth of the card: write SystemMaxUse=64M "
                        "below [Journal] into /etc/systemd/journald.conf.d/50-cantine.conf")
    pi.write("usr/lib/systemd/journald.conf.d/10.conf", "[Journal]\nStorage=volatile\n")
    assert pi.found() == []
    pi.write("etc/systemd/journald.conf.d/10.conf", "[Journal]\nStorage=persistent\n")  # counts instead
    assert "card journald" in pi.one()
    pi.remove("etc/systemd/journald.conf.d/10.conf")
    pi.remove("usr/lib/systemd/journald.conf.d/10.conf")
    pi.remove("var/log/journal")
    assert pi.found() == []


# --- watchdog and clock --------------------------------------------------------------------------

@pytest.mark.parametrize("setting", ["0", "off", ""])
def test_watchdog_is_not_fed(pi, setting):
    pi.write("etc/systemd/system.conf.d/60.conf", f"[Manager]\nRuntimeWatchdogSec={setting}\n")
    assert pi.one() == (
        "advice: watchdog: it isn't used, and a computer that hangs stays so: write RuntimeWatchdogSec=14s below "
        "[Manager] into /etc/systemd/system.conf.d/50-cantine-watchdog.conf, and restart")


def test_watchdog_by_the_system(pi):
    pi.remove("etc/systemd/system.conf.d/50-cantine-watchdog.conf")
    assert "it isn't used" in pi.one()
    pi.write("usr/lib/systemd/system.conf.d/40-rpi-enable-watchdog.conf", "[Manager]\nRuntimeWatchdogSec=1m\n")
    assert pi.found() == []


def test_watchdog_of_another_computer(pi):
    pi.remove("dev/watchdog")
    pi.remove("proc/device-tree/model")
    assert pi.one() == ("advice: watchdog: there is none, and a computer that hangs stays so: "
                        "load the driver of the board's watchdog, if it has one")
    pi.write("run/systemd/container", "systemd-nspawn")
    assert pi.found() == []  # its host's


def test_clock_not_set(pi):
    pi.remove("run/systemd/timesync/synchronized")
    assert pi.one() == ("advice: clock: it hasn't been set by the network yet: "
                        "is the network there? timedatectl timesync-status tells")
    pi.remove(f"{WISHES}/sysinit.target.wants/systemd-timesyncd.service")
    assert pi.one() == ("advice: clock: no program sets it by the network: run: apt-get install systemd-timesyncd")
    pi.link(f"{WISHES}/multi-user.target.wants/chrony.service", "/usr/lib/systemd/system/chrony.service")
    assert "hasn't been set" in pi.one()


def test_clock_without_a_battery(pi):
    pi.configure("[site]\nclock_needs_sync=no\n")
    assert pi.one() == ("advice: clock: it has no battery, and is wrong after a power cut: write clock_needs_sync=yes "
                        "below [site] into /etc/cantine/cantine.conf")
    pi.write("sys/class/rtc/rtc0/name", "rtc-ds1307 1-0068\n")
    assert pi.found() == []


# --- the broker ----------------------------------------------------------------------------------

ACL, SETTINGS = "etc/mosquitto/cantine.acl", "etc/mosquitto/conf.d/cantine.conf"


def test_broker_without_rules(pi):
    pi.replace(SETTINGS, "acl_file", "#acl_file")
    assert [(finding["row"], finding["problem"]) for finding in pi.found()] == [
        ("broker", "whoever reaches it reads who came in, without a password"),
        ("port 8080", "the whole network reaches it without a password")]
    pi.replace(SETTINGS, "allow_anonymous true", "allow_anonymous false")
    assert pi.one() == ("advice: broker: whoever has a password for it reads who came in: give mosquitto an acl_file; "
                        "firmware-config/mosquitto has one, and make -C firmware-config install puts it in place")


def test_broker_rules_that_let_anybody_read(pi):
    pi.write(ACL, "topic read cantine/#\n" + pi.read(ACL))
    assert pi.one() == (
        "advice: broker: anybody without a password may read who came in (cantine/amiens/private/event): write the "
        "public topics one by one before the first user of /etc/mosquitto/cantine.acl, as "
        "firmware-config/mosquitto/cantine.acl does")
    pi.configure("[mqtt]\nprefix=tiers-lieu\n")
    assert pi.found() == []
    pi.configure("[mqtt]\nhost=broker.example.org\n")
    assert pi.found() == []  # another machine's


def test_broker_rules_that_let_anybody_write(pi):
    pi.write(ACL, "topic cantine/+/occupancy\n" + pi.read(ACL))
    assert pi.one() == (
        "advice: broker: anybody without a password may write false figures (cantine/amiens/occupancy): write “topic "
        "read …” instead of “topic …” before the first user of /etc/mosquitto/cantine.acl")


def test_broker_users(pi):
    """Who has a password, may read private/event, and isn't said to be meant to."""
    assert "user staff\ntopic read cantine/#" in pi.read(ACL)
    pi.append("etc/mosquitto/cantine.passwd", "staff:$7$x\n")
    assert pi.one() == (
        "advice: broker: its user “staff” may read who came in (cantine/amiens/private/event): write the topics of "
        "“staff” one by one into /etc/mosquitto/cantine.acl; who is meant to read it gets a line "
         "with private in its topic")
    pi.append(ACL, "user staff\ntopic read cantine/+/private/#\n")
    assert pi.found() == []


def test_broker_patterns_for_everybody(pi):
    pi.replace(SETTINGS, "allow_anonymous true", "allow_anonymous false")
    pi.append(ACL, "pattern read cantine/#\n")
    found = pi.found()
    assert found.pop(0)["problem"] == "whoever has a password for it reads who came in (cantine/amiens/private/event)"
    assert found == []  # no other user has one


def test_broker_rules_that_are_not_there(pi):
    pi.remove(ACL)
    assert pi.one().startswith("advice: broker: its file of rules (/etc/mosquitto/cantine.acl) isn't there: ")


def test_broker_of_each_listener(pi):
    pi.write(SETTINGS, "per_listener_settings true\nlistener 1883 127.0.0.1\nallow_anonymous true\n"
                       "listener 8080\nprotocol websockets\nallow_anonymous true\nacl_file /etc/mosquitto/cantine.acl\n"
                       "password_file /etc/mosquitto/cantine.passwd\n")
    assert pi.one().startswith("advice: broker: whoever reaches it reads who came in, without a password: ")


def test_lobby(pi):
    pi.replace(SETTINGS, "protocol websockets", "")
    assert pi.one() == ("advice: broker: the lobby screen can't connect to it: write into "
                        "/etc/mosquitto/conf.d/cantine.conf: listener 8080, and below it: protocol websockets")


def test_broker_users_without_passwords(pi):
    """Where nobody asks for one, everybody can call themselves staff."""
    pi.replace(SETTINGS, "password_file", "#password_file")
    assert "its user “staff” may read who came in" in pi.one()


def test_ports(pi):
    pi.write("proc/net/tcp", LISTENING.splitlines()[0] + "\n" + LISTENING.splitlines()[2] + "\n")
    assert pi.one() == ("advice: port 1883: no broker listens there: run: systemctl restart mosquitto, and "
                        "if it fails: "
                        "journalctl -u mosquitto")
    pi.write("proc/net/tcp6", "   0: 00000000000000000000000001000000:075B 00000000000000000000000000000000:0000 0A\n")
    assert pi.found() == []
    pi.configure("[mqtt]\nport=1884\n")
    assert pi.one().startswith("advice: port 1884: no broker listens there: ")


# --- in agreement with mosquitto -----------------------------------------------------------------

class RealBroker:
    """A mosquitto with these rules; the users have no passwords but a file of their names."""

    def __init__(self, directory, rules):
        self.port = free_port()
        rules_file, passwords, conf = (directory / name for name in ("acl", "passwords", "mosquitto.conf"))
        # everybody may read and write "last": after it nothing more comes
        rules_file.write_text(rules + "\npattern readwrite last\nuser cantine\ntopic write #\nuser watcher\n"
                                      "topic read #\ntopic read +/+/private/#\n")
        passwords.write_text("")
        for user in ("cantine", "watcher", "ada", "bob"):
            subprocess.run(["mosquitto_passwd", "-b", passwords, user, "x"], check=True, stderr=subprocess.DEVNULL)
        for file in (rules_file, passwords):
            file.chmod(0o600)
        conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\nacl_file {rules_file}\n"
                        f"password_file {passwords}\nset_tcp_nodelay true\n")
        self.process = subprocess.Popen([MOSQUITTO, "-c", conf], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.rules = rules_file.read_text()

    def client(self, user):
        client = paho.Client(f"test-{user}")
        if user:
            client.username_pw_set(user, "x")

        def connected():
            try:
                return client.connect("127.0.0.1", self.port) == 0
            except ConnectionRefusedError:
                return False
        wait_until(connected, what="a broker")
        return client

    def passes(self, topic, writer, reader):
        """Whether what the one publishes reaches the other."""
        seen, subscribed = Log("messages"), Log("subscribed")
        publisher, subscriber = self.client(writer), self.client(reader)
        subscriber.on_message = lambda _client, _userdata, message: seen.add(message.topic)
        subscriber.on_subscribe = lambda *_: subscribed.add(True)
        subscriber.subscribe("#")
        subscriber.loop_start()
        subscribed.wait(lambda _: True)
        publisher.loop_start()
        for name in (topic, "last"):
            publisher.publish(name, "x", qos=1).wait_for_publish()
        seen.wait(lambda name: name == "last")
        for client in (publisher, subscriber):
            client.disconnect()
            client.loop_stop()
        return topic in seen.items

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)


PRIVATE, COUNT = "cantine/amiens/private/event", "cantine/amiens/occupancy"
RULES = [
    "",
    "topic read cantine/#",
    "topic cantine/+/occupancy\nuser ada\ntopic read cantine/#",
    "topic read #\ntopic deny cantine/+/private/#\nuser ada\ntopic deny cantine/amiens/private/#\ntopic read cantine/#",
    "user ada\ntopic write cantine/#\nuser bob\ntopic readwrite +/amiens/+/event",
    "pattern read cantine/%u/private/event\npattern read cantine/#\nuser ada\ntopic deny cantine/#",
    "pattern write cantine/#\npattern deny cantine/+/private/event\nuser bob\ntopic read cantine/#",
    "topic read cantine/+\nuser ada\ntopic read cantine/amiens/+/event/#\nuser bob\ntopic read +/+/+",
    "topic  read   cantine/# \n  user  ada \n topic read cantine/#\n#user bob\n# topic read #",
    "pattern deny cantine/+/private/event\nuser ada\ntopic read cantine/#\nuser bob\ntopic write #",
]


@pytest.mark.parametrize("rules", RULES)
def test_rules_are_read_as_mosquitto_reads_them(pi, tmp_path, rules):
    broker = RealBroker(tmp_path, rules)
    try:
        real = {user for user in (None, "ada", "bob") if broker.passes(PRIVATE, "cantine", user)}
        written = broker.passes(COUNT, None, "watcher")
    finally:
        broker.stop()
    pi.write(ACL, broker.rules)
    pi.remove("etc/mosquitto/cantine.passwd")
    problems = "\n".join(finding["problem"] for finding in pi.found())
    said = set(re.findall(r"its user “(\w+)” may read", problems))
    if "anybody without a password may read" in problems:
        said.add(None)
    if None not in said:  # else whoever reads is no more than anybody
        assert said == real
    assert said <= real and (None in said) == (None in real)
    assert ("may write false figures" in problems) == written
