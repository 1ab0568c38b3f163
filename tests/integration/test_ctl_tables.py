# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists on terminals of any width, and as JSON: whatever is in the records."""

import json
import unicodedata

import pytest

from rig.cantine import Cantine
from rig.ctl import Ctl
from rig.program import BUILD
from rig.terminal import shown

ADA, BOB = "04A1B2C3D4E5F6", "04D3C4B5A60002"
LONG = "Association des amis de l'informatique et du numérique de la Somme"
WIDE = "株式会社カンティーヌ・アミアン支店"
LISTS = {"member list": ["1", "2"], "member list --expiring 36500": ["1"], "badge list": [ADA, BOB],
         "badge list --expiring 36500": [BOB], "plan list": ["resident"], "opening list": ["09:00"],
         "closure list --all": ["2099-01-01"], "pass list": ["1"], "resource list": ["salle"],
         "booking list": ["2099-06-01"], "door list": ["front"], "log": ["access"], "occupancy --names": ["[ ]"]}


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.fixture(name="space", scope="module")
def fixture_space(tmp_path_factory):
    """Everything is long here."""
    with Cantine(tmp_path_factory.mktemp("space")) as space:
        ada = space.add_member("Ada Lovelace, comtesse de " + LONG, ADA, company=LONG, until="2099-06-01",
                               email="a" * 50 + "@example.org")
        bob = space.add_member(WIDE * 3, BOB, plan="carnet")
        space.ctl("badge", "add", bob, "04D3C4B5A60003", "--label", LONG)
        space.sql(f"UPDATE badge SET valid_until = '2099-01-01', label = '{WIDE}' WHERE uid = '{BOB}'")
        space.ctl("opening", "set", "mon-fri", "09:00-12:00", "14:00-18:00")
        space.ctl("closure", "add", "2099-01-01", "2099-01-03", "--label", LONG)
        space.ctl("pass", "add", bob, "half_day", 1000, "--from", "2026-01-01", "--until", "2099-01-01")
        space.ctl("resource", "add", "salle", LONG, "--check-in", 15)
        space.ctl("booking", "add", "salle", ada, "2099-06-01T10:00", "30h", "--title", LONG, "--public",
                  "--guest", bob)
        space.tap(ADA)
        space.tap("04DEADBEEF0001")
        yield space


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("words", LISTS)
def test_a_table_is_never_wider_than_the_terminal(space, words, columns):
    text = shown([BUILD / "cantinectl", "--config", space.configuration, *words.split()], columns,
                 {**space.env, "NO_COLOR": "1"})
    lines = text.splitlines()[1 if "--names" in words else 0:]  # above who is inside stands a sentence
    assert len(lines) > 1 and max(map(width, lines)) <= columns, text
    for key in LISTS[words]:
        assert any(key in line for line in lines), text


def test_the_reason_of_a_refusal_stays(space):
    """On a terminal of 80 columns, whatever else has to go."""
    text = shown([BUILD / "cantinectl", "--config", space.configuration, "log", "--denied"], 80,
                 {**space.env, "NO_COLOR": "1"})
    assert "WHY" in text and "unknown_badge" in text, text


def test_what_is_left_out_is_told(space):
    for columns, told in ((40, True), (400, False)):
        titles = shown([BUILD / "cantinectl", "--config", space.configuration, "member", "list"], columns,
                       {**space.env, "NO_COLOR": "1"}).splitlines()[0]
        assert titles.endswith("…") is told, titles


def test_without_a_terminal_nothing_is_left_out(space):
    told = space.ctl("member", "list")
    assert LONG in told and "a" * 50 + "@example.org" in told and WIDE * 3 in told


ODD = ['quote " and \\ backslash', "tab\there", "line\nbreak", "bell \x07 and \x1b[31m", "delete \x7f", "é ü 株 🙂",
       "/</script>", "\u2028 line separator"]


@pytest.mark.parametrize("text", ODD)
def test_json_is_the_text_itself(tmp_path, text):
    ctl = Ctl(tmp_path)
    with ctl.sql() as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute("INSERT INTO member(name, plan, company) VALUES (?, 'resident', ?)", (text, text))
        db.execute("INSERT INTO badge(uid, member, label) VALUES (?, 1, ?)", (ADA, text))
    (row,) = ctl.json("member", "list")
    assert (row["name"], row["company"], row["note"]) == (text, text, None)
    assert ctl.json("badge", "list")[0]["label"] == text
    shown_rows = ctl("member", "list").splitlines()
    assert len(shown_rows) == 2 and "\x1b" not in shown_rows[1] and "\x07" not in shown_rows[1]


def test_what_is_no_text_is_still_json(tmp_path):
    ctl = Ctl(tmp_path)
    with ctl.sql() as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute("INSERT INTO member(name, plan) VALUES (CAST(x'41ff42' AS TEXT), 'resident')")
    raw = ctl.run("--json", "member", "list").stdout
    assert json.loads(raw)[0]["name"] == "A\ufffdB"


def test_badges_are_by_member_then_by_number(tmp_path):
    ctl = Ctl(tmp_path)
    with ctl.sql() as db:
        for member in (1, 2, 10):
            db.execute("INSERT INTO member(id, name, plan) VALUES (?, ?, 'resident')", (member, f"Membre {member}"))
        for i, member in enumerate((10, 2, 1, 10, 1, 2, 10)):
            db.execute("INSERT INTO badge(uid, member) VALUES (?, ?)", (f"04{i * 37 % 100:012}", member))
    rows = [(row["member"], row["uid"]) for row in ctl.json("badge", "list")]
    assert rows == sorted(rows) and len(rows) == 7
    table = [line.split()[:4] for line in ctl("badge", "list").splitlines()[1:]]
    assert [(int(member), uid) for member, _, _, uid in table] == rows
    assert all(names == ["Membre", member] for member, *names, _ in table)
