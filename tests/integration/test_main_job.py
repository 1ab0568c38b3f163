# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: a badge at the reader, the decision, the record, the relay, the broker."""

import json

import pytest

from rig.cantine import Cantine, CommandFailed
from rig.program import Program
from rig.waiting import wait_until

ADA, BOB, STRANGER, PHONE = "04A1B2C3D4E5F6", "D3C4B5A6", "04DEADBEEF0001", "08A1B2C3"
TYPE_B = "1A2B3C4D"


def access_on_mqtt(cantine, seen=0, topic="event"):
    return cantine.broker.messages.wait(
        lambda m: m[0] == f"cantine/amiens/{topic}" and m[1]["type"] == "access", seen,
        what="an access event")[1]


def occupancy_is(cantine, count):
    wait_until(lambda: (cantine.broker.retained("cantine/amiens/occupancy") or {}).get("count")
               == count, what=f"occupancy {count}")


def test_granted(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    frames = len(cantine.relay.frames)
    tap, line = cantine.tap(ADA)

    on = cantine.relay.wait(True, frames)
    off = cantine.relay.wait(False, frames)
    assert on.raw == bytes.fromhex("A00101A2") and off.raw == bytes.fromhex("A00100A1")
    assert on.at > tap.put
    assert 290_000 < off.at - on.at < 1_000_000  # unlock=300ms, and the machine's own delays
    assert "granted" in line and ADA not in line

    event = access_on_mqtt(cantine)
    assert event["result"] == "granted" and event["reason"] == "ok"
    assert event["door"] == "front" and event["reader"] == "entrance"
    assert event["direction"] == "in" and event["historical"] is False
    assert "member_id" not in event and ADA not in json.dumps(event)
    private = access_on_mqtt(cantine, topic="private/event")
    assert private["member_id"] == ada and private["member_name"] == "Ada Lovelace"
    occupancy_is(cantine, 1)
    types = [row["type"] for row in cantine.journal() if row["member"] == ada]
    assert types == ["access", "entered"]


def test_record_is_there_before_the_relay_moves(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    frames = len(cantine.relay.frames)
    cantine.reader_device.tap(ADA)
    cantine.relay.wait(True, frames)
    cantine.cantined.kill()
    rows = [row for row in cantine.journal() if row["type"] == "access"]
    assert len(rows) == 1 and rows[0]["result"] == "granted"


def test_a_badge_of_type_b_opens(cantine):
    """ISO/IEC 14443-B: its PUPI is its number; one that is another at each time is nobody's."""
    cantine.add_member("Ada Lovelace", TYPE_B)
    seen = len(cantine.broker.messages)
    cantine.tap(TYPE_B, "--kind", "type-b", "--for", "500ms")
    assert access_on_mqtt(cantine, seen)["result"] == "granted"
    seen = len(cantine.broker.messages)
    cantine.tap("random", "--kind", "type-b", "--for", "500ms")
    assert access_on_mqtt(cantine, seen)["reason"] == "weak_badge"


def test_refused(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.add_member("Bob", BOB)
    cantine.ctl("member", "suspend", "Bob")
    frames = len(cantine.relay.frames)
    for uid, reason in ((STRANGER, "unknown_badge"), (PHONE, "weak_badge"),
                        (BOB, "member_suspended")):
        seen = len(cantine.broker.messages)
        cantine.tap(uid)
        event = access_on_mqtt(cantine, seen)
        assert (event["result"], event["reason"]) == ("refused", reason)
    assert len(cantine.relay.frames) == frames
    occupancy_is(cantine, 0)
    journal = (cantine.directory / "journal.db").read_bytes() + \
        (cantine.directory / "journal.db-wal").read_bytes()
    assert STRANGER.encode() not in journal and bytes.fromhex(STRANGER) not in journal


def test_edit_by_any_tool_holds_at_the_next_tap(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    for statement, outcome in (
            ("UPDATE badge SET status = 'lost'", "refused (badge_lost)"),
            ("UPDATE badge SET status = 'active'", "granted"),
            ("UPDATE member SET valid_until = '2020-01-01'", "refused (member_expired)"),
            ("UPDATE member SET valid_until = NULL, status = 'left'", "refused (member_left)"),
            ("DELETE FROM badge", "refused (unknown_badge)"),
            ("UPDATE member SET status = 'active'; "
             f"INSERT INTO badge (uid, member) SELECT '{ADA}', id FROM member", "granted")):
        cantine.sql(statement)
        _, line = cantine.tap(ADA)
        assert outcome in line, statement


def test_toggle_and_counting_once(tmp_path):
    with Cantine(tmp_path, direction="toggle") as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        cantine.add_member("Bob", BOB)
        for uid, count in ((ADA, 1), (BOB, 2), (ADA, 1), (ADA, 2), (BOB, 1), (ADA, 0)):
            cantine.tap(uid)
            occupancy_is(cantine, count)


def test_the_same_presentation_is_decided_once(tmp_path):
    with Cantine(tmp_path, repeat_after="1min") as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        cantine.add_member("Bob", BOB)
        cantine.tap(ADA)
        cantine.reader_device.tap(ADA)
        cantine.tap(BOB)  # decided after Ada's second presentation would have been
        granted = [row for row in cantine.journal() if row["type"] == "access"]
        assert len(granted) == 2


def test_each_grant_lengthens_the_pulse(tmp_path):
    with Cantine(tmp_path, unlock="1s") as cantine:
        cantine.add_member("Ada Lovelace", ADA)
        frames = len(cantine.relay.frames)
        cantine.tap(ADA)
        cantine.tap(ADA)
        off = cantine.relay.wait(False, frames)
        ons = [frame for frame in cantine.relay.frames.items[frames:] if frame.on]
        assert len(ons) == 2
        assert off.at - ons[1].at > 990_000


def test_unlock_by_command(cantine):
    frames = len(cantine.relay.frames)
    cantine.ctl("door", "unlock", "front", "--for", "200ms")
    on = cantine.relay.wait(True, frames)
    off = cantine.relay.wait(False, frames)
    assert 190_000 < off.at - on.at < 900_000
    rows = [row for row in cantine.journal() if row["type"] == "unlock"]
    assert len(rows) == 1 and rows[0]["door"] == "front" and rows[0]["actor"]
    with pytest.raises(CommandFailed) as refused:
        cantine.ctl("door", "unlock", "cellar")
    assert refused.value.status == 1 and "door list" in str(refused.value)


def test_log_and_occupancy(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.tap(ADA)
    cantine.tap(STRANGER)
    log = cantine.ctl_json("log")
    accesses = [row for row in log if row["type"] == "access"]
    assert [row["reason"] for row in accesses] == ["ok", "unknown_badge"]
    assert accesses[0]["member_id"] == ada and accesses[1]["member_id"] is None
    assert [row["reason"] for row in cantine.ctl_json("log", "--denied")] == ["unknown_badge"]
    assert all(row["member_id"] == ada for row in cantine.ctl_json("log", "--member", "Ada"))
    occupancy = cantine.ctl_json("occupancy")
    assert occupancy == cantine.broker.retained("cantine/amiens/occupancy")
    assert (occupancy["count"], occupancy["capacity"], occupancy["free"]) == (1, 40, 39)
    doors = cantine.ctl_json("door", "list")
    assert doors[0]["name"] == "front"


def test_presence_outlives_a_crash(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.tap(ADA)
    occupancy_is(cantine, 1)
    cantine.cantined.kill()
    cantine.start_cantined()
    wait_until(lambda: cantine.ctl_json("occupancy")["count"] == 1, what="the count")


def test_second_cantined_is_sent_away(cantine):
    second = Program("cantined", "--config", cantine.configuration).start()
    second.wait_line("another cantined runs")
    assert second.process.wait(10) == 1
    assert cantine.cantined.running
    cantine.add_member("Ada Lovelace", ADA)
    assert "granted" in cantine.tap(ADA)[1]


def test_somebody_who_tries_badge_after_badge(cantine):
    """Ten strangers' answers within 30 s: then nobody is read there; one event an episode."""
    cantine.add_member("Ada Lovelace", ADA)
    for i in range(10):
        assert "unknown_badge" in cantine.tap(f"04DEADBEEF{i:04X}")[1]
    assert "throttled" in cantine.tap(ADA)[1]
    frames = len(cantine.relay.frames)
    cantine.reader_device.tap("04DEADBEEF00FF")
    cantine.reader_device.tap(ADA)
    cantine.ctl("door", "unlock", "front")  # recorded after whatever the taps would have brought
    cantine.relay.wait(True, frames)
    reasons = [row["reason"] for row in cantine.journal() if row["type"] == "access"]
    assert reasons == ["unknown_badge"] * 10 + ["throttled"]


def test_full(tmp_path):
    with Cantine(tmp_path, capacity=1, extra="") as cantine:
        text = cantine.configuration.read_text()
        cantine.configuration.write_text(text.replace("capacity=1", "capacity=1\nwhen_full=deny"))
        cantine.cantined.process.send_signal(1)  # SIGHUP
        cantine.cantined.wait_line("the configuration was read again")
        cantine.cantined.wait_line("reader entrance: ready", len(cantine.cantined.lines) - 1)
        cantine.add_member("Ada Lovelace", ADA)
        cantine.add_member("Bob", BOB)
        assert "granted" in cantine.tap(ADA)[1]
        assert "refused (full)" in cantine.tap(BOB)[1]
        assert "granted" in cantine.tap(ADA)[1], "who is counted already"
        assert cantine.ctl_json("why", BOB)["reason"] == "full"
        assert cantine.ctl_json("why", ADA)["result"] == "granted"
        occupancy_is(cantine, 1)
        assert cantine.ctl_json("occupancy")["full"] is True
