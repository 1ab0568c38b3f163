# SPDX-License-Identifier: GPL-3.0-or-later
"""Which wire goes to which pin of the Raspberry Pi: the one table that the drawings and both guides follow.

A pin is chosen so that nothing collides: the UART, SPI0 and I²C1 keep theirs, whichever of them the reader uses,
a battery clock (DS3231) sits on I²C1, and relays and buzzer stand on GPIO 9 to 27, whose own resistor pulls down when
the power comes on (BCM2835 and BCM2711 ARM Peripherals, the table of alternative functions). What the boot firmware
does with these pins is in ../boot: the same table.
"""

from typing import NamedTuple

# The 40-pin header of every Raspberry Pi with one, from pin 1 on: Raspberry Pi documentation, "GPIO and the 40-pin
# header".
HEADER = dict(enumerate(
    "3V3 5V GPIO2 5V GPIO3 GND GPIO4 GPIO14 GND GPIO15 GPIO17 GPIO18 GPIO27 GND GPIO22 GPIO23 3V3 GPIO24 GPIO10 GND "
    "GPIO9 GPIO25 GPIO11 GPIO8 GND GPIO7 GPIO0 GPIO1 GPIO5 GND GPIO6 GPIO12 GPIO13 GND GPIO19 GPIO16 GPIO26 GPIO20 "
    "GND GPIO21".split(), 1))


class Use(NamedTuple):
    pin: int            # of the header
    role: str           # one word for those who draw
    name: tuple         # for people: English, French
    section: str = ""   # where the configuration names it; empty: nowhere
    key: str = ""
    low: bool = False   # :active-low


USES = [
    Use(1, "rtc", ("3.3 V of the battery clock, or of the reader on I²C",
                   "3,3 V de l'horloge à pile, ou du lecteur en I²C")),
    Use(2, "buzzer", ("5 V of the buzzer", "5 V du buzzer")),
    Use(3, "i2c", ("I²C1 SDA: battery clock, reader on I²C", "I²C1 SDA : horloge à pile, lecteur en I²C")),
    Use(4, "relay", ("5 V of the relay board", "5 V de la carte relais")),
    Use(5, "i2c", ("I²C1 SCL: battery clock, reader on I²C", "I²C1 SCL : horloge à pile, lecteur en I²C")),
    Use(8, "uart", ("UART TXD → RX of the reader", "UART TXD → RX du lecteur")),
    Use(10, "uart", ("UART RXD ← TX of the reader", "UART RXD ← TX du lecteur")),
    Use(11, "relay", ("relay of the door", "relais de la porte"), "door front", "actuator"),
    Use(13, "input", ("door contact", "contact de porte"), "door front", "contact", True),
    Use(15, "second", ("relay of a second door", "relais d'une seconde porte")),
    Use(16, "input", ("exit button", "bouton de sortie"), "door front", "exit_button", True),
    Use(17, "reader", ("3.3 V of the reader and of the inputs' resistors",
                       "3,3 V du lecteur et des résistances des entrées")),
    Use(18, "input", ("fire alarm", "alarme incendie"), "site", "fire"),
    Use(19, "spi", ("SPI0 MOSI: reader on SPI", "SPI0 MOSI : lecteur en SPI")),
    Use(21, "spi", ("SPI0 MISO: reader on SPI", "SPI0 MISO : lecteur en SPI")),
    Use(23, "spi", ("SPI0 SCLK: reader on SPI", "SPI0 SCLK : lecteur en SPI")),
    Use(24, "spi", ("SPI0 CE0: reader on SPI", "SPI0 CE0 : lecteur en SPI")),
    Use(29, "lamp", ("green lamp", "voyant vert"), "reader entrance", "led_green"),
    Use(31, "lamp", ("red lamp", "voyant rouge"), "reader entrance", "led_red"),
    Use(33, "buzzer", ("buzzer", "buzzer"), "reader entrance", "buzzer"),
]

RESERVED = {27: "ID_SD", 28: "ID_SC"}   # the EEPROM of a board on the header


def pin_of(key):
    """The pin that a key of the configuration goes to."""
    return next(use.pin for use in USES if use.key == key)


def gpio(pin):
    """The number of the GPIO on `pin`, as the configuration writes it; None for power and ground."""
    name = HEADER[pin]
    return int(name[4:]) if name.startswith("GPIO") else None


def setting(use, chip):
    """The configuration's value for `use` on the GPIO chip with this label."""
    return f"gpio:{chip}:{gpio(use.pin)}" + (":active-low" if use.low else "")
