-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- records.db: what people decide. Any SQLite tool may edit it while the doors work; the next tap
-- obeys.
--
-- Days are TEXT such as 2026-11-23 and hours TEXT such as 09:00, both in the site's time zone; all
-- other times are INTEGER Unix seconds UTC. The name of a constraint is the sentence that a refused
-- row is answered with. Nothing here needs a function that plain SQLite doesn't have.

CREATE TABLE plan (
    -- What a membership lets people do at the doors.
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "a plan's id is 1 to 31 of a-z 0-9 - _"
        CHECK (length(id) BETWEEN 1 AND 31 AND id NOT GLOB '*[^a-z0-9_-]*'),
    name TEXT NOT NULL
        CONSTRAINT "a plan's name has 1 to 120 characters"
        CHECK (length(name) <= 120 AND trim(name) <> ''),
    -- always; opening: within opening_hours; hours: within plan_hours; booking: with a booking;
    -- pass: within opening_hours, for a pass
    access TEXT NOT NULL DEFAULT 'opening'
        CONSTRAINT "access is always, opening, hours, booking or pass"
        CHECK (access IN ('always', 'opening', 'hours', 'booking', 'pass')),
    -- what a badge must prove: uid: its number; secure: a key (DESFire, NTAG 424)
    min_assurance TEXT NOT NULL DEFAULT 'uid'
        CONSTRAINT "min_assurance is uid or secure" CHECK (min_assurance IN ('uid', 'secure')),
    active INTEGER NOT NULL DEFAULT 1
        CONSTRAINT "active is 0 or 1" CHECK (active IN (0, 1))
) STRICT;

INSERT INTO plan(id, name, access) VALUES
    ('resident', 'Résident', 'always'),
    ('nomade', 'Nomade', 'opening'),
    ('soir', 'Soirs et week-ends', 'hours'),
    ('salle', 'Location de salle', 'booking'),
    ('carnet', 'Carnet de passages', 'pass');

CREATE TABLE plan_hours (
    -- When a plan with access "hours" lets people in: from opens until just before closes. Closing
    -- at or before the hour of opening means past midnight, on the day after weekday: from 00:00 to
    -- 00:00 is a whole day.
    plan TEXT NOT NULL REFERENCES plan(id) ON UPDATE CASCADE ON DELETE CASCADE,
    weekday INTEGER NOT NULL
        CONSTRAINT "weekday is 1 (Monday) to 7 (Sunday)" CHECK (weekday BETWEEN 1 AND 7),
    opens TEXT NOT NULL
        CONSTRAINT "opens is an hour such as 09:00"
        CHECK (opens GLOB '[0-2][0-9]:[0-5][0-9]' AND opens < '24:00'),
    closes TEXT NOT NULL
        CONSTRAINT "closes is an hour such as 18:30, midnight is 00:00"
        CHECK (closes GLOB '[0-2][0-9]:[0-5][0-9]' AND closes < '24:00'),
    PRIMARY KEY (plan, weekday, opens)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_door (
    -- The doors that a plan opens. A plan without a row here opens every door.
    plan TEXT NOT NULL REFERENCES plan(id) ON UPDATE CASCADE ON DELETE CASCADE,
    door TEXT NOT NULL
        CONSTRAINT "a door's name is 1 to 31 of a-z 0-9 - _"
        CHECK (length(door) BETWEEN 1 AND 31 AND door NOT GLOB '*[^a-z0-9_-]*'),
    PRIMARY KEY (plan, door)
) STRICT, WITHOUT ROWID;

CREATE TABLE opening_hours (
    -- When the space is open, for the plans with access "opening" and "pass"; as in plan_hours.
    weekday INTEGER NOT NULL
        CONSTRAINT "weekday is 1 (Monday) to 7 (Sunday)" CHECK (weekday BETWEEN 1 AND 7),
    opens TEXT NOT NULL
        CONSTRAINT "opens is an hour such as 09:00"
        CHECK (opens GLOB '[0-2][0-9]:[0-5][0-9]' AND opens < '24:00'),
    closes TEXT NOT NULL
        CONSTRAINT "closes is an hour such as 18:30, midnight is 00:00"
        CHECK (closes GLOB '[0-2][0-9]:[0-5][0-9]' AND closes < '24:00'),
    PRIMARY KEY (weekday, opens)
) STRICT, WITHOUT ROWID;

CREATE TABLE closure (
    -- Days on which the space is closed, first and last included. Plans with access "always" and
    -- bookings are not concerned.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first_day TEXT NOT NULL DEFAULT (date('now', 'localtime'))
        CONSTRAINT "first_day is a day such as 2026-11-23"
        CHECK (first_day GLOB '[12][0-9][0-9][0-9]-*'
               AND date(first_day, '+0 days') IS first_day),
    last_day TEXT -- NULL = that one day
        CONSTRAINT "last_day is a day such as 2026-11-23"
        CHECK (last_day GLOB '[12][0-9][0-9][0-9]-*'
               AND date(last_day, '+0 days') IS last_day),
    label TEXT
        CONSTRAINT "a label has at most 120 characters" CHECK (length(label) <= 120),
    CONSTRAINT "last_day is not before first_day" CHECK (last_day >= first_day)
) STRICT;

CREATE TABLE member (
    -- One person, also a guest. A member's id is never given again to somebody else.
    id INTEGER PRIMARY KEY AUTOINCREMENT
        CONSTRAINT "a member's id is greater than 0" CHECK (id > 0),
    name TEXT NOT NULL
        CONSTRAINT "a name has 1 to 120 characters, on one line"
        CHECK (length(name) <= 120 AND trim(name) <> ''
               AND name NOT GLOB '*[' || char(1, 45, 31) || ']*'),
    email TEXT COLLATE NOCASE UNIQUE
        CONSTRAINT "email is an address such as ada@example.org"
        CHECK (length(email) <= 254 AND email LIKE '_%@_%' AND email NOT GLOB '*[ ,;<>]*'),
    company TEXT
        CONSTRAINT "company has at most 120 characters" CHECK (length(company) <= 120),
    plan TEXT NOT NULL REFERENCES plan(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    status TEXT NOT NULL DEFAULT 'active'
        CONSTRAINT "a member's status is active, suspended or left"
        CHECK (status IN ('active', 'suspended', 'left')),
    -- first and last day of the membership, both included; NULL = open
    valid_from TEXT
        CONSTRAINT "valid_from is a day such as 2026-11-23"
        CHECK (valid_from GLOB '[12][0-9][0-9][0-9]-*'
               AND date(valid_from, '+0 days') IS valid_from),
    valid_until TEXT
        CONSTRAINT "valid_until is a day such as 2026-11-23"
        CHECK (valid_until GLOB '[12][0-9][0-9][0-9]-*'
               AND date(valid_until, '+0 days') IS valid_until),
    -- what screens in public may call this person; NULL = never shown
    display_name TEXT
        CONSTRAINT "display_name has 1 to 120 characters, on one line"
        CHECK (length(display_name) <= 120 AND trim(display_name) <> ''
               AND display_name NOT GLOB '*[' || char(1, 45, 31) || ']*'),
    language TEXT NOT NULL DEFAULT 'fr'
        CONSTRAINT "language is a code such as fr"
        CHECK (language GLOB '[a-z][a-z]*' AND length(language) <= 11),
    -- whose guest this is: a guest gets in only while the host would
    host INTEGER REFERENCES member(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    note TEXT
        CONSTRAINT "a note has at most 4000 characters" CHECK (length(note) <= 4000),
    CONSTRAINT "valid_until is not before valid_from" CHECK (valid_until >= valid_from),
    CONSTRAINT "nobody is their own host" CHECK (host <> id)
) STRICT;

CREATE INDEX member_by_plan ON member(plan);
CREATE INDEX member_by_host ON member(host) WHERE host IS NOT NULL;

CREATE TABLE badge (
    -- What somebody holds to a reader, known by the number (UID) of its chip.
    uid TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "uid is 8, 14 or 20 digits of 0-9 A-F"
        CHECK (length(uid) IN (8, 14, 20) AND uid NOT GLOB '*[^0-9A-F]*'),
    member INTEGER NOT NULL REFERENCES member(id) ON UPDATE CASCADE ON DELETE CASCADE,
    status TEXT NOT NULL DEFAULT 'active'
        CONSTRAINT "a badge's status is active, blocked, lost, stolen or returned"
        CHECK (status IN ('active', 'blocked', 'lost', 'stolen', 'returned')),
    label TEXT
        CONSTRAINT "a label has at most 120 characters" CHECK (length(label) <= 120),
    kind TEXT NOT NULL DEFAULT 'uid'
        CONSTRAINT "a badge's kind is uid, desfire or ntag424"
        CHECK (kind IN ('uid', 'desfire', 'ntag424')),
    -- last day on which it works; NULL = open
    valid_until TEXT
        CONSTRAINT "valid_until is a day such as 2026-11-23"
        CHECK (valid_until GLOB '[12][0-9][0-9][0-9]-*'
               AND date(valid_until, '+0 days') IS valid_until),
    added_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT, WITHOUT ROWID;

CREATE INDEX badge_by_member ON badge(member);

CREATE TABLE pass (
    -- Days or half days that a member of a plan with access "pass" has bought. Their uses are in
    -- the journal.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    member INTEGER NOT NULL REFERENCES member(id) ON UPDATE CASCADE ON DELETE CASCADE,
    kind TEXT NOT NULL DEFAULT 'day'
        CONSTRAINT "a pass's kind is day or half_day" CHECK (kind IN ('day', 'half_day')),
    quantity INTEGER NOT NULL DEFAULT 1
        CONSTRAINT "quantity is 1 to 10000" CHECK (quantity BETWEEN 1 AND 10000),
    -- first and last day on which it can be used, both included; NULL = open
    valid_from TEXT
        CONSTRAINT "valid_from is a day such as 2026-11-23"
        CHECK (valid_from GLOB '[12][0-9][0-9][0-9]-*'
               AND date(valid_from, '+0 days') IS valid_from),
    valid_until TEXT
        CONSTRAINT "valid_until is a day such as 2026-11-23"
        CHECK (valid_until GLOB '[12][0-9][0-9][0-9]-*'
               AND date(valid_until, '+0 days') IS valid_until),
    CONSTRAINT "valid_until is not before valid_from" CHECK (valid_until >= valid_from)
) STRICT;

CREATE INDEX pass_by_member ON pass(member);

CREATE TABLE resource (
    -- What can be booked: a meeting room, a desk, or the space as a whole.
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "a resource's id is 1 to 31 of a-z 0-9 - _"
        CHECK (length(id) BETWEEN 1 AND 31 AND id NOT GLOB '*[^a-z0-9_-]*'),
    name TEXT NOT NULL
        CONSTRAINT "a resource's name has 1 to 120 characters"
        CHECK (length(name) <= 120 AND trim(name) <> ''),
    kind TEXT NOT NULL DEFAULT 'room'
        CONSTRAINT "a resource's kind is room, desk or space"
        CHECK (kind IN ('room', 'desk', 'space')),
    seats INTEGER NOT NULL DEFAULT 1
        CONSTRAINT "seats is 1 to 10000" CHECK (seats BETWEEN 1 AND 10000),
    -- minutes before and after a booking in which it still opens doors
    early INTEGER NOT NULL DEFAULT 10
        CONSTRAINT "early is 0 to 1440 minutes" CHECK (early BETWEEN 0 AND 1440),
    late INTEGER NOT NULL DEFAULT 10
        CONSTRAINT "late is 0 to 1440 minutes" CHECK (late BETWEEN 0 AND 1440),
    -- minutes after which a booking that nobody came for is released; NULL = never
    check_in INTEGER
        CONSTRAINT "check_in is 1 to 1440 minutes" CHECK (check_in BETWEEN 1 AND 1440)
) STRICT;

CREATE TABLE resource_door (
    -- The doors that lead to a resource. A resource without a row here is behind every door.
    resource TEXT NOT NULL REFERENCES resource(id) ON UPDATE CASCADE ON DELETE CASCADE,
    door TEXT NOT NULL
        CONSTRAINT "a door's name is 1 to 31 of a-z 0-9 - _"
        CHECK (length(door) BETWEEN 1 AND 31 AND door NOT GLOB '*[^a-z0-9_-]*'),
    PRIMARY KEY (resource, door)
) STRICT, WITHOUT ROWID;

CREATE TABLE booking (
    -- A resource is a member's from starts_at until just before ends_at. Confirmed bookings of one
    -- resource never overlap.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    resource TEXT NOT NULL REFERENCES resource(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    member INTEGER NOT NULL REFERENCES member(id) ON UPDATE CASCADE ON DELETE CASCADE,
    starts_at INTEGER NOT NULL
        CONSTRAINT "starts_at is in seconds since 1970 (UTC)"
        CHECK (starts_at BETWEEN 0 AND 253402300799), -- the end of the year 9999
    ends_at INTEGER NOT NULL
        CONSTRAINT "ends_at is in seconds since 1970 (UTC)"
        CHECK (ends_at BETWEEN 0 AND 253402300799),
    title TEXT
        CONSTRAINT "a title has at most 200 characters" CHECK (length(title) <= 200),
    status TEXT NOT NULL DEFAULT 'confirmed'
        CONSTRAINT "a booking's status is confirmed, cancelled or released"
        CHECK (status IN ('confirmed', 'cancelled', 'released')),
    -- 1: screens in public may show the title
    public INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "public is 0 or 1" CHECK (public IN (0, 1)),
    -- what the bookings made together have in common; NULL = a single one
    series TEXT
        CONSTRAINT "series has at most 255 characters" CHECK (length(series) <= 255),
    CONSTRAINT "ends_at is after starts_at" CHECK (ends_at > starts_at)
) STRICT;

CREATE INDEX booking_by_member ON booking(member, ends_at) WHERE status = 'confirmed';
CREATE INDEX booking_by_resource ON booking(resource, ends_at) WHERE status = 'confirmed';
CREATE INDEX booking_by_series ON booking(series) WHERE series IS NOT NULL;

CREATE TRIGGER booking_inserted_over_another BEFORE INSERT ON booking
WHEN NEW.status = 'confirmed' AND EXISTS (
    SELECT 1 FROM booking
    WHERE status = 'confirmed' AND resource = NEW.resource AND id IS NOT NEW.id
      AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at)
BEGIN
    SELECT RAISE(ABORT,
        'booked at that time already: choose another time or cancel the other booking');
END;

CREATE TRIGGER booking_moved_over_another
BEFORE UPDATE OF id, resource, starts_at, ends_at, status ON booking
WHEN NEW.status = 'confirmed' AND EXISTS (
    SELECT 1 FROM booking
    WHERE status = 'confirmed' AND resource = NEW.resource AND id IS NOT OLD.id
      AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at)
BEGIN
    SELECT RAISE(ABORT,
        'booked at that time already: choose another time or cancel the other booking');
END;

CREATE TABLE booking_guest (
    -- Who comes to a booking besides the one who made it: the booking opens the doors for them too.
    booking INTEGER NOT NULL REFERENCES booking(id) ON UPDATE CASCADE ON DELETE CASCADE,
    member INTEGER NOT NULL REFERENCES member(id) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (booking, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX booking_guest_by_member ON booking_guest(member);

CREATE TABLE record_actor (
    -- Who is editing: cantinectl puts its user's name here at the beginning of its transaction and
    -- takes it away at the end, so that nobody else ever sees a row.
    id INTEGER PRIMARY KEY DEFAULT 1
        CONSTRAINT "one person edits at a time" CHECK (id = 1),
    name TEXT NOT NULL
        CONSTRAINT "an actor's name has 1 to 63 characters" CHECK (length(name) BETWEEN 1 AND 63)
) STRICT;

CREATE TABLE record_change (
    -- Who changed which row when, written by triggers whichever tool was used.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL DEFAULT (unixepoch()),
    actor TEXT, -- NULL = another tool than cantinectl
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL, -- the row's key; several columns with a space between them
    action TEXT NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
    before TEXT, -- the row as a JSON object; NULL = there was none
    after TEXT
) STRICT;

CREATE INDEX record_change_by_time ON record_change(at);
CREATE INDEX record_change_by_row ON record_change(table_name, row_id);

-- The triggers that fill record_change: three for each table.

CREATE TRIGGER member_inserted AFTER INSERT ON member BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'member', NEW.id, 'insert',
            json_object('id', NEW.id, 'name', NEW.name, 'email', NEW.email, 'company', NEW.company,
                        'plan', NEW.plan, 'status', NEW.status, 'valid_from', NEW.valid_from,
                        'valid_until', NEW.valid_until, 'display_name', NEW.display_name,
                        'language', NEW.language, 'host', NEW.host, 'note', NEW.note);
END;
CREATE TRIGGER member_updated AFTER UPDATE ON member BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'member', OLD.id, 'update',
            json_object('id', OLD.id, 'name', OLD.name, 'email', OLD.email, 'company', OLD.company,
                        'plan', OLD.plan, 'status', OLD.status, 'valid_from', OLD.valid_from,
                        'valid_until', OLD.valid_until, 'display_name', OLD.display_name,
                        'language', OLD.language, 'host', OLD.host, 'note', OLD.note),
            json_object('id', NEW.id, 'name', NEW.name, 'email', NEW.email, 'company', NEW.company,
                        'plan', NEW.plan, 'status', NEW.status, 'valid_from', NEW.valid_from,
                        'valid_until', NEW.valid_until, 'display_name', NEW.display_name,
                        'language', NEW.language, 'host', NEW.host, 'note', NEW.note);
END;
CREATE TRIGGER member_deleted AFTER DELETE ON member BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'member', OLD.id, 'delete',
            json_object('id', OLD.id, 'name', OLD.name, 'email', OLD.email, 'company', OLD.company,
                        'plan', OLD.plan, 'status', OLD.status, 'valid_from', OLD.valid_from,
                        'valid_until', OLD.valid_until, 'display_name', OLD.display_name,
                        'language', OLD.language, 'host', OLD.host, 'note', OLD.note);
END;

CREATE TRIGGER badge_inserted AFTER INSERT ON badge BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'badge', NEW.uid, 'insert',
            json_object('uid', NEW.uid, 'member', NEW.member, 'status', NEW.status,
                        'label', NEW.label, 'kind', NEW.kind, 'valid_until', NEW.valid_until,
                        'added_at', NEW.added_at);
END;
CREATE TRIGGER badge_updated AFTER UPDATE ON badge BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'badge', OLD.uid, 'update',
            json_object('uid', OLD.uid, 'member', OLD.member, 'status', OLD.status,
                        'label', OLD.label, 'kind', OLD.kind, 'valid_until', OLD.valid_until,
                        'added_at', OLD.added_at),
            json_object('uid', NEW.uid, 'member', NEW.member, 'status', NEW.status,
                        'label', NEW.label, 'kind', NEW.kind, 'valid_until', NEW.valid_until,
                        'added_at', NEW.added_at);
END;
CREATE TRIGGER badge_deleted AFTER DELETE ON badge BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'badge', OLD.uid, 'delete',
            json_object('uid', OLD.uid, 'member', OLD.member, 'status', OLD.status,
                        'label', OLD.label, 'kind', OLD.kind, 'valid_until', OLD.valid_until,
                        'added_at', OLD.added_at);
END;

CREATE TRIGGER plan_inserted AFTER INSERT ON plan BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'plan', NEW.id, 'insert',
            json_object('id', NEW.id, 'name', NEW.name, 'access', NEW.access,
                        'min_assurance', NEW.min_assurance, 'active', NEW.active);
END;
CREATE TRIGGER plan_updated AFTER UPDATE ON plan BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'plan', OLD.id, 'update',
            json_object('id', OLD.id, 'name', OLD.name, 'access', OLD.access,
                        'min_assurance', OLD.min_assurance, 'active', OLD.active),
            json_object('id', NEW.id, 'name', NEW.name, 'access', NEW.access,
                        'min_assurance', NEW.min_assurance, 'active', NEW.active);
END;
CREATE TRIGGER plan_deleted AFTER DELETE ON plan BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'plan', OLD.id, 'delete',
            json_object('id', OLD.id, 'name', OLD.name, 'access', OLD.access,
                        'min_assurance', OLD.min_assurance, 'active', OLD.active);
END;

CREATE TRIGGER plan_hours_inserted AFTER INSERT ON plan_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'plan_hours',
            NEW.plan || ' ' || NEW.weekday || ' ' || NEW.opens, 'insert',
            json_object('plan', NEW.plan, 'weekday', NEW.weekday, 'opens', NEW.opens,
                        'closes', NEW.closes);
END;
CREATE TRIGGER plan_hours_updated AFTER UPDATE ON plan_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'plan_hours',
            OLD.plan || ' ' || OLD.weekday || ' ' || OLD.opens, 'update',
            json_object('plan', OLD.plan, 'weekday', OLD.weekday, 'opens', OLD.opens,
                        'closes', OLD.closes),
            json_object('plan', NEW.plan, 'weekday', NEW.weekday, 'opens', NEW.opens,
                        'closes', NEW.closes);
END;
CREATE TRIGGER plan_hours_deleted AFTER DELETE ON plan_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'plan_hours',
            OLD.plan || ' ' || OLD.weekday || ' ' || OLD.opens, 'delete',
            json_object('plan', OLD.plan, 'weekday', OLD.weekday, 'opens', OLD.opens,
                        'closes', OLD.closes);
END;

CREATE TRIGGER plan_door_inserted AFTER INSERT ON plan_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'plan_door',
            NEW.plan || ' ' || NEW.door, 'insert',
            json_object('plan', NEW.plan, 'door', NEW.door);
END;
CREATE TRIGGER plan_door_updated AFTER UPDATE ON plan_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'plan_door',
            OLD.plan || ' ' || OLD.door, 'update',
            json_object('plan', OLD.plan, 'door', OLD.door),
            json_object('plan', NEW.plan, 'door', NEW.door);
END;
CREATE TRIGGER plan_door_deleted AFTER DELETE ON plan_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'plan_door',
            OLD.plan || ' ' || OLD.door, 'delete',
            json_object('plan', OLD.plan, 'door', OLD.door);
END;

CREATE TRIGGER opening_hours_inserted AFTER INSERT ON opening_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'opening_hours',
            NEW.weekday || ' ' || NEW.opens, 'insert',
            json_object('weekday', NEW.weekday, 'opens', NEW.opens, 'closes', NEW.closes);
END;
CREATE TRIGGER opening_hours_updated AFTER UPDATE ON opening_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'opening_hours',
            OLD.weekday || ' ' || OLD.opens, 'update',
            json_object('weekday', OLD.weekday, 'opens', OLD.opens, 'closes', OLD.closes),
            json_object('weekday', NEW.weekday, 'opens', NEW.opens, 'closes', NEW.closes);
END;
CREATE TRIGGER opening_hours_deleted AFTER DELETE ON opening_hours BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'opening_hours',
            OLD.weekday || ' ' || OLD.opens, 'delete',
            json_object('weekday', OLD.weekday, 'opens', OLD.opens, 'closes', OLD.closes);
END;

CREATE TRIGGER closure_inserted AFTER INSERT ON closure BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'closure', NEW.id, 'insert',
            json_object('id', NEW.id, 'first_day', NEW.first_day, 'last_day', NEW.last_day,
                        'label', NEW.label);
END;
CREATE TRIGGER closure_updated AFTER UPDATE ON closure BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'closure', OLD.id, 'update',
            json_object('id', OLD.id, 'first_day', OLD.first_day, 'last_day', OLD.last_day,
                        'label', OLD.label),
            json_object('id', NEW.id, 'first_day', NEW.first_day, 'last_day', NEW.last_day,
                        'label', NEW.label);
END;
CREATE TRIGGER closure_deleted AFTER DELETE ON closure BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'closure', OLD.id, 'delete',
            json_object('id', OLD.id, 'first_day', OLD.first_day, 'last_day', OLD.last_day,
                        'label', OLD.label);
END;

CREATE TRIGGER pass_inserted AFTER INSERT ON pass BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'pass', NEW.id, 'insert',
            json_object('id', NEW.id, 'member', NEW.member, 'kind', NEW.kind,
                        'quantity', NEW.quantity, 'valid_from', NEW.valid_from,
                        'valid_until', NEW.valid_until);
END;
CREATE TRIGGER pass_updated AFTER UPDATE ON pass BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'pass', OLD.id, 'update',
            json_object('id', OLD.id, 'member', OLD.member, 'kind', OLD.kind,
                        'quantity', OLD.quantity, 'valid_from', OLD.valid_from,
                        'valid_until', OLD.valid_until),
            json_object('id', NEW.id, 'member', NEW.member, 'kind', NEW.kind,
                        'quantity', NEW.quantity, 'valid_from', NEW.valid_from,
                        'valid_until', NEW.valid_until);
END;
CREATE TRIGGER pass_deleted AFTER DELETE ON pass BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'pass', OLD.id, 'delete',
            json_object('id', OLD.id, 'member', OLD.member, 'kind', OLD.kind,
                        'quantity', OLD.quantity, 'valid_from', OLD.valid_from,
                        'valid_until', OLD.valid_until);
END;

CREATE TRIGGER resource_inserted AFTER INSERT ON resource BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'resource', NEW.id, 'insert',
            json_object('id', NEW.id, 'name', NEW.name, 'kind', NEW.kind, 'seats', NEW.seats,
                        'early', NEW.early, 'late', NEW.late, 'check_in', NEW.check_in);
END;
CREATE TRIGGER resource_updated AFTER UPDATE ON resource BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'resource', OLD.id, 'update',
            json_object('id', OLD.id, 'name', OLD.name, 'kind', OLD.kind, 'seats', OLD.seats,
                        'early', OLD.early, 'late', OLD.late, 'check_in', OLD.check_in),
            json_object('id', NEW.id, 'name', NEW.name, 'kind', NEW.kind, 'seats', NEW.seats,
                        'early', NEW.early, 'late', NEW.late, 'check_in', NEW.check_in);
END;
CREATE TRIGGER resource_deleted AFTER DELETE ON resource BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'resource', OLD.id, 'delete',
            json_object('id', OLD.id, 'name', OLD.name, 'kind', OLD.kind, 'seats', OLD.seats,
                        'early', OLD.early, 'late', OLD.late, 'check_in', OLD.check_in);
END;

CREATE TRIGGER resource_door_inserted AFTER INSERT ON resource_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'resource_door',
            NEW.resource || ' ' || NEW.door, 'insert',
            json_object('resource', NEW.resource, 'door', NEW.door);
END;
CREATE TRIGGER resource_door_updated AFTER UPDATE ON resource_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'resource_door',
            OLD.resource || ' ' || OLD.door, 'update',
            json_object('resource', OLD.resource, 'door', OLD.door),
            json_object('resource', NEW.resource, 'door', NEW.door);
END;
CREATE TRIGGER resource_door_deleted AFTER DELETE ON resource_door BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'resource_door',
            OLD.resource || ' ' || OLD.door, 'delete',
            json_object('resource', OLD.resource, 'door', OLD.door);
END;

CREATE TRIGGER booking_inserted AFTER INSERT ON booking BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'booking', NEW.id, 'insert',
            json_object('id', NEW.id, 'resource', NEW.resource, 'member', NEW.member,
                        'starts_at', NEW.starts_at, 'ends_at', NEW.ends_at, 'title', NEW.title,
                        'status', NEW.status, 'public', NEW.public, 'series', NEW.series);
END;
CREATE TRIGGER booking_updated AFTER UPDATE ON booking BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'booking', OLD.id, 'update',
            json_object('id', OLD.id, 'resource', OLD.resource, 'member', OLD.member,
                        'starts_at', OLD.starts_at, 'ends_at', OLD.ends_at, 'title', OLD.title,
                        'status', OLD.status, 'public', OLD.public, 'series', OLD.series),
            json_object('id', NEW.id, 'resource', NEW.resource, 'member', NEW.member,
                        'starts_at', NEW.starts_at, 'ends_at', NEW.ends_at, 'title', NEW.title,
                        'status', NEW.status, 'public', NEW.public, 'series', NEW.series);
END;
CREATE TRIGGER booking_deleted AFTER DELETE ON booking BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'booking', OLD.id, 'delete',
            json_object('id', OLD.id, 'resource', OLD.resource, 'member', OLD.member,
                        'starts_at', OLD.starts_at, 'ends_at', OLD.ends_at, 'title', OLD.title,
                        'status', OLD.status, 'public', OLD.public, 'series', OLD.series);
END;

CREATE TRIGGER booking_guest_inserted AFTER INSERT ON booking_guest BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, after)
    SELECT (SELECT name FROM record_actor), 'booking_guest',
            NEW.booking || ' ' || NEW.member, 'insert',
            json_object('booking', NEW.booking, 'member', NEW.member);
END;
CREATE TRIGGER booking_guest_updated AFTER UPDATE ON booking_guest BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before, after)
    SELECT (SELECT name FROM record_actor), 'booking_guest',
            OLD.booking || ' ' || OLD.member, 'update',
            json_object('booking', OLD.booking, 'member', OLD.member),
            json_object('booking', NEW.booking, 'member', NEW.member);
END;
CREATE TRIGGER booking_guest_deleted AFTER DELETE ON booking_guest BEGIN
    INSERT INTO record_change(actor, table_name, row_id, action, before)
    SELECT (SELECT name FROM record_actor), 'booking_guest',
            OLD.booking || ' ' || OLD.member, 'delete',
            json_object('booking', OLD.booking, 'member', OLD.member);
END;
