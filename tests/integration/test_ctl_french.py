# SPDX-License-Identifier: GPL-3.0-or-later
"""cantinectl in French: whichever way the environment asks for it, and never for programs."""

import shutil
import subprocess

import pytest

from rig.program import BUILD
from rig.waiting import DEADLINE

ADA = "04A1B2C3D4E5F6"
WISHES = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")
FRENCH = {"LANG": "fr_FR.UTF-8"}


def said(cantine, *words, **wish):
    """What it writes to both, with just these variables of a locale."""
    env = {name: value for name, value in cantine.env.items() if name not in WISHES}
    done = subprocess.run([BUILD / "cantinectl", "--config", cantine.configuration, *map(str, words)],
                          env={**env, **wish}, capture_output=True, text=True, timeout=DEADLINE, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("wish, french", [
    (FRENCH, True), ({"LC_ALL": "fr_FR.UTF-8"}, True), ({"LC_MESSAGES": "fr_BE"}, True),
    ({"LANG": "C.UTF-8", "LANGUAGE": "fr"}, True), ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, False),
    ({}, False), ({"LANG": "de_DE.UTF-8"}, False), ({"LANG": "nonsense"}, False), ({"LC_ALL": "POSIX"}, False),
], ids=str)
def test_the_language_that_is_wished(cantine, wish, french):
    """Also where its locale was never generated, as on a Raspberry Pi."""
    text = said(cantine, "occupancy", **wish)
    assert spaced(text) == ("0 personne à l’intérieur, places libres : 40 sur 40, fermé\n" if french else
                    "0 people inside, 40 of 40 places free, closed\n")


def test_plurals(cantine):
    members = [cantine.ctl("member", "add", name, "--plan", "resident").strip() for name in ("Ada", "Bob")]
    for n, words in ((1, "1 personne à l’intérieur"), (2, "2 personnes à l’intérieur")):
        assert "est maintenant compté à l’intérieur" in said(cantine, "member", "in", members[n - 1], **FRENCH)
        assert words in said(cantine, "occupancy", **FRENCH)


def spaced(text):
    """With ordinary spaces, which are easier to read here."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_mistakes(cantine):
    for words, answer in (
            (("member", "add", "Zoé", "--plan", "nomad"), "il n’y a pas de formule « nomad » ; celles qui existent : "),
            (("membre", "list"), "il n’y a pas de commande « membre » : vouliez-vous dire member ?"),
            (("aide",), "il n’y a pas de commande « aide » : voir cantinectl --help"),
            (("member", "lst"), "il n’y a pas de commande « member lst » : vouliez-vous dire member list ?"),
            (("member", "add", "Ada", "--plan", "resident", "--email", "ada"),
             "« ada » n’est pas possible : email est une adresse comme ada@example.org")):
        assert spaced(said(cantine, *words, **FRENCH)).startswith(f"cantinectl: {answer}")


def test_dates(cantine):
    """The first of a month is no cardinal in French."""
    holidays = said(cantine, "closure", "add", "--french-holidays", "2027", **FRENCH)
    assert "fermé : samedi 1er mai 2027, Fête du Travail" in spaced(holidays)
    assert "fermé : mercredi 14 juillet 2027, Fête nationale" in spaced(holidays)
    cantine.ctl("closure", "remove", "1", "--yes")
    english = said(cantine, "closure", "add", "--french-holidays", "2027", LC_ALL="C")
    assert "Friday 1 January 2027" in english and "Saturday 1 May 2027, Fête du Travail: was closed already" in english


def test_states_in_sentences(cantine):
    """Lists keep the records' own words, which is what one types."""
    cantine.add_member("Ada Lovelace", ADA)
    assert "Ada Lovelace : état actif" in spaced(said(cantine, "why", ADA, **FRENCH))
    assert spaced(said(cantine, "member", "suspend", "ada", **FRENCH)) == (
        "Ada Lovelace (membre 1) : suspendu, formule resident\n")
    assert spaced(said(cantine, "badge", "set", ADA, "stolen", **FRENCH)) == f"badge {ADA} de Ada Lovelace : volé\n"
    assert f"{ADA}  stolen" in said(cantine, "badge", "list", **FRENCH)
    assert said(cantine, "resource", "add", "salle", "Salle", **FRENCH).startswith("salle salle")
    assert "oui     toutes" in said(cantine, "plan", "list", **FRENCH)


def test_wrong_usage(cantine):
    for words, answer in (
            (("member", "add"), "il manque quelque chose à member add : cantinectl member add NAME --plan PLAN"),
            (("member", "show", "1", "2"), "il y a trop de mots pour member show (mettre entre guillemets "),
            (("plan", "edit", "ete", "--name", "Été"), "il n’y a pas de formule « ete » ; celles qui existent : ")):
        assert spaced(said(cantine, *words, **FRENCH)).startswith(f"cantinectl: {answer}")


def test_why_and_help(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    why = said(cantine, "why", ADA, **FRENCH)
    assert why.startswith("accordé") and "est celui de Ada Lovelace (membre 1), formule resident" in why
    assert "ajouter un membre ; affiche" in spaced(said(cantine, "--help", **FRENCH))


def test_programs_read_english(cantine):
    cantine.add_member("Ada Lovelace", ADA)
    for words in (("why", ADA), ("member", "list"), ("occupancy",), ("door", "list"), ("log",)):
        assert said(cantine, "--json", *words, **FRENCH) == said(cantine, "--json", *words, LC_ALL="C"), words


def test_check_of_the_configuration(cantine):
    """cantined --check is read by a person; its log is not translated."""
    cantine.configuration.write_text("[site]\nidd=amiens\n")
    done = subprocess.run([BUILD / "cantined", "--check", "--config", cantine.configuration], env=FRENCH,
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert "cette clé n’existe pas : vouliez-vous dire id ?" in spaced(done.stderr)


def test_check_of_the_hardware(cantine):
    cantine.settings["actuator"] = "gpio:nowhere:17"
    cantine.write_configuration()
    done = subprocess.run([BUILD / "cantined", "--check", "--config", cantine.configuration], env=FRENCH,
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert "[door front] actuator : il n’y a pas de puce GPIO « nowhere »" in spaced(done.stderr)


def test_what_cantined_refuses(cantine):
    """Its answers over D-Bus are English; who asked reads them in French."""
    cantine.ctl("door", "lockdown", "on")
    assert spaced(said(cantine, "door", "hold", "front", **FRENCH)) == (
        "cantinectl: rien ne reste ouvert pendant un verrouillage : le lever d’abord\n")


def test_records_of_another_version(cantine):
    cantine.cantined.stop()
    cantine.sql("PRAGMA user_version = 99")
    assert "plus récente de Cantine (schéma 99, celle-ci connaît " in said(cantine, "member", "list", **FRENCH)


def test_check_of_the_records(cantine):
    ada = cantine.add_member("Ada Lovelace", ADA)
    cantine.sql("PRAGMA ignore_check_constraints=1; UPDATE member SET status = 'x'; INSERT INTO resource(id, name)"
                " VALUES ('salle', 'Salle'); INSERT INTO resource_door VALUES ('salle', 'nulle');"
                f" INSERT INTO booking_guest VALUES (77, {ada})")
    text = spaced(said(cantine, "check", "--records", **FRENCH))
    for words in (f"member {ada} : status est « x » ; la porte ignore cette ligne : l’état d’un membre est ",
                  "il n’y a pas de booking « 77 » ; la porte ignore cette ligne : en nommer un autre : ",
                  "aucune porte ne s’appelle « nulle » ; il ne reste aucune porte que cette ressource ouvre : "
                  "portes de la configuration : front : UPDATE resource_door"):
        assert words in text, text
    assert said(cantine, "--json", "check", "--records", **FRENCH) == said(cantine, "--json", "check", "--records")


@pytest.mark.parametrize("program, words", [
    ("cantined", "Décide qui peut ouvrir les portes"), ("cantine-reader", "Sert le lecteur NFC NAME"),
    ("cantine-publisher", "Publie l’occupation")])
def test_help_of_the_daemons(program, words):
    done = subprocess.run([BUILD / program, "--help"], env=FRENCH, capture_output=True, text=True, timeout=DEADLINE,
                          check=False)
    assert done.returncode == 0 and words in done.stdout and "/etc/cantine/cantine.conf" in done.stdout


def test_installed(tmp_path):
    """Beside the program as `make install` lays it out."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "share/locale/fr/LC_MESSAGES").mkdir(parents=True)
    shutil.copy(BUILD / "cantinectl", tmp_path / "bin/cantinectl")
    catalogue = BUILD / "locale/fr/LC_MESSAGES/cantine.mo"
    (tmp_path / "share/locale/fr/LC_MESSAGES/cantine.mo").write_bytes(catalogue.read_bytes())
    done = subprocess.run([tmp_path / "bin/cantinectl", "nonsense"], env={**FRENCH}, capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == 2 and "il n’y a pas de commande" in done.stderr
