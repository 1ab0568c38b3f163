# SPDX-License-Identifier: GPL-3.0-or-later
"""log --follow: what happened, then what happens, line by line, until somebody ends it."""

import json
import signal
import subprocess
import threading

import pytest

from rig.program import BUILD
from rig.waiting import DEADLINE, Log

ADA, STRANGER = "04A1B2C3D4E5F6", "04DEADBEEF0001"


class Following:
    """cantinectl log --follow, with its lines as they come."""

    def __init__(self, cantine, *options):
        self.process = subprocess.Popen([BUILD / "cantinectl", "--config", cantine.configuration, *options, "log",
                                         "--follow"], env=cantine.env, text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, process_group=0)
        self.lines = Log("log --follow")
        self.reading = threading.Thread(target=lambda: [self.lines.add(line.rstrip("\n"))
                                                        for line in self.process.stdout], daemon=True)
        self.reading.start()

    def wait(self, *words):
        return self.lines.wait(lambda line: all(word in line for word in words), 0, what=" ".join(words))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.reading.join(DEADLINE)
        self.process.stdout.close()
        self.process.stderr.close()


def test_it_shows_what_was_and_what_comes(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.tap(ADA)
    with Following(cantine) as following:
        following.wait("Ada Lovelace", "access", "granted")
        cantine.tap(STRANGER)
        following.wait("refused", "unknown_badge")
        cantine.ctl("member", "out", "Ada")
        following.wait("Ada Lovelace", "left", "by_hand")
        following.process.send_signal(signal.SIGTERM)
        assert following.process.wait(DEADLINE) == -signal.SIGTERM
    told = [line for line in following.lines.items if "granted" in line]
    assert len(told) == 1  # nothing twice


def test_json_is_an_object_a_line(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    with Following(cantine, "--json") as following:
        cantine.tap(ADA)
        event = json.loads(following.wait('"entered"'))
    assert (event["member_id"], event["type"]) == (ada, "entered")
    seqs = [json.loads(line)["seq"] for line in following.lines.items]
    assert seqs == sorted(set(seqs))


def test_it_ends_with_the_daemon(cantine):
    with Following(cantine, "--json") as following:
        cantine.tap(STRANGER)
        following.wait("unknown_badge")
        cantine.cantined.stop()
        assert following.process.wait(DEADLINE) == 1
        assert following.process.stderr.read().startswith("cantinectl: cantined")


@pytest.mark.parametrize("words", [["--since", "someday"]])
def test_what_is_no_time(cantine, words):
    done = subprocess.run([BUILD / "cantinectl", "--config", cantine.configuration, "log", "--follow", *words],
                          env=cantine.env, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 1 and "“someday” is no time" in done.stderr
