# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the door, stated a second time: slowly and obviously, in one place, from the text that people read.

Nothing here looks at how daemon/core and daemon/store do it. Each step of a story (scenario.py) is applied to a few
dictionaries, and the answer is the line that build/model/year must give. Whoever changes a rule changes it here too.

Readings of the text where it leaves a choice: tests/vectors/decide.txt, and the remarks below that begin "Agreed".
"""

import datetime
import functools
import re
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
SECOND = 1_000_000  # every time in a story is in microseconds
MINUTE = 60 * SECOND

READERS = {  # name → (door, direction), the same as in year.c
    "entrance": ("front", "in"),
    "exit": ("front", "out"),
    "hall": ("front", "toggle"),
    "yard": ("back", "toggle"),
    "gate": ("back", "in"),
}
REPEAT_AFTER = 3 * SECOND

KEYS = {  # table → its key
    "plan": ("id",), "plan_hours": ("plan", "weekday", "opens"), "plan_door": ("plan", "door"),
    "opening_hours": ("weekday", "opens"), "closure": ("id",), "member": ("id",), "badge": ("uid",), "pass": ("id",),
    "resource": ("id",), "resource_door": ("resource", "door"), "booking": ("id",),
    "booking_guest": ("booking", "member"),
}
DEFAULTS = {
    "plan": {"access": "opening", "min_assurance": "uid", "active": 1},
    "member": {"status": "active", "valid_from": None, "valid_until": None, "host": None},
    "badge": {"status": "active", "valid_until": None},
    "pass": {"kind": "day", "quantity": 1, "valid_from": None, "valid_until": None},
    "closure": {"last_day": None},
    "resource": {"kind": "room", "seats": 1, "early": 10, "late": 10},
    "booking": {"status": "confirmed"},
}
PLANS = {"resident": "always", "nomade": "opening", "soir": "hours", "salle": "booking", "carnet": "pass"}

# --- what makes sense in a row: a careful tool is refused anything else, the door skips it ---


@functools.cache
def is_day(text):
    if not re.fullmatch(r"[12]\d\d\d-\d\d-\d\d", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_hour(text):
    return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text))


def open_or_day(value):
    return value is None or is_day(value)


def one_of(*words):
    return lambda value: value in words


def between(least, most):
    return lambda value: least <= value <= most


def in_order(first, last):
    """First and last day, either of them open."""
    return lambda row: row[first] is None or row[last] is None or row[first] <= row[last]


weekday = between(1, 7)
COLUMNS = {
    "plan": {"access": one_of("always", "opening", "hours", "booking", "pass"),
             "min_assurance": one_of("uid", "secure")},
    "plan_hours": {"weekday": weekday, "opens": is_hour, "closes": is_hour},
    "opening_hours": {"weekday": weekday, "opens": is_hour, "closes": is_hour},
    "closure": {"first_day": is_day, "last_day": open_or_day},
    "member": {"status": one_of("active", "suspended", "left"), "valid_from": open_or_day, "valid_until": open_or_day},
    "badge": {"uid": lambda uid: re.fullmatch(r"([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})", uid) is not None,
              "status": one_of("active", "blocked", "lost", "stolen", "returned"), "valid_until": open_or_day},
    "pass": {"kind": one_of("day", "half_day"), "quantity": between(1, 10000), "valid_from": open_or_day,
             "valid_until": open_or_day},
    "resource": {"kind": one_of("room", "desk", "space"), "early": between(0, 1440), "late": between(0, 1440)},
    "booking": {"status": one_of("confirmed", "cancelled", "released")},
}
ROWS = {  # what two columns say together
    "closure": [(("first_day", "last_day"), in_order("first_day", "last_day"))],
    "member": [(("valid_from", "valid_until"), in_order("valid_from", "valid_until")),
               (("id", "host"), lambda row: row["host"] != row["id"])],
    "pass": [(("valid_from", "valid_until"), in_order("valid_from", "valid_until"))],
    "booking": [(("starts_at", "ends_at"), lambda row: row["ends_at"] > row["starts_at"])],
}


DOOR_ASKS = {"resource": {"early", "late"}}  # Agreed: a kind that nobody knows is no whole space, and nothing else


def makes_sense(table, row, columns=None):
    """The whole row as far as the door asks for it, or what an edit of these columns has to keep."""
    columns = columns or DOOR_ASKS.get(table)
    for column, sense in COLUMNS.get(table, {}).items():
        if (columns is None or column in columns) and not sense(row[column]):
            return False
    for together, sense in ROWS.get(table, []):
        if (columns is None or set(together) & set(columns)) and not sense(row):
            return False
    return True


# --- days and hours in Amiens ---


def local(wall):
    return datetime.datetime.fromtimestamp(wall // SECOND, ZONE)


def latest_cutoff(wall, cutoff):
    """The latest moment at which the clocks showed that hour, in microseconds.

    Where they show it twice, it is the later one once that has come; an hour that they skip is read by the clock
    before the change.
    """
    hour, minute = map(int, cutoff.split(":"))
    today = local(wall).date()
    moments = []
    for day in (today, today - datetime.timedelta(days=1)):
        for fold in (0, 1):
            moment = datetime.datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=ZONE)
            instant = int(moment.timestamp()) * SECOND
            skipped = local(instant).time() != moment.time()
            if not (skipped and fold == 1):
                moments.append(instant)
    return max(instant for instant in moments if instant <= wall)


def window_holds(row, now):
    """Half-open; what closes at or before it opens goes on past midnight and belongs to the day it opens."""
    clock = now.strftime("%H:%M")
    today = now.isoweekday()
    yesterday = 7 if today == 1 else today - 1
    if row["opens"] < row["closes"]:
        return row["weekday"] == today and row["opens"] <= clock < row["closes"]
    late = row["weekday"] == yesterday and clock < row["closes"]
    return (row["weekday"] == today and row["opens"] <= clock) or late


# --- the space ---


class Refused(Exception):
    def __init__(self, reason, detail="-"):
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class Space:
    """Records, who is inside, what was used, and the settings. `step()` takes one step and gives the answer."""

    def __init__(self):
        self.tables = {table: {} for table in KEYS}
        for plan, access in PLANS.items():
            self.tables["plan"][(plan,)] = {"id": plan, "access": access, "min_assurance": "uid", "active": 1}
        self.inside = {}  # member → since when
        self.uses = []  # (pass, member, day, "morning" | "afternoon" | "day")
        self.newest = 0  # wall clock time of the newest row
        self.settings = {"capacity": 0, "when_full": "admit", "clock_untrusted": "admit", "cutoff": "03:00",
                         "needs_sync": "no", "synchronised": "yes", "built": 0}
        self.forget()

    def forget(self):
        """What doesn't outlive a restart."""
        self.presented = {}  # (reader, uid) → when it was last decided
        self.odd_answers = {reader: [] for reader in READERS}
        self.episode = {}  # reader → its latest presentation, while an episode goes on
        self.told = set()  # readers whose episode has its event

    def step(self, step):
        self.wall, self.mono, verb, *rest = step
        return getattr(self, "step_" + verb)(*rest)

    # --- records

    def rows(self, table):
        return self.tables[table].values()

    def sensible(self, table, *key):
        row = self.tables[table].get(key)
        return row if row is not None and makes_sense(table, row) else None

    def overlaps(self, new, key):
        return new["status"] == "confirmed" and any(
            other["status"] == "confirmed" and other["resource"] == new["resource"]
            and other["ends_at"] > new["starts_at"] and other["starts_at"] < new["ends_at"]
            for other_key, other in self.tables["booking"].items() if other_key != key)

    def goes_round(self, new, key):
        """Nobody is, from host to host, their own guest; a careless tool is refused that too."""
        host, passed = new["host"], set()
        while host is not None and host not in passed:
            if (host,) == key:
                return True
            passed.add(host)
            host = self.tables["member"].get((host,), {"host": None})["host"]
        return False

    def step_edit(self, careless, action, table, key, values):
        rows, key = self.tables[table], tuple(key)
        if action == "delete":
            return f"accepted {int(rows.pop(key, None) is not None)}"
        if action == "insert":
            row = {**DEFAULTS.get(table, {}), **values}
            if key in rows:
                return "refused"
            columns = set(row)
        else:
            if key not in rows:
                return "accepted 0"
            row, columns = {**rows[key], **values}, set(values)
        if not careless and not makes_sense(table, row, columns):
            return "refused"
        moves = columns & {"resource", "starts_at", "ends_at", "status"}
        if table == "booking" and moves and self.overlaps(row, key):
            return "refused"
        if table == "member" and "host" in columns and self.goes_round(row, key):
            return "refused"
        rows[key] = row
        return "accepted 1"

    # --- the moment

    @property
    def now(self):
        return local(self.wall)

    @property
    def today(self):
        return self.now.date().isoformat()

    @property
    def untrusted(self):
        settings = self.settings
        return settings["synchronised"] == "no" and (
            self.wall + 60 * SECOND < self.newest or self.wall < settings["built"] or settings["needs_sync"] == "yes")

    @property
    def cutoff(self):
        return latest_cutoff(self.wall, self.settings["cutoff"])

    @property
    def pass_day(self):
        return local(self.cutoff).date().isoformat()

    @property
    def half(self):
        """Agreed: a pass day runs from cutoff to cutoff; past midnight it is still its afternoon."""
        return "morning" if self.today == self.pass_day and self.now.hour < 13 else "afternoon"

    # --- presence

    def record(self):
        self.newest = max(self.newest, self.wall)

    def space_is_booked(self):
        at = self.wall // SECOND
        return any(booking["status"] == "confirmed" and makes_sense("booking", booking)
                   and booking["starts_at"] <= at < booking["ends_at"]
                   and (resource := self.sensible("resource", booking["resource"])) and resource["kind"] == "space"
                   for booking in self.rows("booking"))

    def check_out(self):
        """Agreed: nobody while the clock is untrusted."""
        if self.untrusted or self.space_is_booked():
            return "checkout -"
        gone = sorted(member for member, since in self.inside.items() if since < self.cutoff)
        for member in gone:
            del self.inside[member]
            self.record()
        return "checkout " + (",".join(map(str, gone)) or "-")

    def step_tick(self):
        return self.check_out()

    def step_restart(self):
        """Who is inside and what was used come back from the journal; what was missed is done at once."""
        self.forget()
        return self.check_out()

    def step_in(self, member):
        if (member,) not in self.tables["member"]:
            return "nobody"
        if member in self.inside:
            return "same"
        self.inside[member] = self.wall
        self.record()
        return "changed"

    def step_out(self, member):
        if self.inside.pop(member, None) is None:
            return "same"
        self.record()
        return "changed"

    def step_set(self, name, value):
        self.settings[name] = value
        return "set"

    def step_inside(self):
        return f"inside {len(self.inside)} " + (",".join(map(str, sorted(self.inside))) or "-")

    def step_passes(self, member):
        """Agreed: one that is for no day at all is none; whatever else is wrong with it, its uses can be asked for."""
        used = [f"{row['id']}:{sum(use[0] == row['id'] for use in self.uses)}"
                for row in sorted(self.rows("pass"), key=lambda row: row["id"])
                if row["member"] == member and COLUMNS["pass"]["quantity"](row["quantity"])]
        return "passes " + (",".join(used) or "-")

    # --- a presentation

    def step_tap(self, reader, uid):
        door, direction = READERS[reader]
        last = self.presented.get((reader, uid))
        if last is not None and self.mono - last < REPEAT_AFTER:
            return "repeated"
        self.presented[reader, uid] = self.mono
        badge, member, host, plan = self.known(uid)
        inside = member is not None and member["id"] in self.inside
        way = {"in": "in", "out": "out", "toggle": "out" if inside else "in"}[direction]
        throttled = direction != "out" and self.throttled(reader)
        used = None
        try:
            if throttled:
                raise Refused("throttled")
            detail, used = self.decide(uid, badge, member, host, plan, door, direction, way, inside)
            verdict, reason = "granted", "ok"
        except Refused as refusal:
            verdict, reason, detail = "refused", refusal.reason, refusal.detail
        if throttled and reader in self.told:
            return "throttled"  # one event per episode
        if throttled:
            self.told.add(reader)
        elif direction != "out":
            self.count_odd(reader, reason)
        rows = "access"
        if verdict == "granted" and way == "in" and not inside:
            self.inside[member["id"]] = self.wall
            rows += "+entered"
        if verdict == "granted" and way == "out" and inside:
            del self.inside[member["id"]]
            rows += "+left"
        self.record()
        if used:
            self.uses.append((used[0], member["id"], self.pass_day, used[1]))
            used = f"{used[0]}:{used[1]}:{self.pass_day}"
        return f"{verdict} {reason} {way} {detail} {rows} count={len(self.inside)} pass={used or '-'}"

    def known(self, uid):
        """Badge, member, host and plan; a row that leads nowhere, or makes no sense, is nobody's."""
        nobody = None, None, None, None
        badge = self.sensible("badge", uid)
        member = badge and self.sensible("member", badge["member"])
        plan = member and self.sensible("plan", member["plan"])
        if not plan:
            return nobody
        host = None
        if member["host"] is not None:
            host = self.sensible("member", member["host"])
            if not host:
                return nobody
        return badge, member, host, plan

    # rule 0

    def throttled(self, reader):
        if reader not in self.episode:
            return False
        if self.mono - self.episode[reader] >= 10 * SECOND:
            del self.episode[reader]
            self.told.discard(reader)
            self.odd_answers[reader] = []  # Agreed: what began an episode is spent
            return False
        self.episode[reader] = self.mono
        return True

    def count_odd(self, reader, reason):
        if reason not in ("unknown_badge", "weak_badge", "bad_signature"):
            return
        self.odd_answers[reader] = [at for at in self.odd_answers[reader] if self.mono - at <= 30 * SECOND]
        self.odd_answers[reader].append(self.mono)
        if len(self.odd_answers[reader]) >= 10:
            self.episode[reader] = self.mono

    # rules 1 to 6

    def decide(self, uid, badge, member, host, plan, door, direction, way, inside):
        """The detail and what is used of a pass, or Refused. The first refusal wins."""
        # 1: the badge
        if len(uid) not in (8, 14, 20) or (len(uid) == 8 and uid.startswith("08")) or set(uid) in ({"0"}, {"F"}):
            raise Refused("weak_badge")
        if badge is None:
            raise Refused("unknown_badge")
        if direction == "out":
            return "-", None
        if badge["status"] != "active":
            raise Refused("badge_" + badge["status"])
        # Agreed: with a clock that nobody can trust every rule about days and hours refuses, except for plans
        # `always` where the site says so: for them none of these rules is asked.
        dark = self.untrusted
        passes_dark = dark and plan["access"] == "always" and self.settings["clock_untrusted"] == "admit"
        if badge["valid_until"] is not None and not passes_dark:
            if dark:
                raise Refused("clock_untrusted")
            if self.today > badge["valid_until"]:
                raise Refused("badge_expired")
        if plan["min_assurance"] == "secure":  # nothing proves itself yet
            raise Refused("weak_badge")
        # 3: the member, and whose guest that is
        self.ask_standing(member, dark, passes_dark, "-")
        if host:
            self.ask_standing(host, dark, passes_dark, "host")
        if not plan["active"]:
            raise Refused("plan_inactive")
        if dark and not passes_dark:
            raise Refused("clock_untrusted")
        # 4 and 5: bookings, or the plan
        if not dark and self.has_booking(member, door):
            detail, used = "booking", None
        else:
            detail, used = "-", self.ask_plan(member, plan, door, way)
        # 6: capacity
        capacity = self.settings["capacity"]
        if self.settings["when_full"] == "deny" and capacity and len(self.inside) >= capacity and not inside:
            raise Refused("full")
        return detail, used

    def ask_standing(self, member, dark, passes_dark, detail):
        if member["status"] != "active":
            raise Refused("member_" + member["status"], detail)
        if passes_dark:
            return
        if dark and (member["valid_from"] is not None or member["valid_until"] is not None):
            raise Refused("clock_untrusted", detail)
        if member["valid_from"] is not None and self.today < member["valid_from"]:
            raise Refused("member_not_yet", detail)
        if member["valid_until"] is not None and self.today > member["valid_until"]:
            raise Refused("member_expired", detail)

    def has_booking(self, member, door):
        """A confirmed booking of the member, or as guest, from early before to late after, at its resource's doors."""
        at = self.wall // SECOND
        for booking in self.rows("booking"):
            resource = self.sensible("resource", booking["resource"])
            if booking["status"] != "confirmed" or not makes_sense("booking", booking) or not resource:
                continue
            if (booking["member"],) not in self.tables["member"]:
                continue
            if booking["member"] != member["id"] and \
                    (booking["id"], member["id"]) not in self.tables["booking_guest"]:
                continue
            doors = [row["door"] for row in self.rows("resource_door") if row["resource"] == resource["id"]]
            if doors and door not in doors:
                continue
            if booking["starts_at"] - 60 * resource["early"] <= at < booking["ends_at"] + 60 * resource["late"]:
                return True
        return False

    def ask_plan(self, member, plan, door, way):
        """What is used of a pass, or Refused."""
        doors = [row["door"] for row in self.rows("plan_door") if row["plan"] == plan["id"]]
        if doors and door not in doors:
            raise Refused("wrong_door")
        access = plan["access"]
        if access == "always":
            return None
        if access == "booking":
            raise Refused("no_booking")
        if any(row["first_day"] <= self.today <= (row["last_day"] or row["first_day"])
               for row in self.rows("closure") if makes_sense("closure", row)):
            raise Refused("closed_day")
        if access == "hours":
            windows, table = [row for row in self.rows("plan_hours") if row["plan"] == plan["id"]], "plan_hours"
        else:
            windows, table = self.rows("opening_hours"), "opening_hours"
        if not any(window_holds(row, self.now) for row in windows if makes_sense(table, row)):
            raise Refused("outside_hours")
        return self.ask_pass(member, way) if access == "pass" else None

    def ask_pass(self, member, way):
        used = {use[3] for use in self.uses if use[1] == member["id"] and use[2] == self.pass_day}
        if "day" in used or self.half in used:
            return None
        if way == "out" and used:
            return None  # Agreed: out by a reader for both ways
        usable = [row for row in self.rows("pass")
                  if row["member"] == member["id"] and makes_sense("pass", row)
                  and (row["valid_from"] is None or row["valid_from"] <= self.today)
                  and (row["valid_until"] is None or row["valid_until"] >= self.today)
                  and sum(use[0] == row["id"] for use in self.uses) < row["quantity"]]
        if not usable:
            raise Refused("no_pass")
        # Agreed: what ends first is used first, then half days, then in the order of their numbers
        first = min(usable, key=lambda row: (row["valid_until"] or "9999", row["kind"] == "day", row["id"]))
        if way == "out":
            return None
        return first["id"], "day" if first["kind"] == "day" else self.half
