# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be undone is asked before: only somebody at a terminal, who didn't say --yes."""

import pytest

from rig.program import BUILD
from rig.terminal import Terminal

ADA = "04A1B2C3D4E5F6"
WHOM = "Check out everybody who is counted inside?"


def terminal(cantine, *words, **env):
    return Terminal([BUILD / "cantinectl", "--config", cantine.configuration, *words], env={**cantine.env, **env})


def inside(cantine):
    return cantine.ctl_json("occupancy")["count"]


@pytest.fixture(name="ada_inside")
def fixture_ada_inside(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    cantine.ctl("member", "in", "ada")
    return cantine


@pytest.mark.parametrize("answer", ["yes\n", "y\n", " YES please\n"])
def test_yes_is_yes(ada_inside, answer):
    asked = terminal(ada_inside, "occupancy", "reset")
    asked.wait("Type yes to do it")
    assert WHOM in asked.text and inside(ada_inside) == 1
    asked.type(answer)
    assert asked.end() == 0
    assert "1 person was checked out" in asked.text and inside(ada_inside) == 0


@pytest.mark.parametrize("answer", ["\n", "no\n", "oui\n", "\x04"])
def test_anything_else_is_no(ada_inside, answer):
    asked = terminal(ada_inside, "occupancy", "reset")
    asked.wait("Type yes to do it")
    asked.type(answer)
    assert asked.end() == 1
    assert "cantinectl: nothing was done" in asked.text and inside(ada_inside) == 1


def test_in_french_it_is_oui(ada_inside):
    asked = terminal(ada_inside, "occupancy", "reset", LANGUAGE="fr", LC_ALL="fr_FR.UTF-8")
    asked.wait("Taper oui")
    asked.type("oui\n")
    assert asked.end() == 0 and inside(ada_inside) == 0


@pytest.mark.parametrize("words", [("--yes", "occupancy", "reset"), ("occupancy", "reset", "--yes")])
def test_with_yes_nobody_is_asked(ada_inside, words):
    told = terminal(ada_inside, *words)
    assert told.end() == 0
    assert WHOM not in told.text and inside(ada_inside) == 0


def test_without_a_terminal_nobody_is_asked(ada_inside):
    assert "1 person was checked out" in ada_inside.ctl("occupancy", "reset")


def test_a_booking_that_is_to_go(ada_inside):
    ada_inside.ctl("resource", "add", "salle", "La salle")
    ada_inside.ctl("booking", "add", "salle", "ada", "2099-06-01T10:00", "1h")
    for answer, left in (("no\n", "confirmed"), ("yes\n", "cancelled")):
        asked = terminal(ada_inside, "booking", "cancel", "1")
        asked.wait("Cancel booking 1? Only a new one brings it back.")
        asked.wait("Type yes")
        asked.type(answer)
        assert asked.end() == (0 if left == "cancelled" else 1)
        assert ada_inside.ctl_json("booking", "list")[0]["status"] == left


def test_a_closure_that_is_to_go(cantine):
    cantine.ctl("closure", "add", "2099-01-01", "2099-01-03")
    asked = terminal(cantine, "closure", "remove", "1")
    asked.wait("Open the space again from 2099-01-01 to 2099-01-03?")
    asked.type("no\n")
    assert asked.end() == 1 and len(cantine.ctl_json("closure", "list")) == 1
    asked = terminal(cantine, "closure", "remove", "1")
    asked.wait("Type yes")
    asked.type("yes\n")
    assert asked.end() == 0 and cantine.ctl_json("closure", "list") == []
