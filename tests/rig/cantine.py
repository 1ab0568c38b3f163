# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Cantine in one directory: bus, broker, virtual reader, virtual relay, the three programs.

The demo, the tests and the measurements stand on this one piece.
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from rig.broker import Broker, free_port, websockets
from rig.bus import Bus
from rig.program import BUILD, Program
from rig.relay import Relay
from rig.virtual_reader import VirtualReader
from rig.waiting import DEADLINE, wait_until

CONFIGURATION = """[site]
id=amiens
name=La Cantine numérique d'Amiens
timezone=Europe/Paris
capacity={capacity}

[storage]
records={directory}/records.db
journal={directory}/journal.db
runtime_dir={directory}/run

[mqtt]
host=127.0.0.1
port={port}

[reader entrance]
device={device}
door=front
direction={direction}
repeat_after={repeat_after}

[door front]
actuator={actuator}
unlock={unlock}
"""


class CommandFailed(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Cantine:
    """Settings: capacity, direction, repeat_after, unlock, actuator, extra (more configuration)."""

    def __init__(self, directory, told=None, **settings):
        self.directory = Path(directory)
        self.bus = Bus(directory)
        self.http_port = free_port()
        self.broker = Broker(directory, websockets(self.http_port, BUILD / "lobby"))
        self.reader_device = VirtualReader(directory, "pn532")
        self.relay = Relay(directory, told=told)
        self.settings = {"capacity": 40, "direction": "in", "repeat_after": "0", "unlock": "300ms",
                         "actuator": f"serial-relay:{self.relay.path}:1", "extra": "", **settings}
        self.configuration = self.directory / "cantine.conf"
        env = {"DBUS_SYSTEM_BUS_ADDRESS": self.bus.address}
        common = ("--config", self.configuration)
        self.cantined = Program("cantined", *common, env=env)
        self.reader = Program("cantine-reader", *common, "entrance", env=env)
        self.publisher = Program("cantine-publisher", *common, env=env)
        self.env = {**os.environ, **env, "LC_ALL": "C.UTF-8"}

    @property
    def lobby(self):
        """The lobby screen's address."""
        return f"http://127.0.0.1:{self.http_port}/?site=amiens&lang=fr"

    @property
    def programs(self):
        return [self.cantined, self.reader, self.publisher]

    def start_surroundings(self):
        """Everything but Cantine's own programs."""
        self.bus.start()
        self.broker.start()
        self.reader_device.start()
        self.relay.plug()
        self.write_configuration()

    def write_configuration(self):
        text = CONFIGURATION.format(directory=self.directory, port=self.broker.port,
                                    device=self.reader_device.device, **self.settings)
        self.configuration.write_text(text + self.settings["extra"])

    def start(self):
        """Everything, until a tap would be answered."""
        try:
            self.start_surroundings()
            self.start_cantined()
            self.start_reader()
            self.start_publisher()
        except BaseException:
            self.stop()
            for program in self.programs:
                print(*program.lines.items, sep="\n", file=sys.stderr)
            raise
        return self

    def start_cantined(self):
        seen = len(self.cantined.lines)
        self.cantined.start()
        self.cantined.wait_line("ready", seen)

    def start_reader(self):
        seen = len(self.cantined.lines)
        self.reader.start()
        self.cantined.wait_line("reader entrance: ready", seen)

    def resume_cantined(self):
        """Starts it again while the reader runs: until a tap would be answered."""
        seen = len(self.cantined.lines)
        self.start_cantined()
        self.cantined.wait_line("reader entrance: ready", seen)

    def start_publisher(self):
        self.publisher.start()
        wait_until(lambda: self.broker.retained("cantine/amiens/status") == "online",
                   what="status online")

    def stop(self):
        """Ends everything; the exit statuses of Cantine's programs."""
        statuses = [program.stop() for program in (self.publisher, self.reader, self.cantined)]
        self.reader_device.stop()
        self.relay.unplug()
        self.broker.stop()
        self.bus.stop()
        return statuses

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    # --- what a person does ---------------------------------------------------------------------

    def ctl(self, *arguments):
        """Runs cantinectl; what it printed. Raises CommandFailed."""
        done = subprocess.run([BUILD / "cantinectl", "--config", self.configuration,
                               *map(str, arguments)],
                              env=self.env, capture_output=True, text=True, timeout=DEADLINE,
                              check=False)
        if done.returncode != 0:
            raise CommandFailed(done.returncode, done.stderr.strip())
        return done.stdout

    def ctl_json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def add_member(self, name, uid, plan="resident", **fields):
        options = [word for key, value in fields.items() for word in (f"--{key}", value)]
        member = int(self.ctl("member", "add", name, "--plan", plan, *options))
        self.ctl("badge", "add", member, uid)
        return member

    def sql(self, statement):
        """Edits the records as any SQLite tool would: with Debian's sqlite3 shell."""
        done = subprocess.run(["sqlite3", self.directory / "records.db", statement],
                              capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def journal(self, query="SELECT * FROM event ORDER BY seq"):
        """Reads the journal from outside, rows as dictionaries."""
        with sqlite3.connect(f"file:{self.directory}/journal.db?mode=ro", uri=True) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(query)]

    def tap(self, uid, *options):
        """Holds a badge to the reader; how the tap went, and cantined's line about it."""
        seen = len(self.cantined.lines)
        tap = self.reader_device.tap(uid, *options)
        line = self.cantined.lines.wait(
            lambda text: "reader entrance: granted" in text or "reader entrance: refused" in text,
            seen, what="an answer to the tap")
        return tap, line
