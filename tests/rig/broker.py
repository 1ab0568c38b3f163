# SPDX-License-Identifier: GPL-3.0-or-later
"""A real mosquitto on a free loopback port, and a subscriber that misses nothing of what it delivers."""

import json
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from rig.waiting import DEADLINE, Log, wait_until

MOSQUITTO = "/usr/sbin/mosquitto"
LAST = "rig/last"
CONFIGURATION = """listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {directory}/
autosave_interval 0
user root
set_tcp_nodelay true
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def websockets(port, directory):
    """What a mosquitto needs to serve the files of `directory`, and WebSockets, at `port`."""
    return f"listener {port} 127.0.0.1\nprotocol websockets\nhttp_dir {directory}\n"


class Message(tuple):
    """(topic, payload): JSON payloads as values, others as text. `raw` is the payload's text, `at` when
    it came (seconds of the monotonic clock), `retain` whether it was published as retained, `qos` with which
    QoS."""

    def __new__(cls, topic, raw, retain):
        message = super().__new__(cls, (topic, json.loads(raw) if raw.startswith("{") else raw))
        message.at = time.monotonic()
        message.raw = raw
        message.retain = retain
        return message

    topic = property(lambda self: self[0])
    payload = property(lambda self: self[1])


class Broker:
    """`messages` is what a subscriber of everything got since the first start, in order.

    The subscriber's session outlives stop() and start(), so that what is published before the
    subscriber is back is not missed. `extra` is more of mosquitto.conf(5).
    """

    def __init__(self, directory, extra=""):
        self.directory = Path(directory) / "broker"
        self.port = free_port()
        self.extra = extra
        self.messages = Log("broker")
        self.retained_now = {}
        self.process = None
        self._subscriber = None
        self._last_seen = threading.Event()

    def start(self):
        self.directory.mkdir(exist_ok=True)
        configuration = self.directory / "mosquitto.conf"
        configuration.write_text(
            CONFIGURATION.format(port=self.port, directory=self.directory) + self.extra)
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", configuration], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, process_group=0)
        wait_until(self._answers, what="mosquitto")
        self._subscribe()
        return self

    def stop(self):
        """Ends mosquitto, which saves what is retained and the subscriber's session."""
        if self._subscriber:
            self._take_what_is_under_way()
            self._subscriber.disconnect()
            self._subscriber.loop_stop()
            self._subscriber = None
        if self.process:
            self.process.terminate()
            self.process.wait(DEADLINE)
            self.process = None

    def retained(self, topic):
        """The payload that the broker keeps under `topic`, None if none."""
        return self.retained_now.get(topic)

    def publish(self, topic, raw):
        """Publishes text, retained, as any client could."""
        self._subscriber.publish(topic, raw, 1, True)

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / "log").read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _subscribe(self):
        subscribed = Log("subscriber")
        self.retained_now = {}
        self._subscriber = paho.Client("rig", protocol=paho.MQTTv5)
        self._subscriber.on_message = self._on_message
        self._subscriber.on_subscribe = lambda *_: subscribed.add("subscribed")
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        self._subscriber.connect("127.0.0.1", self.port, clean_start=False, properties=session)
        self._subscriber.subscribe("#", options=SubscribeOptions(qos=1, retainAsPublished=True))
        self._subscriber.loop_start()
        subscribed.wait(lambda _: True, what="the subscription")

    def _take_what_is_under_way(self):
        """So that it isn't delivered once more after the next start: order is kept, this comes last."""
        self._last_seen.clear()
        if self.process and self.process.poll() is None:
            self._subscriber.publish(LAST, qos=1)
            self._last_seen.wait(2)

    def _on_message(self, _client, _userdata, received):
        if received.topic == LAST:
            self._last_seen.set()
            return
        message = Message(received.topic, received.payload.decode(), received.retain)
        message.qos = received.qos
        if message.retain:
            self.retained_now[message.topic] = message.payload
        self.messages.add(message)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


class SlowBroker:
    """Speaks just enough of MQTT 3.1.1 to let a test say when each message is acknowledged.

    `published` is what came: (topic, payload, packet identifier)."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = self.listener.getsockname()[1]
        self.published = Log("slow broker")
        self.connection = None

    def accept(self):
        self.listener.settimeout(DEADLINE)
        self.connection, _ = self.listener.accept()
        stream = self.connection.makefile("rb")
        assert self._packet(stream)[0] == 1, "CONNECT"
        self.connection.sendall(b"\x20\x02\x00\x00")  # CONNACK: accepted
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def crowd(self):
        """Takes the only place in the queue: who connects now waits for it (TCP tries again each
        second or so). The function that is returned gives the place back."""
        other = socket.create_connection(("127.0.0.1", self.port))
        self.listener.settimeout(DEADLINE)
        return lambda: (self.listener.accept()[0].close(), other.close())

    @property
    def somebody_waits(self):
        """Whether a connection to the port is in the state SYN_SENT (proc(5), /proc/net/tcp)."""
        lines = Path("/proc/net/tcp").read_text().splitlines()
        return any(line.split()[2].endswith(f":{self.port:04X}") and line.split()[3] == "02"
                   for line in lines[1:])

    def acknowledge(self, message):
        self.connection.sendall(b"\x40\x02" + struct.pack(">H", message[2]))  # PUBACK

    def close(self):
        if self.connection:
            self.connection.close()
        self.listener.close()

    def _read(self, stream):
        with stream:
            while packet := self._packet(stream):
                kind, body = packet
                if kind == 3:  # PUBLISH with QoS 1
                    end = 2 + struct.unpack_from(">H", body)[0]
                    number = struct.unpack_from(">H", body, end)[0]
                    self.published.add((body[2:end].decode(), body[end + 2:].decode(), number))

    @staticmethod
    def _packet(stream):
        """The next packet's type and body (MQTT 3.1.1, 2.2), None at the end."""
        kind = stream.read(1)
        length = shift = 0
        while byte := stream.read(1):
            length |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                return kind[0] >> 4, stream.read(length)
        return None
