# SPDX-License-Identifier: GPL-3.0-or-later
"""`cantinectl check` reads what the install has made of a card: what it found before is mended."""

import shutil
import subprocess

from rig.card import BUILD, FOLDER, Card


def check(card):
    return subprocess.run([BUILD / "cantinectl", "--config", card.root / "etc/cantine/cantine.conf", "check",
                           "--machine", "--root", card.root], capture_output=True, text=True, timeout=30, check=False)


def test_the_install_mends_what_check_finds(tmp_path):
    card = Card(tmp_path / "card")
    (card.root / "etc/cantine").mkdir(parents=True, exist_ok=True)
    shutil.copy(FOLDER.parent / "schemas/cantine.conf", card.root / "etc/cantine/cantine.conf")
    before = check(card)
    assert before.returncode == 1 and "console=serial0,115200" in before.stdout
    card.make("install", "MODEL=pi4")
    after = check(card)
    assert after.returncode == 0 and "console" not in after.stdout, after.stdout
    card.make("uninstall")
    assert check(card).stdout == before.stdout
