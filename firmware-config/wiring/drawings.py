# SPDX-License-Identifier: GPL-3.0-or-later
"""
The wiring guide's drawings: which parts, where they stand, and from terminal to terminal which wire. A wire is a kind
and a way: "part.terminal" is a terminal, a Point a point; "x 300" goes there level, "y 200" upright. Texts are English,
French. What is said here is drawn by draw.py and proved by tests/firmware/test_wiring.py.
"""

import header
import pins
import symbols as s
from scene import ENGLISH, FRENCH, Box, Drawing, Label, Point, Wire, Zone, text_width

WIDTH = 1080
LOCK = ("12 V lock circuit", "Circuit serrure 12 V")
LOGIC = ("3.3 V logic", "Logique 3,3 V")
SUPPLY_NOTE = ("230 V ~ → 12 V DC\nfor the lock alone", "230 V ~ → 12 V CC\npour la serrure seule")
SUPPLY = ("Supply", "Alimentation")
FUSE = ("fuse 1 A T", "fusible 1 A T")
RELAY = ("Relay board", "Carte relais")


def _way(parts, steps):
    points = []
    for step in steps:
        if isinstance(step, Point):
            to = step
        elif step[:2] in ("x ", "y "):
            value = float(step[2:])
            to = points[-1]._replace(x=value) if step[0] == "x" else points[-1]._replace(y=value)
        else:
            part, terminal = step.rsplit(".", 1)
            to = parts[part].pins[terminal]
        points.append(to)
    return [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]


def _notes(notes, top):
    """The sentences below a drawing, broken into lines in each language, and where the longer text ends."""
    labels, ends = [], []
    for language in (ENGLISH, FRENCH):
        y = top
        for note in notes:
            for number, line in enumerate(_broken(note[language], WIDTH - 80)):
                if number == 0:
                    labels.append(Label(_only("•", language), 30, y, 14))
                labels.append(Label(_only(line, language), 48, y, 14))
                y += 20
            y += 6
        ends.append(y)
    return labels, max(ends)


def _only(text, language):
    return (text, "") if language == ENGLISH else ("", text)


def _broken(text, room):
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, 14) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def drawing(name, title, parts, wires, notes, zones, labels=()):
    by_name = {part.name: part for part in parts}
    foot = max(zone.box.bottom for zone in zones)
    shown, y = _notes(notes, foot + 30)
    heading = Label(title, 24, 36, 20, bold=True)
    return Drawing(name, title, WIDTH, int(y + 6), zones, parts,
                   [Wire(kind, _way(by_name, way)) for kind, *way in wires], [heading, *labels], shown)


def zone(left, top, right, bottom, kind, text):
    return Zone(Box(left, top, right, bottom), kind, Label(text, left + 14, bottom - 10, 14, bold=True,
                                                         colour="#9a6a00" if kind == "lock" else "#1f5f99"))


def _volts(text, x, y, colour="#d32f2f", anchor="start"):
    return Label(s.both(text), x, y, 13, anchor, True, colour)


# --- the lock ---------------------------------------------------------------------------------------------------------

def strike():
    parts = [
        s.supply("supply", 40, 132, SUPPLY, SUPPLY_NOTE),
        s.fuse("fuse", 240, 166, FUSE),
        s.relay_board("relay", 530, 76, RELAY),
        s.diode("diode", 320, 340, ("diode 1N4007, band to +", "diode 1N4007, bague côté +")),
        s.lock("strike", 250, 380, ("Fail-secure strike", "Gâche à émission"),
               ("locked without current", "verrouillée sans courant")),
        s.raspberry(846, 72, [(4, 116), (pins.pin_of("actuator"), 146), (6, 206)]),
        s.resistor("pulldown", 776, 146, ("10 kΩ", "10 kΩ"), True),
    ]
    wires = [
        ("12v", "supply.+", "fuse.a"),
        ("12v", "fuse.b", "relay.COM"),
        ("12v", "relay.NO", "x 496", "y 340", "diode.K"),
        ("12v", "diode.K", "strike.+"),
        ("0v", "diode.A", "strike.-"),
        ("0v", "diode.A", "x 225", "y 224", "supply.-"),
        ("5v", "relay.VCC", "pi.4"),
        ("signal", "relay.IN", f"pi.{pins.pin_of('actuator')}"),
        ("gnd", "relay.GND", "pi.6"),
    ]
    labels = [_volts("+12 V", 350, 156), _volts("+12 V", 486, 300, anchor="end"), _volts("0 V", 235, 300, "#263238")]
    zones = [zone(24, 56, 632, 500, "lock", LOCK), zone(648, 56, 1066, 266, "logic", LOGIC)]
    notes = [
        ("A badge is accepted: the relay closes COM–NO for the time of “unlock=”, current flows, the door can be "
         "pushed.",
         "Un badge est accepté : le relais ferme COM–NO pendant la durée de « unlock= », le courant passe, la porte "
         "s'ouvre."),
        ("The way out is the handle: it opens the door without current, without the relay and without the computer.",
         "La sortie, c'est la poignée : elle ouvre la porte sans courant, sans relais et sans ordinateur."),
        ("The 12 V of the lock and the 3.3 V of the computer touch nowhere: they have two supplies, and no common 0 V.",
         "Le 12 V de la serrure et le 3,3 V de l'ordinateur ne se touchent nulle part : deux alimentations, pas de 0 "
         "V commun."),
    ]
    return drawing("strike", ("Fail-secure strike: opens with current", "Gâche à émission : s'ouvre avec le courant"),
                   parts, wires, notes, zones, labels)


def diode():
    parts = [
        s.board("cabinet", 40, 84, [("NO", ("from NO of the relay", "de la borne NO du relais"), 140),
                                    ("0V", ("0 V of the supply", "0 V de l'alimentation"), 200)],
                ("Computer's cabinet", "Coffret de l'ordinateur"), 230, False, ("#fffdf7", "#6b7785")),
        s.diode("diode", 640, 140, ("1N4007", "1N4007"), True, True),
        s.lock("strike", 780, 120, ("Lock", "Serrure"),
               ("strike or magnet,\ndirect current", "gâche ou ventouse,\ncourant continu"), "left"),
        s.cylinder("body", 480, 300),
    ]
    wires = [
        ("12v", "cabinet.NO", "diode.K"), ("12v", "diode.K", "strike.+"),
        ("0v", "cabinet.0V", "diode.A"), ("0v", "diode.A", "strike.-"),
    ]
    labels = [_volts("+12 V", 400, 130), _volts("0 V", 400, 222, "#263238"),
              Label(("cable, 2 × 0.75 mm²", "câble, 2 × 0,75 mm²"), 400, 176, 13),
              Label(("what it looks like:", "à quoi elle ressemble :"), 220, 304, 14, bold=True),
              Label(("A, without band: to 0 V", "A, sans bague : au 0 V"), 470, 340, 14, "end"),
              Label(("K, the silver band: to +12 V", "K, la bague argentée : au +12 V"), 680, 340, 14)]
    notes = [
        ("A coil that is switched off makes hundreds of volts for a moment. The diode lets them run out where they "
         "arise: at the lock, not in the cabinet.",
         "Une bobine que l'on coupe produit un instant des centaines de volts. La diode les absorbe là où ils "
         "naissent : à la serrure, pas dans le coffret."),
        ("The band goes to +. The other way round it is a short circuit, and the fuse blows: that is what the fuse is "
         "for.",
         "La bague va au +. À l'envers, c'est un court-circuit et le fusible saute : il est là pour cela."),
        ("Many locks have a diode or varistor inside: read their leaflet, and then leave this one out. Never on "
         "alternating current.",
         "Beaucoup de serrures ont déjà une diode ou une varistance : lisez leur notice, et n'en ajoutez pas. Jamais "
         "en courant alternatif."),
    ]
    return drawing("diode", ("Flyback diode, at the lock", "Diode de roue libre, à la serrure"), parts, wires, notes,
                   [zone(24, 56, 1056, 370, "lock", ("", ""))], labels)


def magnet():
    parts = [
        s.supply("supply", 40, 132, SUPPLY, SUPPLY_NOTE),
        s.fuse("fuse", 210, 166, FUSE),
        s.case("fire", 296, 104, ("Fire alarm\nopens in a fire", "Alarme incendie\nouvre si incendie"), "red", 130),
        s.case("green", 442, 104, ("Green box\nbreak or press", "Boîtier vert\nbris ou appui"), "green", 130),
        s.case("exit", 588, 104, ("Exit button\npress to leave", "Bouton sortie\nappuyer"), "grey", 130),
        s.relay_board("relay", 770, 76, RELAY, logic_side=False),
        s.diode("diode", 560, 350, ("diode 1N4007, band to +", "diode 1N4007, bague côté +")),
        s.lock("magnet", 490, 390, ("Magnetic lock", "Ventouse"), ("open without current", "libre sans courant")),
    ]
    wires = [
        ("12v", "supply.+", "fuse.a"), ("12v", "fuse.b", "fire.a1"), ("12v", "fire.b1", "green.a1"),
        ("12v", "green.b1", "exit.a1"), ("12v", "exit.b1", "relay.COM"),
        ("12v", "relay.NO", "x 740", "y 350", "diode.K"), ("12v", "diode.K", "magnet.+"),
        ("0v", "diode.A", "magnet.-"), ("0v", "diode.A", "x 225", "y 224", "supply.-"),
    ]
    labels = [_volts("+12 V", 730, 310, anchor="end"), _volts("0 V", 235, 310, "#263238")]
    labels += [Label(text, 884, 262 + 20 * n, 13)
               for n, text in enumerate([("VCC, IN and GND:", "VCC, IN et GND :"),
                                         ("drawing “relay board”", "dessin « carte relais »")])]
    zones = [zone(24, 56, 858, 510, "lock", LOCK), zone(874, 56, 1066, 330, "logic", LOGIC)]
    notes = [
        ("Each of the four contacts opens the door alone, by cutting the current; no program can hold it shut.",
         "Chacun des quatre contacts ouvre la porte à lui seul en coupant le courant ; aucun programme ne peut la "
         "retenir."),
        ("The relay is on while the door is locked (strike=fail_safe in the configuration): without computer the door "
         "is open.",
         "Le relais est collé tant que la porte est verrouillée (strike=fail_safe dans la configuration) : sans "
         "ordinateur, la porte est libre."),
        ("The fire contact and the green box belong to the fire safety of the building: who is in charge of it "
         "chooses them and tests them.",
         "Le contact incendie et le boîtier vert relèvent de la sécurité incendie du bâtiment : son responsable les "
         "choisit et les essaie."),
    ]
    return drawing("magnet", ("Fail-safe magnetic lock: open without current",
                              "Ventouse à rupture : libre sans courant"), parts, wires, notes, zones, labels)


def relay():
    parts = [
        s.relay_board("relay", 400, 84, RELAY, lock_side=False),
        s.raspberry(830, 80, [(4, 124), (pins.pin_of("actuator"), 154), (6, 214)]),
        s.resistor("pulldown", 700, 154, ("10 kΩ\npull-down", "10 kΩ de\nrappel à 0 V"), True),
    ]
    wires = [("5v", "relay.VCC", "pi.4"), ("signal", "relay.IN", f"pi.{pins.pin_of('actuator')}"),
             ("gnd", "relay.GND", "pi.6")]
    meaning = [("NC: not used", "NC (ou R) : non utilisé"),
               ("COM: from + of the lock's supply", "COM (ou C) : du + de l'alimentation serrure"),
               ("NO: to + of the lock", "NO (ou T) : vers le + de la serrure")]
    labels = [Label(text, 386, 145 + 34 * n, 13, "end") for n, text in enumerate(meaning)]
    zones = [zone(24, 56, 502, 270, "lock", LOCK), zone(518, 56, 1056, 270, "logic", LOGIC)]
    notes = [
        ("The board must switch on with a HIGH level of 3.3 V (“high level trigger”). One that wants LOW pulls its "
         "input to 5 V: not on a Raspberry Pi.",
         "La carte doit coller sur un niveau HAUT de 3,3 V (« high level trigger »). Celle qui veut un niveau BAS met "
         "5 V sur son entrée : pas sur un Raspberry Pi."),
        ("The resistor keeps the relay off while the computer starts: until then its pin is nobody's.",
         "La résistance tient le relais au repos pendant le démarrage : jusque-là, la broche n'est à personne."),
        ("Test: lock not connected, relay board connected, switch the power on and off ten times: it must never click.",
         "Essai : serrure débranchée, carte branchée, coupez et remettez le courant dix fois : jamais un clic."),
    ]
    return drawing("relay", ("Relay board, with a pull-down resistor on its input",
                             "Carte relais, avec une résistance de rappel sur l'entrée"), parts, wires, notes, zones,
                   labels)


# --- what people touch ------------------------------------------------------------------------------------------------

def _input(x, y, end):
    """The circuit before each input: from the cable's end at (x, y) to (`end`, y), 3.3 V above and GND below."""
    parts = [s.resistor("series", x + 70, y, ("1 kΩ", "1 kΩ")),
             s.resistor("pullup", x + 190, y - 60, ("10 kΩ", "10 kΩ"), True),
             s.capacitor("filter", x + 270, y, ("100 nF", "100 nF"))]
    wires = [("signal", Point(x, y), "series.a"), ("third", "series.b", f"x {end}"), ("3v3", "pullup.a", f"x {end}"),
             ("gnd", Point(x, y + 60), f"x {end}")]
    return parts, wires


def exit_button():
    inputs, input_wires = _input(480, 176, 846)
    parts = [
        s.exit_button("exit", 330, 116, ("Exit button,\ntwo contacts", "Bouton de sortie,\ndeux contacts"), 280),
        *inputs,
        s.raspberry(846, 72, [(17, 116), (pins.pin_of("exit_button"), 176), (14, 236)]),
        s.supply("supply", 40, 362, SUPPLY, SUPPLY_NOTE),
        s.fuse("fuse", 220, 396, FUSE),
        s.relay_board("relay", 700, 306, RELAY, logic_side=False),
        s.diode("diode", 400, 500, ("diode 1N4007, band to +", "diode 1N4007, bague côté +")),
        s.lock("magnet", 330, 540, ("Magnetic lock", "Ventouse"), ("open without current", "libre sans courant")),
    ]
    wires = [
        *input_wires,
        ("12v", "supply.+", "fuse.a"), ("12v", "fuse.b", "exit.a1"), ("12v", "exit.b1", "relay.COM"),
        ("12v", "relay.NO", "x 666", "y 500", "diode.K"), ("12v", "diode.K", "magnet.+"),
        ("0v", "diode.A", "magnet.-"), ("0v", "diode.A", "x 225", "y 454", "supply.-"),
    ]
    labels = [_volts("+12 V", 560, 386), _volts("0 V", 240, 490, "#263238"),
              Label(("to the computer: “somebody leaves”", "vers l'ordinateur : « quelqu'un sort »"), 60, 190, 13),
              Label(("cuts the lock by itself", "coupe la serrure tout seul"), 60, 330, 13, bold=True),
              Label(("VCC, IN and GND: drawing “relay board”", "VCC, IN et GND : dessin « carte relais »"), 700, 484,
                    13)]
    zones = [zone(24, 56, 1066, 276, "logic", LOGIC), zone(24, 292, 1066, 660, "lock", LOCK)]
    notes = [
        ("The lower contact opens the lock also when computer, relay and program are dead. The fire contact and the "
         "green box stand in the same line (drawing “magnetic lock”).",
         "Le contact du bas libère la serrure même si ordinateur, relais et programme sont morts. Le contact incendie "
         "et le boîtier vert sont dans la même ligne (dessin « ventouse »)."),
        ("The upper contact tells Cantine, which keeps the lock open for “unlock=” and knows that it is no break-in.",
         "Le contact du haut prévient Cantine, qui garde la serrure libre pendant « unlock= » et sait que ce n'est pas "
         "une effraction."),
        ("With a fail-secure strike the handle is the way out; a button's make contact may stand across COM and NO.",
         "Avec une gâche à émission, la sortie est la poignée ; un contact NO du bouton peut être mis entre COM et "
         "NO."),
    ]
    return drawing("exit-button", ("Exit button: cuts the lock by itself, and says so",
                                   "Bouton de sortie : coupe la serrure lui-même, et le dit"), parts, wires, notes,
                   zones, labels)


def door_contact():
    inputs, input_wires = _input(230, 166, 830)
    parts = [
        s.reed("contact", 60, 120, ("Door contact", "Contact de porte"), ("magnet", "aimant")),
        *inputs,
        s.raspberry(830, 62, [(17, 106), (pins.pin_of("contact"), 166), (9, 226)]),
    ]
    labels = [Label(("at the computer's end of the cable", "côté ordinateur du câble"), 560, 256, 13, "middle"),
              _volts("3.3 V", 700, 98, "#c2185b")]
    labels[1].text = ("3.3 V", "3,3 V")
    notes = [
        ("Door closed = contact closed = pin at 0 V: in the configuration :active-low. A cut cable looks like an open "
         "door.",
         "Porte fermée = contact fermé = broche à 0 V : « :active-low » dans la configuration. Un câble coupé se voit "
         "comme une porte ouverte."),
        (f"The same circuit again for the exit button (its second contact) on pin {pins.pin_of('exit_button')}, and "
         f"for the fire alarm's second contact on pin {pins.pin_of('fire')}.",
         "Le même circuit encore pour le bouton de sortie (son second contact) sur la broche "
         f"{pins.pin_of('exit_button')}, et pour le second contact de l'alarme incendie sur la broche "
         f"{pins.pin_of('fire')}."),
        ("The fire contact is closed as a rule and opens in a fire, without :active-low: a cut cable is an alarm.",
         "Le contact incendie est fermé au repos et s'ouvre en cas d'incendie, sans « :active-low » : un câble coupé "
         "est une alarme."),
        ("Contacts bounce: Cantine waits until one has been quiet for 30 ms (20–50 ms is usual).",
         "Un contact rebondit : Cantine attend 30 ms de calme (20 à 50 ms sont d'usage)."),
    ]
    return drawing("door-contact", ("Door contact, and every other input", "Contact de porte, et toute autre entrée"),
                   parts, input_wires, notes, [zone(24, 56, 1056, 276, "logic", LOGIC)], labels)


def lamps():
    green, red, buzzer = (pins.pin_of(key) for key in ("led_green", "led_red", "buzzer"))
    parts = [
        s.raspberry(60, 84, [(green, 140), (red, 210), (2, 280), (buzzer, 390), (34, 470)], False),
        s.resistor("series-green", 380, 140, ("470 Ω", "470 Ω")),
        s.led("green", 520, 140, ("green: come in", "vert : entrez"), "#43a047", below=True),
        s.resistor("series-red", 380, 210, ("470 Ω", "470 Ω")),
        s.led("red", 520, 210, ("red: no", "rouge : non"), "#e53935", below=True),
        s.resistor("base", 380, 390, ("1 kΩ", "1 kΩ")),
        s.resistor("quiet", 540, 390, ("10 kΩ", "10 kΩ"), True),
        s.transistor("transistor", 680, 390, ("NPN transistor,\n100 mA or more", "transistor NPN,\n100 mA ou plus")),
        s.buzzer("buzzer", 720, 280, ("active buzzer, 5 V,\nup to 30 mA", "buzzer actif, 5 V,\n30 mA au plus")),
    ]
    wires = [
        ("signal", f"pi.{green}", "series-green.a"), ("signal", "series-green.b", "green.A"),
        ("gnd", "green.K", "x 980", "y 470", "pi.34"),
        ("other", f"pi.{red}", "series-red.a"), ("other", "series-red.b", "red.A"), ("gnd", "red.K", "x 980"),
        ("5v", "pi.2", "buzzer.+"), ("third", f"pi.{buzzer}", "base.a"), ("fourth", "base.b", "transistor.B"),
        ("gnd", "quiet.b", "y 470"), ("gnd", "transistor.E", "y 470"), ("signal", "buzzer.-", "transistor.C"),
    ]
    notes = [
        ("A pin drives one small lamp with about 3 mA and nothing more. What needs more, or 12 V, hangs on a "
         "transistor like the buzzer.",
         "Une broche allume un petit voyant avec environ 3 mA, rien de plus. Ce qui demande davantage, ou 12 V, passe "
         "par un transistor comme le buzzer."),
        ("The longer leg of a lamp is +. A magnetic buzzer also wants a diode across it, the band to +.",
         "La patte longue d'un voyant est le +. Un buzzer magnétique veut aussi une diode à ses bornes, bague au +."),
    ]
    return drawing("lamps", ("Lamps and buzzer at the reader", "Voyants et buzzer près du lecteur"), parts, wires,
                   notes, [zone(24, 56, 1056, 528, "logic", LOGIC)])


# --- the reader -------------------------------------------------------------------------------------------------------

def _reader(name, title, lines, positions, notes):
    """`lines`: the computer's pin, the board's terminal and its text, and the kind of wire."""
    rows = [134 + 34 * number for number in range(len(lines))]
    parts = [s.raspberry(60, 80, [(pin, at) for (pin, *_), at in zip(lines, rows)], False, True),
             s.pn532(620, 80, [(terminal, text, at) for (_, terminal, text, _), at in zip(lines, rows)], positions)]
    wires = [(kind, f"pi.{pin}", f"reader.{terminal}") for pin, terminal, _, kind in lines]
    bottom = max(part.box.bottom for part in parts) + 36
    return drawing(f"pn532-{name}", title, parts, wires, notes, [zone(24, 56, 1056, bottom, "logic", LOGIC)])


POWER = ("3.3 V supplies the board, so that nothing on it can answer with 5 V. If yours needs 5 V, its outputs need a "
         "level shifter.",
         "La carte est alimentée en 3,3 V : rien ne peut donc répondre en 5 V. Si la vôtre exige 5 V, il faut un "
         "adaptateur de niveau sur ses sorties.")
PRINTED = ("Boards name the switches SEL0/SEL1, SET0/SET1, I0/I1 or 1/2: the table printed on the board is right, "
           "also against this drawing.",
           "Selon la carte, les interrupteurs s'appellent SEL0/SEL1, SET0/SET1, I0/I1 ou 1/2 : le tableau imprimé sur "
           "la carte a raison, même contre ce dessin.")


def pn532_uart():
    return _reader("uart", ("PN532 on the UART: recommended", "PN532 sur l'UART : conseillé"),
                   [(17, "VCC", "VCC", "3v3"), (6, "GND", "GND", "gnd"), (8, "RXD", "RXD (SCL)", "signal"),
                    (10, "TXD", "TXD (SDA)", "other")], (False, False),
                   [("device=pn532_uart:/dev/ttyAMA0 — TXD goes to RXD and RXD to TXD: what one says, the other hears.",
                     "device=pn532_uart:/dev/ttyAMA0 — TXD va à RXD et RXD à TXD : ce que l'un dit, l'autre l'entend."),
                    POWER, PRINTED])


def pn532_spi():
    return _reader("spi", ("PN532 on SPI", "PN532 en SPI"),
                   [(17, "VCC", "VCC", "3v3"), (25, "GND", "GND", "gnd"), (23, "SCK", "SCK", "signal"),
                    (21, "MISO", "MISO", "other"), (19, "MOSI", "MOSI", "third"), (24, "SS", "SS (NSS)", "fourth")],
                   (False, True),
                   [("device=pn532_spi:/dev/spidev0.0:500000 — cables under 20 cm: SPI is made for one board, not for "
                     "a wall.",
                     "device=pn532_spi:/dev/spidev0.0:500000 — câbles de moins de 20 cm : le SPI est fait pour une "
                     "carte, pas pour un mur."), POWER, PRINTED])


def pn532_i2c():
    return _reader("i2c", ("PN532 on I²C", "PN532 en I²C"),
                   [(1, "VCC", "VCC", "3v3"), (9, "GND", "GND", "gnd"), (3, "SDA", "SDA", "signal"),
                    (5, "SCL", "SCL", "other")], (True, False),
                   [("device=pn532_i2c:/dev/i2c-1 — the last choice: the PN532 makes the computer wait by holding the "
                     "clock, which a Raspberry Pi up to the 4 handles badly.",
                     "device=pn532_i2c:/dev/i2c-1 — en dernier recours : le PN532 fait attendre l'ordinateur en "
                     "retenant l'horloge, ce qu'un Raspberry Pi supporte mal jusqu'au 4."), POWER, PRINTED])


def pn532_usb():
    rows = [134, 168, 202, 236]
    adapter = [("3V3", ("3.3 V", "3,3 V")), ("GND", "GND"), ("TXD", "TXD"), ("RXD", "RXD")]
    parts = [
        s.board("pi", 60, 80, [("USB", ("USB socket", "prise USB"), 185)], s.both("Raspberry Pi"), 180, False),
        s.adapter("adapter", 330, 80, [(key, text, at) for (key, text), at in zip(adapter, rows)], 185),
        s.pn532(620, 80, [("VCC", "VCC", 134), ("GND", "GND", 168), ("RXD", "RXD (SCL)", 202),
                          ("TXD", "TXD (SDA)", 236)], (False, False)),
    ]
    wires = [("other", "pi.USB", "adapter.USB"), ("3v3", "adapter.3V3", "reader.VCC"),
             ("gnd", "adapter.GND", "reader.GND"), ("signal", "adapter.TXD", "reader.RXD"),
             ("fourth", "adapter.RXD", "reader.TXD")]
    notes = [
        ("device=pn532_uart: and the adapter's name in /dev, which firmware-config's rules keep the same at every "
         "start.",
         "device=pn532_uart: puis le nom de l'adaptateur dans /dev, que les règles de firmware-config gardent d'un "
         "démarrage à l'autre."),
        ("The adapter must be one for 3.3 V (a jumper on some). Boards with a USB socket of their own have it inside.",
         "L'adaptateur doit être en 3,3 V (cavalier sur certains). Une carte qui a sa propre prise USB le contient "
         "déjà."),
        ("Good for a second reader, or one some metres away: a USB cable carries further than these four wires.",
         "Pratique pour un second lecteur ou à quelques mètres : un câble USB porte plus loin que ces quatre fils."),
    ]
    return drawing("pn532-usb", ("PN532 on USB", "PN532 en USB"), parts, wires, notes,
                   [zone(24, 56, 1056, 306, "logic", LOGIC)])


ALL = [header.header(), pn532_uart(), pn532_usb(), pn532_spi(), pn532_i2c(), relay(), strike(), diode(), magnet(),
       exit_button(), door_contact(), lamps()]
