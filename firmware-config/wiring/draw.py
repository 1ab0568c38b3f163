#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Writes the wiring guide's drawings: NAME.svg in English and NAME-fr.svg in French, from drawings.py.

    draw.py            writes them into the folder drawings/ beside this file
    draw.py --check    only says which of them are not what the sources say, or what is wrong with one
"""

import sys
from html import escape
from pathlib import Path

import drawings
from scene import ENGLISH, FRENCH, Point, crossing, faults, junctions, on_segment, segments

FOLDER = Path(__file__).resolve().parent / "drawings"
SUFFIX = {ENGLISH: "", FRENCH: "-fr"}
LANGUAGE = {ENGLISH: "en", FRENCH: "fr"}
COLOURS = {"12v": "#d32f2f", "0v": "#263238", "5v": "#ef6c00", "3v3": "#c2185b", "gnd": "#455a64",
           "signal": "#1565c0", "other": "#6a1b9a", "third": "#00796b", "fourth": "#8d6e00"}
ZONES = {"lock": ("#fff7e8", "#e0a83c"), "logic": ("#eef6fd", "#7fb2de")}
HOP = 7  # half the width of the bridge that a wire makes over another


def _wire(wire, others):
    """The wire, with a bridge where a level piece of it crosses an upright piece of another."""
    parts = [f"M{wire.points[0].x:g} {wire.points[0].y:g}"]
    for segment in segments(wire):
        (ax, ay), (bx, by) = segment
        found = [crossing(segment, other) for line in others for other in segments(line)] if ay == by else []
        forward = 1 if bx > ax else -1
        for point in sorted((p for p in found if p), reverse=forward < 0):
            parts.append(f"H{point.x - HOP * forward:g}a{HOP} {HOP} 0 0 {int(forward > 0)} {2 * HOP * forward} 0")
        parts.append(f"H{bx:g}" if ay == by else f"V{by:g}")
    return f'<path d="{"".join(parts)}" stroke="{COLOURS[wire.kind]}"/>'


def _label(label, language):
    weight = ' font-weight="bold"' if label.bold else ""
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    return (f'<text x="{label.x:g}" y="{label.y:g}" font-size="{label.size}"{anchor}{weight} fill="{label.colour}">'
            f"{escape(label.text[language], quote=False)}</text>")


def _zone(zone):
    fill, edge = ZONES[zone.kind]
    left, top, right, bottom = zone.box
    return (f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" rx="10" fill="{fill}" '
            f'stroke="{edge}" stroke-width="1.5" stroke-dasharray="7 5"/>')


def _dot(drawing, point):
    kind = next(wire.kind for wire in drawing.wires if any(on_segment(point, part) for part in segments(wire)))
    return f'<circle cx="{point.x:g}" cy="{point.y:g}" r="5" fill="{COLOURS[kind]}" stroke="none"/>'


def render(drawing, language):
    """The SVG document."""
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
             f'width="{drawing.width}" height="{drawing.height}" xml:lang="{LANGUAGE[language]}" '
             'font-family="DejaVu Sans, Verdana, Arial, sans-serif">',
             f"<title>{escape(drawing.title[language], quote=False)}</title>",
             f'<rect width="{drawing.width}" height="{drawing.height}" rx="12" fill="#ffffff"/>']
    lines += [_zone(zone) for zone in drawing.zones]
    lines.append('<g fill="none" stroke-width="3" stroke-linejoin="round" stroke-linecap="round">')
    lines += [_wire(wire, [other for other in drawing.wires if other is not wire]) for wire in drawing.wires]
    lines.append("</g>")
    lines.append('<g fill="none" stroke="#1f2933" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">')
    lines += [shape for part in drawing.parts for shape in part.shapes]
    lines.append("</g>")
    lines += [_dot(drawing, Point(*point)) for point in junctions(drawing)]
    lines += [_label(label, language) for label, _ in drawing.all_labels() if label.text[language]]
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def files():
    """What belongs into the folder: name → text."""
    return {f"{drawing.name}{SUFFIX[language]}.svg": render(drawing, language)
            for drawing in drawings.ALL for language in (ENGLISH, FRENCH)}


def wrong():
    """What is wrong with the drawings, or differs from the folder."""
    for drawing in drawings.ALL:
        for language in (ENGLISH, FRENCH):
            yield from (f"{drawing.name}{SUFFIX[language]}.svg: {fault}" for fault in faults(drawing, language))
    expected = files()
    for name, text in expected.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{name}: is not what drawings.py says: run draw.py"
    yield from (f"{path.name}: no drawing of drawings.py has this name: remove it"
                for path in sorted(FOLDER.glob("*")) if path.name not in expected)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not sys.argv[1:]:
        FOLDER.mkdir(exist_ok=True)
        for name, text in files().items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    found = list(wrong())
    for fault in found:
        print(f"draw.py: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
