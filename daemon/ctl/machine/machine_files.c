/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the machine's files, below its root. */

#include "ctl/machine/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/syscall.h>

#define TRIES_MOST 1000 /* to open a file while others are renamed */

/* systemd's folders, the one that counts most first (systemd.unit(5), "Unit File Load Path"). */
static const char *const settings_folders[] = {
    "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd"};

int machine_open_file(const struct machine *machine, const char *path, int flags)
{
    struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    long fd = -1;

    if (machine->is_this) {
        fd = open(path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : (int)fd;
    }
    /* A ".." is refused while anything at all is renamed or mounted on this computer: ask again. */
    for (int i = 0; i < TRIES_MOST; i++) {
        fd = syscall(SYS_openat2, machine->root, path, &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd < 0 ? -errno : (int)fd;
}

/* Writes the path; false if it is too long. */
PRINTF(2, 0)
static bool path_write(char ret[static MACHINE_PATH_SIZE], const char *format, va_list args)
{
    int n = vsnprintf(ret, MACHINE_PATH_SIZE, format, args);

    return n >= 0 && n < MACHINE_PATH_SIZE;
}

/* The descriptor of the path that `format` writes; sets `fd`. */
#define OPEN_WRITTEN(fd, machine, format, flags)                                                   \
    do {                                                                                           \
        char _path[MACHINE_PATH_SIZE];                                                             \
        va_list _args;                                                                             \
                                                                                                   \
        va_start(_args, format);                                                                   \
        (fd) = path_write(_path, format, _args) ? machine_open_file(machine, _path, flags)         \
                                                : -ENAMETOOLONG;                                   \
        va_end(_args);                                                                             \
    } while (false)

/* The bytes of a regular file (those of /proc are such, with a size of 0), with a NUL after them.
 */
static int bytes_read(int fd, char **ret)
{
    CLEANUP(cleanup_free) char *bytes = malloc(MACHINE_FILE_MOST + 1);
    struct stat file;
    size_t n = 0;
    ssize_t r;

    if (!bytes)
        return -ENOMEM;
    if (fstat(fd, &file) < 0)
        return -errno;
    if (!S_ISREG(file.st_mode))
        return -EINVAL;
    while ((r = read(fd, bytes + n, MACHINE_FILE_MOST - n)) != 0) {
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -errno;
        n += (size_t)r;
    }
    bytes[n] = '\0';
    *ret = realloc(TAKE_PTR(bytes), n + 1);
    return *ret ? 0 : -ENOMEM;
}

int machine_read(const struct machine *machine, char **ret, const char *path, ...)
{
    CLEANUP(cleanup_fd) int fd = -1;
    int r;

    OPEN_WRITTEN(r, machine, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (r < 0)
        return r;
    fd = r;
    return bytes_read(fd, ret);
}

int machine_stat(const struct machine *machine, struct stat *ret, const char *path, ...)
{
    CLEANUP(cleanup_fd) int fd = -1;
    int r;

    OPEN_WRITTEN(r, machine, path, O_PATH);
    if (r < 0)
        return r;
    fd = r;
    return fstat(fd, ret) < 0 ? -errno : 0;
}

bool machine_has(const struct machine *machine, const char *path, ...)
{
    int fd;

    OPEN_WRITTEN(fd, machine, path, O_PATH | O_NOFOLLOW);
    (void)fd_close(fd);
    return fd >= 0;
}

bool machine_is_link(const struct machine *machine, const char *target, const char *path, ...)
{
    CLEANUP(cleanup_fd) int fd = -1;
    char link[MACHINE_PATH_SIZE];
    ssize_t n;

    OPEN_WRITTEN(fd, machine, path, O_PATH | O_NOFOLLOW);
    n = fd < 0 ? -1 : readlinkat(fd, "", link, sizeof(link));
    return n == (ssize_t)strlen(target) && strncmp(link, target, (size_t)n) == 0;
}

/* Where the descriptor's file lies, seen from this process. */
static bool fd_path(int fd, char ret[static MACHINE_PATH_SIZE])
{
    char link[32];
    ssize_t n;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, ret, MACHINE_PATH_SIZE - 1);
    if (n < 0)
        return false;
    ret[n] = '\0';
    return true;
}

void machine_resolve(const struct machine *machine, const char *path,
                     char ret[static MACHINE_PATH_SIZE])
{
    CLEANUP(cleanup_fd) int fd = machine_open_file(machine, path, O_PATH);
    char whole[MACHINE_PATH_SIZE], root[MACHINE_PATH_SIZE];
    size_t n;

    (void)snprintf(ret, MACHINE_PATH_SIZE, "%s", path);
    if (fd < 0 || !fd_path(fd, whole) || !fd_path(machine->root, root))
        return;
    n = streq(root, "/") ? 0 : strlen(root);
    if (strncmp(whole, root, n) == 0 && whole[n] == '/')
        (void)snprintf(ret, MACHINE_PATH_SIZE, "%s", whole + n);
}

/* --- folders ---------------------------------------------------------------------------------- */

static int names_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void machine_list(const struct machine *machine, struct names *ret, const char *path, ...)
{
    const struct dirent *entry;
    DIR *folder;
    int fd;

    ret->n = 0;
    OPEN_WRITTEN(fd, machine, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return;
    folder = fdopendir(fd);
    if (!folder) {
        (void)close(fd);
        return;
    }
    while (ret->n < MACHINE_NAMES_MOST && (entry = readdir(folder))) {
        char *name = entry->d_name[0] == '.' ? NULL : strdup(entry->d_name);

        if (name)
            ret->items[ret->n++] = name;
    }
    (void)closedir(folder);
    qsort(ret->items, ret->n, sizeof(ret->items[0]), names_compare);
}

void names_done(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    names->n = 0;
}

/* --- systemd's settings ----------------------------------------------------------------------- */

static void file_add(const struct machine *machine, FILE *stream, const char *path)
{
    CLEANUP(cleanup_free) char *text = NULL;

    if (machine_read(machine, &text, "%s", path) == 0)
        (void)fprintf(stream, "%s\n", text);
}

static bool is_setting(const char *name)
{
    size_t n = strlen(name);

    return n > strlen(".conf") && streq(name + n - strlen(".conf"), ".conf");
}

/* Adds the drop-in of this name from the folder that counts most. */
static void drop_in_add(const struct machine *machine, FILE *stream, const char *file,
                        const char *name)
{
    char path[MACHINE_PATH_SIZE];

    for (size_t i = 0; i < ELEMENTSOF(settings_folders); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s.d/%s", settings_folders[i], file, name);
        if (machine_has(machine, "%s", path)) {
            file_add(machine, stream, path);
            return;
        }
    }
}

static void drop_ins_add(const struct machine *machine, FILE *stream, const char *file)
{
    struct names all = {0};

    for (size_t i = 0; i < ELEMENTSOF(settings_folders); i++) {
        struct names names;

        machine_list(machine, &names, "%s/%s.d", settings_folders[i], file);
        for (size_t k = 0; k < names.n && all.n < MACHINE_NAMES_MOST; k++)
            if (is_setting(names.items[k]))
                all.items[all.n++] = TAKE_PTR(names.items[k]);
        names_done(&names);
    }
    qsort(all.items, all.n, sizeof(all.items[0]), names_compare);
    for (size_t i = 0; i < all.n; i++)
        if (i == 0 || !streq(all.items[i], all.items[i - 1]))
            drop_in_add(machine, stream, file, all.items[i]);
    names_done(&all);
}

char *machine_settings(const struct machine *machine, const char *file)
{
    char path[MACHINE_PATH_SIZE], *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    for (size_t i = 0; i < ELEMENTSOF(settings_folders); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", settings_folders[i], file);
        if (machine_has(machine, "%s", path)) {
            file_add(machine, stream, path);
            break;
        }
    }
    drop_ins_add(machine, stream, file);
    if (fclose(stream) == EOF) {
        free(text);
        return NULL;
    }
    return text;
}
