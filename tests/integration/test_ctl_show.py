# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl member show: one member on one screen, with the real cantined and without."""

import datetime
import re
import unicodedata
from zoneinfo import ZoneInfo

import pytest

from rig.cantine import Cantine
from rig.program import BUILD
from rig.terminal import shown
from rig.waiting import wait_until

ADA, GRACE, LOAN = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04D3C4B5A60003"


def day(days=0):
    return datetime.datetime.now(ZoneInfo("Europe/Paris")).date() + datetime.timedelta(days)


@pytest.fixture(name="space")
def fixture_space(tmp_path):
    with Cantine(tmp_path, direction="toggle") as cantine:
        cantine.ada = cantine.add_member("Ada Lovelace", ADA, email="ada@example.org")
        yield cantine


def lines(space, member="ada"):
    """The screen as pairs: what stands before a line (as on the line above, where nothing does), and the line."""
    pairs, label = [], ""
    for line in space.ctl("member", "show", member).splitlines()[1:]:
        if not line:
            break
        label = line[:12].strip() or label
        pairs.append((label, line[12:]))
    return pairs


def said(space, label, member="ada"):
    return [text for of, text in lines(space, member) if of == label]


def test_who_it_is(space):
    screen = space.ctl("member", "show", "ada")
    assert screen.splitlines()[0] == f"Ada Lovelace (member {space.ada})"
    assert said(space, "status") == ["active"] and said(space, "plan") == ["Résident (resident)"]
    assert said(space, "valid") == ["without an end"] and said(space, "e-mail") == ["ada@example.org"]
    assert said(space, "now") == ["not inside"] and said(space, "visits") == ["none that the log still has"]
    assert re.search(rf"^{ADA}  active ", screen, re.MULTILINE)
    assert space.ctl_json("member", "show", "ada")["badges"][0]["uid"] == ADA


@pytest.mark.parametrize("fields, words", [
    ({"until": day(0)}, "until today"), ({"until": day(1)}, "until tomorrow"),
    ({"until": day(4)}, f"until {day(4):%A}"), ({"until": "2099-06-01"}, "until Monday 1 June 2099"),
    ({"until": day(-1)}, "until yesterday, so no longer: cantinectl member edit"),
    ({"from": day(1), "until": day(3)}, "from tomorrow on, so not yet")])
def test_validity_in_words(space, fields, words):
    space.ctl("member", "edit", "ada", *(word for key, value in fields.items() for word in (f"--{key}", value)))
    assert said(space, "valid")[0].startswith(words)


def test_inside_and_visits(space):
    for _ in range(4):
        space.tap(ADA)
        wait_until(lambda: space.ctl_json("member", "show", "ada")["inside"] is True)
        last = space.ctl_json("member", "show", "ada")
        assert last["visits"][0]["left"] is None and last["visits"][0]["entered"] == last["since"]
        assert re.fullmatch(r"inside since today \d+:\d\d", said(space, "now")[0])
        assert re.fullmatch(r"today \d+:\d\d, still inside", said(space, "visits")[0])
        space.tap(ADA)
        wait_until(lambda: space.ctl_json("member", "show", "ada")["inside"] is False)
    visits = space.ctl_json("member", "show", "ada")["visits"]
    assert len(visits) == 3 and all(v["entered"] < v["left"] and not v["checked_out"] for v in visits)
    assert [v["entered"] for v in visits] == sorted((v["entered"] for v in visits), reverse=True)
    assert all(re.fullmatch(r"today \d+:\d\d–\d+:\d\d", text) for text in said(space, "visits"))


def test_who_was_checked_out_was_not_seen_leaving(space):
    space.ctl("member", "in", "ada")
    space.ctl("occupancy", "reset")
    assert said(space, "visits")[0].endswith(", not seen leaving")
    assert space.ctl_json("member", "show", "ada")["visits"][0]["checked_out"] is True


def test_passes_left(space):
    space.sql("INSERT OR IGNORE INTO opening_hours SELECT value, '00:00', '00:00' FROM json_each('[1,2,3,4,5,6,7]')")
    grace = space.add_member("Grace Hopper", GRACE, plan="carnet")
    space.ctl("pass", "add", "grace", "day", 10, "--until", "2099-06-01")
    space.ctl("pass", "add", "grace", "half_day", 4)
    assert said(space, "passes", grace) == ["10 of 10 days left, until Monday 1 June 2099 (pass 1)",
                                            "4 of 4 half days left (pass 2)"]
    space.tap(GRACE)
    assert [row["left"] for row in space.ctl_json("member", "show", grace)["passes"]] == [9, 4]
    assert said(space, "passes", grace)[0].startswith("9 of 10 days left")


def test_next_bookings_also_as_a_guest(space):
    space.ctl("resource", "add", "salle", "La salle")
    space.add_member("Grace Hopper", GRACE)
    for start, guest in (("2099-06-04T09:00", None), ("2099-06-02T09:00", "ada"), ("2099-06-01T23:00", None),
                         ("2099-06-03T09:00", None)):
        space.ctl("booking", "add", "salle", "grace" if guest else "ada", start, "2h", "--title", "Atelier",
                  *(("--guest", guest) if guest else ()))
    assert [row["id"] for row in space.ctl_json("member", "show", "ada")["bookings"]] == [3, 2, 4]
    assert said(space, "bookings") == [
        "Monday 1 June 2099 23:00–Tuesday 2 June 2099 1:00  salle, Atelier (booking 3)",
        "Tuesday 2 June 2099 9:00–11:00  salle, Atelier (booking 2)",
        "Wednesday 3 June 2099 9:00–11:00  salle, Atelier (booking 4)"]
    space.ctl("booking", "cancel", 2)
    assert [row["id"] for row in space.ctl_json("member", "show", "ada")["bookings"]] == [3, 4, 1]


def test_the_last_refusal_and_what_to_do(space):
    assert said(space, "refused") == []
    space.ctl("member", "suspend", "ada")
    space.tap(ADA)
    headline, sentence = said(space, "refused")
    assert re.fullmatch(r"today \d+:\d\d at door front: member_suspended", headline)
    assert sentence == f"Ada Lovelace is suspended: cantinectl member resume {space.ada}"
    assert said(space, "status")[0].startswith("suspended: not let in until cantinectl member resume")
    refusal = space.ctl_json("member", "show", "ada")["last_refusal"]
    assert (refusal["reason"], refusal["door"], refusal["reader"]) == ("member_suspended", "front", "entrance")
    space.ctl("member", "resume", "ada")
    assert said(space, "refused")[1] == "Ada Lovelace was suspended then, and no longer is"
    space.ctl("badge", "set", ADA, "lost")
    space.tap(ADA)
    assert said(space, "refused")[1] == (f"badge {ADA} is lost: cantinectl badge set {ADA} active, "
                                         "if it shall open again")


def test_the_refusal_of_a_guest_is_about_the_host(space):
    guest = space.add_member("Grace Hopper", GRACE, host=space.ada)
    space.ctl("member", "suspend", "ada")
    space.tap(GRACE)
    assert said(space, "refused", guest)[1] == ("a guest gets in only while the host would: Ada Lovelace is "
                                                f"suspended: cantinectl member resume {space.ada}")
    assert said(space, "guest of", guest) == [f"Ada Lovelace ({space.ada})"]
    assert said(space, "guests") == [f"Grace Hopper ({guest})"]
    row = space.ctl_json("member", "show", "ada")
    assert row["guests"] == [{"id": guest, "name": "Grace Hopper"}] and row["host_name"] is None
    assert space.ctl_json("member", "show", guest)["host_name"] == "Ada Lovelace"


def test_an_expired_loan(space):
    space.ctl("badge", "add", "ada", LOAN, "--until", day(-1), "--label", "prêt 3")
    space.ctl("badge", "add", "ada", GRACE, "--until", day(1), "--label", "prêt 4")
    rows = {line.split()[0]: line for line in space.ctl("member", "show", "ada").splitlines()
            if line.startswith("04")}
    assert re.search(r"expired +yesterday +uid +prêt 3$", rows[LOAN])
    assert re.search(r"active +tomorrow +uid +prêt 4$", rows[GRACE])
    space.tap(LOAN)
    assert said(space, "refused")[1].startswith(f"the last day of badge {LOAN} was {day(-1)}: take it back")
    soon = space.ctl("badge", "list", "--expiring", 7).splitlines()
    assert len(soon) == 2 and soon[1].split()[-3:] == ["uid", "prêt", "4"] and "tomorrow" in soon[1]
    assert [row["uid"] for row in space.ctl_json("badge", "list", "--expiring", 0)] == []


def test_without_cantined_the_rest_is_shown(space):
    space.cantined.stop()
    screen = space.ctl("member", "show", "ada")
    assert "cantined does not answer on D-Bus: is it running?" in screen and ADA in screen
    assert not re.search("^(now|visits|refused) ", screen, re.MULTILINE)
    row = space.ctl_json("member", "show", "ada")
    assert [row[key] for key in ("inside", "since", "visits", "last_refusal")] == [None] * 4


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_on_a_narrow_terminal(space, columns):
    space.ctl("member", "edit", "ada", "--note", "prefers the desk at the window, and pays by transfer " * 3)
    space.ctl("badge", "set", ADA, "lost")
    space.tap(ADA)
    screen = shown([BUILD / "cantinectl", "--config", space.configuration, "member", "show", "ada"], columns,
                   {**space.env, "NO_COLOR": "1"})
    assert max(map(width, screen.splitlines())) <= columns
    assert ADA in screen and " ".join(screen.split()).count("pays by transfer") == 3
