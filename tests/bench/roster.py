# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of members: what it takes to import it, and to import it again when nothing has changed."""

import subprocess
import time

from rig.ctl import Ctl
from rig.program import BUILD

MEMBERS = 10_000
TURNS = 7
IMPORT_MOST = 3_000  # ms
COLUMNS = ("name", "email", "company", "plan", "valid_from", "valid_until", "note")


def members():
    return [(f"Prénom {i} de la Fontaine-Nom{i}", f"member{i}@example.org", f"Société {i % 500}",
             ("resident", "nomade", "carnet")[i % 3], "2026-01-01", "2026-12-31", f"inscription n° {i}")
            for i in range(MEMBERS)]


def list_of(path, rows):
    path.write_text("\ufeff" + ";".join(COLUMNS) + "\r\n" + "".join(";".join(row) + "\r\n" for row in rows))
    return path


def imported(ctl, path):
    begun = time.monotonic()
    subprocess.run([BUILD / "cantinectl", "--config", ctl.configuration, "import", path], check=True, timeout=60,
                   capture_output=True)
    return (time.monotonic() - begun) * 1e6


def inserted(ctl, rows):
    """The floor: the same rows by SQLite alone, in one transaction."""
    with ctl.sql() as db:
        begun = time.monotonic()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(f"INSERT INTO member({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")
        return (time.monotonic() - begun) * 1e6


def imports(directory):
    rows, first, again, floors = members(), [], [], []
    path = list_of(directory / "members.csv", rows)
    for i in range(TURNS):
        (directory / f"floor{i}").mkdir()
        (directory / f"import{i}").mkdir()
        floors.append(inserted(Ctl(directory / f"floor{i}"), rows))
        ctl = Ctl(directory / f"import{i}")
        first.append(imported(ctl, path))
        again.append(imported(ctl, path))
    floor_is = "a bare INSERT of the same rows in one transaction"
    return [{"name": f"import of {MEMBERS:,} members", "floor_is": floor_is, "values": first, "floors": floors,
             "most": IMPORT_MOST},
            {"name": "… again, nothing changes", "floor_is": floor_is, "values": again, "floors": floors,
             "most": IMPORT_MOST}]
