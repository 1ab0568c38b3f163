# SPDX-License-Identifier: GPL-3.0-or-later
"""The translations are whole: every text of the sources, in every language of po/."""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LANGUAGES = sorted((TOP / "po").glob("*.po"))


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def texts(catalogue):
    """The msgids of a catalogue, without its head."""
    found = re.findall(r'(?m)^msgid ((?:"(?:[^"\\]|\\.)*"\n?)+)', run("msgcat", "--no-wrap", catalogue))
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)) for text in found} - {""}


@pytest.fixture(name="template", scope="module")
def fixture_template(tmp_path_factory):
    file = tmp_path_factory.mktemp("po") / "cantine.pot"
    run("make", "-s", "-C", TOP / "po", "template", f"FILE={file}")
    return file


def test_french_is_there():
    assert [path.name for path in LANGUAGES] == ["fr.po"]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_text_is_translated(language, template):
    missing = texts(template) - texts(language)
    assert not missing, f"{language.name} lacks these: run `make po` and translate them: {missing}"
    assert not texts(language) - texts(template), "run `make po`: the sources have these no more"
    for kind in ("--untranslated", "--only-fuzzy"):
        left = run("msgattrib", kind, "--no-obsolete", "--no-wrap", language)
        assert not re.findall(r'(?m)^msgid ".+"$', left), f"translate these in {language.name}:\n{left}"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_placeholders_agree(language):
    run("msgfmt", "--check", "--output-file=/dev/null", language)


def test_french_spaces():
    """Before : ; ? ! and inside « » no line may break."""
    said = "".join(re.findall(r'(?m)^msgstr(?:\[\d\])? "(.*)"$', run("msgcat", "--no-wrap", TOP / "po/fr.po")))
    outside = re.sub(r"`[^`]*`", "", said)
    assert not re.findall(r".{12} [:;?!»]|« .{12}", re.sub(r" ; devant|apt-get clean ;|50M ;", "", outside))
