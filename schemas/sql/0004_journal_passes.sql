-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What entries have used of the passes in records.db. It outlives the events: a pass that was used up
-- stays so when the log is purged.

CREATE TABLE pass_use (
    -- One day, or half a day, of a pass. How much is left of pass 7:
    --     quantity - (SELECT count(*) FROM pass_use WHERE pass = 7)
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pass INTEGER NOT NULL, -- pass.id in records.db
    member INTEGER NOT NULL, -- member.id in records.db
    day TEXT NOT NULL, -- the local day, from cutoff to cutoff: 2026-11-23
    half TEXT CHECK (half IN ('morning', 'afternoon')), -- NULL = the whole day
    at_usec INTEGER NOT NULL, -- of the entry, microseconds since 1970 UTC
    seq INTEGER NOT NULL -- event.seq of the entry's access
) STRICT;

CREATE INDEX pass_use_pass ON pass_use (pass);
CREATE INDEX pass_use_member ON pass_use (member, day);
