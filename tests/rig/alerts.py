# SPDX-License-Identifier: GPL-3.0-or-later
"""A command for on_alert= that writes down what it is told, and a space that gives it cause."""

from pathlib import Path
from typing import NamedTuple

from rig.cantine import Cantine
from rig.gpio import Chip, give_chips
from rig.waiting import wait_until

ADA, BOB, CLEO = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04D3C4B5A60003"

CONTACT = 22
WIRES = f"""[door front]
contact=gpio:pins:{CONTACT}
held_open_after=1s
"""

TELL = """#!/bin/sh
mkdir {d}/running || echo two at once >> {d}/overlaps
{before}
printf '%s\\t' "$CANTINE_ALERT" "$CANTINE_NAME" "$CANTINE_SITE" "$CANTINE_AT" "$CANTINE_TEXT" >> {d}/told
printf '%s\\n' "$1" >> {d}/told
rmdir {d}/running
{after}
"""


class Told(NamedTuple):
    """What one run of the command was given."""

    alert: str
    name: str
    site: str
    at: str
    text: str
    argument: str


class Command:
    """A script for on_alert= that writes what it is told; `before` and `after`: lines of shell around that."""

    def __init__(self, directory, before="", after=""):
        self.directory = Path(directory)
        script = self.directory / "tell"
        script.write_text(TELL.format(d=directory, before=before, after=after))
        script.chmod(0o755)
        self.line = f'{script} "$1"'

    @property
    def told(self):
        path = self.directory / "told"
        return [Told(*line.split("\t")) for line in path.read_text().splitlines()] if path.exists() else []

    def wait(self, *alerts, deadline=15):
        """Exactly these have been told (as "full" or "faulty front"), in this order; the last one."""
        wait_until(lambda: len(self.told) >= len(alerts), deadline, f"{len(alerts)} of {self.told}")
        assert [f"{told.alert} {told.name}".strip() for told in self.told] == list(alerts)
        assert not (self.directory / "overlaps").exists()
        return self.told[-1]


def on_alert(directory, command, more=""):
    drop_ins = directory / "cantine.conf.d"
    drop_ins.mkdir(exist_ok=True)
    (drop_ins / "alert.conf").write_text(f"[site]\non_alert={command}\n{more}")


class Space:
    """A running Cantine for two, at a reader that takes the direction from presence.

    `language`: a locale's name, for those whom the command tells; the programs all get it."""

    def __init__(self, directory, more="", wired=False, language="C.UTF-8"):
        self.command = Command(directory)
        on_alert(directory, self.command.line, more + (WIRES if wired else ""))
        self.cantine = Cantine(directory, capacity=2, direction="toggle")
        for program in self.cantine.programs:
            program.env["LC_ALL"] = language
        if wired:
            chips = directory / "chips"
            chips.mkdir()
            self.pins = Chip(chips, "pins").plug(levels={CONTACT: 1})
            give_chips(self.cantine.cantined, chips)

    def __enter__(self):
        self.cantine.start()
        for name, uid in (("Ada", ADA), ("Bob", BOB), ("Cleo", CLEO)):
            self.cantine.add_member(name, uid)
        return self

    def __exit__(self, *_):
        self.cantine.stop()

    def door_opens(self):
        self.wait_contact("closed")
        self.pins.set(CONTACT, 0)

    def door_closes(self):
        self.pins.set(CONTACT, 1)

    def wait_contact(self, state):
        wait_until(lambda: self.cantine.broker.retained("cantine/amiens/door/front")["contact"] == state, what=state)

    def tap(self, *uids):
        return [self.cantine.tap(uid)[1] for uid in uids][-1]

    def count(self):
        return self.cantine.ctl_json("occupancy")["count"]

    def details(self):
        return [row["detail"] for row in self.cantine.journal() if row["type"] == "system"]
