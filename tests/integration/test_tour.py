# SPDX-License-Identifier: GPL-3.0-or-later
"""man/tour.md shows what somebody sees who does the main tasks, in both languages: it is done again here.

CANTINE_TOUR=write writes anew what the commands say.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from rig.program import BUILD
from rig.waiting import DEADLINE

PAGE = Path(__file__).parents[2] / "man/tour.md"
LANGUAGES = {"English": {"LC_ALL": "C.UTF-8"}, "Français": {"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr"}}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\b\d?\d:\d\d\b")
BLOCK = re.compile(r"```\n(.*?)```\n", re.DOTALL)


def run(cantine, line, env):
    """What a line of the tour says: a command, or a badge that is held to the reader."""
    if line.startswith("# "):
        cantine.tap(line.split()[-1])
        return ""
    words = shlex.split(line.removeprefix("$ cantinectl "))
    done = subprocess.run([BUILD / "cantinectl", "--config", cantine.configuration, *words],
                          env={**cantine.env, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=DEADLINE, check=False)
    return re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)


def toured(cantine, text, env):
    """The tour as it goes now: each command of `text` with what it says."""
    told = []
    for line in text.splitlines():
        if line.startswith(("$ cantinectl ", "# ")):
            told.append(f"{line}\n{run(cantine, line, env)}")
    return "".join(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tour_is_true(cantine, language):
    page = PAGE.read_text()
    section = page[page.index(f"## {language}\n"):]
    shown = BLOCK.search(section).group(1)
    told = toured(cantine, shown, LANGUAGES[language])
    if os.environ.get("CANTINE_TOUR") == "write":
        PAGE.write_text(page.replace(shown, told))
        shown = told
    assert shown.count("$ cantinectl ") >= 12
    assert MOMENT.sub("…", told) == MOMENT.sub("…", shown)
