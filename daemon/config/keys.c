/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/keys.h"

/* Where each field is: in the whole configuration, or in one reader or door of it. */
#define SITE(field)    offsetof(struct config, site.field)
#define STORAGE(field) offsetof(struct config, storage.field)
#define MQTT(field)    offsetof(struct config, mqtt.field)
#define SPACE(field)   offsetof(struct config, space.field)
#define READER(field)  offsetof(struct config_reader, field)
#define DOOR(field)    offsetof(struct config_door, field)

static const struct config_key site_keys[] = {
    {"id", SITE(id), "cantine", &value_site_id},
    {"name", SITE(name), "", &value_text},
    {"timezone", SITE(timezone), "Europe/Paris", &value_time_zone},
    {"capacity", SITE(capacity), "0", &value_people},
    {"when_full", SITE(full_denies), "admit", &value_deny},
    {"cutoff", SITE(cutoff), "03:00", &value_hour},
    {"clock_needs_sync", SITE(clock_needs_sync), "no", &value_yes},
    {"clock_untrusted", SITE(clock_untrusted_denies), "admit", &value_deny},
    {"on_alert", SITE(on_alert), "", &value_text},
    {"fire", SITE(fire), "", &value_line},
};

static const struct config_key storage_keys[] = {
    {"records", STORAGE(records), "/var/lib/cantine/records/records.db", &value_path},
    {"journal", STORAGE(journal), "/var/lib/cantine/journal/journal.db", &value_path},
    {"runtime_dir", STORAGE(runtime_dir), "/run/cantine", &value_runtime_dir},
    {"keep_movements", STORAGE(keep_movements), "90d", &value_keep},
};

static const struct config_key mqtt_keys[] = {
    {"enabled", MQTT(enabled), "yes", &value_yes},
    {"host", MQTT(host), "localhost", &value_host},
    {"port", MQTT(port), "1883", &value_port},
    {"prefix", MQTT(prefix), "cantine", &value_topic},
    {"username", MQTT(username), "", &value_text},
    {"password_file", MQTT(password_file), "", &value_secret_path_or_none},
    {"tls", MQTT(tls), "no", &value_yes},
    {"ca_file", MQTT(ca_file), "", &value_path_or_none},
    {"cert_file", MQTT(cert_file), "", &value_path_or_none},
    {"key_file", MQTT(key_file), "", &value_secret_path_or_none},
    {"home_assistant", MQTT(home_assistant), "yes", &value_yes},
    {"discovery_prefix", MQTT(discovery_prefix), "homeassistant", &value_topic},
};

static const struct config_key space_keys[] = {
    {"url", SPACE(url), "", &value_web_address},
    {"logo", SPACE(logo), "", &value_web_address},
    {"contact", SPACE(contact), "", &value_mail_address},
    {"lat", SPACE(lat), "", &value_latitude},
    {"lon", SPACE(lon), "", &value_longitude},
};

static const struct config_key reader_keys[] = {
    {"device", READER(device), NULL, &value_device},
    {"door", READER(door), NULL, &value_door},
    {"direction", READER(direction), "in", &value_direction},
    {"repeat_after", READER(repeat_after), "3s", &value_repeat},
    {"led_green", READER(led_green), "", &value_line},
    {"led_red", READER(led_red), "", &value_line},
    {"buzzer", READER(buzzer), "", &value_line},
};

static const struct config_key door_keys[] = {
    {"actuator", 0 /* the door itself */, NULL, &value_actuator},
    {"unlock", DOOR(unlock), "5s", &value_unlock},
    {"contact", DOOR(contact), "", &value_line},
    {"exit_button", DOOR(exit_button), "", &value_line},
    {"strike", DOOR(fail_safe), "fail_secure", &value_strike},
    {"unlock_when", DOOR(unlock_when), "never", &value_unlock_when},
    {"relock_on_close", DOOR(relock_on_close), "no", &value_yes},
    {"forced_alarm", DOOR(forced_alarm), "yes", &value_yes},
    {"held_open_after", DOOR(held_open_after), "1min", &value_held_open},
};

#define KEYS(table) table, ELEMENTSOF(table)

const struct section_kind section_kinds[SECTION_KIND_COUNT] = {
    [SECTION_SITE] = {"site", false, KEYS(site_keys)},
    [SECTION_STORAGE] = {"storage", false, KEYS(storage_keys)},
    [SECTION_MQTT] = {"mqtt", false, KEYS(mqtt_keys)},
    [SECTION_SPACE] = {"space", false, KEYS(space_keys)},
    [SECTION_READER] = {"reader", true, KEYS(reader_keys)},
    [SECTION_DOOR] = {"door", true, KEYS(door_keys)},
};

_Static_assert(ELEMENTSOF(site_keys) <= KEYS_MOST && ELEMENTSOF(storage_keys) <= KEYS_MOST &&
                   ELEMENTSOF(mqtt_keys) <= KEYS_MOST && ELEMENTSOF(space_keys) <= KEYS_MOST &&
                   ELEMENTSOF(reader_keys) <= KEYS_MOST && ELEMENTSOF(door_keys) <= KEYS_MOST,
               "KEYS_MOST is too small");
