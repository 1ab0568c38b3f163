# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of members: what becomes of them, what is said about them, and that an export changes nothing."""

import csv
import getpass
import io
import json
import os
import random
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import threading
import unicodedata
from pathlib import Path

import jsonschema
import pytest

from rig.ctl import Ctl
from rig.program import BUILD
from rig.waiting import wait_until

SCHEMAS = Path(__file__).parents[2] / "schemas/ctl"
TABLES = ("member", "badge", "record_change", "record_actor", "sqlite_sequence")
COLUMNS = ["id", "name", "email", "company", "plan", "status", "valid_from", "valid_until", "display_name", "language",
           "host", "note"]
BADGE = "04A1B2C3D4E5F6"
MEMORY_MOST = 192 << 20  # address space, with the libraries'


@pytest.fixture(name="ctl")
def fixture_ctl(tmp_path):
    return Ctl(tmp_path)


def file_of(ctl, content, name="members.csv"):
    path = ctl.directory / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def imported(ctl, content, *options):
    """Imports what must be taken; what was printed, and what was said besides, without the file's folder."""
    done = ctl.run("import", file_of(ctl, content), *options)
    assert done.returncode == 0, done.stderr
    said = done.stderr.replace(f"{ctl.directory}/", "").splitlines()
    assert all(line.startswith("cantinectl: warning: ") for line in said), said
    return (done.stdout.replace(f"{ctl.directory}/", "").splitlines(),
            [line.removeprefix("cantinectl: warning: ") for line in said])


def result(ctl, content, *options):
    """The same as JSON, as its schema says."""
    done = ctl.run("--json", "import", file_of(ctl, content), *options)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    jsonschema.validate(told, json.loads((SCHEMAS / "import.schema.json").read_text()))
    return told


def everything(ctl):
    return [ctl.rows(f"SELECT * FROM {table}") for table in TABLES]


def refused(ctl, content, *options):
    """Imports what must fail and leaves nothing; the lines that say why, without the file's folder."""
    path = content if isinstance(content, Path) else file_of(ctl, content)
    before = everything(ctl)
    for more in ([], ["--dry-run"]):
        done = ctl.run("import", path, *options, *more)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert everything(ctl) == before
    lines = done.stderr.replace(f"{ctl.directory}/", "").splitlines()
    assert lines and all(line.startswith("cantinectl: ") for line in lines)
    return [line.removeprefix("cantinectl: ") for line in lines if ": warning: " not in line]


def members(ctl, columns="name, email, plan"):
    return [tuple(row.values()) for row in ctl.rows(f"SELECT {columns} FROM member ORDER BY id")]


def exported(ctl, *options):
    return list(csv.reader(io.StringIO(ctl("export", "-", *options).removeprefix("\ufeff")), delimiter=";"))


# --- files as people have them ------------------------------------------------------------------

GRACE = [("Grace Hopper", "g@x.org", "Navy; US", "resident", "2026-11-24"),
         ("Zoë Œuvré", None, "Été", "soir", None)]


@pytest.mark.parametrize("content", [
    "name,email,company,plan,valid_until\nGrace Hopper,g@x.org,Navy; US,resident,2026-11-24\n"
    "Zoë Œuvré,,Été,soir,\n".encode(),
    "nom;prénom;courriel;société;formule;fin\nHopper;Grace;g@x.org;\"Navy; US\";Résident;24/11/2026\n"
    "Œuvré;Zoë;;Été;soirs et week-ends;\n".encode(),
    "\ufeffDate de fin;TARIF;SOCIÉTÉ;E-Mail;Prénom;Nom\r\n24.11.2026;RESIDENT;\"Navy; US\";g@x.org;Grace;Hopper\r\n"
    ";SOIR;Été;;Zoë;Œuvré\r\n".encode(),
    "Last Name\tFirst_Name\tCompany\tE-mail\tMembership\tEnd date\nHopper\tGrace\tNavy; US\tg@x.org\tresident\t"
    "24/11/2026 00:00\nŒuvré\tZoë\tÉté\t\tsoir\t\n".encode(),
    "Soci\xe9t\xe9;Nom;Pr\xe9nom;Courriel;Plan;Expire le\r\"Navy; US\";Hopper;Grace;g@x.org;r\xe9sident;24-11-2026\r"
    "\xc9t\xe9;\x8cuvr\xe9;Zo\xeb;;soir;\r".encode("latin-1")],
    ids=["English", "French", "BOM and CR LF", "tabs", "Latin-1 and CR"])
def test_files_as_people_have_them(ctl, content):
    out, said = imported(ctl, content)
    assert members(ctl, "name, email, company, plan, valid_until") == GRACE
    assert out == ["new: 2, changed: 0, as they are: 0"]
    assert [line for line in said if "was read as Latin-1" not in line] == []
    assert (len(said) == 1) == (b"\xc9t\xe9" in content)
    assert {row["actor"] for row in ctl.rows("SELECT actor FROM record_change")} == {getpass.getuser()}


HELLOASSO = ("\ufeffRéférence commande;Date de la commande;Statut de la commande;Nom adhérent;Prénom adhérent;"
             "Nom payeur;Prénom payeur;Email payeur;Raison sociale;Moyen de paiement;Tarif;Montant tarif;Code Promo;"
             "Montant code promo;Téléphone \r\n"
             "172754126;04/03/2026 14:25;Validé;LOVELACE;Ada;LOVELACE;Ada;ada@example.org;;Carte bancaire;"
             "Adhésion annuelle;85,00;;;+33612345678\r\n"
             "172754126;04/03/2026 14:25;Validé;LOVELACE;Ralph;LOVELACE;Ada;ada@example.org;;Carte bancaire;"
             "Carnet de passages;85,00;;;\r\n"
             "172754127;05/03/2026 09:00;Remboursé;BABBAGE;Charles;BABBAGE;Charles;c@example.org;Engines;"
             "Carte bancaire;Adhésion annuelle;85,00;;;\r\n")


def test_an_export_of_helloasso(ctl):
    (line,) = refused(ctl, HELLOASSO)
    assert line == ("members.csv:2: column Tarif: “Adhésion annuelle” is no plan: there are resident, nomade, soir, "
                    "salle, carnet; or say which one it means: --plan-for \"Adhésion annuelle=PLAN\"")
    out, said = imported(ctl, HELLOASSO, "--plan-for", "adhesion annuelle=Résident")
    assert out == ["new: 2, changed: 0, as they are: 0"]
    assert said == [
        "members.csv:1: not used: “Référence commande”, “Date de la commande”, “Moyen de paiement”, “Montant tarif”, "
        "“Code Promo”, “Montant code promo”, “Téléphone”",
        "members.csv:4: the order's status is “Remboursé”: the row is left out",
        "members.csv: 1 row has no address of the member: that of who paid isn't theirs"]
    assert members(ctl) == [("Ada LOVELACE", "ada@example.org", "resident"), ("Ralph LOVELACE", None, "carnet")]
    told = result(ctl, HELLOASSO, "--plan-for", "Adhésion annuelle=resident", "--dry-run")
    assert (told["unchanged"], told["left_out"]) == (1, 1)


def test_a_list_of_payers_alone_is_about_them(ctl):
    imported(ctl, "Statut de la commande;Nom payeur;Prénom payeur;Email payeur;Tarif\nValidé;L.;Ada;a@x.org;nomade\n")
    assert members(ctl) == [("Ada L.", "a@x.org", "nomade")]


def test_the_plan_of_who_has_none(ctl):
    ctl("member", "add", "Ada", "--plan", "resident", "--email", "ada@x.org")
    assert refused(ctl, "name,email\nGrace,g@x.org\n") == ["members.csv:2: column plan: plan can't be empty: give one"]
    imported(ctl, "name,email,plan\nAda,ada@x.org,\nGrace,g@x.org,\nAlan,,salle\n", "--plan", "Nomade")
    assert members(ctl) == [("Ada", "ada@x.org", "resident"), ("Grace", "g@x.org", "nomade"), ("Alan", None, "salle")]
    assert "there is no plan “x”: there are resident, nomade" in refused(ctl, "name\nZ\n", "--plan", "x")[0]
    assert "there is no plan “x”" in refused(ctl, "name\nZ\n", "--plan-for", "y=x")[0]
    assert "give WORDS=PLAN" in refused(ctl, "name\nZ\n", "--plan-for", "y")[0]


def test_the_standard_input(ctl):
    done = subprocess.run([BUILD / "cantinectl", "--config", ctl.configuration, "import", "-"], text=True, check=False,
                          input="name,plan\nAda,resident\nGrace,x\n", capture_output=True, env={"LC_ALL": "C.UTF-8"})
    assert done.returncode == 1 and "cantinectl: the standard input:3: column plan: “x” is no plan" in done.stderr


def folded(title):
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalnum())


def documented_titles():
    """The titles of schemas/ctl/members.csv.md; "type (d')adhésion" is two."""
    text = (SCHEMAS / "members.csv.md").read_text()
    for column, also in re.findall(r"^\| (.*?) \| .*?\| (.*?)\|$", text, re.MULTILINE)[1:]:
        for title in [column.strip("`"), *re.split(r"[,;]", also)]:
            if title.strip(" -"):
                yield from {re.sub(r"\(.*?\)", "", title).strip(), re.sub(r"[()]", "", title).strip()}


def test_the_titles_that_are_documented_are_known_and_all_are_documented(ctl):
    titles = set(documented_titles())
    assert len(titles) > 100
    for title in titles - {"id"}:
        said = ctl.run("import", file_of(ctl, f"zzz,{title},id\nx,x,x\n")).stderr
        assert "members.csv:1: not used: “zzz”\n" in said, (title, said)
    source = (SCHEMAS.parents[1] / "daemon/ctl/roster/roster_cell.c").read_text()
    known = set(re.findall(r'\{"(\w+)", ROSTER_(?!ORDER|PAYER)', source))
    assert known - {folded(title) for title in titles} == set()


# --- who is meant -------------------------------------------------------------------------------

@pytest.fixture(name="three")
def fixture_three(ctl):
    ctl("member", "add", "Ada Lovelace", "--plan", "resident", "--email", "ada@example.org", "--company", "Engines",
        "--until", "2026-12-31")
    ctl("member", "add", "Grace Hopper", "--plan", "nomade", "--email", "grace@example.org")
    ctl("member", "add", "Alan Turing", "--plan", "salle")
    return ctl


def test_members_are_changed_by_their_address(three):
    content = ("email;fin;société;statut\nADA@example.org;31/12/2027;;actif\ngrace@example.org;;Navy;Suspendue\n")
    before = everything(three)
    out, said = imported(three, content, "--dry-run")
    assert everything(three) == before
    assert out == [
        "members.csv:2: Ada Lovelace (member 1): valid_until 2026-12-31 → 2027-12-31",
        "members.csv:3: Grace Hopper (member 2): company nothing → Navy, status active → suspended",
        "new: 0, changed: 2, as they are: 0", "this was a rehearsal: nothing was written"]
    assert said == ["members.csv: 1 empty cell leaves what is there (line 2, société): write - into a cell to take "
                    "away what is there"]
    told = result(three, content)
    assert told["members"] == [
        {"line": 2, "id": 1, "name": "Ada Lovelace", "outcome": "changed", "badges": 0,
         "changes": {"valid_until": {"before": "2026-12-31", "after": "2027-12-31"}}},
        {"line": 3, "id": 2, "name": "Grace Hopper", "outcome": "changed", "badges": 0,
         "changes": {"company": {"before": None, "after": "Navy"},
                     "status": {"before": "active", "after": "suspended"}}}]
    assert members(three, "email, company, status, valid_until") == [
        ("ada@example.org", "Engines", "active", "2027-12-31"), ("grace@example.org", "Navy", "suspended", None),
        (None, None, "active", None)]
    assert [row["action"] for row in three.rows("SELECT action FROM record_change")] == ["insert"] * 3 + ["update"] * 2
    assert result(three, content)["unchanged"] == 2  # the second time nothing is left to do
    assert len(three.rows("SELECT * FROM record_change")) == 5


def test_a_dash_takes_away(three):
    imported(three, "email,company,valid_until\nada@example.org,-,-\n")
    assert members(three, "company, valid_until")[0] == (None, None)
    assert refused(three, "email,name\nada@example.org,-\n") == [
        "members.csv:2: column name: name can't be empty: give one"]
    assert refused(three, "email,plan\nada@example.org,-\n") == [
        "members.csv:2: column plan: plan can't be empty: give one"]


def test_a_number_means_a_member(three):
    out, said = imported(three, "id,name,email,note\n3,Alan T.,,x\n2,Grace Hopper,g@navy.mil,\n1,Countess,"
                         "ada@example.org,\n", "--dry-run")
    assert out[:3] == ["members.csv:2: Alan T. (member 3): name Alan Turing → Alan T., note nothing → x",
                       "members.csv:3: Grace Hopper (member 2): email grace@example.org → g@navy.mil",
                       "members.csv:4: Countess (member 1): name Ada Lovelace → Countess"]
    assert said == ["members.csv:2: member 3, Alan Turing, is called “Alan T.” now"]


@pytest.mark.parametrize("rows, why", [
    ("1000000000,Emmy,e@x.org", "there is no member 1000000000, and a new one can't have so great a number: leave"),
    ("2,Ada,ada@example.org", "member 2 is Grace Hopper, but ada@example.org is the address of Ada Lovelace"),
    ("2,Emmy,e@x.org", "member 2 is Grace Hopper, and here neither name nor address are theirs"),
    ("0,Emmy,", "“0” is no member's number"), ("x,Emmy,", "“x” is no member's number"),
    ("99999999999999999999,Emmy,", "is no member's number"), ("-1,Emmy,", "“-1” is no member's number")])
def test_numbers_of_another_list(three, rows, why):
    (line,) = refused(three, f"id,name,email\n{rows}\n", "--plan", "salle")
    assert line.startswith("members.csv:2: column id: ") and why in line


def test_a_number_that_nobody_has_is_given(three):
    """As in the list that another Cantine has exported; hosts by number too, in any order."""
    out, said = imported(three, "id,name,email,host\n9,Guest,,12\n12,Emmy,e@x.org,\n40,Ada L.,ada@example.org,\n",
                         "--plan", "salle")
    assert out == ["new: 2, changed: 1, as they are: 0"]
    assert said == ["members.csv: 2 rows have numbers that nobody has: new members get them; leave the column id out "
                    "if the list comes from elsewhere"]
    assert members(three, "id, name, host")[3:] == [(9, "Guest", 12), (12, "Emmy", None)]
    assert members(three, "id, name")[0] == (1, "Ada L.")  # the address says who is meant
    assert three("member", "add", "Next", "--plan", "salle") == "13\n"
    assert refused(three, "id,name\n50,A\n50,B\n", "--plan", "salle") == [
        "members.csv:3: this is member 50, who is on line 2 already: keep one of the two"]


def test_one_member_twice(three):
    assert refused(three, "id,name,email\n1,,\n,,Ada@example.org\n2,,\n2,,\n") == [
        "members.csv:3: this is member 1, who is on line 2 already: keep one of the two",
        "members.csv:5: this is member 2, who is on line 4 already: keep one of the two",
        "members.csv has 2 mistakes: nothing is imported until they are gone"]
    assert refused(three, "name,email\nA,x@x.org\nB,y@x.org\nC,X@X.ORG\n", "--plan", "salle") == [
        "members.csv:4: column email: “X@X.ORG” is on line 2 already: each member has their own address"]


def test_names_alone_are_warned_of(three):
    _, said = imported(three, "name\nEmmy\nalan turing\nÉMMY\n", "--plan", "salle")
    assert said == [
        "members.csv:3: “alan turing” becomes a member beside member 3 of the same name: if they are one person, give "
        "the same address, or the number in a column id",
        "members.csv:4: “ÉMMY” is on line 2 too, both without an address: they become two members"]
    assert len(members(three)) == 6
    _, said = imported(three, "name\n" + "Emmy\n" * 60, "--plan", "salle")
    assert len(said) == 21 and said[-1] == "members.csv: and 99 more lines like these"


# --- hosts and badges ---------------------------------------------------------------------------

def test_hosts_in_the_table_and_in_the_list(three):
    out, _ = imported(three, "name,email,host\nGuest of a guest,,emmy@x.org\nEmmy,emmy@x.org,ADA@example.org\n"
                      "Sofia,,2\nAlone,,\n", "--plan", "salle")
    assert out == ["new: 4, changed: 0, as they are: 0"]
    assert {(row["name"], row["host"]) for row in three.rows("SELECT m.name, h.name host FROM member m "
                                                             "JOIN member h ON h.id = m.host")} == {
        ("Guest of a guest", "Emmy"), ("Emmy", "Ada Lovelace"), ("Sofia", "Grace Hopper")}
    imported(three, "email,host\nemmy@x.org,-\n")
    assert len(three.rows("SELECT * FROM member WHERE host IS NOT NULL")) == 2


def test_an_old_address_of_a_host_still_means_them(three):
    imported(three, "id,email,host\n1,ada@new.org,\n3,,ada@example.org\n")
    assert members(three, "email, host") == [("ada@new.org", None), ("grace@example.org", None), (None, 1)]


@pytest.mark.parametrize("rows, why", [
    ("A,,nobody@x.org", "2: column host: nobody has the address nobody@x.org: give that of a member or of a row"),
    ("A,,Ada", "2: column host: “Ada” is neither an address nor a number: give the host's e-mail address"),
    ("A,,99", "2: column host: there is no member 99: see `cantinectl member list`"),
    ("A,a@x.org,A@x.org", "2: column host: nobody is their own host: give another one"),
    ("A,a@x.org,b@x.org\nB,b@x.org,c@x.org\nC,c@x.org,a@x.org", "column host: the hosts lead round in a circle"),
    (",ada@example.org,grace@example.org\n,grace@example.org,1", "a guest's host can't be their own guest")])
def test_hosts_that_are_none(three, rows, why):
    (line,) = refused(three, f"name,email,host\n{rows}\n", "--plan", "salle")
    assert why in line


def test_a_circle_with_a_host_who_stands_in_the_table(three):
    three("member", "edit", 1, "--host", 2)
    (line,) = refused(three, "email,host\ngrace@example.org,ada@example.org\n")
    assert line.startswith("members.csv:2: a guest's host can't be their own guest")


def test_badges_are_given_and_never_taken(three):
    three("badge", "add", 1, BADGE)
    three("badge", "add", 1, "04000001")
    three("badge", "set", "04000001", "lost")
    content = "email,badge\nada@example.org,04000001\ngrace@example.org,04:00:00:02 + 04 00 00 03\n"
    out, said = imported(three, content)
    assert out == ["new: 0, changed: 1, as they are: 1", "badges given: 2"]
    assert said == ["members.csv: 1 badge is there already and isn't active: see `cantinectl badge list`"]
    assert three.rows("SELECT uid, member, status FROM badge ORDER BY uid") == [
        {"uid": uid, "member": member, "status": status} for uid, member, status in (
            ("04000001", 1, "lost"), ("04000002", 2, "active"), ("04000003", 2, "active"), (BADGE, 1, "active"))]
    assert result(three, content)["unchanged"] == 2
    out, _ = imported(three, "name,plan,badge\nEmmy,salle,04000009\n", "--dry-run")
    assert out[0] == "members.csv:2: new: Emmy: plan salle, 1 badge"


@pytest.mark.parametrize("cell, why", [
    (BADGE, f"badge {BADGE} is already there: it belongs to Ada Lovelace (member 1), status active: use another"),
    ("4A1B2C3", "“4A1B2C3” is no badge's number: give 4, 7 or 10 bytes in hexadecimal"),
    ("08A1B2C3", "“08A1B2C3”: a number that names nobody"), ("4,12E+07", "is no badge's number"),
    (" ".join(["04000001,"] * 17), "more than 16 badges: give fewer")])
def test_badges_that_cannot_be_given(three, cell, why):
    three("badge", "add", 1, BADGE)
    (line,) = refused(three, f"email;badge\ngrace@example.org;{cell}\n")
    assert line.startswith("members.csv:2: column badge: ") and why in line


def test_one_badge_for_two(three):
    (line,) = refused(three, f"email,badge\nada@example.org,{BADGE}\ngrace@example.org,{BADGE}\n")
    assert line.startswith(f"members.csv:3: column badge: badge {BADGE} is already there: it belongs to Ada")


# --- what is refused ----------------------------------------------------------------------------

@pytest.mark.parametrize("content, why", [
    ("name,email,plan\nA,ada@,salle\n", "members.csv:2: column email: “ada@” is not possible: email is an address"),
    ("nom;fin;plan\nA;31/02/2026;salle\n", "members.csv:2: column fin: “31/02/2026” is no day: give one such as"),
    ("nom;fin;plan\nA;11/24/2026;salle\n", "members.csv:2: column fin: “11/24/2026” is no day"),
    ("nom;fin;plan\nA;24/11/26;salle\n", "members.csv:2: column fin: “24/11/26” is no day"),
    ("nom;début;fin;plan\nA;2027-01-01;2026-01-01;salle\n", "members.csv:2: column "),
    ("nom;statut;plan\nA;oui;salle\n", "members.csv:2: column statut: “oui” is no status: give active, suspended or"),
    ("nom;langue;plan\nA;Klingon;salle\n", "members.csv:2: column langue: “Klingon” is not possible: language is a"),
    ("name;plan\nA;sale\n", "members.csv:2: column plan: “sale” is no plan: there are resident, nomade"),
    ("name,plan\n" + "x" * 121 + ",salle\n", "members.csv:2: column name: “xxx"),
    ("name,note,plan\nA," + "x" * 4001 + ",salle\n", "members.csv:2: column note: “xxx"),
    ("name,plan\n\"A\nB\",salle\n", "members.csv:2: column name: “A�B” is not possible: a name has 1 to 120"),
    ("email,plan\ng@x.org,salle\n", "members.csv:2: column name: is empty, and nobody is known by this address"),
    ("phone,address\n1,2\n", "members.csv:1: there is no column of names: give one of these titles to it"),
    ("name,Nom\nA,B\n", "members.csv:1: “name” and “Nom” mean the same: keep one of the two"),
    ("name,plan\n", "members.csv:1: there are no members below the titles: give each a line"),
    ("name,plan\nHopper, Grace,salle\n", "members.csv:2: has more fields than there are titles, from “salle” on"),
    ("", "members.csv: is empty"), ("\ufeff", "members.csv: is empty"), ("\n\n;;\n", "members.csv: is empty"),
    ("name\nA\n\"B\nC\n", "members.csv:3: a quote begins here and never ends"),
    ("name\nA\nB \"b\" B\n", "members.csv:3: a quote in the middle of a field"),
    (b"name\nA\nB\x00b\n", "members.csv:3: a NUL is no text"),
    (b"\0" * 100000, "members.csv:1: a NUL is no text"),
    ("name\nA\n".encode("utf-16"), "members.csv: is UTF-16"),
    (b"\xef\xbb\xbfname\nZo\xeb\n", "members.csv: says that it is UTF-8 and isn't"),
    (bytes(range(1, 256)) * 100, "members.csv:"),
    (",".join(f"c{i}" for i in range(1000)) + "\n", "members.csv:1: has more than 64 columns: take some away"),
    ("name\n" + "A\n" * 100001, "members.csv:100002: there are more than 100000 rows"),
    ("name\n" + "\n" * (1 << 24), "members.csv: is larger than 16 MiB: split it")], ids=lambda value: str(value)[:30])
def test_files_that_are_refused(ctl, content, why):
    lines = refused(ctl, content)
    assert len(lines) == 1 and lines[0].startswith(why), lines


def test_files_that_are_none(ctl):
    assert refused(ctl, ctl.directory / "none.csv") == ["none.csv: there is no such file: give the path of a CSV file"]
    (ctl.directory / "folder").mkdir()
    assert refused(ctl, ctl.directory / "folder") == ["folder: is a directory: give the path of a CSV file"]
    ctl.refused("import", status=2)
    ctl.refused("import", "a.csv", "b.csv", status=2)


def test_all_mistakes_are_said_at_once_and_in_order(three):
    lines = refused(three, "name,email,plan,valid_until,id\nA,a@,salle,,\nB,,x,31/02/2026,\nC,,,,0\nD,,salle,,\n"
                    "E,ada@example.org,,,2\nF,,X,,\n")
    assert "“x” (here and on other lines, 2 in all) is no plan" in lines[2]
    assert [re.match(r"members.csv(:\d+: column \w+| has \d mistakes):", line)[1] for line in lines] == [
        ":2: column email", ":3: column valid_until", ":3: column plan", ":4: column id", ":6: column id",
        " has 5 mistakes"]
    lines = refused(three, "name,plan\n" + "x,salle\n" * 3 + ",salle\n" * 57)
    assert len(lines) == 21 and lines[0].startswith("members.csv:5: ") and lines[19].startswith("members.csv:24: ")
    assert lines[-1] == ("members.csv has 57 mistakes, of which these are the first 20, and 37 more: nothing is "
                         "imported until they are gone")


def test_ten_megabytes_of_members(ctl):
    content = "name;email;plan;note\n" + "".join(f"M {i};m{i}@x.org;salle;{'x' * 1000}\n" for i in range(10_000))
    assert len(content) > 10_000_000
    path = file_of(ctl, content)
    done = subprocess.run(["prlimit", f"--as={MEMORY_MOST}", BUILD / "cantinectl", "--config", ctl.configuration,
                           "import", path], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "new: 10000, changed: 0, as they are: 0\n"


def test_a_database_that_somebody_has_open(three):
    before = everything(three)
    path = file_of(three, "email,company\nada@example.org,Navy\n")
    with three.sql() as db:
        db.execute("BEGIN IMMEDIATE")
        done = three.run("import", path)
        assert done.returncode == 1 and done.stderr.startswith(
            f"cantinectl: waiting for another program that is changing {three.records} …\n"), done.stderr
        assert "is being changed by another program: end its transaction and try again" in done.stderr
        db.execute("ROLLBACK")
    assert everything(three) == before
    assert imported(three, path.read_bytes())[0] == ["new: 0, changed: 1, as they are: 0"]


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_without_the_right_to_write(three):
    path = file_of(three, "email,company\nada@example.org,Navy\n")
    for each in (three.directory, *three.directory.parents[:3]):
        if each.name.startswith(("pytest", "test_")) or each == three.directory:  # made for this run alone
            each.chmod(0o755)
    path.chmod(0o644)
    before = everything(three)
    for options in ([], ["--dry-run"]):
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BUILD / "cantinectl",
                               "--config", three.configuration, "import", path, *options], text=True, check=False,
                              capture_output=True, env={"LC_ALL": "C.UTF-8"})
        assert done.returncode == 1 and "can't be written by this user" in done.stderr, done.stderr
        assert "join the group cantine-admin" in done.stderr
    three.records.chmod(0)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BUILD / "cantinectl",
                           "--config", three.configuration, "member", "list"], text=True, check=False,
                          capture_output=True, env={"LC_ALL": "C.UTF-8"})
    assert done.returncode == 1 and "can't be read by this user: join the group cantine-admin" in done.stderr
    assert everything(three) == before


# --- the export ---------------------------------------------------------------------------------

def test_what_the_export_writes(three):
    three("member", "edit", 3, "--host", 1, "--note", "=HYPERLINK(\"x\")\nsecond; line", "--display-name", "+Alan")
    three("badge", "add", 1, BADGE)
    three("badge", "add", 1, "04000002")
    three("badge", "add", 1, "04000003")
    three("badge", "set", "04000003", "lost")
    text = subprocess.run([BUILD / "cantinectl", "--config", three.configuration, "export", "-"], check=True,
                          capture_output=True).stdout
    assert text == ("\ufeff" + ";".join(COLUMNS) + "\r\n"
                    "1;Ada Lovelace;ada@example.org;Engines;resident;active;;2026-12-31;;fr;;\r\n"
                    "2;Grace Hopper;grace@example.org;;nomade;active;;;;fr;;\r\n"
                    "3;Alan Turing;;;salle;active;;;'+Alan;fr;ada@example.org;"
                    "\"'=HYPERLINK(\"\"x\"\")\nsecond; line\"\r\n").encode()
    out, warnings = three.warned("export", "-", "--badges", "--separator", "comma")
    assert out.splitlines()[0] == "\ufeff" + ",".join(COLUMNS) + ",badges"
    assert out.splitlines()[1].endswith(",\"04:00:00:02, 04:A1:B2:C3:D4:E5:F6\"")
    assert warnings == ["whoever has the numbers of badges can copy them: delete the list when it isn't needed any "
                        "more"]
    assert three("export", "-", "--separator", "tab").splitlines()[0] == "\ufeff" + "\t".join(COLUMNS)
    assert "is no separator" in three.refused("export", "-", "--separator", "x", status=2)
    assert "cantinectl --json member list" in three.refused("--json", "export", "-", status=2)


def test_the_exported_file(three):
    path = three.directory / "out.csv"
    assert three("export", path) == f"{path}: 3 members\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_bytes().startswith(b"\xef\xbb\xbfid;name")
    path.write_text("mine")
    path.chmod(0o644)
    assert "is there already: give another name, or --force to replace it" in three.refused("export", path)
    assert path.read_text() == "mine"
    told = three.json("export", path, "--force")
    jsonschema.validate(told, json.loads((SCHEMAS / "export.schema.json").read_text()))
    assert told == {"file": str(path), "members": 3, "badges": 0}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in three.directory.glob("out.csv*")] == ["out.csv"]


def test_where_no_file_can_be(three):
    assert "No such file or directory: give the path of a file" in three.refused(
        "export", three.directory / "none/out.csv")
    (three.directory / "link.csv").symlink_to(three.directory / "elsewhere")
    for path in ("link.csv", "fifo", "."):
        if path == "fifo":
            os.mkfifo(three.directory / path)
        assert "is there already" in three.refused("export", three.directory / path)
        assert "is no file" in three.refused("export", three.directory / path, "--force")
    full = subprocess.run([BUILD / "cantinectl", "--config", three.configuration, "export", "-"], check=False,
                          text=True, stdout=open("/dev/full", "w"), stderr=subprocess.PIPE)
    assert full.returncode == 1 and "can't be written: No space left on device" in full.stderr
    assert list(three.directory.glob("*.??????")) == []


def limited():
    """Files of at most 100 kB, and an error for more: what a full disk is like."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_disk_that_is_full_leaves_the_old_file(three):
    three("member", "list")
    with three.sql() as db:
        db.executemany("INSERT INTO member(name, plan, note) VALUES ('x', 'salle', ?)", [("x" * 4000,)] * 50)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = three.directory / "out.csv"
    path.write_text("mine")
    done = subprocess.run([BUILD / "cantinectl", "--config", three.configuration, "export", path, "--force"],
                          check=False, capture_output=True, text=True, preexec_fn=limited, env={"LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stdout) == (1, "") and "can't be written: File too large" in done.stderr
    assert path.read_text() == "mine" and [each.name for each in three.directory.glob("out.csv*")] == ["out.csv"]


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files away")
def test_who_runs_sudo_owns_the_file(three):
    path = three.directory / "out.csv"
    three("export", path, SUDO_UID="65534", SUDO_GID="65534", SUDO_USER="nobody")
    assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (65534, 0o600)


# --- the export changes nothing -----------------------------------------------------------------

PIECES = ["=", "+", "-", "@", "'", '"', ";", ",", " ", "Ada", "é", "日", "🍽", "|", "\u00a0", "＝", "0", "ﬁ"]
LINES = [*PIECES, "\n", "\r", "\r\n", "\t", "\x07", "\ufeff"]


def text(dice, pieces, most=12):
    return "".join(dice.choice(pieces) for _ in range(dice.randrange(most)))


def random_members(ctl, dice, n):
    """Members as any tool may have written them, whose cells are as bad as the tables allow."""
    def or_none(value):
        return value if dice.random() < 0.7 else None

    with ctl.sql() as db:
        for i in range(1, n + 1):
            days = sorted(f"20{dice.randrange(20, 40)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
                          for _ in range(2))
            db.execute("INSERT INTO member(name, email, company, plan, status, valid_from, valid_until, display_name,"
                       " language, host, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       ((text(dice, PIECES) + "x", or_none(f"{text(dice, [*'=+-A', chr(39), chr(34)])}{i}@x"),
                         or_none(text(dice, LINES)), dice.choice(["resident", "nomade", "soir", "salle", "carnet"]),
                         dice.choice(["active", "suspended", "left"]), or_none(days[0]), or_none(days[1]),
                         or_none(text(dice, PIECES) + "-"), dice.choice(["fr", "en", "de-x"]),
                         dice.randrange(1, i) if i > 1 and dice.random() < 0.3 else None,
                         or_none(text(dice, LINES, 40)))))
            if dice.random() < 0.5:
                db.execute("INSERT INTO badge(uid, member, status) VALUES (?, ?, ?)",
                           (f"04{i:06X}", i, dice.choice(["active", "active", "lost", "blocked"])))


@pytest.mark.parametrize("seed", range(8))
def test_an_export_that_is_imported_changes_nothing(ctl, seed):
    random_members(ctl, random.Random(seed), 300)
    before = everything(ctl)
    for separator in ("semicolon", "comma", "tab"):
        path = ctl.directory / f"{separator}.csv"
        ctl.warned("export", path, "--badges", "--separator", separator)
        for options in (["--dry-run"], []):
            assert ctl.json("import", path, *options)["unchanged"] == 300
    assert everything(ctl) == before


@pytest.mark.parametrize("seed", range(4))
def test_an_export_into_another_cantine_is_the_same_list(tmp_path, seed):
    """With its numbers, also those of hosts; blanks at the ends are gone."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = Ctl(tmp_path / "one"), Ctl(tmp_path / "other")
    random_members(one, random.Random(seed), 200)
    with one.sql() as db:
        db.execute("DELETE FROM member WHERE id % 7 = 0 AND id NOT IN (SELECT host FROM member WHERE host NOTNULL)")
    path = tmp_path / "list.csv"
    assert one.run("export", path).returncode == 0
    done = other.run("--json", "import", path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == len(one.rows("SELECT id FROM member"))

    def known(ctl):
        return [tuple((value or "").strip(" \u00a0\t\r\n") if isinstance(value or "", str) else value
                      for value in row.values()) for row in ctl.rows("SELECT * FROM member ORDER BY id")]

    assert known(other) == known(one)

def test_what_is_edited_in_the_export_is_what_changes(three):
    rows = exported(three)
    assert rows[0] == COLUMNS
    rows[1][rows[0].index("valid_until")] = "31/12/2028"
    rows[2][rows[0].index("email")] = "g@navy.mil"
    rows[3][rows[0].index("name")] = "Alan M. Turing"
    rows.append(["", "Emmy Noether", "emmy@x.org", "", "carnet", "", "", "", "", "", "g@navy.mil", ""])
    edited = io.StringIO()
    csv.writer(edited, delimiter=";").writerows(rows)
    out, said = imported(three, edited.getvalue(), "--dry-run")
    assert out[:4] == ["members.csv:2: Ada Lovelace (member 1): valid_until 2026-12-31 → 2028-12-31",
                       "members.csv:3: Grace Hopper (member 2): email grace@example.org → g@navy.mil",
                       "members.csv:4: Alan M. Turing (member 3): name Alan Turing → Alan M. Turing",
                       "members.csv:5: new: Emmy Noether: email emmy@x.org, plan carnet, host member 2"]
    assert said == ["members.csv:4: member 3, Alan Turing, is called “Alan M. Turing” now"]
    imported(three, edited.getvalue())
    assert members(three, "name, email, valid_until, host")[3] == ("Emmy Noether", "emmy@x.org", None, 2)


# --- at the door --------------------------------------------------------------------------------

def log_size(cantine):
    return (cantine.directory / "records.db-wal").stat().st_size


def is_locked(cantine):
    with sqlite3.connect(cantine.directory / "records.db", timeout=0, isolation_level=None) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            return False
        except sqlite3.OperationalError:
            return True


def stopped_while_writing(cantine, path):
    """An import that is stopped in the middle of its transaction, when SQLite's cache has run over into its log."""
    before = log_size(cantine)
    importing = subprocess.Popen([BUILD / "cantinectl", "--config", cantine.configuration, "import", path],
                                 env=cantine.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: log_size(cantine) > before + 100_000, what="the import's writing", each=0.001)
        importing.send_signal(signal.SIGSTOP)
        assert is_locked(cantine), "the import was over before it was stopped"
    except BaseException:
        importing.kill()
        importing.communicate()
        raise
    return importing


def test_the_door_opens_during_an_import_of_ten_thousand(cantine):
    cantine.add_member("Ada Lovelace", BADGE)
    path = cantine.directory / "members.csv"
    path.write_text("name;email;plan;badge\n" + "".join(
        f"Member {i};m{i}@example.org;resident;04{i:06X}\n" for i in range(10_000)))
    importing = stopped_while_writing(cantine, path)
    killer = threading.Timer(60, importing.kill)
    killer.start()
    try:
        frames = len(cantine.relay.frames)
        _, line = cantine.tap(BADGE)
        assert "granted" in line
        cantine.relay.frames.wait(lambda frame: frame.on, frames, what="the relay")
        _, line = cantine.tap("0400270F")
        assert "refused (unknown_badge)" in line  # all or nothing, for the door too
    finally:
        importing.send_signal(signal.SIGCONT)
        out, err = importing.communicate()
        killer.cancel()
    assert (importing.returncode, err) == (0, "")
    assert out == "new: 10000, changed: 0, as they are: 0\nbadges given: 10000\n"
    _, line = cantine.tap("0400270F")
    assert "granted" in line
