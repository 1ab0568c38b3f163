/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cantined/readers.h"

#include "cantined/priority.h"
#include "util/log.h"
#include "util/socket.h"

#include <errno.h>
#include <sys/epoll.h>

#define NO_READER SIZE_MAX

/* One connection: at first a stranger, after its HELLO the program of one configured reader. */
struct connection {
    struct readers *readers;
    size_t reader; /* NO_READER until HELLO */
    int fd;        /* -1 = this place is free */
    sd_event_source *source;
};

struct site_reader {
    const struct config_reader *config;
    struct connection *connection;
    bool ready_said; /* by the latest state of this connection */
    bool has_said;   /* this connection has told a state, `said` */
    enum reader_state said, state;
    char said_tried[READER_TRIED_SIZE], tried[READER_TRIED_SIZE];
    unsigned ends;     /* of its program, one soon after the other */
    usec_t changed_at; /* wall clock */
    usec_t connected_at;
    usec_t heard_at; /* monotonic: the last message, or when the connection was lost */
};

struct readers {
    sd_event *event;
    sd_event_source *listening;
    int listener;
    const struct readers_calls *calls;
    void *userdata;
    size_t n;
    struct site_reader reader[CONFIG_READERS_MOST];
    struct connection connections[CONFIG_READERS_MOST + READERS_STRANGERS_MOST];
};

static void reader_set_state(struct readers *readers, size_t i, enum reader_state state,
                             const char *tried)
{
    struct site_reader *reader = &readers->reader[i];
    const char *fields[] = {"CANTINE_READER", reader->config->name, NULL};

    if (reader->state == state && streq(reader->tried, tried))
        return;
    (void)snprintf(reader->tried, sizeof(reader->tried), "%s", tried);
    if (reader->state == state) {
        readers->calls->tried_changed(readers->userdata, i);
        return;
    }
    reader->state = state;
    reader->changed_at = time_wall();
    if (state == READER_READY)
        log_fields(LOG_NOTICE, LOG_ID_READER_READY, fields, "reader %s: ready (%s)",
                   reader->config->name, tried);
    else
        log_fields(LOG_WARNING, LOG_ID_READER_LOST, fields, "reader %s: %s: %s",
                   reader->config->name, reader_state_word(state), tried);
    readers->calls->state_changed(readers->userdata, i);
}

/* What a reader is, from what its program says and how it fares; unchanged while that is open. */
static void reader_judge(struct readers *readers, size_t i)
{
    struct site_reader *reader = &readers->reader[i];
    usec_t silent = time_monotonic() - reader->heard_at;

    if (!reader->connection && silent > READERS_GRACE)
        reader_set_state(readers, i, READER_ABSENT,
                         "its program cantine-reader is not running: start it");
    else if (reader->connection && silent > READER_SILENT_AFTER)
        reader_set_state(readers, i, READER_FAULTY, "its program cantine-reader says nothing");
    else if (reader->ends >= READERS_ENDS)
        reader_set_state(readers, i, READER_FAULTY,
                         "its program cantine-reader ends again and again: see its log");
    else if (reader->connection && reader->has_said)
        reader_set_state(readers, i, reader->said, reader->said_tried);
}

/* A restart that nobody else notices still leaves its line. */
static void reader_say_back(const struct site_reader *reader)
{
    const char *fields[] = {"CANTINE_READER", reader->config->name, NULL};

    log_fields(LOG_NOTICE, LOG_ID_READER_READY, fields, "reader %s: ready again (%s)",
               reader->config->name, reader->said_tried);
}

static void reader_take_state(struct readers *readers, size_t i,
                              const struct reader_state_message *message)
{
    struct site_reader *reader = &readers->reader[i];
    bool back = !reader->has_said && reader->state == READER_READY;

    reader->has_said = true;
    reader->said = (enum reader_state)message->state;
    reader->ready_said = reader->said == READER_READY;
    (void)snprintf(reader->said_tried, sizeof(reader->said_tried), "%s", message->tried);
    reader_judge(readers, i);
    if (back && reader->state == READER_READY)
        reader_say_back(reader);
}

static void connection_close(struct connection *connection)
{
    connection->source = sd_event_source_disable_unref(connection->source);
    connection->fd = fd_close(connection->fd);
    if (connection->reader != NO_READER) {
        struct site_reader *reader = &connection->readers->reader[connection->reader];

        reader->connection = NULL;
        reader->heard_at = time_monotonic();
        if (reader->heard_at - reader->connected_at >= READERS_SETTLED)
            reader->ends = 0;
        reader->ends++;
    }
    connection->reader = NO_READER;
}

static int connection_refuse(struct connection *connection, const char *why)
{
    log_line(LOG_WARNING, LOG_ID_PEER_REFUSED, "a program on %s was sent away: %s",
             READER_SOCKET_NAME, why);
    connection_close(connection);
    return 0;
}

/* The newest program that says it serves a reader is believed: an older one has been restarted. */
static int connection_hello(struct connection *connection, const char *name)
{
    struct readers *readers = connection->readers;

    for (size_t i = 0; i < readers->n; i++) {
        struct site_reader *reader = &readers->reader[i];

        if (!streq(reader->config->name, name))
            continue;
        if (reader->connection)
            connection_close(reader->connection);
        reader->connection = connection;
        reader->ready_said = false;
        reader->has_said = false;
        reader->connected_at = reader->heard_at = time_monotonic();
        connection->reader = i;
        reader_judge(readers, i);
        return 0;
    }
    return connection_refuse(connection, "its reader is not in cantined's configuration");
}

static int connection_take(struct connection *connection, int type,
                           const union reader_message *message)
{
    struct readers *readers = connection->readers;
    size_t i = connection->reader;

    if (i == NO_READER)
        return type == READER_HELLO ? connection_hello(connection, message->hello.name)
                                    : connection_refuse(connection, "it did not begin with HELLO");
    readers->reader[i].heard_at = time_monotonic();
    switch (type) {
    case READER_STATE:
        reader_take_state(readers, i, &message->state);
        return 0;
    case READER_CARD:
        if (readers->reader[i].ready_said)
            readers->calls->card(readers->userdata, i, &message->card);
        else
            /* It lay there when the reader came to work: a start or a replug opens no door. */
            readers_answer(readers, i, message->card.presentation, OUTCOME_REPEATED);
        return 0;
    case READER_HEARTBEAT:
        return 0;
    default:
        return connection_refuse(connection, "it sent a message that readers don't send");
    }
}

static int on_message(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct connection *connection = userdata;
    union reader_message message;
    ssize_t n;
    int type;

    (void)source;
    (void)events;
    n = socket_receive(fd, &message, sizeof(message));
    if (n == -EAGAIN)
        return 0;
    if (n == 0) {
        connection_close(connection);
        return 0;
    }
    type = n < 0 ? (int)n : reader_message_check(&message, (size_t)n);
    if (type == -EPROTO)
        return connection_refuse(connection,
                                 "it speaks another version: restart it after an update");
    if (type < 0)
        return connection_refuse(connection, "its message was not well formed");
    return connection_take(connection, type, &message);
}

static struct connection *connection_free_place(struct readers *readers)
{
    for (size_t i = 0; i < ELEMENTSOF(readers->connections); i++)
        if (readers->connections[i].fd < 0)
            return &readers->connections[i];
    return NULL;
}

static int on_connect(sd_event_source *source, int listener, uint32_t events, void *userdata)
{
    struct readers *readers = userdata;
    struct connection *connection = connection_free_place(readers);
    CLEANUP(cleanup_fd) int fd = socket_accept(listener);
    uid_t uid = 0;

    (void)source;
    (void)events;
    if (fd < 0)
        return 0;
    if (!connection)
        return log_line(LOG_WARNING, LOG_ID_PEER_REFUSED,
                        "a program on %s was sent away: too many connections", READER_SOCKET_NAME);
    if (!socket_peer_allowed(fd, READERS_SERVICE_USER, &uid))
        return log_line(LOG_WARNING, LOG_ID_PEER_REFUSED,
                        "a program of uid %u on %s was sent away: readers run as %s", (unsigned)uid,
                        READER_SOCKET_NAME, READERS_SERVICE_USER);
    if (sd_event_add_io(readers->event, &connection->source, fd, EPOLLIN, on_message, connection) <
        0)
        return 0;
    (void)sd_event_source_set_priority(connection->source, PRIORITY_READER);
    connection->fd = TAKE_FD(fd);
    return 0;
}

int readers_new(const struct config *config, sd_event *event, int listener,
                const struct readers_calls *calls, void *userdata, struct readers **ret)
{
    CLEANUP(cleanup_readers) struct readers *readers = calloc(1, sizeof(*readers));
    int r;

    if (!readers) {
        (void)fd_close(listener);
        return -ENOMEM;
    }
    readers->event = event;
    readers->listener = listener;
    readers->calls = calls;
    readers->userdata = userdata;
    readers->n = config->n_readers;
    for (size_t i = 0; i < ELEMENTSOF(readers->connections); i++)
        readers->connections[i] =
            (struct connection){.readers = readers, .reader = NO_READER, .fd = -1};
    for (size_t i = 0; i < readers->n; i++)
        readers->reader[i] = (struct site_reader){
            .config = &config->readers[i], .changed_at = time_wall(), .heard_at = time_monotonic()};
    r = sd_event_add_io(event, &readers->listening, listener, EPOLLIN, on_connect, readers);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(readers);
    return 0;
}

struct readers *readers_free(struct readers *readers)
{
    if (!readers)
        return NULL;
    for (size_t i = 0; i < ELEMENTSOF(readers->connections); i++)
        if (readers->connections[i].fd >= 0)
            connection_close(&readers->connections[i]);
    sd_event_source_disable_unref(readers->listening);
    (void)fd_close(readers->listener);
    free(readers);
    return NULL;
}

size_t readers_count(const struct readers *readers)
{
    return readers->n;
}

void readers_view(const struct readers *readers, size_t i, struct reader_view *ret)
{
    const struct site_reader *reader = &readers->reader[i];

    *ret = (struct reader_view){reader->config->name, reader->state, reader->tried,
                                reader->changed_at};
}

void readers_answer(struct readers *readers, size_t i, uint64_t presentation,
                    enum reader_outcome outcome)
{
    struct reader_answer answer = {
        .header = MESSAGE_HEADER(READER_ANSWER, struct reader_answer),
        .presentation = presentation,
        .outcome = outcome,
    };
    struct connection *connection = readers->reader[i].connection;

    if (connection && socket_send(connection->fd, &answer, sizeof(answer)) < 0)
        connection_close(connection);
}

void readers_tick(struct readers *readers)
{
    usec_t now = time_monotonic();

    for (size_t i = 0; i < readers->n; i++) {
        struct site_reader *reader = &readers->reader[i];

        if (reader->connection && now - reader->connected_at >= READERS_SETTLED)
            reader->ends = 0;
        reader_judge(readers, i);
    }
}
