# SPDX-License-Identifier: GPL-3.0-or-later
"""The product as it is installed: systemd as PID 1, its users, sandboxes, watchdogs, D-Bus."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from rig.broker import Broker
from rig.machine import TOP, Machine
from rig.relay import Relay
from rig.virtual_reader import VirtualReader
from rig.waiting import wait_until

ADA, BOB = "04A1B2C3D4E5F6", "04D3C4B5A60002"
STATUS = "cantine/amiens/status"
SERVICES = ("cantined.service", "cantine-reader@entrance.service", "cantine-publisher.service")

CONFIGURATION = """[site]
id=amiens
capacity=40

[mqtt]
host=127.0.0.1
port={port}

[reader entrance]
device=pn532_uart:/dev/pn532
door=front
repeat_after=0

[door front]
actuator=serial-relay:/dev/relay:1
unlock=200ms
"""


class Site:
    """The machine with its virtual hardware."""

    def __init__(self, directory):
        self.broker = Broker(directory)
        self.reader = VirtualReader(directory, "pn532")
        self.relay = Relay(directory)
        self.broker.start()
        self.reader.start()
        self.relay.plug()
        devices = {os.path.realpath(self.reader.link): "/dev/pn532",
                   os.path.realpath(self.relay.path): "/dev/relay"}
        self.machine = Machine(directory, CONFIGURATION.format(port=self.broker.port),
                               devices).install()
        for device, user in zip(devices, ("cantine-reader", "cantine")):  # as udev's rules do
            os.chown(device, self.machine.uid(user), -1)

    def wait_until_at_work(self):
        wait_until(lambda: self.broker.retained(STATUS) == "online", 30, "status online")
        wait_until(lambda: (self.broker.retained("cantine/amiens/reader/entrance") or {})
                   .get("state") == "ready", 30, "the reader")

    def accesses(self):
        return [m[1] for m in self.broker.messages.items
                if m[0] == "cantine/amiens/event" and m[1]["type"] == "access"]

    def tap(self, uid=ADA):
        """Taps and waits for the event on MQTT, which comes last."""
        seen = len(self.broker.messages)
        self.reader.tap(uid)
        return self.broker.messages.wait(
            lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access", seen)[1]

    def tap_opens(self):
        frames = len(self.relay.frames)
        assert self.tap()["result"] == "granted"
        self.relay.wait(True, frames)
        self.relay.wait(False, frames)

    def stop(self):
        self.machine.power_off()
        self.reader.stop()
        self.relay.unplug()
        self.broker.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    it = Site(tmp_path_factory.mktemp("system"))
    try:
        it.machine.boot()
        it.wait_until_at_work()
        member = it.machine.ctl("member", "add", "Ada Lovelace", "--plan", "resident").strip()
        it.machine.ctl("badge", "add", member, ADA)
        yield it
    finally:
        it.stop()


def test_boots_to_running(site):
    assert site.machine.run("systemctl", "is-system-running", check=False).stdout == "running\n", \
        site.machine.run("systemctl", "--failed").stdout
    for service in SERVICES:
        assert site.machine.show(service, "ActiveState") == "active"
        assert site.machine.show(service, "NRestarts") == "0"


def test_programs_run_as_their_users(site):
    for service, user in zip(SERVICES, ("cantine", "cantine-reader", "cantine-publisher")):
        pid = site.machine.show(service, "MainPID")
        assert site.machine.run("stat", "-c", "%U", f"/proc/{pid}").stdout.strip() == user


def test_tap_opens_the_door(site):
    site.tap_opens()
    assert site.machine.ctl_json("occupancy")["count"] == 1
    assert "1 inside" in site.machine.show("cantined.service", "StatusText")


def checked(site):
    """What `cantinectl check` finds: rows and what is the matter. The rig's broker isn't the machine's own, and how
    full its disk is is the host's matter."""
    done = site.machine.run("cantinectl", "--json", "check", check=False)
    assert done.stderr == ""
    return [(finding["row"], finding["problem"]) for finding in json.loads(done.stdout)
            if finding["row"] != "broker" and "MiB are free" not in finding["problem"]]


def test_check_finds_what_does_not_run(site):
    """What it takes from systemd's folders is what systemctl says; devices are within their users' reach."""
    assert checked(site) == []
    unit = "cantine-reader@entrance.service"
    site.machine.run("systemctl", "stop", unit)
    assert checked(site) == [(f"unit {unit}", "it doesn't run")]
    site.machine.run("systemctl", "disable", unit)
    assert checked(site) == [(f"unit {unit}", "it doesn't start with the machine")]
    site.machine.run("systemctl", "enable", "--now", unit)
    site.wait_until_at_work()
    assert checked(site) == []
    site.machine.run("chmod", "0600", "/dev/pn532")
    site.machine.run("chown", "cantine", "/dev/pn532")
    assert [row for row, _ in checked(site)] == ["reader entrance"]
    site.machine.run("chown", "cantine-reader", "/dev/pn532")
    assert checked(site) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_stopped_program_is_restarted_by_its_watchdog(site, service):
    frames = len(site.relay.frames)
    before = int(site.machine.show(service, "NRestarts"))
    site.machine.run("systemctl", "kill", "--signal=STOP", "--kill-who=main", service)
    wait_until(lambda: int(site.machine.show(service, "NRestarts")) > before, 40,
               f"the restart of {service}")
    site.wait_until_at_work()
    assert not [f for f in site.relay.frames.items[frames:] if f.on], "nothing unlocks by it"
    site.tap_opens()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_stop_and_start_in_any_order(site, order):
    frames = len(site.relay.frames)
    site.machine.run("systemctl", "stop", "cantined-reader.socket", "cantined-publisher.socket",
                     *SERVICES)
    assert not site.machine.show("cantined.service", "ActiveState") == "active"
    for i in order:
        site.machine.run("systemctl", "start", "--no-block", SERVICES[i])
        wait_until(lambda i=i: site.machine.show(SERVICES[i], "ActiveState") == "active",
                   what=SERVICES[i])
    site.wait_until_at_work()
    assert not [f for f in site.relay.frames.items[frames:] if f.on]
    site.tap_opens()


def test_a_user_without_rights_is_denied(site):
    frames = len(site.relay.frames)
    denied = site.machine.run("cantinectl", "door", "unlock", "front", user="nobody", check=False)
    assert denied.returncode == 1 and denied.stderr.startswith("cantinectl: ")
    denied = site.machine.run("cantinectl", "log", user="nobody", check=False)
    assert denied.returncode == 1
    allowed = site.machine.run("cantinectl", "occupancy", user="nobody")
    assert allowed.returncode == 0
    assert len(site.relay.frames) == frames
    site.machine.ctl("door", "unlock", "front")
    site.relay.wait(True, frames)
    site.relay.wait(False, frames)


def test_an_admin_may(site):
    """Without polkit, the group decides."""
    site.machine.run("useradd", "-m", "-G", "cantine-admin", "mira")
    frames = len(site.relay.frames)
    site.machine.run("cantinectl", "door", "unlock", "front", user="mira")
    site.relay.wait(True, frames)
    site.relay.wait(False, frames)
    assert site.machine.ctl_json("log")[-1]["actor"] == "mira"
    member = site.machine.run("cantinectl", "member", "add", "Grace Hopper", "--plan", "resident",
                              user="mira").stdout
    assert int(member) > 0


def test_a_broken_reload_keeps_the_old_configuration(site):
    path = site.machine.root / "etc/cantine/cantine.conf"
    right = path.read_text()
    pid = site.machine.show("cantined.service", "MainPID")
    path.write_text(right.replace("capacity=40", "capacity=many"))
    site.machine.run("systemctl", "reload", "cantined.service")
    wait_until(lambda: "capacity" in site.machine.log_of("cantined.service"), what="the mistake")
    site.tap_opens()
    assert site.broker.retained("cantine/amiens/occupancy")["capacity"] == 40
    path.write_text(right.replace("capacity=40", "capacity=50"))
    site.machine.run("systemctl", "reload", "cantined.service")
    wait_until(lambda: (site.broker.retained("cantine/amiens/occupancy") or {}).get("capacity")
               == 50, what="the new capacity")
    site.wait_until_at_work()
    site.tap_opens()
    assert site.machine.show("cantined.service", "MainPID") == pid


def test_the_sandbox_asks_systemd_about_the_clock(site):
    """ProtectClock= forbids adjtimex(2): cantined believes what systemd-timedated says of it."""
    drop_in = site.machine.root / "etc/cantine/cantine.conf.d/clock.conf"
    drop_in.parent.mkdir(exist_ok=True)
    drop_in.write_text("[site]\nclock_needs_sync=yes\n")
    site.machine.run("systemctl", "reload", "cantined.service")
    wait_until(lambda: "clock cannot be trusted" in site.machine.log_of("cantined.service"), what="the doubt")
    wait_until(lambda: site.machine.show("systemd-timedated.service", "ExecMainPID") != "0", what="the question")
    synchronised = site.machine.run("timedatectl", "show", "-p", "NTPSynchronized", "--value").stdout.strip()
    trusted = {"yes": "b true", "no": "b false"}[synchronised]
    wait_until(lambda: site.machine.run("busctl", "get-property", "org.cantine.Cantine1", "/org/cantine/Cantine1",
                                        "org.cantine.Cantine1", "ClockTrusted").stdout.strip() == trusted)
    site.wait_until_at_work()
    site.tap_opens()  # a resident, in any case
    drop_in.unlink()
    site.machine.run("systemctl", "reload", "cantined.service")
    site.wait_until_at_work()


def test_the_journal_explains_itself(site):
    text = site.machine.run("journalctl", "-x", "-u", "cantined.service").stdout
    assert "A badge was granted access at entrance" in text
    assert ADA not in text


def test_a_reboot_keeps_the_count(site):
    count = site.machine.ctl_json("occupancy")["count"]
    assert count == 1
    frames = len(site.relay.frames)
    site.machine.power_off()
    site.machine.boot()
    site.wait_until_at_work()
    assert site.machine.ctl_json("occupancy")["count"] == count
    assert not [f for f in site.relay.frames.items[frames:] if f.on]
    site.tap_opens()


TELL = """#!/bin/bash
logger -t tell "$CANTINE_ALERT as $(id -un): $1"
echo "$CANTINE_SITE $CANTINE_ALERT" > /dev/tcp/127.0.0.1/{port}
sleep 1000
"""
RUNNING = ("sh", "-c", "grep -lx tell /proc/[0-9]*/comm")


def test_the_publisher_runs_the_command_for_an_alert(site):
    """In its unit's sandbox: a shell, Debian's programs, the machine's log, the network; a stop ends it.
    The sentence is in the machine's language, which systemd hands to the unit; the log stays English."""
    machine = site.machine
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)
    script = machine.root / "usr/local/bin/tell"
    script.write_text(TELL.format(port=listener.getsockname()[1]))
    script.chmod(0o755)
    drop_in = machine.root / "etc/cantine/cantine.conf.d/alert.conf"
    drop_in.parent.mkdir(exist_ok=True)
    drop_in.write_text('[site]\ncapacity=2\non_alert=tell "$1"\n')
    bob = machine.ctl("member", "add", "Bob", "--plan", "resident").strip()
    machine.ctl("badge", "add", bob, BOB)
    machine.run("systemctl", "reload", "cantined.service")
    machine.run("systemctl", "restart", "cantine-publisher.service")
    wait_until(lambda: (site.broker.retained("cantine/amiens/occupancy") or {}).get("capacity") == 2,
               what="the new capacity")
    site.wait_until_at_work()
    assert site.tap()["result"] == site.tap(BOB)["result"] == "granted"
    with listener.accept()[0] as call:
        call.settimeout(20)
        assert call.makefile().readline() == "amiens full\n"
    line = json.loads(wait_until(lambda: machine.run("journalctl", "-o", "json", "-t", "tell").stdout, what="a line"))
    assert line["MESSAGE"].replace("\N{NO-BREAK SPACE}", " ") == (
        "full as cantine-publisher: l’espace est complet, 2 personnes sur 2 sont à l’intérieur : "
        "qui arrive maintenant entre quand même")
    assert "alert full: the space is full, 2 of 2 people are inside" in machine.log_of("cantined.service")
    assert line["_UID"] == str(machine.uid("cantine-publisher"))
    assert "Alert full" in machine.run("journalctl", "-x", "-u", "cantined.service").stdout
    process = Path(machine.run(*RUNNING).stdout.strip()).parent
    assert machine.run("cat", process / "cgroup").stdout.strip().endswith("/cantine-publisher.service")
    drop_in.unlink()
    machine.run("systemctl", "restart", "cantine-publisher.service")
    assert not machine.run(*RUNNING, check=False).stdout
    machine.run("systemctl", "reload", "cantined.service")
    site.wait_until_at_work()


@pytest.mark.parametrize("unit", sorted(p.name for p in Path(TOP, "systemd").glob("*.service")))
def test_units_verify(site, unit):
    name = unit.replace("@.", "@entrance.")
    done = site.machine.run("systemd-analyze", "verify", "--man=no", name, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_uninstalled_paths_follow_the_prefix(tmp_path):
    subprocess.run(["make", "-s", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr/local"], cwd=TOP,
                   check=True)
    unit = (tmp_path / "usr/local/lib/systemd/system/cantined.service").read_text()
    assert "ExecStart=/usr/local/sbin/cantined" in unit
    assert (tmp_path / "usr/local/sbin/cantined").exists()
