# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk and the wiring guide: both languages say the same, what they quote is what the programs say, and the lines
of configuration that they give are taken."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rig.program import BUILD

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "firmware-config"
sys.path.insert(0, str(FOLDER / "wiring"))

import pins  # noqa: E402

PAIRS = [(FOLDER / "README.md", FOLDER / "LISEZMOI.md"), (FOLDER / "wiring/README.md", FOLDER / "wiring/LISEZMOI.md")]
PAGES = [page for pair in PAIRS for page in pair]
EACH_PAIR = pytest.mark.parametrize("english, french", PAIRS, ids=["walk", "wiring"])
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(FOLDER)))
CHIPS = {"pi3": "pinctrl-bcm2835", "pi4": "pinctrl-bcm2711", "pi5": "pinctrl-rp1"}


def blocks(page):
    return re.findall(r"^```\w*\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def prose(page):
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def block_with(text, page=PAIRS[0][0]):
    return next(block for block in blocks(page) if text in block)


# --- two languages ----------------------------------------------------------------------------------------------------

def shape(page):
    """Headings, items, table rows with their columns, pictures, in their order."""
    for line in prose(page).splitlines():
        if match := re.match(r"(#+) |(\d+\.|-) |(\|)|!\[", line):
            heading, item, row = match.groups()
            yield heading or (item and "item") or (row and f"row of {line.count('|')}") or "picture"


@EACH_PAIR
def test_both_languages_have_the_same_parts(english, french):
    assert list(shape(english)) == list(shape(french))


@EACH_PAIR
def test_code_is_the_same_in_both(english, french):
    here, there = blocks(english), blocks(french)
    assert len(here) > 0 and here == there


@EACH_PAIR
def test_words_of_the_programs_are_the_same_in_both(english, french):
    """What stands in `…` is typed or read, not translated."""
    here, there = (sorted(set(re.findall(r"`([^`]+)`", prose(page)))) for page in (english, french))
    assert set(here) - {"YOU"} == set(there) - {"YOU"} or _only_language(here, there)


def _only_language(here, there):
    """The lobby's address names its language."""
    return sorted(word.replace("lang=en", "lang=fr") for word in here) == [word for word in there if word != "YOU"]


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page):
    return {slug(re.sub(r"[`*]", "", heading)) for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


@EACH_PAGE
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)]+)\)", prose(page))
    assert len(links) > 3
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), f"{link}: there is no such file"
        assert not anchor or anchor in anchors(target), f"{link}: no heading there"


@EACH_PAGE
def test_pictures_are_in_the_pages_language(page):
    pictures = re.findall(r"!\[[^]]+\]\(drawings/([^)]+)\)", page.read_text())
    if page.parent.name == "wiring":
        drawn = {path.name for path in (page.parent / "drawings").glob("*.svg")
                 if path.stem.endswith("-fr") == (page.name == "LISEZMOI.md")}
        assert sorted(pictures) == sorted(drawn), "each drawing stands in the guide once"


# --- pins and configuration -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", [0, 1], ids=["en", "fr"])
def test_the_table_of_pins_is_that_of_the_drawings(language):
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in PAIRS[1][language].read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    volts = {"3V3": ("3.3 V", "3,3 V")[language], "5V": "5 V"}
    assert rows == [[str(use.pin), volts.get(pins.HEADER[use.pin], pins.HEADER[use.pin]), use.name[language],
                     f"`{use.key}` {('of', 'de')[language]} `[{use.section}]`" if use.key else ""]
                    for use in pins.USES]


def configuration(chip):
    return block_with("[reader entrance]", PAIRS[1][0]).replace(CHIPS["pi4"], chip)


def entries(text):
    section = None
    for line in text.splitlines():
        if match := re.match(r"\[(.+)\]$", line):
            section = match.group(1)
        elif "=" in line and not line.startswith(";"):
            yield (section, *line.split("=", 1))


def loaded(tmp_path, text):
    """What a program says of the configuration, without looking at any hardware: it has no such reader."""
    path = tmp_path / "cantine.conf"
    path.write_text(text)
    done = subprocess.run([BUILD / "cantine-reader", "--config", path, "nobody"], capture_output=True, text=True,
                          check=False, timeout=20, env={"LC_ALL": "C.UTF-8"})
    assert done.returncode != 0
    return done.stderr.splitlines()


@pytest.mark.parametrize("model", CHIPS)
def test_the_configuration_of_the_guide_is_taken(tmp_path, model):
    told = loaded(tmp_path, configuration(CHIPS[model]))
    assert len(told) == 1 and told[0].endswith("has no [reader nobody]: the readers that it has: entrance")


def test_a_pin_given_twice_is_not_taken(tmp_path):
    """The same question can be answered otherwise."""
    told = loaded(tmp_path, configuration(CHIPS["pi4"]).replace("2711:24", "2711:17"))
    assert any("give each its own line" in line for line in told)


def test_the_configuration_says_what_the_table_says():
    given = {(section, key): value for section, key, value in entries(configuration(CHIPS["pi4"]))}
    for use in pins.USES:
        if use.key:
            assert given[use.section, use.key] == pins.setting(use, CHIPS["pi4"])
    known = {(section, key) for section, key, _ in entries((TOP / "schemas/cantine.conf").read_text())}
    assert set(given) <= known


def test_the_annotated_configuration_names_the_same_relay_and_reader():
    """The walk begins with schemas/cantine.conf as it is."""
    known = {(section, key): value for section, key, value in entries((TOP / "schemas/cantine.conf").read_text())}
    given = {(section, key): value for section, key, value in entries(configuration(CHIPS["pi4"]))}
    for place in (("door front", "actuator"), ("reader entrance", "device"), ("reader entrance", "door")):
        assert known[place] == given[place]


# --- what is typed and what is seen -----------------------------------------------------------------------------------

def commands(word):
    for page in PAGES:
        text = page.read_text()
        for line in [*re.findall(rf"`({word} [^`\n]+)`", text), *re.findall(rf"^({word} .+)$", text, re.MULTILINE)]:
            yield line.strip()


def test_cantinectl_has_these_commands():
    helped = subprocess.run([BUILD / "cantinectl", "--help"], capture_output=True, text=True, check=True,
                            env={"LC_ALL": "C.UTF-8"}).stdout
    known = {tuple(re.split(r"\s{2,}| [A-Z\[]", line.strip())[0].split()[:2]) for line in helped.splitlines()
             if line.startswith("  ") and line.strip()}
    seen = set(commands("cantinectl"))
    assert len(seen) > 10
    for line in seen:
        words = line.split()[1:]
        if words[0].startswith("-"):
            continue
        assert tuple(words[:2]) in known or tuple(words[:1]) in known, f"{line}: not in cantinectl --help"


def test_the_targets_of_make_are_there():
    text = (FOLDER / "Makefile").read_text()
    wanted = {words for line in commands("make -C firmware-config") for words in line.split()[3:4] if words.islower()}
    assert {"install", "uninstall", "install-kiosk"} <= wanted
    for target in wanted:
        assert re.search(rf"^{target}:", text, re.MULTILINE), f"make -C firmware-config {target}"


def told(text):
    """A line without what differs each time."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN", text)
    return re.sub(r"\s+", " ", re.sub(r"unlocked \d+ µs", "unlocked N µs", text)).strip()


def test_the_first_tap_is_as_the_walk_says(cantine):
    """The commands of step 11, and what they show."""
    number = re.search(r"badge add ada ([0-9A-F:]+)`", PAIRS[0][0].read_text()).group(1)
    last = block_with("badge add").split()[1:]
    add = re.search(r'^cantinectl member add "(.+)" --plan (\w+) --email (\S+)$', PAIRS[0][0].read_text(), re.MULTILINE)
    name, plan, email = add.groups()
    assert cantine.ctl("member", "add", name, "--plan", plan, "--email", email).strip() == "1"
    assert "refused" in cantine.tap(number.replace(":", ""))[1]
    cantine.ctl(*last)
    assert "granted" in cantine.tap(number.replace(":", ""))[1]

    daemon = next(program for program in cantine.programs if program.name == "cantined")
    seen = [told(line.removeprefix("cantined: ")) for line in daemon.lines.items]
    for line in block_with("reader entrance: granted").splitlines():
        assert told(line) in seen
    shown = [told(line) for line in cantine.ctl("log").splitlines()]
    quoted = [told(line) for line in block_with("WHEN  ").splitlines()]
    assert quoted == [line for line in shown if line in quoted] and quoted[0] == shown[0]
    assert [told(line) for line in cantine.ctl("door", "list").splitlines()][0] == "DOOR LOCK CONTACT"


def test_the_check_and_the_ready_reader_are_as_the_walk_says(cantine):
    done = subprocess.run([BUILD / "cantined", "--check", "--config", cantine.configuration], capture_output=True,
                          text=True, check=True, env={"LC_ALL": "C.UTF-8"})
    said = block_with(": right: ").strip()
    assert done.stdout.strip() == said.replace("/etc/cantine/cantine.conf", str(cantine.configuration))
    daemon = next(program for program in cantine.programs if program.name == "cantined")
    device = re.search(r"^device=(.+)$", Path(cantine.configuration).read_text(), re.MULTILINE).group(1)
    ready = block_with("reader entrance: ready").strip().replace("pn532_uart:/dev/ttyAMA0", device)
    daemon.lines.wait(lambda line: line.removeprefix("cantined: ") == ready, what=ready)
    assert told(cantine.ctl("door", "list")) == told(block_with("DOOR   LOCK"))


def test_an_absent_reader_is_told_in_the_words_of_the_page():
    """The symptom's words, where the programs have them."""
    source = (TOP / "daemon/reader/reader.c").read_text() + (TOP / "daemon/door/gpio.c").read_text()
    page = PAIRS[0][0].read_text()
    for words in ("is not there", "no reader answers", "choose one of", "in use by"):
        assert words in source and words in page
    for reason in set(re.findall(r"`((?:weak|clock|unknown)_\w+|throttled)`", page)):
        assert f'"{reason}"' in (TOP / "daemon/core/words.c").read_text(), reason


@pytest.mark.parametrize("page", [PAIRS[0][0], PAIRS[0][1]], ids=["en", "fr"])
def test_what_was_never_tried_is_said(page):
    end = prose(page)[prose(page).rindex("\n## "):]
    assert all(word in end for word in ("PN532", "PL061", "Raspberry Pi")) and "**" in end
