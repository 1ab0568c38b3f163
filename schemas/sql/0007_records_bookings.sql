-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Before a row is there its automatic number reads as -1, so a booking of that number was taken for
-- the new one itself and could be booked over. Afterwards each has its own.

DROP TRIGGER booking_inserted_over_another;

CREATE TRIGGER booking_inserted_over_another AFTER INSERT ON booking
WHEN NEW.status = 'confirmed' AND EXISTS (
    SELECT 1 FROM booking
    WHERE status = 'confirmed' AND resource = NEW.resource AND id <> NEW.id
      AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at)
BEGIN
    SELECT RAISE(ABORT,
        'booked at that time already: choose another time or cancel the other booking');
END;
