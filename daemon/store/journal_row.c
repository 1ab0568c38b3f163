/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/journal_private.h"

#include <errno.h>

/* As the columns stand in JOURNAL_COLUMNS. */
enum column {
    COLUMN_SEQ,
    COLUMN_AT,
    COLUMN_BOOT,
    COLUMN_TYPE,
    COLUMN_DOOR,
    COLUMN_READER,
    COLUMN_MEMBER,
    COLUMN_RESULT,
    COLUMN_REASON,
    COLUMN_DIRECTION,
    COLUMN_DETAIL,
    COLUMN_ACTOR
};

#define TEXT_ENDS(text) (memchr((text), '\0', sizeof(text)) != NULL)

bool journal_row_valid(const struct event *event)
{
    bool counts =
        event->type == EVENT_ENTERED || event->type == EVENT_LEFT || event->type == EVENT_CHECKOUT;

    return event_type_word(event->type) && reason_word(event->reason) && event->at <= INT64_MAX &&
           (event->type == EVENT_ACCESS ? result_word(event->result) != NULL
                                        : event->result == RESULT_NONE) &&
           (event->direction == DIRECTION_NONE || event->direction == DIRECTION_IN ||
            event->direction == DIRECTION_OUT) &&
           event->member >= (counts ? 1 : 0) && TEXT_ENDS(event->boot) && TEXT_ENDS(event->door) &&
           TEXT_ENDS(event->reader) && TEXT_ENDS(event->detail) && TEXT_ENDS(event->actor);
}

/* Binds a text that outlives the step; NULL and empty: it doesn't apply. */
static int bind_text(sqlite3_stmt *insert, enum column column, const char *text)
{
    if (!text || !*text)
        return sqlite3_bind_null(insert, column + 1);
    return sqlite3_bind_text(insert, column + 1, text, -1, SQLITE_STATIC);
}

static int bind_event(sqlite3_stmt *insert, const struct event *event)
{
    /* Binding can only fail for want of memory, and then the whole row is tried again. */
    int failed = sqlite3_bind_null(insert, COLUMN_SEQ + 1);

    failed |= sqlite3_bind_int64(insert, COLUMN_AT + 1, (sqlite3_int64)event->at);
    failed |= bind_text(insert, COLUMN_BOOT, event->boot);
    failed |= bind_text(insert, COLUMN_TYPE, event_type_word(event->type));
    failed |= bind_text(insert, COLUMN_DOOR, event->door);
    failed |= bind_text(insert, COLUMN_READER, event->reader);
    failed |= event->member ? sqlite3_bind_int64(insert, COLUMN_MEMBER + 1, event->member)
                            : sqlite3_bind_null(insert, COLUMN_MEMBER + 1);
    failed |= bind_text(insert, COLUMN_RESULT, result_word(event->result));
    failed |= bind_text(insert, COLUMN_REASON, reason_word(event->reason));
    failed |= bind_text(insert, COLUMN_DIRECTION, direction_word(event->direction));
    failed |= bind_text(insert, COLUMN_DETAIL, event->detail);
    failed |= bind_text(insert, COLUMN_ACTOR, event->actor);
    return failed ? -ENOMEM : 0;
}

int journal_row_insert(sqlite3_stmt *insert, struct event *event)
{
    int r = bind_event(insert, event);

    if (r == 0) {
        r = database_errno(sqlite3_step(insert));
        event->seq = sqlite3_last_insert_rowid(sqlite3_db_handle(insert));
    }
    (void)sqlite3_reset(insert);
    return r;
}

unsigned journal_half_of(const char *text)
{
    if (!text)
        return PASS_WHOLE_DAY;
    return streq(text, "morning") ? PASS_MORNING : PASS_AFTERNOON;
}

int journal_use_insert(sqlite3_stmt *insert, const struct pass_use *use, usec_t at, int64_t seq)
{
    const char *half = use->halves == PASS_WHOLE_DAY ? NULL
                       : use->halves == PASS_MORNING ? "morning"
                                                     : "afternoon";
    char day[TIME_TEXT_SIZE];
    int failed = sqlite3_bind_int64(insert, 1, use->pass), r;

    day_format(use->day, day);
    failed |= sqlite3_bind_int64(insert, 2, use->member);
    failed |= sqlite3_bind_text(insert, 3, day, -1, SQLITE_TRANSIENT);
    failed |= sqlite3_bind_text(insert, 4, half, -1, SQLITE_STATIC); /* no text binds NULL */
    failed |= sqlite3_bind_int64(insert, 5, (sqlite3_int64)at);
    failed |= sqlite3_bind_int64(insert, 6, seq);
    r = failed ? -ENOMEM : database_errno(sqlite3_step(insert));
    (void)sqlite3_reset(insert);
    return r;
}

static void column_text(sqlite3_stmt *row, enum column column, char *ret, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    (void)snprintf(ret, size, "%s", text ? text : "");
}

/* The value of the column's word; `senseless` where another tool has put something else there. */
static int32_t column_word(sqlite3_stmt *row, enum column column, int (*value_of)(const char *),
                           int32_t senseless)
{
    int value = value_of((const char *)sqlite3_column_text(row, column));

    return value < 0 ? senseless : value;
}

/* A row that makes no sense is read as a `system` event, so that no seq is missing in the feed. */
static void event_read(sqlite3_stmt *row, struct event *ret)
{
    *ret = (struct event){
        .seq = sqlite3_column_int64(row, COLUMN_SEQ),
        .at = (usec_t)sqlite3_column_int64(row, COLUMN_AT),
        .member = sqlite3_column_int64(row, COLUMN_MEMBER),
        .type = column_word(row, COLUMN_TYPE, event_type_of, EVENT_SYSTEM),
        .result = column_word(row, COLUMN_RESULT, result_of, RESULT_NONE),
        .reason = column_word(row, COLUMN_REASON, reason_of, REASON_OK),
        .direction = column_word(row, COLUMN_DIRECTION, direction_of, DIRECTION_NONE),
    };
    column_text(row, COLUMN_BOOT, ret->boot, sizeof(ret->boot));
    column_text(row, COLUMN_DOOR, ret->door, sizeof(ret->door));
    column_text(row, COLUMN_READER, ret->reader, sizeof(ret->reader));
    column_text(row, COLUMN_DETAIL, ret->detail, sizeof(ret->detail));
    column_text(row, COLUMN_ACTOR, ret->actor, sizeof(ret->actor));
}

int journal_rows_select(sqlite3_stmt *select, struct journal_news *ret)
{
    int r = SQLITE_DONE;

    for (ret->n = 0; ret->n < JOURNAL_ROWS_MOST; ret->n++) {
        r = sqlite3_step(select);
        if (r != SQLITE_ROW)
            break;
        event_read(select, &ret->rows[ret->n]);
    }
    (void)sqlite3_reset(select);
    r = database_errno(r);
    if (r < 0)
        ret->n = 0;
    return r;
}
