# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts in French: what the command of on_alert= is told. The log, MQTT and D-Bus stay English."""

import pytest

from rig.alerts import ADA, BOB, Space

FRENCH = "fr_FR.UTF-8"


def spaced(text):
    """With ordinary spaces, which are easier to read here."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(name="space")
def fixture_space(tmp_path):
    with Space(tmp_path, wired=True, language=FRENCH) as it:
        yield it


def test_full(space):
    space.cantine.tap(ADA)
    space.door_opens()
    space.door_closes()
    space.cantine.tap(BOB)
    space.door_opens()
    space.door_closes()
    told = space.command.wait("full")
    assert told.text == told.argument
    assert spaced(told.text) == ("l’espace est complet, 2 personnes sur 2 sont à l’intérieur : "
                                 "qui arrive maintenant entre quand même")
    space.cantine.cantined.wait_line("alert full: the space is full, 2 of 2 people are inside: ")


def test_a_door(space):
    space.door_opens()
    assert "la porte front a été ouverte sans avoir été déverrouillée" in space.command.wait("forced front").text
    space.cantine.relay.unplug()
    told = space.command.wait("forced front", "faulty front")
    assert spaced(told.text) == (f"porte front : {space.cantine.relay.path} a disparu : "
                                 "la carte relais est-elle branchée ?")
    space.cantine.cantined.wait_line("has gone: is the relay board plugged in?")


def test_a_reader(space):
    """What the reader says of itself passes through cantined; on MQTT it is English."""
    space.cantine.reader_device.stop()
    told = space.command.wait("faulty entrance")
    device = space.cantine.reader_device.device.removeprefix("pn532_uart:")
    assert spaced(told.text) == f"le lecteur entrance ne lit aucun badge : {device} n’est pas là : brancher le lecteur"
    assert space.cantine.broker.retained("cantine/amiens/reader/entrance")["tried"] == (
        f"{device} is not there: plug the reader in")


def test_the_records(space):
    records = space.cantine.directory / "records.db"
    records.rename(records.with_suffix(".away"))
    told = space.command.wait("fault")
    assert spaced(told.text) == (
        f"les fiches ne peuvent pas être lues, les changements n’arrivent donc pas à la porte : {records} : il n’est "
        "pas là : le remettre, ou restaurer une sauvegarde (la dernière bonne copie reste en service)")


@pytest.mark.parametrize("language, words", [
    ("fr_BE.UTF-8", "ne peuvent pas être lues"), ("fr", "ne peuvent pas être lues"),
    ("de_DE.UTF-8", "cannot be read"), ("C", "cannot be read"), ("nonsense", "cannot be read")])
def test_whichever_language_is_wished(tmp_path, language, words):
    with Space(tmp_path, language=language) as space:
        records = space.cantine.directory / "records.db"
        records.rename(records.with_suffix(".away"))
        assert words in space.command.wait("fault").text
