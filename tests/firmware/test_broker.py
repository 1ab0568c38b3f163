# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker as firmware-config/ sets it up: a real mosquitto with those files, and real clients."""

import re
import subprocess
import urllib.request

import pytest

from rig.broker import free_port
from rig.card import Card
from rig.house import Client, House
from rig.program import BUILD
from rig.waiting import DEADLINE

PUBLIC = ["status", "occupancy", "door/front", "reader/entrance", "room/salle", "event", "greeting", "spaceapi"]
SECRET = ["private/event", "private/anything", "private/event/more", "else"]
TOPICS = [f"cantine/{site}/{topic}" for site in ("amiens", "lyon") for topic in PUBLIC + SECRET]
LAST = "cantine/amiens/status"


def topics_seen(house, reader):
    """What this reader gets of everything that the publisher says; a last one, which anybody may read, says
    when all have come."""
    publisher = house.client("cantine")
    reader.subscribe("#", "cantine/#", *TOPICS, LAST)
    for topic in TOPICS:
        publisher.publish(topic)
    publisher.publish("cantine/end/status")
    reader.messages.wait(lambda topic: topic == "cantine/end/status")
    publisher.close()
    reader.close()
    return set(reader.messages.items) - {"cantine/end/status"}


def house_in(directory):
    """A house on a card of its own, dark."""
    card = Card(directory / "card")
    card.make("install", "MODEL=pi4")
    return House(card)


@pytest.fixture
def house(tmp_path):
    with house_in(tmp_path) as it:
        yield it


ALLOWED = {f"cantine/{site}/{topic}" for site in ("amiens", "lyon") for topic in PUBLIC}


@pytest.mark.parametrize("web", [False, True])
def test_the_lobby_reads_what_is_public(house, web):
    assert topics_seen(house, house.client(web=web)) == ALLOWED


@pytest.mark.parametrize("user", ["lobby", "homeassistant"])
def test_users_read_what_is_public(tmp_path, user):
    house = house_in(tmp_path)
    house.user_add(user)
    with house:
        expected = ALLOWED if user == "lobby" else {topic for topic in ALLOWED if "greeting" not in topic}
        assert topics_seen(house, house.client(user)) == expected


def test_staff_reads_everything(tmp_path):
    house = house_in(tmp_path)
    house.user_add("staff")
    with house:
        assert topics_seen(house, house.client("staff", web=True)) == set(TOPICS)


def test_mosquitto_sub_gets_no_names(house):
    """Debian's own client, as somebody curious would use it: it waits for one message and gets the public one."""
    curious = subprocess.Popen(["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(house.port), "-C", "1",
                                "-W", str(int(DEADLINE)), "-v", "-d", "-t", "cantine/amiens/private/event",
                                "-t", "cantine/amiens/event"], stdout=subprocess.PIPE, text=True)
    assert any("Subscribed" in line for line in iter(curious.stdout.readline, ""))
    publisher = house.client("cantine")
    publisher.publish("cantine/amiens/private/event")
    publisher.publish("cantine/amiens/event")
    rest, _ = curious.communicate(timeout=DEADLINE)
    publisher.close()
    assert "cantine/amiens/event x" in rest and "private/event x" not in rest


@pytest.mark.parametrize("user, web", [(None, False), (None, True), ("lobby", True), ("staff", False),
                                       ("homeassistant", False)])
def test_nobody_but_the_publisher_writes(tmp_path, user, web):
    house = house_in(tmp_path)
    if user:
        house.user_add(user)
    with house:
        witness = house.client(web=True)
        witness.subscribe(*(f"cantine/amiens/{topic}" for topic in PUBLIC), "cantine/end/status")
        intruder = house.client(user, web)
        for topic in PUBLIC:
            intruder.publish(f"cantine/amiens/{topic}", retain=True)
        intruder.close()
        publisher = house.client("cantine")
        publisher.publish("cantine/end/status")
        witness.messages.wait(lambda _: True)
        for client in (publisher, witness):
            client.close()
        assert witness.messages.items == ["cantine/end/status"]


def test_home_assistant_and_the_publisher_talk(tmp_path):
    house = house_in(tmp_path)
    house.user_add("homeassistant")
    with house:
        publisher = house.client("cantine").subscribe("homeassistant/status", "homeassistant/other")
        assistant = house.client("homeassistant").subscribe("homeassistant/#")
        publisher.publish("homeassistant/device/cantine-amiens/config")
        assistant.messages.wait(lambda topic: topic == "homeassistant/device/cantine-amiens/config")
        assistant.publish("homeassistant/other")
        assistant.publish("homeassistant/status")
        publisher.messages.wait(lambda topic: topic == "homeassistant/status")
        assert publisher.messages.items == ["homeassistant/status"]
        for client in (publisher, assistant):
            client.close()


@pytest.mark.parametrize("web", [False, True])
def test_a_wrong_password(house, web):
    client = Client(house.web if web else house.port, "cantine", "guessed", web)
    assert client.code == 5, "not authorised (MQTT 3.1.1, 3.2.2.3)"
    client.close()


def test_the_page_and_only_the_page(tmp_path):
    house = house_in(tmp_path)
    house.card.write("usr/share/cantine/lobby/index.html", (BUILD / "lobby/index.html").read_text())
    with house:
        page = urllib.request.urlopen(f"http://127.0.0.1:{house.web}/?site=amiens", timeout=DEADLINE).read()
        assert page == (BUILD / "lobby/index.html").read_bytes()
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{house.web}/../../../../etc/cantine/mqtt-password",
                                   timeout=DEADLINE)


def commands_of(example):
    """The commands of the example's head, as one would type them."""
    text = "\n".join(line[4:] for line in example.splitlines() if line.startswith("#   "))
    return text[text.index("openssl req -x509"):]


def test_tls(tmp_path):
    """The example's own commands make the certificates; who has the authority's reads and writes, encrypted."""
    house = house_in(tmp_path)
    card = house.card
    example = card.read("etc/mosquitto/cantine-tls.conf.example")
    for folder in ("certs", "ca_certificates"):
        (card.root / "etc/mosquitto" / folder).mkdir()
    commands = re.sub(r"chgrp mosquitto \S+ && ", "", commands_of(example)).replace("HOST", "localhost")
    commands = re.sub(r"(?<= )/(etc/|tmp/)", f"{card.root}/\\1", commands).replace("/tmp/cantine.csr", "/cantine.csr")
    done = subprocess.run(["sh", "-euc", commands], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    port = free_port()
    listener = re.sub(r"(?<= )/etc/", f"{card.root}/etc/", example).replace("listener 8883", f"listener {port}")
    house.configuration.write_text(house.configuration.read_text() + listener)
    with house:
        reader = house.client().subscribe(LAST)
        publish = ["mosquitto_pub", "-h", "localhost", "-p", str(port), "-t", LAST, "-m", "x", "-q", "1",
                   "-u", "cantine", "-P", house.password]
        trusted = ["--cafile", f"{card.root}/etc/mosquitto/ca_certificates/cantine.crt"]
        subprocess.run([*publish, *trusted], check=True, timeout=DEADLINE)
        reader.messages.wait(lambda topic: topic == LAST)
        reader.close()
        assert subprocess.run([*publish, "--capath", "/etc/ssl/certs"], capture_output=True, timeout=DEADLINE,
                              check=False).returncode != 0, "nobody else vouches for this broker"
