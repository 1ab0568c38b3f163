# SPDX-License-Identifier: GPL-3.0-or-later
"""A random year at the door from a seed: people, plans, passes, bookings, closures, edits, wrong clocks, restarts.

A story is a list of steps `[wall, monotonic, verb, …]` (µs), of which any subset is a story too, so that a failing one
can be shrunk. Nothing here knows a rule: it only likes the moments at which rules change their mind.
"""

import datetime
import random

from model.rules import MINUTE, READERS, SECOND, ZONE

HOUR = 60 * MINUTE
DAY = 24 * HOUR
MEMBERS = 300
REGULARS = 70  # who come often: most edits are theirs too
DOORS = ("front", "back")
WAYS_IN = ("entrance", "entrance", "hall", "hall", "yard", "gate")
WAYS_OUT = ("exit", "hall", "yard")
EDGES = ("00:00", "02:00", "02:30", "03:00", "05:00", "08:00", "09:00", "12:00", "13:00", "18:00", "20:00", "23:00")
SLIPS = (-MINUTE, -SECOND, 0, 0, SECOND, MINUTE)
PLANS = ("resident", "nomade", "soir", "salle", "carnet", "atelier", "labo", "clef")
HOURS = ("00:00", "02:00", "04:00", "08:00", "09:00", "12:00", "13:00", "14:00", "18:00", "20:00", "23:00")
STATUSES = ("suspended", "left", "active", "active")
BADGE_STATUSES = ("blocked", "lost", "stolen", "returned", "active", "active", "active")
USUAL_DOORS = (("atelier", "front"), ("labo", "back"), ("labo", "cellar"), ("cabine", "front"), ("banc", "back"),
               ("nu", "front"), ("nu", "back"))
EARLY_LATE = {"salle": (15, 0), "espace": (30, 60), "nu": (0, 0)}  # minutes; others as usual


def quoted(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def sql_of(action, table, key, values):
    """One edit as a tool would write it. `key` is what its row is found by: see KEYS in rules.py."""
    from model.rules import KEYS

    where = " AND ".join(f"{name} = {quoted(value)}" for name, value in zip(KEYS[table], key))
    if action == "delete":
        return f"DELETE FROM {table} WHERE {where}"
    if action == "update":
        return f"UPDATE {table} SET " + ", ".join(f"{k} = {quoted(v)}" for k, v in values.items()) + f" WHERE {where}"
    names = {"member": {"name": f"Member {key[0]}"}, "plan": {"name": key[0]}, "resource": {"name": key[0]}}
    row = {**names.get(table, {}), **values}
    return f"INSERT INTO {table}({', '.join(row)}) VALUES ({', '.join(map(quoted, row.values()))})"


def line_of(step):
    wall, mono, verb, *rest = step
    if verb == "edit":
        careless, action, table, key, values = rest
        verb, rest = "careless" if careless else "edit", [sql_of(action, table, key, values)]
    return " ".join(map(str, (wall, mono, verb, *rest)))


class Year:
    """Call `steps()` once. Times in here are true ones; a wrong clock is put over them at the end."""

    def __init__(self, seed, days=365):
        self.random = random.Random(seed)
        year = self.random.choice((2023, 2027))  # before a leap year; long over for the records' copy, or still to come
        first = datetime.date(year, 3, 2) + datetime.timedelta(days=self.random.randrange(350))
        self.days = [first + datetime.timedelta(days=n) for n in range(days)]
        self.start = self.at(self.days[0], "00:00") - DAY
        self.agenda = []
        self.wrong = []  # (from, to, offset of the wall clock)
        self.badges = {}  # member → numbers
        self.bookings = []  # (id, resource, member)
        self.guests = {}  # host → guests
        self.numbers = {"pass": 0, "booking": 0, "closure": 0, "member": 0}

    # --- small change

    def at(self, day, hour):
        hour, minute = map(int, hour.split(":"))
        moment = datetime.datetime(day.year, day.month, day.day, hour, minute, fold=self.random.randrange(2),
                                   tzinfo=ZONE)
        return int(moment.timestamp()) * SECOND

    def chance(self, share):
        return self.random.random() < share

    def moment(self, day):
        """Some time of the day, mostly where something changes."""
        if self.chance(0.45):
            return self.at(day, self.random.choice(EDGES)) + self.random.choice(SLIPS)
        if self.chance(0.6):
            return self.at(day, "08:30") + self.random.randrange(11 * HOUR)
        return self.at(day, "00:00") + self.random.randrange(DAY)

    def day_near(self, day):
        return (day + datetime.timedelta(days=self.random.choice((-30, -2, -1, -1, 0, 0, 0, 1, 1, 2, 30)))).isoformat()

    def number(self, table):
        self.numbers[table] += 1
        return self.numbers[table]

    def member(self):
        return self.random.randint(1, REGULARS if self.chance(0.85) else MEMBERS)

    def add(self, at, verb, *rest):
        self.agenda.append((at, len(self.agenda), verb, rest))

    def edit(self, at, action, table, key, values=None, careless=False):
        self.add(at, "edit", careless, action, table, list(key), values or {})

    def tap(self, at, member, readers=tuple(READERS)):
        if self.badges.get(member):
            self.add(at, "tap", self.random.choice(readers), self.random.choice(self.badges[member]))

    # --- before the first day

    def settle(self):
        at = self.start
        for plan, access in (("atelier", "opening"), ("labo", "hours"), ("clef", "always")):
            self.edit(at, "insert", "plan", [plan],
                      {"id": plan, "access": access, "min_assurance": "secure" if plan == "clef" else "uid"})
        for weekday, opens, closes in ((1, "09:00", "18:00"), (2, "09:00", "18:00"), (3, "08:00", "13:00"),
                                       (3, "14:00", "20:00"), (4, "09:00", "00:00"), (5, "09:00", "18:00"),
                                       (5, "20:00", "02:00"), (6, "20:00", "04:00"), (7, "12:00", "12:00")):
            self.edit(at, "insert", "opening_hours", [weekday, opens],
                      {"weekday": weekday, "opens": opens, "closes": closes})
        for plan in ("soir", "labo"):
            for weekday, opens, closes in ((1, "18:00", "23:00"), (3, "13:00", "00:00"), (5, "18:00", "04:00"),
                                           (6, "00:00", "00:00"), (7, "23:00", "02:00")):
                self.edit(at, "insert", "plan_hours", [plan, weekday, opens],
                          {"plan": plan, "weekday": weekday, "opens": opens, "closes": closes})
        for resource, values in (("cabine", {}), ("salle", {"early": 15, "late": 0}), ("banc", {"kind": "desk"}),
                                 ("espace", {"kind": "space", "early": 30, "late": 60}),
                                 ("nu", {"early": 0, "late": 0})):
            self.edit(at, "insert", "resource", [resource], {"id": resource, **values})
        for name, door in USUAL_DOORS:
            of = "plan" if name in PLANS else "resource"
            self.edit(at, "insert", f"{of}_door", [name, door], {of: name, "door": door})
        for _ in range(MEMBERS):
            self.join(at)

    def join(self, at):
        member = self.number("member")
        values = {"id": member, "plan": self.random.choice(PLANS[:7] + PLANS)}
        if self.chance(0.1):
            values["valid_from"] = self.day_near(self.days[0])
        if self.chance(0.2):
            values["valid_until"] = self.random.choice(self.days).isoformat()
        if member > 1 and self.chance(0.15):
            values["host"] = self.random.randint(1, min(member - 1, REGULARS))
            self.guests.setdefault(values["host"], []).append(member)
        self.edit(at, "insert", "member", [member], values)
        self.badges[member] = []
        for _ in range(self.random.choice((1, 1, 2))):
            self.give_badge(at, member)
        if values["plan"] == "carnet" or self.chance(0.05):
            for _ in range(self.random.randint(1, 3)):
                self.sell(at, member, self.random.choice(self.days))

    def give_badge(self, at, member):
        size = self.random.choice((4, 7, 7, 7, 10))
        uid = "04" + self.random.randbytes(size - 1).hex().upper()
        self.badges[member].append(uid)
        self.edit(at, "insert", "badge", [uid], {"uid": uid, "member": member})

    def sell(self, at, member, day):
        number = self.number("pass")
        values = {"id": number, "member": member, "kind": self.random.choice(("day", "half_day")),
                  "quantity": self.random.choice((1, 1, 2, 3, 6, 12))}
        if self.chance(0.3):
            values["valid_from"] = self.day_near(day)
        if self.chance(0.4):
            values["valid_until"] = self.day_near(day)
        self.edit(at, "insert", "pass", [number], values)

    # --- what happens on a day

    def visit(self, at, member):
        self.tap(at, member, WAYS_IN)
        if self.chance(0.3):  # the hand that hovers
            wait = self.random.choice((SECOND // 2, 3 * SECOND - 1, 3 * SECOND, 3 * SECOND + 1, 20 * SECOND))
            self.tap(at + wait, member, WAYS_IN)
        if self.chance(0.4):  # out for lunch
            self.tap(at + self.random.randrange(4 * HOUR), member)
        if self.chance(0.6):
            self.tap(at + self.random.randrange(MINUTE, 10 * HOUR), member, WAYS_OUT)

    def pass_day(self, day):
        """Somebody comes and goes with a pass from cutoff to cutoff."""
        member, plan = self.member(), self.random.choice(("carnet",) * 5 + ("nomade",))
        at = self.at(day, "03:00") - SECOND
        self.mend(at, member)
        self.edit(at, "update", "member", [member], {"plan": plan})
        for _ in range(self.random.randint(0, 2)):
            self.sell(at, member, day)
        for hour in self.random.sample(("03:00", "09:00", "12:59", "13:00", "17:59", "21:00", "23:59"), 4):
            self.tap(self.at(day, hour) + self.random.choice(SLIPS), member)
        tomorrow = day + datetime.timedelta(days=1)
        for hour in self.random.sample(("00:00", "01:59", "02:30", "03:00", "12:00"), 3):
            self.tap(self.at(tomorrow, hour) + self.random.choice(SLIPS), member)
        self.add(at + DAY, "passes", member)

    def mend(self, at, member):
        """All is well again with somebody, so that the year doesn't end with everybody shut out."""
        self.edit(at, "update", "member", [member],
                  {"status": "active", "plan": self.random.choice(PLANS[:7]), "valid_from": None, "valid_until": None})
        for badge in self.badges[member]:
            self.edit(at, "update", "badge", [badge], {"status": "active", "valid_until": None, "member": member})

    def host(self, at, day):
        """Something is wrong with a host, and a guest comes."""
        host = self.random.choice(tuple(self.guests))
        guest = self.random.choice(self.guests[host])
        self.mend(at - SECOND, guest)
        self.edit(at - SECOND, "update", "member", [guest], {"host": host})
        self.edit(at, "update", "member", [host], self.random.choice((
            {"status": self.random.choice(STATUSES)}, {"valid_until": self.day_near(day), "valid_from": None},
            {"valid_from": self.day_near(day), "valid_until": None})))
        for wait in (SECOND, self.random.randrange(DAY)):
            self.tap(at + wait, guest, WAYS_IN)

    def book(self, at):
        """A booking with a guest or two, and taps at its edges."""
        number, member = self.number("booking"), self.member()
        if self.chance(0.5):
            self.mend(at, member)
        resource = self.random.choice(("cabine", "salle", "banc", "espace", "nu"))
        starts = at // SECOND // 900 * 900 + self.random.choice((0, 900, 1800, 7200, 86400))
        ends = starts + self.random.choice((900, 3600, 7200, 6 * 3600))
        self.edit(at, "insert", "booking", [number],
                  {"id": number, "resource": resource, "member": member, "starts_at": starts, "ends_at": ends})
        self.bookings.append((number, resource, member, starts, ends))
        people = [member, self.member()]
        for _ in range(self.random.choice((0, 1, 1, 2))):
            people.append(self.member())
            self.edit(at + SECOND, "insert", "booking_guest", [number, people[-1]],
                      {"booking": number, "member": people[-1]})
        early, late = EARLY_LATE.get(resource, (10, 10))
        for edge in self.random.sample((starts - 60 * early, ends + 60 * late, starts, ends), 2):
            self.tap(edge * SECOND + self.random.choice(SLIPS), self.random.choice(people))
        if resource == "espace" and self.chance(0.5):
            self.add(ends * SECOND + self.random.choice(SLIPS), "tick")
        if self.chance(0.3):
            self.rebook(at + self.random.randrange(2 * HOUR), self.bookings[-1], people)

    def rebook(self, at, booking, people):
        number = booking[0]
        values = self.random.choice((
            {"status": "cancelled"}, {"status": "released"}, {"status": "confirmed"},
            {"starts_at": at // SECOND - 600}, {"ends_at": at // SECOND + 3600}, {"member": self.member()},
            {"resource": self.random.choice(("salle", "banc"))}, {"ends_at": 0}))
        self.edit(at, "update", "booking", [number], values)
        if self.chance(0.2):
            self.edit(at, "delete", "booking_guest", [number, people[-1]])
        self.tap(at + SECOND, self.random.choice(people))

    def change(self, at, day):
        """An admin edits something, rightly or wrongly; whom it concerns comes soon, and once more around midnight."""
        member = self.member()
        badge = self.random.choice(self.badges.get(member) or ["04C0FFEE"])
        plan = self.random.choice(PLANS)
        changes = {
            "member": lambda: self.edit(at, "update", "member", [member], self.random.choice((
                {"status": self.random.choice(STATUSES)}, {"status": "active"}, {"plan": plan},
                {"valid_until": self.day_near(day)}, {"valid_until": None}, {"valid_from": self.day_near(day)},
                {"valid_from": None, "valid_until": None}, {"host": None},
                {"host": self.member()}))),
            "badge": lambda: self.edit(at, "update", "badge", [badge], self.random.choice((
                {"status": self.random.choice(BADGE_STATUSES)}, {"valid_until": self.day_near(day)},
                {"valid_until": None}, {"member": self.member()}))),
            "pass": lambda: self.sell(at, member, day),
            "pass edited": lambda: self.edit(at, "update", "pass", [self.random.randint(1, self.numbers["pass"])],
                                             self.random.choice(({"quantity": self.random.randint(1, 4)},
                                                                 {"valid_until": self.day_near(day)},
                                                                 {"kind": "half_day"}))),
            "plan": lambda: self.plan_rests(at, plan),
            "doors": lambda: self.doors(at, plan),
            "hours": lambda: self.hours(at, day, plan),
            "closure": lambda: self.close(at, day),
            "gone": lambda: self.gone(at, member, badge),
        }
        changes[self.random.choice(("member",) * 5 + ("badge",) * 3 + ("pass",) * 3 + tuple(changes))]()
        for wait in (SECOND, self.random.randrange(3 * HOUR)):
            self.tap(at + wait, member, WAYS_IN)
            self.add(at + wait + SECOND, "tap", self.random.choice(WAYS_IN), badge)
        if self.chance(0.3):
            self.tap(self.at(day + datetime.timedelta(days=1), "00:00") + self.random.choice(SLIPS), member, WAYS_IN)

    def plan_rests(self, at, plan):
        self.edit(at, "update", "plan", [plan], {"active": 0})
        self.edit(at + self.random.randrange(DAY), "update", "plan", [plan], {"active": 1})

    def doors(self, at, plan):
        resource, door = self.random.choice(("cabine", "salle", "banc", "nu")), self.random.choice(DOORS)
        table, of = self.random.choice((("plan_door", "plan"), ("resource_door", "resource")))
        row = {of: plan if of == "plan" else resource, "door": door}
        key = list(row.values())
        first, then = ("delete", "insert") if (*key,) in USUAL_DOORS else ("insert", "delete")
        self.edit(at, first, table, key, row)
        self.edit(at + self.random.randrange(3 * DAY), then, table, key, row)

    def hours(self, at, day, plan):
        weekday, opens, closes = day.isoweekday(), self.random.choice(HOURS), self.random.choice(HOURS)
        row = {"weekday": weekday, "opens": opens, "closes": closes}
        if plan in ("soir", "labo"):
            table, key, row = "plan_hours", [plan, weekday, opens], {"plan": plan, **row}
        else:
            table, key = "opening_hours", [weekday, opens]
        self.edit(at, "insert", table, key, row)
        self.edit(at + self.random.randrange(DAY), "delete", table, key)

    def close(self, at, day):
        number, first = self.number("closure"), self.day_near(day)
        self.edit(at, "insert", "closure", [number],
                  {"id": number, "first_day": first, "last_day": self.random.choice((None, first, self.day_near(day)))})
        self.edit(at + self.random.randrange(3 * DAY), "delete", "closure", [number])

    def gone(self, at, member, badge):
        """Rows that are deleted, and what hung on them; a careful tool doesn't check that here."""
        table, key, row = self.random.choice((
            ("badge", [badge], {"uid": badge, "member": member}),
            ("member", [member], {"id": member, "plan": self.random.choice(PLANS)}),
            ("plan", ["atelier"], {"id": "atelier", "access": "opening"}),
            ("resource", ["salle"], {"id": "salle", "early": 15, "late": 0})))
        self.edit(at, "delete", table, key)
        self.edit(at + self.random.randrange(DAY), "insert", table, key, row)

    def spoil(self, at, day):
        """By hand and past every CHECK, or the same by a careful tool, which is refused; put right within a day."""
        member, careless = self.member(), self.chance(0.7)
        badge = self.random.choice(self.badges.get(member) or ["04C0FFEE"])
        if self.bookings and self.chance(0.3):
            self.spoil_booking(self.random.choice(self.bookings[-3:]), careless)
            return
        table, key, wrong, right = self.random.choice((
            ("member", [member], {"status": "asleep"}, {"status": "active"}),
            ("member", [member], {"valid_until": "2027-02-30"}, {"valid_until": None}),
            ("member", [member], {"valid_from": "soon"}, {"valid_from": None}),
            ("member", [member], {"plan": "nowhere"}, {"plan": "resident"}),
            ("member", [member], {"host": 4000}, {"host": None}),
            ("badge", [badge], {"status": "eaten"}, {"status": "active"}),
            ("badge", [badge], {"valid_until": "31/12/2027"}, {"valid_until": None}),
            ("badge", [badge], {"member": 4000}, {"member": member}),
            ("plan", ["nomade"], {"access": "sometimes"}, {"access": "opening"}),
            ("plan", ["soir"], {"min_assurance": "trust"}, {"min_assurance": "uid"}),
            ("opening_hours", [4, "09:00"], {"closes": "25:00"}, {"closes": "00:00"}),
            ("opening_hours", [4, "09:00"], {"closes": "9:00"}, {"closes": "00:00"}),
            ("plan_hours", ["soir", 5, "18:00"], {"closes": "late"}, {"closes": "04:00"}),
            ("pass", [self.random.randint(1, self.numbers["pass"])], {"kind": "week"}, {"kind": "day"}),
            ("pass", [self.random.randint(1, self.numbers["pass"])], {"quantity": -3}, {"quantity": 5}),
            ("pass", [self.random.randint(1, self.numbers["pass"])], {"valid_until": "2028-13-01"},
             {"valid_until": None}),
            ("closure", [1], {"first_day": day.isoformat(), "last_day": "2027-01-01"}, {"last_day": None})))
        if table == "closure":
            self.edit(at - SECOND, "insert", "closure", [1], {"id": 1, "first_day": "2027-01-01"})
            self.edit(at + DAY, "delete", "closure", [1])
        self.edit(at, "update", table, key, wrong, careless)
        for _ in range(3):
            self.tap(at + self.random.randrange(SECOND, 10 * MINUTE), member, WAYS_IN)
            self.tap(at + self.random.randrange(SECOND, 10 * MINUTE), self.member(), WAYS_IN)
        self.edit(at + self.random.randrange(10 * MINUTE, DAY), "update", table, key, right)

    def spoil_booking(self, booking, careless):
        """A booking, or what it is for, makes no sense just when somebody comes for it."""
        number, resource, member, starts, ends = booking
        early, late = EARLY_LATE.get(resource, (10, 10))
        table, key, wrong, right = self.random.choice((
            ("resource", [resource], {"early": -5}, {"early": early}),
            ("resource", [resource], {"late": 1441}, {"late": late}),
            ("resource", [resource], {"kind": "boat"}, {"kind": "space" if resource == "espace" else "room"}),
            ("booking", [number], {"status": "perhaps"}, {"status": "cancelled"}),
            ("booking", [number], {"resource": "nothing"}, {"resource": resource}),
            ("booking", [number], {"member": 4000}, {"member": member}),
            ("booking", [number], {"ends_at": starts - 60}, {"ends_at": ends})))
        self.mend((starts - 60 * early - 2) * SECOND, member)
        self.edit((starts - 60 * early - 1) * SECOND, "update", table, key, wrong, careless)
        for moment in (starts - 60 * early, starts, self.random.randrange(starts, ends), ends, ends + 60 * late):
            self.tap(moment * SECOND, member, WAYS_IN)
            self.add(moment * SECOND, "tick")
        self.edit((ends + 60 * late + 1) * SECOND, "update", table, key, right)

    def search(self, at):
        """Somebody tries badge after badge; then people come, in time and too early."""
        reader = self.random.choice(tuple(READERS))
        apart = self.random.choice((SECOND // 3, 3 * SECOND, 3333333, 3333334, 3 * SECOND + SECOND // 2))
        for _ in range(self.random.randint(8, 14)):
            uid = self.random.choice(("08", "F0")) + self.random.randbytes(3).hex().upper()
            if self.chance(0.1):
                uid = self.random.choice(("00000000", "FFFFFFFFFFFFFF", "FFFFFFFF"))
            self.add(at, "tap", reader, uid)
            at += apart
        for _ in range(self.random.randint(1, 5)):
            at += self.random.choice((SECOND, 9 * SECOND, 10 * SECOND - 1, 10 * SECOND, 11 * SECOND))
            self.tap(at, self.member(), (reader,))
        if self.chance(0.2):
            self.add(at, "restart")

    def lose_time(self, at):
        """The clock is no longer synchronised, and mostly wrong; some come, the power goes, it is put right."""
        back = self.random.choice((0, 60 * SECOND, 61 * SECOND, 61 * SECOND + 1, 62 * SECOND, HOUR, 9 * HOUR, 3 * DAY,
                                   500 * DAY))
        until = at + self.random.randrange(10 * MINUTE, 10 * HOUR)
        self.wrong.append((at, until, -back))
        if self.chance(0.3):
            self.add(at - 2, "set", "needs_sync", self.random.choice(("yes", "no")))
        if self.chance(0.5):
            self.add(at - 2, "set", "clock_untrusted", self.random.choice(("admit", "deny")))
        self.add(at - 1, "set", "synchronised", "no")
        for _ in range(12):
            when = self.random.randrange(at, until)
            self.tap(when, self.random.choice((self.member(), self.random.randint(1, 20))))
            if self.chance(0.15):
                self.add(when, self.random.choice(("restart", "tick", "inside")))
        self.add(at - SECOND, "tap", "exit", "F0C0FFEE")  # the newest row, up to 61 s after what the clock shows then
        for apart in (0, SECOND // 2, SECOND):
            member = self.member()
            self.mend(at - 2 * SECOND, member)
            self.tap(at + apart, member, WAYS_IN)
        self.add(until, "set", "synchronised", "yes")

    def crowd(self, at):
        self.add(at, "set", "capacity", self.random.choice((0, 1, 2, 3, 5, 8)))
        self.add(at, "set", "when_full", self.random.choice(("deny", "deny", "admit")))
        for _ in range(10):
            self.tap(at + self.random.randrange(2 * HOUR), self.member())
        self.add(at + self.random.randrange(2 * DAY), "set", "capacity", 0)

    def today(self, day):
        special = day.month == 2 and day.day > 27 or (day.month, day.day) in ((3, 1), (12, 31), (1, 1)) or \
            self.at(day + datetime.timedelta(days=1), "00:00") - self.at(day, "00:00") != DAY
        for hour in ("00:00", "02:30", "03:00", "05:00"):
            if hour == "03:00" or self.chance(0.3) or special:
                self.add(self.at(day, hour) + self.random.choice((-SECOND, 0, 0, 0, SECOND)), "tick")
        for _ in range(self.random.randint(1, 4) + 25 * special):
            self.visit(self.moment(day), self.member())
        if special:
            for _ in range(20):
                self.tap(self.at(day, "01:00") + self.random.randrange(4 * HOUR), self.member())
        for likely, what in ((0.9, self.book), (0.12, self.search), (0.06, self.lose_time), (0.1, self.crowd)):
            if self.chance(likely):
                what(self.moment(day))
        if self.chance(0.5):
            self.pass_day(day)
        if self.chance(0.3):
            self.host(self.moment(day), day)
        for _ in range(3):
            self.mend(self.moment(day), self.member())
        for _ in range(self.random.randint(0, 2)):
            self.change(self.moment(day), day)
        if self.chance(0.2):
            self.spoil(self.moment(day), day)
        if self.chance(0.15):
            self.add(self.moment(day), "restart")
        if self.chance(0.15):
            self.add(self.moment(day), self.random.choice(("in", "out")), self.random.choice((self.member(), 5000)))
        if self.chance(0.3):
            self.add(self.moment(day), "passes", self.member())
        if self.chance(0.1):
            self.add(self.moment(day), "inside")
        if self.chance(0.02):
            cutoff = self.random.choice(("00:00", "02:30", "03:00", "03:00", "05:00"))
            self.add(self.moment(day), "set", "cutoff", cutoff)

    def steps(self):
        self.settle()
        self.add(self.start, "set", "built", self.start - 100 * DAY)
        for day in self.days:
            self.today(day)
        for member in range(1, self.numbers["member"] + 1):
            self.add(self.at(self.days[-1], "23:59") + 10 * DAY, "passes", member)
        self.add(self.at(self.days[-1], "23:59") + 10 * DAY, "inside")
        steps = []
        for at, _, verb, rest in sorted(self.agenda, key=lambda it: it[:2]):
            wall = at + sum(offset for begins, until, offset in self.wrong if begins <= at < until)
            steps.append([wall, at - self.start + DAY, verb, *rest])
        return steps
