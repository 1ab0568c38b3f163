# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl in a directory of its own, without any daemon: the records as cantined would have made them."""

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path

from rig.program import BUILD
from rig.waiting import DEADLINE

# the steps of records.db's schema, the oldest first; the last one's number is its version
STEPS = sorted((Path(__file__).parents[2] / "schemas/sql").glob("[0-9]*_records*.sql"))
VERSION = int(STEPS[-1].name[:4])
APPLICATION_ID = 0x43414E54

CONFIGURATION = """[site]
id=amiens
name=La Cantine
timezone=Europe/Paris
[storage]
records={0}/records.db
journal={0}/journal.db
runtime_dir={0}/run
[door front]
actuator=virtual
"""


class Records(sqlite3.Connection):
    """Closed where its `with` ends; left to the garbage collector it would be open for any time."""

    def __exit__(self, *error):
        super().__exit__(*error)
        self.close()


class Ctl:
    """One directory: its configuration, its records.db and nobody else."""

    def __init__(self, directory, extra=""):
        self.directory = directory
        self.records = directory / "records.db"
        self.configuration = directory / "cantine.conf"
        self.configuration.write_text(CONFIGURATION.format(directory) + extra)
        with self.sql() as db:
            for step in STEPS:
                db.executescript(step.read_text())
            db.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION}; "
                             "PRAGMA journal_mode=WAL;")

    def sql(self):
        db = sqlite3.connect(self.records, isolation_level=None, factory=Records)
        db.row_factory = sqlite3.Row
        return db

    def rows(self, query):
        with self.sql() as db:
            return [dict(row) for row in db.execute(query)]

    def run(self, *arguments, **env):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **env}
        return subprocess.run([BUILD / "cantinectl", "--config", self.configuration,
                               *map(str, arguments)], env=env, capture_output=True, timeout=DEADLINE,
                              encoding="utf-8", errors="surrogateescape", check=False)

    def __call__(self, *arguments, **env):
        done = self.run(*arguments, **env)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def json(self, *arguments):
        text = self("--json", *arguments)
        assert text.endswith("\n") and text.count("\n") == 1
        return json.loads(text)

    def warned(self, *arguments, **env):
        """Runs what is done all the same: what it prints, and the warnings about it."""
        done = self.run(*arguments, **env)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.splitlines()
        assert lines and all(line.startswith("cantinectl: warning: ") for line in lines), lines
        return done.stdout, [line.removeprefix("cantinectl: warning: ") for line in lines]

    def refused(self, *arguments, status=1):
        """Runs what must fail; the one line that says why."""
        done = self.run(*arguments)
        assert done.returncode == status, (done.stdout, done.stderr)
        assert done.stdout == ""
        assert re.fullmatch(r"cantinectl: [^\n]+\n", done.stderr), done.stderr
        return done.stderr.removeprefix("cantinectl: ").strip()
