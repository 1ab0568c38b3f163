-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- journal.db: what happened. cantined alone writes it; read it with `cantinectl log` or, reading
-- only, with any SQLite tool. There is no badge's number in it, nor may one ever be added.

CREATE TABLE event (
    -- One row for each thing that happened, in the order of writing. Times are microseconds since
    -- 1970 UTC; the newest 50 rows in local time:
    --     SELECT strftime('%Y-%m-%d %H:%M:%f', at_usec / 1e6, 'unixepoch', 'localtime') AS at, *
    --     FROM event ORDER BY seq DESC LIMIT 50;
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- 1, 2, 3 … without gaps, never used again
    -- by the wall clock, which may have been wrong: seq is the order, not this
    at_usec INTEGER NOT NULL CHECK (at_usec >= 0),
    boot TEXT CHECK (length(boot) < 40), -- the machine's boot id
    -- access: a badge was presented and decided on; entered, left: a member is counted inside, or
    -- no longer; checkout: taken off the count without having been seen leaving
    type TEXT NOT NULL CHECK (type IN (
        'access', 'entered', 'left', 'checkout', 'exit_button', 'unlock', 'hold', 'release',
        'lockdown', 'fire', 'forced', 'held_open', 'reader', 'system')),
    door TEXT CHECK (length(door) < 32),
    reader TEXT CHECK (length(reader) < 32),
    member INTEGER CHECK (member > 0), -- member.id in records.db; NULL: nobody known
    result TEXT CHECK (result IN ('granted', 'refused')),
    reason TEXT NOT NULL -- ok, or why it was refused
        CHECK (reason <> '' AND reason NOT GLOB '*[^a-z_]*'),
    direction TEXT CHECK (direction IN ('in', 'out')),
    detail TEXT CHECK (length(detail) < 64),
    actor TEXT CHECK (length(actor) < 64), -- the user who asked for it
    CHECK ((type = 'access') = (result IS NOT NULL)),
    CHECK (member IS NOT NULL OR type NOT IN ('entered', 'left', 'checkout'))
) STRICT;

CREATE INDEX event_at ON event (at_usec);
CREATE INDEX event_member ON event (member) WHERE member IS NOT NULL;
CREATE INDEX event_refused ON event (result) WHERE result = 'refused';

CREATE TABLE presence (
    -- Who is counted inside just now. The triggers of event keep it, in the transaction of the row
    -- that changes it, so that the two never disagree.
    member INTEGER PRIMARY KEY, -- member.id in records.db
    since_usec INTEGER NOT NULL,
    seq INTEGER NOT NULL -- the event that says so
) STRICT;

CREATE TRIGGER event_entered AFTER INSERT ON event WHEN NEW.type = 'entered'
BEGIN
    -- a person counts once, since the first time
    INSERT INTO presence (member, since_usec, seq) VALUES (NEW.member, NEW.at_usec, NEW.seq)
    ON CONFLICT (member) DO NOTHING;
END;

CREATE TRIGGER event_left AFTER INSERT ON event WHEN NEW.type IN ('left', 'checkout')
BEGIN
    DELETE FROM presence WHERE member = NEW.member;
END;

CREATE TABLE feed (
    -- One row: how far the MQTT broker has acknowledged the events. What comes after is published
    -- again.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    acknowledged INTEGER NOT NULL CHECK (acknowledged >= 0) -- event.seq; 0: none yet
) STRICT;

INSERT INTO feed (id, acknowledged) VALUES (1, 0);

CREATE TABLE log_round (
    -- One row: how often the write-ahead log (journal.db-wal) has begun anew. The first write after
    -- that waits for the disk inside SQLite; this count is that write, so that no tap has to be.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;

INSERT INTO log_round (id, number) VALUES (1, 0);
