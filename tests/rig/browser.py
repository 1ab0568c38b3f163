# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Chromium without a screen, looking at the lobby page that a real mosquitto serves."""

import json
import re
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from paho.mqtt import client as paho
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from rig.broker import Broker, free_port, websockets
from rig.program import BUILD
from rig.waiting import DEADLINE

PAGE = BUILD / "lobby" / "index.html"

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")  # nobody outside is found


class LobbyBroker(Broker):
    """A broker that serves the page, and somebody who publishes to it whatever a test wants."""

    def __init__(self, directory):
        self.http_port = free_port()
        logged = ("error", "warning", "notice", "information", "subscribe")
        super().__init__(directory, extra=websockets(self.http_port, PAGE.parent) +
                         "".join(f"log_type {kind}\n" for kind in logged))
        self._publisher = None

    def address(self, **query):
        return f"http://127.0.0.1:{self.http_port}/?{urlencode(query)}"

    def start(self):
        super().start()
        self._publisher = paho.Client("publisher")
        self._publisher.connect("127.0.0.1", self.port)
        self._publisher.loop_start()
        return self

    def stop(self):
        if self._publisher:
            self._publisher.disconnect()
            self._publisher.loop_stop()
            self._publisher = None
        super().stop()

    def publish(self, topic, payload, retain=True, qos=1):
        """Returns once the broker has it; values become JSON."""
        raw = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        told = self._publisher.publish(topic, raw, qos, retain)
        told.wait_for_publish(DEADLINE)
        assert told.is_published(), f"the broker did not take {topic}"

    def subscriptions(self):
        """The topics that anybody asked for, but this rig."""
        log = (self.directory / "log").read_text()
        return {topic for who, topic in re.findall(r"(?m)^\d+: (\S+) \d (\S+)$", log)
                if who != "rig"}

    def _on_message(self, *_):
        """Payloads are anything here, and the page is the one that reads them."""

    __enter__ = start


class Browser:
    """One window. `traffic` also records each request, for `requests()`."""

    def __init__(self, size=(1920, 1080), traffic=False, timezone="UTC"):
        self._profile = tempfile.TemporaryDirectory(prefix="cantine-browser-",
                                                    ignore_cleanup_errors=True)
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(flag)
        if traffic:
            options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        service = Service("/usr/bin/chromedriver", log_path=str(Path(self._profile.name) / "log"))
        self.driver = webdriver.Chrome(service=service, options=options)
        self.command("Emulation.setTimezoneOverride", timezoneId=timezone)
        self.resize(*size)

    def command(self, name, **parameters):
        """A command of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def resize(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def open(self, address):
        self.driver.get(address)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """What a person reads there; empty if it isn't shown."""
        return self.run("const e = document.querySelector(arguments[0]);"
                        "return e && e.checkVisibility() ? e.innerText : ''", selector)

    def texts(self, selector):
        """The same of each that matches."""
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".filter(e => e.checkVisibility()).map(e => e.innerText)", selector)

    def news(self):
        """What the page says of its figures: fresh, waiting or silent."""
        return self.run("return document.documentElement.dataset.news")

    def wait(self, condition, what, deadline=DEADLINE):
        """Waits until `condition()` holds; its first true answer."""
        return WebDriverWait(self.driver, deadline, poll_frequency=0.02).until(
            lambda _: condition(), what)

    def wait_text(self, selector, wanted, deadline=DEADLINE):
        self.wait(lambda: self.text(selector) == wanted,
                  f'"{wanted}" at {selector}, not "{self.text(selector)}"', deadline)

    def requests(self):
        """The addresses asked for since the last call, WebSockets too."""
        addresses = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                addresses.append(message["params"]["url"])
        return addresses

    def heap(self):
        """The page's own memory in bytes, after collecting its garbage."""
        for _ in range(3):
            self.command("HeapProfiler.collectGarbage")
        return self.command("Runtime.getHeapUsage")["usedSize"]

    def picture(self, file):
        self.driver.save_screenshot(str(file))

    def close(self):
        self.driver.quit()
        self._profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
