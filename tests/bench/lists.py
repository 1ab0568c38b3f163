# SPDX-License-Identifier: GPL-3.0-or-later
"""Every list of cantinectl and a TAB, with 100,000 members who have a badge each."""

import subprocess
import time

from rig.ctl import Ctl
from rig.program import BUILD

MEMBERS = 100_000
BOOKINGS = 20_000  # ten a day for years
TURNS = 7
LIST_MOST = 100  # ms
COMPLETION_MOST = 50
LISTS = [["member", "list"], ["--json", "member", "list"], ["member", "list", "--expiring", "30"], ["badge", "list"],
         ["--json", "badge", "list"], ["pass", "list"], ["plan", "list"], ["resource", "list"], ["closure", "list"],
         ["opening", "list"], ["booking", "list"], ["--json", "booking", "list"], ["member", "show", "Membre 777 x"]]
TABS = [["member", "show", "Membre 7777"], ["member", "show", "nobody"], ["badge", "set", "04A"]]


def space(directory):
    (directory / "lists").mkdir()
    ctl = Ctl(directory / "lists")
    ctl("resource", "add", "salle", "La salle")
    with ctl.sql() as db:
        db.execute("BEGIN")
        db.executemany("INSERT INTO member(id, name, email, company, plan, valid_until) VALUES (?, ?, ?, ?, ?, ?)",
                       ((i, f"Membre {i} x", f"membre-{i}@example.org", f"Société {i % 500}",
                         ("resident", "carnet")[i % 2], f"2099-{i % 12 + 1:02}-01") for i in range(1, MEMBERS + 1)))
        db.executemany("INSERT INTO badge(uid, member) VALUES (?, ?)",
                       ((f"04{i * 7919 % 0xFFFFFFFFFF:012X}", i) for i in range(1, MEMBERS + 1)))
        db.executemany("INSERT INTO pass(member, kind, quantity) VALUES (?, 'day', 10)",
                       ((i,) for i in range(1, MEMBERS + 1, 10)))
        begin = 4_070_941_200
        db.executemany("INSERT INTO booking(resource, member, starts_at, ends_at) VALUES ('salle', ?, ?, ?)",
                       ((i, begin + 3600 * i, begin + 3600 * (i + 1)) for i in range(1, BOOKINGS + 1)))
        db.execute("COMMIT")
    return ctl


def run(*words):
    begun = time.monotonic()
    subprocess.run([BUILD / "cantinectl", *words], check=False, timeout=60, capture_output=True)
    return (time.monotonic() - begun) * 1e6


def lists(directory):
    ctl = space(directory)
    floors = [run("--version") for _ in range(TURNS)]
    config = ("--config", ctl.configuration)
    rows = [(" ".join(words), LIST_MOST, (*config, *words)) for words in LISTS]
    rows += [(f"what TAB asks: {' '.join(words)}", COMPLETION_MOST, ("--complete", *config, *words)) for words in TABS]
    return [{"name": name, "floor_is": "cantinectl --version", "values": [run(*words) for _ in range(TURNS)],
             "floors": floors, "most": most} for name, most, words in rows]
