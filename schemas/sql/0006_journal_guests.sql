-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A member may bring people who have no badge: "member in M --guests 3". They are counted with the
-- member and leave with the member.

ALTER TABLE presence ADD COLUMN guests INTEGER NOT NULL DEFAULT 0 CHECK (guests >= 0);

DROP TRIGGER event_entered;

CREATE TRIGGER event_entered AFTER INSERT ON event WHEN NEW.type = 'entered'
BEGIN
    -- a person counts once, since the first time; the detail says how many came along
    INSERT INTO presence (member, since_usec, seq, guests)
    VALUES (NEW.member, NEW.at_usec, NEW.seq,
            CASE WHEN NEW.detail GLOB 'guests [0-9]*'
                 THEN CAST(substr(NEW.detail, 8) AS INTEGER) ELSE 0 END)
    ON CONFLICT (member) DO UPDATE SET guests = excluded.guests, seq = excluded.seq
    WHERE NEW.detail GLOB 'guests [0-9]*';
END;
