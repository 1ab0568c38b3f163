# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl alone at a terminal: the menu, in real whiptail, with the real cantined and without."""

import datetime
import os
import subprocess

import pytest

from rig.ctl import Ctl
from rig.program import BUILD
from rig.screen import BACKSPACE, CTRL_C, DOWN, ENTER, ESC, TAB, UP, Screen

ADA, SPARE, NEW = "04A1B2C3D4E5F6", "04D3C4B5A60002", "04D3C4B5A60003"
TASKS = ["Let somebody in, give a badge", "A badge is lost or stolen", "Book a room", "Who is here?",
         "Open the door now", "Why was I refused?"]
TACHES = ["Faire entrer, donner un badge", "Badge perdu ou volé", "Réserver une salle", "Qui est là ?",
          "Ouvrir la porte maintenant", "Pourquoi ce refus ?"]
LET_IN, LOST, BOOK, WHO, DOOR, WHY = range(6)
ASKED = "What do you want to do?"
FRENCH = {"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr"}


class Menu(Screen):
    """The menu of a Cantine, or of records alone."""

    def __init__(self, space, columns=80, rows=24, **env):
        super().__init__([BUILD / "cantinectl", "--config", space.configuration], columns, rows,
                         {**getattr(space, "env", {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}), **env})

    def choose(self, task):
        self.answer(ASKED, UP * 5, DOWN * task, ENTER)

    def leave(self):
        self.answer(ASKED, ESC)
        assert self.end() == 0

    def enter(self, *texts):
        """Sees what a command said, and goes on."""
        self.see(*texts)
        self.answer("Enter: back to the menu", ENTER)


@pytest.fixture(name="space")
def fixture_space(cantine):
    cantine.ada = cantine.add_member("Ada Lovelace", ADA, email="ada@example.org")
    return cantine


@pytest.fixture(name="records")
def fixture_records(tmp_path):
    """Nothing but records: no cantined anywhere."""
    ctl = Ctl(tmp_path)
    ctl("member", "add", "Ada Lovelace", "--plan", "resident", "--email", "ada@example.org")
    ctl("badge", "add", "ada", ADA)
    return ctl


# --- the menu itself ------------------------------------------------------------------------------

@pytest.mark.parametrize("columns, rows", [(40, 15), (80, 24), (200, 60)])
@pytest.mark.parametrize("env, asked, names, leave", [
    ({}, ASKED, TASKS, "<Quit>"), (FRENCH, "Que voulez-vous faire ?", TACHES, "<Quitter>")])
def test_six_tasks_are_there(records, columns, rows, env, asked, names, leave):
    menu = Menu(records, columns, rows, **env)
    menu.see(asked, leave)
    shown = [line.strip(" │").replace("\u00a0", " ") for line in menu.lines]
    assert [line for line in shown if line in names] == names
    menu.type(ESC)
    assert menu.end() == 0


def test_the_button_leaves(records):
    menu = Menu(records)
    menu.answer(ASKED, TAB, TAB, ENTER)
    assert menu.end() == 0


@pytest.mark.parametrize("locale", ["C", "", "xx_XX.ISO-8859-1"])
def test_letters_are_whole_in_any_locale(records, locale):
    menu = Menu(records, LC_ALL=locale)
    menu.choose(LET_IN)
    menu.answer("Somebody new", ENTER)
    menu.answer("First name and last name:", "Zoë", BACKSPACE, "é", ENTER)
    menu.answer("E-mail address", ENTER)
    menu.answer("Résident", ENTER)
    menu.answer("A badge for Zoé:", ESC)
    menu.leave()
    assert records.rows("SELECT name FROM member WHERE id > 1") == [{"name": "Zoé"}]


@pytest.mark.parametrize("task", range(6))
def test_going_back_changes_nothing(records, task):
    before = records.records.read_bytes()
    menu = Menu(records)
    menu.choose(task)
    if task in (WHO, DOOR, WHY):
        menu.enter("D-Bus can't be reached")
    else:
        menu.answer({LET_IN: "Who shall come in?", LOST: "Whose badge?", BOOK: "nothing to book yet"}[task], ESC)
    menu.leave()
    assert records.records.read_bytes() == before


@pytest.mark.parametrize("env, words", [({"TERM": "dumb"}, ()), ({}, ("--json",)), ({"TERM": ""}, ())])
def test_no_menu_for_what_is_no_person(records, env, words):
    """Where no dialog can be drawn, or a program asks, there is the help as always."""
    done = subprocess.run(["script", "-qec", " ".join(["env", *(f"{k}={v}" for k, v in env.items()),
                                                       str(BUILD / "cantinectl"), *words]), "/dev/null"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=15, check=False)
    assert done.returncode == 2 and "COMMAND" in done.stdout and "member add" in done.stdout


def test_without_a_terminal_there_is_help(records):
    done = records.run()
    assert done.returncode == 2 and done.stdout == "" and "member add" in done.stderr


def test_without_whiptail_it_says_what_to_install(records, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/env").symlink_to("/usr/bin/env")
    menu = Menu(records, PATH=str(tmp_path / "bin"))
    menu.wait("apt install whiptail")
    assert menu.end() == 1


# --- let somebody in ------------------------------------------------------------------------------

def new_member(menu, name, email=""):
    menu.choose(LET_IN)
    menu.answer("Somebody new", ENTER)
    menu.answer("First name and last name:", name, ENTER)
    menu.answer("E-mail address", email, ENTER)
    menu.answer("Which membership?", ENTER)


def test_a_new_member_with_the_badge_at_the_reader(space):
    menu = Menu(space)
    new_member(menu, "Grace Hopper", "grace@example.org")
    seen = len(space.cantined.lines)
    menu.answer("A badge for Grace Hopper:", ENTER)
    menu.see("$ cantinectl badge enrol 2 --reader entrance", "hold the badge to reader entrance")
    space.cantined.wait_line("waits for a badge to be enrolled", seen)
    space.reader_device.tap(NEW)
    menu.enter(f"badge {NEW} of Grace Hopper: active")
    menu.leave()
    row = space.ctl_json("member", "show", "grace")
    assert (row["name"], row["email"], row["plan"]) == ("Grace Hopper", "grace@example.org", "resident")
    assert "granted" in space.tap(NEW)[1]


def test_the_badge_that_was_just_refused(space):
    assert "refused" in space.tap(NEW)[1]
    menu = Menu(space)
    menu.choose(LET_IN)
    menu.answer("A member who needs a badge", DOWN, ENTER)
    menu.answer("Who gets a badge?", "love", ENTER)
    menu.answer("A badge for Ada Lovelace:", DOWN, ENTER)
    menu.enter(f"cantinectl badge add {space.ada} --last", f"badge {NEW} of Ada Lovelace: active")
    menu.leave()
    assert "granted" in space.tap(NEW)[1]


def test_ctrl_c_stops_waiting_for_a_badge_and_not_the_menu(space):
    menu = Menu(space)
    menu.choose(LET_IN)
    menu.answer("A member who needs a badge", DOWN, ENTER)
    menu.answer("Who gets a badge?", "ada@EXAMPLE.org", ENTER)
    seen = len(space.cantined.lines)
    menu.answer("A badge for Ada Lovelace:", ENTER)
    space.cantined.wait_line("waits for a badge to be enrolled", seen)
    menu.answer("hold the badge", CTRL_C)
    space.cantined.wait_line("no longer waits for a badge", seen)
    menu.enter()
    menu.answer("No badge for now", ESC)
    menu.leave()


def test_what_was_typed_stays_for_another_try(records):
    menu = Menu(records)
    new_member(menu, "Grace", "ada@example.org")
    menu.enter("ada@example.org")
    menu.see("First name and last name:", "Grace")
    menu.type(" Hopper" + ENTER)
    menu.answer("E-mail address", BACKSPACE * 20, "grace@example.org", ENTER)
    menu.answer("Which membership?", DOWN, ENTER)
    menu.answer("A badge for Grace Hopper:", DOWN * 2, ENTER)
    menu.leave()
    assert records.rows("SELECT name, email, plan FROM member WHERE id > 1") == [
        {"name": "Grace Hopper", "email": "grace@example.org", "plan": "nomade"}]


@pytest.mark.parametrize("name", ["-x", "--yes", "$(reboot); 'a' \"b\" \\", "Łukasz 李", "O'Brien %s %n"])
def test_names_are_as_typed(records, name):
    menu = Menu(records)
    new_member(menu, name)
    menu.see("A badge for")
    menu.type(ESC)
    menu.leave()
    assert records.rows("SELECT name FROM member WHERE id > 1") == [{"name": name}]


def test_no_membership_to_give(records):
    with records.sql() as db:
        db.execute("UPDATE plan SET active = 0")
    menu = Menu(records)
    menu.choose(LET_IN)
    menu.answer("Somebody new", ENTER)
    menu.answer("There is no active membership: cantinectl plan add", ENTER)
    menu.leave()


# --- who is meant ---------------------------------------------------------------------------------

def test_several_are_offered(records):
    for name in ("Chloë Martin", "Chloé Bernard"):
        records("member", "add", name, "--plan", "resident")
    menu = Menu(records)
    menu.choose(LOST)
    menu.answer("Whose badge?", "nobody", ENTER)
    menu.answer("Nobody has this name, address or number.", ENTER)
    menu.see("Whose badge?", "nobody_")  # it stays, to be mended
    menu.type(BACKSPACE * 6 + "chloe" + ENTER)
    menu.answer("Chloé Bernard", DOWN, ENTER)
    menu.answer("No badge of this member opens a door.", ENTER)
    menu.answer("A badge for Chloé Bernard:", ESC)
    menu.leave()


def test_more_than_can_be_offered_is_said(records):
    with records.sql() as db:
        db.executemany("INSERT INTO member(name, plan) VALUES (?, 'resident')", [(f"Bob {i:03}",) for i in range(200)])
    menu = Menu(records)
    menu.choose(LOST)
    menu.answer("Whose badge?", "bob 0", ENTER)
    menu.answer("Who of these?", ESC)
    assert "There are more" not in "\n".join(menu.lines)
    menu.answer("Whose badge?", BACKSPACE * 5, "bob", ENTER)
    menu.answer("There are more: go back", ESC)
    menu.answer("Whose badge?", BACKSPACE * 3, "bob 199", ENTER)
    menu.answer("No badge of this member opens a door.", ENTER)
    menu.answer("A badge for Bob 199:", ESC)
    menu.leave()


def test_a_name_that_would_move_the_cursor_is_shown_harmless(records):
    with records.sql() as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute("INSERT INTO member(name, plan) VALUES (?, 'resident')", ("Eve \x1b[2J\x1b]0;x\x07 Mallory",))
    records("member", "add", "Eve Other", "--plan", "resident")
    menu = Menu(records)
    menu.choose(LOST)
    menu.answer("Whose badge?", "eve", ENTER)
    menu.see("Eve \ufffd[2J\ufffd]0;x\ufffd Mallory", "Eve Other")
    menu.type(ESC)
    menu.answer("Whose badge?", ESC)
    menu.leave()


# --- a lost badge ---------------------------------------------------------------------------------

@pytest.mark.parametrize("how, status", [(0, "lost"), (1, "stolen")])
def test_a_lost_badge_opens_no_more(space, how, status):
    space.ctl("badge", "add", "ada", SPARE, "--label", "blue")
    menu = Menu(space)
    menu.choose(LOST)
    menu.answer("Whose badge?", "ada", ENTER)
    menu.answer(f"{SPARE} blue", DOWN, ENTER)
    menu.answer(f"Badge {SPARE} of Ada Lovelace will open no door any more", DOWN * how, ENTER)
    menu.enter(f"cantinectl badge set {SPARE} {status}")
    menu.answer("A badge for Ada Lovelace:", ESC)
    menu.leave()
    assert f"badge_{status}" in space.tap(SPARE)[1] and "granted" in space.tap(ADA)[1]


# --- booking --------------------------------------------------------------------------------------

def book(menu, start, until="", title="", day=DOWN):
    menu.answer("Which day, for Ada Lovelace?", day, ENTER)
    menu.answer("From when?", BACKSPACE * 5, start, ENTER)
    menu.answer("Until when?", *([BACKSPACE * 5, until] if until else []), ENTER)
    menu.answer("What for?", title, ENTER)


def test_a_room_is_booked_and_a_conflict_is_asked_again(records):
    records("resource", "add", "jardin", "Le jardin")
    records("resource", "add", "salle", "La salle de réunion")
    records("booking", "add", "salle", "ada", "tomorrow 10:00", "1h")
    menu = Menu(records)
    menu.choose(BOOK)
    menu.answer("What is booked?", DOWN, ENTER)
    menu.answer("La salle de réunion: for whom?", "1", ENTER)
    book(menu, "10:30", title="Tea; it's $HOME")
    menu.enter("cantinectl: ")
    book(menu, "14h", "15:30", day="")  # the day is still tomorrow
    menu.enter("It is booked.")
    menu.leave()
    [_, row] = records.json("booking", "list")
    day = datetime.date.today() + datetime.timedelta(1)
    begin = datetime.datetime.fromtimestamp(row["starts_at"], tz=datetime.timezone.utc)
    assert row["resource"] == "salle" and row["title"] == "Tea; it's $HOME"
    assert row["ends_at"] - row["starts_at"] == 5400 and abs((begin.date() - day).days) <= 1


def test_another_day(records):
    records("resource", "add", "salle", "La salle de réunion")
    menu = Menu(records)
    menu.choose(BOOK)
    menu.answer("for whom?", "ada", ENTER)
    menu.answer("Which day, for Ada Lovelace?", DOWN * 14, ENTER)
    menu.answer("Which day? Such as 23/11/2026:", "01/06/2099", ENTER)
    menu.answer("From when?", "9:00", ENTER)
    menu.answer("Until when?", ENTER)
    menu.answer("What for?", ENTER)
    menu.enter("cantinectl booking add -- salle 1 01/06/2099T9:00 1h", "It is booked.")
    menu.leave()
    assert [row["title"] for row in records.json("booking", "list")] == [None]


# --- the door -------------------------------------------------------------------------------------

def test_who_is_here(space):
    space.ctl("member", "in", "ada")
    menu = Menu(space)
    menu.choose(WHO)
    menu.enter("$ cantinectl occupancy --names", "1 inside", "Ada Lovelace")
    menu.leave()


def test_the_door_is_opened(space):
    frames = len(space.relay.frames)
    menu = Menu(space)
    menu.choose(DOOR)
    menu.enter("$ cantinectl door unlock front", "door front is unlocked")
    space.relay.wait(True, frames)
    menu.leave()


def test_why_a_member_was_refused(space):
    space.ctl("member", "suspend", "ada")
    assert "refused" in space.tap(ADA)[1] and "refused" in space.tap(NEW)[1]
    menu = Menu(space)
    menu.choose(WHY)
    menu.answer("front Ada Lovelace", DOWN, ENTER)
    menu.enter(f"$ cantinectl member show {space.ada}", "member_suspended",
               f"Ada Lovelace is suspended: cantinectl member resume {space.ada}")
    menu.choose(WHY)
    menu.answer("(a badge that nobody has)", ENTER)
    menu.answer("Nobody had this badge then.", ENTER)
    menu.leave()


def test_nobody_was_refused(space):
    menu = Menu(space)
    menu.choose(WHY)
    menu.answer("Nobody was refused since yesterday.", ENTER)
    menu.leave()


# --- without cantined -----------------------------------------------------------------------------

@pytest.mark.parametrize("task", [WHO, DOOR, WHY])
def test_without_cantined_it_says_so_and_goes_on(space, task):
    space.cantined.stop()
    menu = Menu(space)
    menu.choose(task)
    menu.enter("cantined does not answer on D-Bus")
    menu.leave()


def test_members_are_added_without_cantined(space):
    space.cantined.stop()
    menu = Menu(space)
    new_member(menu, "Grace Hopper")
    menu.answer("A badge for Grace Hopper:", DOWN * 2, ENTER)
    menu.leave()
    assert space.ctl_json("member", "show", "grace")["plan"] == "resident"


def test_what_goes_wrong_is_said_in_french(records):
    menu = Menu(records, **FRENCH)
    menu.answer("Que voulez-vous faire", ENTER)
    menu.answer("Une nouvelle personne", ENTER)
    menu.answer("Prénom et nom", "Grace", ENTER)
    menu.answer("Adresse de courriel", "no address", ENTER)
    menu.answer("Quelle formule", ENTER)
    menu.see("n’est pas possible", "email est une adresse")
    menu.type(ENTER)
    menu.answer("Prénom et nom", ESC)
    menu.answer("Que voulez-vous faire", ESC)
    assert menu.end() == 0


def test_namesakes_are_told_apart(records):
    records("member", "add", "Luc", "--plan", "resident")
    records.warned("member", "add", "Luc", "--plan", "resident", "--email", "luc@example.org")
    records("member", "leave", "3")
    menu = Menu(records)
    menu.choose(LOST)
    menu.answer("Whose badge?", "luc", ENTER)
    menu.see("Luc (2)", "Luc luc@example.org (3, left)")
    menu.type(ESC)
    menu.answer("Whose badge?", ESC)
    menu.leave()


# --- the same in French ---------------------------------------------------------------------------

def test_the_tasks_in_french(space):
    space.ctl("resource", "add", "salle", "La salle de réunion")
    space.ctl("member", "in", "ada")
    menu = Menu(space, **FRENCH)

    def choose(task):
        menu.answer("Que voulez-vous faire", UP * 5, DOWN * task, ENTER)

    def enter(*texts):
        menu.see(*texts)
        menu.answer("Entrée : retour au menu", ENTER)

    choose(LET_IN)
    menu.answer("Une nouvelle personne", ENTER)
    menu.answer("Prénom et nom", "Zoé Durand", ENTER)
    menu.answer("Adresse de courriel", ENTER)
    menu.answer("Quelle formule", ENTER)
    menu.answer("Un badge pour Zoé Durand", DOWN * 2, ENTER)
    choose(LOST)
    menu.answer("Le badge de qui", "ada", ENTER)
    menu.answer("n’ouvrira plus aucune porte", ENTER)
    enter("badge set", "Ada Lovelace : perdu")
    menu.answer("Un badge pour Ada Lovelace", ESC)
    choose(BOOK)
    menu.answer("pour qui", "zoe", ENTER)
    menu.answer("Quel jour, pour Zoé Durand", DOWN, ENTER)
    menu.answer("À partir de quand", "9:00", ENTER)
    menu.answer("Jusqu’à quand", ENTER)
    menu.answer("Pour quoi faire", "Atelier", ENTER)
    enter("C’est réservé.")
    choose(WHO)
    enter("Ada Lovelace")
    choose(DOOR)
    enter("la porte front est déverrouillée")
    space.tap(ADA)
    choose(WHY)
    enter("badge_lost")
    menu.answer("Que voulez-vous faire", ESC)
    assert menu.end() == 0
    assert space.ctl_json("booking", "list")[0]["title"] == "Atelier"
