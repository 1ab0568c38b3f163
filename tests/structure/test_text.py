# SPDX-License-Identifier: GPL-3.0-or-later
"""What .editorconfig says, held: whole lines, no stray blanks, tabs only where make and scdoc want them."""

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LINE_MOST = {".c": 100, ".h": 100, ".py": 120}
PICTURES = {".png", ".svg"}


def files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True,
                            check=True).stdout
    return [name for name in listed.split("\0")
            if name and Path(name).suffix not in PICTURES and (TOP / name).is_file()]


@pytest.mark.parametrize("name", files())
def test_text(name):
    if name in ("LICENSE", "lobby/package-lock.json"):
        return
    text = (TOP / name).read_bytes().decode()
    assert text.endswith("\n") and "\r" not in text
    for number, line in enumerate(text.splitlines(), 1):
        assert line == line.rstrip() or name.endswith(".md"), f"{name}:{number}: blanks at the end"
        if not name.endswith(("Makefile", ".scd")) and not name.startswith(("tests/packages.mk", "tests/vectors/")):
            assert "\t" not in line, f"{name}:{number}: a tab"
        most = LINE_MOST.get(Path(name).suffix, len(line))
        assert len(line) <= most, f"{name}:{number}: over {most} columns"
