# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts: each is said once when it begins, and the command of on_alert= runs once for it."""

import re
import signal
import sqlite3
import time
from datetime import datetime
from pathlib import Path

import pytest

from rig import cantined_peer as wire
from rig.alerts import ADA, BOB, CLEO, Command, Space, on_alert
from rig.broker import Broker
from rig.cantined_peer import START, TAKEN, CantinedPeer
from rig.program import Program
from rig.waiting import wait_until


@pytest.fixture
def space(tmp_path):
    with Space(tmp_path) as it:
        yield it


# --- what is an alert -----------------------------------------------------------------------------


def test_full_is_said_each_time_the_capacity_is_reached(space):
    space.tap(ADA)
    assert not space.command.told
    space.tap(BOB)
    told = space.command.wait("full")
    assert told.text == told.argument == ("the space is full, 2 of 2 people are inside: "
                                          "who comes now is let in all the same")
    assert told.site == "amiens"
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.at)
    space.cantine.cantined.wait_line(f"alert full: {told.text}")
    assert "granted" in space.tap(CLEO)  # a third: nothing new
    space.tap(BOB)  # out: two are left, it is still full
    space.tap(CLEO)  # out
    assert space.count() == 1
    space.tap(CLEO)
    space.command.wait("full", "full")
    wait_until(lambda: space.details().count("full") == 2, what="two rows, one for each")
    space.cantine.broker.messages.wait(lambda m: m[0] == "cantine/amiens/event" and m[1]["detail"] == "full")


def test_full_where_nobody_more_is_let_in(tmp_path):
    with Space(tmp_path, more="when_full=deny\n") as space:
        space.tap(ADA, BOB)
        assert "refused until somebody leaves" in space.command.wait("full").text
        assert "(full)" in space.tap(CLEO)
        space.tap(BOB)
        space.tap(CLEO)
        space.command.wait("full", "full")


def test_a_start_in_a_full_space_is_no_news(space):
    space.tap(ADA, BOB)
    space.command.wait("full")
    space.cantine.cantined.stop()
    space.cantine.start_cantined()
    wait_until(lambda: space.cantine.broker.retained("cantine/amiens/status") == "online", what="online")
    assert space.count() == 2
    space.tap(BOB)
    space.tap(BOB)
    space.command.wait("full", "full")
    assert space.details().count("full") == 2


def test_relay_gone(space):
    for times in (1, 2):
        space.cantine.relay.unplug()
        told = space.command.wait(*["faulty front"] * times)
        assert told.text == f"door front: {space.cantine.relay.path} has gone: is the relay board plugged in?"
        wait_until(lambda times=times: space.details().count("door_faulty") == times, what="the row")
        seen = len(space.cantine.cantined.lines)
        space.cantine.relay.plug()
        space.cantine.cantined.wait_line("is well again", seen)


def test_forced_and_held_open(tmp_path):
    with Space(tmp_path, wired=True) as space:
        space.door_opens()
        told = space.command.wait("forced front")
        assert told.text == "door front was opened without having been unlocked: see who is there"
        space.door_closes()
        space.tap(ADA)
        space.door_opens()
        told = space.command.wait("forced front", "held_open front")
        assert told.text == "door front has been open for too long: close it"
        space.door_closes()
        space.door_opens()
        space.command.wait("forced front", "held_open front", "forced front")
        rows = [row["type"] for row in space.cantine.journal() if row["type"] in ("forced", "held_open")]
        assert rows == ["forced", "held_open", "forced"]


def test_a_relay_that_goes_while_the_door_is_forced(tmp_path):
    """One alarm hides the other on MQTT; each is told all the same, and once."""
    with Space(tmp_path, wired=True) as space:
        space.door_opens()
        space.command.wait("forced front")
        space.cantine.relay.unplug()
        space.command.wait("forced front", "faulty front")
        assert space.cantine.broker.retained("cantine/amiens/door/front")["alarm"] == "forced"
        space.door_closes()
        space.door_opens()
        space.command.wait("forced front", "faulty front", "forced front")
        space.cantine.relay.plug()
        wait_until(lambda: [detail for detail in space.details() if detail.startswith("door_")]
                   == ["door_faulty", "door_well"], what="a row for each")


def test_a_contact_that_is_gone(tmp_path):
    with Space(tmp_path, wired=True) as space:
        space.pins.unplug()
        told = space.command.wait("faulty front")
        assert told.text == "door front: its GPIO chip has gone"


def test_relay_missing_at_the_start(tmp_path):
    space = Space(tmp_path)
    cantine = space.cantine
    try:
        cantine.start_surroundings()
        cantine.relay.unplug()
        cantine.start_cantined()
        cantine.start_reader()
        cantine.start_publisher()
        space.command.wait("faulty front")
    finally:
        cantine.stop()


def test_reader_unplugged(space):
    for times in (1, 2):
        space.cantine.reader_device.unplug()
        told = space.command.wait(*["faulty entrance"] * times)
        assert told.text.startswith("reader entrance reads no badges: ") and "pn532" in told.text
        seen = len(space.cantine.cantined.lines)
        space.cantine.reader_device.replug()
        space.cantine.cantined.wait_line("reader entrance: ready", seen)


def test_a_reader_that_is_back_at_once_is_no_alert(space):
    space.cantine.reader.kill()
    space.cantine.start_reader()
    space.cantine.reader.kill()
    told = space.command.wait("faulty entrance")
    assert told.text == "reader entrance reads no badges: its program cantine-reader is not running: start it"


def test_a_reader_has_time_at_the_start(tmp_path):
    """More than a restart takes: three rounds of a relay, each some seconds."""
    space = Space(tmp_path)
    cantine = space.cantine
    try:
        cantine.start_surroundings()
        cantine.start_cantined()
        cantine.start_publisher()
        begun = time.monotonic()
        for times in (1, 2, 3):
            cantine.relay.unplug()
            space.command.wait(*["faulty front"] * times)
            seen = len(cantine.cantined.lines)
            cantine.relay.plug()
            cantine.cantined.wait_line("is well again", seen)
        assert time.monotonic() - begun > 4
    finally:
        cantine.stop()


def test_journal_that_cannot_be_written(space):
    for times in (1, 2):
        seen = len(space.cantine.cantined.lines)
        other = sqlite3.connect(space.cantine.directory / "journal.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # somebody else's open transaction
        space.cantine.reader_device.tap(ADA)
        told = space.command.wait(*["fault"] * times)
        assert told.text.startswith("the journal cannot be written, the doors open without it: ")
        assert "journal.db" in told.text
        other.execute("ROLLBACK")
        other.close()
        space.cantine.cantined.wait_line("the journal is written again", seen)
    space.cantine.relay.unplug()
    space.command.wait("fault", "fault", "faulty front")


def test_records_damaged(space):
    path = space.cantine.directory / "records.db"
    kept = space.cantine.directory / "kept.db"
    with sqlite3.connect(path) as db:
        db.execute("VACUUM INTO ?", (str(kept),))
    db.close()
    good = kept.read_bytes()
    for times in (1, 2):
        for suffix in ("-wal", "-shm"):
            (space.cantine.directory / f"records.db{suffix}").unlink(missing_ok=True)
        path.write_bytes(b"This is a shopping list.\n" * 400)
        told = space.command.wait(*["fault"] * times)
        assert told.text.startswith("the records cannot be read, so that changes do not reach the door: ")
        assert str(path) in told.text
        seen = len(space.cantine.cantined.lines)
        path.unlink()  # another fault, and no second alert
        space.cantine.cantined.wait_line("the door goes on with the last good copy", seen)
        kept.write_bytes(good)
        kept.rename(path)
        space.cantine.cantined.wait_line("the records have changed", seen)
    space.cantine.relay.unplug()
    space.command.wait("fault", "fault", "faulty front")


# --- nobody there to take it ----------------------------------------------------------------------


def test_the_broker_away(space):
    """Nor does a connection that is made anew for the broker's sake bring an alert again."""
    space.cantine.broker.stop()
    space.cantine.publisher.wait_line("out of reach")
    space.tap(ADA, BOB)
    space.command.wait("full")
    space.cantine.relay.unplug()
    space.command.wait("full", "faulty front")
    space.cantine.broker.start()
    wait_until(lambda: space.cantine.broker.retained("cantine/amiens/status") == "online", 30, "online")
    space.cantine.reader.kill()
    space.command.wait("full", "faulty front", "faulty entrance")


def test_publishing_switched_off(tmp_path):
    space = Space(tmp_path)
    on_alert(tmp_path, space.command.line, "[mqtt]\nenabled=no\n")
    cantine = space.cantine
    try:
        cantine.start_surroundings()
        cantine.start_cantined()
        cantine.start_reader()
        cantine.publisher.start()
        cantine.publisher.wait_line("started, for alerts; publishing is switched off")
        cantine.relay.unplug()
        space.command.wait("faulty front")
        assert cantine.publisher.stop() == 0
        assert len(cantine.broker.messages) == 0
    finally:
        cantine.stop()


def test_publisher_killed_and_started_again(space):
    space.cantine.publisher.kill()
    space.tap(ADA, BOB)
    space.cantine.relay.unplug()
    space.cantine.cantined.wait_line("alert faulty")
    space.cantine.start_publisher()
    space.command.wait("full", "faulty front")
    space.cantine.publisher.kill()  # what was taken doesn't come again
    space.cantine.start_publisher()
    space.cantine.reader.kill()
    space.command.wait("full", "faulty front", "faulty entrance")


def test_publisher_killed_before_it_looked(space):
    """The alert was in its socket."""
    space.cantine.publisher.process.send_signal(signal.SIGSTOP)
    space.tap(ADA, BOB)
    space.cantine.cantined.wait_line("alert full")
    space.cantine.publisher.kill()
    space.cantine.start_publisher()
    space.command.wait("full")


def test_more_than_can_be_kept(tmp_path):
    with Space(tmp_path) as space:
        space.tap(ADA)
        space.cantine.publisher.kill()
        for _ in range(18):
            space.tap(BOB)
            space.tap(BOB)
        lines = space.cantine.cantined.lines.items
        assert sum("the oldest (full) is given up: start it" in line for line in lines) == 2
        space.cantine.start_publisher()
        space.command.wait(*["full"] * 16)
        rows = [row["at_usec"] / 1e6 for row in space.cantine.journal() if row["detail"] == "full"]
        assert len(rows) == 18
        at = [datetime.fromisoformat(told.at.replace("Z", "+00:00")).timestamp() for told in space.command.told]
        assert all(row - 0.002 < moment < row + 0.05 for row, moment in zip(rows[2:], at)), "the newest, in order"


# --- the command ----------------------------------------------------------------------------------

CONFIGURATION = """[site]
id=amiens
[storage]
runtime_dir={directory}/run
[mqtt]
host=127.0.0.1
port={port}
[reader entrance]
device=pn532_uart:/dev/null
door=front
[door front]
actuator=virtual
"""


class Bell:
    """The publisher with a real broker and a stand-in for cantined that sends alerts at will."""

    def __init__(self, directory):
        self.directory = directory
        self.broker = Broker(directory)
        self.peer = CantinedPeer(directory / "run")
        self.configuration = directory / "cantine.conf"
        self.publisher = Program("cantine-publisher", "--config", self.configuration,
                                 env={"NOTIFY_SOCKET": "/nowhere", "CANTINE_NAME": "left over"})

    def start(self, command):
        self.configuration.write_text(CONFIGURATION.format(directory=self.directory, port=self.broker.port))
        on_alert(self.directory, command)
        self.broker.start()
        self.peer.start()
        self.publisher.start()
        self.meet()
        return self

    def meet(self):
        self.peer.accept(wire.occupancy(), wire.door(), wire.reader())
        self.peer.expect(START)

    def ring(self, *numbers):
        """Sends alerts of all kinds in turn."""
        self.peer.send(*[wire.alert(number, kind=kind_of(number), text=f"text {number}") for number in numbers])

    def expect_taken(self, *numbers):
        for number in numbers:
            self.peer.expect(TAKEN, number)

    def children(self):
        pid = self.publisher.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def stop(self):
        status = self.publisher.stop()
        self.peer.stop()
        self.broker.stop()
        return status


GATE = "while [ ! -e {d}/gate ]; do sleep 0.02; done"


def kind_of(number):
    return wire.ALERT_KINDS[number % len(wire.ALERT_KINDS)]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def group_of(pid):
    """The living processes of this process group."""
    group = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgid = path.read_text().rsplit(")", 1)[1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(pgid) == int(pid) and state != "Z":
            group.append(path.parent.name)
    return group


@pytest.fixture
def bell(tmp_path):
    it = Bell(tmp_path)
    yield it
    it.stop()


def test_thirty_in_a_row(bell):
    """Each once, in order, one after the other; nothing is left of them."""
    command = Command(bell.directory)
    bell.start(command.line)
    for number in range(1, 31):  # as many as may wait are always waiting
        if number > 16:
            bell.expect_taken(number - 16)
        bell.ring(number)
    bell.expect_taken(*range(15, 31))
    command.wait(*map(kind_of, range(1, 31)), deadline=30)
    assert [told.argument for told in command.told] == [f"text {number}" for number in range(1, 31)]
    wait_until(lambda: not bell.children(), what="every child's end")
    assert not [line for line in bell.publisher.lines.items if "on_alert" in line]


def test_more_than_can_wait(bell):
    command = Command(bell.directory, before=GATE.format(d=bell.directory))
    bell.start(command.line)
    bell.ring(*range(1, 22))
    bell.expect_taken(1, 2, 3, 4, 5)  # the first was started; four gave way
    wait_until(lambda: sum("is given up: make the command faster" in line
                           for line in bell.publisher.lines.items) == 4, what="four lines")
    (bell.directory / "gate").touch()
    bell.expect_taken(*range(6, 22))
    command.wait(*map(kind_of, [1, *range(6, 22)]))


def test_an_alert_that_comes_again_runs_no_second_time(bell):
    command = Command(bell.directory)
    bell.start(command.line)
    bell.ring(5)
    bell.expect_taken(5)
    command.wait(kind_of(5))
    bell.peer.hang_up()
    bell.meet()
    bell.ring(5, 6)  # our word about 5 got lost
    bell.expect_taken(5, 6)
    command.wait(kind_of(5), kind_of(6))


def test_one_that_waits_survives_a_new_connection(bell):
    command = Command(bell.directory, before=GATE.format(d=bell.directory))
    bell.start(command.line)
    bell.ring(1, 2)
    bell.expect_taken(1)
    bell.peer.hang_up()
    bell.meet()
    bell.ring(2, 3)
    (bell.directory / "gate").touch()
    bell.expect_taken(2, 3)
    command.wait(*map(kind_of, (1, 2, 3)))


@pytest.mark.parametrize("command, complaint", [
    ("exit 3", "failed with status 3"),
    ("no-such-program-here \"$1\"", "was not found"),
    ("/no/such/place/tell", "was not found"),
    ("/etc/passwd", "failed with status 126"),
    ("kill -9 $$", "was ended by signal 9"),
    ("if then", "failed with status 2"),
])
def test_a_command_that_fails(bell, command, complaint):
    bell.start(command)
    bell.ring(1)
    bell.expect_taken(1)
    bell.publisher.wait_line(f"the command of on_alert= for alert {kind_of(1)} {complaint}")
    bell.ring(2)
    bell.expect_taken(2)
    bell.publisher.wait_line(f"for alert {kind_of(2)} {complaint}")
    bell.peer.send(wire.event(1))  # and it does its other work
    bell.peer.expect(wire.ACK, 1)
    assert not [line for line in bell.publisher.lines.items if "text 1" in line]


def test_what_the_command_gets(bell):
    """Its own group and signals, an empty stdin, no descriptor of ours, and no way to speak to systemd."""
    answer = bell.directory / "answer"
    script = bell.directory / "look"
    script.write_text(f"""#!/bin/sh
exec > {answer}.new
ls -l /proc/$$/fd
grep -E '^Sig(Blk|Ign|Pnd)|^ShdPnd' /proc/$$/status
echo "group $(cut -d ' ' -f 5 /proc/$$/stat) of $$"
env | sed 's/^/env /'
mv {answer}.new {answer}
""")
    script.chmod(0o755)
    bell.start(f"exec {script}")
    bell.peer.send(wire.alert(1, "faulty", "front", 'the "relay" is gone; $(reboot) `halt` é'))
    bell.expect_taken(1)
    wait_until(answer.exists, what="the answer")
    text = answer.read_text()
    descriptors = dict(re.findall(r" (\d+) -> (.*)$", text, re.MULTILINE))
    assert descriptors["0"] == "/dev/null"
    kept = {path for fd, path in descriptors.items() if int(fd) > 2 and not path.startswith("/")}
    assert not kept, "sockets, timers, queues"
    # 32 and 33 are the C library's own, which nobody can set
    signals = [int(mask, 16) & ~0x180000000 for mask in re.findall(r"^S\w+:\s+(\w+)$", text, re.MULTILINE)]
    assert len(signals) == 4 and set(signals) == {0}
    group, leader = re.search(r"^group (\d+) of (\d+)$", text, re.MULTILINE).groups()
    assert group == leader
    env = dict(re.findall(r"^env (\w+)=(.*)$", text, re.MULTILINE))
    assert {key: env[key] for key in env if key.startswith("CANTINE_")} == {
        "CANTINE_ALERT": "faulty", "CANTINE_NAME": "front", "CANTINE_SITE": "amiens",
        "CANTINE_AT": wire.AT_TEXT, "CANTINE_TEXT": 'the "relay" is gone; $(reboot) `halt` é'}
    assert "NOTIFY_SOCKET" not in env and env["PATH"]


DEAF = "trap '' TERM; while :; do sleep 1; done"


class Hanging:
    """A command for alerts `full` that goes on for ever; others are told as usual."""

    def __init__(self, bell, script):
        self.told = Command(bell.directory)
        self.pid = bell.directory / "hanging"
        path = bell.directory / "hang"
        path.write_text(f"#!/bin/sh\necho $$ > {self.pid}\n{script}\n")
        path.chmod(0o755)
        bell.start(f"test $CANTINE_ALERT = full && exec {path} || {self.told.line}")
        bell.peer.send(wire.alert(1, "full"), wire.alert(2, "fault"))
        bell.expect_taken(1)

    @property
    def group(self):
        leader = wait_until(lambda: self.pid.exists() and self.pid.read_text().strip(), what="the command")
        return group_of(leader)


def test_a_command_that_hangs(tmp_path):
    """It is ended with all that it started; nothing else has to wait for it, but the next command.

    Two at a time, since it takes so long: in one the shell is deaf to SIGTERM, in the other what it started.
    """
    bells = []
    for name in ("shell", "child"):
        (tmp_path / name).mkdir()
        bells.append(Bell(tmp_path / name))
    try:
        begun = time.monotonic()
        hanging = [Hanging(bells[0], DEAF), Hanging(bells[1], f"({DEAF}) & sleep 1000")]
        for bell, it in zip(bells, hanging):
            wait_until(lambda it=it: len(it.group) >= 2, what="all of it")
            for seq in range(1, 20):
                bell.peer.send(wire.event(seq))
                bell.peer.expect(wire.ACK, seq)
            assert not it.told.told
        for (least, most), bell, it in zip(((29, 34), (34, 45)), reversed(bells), reversed(hanging)):
            bell.peer.expect(TAKEN, 2, deadline=60)
            assert least < time.monotonic() - begun < most, "30 s, and 5 s more for a shell that is deaf"
            it.told.wait("fault")
            assert not it.group
            bell.publisher.wait_line("for alert full did not end within 30 s and was ended")
    finally:
        for bell in bells:
            bell.stop()


@pytest.mark.parametrize("with_broker", [True, False])
def test_a_stop_ends_the_command(bell, with_broker):
    hanging = Hanging(bell, DEAF)
    if not with_broker:
        bell.broker.stop()
        bell.publisher.wait_line("out of reach")
        bell.peer.expect(wire.STOP)
    assert hanging.group
    begun = time.monotonic()
    assert bell.publisher.stop() == 0
    assert time.monotonic() - begun < 3
    wait_until(lambda: not hanging.group, 1, "the end of its group")
    assert not hanging.told.told, "nor is the next one begun"
    bell.publisher.wait_line("was ended, since this program ends")


def test_a_stop_lets_the_command_tidy_up(bell):
    tidied = bell.directory / "tidied"
    bell.start(f"trap 'touch {tidied}; exit 0' TERM; touch {bell.directory}/there; "
               "while :; do sleep 0.05; done")
    bell.ring(1)
    bell.expect_taken(1)
    wait_until((bell.directory / "there").exists, what="the command")
    assert bell.publisher.stop() == 0
    assert tidied.exists()


def test_a_killed_publisher_takes_the_command_along(bell):
    """By hand; under systemd the unit's control group goes. The alert was taken: it doesn't come again."""
    pid = bell.directory / "pid"
    bell.start(f"echo $$ > {pid}; exec sleep 1000")
    bell.ring(1)
    bell.expect_taken(1)
    wait_until(lambda: pid.exists() and pid.read_text().strip(), what="the command")
    bell.publisher.kill()
    wait_until(lambda: not is_running(pid.read_text().strip()), what="its end")
