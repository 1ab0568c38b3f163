# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as values: parts with their boxes and terminals, wires along the grid, labels with their boxes.

Everything that can make a drawing wrong can be asked here, without looking at it: `faults` finds labels that cover one
another or a wire, wires that run through a part or on top of one another, and what leaves the page; `nets` follows the
wires as an electrician's finger would, so that tests can open a contact and ask whether the lock still has its current.
Lengths are the drawing's own units, one of which is a pixel at full size.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

ENGLISH, FRENCH = 0, 1

# Advance widths of DejaVu Sans in thousandths of its size, which few faces exceed: how wide a label is.
_WIDTHS = {
    "'": 275, "ijlîï": 278, "IJ": 295, " ,.’·": 318, "/:;\\|": 337, "f": 352, "-": 361, "()[]": 390, "t": 392,
    "!²": 401, "r": 411, '"': 460, "*_–°`": 500, "“”": 518, "s": 521, "z": 525, "?": 531, "cç": 550, "L": 557,
    "F": 575, "k": 579, "•": 590, "vxy": 592, "P": 603, "TY": 611, "oô«»": 613, "aàâ": 615, "eéèê": 632, "EÉ": 634,
    "hnuùû": 635, "Sbdgpq": 636, "$0123456789µ": 656, "K": 656, "AVÀ": 685, "XZ": 686, "B": 688, "R": 695, "C": 700,
    "U": 732, "N": 748, "H": 752, "Ω": 764, "D": 770, "G": 775, "&": 780, "OQ": 787, "w": 818,
    "#+<=>~→←≥≤×±↔": 838, "M": 863,
    "%": 950, "m": 974, "W": 989, "@—…": 1000, "œ": 1023,
}
_WIDTH = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_BOLD = 1.13


def text_width(text, size, bold=False):
    """How wide `text` is; a letter that the table lacks is an error, not a guess."""
    return sum(_WIDTH[letter] for letter in text) * size / 1000 * (_BOLD if bold else 1)


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other):
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)

    def holds(self, other):
        return (self.left <= other.left and other.right <= self.right
                and self.top <= other.top and other.bottom <= self.bottom)

    def grown(self, by):
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass
class Label:
    text: tuple                # English, French
    x: float
    y: float                   # of the base line
    size: int = 14
    anchor: str = "start"      # start | middle | end
    bold: bool = False
    colour: str = "#1f2933"

    def box(self, language):
        width = text_width(self.text[language], self.size, self.bold)
        left = self.x - {"start": 0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - 0.8 * self.size, left + width, self.y + 0.24 * self.size)


@dataclass
class Part:
    name: str
    box: Box                   # what no wire and no other's label may cross
    pins: dict                 # terminal → Point
    shapes: list               # SVG elements
    labels: list = field(default_factory=list)
    inner: list = field(default_factory=list)   # (terminal, terminal, kind): always | no | nc | load
    unused: tuple = ()         # terminals that stay free


@dataclass
class Wire:
    kind: str                  # a colour's name: 12v 0v 5v 3v3 gnd signal …
    points: list


@dataclass
class Zone:
    box: Box
    kind: str                  # lock | logic
    label: Label


@dataclass
class Drawing:
    name: str
    title: tuple
    width: int
    height: int
    zones: list
    parts: list
    wires: list
    labels: list
    notes: list

    def part(self, name):
        return next(part for part in self.parts if part.name == name)

    def all_labels(self):
        """Every label, with the part that it belongs to or None."""
        for part in self.parts:
            for label in part.labels:
                yield label, part
        for label in self.labels + [zone.label for zone in self.zones] + self.notes:
            yield label, None


# --- wires ------------------------------------------------------------------------------------------------------------

def segments(wire):
    return list(zip(wire.points, wire.points[1:]))


def _between(value, a, b):
    return min(a, b) <= value <= max(a, b)


def on_segment(point, segment):
    (ax, ay), (bx, by) = segment
    if ax == bx:
        return point.x == ax and _between(point.y, ay, by)
    return point.y == ay and _between(point.x, ax, bx)


def crossing(one, other):
    """Where a level segment and an upright one cross in their middles, or None."""
    for level, upright in ((one, other), (other, one)):
        (ax, ay), (bx, by) = level
        (cx, cy), (dx, dy) = upright
        if ay == by and cx == dx and min(ax, bx) < cx < max(ax, bx) and min(cy, dy) < ay < max(cy, dy):
            return Point(cx, ay)
    return None


def _lie_together(one, other):
    """True if two segments share more than a point."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    if ax == bx == cx == dx:
        return min(max(ay, by), max(cy, dy)) > max(min(ay, by), min(cy, dy))
    if ay == by == cy == dy:
        return min(max(ax, bx), max(cx, dx)) > max(min(ax, bx), min(cx, dx))
    return False


def junctions(drawing):
    """Points where a wire or a terminal meets another wire in its middle: a dot is drawn there."""
    found = {point for part in drawing.parts for point in part.pins.values() for wire in drawing.wires
             if point not in (wire.points[0], wire.points[-1])
             and any(on_segment(point, segment) for segment in segments(wire))}
    for wire in drawing.wires:
        for end in (wire.points[0], wire.points[-1]):
            for other in drawing.wires:
                if other is wire or end in (other.points[0], other.points[-1]):
                    continue
                if any(on_segment(end, segment) for segment in segments(other)):
                    found.add(end)
    ends = [end for wire in drawing.wires for end in (wire.points[0], wire.points[-1])]
    ends += [point for part in drawing.parts for point in part.pins.values()]
    found |= {end for end in ends if ends.count(end) > 2}
    return sorted(found)


class Nets:
    """Who is connected with whom, by wires and by what is closed inside the parts."""

    def __init__(self):
        self._boss = {}

    def find(self, key):
        self._boss.setdefault(key, key)
        while self._boss[key] != key:
            key = self._boss[key]
        return key

    def join(self, one, other):
        self._boss[self.find(one)] = self.find(other)

    def connected(self, one, other):
        return self.find(one) == self.find(other)


def nets(drawing, opened=(), actuated=()):
    """
    Terminals are "part.terminal". Contacts are at rest, but for the parts in `actuated`; a part in `opened` conducts
    nothing; a load never conducts.
    """
    joined = Nets()
    for number, wire in enumerate(drawing.wires):
        for other_number, other in enumerate(drawing.wires[:number]):
            ends = [(end, other) for end in (wire.points[0], wire.points[-1])]
            ends += [(end, wire) for end in (other.points[0], other.points[-1])]
            if any(on_segment(end, segment) for end, line in ends for segment in segments(line)):
                joined.join(number, other_number)
        for part in drawing.parts:
            for terminal, point in part.pins.items():
                if any(on_segment(point, segment) for segment in segments(wire)):
                    joined.join(number, f"{part.name}.{terminal}")
    for part in drawing.parts:
        for one, other, kind in part.inner if part.name not in opened else ():
            if kind == "always" or kind == ("no" if part.name in actuated else "nc"):
                joined.join(f"{part.name}.{one}", f"{part.name}.{other}")
    return joined


# --- what is wrong with it --------------------------------------------------------------------------------------------

def _wire_box(segment):
    (ax, ay), (bx, by) = segment
    return Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)).grown(1.5)


def _label_faults(drawing, language):
    page = Box(4, 4, drawing.width - 4, drawing.height - 4)
    placed = [(label, part, label.box(language)) for label, part in drawing.all_labels() if label.text[language]]
    for number, (label, owner, box) in enumerate(placed):
        text = label.text[language]
        if not page.holds(box):
            yield f"“{text}” leaves the page"
        for other, _, other_box in placed[:number]:
            if box.meets(other_box):
                yield f"“{text}” covers “{other.text[language]}”"
        for wire in drawing.wires:
            if any(box.meets(_wire_box(segment)) for segment in segments(wire)):
                yield f"“{text}” lies on a wire ({wire.kind})"
        for part in drawing.parts:
            if part is not owner and box.meets(part.box):
                yield f"“{text}” lies on {part.name}"
            if part is owner and box.meets(part.box) and not part.box.holds(box):
                yield f"“{text}” hangs out of {part.name}"


def _wire_faults(drawing):
    ends = {point for part in drawing.parts for point in part.pins.values()}
    joined = nets(drawing, opened=[part.name for part in drawing.parts])
    for number, wire in enumerate(drawing.wires):
        for (ax, ay), (bx, by) in segments(wire):
            if ax != bx and ay != by:
                yield f"a {wire.kind} wire is slanted at {ax},{ay}"
        for segment in segments(wire):
            inside = _wire_box(segment)
            for part in drawing.parts:
                if inside.meets(part.box.grown(-2)):
                    yield f"a {wire.kind} wire runs through {part.name}"
        for other_number, other in enumerate(drawing.wires[:number]):
            if any(_lie_together(a, b) for a in segments(wire) for b in segments(other)):
                yield f"a {wire.kind} and a {other.kind} wire lie on one another"
            if joined.connected(number, other_number) and wire.kind != other.kind:
                yield f"a {wire.kind} wire is connected to a {other.kind} wire"
        for end in (wire.points[0], wire.points[-1]):
            touching = [other for other in drawing.wires
                        if other is not wire and any(on_segment(end, segment) for segment in segments(other))]
            if end not in ends and not touching:
                yield f"a {wire.kind} wire ends in the air at {end.x},{end.y}"


def _part_faults(drawing):
    page = Box(4, 4, drawing.width - 4, drawing.height - 4)
    pieces = [segment for wire in drawing.wires for segment in segments(wire)]
    for number, part in enumerate(drawing.parts):
        if not page.holds(part.box):
            yield f"{part.name} leaves the page"
        for other in drawing.parts[:number]:
            if part.box.meets(other.box):
                yield f"{part.name} lies on {other.name}"
        for terminal, point in part.pins.items():
            used = any(on_segment(point, piece) for piece in pieces)
            if used == (terminal in part.unused):
                yield f"{part.name}.{terminal} is {'used' if used else 'not connected'}"


def faults(drawing, language):
    """What is wrong with the drawing in this language, in words; empty when all is well."""
    return list(_label_faults(drawing, language)) + list(_wire_faults(drawing)) + list(_part_faults(drawing))
