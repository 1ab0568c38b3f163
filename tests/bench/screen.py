# SPDX-License-Identifier: GPL-3.0-or-later
"""From the relay to the lobby screen: MQTT and the page's DOM."""

import json
import time

from rig.browser import Browser
from rig.cantine import Cantine

ADA = "04A1B2C3D4E5F6"
TAPS = 40

# Notes the wall time, in µs, of each change of the number.
WATCH = """
window.changes = [];
new MutationObserver(() => window.changes.push(
    [(performance.timeOrigin + performance.now()) * 1000,
     document.querySelector('#count').textContent]))
  .observe(document.querySelector('#count'),
           {childList: true, characterData: true, subtree: true});
"""


def wall_of(monotonic):
    return monotonic + (time.time() - time.monotonic()) * 1e6


def change_to(browser, count, before):
    """When the number became `count`, after `before` changes."""
    def changed():
        for at, text in browser.run("return window.changes")[before:]:
            if text.strip() == str(count):
                return at
        return None
    return browser.wait(changed, f"{count} on the screen")


def tap(cantine, browser, count):
    frames, changes = len(cantine.relay.frames), len(browser.run("return window.changes"))
    cantine.reader_device.tap(ADA)
    at = wall_of(cantine.relay.wait(True, frames).at)
    return change_to(browser, count, changes) - at


def bare_publish(cantine, browser, count):
    """The same number published by nobody but a bare MQTT client."""
    changes = len(browser.run("return window.changes"))
    payload = json.dumps({"count": count, "capacity": 40, "free": 40 - count, "full": False,
                          "open": True, "at": "2026-11-23T00:00:00.000Z"})
    at = time.time() * 1e6
    cantine.broker.publish("cantine/amiens/occupancy", payload)
    return change_to(browser, count, changes) - at


def relay_to_page(directory):
    """The relay's frame → the number on the screen, against a bare publish → the screen."""
    with Cantine(directory, unlock="100ms", direction="toggle") as cantine, \
            Browser() as browser:
        cantine.add_member("Ada Lovelace", ADA)
        browser.open(cantine.lobby)
        browser.wait_text("#count", "0")
        browser.run(WATCH)
        values, floors = [], []
        for i in range(TAPS):
            values.append(tap(cantine, browser, (i + 1) % 2))
            floors.append(bare_publish(cantine, browser, 20 + i % 2))
            bare_publish(cantine, browser, (i + 1) % 2)
    return {"name": "relay to the lobby screen's DOM", "floor_is": "a bare MQTT publish to the page",
            "values": values, "floors": floors}
