/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Lines of GPIO chips, on virtual ones (rig/virtual_gpio.h): which is found, what is said of one
 * that isn't or that somebody else has, levels, edges, and a relay whose chip goes away.
 */

#include "door/actuator.h"
#include "door/gpio.h"
#include "rig/virtual_gpio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LABEL "pinctrl-bcm2711"

struct rig {
    char directory[32];
    struct virtual_chip *chip; /* number 0 */
    char error[GPIO_ERROR_SIZE];
};

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    strcpy(rig->directory, "/tmp/cantine-XXXXXX");
    if (!mkdtemp(rig->directory))
        return -1;
    (void)setenv(VIRTUAL_GPIO_DIRECTORY, rig->directory, 1);
    rig->chip = virtual_chip_plug(0, LABEL, 28);
    (void)strcpy(rig->chip->lines[5].name, "STRIKE");
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    char command[64];

    (void)snprintf(command, sizeof(command), "rm -r %s", rig->directory);
    free(rig);
    return system(command);
}

static struct gpio *output(struct rig *rig, struct gpio_wish wish)
{
    struct gpio *gpio = NULL;

    if (gpio_output_new(&wish, false, &gpio, rig->error) < 0)
        fail_msg("%s", rig->error);
    return gpio;
}

/* --- which line ------------------------------------------------------------------------------- */

static void test_found_by_label_name_path_number(void **state)
{
    static const struct {
        const char *chip, *line;
        unsigned number;
    } rows[] = {
        {LABEL, "17", 17},     {LABEL, "STRIKE", 5},
        {"gpiochip0", "0", 0}, {"/dev/gpiochip0", "27", 27},
        {LABEL, "0017", 17},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct gpio *gpio = output(rig, (struct gpio_wish){rows[i].chip, rows[i].line, false});

        assert_string_equal(rig->chip->lines[rows[i].number].consumer, "cantined");
        assert_null(gpio_free(gpio));
        assert_string_equal(rig->chip->lines[rows[i].number].consumer, "");
    }
}

static void test_first_by_number_of_one_label(void **state)
{
    struct rig *rig = *state;
    struct virtual_chip *tenth = virtual_chip_plug(10, "twin", 8);
    struct virtual_chip *second = virtual_chip_plug(2, "twin", 8);
    CLEANUP(cleanup_gpio) struct gpio *gpio = output(rig, (struct gpio_wish){"twin", "1", false});

    assert_string_equal(second->lines[1].consumer, "cantined");
    assert_string_equal(tenth->lines[1].consumer, "");
}

/* Looking and asking say the same. */
static void test_refused(void **state)
{
    static const struct {
        const char *chip, *line;
        int result;
        const char *error;
    } rows[] = {
        {"pinctrl-rp1", "17", -ENODEV,
         "there is no GPIO chip “pinctrl-rp1”: choose one of pinctrl-bcm2711, i2c-expander"},
        {LABEL, "28", -ENOENT, "pinctrl-bcm2711 has no line 28: its lines are 0 to 27"},
        {LABEL, "99999999999999999999", -ENOENT,
         "pinctrl-bcm2711 has no line 99999999999999999999: its lines are 0 to 27"},
        {LABEL, "STRIK", -ENOENT,
         "pinctrl-bcm2711 has no line “STRIK”: write its name or number as gpioinfo shows it"},
        {LABEL, "", -ENOENT,
         "pinctrl-bcm2711 has no line “”: write its name or number as gpioinfo shows it"},
        {LABEL, "4", -EBUSY,
         "line 4 of pinctrl-bcm2711 is in use by “relay”: free it or choose another line"},
        {LABEL, "6", -EBUSY, "line 6 of pinctrl-bcm2711 is in use: free it or choose another line"},
        {"/dev/gpiochip7", "4", -ENODEV,
         "/dev/gpiochip7 cannot be opened: No such file or directory: is the GPIO chip there?"},
        {"/dev/null", "4", -ENODEV,
         "/dev/null is not a GPIO chip: write a chip's label, or /dev/gpiochip and its number"},
        {"/dev", "4", -ENODEV,
         "/dev is not a GPIO chip: write a chip's label, or /dev/gpiochip and its number"},
    };
    struct rig *rig = *state;

    (void)virtual_chip_plug(1, "i2c-expander", 8);
    (void)strcpy(rig->chip->lines[4].consumer, "relay");
    rig->chip->lines[6].kept = 1;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct gpio_wish wish = {rows[i].chip, rows[i].line, false};
        struct gpio_spot spot;
        struct gpio *gpio = NULL;

        assert_int_equal(gpio_look(&wish, &spot, rig->error), rows[i].result);
        assert_string_equal(rig->error, rows[i].error);
        rig->error[0] = '\0';
        assert_int_equal(gpio_output_new(&wish, false, &gpio, rig->error), rows[i].result);
        assert_string_equal(rig->error, rows[i].error);
        assert_null(gpio);
    }
    assert_int_equal(rig->chip->n_changes, 0);
}

static void test_no_chip_at_all(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "17", false};
    struct gpio *gpio = NULL;

    virtual_chip_unplug(0, rig->chip);
    assert_int_equal(gpio_output_new(&wish, false, &gpio, rig->error), -ENODEV);
    assert_string_equal(rig->error,
                        "there is no GPIO chip “" LABEL "”, nor any other: is its driver loaded?");
}

/* Three names of one line; nobody has it afterwards, and nothing was driven. */
static void test_looking_takes_nothing(void **state)
{
    static const struct gpio_wish wishes[] = {
        {LABEL, "5", false}, {LABEL, "STRIKE", true}, {"/dev/gpiochip0", "05", false}};
    struct rig *rig = *state;
    struct virtual_chip before = *rig->chip;

    for (size_t i = 0; i < ELEMENTSOF(wishes); i++) {
        struct gpio_spot spot = {.line = 99};

        assert_int_equal(gpio_look(&wishes[i], &spot, rig->error), 0);
        assert_string_equal(spot.chip, "gpiochip0");
        assert_int_equal(spot.line, 5);
    }
    assert_memory_equal(&before, rig->chip, sizeof(before));
}

static void test_looking_at_a_line_that_cantined_has(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_gpio) struct gpio *gpio = output(rig, (struct gpio_wish){LABEL, "17", false});
    struct gpio_wish wish = {LABEL, "17", false};
    struct gpio_spot spot;

    assert_int_equal(gpio_look(&wish, &spot, rig->error), 0);
    assert_int_equal(gpio_write(gpio, true), 0);
    assert_int_equal(gpio_look(&wish, &spot, rig->error), 0);
    assert_int_equal(rig->chip->lines[17].level, 1);
    assert_int_equal(rig->chip->n_changes, 2);
}

static void test_taken_by_ourselves(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish by_path = {"/dev/gpiochip0", "17", false};
    struct gpio *other = NULL;
    CLEANUP(cleanup_gpio) struct gpio *gpio = output(rig, (struct gpio_wish){LABEL, "17", false});

    assert_int_equal(gpio_output_new(&by_path, false, &other, rig->error), -EBUSY);
    assert_string_equal(rig->error, "line 17 of " LABEL " is in use by “cantined” for something "
                                    "else: give each its own line");
}

static void test_nothing_stays_open(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "99", false}, good = {LABEL, "STRIKE", false};
    struct gpio_spot spot;
    struct gpio *gpio = NULL;
    int before = dup(0), after;

    (void)close(before);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(gpio_output_new(&wish, false, &gpio, rig->error), -ENOENT);
        assert_int_equal(gpio_look(&wish, &spot, rig->error), -ENOENT);
        assert_int_equal(gpio_look(&good, &spot, rig->error), 0);
    }
    for (int i = 0; i < 10; i++)
        (void)gpio_free(output(rig, (struct gpio_wish){LABEL, "STRIKE", false}));
    after = dup(0);
    (void)close(after);
    assert_int_equal(after, before);
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* The level is there in the request itself: no other was ever driven. */
static void test_output_has_its_level_from_the_first_moment(void **state)
{
    struct rig *rig = *state;

    for (int row = 0; row < 4; row++) {
        struct gpio_wish wish = {LABEL, "17", row & 1};
        bool active = row & 2;
        uint32_t first = rig->chip->n_changes;
        CLEANUP(cleanup_gpio) struct gpio *gpio = NULL;

        rig->chip->lines[17].level = active == wish.active_low; /* the other one */
        assert_int_equal(gpio_output_new(&wish, active, &gpio, rig->error), 0);
        assert_int_equal(rig->chip->n_changes, first + 1);
        assert_int_equal(rig->chip->changes[first].level, active != wish.active_low);
        assert_int_equal(gpio_read(gpio), active);
    }
}

static void test_write(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_gpio) struct gpio *gpio = output(rig, (struct gpio_wish){LABEL, "17", true});

    assert_int_equal(rig->chip->lines[17].level, 1);
    assert_int_equal(gpio_write(gpio, true), 0);
    assert_int_equal(rig->chip->lines[17].level, 0);
    assert_int_equal(gpio_read(gpio), 1);
    assert_int_equal(gpio_write(gpio, false), 0);
    assert_int_equal(rig->chip->lines[17].level, 1);
    assert_int_equal(gpio_read(gpio), 0);
}

static void test_chip_gone(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "27", false};
    CLEANUP(cleanup_gpio) struct gpio *gpio = output(rig, (struct gpio_wish){LABEL, "17", false});
    CLEANUP(cleanup_gpio) struct gpio *input = NULL;
    bool active;
    usec_t at;

    assert_int_equal(gpio_input_new(&wish, 0, &input, rig->error), 0);
    virtual_chip_unplug(0, rig->chip);
    assert_int_equal(gpio_write(gpio, true), -ENODEV);
    assert_int_equal(gpio_read(gpio), -ENODEV);
    assert_int_equal(gpio_edge(input, &active, &at), -ENODEV);
}

/* --- inputs ----------------------------------------------------------------------------------- */

static struct gpio *input_27(struct rig *rig, bool active_low)
{
    struct gpio_wish wish = {LABEL, "27", active_low};
    struct gpio *gpio = NULL;

    if (gpio_input_new(&wish, 30 * USEC_PER_MSEC, &gpio, rig->error) < 0)
        fail_msg("%s", rig->error);
    return gpio;
}

static void test_edges(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_gpio) struct gpio *gpio = input_27(rig, true);
    struct pollfd line = {gpio_fd(gpio), POLLIN, 0};
    bool active;
    usec_t at;

    assert_int_equal(rig->chip->lines[27].debounce, 30000);
    assert_int_equal(rig->chip->n_changes, 0); /* nothing is driven */
    assert_int_equal(poll(&line, 1, 0), 0);
    assert_int_equal(gpio_edge(gpio, &active, &at), 0);
    virtual_line_edge(0, rig->chip, 27, 1, 0);
    virtual_line_edge(0, rig->chip, 27, 0, 0);
    assert_int_equal(poll(&line, 1, 0), 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gpio_edge(gpio, &active, &at), 1);
        assert_int_equal(active, i); /* active-low */
        assert_int_equal(at, 1000);
    }
    assert_int_equal(gpio_edge(gpio, &active, &at), 0);
    assert_int_equal(gpio_read(gpio), 1);
    assert_int_equal(gpio_write(gpio, true), -EPERM);
}

/* What is there is given, and then the line is read once. */
static void test_lost_edges(void **state)
{
    struct rig *rig = *state;
    CLEANUP(cleanup_gpio) struct gpio *gpio = input_27(rig, false);
    bool active;
    usec_t at;

    virtual_line_edge(0, rig->chip, 27, 1, 3);
    virtual_line_edge(0, rig->chip, 27, 0, 0);
    rig->chip->lines[27].level = 1; /* its edge is among the lost */
    assert_int_equal(gpio_edge(gpio, &active, &at), 1);
    assert_true(active);
    assert_int_equal(gpio_edge(gpio, &active, &at), 1);
    assert_false(active);
    assert_int_equal(gpio_edge(gpio, &active, &at), 1);
    assert_true(active);
    assert_in_range(at, 1, time_monotonic());
    assert_int_equal(gpio_edge(gpio, &active, &at), 0);

    rig->chip->lines[27].level = 0;
    assert_int_equal(gpio_edge(gpio, &active, &at), 0); /* no number is missing: not read */
    rig->chip->lines[27].level = 1;

    virtual_line_edge(0, rig->chip, 27, 1, 2);
    assert_int_equal(gpio_edge(gpio, &active, &at), 1);
    assert_int_equal(gpio_edge(gpio, &active, &at), 0); /* read, and as the last edge said */
}

static void test_line_without_edges(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "27", false};
    struct gpio *gpio = NULL;

    rig->chip->edgeless = 1;
    assert_int_equal(gpio_input_new(&wish, 0, &gpio, rig->error), -ENXIO);
    assert_string_equal(rig->error,
                        "line 27 of " LABEL " cannot report edges: choose another line");
}

/* --- the relay -------------------------------------------------------------------------------- */

static void test_relay(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "17", true};
    struct actuator *relay;

    assert_int_equal(actuator_gpio_new(&wish, &relay), 0);
    assert_null(actuator_fault(relay));
    assert_int_equal(rig->chip->lines[17].level, 1);
    assert_int_equal(actuator_write(relay, true), 0);
    assert_int_equal(rig->chip->lines[17].level, 0);
    assert_int_equal(actuator_mend(relay), 0);
    assert_int_equal(rig->chip->lines[17].level, 0); /* mending what is well changes nothing */
    (void)actuator_free(relay);
    assert_int_equal(rig->chip->lines[17].level, 1);
    assert_string_equal(rig->chip->lines[17].consumer, "");
}

static void test_relay_whose_chip_comes_and_goes(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "17", false};
    struct actuator *relay;

    virtual_chip_unplug(0, rig->chip);
    assert_int_equal(actuator_gpio_new(&wish, &relay), 0);
    assert_non_null(strstr(actuator_fault(relay), "there is no GPIO chip"));
    assert_int_equal(actuator_write(relay, true), -ENODEV);
    assert_int_equal(actuator_mend(relay), -ENODEV);

    rig->chip = virtual_chip_plug(3, LABEL, 28);
    assert_int_equal(actuator_mend(relay), 0);
    assert_null(actuator_fault(relay));
    assert_int_equal(rig->chip->n_changes, 1);
    assert_int_equal(rig->chip->lines[17].level, 0);

    assert_int_equal(actuator_write(relay, true), 0);
    virtual_chip_unplug(3, rig->chip);
    assert_int_equal(actuator_mend(relay), -ENODEV);
    assert_string_equal(actuator_fault(relay),
                        "line 17 of " LABEL " has gone: is its GPIO chip there?");
    rig->chip = virtual_chip_plug(0, LABEL, 28);
    rig->chip->lines[17].level = 1;
    assert_int_equal(actuator_mend(relay), 0);
    assert_int_equal(rig->chip->n_changes, 1);
    assert_int_equal(rig->chip->lines[17].level, 0);
    (void)actuator_free(relay);
}

static void test_relay_whose_line_is_taken(void **state)
{
    struct rig *rig = *state;
    struct gpio_wish wish = {LABEL, "17", false};
    struct actuator *relay;

    (void)strcpy(rig->chip->lines[17].consumer, "lamp");
    assert_int_equal(actuator_gpio_new(&wish, &relay), 0);
    assert_non_null(strstr(actuator_fault(relay), "in use by “lamp”"));
    assert_int_equal(actuator_mend(relay), -EBUSY);
    rig->chip->lines[17].consumer[0] = '\0';
    assert_int_equal(actuator_mend(relay), 0);
    assert_null(actuator_fault(relay));
    (void)actuator_free(relay);
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RIGGED(test_found_by_label_name_path_number),
        RIGGED(test_first_by_number_of_one_label),
        RIGGED(test_refused),
        RIGGED(test_no_chip_at_all),
        RIGGED(test_looking_takes_nothing),
        RIGGED(test_looking_at_a_line_that_cantined_has),
        RIGGED(test_taken_by_ourselves),
        RIGGED(test_nothing_stays_open),
        RIGGED(test_output_has_its_level_from_the_first_moment),
        RIGGED(test_write),
        RIGGED(test_chip_gone),
        RIGGED(test_edges),
        RIGGED(test_lost_edges),
        RIGGED(test_line_without_edges),
        RIGGED(test_relay),
        RIGGED(test_relay_whose_chip_comes_and_goes),
        RIGGED(test_relay_whose_line_is_taken),
    };

    return cmocka_run_group_tests_name("gpio", tests, NULL, NULL);
}
