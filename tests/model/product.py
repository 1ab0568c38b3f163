# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's answers to a story, where they differ from the rules, and the shortest story that still differs."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from model.rules import Space, local
from model.scenario import line_of
from rig.program import BUILD

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def answers_of(steps, seconds=120):
    """One line a step; what made the program end early stands in place of the answer that is missing."""
    with tempfile.TemporaryDirectory(prefix="cantine-year-", dir=MEMORY) as directory:
        done = subprocess.run([BUILD / "model" / "year", directory], input="".join(line_of(s) + "\n" for s in steps),
                              capture_output=True, text=True, timeout=seconds, check=False)
    answers = done.stdout.splitlines()
    if done.returncode:
        answers = [*answers[:len(steps) - 1], f"ended ({done.returncode}): {done.stderr.strip()}"]
    return answers


def rules_of(steps):
    space = Space()
    return [space.step(step) for step in steps]


class Difference:
    """The first step that is answered differently."""

    def __init__(self, steps, product, rules):
        self.at = next(i for i, rule in enumerate(rules) if i >= len(product) or product[i] != rule)
        self.steps = steps[:self.at + 1]
        self.product = product[self.at] if self.at < len(product) else "nothing"
        self.rules = rules[self.at]
        words = 2 if self.steps[-1][2] == "tap" else 1
        self.kind = self.steps[-1][2], self.product.split()[:words], self.rules.split()[:words]


def difference(steps):
    """None where product and rules agree on every step."""
    product, rules = answers_of(steps), rules_of(steps)
    return None if product == rules else Difference(steps, product, rules)


def numbers_in(text):
    return {int(word) for word in re.findall(r"\b\d+\b", text)}


def about(found):
    """The steps that have to do with whom the last step is about: badges, hosts, bookings, passes; and the settings."""
    last, edits = found.steps[-1], [step[3:] for step in found.steps if step[2] == "edit"]
    members = set(last[3:]) if last[2] in ("in", "out", "passes") else set()
    if last[2] in ("tick", "restart", "inside"):
        members = numbers_in(found.product) ^ numbers_in(found.rules)
    badges = {last[4]} if last[2] == "tap" else set()
    rows = {"badge": badges, "member": members, "pass": set(), "booking": set()}
    for _ in range(3):
        for _, _, table, key, values in edits:
            if table == "badge" and key[0] in badges:
                members |= {values["member"]} if "member" in values else set()
            if table in ("badge", "pass", "booking") and values.get("member") in members:
                rows[table].add(key[0])
            if table == "booking_guest" and key[1] in members:
                rows["booking"].add(key[0])
            if table == "member" and key[0] in members and values.get("host"):
                members.add(values["host"])

    def concerns(step):
        if step[2] == "tap":
            return step[4] in badges
        if step[2] in ("in", "out", "passes"):
            return step[3] in members
        if step[2] != "edit":
            return True
        table, key = step[5], step[6]
        return key[0] in rows[table.removesuffix("_guest")] if table.removesuffix("_guest") in rows else True

    return [step for step in found.steps[:-1] if concerns(step)] + [last]


def again(found, steps):
    """A difference of the same kind in fewer steps, if they still show one."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        other = difference(steps)
        if other and other.kind == found.kind:
            return other
    return None


def shrunk(found, seconds=60):
    """ddmin (Zeller, Hildebrandt 2002) over the steps before the last: a Difference of the same kind, or `found`."""
    deadline = time.monotonic() + seconds
    found = again(found, about(found)) or found
    parts = 2
    while parts <= len(found.steps) and time.monotonic() < deadline:
        size = -(-len(found.steps) // parts)
        for start in range(len(found.steps) - size, -size, -size):  # from the end: what is near matters most
            if time.monotonic() > deadline:
                break
            start = max(start, 0)
            fewer = found.steps[:start] + found.steps[start + size:]
            if less := again(found, fewer):
                found, parts = less, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(found.steps))
    return found


def in_words(step):
    wall, mono, verb, *rest = step
    when = local(wall).strftime("%a %Y-%m-%d %H:%M:%S") + f".{wall % 1_000_000:06d} +{mono / 1e6:.6f}"
    return f"{when}  " + line_of(step).split(" ", 2)[2]


def told(found, seed=None):
    lines = [f"CANTINE_SEED={seed}: {len(found.steps)} steps, of which the last is answered differently"]
    lines += ["  " + in_words(step) for step in found.steps]
    return "\n".join([*lines, f"  the product: {found.product}", f"  the rules:   {found.rules}"])
