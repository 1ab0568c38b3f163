# SPDX-License-Identifier: GPL-3.0-or-later
"""A mosquitto with the files that firmware-config/ has put on a card, and clients of it.

Only paths and ports are others: the files lie in a folder, and the machine's own 1883 and 8080 may be taken.
"""

import os
import re
import subprocess

from paho.mqtt import client as paho

from rig.broker import MOSQUITTO, free_port
from rig.waiting import DEADLINE, Log, wait_until


class House:
    """`card` has been prepared by `make install`. `port`: loopback; `web`: WebSockets and the page."""

    def __init__(self, card):
        self.card = card
        self.port, self.web = free_port(), free_port()
        self.log = card.root / "log"
        self.process = None
        self.password = card.read("etc/cantine/mqtt-password")
        text = card.read("etc/mosquitto/conf.d/cantine.conf")
        text = re.sub(r"(?<= )/(etc|usr)/", f"{card.root}/\\1/", text)
        text = text.replace("listener 1883 ", f"listener {self.port} ")
        text = re.sub(r"(?m)^listener 8080$", f"listener {self.web}", text)
        self.configuration = card.root / "test.conf"
        self.configuration.write_text(f"user {'root' if os.getuid() == 0 else 'nobody'}\n{text}")

    def user_add(self, name):
        subprocess.run(["mosquitto_passwd", "-b", self.card.root / "etc/mosquitto/cantine.passwd", name, f"{name}'s"],
                       check=True, capture_output=True, env={"PATH": "/usr/bin:/usr/sbin"})

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", self.configuration], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, process_group=0)
        wait_until(self._answers, what="mosquitto")
        return self

    def _answers(self):
        assert self.process.poll() is None, self.log.read_text()
        return "running" in self.log.read_text()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE)

    def client(self, user=None, web=False):
        return Client(self.web if web else self.port, user,
                      self.password if user == "cantine" else f"{user}'s", web)


class Client:
    """Subscribed to everything; `messages` are the topics that came."""

    def __init__(self, port, user, password, web):
        self.messages, self.connected = Log(f"client {user}"), Log(f"connection of {user}")
        self.client = paho.Client(transport="websockets" if web else "tcp")
        if user:
            self.client.username_pw_set(user, password)
        self.client.on_connect = lambda client, *rest: self.connected.add(rest[2])
        self.client.on_message = lambda client, _, message: self.messages.add(message.topic)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.code = self.connected.wait(lambda _: True)

    def subscribe(self, *topics):
        done = Log("subscriptions")
        self.client.on_subscribe = lambda *_: done.add(True)
        self.client.subscribe([(topic, 1) for topic in topics])
        done.wait(lambda _: True)
        return self

    def publish(self, topic, **options):
        self.client.publish(topic, "x", 1, **options).wait_for_publish(DEADLINE)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
