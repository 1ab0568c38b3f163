# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual pages say what there is: every command, option, key, table and column, and nothing else.

A page's source (man/*.scd) is read by its layout. What a block describes stands before it, in one line; what it
says is indented below. Options of a command stand one step further in.
"""

import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from rig.program import BUILD

TOP = Path(__file__).resolve().parents[2]
PAGES = sorted(TOP.glob("man/*.scd"))
DAEMONS = ("cantined", "cantine-reader", "cantine-publisher")
COLUMNS = 80
PARTS = ("NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "EXAMPLES", "SEE ALSO")
# of other packages, each known to be there in Debian 12
FOREIGN = {"gpiodetect(1)", "gpioinfo(1)", "journalctl(1)", "mosquitto_sub(1)", "mv(1)", "nfc-scan-device(1)",
           "sqlite3(1)", "systemctl(1)", "systemd.exec(5)", "systemd.time(7)", "whiptail(1)"}
UNUSED = "Not used yet."


def title_of(page):
    """cantinectl(1), from man/cantinectl.1.scd"""
    return re.sub(r"\.(\d)$", r"(\1)", page.stem)


TITLES = {title_of(page) for page in PAGES}


def source(name):
    return (TOP / "man" / f"{name}.scd").read_text()


def part(text, head):
    """What stands below the heads that begin so."""
    return "".join(body for title, body in re.findall(r"(?ms)^# (.*?)\n(.*?)(?=^# |\Z)", text)
                   if title.startswith(head))


def plain(text):
    """Without the marks of bold and underlined."""
    return re.sub(r"\\(.)|\*|(?<!\w)_|_(?!\w)", r"\1", text)


def options_in(line):
    """--name → whether it takes a value, of a line such as *--from* _DAY_, *--last*"""
    return {name: bool(value) for name, value in re.findall(r"\*--([a-z-]+)\*( _)?", line)}


def help_of(*words):
    return subprocess.run([BUILD / words[0], *words[1:], "--help"], capture_output=True, text=True, check=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}).stdout


# --- what the programs take -----------------------------------------------------------------------

def commands_told():
    """Each command with its arguments, by `cantinectl COMMAND --help` → its options as in options_in()"""
    told = {}
    listed = help_of("cantinectl").partition("\n  M  ")[0]
    for words in re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)*)(?: .*)?$", listed):
        usage, *options = help_of("cantinectl", *words.split()).splitlines()
        arguments = re.sub(r"( \||\|)? ?\[?--.*", "", usage.removeprefix("cantinectl "))
        told[arguments.strip()] = {name: bool(value) for name, value in
                                   re.findall(r"(?m)^  --([a-z-]+) (.*)$", "\n".join(options))}
    return told


def commands_written():
    written, command = {}, None
    for line in part(source("cantinectl.1"), "COMMANDS").splitlines():
        if line.startswith("*"):
            command = written.setdefault(plain(line), {})
        elif line.startswith("\t*--"):
            assert not options_in(line).keys() & command.keys(), f"twice: {line}"
            command.update(options_in(line))
    return written


def test_commands():
    assert commands_written() == commands_told()


def test_commands_are_those_of_the_source():
    """The list that the other tests take for the truth is whole."""
    text = (TOP / "daemon/ctl/commands.c").read_text()
    table = re.search(r"(?s)const struct command commands\[\] = \{(.*?)\n\};", text)[1]
    names = re.findall(r'(?m)^    \{"([a-z ]+)",', table)
    assert len(names) > 40
    told = list(commands_told())
    assert len(told) == len(names) and all(any(line.startswith(name) for line in told) for name in names)


@pytest.mark.parametrize("program, page", [("cantinectl", "cantinectl.1"), *((name, f"{name}.8") for name in DAEMONS)])
def test_options(program, page):
    told = {name: bool(value) for name, value in re.findall(r"(?m)^  --([a-z-]+)( [A-Z]+)?  ", help_of(program))}
    written = {}
    for line in part(source(page), "OPTIONS").splitlines():
        written.update(options_in(line) if line.startswith("*--") else {})
    assert {"config", "help", "version"} <= told.keys() and written == told


@pytest.mark.parametrize("program", DAEMONS)
def test_options_are_those_of_the_source(program):
    text = (TOP / "daemon" / program.removeprefix("cantine-") / "main.c").read_text()
    taken = {name: argument == "required" for name, argument in
             re.findall(r'\{"([a-z-]+)", (required|no)_argument', text)}
    told = {name: bool(value) for name, value in re.findall(r"(?m)^  --([a-z-]+)( [A-Z]+)?  ", help_of(program))}
    assert taken and taken == told


# --- what the configuration takes -----------------------------------------------------------------

def keys_taken():
    """(section, key) → its default, NULL where it must be given"""
    text = (TOP / "daemon/config/keys.c").read_text()
    taken = {}
    for table, named in re.findall(r'\{"(\w+)", (true|false), KEYS', text):
        rows = re.search(rf"(?s){table}_keys\[\] = \{{(.*?)\n\}};", text)[1]
        title = f"{table} NAME" if named == "true" else table
        for key, initial in re.findall(r'(?s)\{"(\w+)",.*?, (NULL|"[^"]*"), &', rows):
            taken[title, key] = None if initial == "NULL" else initial.strip('"')
        assert rows.count("{") == sum(section == title for section, _ in taken), table
    return taken


def keys_written():
    """(section, key) → (its default, what is said)"""
    written = {}
    for title, body in re.findall(r"(?ms)^# SECTION \[(.*?)\]\n(.*?)(?=^# )", source("cantine.conf.5")):
        for key, equals, initial, said in re.findall(r"(?m)^\*(\w+)\*(=?)(\*.*\*)?\n((?:\t.*\n)+)", body):
            assert (title, key) not in written, f"twice: [{title}] {key}"
            written[title, key] = (initial.strip("*") if equals else None, said)
    return written


def test_keys():
    taken = keys_taken()
    assert len(taken) > 40
    assert {place: initial for place, (initial, _) in keys_written().items()} == taken


def test_unused_keys_are_said_to_be_so():
    """A key whose field no program reads does nothing, whatever its name promises."""
    programs = "".join(path.read_text() for path in TOP.glob("daemon/**/*.c") if path.parent.name != "config")
    fields = re.findall(r'\{"(\w+)", ([A-Z]+)\((\w+)\)', (TOP / "daemon/config/keys.c").read_text())
    unused = set()
    for key, section, field in fields:
        owner = section.lower()
        used = rf"\b{owner}\.{field}\b" if owner not in ("reader", "door") else rf"(->|\.){field}\b"
        if not re.search(used, programs):
            unused.add((f"{owner} NAME" if owner in ("reader", "door") else owner, key))
    assert {place for place, (_, said) in keys_written().items() if UNUSED in said} == unused


# --- what the records hold ------------------------------------------------------------------------

@pytest.fixture(scope="module")
def records():
    """A database as cantined's own steps make it."""
    with sqlite3.connect(":memory:") as db:
        for step in sorted((TOP / "schemas/sql").glob("[0-9]*_records*.sql")):
            db.executescript(step.read_text())
        yield db


@pytest.mark.parametrize("kind, head", [("table", "TABLES"), ("view", "VIEWS")])
def test_records(records, kind, head):
    names = [name for name, in records.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,))
             if not name.startswith("sqlite_")]
    there = {name: sorted(row[1] for row in records.execute(f"PRAGMA table_info({name})")) for name in names}
    written = {}
    for name, body in re.findall(r"(?ms)^## (\w+)\n(.*?)(?=^## |\Z)", part(source("cantine-records.5"), head)):
        assert name not in written, f"twice: {name}"
        written[name] = sorted(column for line in re.findall(r"(?m)^\*\w+\*(?:, \*\w+\*)*$", body)
                               for column in re.findall(r"\w+", line))
    assert there and written == there


def test_statements_of_the_examples(records):
    """Each SQL statement of the page runs, under the settings that the page asks for."""
    statements = [code for code in re.findall(r"(?ms)^```\n(.*?)^```", part(source("cantine-records.5"), "EXAMPLES"))]
    assert len(statements) == 4
    records.execute("PRAGMA foreign_keys = 1")
    records.executescript("INSERT INTO member(id, name, plan) VALUES (1, 'Ada', 'resident');"
                          "INSERT INTO resource(id, name) VALUES ('salle', 'Salle');")
    for statement in statements:
        records.execute(statement).fetchall()
    assert records.execute("SELECT ends_at - starts_at FROM booking").fetchall() == [(7200,)]


# --- the pages themselves -------------------------------------------------------------------------

@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page):
    text = page.read_text()
    name, number = page.stem.rsplit(".", 1)
    heads = re.findall(r"(?m)^# (.*)$", text)
    assert text.startswith(f"{name}({number}) ")
    assert [head for head in heads if head in PARTS] == list(PARTS)
    assert number == "5" or "EXIT STATUS" in heads
    assert part(text, "NAME").startswith(f"\n{name} - ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_lint(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", BUILD / "man" / page.stem], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0 and done.stdout == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_width(page):
    shown = subprocess.run(["mandoc", "-T", "utf8", "-O", f"width={COLUMNS}", BUILD / "man" / page.stem],
                           capture_output=True, text=True, check=True).stdout
    lines = re.sub(".\b", "", shown).splitlines()  # bold and underlined are struck over
    assert len(lines) > 40
    assert [line for line in lines if len(line) > COLUMNS] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_references(page):
    text = page.read_text()
    named = {f"{name}({number})" for name, number in re.findall(r"\*([\w.-]+)\*\((\d)\)", text)}
    also = re.findall(r"\*([\w.-]+)\*\((\d)\)", part(text, "SEE ALSO"))
    assert also and {f"{name}({number})" for name, number in also} <= named <= TITLES | FOREIGN
    assert title_of(page) not in {f"{name}({number})" for name, number in also}


def test_units_lead_to_pages():
    told = {name for unit in TOP.glob("systemd/*.*") for name in re.findall(r"man:(\S+)", unit.read_text())}
    assert told and told <= TITLES


def test_installed(tmp_path):
    """Where man looks, packed, and the same as built."""
    subprocess.run(["make", "-s", "install", f"DESTDIR={tmp_path}"], cwd=TOP, check=True, capture_output=True)
    there = sorted(path.relative_to(tmp_path / "usr/share/man") for path in tmp_path.glob("usr/share/man/*/*"))
    assert [str(path) for path in there] == sorted(f"man{page.stem[-1]}/{page.stem}.gz" for page in PAGES)
    for path in there:
        packed = tmp_path / "usr/share/man" / path
        text = subprocess.run(["gzip", "-dc", packed], capture_output=True, check=True).stdout
        assert packed.stat().st_mode & 0o777 == 0o644 and text == (BUILD / "man" / path.stem).read_bytes()
