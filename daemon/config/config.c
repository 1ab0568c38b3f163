/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"
#include "util/translate.h"

#include "config/reading.h"

#include <dirent.h>
#include <errno.h>
#include <ini.h>

#define EXAMPLE "/usr/share/cantine/cantine.conf" /* where `make install` puts it */

static void reading_done(struct reading *reading)
{
    lines_done(&reading->lines);
    (void)config_free(reading->config);
}

static const char *line_mistake(enum line_state state)
{
    switch (state) {
    case LINE_TOO_LONG:
        return N_("is too long: write at most 1024 bytes in a line");
    case LINE_CONTROL:
        return N_("holds a control character: write plain text");
    case LINE_NOT_UTF8:
        return N_("is not UTF-8: save the file in that encoding");
    case LINE_END:
    case LINE_GOOD:
        break;
    }
    return NULL;
}
_Static_assert(CONFIG_LINE_MOST == 1024, "line_mistake() says so");

/*
 * Hands inih the next line (an ini_reader). Sections are taken out here: inih doesn't report an
 * empty one, and cuts long names. An indented line, which inih would append to the value before it,
 * and what isn't text are reported and handed on as an empty line.
 */
static char *next_line(char *ret, int size, void *stream)
{
    struct reading *reading = stream;
    enum line_state state = lines_next(&reading->lines, ret, (size_t)size);
    const char *mistake = line_mistake(state);
    size_t indent = strspn(ret, " \t");

    if (state == LINE_END)
        return NULL;
    if (mistake) {
        config_errors_add(reading->errors, reading_place(reading), "%s", mistake);
    } else if (indent > 0 && !strchr(";#", ret[indent])) {
        /* strchr() finds the end of an empty line too */
        config_errors_add(
            reading->errors, reading_place(reading),
            "begins with a space: write each KEY=VALUE in one line, at its beginning");
        ret[0] = '\0';
    } else if (ret[0] == '[') {
        section_open(reading, ret);
        ret[0] = '\0';
    }
    return ret;
}

/* An ini_handler; inih's section is always empty here. Non-zero = go on. */
static int next_key(void *user, const char *section, const char *name, const char *value)
{
    (void)section;
    section_key(user, name, value);
    return 1;
}

/* Debian builds inih so that its users can set its limits at run time (ini.h). */
static void ini_prepare(void)
{
    ini_max_line = CONFIG_LINE_MOST + 1; /* that next_line() may fill, with the NUL */
    ini_allow_no_value = true;           /* next_key() reports them, each with its line */
    ini_stop_on_first_error = false;
    ini_use_stack = true;
}

static void file_report(struct reading *reading, const char *path, int error)
{
    struct place whole = {path, 0};
    const char *what = error == -EINVAL  ? _("Not a regular file")
                       : error == -EFBIG ? _("Longer than 256 KiB")
                                         : strerror(-error);

    if (reading->config->n_files > 1)
        config_errors_add(reading->errors, whole,
                          "cannot be read: %s: let this program's user read it, or remove it",
                          what);
    else if (error == -ENOENT)
        config_errors_add(reading->errors, whole,
                          "cannot be read: %s: create it from %s or give --config FILE", what,
                          EXAMPLE);
    else
        config_errors_add(reading->errors, whole,
                          "cannot be read: %s: let this program's user read it, or give --config "
                          "FILE",
                          what);
}
_Static_assert(LINES_FILE_MOST == 256 * 1024, "file_report() says so");

/* Reads one file; mistakes in its text go to the errors alone. */
static int file_read(struct reading *reading, const char *path)
{
    struct config *config = reading->config;
    int r;

    config->files[config->n_files] = strdup(path);
    if (!config->files[config->n_files])
        return -ENOMEM;
    config->n_files++;
    if (config->n_files == 1)
        sections_begin(reading);
    reading->section = NULL;
    reading->refused = false;
    r = lines_open(path, &reading->lines);
    if (r < 0) {
        file_report(reading, path, r);
        return r;
    }
    r = ini_parse_stream(next_line, reading, next_key, reading);
    lines_done(&reading->lines);
    return r == -2 ? -ENOMEM : 0;
}

static int is_drop_in(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && n > 5 && streq(entry->d_name + n - 5, ".conf");
}

/* Not alphasort(), whose order depends on the locale. */
static int drop_in_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct drop_ins {
    struct dirent **entries;
    int n;
};

static void drop_ins_done(struct drop_ins *drop_ins)
{
    for (int i = 0; i < drop_ins->n; i++)
        free(drop_ins->entries[i]);
    free(drop_ins->entries);
}

static int drop_ins_read(struct reading *reading, const char *path)
{
    CLEANUP(cleanup_free) char *directory = NULL;
    CLEANUP(drop_ins_done) struct drop_ins drop_ins = {0};
    int r = 0;

    if (asprintf(&directory, "%s.d", path) < 0) {
        directory = NULL;
        return -ENOMEM;
    }
    drop_ins.n = scandir(directory, &drop_ins.entries, is_drop_in, drop_in_order);
    if (drop_ins.n < 0) {
        r = -errno;
        if (r == -ENOENT)
            return 0;
        config_errors_add(reading->errors, (struct place){directory, 0},
                          "cannot be read: %s: let this program's user read it or remove it",
                          strerror(-r));
        return r;
    }
    if (drop_ins.n > CONFIG_DROP_INS_MOST) {
        config_errors_add(reading->errors, (struct place){directory, 0},
                          "holds %d files: keep at most %d", drop_ins.n, CONFIG_DROP_INS_MOST);
        return -E2BIG;
    }
    for (int i = 0; i < drop_ins.n && r >= 0; i++) {
        CLEANUP(cleanup_free) char *file = NULL;

        if (asprintf(&file, "%s/%s", directory, drop_ins.entries[i]->d_name) < 0) {
            file = NULL;
            return -ENOMEM;
        }
        r = file_read(reading, file);
    }
    return r;
}

/* Reads all files, then what none of them says, then what must fit together. */
static int reading_run(struct reading *reading, const char *path)
{
    int r;

    reading->config = calloc(1, sizeof(*reading->config));
    if (!reading->config)
        return -ENOMEM;
    ini_prepare();
    r = file_read(reading, path);
    if (r >= 0)
        r = drop_ins_read(reading, path);
    if (r < 0)
        return r;
    sections_complete(reading);
    relations_check(reading);
    return reading->errors->n > 0 || reading->errors->left_out > 0 ? -EINVAL : 0;
}

int config_load(const char *path, struct config **ret, struct config_errors *errors)
{
    CLEANUP(reading_done) struct reading reading = {.errors = errors};
    int r = reading_run(&reading, path);

    if (r < 0) {
        if (errors->n == 0)
            config_errors_add(errors, (struct place){path, 0},
                              "cannot be read: %s: free some memory and try again", strerror(-r));
        return r;
    }
    if (!reading.config->site.name[0])
        (void)snprintf(reading.config->site.name, sizeof(reading.config->site.name), "%s",
                       reading.config->site.id);
    *ret = TAKE_PTR(reading.config);
    return 0;
}

struct config *config_free(struct config *config)
{
    if (!config)
        return NULL;
    for (size_t i = 0; i < config->n_files; i++)
        free(config->files[i]);
    free(config);
    return NULL;
}

const struct config_reader *config_reader(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_readers; i++)
        if (streq(config->readers[i].name, name))
            return &config->readers[i];
    return NULL;
}

const struct config_door *config_door(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_doors; i++)
        if (streq(config->doors[i].name, name))
            return &config->doors[i];
    return NULL;
}

void config_device_path(const char *connection, char ret[static CONFIG_TEXT_SIZE])
{
    const char *path = strchr(connection, ':');
    int n = path && path[1] == '/' ? (int)strcspn(path + 1, ":") : 0;

    (void)snprintf(ret, CONFIG_TEXT_SIZE, "%.*s", n, n ? path + 1 : "");
}
