# SPDX-License-Identifier: GPL-3.0-or-later
"""The lobby screen in a real Chromium, fed by a real broker over WebSockets."""

import gzip
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rig.browser import PAGE, Browser, LobbyBroker

SITE = "cantine/amiens"
LOBBY = Path(__file__).resolve().parents[2] / "lobby"
FORMATS = [(1920, 1080), (1080, 1920), (390, 844)]

SILENT_FR = re.compile(r"Pas de nouvelles depuis \d\d:\d\d")
SILENT_EN = re.compile(r"No news since \d\d:\d\d")


def rfc3339(seconds=0):
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def occupancy(count, capacity=40, **more):
    free = None if capacity is None else max(0, capacity - count)
    return {"count": count, "capacity": capacity, "free": free,
            "full": capacity is not None and count >= capacity, "open": True, "at": rfc3339(),
            **more}


def door(lock="locked", contact="closed", alarm=None):
    return {"lock": lock, "contact": contact, "alarm": alarm, "at": rfc3339()}


class Wall:
    """A screen in front of a broker, and the site that publishes to it."""

    def __init__(self, broker, browser):
        self.broker = broker
        self.browser = browser

    def tell(self, topic, payload, **options):
        self.broker.publish(f"{SITE}/{topic}", payload, **options)

    def hang(self, **query):
        self.browser.open(self.broker.address(**query))

    def shows(self, selector, text):
        self.browser.wait_text(selector, text)

    def is_(self, news):
        self.browser.wait(lambda: self.browser.news() == news, f"the page to be {news}")


@pytest.fixture(scope="module")
def browser():
    with Browser(traffic=True) as it:
        yield it


@pytest.fixture
def broker(tmp_path):
    with LobbyBroker(tmp_path) as it:
        yield it


@pytest.fixture
def wall(broker, browser):
    """On, in French, twelve of forty people in."""
    browser.resize(*FORMATS[0])
    it = Wall(broker, browser)
    it.tell("status", "online")
    it.tell("occupancy", occupancy(12))
    it.tell("door/front", door())
    it.tell("reader/entrance", {"state": "ready", "at": rfc3339()})
    it.hang(site="amiens")
    it.shows("#count", "12")
    yield it
    browser.open("about:blank")


def test_small_and_self_contained():
    page = PAGE.read_bytes()
    assert len(gzip.compress(page, 6)) < 150_000
    text = page.decode()
    assert "<meta charset=" in text[:600]
    assert not re.search(r"<script[^>]+(src|type)=", text)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    lock = (LOBBY / "package-lock.json").read_text()
    assert set(re.findall(r'"resolved": "(https?://[^/]+)', lock)) <= {"https://registry.npmjs.org"}


def test_people_come_and_go(wall):
    assert wall.browser.text("#count-words") == "personnes sur place"
    assert wall.browser.text("#free") == "28 places libres"
    assert wall.browser.text("#open") == "Ouvert"
    assert len(wall.browser.texts("use")) == 40 and len(wall.browser.texts("use.taken")) == 12
    wall.tell("occupancy", occupancy(39))
    wall.shows("#count", "39")
    assert wall.browser.text("#free") == "1 place libre"
    assert len(wall.browser.texts("use.taken")) == 39
    wall.tell("occupancy", occupancy(0, open=False))
    wall.shows("#count", "0")
    assert wall.browser.text("#count-words") == "personne sur place"
    assert wall.browser.text("#open") == "Fermé"
    assert wall.browser.texts("use.taken") == []


def test_badge_changes_the_number(cantine, browser):
    """The whole way: badge, reader, decision, broker, page."""
    cantine.add_member("Ada Lovelace", "04A1B2C3D4E5F6")
    browser.resize(*FORMATS[0])
    browser.open(cantine.lobby)
    browser.wait_text("#count", "0")
    browser.wait_text("#doors .state", "verrouillée")
    cantine.tap("04A1B2C3D4E5F6")
    browser.wait_text("#count", "1")
    assert browser.text("#free") == "39 places libres"
    cantine.cantined.kill()
    browser.wait(lambda: SILENT_FR.fullmatch(browser.text("#band")), "no news from cantined")
    cantine.start_cantined()
    browser.wait_text("#band", "")
    browser.wait_text("#count", "1")
    browser.open("about:blank")


def test_full_is_said_kindly(wall):
    wall.tell("occupancy", occupancy(41))
    wall.shows("#free", "Complet pour l’instant")
    assert "merci" in wall.browser.text("#kind")
    assert len(wall.browser.texts("use.taken")) == 40


def test_no_limit_shows_the_number_alone(wall):
    wall.tell("occupancy", occupancy(7, None))
    wall.shows("#count", "7")
    assert wall.browser.text("#free") == "" and wall.browser.texts("use") == []


def test_news_are_drawn_as_they_come(wall):
    """Each count is seen: the page keeps up with somebody at the door every moment."""
    for count in range(13, 33):
        wall.tell("occupancy", occupancy(count))
        wall.shows("#count", str(count))


@pytest.mark.parametrize("state, words", [
    (door(), "verrouillée"),
    (door("unlocked"), "déverrouillée"),
    (door("unlocked", "open"), "déverrouillée, ouverte"),
    (door("held", "open"), "maintenue ouverte"),
    (door("lockdown"), "verrouillage en cours"),
    (door("locked", "open", "forced"), "forcée, ouverte"),
    (door("locked", "open", "held_open"), "restée ouverte"),
    (door("locked", "unknown", "faulty"), "capteur en panne"),
    (door("held", "open", "fire"), "alarme incendie"),
])
def test_door_in_words(wall, state, words):
    wall.shows("#doors .state", "verrouillée")
    wall.tell("door/front", state)
    wall.shows("#doors .state", words)
    assert wall.browser.texts("#doors .name") == ["Front"]


def test_door_that_is_gone(wall):
    wall.shows("#doors .state", "verrouillée")
    wall.tell("door/front", "")
    wall.browser.wait(lambda: wall.browser.texts("#doors li") == [], "no door")


def test_broken_reader(wall):
    assert wall.browser.text("#reader") == ""
    wall.tell("reader/entrance", {"state": "faulty", "at": rfc3339()})
    wall.shows("#reader", "Le lecteur de badges est en panne\u00a0: sonnez")
    wall.tell("reader/yard", {"state": "ready", "at": rfc3339()})
    wall.shows("#reader", "Le lecteur «\u00a0Entrance\u00a0» est en panne\u00a0: sonnez")
    wall.tell("reader/entrance", {"state": "ready", "at": rfc3339()})
    wall.shows("#reader", "")


def test_rooms_and_what_comes_next(wall):
    assert wall.browser.text("#agenda") == ""
    wall.tell("room/b", {"name": "Grande salle", "state": "free", "until": None, "title": None,
                         "next": {"title": None, "from": rfc3339(40 * 86400)}})
    wall.tell("room/a", {"name": "Atelier", "state": "busy", "until": rfc3339(40 * 86400),
                         "title": "Conseil", "next": {"title": "Yoga", "from": rfc3339(41 * 86400)}})
    wall.browser.wait(lambda: len(wall.browser.texts("#rooms li")) == 2, "two rooms")
    assert wall.browser.texts("#rooms .name") == ["Atelier", "Grande salle"]
    busy, free = wall.browser.texts("#rooms .state")
    assert re.fullmatch(r"occupée jusqu’à \S+ \d+ \S+ \d\d:\d\d", busy) and free == "libre"
    assert wall.browser.texts("#rooms .title") == ["Conseil"]
    assert wall.browser.texts("#next .title") == ["Réservé", "Yoga"]
    assert wall.browser.texts("#next .name") == ["Grande salle", "Atelier"]


def test_greeting_comes_and_goes(wall):
    wall.tell("greeting", {"name": "Ada", "door": "front"}, retain=False, qos=0)
    wall.shows("#band", "Bonjour Ada")
    assert wall.browser.run("return document.activeElement.tagName") == "BODY"
    wall.shows("#band", "")


def test_kept_greeting_is_none(wall):
    wall.tell("greeting", {"name": "Yesterday", "door": "front"})
    wall.shows("#band", "Bonjour Yesterday")  # it came while the page listened
    wall.hang(site="amiens")
    wall.shows("#count", "12")
    wall.tell("occupancy", occupancy(13))  # whatever was kept has come by now
    wall.shows("#count", "13")
    assert wall.browser.text("#band") == ""


def dimmed(browser):
    return browser.wait(lambda: float(browser.run(
        "return getComputedStyle(document.querySelector('main')).opacity")) < 0.3, "dimmed figures")


def test_broker_gone_and_back(wall):
    wall.broker.stop()
    wall.is_("silent")
    assert SILENT_FR.fullmatch(wall.browser.text("#band"))
    assert wall.browser.text("#count") == "12"
    dimmed(wall.browser)
    wall.broker.start()
    wall.tell("status", "online")
    wall.tell("occupancy", occupancy(17))
    wall.shows("#count", "17")
    wall.is_("fresh")
    assert wall.browser.text("#band") == ""
    wall.tell("occupancy", occupancy(18))
    wall.shows("#count", "18")


def test_publisher_gone_and_back(wall):
    wall.tell("status", "offline")
    wall.is_("silent")
    assert SILENT_FR.fullmatch(wall.browser.text("#band"))
    dimmed(wall.browser)
    wall.tell("status", "online")
    wall.is_("fresh")
    wall.shows("#count", "–")  # what was heard before is no figure now
    wall.tell("occupancy", occupancy(13))
    wall.shows("#count", "13")
    assert wall.browser.text("#band") == ""


def test_old_figures_of_a_publisher_that_is_away(broker, browser):
    wall = Wall(broker, browser)
    wall.tell("occupancy", occupancy(12, at="2020-01-01T13:05:00.000Z"))
    wall.tell("status", "offline")
    wall.hang(site="amiens")
    wall.is_("silent")
    wall.browser.wait(lambda: wall.browser.text("#band").endswith("1 janv. 14:05"),
                      "since when, in Paris")
    dimmed(browser)


@pytest.mark.parametrize("lang, words", [("fr", SILENT_FR), ("en", SILENT_EN)])
def test_nothing_was_ever_heard(broker, browser, lang, words):
    wall = Wall(broker, browser)
    wall.hang(site="amiens", lang=lang)
    wall.is_("silent")
    assert words.fullmatch(browser.text("#band"))
    assert browser.text("#count") == "–"
    assert re.fullmatch(r"\d\d:\d\d", browser.text("#clock"))


def test_in_english(wall):
    wall.hang(site="amiens", lang="en")
    wall.shows("#count", "12")
    assert wall.browser.run("return document.documentElement.lang") == "en"
    assert wall.browser.text("#count-words") == "people here now"
    assert wall.browser.text("#free") == "28 places left"
    assert wall.browser.text("#open") == "Open"
    wall.shows("#doors .state", "locked")
    assert re.fullmatch(r"\w+day \d+ \w+", wall.browser.text("#date"))
    wall.tell("greeting", {"name": "Ada", "door": "front"}, retain=False, qos=0)
    wall.shows("#band", "Hello Ada")
    wall.tell("status", "offline")
    wall.browser.wait(lambda: SILENT_EN.fullmatch(wall.browser.text("#band")), "no news")


def test_finds_the_site_by_itself(wall):
    wall.hang()
    wall.shows("#count", "12")
    assert wall.browser.text("#name") == "Amiens"
    wall.tell("occupancy", occupancy(15))
    wall.shows("#count", "15")


def test_waits_for_a_site_that_comes_later(broker, browser):
    wall = Wall(broker, browser)
    wall.hang()
    wall.is_("silent")
    wall.tell("status", "online")
    wall.tell("occupancy", occupancy(3))
    wall.shows("#count", "3")


def test_another_prefix_and_another_broker(wall, tmp_path):
    (tmp_path / "other").mkdir()
    with LobbyBroker(tmp_path / "other") as other:
        other.publish("house/one/amiens/status", "online")
        other.publish("house/one/amiens/occupancy", occupancy(5))
        wall.hang(prefix="house/one", broker=f"ws://127.0.0.1:{other.http_port}")
        wall.shows("#count", "5")


HOSTILE = [
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "A" * 500,
    "م" * 120 + " مرحبا",
    "👩‍💻" * 100,
    "line\u0000one\nline\ttwo\u202Ereversed\u2066",
    "a\u0301\u0302\u0303\u0304" * 40,
]


@pytest.mark.parametrize("size", FORMATS)
@pytest.mark.parametrize("name", HOSTILE, ids=["html", "long", "rtl", "emoji", "control", "marks"])
def test_hostile_names_are_text(wall, name, size):
    browser = wall.browser
    browser.resize(*size)
    elements = "return document.querySelectorAll('img, script, iframe, a, bdi').length"
    before = browser.run(elements)
    wall.tell("spaceapi", {"space": name})
    for room in ("a", "b"):
        wall.tell(f"room/{room}", {"name": name, "state": "busy", "until": rfc3339(3600),
                                   "title": name, "next": {"title": name, "from": rfc3339(7200)}})
    wall.tell("door/" + re.sub(r"[\0-\x1f/+#]", "", name)[:200], door("held"))
    wall.tell("greeting", {"name": name, "door": name}, retain=False)
    shown = name[:20].split("\u0000", maxsplit=1)[0]
    browser.wait(lambda: shown in browser.text("#band"), "the greeting")
    browser.wait(lambda: len(browser.texts("#next li")) == 2, "the rooms")
    assert shown in browser.texts("#rooms .name")[0] and shown in browser.texts("#next .title")[0]
    assert shown in browser.text("#name")
    assert browser.run(elements) == before + 1  # the name's own <bdi>
    assert browser.run("const w = document.documentElement; return w.scrollWidth <= innerWidth")
    if size != FORMATS[2]:
        assert browser.run("return document.documentElement.scrollHeight <= innerHeight")
    # Whatever is too long is cut where it stands: nothing covers the number or the clock.
    assert browser.run("""
        const box = id => document.getElementById(id).getBoundingClientRect()
        const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 ||
                                a.bottom <= b.top + 1 || b.bottom <= a.top + 1
        return apart(box('band'), box('now')) && apart(box('agenda'), box('figures')) &&
               apart(box('agenda'), box('doors')) && box('now').right <= innerWidth""")


NONSENSE = ["", "{", "null", "[]", "12", "\u0000", '"online"', '{"count":"12"}', '{"count":-1}',
            '{"count":1e99}', '{"count":{}}', "[" * 3000, b"\xff\xfe\x80"]


def test_malformed_payloads_change_nothing(wall):
    wall.shows("#doors .state", "verrouillée")
    for topic in ("status", "occupancy", "door/other", "reader/entrance", "room/a", "greeting",
                  "spaceapi"):
        for payload in NONSENSE:
            wall.tell(topic, payload, retain=False)
    # Larger than the page reads; once, as mosquitto sends large packets to WebSockets slowly.
    wall.tell("occupancy", json.dumps({**occupancy(30), "note": "x" * 70_000}), retain=False)
    wall.tell("door/front", door("held"))
    wall.shows("#doors .state", "maintenue ouverte")
    assert wall.browser.text("#count") == "12" and wall.browser.news() == "fresh"
    assert wall.browser.text("#agenda") == "" and wall.browser.text("#band") == ""
    assert len(wall.browser.texts("#doors li")) == 1


@pytest.mark.parametrize("size", FORMATS[:2])
@pytest.mark.parametrize("rooms, doors", [(0, 1), (3, 2), (9, 6)])
def test_a_wall_never_scrolls(wall, size, rooms, doors):
    browser = wall.browser
    browser.resize(*size)
    wall.tell("occupancy", occupancy(250, 250))
    wall.tell("reader/entrance", {"state": "absent", "at": rfc3339()})
    for i in range(rooms):
        wall.tell(f"room/r{i}", {"name": f"Salle {i}", "state": "busy", "until": rfc3339(3600),
                                 "title": "Conseil", "next": {"title": "Yoga", "from": rfc3339(99999)}})
    for i in range(doors):
        wall.tell(f"door/door-{i}", door("held", "open"))
    wall.shows("#count", "250")
    browser.wait(lambda: len(browser.texts("#doors li")) == min(doors + 1, 4), "the doors")
    inside = """
        const whole = [...document.querySelectorAll('#clock, #count, #free, #rooms li, #next li, #doors li, #reader')]
            .filter(e => e.checkVisibility()).map(e => [e.id || e.parentNode.id, e.getBoundingClientRect()])
        const agenda = document.getElementById('agenda').getBoundingClientRect()
        return whole.filter(([id, r]) => r.left < 0 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1 ||
            (/rooms|next/.test(id) && r.bottom > agenda.bottom + 1)).map(([id]) => id)"""
    browser.wait(lambda: browser.run(inside) == [], "everything inside the screen")
    assert browser.run("return [document.documentElement.scrollWidth <= innerWidth,"
                       "document.documentElement.scrollHeight <= innerHeight]") == [True, True]


def test_speaks_to_nobody_else(wall):
    wall.browser.requests()  # those of earlier pages
    wall.hang(site="amiens")
    wall.shows("#count", "12")
    asked = [urlsplit(address) for address in wall.browser.requests()]
    network = [address for address in asked if address.scheme not in ("data", "about")]
    assert {address.scheme for address in network} == {"http", "ws"}
    assert {address.netloc for address in network} == {f"127.0.0.1:{wall.broker.http_port}"}
    names = wall.browser.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in names if not name.startswith("data:")] == []


def test_reads_public_topics_only(wall):
    wall.tell("greeting", {"name": "Ada", "door": "front"}, retain=False)
    wall.shows("#band", "Bonjour Ada")
    asked = wall.broker.subscriptions()
    assert f"{SITE}/occupancy" in asked and f"{SITE}/greeting" in asked
    assert not {topic for topic in asked if "#" in topic or "private" in topic}


def test_memory_is_flat(broker):
    """A busy day's 20,000 messages, of each kind, leave nothing behind."""
    def rush(wall, first, last):
        for i in range(first, last):
            topic, payload = [
                ("occupancy", occupancy(i % 40)),
                ("door/front", door("unlocked" if i % 8 else "locked")),
                ("greeting", {"name": f"Ada {i}", "door": "front"}),
                (f"room/r{i % 50}", {"name": f"Salle {i}", "state": "busy", "until": rfc3339(3600),
                                     "title": f"Titre {i}", "next": None}),
            ][i % 4]
            # At most some hundred on their way, as a broker drops what queues up.
            wall.tell(topic, payload, retain=False, qos=1 if i % 100 else 2)
            if i % 400 == 0:
                wall.tell("occupancy", occupancy(i, None))
                wall.shows("#count", f"{i:,}".replace(",", "\u202f"))

    with Browser() as browser:
        wall = Wall(broker, browser)
        wall.tell("status", "online")
        wall.hang(site="amiens")
        wall.is_("fresh")
        rush(wall, 0, 2001)
        early, nodes = browser.heap(), browser.run("return document.querySelectorAll('*').length")
        rush(wall, 2001, 20001)
        grown = browser.heap() - early
        assert grown < 2_000_000, f"{grown} bytes more after 20,000 messages than after 2,000"
        assert browser.run("return document.querySelectorAll('*').length") <= nodes + 100
