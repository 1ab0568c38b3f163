/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/machine/machine_text.h"

#define BLANKS    " \t\r\n"
#define LISTENING 0x0A /* include/net/tcp_states.h: TCP_LISTEN */

char *line_next(char **text)
{
    char *line = strsep(text, "\n"), *end;

    if (!line)
        return NULL;
    line += strspn(line, BLANKS);
    end = line + strlen(line);
    while (end > line && strchr(BLANKS, end[-1]))
        *--end = '\0';
    return line;
}

char *word_next(char **line)
{
    char *word;

    do
        word = strsep(line, BLANKS);
    while (word && !*word);
    return word;
}

bool line_begins(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, word, n) == 0 && (line[n] == '\0' || strchr(BLANKS, line[n])))
            return true;
    return false;
}

/* --- mounts ----------------------------------------------------------------------------------- */

/* Blanks and the like stand there as \040. */
static void octal_undo(char *text)
{
    char *end = text;

    for (; *text; end++) {
        if (*text == '\\' && strspn(text + 1, "01234567") >= 3) {
            *end = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
            text += 4;
        } else
            *end = *text++;
    }
    *end = '\0';
}

static bool option_given(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
        if (strncmp(p, name, n) == 0 && (p[n] == ',' || p[n] == '\0'))
            return true;
    return false;
}

/* How much of the path the mount point is, -1 if it lies elsewhere. */
static int mount_depth(const char *point, const char *path)
{
    size_t n = strlen(point);

    if (streq(point, "/"))
        return 0;
    return strncmp(point, path, n) == 0 && (path[n] == '/' || path[n] == '\0') ? (int)n : -1;
}

bool mount_of(const char *mounts, const char *path, struct mount *ret)
{
    CLEANUP(cleanup_free) char *copy = strdup(mounts);
    char *rest = copy, *line;
    int deepest = -1;

    while ((line = line_next(&rest))) {
        char *source = word_next(&line), *point = word_next(&line);
        char *kind = word_next(&line), *options = word_next(&line);
        int depth;

        if (!kind || !options)
            continue;
        octal_undo(point);
        depth = mount_depth(point, path);
        if (depth < deepest || depth < 0)
            continue;
        deepest = depth;
        (void)snprintf(ret->source, sizeof(ret->source), "%s", source);
        ret->read_only = option_given(options, "ro");
        ret->noatime = option_given(options, "noatime");
    }
    return deepest >= 0;
}

/* --- consoles --------------------------------------------------------------------------------- */

/* "ttyAMA0,115200" or "serial0" is the line, where only the boot file is known also by that name.
 */
static bool is_line(const char *value, const char *tty, bool is_file)
{
    size_t n = strcspn(value, ",");

    if (strlen(tty) == n && strncmp(value, tty, n) == 0)
        return true;
    return is_file && n == strlen("serial0") && starts_with(value, "serial0") &&
           (streq(tty, "ttyAMA0") || streq(tty, "ttyS0"));
}

bool console_on(const char *cmdline, const char *tty, bool is_file, char ret[static CONSOLE_SIZE])
{
    static const char *const keys[] = {"console=", "kgdboc="};
    CLEANUP(cleanup_free) char *copy = strdup(cmdline);
    char *rest = copy, *word;

    while ((word = word_next(&rest)))
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
            if (starts_with(word, keys[i]) && is_line(word + strlen(keys[i]), tty, is_file)) {
                (void)snprintf(ret, CONSOLE_SIZE, "%s", word);
                return true;
            }
    return false;
}

/* --- ports ------------------------------------------------------------------------------------ */

/* An address as /proc/net/tcp{,6} shows it: words of four bytes, each in the machine's order. */
static bool is_loopback(const char *address)
{
    size_t n = strlen(address);

    if (n == 8)
        return streq(address + 6, "7F");
    return streq(address, "00000000000000000000000001000000") ||
           (n == 32 && starts_with(address, "0000000000000000FFFF0000") &&
            streq(address + 30, "7F"));
}

bool port_listens(const char *table, unsigned port, bool *ret_far)
{
    CLEANUP(cleanup_free) char *copy = strdup(table);
    char *rest = copy, *line, address[40];
    unsigned its_port, state;
    bool found = false;

    while ((line = line_next(&rest))) {
        if (sscanf(line, "%*u: %39[0-9A-F]:%x %*[0-9A-F]:%*x %x", address, &its_port, &state) !=
                3 ||
            state != LISTENING || its_port != port)
            continue;
        found = true;
        *ret_far = *ret_far || !is_loopback(address);
    }
    return found;
}

/* --- settings --------------------------------------------------------------------------------- */

char *setting_next(char **text, const char *key)
{
    char *line;

    while ((line = line_next(text))) {
        char *value = strchr(line, '=');
        size_t n = value ? (size_t)(value - line) : 0;

        while (n > 0 && strchr(BLANKS, line[n - 1]))
            n--;
        if (n == strlen(key) && n > 0 && strncmp(line, key, n) == 0)
            return value + 1 + strspn(value + 1, BLANKS);
    }
    return NULL;
}

bool setting_last(const char *text, const char *key, char *ret, size_t size)
{
    CLEANUP(cleanup_free) char *copy = strdup(text);
    char *rest = copy, *value;
    bool found = false;

    for (; (value = setting_next(&rest, key)); found = true)
        (void)snprintf(ret, size, "%s", value);
    return found;
}
