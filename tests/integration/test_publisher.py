# SPDX-License-Identifier: GPL-3.0-or-later
"""cantine-publisher between a real mosquitto and a stand-in for cantined."""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import jsonschema
import pytest

from rig import cantined_peer as wire
from rig.broker import Broker, SlowBroker, free_port
from rig.cantined_peer import ACK, START, STOP, AT_TEXT, BOOT, CantinedPeer
from rig.program import BUILD, Program
from rig.waiting import Log, wait_until

TOP = Path(__file__).resolve().parents[2]
SITE = "cantine/amiens"
STATES = wire.occupancy(), wire.door(), wire.reader()

CONFIGURATION = """[site]
id=amiens
capacity=40
[storage]
runtime_dir={directory}/run
[mqtt]
enabled={enabled}
host={host}
port={port}
{extra}
[reader entrance]
device=pn532_uart:/dev/null
door=front
[door front]
actuator=virtual
"""


class Rig:
    """Broker, peer, publisher and its configuration in one directory."""

    def __init__(self, directory):
        self.directory = directory
        self.broker = Broker(directory)
        self.peer = CantinedPeer(directory / "run")
        self.notified = Log("notifications")  # what systemd would hear
        self.notify_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify_socket.bind(str(directory / "notify"))
        threading.Thread(target=self._read_notifications, daemon=True).start()
        self.configuration = directory / "cantine.conf"
        self.publisher = Program("cantine-publisher", "--config", self.configuration,
                                 env={"NOTIFY_SOCKET": str(directory / "notify")})
        self.configure()

    def _read_notifications(self):
        while text := self.notify_socket.recv(4096).decode():
            self.notified.add(text)

    def configure(self, host="127.0.0.1", port=None, enabled="yes", extra=""):
        self.configuration.write_text(CONFIGURATION.format(
            directory=self.directory, host=host, port=self.broker.port if port is None else port,
            enabled=enabled, extra=extra))

    def start(self):
        """Everything there, the publisher online."""
        self.broker.start()
        self.peer.start()
        self.publisher.start()
        self.peer.accept(*STATES)
        self.peer.expect(START)
        self.wait_retained("status", "online")

    def stop(self):
        status = self.publisher.stop()
        self.peer.stop()
        self.broker.stop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.directory / "notify"))
        return status

    def wait_retained(self, topic, payload):
        wait_until(lambda: self.broker.retained(f"{SITE}/{topic}") == payload,
                   what=f"{topic} {payload}")

    def wait_event(self, seq, topic="event", seen=0):
        return self.broker.messages.wait(
            lambda m: m.topic == f"{SITE}/{topic}" and m.payload["seq"] == seq, seen,
            what=f"event {seq}")

    def seqs(self, topic="event", seen=0):
        return [m.payload["seq"] for m in self.broker.messages.items[seen:]
                if m.topic == f"{SITE}/{topic}"]

    def mentions(self, text):
        return sum(text in line for line in self.publisher.lines.items)


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    yield rig
    rig.stop()


@pytest.fixture
def running(rig):
    rig.start()
    return rig


# --- states and status ----------------------------------------------------------------------------


def test_states_are_retained_and_come_before_online(running):
    messages = running.broker.messages
    online = messages.wait(lambda m: m == (f"{SITE}/status", "online"))
    before = messages.items[:messages.items.index(online)]
    assert [m.topic for m in before if "offline" not in m] == [
        f"{SITE}/occupancy", f"{SITE}/door/front", f"{SITE}/reader/entrance"]
    assert all(m.retain for m in messages.items)
    assert before[-3].raw == ('{"count":12,"capacity":40,"free":28,"full":false,"open":true,'
                              f'"at":"{AT_TEXT}"}}')
    assert running.broker.retained(f"{SITE}/door/front") == {
        "lock": "locked", "contact": "unknown", "alarm": None, "at": AT_TEXT}
    assert running.broker.retained(f"{SITE}/reader/entrance") == {"state": "ready", "at": AT_TEXT, "tried": None}


def test_a_changed_state_is_published_at_once(running):
    running.peer.send(wire.door(lock="unlocked"), wire.occupancy(count=13))
    wait_until(lambda: running.broker.retained(f"{SITE}/door/front")["lock"] == "unlocked")
    wait_until(lambda: running.broker.retained(f"{SITE}/occupancy")["count"] == 13)


def test_a_killed_publisher_is_offline_and_comes_back(running):
    assert running.publisher.kill() == -9
    running.wait_retained("status", "offline")
    running.publisher.start()
    running.peer.accept(*STATES)
    running.peer.expect(START)
    running.wait_retained("status", "online")


def test_sigterm_says_offline_and_ends_quickly(running):
    begun = time.monotonic()
    assert running.publisher.stop() == 0
    assert time.monotonic() - begun < 1
    running.wait_retained("status", "offline")
    log = (running.directory / "broker" / "log").read_text()
    assert re.search(r"Client cantine-publisher-amiens disconnected\.", log), "without the will"


def test_sigterm_without_a_broker_ends_quickly(rig):
    rig.publisher.start()
    rig.publisher.wait_line("out of reach")
    begun = time.monotonic()
    assert rig.publisher.stop() == 0
    assert time.monotonic() - begun < 2


def test_cantined_away_and_back(running):
    seen = len(running.broker.messages)
    running.peer.stop()
    running.wait_retained("status", "offline")
    running.peer.start()
    back = time.monotonic()
    running.peer.accept()
    assert time.monotonic() - back < 0.5
    running.peer.send(wire.occupancy(count=3), wire.door(alarm="faulty"), wire.reader())
    running.peer.expect(START)
    running.wait_retained("status", "online")
    assert [m.topic for m in running.broker.messages.items[seen:]] == [
        f"{SITE}/{topic}" for topic in
        ("status", "occupancy", "door/front", "reader/entrance", "status")]
    assert running.broker.retained(f"{SITE}/occupancy")["count"] == 3
    assert running.broker.retained(f"{SITE}/door/front")["alarm"] == "faulty"
    assert running.mentions("cantined is gone") == 1


def test_a_cantined_that_says_nothing_is_not_there(rig):
    rig.broker.start()
    rig.peer.start()
    rig.publisher.start()
    rig.peer.accept()
    rig.wait_retained("status", "offline")
    with pytest.raises(TimeoutError):
        rig.peer.receive(1.3)
    rig.peer.send(wire.occupancy())  # but no door and no reader: it has another configuration
    rig.peer.expect(START)
    rig.wait_retained("status", "online")


# --- events ---------------------------------------------------------------------------------------


def test_an_event_is_published_without_names_and_privately_with_them(running):
    running.peer.send(wire.event(184))
    event = running.wait_event(184)
    assert event.raw == (
        f'{{"seq":184,"at":"{AT_TEXT}","boot":"{BOOT}","type":"access","door":"front",'
        '"reader":"entrance","result":"granted","reason":"ok","detail":null,"direction":"in",'
        '"historical":false}')
    private = running.wait_event(184, "private/event")
    assert private.raw == event.raw[:-1] + ',"member_id":7,"member_name":"Ada Lovelace"}'
    assert not event.retain and not private.retain
    running.peer.expect(ACK, 184)


def test_five_hundred_events_in_order(running):
    """As cantined does it: never more than 64 that are not acknowledged."""
    sent = acknowledged = 0
    while acknowledged < 500:
        while sent < 500 and sent - acknowledged < 64:
            sent += 1
            running.peer.send(wire.event(sent, historical=sent <= 300))
        acknowledged += 1
        running.peer.expect(ACK, acknowledged)
    for topic in ("event", "private/event"):
        running.wait_event(500, topic)
        assert running.seqs(topic) == list(range(1, 501))
    assert [m.payload["historical"] for m in running.broker.messages.items
            if m.topic == f"{SITE}/event"] == [True] * 300 + [False] * 200


def test_broker_down_and_back(running):
    running.peer.send(wire.event(1))
    running.peer.expect(ACK, 1)
    running.broker.stop()
    running.peer.expect(STOP)
    running.peer.send(wire.occupancy(count=13))
    seen = len(running.broker.messages)
    running.broker.start()
    running.peer.expect(START)
    running.peer.send(wire.event(2, historical=True), wire.event(3))
    running.peer.expect(ACK, 2)
    running.peer.expect(ACK, 3)
    running.wait_event(3, seen=seen)
    came = running.broker.messages.items[seen:]
    fresh = next(i for i, m in enumerate(came)
                 if m.topic == f"{SITE}/occupancy" and m.payload["count"] == 13)
    assert fresh < [m.topic for m in came].index(f"{SITE}/event"), "states first"
    assert running.seqs(seen=seen) == [2, 3]
    running.wait_retained("status", "online")
    assert running.mentions("out of reach") == 1, "one outage is one line"
    assert running.mentions("connected to the broker") == 2


def test_rows_under_way_when_the_broker_goes_come_again(running):
    """A broker that doesn't acknowledge: nothing is lost, and a new connection brings them again."""
    running.broker.process.send_signal(signal.SIGSTOP)  # takes, and doesn't answer
    for seq in (1, 2, 3):
        running.peer.send(wire.event(seq))
    running.broker.process.send_signal(signal.SIGKILL)
    running.broker.process.send_signal(signal.SIGCONT)
    assert wire.Word(STOP) in running.peer.expect_hang_up()
    running.broker.stop()
    seen = len(running.broker.messages)
    running.broker.start()
    running.peer.accept(*STATES)
    running.peer.expect(START)
    for seq in (1, 2, 3, 4):
        running.peer.send(wire.event(seq, historical=seq < 4))
    for seq in (1, 2, 3, 4):
        running.peer.expect(ACK, seq)
    running.wait_event(4, seen=seen)
    assert running.seqs(seen=seen) == [1, 2, 3, 4]


@pytest.fixture
def slow_broker(rig):
    """A broker that acknowledges what the test says; the publisher is online."""
    broker = SlowBroker()
    rig.configure(port=broker.port)
    rig.peer.start()
    rig.publisher.start()
    broker.accept()
    rig.peer.accept(*STATES)
    rig.peer.expect(START)
    yield broker
    broker.close()


def test_a_row_is_acknowledged_when_all_of_it_and_before_it_is(rig, slow_broker):
    rows = {}
    for seq in (1, 2):
        rig.peer.send(wire.event(seq))
        for topic in ("event", "private/event"):
            rows[seq, topic] = slow_broker.published.wait(
                lambda m, seq=seq, topic=topic: m[0] == f"{SITE}/{topic}"
                and json.loads(m[1])["seq"] == seq)
    slow_broker.acknowledge(rows[2, "event"])
    slow_broker.acknowledge(rows[2, "private/event"])
    slow_broker.acknowledge(rows[1, "event"])
    with pytest.raises(TimeoutError):
        rig.peer.receive(0.3)
    slow_broker.acknowledge(rows[1, "private/event"])
    rig.peer.expect(ACK, 1)
    rig.peer.expect(ACK, 2)


def test_sigterm_with_a_broker_that_doesnt_acknowledge_ends_all_the_same(rig, slow_broker):
    begun = time.monotonic()
    assert rig.publisher.stop() == 0
    assert 1 < time.monotonic() - begun < 2
    assert [m[1] for m in slow_broker.published.items if m[0] == f"{SITE}/status"][-2:] == [
        "online", "offline"]


def test_a_row_that_crosses_stop_begins_a_new_connection(running):
    running.broker.stop()
    running.peer.expect(STOP)
    running.peer.send(wire.event(1))
    assert running.peer.expect_hang_up() == []
    running.peer.accept(*STATES)
    running.broker.start()
    running.peer.expect(START)
    running.peer.send(wire.event(1))
    running.peer.expect(ACK, 1)


# --- rooms and greetings --------------------------------------------------------------------------


def test_a_room_is_retained_and_published_before_online(rig):
    rig.broker.start()
    rig.peer.start()
    rig.publisher.start()
    rig.peer.accept(wire.room(), *STATES)
    rig.peer.expect(START)
    rig.wait_retained("status", "online")
    topics = [m.topic for m in rig.broker.messages.items]
    assert topics.index(f"{SITE}/room/bleue") < len(topics) - 1 - topics[::-1].index(f"{SITE}/status")
    assert rig.broker.retained(f"{SITE}/room/bleue") == {
        "name": "Salle bleue", "state": "free", "until": None, "title": None, "next": None}
    rig.peer.send(wire.room(state="busy", until=wire.AT, booked="Yoga",
                            following=(wire.AT, wire.AT + 60_000_000, "Conseil")))
    rig.wait_retained("room/bleue", {
        "name": "Salle bleue", "state": "busy", "until": AT_TEXT, "title": "Yoga",
        "next": {"starts_at": AT_TEXT, "ends_at": "2026-11-22T20:16:00.123Z", "title": "Conseil"}})


def test_a_room_that_is_no_more_is_cleared(running):
    running.peer.send(wire.room("bleue"), wire.room("verte"))
    wait_until(lambda: running.broker.retained(f"{SITE}/room/verte"))
    running.peer.send(wire.room("bleue", title=""))
    running.wait_retained("room/bleue", "")
    running.broker.stop()
    running.peer.expect(STOP)
    running.peer.send(wire.room("verte", title=""))
    running.broker.start()
    running.peer.expect(START)
    running.wait_retained("room/verte", "")
    running.broker.stop()
    running.peer.expect(STOP)
    running.broker.start()
    running.peer.expect(START)
    running.wait_retained("status", "online")
    assert not running.broker.retained(f"{SITE}/room/verte"), "the broker keeps nothing"


def test_rooms_come_and_go_for_years(running):
    """Never more than 64 at once, but each new one under another id."""
    for year in range(3):
        running.peer.send(*(wire.room(f"r{year}-{i}") for i in range(64)))
        wait_until(lambda year=year: running.broker.retained(f"{SITE}/room/r{year}-63"))
        running.peer.send(*(wire.room(f"r{year}-{i}", title="") for i in range(64)))
        running.wait_retained(f"room/r{year}-63", "")
    running.peer.send(*(wire.room(f"x{i}") for i in range(65)))
    running.peer.expect_hang_up()
    running.publisher.wait_line("makes no sense")


def test_a_greeting_is_for_the_moment(running):
    running.peer.send(wire.greeting("Late", ago=6), wire.greeting("Ada"), wire.event(1))
    running.peer.expect(ACK, 1)
    running.broker.stop()
    running.peer.expect(STOP)
    running.peer.send(wire.greeting("Missed"))
    running.broker.start()
    running.peer.expect(START)
    running.peer.send(wire.greeting("Bob", "back"))
    running.broker.messages.wait(lambda m: m == (f"{SITE}/greeting", {"name": "Bob", "door": "back"}))
    greetings = [m for m in running.broker.messages.items if m.topic == f"{SITE}/greeting"]
    assert [m.raw for m in greetings] == ['{"name":"Ada","door":"front"}',
                                          '{"name":"Bob","door":"back"}']
    assert all(m.qos == 0 and not m.retain for m in greetings)


# --- what can be wrong ----------------------------------------------------------------------------

NONSENSE = {
    "a byte": b"x",
    "nothing but a header": wire.message(wire.OCCUPANCY, b""),
    "a byte too many": wire.occupancy() + b"\0",
    "a size that lies": wire.message(wire.READER, wire.reader()[8:], size=60),
    "longer than any message": b"\xff" * 5000,
    "another version": wire.message(wire.DOOR, wire.door()[8:], version=2),
    "an unknown type": wire.message(99, b"\0" * 24),
    "a message of the publisher's own": wire.message(ACK, b"\1" + b"\0" * 7),
    "a row older than the one before": wire.event(4),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_from_cantined(running, what):
    running.peer.send(wire.event(5))
    running.peer.expect(ACK, 5)
    running.peer.send(*(wire.event(seq) for seq in (6, 7, 8)), NONSENSE[what])
    running.peer.expect_hang_up()
    running.peer.accept(*STATES, deadline=2)
    running.peer.expect(START)
    running.peer.send(wire.event(9))
    running.peer.expect(ACK, 9)
    running.peer.send(NONSENSE["a byte"])
    running.peer.expect_hang_up()
    running.peer.accept(*STATES)
    running.peer.expect(START)
    said = running.mentions("makes no sense") + running.mentions("another version")
    assert said == 1, "said once"


def test_more_rows_than_the_window(running):
    running.broker.process.send_signal(signal.SIGSTOP)
    try:
        for seq in range(1, 66):
            running.peer.send(wire.event(seq))
        running.peer.expect_hang_up()
    finally:
        running.broker.process.send_signal(signal.SIGCONT)
    running.publisher.wait_line("makes no sense")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Mute:
    """Listens, accepts, never answers."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.connections = []

    def accept(self, deadline):
        self.listener.settimeout(deadline)
        self.connections.append(self.listener.accept()[0])

    def close(self):
        for it in (*self.connections, self.listener):
            it.close()


@pytest.mark.parametrize("tls", ["no", "yes"])
def test_a_broker_that_never_answers(rig, tls):
    """Neither spins nor waits for ever; the real one is found when it is there."""
    rig.configure(extra=f"tls={tls}")
    mute = Mute(rig.broker.port)
    rig.publisher.start()
    mute.accept(5)
    begun, used = time.monotonic(), cpu_seconds(rig.publisher.process.pid)
    rig.publisher.wait_line("no answer", deadline=12)
    assert 9 < time.monotonic() - begun < 12
    assert cpu_seconds(rig.publisher.process.pid) - used < 0.2
    assert rig.mentions("cantined is away") == 1
    mute.accept(5)
    mute.close()
    if tls == "no":
        rig.broker.start()
        rig.wait_retained("status", "offline")
        assert rig.mentions("out of reach") == 1


def test_a_network_that_takes_its_time(rig):
    """The connection comes about long after it was begun."""
    broker = SlowBroker()
    give_way = broker.crowd()
    rig.configure(port=broker.port)
    rig.publisher.start()
    wait_until(lambda: broker.somebody_waits, what="a connection under way")
    used = cpu_seconds(rig.publisher.process.pid)
    give_way()
    broker.accept()
    broker.published.wait(lambda m: m[:2] == (f"{SITE}/status", "offline"))
    assert cpu_seconds(rig.publisher.process.pid) - used < 0.2
    assert rig.mentions("out of reach") == 0
    broker.close()


# --- how to get to the broker ---------------------------------------------------------------------


def start_and_come_online(rig):
    rig.broker.start()
    rig.peer.start()
    rig.publisher.start()
    rig.peer.accept(*STATES)
    rig.peer.expect(START)
    rig.wait_retained("status", "online")


def require_password(rig):
    passwords = rig.directory / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "cantine", "s3cret"], check=True)
    rig.broker.extra = f"password_file {passwords}\n"


def test_a_password(rig):
    require_password(rig)
    secret = rig.directory / "secret"
    rig.configure(extra=f"username=cantine\npassword_file={secret}")
    secret.write_text("wrong\n")
    rig.broker.start()
    rig.publisher.start()
    rig.publisher.wait_line("not authorised")
    rig.publisher.stop()
    secret.write_text("s3cret\n")
    rig.publisher.start()
    rig.wait_retained("status", "offline")


def test_a_password_from_a_systemd_credential(rig):
    require_password(rig)
    rig.configure(extra="username=cantine")
    (rig.directory / "mqtt-password").write_text("s3cret\n")
    rig.publisher.env["CREDENTIALS_DIRECTORY"] = str(rig.directory)
    start_and_come_online(rig)


def test_a_password_file_that_is_not_there(rig):
    rig.configure(extra=f"username=cantine\npassword_file={rig.directory}/nowhere")
    rig.publisher.start()
    assert rig.publisher.process.wait(5) == 1
    line = rig.publisher.wait_line("nowhere")
    assert "No such file" in line and "first line" in line


def test_a_name_with_several_addresses(rig):
    """mosquitto listens on 127.0.0.1 alone; `localhost` often begins with ::1."""
    rig.configure(host="localhost")
    start_and_come_online(rig)


def test_a_unix_socket(rig):
    path = rig.directory / "mqtt.sock"
    rig.broker.extra = f"listener 0 {path}\n"
    rig.configure(host=path, port=0)
    start_and_come_online(rig)
    assert f"Publishing to {path}." in rig.notified.wait(
        lambda text: "STATUS=Publishing" in text)


@pytest.fixture
def certificates(tmp_path):
    """A certificate authority and a broker's certificate for `localhost`."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=Cantine test CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=localhost", "-keyout", "broker.key", "-out", "broker.csr")
    openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-extfile", "names", "-out", "broker.pem")
    return tmp_path


def secure_listener(certificates):
    port = free_port()
    return port, (f"listener {port} 127.0.0.1\ncertfile {certificates}/broker.pem\n"
                  f"keyfile {certificates}/broker.key\n")


def test_tls(rig, certificates):
    port, rig.broker.extra = secure_listener(certificates)
    rig.configure(host="localhost", port=port, extra=f"tls=yes\nca_file={certificates}/ca.pem")
    start_and_come_online(rig)
    rig.peer.send(wire.event(1))
    rig.peer.expect(ACK, 1)


def test_sigterm_while_the_thread_looks_for_the_broker(rig, certificates):
    """The thread can't be interrupted; here it reads many certificates, and is caught here and there."""
    authorities = certificates / "authorities.pem"
    authorities.write_text((certificates / "ca.pem").read_text() * 300)
    rig.configure(host="localhost", extra=f"tls=yes\nca_file={authorities}")
    for moment in range(20):
        seen = len(rig.notified)
        rig.publisher.start()
        rig.notified.wait(lambda text: "STATUS=Connecting" in text, seen)
        time.sleep(moment * 0.0005)
        assert rig.publisher.stop() == 0


@pytest.mark.parametrize("host, authority", [("127.0.0.1", "ca.pem"), ("localhost", "broker.pem")])
def test_tls_with_another_name_or_authority(rig, certificates, host, authority):
    """A broker that can't prove that it is the one of the configuration gets nothing."""
    port, rig.broker.extra = secure_listener(certificates)
    rig.configure(host=host, port=port, extra=f"tls=yes\nca_file={certificates}/{authority}")
    rig.broker.start()
    rig.publisher.start()
    rig.publisher.wait_line("out of reach")
    assert rig.broker.retained(f"{SITE}/status") is None


# --- for the service manager and by hand ----------------------------------------------------------


def test_what_systemd_hears(rig):
    rig.publisher.env["WATCHDOG_USEC"] = "400000"
    rig.publisher.start()
    rig.notified.wait(lambda text: "READY=1" in text, what="READY without a broker")
    status = rig.notified.wait(lambda text: "next try" in text)
    assert re.fullmatch(r"STATUS=The broker at 127\.0\.0\.1:\d+ is out of reach: "
                        r"Connection refused; next try in \d+s\.", status), status
    rig.notified.wait(lambda text: "WATCHDOG=1" in text)
    rig.broker.start()
    rig.notified.wait(lambda text: "STATUS=Connected to 127.0.0.1:" in text
                      and "waiting for cantined." in text)
    rig.peer.start()
    rig.peer.accept(*STATES)
    rig.notified.wait(lambda text: f"STATUS=Publishing to 127.0.0.1:{rig.broker.port}." in text)
    rig.publisher.stop()
    rig.notified.wait(lambda text: "STOPPING=1" in text)


def test_switched_off(rig):
    rig.configure(enabled="no")
    rig.broker.start()
    rig.peer.start()
    rig.publisher.start()
    rig.notified.wait(lambda text: "READY=1" in text)
    rig.notified.wait(lambda text: "STATUS=Publishing is switched off" in text)
    with pytest.raises(TimeoutError):
        rig.peer.accept(deadline=0.5)
    assert rig.publisher.stop() == 0
    assert len(rig.broker.messages) == 0


def test_a_hang_up_signal_ends_nothing(running):
    running.publisher.process.send_signal(signal.SIGHUP)
    running.peer.send(wire.event(1))
    running.peer.expect(ACK, 1)


@pytest.mark.parametrize("arguments, status, text", [
    (["--help"], 0, "--config FILE"),
    (["--version"], 0, "cantine-publisher "),
    (["--colour"], 2, "--colour"),
    (["somewhere"], 2, "somewhere"),
    (["--config", "/nowhere/cantine.conf"], 1, "/nowhere/cantine.conf"),
])
def test_by_hand(arguments, status, text):
    done = subprocess.run([BUILD / "cantine-publisher", *arguments], capture_output=True,
                          text=True, timeout=10, check=False)
    assert done.returncode == status
    assert text in (done.stderr if status else done.stdout)


# --- the schemas ----------------------------------------------------------------------------------

SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text())
           for path in sorted((TOP / "schemas" / "mqtt").glob("*.schema.json"))}


def schema_check(name, payload):
    jsonschema.validate(payload, SCHEMAS[name], cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["additionalProperties"] is False
    assert list(SCHEMAS[name]["required"]) == list(SCHEMAS[name]["properties"])


def payload_vectors():
    """The rows of tests/vectors/payload.txt: kind and payload."""
    for line in (TOP / "tests" / "vectors" / "payload.txt").read_text().splitlines():
        cells = line.split("|")
        if not line.startswith("#") and len(cells) == 3:
            yield cells[1].split()[0], cells[2].strip()


@pytest.mark.parametrize("kind, payload", payload_vectors())
def test_vectors_obey_the_schemas(kind, payload):
    value = json.loads(payload)
    schema_check(kind, value)
    for key in value:
        with pytest.raises(jsonschema.ValidationError):
            schema_check(kind, {k: v for k, v in value.items() if k != key})
    with pytest.raises(jsonschema.ValidationError):
        schema_check(kind, {**value, "badge": "04A1B2C3D4E5F6"})


@pytest.mark.parametrize("kind, key, words", [
    ("event", "type", "event_type"), ("event", "reason", "reason"),
    ("private-event", "type", "event_type"), ("private-event", "reason", "reason"),
    ("event", "result", "result"), ("private-event", "result", "result"),
    ("door", "lock", "lock_state"), ("door", "contact", "contact_state"),
    ("door", "alarm", "door_alarm"), ("reader", "state", "reader_state"),
    ("room", "state", "room_state"),
])
def test_schemas_have_the_words_of_the_house(kind, key, words):
    source = (TOP / "daemon" / "core" / "words.c").read_text()
    table = re.search(rf"DEFINE_WORDS\({words}, .*?\}}\);", source, re.DOTALL)[0]
    in_schema = [word for word in SCHEMAS[kind]["properties"][key]["enum"] if word is not None]
    assert in_schema == re.findall(r'= "(\w+)"', table)


def test_what_is_published_obeys_the_schemas(running):
    running.peer.send(wire.occupancy(count=41, capacity=40), wire.door("back", alarm="fire"),
                      wire.reader("exit", "faulty"), wire.greeting(), wire.room(),
                      wire.room(state="busy", until=wire.AT, following=(wire.AT, wire.AT + 1, "")))
    for seq, (kind, result) in enumerate(itertools.product(wire.TYPES, wire.RESULTS), 1):
        running.peer.send(wire.event(seq, kind=kind, result=result, reason=wire.UNKNOWN_BADGE,
                                     member=0, name="", direction=None))
        running.peer.expect(ACK, seq)
    running.wait_event(seq, "private/event")
    checked = set()
    for message in running.broker.messages.items:
        kind = message.topic.removeprefix(f"{SITE}/")
        kind = {"private/event": "private-event"}.get(kind, kind.split("/")[0])
        checked.add(kind)
        if kind == "status":
            assert message.payload in ("online", "offline")
        else:
            schema_check(kind, message.payload)
            assert "\n" not in message.raw
    assert checked == {"status", *SCHEMAS}
