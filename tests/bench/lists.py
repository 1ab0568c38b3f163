# SPDX-License-Identifier: GPL-3.0-or-later
"""Every list of cantinectl and a TAB, with 100,000 members who have a badge each."""

import subprocess
import time

from rig.ctl import Ctl
from rig.program import BUILD

MEMBERS = 100_000
BOOKINGS = 20_000  # ten a day for years
LONG = ("member", "badge", "pass", "booking")  # tables that are as long as their lists
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


def run(*argv):
    begun = time.monotonic()
    subprocess.run(argv, check=False, timeout=60, capture_output=True)
    return (time.monotonic() - begun) * 1e6


def floor(ctl, words):
    """What `words` is measured against, and as what that is shown."""
    table = words[-2]
    if words[-1] == "list" and table in LONG:
        return ("sqlite3", ctl.records, f"SELECT * FROM {table}"), "sqlite3's shell, printing that table"
    return (BUILD / "cantinectl", "--version"), "cantinectl --version"


def measured(ctl, name, most, words, argv):
    bare, floor_is = floor(ctl, words)
    turns = [(run(BUILD / "cantinectl", *argv), run(*bare)) for _ in range(TURNS)]
    return {"name": name, "floor_is": floor_is, "values": [turn[0] for turn in turns],
            "floors": [turn[1] for turn in turns], "most": most}


def lists(directory):
    ctl = space(directory)
    config = ("--config", ctl.configuration)
    return ([measured(ctl, " ".join(words), LIST_MOST, words, (*config, *words)) for words in LISTS] +
            [measured(ctl, f"what TAB asks: {' '.join(words)}", COMPLETION_MOST, words,
                      ("--complete", *config, *words)) for words in TABS])
