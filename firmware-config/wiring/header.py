# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of the 40-pin header: what goes where, from the table in pins.py."""

import pins
from scene import Box, Drawing, Label, Part, Zone
from symbols import GREY, SHOWN, both, circle, rectangle

COLOURS = {"relay": "#d84315", "second": "#8d6e63", "input": "#1565c0", "lamp": "#2e7d32", "buzzer": "#2e7d32",
           "uart": "#6a1b9a", "spi": "#6a1b9a", "i2c": "#6a1b9a", "rtc": "#6a1b9a", "reader": "#6a1b9a"}
STEP, TOP, MIDDLE, WIDTH = 32, 84, 540, 1080


def _row(pin):
    """The labels and shapes of one pin: its number, its name, its use."""
    left = pin % 2 == 1
    y = TOP + STEP * ((pin - 1) // 2)
    x = MIDDLE - 24 if left else MIDDLE + 24
    use = next((use for use in pins.USES if use.pin == pin), None)
    name = pins.HEADER[pin]
    fill = COLOURS[use.role] if use else {"3V3": "#f8bbd0", "5V": "#ffccbc", "GND": "#b0bec5"}.get(name, "#eceff1")
    labels = [Label(both(str(pin)), x, y + 4, 12, "middle", True, "#ffffff" if use else "#1f2933"),
              Label(SHOWN.get(name, both(pins.RESERVED.get(pin, name))), x + (-34 if left else 34), y + 5, 13,
                    "end" if left else "start", colour="#1f2933" if use else GREY)]
    if use:
        labels.append(Label(use.name, x + (-100 if left else 100), y + 5, 14, "end" if left else "start", True,
                            COLOURS[use.role]))
    return labels, [circle(x, y, 13, fill, ' stroke-width="1"')]


def header():
    labels, shapes = [], [rectangle(MIDDLE - 48, TOP - 22, 96, 20 * STEP + 12, "#263238", 8)]
    for pin in sorted(pins.HEADER):
        more_labels, more_shapes = _row(pin)
        labels += more_labels
        shapes += more_shapes
    bottom = TOP + 20 * STEP
    part = Part("header", Box(16, TOP - 22, WIDTH - 16, bottom), {}, shapes, labels)
    heading = Label(("The header of the Raspberry Pi: what goes where", "Le connecteur du Raspberry Pi : quoi va où"),
                    24, 36, 20, bold=True)
    frame = Zone(Box(16, 52, WIDTH - 16, bottom + 10), "logic", Label(("", ""), 20, 60))
    foot = [Label(("Pin 1 has the square pad, near the memory card, on the inner row. All signals are 3.3 V: never 5 "
                   "V on a GPIO.",
                   "La broche 1 a la pastille carrée, côté carte mémoire, rangée intérieure. Signaux en 3,3 V : "
                   "jamais 5 V sur un GPIO."), 30, bottom + 36, 14),
            Label(("Every GND is the same. The GPIOs in grey are free; ID_SD and ID_SC are not.",
                   "Tous les GND se valent. Les GPIO en gris sont libres ; pas ID_SD ni ID_SC."), 30,
                  bottom + 58, 14)]
    return Drawing("header", heading.text, WIDTH, bottom + 74, [frame], [part], [], [heading], foot)
