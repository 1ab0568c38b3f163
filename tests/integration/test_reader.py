# SPDX-License-Identifier: GPL-3.0-or-later
"""cantine-reader with the real libnfc on the virtual reader, and a peer where cantined would be."""

import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import time
import tty
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig import reader_peer  # noqa: E402
from rig.reader_peer import Card, Heartbeat, ReaderPeer, State, encode_answer  # noqa: E402
from rig.virtual_reader import BUILD, VirtualReader  # noqa: E402

PROGRAM = BUILD / "cantine-reader"
ADA, BOB = "04A1B2C3D4E5F6", "11223344"
TYPE_B = ["1A2B3C4D", "--kind", "type-b"]

# Longer than two looks around for another badge beside the one that lies there.
A_WHILE = 1.5

CONFIG = """
[site]
id=amiens
name=La Cantine
[storage]
runtime_dir={directory}
[door front]
actuator=virtual
[reader entrance]
device={device}
door=front
"""


class Program:
    """One running cantine-reader; its stderr goes to a file of its own."""

    def __init__(self, directory, device, name="entrance", **popen):
        self.log = Path(directory) / f"{os.urandom(4).hex()}.log"
        config = self.log.with_suffix(".conf")
        config.write_text(CONFIG.format(directory=directory, device=device))
        with self.log.open("w") as log:
            self.process = subprocess.Popen([PROGRAM, "--config", config, name], stderr=log, **popen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def end(self):
        """Asks it to end; exit status and seconds that it took."""
        asked = time.monotonic()
        self.process.terminate()
        return self.process.wait(10), time.monotonic() - asked

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def peer(tmp_path):
    with ReaderPeer(tmp_path) as it:
        yield it


@pytest.fixture
def reader(tmp_path):
    with VirtualReader(tmp_path, "nfc") as it:
        yield it


@pytest.fixture
def program(tmp_path, reader, peer):
    """A cantine-reader that is ready and connected to `peer`."""
    with Program(tmp_path, reader.device) as it:
        assert peer.accept().name == "entrance"
        peer.expect(State, state="ready")
        yield it


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=10, check=False)


# --- started by hand ----------------------------------------------------------------------------


def test_says_what_it_is():
    assert "--config FILE" in run("--help").stdout
    assert run("--version").stdout.startswith("cantine-reader ")


@pytest.mark.parametrize("arguments", [[], ["--nonsense", "entrance"], ["entrance", "exit"]])
def test_wrong_usage_is_2(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and "cantine-reader: " in done.stderr


def test_reader_that_is_not_configured(tmp_path):
    config = tmp_path / "cantine.conf"
    config.write_text(CONFIG.format(directory=tmp_path, device="pn532_uart:/dev/none"))
    done = run("--config", config, "nowhere")
    assert done.returncode == 1
    assert "[reader nowhere]" in done.stderr and "entrance" in done.stderr


def test_broken_configuration(tmp_path):
    config = tmp_path / "cantine.conf"
    config.write_text("[site]\nidd=amiens\n")
    done = run("--config", config, "entrance")
    assert done.returncode == 1 and f"{config}:2:" in done.stderr


# --- badges -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "badge",
    [
        ["11223344"],
        ["04A1B2C3D4E5F6"],
        ["04A1B2C3D4E5F6", "--kind", "desfire"],
        ["04A1B2C3D4E5F6A7B8C9"],
        ["random"],
        ["random", "--kind", "classic"],
        ["11223344", "--kind", "type-b"],
        ["random", "--kind", "type-b"],
        ["11223344", "--atqa", "0004", "--sak", "01"],  # libnfc cannot ask this one whether it stays
    ],
    ids=" ".join,
)
def test_badge_is_reported_once_while_it_lies_there(reader, peer, program, badge):
    put = reader.put(*badge)
    card = peer.expect(Card)
    assert card.uid == badge[0] or (badge[0] == "random" and card.uid.startswith("08"))
    assert card.presentation == 1
    assert put < card.read_at < put + (400_000 if "type-b" in badge else 100_000)
    peer.answer(card.presentation)
    peer.expect_none(Card, A_WHILE)


def test_what_the_badge_says_of_itself(reader, peer, program):
    reader.tap(ADA, "--atqa", "0344", "--sak", "20", "--ats", "75778102")
    card = peer.expect(Card)
    assert (card.atqa, card.sak, card.ats) == (bytes.fromhex("0344"), 0x20, bytes.fromhex("75778102"))


def test_each_tap_is_a_presentation(reader, peer, program):
    for presentation in range(1, 4):
        tap = reader.tap(ADA)
        card = peer.expect(Card)
        assert (card.uid, card.presentation) == (ADA, presentation)
        assert tap.put < card.read_at < tap.taken
        peer.expect_none(Card, 0.3)


def test_each_tap_of_type_b_is_a_presentation(reader, peer, program):
    for presentation in range(1, 4):
        tap = reader.tap(*TYPE_B, "--for", "500ms")
        card = peer.expect(Card)
        assert (card.uid, card.presentation) == (TYPE_B[0], presentation)
        assert tap.put < card.read_at < tap.taken
        peer.expect_none(Card, 0.3)


def test_type_b_beside_a_forgotten_badge(reader, peer, program):
    reader.put(ADA)
    peer.expect(Card, uid=ADA)
    for _ in range(2):
        reader.tap(*TYPE_B, "--for", "1200ms")
        assert peer.expect(Card).uid == TYPE_B[0]
        peer.expect_none(Card, A_WHILE)


def test_next_badge_is_found_at_once(reader, peer, program):
    """One badge is lifted and another put down between two looks at the first."""
    reader.put(ADA)
    peer.expect(Card, uid=ADA)
    reader.take()
    put = reader.put(BOB)
    assert peer.expect(Card, uid=BOB).read_at < put + 250_000


@pytest.mark.parametrize("forgotten", [[ADA], [ADA, "--kind", "desfire"], [BOB], TYPE_B], ids=" ".join)
def test_forgotten_badge_keeps_nobody_out(reader, peer, program, forgotten):
    reader.put(*forgotten)
    peer.expect(Card, uid=forgotten[0])
    for _ in range(2):
        tap = reader.tap("AABBCCDD", "--for", "800ms")
        card = peer.expect(Card)
        assert card.uid == "AABBCCDD" and card.read_at < tap.put + 800_000
        peer.expect_none(Card, A_WHILE)


def test_badges_that_lie_together_are_reported_once_each(reader, peer, program):
    badges = [ADA, BOB, "AABBCCDD"]
    for badge in badges:
        reader.put(badge)
    assert sorted(peer.expect(Card).uid for _ in badges) == sorted(badges)
    peer.expect_none(Card, 2 * A_WHILE)
    reader.take()
    peer.expect_none(Card, A_WHILE)
    reader.put(BOB)
    assert peer.expect(Card).uid == BOB


# --- the device ---------------------------------------------------------------------------------


def test_unplugged_and_back(reader, peer, program):
    reader.tap(ADA)
    peer.expect(Card)
    reader.unplug()
    state = peer.expect(State, deadline=8)
    assert state.state == "absent" and str(reader.link) in state.tried
    polls = peer.expect(Heartbeat).polls
    assert peer.expect(Heartbeat, deadline=2).polls == polls
    reader.replug()
    assert peer.expect(State, deadline=10).state == "ready"
    reader.tap(ADA)
    assert peer.expect(Card).presentation == 2
    assert peer.expect(Heartbeat, deadline=2).polls > polls
    assert program.log.read_text().count("absent") == 1


def test_badge_that_lies_there_while_the_reader_is_replugged_is_no_new_one(reader, peer, program):
    reader.put(ADA)
    peer.expect(Card)
    peer.expect_none(Card, A_WHILE)
    reader.unplug()
    peer.expect(State, state="absent")
    reader.replug()
    peer.expect(State, state="ready")
    peer.expect_none(Card, A_WHILE)
    reader.take()
    peer.expect_none(Card, 0.3)
    reader.tap(ADA)
    assert peer.expect(Card).presentation == 2


def test_both_types_lay_there_before(tmp_path, reader, peer):
    reader.put(*TYPE_B)
    reader.put(ADA)
    with Program(tmp_path, reader.device):
        peer.accept()
        told = [peer.receive(5) for _ in range(5)]
    told = [m for m in told if not isinstance(m, Heartbeat)][:3]
    assert [type(m) for m in told] == [Card, Card, State]
    assert {told[0].uid, told[1].uid} == {ADA, TYPE_B[0]}


def test_badge_held_to_a_reader_that_comes_back(reader, peer, program):
    """The same badge as just before the fault, but it had only been held there: it is another time."""
    reader.tap(ADA)
    peer.expect(Card)
    reader.unplug()
    peer.expect(State, state="absent")
    reader.put(ADA)
    reader.replug()
    assert peer.expect(Card, deadline=10).presentation == 2


@pytest.mark.parametrize("badge", [[ADA], TYPE_B], ids=" ".join)
def test_badge_that_lay_there_before_is_told_before_ready(tmp_path, reader, peer, badge):
    reader.put(*badge)
    with Program(tmp_path, reader.device):
        peer.accept()
        told = [peer.receive(5) for _ in range(3)]
    told = [m for m in told if not isinstance(m, Heartbeat)][:2]
    assert [type(m) for m in told] == [Card, State] and told[0].uid == badge[0]
    assert told[1].state == "ready"


def test_chip_falls_silent(reader, peer, program):
    reader.process.send_signal(signal.SIGSTOP)
    try:
        state = peer.expect(State, deadline=8)
        assert state.state == "faulty" and reader.device in state.tried
    finally:
        reader.process.send_signal(signal.SIGCONT)
    peer.expect(State, deadline=10, state="ready")
    reader.tap(ADA)
    peer.expect(Card)


def test_line_without_a_chip(tmp_path, peer):
    """A terminal is there and swallows everything, as a reader switched to I2C does."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    termios.tcflush(slave, termios.TCIOFLUSH)
    with Program(tmp_path, f"pn532_uart:{os.ttyname(slave)}") as program:
        peer.accept()
        state = peer.expect(State, deadline=8, state="faulty")
        assert "no reader answers" in state.tried
        peer.expect(Heartbeat, deadline=4)
        assert program.cpu_seconds() < 0.3
    os.close(master)
    os.close(slave)


def test_device_that_is_not_there_costs_nothing(tmp_path, peer):
    with Program(tmp_path, f"pn532_uart:{tmp_path}/nfc") as program:
        peer.accept()
        state = peer.expect(State, tried=f"{tmp_path}/nfc is not there: plug the reader in")
        assert state.state == "absent"
        before = program.cpu_seconds()
        peer.expect_none(State, 2)
        assert program.cpu_seconds() - before < 0.05
        assert program.log.read_text().count("not there") == 1
        with VirtualReader(tmp_path, "nfc"):
            peer.expect(State, deadline=2, state="ready")


def test_two_readers_do_not_share_a_device(tmp_path, reader, peer, program):
    (tmp_path / "second").mkdir()
    with ReaderPeer(tmp_path / "second") as second_peer:
        with Program(tmp_path / "second", reader.device):
            second_peer.accept()
            state = second_peer.expect(State, deadline=2, tried=f"{reader.link} is in use by another program")
            assert state.state == "faulty"
            reader.tap(ADA)
            peer.expect(Card)
            second_peer.expect_none(Card, 0.5)
            assert program.end()[0] == 0
            second_peer.expect(State, deadline=10, state="ready")


def test_environment_and_closed_descriptors_change_nothing(tmp_path, reader, peer):
    """libnfc would take another device from the environment, and a tty as descriptor 0 as an abort."""
    environment = {**os.environ, "LIBNFC_DEVICE": "pn532_uart:/dev/none", "LIBNFC_LOG_LEVEL": "3"}
    with Program(tmp_path, reader.device, env=environment,
                 preexec_fn=lambda: os.closerange(0, 2)) as program:
        peer.accept()
        peer.expect(State, state="ready")
        reader.tap(ADA)
        peer.expect(Card, uid=ADA)
        assert "libnfc" not in program.log.read_text()
        assert {os.readlink(f"/proc/{program.process.pid}/fd/{fd}") for fd in (0, 1)} == {"/dev/null"}


# --- cantined -----------------------------------------------------------------------------------


def test_cantined_away_and_back(reader, peer, program):
    peer.stop()
    reader.tap(BOB)  # the reader goes on without it
    peer.listen()
    back = time.monotonic()
    assert peer.accept().name == "entrance"
    assert peer.receive(1).state == "ready"
    assert time.monotonic() - back < 0.5


def test_tap_while_cantined_was_away_is_told(reader, peer, program):
    peer.stop()
    tap = reader.tap(ADA)
    peer.listen()
    peer.accept()
    assert isinstance(peer.receive(1), State)
    card = peer.receive(1)
    assert card.uid == ADA and tap.put < card.read_at < tap.taken


def test_old_tap_is_not_told(reader, peer, program):
    peer.stop()
    reader.tap(ADA, "--for", "2100ms")  # at its end the reading has lost its meaning
    peer.listen()
    peer.accept()
    peer.expect(State, state="ready")
    peer.expect_none(Card, 0.5)
    reader.tap(ADA)
    assert peer.expect(Card).presentation == 2


@pytest.mark.parametrize("answered", [True, False])
def test_card_is_told_again_unless_answered(reader, peer, program, answered):
    reader.tap(ADA)
    card = peer.expect(Card)
    if answered:
        peer.answer(card.presentation)
    else:
        peer.answer(card.presentation + 1)
    peer.hang_up()
    peer.accept()
    peer.expect(State, state="ready")
    if answered:
        peer.expect_none(Card, 0.5)
    else:
        assert peer.expect(Card, deadline=1) == card


@pytest.mark.parametrize(
    "message",
    [
        b"x",
        encode_answer(1)[:-1],
        encode_answer(1) + b"x",
        encode_answer(1) + 4000 * b"x",
        encode_answer(1, version=2),
        encode_answer(0),
        encode_answer(1, outcome=3),
        reader_peer.HEADER.pack(1, reader_peer.HEARTBEAT, 16) + bytes(8),
        reader_peer.HEADER.pack(1, 77, 8),
    ],
    ids=["one-byte", "short", "long", "huge", "version", "presentation", "outcome", "wrong-way", "type"],
)
def test_message_that_is_no_answer_ends_only_the_connection(reader, peer, program, message):
    peer.send(message)
    peer.expect_hang_up()
    assert peer.accept(1).name == "entrance"
    assert "no answer" in program.log.read_text()
    reader.tap(ADA)
    peer.expect(Card)


# --- whoever started it -------------------------------------------------------------------------


@pytest.mark.parametrize("ends_by", [signal.SIGTERM, signal.SIGINT])
def test_ends_when_asked_and_leaves_the_reader_idle(tmp_path, reader, peer, program, ends_by):
    reader.put(ADA)
    peer.expect(Card)
    asked = time.monotonic()
    program.process.send_signal(ends_by)
    assert program.process.wait(5) == 0
    assert time.monotonic() - asked < 1
    peer.expect_hang_up()
    found = subprocess.run(["nfc-list"], env={**os.environ, "LIBNFC_DEVICE": reader.device},
                           capture_output=True, text=True, timeout=20, check=True)
    assert "UID" in found.stdout


def test_ends_without_device_and_cantined(tmp_path):
    with Program(tmp_path, f"pn532_uart:{tmp_path}/nfc") as program:
        deadline = time.monotonic() + 5
        while "not there" not in program.log.read_text():
            assert time.monotonic() < deadline
        status, seconds = program.end()
    assert status == 0 and seconds < 1


def notified(service_manager, wanted, deadline=5):
    """Datagrams of sd_notify(3) up to the first that holds `wanted`."""
    end = time.monotonic() + deadline
    texts = []
    while not texts or wanted not in texts[-1]:
        service_manager.settimeout(max(end - time.monotonic(), 0.001))
        texts.append(service_manager.recv(4096).decode())
    return texts


def test_service_manager_is_told(tmp_path, reader, peer):
    """READY comes though neither device nor cantined is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as service_manager:
        service_manager.bind(str(tmp_path / "notify"))
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "5000000"}
        environment.pop("WATCHDOG_PID", None)
        peer.stop()
        reader.unplug()
        with Program(tmp_path, reader.device, env=environment) as program:
            assert notified(service_manager, "READY=1") == ["READY=1"]
            notified(service_manager, f"STATUS=Reader entrance is absent: {reader.link} is not there")
            notified(service_manager, "WATCHDOG=1")
            reader.replug()
            notified(service_manager, "STATUS=Reader entrance is ready: ")
            notified(service_manager, "WATCHDOG=1")
            program.end()
            assert notified(service_manager, "STOPPING=1")
