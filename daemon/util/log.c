/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/log.h"

#include <stdarg.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#define LINE_SIZE   1024
#define FIELD_SIZE  256
#define FIELDS_MOST 8

/* Where lines go is a property of the process, decided once by main(): the one static of the house.
 */
static struct {
    const char *program;
    bool to_journal;
} log_sink = {.program = "cantine"};

void log_open(const char *program)
{
    log_sink.program = program;
    log_sink.to_journal = getenv("JOURNAL_STREAM") != NULL;
    setlinebuf(stderr);
}

static void send_to_journal(int priority, const char *message_id, const char *const *fields,
                            const char *line)
{
    char text[FIELDS_MOST][FIELD_SIZE], message[LINE_SIZE + 16], level[16], id[64], name[64];
    struct iovec iov[FIELDS_MOST + 4];
    int n = 0;

#define ADD(buffer, ...)                                                                           \
    do {                                                                                           \
        (void)snprintf(buffer, sizeof(buffer), __VA_ARGS__);                                       \
        iov[n++] = (struct iovec){.iov_base = (buffer), .iov_len = strlen(buffer)};                \
    } while (0)
    ADD(message, "MESSAGE=%s", line);
    ADD(level, "PRIORITY=%d", priority);
    ADD(name, "SYSLOG_IDENTIFIER=%s", log_sink.program);
    if (message_id)
        ADD(id, "MESSAGE_ID=%s", message_id);
    for (int i = 0; fields && fields[2 * i] && i < FIELDS_MOST; i++)
        ADD(text[i], "%s=%s", fields[2 * i], fields[2 * i + 1] ? fields[2 * i + 1] : "");
#undef ADD
    (void)sd_journal_sendv(iov, n);
}

static void log_valist(int priority, const char *message_id, const char *const *fields,
                       const char *format, va_list args)
{
    char line[LINE_SIZE];

    (void)vsnprintf(line, sizeof(line), format, args);
    if (log_sink.to_journal)
        send_to_journal(priority, message_id, fields, line);
    else
        (void)fprintf(stderr, "%s: %s\n", log_sink.program, line);
}

int log_line(int priority, const char *message_id, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_valist(priority, message_id, NULL, format, args);
    va_end(args);
    return 0;
}

int log_fields(int priority, const char *message_id, const char *const *fields, const char *format,
               ...)
{
    va_list args;

    va_start(args, format);
    log_valist(priority, message_id, fields, format, args);
    va_end(args);
    return 0;
}
