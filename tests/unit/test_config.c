/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The configuration: each mistake by its exact words (tests/vectors/config.txt), the values of a
 * good one, drop-ins, what can be wrong with files, and the annotated example.
 */

#include "config/config.h"
#include "config/keys.h"
#include "unit/vectors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#define EXAMPLE   "schemas/cantine.conf"
#define TEXT_MOST 4096

/* A directory of the test's own, with the main file and the drop-ins in it. */
struct files {
    char directory[64];
    char main[128];
    char drop_ins[256];
};

static int files_begin(void **state)
{
    struct files *files = calloc(1, sizeof(*files));

    assert_non_null(files);
    (void)snprintf(files->directory, sizeof(files->directory), "/tmp/cantine-config-XXXXXX");
    assert_non_null(mkdtemp(files->directory));
    (void)snprintf(files->main, sizeof(files->main), "%s/cantine.conf", files->directory);
    (void)snprintf(files->drop_ins, sizeof(files->drop_ins), "%s.d", files->main);
    *state = files;
    return 0;
}

static int files_end(void **state)
{
    struct files *files = *state;
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -r %s", files->directory);
    assert_int_equal(system(command), 0);
    free(files);
    return 0;
}

static void file_write(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void drop_in_write(const struct files *files, const char *name, const char *text)
{
    char path[512];

    (void)mkdir(files->drop_ins, 0755);
    (void)snprintf(path, sizeof(path), "%s/%s", files->drop_ins, name);
    file_write(path, text, strlen(text));
}

static struct config *load_good(const struct files *files)
{
    struct config_errors errors = {0};
    struct config *config = NULL;
    int r = config_load(files->main, &config, &errors);

    for (size_t i = 0; i < errors.n; i++)
        print_error("%s\n", errors.lines[i]);
    assert_int_equal(errors.n, 0);
    assert_int_equal(r, 0);
    assert_non_null(config);
    return config;
}

/* Loads what must fail as `code` with one mistake, "FILE" standing for the test's directory. */
static void assert_refused(const struct files *files, int code, const char *mistake)
{
    struct config_errors errors = {0};
    struct config *config = NULL;
    char line[TEXT_MOST];

    (void)snprintf(line, sizeof(line), "%s/%s", files->directory, mistake);
    assert_int_equal(config_load(files->main, &config, &errors), code);
    assert_null(config);
    assert_int_equal(errors.n, 1);
    assert_string_equal(errors.lines[0], line);
    config_errors_done(&errors);
    assert_int_equal(errors.n, 0);
}

/* --- the table ------------------------------------------------------------------------------- */

/* Appends a cell as a line, with \xHH made a byte. */
static size_t line_append(const char *cell, char *ret)
{
    size_t n = 0;

    while (*cell) {
        char digits[3] = "";

        if (!starts_with(cell, "\\x")) {
            ret[n++] = *cell++;
            continue;
        }
        memcpy(digits, cell + 2, 2);
        ret[n++] = (char)strtoul(digits, NULL, 16);
        cell += 4;
    }
    ret[n++] = '\n';
    return n;
}

static void check_row(const struct vector *vector, char ret[static VECTOR_TEXT_SIZE])
{
    struct config_errors errors = {0};
    struct config *config = NULL;
    struct files *files;
    char text[TEXT_MOST];
    size_t n = 0, came = 0;
    int r;

    assert_int_equal(files_begin((void **)&files), 0);
    for (size_t i = 0; i + 1 < vector->n; i++)
        n += line_append(vector->cells[i], text + n);
    file_write(files->main, text, n);
    r = config_load(files->main, &config, &errors);
    assert_int_equal(r, errors.n > 0 ? -EINVAL : 0);
    assert_int_equal(config != NULL, r == 0);
    if (r == 0)
        (void)snprintf(ret, VECTOR_TEXT_SIZE, "ok");
    for (size_t i = 0; i < errors.n && came < VECTOR_TEXT_SIZE; i++) {
        assert_true(starts_with(errors.lines[i], files->main));
        came += (size_t)snprintf(ret + came, VECTOR_TEXT_SIZE - came, "%s%s", i ? " // " : "",
                                 errors.lines[i] + strlen(files->main) + 1);
    }
    (void)config_free(config);
    config_errors_done(&errors);
    (void)files_end((void **)&files);
}

static void test_mistakes(void **state)
{
    (void)state;
    vectors_run("config.txt", check_row);
}

/* --- values ---------------------------------------------------------------------------------- */

static void test_defaults(void **state)
{
    const struct files *files = *state;
    struct config *config;

    file_write(files->main, "", 0);
    config = load_good(files);
    assert_string_equal(config->site.id, "cantine");
    assert_string_equal(config->site.name, "cantine"); /* the id, where no name is given */
    assert_string_equal(config->site.timezone, "Europe/Paris");
    assert_int_equal(config->site.capacity, 0);
    assert_false(config->site.full_denies);
    assert_int_equal(config->site.cutoff, 180);
    assert_false(config->site.clock_needs_sync);
    assert_false(config->site.clock_untrusted_denies);
    assert_string_equal(config->storage.records, "/var/lib/cantine/records/records.db");
    assert_string_equal(config->storage.journal, "/var/lib/cantine/journal/journal.db");
    assert_string_equal(config->storage.runtime_dir, "/run/cantine");
    assert_int_equal(config->storage.keep_movements, 90 * USEC_PER_DAY);
    assert_true(config->mqtt.enabled);
    assert_string_equal(config->mqtt.host, "localhost");
    assert_int_equal(config->mqtt.port, 1883);
    assert_string_equal(config->mqtt.prefix, "cantine");
    assert_false(config->mqtt.tls);
    assert_true(config->mqtt.home_assistant);
    assert_string_equal(config->mqtt.discovery_prefix, "homeassistant");
    assert_string_equal(config->space.url, "");
    assert_int_equal(config->n_doors, 0);
    assert_int_equal(config->n_readers, 0);
    (void)config_free(config);
}

static void test_values(void **state)
{
    static const char text[] = "[site]\nid=amiens\nname=La Cantine d'Amiens\ntimezone=UTC\n"
                               "capacity=40\nwhen_full=deny\ncutoff=04:30\nclock_needs_sync=yes\n"
                               "clock_untrusted=deny\non_alert=tell team ; say so\n"
                               "[storage]\nkeep_movements=4w 2d\n"
                               "[mqtt]\nenabled=no\nhost=/run/broker\nport=0\ntls=yes\n"
                               "home_assistant=off\n"
                               "[space]\nurl=https://example.org\nlat=-49.8942\nlon=2.2957\n"
                               "[reader way-out]\ndevice=pn532_spi:/dev/spidev0.0\ndoor=back_2\n"
                               "direction=out\nrepeat_after=1min\n"
                               "[reader hall]\ndevice=pn532_uart:/dev/ttyS1:115200\ndoor=front\n";
    static const char doors[] =
        "[door front]\nactuator=serial-relay:/dev/ttyUSB1:2\nunlock=1500ms\n"
        "[door back_2]\nactuator=gpio:pinctrl-bcm2711:17:active-low\n"
        "contact=gpio:/dev/gpiochip1:CONTACT\n";
    const struct files *files = *state;
    const struct config_reader *reader;
    const struct config_door *door;
    struct config *config;

    file_write(files->main, text, strlen(text));
    drop_in_write(files, "doors.conf", doors);
    config = load_good(files);
    assert_string_equal(config->site.id, "amiens");
    assert_string_equal(config->site.name, "La Cantine d'Amiens");
    assert_string_equal(config->site.timezone, "UTC");
    assert_int_equal(config->site.capacity, 40);
    assert_true(config->site.full_denies);
    assert_int_equal(config->site.cutoff, 270);
    assert_true(config->site.clock_needs_sync);
    assert_true(config->site.clock_untrusted_denies);
    assert_string_equal(config->site.on_alert, "tell team"); /* " ;" begins a comment */
    assert_int_equal(config->storage.keep_movements, 30 * USEC_PER_DAY);
    assert_false(config->mqtt.enabled);
    assert_string_equal(config->mqtt.host, "/run/broker");
    assert_int_equal(config->mqtt.port, 0);
    assert_true(config->mqtt.tls);
    assert_false(config->mqtt.home_assistant);
    assert_string_equal(config->space.url, "https://example.org");
    assert_string_equal(config->space.lat, "-49.8942");

    assert_int_equal(config->n_readers, 2);
    reader = config_reader(config, "way-out");
    assert_non_null(reader);
    assert_string_equal(reader->device, "pn532_spi:/dev/spidev0.0");
    assert_ptr_equal(&config->doors[reader->door_index], config_door(config, "back_2"));
    assert_int_equal(reader->direction, DIRECTION_OUT);
    assert_int_equal(reader->repeat_after, USEC_PER_MINUTE);
    reader = config_reader(config, "hall");
    assert_non_null(reader);
    assert_ptr_equal(&config->doors[reader->door_index], config_door(config, "front"));
    assert_int_equal(reader->direction, DIRECTION_IN);
    assert_int_equal(reader->repeat_after, 3 * USEC_PER_SEC);
    assert_null(config_reader(config, "front"));

    assert_int_equal(config->n_doors, 2);
    door = config_door(config, "front");
    assert_int_equal(door->actuator, ACTUATOR_SERIAL_RELAY);
    assert_string_equal(door->relay_path, "/dev/ttyUSB1");
    assert_int_equal(door->relay_channel, 2);
    assert_int_equal(door->unlock, 1500 * USEC_PER_MSEC);
    assert_string_equal(door->contact.chip, "");
    door = config_door(config, "back_2");
    assert_int_equal(door->actuator, ACTUATOR_GPIO);
    assert_string_equal(door->relay_line.chip, "pinctrl-bcm2711");
    assert_string_equal(door->relay_line.line, "17");
    assert_true(door->relay_line.active_low);
    assert_int_equal(door->unlock, 5 * USEC_PER_SEC);
    assert_string_equal(door->contact.chip, "/dev/gpiochip1");
    assert_string_equal(door->contact.line, "CONTACT");
    assert_false(door->contact.active_low);
    assert_null(config_door(config, "hall"));
    (void)config_free(config);
}

/* --- drop-ins -------------------------------------------------------------------------------- */

static void test_drop_ins_override_key_by_key(void **state)
{
    static const char text[] = "[site]\nid=amiens\ncapacity=10\n"
                               "[door front]\nactuator=serial-relay:/dev/ttyUSB1:2\nunlock=7s\n";
    const struct files *files = *state;
    struct config *config;

    file_write(files->main, text, strlen(text));
    /* In the order of bytes, whatever the locale: 10, B, a. */
    drop_in_write(files, "a.conf", "[site]\ncapacity=30\n");
    drop_in_write(files, "B.conf", "[site]\ncapacity=20\n[door front]\nactuator=virtual\n");
    drop_in_write(files, "10.conf",
                  "[site]\ncapacity=15\nname=Chez nous\n[door back]\n"
                  "actuator=virtual\n");
    drop_in_write(files, "z.conf.old", "an editor's copy\n");
    drop_in_write(files, ".#a.conf", "an editor's lock\n");
    config = load_good(files);
    assert_string_equal(config->site.id, "amiens");
    assert_string_equal(config->site.name, "Chez nous");
    assert_int_equal(config->site.capacity, 30);
    assert_int_equal(config->n_doors, 2);
    assert_int_equal(config->doors[0].actuator, ACTUATOR_VIRTUAL);
    assert_string_equal(config->doors[0].relay_path, ""); /* nothing of the relay is left */
    assert_int_equal(config->doors[0].unlock, 7 * USEC_PER_SEC);
    assert_string_equal(config->doors[1].name, "back");
    (void)config_free(config);
}

static void test_drop_in_is_named_in_mistakes(void **state)
{
    const struct files *files = *state;

    file_write(files->main, "[site]\n", 7);
    drop_in_write(files, "10.conf", "\n\n[site]\ncutoff=noon\n");
    assert_refused(files, -EINVAL,
                   "cantine.conf.d/10.conf:4: [site] cutoff: \"noon\" is not an hour of the day: "
                   "write HH:MM from 00:00 to 23:59");
}

/* What a drop-in breaks is reported where the drop-in says it. */
static void test_drop_in_relation(void **state)
{
    static const char text[] = "[door front]\nactuator=virtual\n[reader hall]\ndevice=d\n"
                               "door=front\n";
    const struct files *files = *state;

    file_write(files->main, text, strlen(text));
    drop_in_write(files, "10.conf", "; moved\n[reader hall]\ndoor=rear\n");
    assert_refused(
        files, -EINVAL,
        "cantine.conf.d/10.conf:3: [reader hall] door: there is no [door rear]: add that "
        "section");
}

static void test_drop_in_begins_without_section(void **state)
{
    const struct files *files = *state;

    file_write(files->main, "[site]\n", 7);
    drop_in_write(files, "10.conf", "capacity=3\n");
    assert_refused(files, -EINVAL,
                   "cantine.conf.d/10.conf:1: capacity: stands before any section: begin with "
                   "[site]");
}

static void test_drop_in_that_cannot_be_read(void **state)
{
    const struct files *files = *state;
    char path[512];

    file_write(files->main, "[site]\n", 7);
    drop_in_write(files, "20.conf", "[site]\n");
    (void)snprintf(path, sizeof(path), "%s/10.conf", files->drop_ins);
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    assert_refused(files, -ENOENT,
                   "cantine.conf.d/10.conf: cannot be read: No such file or directory: let this "
                   "program's user read it, or remove it");
}

static void test_drop_ins_are_bounded(void **state)
{
    const struct files *files = *state;
    struct config *config;
    char name[32];

    file_write(files->main, "[site]\n", 7);
    for (int i = 0; i < CONFIG_DROP_INS_MOST; i++) {
        (void)snprintf(name, sizeof(name), "%03d.conf", i);
        drop_in_write(files, name, "[site]\ncapacity=1\n");
    }
    config = load_good(files);
    (void)config_free(config);
    drop_in_write(files, "more.conf", "[site]\n");
    assert_refused(files, -E2BIG, "cantine.conf.d: holds 65 files: keep at most 64");
}

static void test_drop_in_directory_is_a_file(void **state)
{
    const struct files *files = *state;

    file_write(files->main, "[site]\n", 7);
    file_write(files->drop_ins, "", 0);
    assert_refused(files, -ENOTDIR,
                   "cantine.conf.d: cannot be read: Not a directory: let this program's user read "
                   "it or remove it");
}

/* --- files and limits ------------------------------------------------------------------------ */

static void test_no_file(void **state)
{
    assert_refused(*state, -ENOENT,
                   "cantine.conf: cannot be read: No such file or directory: create it from "
                   "/usr/share/cantine/cantine.conf or give --config FILE");
}

/* A pipe that nobody writes to must not be waited for. */
static void test_pipe(void **state)
{
    const struct files *files = *state;

    assert_int_equal(mkfifo(files->main, 0600), 0);
    assert_refused(files, -EINVAL,
                   "cantine.conf: cannot be read: Not a regular file: let this program's user read "
                   "it, or give --config FILE");
}

static void test_huge_file(void **state)
{
    const struct files *files = *state;
    char *text = malloc(256 * 1024 + 1);
    struct config *config;

    assert_non_null(text);
    memset(text, '\n', 256 * 1024 + 1);
    file_write(files->main, text, 256 * 1024);
    config = load_good(files);
    (void)config_free(config);
    file_write(files->main, text, 256 * 1024 + 1);
    free(text);
    assert_refused(
        files, -EFBIG,
        "cantine.conf: cannot be read: Longer than 256 KiB: let this program's user read "
        "it, or give --config FILE");
}

/* Writes "[site]" and a line of `n` bytes that begins with `begin`. */
static void long_line_write(const struct files *files, const char *begin, size_t n)
{
    char text[TEXT_MOST] = "[site]\n";

    memset(text + 7, 'x', n);
    memcpy(text + 7, begin, strlen(begin));
    text[7 + n] = '\n';
    file_write(files->main, text, 7 + n + 1);
}

static void test_long_lines(void **state)
{
    const struct files *files = *state;
    struct config *config;

    long_line_write(files, ";", CONFIG_LINE_MOST);
    config = load_good(files);
    (void)config_free(config);
    long_line_write(files, ";", CONFIG_LINE_MOST + 1);
    assert_refused(files, -EINVAL,
                   "cantine.conf:2: is too long: write at most 1024 bytes in a line");

    long_line_write(files, "name=", 5 + CONFIG_TEXT_SIZE - 1);
    config = load_good(files);
    assert_int_equal(strlen(config->site.name), CONFIG_TEXT_SIZE - 1); /* nothing is cut */
    (void)config_free(config);
    long_line_write(files, "name=", 5 + CONFIG_TEXT_SIZE);
    assert_refused(files, -EINVAL,
                   "cantine.conf:2: [site] name: is too long: write at most 255 bytes");
    long_line_write(files, "name=", CONFIG_LINE_MOST);
    assert_refused(files, -EINVAL,
                   "cantine.conf:2: [site] name: is too long: write at most 255 bytes");
}

static void test_too_many_doors(void **state)
{
    const struct files *files = *state;
    char text[TEXT_MOST];
    size_t n = 0;

    for (int i = 0; i <= CONFIG_DOORS_MOST; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "[door d%d]\nactuator=virtual\n", i);
    file_write(files->main, text, n);
    assert_refused(files, -EINVAL,
                   "cantine.conf:33: [door d16]: is one too many: write at most 16 sections [door "
                   "NAME]");
}

static void test_too_many_readers(void **state)
{
    const struct files *files = *state;
    char text[TEXT_MOST] = "[door d]\nactuator=virtual\n";
    size_t n = strlen(text);

    for (int i = 0; i <= CONFIG_READERS_MOST; i++)
        n +=
            (size_t)snprintf(text + n, sizeof(text) - n, "[reader r%d]\ndevice=%d\ndoor=d\n", i, i);
    file_write(files->main, text, n);
    assert_refused(files, -EINVAL,
                   "cantine.conf:51: [reader r16]: is one too many: write at most 16 sections "
                   "[reader NAME]");
}

/* All mistakes of a file are collected, up to a number that a screen can show. */
static void test_many_mistakes(void **state)
{
    const struct files *files = *state;
    struct config_errors errors = {0};
    struct config *config = NULL;
    char text[TEXT_MOST], printed[TEXT_MOST], *last;
    size_t n = 0;
    FILE *output = tmpfile();
    int saved = dup(STDERR_FILENO);

    for (int i = 0; i < CONFIG_ERRORS_MOST + 5; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "[nothing%d]\n", i);
    file_write(files->main, text, n);
    assert_int_equal(config_load(files->main, &config, &errors), -EINVAL);
    assert_int_equal(errors.n, CONFIG_ERRORS_MOST);
    assert_int_equal(errors.left_out, 5);

    assert_non_null(output);
    assert_int_equal(dup2(fileno(output), STDERR_FILENO), STDERR_FILENO);
    config_print_errors(&errors, "cantined");
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    (void)close(saved);
    rewind(output);
    printed[fread(printed, 1, sizeof(printed) - 1, output)] = '\0';
    (void)fclose(output);
    assert_true(starts_with(printed, "cantined: /tmp/cantine-config-"));
    last = strstr(printed, "cantined: 5 more");
    assert_non_null(last);
    assert_string_equal(last, "cantined: 5 more mistakes are not shown: correct these first\n");
    config_errors_done(&errors);
}

/* --- the example ----------------------------------------------------------------------------- */

/* It is right, and shows each key there is with the value that holds without it. */
static void test_example(void **state)
{
    CLEANUP(config_errors_done) struct config_errors errors = {0};
    struct config *config = NULL;
    char text[4 * TEXT_MOST] = "\n";
    FILE *file = fopen(EXAMPLE, "re");

    (void)state;
    assert_non_null(file);
    text[1 + fread(text + 1, 1, sizeof(text) - 2, file)] = '\0';
    assert_true(feof(file));
    (void)fclose(file);
    assert_int_equal(config_load(EXAMPLE, &config, &errors), 0);
    assert_int_equal(config->n_readers, 1);
    assert_int_equal(config->n_doors, 1);
    (void)config_free(config);

    for (size_t k = 0; k < SECTION_KIND_COUNT; k++) {
        char title[64], *section, *end;

        (void)snprintf(title, sizeof(title), "\n[%s", section_kinds[k].word);
        section = strstr(text, title);
        assert_non_null(section);
        end = strstr(section + 1, "\n[");
        for (size_t i = 0; i < section_kinds[k].n_keys; i++) {
            const struct config_key *key = &section_kinds[k].keys[i];
            char line[CONFIG_TEXT_SIZE], *found;

            (void)snprintf(line, sizeof(line), "\n%s=%s%s", key->name,
                           key->initial ? key->initial : "", key->initial ? "\n" : "");
            found = strstr(section, line);
            if (!found || (end && found > end))
                fail_msg("%s: [%s] lacks \"%s\"", EXAMPLE, section_kinds[k].word, line + 1);
        }
    }
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, files_begin, files_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        WITH_FILES(test_defaults),
        WITH_FILES(test_values),
        WITH_FILES(test_drop_ins_override_key_by_key),
        WITH_FILES(test_drop_in_is_named_in_mistakes),
        WITH_FILES(test_drop_in_relation),
        WITH_FILES(test_drop_in_begins_without_section),
        WITH_FILES(test_drop_in_that_cannot_be_read),
        WITH_FILES(test_drop_ins_are_bounded),
        WITH_FILES(test_drop_in_directory_is_a_file),
        WITH_FILES(test_no_file),
        WITH_FILES(test_pipe),
        WITH_FILES(test_huge_file),
        WITH_FILES(test_long_lines),
        WITH_FILES(test_too_many_doors),
        WITH_FILES(test_too_many_readers),
        WITH_FILES(test_many_mistakes),
        cmocka_unit_test(test_example),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
