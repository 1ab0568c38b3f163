/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/reading.h"
#include "util/translate.h"

#define SECTION_CHOICE N_("[site], [storage], [mqtt], [space], [reader NAME] or [door NAME]")
#define NAME_CHOICE    "1 to 31 characters of a-z 0-9 - _"

struct place reading_place(const struct reading *reading)
{
    return (struct place){reading->config->files[reading->config->n_files - 1],
                          reading->lines.number};
}

struct place section_key_place(const struct section *section, const char *key)
{
    for (size_t i = 0; i < section->kind->n_keys; i++)
        if (streq(section->kind->keys[i].name, key) && section->keys[i].file)
            return section->keys[i];
    return section->opened;
}

/* Where the values of a new reader or door go; NULL if there are too many. */
static void *values_new(struct config *config, const struct section_kind *kind, const char *name)
{
    if (kind == &section_kinds[SECTION_READER]) {
        if (config->n_readers == CONFIG_READERS_MOST)
            return NULL;
        (void)snprintf(config->readers[config->n_readers].name, SLUG_SIZE, "%s", name);
        return &config->readers[config->n_readers++];
    }
    if (kind == &section_kinds[SECTION_DOOR]) {
        if (config->n_doors == CONFIG_DOORS_MOST)
            return NULL;
        (void)snprintf(config->doors[config->n_doors].name, SLUG_SIZE, "%s", name);
        return &config->doors[config->n_doors++];
    }
    return config;
}

static void title_format(const struct section_kind *kind, const char *name,
                         char ret[static CONFIG_TITLE_SIZE])
{
    (void)snprintf(ret, CONFIG_TITLE_SIZE, kind->named ? "[%s %s]" : "[%s]", kind->word, name);
}

static struct section *section_new(struct reading *reading, const struct section_kind *kind,
                                   const char *name, struct place place)
{
    void *values = values_new(reading->config, kind, name);
    struct section *section;

    if (!values)
        return NULL;
    section = &reading->sections[reading->n_sections++];
    *section = (struct section){.kind = kind, .values = values, .opened = place};
    title_format(kind, name, section->title);
    return section;
}

void sections_begin(struct reading *reading)
{
    struct place whole = {reading->config->files[0], 0};

    for (size_t i = 0; i < SECTION_KIND_COUNT; i++)
        if (!section_kinds[i].named)
            (void)section_new(reading, &section_kinds[i], "", whole);
}

static const struct section_kind *kind_find(const char *word)
{
    for (size_t i = 0; i < SECTION_KIND_COUNT; i++)
        if (streq(section_kinds[i].word, word))
            return &section_kinds[i];
    return NULL;
}

static void kind_report(struct reading *reading, const char *word, const char *name)
{
    const char *words[SECTION_KIND_COUNT], *close, *space = *name ? " " : "";
    struct place here = reading_place(reading);

    for (size_t i = 0; i < SECTION_KIND_COUNT; i++)
        words[i] = section_kinds[i].word;
    close = closest_word(word, words, SECTION_KIND_COUNT);
    if (close)
        config_errors_add(reading->errors, here,
                          "[%s%s%.*s]: no such section: did you mean [%s%s%.*s]?", word, space,
                          shown_length(name), name, close, space, shown_length(name), name);
    else
        config_errors_add(reading->errors, here, "[%.*s%s%.*s]: no such section: write %s",
                          shown_length(word), word, space, shown_length(name), name,
                          _(SECTION_CHOICE));
}

/* Takes "[WORD NAME] ; comment" apart; false unless it has that form. `line` is changed. */
static bool title_split(char *line, char **ret_word, char **ret_name)
{
    static const char spaces[] = " \t";
    char *end = strchr(line, ']'), *word, *name;

    if (!end)
        return false;
    *end = '\0';
    end += 1 + strspn(end + 1, spaces);
    if (*end && *end != ';')
        return false;
    word = line + 1 + strspn(line + 1, spaces);
    name = word + strcspn(word, spaces);
    if (*name)
        *name++ = '\0';
    name += strspn(name, spaces);
    for (size_t n = strlen(name); n > 0 && strchr(spaces, name[n - 1]); n--)
        name[n - 1] = '\0';
    *ret_word = word;
    *ret_name = name;
    return *word != '\0';
}

/* The kind of a section that may be opened; NULL, and a line in the errors, if it may not. */
static const struct section_kind *title_check(struct reading *reading, const char *word,
                                              const char *name)
{
    const struct section_kind *kind = kind_find(word);
    struct place here = reading_place(reading);

    if (!kind)
        kind_report(reading, word, name);
    else if (kind->named && !*name)
        config_errors_add(reading->errors, here,
                          "[%s]: has no name: write [%s NAME], NAME being " NAME_CHOICE, word,
                          word);
    else if (kind->named && !slug_valid(name))
        config_errors_add(reading->errors, here,
                          "[%s %.*s]: is not a name: write [%s NAME], NAME being " NAME_CHOICE,
                          word, shown_length(name), name, word);
    else if (!kind->named && *name)
        config_errors_add(reading->errors, here, "[%s %.*s]: takes no name: write [%s]", word,
                          shown_length(name), name, word);
    else
        return kind;
    return NULL;
}

static struct section *section_find(struct reading *reading, const char *title)
{
    for (size_t i = 0; i < reading->n_sections; i++)
        if (streq(reading->sections[i].title, title))
            return &reading->sections[i];
    return NULL;
}

void section_open(struct reading *reading, const char *line)
{
    CLEANUP(cleanup_free) char *copy = strdup(line);
    struct place here = reading_place(reading);
    const struct section_kind *kind;
    struct section *section;
    char title[CONFIG_TITLE_SIZE], *word, *name;

    reading->section = NULL;
    reading->refused = true;
    if (!copy || !title_split(copy, &word, &name)) {
        config_errors_add(reading->errors, here, "is not a section's title: write %s",
                          _(SECTION_CHOICE));
        return;
    }
    kind = title_check(reading, word, name);
    if (!kind)
        return;
    title_format(kind, name, title);
    section = section_find(reading, title);
    if (section && section->last.file == here.file)
        config_errors_add(reading->errors, here,
                          "%s: stands here a second time: put its keys under line %u", title,
                          section->last.line);
    if (!section)
        section = section_new(reading, kind, name, here);
    if (!section) {
        config_errors_add(
            reading->errors, here, "%s: is one too many: write at most %d sections [%s NAME]",
            title, kind == &section_kinds[SECTION_DOOR] ? CONFIG_DOORS_MOST : CONFIG_READERS_MOST,
            word);
        return;
    }
    if (section->opened.line == 0) /* it was there from the start */
        section->opened = here;
    section->last = here;
    reading->section = section;
    reading->refused = false;
}

static void key_report(struct reading *reading, const struct section *section, const char *name)
{
    const char *names[KEYS_MOST], *close;
    char known[KEYS_MOST * SLUG_SIZE] = ""; /* no key is longer than a slug */
    size_t n = 0;

    for (size_t i = 0; i < section->kind->n_keys; i++) {
        names[i] = section->kind->keys[i].name;
        n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "", names[i]);
    }
    close = closest_word(name, names, section->kind->n_keys);
    if (close) {
        config_errors_add(reading->errors, reading_place(reading),
                          "%s %s: no such key: did you mean %s?", section->title, name, close);
        return;
    }
    for (size_t k = 0; k < SECTION_KIND_COUNT; k++)
        for (size_t i = 0; i < section_kinds[k].n_keys; i++)
            if (streq(section_kinds[k].keys[i].name, name)) {
                config_errors_add(reading->errors, reading_place(reading),
                                  "%s %s: no such key here: it belongs under [%s%s]",
                                  section->title, name, section_kinds[k].word,
                                  section_kinds[k].named ? " NAME" : "");
                return;
            }
    config_errors_add(reading->errors, reading_place(reading),
                      "%s %.*s: no such key: write one of %s", section->title, shown_length(name),
                      name, known);
}

static void key_set(struct reading *reading, struct section *section, const struct config_key *key,
                    const char *value, struct place place)
{
    int shown = shown_length(value);

    if (strlen(value) <= VALUE_MOST &&
        key->kind->read(key->kind, value, (char *)section->values + key->offset))
        return;
    section->wrong = true;
    if (strlen(value) > VALUE_MOST)
        config_errors_add(reading->errors, place, "%s %s: is too long: write at most %d bytes",
                          section->title, key->name, VALUE_MOST);
    else if (!*value)
        config_errors_add(reading->errors, place, "%s %s: is empty: write %s", section->title,
                          key->name, _(key->kind->accepted));
    else if (key->kind->secret)
        config_errors_add(reading->errors, place, "%s %s: is not %s: write %s", section->title,
                          key->name, _(key->kind->noun), _(key->kind->accepted));
    else
        config_errors_add(reading->errors, place, "%s %s: \"%.*s%s\" is not %s: write %s",
                          section->title, key->name, shown, value, value[shown] ? "…" : "",
                          _(key->kind->noun), _(key->kind->accepted));
}

void section_key(struct reading *reading, const char *name, const char *value)
{
    struct section *section = reading->section;
    struct place here = reading_place(reading);

    if (!value || !*name) {
        /* The text isn't shown: it may be a password in the wrong place. */
        config_errors_add(reading->errors, here,
                          "is neither a key nor a section: write KEY=VALUE, or ; before a comment");
        return;
    }
    if (!section) {
        if (!reading->refused)
            config_errors_add(reading->errors, here,
                              "%.*s: stands before any section: begin with [site]",
                              shown_length(name), name);
        return;
    }
    for (size_t i = 0; i < section->kind->n_keys; i++) {
        const struct config_key *key = &section->kind->keys[i];

        if (!streq(key->name, name))
            continue;
        if (section->keys[i].file == here.file)
            config_errors_add(reading->errors, here,
                              "%s %s: stands here a second time: keep this line or line %u",
                              section->title, name, section->keys[i].line);
        section->keys[i] = here;
        key_set(reading, section, key, value, here);
        return;
    }
    key_report(reading, section, name);
}

void sections_complete(struct reading *reading)
{
    for (size_t s = 0; s < reading->n_sections; s++) {
        struct section *section = &reading->sections[s];

        for (size_t i = 0; i < section->kind->n_keys; i++) {
            const struct config_key *key = &section->kind->keys[i];

            if (section->keys[i].file)
                continue;
            if (key->initial)
                key_set(reading, section, key, key->initial, section->opened);
            else
                config_errors_add(reading->errors, section->opened, "%s has no %s: write %s",
                                  section->title, key->name, _(key->kind->accepted));
        }
    }
}
