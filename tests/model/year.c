/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The product in virtual time: the real core/ and store/ with the application's part played by one
 * loop. Each line on stdin is a step, `WALL MONOTONIC VERB …` (µs), and is answered by one line on
 * stdout; tests/model/rules.py gives the same answers by its own means. No clock is read for any
 * decision.
 *
 *   tap READER UID          in READER's direction at READER's door: see `readers`
 *   edit SQL                on records.db, by a connection of its own, as any other tool
 *   careless SQL            the same past every CHECK, as a broken tool would
 *   tick                    once a second in cantined: the cutoff
 *   in MEMBER, out MEMBER   by hand
 *   restart                 both databases are closed and opened again
 *   set NAME VALUE          a setting, or what the kernel says about the clock (synchronised)
 *   inside, passes MEMBER   who is counted, and what is used of the member's passes
 *
 * The glue mirrors daemon/cantined: tap_take() and what it calls in tap.c, attendance.c,
 * clock_check() in clock.c, and the opening and closing in application.c. Left out: rows of type
 * `system`, and that a tick notices a change of the records in the background.
 */

#include "core/clock.h"
#include "core/decide.h"
#include "core/effects.h"
#include "core/repeat.h"
#include "core/throttle.h"
#include "store/journal.h"
#include "store/records.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sqlite3.h>

#define REPEAT_AFTER (3 * USEC_PER_SEC)
#define COMMIT_MSEC  20000
#define PASSES_MOST  64
#define EDITS_KEPT   50 /* in record_change: what a tap copies stays small */

static const struct {
    const char *name, *door;
    enum direction direction;
} readers[] = {
    {"entrance", "front", DIRECTION_IN}, {"exit", "front", DIRECTION_OUT},
    {"hall", "front", DIRECTION_TOGGLE}, {"yard", "back", DIRECTION_TOGGLE},
    {"gate", "back", DIRECTION_IN},
};

struct year {
    char records_path[128], journal_path[128];
    struct records *records;
    struct journal *journal;
    sqlite3 *tool;
    unsigned edits;
    struct presence presence;
    struct repeat repeats[ELEMENTSOF(readers)];
    struct throttle throttles[ELEMENTSOF(readers)];
    struct clock_look clock; /* but for the wall clock itself */
    usec_t wall, monotonic;
    size_t capacity;
    bool full_denies, clock_denies;
    int cutoff; /* minutes since midnight */
};

/* --- what application.c does ------------------------------------------------------------------ */

static void databases_open(struct year *year)
{
    char error[512] = "";

    if (records_open(year->records_path, &year->records, error, sizeof(error)) < 0 ||
        journal_open(year->journal_path, &year->journal, error, sizeof(error)) < 0)
        errx(1, "%s", error);
    year->presence = *journal_presence(year->journal);
    year->clock.newest = journal_newest_at(year->journal);
}

static void moment(const struct year *year, struct now *ret)
{
    struct clock_look look = year->clock;

    look.wall = year->wall;
    *ret = (struct now){.monotonic = year->monotonic, .wall = year->wall};
    if (time_local(year->wall, &ret->local) < 0)
        errx(1, "%" PRIu64 ": no such time", year->wall);
    ret->pass_day = time_day_since(year->wall, year->cutoff);
    ret->clock_untrusted = !clock_trusted(&look);
}

static struct event event_now(const struct year *year, enum event_type type, int64_t member)
{
    return (struct event){.at = year->wall, .type = type, .member = member};
}

/* Unlike cantined, nothing goes on before the row is there: what follows a restart is certain. */
static void record(struct year *year, const struct event *events, size_t n,
                   const struct pass_use *use)
{
    struct pollfd ready = {.fd = journal_fd(year->journal), .events = POLLIN};
    uint64_t ticket = 0;

    if (journal_append_using(year->journal, events, n, use, &ticket) < 0)
        errx(1, "the journal takes no rows");
    for (;;) {
        CLEANUP(cleanup_free) struct journal_news *news = journal_next(year->journal);

        if (news && news->type == JOURNAL_FAILING)
            errx(1, "%s", news->text);
        if (news && news->type == JOURNAL_COMMITTED && news->ticket == ticket) {
            year->clock.newest = MAX_OF(year->clock.newest, news->rows[news->n - 1].at);
            return;
        }
        if (!news && poll(&ready, 1, COMMIT_MSEC) <= 0)
            errx(1, "the journal doesn't answer");
    }
}

static void look_at_records(struct year *year)
{
    if (records_refresh(year->records) == RECORDS_FAULT)
        errx(1, "%s", records_fault(year->records));
}

/* --- what tap.c does -------------------------------------------------------------------------- */

static void facts_gather(struct year *year, size_t i, const struct uid *uid, const struct now *now,
                         struct facts *ret)
{
    *ret = (struct facts){
        .presented = {.uid = *uid, .assurance = ASSURANCE_UID},
        .place = {.direction = readers[i].direction,
                  .full =
                      year->full_denies && year->capacity > 0 && year->presence.n >= year->capacity,
                  .clock_denies = year->clock_denies},
    };
    if (readers[i].direction != DIRECTION_OUT)
        ret->place.throttled = throttle_holds(&year->throttles[i], now->monotonic);
    look_at_records(year);
    if (records_facts(year->records, readers[i].door, now, journal_pass_uses(year->journal), ret) <
        0)
        errx(1, "the records could not be asked");
    ret->place.inside = ret->badge.known && presence_contains(&year->presence, ret->member.id);
}

/* The rows of the presentation, and presence with them; says which on stdout. */
static size_t events_compose(struct year *year, const struct facts *facts,
                             const struct decision *decision,
                             struct event ret[JOURNAL_ENTRY_EVENTS])
{
    enum effect effects[EFFECTS_MOST];
    size_t n_effects = effects_of(decision, facts->place.inside, effects), n = 0;

    for (size_t k = 0; k < n_effects; k++) {
        struct event event =
            event_now(year, EVENT_ACCESS, facts->badge.known ? facts->member.id : 0);

        event.direction = decision->direction;
        if (effects[k] == EFFECT_RECORD_ACCESS) {
            event.result = decision->granted ? RESULT_GRANTED : RESULT_REFUSED;
            event.reason = decision->reason;
        } else if (effects[k] == EFFECT_RECORD_ENTERED) {
            event.type = EVENT_ENTERED;
            (void)presence_enter(&year->presence, event.member, event.at);
        } else if (effects[k] == EFFECT_RECORD_LEFT) {
            event.type = EVENT_LEFT;
            (void)presence_leave(&year->presence, event.member);
        } else {
            continue;
        }
        printf("%s%s", n ? "+" : "", event_type_word(event.type));
        ret[n++] = event;
    }
    return n;
}

static void use_print(const struct pass_use *use)
{
    char day[TIME_TEXT_SIZE];

    if (!use->pass) {
        printf("-");
        return;
    }
    day_format(use->day, day);
    printf("%" PRId64 ":%s:%s", use->pass,
           use->halves == PASS_WHOLE_DAY ? "day"
           : use->halves == PASS_MORNING ? "morning"
                                         : "afternoon",
           day);
}

static size_t reader_named(const char *name)
{
    for (size_t i = 0; i < ELEMENTSOF(readers); i++)
        if (streq(readers[i].name, name))
            return i;
    errx(1, "%s: no such reader", name);
}

static void step_tap(struct year *year, char *rest)
{
    size_t i = reader_named(strsep(&rest, " "));
    struct event events[JOURNAL_ENTRY_EVENTS];
    struct decision decision;
    struct facts facts;
    struct now now;
    struct uid uid;
    size_t n;

    if (uid_parse(rest, &uid) < 0)
        errx(1, "%s: not a badge's number", rest);
    moment(year, &now);
    if (repeat_or_remember(&year->repeats[i], &uid, now.monotonic, REPEAT_AFTER)) {
        printf("repeated");
        return;
    }
    facts_gather(year, i, &uid, &now, &facts);
    decide(&facts, &now, &decision);
    if (decision.reason == REASON_THROTTLED && !throttle_is_first(&year->throttles[i])) {
        printf("throttled");
        return;
    }
    if (readers[i].direction != DIRECTION_OUT)
        throttle_count(&year->throttles[i], decision.reason, now.monotonic);
    printf("%s %s %s %s ", decision.granted ? "granted" : "refused", reason_word(decision.reason),
           direction_word(decision.direction), decision.detail ? decision.detail : "-");
    n = events_compose(year, &facts, &decision, events);
    if (decision.use.pass)
        (void)pass_uses_add(journal_pass_uses(year->journal), &decision.use);
    record(year, events, n, &decision.use);
    printf(" count=%zu pass=", year->presence.n);
    use_print(&decision.use);
}

/* --- what attendance.c does ------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void members_print(int64_t *members, size_t n)
{
    qsort(members, n, sizeof(members[0]), by_number);
    for (size_t i = 0; i < n; i++)
        printf("%s%" PRId64, i ? "," : "", members[i]);
    if (n == 0)
        printf("-");
}

static size_t check_out(struct year *year, int64_t gone[static PRESENCE_MOST])
{
    usec_t cutoff = time_last_at(year->wall, year->cutoff);
    struct now now;
    size_t n = 0;

    moment(year, &now);
    if (now.clock_untrusted)
        return 0;
    for (size_t i = year->presence.n; i-- > 0;) {
        struct event event = event_now(year, EVENT_CHECKOUT, year->presence.entries[i].member);

        if (year->presence.entries[i].since >= cutoff)
            continue;
        if (records_space_booked(year->records, &now) != 0)
            return n;
        event.direction = DIRECTION_OUT;
        (void)presence_leave(&year->presence, event.member);
        record(year, &event, 1, NULL);
        gone[n++] = event.member;
    }
    return n;
}

static void step_tick(struct year *year, char *rest)
{
    int64_t gone[PRESENCE_MOST];

    (void)rest;
    look_at_records(year);
    printf("checkout ");
    members_print(gone, check_out(year, gone));
}

static void by_hand(struct year *year, int64_t member, bool inside)
{
    struct event event = event_now(year, inside ? EVENT_ENTERED : EVENT_LEFT, member);
    char name[MEMBER_NAME_SIZE];
    enum presence_change change;

    look_at_records(year);
    records_member_names(year->records, member, name, NULL);
    if (inside && !name[0]) {
        printf("nobody");
        return;
    }
    event.direction = inside ? DIRECTION_IN : DIRECTION_OUT;
    change = inside ? presence_enter(&year->presence, member, event.at)
                    : presence_leave(&year->presence, member);
    if (change == PRESENCE_CHANGED)
        record(year, &event, 1, NULL);
    printf("%s", change == PRESENCE_CHANGED ? "changed" : "same");
}

static void step_in(struct year *year, char *rest)
{
    by_hand(year, strtoll(rest, NULL, 10), true);
}

static void step_out(struct year *year, char *rest)
{
    by_hand(year, strtoll(rest, NULL, 10), false);
}

/* --- what others do --------------------------------------------------------------------------- */

static void edit(struct year *year, const char *sql)
{
    int r = sqlite3_exec(year->tool, sql, NULL, NULL, NULL);

    if (r == SQLITE_OK)
        printf("accepted %d", sqlite3_changes(year->tool));
    else if (r == SQLITE_CONSTRAINT)
        printf("refused");
    else
        errx(1, "%s: %s", sql, sqlite3_errmsg(year->tool));
    if (++year->edits % EDITS_KEPT == 0)
        (void)sqlite3_exec(year->tool, "DELETE FROM record_change", NULL, NULL, NULL);
}

static void step_edit(struct year *year, char *rest)
{
    edit(year, rest);
}

static void step_careless(struct year *year, char *rest)
{
    (void)sqlite3_exec(year->tool, "PRAGMA ignore_check_constraints=1", NULL, NULL, NULL);
    edit(year, rest);
    (void)sqlite3_exec(year->tool, "PRAGMA ignore_check_constraints=0", NULL, NULL, NULL);
}

static void step_restart(struct year *year, char *rest)
{
    year->journal = journal_free(year->journal);
    year->records = records_free(year->records);
    memset(year->repeats, 0, sizeof(year->repeats));
    memset(year->throttles, 0, sizeof(year->throttles));
    databases_open(year);
    step_tick(year, rest);
}

static void step_set(struct year *year, char *rest)
{
    const char *name = strsep(&rest, " ");

    if (streq(name, "capacity"))
        year->capacity = strtoul(rest, NULL, 10);
    else if (streq(name, "when_full"))
        year->full_denies = streq(rest, "deny");
    else if (streq(name, "clock_untrusted"))
        year->clock_denies = streq(rest, "deny");
    else if (streq(name, "needs_sync"))
        year->clock.needs_sync = streq(rest, "yes");
    else if (streq(name, "synchronised"))
        year->clock.synchronised = streq(rest, "yes");
    else if (streq(name, "built"))
        year->clock.built = strtoull(rest, NULL, 10);
    else if (!streq(name, "cutoff") || minute_parse(rest, &year->cutoff) < 0)
        errx(1, "%s: no such setting", name);
    printf("set");
}

static void step_inside(struct year *year, char *rest)
{
    int64_t members[PRESENCE_MOST];

    (void)rest;
    for (size_t i = 0; i < year->presence.n; i++)
        members[i] = year->presence.entries[i].member;
    printf("inside %zu ", year->presence.n);
    members_print(members, year->presence.n);
}

static void step_passes(struct year *year, char *rest)
{
    int64_t passes[PASSES_MOST];
    int n;

    look_at_records(year);
    n = records_passes(year->records, strtoll(rest, NULL, 10), passes, PASSES_MOST);
    if (n < 0)
        errx(1, "the passes could not be asked for");
    qsort(passes, (size_t)n, sizeof(passes[0]), by_number);
    printf("passes %s", n ? "" : "-");
    for (int i = 0; i < n; i++)
        printf("%s%" PRId64 ":%" PRId64, i ? "," : "", passes[i],
               pass_uses_of(journal_pass_uses(year->journal), passes[i]));
}

static const struct {
    const char *verb;
    void (*take)(struct year *year, char *rest);
} verbs[] = {{"tap", step_tap},         {"edit", step_edit}, {"careless", step_careless},
             {"tick", step_tick},       {"in", step_in},     {"out", step_out},
             {"restart", step_restart}, {"set", step_set},   {"inside", step_inside},
             {"passes", step_passes}};

static void step(struct year *year, char *line)
{
    const char *verb;

    year->wall = strtoull(line, &line, 10);
    year->monotonic = strtoull(line, &line, 10);
    line += strspn(line, " ");
    verb = strsep(&line, " ");
    for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
        if (streq(verbs[i].verb, verb)) {
            verbs[i].take(year, line);
            printf("\n");
            return;
        }
    errx(1, "%s: no such step", verb);
}

int main(int argc, char **argv)
{
    CLEANUP(cleanup_free) struct year *year = calloc(1, sizeof(*year));
    CLEANUP(cleanup_free) char *line = NULL;
    size_t size = 0;
    ssize_t n;

    if (argc != 2 || !year)
        errx(2, "usage: year DIRECTORY: which is empty, and where the databases go");
    (void)setenv("TZ", "Europe/Paris", 1);
    (void)snprintf(year->records_path, sizeof(year->records_path), "%s/records.db", argv[1]);
    (void)snprintf(year->journal_path, sizeof(year->journal_path), "%s/journal.db", argv[1]);
    year->clock.synchronised = true;
    year->cutoff = 3 * 60;
    databases_open(year);
    if (sqlite3_open_v2(year->records_path, &year->tool, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        errx(1, "%s", sqlite3_errmsg(year->tool));
    (void)sqlite3_busy_timeout(year->tool, COMMIT_MSEC);
    while ((n = getline(&line, &size, stdin)) > 0) {
        line[n - 1] = '\0';
        step(year, line);
    }
    (void)sqlite3_close(year->tool);
    (void)journal_free(year->journal);
    (void)records_free(year->records);
    return 0;
}
