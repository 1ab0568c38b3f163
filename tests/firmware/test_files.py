# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of firmware-config/: their heads, and that those who read them understand every line."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from rig.card import FOLDER, Card
from rig.program import BUILD

UNITS = Path("/lib/systemd/system")
SYSTEMD = FOLDER.parent / "systemd"
KNOWN = {"door", "broker", "readonly", "kiosk"}


def entries():
    """The table's lines, as lists of words."""
    lines = (FOLDER / "table").read_text().splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def sources():
    """Every file that is installed, or says what is."""
    return sorted({entry[2] for entry in entries() if (FOLDER / entry[2]).is_file() and not entry[2].startswith("/")} |
                  {"boot/pi3.txt", "boot/pi4.txt", "boot/pi5.txt", "boot/cmdline.txt"})


@pytest.mark.parametrize("name", sources())
def test_each_head_says_where_why_and_from_whom(name):
    lines = (FOLDER / name).read_text().splitlines()
    head = " ".join(re.match(r"[#;] ?(.*)", line)[1] for line in lines
                    if re.match(r"[#;]", line) and lines.index(line) < 45)
    assert "Goes to:" in head and "Why:" in head, name
    assert re.search(r"Sources?:", head), name
    dated = re.search(r"20\d\d-\d\d-\d\d|\b\d+\.\d+(\.\d+)?\b|systemd 252|commit [0-9a-f]{7}|schemas/", head)
    assert dated, f"{name}: of which date or version?"
    target = next((entry[3] for entry in entries() if entry[2] == name), None)
    assert target is None or target in head, f"{name} goes to {target}"


def test_the_table_is_whole():
    targets = [entry[3] for entry in entries()]
    assert len(targets) == len(set(targets)) and all(target.startswith("/etc/") for target in targets)
    assert {entry[0] for entry in entries()} == KNOWN
    installed = {entry[2] for entry in entries()}
    for folder in ("udev", "modprobe", "libnfc", "systemd", "chrony", "mosquitto", "cantine", "readonly", "kiosk"):
        for path in (FOLDER / folder).iterdir():
            assert f"{folder}/{path.name}" in installed, "nobody installs it"


def test_the_script_is_clean():
    subprocess.run(["shellcheck", "-x", "-P", FOLDER.parent, FOLDER / "apply"], check=True, cwd=FOLDER.parent)
    for name in ("apply", "apply-plan.sh", "apply-boot.sh"):
        lines = (FOLDER / name).read_text().splitlines()
        assert len(lines) < 600 and max(map(len, lines)) <= 120


# --- udev: udev(7) of systemd 252 ---------------------------------------------------------------

MATCHED = r"ACTION|DEVPATH|KERNELS?|NAME|SUBSYSTEMS?|DRIVERS?|ATTRS?\{[\w/-]+\}|ENV\{\w+\}|TAGS?|RESULT"
ASSIGNED = r"SYMLINK|OWNER|GROUP|MODE|ATTR\{[\w/-]+\}|ENV\{\w+\}|TAG|LABEL|GOTO|OPTIONS"
TOKEN = re.compile(rf'(?:(?P<match>{MATCHED})(?P<test>==|!=)|(?P<set>{ASSIGNED})(?P<how>=|\+=|:=))"(?P<value>[^"]*)"')


def rules_of(text):
    """Each rule's tokens; every character of it must belong to one."""
    for line in text.replace("\\\n", "").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        tokens, rest = [], line
        while rest:
            token = TOKEN.match(rest)
            assert token, f"not understood: {rest}"
            tokens.append(token)
            rest = rest[token.end():]
            assert not rest or rest.startswith(","), f"a comma is missing: {rest}"
            rest = rest.lstrip(", ")
        yield tokens


@pytest.mark.parametrize("name", ["70-cantine-ports.rules", "71-cantine.rules"])
def test_udev_rules(name):
    text = (FOLDER / "udev" / name).read_text()
    examples = "\n".join(line[1:] for line in text.splitlines() if line.startswith("#ENV"))
    labels, gotos = set(), set()
    for tokens in rules_of(f"{text}\n{examples}"):
        for token in tokens:
            if token["set"] == "LABEL":
                labels.add(token["value"])
            elif token["set"] == "GOTO":
                assert token["value"] not in labels, "only forwards"
                gotos.add(token["value"])
            elif token["set"] == "MODE":
                assert (token["how"], token["value"]) == (":=", "0660")
            elif token["set"] == "GROUP":
                assert token["how"] == ":=" and token["value"] in ("cantine", "cantine-reader")
            elif token["set"] == "SYMLINK":
                assert token["how"] == "+=" and token["value"].startswith("cantine/") and ":" not in token["value"]
    assert gotos == labels


@pytest.mark.parametrize("rule", ['KERNEL=="x" MODE="0660"', 'FOO=="x"', 'KERNEL="x"', 'GROUP=="x"', 'KERNEL=="x'])
def test_the_parser_refuses(rule):
    with pytest.raises(AssertionError):
        list(rules_of(rule))


# --- systemd ------------------------------------------------------------------------------------


@pytest.fixture
def prepared(tmp_path):
    """A card with all sets, Debian's own units and the programs' names."""
    card = Card(tmp_path / "card")
    for words in (["install", "MODEL=pi4"], ["install-kiosk"], ["install-readonly"]):
        card.make(*words)
    shutil.copytree(UNITS, card.root / "lib/systemd/system", symlinks=True)
    for unit in SYSTEMD.glob("cantine*.*"):
        if unit.suffix in (".service", ".socket", ".target"):
            shutil.copy(unit, card.root / "lib/systemd/system")
    for program in ("bin/sh", "usr/bin/cage", "usr/sbin/cantined", "usr/sbin/cantine-publisher"):
        card.write(program, "#!/bin/sh\n")
        (card.root / program).chmod(0o755)
    return card


@pytest.mark.parametrize("unit", ["cantine-card.service", "tmp.mount", "var-lib-cantine.mount", "cantine-kiosk.service",
                                  "cantined.service", "cantine-publisher.service"])
def test_units(prepared, unit):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={prepared.root}", unit],
                          capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "cantine" in line or unit in line]
    assert done.returncode == 0 and not ours, done.stderr


def test_a_broken_unit_is_found(prepared):
    prepared.append("etc/systemd/system/cantine-card.service", "[Service]\nRestrat=always\n")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={prepared.root}", "cantine-card.service"],
                          capture_output=True, text=True, check=False)
    assert "Restrat" in done.stderr


@pytest.mark.parametrize("name, file", [("systemd/system.conf", "watchdog.conf"),
                                        ("systemd/journald.conf", "journald.conf"),
                                        ("systemd/timesyncd.conf", "timesyncd.conf")])
def test_settings(prepared, name, file):
    """systemd reads the drop-in; each key is one that Debian's own file lists, commented out, in that section."""
    shown = subprocess.run(["systemd-analyze", "cat-config", f"--root={prepared.root}", name], capture_output=True,
                           text=True, check=True).stdout
    own = (FOLDER / "systemd" / file).read_text()
    assert own in shown
    listed = Path("/etc", name).read_text() if Path("/etc", name).exists() else ""
    (section,) = re.findall(r"(?m)^\[(\w+)\]$", own)
    for key in re.findall(r"(?m)^(\w+)=", own):
        assert not listed or re.search(rf"(?m)^#?{key}=", listed), f"{key}: not in /etc/{name}"
    assert not listed or f"[{section}]" in listed


# --- Cantine itself, libnfc ---------------------------------------------------------------------


def test_cantined_takes_the_drop_ins(prepared, tmp_path):
    etc = tmp_path / "cantine"
    shutil.copytree(prepared.root / "etc/cantine/cantine.conf.d", etc / "cantine.conf.d")
    # no hardware in it: --check would look for that
    (etc / "cantine.conf").write_text("[site]\nid=amiens\n[door front]\nactuator=virtual\n")
    check = [BUILD / "cantined", "--check", "--config", etc / "cantine.conf"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (etc / "cantine.conf.d/50-clock.conf").write_text("[site]\nclock_needs_sink=yes\n")
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


def test_libnfc_does_not_scan(prepared):
    """With this file nfc-list finds nothing to try, whatever is plugged in: it names no driver's bus."""
    lines = [line for line in prepared.read("etc/nfc/libnfc.conf").splitlines() if line and line[0] != "#"]
    assert lines == ["allow_autoscan = false", "allow_intrusive_scan = false"]
    package = Path("/etc/nfc/libnfc.conf").read_text()
    assert all(re.search(rf"#?{line.split()[0]}\b", package) for line in lines)
