/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The kernel's GPIO character devices, uAPI v2 (Documentation/userspace-api/gpio/chardev.rst; since
 * Linux 5.10). A chip is found by its label, which stays when the kernel counts its chips
 * otherwise; a line is taken with its direction and its first level in one request, so that there
 * is no moment with another level. The kernel gives the descriptor of a line close-on-exec
 * (drivers/gpio/gpiolib-cdev.c, linereq_create).
 */

#include "door/gpio.h"

#include "util/translate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#define DEVICES   "/dev"
#define CHIP_FILE "gpiochip" /* and its number: chardev.rst, "Chip" */
#define CONSUMER  "cantined" /* what others are told who ask for the line */
#define LINE_MOST 65535      /* more than any chip has */

struct gpio {
    int fd;
    uint32_t seqno; /* of the newest edge (struct gpio_v2_line_event, line_seqno) */
    bool active;    /* after it */
    bool lost;      /* there were edges that nobody has seen */
};

struct chip {
    int fd;
    uint32_t lines;
    char name[GPIO_MAX_NAME_SIZE];  /* "gpiochip0" */
    char label[GPIO_MAX_NAME_SIZE]; /* never empty: the name where there is none */
};

static struct chip chip_none(void)
{
    return (struct chip){.fd = -1};
}

static void cleanup_chip(struct chip *chip)
{
    chip->fd = fd_close(chip->fd);
}

/* Fills `error` and returns `r`. */
PRINTF(3, 4)
static int refuse(char error[static GPIO_ERROR_SIZE], int r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(error, GPIO_ERROR_SIZE, _(format), args);
    va_end(args);
    return r;
}

static int refuse_right(char error[static GPIO_ERROR_SIZE], int r, const char *path)
{
    return refuse(error, r,
                  "%.100s cannot be opened: give the user cantine the right to, and run this as "
                  "that user or as root",
                  path);
}

/* --- chips ------------------------------------------------------------------------------------ */

/* -ENOTTY for what is none (GPIO_GET_CHIPINFO_IOCTL). */
static int chip_open(const char *path, struct chip *ret)
{
    struct gpiochip_info info = {0};
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) < 0) {
        int r = errno == ENODEV ? -ENODEV : -ENOTTY;

        (void)close(fd);
        return r;
    }
    info.name[sizeof(info.name) - 1] = info.label[sizeof(info.label) - 1] = '\0';
    *ret = (struct chip){.fd = fd, .lines = info.lines};
    memcpy(ret->label, info.label[0] ? info.label : info.name, sizeof(ret->label));
    memcpy(ret->name, info.name, sizeof(ret->name));
    return 0;
}

static int chip_by_path(const char *path, struct chip *ret, char error[static GPIO_ERROR_SIZE])
{
    int r = chip_open(path, ret);

    if (r == 0)
        return 0;
    if (r == -ENOTTY || r == -EISDIR)
        return refuse(error, -ENODEV,
                      "%.100s is not a GPIO chip: write a chip's label, or /dev/gpiochip and its "
                      "number",
                      path);
    if (r == -EACCES || r == -EPERM)
        return refuse_right(error, r, path);
    return refuse(error, -ENODEV, "%.100s cannot be opened: %s: is the GPIO chip there?", path,
                  strerror(-r));
}

static int is_chip(const struct dirent *entry)
{
    return starts_with(entry->d_name, CHIP_FILE) && isdigit(entry->d_name[strlen(CHIP_FILE)]);
}

/* What a search came across, for those who must be told that it failed. */
struct search {
    char labels[GPIO_ERROR_SIZE / 2]; /* "pinctrl-rp1, gpio-brcmstb@107d508500" */
    bool forbidden;                   /* a chip that may not be opened */
};

static void search_remember(struct search *search, const char *label)
{
    size_t n = strlen(search->labels);

    (void)snprintf(search->labels + n, sizeof(search->labels) - n, "%s%s", n ? ", " : "", label);
}

/* Looks at one chip: 1 = it has the label (or the name), 0 = it hasn't. */
static int chip_match(const char *file, const char *label, struct search *search, struct chip *ret)
{
    CLEANUP(cleanup_chip) struct chip chip = chip_none();
    char path[sizeof(DEVICES) + 1 + NAME_MAX];
    int r;

    (void)snprintf(path, sizeof(path), DEVICES "/%s", file);
    r = chip_open(path, &chip);
    if (r < 0) {
        search->forbidden |= r == -EACCES || r == -EPERM;
        return 0;
    }
    if (!streq(chip.label, label) && !streq(chip.name, label)) {
        search_remember(search, chip.label);
        return 0;
    }
    *ret = chip;
    chip.fd = -1;
    return 1;
}

/* The first by number of those with this label. */
static int chip_by_label(const char *label, struct chip *ret, char error[static GPIO_ERROR_SIZE])
{
    struct search search = {0};
    struct dirent **entries = NULL;
    int n = scandir(DEVICES, &entries, is_chip, versionsort), found = 0;

    for (int i = 0; i < n; i++) {
        if (!found)
            found = chip_match(entries[i]->d_name, label, &search, ret);
        free(entries[i]);
    }
    free(entries);
    if (found)
        return 0;
    if (search.labels[0])
        return refuse(error, -ENODEV, "there is no GPIO chip “%.60s”: choose one of %s", label,
                      search.labels);
    if (search.forbidden)
        return refuse_right(error, -EACCES, DEVICES "/" CHIP_FILE "*");
    return refuse(error, -ENODEV,
                  "there is no GPIO chip “%.60s”, nor any other: is its driver loaded?", label);
}

/* --- lines ------------------------------------------------------------------------------------ */

static int line_ask(const struct chip *chip, uint32_t offset, struct gpio_v2_line_info *ret)
{
    *ret = (struct gpio_v2_line_info){.offset = offset};
    if (ioctl(chip->fd, GPIO_V2_GET_LINEINFO_IOCTL, ret) < 0)
        return -errno;
    ret->name[sizeof(ret->name) - 1] = ret->consumer[sizeof(ret->consumer) - 1] = '\0';
    return 0;
}

static int line_by_name(const struct chip *chip, const char *name, uint32_t *ret,
                        char error[static GPIO_ERROR_SIZE])
{
    for (uint32_t i = 0; i < chip->lines; i++) {
        struct gpio_v2_line_info info;

        if (*name && line_ask(chip, i, &info) == 0 && streq(info.name, name)) {
            *ret = i;
            return 0;
        }
    }
    return refuse(error, -ENOENT,
                  "%s has no line “%.60s”: write its name or number as gpioinfo shows it",
                  chip->label, name);
}

/* A text of digits is a number, anything else a name. */
static int line_find(const struct chip *chip, const char *line, uint32_t *ret,
                     char error[static GPIO_ERROR_SIZE])
{
    unsigned long number;

    if (!*line || line[strspn(line, "0123456789")])
        return line_by_name(chip, line, ret, error);
    number = strlen(line) > 5 ? LINE_MOST : strtoul(line, NULL, 10);
    if (number >= chip->lines)
        return refuse(error, -ENOENT, "%s has no line %.20s: its lines are 0 to %u", chip->label,
                      line, chip->lines ? chip->lines - 1 : 0);
    *ret = (uint32_t)number;
    return 0;
}

/* Says who has a line that the kernel doesn't give; `consumer` is empty where it doesn't say. */
static int line_taken(const struct chip *chip, const char *consumer, const char *line,
                      char error[static GPIO_ERROR_SIZE])
{
    if (!*consumer)
        return refuse(error, -EBUSY, "line %.60s of %s is in use: free it or choose another line",
                      line, chip->label);
    if (streq(consumer, CONSUMER))
        return refuse(
            error, -EBUSY,
            "line %.60s of %s is in use by “%s” for something else: give each its own line", line,
            chip->label, CONSUMER);
    return refuse(error, -EBUSY,
                  "line %.60s of %s is in use by “%s”: free it or choose another line", line,
                  chip->label, consumer);
}

/* GPIO_V2_GET_LINE_IOCTL: from here on nobody else drives the line. */
static int line_request(const struct chip *chip, uint32_t offset, const char *line,
                        const struct gpio_v2_line_config *config, struct gpio **ret,
                        char error[static GPIO_ERROR_SIZE])
{
    struct gpio_v2_line_request request = {
        .offsets = {offset}, .consumer = CONSUMER, .config = *config, .num_lines = 1};
    struct gpio *gpio = malloc(sizeof(*gpio));
    struct gpio_v2_line_info info;
    int r;

    if (!gpio)
        return refuse(error, -ENOMEM, "line %.60s of %s: %s", line, chip->label, strerror(ENOMEM));
    if (ioctl(chip->fd, GPIO_V2_GET_LINE_IOCTL, &request) == 0) {
        *gpio = (struct gpio){.fd = request.fd};
        *ret = gpio;
        return 0;
    }
    r = -errno;
    free(gpio);
    if (r == -EBUSY)
        return line_taken(chip, line_ask(chip, offset, &info) < 0 ? "" : info.consumer, line,
                          error);
    if (r == -ENXIO)
        return refuse(error, r, "line %.60s of %s cannot report edges: choose another line", line,
                      chip->label);
    if (config->flags & GPIO_V2_LINE_FLAG_OUTPUT)
        return refuse(error, r, "line %.60s of %s cannot be an output: %s: choose another line",
                      line, chip->label, strerror(-r));
    return refuse(error, r, "line %.60s of %s cannot be an input: %s: choose another line", line,
                  chip->label, strerror(-r));
}

/* Opens the chip and finds the line on it, which is not requested yet. */
static int line_locate(const struct gpio_wish *wish, struct chip *ret, uint32_t *ret_offset,
                       char error[static GPIO_ERROR_SIZE])
{
    int r = wish->chip[0] == '/' ? chip_by_path(wish->chip, ret, error)
                                 : chip_by_label(wish->chip, ret, error);

    return r < 0 ? r : line_find(ret, wish->line, ret_offset, error);
}

/* Flags and consumer of a line are told without having it: gpio-v2-get-lineinfo-ioctl.rst. */
int gpio_look(const struct gpio_wish *wish, struct gpio_spot *ret,
              char error[static GPIO_ERROR_SIZE])
{
    CLEANUP(cleanup_chip) struct chip chip = chip_none();
    struct gpio_v2_line_info info;
    uint32_t offset = 0;
    int r;

    r = line_locate(wish, &chip, &offset, error);
    if (r < 0)
        return r;
    r = line_ask(&chip, offset, &info);
    if (r < 0)
        return refuse(error, r, "line %.60s of %s cannot be asked for: %s: is its GPIO chip there?",
                      wish->line, chip.label, strerror(-r));
    if (info.flags & GPIO_V2_LINE_FLAG_USED && !streq(info.consumer, CONSUMER))
        return line_taken(&chip, info.consumer, wish->line, error);
    *ret = (struct gpio_spot){.line = offset};
    (void)snprintf(ret->chip, sizeof(ret->chip), "%s", chip.name);
    return 0;
}

static int gpio_new(const struct gpio_wish *wish, struct gpio_v2_line_config *config,
                    struct gpio **ret, char error[static GPIO_ERROR_SIZE])
{
    CLEANUP(cleanup_chip) struct chip chip = chip_none();
    uint32_t offset = 0;
    int r;

    if (wish->active_low)
        config->flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    r = line_locate(wish, &chip, &offset, error);
    if (r < 0)
        return r;
    /* Closing the chip has no effect on the line: gpio-v2-get-line-ioctl.rst, "Description". */
    return line_request(&chip, offset, wish->line, config, ret, error);
}

int gpio_output_new(const struct gpio_wish *wish, bool active, struct gpio **ret,
                    char error[static GPIO_ERROR_SIZE])
{
    struct gpio_v2_line_config config = {
        .flags = GPIO_V2_LINE_FLAG_OUTPUT,
        .num_attrs = 1,
        .attrs = {{.attr = {.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .values = active},
                   .mask = 1}},
    };

    return gpio_new(wish, &config, ret, error);
}

/* Debounced are both what is read and the edges: gpio-v2-get-line-ioctl.rst, "Configuration Rules".
 */
int gpio_input_new(const struct gpio_wish *wish, usec_t debounce, struct gpio **ret,
                   char error[static GPIO_ERROR_SIZE])
{
    struct gpio_v2_line_config config = {
        .flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
                 GPIO_V2_LINE_FLAG_EDGE_FALLING,
        .num_attrs = debounce ? 1 : 0,
        .attrs = {{.attr = {.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE,
                            .debounce_period_us = (uint32_t)MIN_OF(debounce, UINT32_MAX)},
                   .mask = 1}},
    };
    CLEANUP(cleanup_gpio) struct gpio *gpio = NULL;
    int r = gpio_new(wish, &config, &gpio, error);

    if (r < 0)
        return r;
    if (fcntl(gpio->fd, F_SETFL, O_NONBLOCK) < 0)
        return refuse(error, -errno, "line %.60s: %s", wish->line, strerror(errno));
    *ret = TAKE_PTR(gpio);
    return 0;
}

struct gpio *gpio_free(struct gpio *gpio)
{
    if (!gpio)
        return NULL;
    (void)fd_close(gpio->fd);
    free(gpio);
    return NULL;
}

int gpio_write(struct gpio *gpio, bool active)
{
    struct gpio_v2_line_values values = {.bits = active, .mask = 1};

    return ioctl(gpio->fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -errno : 0;
}

int gpio_read(struct gpio *gpio)
{
    struct gpio_v2_line_values values = {.mask = 1};

    if (ioctl(gpio->fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0)
        return -errno;
    return values.bits & 1;
}

int gpio_fd(const struct gpio *gpio)
{
    return gpio->fd;
}

/* After edges that nobody has seen, and those that came behind them: what the line is now. */
static int level_afresh(struct gpio *gpio, bool *ret_active, usec_t *ret_at)
{
    int r = gpio_read(gpio);

    if (r < 0)
        return r;
    gpio->lost = false;
    if ((r > 0) == gpio->active)
        return 0;
    *ret_active = gpio->active = r > 0;
    *ret_at = time_monotonic();
    return 1;
}

/* When edges come quicker than they are read, the kernel drops some, and their sequence numbers
 * with them: gpio-v2-line-event-read.rst, "Description". */
int gpio_edge(struct gpio *gpio, bool *ret_active, usec_t *ret_at)
{
    struct gpio_v2_line_event edge;
    ssize_t n;

    do
        n = read(gpio->fd, &edge, sizeof(edge));
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return gpio->lost ? level_afresh(gpio, ret_active, ret_at) : 0;
    if (n != (ssize_t)sizeof(edge))
        return n < 0 ? -errno : -EIO;
    gpio->lost |= edge.line_seqno != gpio->seqno + 1;
    gpio->seqno = edge.line_seqno;
    *ret_active = gpio->active = edge.id == GPIO_V2_LINE_EVENT_RISING_EDGE;
    *ret_at = edge.timestamp_ns / 1000;
    return 1;
}
