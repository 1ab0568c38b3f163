# SPDX-License-Identifier: GPL-3.0-or-later
"""cantined on D-Bus: what cantinectl gets from it, who may ask for what, and a bus that goes away."""

import os
import re
import subprocess
import tempfile
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.waiting import DEADLINE, Log, wait_until

NAME = "org.cantine.Cantine1"
ROOT = "/org/cantine/Cantine1"
FRONT = f"{ROOT}/door/front"
SCHEMAS = Path(__file__).parents[2] / "schemas/dbus"
ADA, STRANGER = "04A1B2C3D4E5F6", "04DEADBEEF0001"

EVENT_KEYS = ["seq", "at", "boot", "type", "door", "reader", "result", "reason", "detail",
              "direction", "historical", "member_id", "member_name", "actor"]


def call(bus, path, method, *arguments, **options):
    """dbus-send, another program than ours; its answer."""
    return subprocess.run(
        ["dbus-send", f"--bus={bus.address}", "--print-reply", f"--dest={NAME}", path, method,
         *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False, **options)


@pytest.fixture(name="inside")
def fixture_inside(cantine):
    """Ada is in, a stranger was refused."""
    cantine.ada = cantine.add_member("Ada", ADA)
    cantine.tap(ADA)
    cantine.tap(STRANGER)
    wait_until(lambda: cantine.ctl_json("occupancy")["count"] == 1, what="Ada inside")
    return cantine


def test_occupancy_is_the_payload_of_mqtt(inside):
    wait_until(lambda: inside.broker.retained("cantine/amiens/occupancy")["count"] == 1)
    published = inside.broker.retained("cantine/amiens/occupancy")
    assert inside.ctl_json("occupancy") == published
    assert list(published) == ["count", "capacity", "free", "full", "open", "at"]
    assert "1 person inside, 39 of 40 places free" in inside.ctl("occupancy")


def test_is_inside(inside):
    bob = inside.add_member("Bob", "D3C4B5A6")
    for member, answer in ((inside.ada, "true"), (bob, "false"), (999, "false")):
        done = call(inside.bus, ROOT, f"{NAME}.IsInside", f"int64:{member}")
        assert f"boolean {answer}" in done.stdout, done.stderr


def test_log_is_filtered_and_named(inside):
    everything = inside.ctl_json("log")
    assert [list(event) for event in everything] == [EVENT_KEYS] * len(everything)
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1))
    assert everything == inside.ctl_json("log", "--since", "yesterday")
    assert inside.ctl_json("log", "--since", "tomorrow") == []

    (refused,) = inside.ctl_json("log", "--denied")
    assert (refused["reason"], refused["member_id"], refused["door"]) == (
        "unknown_badge", None, "front")
    of_ada = inside.ctl_json("log", "--member", "ada")
    assert [event["type"] for event in of_ada] == ["access", "entered"]
    assert {(event["member_id"], event["member_name"]) for event in of_ada} == {(inside.ada, "Ada")}
    assert "Ada" in inside.ctl("log", "--member", inside.ada)
    assert STRANGER not in inside.ctl("log") + str(everything)


def test_log_goes_on_from_page_to_page(cantine):
    for _ in range(70):  # more than one answer holds
        assert call(cantine.bus, FRONT, f"{NAME}.Door.Unlock", "uint64:1000").returncode == 0
    wait_until(lambda: len(cantine.ctl_json("log", "--since", "today")) > 70)
    newest = [event["seq"] for event in cantine.ctl_json("log")]
    everything = [event["seq"] for event in cantine.ctl_json("log", "--since", "today")]
    assert everything == list(range(1, len(everything) + 1))
    assert newest == everything[-64:]


def test_door_is_listed_and_unlocked(cantine):
    assert cantine.ctl_json("door", "list") == [
        {"name": "front", "lock": "locked", "contact": "unknown", "alarm": None}]
    seen = len(cantine.relay.frames)
    assert "front" in cantine.ctl("door", "unlock", "front", "--for", "300ms")
    cantine.relay.wait(True, seen)
    wait_until(lambda: cantine.ctl_json("door", "list")[0]["lock"] == "unlocked")
    cantine.relay.wait(False, seen)
    event = wait_until(lambda: [e for e in cantine.ctl_json("log") if e["type"] == "unlock"])[0]
    assert event["door"] == "front" and event["actor"]


def test_unlocks_that_are_refused(cantine):
    seen = len(cantine.relay.frames)
    with pytest.raises(CommandFailed, match="there is no door “back”"):
        cantine.ctl("door", "unlock", "back")
    for usec in (1, 999, 600_000_001, 2**64 - 1):
        done = call(cantine.bus, FRONT, f"{NAME}.Door.Unlock", f"uint64:{usec}")
        assert "InvalidArgs: a door is unlocked for 1 ms to 10 min" in done.stderr
    done = call(cantine.bus, ROOT, f"{NAME}.Log", "uint64:0", "int64:-1", "int64:0",
                "boolean:false", "boolean:false")
    assert "InvalidArgs" in done.stderr
    assert "InvalidArgs" in call(cantine.bus, ROOT, f"{NAME}.IsInside", "int64:0").stderr
    assert len(cantine.relay.frames) == seen


def interface_of(xml, name):
    """An interface as a set of lines, to compare without comments and order."""
    interface = next(i for i in ET.fromstring(xml).iter("interface") if i.get("name") == name)
    return {ET.canonicalize(ET.tostring(member), strip_text=True) for member in interface}


@pytest.mark.parametrize("path, name", [(ROOT, NAME), (FRONT, f"{NAME}.Door"),
                                        (f"{ROOT}/reader/entrance", f"{NAME}.Reader")])
def test_introspection_is_the_schema(cantine, path, name):
    shown = call(cantine.bus, path, "org.freedesktop.DBus.Introspectable.Introspect").stdout
    shown = shown[shown.index("<node"):shown.rindex("</node>") + len("</node>")]
    assert interface_of(shown, name) == interface_of((SCHEMAS / f"{name}.xml").read_text(), name)


def test_signals_tell_what_happens(cantine):
    cantine.add_member("Ada", ADA)
    monitor = subprocess.Popen(["dbus-monitor", "--address", cantine.bus.address,
                                f"type=signal,path_namespace={ROOT}"], text=True,
                               stdout=subprocess.PIPE)
    lines = Log("dbus-monitor")
    threading.Thread(target=lambda: [lines.add(line) for line in monitor.stdout],
                     daemon=True).start()
    try:
        lines.wait(lambda line: "NameLost" in line, what="the monitor at work")
        cantine.tap(ADA)
        access = lines.wait(lambda line: re.search(r"member=Access$", line.rstrip()))
        assert f"path={ROOT};" in access
        at = lines.items.index(access)
        lines.wait(lambda line: '"in"' in line, after=at)
        assert [line.strip() for line in lines.items[at + 1:at + 6]] == [
            f'string "{word}"' for word in ("front", "entrance", "granted", "ok", "in")]
        lines.wait(lambda line: '"Lock"' in line)
        lines.wait(lambda line: '"unlocked"' in line)
        lines.wait(lambda line: '"Occupancy"' in line)
        assert not any("Ada" in line or ADA in line for line in lines.items)
    finally:
        monitor.terminate()
        monitor.wait()


def test_bus_goes_and_comes_back(cantine):
    cantine.bus.stop()
    with pytest.raises(CommandFailed):
        cantine.ctl("occupancy")
    cantine.add_member("Ada", ADA)
    seen = len(cantine.relay.frames)
    cantine.tap(ADA)  # a door needs no bus
    cantine.relay.wait(True, seen)
    cantine.bus.start()

    def answer():
        try:
            return cantine.ctl_json("occupancy")
        except CommandFailed:
            return None
    assert wait_until(answer, what="cantined on the new bus")["count"] == 1


def test_cantined_that_is_gone_is_said(cantine):
    cantine.cantined.stop()
    with pytest.raises(CommandFailed, match="does not answer on D-Bus.*systemctl status cantined"):
        cantine.ctl("occupancy")


def test_name_with_a_dash_has_a_path(tmp_path):
    extra = "\n[door back-door]\nactuator=virtual\n"
    with Cantine(tmp_path, extra=extra) as cantine:
        assert [door["name"] for door in cantine.ctl_json("door", "list")] == ["back-door", "front"]
        assert "back-door" in cantine.ctl("door", "unlock", "back-door")
        escaped = f"{ROOT}/door/back_2ddoor"
        assert call(cantine.bus, escaped, f"{NAME}.Door.Unlock", "uint64:0").returncode == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as somebody else")
def test_nobody_reads_states_and_nothing_more():
    nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o711)  # nobody must reach the bus
        with Cantine(directory) as cantine:
            seen = len(cantine.relay.frames)
            for path, method, arguments in (
                    (FRONT, f"{NAME}.Door.Unlock", ["uint64:0"]),
                    (ROOT, f"{NAME}.Log", ["uint64:0", "int64:0", "int64:0", "boolean:false",
                                           "boolean:true"]),
                    (ROOT, f"{NAME}.IsInside", ["int64:1"]),
                    (ROOT, f"{NAME}.GetPresence", []),
                    (ROOT, f"{NAME}.SetPresence", ["int64:1", "boolean:true"]),
                    (ROOT, f"{NAME}.ResetPresence", []),
                    (ROOT, f"{NAME}.GetPassUses", ["int64:1", "int32:20261123", "array:int64:1"]),
                    (ROOT, f"{NAME}.SetLockdown", ["boolean:true"]),
                    (ROOT, f"{NAME}.Enrol", ["string:entrance", "uint64:5000000"]),
                    (ROOT, f"{NAME}.GetLastStranger", []),
                    (FRONT, f"{NAME}.Door.Hold", ["uint64:0"]),
                    (FRONT, f"{NAME}.Door.Release", [])):
                done = call(cantine.bus, path, method, *arguments, **nobody)
                assert done.returncode != 0
                assert re.search("AccessDenied: not allowed: become a member of group cantine-admin",
                                 done.stderr), done.stderr
            assert len(cantine.relay.frames) == seen
            assert call(cantine.bus, ROOT, f"{NAME}.GetOccupancy", **nobody).returncode == 0
            assert '"locked"' in call(cantine.bus, ROOT,
                                      "org.freedesktop.DBus.ObjectManager.GetManagedObjects",
                                      **nobody).stdout
