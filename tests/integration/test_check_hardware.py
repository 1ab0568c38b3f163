# SPDX-License-Identifier: GPL-3.0-or-later
"""`cantined --check` looks at the hardware that the configuration names, and moves nothing.

What it refuses is no more than one door's fault for a cantined that runs: in the same words.
"""

import fcntl
import os
import pty
import re
import subprocess
import termios
from contextlib import closing

import pytest

from rig.cantine import Cantine
from rig.gpio import Chip, give_chips
from rig.program import BUILD, Program
from rig.relay import Relay
from rig.waiting import DEADLINE, wait_until

ADA = "04A1B2C3D4E5F6"
LABEL = "pinctrl-bcm2711"
MISSING = "is not there: plug the device in, or write the path that it has"
NOT_SERIAL = "is not a serial device: write the path of one, such as /dev/ttyUSB0"
RIGHT = "give the user cantine the right to, and run this as that user or as root"


class Place:
    """A directory with a configuration, a chip, a relay board and a reader's line."""

    def __init__(self, directory):
        self.directory = directory
        self.configuration = directory / "cantine.conf"
        self.chips = directory / "chips"
        self.chips.mkdir()
        self.chip = Chip(self.chips, LABEL, names={5: "STRIKE"}).plug()
        self.chip.take(4, "lamp")
        self.relay = Relay(directory).plug()
        self.reader = Relay(directory, "reader").plug()  # a serial line like any other
        (directory / "file").write_text("no device\n")
        os.mkfifo(directory / "fifo")

    def close(self):
        self.relay.unplug()
        self.reader.unplug()

    def text(self, text):
        return text.format(dir=self.directory, label=LABEL)

    def write(self, site="", reader="", door="actuator=gpio:{label}:17"):
        """What goes into each section; the mistake's line is found by its own text."""
        self.configuration.write_text(self.text(
            "[site]\nid=amiens\n" + site + "\n\n[reader entrance]\ndoor=front\n"
            + ("" if "device=" in reader else "device=pn532_uart:{dir}/reader\n") + reader
            + "\n\n[door front]\n" + door + "\n"))

    def check(self, *command):
        """Its status, what it printed, and what it complained of, without its name."""
        program = Program("cantined", "--config", self.configuration, "--check")
        give_chips(program, self.chips)
        done = subprocess.run([*command, *program.argv], env=program.env, capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        complaints = done.stderr.splitlines()
        assert all(line.startswith("cantined: ") for line in complaints), done.stderr
        return done.returncode, done.stdout, [line.removeprefix("cantined: ") for line in complaints]

    def line_of(self, beginning, file=None):
        lines = (file or self.configuration).read_text().splitlines()
        return 1 + next(i for i, line in enumerate(lines) if line.startswith(beginning))

    def assert_refused(self, beginning, title, fault, *command):
        """The only complaint: at the line that begins so."""
        key = beginning.split("=")[0]
        line = self.line_of(self.text(beginning))
        complaint = f"{self.configuration}:{line}: {title} {key}: {self.text(fault)}"
        assert self.check(*command) == (1, "", [complaint])

    def assert_right(self, *command):
        assert self.check(*command) == (0, f"{self.configuration}: right: 1 doors, 1 readers\n", [])


@pytest.fixture(name="place")
def fixture_place(tmp_path):
    with closing(Place(tmp_path)) as it:
        yield it


# --- what is right ------------------------------------------------------------------------------

def test_all_is_there(place):
    """All keys, and afterwards nothing has been taken, driven or sent."""
    place.write(site="fire=gpio:{label}:1",
                reader="led_green=gpio:{label}:2\nled_red=gpio:gpiochip0:3\nbuzzer=gpio:/dev/gpiochip0:6:active-low",
                door="actuator=gpio:{label}:STRIKE\ncontact=gpio:{label}:8\nexit_button=gpio:{label}:9")
    before = place.chip.map[:]
    place.assert_right()
    assert place.chip.map[:] == before
    place.write(door="actuator=serial-relay:{dir}/relay:1")
    place.assert_right()
    place.write(door="actuator=virtual")
    place.assert_right()
    assert place.relay.frames.items == []


@pytest.mark.parametrize("device", ["pn53x_usb:001:004", "pn532_uart", "acr122_usb", "pn71xx:{dir}/reader"])
def test_a_reader_without_a_path_or_of_an_unknown_kind(place, device):
    place.write(reader=f"device={device}")
    place.assert_right()


def test_a_board_for_several_doors(place):
    place.write(door="actuator=serial-relay:{dir}/relay:1\n[door back]\nactuator=serial-relay:{dir}/relay:2")
    status, out, complaints = place.check()
    assert (status, complaints) == (0, []) and "2 doors" in out


# --- what is wrong ------------------------------------------------------------------------------

LINES = [("site", "[site]", "fire"), ("reader", "[reader entrance]", "led_green"),
         ("reader", "[reader entrance]", "led_red"), ("reader", "[reader entrance]", "buzzer"),
         ("door", "[door front]", "actuator"), ("door", "[door front]", "contact"),
         ("door", "[door front]", "exit_button")]
BAD_LINES = [("gpio:{label}:4", "line 4 of {label} is in use by “lamp”: free it or choose another line"),
             ("gpio:{label}:28", "{label} has no line 28: its lines are 0 to 27"),
             ("gpio:{label}:STRIK", "{label} has no line “STRIK”: write its name or number as gpioinfo shows it"),
             ("gpio:pinctrl-rp1:17:active-low", "there is no GPIO chip “pinctrl-rp1”: choose one of {label}"),
             ("gpio:/dev/gpiochip7:17",
              "/dev/gpiochip7 cannot be opened: No such file or directory: is the GPIO chip there?"),
             ("gpio:/dev/null:17",
              "/dev/null is not a GPIO chip: write a chip's label, or /dev/gpiochip and its number")]


@pytest.mark.parametrize("section, title, key", LINES)
@pytest.mark.parametrize("value, fault", BAD_LINES)
def test_a_line(place, section, title, key, value, fault):
    wrong = f"{key}={value}"
    sections = {section: wrong}
    if section == "door" and key != "actuator":
        sections = {"door": "actuator=gpio:{label}:17\n" + wrong}
    place.write(**sections)
    place.assert_refused(wrong, title, fault)
    assert place.chip.consumer(4) == "lamp"


def test_a_line_that_the_kernel_keeps(place):
    place.chip.keep(17)
    place.write()
    place.assert_refused("actuator=", "[door front]", "line 17 of {label} is in use: free it or choose another line")


def test_no_chip_at_all(place):
    place.chip.take(4, "").unplug()
    place.write()
    place.assert_refused("actuator=", "[door front]",
                         "there is no GPIO chip “{label}”, nor any other: is its driver loaded?")


@pytest.mark.parametrize("other", ["gpio:{label}:5", "gpio:/dev/gpiochip0:STRIKE", "gpio:gpiochip0:05:active-low"])
def test_a_line_given_twice(place, other):
    """Also by its other names, which only the chip knows."""
    place.write(door=f"actuator=gpio:{{label}}:STRIKE\ncontact={other}")
    place.assert_refused("contact=", "[door front]", "is also the actuator of [door front]: give each its own")


def test_a_line_given_twice_in_the_same_words(place):
    place.write(door="actuator=gpio:{label}:17\ncontact=gpio:{label}:17")
    place.assert_refused("contact=", "[door front]", "is also the actuator of [door front]: give each its own line")


@pytest.mark.parametrize("path, fault", [
    ("{dir}/nothing", MISSING), ("{dir}/file/ttyUSB1", MISSING), ("{dir}/file", NOT_SERIAL), ("{dir}/fifo", NOT_SERIAL),
    ("{dir}", NOT_SERIAL), ("/dev/null", NOT_SERIAL), ("/dev/urandom", NOT_SERIAL)])
def test_a_relay_board(place, path, fault):
    wrong = f"actuator=serial-relay:{path}:1"
    place.write(door=wrong)
    place.assert_refused(wrong, "[door front]", f"{path} {fault}")


def test_a_relay_board_given_twice(place):
    """By a link and by what it leads to, and to a door and a reader."""
    (place.directory / "by-id").symlink_to(place.directory / "relay")
    place.write(door="actuator=serial-relay:{dir}/relay:1\n[door back]\nactuator=serial-relay:{dir}/by-id:1")
    place.assert_refused("actuator=serial-relay:{dir}/by-id", "[door back]",
                         "is also the actuator of [door front]: give each its own")
    place.write(door="actuator=serial-relay:{dir}/reader:1")
    place.assert_refused("actuator=", "[door front]", "is also the device of [reader entrance]: give each its own")


@pytest.mark.parametrize("device, fault", [
    ("pn532_uart:{dir}/nothing", "{dir}/nothing " + MISSING),
    ("pn532_uart:{dir}/nothing:115200", "{dir}/nothing " + MISSING),
    ("pn532_uart:{dir}/file", "{dir}/file " + NOT_SERIAL),
    ("pn532_uart:/dev/null", "/dev/null " + NOT_SERIAL),
    ("arygon:/dev/null", "/dev/null " + NOT_SERIAL),
    ("pn532_spi:/dev/null:50000",
     "/dev/null is not an SPI device: write the path of one, such as /dev/spidev0.0"),
    ("pn532_i2c:/dev/null", "/dev/null is not an I2C device: write the path of one, such as /dev/i2c-1"),
    ("pn532_i2c:/dev/i2c-77", "/dev/i2c-77 " + MISSING),
    ("pn71xx:{dir}/file", "{dir}/file is not a device: write the path of one, below /dev")])
def test_a_reader(place, device, fault):
    place.write(reader=f"device={device}")
    place.assert_refused(f"device={device}", "[reader entrance]", fault)


def test_a_pulse_of_nothing_or_of_an_hour(place):
    for unlock in ("0", "0s", "99ms", "1h", "3600s"):
        place.write(door=f"actuator=gpio:{{label}}:17\nunlock={unlock}")
        place.assert_refused("unlock=", "[door front]",
                             f'"{unlock}" is not a time for unlocking: write a time from 100ms to 10min')


def test_each_mistake_with_its_own_file_and_line(place):
    """A drop-in's line where it overrides, and all of them at once."""
    drop_ins = place.configuration.with_name("cantine.conf.d")
    drop_ins.mkdir()
    drop_in = drop_ins / "10-door.conf"
    drop_in.write_text(f"; of this door\n\n[door front]\nactuator=gpio:{LABEL}:4\n")
    place.write(site="fire=gpio:{label}:99", reader="device=pn532_uart:/dev/null",
                door="contact=gpio:{label}:18\nactuator=gpio:{label}:17\nexit_button=gpio:none:1")
    status, out, complaints = place.check()
    assert (status, out) == (1, "")
    assert [re.sub(r"^(\S+:\d+: \[.+?\] \w+): .*", r"\1", complaint) for complaint in complaints] == [
        f"{place.configuration}:{place.line_of('fire=')}: [site] fire",
        f"{place.configuration}:{place.line_of('device=')}: [reader entrance] device",
        f"{drop_in}:4: [door front] actuator",
        f"{place.configuration}:{place.line_of('exit_button=')}: [door front] exit_button"]


# --- rights -------------------------------------------------------------------------------------

def without_rights():
    """For a root who has not root's right to every file; nobody else has it anyway."""
    return [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-sys_admin"]


@pytest.mark.parametrize("chip, seen", [(LABEL, "/dev/gpiochip*"), ("/dev/gpiochip0", "/dev/gpiochip0")])
def test_a_chip_that_may_not_be_opened(place, chip, seen):
    (place.chips / "gpiochip0").chmod(0)
    place.write(door=f"actuator=gpio:{chip}:17")
    place.assert_refused("actuator=", "[door front]", f"{seen} cannot be opened: {RIGHT}", *without_rights())


def test_a_board_that_may_not_be_opened(place):
    (place.directory / "relay").resolve().chmod(0)
    place.write(door="actuator=serial-relay:{dir}/relay:1")
    place.assert_refused("actuator=", "[door front]", "{dir}/relay cannot be opened: Permission denied: " + RIGHT,
                         *without_rights())


def test_a_board_that_somebody_has_for_himself(place):
    """A program that talks to it has asked the kernel to keep others away."""
    with closing(open(place.relay.path, "rb+", buffering=0)) as held:
        fcntl.ioctl(held, termios.TIOCEXCL)
        place.write(door="actuator=serial-relay:{dir}/relay:1")
        with pytest.raises(subprocess.CalledProcessError):
            subprocess.run([*without_rights(), "sh", "-c", f"exec 3<{place.relay.path}"], check=True,
                           capture_output=True, timeout=DEADLINE)
        place.assert_right(*without_rights())


# --- beside a cantined, and in one --------------------------------------------------------------

FAULTY = {"taken": BAD_LINES[0], "beyond": BAD_LINES[1], "elsewhere": BAD_LINES[3]}


class Site(Place):
    """A running Cantine in the place; front, the reader's door, hangs on line 17."""

    def start(self, extra=""):
        self.relay.unplug()
        self.reader.unplug()  # the virtual reader's link takes its place
        self.reader.path.unlink(missing_ok=True)
        self.cantine = Cantine(self.directory, actuator=f"gpio:{LABEL}:17", extra=self.text(extra))
        give_chips(self.cantine.cantined, self.chips)
        self.configuration = self.cantine.configuration
        self.cantine.start()
        self.cantine.add_member("Ada Lovelace", ADA)
        return self.cantine

    def tap_opens(self):
        before = len(self.chip.changes(17))
        assert "granted" in self.cantine.tap(ADA)[1]
        self.chip.wait(17, 1, before)
        self.chip.wait(17, 0, before)

    def alarm(self, door):
        return (self.cantine.broker.retained(f"cantine/amiens/door/{door}") or {"alarm": "none yet"})["alarm"]

    def close(self):
        super().close()
        if hasattr(self, "cantine"):
            self.cantine.stop()


@pytest.fixture(name="site")
def fixture_site(tmp_path):
    with closing(Site(tmp_path)) as it:
        yield it


def test_beside_a_cantined_at_work(site):
    """It has every line and the board; checking takes none from it, in the middle of a pulse."""
    cantine = site.start("contact=gpio:{label}:18\nexit_button=gpio:{label}:19\n"
                         "[door back]\nactuator=serial-relay:{dir}/relay:1\n")
    wait_until(lambda: site.alarm("back") is None, what="the board")
    frames = len(cantine.relay.frames)
    cantine.ctl("door", "unlock", "front", "--for", "1min")
    site.chip.wait(17, 1)
    assert [site.chip.consumer(line) for line in (17, 18, 19)] == ["cantined"] * 3
    status, out, complaints = site.check()
    assert (status, complaints) == (0, []) and "2 doors" in out
    assert [change.level for change in site.chip.changes(17)] == [0, 1]
    assert [site.chip.consumer(line) for line in (17, 18, 19)] == ["cantined"] * 3
    assert len(cantine.relay.frames) == frames
    assert "granted" in cantine.tap(ADA)[1], "the reader has not noticed"
    assert site.alarm("back") is None


def test_what_is_refused_is_that_door_s_fault_alone(site):
    """The same words; the other door opens."""
    doors = {name: (value, site.text(fault)) for name, (value, fault) in FAULTY.items()}
    doors["unserial"] = ("serial-relay:/dev/null:1", f"/dev/null {NOT_SERIAL}")
    doors["unplugged"] = ("serial-relay:{dir}/gone:1", site.text("{dir}/gone " + MISSING))
    cantine = site.start("".join(f"[door {name}]\nactuator={value}\n" for name, (value, _) in doors.items())
                         + "[door contact]\nactuator=virtual\ncontact=gpio:{label}:77\n")
    doors["contact"] = (None, f"{LABEL} has no line 77: its lines are 0 to 27")
    status, _, complaints = site.check()
    assert status == 1 and len(complaints) == len(doors)
    for (name, (_, fault)), complaint in zip(doors.items(), complaints):
        cantine.cantined.wait_line(f"door {name}: {fault}")
        key = "contact" if name == "contact" else "actuator"
        assert complaint.endswith(f"[door {name}] {key}: {fault}")
        wait_until(lambda door=name: site.alarm(door) == "faulty", what=f"door {name} faulty")
    assert site.alarm("front") is None
    site.tap_opens()


def test_a_reload_takes_what_check_refuses(site):
    """A relay that is away is no reason to keep an old configuration."""
    cantine = site.start()
    cantine.settings["extra"] = f"[door back]\nactuator=gpio:{LABEL}:4\n"
    cantine.write_configuration()
    assert site.check()[0] == 1
    seen = len(cantine.cantined.lines)
    cantine.cantined.process.send_signal(1)
    cantine.cantined.wait_line("the configuration was read again", seen)
    cantine.cantined.wait_line(f"door back: line 4 of {LABEL} is in use by “lamp”", seen)
    cantine.cantined.wait_line("reader entrance: ready", seen)
    site.tap_opens()
    site.chip.take(4, "")
    cantine.cantined.wait_line("door back is well again", seen)
    assert site.check()[0] == 0


def test_the_help_says_it():
    done = subprocess.run([BUILD / "cantined", "--help"], capture_output=True, text=True, timeout=DEADLINE, check=True)
    assert "its hardware" in done.stdout


def test_a_terminal_without_a_cable(place):
    """A pseudo-terminal is a serial device as any other."""
    board, line = pty.openpty()
    place.write(door=f"actuator=serial-relay:{os.ttyname(line)}:1")
    place.assert_right()
    os.close(board)
    os.close(line)
