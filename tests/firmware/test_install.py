# SPDX-License-Identifier: GPL-3.0-or-later
"""`make -C firmware-config install` and `uninstall` on a card with Raspberry Pi OS (a folder)."""

import re
import subprocess

import pytest

from rig.card import CMDLINE, CONFIG, FOLDER, STATE, Card

RULES = "etc/udev/rules.d/71-cantine.rules"
PORTS = "etc/udev/rules.d/70-cantine-ports.rules"
LIBNFC = "etc/nfc/libnfc.conf"
WATCHDOG = "etc/systemd/system.conf.d/50-cantine-watchdog.conf"
NOTHING = "nothing to do: everything is as it should be\n"
MODELS = ("pi3", "pi4", "pi5")


@pytest.fixture
def card(tmp_path):
    return Card(tmp_path / "card")


def settings_of(card):
    """The lines of Cantine's block in config.txt."""
    return re.search(r"# cantine begin.*\n((?s:.*))# cantine end\n", card.config.read_text())[1].splitlines()


def test_make_alone_explains_itself():
    said = subprocess.run(["make", "-s", "-C", FOLDER], capture_output=True, text=True, check=True).stdout
    for word in ("make install MODEL=pi4", "uninstall", "--dry-run", "pi3 | pi4 | pi5", STATE):
        assert word in said


@pytest.mark.parametrize("model", MODELS)
def test_install_then_uninstall_leaves_nothing(card, model):
    before = card.tree
    said = card.make("install", f"MODEL={model}")
    for name in (RULES, PORTS, WATCHDOG, "etc/mosquitto/cantine.acl", "etc/cantine/cantine.conf.d/50-clock.conf"):
        assert f"made     /{name}\n" in said and (card.root / name).stat().st_mode & 0o777 == 0o644
    assert card.read(RULES) == (FOLDER / "udev/71-cantine.rules").read_text()
    card.make("uninstall")
    assert card.tree == before


@pytest.mark.parametrize("model, there, absent", [
    ("pi3", ["enable_uart=1", "dtoverlay=disable-bt"], "uart0"),
    ("pi4", ["enable_uart=1", "dtoverlay=disable-bt"], "uart0"),
    ("pi5", ["dtparam=uart0=on"], "disable-bt")])
def test_each_model_has_its_uart(card, model, there, absent):
    card.make("install", f"MODEL={model}")
    lines = settings_of(card)
    assert lines[0] == "[all]"
    assert set(there) < set(lines) and absent not in "".join(lines)
    assert {"gpio=5,6,13,17,22=op,dl", "gpio=23,24,27=ip,pu", "dtparam=watchdog=on"} < set(lines)
    assert not {"dtparam=spi=on", "dtoverlay=i2c-rtc,ds3231"} & set(lines)
    assert card.config.read_text().startswith(CONFIG)
    assert all(len(line) <= 98 for line in card.config.read_text().splitlines()), "the firmware reads no more"


def test_options(card):
    card.make("install", "MODEL=pi5", "OPTIONS=spi i2c battery")
    assert {"dtparam=spi=on", "dtparam=i2c_arm=on", "dtparam=rtc_bbat_vchg=3000000"} < set(settings_of(card))
    assert not (card.root / "etc/cantine/cantine.conf.d/50-clock.conf").exists(), "a battery keeps the time"
    said = card.make("install", "MODEL=pi5")
    assert "dtparam=spi=on" not in settings_of(card)
    assert "made     /etc/cantine/cantine.conf.d/50-clock.conf" in said
    card.make("install", "MODEL=pi4", "OPTIONS=ds3231")
    assert "dtoverlay=i2c-rtc,ds3231" in settings_of(card)
    assert not (card.root / "etc/cantine/cantine.conf.d/50-clock.conf").exists()


def test_another_model_replaces_the_first(card):
    before = card.tree
    card.make("install", "MODEL=pi4")
    said = card.make("install", "MODEL=pi5")
    assert "removed  /etc/systemd/system/hciuart.service" in said
    assert "dtparam=uart0=on" in settings_of(card) and "dtoverlay=disable-bt" not in settings_of(card)
    card.make("uninstall")
    assert card.tree == before


def test_the_serial_console_goes(card):
    card.cmdline.write_text("dwc_otg.lpm_enable=0 console=ttyAMA0,115200 kgdboc=ttyAMA0,115200 console=tty1 "
                            "root=/dev/mmcblk0p2")
    card.make("install", "MODEL=pi3")
    assert card.cmdline.read_text() == "dwc_otg.lpm_enable=0 console=tty1 root=/dev/mmcblk0p2\n"
    for unit in ("serial-getty@ttyAMA0", "serial-getty@ttyS0", "serial-getty@serial0", "hciuart"):
        assert (card.root / f"etc/systemd/system/{unit}.service").readlink().as_posix() == "/dev/null"


def test_a_second_run_changes_nothing(card):
    card.make("install", "MODEL=pi4")
    after = card.tree
    assert card.make("install", "MODEL=pi4") == NOTHING
    assert card.tree == after
    card.make("uninstall")
    gone = card.tree
    assert card.make("uninstall") == NOTHING
    assert card.tree == gone


@pytest.mark.parametrize("word", ["--dry-run", "-n", "-nk"])
def test_dry_run_changes_nothing(card, word):
    before = card.tree
    said = card.make("install", "MODEL=pi4", word)
    assert f"would be made     /{RULES}\n" in said and "would be edited   /boot/firmware/config.txt" in said
    assert card.tree == before
    card.make("install", "MODEL=pi4")
    after = card.tree
    assert f"would be removed  /{RULES}\n" in card.make("uninstall", word)
    assert NOTHING in card.make("install", "MODEL=pi4", word)
    assert card.tree == after


# --- what cannot be done ------------------------------------------------------------------------


@pytest.mark.parametrize("words, complaint", [
    (["MODEL=pi6"], "the model pi6 is not known: MODEL= is one of: pi3 pi4 pi5"),
    (["MODEL="], "which Raspberry Pi? Say MODEL=, one of: pi3 pi4 pi5"),
    (["MODEL=pi 4"], "the model pi 4 is not known"),
    (["MODEL=../pi4"], "the model ../pi4 is not known"),
    (["MODEL=pi4", "OPTIONS=spy"], "the option spy is not known for pi4: OPTIONS= takes: ds3231 i2c spi"),
    (["MODEL=pi4", "OPTIONS=battery"], "the option battery is not known for pi4"),
    (["MODEL=pi4", "DESTDIR=/nowhere"], "/nowhere is no folder"),
])
def test_bad_words(card, words, complaint):
    assert complaint in card.refused("install", *words)


def test_another_board(card):
    card.write("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.5\0")
    assert "this is a Raspberry Pi 4 Model B Rev 1.5: say MODEL=pi4" in card.refused("install", "MODEL=pi5")
    card.make("install", "MODEL=pi4")


def test_the_boot_partition_is_not_mounted(card):
    for name in ("config.txt", "cmdline.txt"):
        (card.boot / name).rename(card.root / name)
    card.write("boot/config.txt", "DO NOT EDIT THIS FILE\n")  # what Debian 12's Raspberry Pi OS has there
    assert f"{card.boot} has no config.txt" in card.refused("install", "MODEL=pi4")


def test_no_raspberry_pi_os(card):
    for path in (card.config, card.cmdline):
        path.unlink()
    card.boot.rmdir()
    assert "neither /boot/firmware/config.txt nor /boot/config.txt" in card.refused("install", "MODEL=pi4")
    assert "neither" in card.refused("uninstall")


def test_no_command_line(card):
    card.cmdline.unlink()
    assert f"{card.cmdline} is missing" in card.refused("install", "MODEL=pi4")


def test_an_older_card(tmp_path):
    card = Card(tmp_path / "card", "boot")
    before = card.tree
    card.make("install", "MODEL=pi3")
    assert "dtoverlay=disable-bt" in settings_of(card)
    card.make("uninstall")
    assert card.tree == before


def test_something_is_in_the_way(card):
    (card.root / RULES).mkdir()
    assert f"{card.root / RULES} is in the way" in card.refused("install", "MODEL=pi4")


def test_a_file_where_a_folder_belongs(card):
    card.write("etc/systemd/system.conf.d", "")
    assert "etc/systemd/system.conf.d is in the way" in card.refused("install", "MODEL=pi4")


# A cp that finds the card full at one file.
FULL = """#!/bin/bash
case "${{!#}}" in */{name}) echo "cp: error writing '${{!#}}': No space left on device" >&2; exit 1 ;; esac
exec /bin/cp "$@"
"""


@pytest.mark.parametrize("name", ["libnfc.conf", "tmp.mount.cantine-new", "cmdline.txt.cantine-new",
                                  "manifest.cantine-new"])
def test_a_full_card(card, tmp_path, name):
    before = card.tree
    (tmp_path / "cp").write_text(FULL.format(name=name))
    (tmp_path / "cp").chmod(0o755)
    done = card.make("install", "MODEL=pi4", check=False, before=f'export PATH="{tmp_path}:$PATH"')
    assert done.returncode != 0 and "No space left" in done.stderr and "nothing was changed" in done.stderr
    assert card.tree == before


def test_no_room_for_temporary_files(card):
    before = card.tree
    done = card.make("install", "MODEL=pi4", check=False, before="trap '' XFSZ; ulimit -f 1")
    assert done.returncode != 0 and "File too large" in done.stderr
    assert card.tree == before


def test_two_at_once(card):
    """Whoever holds the lock, a second one is told to wait."""
    done = card.make("install", "MODEL=pi4", check=False, before=f"exec 8<{card.root}; flock 8")
    assert done.returncode != 0 and "another run is under way" in done.stderr


def test_a_damaged_memory(card):
    card.make("install", "MODEL=pi4")
    card.write(f"{STATE}/manifest", "door file\n")
    assert "manifest is damaged" in card.refused("uninstall")


@pytest.mark.parametrize("line, name", [("listener 1883", "mosquitto.conf"),
                                        ("allow_anonymous false", "conf.d/ours.conf")])
def test_a_broker_with_rules_of_its_own(card, line, name):
    card.write(f"etc/mosquitto/{name}", f"# ours\n{line}\n")
    said = card.refused("install", "MODEL=pi4")
    assert f"{name}, line 2:{line}: this would clash" in said and "BROKER=no" in said
    card.make("install", "MODEL=pi4", "BROKER=no")
    assert not (card.root / "etc/cantine/mqtt-password").exists()


def test_no_broker(card):
    for name in ("conf.d/README", "mosquitto.conf"):
        (card.root / "etc/mosquitto" / name).unlink()
    (card.root / "etc/mosquitto/conf.d").rmdir()
    assert "mosquitto is not installed" in card.refused("install", "MODEL=pi4")


def test_no_lobby_page(card):
    (card.root / "usr/share/cantine/lobby/index.html").unlink()
    assert "the lobby page is not there" in card.refused("install", "MODEL=pi4")


# --- what somebody has edited -------------------------------------------------------------------


def test_an_edited_file_is_kept_by_name(card):
    card.make("install", "MODEL=pi4")
    card.append(WATCHDOG, "RebootWatchdogSec=30s\n")
    said = card.make("install", "MODEL=pi4")
    (backup,) = re.findall(rf"renewed  /{WATCHDOG}; it had been edited .*: that version is (\S+)", said)
    assert "RebootWatchdogSec=30s" in open(backup, encoding="utf-8").read()
    assert "RebootWatchdogSec" not in card.read(WATCHDOG)
    assert card.make("install", "MODEL=pi4") == NOTHING
    card.append(WATCHDOG, "RebootWatchdogSec=40s\n")
    card.make("install", "MODEL=pi4")
    assert "30s" in open(backup, encoding="utf-8").read() and "40s" in open(f"{backup}.1", encoding="utf-8").read()


def test_uninstall_keeps_what_was_edited(card):
    card.make("install", "MODEL=pi4")
    card.append(WATCHDOG, "RebootWatchdogSec=30s\n")
    card.append(LIBNFC, "log_level = 3\n")
    said = card.make("uninstall")
    assert f"kept     /{WATCHDOG}: it has been edited since the install\n" in said
    (backup,) = re.findall(rf"kept     /{LIBNFC}: .*; what was there before is\n +(\S+)", said)
    assert "#allow_autoscan = true" in open(backup, encoding="utf-8").read()
    assert "RebootWatchdogSec" in card.read(WATCHDOG) and "log_level" in card.read(LIBNFC)
    assert not (card.root / RULES).exists() and not (card.root / STATE / "manifest").exists()
    card.make("install", "MODEL=pi4")  # and it can be installed anew: what is there is somebody's
    card.make("uninstall")
    assert "log_level" in card.read(LIBNFC) and "RebootWatchdogSec" in card.read(WATCHDOG)


def test_what_was_there_comes_back(card):
    card.write(WATCHDOG, "[Manager]\nRuntimeWatchdogSec=10s\n")
    (card.root / WATCHDOG).chmod(0o640)
    card.write(RULES, (FOLDER / "udev/71-cantine.rules").read_text())  # already ours, but its mode
    (card.root / RULES).chmod(0o600)
    (card.root / "etc/systemd/system/hciuart.service").symlink_to("/lib/systemd/system/other.service")
    before = card.tree
    said = card.make("install", "MODEL=pi4")
    assert f"replaced /{WATCHDOG}; what was there is {card.root}/{STATE}/before/{WATCHDOG}\n" in said
    assert (card.root / RULES).stat().st_mode & 0o777 == 0o644
    card.make("uninstall")
    assert card.tree == before


def test_the_ports_are_the_sites_own(card):
    card.make("install", "MODEL=pi4")
    card.append(PORTS, 'ENV{ID_PATH_TAG}=="x", ENV{CANTINE_RELAY}="front"\n')
    assert card.make("install", "MODEL=pi4") == f"kept     /{PORTS}: you have edited it\n{NOTHING}"
    assert "front" in card.read(PORTS)
    assert f"kept     /{PORTS}: it has been edited" in card.make("uninstall")
    assert f"kept     /{PORTS}: it is yours already" in card.make("install", "MODEL=pi4")
    card.make("uninstall")
    assert "front" in card.read(PORTS)


def test_passwords_stay(card):
    card.make("install", "MODEL=pi4")
    password, users = card.root / "etc/cantine/mqtt-password", card.root / "etc/mosquitto/cantine.passwd"
    assert re.fullmatch(r"[0-9a-f]{48}", password.read_text()) and password.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"cantine:\$7\$\S+\n", users.read_text()) and users.stat().st_mode & 0o777 == 0o640
    first = password.read_text()
    subprocess.run(["mosquitto_passwd", "-b", users, "staff", "secret"], check=True,
                   env={"PATH": "/usr/bin:/usr/sbin"}, capture_output=True)
    card.make("install", "MODEL=pi4")
    assert password.read_text() == first and "staff:" in users.read_text()
    card.make("uninstall")
    assert "staff:" in users.read_text() and not password.exists()


def test_edited_boot_files_keep_their_lines(card):
    card.make("install", "MODEL=pi4")
    text = card.config.read_text()
    card.config.write_text(text.replace("camera_auto_detect=1", "camera_auto_detect=0") + "[all]\nhdmi_group=1\n")
    card.cmdline.write_text("splash " + card.cmdline.read_text())
    said = card.make("install", "MODEL=pi5")
    assert "you have edited it since the last install, and your lines stay" in said
    assert {"camera_auto_detect=0", "hdmi_group=1", "dtparam=uart0=on"} < set(card.config.read_text().splitlines())
    assert card.config.read_text().count("# cantine begin") == 1
    card.make("uninstall")
    edited = CONFIG.replace("camera_auto_detect=1", "camera_auto_detect=0") + "[all]\nhdmi_group=1\n"
    assert card.config.read_text() == edited
    assert card.cmdline.read_text() == CMDLINE.replace("console=serial0,115200 ", "console=serial0,115200 splash ")


def test_edits_inside_the_block_are_kept_by_name(card):
    card.make("install", "MODEL=pi4")
    card.config.write_text(card.config.read_text().replace("gpio=23,24,27=ip,pu", "gpio=23,24,27=ip,pd"))
    said = card.make("install", "MODEL=pi4")
    (backup,) = re.findall(r"also between Cantine's own marks, where it is made anew: your version is\n +(\S+)", said)
    assert "gpio=23,24,27=ip,pd" in open(backup, encoding="utf-8").read()
    assert "gpio=23,24,27=ip,pu" in settings_of(card)


@pytest.mark.parametrize("wrong, right", [("# cantine end\n", ""), ("[all]\nenable", "# cantine begin\n[all]\nenable")])
def test_a_block_without_its_marks(card, wrong, right):
    card.make("install", "MODEL=pi4")
    card.config.write_text(card.config.read_text().replace(wrong, right))
    for words in (["install", "MODEL=pi4"], ["uninstall"]):
        said = card.refused(*words)
        assert "are not one pair any more" in said and f"{card.root}/{STATE}/before/boot/firmware/config.txt" in said


def test_files_without_a_last_line_end(card):
    card.config.write_text("dtparam=audio=on")
    card.cmdline.write_text("console=tty1 root=/dev/mmcblk0p2")
    before = card.tree
    card.make("install", "MODEL=pi4")
    assert card.config.read_text().startswith("dtparam=audio=on\n# cantine begin")
    card.make("uninstall")
    assert card.tree == before


# --- the plug is pulled -------------------------------------------------------------------------

# A mv that ends whoever called it, before the Nth file gets its name.
DEADLY = """#!/bin/bash
n=$(($(cat {counter}) + 1)); echo $n >{counter}
[ $n -ne {end} ] || {{ kill -9 $PPID; exit 1; }}
exec /bin/mv "$@"
"""


@pytest.mark.parametrize("end", [1, 2, 3, 4, 5, 12, 20, 27])
@pytest.mark.parametrize("then", ["install", "uninstall"])
def test_killed_half_way(card, tmp_path, end, then):
    before = card.tree
    tools, counter = tmp_path / "tools", tmp_path / "counter"
    tools.mkdir()
    counter.write_text("0")
    (tools / "mv").write_text(DEADLY.format(counter=counter, end=end))
    (tools / "mv").chmod(0o755)
    deadly = f'export PATH="{tools}:$PATH"'
    assert card.make("install", "MODEL=pi4", check=False, before=deadly).returncode != 0
    if then == "install":
        said = card.make("install", "MODEL=pi4")
        assert "edited since" not in said and settings_of(card)
        counter.write_text("0")
        card.make("uninstall", check=False, before=deadly)
    card.make("uninstall")
    assert card.tree == before


# --- the lobby screen, and a root that is only read ---------------------------------------------


def test_kiosk(card):
    before = card.tree
    assert "made     /etc/systemd/system/cantine-kiosk.service" in card.make("install-kiosk")
    assert card.cmdline.read_text() == CMDLINE[:-1] + " consoleblank=0\n"
    assert card.config.read_text() == CONFIG
    card.append("etc/cantine-kiosk.env", "LOBBY=http://10.0.0.2:8080/\n")
    assert "kept     /etc/cantine-kiosk.env: you have edited it" in card.make("install-kiosk")
    card.make("uninstall-kiosk")
    assert set(card.tree) - set(before) == {"etc/cantine-kiosk.env"}
    assert card.cmdline.read_text() == CMDLINE


def test_readonly(card):
    before = card.tree
    card.make("install-readonly")
    assert card.cmdline.read_text() == CMDLINE[:-1] + " overlayroot=tmpfs:recurse=0\n"
    mount = card.root / "etc/systemd/system/local-fs.target.wants/var-lib-cantine.mount"
    assert mount.readlink().as_posix() == "/etc/systemd/system/var-lib-cantine.mount"
    card.make("uninstall-readonly")
    assert card.tree == before


def test_sets_come_and_go_one_by_one(card):
    before = card.tree
    card.make("install", "MODEL=pi4")
    door = card.tree
    card.make("install-readonly")
    assert card.cmdline.read_text().split() == [word for word in CMDLINE.split() if "serial0" not in word] + [
        "overlayroot=tmpfs:recurse=0"]
    card.make("install-kiosk")
    card.make("uninstall-readonly")
    assert "overlayroot" not in card.cmdline.read_text() and "consoleblank=0" in card.cmdline.read_text()
    card.make("uninstall-kiosk")
    assert {name: look[:2] for name, look in card.tree.items() if not name.startswith(STATE)} == {
        name: look[:2] for name, look in door.items() if not name.startswith(STATE)}
    card.make("uninstall")
    assert card.tree == before


def test_a_word_that_was_there_already_stays(card):
    card.cmdline.write_text(CMDLINE[:-1] + " consoleblank=0\n")
    card.make("install-kiosk")
    card.cmdline.write_text("splash " + card.cmdline.read_text())
    card.make("uninstall-kiosk")
    assert "consoleblank=0" in card.cmdline.read_text()


@pytest.mark.parametrize("file, words, complaint", [
    ("etc/overlayroot.conf", ["install-readonly"], "overlayroot is not installed"),
    ("usr/bin/cage", ["install-kiosk"], "/usr/bin/cage is not installed"),
    ("usr/bin/Xwayland", ["install-kiosk"], "apt-get install cage xwayland chromium")])
def test_a_package_is_missing(card, file, words, complaint):
    (card.root / file).unlink()
    assert complaint in card.refused(*words)
