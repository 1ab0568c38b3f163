# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and greetings, from the records to MQTT: bookings written by any tool, taps by members."""

import json
import socket
import struct
import time
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from rig import cantined_peer as wire
from rig.cantine import Cantine
from rig.waiting import wait_until

SITE = "cantine/amiens"
ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04A1B2C3D4E5F7", "04DEADBEEF0001"
SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "mqtt"
HOUR = 3600
ROOMS_MOST = 64


def check(kind, payload):
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text())
    jsonschema.validate(payload, schema, cls=jsonschema.Draft202012Validator)
    return payload


def rfc3339(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def is_today(seconds):
    paris = ZoneInfo("Europe/Paris")
    return datetime.fromtimestamp(seconds, paris).date() == datetime.now(paris).date()


def room(cantine, resource, /, **expected):
    """Waits until the room is as expected; its payload."""
    def as_expected():
        payload = cantine.broker.retained(f"{SITE}/room/{resource}")
        return payload and expected.items() <= payload.items() and payload

    return check("room", wait_until(as_expected, what=f"room {resource} {expected}"))


def book(cantine, resource, starts, ends, title="", public=1):
    """A booking from `starts` to `ends`, in seconds from now; those as times."""
    now = int(time.time())
    cantine.sql("INSERT INTO booking(resource, member, starts_at, ends_at, title, public) "
                f"VALUES ('{resource}', 1, {now + starts}, {now + ends}, '{title}', {public})")
    return now + starts, now + ends


@pytest.fixture
def spaces(cantine):
    """With a member and a room."""
    cantine.sql("INSERT INTO member(name, plan) VALUES ('Ada Lovelace', 'resident');"
                "INSERT INTO resource(id, name) VALUES ('bleue', 'Salle bleue')")
    room(cantine, "bleue", name="Salle bleue", state="free", until=None, title=None, next=None)
    return cantine


# --- rooms ----------------------------------------------------------------------------------------


def test_a_booking_makes_it_busy_and_a_cancellation_free(spaces):
    edited = time.monotonic()
    _, ends = book(spaces, "bleue", -60, HOUR, "Yoga")
    room(spaces, "bleue", state="busy", until=rfc3339(ends), title="Yoga", next=None)
    assert time.monotonic() - edited < 3
    spaces.sql("UPDATE booking SET status = 'cancelled'")
    room(spaces, "bleue", state="free", until=None, title=None, next=None)


def test_what_comes_next(spaces):
    starts, ends = book(spaces, "bleue", HOUR, 2 * HOUR, "Conseil")
    following = {"starts_at": rfc3339(starts), "ends_at": rfc3339(ends), "title": "Conseil"}
    room(spaces, "bleue", state="free", next=following,
         until=rfc3339(starts) if is_today(starts) else None)
    _, end = book(spaces, "bleue", -60, 600, "Yoga")
    room(spaces, "bleue", state="busy", until=rfc3339(end), title="Yoga", next=following)
    spaces.sql("UPDATE booking SET ends_at = (SELECT max(starts_at) FROM booking) WHERE title = 'Yoga'")
    room(spaces, "bleue", state="busy", until=rfc3339(starts), next=following)


def test_a_private_booking_keeps_its_title(spaces):
    _, ends = book(spaces, "bleue", -60, HOUR, "Secret", public=0)
    starts, end = book(spaces, "bleue", 2 * HOUR, 3 * HOUR, "Conspiration", public=0)
    room(spaces, "bleue", state="busy", until=rfc3339(ends), title=None,
         next={"starts_at": rfc3339(starts), "ends_at": rfc3339(end), "title": None})
    spaces.sql("UPDATE booking SET public = 1 WHERE title = 'Secret'")
    room(spaces, "bleue", title="Secret")
    published = "".join(m.raw for m in spaces.broker.messages.items)
    assert "Conspiration" not in published
    assert "Ada" not in published, "who has booked is nobody's business"


def test_time_goes_by(spaces):
    """Nobody edits anything: the booking begins and ends by itself."""
    starts, ends = book(spaces, "bleue", 3, 5, "Yoga")
    for state, moment in (("free", starts - 3), ("busy", starts), ("free", ends)):
        room(spaces, "bleue", state=state, title="Yoga" if state == "busy" else None,
             next=None if moment >= starts else {"starts_at": rfc3339(starts),
                                                 "ends_at": rfc3339(ends), "title": "Yoga"})
        assert moment <= time.time() < moment + 3
    told = [m for m in spaces.broker.messages.items if m.topic == f"{SITE}/room/bleue"]
    assert len(told) == 4, "said when it changes, and only then"


def test_desks_and_the_space_too_and_what_they_are_called(spaces):
    spaces.sql("INSERT INTO resource(id, name, kind) VALUES ('bureau-1', 'Bureau 1', 'desk'),"
               " ('tout', 'L''espace', 'space')")
    room(spaces, "bureau-1", name="Bureau 1", state="free")
    room(spaces, "tout", name="L'espace", state="free")
    spaces.sql("UPDATE resource SET name = 'Salle <b>verte</b>' WHERE id = 'bleue'")
    room(spaces, "bleue", name="Salle <b>verte</b>")


def cleared(cantine, name):
    wait_until(lambda: cantine.broker.retained(f"{SITE}/room/{name}") == "", what=f"no room {name}")
    last = [m for m in cantine.broker.messages.items if m.topic == f"{SITE}/room/{name}"][-1]
    assert last.raw == "" and last.retain


def test_a_deleted_room_is_cleared(spaces):
    spaces.sql("INSERT INTO resource(id, name) VALUES ('verte', 'Salle verte')")
    room(spaces, "verte")
    spaces.sql("DELETE FROM resource WHERE id = 'verte'")
    cleared(spaces, "verte")
    spaces.sql("UPDATE resource SET id = 'rouge' WHERE id = 'bleue'")
    cleared(spaces, "bleue")
    room(spaces, "rouge", name="Salle bleue")
    spaces.sql("INSERT INTO resource(id, name) VALUES ('bleue', 'La nouvelle')")
    room(spaces, "bleue", name="La nouvelle")


def test_deleted_while_the_publisher_is_away(spaces):
    spaces.publisher.kill()
    seen = len(spaces.cantined.lines)
    spaces.sql("DELETE FROM resource")
    spaces.cantined.wait_line("records have changed", seen)
    spaces.start_publisher()
    cleared(spaces, "bleue")


def test_rooms_come_afresh_after_an_outage(spaces):
    spaces.broker.stop()
    spaces.publisher.wait_line("out of reach")
    _, ends = book(spaces, "bleue", -60, HOUR, "Yoga")
    spaces.broker.start()
    room(spaces, "bleue", state="busy", until=rfc3339(ends), title="Yoga")
    spaces.cantined.kill()
    spaces.sql("UPDATE booking SET title = 'Conseil'")
    spaces.start_cantined()
    room(spaces, "bleue", state="busy", title="Conseil")


def many_resources(cantine, count):
    """With the longest names and titles, now and next."""
    cantine.sql(
        "INSERT INTO member(name, plan) VALUES ('Ada', 'resident');"
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1})"
        " INSERT INTO resource(id, name, kind)"
        " SELECT printf('r%02d', i), replace(printf('%120s', ''), ' ', '🍽'), 'desk' FROM n;"
        "INSERT INTO booking(resource, member, starts_at, ends_at, title, public)"
        " SELECT id, 1, unixepoch() + hour * 3600 - 60, unixepoch() + hour * 3600 + 3540,"
        " replace(printf('%200s', ''), ' ', '🍽'), 1 FROM resource, (SELECT 0 AS hour UNION SELECT 1)")


def test_more_resources_than_are_published(cantine):
    many_resources(cantine, ROOMS_MOST + 6)
    payload = room(cantine, f"r{ROOMS_MOST - 1}", state="busy")
    assert payload["name"] == "🍽" * 120
    assert payload["title"] == payload["next"]["title"] == "🍽" * 200
    cantine.sql("UPDATE resource SET kind = 'room' WHERE id = 'r69'")
    room(cantine, "r69")
    cleared(cantine, f"r{ROOMS_MOST - 1}")
    kept = [topic for topic, payload in cantine.broker.retained_now.items() if payload
            and topic.startswith(f"{SITE}/room/")]
    assert len(kept) == ROOMS_MOST
    said = [line for line in cantine.cantined.lines.items if "more than 64 resources" in line]
    assert len(said) == 1


def test_a_publisher_that_takes_its_time_gets_every_state(cantine):
    """All rooms, as long as can be, wait in the socket."""
    many_resources(cantine, ROOMS_MOST)
    room(cantine, f"r{ROOMS_MOST - 1}", state="busy")
    cantine.publisher.stop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.connect(str(cantine.directory / "run" / "publisher.sock"))
        peer.send(wire.message(wire.HELLO, b""))
        cantine.ctl("occupancy")  # the loop goes round
        peer.settimeout(5)
        kinds = [struct.unpack_from("=HH", peer.recv(4096))[1] for _ in range(ROOMS_MOST + 3)]
    assert kinds == [wire.ROOM] * ROOMS_MOST + [wire.OCCUPANCY, wire.DOOR, wire.READER]
    assert not any("does not read" in line for line in cantine.cantined.lines.items)


# --- greetings ------------------------------------------------------------------------------------


def greetings(cantine, last):
    """All of them, once `last` has come: they come in order."""
    cantine.broker.messages.wait(
        lambda m: m.topic == f"{SITE}/greeting" and m.payload["name"] == last, what=f"hello {last}")
    came = [m for m in cantine.broker.messages.items if m.topic == f"{SITE}/greeting"]
    assert all(m.qos == 0 and not m.retain for m in came)
    return [check("greeting", m.payload) for m in came]


def test_greeting(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.add_member("Bob", BOB)
    cantine.tap(ADA)  # without a display name
    cantine.sql("UPDATE member SET display_name = 'Ada ☕' WHERE name LIKE 'Ada%'")
    cantine.tap(ADA)
    cantine.tap(STRANGER)
    cantine.tap(BOB)
    cantine.sql("UPDATE badge SET status = 'lost'; UPDATE member SET display_name = 'Refused'")
    cantine.tap(ADA)
    cantine.tap(BOB)
    cantine.sql("UPDATE badge SET status = 'active'; UPDATE member SET display_name = 'Bobby'")
    cantine.tap(BOB)
    assert greetings(cantine, "Bobby") == [{"name": "Ada ☕", "door": "front"},
                                           {"name": "Bobby", "door": "front"}]


def test_no_greeting_on_the_way_out(tmp_path):
    with Cantine(tmp_path, direction="toggle") as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        cantine.add_member("Bob", BOB)
        cantine.sql("UPDATE member SET display_name = upper(substr(name, 1, 3))")
        cantine.tap(ADA)
        cantine.tap(ADA)
        cantine.tap(BOB)
        assert [g["name"] for g in greetings(cantine, "BOB")] == ["ADA", "BOB"]


def status_is(cantine, word):
    wait_until(lambda: cantine.broker.retained(f"{SITE}/status") == word, what=word)


def accesses(cantine, count):
    """Waits for so many accesses on MQTT."""
    wait_until(lambda: sum(m.topic == f"{SITE}/event" and m.payload["type"] == "access"
                           for m in cantine.broker.messages.items) >= count,
               what=f"{count} accesses")


def test_a_missed_greeting_never_comes(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.add_member("Bob", BOB)
    cantine.sql("UPDATE member SET display_name = name || ' 1'")
    cantine.broker.stop()
    cantine.publisher.wait_line("out of reach")
    cantine.tap(ADA)
    cantine.broker.start()
    accesses(cantine, 1)
    cantine.publisher.kill()
    cantine.sql("UPDATE member SET display_name = name || ' 2'")
    cantine.tap(ADA)
    cantine.start_publisher()
    accesses(cantine, 2)
    cantine.cantined.kill()
    status_is(cantine, "offline")
    cantine.start_cantined()
    status_is(cantine, "online")
    cantine.tap(BOB)
    assert [g["name"] for g in greetings(cantine, "Bob 2")] == ["Bob 2"]
