# SPDX-License-Identifier: GPL-3.0-or-later
"""--json: every command prints one line, and it is what schemas/ctl says."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

from rig.program import BUILD
from rig.waiting import DEADLINE

SCHEMAS = {path.name: json.loads(path.read_text())
           for path in (Path(__file__).parents[2] / "schemas/ctl").glob("*.schema.json")}
COMMANDS = SCHEMAS["commands.schema.json"]
ADA, BOB, STRANGER = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04DEADBEEF0001"

# Each command at least once, in an order that works; "tap UID" is somebody at the door.
DAY = [
    ["plan", "add", "nuit", "Nuit", "--access", "hours", "--hours", "mon-fri 18:00-23:00", "--door", "front"],
    ["plan", "edit", "nuit", "--name", "La nuit"], ["plan", "list"], ["opening", "set", "mon-sun", "00:00-00:00"],
    ["opening", "list"], ["closure", "add", "2099-01-01", "2099-01-03", "--label", "Congés"],
    ["closure", "add", "--french-holidays", "2099"], ["closure", "list", "--all"], ["closure", "remove", "1"],
    ["member", "add", "Ada Lovelace", "--plan", "resident"],
    ["member", "add", "Bob", "--plan", "carnet", "--host", "Ada", "--email", "b@example.org", "--until", "2099-01-01"],
    ["member", "edit", "Bob", "--note", "x"], ["member", "suspend", "Bob"], ["member", "leave", "Bob"],
    ["member", "resume", "Bob"], ["member", "list"], ["member", "list", "--expiring", "36500"],
    ["pass", "add", "Bob", "day", "10"], ["pass", "list"], ["badge", "add", "Ada", ADA, "--label", "bleu"],
    ["badge", "set", ADA, "lost"], ["badge", "set", ADA, "active"], ["tap", ADA], ["tap", STRANGER],
    ["badge", "add", "Bob", "--last"], ["badge", "list"], ["tap", ADA], ["resource", "add", "salle", "La salle"],
    ["resource", "edit", "salle", "--seats", "4"], ["resource", "list"],
    ["booking", "add", "salle", "Ada", "2099-06-01T10:00", "1h", "--guest", "Bob"], ["booking", "list"],
    ["member", "in", "Bob"], ["member", "in", "Bob", "--guests", "2"], ["occupancy"], ["occupancy", "--names"],
    ["member", "show", "Ada"], ["member", "show", "Bob"], ["member", "out", "Bob"], ["occupancy", "reset"],
    ["booking", "cancel", "1"], ["door", "list"], ["door", "unlock", "front"], ["door", "hold", "front"],
    ["door", "hold", "front", "--until", "tomorrow 9:00"], ["door", "release", "front"], ["door", "lockdown", "on"],
    ["tap", ADA], ["member", "show", "Ada"], ["door", "lockdown", "off"], ["why", ADA], ["why", BOB], ["log"],
    ["log", "--denied"], ["export", "out.csv"], ["import", "out.csv", "--dry-run"], ["check", "--records"],
    ["check", "--machine"],
]
WAITS = {"enrol", "badge enrol"}  # their answer is validated in test_enrolment_is_as_the_schema_says


def validate(command, answer):
    resolver = jsonschema.RefResolver("", COMMANDS, store=SCHEMAS)
    jsonschema.Draft202012Validator(COMMANDS["properties"][command], resolver=resolver).validate(answer)


def command_of(words):
    two = " ".join(words[:2])
    return two if two in COMMANDS["properties"] else words[0]


def answer_of(cantine, words, cwd):
    done = subprocess.run([BUILD / "cantinectl", "--config", cantine.configuration, "--json", *words], cwd=cwd,
                          env=cantine.env, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 0, (words, done.stderr)
    assert done.stdout.count("\n") == 1 and done.stdout.endswith("\n"), words
    return json.loads(done.stdout)


def test_the_schemas_are_schemas():
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_command_has_its_schema():
    shown = subprocess.run([BUILD / "cantinectl", "--help"], env={"LC_ALL": "C.UTF-8"}, capture_output=True, text=True,
                           timeout=DEADLINE, check=True).stdout
    there = {name for name in COMMANDS["properties"] if re.search(rf"^  (cantinectl )?{name}\b", shown, re.MULTILINE)}
    assert there == set(COMMANDS["properties"])
    source = Path(__file__).parents[2] / "daemon/ctl/commands.c"
    table = source.read_text().split("const struct command commands[]")[1]
    commands = set(re.findall(r'^    \{"([a-z]+(?: [a-z]+)?)", "', table, re.MULTILINE))
    assert commands == set(COMMANDS["properties"])
    assert {command_of(words) for words in DAY if words[0] != "tap"} | WAITS == commands


def test_a_day_of_commands_is_as_the_schema_says(cantine, tmp_path):
    for words in DAY:
        if words[0] == "tap":
            cantine.tap(words[1])
        else:
            validate(command_of(words), answer_of(cantine, words, tmp_path))


def test_findings_are_as_the_schema_says(cantine, tmp_path):
    cantine.sql("PRAGMA ignore_check_constraints=1; "
                "INSERT INTO closure(first_day, last_day) VALUES ('2099-02-02', '2099-01-01')")
    done = subprocess.run([BUILD / "cantinectl", "--config", cantine.configuration, "--json", "check"], cwd=tmp_path,
                          env=cantine.env, capture_output=True, text=True, timeout=DEADLINE, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found[0]["table"] == "closure"
    validate("check", found)


def test_enrolment_is_as_the_schema_says(cantine):
    cantine.ctl("member", "add", "Ada Lovelace", "--plan", "resident")
    for command, uid in ((["enrol"], ADA), (["badge", "enrol"], BOB)):
        process = subprocess.Popen([BUILD / "cantinectl", "--config", cantine.configuration, "--json", *command, "Ada"],
                                   env=cantine.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "hold the badge to reader entrance" in process.stderr.readline()
        cantine.reader_device.tap(uid)
        told, _ = process.communicate(timeout=DEADLINE)
        validate(" ".join(command), json.loads(told))


@pytest.mark.parametrize("command, wrong", [
    ("member list", [{"id": 1}]), ("member add", "1"), ("door lockdown", {"lockdown": 1}), ("log", {}),
    ("occupancy", {"count": 1})])
def test_what_is_otherwise_is_found(command, wrong):
    with pytest.raises(jsonschema.ValidationError):
        validate(command, wrong)
