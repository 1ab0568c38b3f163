/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * An association of any size, written as tools write it: every trigger fires, so that the file
 * holds the record_change of a real one. `association FILE MEMBERS` creates FILE with three badges
 * for every two members and two bookings for each, spread over the year around now and densest this
 * week: at every moment of it each resource is booked. Takes seconds.
 */

#include "store/database.h"
#include "store/records.h"

/* :members and :now (Unix seconds) are bound where a statement names them. */
static const char *const statements[] = {
    "BEGIN IMMEDIATE",

    "INSERT INTO plan_hours WITH day(n) AS (VALUES (1), (2), (3), (4), (5), (6), (7))"
    " SELECT 'soir', n, '17:00', '02:00' FROM day UNION ALL"
    " SELECT 'soir', n, '06:00', '09:00' FROM day WHERE n > 5",
    "INSERT INTO opening_hours WITH day(n) AS (VALUES (1), (2), (3), (4), (5), (6))"
    " SELECT n, '08:00', '12:30' FROM day UNION ALL SELECT n, '13:30', '19:00' FROM day",
    "INSERT INTO closure(first_day, last_day, label) WITH RECURSIVE week(n) AS"
    " (SELECT -26 UNION ALL SELECT n + 1 FROM week WHERE n < 26)"
    " SELECT date(:now, 'unixepoch', format('%+d days', n * 7 + 3)), NULL, 'closed' FROM week",
    "INSERT INTO plan_door VALUES ('nomade', 'front'), ('nomade', 'side'), ('carnet', 'side')",

    /* One resource for every 400 bookings; some are behind one door. */
    "INSERT INTO resource(id, name, kind, early, late) WITH RECURSIVE r(n) AS"
    " (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n + 1 < :members / 200)"
    " SELECT format('room-%d', n), format('Salle %d', n), iif(n % 4, 'desk', 'room'), 10, 15 FROM "
    "r",
    "INSERT INTO resource_door SELECT id, 'side' FROM resource WHERE rowid % 5 = 0",

    /* Every hundredth is somebody's guest, others are suspended, gone, or past their last day. */
    "INSERT INTO member(name, email, company, plan, status, valid_from, valid_until, display_name,"
    " host, note) WITH RECURSIVE m(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM m WHERE n < :members)"
    " SELECT format('Camille Membre-%d', n), format('membre-%d@example.org', n),"
    " iif(n % 3, NULL, format('Atelier %d', n / 10)),"
    " CASE n % 10 WHEN 0 THEN 'salle' WHEN 1 THEN 'carnet' WHEN 2 THEN 'soir' WHEN 3 THEN 'soir'"
    "  WHEN 4 THEN 'nomade' WHEN 5 THEN 'nomade' WHEN 6 THEN 'nomade' ELSE 'resident' END,"
    " CASE n % 37 WHEN 5 THEN 'suspended' WHEN 7 THEN 'left' ELSE 'active' END,"
    " iif(n % 2, date(:now, 'unixepoch', format('-%d days', n % 900 + 30)), NULL),"
    " iif(n % 7, NULL, date(:now, 'unixepoch', format('%+d days', n % 400 - 20))),"
    " iif(n % 4, NULL, format('Camille %d', n)), iif(n % 100, NULL, n - 1),"
    " iif(n % 5, NULL, 'Paie par virement, clé du casier 12 rendue.') FROM m",

    /* Numbers of 7 bytes that begin with 04, in no order. */
    "INSERT INTO badge(uid, member, status, label, valid_until) WITH RECURSIVE b(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM b WHERE n < :members * 3 / 2)"
    " SELECT format('04%012X', n * 25214903917 & 0xFFFFFFFFFFFF), (n - 1) % :members + 1,"
    " CASE n % 41 WHEN 5 THEN 'blocked' WHEN 7 THEN 'lost' WHEN 9 THEN 'stolen'"
    "  WHEN 11 THEN 'returned' ELSE 'active' END, iif(n % 3, NULL, 'carte blanche'),"
    " iif(n % 29, NULL, date(:now, 'unixepoch', format('%+d days', n % 300 - 20))) FROM b",

    "INSERT INTO pass(member, kind, quantity, valid_until) SELECT id,"
    " iif(id % 4, 'day', 'half_day'), 10, iif(id % 3, NULL, date(:now, 'unixepoch', '+90 days'))"
    " FROM member WHERE plan = 'carnet'",

    /*
     * Hourly for 100 hours before and after now, else one in 43 hours. The members come in no
     * order.
     */
    "INSERT INTO booking(resource, member, starts_at, ends_at, title, status, public)"
    " WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n + 1 < :members / 200),"
    " slot(n) AS (SELECT -200 UNION ALL SELECT n + 1 FROM slot WHERE n < 199)"
    " SELECT format('room-%d', r.n), (r.n * 400 + slot.n + 200) * 7919 % :members + 1, at, at + "
    "3600,"
    " iif(slot.n % 3, NULL, 'Réunion de l''équipe'), iif((slot.n + r.n) % 11, 'confirmed', "
    "'cancelled'),"
    " slot.n & 1 FROM r, (SELECT n, (:now - 1800) / 3600 * 3600 + 3600 *"
    "  (n + CASE WHEN n < -100 THEN (n + 100) * 42 WHEN n > 100 THEN (n - 100) * 42 ELSE 0 END)"
    "  AS at FROM slot) AS slot",
    "INSERT INTO booking_guest SELECT id, (member * 31 + id) % :members + 1 FROM booking"
    " WHERE id % 10 = 0 UNION SELECT id, (member * 17 + id) % :members + 1 FROM booking"
    " WHERE id % 20 = 0",

    "COMMIT",
};

static int statement_run(sqlite3 *db, const char *sql, int64_t members, int64_t now)
{
    CLEANUP(cleanup_statement) sqlite3_stmt *statement = NULL;
    int r = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (r == SQLITE_OK) {
        /* What a statement doesn't name has the index 0, which is no parameter's. */
        (void)sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, ":members"),
                                 members);
        (void)sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, ":now"), now);
        r = sqlite3_step(statement);
    }
    if (r != SQLITE_DONE)
        (void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    return r == SQLITE_DONE ? 0 : -1;
}

int main(int argc, char **argv)
{
    CLEANUP(cleanup_database) sqlite3 *db = NULL;
    struct records *records;
    char error[DATABASE_ERROR_SIZE];

    if (argc != 3)
        return 2;
    if (records_open(argv[1], &records, error, sizeof(error)) < 0) {
        (void)fprintf(stderr, "%s\n", error);
        return 1;
    }
    (void)records_free(records);
    if (sqlite3_open(argv[1], &db) != SQLITE_OK) /* as any tool does */
        return 1;
    for (size_t i = 0; i < ELEMENTSOF(statements); i++)
        if (statement_run(db, statements[i], atoll(argv[2]), (int64_t)(time_wall() / USEC_PER_SEC)))
            return 1;
    return 0;
}
