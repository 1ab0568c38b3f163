-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A lockdown outlives a restart.

CREATE TABLE lockdown (
    -- One row: whether there is a lockdown. The trigger keeps it, in the transaction of the event.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    seq INTEGER NOT NULL -- the event that says so, 0: none yet
) STRICT;

INSERT INTO lockdown (id, is_on, seq) VALUES (1, 0, 0);

CREATE TRIGGER event_lockdown AFTER INSERT ON event WHEN NEW.type = 'lockdown'
BEGIN
    UPDATE lockdown SET is_on = (NEW.detail IS 'on'), seq = NEW.seq;
END;
