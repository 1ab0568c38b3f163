# SPDX-License-Identifier: GPL-3.0-or-later
"""The house: which room may look into which, who owns which library, and what purity means."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

# room → the rooms that its files may include (besides their own)
ARROWS = {
    "util": set(),
    "core": {"util"},
    "wire": {"util", "core"},
    "config": {"util", "core"},
    "store": {"util", "core", "wire"},
    "door": {"util", "core", "wire"},
    "control": {"util", "core", "wire"},
    "cantined": {"util", "core", "wire", "config", "store", "door", "control"},
    "reader": {"util", "core", "wire", "config"},
    "publisher": {"util", "core", "wire", "config"},
    "ctl": {"util", "core", "wire", "config", "store", "control"},
}

# a library's header → the only rooms that know it
OWNERS = {
    r"sqlite3\.h": {"store"},
    r"nfc/.*": {"reader"},
    r"mosquitto\.h": {"publisher"},
    r"linux/gpio\.h": {"door"},
    r"systemd/sd-bus.*": {"control"},
    r"ini\.h": {"config"},
}

# what asks the world or keeps something: never in the pure rooms
IMPURE = re.compile(r"\b(malloc|calloc|realloc|strdup|time|clock_gettime|gettimeofday|fopen|open|"
                    r"read|write|printf|fprintf|getenv|localtime_r|time_monotonic|time_wall)\s*\(")

FILES = sorted(TOP.glob("daemon/*/**/*.[ch]"))


def room_of(path):
    return path.relative_to(TOP / "daemon").parts[0]


def includes(path, quotes):
    return re.findall(rf"^\s*#\s*include\s*{quotes[0]}([^{quotes[1]}]+){quotes[1]}",
                      path.read_text(), re.MULTILINE)


def test_there_are_files():
    assert {room_of(path) for path in FILES} == set(ARROWS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TOP)))
def test_arrows(path):
    room = room_of(path)
    for include in includes(path, '""'):
        assert "/" in include, f'{path}: "{include}" does not name its room'
        other = include.split("/")[0]
        assert other == room or other in ARROWS[room], f"{path}: {room} must not look into {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TOP)))
def test_libraries_have_one_owner(path):
    for include in includes(path, "<>"):
        for header, owners in OWNERS.items():
            if re.fullmatch(header, include):
                assert room_of(path) in owners, f"{path}: <{include}> belongs to {owners}"


def without_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\])*"', "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) in ("core", "wire")],
                         ids=lambda path: str(path.relative_to(TOP)))
def test_core_and_wire_are_pure(path):
    found = IMPURE.findall(without_comments(path.read_text()))
    assert not found, f"{path}: {found}: pure rooms take values and give values"


@pytest.mark.parametrize("catalogue", ["cantine.catalog", "cantine.fr.catalog"])
def test_every_message_id_is_explained(catalogue):
    """Each MESSAGE_ID that a program can log has its entry in the journal catalogue, in either language."""
    ids = re.findall(r'LOG_ID_\w+\s+"([0-9a-f]{32})"', (TOP / "daemon/util/log.h").read_text())
    explained = re.findall(r"^-- ([0-9a-f]{32})$", (TOP / "systemd" / catalogue).read_text(),
                           re.MULTILINE)
    assert ids and sorted(ids) == sorted(explained)
