# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what threads report, with a deadline and no sleeping."""

import threading
import time

DEADLINE = 15.0  # seconds: more than anything takes on a busy machine


class Timeout(AssertionError):
    """What was waited for did not come."""


class Log:
    """Things in the order in which they came, one thread adding, any waiting."""

    def __init__(self, name):
        self.name = name
        self.items = []
        self._changed = threading.Condition()

    def add(self, item):
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()

    def __len__(self):
        with self._changed:
            return len(self.items)

    def wait(self, matches, after=0, deadline=DEADLINE, what=""):
        """The first item from index `after` on that `matches`; raises Timeout."""
        end = time.monotonic() + deadline
        with self._changed:
            while True:
                for item in self.items[after:]:
                    if matches(item):
                        return item
                left = end - time.monotonic()
                if left <= 0:
                    came = "\n  ".join(str(item) for item in self.items[after:]) or "nothing"
                    raise Timeout(f"{self.name}: {what or 'it'} did not come in {deadline} s; "
                                  f"what came:\n  {came}")
                self._changed.wait(left)


def wait_until(condition, deadline=DEADLINE, what="it", each=0.01):
    """Asks `condition` again and again, for what nobody reports; its first true answer."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Timeout(f"{what} did not become true in {deadline} s")
        time.sleep(each)
