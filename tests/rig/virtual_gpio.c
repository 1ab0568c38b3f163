/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "virtual_gpio.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OPEN_MOST 64
#define CHIP_PATH "/dev/gpiochip"

/* What the program has open: a chip, or a line of it (line >= 0). */
struct opened {
    int fd; /* 0 = nothing */
    int number, line;
    struct virtual_chip *chip;
};

static struct opened opened[OPEN_MOST];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static struct opened *opened_find(int fd)
{
    for (size_t i = 0; fd > 0 && i < OPEN_MOST; i++)
        if (opened[i].fd == fd)
            return &opened[i];
    return NULL;
}

/* Takes the descriptor over; `chip_fd` is the chip's, of which each has its own map. */
static int opened_add(int fd, int number, int line, int chip_fd)
{
    void *chip =
        mmap(NULL, sizeof(struct virtual_chip), PROT_READ | PROT_WRITE, MAP_SHARED, chip_fd, 0);

    for (size_t i = 0; chip != MAP_FAILED && i < OPEN_MOST; i++)
        if (opened[i].fd == 0) {
            opened[i] = (struct opened){fd, number, line, chip};
            return fd;
        }
    abort();
}

static void path_of(int number, int line, char ret[static 4096])
{
    const char *directory = getenv(VIRTUAL_GPIO_DIRECTORY);

    if (line < 0)
        (void)snprintf(ret, 4096, "%s/gpiochip%d", directory, number);
    else
        (void)snprintf(ret, 4096, "%s/edges.%d.%d", directory, number, line);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int chip_open(int number)
{
    char path[4096];
    int fd;

    path_of(number, -1, path);
    fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    return fd < 0 ? -1 : opened_add(fd, number, -1, fd);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* A process that was killed holds nothing any more. */
static bool line_free(const struct virtual_line *line)
{
    if (line->kept)
        return false;
    return !line->consumer[0] || (line->holder && kill((pid_t)line->holder, 0) < 0);
}

static void drive(struct virtual_chip *chip, uint32_t number, bool active)
{
    struct virtual_line *line = &chip->lines[number];
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    line->level = active != (line->active_low != 0);
    chip->changes[chip->n_changes % VIRTUAL_CHANGES_MOST] = (struct virtual_change){
        (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000, number, line->level};
    __atomic_add_fetch(&chip->n_changes, 1, __ATOMIC_RELEASE);
}

/* Edges come through a FIFO, as struct gpio_v2_line_event. */
static int line_descriptor(const struct opened *chip, uint32_t number, bool output)
{
    char path[4096];

    if (output)
        return REAL(open)("/dev/null", O_RDONLY | O_CLOEXEC);
    path_of(chip->number, (int)number, path);
    (void)unlink(path);
    if (mkfifo(path, 0600) < 0)
        return -1;
    return REAL(open)(path, O_RDWR | O_CLOEXEC);
}

static int line_request(const struct opened *chip, struct gpio_v2_line_request *request)
{
    const struct gpio_v2_line_config *config = &request->config;
    struct virtual_line *line = &chip->chip->lines[request->offsets[0]];
    bool output = config->flags & GPIO_V2_LINE_FLAG_OUTPUT, active = false;
    int fd;

    if (request->num_lines != 1 || request->offsets[0] >= chip->chip->n_lines ||
        output == !!(config->flags & GPIO_V2_LINE_FLAG_INPUT))
        return fail(EINVAL);
    if (!line_free(line))
        return fail(EBUSY);
    if (!output && chip->chip->edgeless)
        return fail(ENXIO);
    fd = line_descriptor(chip, request->offsets[0], output);
    if (fd < 0)
        return -1;
    memcpy(line->consumer, request->consumer, sizeof(line->consumer));
    line->holder = (uint32_t)getpid();
    line->output = output;
    line->active_low = (config->flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0;
    line->debounce = line->seqno = 0;
    for (uint32_t i = 0; i < config->num_attrs; i++)
        if (config->attrs[i].attr.id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE)
            line->debounce = config->attrs[i].attr.debounce_period_us;
        else
            active = config->attrs[i].attr.values & 1;
    if (output)
        drive(chip->chip, request->offsets[0], active);
    request->fd = opened_add(fd, chip->number, (int)request->offsets[0], chip->fd);
    return 0;
}

static int line_describe(const struct virtual_chip *chip, struct gpio_v2_line_info *info)
{
    const struct virtual_line *line = &chip->lines[info->offset];

    if (info->offset >= chip->n_lines)
        return fail(EINVAL);
    memcpy(info->name, line->name, sizeof(info->name));
    if (line_free(line))
        return 0;
    memcpy(info->consumer, line->consumer, sizeof(info->consumer));
    info->flags = GPIO_V2_LINE_FLAG_USED;
    return 0;
}

static int chip_ioctl(const struct opened *chip, unsigned long request, void *argument)
{
    struct gpiochip_info *info = argument;

    switch (request) {
    case GPIO_GET_CHIPINFO_IOCTL:
        (void)snprintf(info->name, sizeof(info->name), "gpiochip%d", chip->number);
        memcpy(info->label, chip->chip->label, sizeof(info->label));
        info->lines = chip->chip->n_lines;
        return 0;
    case GPIO_V2_GET_LINEINFO_IOCTL:
        return line_describe(chip->chip, argument);
    case GPIO_V2_GET_LINE_IOCTL:
        return line_request(chip, argument);
    }
    return fail(EINVAL);
}

static int line_ioctl(const struct opened *held, unsigned long request,
                      struct gpio_v2_line_values *values)
{
    const struct virtual_line *line = &held->chip->lines[held->line];

    switch (request) {
    case GPIO_V2_LINE_GET_VALUES_IOCTL:
        values->bits = line->level != line->active_low;
        return 0;
    case GPIO_V2_LINE_SET_VALUES_IOCTL:
        if (!line->output)
            return fail(EPERM);
        drive(held->chip, (uint32_t)held->line, values->bits & 1);
        return 0;
    }
    return fail(EINVAL);
}

/* --- what the program calls ------------------------------------------------------------------- */

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list args;

        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    if (strncmp(path, CHIP_PATH, strlen(CHIP_PATH)) == 0)
        return chip_open(atoi(path + strlen(CHIP_PATH)));
    return REAL(open)(path, flags, mode);
}

int scandir(const char *directory, struct dirent ***ret, int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
    if (strcmp(directory, "/dev") == 0)
        directory = getenv(VIRTUAL_GPIO_DIRECTORY);
    return REAL(scandir)(directory, ret, filter, compare);
}

int ioctl(int fd, unsigned long request, ...)
{
    const struct opened *held = opened_find(fd);
    va_list args;
    void *argument;

    va_start(args, request);
    argument = va_arg(args, void *);
    va_end(args);
    if (!held)
        return REAL(ioctl)(fd, request, argument);
    if (held->chip->gone)
        return fail(ENODEV);
    return held->line < 0 ? chip_ioctl(held, request, argument)
                          : line_ioctl(held, request, argument);
}

ssize_t read(int fd, void *buffer, size_t size)
{
    const struct opened *held = opened_find(fd);

    if (held && held->chip->gone)
        return fail(ENODEV);
    return REAL(read)(fd, buffer, size);
}

/* Who gives a line back leaves its level on the wire. */
int close(int fd)
{
    struct opened *held = opened_find(fd);

    if (held) {
        if (held->line >= 0)
            held->chip->lines[held->line].consumer[0] = '\0';
        (void)munmap(held->chip, sizeof(*held->chip));
        held->fd = 0;
    }
    return REAL(close)(fd);
}

/* --- what a unit test does -------------------------------------------------------------------- */

struct virtual_chip *virtual_chip_plug(int number, const char *label, unsigned lines)
{
    char path[4096];
    struct virtual_chip *chip;
    int fd;

    path_of(number, -1, path);
    fd = REAL(open)(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(*chip)) < 0)
        abort();
    chip = mmap(NULL, sizeof(*chip), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (chip == MAP_FAILED)
        abort();
    (void)REAL(close)(fd);
    (void)snprintf(chip->label, sizeof(chip->label), "%s", label);
    chip->n_lines = lines;
    return chip;
}

void virtual_chip_unplug(int number, struct virtual_chip *chip)
{
    char path[4096];

    chip->gone = 1;
    path_of(number, -1, path);
    (void)unlink(path);
    (void)munmap(chip, sizeof(*chip));
}

void virtual_line_edge(int number, struct virtual_chip *chip, unsigned line, unsigned level,
                       unsigned skipped)
{
    struct virtual_line *wire = &chip->lines[line];
    struct gpio_v2_line_event edge = {.timestamp_ns = 1000000, .offset = line};
    char path[4096];
    int fd;

    wire->level = level;
    wire->seqno += skipped + 1;
    edge.line_seqno = edge.seqno = wire->seqno;
    edge.id = level != wire->active_low ? GPIO_V2_LINE_EVENT_RISING_EDGE
                                        : GPIO_V2_LINE_EVENT_FALLING_EDGE;
    path_of(number, (int)line, path);
    fd = REAL(open)(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, &edge, sizeof(edge)) != sizeof(edge))
        abort();
    (void)REAL(close)(fd);
}
