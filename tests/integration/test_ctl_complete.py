# SPDX-License-Identifier: GPL-3.0-or-later
"""TAB after cantinectl, in real bash."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from rig.ctl import Ctl
from rig.program import BUILD
from rig.terminal import Terminal
from rig.waiting import DEADLINE

SCRIPT = Path(__file__).parents[2] / "daemon/ctl/cantinectl.bash"
ODD = ["Zoé O'Brien", 'Jean "Jo" Dupont', r"Back\slash Bob", "Dollar $HOME", "Tick `id` Tom", "Percent 100% _x",
       "-dash Dan", "Semi; colon", "Étoile * Star", "Hash #1"]
READER = "\n[reader entrance]\ndevice=pn532_uart:/dev/ttyNOWHERE\ndirection=in\ndoor=front\n"


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    ctl = Ctl(tmp_path)
    ctl("resource", "add", "salle", "La salle")
    for name in ["Ada Lovelace", "Adam Smith", "Grace Hopper"]:
        ctl("member", "add", name, "--plan", "resident")
    ctl("badge", "add", "Grace", "04A1B2C3D4E5F6")
    return ctl


def completed(ctl, *words, cwd=None):
    """What bash is given for the words typed, as bash would take it, each a shell word."""
    program = BUILD / "cantinectl"
    typed = [str(program), "--config", str(ctl.configuration), *words]
    done = subprocess.run(
        ["bash", "--norc", "-c", 'compopt() { echo "compopt:$2"; }; . "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
         '_cantinectl; printf "%s\\n" "${COMPREPLY[@]}"', SCRIPT, *typed],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, cwd=cwd, capture_output=True, text=True,
        timeout=DEADLINE, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return sorted(line for line in done.stdout.splitlines() if line)


def plain(words):
    return sorted(" ".join(shlex.split(word)) for word in words)


@pytest.mark.parametrize("typed, offered", [
    (["memb"], ["member"]), (["member", "s"], ["show", "suspend"]),
    (["door", ""], ["hold", "list", "lockdown", "release", "unlock"]), (["enr"], ["enrol"]), (["nothing"], []),
    (["member", "xyz"], []), (["badge", "set", "04"], ["04A1B2C3D4E5F6"]), (["why", "04a1"], ["04A1B2C3D4E5F6"]),
    (["badge", "set", "04A1B2C3D4E5F6", ""], ["active", "blocked", "lost", "returned", "stolen"]),
    (["badge", "set", "04A1B2C3D4E5F6", "l"], ["lost"]), (["pass", "add", "Ada", ""], ["day", "half_day"]),
    (["member", "add", "X", "--plan", "r"], ["resident"]), (["member", "add", "X", "--pl"], ["--plan"]),
    (["member", "add", "X", "--plan", "resident", "--pl"], []), (["booking", "add", "s"], ["salle"]),
    (["booking", "list", "--resource", ""], ["salle"]), (["door", "hold", ""], ["front"]),
    (["door", "lockdown", "o"], ["off", "on"]), (["enrol", "Ada", "--reader", ""], ["entrance"]),
    (["plan", "edit", "res"], ["resident"]), (["resource", "edit", ""], ["salle"]),
    (["opening", "set", "mo"], ["mon", "mon-fri", "mon-sun"]), (["closure", "add", "to"], ["today", "tomorrow"]),
    (["--json", "member", "sh"], ["show"]), (["--ye"], ["--yes"]), (["log", "--f"], ["--follow"]),
    (["import", "x"], ["compopt:default"]), (["booking", "add", "salle", "Ada", "--guests", ""], ["compopt:default"]),
])
def test_words(tmp_path, ctl, typed, offered):
    (tmp_path / "cantine.conf").write_text((tmp_path / "cantine.conf").read_text() + READER)
    assert completed(ctl, *typed) == offered


def test_numbers_of_closures_and_bookings(ctl):
    ctl("closure", "add", "2099-01-01")
    ctl("booking", "add", "salle", "1", "2099-06-01T10:00", "1h")
    assert completed(ctl, "closure", "remove", "") == ["1"]
    assert completed(ctl, "booking", "cancel", "") == ["1"]


@pytest.mark.parametrize("typed, offered", [
    ("Ad", ["Ada Lovelace", "Adam Smith"]), ("ada l", ["Ada Lovelace"]), ("Ada\\ L", ["Ada Lovelace"]),
    ("hopp", ["Grace Hopper"]), ("", ["Ada Lovelace", "Adam Smith", "Grace Hopper"]), ("%", []), ("_da", []),
    ("nobody", []), ("smith", ["Adam Smith"])])
@pytest.mark.parametrize("command", [
    ["member", "show"], ["enrol"], ["log", "--member"], ["member", "add", "X", "--host"]])
def test_members(ctl, command, typed, offered):
    assert plain(completed(ctl, *command, typed)) == offered


def test_of_several_later_words_what_was_typed_stays(ctl):
    ctl("member", "add", "Alan Lovett", "--plan", "resident")
    assert completed(ctl, "member", "show", "lov") == []
    assert plain(completed(ctl, "member", "show", "lovel")) == ["Ada Lovelace"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_odd_names_arrive_as_they_are(ctl, name, quote):
    ctl("member", "add", "--plan", "resident", "--", name)
    if name.startswith("-") or (quote == "'" and "'" in name):
        return
    (offered,) = completed(ctl, "member", "show", quote + name[:4])
    line = f"{BUILD}/cantinectl --config {ctl.configuration} --json member show {quote}{offered}{quote}"
    done = subprocess.run(["bash", "--norc", "-c", line], env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 0 and f'"name":{_json(name)}' in done.stdout, done.stderr


def test_a_star_is_no_pattern(ctl, tmp_path):
    """The names of files where somebody stands are nobody's names."""
    (tmp_path / "Étoile X Star").touch()
    ctl("member", "add", "--plan", "resident", "--", "Étoile * Star")
    assert plain(completed(ctl, "member", "show", "Étoile", cwd=tmp_path)) == ["Étoile * Star"]


def _json(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize("break_it", [lambda ctl: ctl.records.unlink(), lambda ctl: ctl.configuration.unlink(),
                                      lambda ctl: ctl.records.write_bytes(b"no database"),
                                      lambda ctl: ctl.configuration.write_text("[nonsense")])
def test_without_records_the_commands_are_there(ctl, break_it):
    break_it(ctl)
    assert completed(ctl, "member", "show", "A") == []
    assert completed(ctl, "member", "sh") == ["show"]
    assert sorted(path.name for path in ctl.directory.iterdir() if path.name.startswith("records")) in (
        [], ["records.db"], ["records.db", "records.db-shm", "records.db-wal"])


def test_a_real_tab(ctl):
    env = {"PATH": f"{BUILD}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "PS1": "> ", "HOME": str(ctl.directory)}
    bash = Terminal(["bash", "--norc", "--noprofile", "-i"], 200, env)
    bash.type(f". {SCRIPT}\n")
    bash.type(f"cantinectl --config {ctl.configuration} member show hopp\t --json\n")
    bash.wait('"name":"Grace Hopper"')
    bash.type("exit\n")
    assert bash.end() == 0
