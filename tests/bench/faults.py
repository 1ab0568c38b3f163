# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails: how long until it is said on MQTT, how long until all is well, and what a reader's fault costs."""

import shutil
import time

from rig.cantine import Cantine
from rig.failing_readers import ADA, LINE, PROGRAM, Site
from rig.waiting import wait_until

ROUNDS = 3
DOOR, STATUS, EVENT = (f"cantine/amiens/{topic}" for topic in ("door/front", "status", "event"))


def suffer(directory):
    """One round: fault → what was seen of it."""
    seen = {}
    for names, story in ((LINE, lambda site: site.suffer(LINE)), (PROGRAM, Site.suffer_program)):
        place = directory / ("line" if names is LINE else "program")
        place.mkdir(parents=True)
        with Site(place, names) as site:
            story(site)
            seen.update(site.seen)
    return seen


def timed(do, is_so, what):
    """Seconds from the end of `do()` until `is_so()`."""
    do()
    begin = time.monotonic()
    wait_until(is_so, what=what)
    return time.monotonic() - begin


def said(cantine, seen, detail):
    return any(m[0] == EVENT and m[1]["detail"] == detail for m in cantine.broker.messages.items[seen:])


def relay_unplugged(cantine):
    return (timed(cantine.relay.unplug, lambda: cantine.broker.retained(DOOR)["alarm"] == "faulty", "faulty"),
            timed(cantine.relay.plug, lambda: cantine.broker.retained(DOOR)["alarm"] is None, "well"))


def records_gone(cantine):
    """Moved away, and put back as somebody restores a backup."""
    cantine.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path, kept = (cantine.directory / name for name in ("records.db", "kept.db"))
    shutil.copy(path, kept)
    seen = len(cantine.broker.messages)

    def take():
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def is_loaded():
        return any("have changed" in line for line in cantine.cantined.lines.items[lines:])
    gone = timed(take, lambda: said(cantine, seen, "records_fault"), "records_fault")
    lines = len(cantine.cantined.lines)
    return gone, timed(lambda: kept.rename(path), is_loaded, "the records loaded")


def broker_gone(cantine):
    """Until an entry that it missed is there; a broker that is gone can't be told that it is."""
    cantine.broker.stop()
    cantine.tap(ADA)
    newest = cantine.journal("SELECT max(seq) AS seq FROM event")[0]["seq"]
    seen = len(cantine.broker.messages)
    return None, timed(cantine.broker.start, lambda: any(
        m[0] == EVENT and m[1]["seq"] == newest for m in cantine.broker.messages.items[seen:]), "the missed entry")


def cantined_killed(cantine):
    """Until the broker says offline, and from its next start until it says online."""
    return (timed(cantine.cantined.kill, lambda: cantine.broker.retained(STATUS) == "offline", "offline"),
            timed(cantine.cantined.start, lambda: cantine.broker.retained(STATUS) == "online", "online"))


OTHERS = {"relay board unplugged": relay_unplugged, "records.db gone": records_gone, "broker gone": broker_gone,
          "kill -9 of cantined": cantined_killed}


def others(directory):
    directory.mkdir(parents=True)
    with Cantine(directory) as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        cantine.tap(ADA)
        return {name: fail(cantine) for name, fail in OTHERS.items()}


def measure(directory):
    """One row a fault: the longest times (s) and the greatest share of a core (%) of all rounds."""
    rounds = [suffer(directory / str(n)) for n in range(ROUNDS)]
    more = [others(directory / f"others-{n}") for n in range(ROUNDS)]
    return [{"name": name, "seen": max((each[name][0] or 0) for each in more) or None,
             "well": max(each[name][1] for each in more), "cpu": None} for name in OTHERS] + [
            {"name": "reader unplugged" if name == "entrance" else name,
             "seen": max(each[name]["seen_after"] for each in rounds),
             "well": max(each[name]["well_after"] for each in rounds),
             "cpu": 100 * max(each[name]["cpu"] + (each[name]["ended_cpu"] if PROGRAM.get(name) else 0)
                              for each in rounds)}
            for name in rounds[0]]
