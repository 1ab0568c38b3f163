# SPDX-License-Identifier: GPL-3.0-or-later
"""`cantinectl check`: what hand edits left behind, found row by row, and in agreement with the door.

First on a records.db alone, at a moment of choice; then with everything running, by real taps.
"""

import json
import os
import re
import subprocess

import pytest

from rig import hand_edits
from rig.cantine import CommandFailed
from rig.ctl import STEPS, Ctl
from rig.hand_edits import ADA, BASELINE, CARELESS, EDITS, EVE, MOMENT, PEOPLE, SENSIBLE, SKIPPED
from rig.program import BUILD
from rig.waiting import DEADLINE

READER = """[reader entrance]
device=pn532_uart:/dev/ttyS9
door=front
direction=in
"""


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    """The four of hand_edits, all of whom get in at its moment."""
    ctl = Ctl(tmp_path, READER)
    with ctl.sql() as db:
        db.executescript(BASELINE)
    return ctl


def careless(ctl, sql):
    with ctl.sql() as db:
        db.executescript(CARELESS + sql)
    db.close()


def check(ctl, **env):
    """What is found: exit 1 with one array, or exit 0 with an empty one."""
    done = ctl.run("check", "--json", **env)
    assert done.stderr == "" and done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found else 0)
    assert all(list(finding) == ["table", "row", "problem", "advice"] for finding in found)
    assert all(isinstance(text, str) for finding in found for text in finding.values())
    return found


def refused(ctl):
    """Who of the four doesn't get in, and why."""
    reasons = {}
    for name, uid in PEOPLE.items():
        done = ctl.run("why", uid, "--at", MOMENT, "--json",
                       DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={ctl.directory}/none")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        if told["result"] != "granted":
            reasons[name] = told["reason"]
    return reasons


def test_all_is_well(ctl):
    assert ctl("check") == "records: all is well\n"
    assert check(ctl) == []
    assert refused(ctl) == {}


def test_fresh_records_are_well(tmp_path):
    assert check(Ctl(tmp_path)) == []


@pytest.mark.parametrize("sql", SENSIBLE)
def test_what_makes_sense_is_no_finding(ctl, sql):
    with ctl.sql() as db:
        db.executescript(sql)
    assert check(ctl) == []


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.table} {edit.says}")
def test_each_hand_edit_is_found_and_the_door_agrees(ctl, edit):
    """A row is said to be skipped exactly when the door answers as if it weren't there."""
    careless(ctl, edit.sql)
    found = check(ctl)
    assert {(finding["table"], finding["row"]) for finding in found} == {(edit.table, edit.row), *edit.also}, found
    finding = next(f for f in found if (f["table"], f["row"]) == (edit.table, edit.row)
                   and edit.says in f["problem"] + " " + f["advice"])
    assert finding["problem"].endswith(SKIPPED) == edit.skipped, finding
    assert finding["advice"]
    assert refused(ctl) == {name: reason for name, reason in edit.outcome.items() if reason}


def test_every_rule_of_the_schema_has_an_edit():
    """A constraint or a reference that no edit breaks would be one that nobody has seen `check` look for."""
    schema = "".join(step.read_text() for step in STEPS)
    rules = set(re.findall(r'CONSTRAINT "([^"]+)"', schema)) - {
        "one person edits at a time", "an actor's name has 1 to 63 characters"}  # any row there is found
    says = [edit.says for edit in hand_edits.VALUES]
    assert {rule for rule in rules if not any(rule.startswith(words) for words in says)} == set()
    tables = re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", schema, re.DOTALL)
    references = {(table, target) for table, body in tables for target in re.findall(r"REFERENCES (\w+)\(", body)}
    broken = {(edit.table, re.search(r"there is no (\w+)", edit.says)[1]) for edit in hand_edits.REFERENCES}
    assert broken == references


def test_advice_can_be_followed(ctl):
    """Commands and SQL as they stand, with a value put in for the dots."""
    careless(ctl, f"UPDATE member SET status = 'asleep', name = '', plan = 'ghost' WHERE id = 2;"
                  f"UPDATE badge SET status = 'eaten', valid_until = 'x' WHERE uid = '{EVE}';"
                  f"UPDATE resource SET early = -1; UPDATE booking SET status = 'maybe';"
                  f"INSERT INTO booking_guest VALUES (77, 1); INSERT INTO record_actor(name) VALUES ('bob');"
                  f"INSERT INTO plan_door VALUES ('it''s', 'front')")
    with ctl.sql() as db:
        db.execute("PRAGMA foreign_keys = 0")
    values = {"status": "active", "name": "Eve", "plan": "eves", "early": "10", "STATUS": "active"}
    left = check(ctl)
    for _ in range(3):  # a row with two faults may need the other one mended first
        for finding in left:
            advice = finding["advice"]
            if command := re.search(r"cantinectl (\w+ \w+ .*)", advice):
                words = [values.get(w, w) for w in command[1].split()]
                words = [values[words[i - 1].lstrip("-")] if w == "…" else w for i, w in enumerate(words)]
                ctl.run(*words)
            elif removal := re.search(r"DELETE FROM .*", advice):
                careless(ctl, removal[0])
            else:
                column = re.search(r"SET (\w+) = …", advice)[1]
                new = "NULL" if column == "valid_until" else "'cancelled'"
                careless(ctl, re.search(r"UPDATE .*", advice)[0].replace("…", new))
        left = check(ctl)
    assert left == []


def test_for_people_one_line_each(ctl):
    careless(ctl, "UPDATE member SET name = 'Eve' || char(27) || '[2J' || char(10), status = 'asleep' WHERE id = 2")
    done = ctl.run("check")
    assert done.returncode == 1 and done.stderr == ""
    name, status = done.stdout.splitlines()
    assert name.startswith("member 2: name is “Eve\ufffd[2J\ufffd” with control characters in it: ")
    assert status == ("member 2: status is “asleep”; the door skips this row: a member's status is active, "
                      "suspended or left: cantinectl member edit 2 --status …")


def test_rows_alike_are_counted_off(ctl):
    careless(ctl, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                  "INSERT INTO pass(member) SELECT 1000 + i FROM n")
    found = check(ctl)
    assert len(found) == 201
    assert (found[-1]["row"], found[-1]["problem"]) == ("…", "more rows like the one before")


def test_without_the_schemas_own_defences(ctl):
    """PRAGMA writable_schema takes away what STRICT and NOT NULL would refuse."""
    careless(ctl, "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = "
                  "replace(replace(sql, ' NOT NULL', ''), 'STRICT', 'WITHOUT ROWID') WHERE name IN ('plan_door');"
                  "UPDATE sqlite_schema SET sql = replace(replace(sql, 'status TEXT NOT NULL', 'status'), "
                  "') STRICT', ')') WHERE name = 'member';")
    careless(ctl, "UPDATE member SET status = NULL WHERE id = 2; UPDATE member SET status = 7 WHERE id = 4")
    problems = {(f["table"], f["row"]): f["problem"] for f in check(ctl)}
    assert problems[("member", "2")] == "status is empty" + SKIPPED
    assert problems[("member", "4")] == "status is “7”" + SKIPPED
    assert refused(ctl) == {"eve": "unknown_badge", "otto": "unknown_badge"}


def test_a_table_that_is_gone_is_a_finding(ctl):
    careless(ctl, "DROP TABLE closure; UPDATE member SET status = 'asleep' WHERE id = 2")
    found = check(ctl)
    assert any(f["table"] == "closure" and "no such table: closure" in f["problem"] and "backup" in f["advice"]
               for f in found)
    assert any((f["table"], f["row"]) == ("member", "2") for f in found)


def test_damage_is_a_finding(ctl):
    with ctl.sql() as db:
        db.executescript("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
                         "INSERT INTO closure(first_day, label) SELECT '2026-11-23', 'row ' || i FROM n;"
                         "PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT max(pageno) FROM dbstat WHERE name = 'closure' AND pagetype = 'leaf'")
        page = page.fetchone()[0]
    db.close()
    with open(ctl.records, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    found = check(ctl)
    assert any(f["table"] == "file" and f["row"] == "records.db" and "backup" in f["advice"] for f in found)
    assert all("\n" not in f["problem"] for f in found)


def test_without_records(ctl):
    for file in ctl.directory.glob("records.db*"):
        file.unlink()
    assert "start cantined once" in ctl.refused("check")
    assert "start cantined once" in ctl.refused("check", "--json")


@pytest.mark.parametrize("log", [False, True], ids=["at rest", "in use"])
def test_for_who_may_only_read(ctl, log):
    """The file and its directory may be read, and nothing be written."""
    careless(ctl, "UPDATE member SET status = 'asleep' WHERE id = 2")
    before = {path.name: path.read_bytes() for path in ctl.directory.glob("records.db*")}
    holder = ctl.sql() if log else None
    if holder:
        holder.execute("SELECT count(*) FROM member").fetchall()
    for path in ctl.directory.glob("*"):
        path.chmod(0o444)
    ctl.directory.chmod(0o555)
    for parent in list(ctl.directory.parents)[:3]:  # what pytest makes for itself alone
        if os.stat(parent).st_uid == os.getuid() and parent.name.startswith("pytest"):
            parent.chmod(0o755)
    somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    done = subprocess.run([*somebody, BUILD / "cantinectl", "--config", ctl.configuration, "--json", "check"],
                          capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False)
    if holder:
        holder.close()
    ctl.directory.chmod(0o755)
    assert done.stderr == "" and done.returncode == 1
    assert [(f["table"], f["row"]) for f in json.loads(done.stdout)] == [("member", "2")]
    if not log:
        assert {path.name: path.read_bytes() for path in ctl.directory.glob("records.db*")} == before


def test_check_waits_for_no_edit(ctl):
    """Somebody's open transaction is neither seen nor waited for."""
    with ctl.sql() as db:
        db.executescript(CARELESS + "BEGIN IMMEDIATE; UPDATE member SET status = 'asleep'; "
                                    "INSERT INTO record_actor(name) VALUES ('bob')")
        assert check(ctl) == []
        db.execute("ROLLBACK")


def test_a_circle_of_hosts_is_refused_in_words(ctl):
    ctl("member", "edit", "grace", "--host", "otto")
    told = ctl.refused("member", "edit", "otto", "--host", "eve")
    assert told == "a guest's host can't be their own guest: choose another host, or take theirs away"
    ctl("member", "edit", "eve", "--host", "")
    ctl("member", "edit", "otto", "--host", "eve")


# --- with everything running --------------------------------------------------------------------

def test_hand_edits_stop_nobody_else(cantine):
    """After each edit the daemon runs, Ada gets in, and Eve's badge is unknown where `check` says so."""
    process = cantine.cantined.process
    unknown = 0
    for edit in EDITS:
        cantine.sql(CARELESS + BASELINE + edit.sql)
        _, line = cantine.tap(ADA)
        assert "granted" in line, edit
        with pytest.raises(CommandFailed) as failed:
            cantine.ctl("check")
        assert failed.value.status == 1, edit
        expected = edit.outcome.get("eve") == "unknown_badge"
        if edit.table in ("badge", "member", "plan") and unknown + expected < 10:  # ten would throttle the reader
            unknown += expected
            _, line = cantine.tap(EVE)
            assert ("unknown_badge" in line) == expected, (edit, line)
    assert unknown == 9
    cantine.sql(CARELESS + BASELINE)
    assert cantine.ctl("check").startswith("records: all is well")
    assert cantine.cantined.process is process and cantine.cantined.running
