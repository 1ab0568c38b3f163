# SPDX-License-Identifier: GPL-3.0-or-later
"""
The parts that drawings are made of, drawn as IEC 60617 has them: each function places one and says where its terminals
are. Two-terminal parts are 60 long and begin at (x, y); boards are boxes with their terminals on the edge.
"""

import pins
from scene import Box, Label, Part, Point

INK = "#1f2933"
GREY = "#6b7785"


def line(x1, y1, x2, y2, more=""):
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}"{more}/>'


def path(d, more=""):
    return f'<path d="{d}"{more}/>'


def rectangle(x, y, width, height, fill="#ffffff", radius=0, more=""):
    round_ = f' rx="{radius}"' if radius else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{round_} fill="{fill}"{more}/>'


def circle(x, y, r, fill="#ffffff", more=""):
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"{more}/>'


def both(text):
    """A text that is the same in both languages."""
    return (text, text) if isinstance(text, str) else text


DASHED = ' stroke-dasharray="4 4" stroke-width="1.5"'


# --- two terminals ----------------------------------------------------------------------------------------------------

def _caption(x, y, upright, text, below=False, side=1):
    """Beside an upright part, above (or below) a level one; lines are split at \\n."""
    lines = [tuple(parts) for parts in zip(*(t.split("\n") for t in both(text)))]
    if upright:
        top = y + 34 - 8 * (len(lines) - 1)
        return [Label(t, x + 16 * side, top + 17 * n, anchor="start" if side > 0 else "end")
                for n, t in enumerate(lines)]
    top = y + 28 if below else y - 18 - 17 * (len(lines) - 1)
    return [Label(t, x + 30, top + 17 * n, anchor="middle") for n, t in enumerate(lines)]


def _two(name, x, y, upright, shapes, caption, kind, terminals=("a", "b"), half=10, **where):
    """`shapes` are drawn for a level part at the origin and turned here."""
    turn = f'translate({x:g} {y:g})' + (" rotate(90)" if upright else "")
    end = Point(x, y + 60) if upright else Point(x + 60, y)
    box = Box(x - half, y + 12, x + half, y + 48) if upright else Box(x + 12, y - half, x + 48, y + half)
    return Part(name, box, {terminals[0]: Point(x, y), terminals[1]: end},
                [f'<g transform="{turn}">' + "".join(shapes) + "</g>"],
                _caption(x, y, upright, caption, **where) if caption else [],
                [(terminals[0], terminals[1], kind)])


def resistor(name, x, y, caption, upright=False, **where):
    shapes = [line(0, 0, 13, 0), line(47, 0, 60, 0), rectangle(13, -7, 34, 14)]
    return _two(name, x, y, upright, shapes, caption, "load", **where)


def fuse(name, x, y, caption, upright=False, **where):
    shapes = [rectangle(13, -7, 34, 14), line(0, 0, 60, 0)]
    return _two(name, x, y, upright, shapes, caption, "always", **where)


def capacitor(name, x, y, caption, upright=True, **where):
    shapes = [line(0, 0, 26, 0), line(34, 0, 60, 0), line(26, -12, 26, 12), line(34, -12, 34, 12)]
    return _two(name, x, y, upright, shapes, caption, "load", half=12, **where)


def diode(name, x, y, caption, cathode_first=False, upright=False, **where):
    """K, the cathode, is the end with the band."""
    shapes = [line(0, 0, 60, 0)]
    if cathode_first:
        shapes += [path("M42 -11L42 11L22 0Z", ' fill="#1f2933"'), line(22, -11, 22, 11)]
    else:
        shapes += [path("M18 -11L18 11L38 0Z", ' fill="#1f2933"'), line(38, -11, 38, 11)]
    return _two(name, x, y, upright, shapes, caption, "load", ("K", "A") if cathode_first else ("A", "K"), 13, **where)


def led(name, x, y, caption, colour, **where):
    """Anode first."""
    shapes = [line(0, 0, 60, 0), path("M18 -11L18 11L38 0Z", f' fill="{colour}"'), line(38, -11, 38, 11),
              path("M28 -15L36 -23M31 -23L36 -23L36 -18", ' stroke-width="1.5"'),
              path("M38 -15L46 -23M41 -23L46 -23L46 -18", ' stroke-width="1.5"')]
    part = _two(name, x, y, False, shapes, caption, "load", ("A", "K"), 13, **where)
    part.box = Box(x + 12, y - 26, x + 50, y + 13)
    return part


# --- contacts ---------------------------------------------------------------------------------------------------------

def _contact(x, y, width, closed):
    """A contact from (x, y) to the right, at rest: open (make contact) or closed (break contact)."""
    middle = x + width / 2
    if closed:
        return [line(x, y, middle - 18, y), line(middle + 18, y, x + width, y),
                line(middle + 18, y, middle + 18, y - 12), line(middle - 18, y, middle + 24, y - 10)]
    return [line(x, y, middle - 18, y), line(middle + 18, y, x + width, y), line(middle - 18, y, middle + 16, y - 17)]


FILLS = {"green": "#d9f2dc", "red": "#fde0de", "grey": "#eef1f4"}
EDGES = {"green": "#2e7d32", "red": "#c62828", "grey": "#6b7785"}


def case(name, x, y, title, colour, width=120):
    """A box with one contact, closed at rest: terminals a1 and b1, left and right, at y + 62."""
    title_lines = zip(*(t.split("\n") for t in both(title)))
    shapes = [rectangle(x, y, width, 82, FILLS[colour], 8, f' stroke="{EDGES[colour]}"'),
              *_contact(x, y + 62, width, True)]
    labels = [Label(t, x + width / 2, y + 17 + 16 * n, 13, "middle", bold=n == 0) for n, t in enumerate(title_lines)]
    labels.append(Label(both("NC"), x + 7, y + 56, 11, colour=GREY))
    return Part(name, Box(x, y, x + width, y + 82), {"a1": Point(x, y + 62), "b1": Point(x + width, y + 62)},
                shapes, labels, [("a1", "b1", "nc")])


def exit_button(name, x, y, title, fall):
    """
    Two contacts on one button. Its make contact a2–b2 is on the right at y + 60 and y + 120, its break contact a1–b1
    goes through at y + `fall`.
    """
    right, low = x + 150, y + fall
    shapes = [rectangle(x, y, 150, fall + 24, FILLS["grey"], 8, f' stroke="{GREY}"'),
              path(f"M{right:g} {y + 60:g}H{x + 84:g}V{y + 72:g}"),
              path(f"M{right:g} {y + 120:g}H{x + 84:g}V{y + 108:g}"),
              line(x + 84, y + 108, x + 66, y + 74), *_contact(x, low, 150, True),
              path(f"M{x + 74:g} {y + 90:g}H{x + 44:g}V{low - 6:g}H{x + 72:g}", DASHED),
              rectangle(x + 20, y + 78, 12, 24, "#c62828", 3), line(x + 32, y + 90, x + 44, y + 90, DASHED)]
    labels = [Label(t, x + 75, y + 20 + 16 * n, 13, "middle", bold=n == 0)
              for n, t in enumerate(zip(*(t.split("\n") for t in title)))]
    labels += [Label(both("NO"), x + 106, y + 95, 11, colour=GREY), Label(both("NC"), x + 8, low - 6, 11, colour=GREY)]
    return Part(name, Box(x, y, right, low + 24),
                {"a1": Point(x, low), "b1": Point(right, low), "a2": Point(right, y + 60), "b2": Point(right, y + 120)},
                shapes, labels, [("a1", "b1", "nc"), ("a2", "b2", "no")])


def reed(name, x, y, title, magnet):
    """A door contact, closed while the magnet on the door's leaf is near: a and b on the right, y + 46 and y + 106."""
    right = x + 170
    shapes = [rectangle(x, y, 170, 128, FILLS["grey"], 8, f' stroke="{GREY}"'),
              path(f"M{right:g} {y + 46:g}H{x + 104:g}V{y + 58:g}H{x + 98:g}"),
              path(f"M{right:g} {y + 106:g}H{x + 104:g}V{y + 94:g}"), line(x + 104, y + 94, x + 100, y + 54),
              rectangle(x + 24, y + 56, 26, 20, "#e57373"), rectangle(x + 24, y + 76, 26, 20, "#90a4ae"),
              path(f"M{x + 58:g} {y + 76:g}H{x + 96:g}", DASHED)]
    labels = [Label(title, x + 85, y + 22, 13, "middle", bold=True), Label(magnet, x + 18, y + 114, 11, colour=GREY)]
    return Part(name, Box(x, y, right, y + 128), {"a": Point(right, y + 46), "b": Point(right, y + 106)},
                shapes, labels, [("a", "b", "nc")])


# --- loads and supplies -----------------------------------------------------------------------------------------------

def supply(name, x, y, title, note):
    """The lock's own supply: + and - on the right."""
    shapes = [rectangle(x, y, 150, 120, "#fffdf7", 6)]
    labels = [Label(title, x + 12, y + 26, 15, bold=True)]
    labels += [Label(t, x + 12, y + 48 + 17 * n, 12) for n, t in enumerate(zip(*(t.split("\n") for t in note)))]
    labels += [Label(both("+"), x + 138, y + 40, 18, "middle", True, "#c62828"),
               Label(both("–"), x + 138, y + 98, 18, "middle", True)]
    return Part(name, Box(x, y, x + 150, y + 120), {"+": Point(x + 150, y + 34), "-": Point(x + 150, y + 92)},
                shapes, labels)


def lock(name, x, y, title, note, side="top"):
    """A strike or a magnet: - and + on top, at x + 70 and x + 130, or + and - on the left, at y + 20 and y + 80."""
    shapes = [rectangle(x, y, 200, 100, "#f3eefb", 8, ' stroke="#5e35b1"')]
    if side == "top":
        terminals = {"-": Point(x + 70, y), "+": Point(x + 130, y)}
        shapes += [line(x + 70, y, x + 70, y + 14), line(x + 130, y, x + 130, y + 14),
                   rectangle(x + 60, y + 14, 80, 22), line(x + 84, y + 36, x + 116, y + 14)]
        labels = [Label(both("–"), x + 50, y + 18, 16, "middle", True),
                  Label(both("+"), x + 150, y + 18, 16, "middle", True, "#c62828")]
        middle, top = x + 100, y + 58
    else:
        terminals = {"+": Point(x, y + 20), "-": Point(x, y + 80)}
        shapes += [path(f"M{x:g} {y + 20:g}H{x + 31:g}"), path(f"M{x:g} {y + 80:g}H{x + 31:g}"),
                   rectangle(x + 20, y + 20, 22, 60), line(x + 20, y + 62, x + 42, y + 38)]
        labels = [Label(both("–"), x + 10, y + 95, 16, "middle", True),
                  Label(both("+"), x + 10, y + 15, 16, "middle", True, "#c62828")]
        middle, top = x + 120, y + 46
    labels.append(Label(title, middle, top, 14, "middle", True))
    labels += [Label(t, middle, top + 17 + 14 * n, 11, "middle", colour=GREY)
               for n, t in enumerate(zip(*(t.split("\n") for t in note)))]
    return Part(name, Box(x, y, x + 200, y + 100), terminals, shapes, labels, [("+", "-", "load")])


def buzzer(name, x, y, caption):
    """+ on top, - below."""
    shapes = [line(x, y, x, y + 14),
              path(f"M{x - 4:g} {y + 10:g}V{y + 50:g}A20 20 0 0 0 {x - 4:g} {y + 10:g}Z", ' fill="#ffffff"'),
              line(x, y + 46, x, y + 60), line(x - 4, y + 10, x - 4, y + 50)]
    labels = [Label(t, x + 24, y + 34 + 17 * n) for n, t in enumerate(zip(*(t.split("\n") for t in caption)))]
    labels.append(Label(both("+"), x + 12, y + 4, 14, "middle", True))
    return Part(name, Box(x - 6, y + 9, x + 18, y + 51), {"+": Point(x, y), "-": Point(x, y + 60)}, shapes, labels,
                [("+", "-", "load")])


def transistor(name, x, y, caption):
    """NPN; the base on the left at (x, y), collector above and emitter below at x + 40."""
    shapes = [circle(x + 32, y, 22), line(x, y, x + 24, y), line(x + 24, y - 13, x + 24, y + 13, ' stroke-width="3"'),
              path(f"M{x + 24:g} {y - 5:g}L{x + 40:g} {y - 16:g}L{x + 40:g} {y - 30:g}"),
              path(f"M{x + 24:g} {y + 5:g}L{x + 40:g} {y + 16:g}L{x + 40:g} {y + 30:g}"),
              path(f"M{x + 38:g} {y + 15:g}L{x + 29:g} {y + 14:g}L{x + 34:g} {y + 7:g}Z", ' fill="#1f2933"')]
    labels = [Label(t, x + 60, y - 2 + 17 * n) for n, t in enumerate(zip(*(t.split("\n") for t in caption)))]
    labels += [Label(both("C"), x + 47, y - 22, 11, colour=GREY), Label(both("E"), x + 47, y + 30, 11, colour=GREY),
               Label(both("B"), x + 2, y - 5, 11, colour=GREY)]
    return Part(name, Box(x + 14, y - 18, x + 52, y + 18),
                {"B": Point(x, y), "C": Point(x + 40, y - 30), "E": Point(x + 40, y + 30)}, shapes, labels,
                [("B", "E", "load"), ("C", "E", "load")])


# --- boards -----------------------------------------------------------------------------------------------------------

SHOWN = {"3V3": ("3.3 V", "3,3 V"), "5V": ("5 V", "5 V"), "GND": ("GND", "GND")}
FUNCTIONS = {3: "SDA", 5: "SCL", 8: "TXD", 10: "RXD", 19: "MOSI", 21: "MISO", 23: "SCLK", 24: "CE0"}
SCREW = "#ffd54f"


def board(name, x, top, rows, title, width=210, left=True, colour=("#e6f4ea", "#2e7d32")):
    """A box with terminals on one edge, `rows` of (terminal, its text, y); from `top` to 24 below the last."""
    bottom = max(at for _, _, at in rows) + 24
    edge, inside = (x, x + 14) if left else (x + width, x + width - 14)
    shapes = [rectangle(x, top, width, bottom - top, colour[0], 8, f' stroke="{colour[1]}"')]
    labels = [Label(title, x + width / 2, top + 24, 15, "middle", True)]
    terminals = {}
    for terminal, text, at in rows:
        terminals[terminal] = Point(edge, at)
        shapes.append(circle(edge, at, 5, SCREW))
        labels.append(Label(both(text), inside, at + 5, 14, "start" if left else "end"))
    return Part(name, Box(x, top, x + width, bottom), terminals, shapes, labels)


def raspberry(x, top, rows, left=True, functions=False):
    """The computer, with the pins in `rows`: (number, y). Terminals are called by the number."""
    texts = []
    for pin, at in rows:
        line_name = SHOWN.get(pins.HEADER[pin], both(pins.HEADER[pin]))
        more = f" {FUNCTIONS[pin]}" if functions and pin in FUNCTIONS else ""
        text = tuple(f"{word} {pin} · {t}{more}" for word, t in zip(("pin", "broche"), line_name))
        texts.append((str(pin), text, at))
    return board("pi", x, top, texts, both("Raspberry Pi"), left=left)


def relay_board(name, x, y, title, lock_side=True, logic_side=True):
    """NC, COM and NO on the left at y + 56, + 90, + 124; VCC, IN and GND on the right at y + 40, + 70, + 130."""
    shapes = [rectangle(x, y, 220, 156, "#e8eefc", 8, ' stroke="#1e50a2"'),
              path(f"M{x:g} {y + 56:g}H{x + 72:g}V{y + 68:g}"), path(f"M{x:g} {y + 124:g}H{x + 72:g}V{y + 112:g}"),
              path(f"M{x:g} {y + 90:g}H{x + 48:g}L{x + 78:g} {y + 64:g}"),
              path(f"M{x + 60:g} {y + 80:g}V{y + 97:g}H{x + 104:g}", DASHED),
              rectangle(x + 104, y + 76, 26, 42), line(x + 104, y + 108, x + 130, y + 86, ' stroke-width="1.5"')]
    terminals, labels = {}, [Label(title, x + 110, y + 24, 15, "middle", True)]
    for terminal, at in (("NC", 56), ("COM", 90), ("NO", 124)):
        terminals[terminal] = Point(x, y + at)
        shapes.append(circle(x, y + at, 5, SCREW))
        labels.append(Label(both(terminal), x + 9, y + at - 5, 12, bold=True))
    for terminal, at in (("VCC", 40), ("IN", 70), ("GND", 130)):
        terminals[terminal] = Point(x + 220, y + at)
        shapes.append(circle(x + 220, y + at, 5, SCREW))
        labels.append(Label(both(terminal), x + 210, y + at + 5, 12, "end", True))
    unused = ["NC"] + ([] if lock_side else ["COM", "NO"]) + ([] if logic_side else ["IN", "VCC", "GND"])
    return Part(name, Box(x, y, x + 220, y + 156), terminals, shapes, labels,
                [("COM", "NC", "nc"), ("COM", "NO", "no")], tuple(unused))


def _switch(x, y, positions):
    """The two little interface switches of a reader board: True is ON, up."""
    shapes, labels = [rectangle(x, y, 84, 50, "#b71c1c", 4)], []
    for number, on in enumerate(positions):
        left = x + 13 + 34 * number
        shapes += [rectangle(left, y + 6, 24, 38, "#ffffff", 2),
                   rectangle(left + 4, y + (10 if on else 25), 16, 15, INK, 2)]
        labels += [Label(both(f"SEL{number}"), left + 12, y + 66, 11, "middle", True),
                   Label(both("ON" if on else "OFF"), left + 12, y + 82, 12, "middle", True,
                         "#2e7d32" if on else "#b71c1c")]
    labels.append(Label(("1 = up = ON = H", "1 = en haut = ON = H"), x + 42, y - 8, 11, "middle", colour=GREY))
    return shapes, labels


def pn532(x, top, rows, positions):
    """A reader board: terminals as in board(), its antenna, and the two switches as they must stand."""
    width = 400
    part = board("reader", x, top, rows, both("PN532"), width, colour=("#fdeeee", "#b71c1c"))
    bottom = max(part.box.bottom, top + 190)
    part.box = Box(x, top, x + width, bottom)
    part.shapes[0] = rectangle(x, top, width, bottom - top, "#fdeeee", 8, ' stroke="#b71c1c"')
    for inset in (0, 9, 18):
        part.shapes.append(rectangle(x + 262 + inset, top + 50 + inset, 116 - 2 * inset, 90 - 2 * inset, "none", 8,
                                     ' stroke="#c77800" stroke-width="1.5"'))
    part.labels += [Label(t, x + 320, top + 160 + 15 * n, 11, "middle", colour=GREY)
                    for n, t in enumerate([("antenna:", "antenne :"), ("no metal behind it", "pas de métal derrière")])]
    shapes, labels = _switch(x + 146, top + 66, positions)
    part.shapes += shapes
    part.labels += labels
    return part


def adapter(name, x, top, rows, usb):
    """A USB-serial adapter: its plug on the left at y = `usb`, its terminals on the right."""
    part = board(name, x, top, rows, ("USB–serial", "USB–série"), 150, False, ("#eef1f4", "#6b7785"))
    part.pins["USB"] = Point(x, usb)
    part.shapes.append(rectangle(x, usb - 14, 26, 28, "#cfd8dc", 3))
    return part


def cylinder(name, x, y):
    """What a diode looks like: nothing is connected to it here."""
    shapes = [path(f"M{x:g} {y:g}H{x + 200:g}", ' stroke="#90a4ae" stroke-width="4"'),
              rectangle(x + 55, y - 16, 90, 32, "#263238", 5), rectangle(x + 122, y - 16, 12, 32, "#cfd8dc")]
    return Part(name, Box(x, y - 16, x + 200, y + 16), {}, shapes)
