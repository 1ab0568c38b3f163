# SPDX-License-Identifier: GPL-3.0-or-later
"""The wiring guide's drawings: what they look like, and that an electrician who follows them gets a door that works
and a way out that depends on nothing."""

import copy
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "firmware-config"
sys.path.insert(0, str(FOLDER / "wiring"))

import draw  # noqa: E402
import drawings  # noqa: E402
import pins  # noqa: E402
from scene import ENGLISH, FRENCH, Box, Label, Point, Wire, faults, nets  # noqa: E402

EACH = pytest.mark.parametrize("drawing", drawings.ALL, ids=lambda drawing: drawing.name)
EACH_LANGUAGE = pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=["en", "fr"])
FILES = sorted((FOLDER / "wiring/drawings").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def drawing_of(name):
    """A drawing that a test may spoil."""
    return copy.deepcopy(next(drawing for drawing in drawings.ALL if drawing.name == name))


# --- how they look ----------------------------------------------------------------------------------------------------

def test_the_files_are_what_the_source_says():
    assert {path.name: path.read_text(encoding="utf-8") for path in FILES} == draw.files()


def test_there_is_a_drawing_for_everything_that_is_wired():
    assert {"header", "strike", "magnet", "relay", "diode", "exit-button", "door-contact", "lamps", "pn532-uart",
            "pn532-spi", "pn532-i2c", "pn532-usb"} == {drawing.name for drawing in drawings.ALL}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_is_a_whole_svg(path):
    root = xml.parse(path).getroot()
    left, top, width, height = (float(number) for number in root.get("viewBox").split())
    assert root.tag == f"{SVG}svg" and (left, top) == (0, 0)
    assert root.find(f"{SVG}title").text
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.get("x")) < width and 0 < float(text.get("y")) < height and text.text.strip()


@EACH
@EACH_LANGUAGE
def test_nothing_covers_anything_else(drawing, language):
    assert faults(drawing, language) == []


@EACH
def test_french_is_not_english(drawing):
    assert drawing.title[ENGLISH] != drawing.title[FRENCH]
    told = [label.text for label, _ in drawing.all_labels() if any(len(text.split()) > 3 for text in label.text)]
    assert told and all(english != french for english, french in told)


def spoil_label(drawing):
    label = drawing.labels[0]
    drawing.labels.append(Label(label.text, label.x + 5, label.y + 5))


def spoil_page(drawing):
    drawing.labels.append(Label(("out of the page", "hors de la page"), drawing.width - 10, 20))


def spoil_wire(drawing):
    drawing.wires.append(Wire("12v", [drawing.part("supply").pins["+"], Point(1000, 166)]))


def spoil_end(drawing):
    drawing.wires[0].points[-1] = drawing.wires[0].points[-1]._replace(x=drawing.wires[0].points[-1].x - 9)


def spoil_short(drawing):
    drawing.wires.append(Wire("0v", [Point(496, 250), Point(496, 300)]))


def spoil_part(drawing):
    drawing.parts.append(drawing.part("fuse"))
    drawing.parts[-1].box = Box(30, 120, 100, 150)


@pytest.mark.parametrize("spoil, fault", [
    (spoil_label, "covers"), (spoil_page, "leaves the page"), (spoil_wire, "runs through"), (spoil_end, "in the air"),
    (spoil_short, "lie on one another"), (spoil_part, "lies on")])
def test_the_checks_see_what_is_wrong(spoil, fault):
    drawing = drawing_of("strike")
    spoil(drawing)
    assert any(fault in found for found in faults(drawing, ENGLISH))


# --- the table of pins ------------------------------------------------------------------------------------------------

def test_no_pin_has_two_uses():
    used = [use.pin for use in pins.USES]
    assert len(used) == len(set(used)) and not set(used) & set(pins.RESERVED)
    keys = [(use.section, use.key) for use in pins.USES if use.key]
    assert len(keys) == len(set(keys))
    assert all(pins.gpio(use.pin) is not None for use in pins.USES if use.key)


def test_what_is_fixed_elsewhere():
    """The UART, SPI0 and I2C1 of the Raspberry Pi; relay and contact as in schemas/cantine.conf and INTERFACES."""
    names = {8: 14, 10: 15, 19: 10, 21: 9, 23: 11, 24: 8, 3: 2, 5: 3, 11: 17, 13: 27}
    assert {pin: pins.gpio(pin) for pin in names} == names
    assert {"actuator": 11, "contact": 13} == {use.key: use.pin for use in pins.USES
                                               if use.key in ("actuator", "contact")}
    powers = [pin for pin, name in pins.HEADER.items() if name == "GND"]
    assert powers == [6, 9, 14, 20, 25, 30, 34, 39]


@pytest.mark.parametrize("model", ["pi3", "pi4", "pi5"])
def test_the_boot_firmware_sets_the_same_pins(model):
    path = FOLDER / f"boot/{model}.txt"
    wanted = {"op,dl": {"relay", "second", "lamp", "buzzer"}, "ip,pu": {"input"}}
    found = {way: {int(number) for numbers in re.findall(rf"^gpio=([0-9,]+)={way}$", path.read_text(), re.MULTILINE)
                   for number in numbers.split(",")} for way in wanted}
    assert found == {way: {pins.gpio(use.pin) for use in pins.USES if use.role in roles} - {None}
                     for way, roles in wanted.items()}


# What a terminal of a drawing must lead to on the header, for each drawing that has a Raspberry Pi.
MEANT = {
    ("relay.VCC", "5V", "relay"), ("relay.IN", "GPIO17", "relay"), ("relay.GND", "GND", None),
    ("reader.VCC", "3V3", None), ("reader.GND", "GND", None),
}
LINES = {"pn532-uart": {"RXD": 8, "TXD": 10}, "pn532-i2c": {"SDA": 3, "SCL": 5},
         "pn532-spi": {"SCK": 23, "MISO": 21, "MOSI": 19, "SS": 24}}


@EACH
def test_pins_in_the_drawings_are_those_of_the_table(drawing):
    computer = next((part for part in drawing.parts if part.name == "pi"), None)
    if not computer:
        return
    joined = nets(drawing)
    for terminal in computer.pins:
        if terminal != "USB" and pins.gpio(int(terminal)) is not None:
            assert int(terminal) in {use.pin for use in pins.USES}, f"pin {terminal} is not in the table"
    for end, name, role in MEANT:
        part, terminal = end.split(".")
        if part not in {p.name for p in drawing.parts} or drawing.name in ("magnet", "exit-button", "pn532-usb"):
            continue
        pin = next(p for p in computer.pins if joined.connected(end, f"pi.{p}"))
        assert pins.HEADER[int(pin)] == name
        assert role is None or role in {use.role for use in pins.USES if use.pin == int(pin)}
    for terminal, pin in LINES.get(drawing.name, {}).items():
        assert joined.connected(f"reader.{terminal}", f"pi.{pin}")


@pytest.mark.parametrize("name, key, rest", [("exit-button", "exit_button", 1), ("door-contact", "contact", 0)])
def test_an_input_is_pulled_up_and_drawn_down_by_its_contact(name, key, rest):
    """`rest`: the level with nobody there (the door closed); the other one is active, or the reverse for active-low."""
    drawing, pin = drawing_of(name), f"pi.{pins.pin_of(key)}"
    device = "exit" if name == "exit-button" else "contact"
    low = nets(drawing, actuated=[device] if rest else [])
    high = nets(drawing, actuated=[] if rest else [device])
    ground = next(f"pi.{p}" for p in drawing.part("pi").pins if pins.HEADER[int(p)] == "GND")
    assert low.connected(pin, "pullup.b") and low.connected(pin, "series.b") and low.connected("pi.17", "pullup.a")
    assert low.connected("series.a", ground) and not high.connected("series.a", ground)
    assert not low.connected(pin, ground), "never without the series resistor"
    assert next(use for use in pins.USES if use.key == key).low


def test_lamps_and_buzzer():
    joined = nets(drawing_of("lamps"))
    for lamp, key in (("green", "led_green"), ("red", "led_red")):
        assert joined.connected(f"series-{lamp}.a", f"pi.{pins.pin_of(key)}")
        assert joined.connected(f"series-{lamp}.b", f"{lamp}.A") and joined.connected(f"{lamp}.K", "pi.34")
    assert joined.connected("base.a", f"pi.{pins.pin_of('buzzer')}") and joined.connected("base.b", "transistor.B")
    assert joined.connected("buzzer.-", "transistor.C") and joined.connected("transistor.E", "pi.34")
    assert joined.connected("quiet.a", "transistor.B") and joined.connected("quiet.b", "transistor.E")


# --- the lock ---------------------------------------------------------------------------------------------------------

LOCKS = {"strike": "strike", "magnet": "magnet", "exit-button": "magnet"}


def has_current(drawing, lock, **state):
    joined = nets(drawing, **state)
    return joined.connected("supply.+", f"{lock}.+") and joined.connected("supply.-", f"{lock}.-")


@pytest.mark.parametrize("name", LOCKS)
def test_the_relay_switches_the_lock(name):
    drawing = drawing_of(name)
    assert not has_current(drawing, LOCKS[name]), "with the relay off nothing flows"
    assert has_current(drawing, LOCKS[name], actuated=["relay"])
    assert not has_current(drawing, LOCKS[name], actuated=["relay"], opened=["fuse"]), "the fuse guards it"


@pytest.mark.parametrize("name, contact", [("magnet", "fire"), ("magnet", "green"), ("magnet", "exit"),
                                           ("exit-button", "exit")])
def test_each_way_out_cuts_the_current_by_itself(name, contact):
    """Also with the relay's contact welded."""
    drawing = drawing_of(name)
    assert not has_current(drawing, "magnet", actuated=["relay", contact])
    assert not has_current(drawing, "magnet", actuated=["relay"], opened=[contact]), "a cut wire opens, too"


@pytest.mark.parametrize("name", [*LOCKS, "diode"])
def test_the_diode_blocks_in_the_direction_of_the_current(name):
    joined = nets(drawing_of(name))
    lock = LOCKS.get(name, "strike")
    assert joined.connected("diode.K", f"{lock}.+") and joined.connected("diode.A", f"{lock}.-")


@EACH
def test_the_lock_and_the_logic_touch_nowhere(drawing):
    """Not even with every contact closed: 12 V never reaches the computer, and 5 V and 3.3 V reach no GPIO."""
    every = nets(drawing, actuated=[part.name for part in drawing.parts])
    resting = nets(drawing)
    computer = [(f"pi.{terminal}", pins.HEADER[int(terminal)]) for part in drawing.parts if part.name == "pi"
                for terminal in part.pins if terminal != "USB"]
    for joined in (every, resting):
        for terminal, name in computer:
            for end in ("supply.+", "supply.-"):
                assert not joined.connected(terminal, end)
            for other, other_name in computer:
                assert other_name == name or not joined.connected(terminal, other), f"{terminal} is on {other}"


@pytest.mark.parametrize("name", ["relay", "strike"])
def test_the_relay_is_pulled_down(name):
    joined = nets(drawing_of(name))
    assert joined.connected("pulldown.a", "relay.IN") and joined.connected("pulldown.b", "relay.GND")


@pytest.mark.parametrize("name, first, second", [("uart", False, False), ("usb", False, False), ("i2c", True, False),
                                                 ("spi", False, True)])
def test_the_switches_of_the_reader(name, first, second):
    """I0 and I1 of the chip: low low UART, high low I2C, low high SPI (github.com/soonuse/pn532-lib, README)."""
    shown = [label.text[ENGLISH] for label in drawing_of(f"pn532-{name}").part("reader").labels
             if label.text[ENGLISH] in ("ON", "OFF")]
    assert shown == ["ON" if on else "OFF" for on in (first, second)]
