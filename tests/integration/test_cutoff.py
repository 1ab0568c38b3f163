# SPDX-License-Identifier: GPL-3.0-or-later
"""At the cutoff whoever is still counted inside is checked out, unless the whole space is booked."""

import sqlite3
import time

from rig.waiting import wait_until

ADA, BOB = "04A1B2C3D4E5F6", "04D3C4B5A60002"
TWO_DAYS = 2 * 86400 * 1_000_000


def count(cantine):
    return cantine.ctl_json("occupancy")["count"]


def came_two_days_ago(cantine, member):
    """As if the daemon had been off since."""
    cantine.cantined.stop()
    with sqlite3.connect(cantine.directory / "journal.db") as db:
        db.execute("UPDATE presence SET since_usec = since_usec - ? WHERE member = ?", (TWO_DAYS, member))
    db.close()
    cantine.start_cantined()
    wait_until(lambda: cantine.broker.retained("cantine/amiens/status") == "online",
               what="status online")


def test_cutoff(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.add_member("Bob", BOB)
    cantine.tap(ADA)
    cantine.tap(BOB)
    came_two_days_ago(cantine, ada)
    wait_until(lambda: count(cantine) == 1, what="one checked out, who came today stays")
    rows = [row for row in cantine.journal() if row["type"] == "checkout"]
    assert [(row["member"], row["direction"]) for row in rows] == [(ada, "out")]
    assert cantine.journal("SELECT count(*) AS n FROM presence")[0]["n"] == 1


def test_not_while_the_whole_space_is_booked(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.tap(ADA)
    now = int(time.time())
    cantine.sql("INSERT INTO resource (id, name, kind) VALUES ('tout', 'Tout', 'space'); "
                "INSERT INTO booking (resource, member, starts_at, ends_at) "
                f"VALUES ('tout', {ada}, {now - 3600}, {now + 3600})")
    came_two_days_ago(cantine, ada)
    assert count(cantine) == 1
    cantine.sql("UPDATE booking SET status = 'cancelled'")
    wait_until(lambda: count(cantine) == 0, what="the checkout after the party")
