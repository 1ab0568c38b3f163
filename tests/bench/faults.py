# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers that fail: how long until it is seen, how long until all is well, and what it costs."""

from rig.failing_readers import LINE, PROGRAM, Site

ROUNDS = 3


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


def measure(directory):
    """One row a fault: the longest times (s) and the greatest share of a core (%) of all rounds."""
    rounds = [suffer(directory / str(n)) for n in range(ROUNDS)]
    return [{"name": "unplugged" if name == "entrance" else name,
             "seen": max(each[name]["seen_after"] for each in rounds),
             "well": max(each[name]["well_after"] for each in rounds),
             "cpu": 100 * max(each[name]["cpu"] + (each[name]["ended_cpu"] if PROGRAM.get(name) else 0)
                              for each in rounds)}
            for name in rounds[0]]
