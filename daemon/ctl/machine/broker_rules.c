/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/machine/broker_rules.h"

#include "ctl/machine/machine_text.h"

#define BLANKS " \t"

/* --- listeners -------------------------------------------------------------------------------- */

static void text_set(char ret[static BROKER_TEXT_SIZE], const char *value)
{
    (void)snprintf(ret, BROKER_TEXT_SIZE, "%s", value);
}

static struct broker_listener *listener_add(struct broker *broker)
{
    struct broker_listener *last;

    if (broker->n_listeners < BROKER_LISTENERS_MOST)
        broker->n_listeners++;
    last = &broker->listeners[broker->n_listeners - 1];
    *last = (struct broker_listener){0};
    return last;
}

/* The listener that the lines below `listener` are about; before any, that of `port`. */
static struct broker_listener *listener_last(struct broker *broker)
{
    return broker->n_listeners > 0 ? &broker->listeners[broker->n_listeners - 1] : NULL;
}

static void access_line(struct broker *broker, const char *key, const char *value)
{
    struct broker_listener *last = listener_last(broker);
    struct broker_access *access = broker->per_listener && last ? &last->access : &broker->general;

    if (streq(key, "allow_anonymous")) {
        access->anonymous_set = true;
        access->anonymous = streq(value, "true");
    } else if (streq(key, "acl_file"))
        text_set(access->acl, value);
    else if (streq(key, "password_file"))
        text_set(access->passwords, value);
    else if (streq(key, "plugin") || streq(key, "auth_plugin"))
        access->has_plugin = true;
}

const char *broker_line(struct broker *broker, char *line)
{
    char *key = word_next(&line), *value = line ? line + strspn(line, BLANKS) : "";

    if (!key || key[0] == '#')
        return NULL;
    if (streq(key, "include_dir"))
        return value;
    if (streq(key, "per_listener_settings"))
        broker->per_listener = streq(value, "true");
    else if (streq(key, "listener") || streq(key, "port"))
        listener_add(broker)->port = (unsigned)strtoul(value, NULL, 10);
    else if (streq(key, "protocol") && listener_last(broker))
        listener_last(broker)->websockets = streq(value, "websockets");
    else
        access_line(broker, key, value);
    return NULL;
}

const struct broker_access *broker_access(const struct broker *broker, size_t i)
{
    return broker->per_listener && i < broker->n_listeners ? &broker->listeners[i].access
                                                           : &broker->general;
}

bool broker_is_open(const struct broker *broker, size_t i)
{
    const struct broker_access *access = broker_access(broker, i);

    return access->anonymous_set ? access->anonymous : broker->n_listeners == 0;
}

/* --- access rules ----------------------------------------------------------------------------- */

enum { ACL_DENY = 1 << 2 };

struct acl_rule {
    bool is_pattern;
    unsigned wishes;
    const char *topic;
};

struct acl_reading {
    char *copy, *rest;
    const char *user; /* whose lines these are, NULL before the first `user` */
};

static void cleanup_reading(struct acl_reading *reading)
{
    free(reading->copy);
}

static struct acl_reading reading_begin(const char *rules)
{
    char *copy = strdup(rules);

    return (struct acl_reading){.copy = copy, .rest = copy};
}

/* Takes the word that says what may be done with the topic off the line. */
static unsigned wishes_read(char **line)
{
    static const struct {
        const char *word;
        unsigned wishes;
    } words[] = {
        {"read", ACL_READ},
        {"write", ACL_WRITE},
        {"readwrite", ACL_READ | ACL_WRITE},
        {"deny", ACL_DENY},
    };
    size_t n = strcspn(*line, BLANKS);

    for (size_t i = 0; i < ELEMENTSOF(words); i++)
        if (strlen(words[i].word) == n && strncmp(*line, words[i].word, n) == 0 && (*line)[n]) {
            *line += n + strspn(*line + n, BLANKS);
            return words[i].wishes;
        }
    return ACL_READ | ACL_WRITE;
}

/* The next rule; lines that name a user are taken on the way, and alone give one without topic. */
static bool rule_next(struct acl_reading *reading, struct acl_rule *ret)
{
    char *line;

    while ((line = line_next(&reading->rest))) {
        char *word = word_next(&line);

        if (!word || word[0] == '#' || !line)
            continue;
        line += strspn(line, BLANKS);
        *ret = (struct acl_rule){.is_pattern = streq(word, "pattern")};
        if (streq(word, "user")) {
            reading->user = line;
            return true;
        }
        if (!ret->is_pattern && !streq(word, "topic"))
            continue;
        ret->wishes = wishes_read(&line);
        ret->topic = line;
        return true;
    }
    return false;
}

/* The pattern's topic for this user: %u is the name, %c any word; false if it has none for them. */
static bool pattern_fill(const char *pattern, const char *user, char ret[static ACL_TOPIC_SIZE])
{
    size_t n = 0;

    for (; *pattern && n + 1 < ACL_TOPIC_SIZE; pattern++) {
        if (starts_with(pattern, "%u")) {
            if (!user)
                return false;
            n += (size_t)snprintf(ret + n, ACL_TOPIC_SIZE - n, "%s", user);
            n = MIN_OF(n, (size_t)ACL_TOPIC_SIZE - 1);
            pattern++;
        } else if (starts_with(pattern, "%c")) {
            ret[n++] = '+';
            pattern++;
        } else
            ret[n++] = *pattern;
    }
    ret[n] = '\0';
    return true;
}

/* MQTT Version 5.0, 4.7: "+" is any one level, "#" all that follow. */
static bool topic_matches(const char *filter, const char *topic)
{
    for (;;) {
        size_t n = strcspn(filter, "/"), m = strcspn(topic, "/");

        if (streq(filter, "#"))
            return true;
        if (!(n == 1 && filter[0] == '+') && (n != m || strncmp(filter, topic, n) != 0))
            return false;
        if (!filter[n] || !topic[m])
            return filter[n] == topic[m] || streq(filter + n, "/#");
        filter += n + 1;
        topic += m + 1;
    }
}

static bool is_for(const struct acl_reading *reading, const struct acl_rule *rule, const char *user)
{
    if (rule->is_pattern)
        return true;
    return reading->user && user ? streq(reading->user, user) : !reading->user && !user;
}

/* True if one of the rules with this wish is about the user and the topic; `patterns`: of those. */
static bool rules_match(const char *rules, const char *user, const char *topic, unsigned wish,
                        bool patterns)
{
    CLEANUP(cleanup_reading) struct acl_reading reading = reading_begin(rules);
    char filled[ACL_TOPIC_SIZE];
    struct acl_rule rule;

    while (rule_next(&reading, &rule)) {
        if (!rule.topic || rule.is_pattern != patterns || !(rule.wishes & wish) ||
            !is_for(&reading, &rule, user))
            continue;
        if (!patterns && topic_matches(rule.topic, topic))
            return true;
        if (patterns && pattern_fill(rule.topic, user, filled) && topic_matches(filled, topic))
            return true;
    }
    return false;
}

bool acl_allows(const char *rules, const char *user, const char *topic, enum acl_wish wish)
{
    static const bool kinds[] = {false, true}; /* a user's own lines decide before the patterns */

    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        if (rules_match(rules, user, topic, ACL_DENY, kinds[i]))
            return false;
        if (rules_match(rules, user, topic, wish, kinds[i]))
            return true;
    }
    return false;
}

bool acl_names(const char *rules, const char *user, const char *word)
{
    CLEANUP(cleanup_reading) struct acl_reading reading = reading_begin(rules);
    struct acl_rule rule;

    while (rule_next(&reading, &rule))
        if (rule.topic && rule.wishes & ACL_READ && reading.user && streq(reading.user, user) &&
            strstr(rule.topic, word))
            return true;
    return false;
}

bool acl_user(const char *rules, size_t i, char ret[static BROKER_TEXT_SIZE])
{
    CLEANUP(cleanup_reading) struct acl_reading reading = reading_begin(rules);
    struct acl_rule rule;

    while (rule_next(&reading, &rule))
        if (!rule.topic && i-- == 0) {
            text_set(ret, reading.user);
            return true;
        }
    return false;
}
