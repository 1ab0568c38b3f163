/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Device nodes: what is said of a path that is none, that looking opens nothing, that opening
 * changes nothing. */

#include "door/node.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

struct rig {
    char directory[32], path[64], error[NODE_ERROR_SIZE];
    int board, device; /* of a pseudo-terminal */
    char line[64];     /* its path */
};

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    strcpy(rig->directory, "/tmp/cantine-XXXXXX");
    if (!mkdtemp(rig->directory))
        return -1;
    (void)snprintf(rig->path, sizeof(rig->path), "%s/node", rig->directory);
    if (openpty(&rig->board, &rig->device, rig->line, NULL, NULL) < 0)
        return -1;
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    (void)unlink(rig->path);
    (void)rmdir(rig->directory);
    (void)close(rig->board);
    (void)close(rig->device);
    free(rig);
    return 0;
}

/* Looking and opening refuse `path` alike, with this text after the path. */
static void assert_refused(struct rig *rig, const char *path, int code, const char *text)
{
    char expected[NODE_ERROR_SIZE];
    dev_t number;

    (void)snprintf(expected, sizeof(expected), "%s %s", path, text);
    assert_int_equal(node_look(path, NODE_SERIAL, &number, rig->error), code);
    assert_string_equal(rig->error, expected);
    rig->error[0] = '\0';
    assert_int_equal(node_open_serial(path, rig->error), code);
    assert_string_equal(rig->error, expected);
}

#define OTHER   "is not a serial device: write the path of one, such as /dev/ttyUSB0"
#define MISSING "is not there: plug the device in, or write the path that it has"

static void test_refused(void **state)
{
    struct rig *rig = *state;

    assert_refused(rig, rig->path, -ENOENT, MISSING);
    assert_refused(rig, "/dev/null/ttyUSB0", -ENOTDIR, MISSING);
    assert_refused(rig, rig->directory, -ENODEV, OTHER);
    assert_refused(rig, "/dev/null", -ENODEV, OTHER);
    assert_int_equal(symlink("/dev/ttyUSB-nowhere", rig->path), 0);
    assert_refused(rig, rig->path, -ENOENT, MISSING);
}

/* Neither end of it hears of us. */
static void test_fifo(void **state)
{
    struct rig *rig = *state;
    struct pollfd writer = {.events = POLLOUT};

    assert_int_equal(mkfifo(rig->path, 0600), 0);
    writer.fd = open(rig->path, O_RDWR | O_NONBLOCK);
    assert_refused(rig, rig->path, -ENODEV, OTHER);
    assert_int_equal(poll(&writer, 1, 0), 1);
    assert_int_equal(writer.revents, POLLOUT);
    (void)close(writer.fd);
}

static void test_kinds(void **state)
{
    static const struct {
        enum node_kind kind;
        const char *error;
    } rows[] = {
        {NODE_SERIAL, "/dev/null " OTHER},
        {NODE_SPI, "/dev/null is not an SPI device: write the path of one, such as /dev/spidev0.0"},
        {NODE_I2C, "/dev/null is not an I2C device: write the path of one, such as /dev/i2c-1"},
    };
    struct rig *rig = *state;
    dev_t number = 0;

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        assert_int_equal(node_look("/dev/null", rows[i].kind, &number, rig->error), -ENODEV);
        assert_string_equal(rig->error, rows[i].error);
    }
    assert_int_equal(node_look("/dev/null", NODE_ANY, &number, rig->error), 0);
    assert_int_equal(number, 0x103); /* 1:3, Documentation/admin-guide/devices.txt */
    assert_int_equal(node_look("/etc/passwd", NODE_ANY, &number, rig->error), -ENODEV);
    assert_string_equal(rig->error,
                        "/etc/passwd is not a device: write the path of one, below /dev");
}

/* A link and what it leads to are one device, whose settings and line stay as they were. */
static void test_serial(void **state)
{
    struct rig *rig = *state;
    struct pollfd board = {.fd = rig->board, .events = POLLIN};
    struct termios before = {0}, after = {0};
    dev_t by_path, by_link;
    int fd;

    assert_int_equal(symlink(rig->line, rig->path), 0);
    assert_int_equal(tcgetattr(rig->device, &before), 0);
    assert_int_equal(node_look(rig->line, NODE_SERIAL, &by_path, rig->error), 0);
    assert_int_equal(node_look(rig->path, NODE_SERIAL, &by_link, rig->error), 0);
    assert_int_equal(by_path, by_link);
    fd = node_open_serial(rig->path, rig->error);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    (void)close(fd);
    assert_int_equal(tcgetattr(rig->device, &after), 0);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(poll(&board, 1, 0), 0);
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_refused),
        RIGGED(test_fifo),
        RIGGED(test_kinds),
        RIGGED(test_serial),
    };

    return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
