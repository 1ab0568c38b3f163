# SPDX-License-Identifier: GPL-3.0-or-later
"""The product on a door computer: arm64, its own kernel, a real GPIO chip, a reader on the serial line.

The tests stand in the order of a day: the power cuts come last, on the same disk.
"""

import os

import pytest

from rig.broker import Broker
from rig.virtual_reader import VirtualReader
from rig.vm import HOST, LABEL, TOP, Vm
from rig.waiting import wait_until

ADA, BOB = "04A1B2C3D4E5F6", "04B1B2C3D4E5F6"
STATUS, READER, FRONT = (f"cantine/amiens/{topic}" for topic in ("status", "reader/entrance", "door/front"))
STRIKE, BUTTON, OTHER = 5, 3, 6
SERVICES = ("cantined.service", "cantine-reader@entrance.service", "cantine-publisher.service")
TARGETS = "cantine.target cantined-reader.socket cantined-publisher.socket " + " ".join(SERVICES)

CONFIGURATION = f"""[site]
id=amiens
capacity=40

[mqtt]
host={HOST}
port={{port}}

[reader entrance]
device=pn532_uart:/dev/cantine/uart
door=front
repeat_after=0

[door front]
actuator=gpio:{LABEL}:{STRIKE}
unlock=2s
exit_button=gpio:/dev/cantine/gpio:{BUTTON}
"""

# A Raspberry Pi's, and this computer's GPIO chip.
RULES = (TOP / "firmware-config/udev/71-cantine.rules").read_text().replace("|pinctrl-rp1", "|pinctrl-rp1|pl061_gpio")
INSTALL = f"""set -e
tar -xf /dev/vdb -C /
systemd-sysusers
systemd-tmpfiles --create
modprobe xhci_pci  # a computer with its modules on the disk had loaded it at boot
udevadm control --reload
udevadm trigger --settle --action=change --subsystem-match=gpio --subsystem-match=tty
systemctl daemon-reload
systemctl reload dbus
systemctl -q enable --now {TARGETS}
sync
"""


# Which port is which, as an installer writes it: here there is only one.
PORT_RULES = 'SUBSYSTEM=="tty", ENV{ID_PATH_TAG}=="?*usb-0_1_1_0", ENV{CANTINE_READER}="back"\n'
BACK = """
[door back]
actuator=virtual
[reader back]
device=pn532_uart:/dev/cantine/reader-back
door=back
repeat_after=0
"""


class Site:
    """The computer with what stands around it."""

    def __init__(self, directory):
        self.broker = Broker(directory)
        self.reader = VirtualReader(directory, "pn532")
        self.broker.start()
        self.reader.start()
        self.vm = Vm(directory, self.reader.link,
                     {"etc/cantine/cantine.conf": CONFIGURATION.format(port=self.broker.port),
                      "etc/udev/rules.d/70-cantine-ports.rules": PORT_RULES,
                      "etc/udev/rules.d/71-cantine.rules": RULES})

    def wait_until_at_work(self):
        for topic, right in ((STATUS, lambda payload: payload == "online"),
                             (READER, lambda payload: payload["state"] == "ready"),
                             (FRONT, lambda payload: payload["alarm"] is None)):
            wait_until(lambda topic=topic, right=right: topic in self.broker.retained_now
                       and right(self.broker.retained(topic)), 120, f"{topic} as it should be")

    def tap(self, uid=ADA):
        """Holds a badge to the reader until cantined has decided; the event on MQTT."""
        seen = len(self.broker.messages)
        self.reader.tap(uid)
        return self.broker.messages.wait(lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access",
                                         seen, 60)[1]

    def tap_opens(self, uid=ADA):
        before = len(self.vm.levels)
        assert self.tap(uid)["result"] == "granted"
        self.pulse(before)

    def pulse(self, before):
        """One pulse of 2 s on the strike's line, of the emulated computer's own slow time."""
        up = self.vm.wait_level(STRIKE, 1, before)
        assert self.vm.level(STRIKE) == 1
        down = self.vm.wait_level(STRIKE, 0, before)
        assert self.vm.changes(STRIKE, before) == [1, 0]
        assert 1.9 < down.at - up.at < 4

    def stop(self):
        self.vm.power_off()
        self.reader.stop()
        self.broker.stop()


@pytest.fixture(name="site", scope="module")
def fixture_site(tmp_path_factory):
    it = Site(tmp_path_factory.mktemp("vm"))
    try:
        it.vm.power_on()
        it.vm.run(INSTALL)
        it.wait_until_at_work()
        for name, uid in (("Ada Lovelace", ADA), ("Grace Hopper", BOB)):
            member = it.vm.ctl(f"member add '{name}' --plan resident")
            it.vm.ctl(f"badge add {member} {uid}")
        yield it
    finally:
        it.stop()


def test_everything_runs(site):
    assert site.vm.run("systemctl is-system-running") == "running", site.vm.run("systemctl --failed")
    for service in SERVICES:
        assert site.vm.show(service, "ActiveState") == "active"
        assert site.vm.show(service, "NRestarts") == "0"
    assert site.vm.run("uname -m") == "aarch64"
    lines = site.vm.run(f"gpioinfo {LABEL}").splitlines()
    assert '"cantined"' in lines[1 + STRIKE] and "output" in lines[1 + STRIKE]
    assert '"cantined"' in lines[1 + BUTTON] and "input" in lines[1 + BUTTON]
    assert 1 not in site.vm.changes(STRIKE) and site.vm.level(STRIKE) == 0, "locked, and never anything else"


def test_a_tap_opens_the_door(site):
    site.tap_opens()
    assert site.vm.ctl_json("occupancy")["count"] == 1


def test_an_unknown_badge_opens_nothing(site):
    before = len(site.vm.levels)
    assert site.tap("04DEADBEEF0001")["result"] == "refused"
    assert site.vm.changes(STRIKE, before) == []


def test_the_exit_button(site):
    """With the kernel's own debounce, on a real edge."""
    before = len(site.vm.levels)
    site.vm.press()
    site.pulse(before)


def test_a_line_that_another_program_has(site):
    drop_in = "/etc/cantine/cantine.conf.d/back.conf"
    before = len(site.vm.levels)
    site.vm.run(f"systemd-run -q --unit=other gpioset -m signal {LABEL} {OTHER}=0")
    wait_until(lambda: "gpioset" in site.vm.run(f"gpioinfo {LABEL}"), 60, "gpioset", 0.2)
    site.vm.run(f"mkdir -p $(dirname {drop_in}); echo '[door back]\nactuator=gpio:{LABEL}:{OTHER}' >{drop_in}; "
                "systemctl reload cantined")
    fault = f"door back: line {OTHER} of {LABEL} is in use by “gpioset”: free it or choose another line"
    wait_until(lambda: fault in site.vm.log_of("cantined"), 60, "the fault", 0.5)
    site.wait_until_at_work()
    site.tap_opens()
    site.vm.run("systemctl stop other")
    wait_until(lambda: "door back is well again" in site.vm.log_of("cantined"), 60, "its end", 0.5)
    site.vm.run(f"rm {drop_in}; systemctl reload cantined")
    wait_until(lambda: 'unused' in site.vm.run(f"gpioinfo {LABEL}").splitlines()[1 + OTHER], 60,
               "the line given back", 0.5)
    site.wait_until_at_work()
    assert 1 not in site.vm.changes(OTHER, before)


def test_a_usb_reader_comes_and_goes(site, tmp_path):
    """udev names it and gives it to the reader's user; the program that waits for it finds it by itself."""
    drop_in, topic = "/etc/cantine/cantine.conf.d/usb.conf", "cantine/amiens/reader/back"
    site.vm.run(f"echo '{BACK}' >{drop_in}; systemctl reload cantined; systemctl start cantine-reader@back.service")

    def becomes(state, deadline):
        wait_until(lambda: (site.broker.retained(topic) or {}).get("state") == state, deadline, f"reader back {state}")
    becomes("absent", 60)
    with VirtualReader(tmp_path, "usb") as usb:
        for _ in range(2):
            site.vm.plug_in("usb-line", os.path.realpath(usb.link))
            becomes("ready", 60)
            assert site.vm.run("stat -Lc %G:%a /dev/cantine/reader-back") == "cantine-reader:660"
            assert site.vm.run("cat /sys/bus/usb-serial/devices/ttyUSB0/latency_timer") == "1"
            seen = len(site.broker.messages)
            usb.tap(ADA)
            event = site.broker.messages.wait(
                lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access", seen, 60)[1]
            assert (event["result"], event["reader"]) == ("granted", "back")
            site.vm.pull_out("usb-line")
            becomes("absent", 60)
    assert site.vm.show("cantine-reader@back.service", "NRestarts") == "0"
    site.vm.run(f"systemctl stop cantine-reader@back.service; rm {drop_in}; systemctl reload cantined")
    site.wait_until_at_work()


def test_killed_in_the_middle_of_a_pulse(site):
    before = len(site.vm.levels)
    site.vm.ctl("door unlock front --for 1min")
    up = site.vm.wait_level(STRIKE, 1, before)
    site.vm.run("systemctl kill --signal=KILL --kill-who=main cantined.service")
    down = site.vm.wait_level(STRIKE, 0, before)
    assert down.at - up.at < 30, "long before the pulse would have ended"
    site.wait_until_at_work()
    assert site.vm.changes(STRIKE, before) == [1, 0]
    site.tap_opens()


def test_stopped_in_the_middle_of_a_pulse(site):
    before = len(site.vm.levels)
    site.vm.ctl("door unlock front --for 1min")
    site.vm.wait_level(STRIKE, 1, before)
    site.vm.run("systemctl stop cantined.service")
    assert site.vm.level(STRIKE) == 0
    site.vm.run(f"systemctl start {TARGETS}")
    site.wait_until_at_work()
    assert site.vm.changes(STRIKE, before) == [1, 0]


def test_the_chip_goes_and_comes_back(site):
    driver = "/sys/bus/amba/drivers/pl061_gpio"
    before = len(site.vm.levels)
    site.vm.ctl("door unlock front --for 1min")
    site.vm.wait_level(STRIKE, 1, before)
    site.vm.run(f"echo {LABEL} >{driver}/unbind")
    fault = f"door front: line {STRIKE} of {LABEL} has gone: is its GPIO chip there?"
    wait_until(lambda: fault in site.vm.log_of("cantined"), 60, "the fault", 0.5)
    wait_until(lambda: site.broker.retained(FRONT)["alarm"] == "faulty", 60, "the alarm")
    assert site.tap()["result"] == "granted"
    site.vm.run(f"echo {LABEL} >{driver}/bind")
    site.wait_until_at_work()
    assert site.vm.level(STRIKE) == 0
    assert site.vm.changes(STRIKE, before) == [1, 0]
    site.tap_opens()
    before = len(site.vm.levels)
    site.vm.press()
    site.pulse(before)


def databases_are_whole(vm):
    for name in ("records", "journal"):
        assert vm.run(f"sqlite3 /var/lib/cantine/{name}/{name}.db 'PRAGMA quick_check'") == "ok"


def test_power_cut(site):
    """A second after the last tap everything is on the disk; the unlocked door is locked by the cut."""
    site.vm.ctl("occupancy reset")
    site.tap_opens(ADA)
    site.tap_opens(BOB)
    seqs = [row["seq"] for row in site.vm.ctl_json("log")]
    assert site.vm.ctl_json("occupancy")["count"] == 2
    site.vm.ctl("door unlock front --for 1min")
    wait_until(lambda: site.vm.level(STRIKE) == 1, what="the door unlocked")
    site.vm.run("echo kept >/root/not-flushed")
    site.vm.power_cut()

    before, messages = len(site.vm.levels), len(site.broker.messages)
    site.vm.power_on()
    site.broker.messages.wait(lambda m: m[0] == STATUS and m[1] == "online", messages, 120)
    site.wait_until_at_work()
    assert 1 not in site.vm.changes(STRIKE, before) and site.vm.level(STRIKE) == 0
    databases_are_whole(site.vm)
    assert site.vm.ctl_json("occupancy")["count"] == 2
    kept = [row["seq"] for row in site.vm.ctl_json("log")]
    assert set(seqs) <= set(kept) and len(kept) == len(set(kept))
    assert "kept" not in site.vm.run("cat /root/not-flushed", check=False), "the cut is as rude as a real one"
    site.tap_opens()


def test_power_cut_at_the_very_moment_of_a_tap(site):
    """What was being written may be lost; what is there is whole, and the count is what it says."""
    before = len(site.vm.levels)
    site.tap(BOB)
    site.vm.wait_level(STRIKE, 1, before)
    site.vm.power_cut()

    before, messages = len(site.vm.levels), len(site.broker.messages)
    site.vm.power_on()
    site.broker.messages.wait(lambda m: m[0] == STATUS and m[1] == "online", messages, 120)
    site.wait_until_at_work()
    assert 1 not in site.vm.changes(STRIKE, before) and site.vm.level(STRIKE) == 0
    databases_are_whole(site.vm)
    assert site.vm.ctl_json("occupancy")["count"] == 2
    assert site.vm.show("cantined.service", "NRestarts") == "0"
    site.tap_opens()
