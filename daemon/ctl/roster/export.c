/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * `cantinectl export`: the members as a list that a French spreadsheet opens rightly by a double
 * click - UTF-8 with its mark, semicolons, CR LF - and that `cantinectl import` takes back without
 * a change. The file appears whole or not at all, and only its owner may read it.
 */

#include "ctl/ctl.h"
#include "ctl/roster/csv_cell.h"
#include "ctl/shown.h"
#include "store/edit_import.h"
#include "util/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define MARK "\xEF\xBB\xBF" /* U+FEFF in UTF-8 */

struct exporting {
    FILE *stream;
    char separator;
    bool badges;
    size_t n_members, n_badges;
};

/* --- the list --------------------------------------------------------------------------------- */

/* Writes the badges' numbers with colons, which no spreadsheet takes for a number of its own. */
static void badges_write(struct exporting *exporting, const char *uids)
{
    CLEANUP(cleanup_free) char *text = calloc(strlen(uids) + 1, 2);
    char *end = text;

    for (size_t digits = 0; text && *uids; uids++) {
        if (*uids == ' ') {
            end = stpcpy(end, ", ");
            digits = 0;
            continue;
        }
        exporting->n_badges += digits == 0;
        if (digits > 0 && digits % 2 == 0)
            *end++ = ':';
        *end++ = *uids;
        digits++;
    }
    if (text)
        csv_cell_write(exporting->stream, text, exporting->separator);
}

static void titles_write(struct exporting *exporting)
{
    (void)fputs(MARK "id", exporting->stream);
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++)
        (void)fprintf(exporting->stream, "%c%s", exporting->separator, import_column_names[i]);
    if (exporting->badges)
        (void)fprintf(exporting->stream, "%cbadges", exporting->separator);
    (void)fputs("\r\n", exporting->stream);
}

static int member_write(void *userdata, const struct export_row *row)
{
    struct exporting *exporting = userdata;

    (void)fprintf(exporting->stream, "%lld", (long long)row->id);
    for (size_t i = 0; i < IMPORT_COLUMN_COUNT; i++) {
        (void)fputc(exporting->separator, exporting->stream);
        csv_cell_write(exporting->stream, row->cells[i], exporting->separator);
    }
    if (exporting->badges) {
        (void)fputc(exporting->separator, exporting->stream);
        badges_write(exporting, row->badges);
    }
    (void)fputs("\r\n", exporting->stream);
    exporting->n_members++;
    return ferror(exporting->stream) ? -EIO : 0;
}

/* --- the file --------------------------------------------------------------------------------- */

/* Who runs sudo owns the file that they asked for. */
static void owner_set(int fd)
{
    const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");

    if (geteuid() == 0 && uid && gid)
        (void)!fchown(fd, (uid_t)strtoul(uid, NULL, 10), (gid_t)strtoul(gid, NULL, 10));
}

static enum outcome unwritable(const char *path, int error)
{
    if (error == EEXIST)
        return complain("%.200s is there already: give another name, or --force to replace it",
                        path);
    return complain("%.200s can't be written: %s: give the path of a file in a folder of yours",
                    path, strerror(error));
}

/* Puts the finished file where it belongs; what was there is only replaced if `force` says so. */
static int file_place(const char *temporary, const char *path, bool force)
{
    if (force)
        return rename(temporary, path) < 0 ? -errno : 0;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL) /* a file system that doesn't know this */
        return -errno;
    if (access(path, F_OK) == 0)
        return -EEXIST;
    return rename(temporary, path) < 0 ? -errno : 0;
}

/* Flushes the folder, so that the name outlives a power cut too. */
static void folder_sync(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    CLEANUP(cleanup_fd) int fd = -1;

    (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
                   slash ? path : ".");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

/* Writes the list; false after saying why not. */
static bool list_write(struct ctl *ctl, struct exporting *exporting, const char *path)
{
    int r;

    titles_write(exporting);
    r = edit_export(ctl->records, member_write, exporting);
    if (r < 0 && !ferror(exporting->stream))
        (void)complain("%s", edit_error(ctl->records));
    else if (r < 0 || fflush(exporting->stream) == EOF)
        (void)unwritable(path, errno);
    else
        return true;
    return false;
}

static bool temporary_write(struct ctl *ctl, struct exporting *exporting, const char *path,
                            const char *temporary, int fd)
{
    CLEANUP(cleanup_file) FILE *stream = fdopen(fd, "w");
    int r;

    if (!stream) {
        (void)close(fd);
        (void)unwritable(path, ENOMEM);
        return false;
    }
    owner_set(fd);
    exporting->stream = stream;
    if (!list_write(ctl, exporting, path))
        return false;
    if (fsync(fd) < 0) {
        (void)unwritable(path, errno);
        return false;
    }
    r = file_place(temporary, path, option_value(&ctl->invocation, "force"));
    if (r < 0)
        (void)unwritable(path, -r);
    return r == 0;
}

static bool file_write(struct ctl *ctl, struct exporting *exporting, const char *path)
{
    bool force = option_value(&ctl->invocation, "force");
    char temporary[PATH_MAX];
    struct stat there;
    int fd;

    if (lstat(path, &there) == 0 && !force)
        return unwritable(path, EEXIST) == OUTCOME_DONE;
    if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode)) { /* /dev/null would be replaced */
        (void)complain("%.200s is no file: give the path of one, or - for the standard output",
                       path);
        return false;
    }
    if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
        return unwritable(path, ENAMETOOLONG) == OUTCOME_DONE;
    fd = mkostemp(temporary, O_CLOEXEC); /* 0600: what a list of people deserves */
    if (fd < 0)
        return unwritable(path, errno) == OUTCOME_DONE;
    if (!temporary_write(ctl, exporting, path, temporary, fd)) {
        (void)unlink(temporary);
        return false;
    }
    folder_sync(path);
    return true;
}

/* --- the command ------------------------------------------------------------------------------ */

/* Reads --separator; '\0' after saying what is wrong with it. */
static char separator_read(const struct invocation *invocation)
{
    static const struct {
        const char *word;
        char separator;
    } words[] = {{"semicolon", ';'}, {"comma", ','}, {"tab", '\t'}, {";", ';'}, {",", ','}};
    const char *given = option_value(invocation, "separator");

    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (!given || streq(words[i].word, given))
            return words[i].separator;
    (void)complain("“%.80s” is no separator: give semicolon, comma or tab", given);
    return '\0';
}

enum outcome export_members(struct ctl *ctl)
{
    const struct invocation *invocation = &ctl->invocation;
    const char *path = invocation->arguments[0];
    bool to_stdout = streq(path, "-");
    struct exporting exporting = {.stream = stdout,
                                  .separator = separator_read(invocation),
                                  .badges = option_value(invocation, "badges")};
    CLEANUP(cleanup_json) json_t *told = NULL;

    if (!exporting.separator)
        return OUTCOME_MISUSED;
    if (to_stdout && invocation->json) {
        (void)complain(
            "a list of commas is no JSON: give a file, or `cantinectl --json member list`");
        return OUTCOME_MISUSED;
    }
    if (!ctl_records(ctl))
        return OUTCOME_FAILED;
    if (!(to_stdout ? list_write(ctl, &exporting, path) : file_write(ctl, &exporting, path)))
        return OUTCOME_FAILED;
    if (exporting.n_badges > 0)
        caution("whoever has the numbers of badges can copy them: delete the list when it isn't "
                "needed any more");
    if (to_stdout)
        return OUTCOME_DONE;
    told = json_pack("{s:s, s:I, s:I}", "file", path, "members", (json_int_t)exporting.n_members,
                     "badges", (json_int_t)exporting.n_badges);
    if (invocation->json && told)
        json_print(told);
    else
        shown_print(stdout,
                    ngettext("%.200s: %zu member", "%.200s: %zu members", exporting.n_members),
                    path, exporting.n_members);
    return OUTCOME_DONE;
}
