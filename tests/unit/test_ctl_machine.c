/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What `cantinectl check` reads of the machine's texts: mounts, consoles, ports, mosquitto's files.
 */

#include "ctl/machine/broker_rules.h"
#include "ctl/machine/disk_room.h"
#include "ctl/machine/machine_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* --- the kernel's texts ----------------------------------------------------------------------- */

static const char mounts[] = "proc /proc proc rw,relatime 0 0\n"
                             "/dev/mmcblk0p2 / ext4 rw,noatime 0 0\n"
                             "/dev/mmcblk0p1 /boot/firmware vfat rw,relatime 0 0\n"
                             "/dev/sda1 /var/lib/cantine ext4 ro,relatime,errors=remount-ro 0 0\n"
                             "/dev/sdb1 /mnt/my\\040stick ext4 rw,nodiratime 0 0\n"
                             "tmpfs /mnt/over tmpfs ro 0 0\n"
                             "overlay /mnt/over overlay rw 0 0\n";

static struct mount mounted(const char *path)
{
    struct mount mount;

    assert_true(mount_of(mounts, path, &mount));
    return mount;
}

static void test_mounts(void **state)
{
    struct mount mount;

    (void)state;
    assert_string_equal(mounted("/").source, "/dev/mmcblk0p2");
    assert_string_equal(mounted("/var/lib").source, "/dev/mmcblk0p2");
    assert_string_equal(mounted("/var/lib/cantine-old").source, "/dev/mmcblk0p2");
    assert_string_equal(mounted("/var/lib/cantine").source, "/dev/sda1");
    assert_string_equal(mounted("/var/lib/cantine/records").source, "/dev/sda1");
    assert_string_equal(mounted("/mnt/my stick/records").source, "/dev/sdb1");
    assert_string_equal(mounted("/mnt/over/x").source, "overlay"); /* the latest is on top */
    assert_true(mounted("/").noatime && !mounted("/").read_only);
    assert_true(mounted("/var/lib/cantine").read_only);
    assert_false(mounted("/var/lib/cantine").noatime);
    assert_false(mounted("/mnt/my stick").noatime); /* nodiratime is another option */
    assert_false(mounted("/mnt/over").read_only);
    assert_false(mount_of("", "/", &mount));
    assert_false(mount_of("half a line\n\n", "/", &mount));
    assert_true(mount_of("/dev/sda\\04 / ext4 rw\n/dev/x /a\\ ext4 rw\n", "/", &mount));
}

static void test_consoles(void **state)
{
    static const char line[] =
        "console=ttyS0,115200 console=tty1 kgdboc=ttyAMA1,9600 root=/dev/x quiet\n";
    static const char file[] = "console=serial0,115200 console=tty1";
    char word[CONSOLE_SIZE];

    (void)state;
    assert_true(console_on(line, "ttyS0", false, word));
    assert_string_equal(word, "console=ttyS0,115200");
    assert_true(console_on(line, "ttyAMA1", false, word));
    assert_string_equal(word, "kgdboc=ttyAMA1,9600");
    assert_false(console_on(line, "ttyS", false, word));
    assert_false(console_on(line, "ttyS01", false, word));
    assert_false(console_on(line, "ttyAMA0", false, word));
    assert_false(console_on("", "ttyS0", false, word));
    assert_false(console_on(file, "ttyAMA0", false, word));
    assert_true(console_on(file, "ttyAMA0", true, word));
    assert_string_equal(word, "console=serial0,115200");
    assert_true(console_on(file, "ttyS0", true, word));
    assert_true(console_on(file, "serial0", true, word));
    assert_false(console_on(file, "ttyUSB0", true, word));
}

static void test_ports(void **state)
{
    static const char four[] =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "   0: 0100007F:075B 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0\n"
        "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0\n"
        "   2: 0100007F:1F91 0100007F:075B 01 00000000:00000000 00:00000000 00000000   0\n";
    static const char six[] =
        "   0: 00000000000000000000000001000000:075C 00000000000000000000000000000000:0000 0A 0\n"
        "   1: 0000000000000000FFFF00000100007F:075D 00000000000000000000000000000000:0000 0A 0\n"
        "   2: 00000000000000000000000000000000:075E 00000000000000000000000000000000:0000 0A 0\n";
    bool far = false;

    (void)state;
    assert_true(port_listens(four, 1883, &far));
    assert_true(port_listens(six, 1884, &far));
    assert_true(port_listens(six, 1885, &far));
    assert_false(far);
    assert_false(port_listens(four, 0x1F91, &far)); /* a connection, nobody listens */
    assert_false(port_listens(four, 80, &far));
    assert_false(port_listens("", 1883, &far));
    assert_true(port_listens(four, 8080, &far));
    assert_true(far);
    far = false;
    assert_true(port_listens(six, 1886, &far));
    assert_true(far);
}

static void test_settings(void **state)
{
    static const char text[] = "[Manager]\n#RuntimeWatchdogSec=1\nRuntimeWatchdogSec = 5s \n"
                               "RuntimeWatchdogSecs=6\n=7\n\nRuntimeWatchdogSec=14s\r\nOther=\n";
    char value[16] = "before";

    (void)state;
    assert_false(setting_last(text, "Missing", value, sizeof(value)));
    assert_string_equal(value, "before");
    assert_true(setting_last(text, "RuntimeWatchdogSec", value, sizeof(value)));
    assert_string_equal(value, "14s");
    assert_true(setting_last(text, "Other", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_true(line_begins("nfc 1 2\npn533_usb 3\n", "nfc"));
    assert_true(line_begins("nfc 1 2\npn533_usb", "pn533_usb"));
    assert_false(line_begins("nfc 1 2\npn533_usb 3\n", "pn533"));
    assert_false(line_begins("x nfc\n", "nfc"));
}

static void test_rooms(void **state)
{
    struct statvfs disk = {.f_frsize = 4096, .f_blocks = 262144, .f_files = 10000};
    struct disk_room room;

    (void)state; /* 1 GiB */
    disk.f_bavail = 30000, disk.f_favail = 500;
    disk_room_judge(&disk, &room);
    assert_int_equal(room.space, ROOM_ENOUGH);
    assert_int_equal(room.files, ROOM_ENOUGH);
    disk.f_bavail = 26000, disk.f_favail = 499; /* 101 MiB, but 9 % */
    disk_room_judge(&disk, &room);
    assert_int_equal(room.space, ROOM_LITTLE);
    assert_int_equal(room.files, ROOM_LITTLE);
    assert_int_equal(room.free_mib, 101);
    assert_int_equal(room.free_percent, 9);
    disk.f_blocks = 51200, disk.f_bavail = 25500; /* half of it, but 99 MiB */
    disk_room_judge(&disk, &room);
    assert_int_equal(room.space, ROOM_LITTLE);
    disk.f_bavail = 1279, disk.f_favail = 9; /* a block less than 5 MiB */
    disk_room_judge(&disk, &room);
    assert_int_equal(room.space, ROOM_NONE);
    assert_int_equal(room.files, ROOM_NONE);
    disk = (struct statvfs){.f_frsize = 4096}; /* /proc */
    disk_room_judge(&disk, &room);
    assert_int_equal(room.space, ROOM_ENOUGH);
    assert_int_equal(room.files, ROOM_ENOUGH);
}

/* --- mosquitto's files ------------------------------------------------------------------------ */

/* Reads the lines; the last folder that they name goes to `ret_folder`. */
static struct broker broker_of(const char *text, char ret_folder[static 64])
{
    char *copy = strdup(text), *rest = copy, *line;
    struct broker broker = {0};
    const char *folder;

    ret_folder[0] = '\0';
    while ((line = line_next(&rest))) {
        folder = broker_line(&broker, line);
        if (folder)
            (void)snprintf(ret_folder, 64, "%s", folder);
    }
    free(copy);
    return broker;
}

static void test_listeners(void **state)
{
    char folder[64];
    struct broker broker = broker_of("# allow_anonymous true\npid_file /run/m\n\n"
                                     "include_dir /etc/mosquitto/conf.d\n",
                                     folder);

    (void)state;
    assert_string_equal(folder, "/etc/mosquitto/conf.d");
    assert_int_equal(broker.n_listeners, 0);
    assert_true(broker_is_open(&broker, 0)); /* but for this machine alone */
    broker = broker_of("listener 1883 127.0.0.1\nacl_file  /etc/my rules \nlistener 8080\n"
                       "protocol websockets\nallow_anonymous true\nlistener 0 /run/m.sock\n"
                       "password_file /p",
                       folder);
    assert_int_equal(broker.n_listeners, 3);
    assert_int_equal(broker.listeners[0].port, 1883);
    assert_false(broker.listeners[0].websockets);
    assert_int_equal(broker.listeners[1].port, 8080);
    assert_true(broker.listeners[1].websockets);
    assert_int_equal(broker.listeners[2].port, 0);
    for (size_t i = 0; i < 3; i++) { /* what stands below a listener holds for all */
        assert_true(broker_is_open(&broker, i));
        assert_string_equal(broker_access(&broker, i)->acl, "/etc/my rules");
        assert_string_equal(broker_access(&broker, i)->passwords, "/p");
    }
    broker = broker_of("per_listener_settings true\nlistener 1883\nallow_anonymous true\n"
                       "listener 1884\nacl_file /b\nplugin /x.so\n",
                       folder);
    assert_true(broker_is_open(&broker, 0));
    assert_false(broker_is_open(&broker, 1)); /* closed unless told */
    assert_string_equal(broker_access(&broker, 0)->acl, "");
    assert_string_equal(broker_access(&broker, 1)->acl, "/b");
    assert_false(broker_access(&broker, 0)->has_plugin);
    assert_true(broker_access(&broker, 1)->has_plugin);
    broker = broker_of("port 1883\n", folder);
    assert_false(broker_is_open(&broker, 0));
}

static void test_many_listeners(void **state)
{
    char text[2048] = "", folder[64];
    struct broker broker;

    (void)state;
    for (int i = 0; i < BROKER_LISTENERS_MOST + 5; i++)
        (void)strcat(text, "listener 1000\n");
    (void)strcat(text, "protocol websockets\nlistener\nprotocol\nacl_file\n");
    broker = broker_of(text, folder);
    assert_int_equal(broker.n_listeners, BROKER_LISTENERS_MOST);
}

#define TOPIC "cantine/amiens/private/event"

/* What somebody may do with TOPIC by these rules. */
static unsigned allowed(const char *rules, const char *user)
{
    return (acl_allows(rules, user, TOPIC, ACL_READ) ? (unsigned)ACL_READ : 0) |
           (acl_allows(rules, user, TOPIC, ACL_WRITE) ? (unsigned)ACL_WRITE : 0);
}

static void test_who_is_allowed(void **state)
{
    static const char rules[] = "# a comment\ntopic read cantine/+/event\n"
                                "user ada\ntopic read cantine/#\n"
                                "user bob\ntopic cantine/+/private/event\n"
                                "topic deny cantine/amiens/private/#\n"
                                "user eve lovelace\ntopic write #\n";

    (void)state;
    assert_int_equal(allowed(rules, NULL), 0);
    assert_int_equal(allowed(rules, "ada"), ACL_READ);
    assert_int_equal(allowed(rules, "bob"), 0); /* a denial counts wherever it stands */
    assert_int_equal(allowed(rules, "eve lovelace"), ACL_WRITE);
    assert_int_equal(allowed(rules, "nobody"), 0); /* lines before any user are for no user */
    assert_int_equal(allowed("topic cantine/#", NULL), ACL_READ | ACL_WRITE);
    assert_int_equal(allowed("topic readwrite #", NULL), ACL_READ | ACL_WRITE);
    assert_int_equal(allowed("topic cantine/#", "ada"), 0);
    assert_int_equal(allowed("", NULL), 0);
    assert_int_equal(allowed("topic\nuser\npattern\ntopic read\n\n#", NULL), 0);
}

static void test_filters(void **state)
{
    static const struct {
        const char *filter;
        bool matches;
    } filters[] = {
        {"#", true},
        {"cantine/#", true},
        {TOPIC, true},
        {TOPIC "/#", true}, /* also what is one level above */
        {"+/+/+/+", true},
        {"+/amiens/private/+", true},
        {"cantine/+/private/#", true},
        {"+/+/+", false},
        {"+/+/+/+/+", false},
        {"cantine/+/priv/#", false},
        {"cantine/amiens/private", false},
        {"cantine/amiens/private/event/x", false},
        {"cantine/am+/private/event", false},
        {"Cantine/#", false},
        {"/cantine/#", false},
    };
    char rules[128];

    (void)state;
    for (size_t i = 0; i < ELEMENTSOF(filters); i++) {
        (void)snprintf(rules, sizeof(rules), "topic read %s\n", filters[i].filter);
        if (acl_allows(rules, NULL, TOPIC, ACL_READ) != filters[i].matches)
            fail_msg("%s", filters[i].filter);
    }
}

static void test_patterns(void **state)
{
    char rules[ACL_TOPIC_SIZE * 2] = "pattern read cantine/%u/private/event";

    (void)state;
    assert_int_equal(allowed(rules, "amiens"), ACL_READ);
    assert_int_equal(allowed(rules, "ada"), 0);
    assert_int_equal(allowed(rules, NULL), 0);
    assert_int_equal(allowed("user x\npattern cantine/%c/private/event", NULL),
                     ACL_READ | ACL_WRITE);
    assert_int_equal(allowed("pattern read cantine/#\npattern deny cantine/+/private/#", "ada"), 0);
    /* A user's own lines decide before the patterns do. */
    assert_int_equal(allowed("pattern deny #\nuser ada\ntopic read #", "ada"), ACL_READ);
    assert_int_equal(allowed("pattern read #\nuser ada\ntopic deny #", "ada"), 0);
    (void)strcpy(rules, "pattern read ");
    while (strlen(rules) < sizeof(rules) - 3)
        (void)strcat(rules, "%u");
    assert_int_equal(allowed(rules, "a name that grows"), 0);
}

static void test_users(void **state)
{
    static const char rules[] = "topic read cantine/+/private/#\nuser ada\ntopic read x\n"
                                "user bob\ntopic write cantine/+/private/#\n"
                                "user eve\ntopic read cantine/+/private/#\nuser ada\n";
    char user[BROKER_TEXT_SIZE];

    (void)state;
    assert_true(acl_user(rules, 0, user));
    assert_string_equal(user, "ada");
    assert_true(acl_user(rules, 2, user));
    assert_string_equal(user, "eve");
    assert_false(acl_user(rules, 4, user));
    assert_false(acl_user("topic read x", 0, user));
    assert_true(acl_names(rules, "eve", "private"));
    assert_false(acl_names(rules, "ada", "private"));
    assert_false(acl_names(rules, "bob", "private")); /* who writes doesn't read */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mounts),         cmocka_unit_test(test_consoles),
        cmocka_unit_test(test_ports),          cmocka_unit_test(test_settings),
        cmocka_unit_test(test_rooms),          cmocka_unit_test(test_listeners),
        cmocka_unit_test(test_many_listeners), cmocka_unit_test(test_who_is_allowed),
        cmocka_unit_test(test_filters),        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_users),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
