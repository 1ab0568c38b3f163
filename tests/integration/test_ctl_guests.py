# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests of a booking, by name and from a file: who becomes a member, and whom the door then lets in."""

import datetime
import getpass
import re
import time
from zoneinfo import ZoneInfo

import pytest

from rig.ctl import Ctl
from rig.waiting import wait_until

PARIS = ZoneInfo("Europe/Paris")
START, LENGTH = "2099-06-01T14:00", "2h"
TABLES = ("booking", "booking_guest", "member", "record_change", "record_actor")
NAMES = ["Élodie Œuvré-Ÿ", "Zoe\u0301 (NFD)", "日本 太郎", "🍽 👩‍👩‍👧 🏳️‍🌈", "O'Brien; \"Bob\", --DROP", "عمر"]


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    """Ada, who hosts, and the room `salle`, whose doors open half an hour early and two hours late."""
    ctl = Ctl(tmp_path)
    ctl("member", "add", "Ada Lovelace", "--plan", "salle", "--email", "ada@example.org")
    ctl("resource", "add", "salle", "La salle", "--early", 30, "--late", 120)
    return ctl


def file_of(directory, content, name="guests.csv"):
    path = directory / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def book(ctl, content, *options, start=START, length=LENGTH):
    """Books with the guests of a file; the booking's row and what was said about it."""
    done = ctl.run("booking", "add", "salle", 1, start, length, "--guests",
                   file_of(ctl.directory, content), *options)
    assert done.returncode == 0, done.stderr
    (row,) = [row for row in ctl.json("booking", "list") if f"{row['id']}\n" == done.stdout]
    return row, [line.removeprefix("cantinectl: ") for line in done.stderr.splitlines()]


def members(ctl, columns="name, email, company"):
    return [tuple(row.values()) for row in ctl.rows(f"SELECT {columns} FROM member WHERE id > 1 ORDER BY id")]


def everything(ctl):
    return [ctl.rows(f"SELECT * FROM {table}") for table in TABLES]


def refused(ctl, content, *options):
    """Books what must fail and leaves nothing; the lines that say why, without the file's folder."""
    before = everything(ctl)
    path = content if hasattr(content, "name") else file_of(ctl.directory, content)
    done = ctl.run("booking", "add", "salle", 1, START, LENGTH, "--guests", path, *options)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert everything(ctl) == before
    lines = done.stderr.replace(f"{path}", path.name).splitlines()
    assert lines and all(line.startswith("cantinectl: ") for line in lines)
    return [line.removeprefix("cantinectl: ") for line in lines]


# --- by name ------------------------------------------------------------------------------------

def test_guests_by_name(ctl):
    for name in ("Grace Hopper", "Alan Turing"):
        ctl("member", "add", name, "--plan", "resident", "--email", f"{name[:4].strip().lower()}@x.org")
    assert ctl("booking", "add", "salle", "ada", START, LENGTH, "--guest", "hopper", "--guest=alan@x.org",
               "--guest", 2) == "1\n"
    assert ctl.json("booking", "list")[0]["guests"] == [2, 3]
    ctl("booking", "add", "salle", "ada", "2099-06-02T14:00", "1h")
    assert [row["guests"] for row in ctl.json("booking", "list")] == [[2, 3], []]
    assert ctl.json("booking", "cancel", 1)["guests"] == [2, 3]
    first, second = ctl("booking", "list").splitlines()[1:]
    assert first.endswith("cancelled       2") and second.endswith("confirmed")
    assert ctl.rows("SELECT * FROM member WHERE host IS NOT NULL") == []
    assert {row["actor"] for row in ctl.rows("SELECT actor FROM record_change")} == {getpass.getuser()}


@pytest.mark.parametrize("guests, why", [
    (["grace", "jules"], "nobody is called"), (["9"], "no member"), (["\udcff"], "UTF-8"), (["x" * 10000], "nobody"),
    (["a"], "may be 1 Ada Lovelace, 2 Grace Hopper")])
def test_guests_that_nobody_is(ctl, guests, why):
    ctl("member", "add", "Grace Hopper", "--plan", "resident")
    before = everything(ctl)
    options = [word for guest in guests for word in ("--guest", guest)]
    assert why in ctl.refused("booking", "add", "salle", 1, START, LENGTH, *options)
    assert everything(ctl) == before


def test_who_books_needs_no_invitation(ctl):
    _, warnings = ctl.warned("booking", "add", "salle", 1, START, LENGTH, "--guest", "ada")
    assert warnings == ["member 1 is who books, and needs no invitation"]
    row, said = book(ctl, "name,email\nA. L.,ADA@example.org\nGrace,\n", start="2099-07-01T14:00")
    assert row["guests"] == [2]
    assert said == [f"warning: {ctl.directory}/guests.csv:2: this is who books, and needs no invitation",
                    "1 guest: 0 known, 1 new"]


# --- from a file --------------------------------------------------------------------------------

def test_new_guests_become_members_for_the_days_of_the_booking(ctl):
    row, said = book(ctl, "name,email,company\nGrace Hopper,grace@x.org,Navy\nAlan Turing,,\n",
                     start="2099-06-01T00:15", length="22h 30min")
    assert said == ["2 guests: 0 known, 2 new"] and row["guests"] == [2, 3]
    assert members(ctl, "name, email, company, plan, host, status, valid_from, valid_until, display_name") == [
        ("Grace Hopper", "grace@x.org", "Navy", "salle", 1, "active", "2099-05-31", "2099-06-02", None),
        ("Alan Turing", None, None, "salle", 1, "active", "2099-05-31", "2099-06-02", None)]
    assert ctl.rows("SELECT * FROM badge") == []
    noted = ctl.rows("SELECT actor, table_name, action FROM record_change WHERE id > 2")
    assert [tuple(row.values()) for row in noted] == [
        (getpass.getuser(), table, "insert")
        for table in ("booking", "member", "booking_guest", "member", "booking_guest")]


@pytest.mark.parametrize("content", [
    "nom;prénom;courriel;société\nHopper;Grace;g@x.org;\"Navy; US\"\nŒuvré;Zoë;;Été\n".encode(),
    "\ufeffSOCIÉTÉ;E-Mail;Prénom;Nom\r\n\"Navy; US\";g@x.org;Grace;Hopper\r\nÉté;;Zoë;Œuvré\r\n".encode(),
    "Last Name,First_Name,Company,E-mail\nHopper,Grace,Navy; US,g@x.org\nŒuvré,Zoë,Été,\n".encode(),
    "entreprise,nom,courriel\n\"Navy; US\", Grace Hopper ,g@x.org\n\"Été\",\"Zoë Œuvré\"".encode(),
    "Soci\xe9t\xe9;Nom;Pr\xe9nom;Courriel\r\n\"Navy; US\";Hopper;Grace;g@x.org\r\n\xc9t\xe9;\x8cuvr\xe9;Zo\xeb;\r\n"
    .encode("latin-1")], ids=["French", "BOM and CR LF", "English", "one name", "Latin-1"])
def test_files_as_people_have_them(ctl, content):
    _, said = book(ctl, content)
    assert members(ctl) == [("Grace Hopper", "g@x.org", "Navy; US"), ("Zoë Œuvré", None, "Été")]
    assert said[-1] == "2 guests: 0 known, 2 new"
    assert [line for line in said[:-1] if "was read as Latin-1" not in line] == []
    assert (len(said) == 2) == (b"\xc9t\xe9" in content)


def test_titles_that_are_not_used_are_said(ctl):
    _, said = book(ctl, "nom,téléphone,,emial\nGrace,0123,x,grace@x.org\n")
    assert said == [f"warning: {ctl.directory}/guests.csv:1: not used: “téléphone”, “emial”",
                    "1 guest: 0 known, 1 new"]
    assert members(ctl) == [("Grace", None, None)]


def test_names_come_back_as_they_were_given(ctl):
    rows = "".join('"{}",é\n'.format(name.replace('"', '""')) for name in NAMES)
    book(ctl, "name,company\n" + rows)
    assert members(ctl) == [(name, None, "é") for name in NAMES]


def test_guests_who_are_members_already(ctl):
    ctl("member", "add", "Grace Hopper", "--plan", "resident", "--email", "grace@x.org")
    ctl("member", "add", "Alan Turing", "--plan", "salle", "--host", "ada")
    ctl("member", "add", "Jean Dupont", "--plan", "salle", "--host", "ada")
    ctl.warned("member", "add", "Jean Dupont", "--plan", "salle", "--host", "ada")
    ctl("member", "add", "Emmy Noether", "--plan", "salle", "--host", "grace")
    row, said = book(ctl, "name,email\nSomebody,GRACE@x.org\nAlan Turing,\nJean Dupont,\nEmmy Noether,\n"
                     "Alan,\n", "--guest", "grace", "--guest", 6)
    assert row["guests"] == [2, 3, 6, 7, 8, 9]
    assert said == ["6 guests: 3 known, 3 new"]
    assert members(ctl, "name")[5:] == [("Jean Dupont",), ("Emmy Noether",), ("Alan",)]


def test_guests_who_come_again(ctl):
    guests = "name,email\nGrace,grace@x.org\nAlan,\n"
    first, _ = book(ctl, guests)
    ctl("member", "suspend", "alan")
    again, said = book(ctl, guests, start="2099-06-08T14:00")
    assert first["guests"] == again["guests"] == [2, 3]
    assert said[:2] == ["2 guests: 2 known, 0 new",
                        "warning: the membership of 2 guests was changed to include 2099-06-08"]
    assert said[2].startswith("warning: Alan is suspended: the booking opens no door until") and len(said) == 3
    assert members(ctl, "valid_from, valid_until") == [("2099-06-01", "2099-06-08")] * 2
    _, said = book(ctl, guests, start="2099-06-04T14:00")
    assert len(said) == 2  # between the two: nothing had to change


def test_without_a_plan_for_guests(ctl):
    ctl("plan", "edit", "salle", "--active", 0)
    (why,) = refused(ctl, "name\nGrace\n")
    assert "no plan for guests" in why and "cantinectl plan add" in why
    ctl("plan", "add", "invite", "Invités", "--access", "booking")
    book(ctl, "name\nGrace\n")
    assert members(ctl, "plan") == [("invite",)]


def test_guests_of_a_suspended_host(ctl):
    ctl("member", "add", "Grace", "--plan", "salle")
    ctl("member", "add", "Alan", "--plan", "salle", "--host", "grace")
    for who in (1, "grace"):
        ctl("member", "suspend", who)
    _, said = book(ctl, "name\nEmmy\nSofia\n", "--guest", "alan")
    assert said == ["3 guests: 1 known, 2 new",
                    "warning: Ada Lovelace is suspended: the booking opens no door until `cantinectl member "
                    "resume 1`",
                    "warning: the host, Grace is suspended: the booking opens no door until `cantinectl member "
                    "resume 2`", "warning: no more does it for 2 guests, whose host this is"]


# --- files that are refused ---------------------------------------------------------------------

@pytest.mark.parametrize("content, why", [
    ("name,email\nGrace,\nAda,ada@\n", "guests.csv:3: email: “ada@” is not an address: give one such as"),
    ("nom;courriel\nGrace;a b@x.org\n", "guests.csv:2: courriel: “a b@x.org” is not an address: give"),
    ("prénom;nom\nGrace;Hopper\n;\n\n\"\";\"\"\n ; \nAda;{}\n".format("x" * 10000), "guests.csv:7: nom: “Ada xxx"),
    ("name,company\nGrace,{}\n".format("é" * 121), "guests.csv:2: company: “ééé"),
    ("name\n\"Grace\nHopper\"\n", "guests.csv:2: name: “Grace�Hopper” is not possible: a name has 1 to 120"),
    ("name\nGrace\x07\n", "guests.csv:2: name: “Grace�” is not possible"),
    ("name,email\n,g@x.org\n", "guests.csv:2: name: is empty: each guest needs a name"),
    ("name,email\nA,g@x.org\nB,h@x.org\nC,G@x.org\n", "guests.csv:4: email: “G@x.org” is on line 2 already"),
    ("name\nZoé\nB\nZOE\n", "guests.csv:4: name: “ZOE” is on line 2 already"),
    ("name,email\nZoé,z@x.org\nZoé,\n", "guests.csv:3: name: “Zoé” is on line 2 already"),
    ("email,phone\ng@x.org,1\n", "guests.csv:1: there is no column of names: give one of these titles"),
    ("name,nom\nA,B\n", "guests.csv:1: “name” and “nom” mean the same: keep one of the two"),
    ("name,email\n", "guests.csv:1: there are no guests below the titles"),
    ("name\nHopper, Grace\n", "guests.csv:2: has more fields than there are titles, from “Grace” on"),
    ("", "guests.csv: is empty"), ("\ufeff", "guests.csv: is empty"), ("\n\n;;\n", "guests.csv: is empty"),
    ("name\nA\n\"B\nC\n", "guests.csv:3: a quote begins here and never ends"),
    ("name\nA\nB \"b\" B\n", "guests.csv:3: a quote in the middle of a field"),
    ("name\nA\n\"B\" b\n", "guests.csv:3: something follows the quote"),
    (b"name\nA\nB\x00b\n", "guests.csv:3: a NUL is no text"),
    ("name\nA\n".encode("utf-16"), "guests.csv: is UTF-16"),
    (b"\xef\xbb\xbfname\nZo\xeb\n", "guests.csv: says that it is UTF-8 and isn't"),
    ("name\n" + "A\n" * 2001, "guests.csv:2002: there are more than 2000 rows"),
    ("name\n" + "\n" * (1 << 24), "guests.csv: is larger than 16 MiB")], ids=lambda value: str(value)[:30])
def test_files_that_are_refused(ctl, content, why):
    (line,) = refused(ctl, content)
    assert line.startswith(why), line


def test_all_mistakes_of_a_file_are_said_at_once(ctl):
    lines = refused(ctl, "name,email\nGrace,grace@\nAlan,\n" + "x" * 121 + ",\nEmmy,e@x.org\n")
    assert [re.match(r"guests.csv(:\d+: \w+| has 2 mistakes):", line)[1] for line in lines] == [
        ":2: email", ":4: name", " has 2 mistakes"]
    lines = refused(ctl, "name,email\n" + ",x@x.org\n" * 50)
    assert len(lines) == 21 and "has 99 mistakes, of which these are the first 20" in lines[-1]


def test_two_rows_that_are_one_member(ctl):
    ctl("member", "add", "Alan Turing", "--plan", "salle", "--host", "ada", "--email", "alan@x.org")
    (line,) = refused(ctl, "name,email\nA. T.,alan@x.org\nGrace,\nAlan Turing,\n")
    assert line.startswith("guests.csv:4: “Alan Turing” is member 2, who is on line 2 already")


def test_files_that_are_none(ctl, tmp_path):
    assert refused(ctl, tmp_path / "none.csv") == ["none.csv: there is no such file: give the path of a CSV file"]
    (tmp_path / "folder").mkdir()
    assert refused(ctl, tmp_path / "folder") == ["folder: is a directory: give the path of a CSV file"]
    assert "--guests is given twice" in ctl.refused(
        "booking", "add", "salle", 1, START, LENGTH, "--guests", "a", "--guests", "b", status=2)


@pytest.mark.parametrize("words, why", [
    (["salle", 1, START, "13:00"], "before it begins"), (["salle", 1, START, "0min"], "before it begins"),
    (["salle", 1, "2026-02-30T14:00", "1h"], "is no beginning"), (["sale", 1, START, "1h"], "there are salle"),
    (["salle", "jules", START, "1h"], "nobody"), (["salle", 1, START, "1h", "--title", "x" * 10000], "200"),
    (["salle", 1, START, "1h", "--title", "\udcff"], "UTF-8"), (["\udcff", 1, START, "1h"], "UTF-8"),
    (["salle", 1, "2099-06-01T15:00", "1h"], "booked at that time already")])
def test_bookings_that_are_refused_make_no_members(ctl, words, why):
    ctl("booking", "add", "salle", 1, "2099-06-01T15:30", "1h")
    before = everything(ctl)
    assert why in ctl.refused("booking", "add", *words, "--guests", file_of(ctl.directory, "name\nGrace\n"))
    assert everything(ctl) == before


def test_as_many_guests_as_there_can_be(ctl):
    content = "name,email\n" + "".join(f"Guest {i},g{i}@x.org\n" for i in range(2000))
    started = time.monotonic()
    row, said = book(ctl, content)
    assert said == ["2000 guests: 0 known, 2000 new"] and len(row["guests"]) == 2000
    _, said = book(ctl, content, start="2099-06-01T18:00")
    assert said == ["2000 guests: 2000 known, 0 new"]
    assert time.monotonic() - started < 10


# --- at the door --------------------------------------------------------------------------------

def local(minutes):
    return (datetime.datetime.now(PARIS) + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")


def tapped(cantine, uid):
    """How a tap came out: "granted", or the reason; and the detail in the journal."""
    seen = len(cantine.journal())
    _, line = cantine.tap(uid)
    word = "granted" if "granted" in line else re.search(r"refused \((\w+)\)", line)[1]
    event = wait_until(lambda: [row for row in cantine.journal()[seen:] if row["type"] == "access"],
                       what="the journal's row")[-1]
    return word, event["detail"]


def give_badges(cantine, booking):
    """What happens at the welcome desk: each guest gets a badge. Their numbers."""
    (row,) = [row for row in cantine.ctl_json("booking", "list") if row["id"] == booking]
    badges = {member: f"04{member:012X}" for member in row["guests"]}
    for member, uid in badges.items():
        cantine.ctl("badge", "add", member, uid)
    return badges


def names_published(cantine, names):
    """Which of the names any topic but the private ones has carried."""
    public = "".join(f"{m.topic} {m.raw}\n" for m in cantine.broker.messages.items if "/private/" not in m.topic)
    assert public
    return [name for name in names if name in public]


def test_sixty_guests_of_an_evening(cantine):
    host = cantine.add_member("Ada Lovelace", "04A1B2C3D4E5F6", plan="resident")
    cantine.ctl("resource", "add", "tout", "L'espace", "--kind", "space", "--seats", 80)
    content = "Nom;Prénom;Société;Courriel\r\n" + "".join(
        f"Famille{i:02};Prénom{i:02};Les Invités;guest{i:02}@example.org\r\n" for i in range(60))
    path = file_of(cantine.directory, content)
    booking = int(cantine.ctl("booking", "add", "tout", "ada", local(-1), "3h", "--title", "Soirée", "--public",
                              "--guests", path))
    badges = give_badges(cantine, booking)
    assert len(badges) == 60
    for uid in badges.values():
        assert tapped(cantine, uid) == ("granted", "booking")

    last = list(badges.values())[-1]
    cantine.ctl("member", "suspend", host)
    assert tapped(cantine, last) == ("member_suspended", "host")
    cantine.ctl("member", "resume", host)
    assert tapped(cantine, last) == ("granted", "booking")

    retained = wait_until(lambda: cantine.broker.retained("cantine/amiens/room/tout"), what="room/tout")
    assert (retained["name"], retained["state"], retained["title"]) == ("L'espace", "busy", "Soirée")
    wait_until(lambda: cantine.broker.retained("cantine/amiens/occupancy")["count"] == 60, what="60 inside")
    assert names_published(cantine, ["Famille", "Prénom", "Invités", "example.org", "Lovelace", "Ada"]) == []


def test_guests_come_while_the_booking_lasts(cantine):
    cantine.add_member("Ada", "04A1B2C3D4E5F6", plan="resident")
    cantine.ctl("resource", "add", "tout", "L'espace", "--kind", "space", "--early", 0, "--late", 0)
    path = file_of(cantine.directory, "name\nGrace Hopper\n")
    starts, ends = time.time() + 3, time.time() + 8
    words = [datetime.datetime.fromtimestamp(moment, PARIS).strftime("%Y-%m-%dT%H:%M:%S")
             for moment in (starts, ends)]
    booking = int(cantine.ctl("booking", "add", "tout", "ada", *words, "--guests", path))
    (uid,) = give_badges(cantine, booking).values()
    before = time.time()
    told = tapped(cantine, uid)
    assert told == ("no_booking", None) or before + 2 > int(starts)
    wait_until(lambda: time.time() >= int(starts), what="the beginning")
    told = tapped(cantine, uid)
    assert told == ("granted", "booking") or time.time() >= int(ends)
    wait_until(lambda: time.time() >= int(ends), what="the end")
    assert tapped(cantine, uid) == ("no_booking", None)
    room = wait_until(lambda: (cantine.broker.retained("cantine/amiens/room/tout") or {}).get("state") == "free")
    assert room and names_published(cantine, ["Grace", "Hopper", "Ada"]) == []


def test_a_private_evening_in_the_whole_space(cantine):
    """It has its own line among the rooms; neither its title nor anybody's name is on a public topic."""
    cantine.add_member("Ada Lovelace", "04A1B2C3D4E5F6", plan="salle")
    cantine.ctl("resource", "add", "bleue", "Salle bleue")
    cantine.ctl("resource", "add", "tout", "L'espace", "--kind", "space")
    cantine.ctl("booking", "add", "tout", "ada", local(-1), "1h", "--title", "Anniversaire", "--guests",
                file_of(cantine.directory, "name,company\nGrace Hopper,Navy\n"))
    (uid,) = give_badges(cantine, 1).values()
    assert tapped(cantine, uid) == ("granted", "booking")

    def retained(name):
        return cantine.broker.retained(f"cantine/amiens/room/{name}") or {}

    wait_until(lambda: retained("tout").get("state") == "busy" and retained("bleue"), what="both rooms")
    assert retained("bleue")["state"] == "free"
    assert (retained("tout")["name"], retained("tout")["title"]) == ("L'espace", None)
    cantine.broker.messages.wait(lambda m: m.topic.endswith("/private/event")
                                 and m.payload["member_name"] == "Grace Hopper", what="the private event")
    assert names_published(cantine, ["Grace", "Hopper", "Navy", "Lovelace", "Ada", "Anniversaire"]) == []
