/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One order, one answer. See client.h.
 */
#include "virtual/client.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "util/macro.h"
#include "virtual/control.h"

static int client_complain(int status, const char *what)
{
    fprintf(stderr, "cantine-virtual-reader: %s\n", what);
    return status;
}

/* Joins the words into one line. Blanks within a word, as in "04 A1 B2", mean nothing and would
 * look like the word's end. False if the line is too long. */
static bool line_join(int count, char *const words[], char line[static ORDER_LINE_MAX])
{
    size_t length = 0;

    for (int i = 0; i < count; i++) {
        for (const char *c = words[i]; *c; c++) {
            if (isspace((unsigned char)*c))
                continue;
            if (length + 3 > ORDER_LINE_MAX)
                return false;
            line[length++] = *c;
        }
        line[length++] = i + 1 < count ? ' ' : '\n';
        if (length + 2 > ORDER_LINE_MAX)
            return false;
    }
    line[length] = '\0';
    return true;
}

/* Reads up to the end of the line; false if the reader hangs up before. */
static bool line_receive(int fd, char *line, size_t size)
{
    size_t length = 0;

    while (length + 1 < size) {
        ssize_t n = recv(fd, line + length, size - length - 1, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        length += (size_t)n;
        if (line[length - 1] == '\n') {
            line[length - 1] = '\0';
            return true;
        }
    }
    return false;
}

int client_order(const char *socket, int count, char *const words[])
{
    CLEANUP(cleanup_fd) int fd = -1;
    char line[ORDER_LINE_MAX], answer[ORDER_ANSWER_MAX + 1];

    if (!line_join(count, words, line))
        return client_complain(2, "the command is too long: see --help");
    fd = control_connect(socket);
    if (fd < 0) {
        fprintf(
            stderr,
            "cantine-virtual-reader: cannot reach a reader at %s (%s): start one with serve, or "
            "name its socket with --control\n",
            socket, strerror(-fd));
        return 1;
    }
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 || !line_receive(fd, answer, sizeof(answer)))
        return client_complain(1, "the reader hung up: see whether it is still running");

    if (starts_with(answer, "ok ")) {
        puts(answer + strlen("ok "));
        return 0;
    }
    if (starts_with(answer, "usage "))
        return client_complain(2, answer + strlen("usage "));
    if (starts_with(answer, "failed "))
        return client_complain(1, answer + strlen("failed "));
    return client_complain(1,
                           "no sensible answer: is this the control socket of a virtual reader?");
}
