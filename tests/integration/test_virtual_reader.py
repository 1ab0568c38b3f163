# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own libnfc programs on the virtual reader: what they see is what a test put down."""

import os
import re
import select
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig.virtual_reader import DEADLINE, PROGRAM, ReaderError, VirtualReader  # noqa: E402

# Activation and the answer's way over a line of 115200 baud, in µs: no reading can be faster.
FLOOR = {"01020304": 2400, "04A1B2C3D4E5F6": 4450, "01020304050607080910": 6500}


@pytest.fixture
def reader(tmp_path):
    with VirtualReader(tmp_path) as it:
        yield it


def environment(reader):
    return {**os.environ, "LIBNFC_DEVICE": reader.device}


def nfc_list(reader):
    """The badges that nfc-list sees: (atqa, uid, sak, ats) in hex."""
    done = subprocess.run(["nfc-list"], env=environment(reader), capture_output=True, text=True,
                          timeout=DEADLINE, check=True)
    assert "opened" in done.stdout, done.stderr
    badges = []
    for block in done.stdout.split("target:\n")[1:]:
        facts = {name: value.replace(" ", "").upper()
                 for name, value in re.findall(r"(ATQA|UID|SAK|ATS)[^:\n]*: ([0-9a-f ]+)", block)}
        badges.append((facts["ATQA"], facts["UID"], facts["SAK"], facts.get("ATS")))
    return badges


class Poll:
    """A running nfc-poll."""

    def __init__(self, reader):
        # nfc-poll buffers what it prints unless it is told not to.
        self.process = subprocess.Popen(["stdbuf", "-oL", "nfc-poll"], env=environment(reader),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = b""
        self.wait_for("will poll during")

    def wait_for(self, text):
        """Reads up to the line that contains `text` and returns it; fails after the deadline."""
        out, end = self.process.stdout.fileno(), time.monotonic() + DEADLINE
        while True:
            while b"\n" in self.said:
                line, self.said = self.said.split(b"\n", 1)
                if text in line.decode():
                    return line.decode()
            left = max(0, end - time.monotonic())
            assert select.select([out], [], [], left)[0], f"never said {text!r}"
            more = os.read(out, 4096)
            assert more, f"nfc-poll ended before it said {text!r}"
            self.said += more

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize(
    "uid, options, seen",
    [
        ("de:ad:be:ef", [], ("0004", "DEADBEEF", "08", None)),
        ("04 a1 b2 c3 d4 e5 f6", [], ("0044", "04A1B2C3D4E5F6", "00", None)),
        ("01020304050607080910", [], ("0384", "01020304050607080910", "20", "7577810280")),
        ("04A1B2C3D4E5F6", ["--kind", "desfire"], ("0344", "04A1B2C3D4E5F6", "20", "7577810280")),
        ("04A1B2C3D4E5F6", ["--atqa", "0042", "--sak", "18"],
         ("0042", "04A1B2C3D4E5F6", "18", None)),
        ("04A1B2C3D4E5F6", ["--sak=60", "--ats=75 33 92 03"],
         ("0044", "04A1B2C3D4E5F6", "60", "75339203")),
    ],
)
def test_nfc_list_sees_the_badge(reader, uid, options, seen):
    reader.put(uid, *options)
    assert nfc_list(reader) == [seen]


def test_nfc_list_sees_type_b(reader):
    reader.put("1A2B3C4D", "--kind", "type-b")
    done = subprocess.run(["nfc-list"], env=environment(reader), capture_output=True, text=True,
                          timeout=DEADLINE, check=True)
    assert re.search(r"ISO/IEC 14443-4 ?B.*\n\s*PUPI: 1a  2b  3c  4d", done.stdout), done.stdout
    assert "UID" not in done.stdout


def test_type_b_has_four_bytes(reader):
    with pytest.raises(ReaderError, match="type B has 4 bytes"):
        reader.put("04A1B2C3D4E5F6", "--kind", "type-b")


def test_nfc_list_sees_nothing(reader):
    assert nfc_list(reader) == []


def test_nfc_list_sees_two_badges(reader):
    reader.put("DEADBEEF")
    reader.put("04A1B2C3D4E5F6")
    assert {uid for _, uid, _, _ in nfc_list(reader)} == {"DEADBEEF", "04A1B2C3D4E5F6"}


def test_a_badge_taken_away_is_gone(reader):
    reader.put("DEADBEEF")
    reader.take("deadbeef")
    assert nfc_list(reader) == []


def test_random_uid_changes(reader):
    reader.put("random")
    uids = [nfc_list(reader)[0][1] for _ in range(3)]
    assert all(re.fullmatch("08[0-9A-F]{6}", uid) for uid in uids)
    assert len(set(uids)) == 3


def test_diagnose(reader):
    done = subprocess.run(["pn53x-diagnose"], env=environment(reader), capture_output=True,
                          text=True, timeout=DEADLINE, check=True)
    assert done.stdout.count(": OK") == 3


@pytest.mark.parametrize("uid, options", [
    ("01020304", []),                             # presence by selecting again
    ("04A1B2C3D4E5F6", []),                       # presence by READ
    ("04A1B2C3D4E5F6", ["--kind", "desfire"]),    # presence by R(NAK)
])
def test_nfc_poll_sees_a_badge_come_and_go(reader, uid, options):
    with Poll(reader) as poll:
        reader.put(uid, *options)
        assert poll.wait_for("UID").split(":")[1].replace(" ", "").strip().upper() == uid
        poll.wait_for("SAK")
        reader.take()
        poll.wait_for("done.")
        assert poll.process.wait(DEADLINE) == 0


@pytest.mark.parametrize("kind", ["classic", "ntag", "desfire"])
def test_presence_is_seen_for_as_long_as_the_badge_stays(reader, kind):
    with Poll(reader) as poll:
        reader.put("04A1B2C3D4E5F6", "--kind", kind)
        poll.wait_for("SAK")
        reader.tap("DEADBEEF", "--for", "1s")  # a second passes
        assert poll.process.poll() is None
        reader.take()
        poll.wait_for("done.")


def test_unplug_ends_a_poll_and_replug_heals(reader):
    reader.put("DEADBEEF")
    reader.take()
    with Poll(reader) as poll:
        reader.unplug()
        assert poll.process.wait(DEADLINE) != 0
    assert not reader.link.is_symlink()
    assert reader.tap("DEADBEEF", "--for", "100ms").read is None
    reader.put("DEADBEEF")
    reader.replug()
    assert [badge[1] for badge in nfc_list(reader)] == ["DEADBEEF"]


def test_a_killed_host_leaves_a_working_reader(reader):
    """Its poll is still pending, for ever; the next host's first command cancels it."""
    with Poll(reader):
        pass
    reader.put("DEADBEEF")
    assert [badge[1] for badge in nfc_list(reader)] == ["DEADBEEF"]


@pytest.mark.parametrize("uid", FLOOR)
def test_no_reading_is_faster_than_physics(reader, uid):
    with Poll(reader):
        tap = reader.tap(uid)
    assert tap.uid == uid
    assert FLOOR[uid] <= tap.read - tap.put
    assert tap.read <= tap.taken and tap.taken - tap.put >= 200_000


def test_a_tap_that_nobody_reads(reader):
    tap = reader.tap("DEADBEEF", "--for", "50ms")
    assert tap.read is None and 50_000 <= tap.taken - tap.put
    assert reader.list() == "list 0 plugged"


def test_bytes_take_their_time(reader, tmp_path):
    """An echo of 250 bytes at 9600 baud, a millisecond and more for each byte, there and back."""
    frame = bytes([0xD4, 0x00, 0x00]) + bytes(247)
    head = bytes([0, 0, 0xFF, len(frame), -len(frame) & 0xFF])
    frame = head + frame + bytes([-sum(frame) & 0xFF, 0])
    with VirtualReader(tmp_path, "slow", speed=9600) as slow:
        fd = os.open(slow.link, os.O_RDWR | os.O_NOCTTY)
        try:
            begin = time.monotonic()
            os.write(fd, b"\x55\x55" + bytes(14) + frame)
            answer = b""
            while len(answer) < 6 + len(frame):
                assert select.select([fd], [], [], DEADLINE)[0]
                answer += os.read(fd, 512)
            took = time.monotonic() - begin
        finally:
            os.close(fd)
    assert answer[:6] == bytes([0, 0, 0xFF, 0, 0xFF, 0])
    assert answer[6 + 5:6 + 7] == bytes([0xD5, 0x01])
    assert took >= (16 + len(frame) + 6 + len(frame)) * 10 / 9600 - 0.003


def test_two_readers_at_once(tmp_path):
    with VirtualReader(tmp_path, "in") as one, VirtualReader(tmp_path, "out") as other:
        one.put("DEADBEEF")
        other.put("04A1B2C3D4E5F6")
        assert [badge[1] for badge in nfc_list(one)] == ["DEADBEEF"]
        assert [badge[1] for badge in nfc_list(other)] == ["04A1B2C3D4E5F6"]


@pytest.mark.parametrize("words, status, said", [
    (["put", "DEADBE"], 2, "4, 7 or 10 bytes"),
    (["put", "nonsense"], 2, "4, 7 or 10 bytes"),
    (["put", "DEADBEEF", "--kind", "spoon"], 2, "spoon"),
    (["put", "DEADBEEF", "--sak", "8"], 2, "SAK"),
    (["put", "DEADBEEF", "--ats", "75"], 2, "--sak 20"),
    (["put", "DEADBEEF", "--ats", "00" * 33], 2, "at most 32"),
    (["put", "DEADBEEF", "--for", "1s"], 2, "--for"),
    (["put", "DE" * 300], 2, "too long"),
    (["put"], 2, "UID"),
    (["tap", "DEADBEEF", "--for", "soon"], 2, "200ms"),
    (["tap", "DEADBEEF", "--for"], 2, "no value"),
    (["fault"], 2, "unknown fault"),
    (["fault", "spoon"], 2, "spoon"),
    (["fault", "mute", "--command", "4"], 2, "4A"),
    (["fault", "mute", "--count", "0"], 2, "count"),
    (["fault", "mute", "--count", "many"], 2, "count"),
    (["fault", "late", "--by", "soon"], 2, "400ms"),
    (["fault", "mute", "--sak", "08"], 2, "no badge"),
    (["put", "DEADBEEF", "--count", "1"], 2, "belong to fault"),
    (["heal", "all"], 2, "heal"),
    (["fetch"], 2, "fetch"),
    (["list", "all"], 2, "list"),
    (["take"], 1, "no such badge"),
    (["take", "DEADBEEF"], 1, "no such badge"),
    (["replug"], 1, "unplug first"),
])
def test_bad_commands_say_why(reader, words, status, said):
    with pytest.raises(ReaderError, match=said) as refused:
        reader.command(*words)
    assert refused.value.status == status
    assert re.match(r"cantine-virtual-reader: .+: .+", str(refused.value))
    assert reader.list() == "list 0 plugged"


def test_badges_are_bounded_and_distinct(reader):
    reader.put("DEADBEEF")
    with pytest.raises(ReaderError, match="already"):
        reader.put("dead beef")
    for i in range(7):
        reader.put(f"0102030{i}")
    with pytest.raises(ReaderError, match="take one away"):
        reader.put("01020308")


def test_clients_cannot_harm(reader):
    """A flood without a newline is cut off; a tap's client that leaves takes its badge along."""
    with socket.socket(socket.AF_UNIX) as flood:
        flood.connect(str(reader.control))
        flood.settimeout(DEADLINE)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while True:
                flood.sendall(b"x" * 100)
    with socket.socket(socket.AF_UNIX) as tapper, socket.socket(socket.AF_UNIX) as witness:
        tapper.connect(str(reader.control))
        tapper.sendall(b"tap DEADBEEF --for 60s\n")
        end = time.monotonic() + DEADLINE
        while reader.list() == "list 0 plugged":
            assert time.monotonic() < end
        tapper.close()
        while reader.list() != "list 0 plugged":
            assert time.monotonic() < end
        witness.connect(str(reader.control))
        witness.sendall(b"list\nlist\n")
        with witness.makefile() as answers:
            assert [answers.readline(), answers.readline()] == ["ok list 0 plugged\n"] * 2


def run(*words, **options):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=DEADLINE,
                          check=False, **options)


def test_a_second_reader_does_not_steal(reader, tmp_path):
    done = run("serve", "--link", tmp_path / "other", "--control", reader.control)
    assert done.returncode == 1 and "choose another --control" in done.stderr
    (tmp_path / "file").write_text("mine")
    done = run("serve", "--link", tmp_path / "file", "--control", tmp_path / "s")
    assert done.returncode == 1 and "choose another --link" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert reader.list() == "list 0 plugged"


def test_what_a_killed_reader_left_behind_is_replaced(tmp_path):
    dead = VirtualReader(tmp_path).start()
    dead.process.kill()
    dead.process.communicate()
    assert dead.link.is_symlink() and dead.control.exists()
    with VirtualReader(tmp_path) as reader:
        reader.put("DEADBEEF")
        assert nfc_list(reader)[0][1] == "DEADBEEF"


def test_the_end_leaves_nothing(tmp_path):
    reader = VirtualReader(tmp_path).start()
    assert reader.stop() == 0
    assert list(tmp_path.iterdir()) == []


def seconds_of_cpu(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_fault_is_counted_and_healed(reader):
    """The first InListPassiveTarget of nfc-list is the one for type A."""
    reader.put("DEADBEEF")
    reader.command("fault", "no-answer", "--command", "4A", "--count", "1")
    assert nfc_list(reader) == []
    assert reader.command("heal")[:3] == ["heal", "spoilt", "1"]
    assert len(nfc_list(reader)) == 1
    reader.command("fault", "mute")
    done = subprocess.run(["nfc-list"], env=environment(reader), capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert "opened" not in done.stdout
    assert int(reader.command("heal")[2]) > 0
    assert len(nfc_list(reader)) == 1


def test_an_idle_reader_sleeps(reader):
    """It wakes for nothing, be there a host that waits for a badge or none: under 2 % of a core."""
    with Poll(reader):
        before = seconds_of_cpu(reader.process)
        reader.tap("DEADBEEF", "--for", "1s")
        assert seconds_of_cpu(reader.process) - before <= 0.04
    reader.tap("DEADBEEF", "--for", "1s")
    assert seconds_of_cpu(reader.process) - before <= 0.08


def test_help_and_version():
    shown = run("--help")
    assert shown.returncode == 0
    for word in ("serve", "put", "take", "tap", "list", "unplug", "replug", "fault",
                 "heal", "CANTINE_VIRTUAL_READER"):
        assert word in shown.stdout
    assert run("--version").stdout.startswith("cantine-virtual-reader ")
    for wrong in ([], ["serve"], ["--speed", "fast", "serve"], ["--spoon"], ["list"]):
        done = run(*wrong, env={"PATH": os.environ["PATH"]})
        assert done.returncode == 2 and re.match(r"cantine-virtual-reader: .+: .+", done.stderr)
