-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- records.db, for people: three views to look at in any SQLite browser, and a rule more about
-- guests. The doors ask none of the views. Days and hours are local by the machine that looks;
-- cantined and cantinectl take the site's zone. A later change of a table that a view names drops
-- the view first and makes it anew.

-- --- guests -------------------------------------------------------------------------------------

-- A guest gets in while the host would: two who wait for one another lead nowhere. Each step goes
-- from a guest to the host; UNION takes nobody twice, so that the walk ends whatever is in the
-- table.

CREATE TRIGGER member_inserted_in_a_circle AFTER INSERT ON member
WHEN NEW.host IS NOT NULL AND EXISTS (
    WITH RECURSIVE host_of(id) AS (
        SELECT NEW.host
        UNION
        SELECT member.host FROM host_of JOIN member ON member.id = host_of.id
        WHERE member.host IS NOT NULL)
    SELECT 1 FROM host_of WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT,
        'a guest''s host can''t be their own guest: choose another host, or take theirs away');
END;

CREATE TRIGGER member_moved_into_a_circle AFTER UPDATE OF id, host ON member
WHEN NEW.host IS NOT NULL AND EXISTS (
    WITH RECURSIVE host_of(id) AS (
        SELECT NEW.host
        UNION
        SELECT member.host FROM host_of JOIN member ON member.id = host_of.id
        WHERE member.host IS NOT NULL)
    SELECT 1 FROM host_of WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT,
        'a guest''s host can''t be their own guest: choose another host, or take theirs away');
END;

-- --- views --------------------------------------------------------------------------------------

DROP VIEW IF EXISTS v_member;
CREATE VIEW v_member AS
-- Each member as people speak of them.
SELECT m.id, m.name, m.email, m.company,
    coalesce(p.name, m.plan || ' (no such plan)') AS plan,
    CASE
        WHEN m.status <> 'active' THEN m.status
        WHEN m.valid_from > date('now', 'localtime') THEN 'not yet'
        WHEN m.valid_until < date('now', 'localtime') THEN 'expired'
        ELSE 'active'
    END AS status,
    CASE
        WHEN m.valid_from IS NULL AND m.valid_until IS NULL THEN 'open'
        WHEN m.valid_from IS NULL THEN 'until ' || m.valid_until
        WHEN m.valid_until IS NULL THEN 'from ' || m.valid_from
        ELSE m.valid_from || ' to ' || m.valid_until
    END AS validity,
    -- whose guest this is
    CASE
        WHEN m.host IS NOT NULL THEN coalesce(h.name, m.host || ' (no such member)')
    END AS host,
    -- those that are active today
    (SELECT count(*) FROM badge b WHERE b.member = m.id AND b.status = 'active'
        AND (b.valid_until IS NULL OR b.valid_until >= date('now', 'localtime'))) AS badges,
    -- bought, not left: the uses are in the journal
    (SELECT coalesce(sum(quantity), 0) FROM pass
        WHERE pass.member = m.id AND kind = 'day') AS day_passes,
    (SELECT coalesce(sum(quantity), 0) FROM pass
        WHERE pass.member = m.id AND kind = 'half_day') AS half_day_passes
FROM member m LEFT JOIN plan p ON p.id = m.plan LEFT JOIN member h ON h.id = m.host
ORDER BY m.name COLLATE NOCASE, m.id;

DROP VIEW IF EXISTS v_booking_today;
CREATE VIEW v_booking_today AS
-- Every booking that has a moment today, also a cancelled one.
WITH today AS (
    SELECT date('now', 'localtime') AS day,
        unixepoch('now', 'localtime', 'start of day', 'utc') AS begins,
        unixepoch('now', 'localtime', 'start of day', '+1 day', 'utc') AS ends)
SELECT b.id,
    coalesce(r.name, b.resource || ' (no such resource)') AS resource,
    coalesce(m.name, b.member || ' (no such member)') AS member,
    -- with its day where that isn't today's
    CASE WHEN b.starts_at < t.begins THEN date(b.starts_at, 'unixepoch', 'localtime') || ' '
        ELSE '' END || strftime('%H:%M', b.starts_at, 'unixepoch', 'localtime') AS starts,
    CASE WHEN b.ends_at > t.ends THEN date(b.ends_at, 'unixepoch', 'localtime') || ' '
        ELSE '' END || strftime('%H:%M', b.ends_at, 'unixepoch', 'localtime') AS ends,
    b.title, b.status,
    -- besides the member
    (SELECT count(*) FROM booking_guest g WHERE g.booking = b.id) AS guests
FROM booking b JOIN today t ON b.ends_at > t.begins AND b.starts_at < t.ends
    LEFT JOIN resource r ON r.id = b.resource LEFT JOIN member m ON m.id = b.member
ORDER BY b.starts_at, b.id;

DROP VIEW IF EXISTS v_access_now;
CREATE VIEW v_access_now AS
-- Who could enter at this moment, by the records alone and in the order of the rules: what lets
-- them in, or the word that refuses them. Lockdown, capacity, an untrusted clock and what a badge
-- has to prove with a key are the door's to know. So are the uses of passes, which are in the
-- journal: a pass counts here as long as it was bought and is valid. `cantinectl why UID` knows all
-- of it.
WITH
clock AS (
    SELECT unixepoch('now') AS at, date('now', 'localtime') AS day,
        strftime('%H:%M', 'now', 'localtime') AS hour,
        (strftime('%w', 'now', 'localtime') + 6) % 7 + 1 AS weekday),

-- Which hours it is within: of a plan, or (plan NULL) of the space. A window that closes at or
-- before it opens runs past midnight and belongs to the day on which it opens.
hours AS (
    SELECT plan, weekday, opens, closes FROM plan_hours
    UNION ALL
    SELECT NULL, weekday, opens, closes FROM opening_hours),
open_now AS (
    SELECT DISTINCT h.plan FROM hours h, clock c
    WHERE h.opens GLOB '[0-2][0-9]:[0-5][0-9]' AND h.opens < '24:00'
      AND h.closes GLOB '[0-2][0-9]:[0-5][0-9]' AND h.closes < '24:00'
      AND CASE
        WHEN h.closes > h.opens
            THEN h.weekday = c.weekday AND c.hour >= h.opens AND c.hour < h.closes
        ELSE h.weekday = c.weekday AND c.hour >= h.opens
            OR h.weekday = (c.weekday + 5) % 7 + 1 AND c.hour < h.closes
      END),
space AS (
    SELECT EXISTS (SELECT 1 FROM open_now WHERE plan IS NULL) AS open,
        EXISTS (SELECT 1 FROM closure, clock c
            WHERE date(first_day, '+0 days') IS first_day
              AND date(last_day, '+0 days') IS last_day
              AND c.day BETWEEN first_day AND coalesce(last_day, first_day)) AS closed),

-- Bookings that let in now, with everybody whom they let in.
booking_now AS (
    SELECT b.id, b.resource, b.member
    FROM booking b JOIN clock c JOIN resource r ON r.id = b.resource
        JOIN member o ON o.id = b.member
    WHERE b.status = 'confirmed' AND b.starts_at < b.ends_at AND o.id > 0
      AND r.early BETWEEN 0 AND 1440 AND r.late BETWEEN 0 AND 1440
      AND c.at >= b.starts_at - r.early * 60 AND c.at < b.ends_at + r.late * 60),
invited AS (
    SELECT member, id, resource FROM booking_now
    UNION
    SELECT g.member, n.id, n.resource FROM booking_guest g JOIN booking_now n ON n.id = g.booking),

-- Why a badge or a membership refuses; NULL = it doesn't. What makes no sense is nobody's.
badge_now AS (
    SELECT b.member, b.added_at, CASE
        WHEN length(b.uid) NOT IN (8, 14, 20) OR b.uid GLOB '*[^0-9A-F]*'
            OR length(b.uid) = 8 AND b.uid GLOB '08*'
            OR trim(b.uid, '0') = '' OR trim(b.uid, 'F') = ''
            THEN 'weak_badge'
        WHEN b.status NOT IN ('active', 'blocked', 'lost', 'stolen', 'returned')
            OR date(b.valid_until, '+0 days') IS NOT b.valid_until THEN 'unknown_badge'
        WHEN b.status <> 'active' THEN 'badge_' || b.status
        WHEN b.valid_until < c.day THEN 'badge_expired'
        WHEN b.kind = 'uid' AND p.min_assurance = 'secure' THEN 'weak_badge'
    END AS refusal
    FROM badge b JOIN clock c JOIN member m ON m.id = b.member LEFT JOIN plan p ON p.id = m.plan),
standing AS (
    SELECT m.id, CASE
        WHEN m.id <= 0 OR m.status NOT IN ('active', 'suspended', 'left')
            OR date(m.valid_from, '+0 days') IS NOT m.valid_from
            OR date(m.valid_until, '+0 days') IS NOT m.valid_until THEN 'unknown_badge'
        WHEN m.status <> 'active' THEN 'member_' || m.status
        WHEN m.valid_from > c.day THEN 'member_not_yet'
        WHEN m.valid_until < c.day THEN 'member_expired'
    END AS refusal
    FROM member m, clock c),

-- What each rule says about each member; the first word counts.
asked AS (
    SELECT m.id, m.name, m.plan, coalesce(p.name, m.plan) AS plan_name,
        (SELECT count(*) FROM badge_now b WHERE b.member = m.id AND b.refusal IS NULL) AS badges,
        CASE
            WHEN own.refusal = 'unknown_badge' OR p.id IS NULL
                OR p.access NOT IN ('always', 'opening', 'hours', 'booking', 'pass')
                OR p.min_assurance NOT IN ('uid', 'secure')
                OR m.host IS NOT NULL
                    AND (theirs.id IS NULL OR theirs.id <= 0 OR theirs.refusal = 'unknown_badge')
                THEN 'unknown_badge'
            WHEN NOT EXISTS (SELECT 1 FROM badge_now b WHERE b.member = m.id) THEN 'no badge'
        END AS nobody,
        -- the badge that does most: one that works, or else the newest
        (SELECT b.refusal FROM badge_now b WHERE b.member = m.id
            ORDER BY b.refusal IS NOT NULL, b.added_at DESC LIMIT 1) AS badge_refusal,
        own.refusal AS own_refusal, theirs.refusal AS host_refusal,
        CASE WHEN p.active = 0 THEN 'plan_inactive' END AS plan_refusal,
        (SELECT min(i.id) FROM invited i WHERE i.member = m.id) AS booking,
        CASE
            WHEN p.access = 'always' THEN 'plan always'
            WHEN p.access = 'booking' THEN 'no_booking'
            WHEN s.closed THEN 'closed_day'
            WHEN p.access = 'hours' AND EXISTS (SELECT 1 FROM open_now o WHERE o.plan = p.id)
                THEN 'plan hours'
            WHEN p.access = 'hours' OR NOT s.open THEN 'outside_hours'
            WHEN p.access = 'opening' THEN 'opening hours'
            ELSE coalesce('pass ' || (
                SELECT min(a.id) FROM pass a, clock c
                WHERE a.member = m.id AND a.quantity > 0
                  AND (a.valid_from IS NULL OR a.valid_from <= c.day)
                  AND (a.valid_until IS NULL OR a.valid_until >= c.day)), 'no_pass')
        END AS by_plan
    FROM member m JOIN space s JOIN standing own ON own.id = m.id
        LEFT JOIN plan p ON p.id = m.plan LEFT JOIN standing theirs ON theirs.id = m.host),
answer AS (
    SELECT *, coalesce(nobody, badge_refusal, own_refusal, host_refusal, plan_refusal) AS refusal,
        by_plan GLOB 'plan *' OR by_plan = 'opening hours' OR by_plan GLOB 'pass *' AS plan_opens
    FROM asked),

-- The doors that would open; '' = all of them.
opened AS (
    SELECT a.id AS member, coalesce(d.door, '') AS door
    FROM answer a LEFT JOIN plan_door d ON d.plan = a.plan
    WHERE a.refusal IS NULL AND a.plan_opens
    UNION
    SELECT a.id, coalesce(d.door, '')
    FROM answer a JOIN invited i ON i.member = a.id
        LEFT JOIN resource_door d ON d.resource = i.resource
    WHERE a.refusal IS NULL)

SELECT a.id AS member, a.name, a.plan_name AS plan,
    a.badges, -- that work now
    CASE WHEN a.refusal IS NULL AND (a.booking IS NOT NULL OR a.plan_opens) THEN 'yes'
        ELSE 'no' END AS enters,
    coalesce(a.refusal, 'booking ' || a.booking, a.by_plan) AS why,
    -- host: the refusal is the host's, whose guest this is
    CASE WHEN coalesce(a.nobody, a.badge_refusal, a.own_refusal) IS NULL
        AND a.host_refusal IS NOT NULL THEN 'host' END AS detail,
    CASE WHEN EXISTS (SELECT 1 FROM opened o WHERE o.member = a.id AND o.door = '')
        THEN 'every door'
        ELSE (SELECT group_concat(door, ', ') FROM
            (SELECT o.door FROM opened o WHERE o.member = a.id ORDER BY o.door))
    END AS doors
FROM answer a
ORDER BY enters DESC, a.name COLLATE NOCASE, a.id;
