# SPDX-License-Identifier: GPL-3.0-or-later
"""closure add --french-holidays YEAR: the eleven days, once, all or nothing."""

import json

import pytest

from rig.ctl import Ctl

# Published calendars of service-public.fr (2024 to 2027) and the earliest and latest Easters there are.
MONDAYS = {2024: ("04-01", "05-09", "05-20"), 2025: ("04-21", "05-29", "06-09"), 2026: ("04-06", "05-14", "05-25"),
           2027: ("03-29", "05-06", "05-17"), 2038: ("04-26", "06-03", "06-14"), 2285: ("03-23", "04-30", "05-11")}
FIXED = ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")


@pytest.fixture
def ctl(tmp_path):
    return Ctl(tmp_path)


def closures(ctl):
    return [(row["first_day"], row["last_day"]) for row in ctl.rows("SELECT * FROM closure ORDER BY first_day, id")]


@pytest.mark.parametrize("year", MONDAYS)
def test_the_eleven_days(ctl, year):
    told = json.loads(ctl.run("--json", "closure", "add", "--french-holidays", year).stdout)
    days = sorted(f"{year}-{day}" for day in FIXED + MONDAYS[year])
    assert [row["first_day"] for row in told] == days
    assert closures(ctl) == [(day, None) for day in days]
    labels = {row["first_day"][5:]: row["label"] for row in told}
    assert [labels[day] for day in MONDAYS[year]] == ["Lundi de Pâques", "Ascension", "Lundi de Pentecôte"]
    assert labels["07-14"] == "Fête nationale"


def test_a_day_that_is_closed_already_stays_as_it_is(ctl):
    ctl("closure", "add", "2099-12-24", "2099-12-26", "--label", "Fermeture")
    told = ctl("closure", "add", "--french-holidays", "2099")
    assert told.count("closed: ") == 10
    assert "25 December 2099, Noël: was closed already" in told
    assert len(closures(ctl)) == 11
    again = ctl.json("closure", "add", "--french-holidays", "2099")
    assert [row["id"] for row in again] == [None] * 11
    assert len(closures(ctl)) == 11


def test_bookings_on_these_days_are_told(ctl):
    ctl("member", "add", "Ada Lovelace", "--plan", "resident")
    ctl("resource", "add", "salle", "La salle")
    ctl("booking", "add", "salle", "1", "2099-07-14T10:00", "2h")
    told, warnings = ctl.warned("closure", "add", "--french-holidays", 2099)
    assert told.count("closed: ") == 11
    assert ["1 confirmed booking on these days opens the door all the same (1)" in text for text in warnings] == [True]


def test_a_year_that_is_over_is_told(ctl):
    assert ctl.warned("closure", "add", "--french-holidays", 2024)[1] == ["these days are over already"]


@pytest.mark.parametrize("words, status, why", [
    (["--french-holidays", "soon"], 1, "“soon” is no year: give 1983 to 2999"),
    (["--french-holidays", "1900"], 1, "“1900” is no year: give 1983 to 2999"),
    (["--french-holidays", "2027x"], 1, "“2027x” is no year: give 1983 to 2999"),
    (["2027-01-01", "--french-holidays", "2027"], 2,
     "--french-holidays goes without days and label: the holidays have theirs"),
    (["--label", "x", "--french-holidays", "2027"], 2,
     "--french-holidays goes without days and label: the holidays have theirs"),
    ([], 2, "which days? cantinectl closure add FIRST [LAST], or --french-holidays YEAR"),
])
def test_what_is_no_year(ctl, words, status, why):
    assert ctl.refused("closure", "add", *words, status=status) == why
    assert closures(ctl) == []


def test_nothing_is_closed_when_one_day_fails(ctl):
    with ctl.sql() as db:
        db.execute("CREATE TRIGGER full BEFORE INSERT ON closure WHEN NEW.first_day LIKE '%-12-25' "
                   "BEGIN SELECT RAISE(ABORT, 'no Christmas'); END")
    assert "no Christmas" in ctl.refused("closure", "add", "--french-holidays", 2099)
    assert closures(ctl) == []
