/* SPDX-License-Identifier: MIT */
/*
 * From text to snapshot: source.c prepares the text, libconfig makes a tree of it, and this walks
 * the tree by the table of keys. Everything in the tree is looked at, so that what the table does
 * not know is found, and every mistake is reported. libconfig stops at the first syntax error.
 *
 * libconfig is called by one thread at a time for one tree only, which is all that it needs. It
 * does not survive a failed allocation of its own (1.5 follows the null pointer or ends the
 * process, later ones abort); ours make the call fail with -ENOMEM. At a syntax error 1.5 leaks the
 * string that it read last.
 */
#include "config.h"

#include "config/build.h"
#include "config/rules.h"
#include "config/source.h"
#include "config/suggest.h"
#include "config/values.h"

#include <libconfig.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Room for listeners[255].service, and for what somebody makes up instead. */
#define LABEL_SIZE 128

struct reader {
    struct config *config;
    struct config_source source;
    struct config_errors *errors;
    struct config_mention *mentions; /* of the keys of plain groups, by row */
    struct config_mention *own;      /* of those of the list's element that is being read */
};

static struct config_place place_of(const struct reader *reader, const config_setting_t *setting)
{
    return config_source_place(&reader->source, config_setting_source_line(setting));
}

static void unknown(const struct reader *reader, const config_setting_t *setting, const char *label,
                    const char *group)
{
    char meant[LABEL_SIZE];

    if (config_suggest(group, config_setting_name(setting), meant, sizeof(meant)))
        config_errors_add(reader->errors, place_of(reader, setting), label,
                          "unknown key, did you mean \"%s\"?", meant);
    else
        config_errors_add(reader->errors, place_of(reader, setting), label, "unknown key");
}

/* Reads a setting that the table knows into BASE. 0 or -ENOMEM. */
static int read_setting(const struct reader *reader, const config_setting_t *setting,
                        const struct config_key *key, const char *label, void *base,
                        struct config_mention *mention)
{
    int outcome = config_value_read(setting, key, base);
    char expected[CONFIG_EXPECTED_SIZE];
    char got[CONFIG_QUOTED_SIZE];

    mention->given = true;
    mention->place = place_of(reader, setting);
    if (outcome != CONFIG_INVALID)
        return outcome;
    mention->bad = true;
    config_errors_add(reader->errors, mention->place, label, "%s expected, got %s",
                      config_value_expected(key, expected),
                      key->secret ? "something else" : config_value_got(setting, got));
    return 0;
}

/* Reads the settings of a group, or of an element of a list; LABEL is its name in messages. */
static int read_group(const struct reader *reader, config_setting_t *setting, const char *group,
                      const char *label, void *base, struct config_mention *mentions)
{
    int count = config_setting_length(setting);
    char name[LABEL_SIZE];
    int error = 0;
    int i;

    for (i = 0; i < count && !error; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        const struct config_key *key = config_key_find(group, config_setting_name(member));

        snprintf(name, sizeof(name), "%.40s.%.64s", label, config_setting_name(member));
        if (key)
            error = read_setting(reader, member, key, name, base, &mentions[config_key_index(key)]);
        else
            unknown(reader, member, name, group);
    }
    return error;
}

/* What the rules say of an element that has been read. */
static int check_element(const struct reader *reader, const struct config_group *group,
                         size_t index)
{
    if (strcmp(group->name, "listeners") == 0)
        return config_rules_listener(reader->config, index, reader->mentions, reader->own,
                                     reader->errors);
    if (strcmp(group->name, "gateways") == 0)
        config_rules_gateway(reader->config, index, reader->own, reader->errors);
    if (strcmp(group->name, "certificates") == 0)
        config_rules_certificate(reader->config, index, reader->own, reader->errors);
    if (strcmp(group->name, "classes") == 0)
        return config_rules_client_class(reader->config, index, reader->mentions, reader->own,
                                         reader->errors);
    if (strcmp(group->name, "oper_classes") == 0)
        config_rules_class(reader->config, index, reader->own, reader->errors);
    if (strcmp(group->name, "blocklists") == 0)
        config_rules_blocklist(reader->config, index, reader->own, reader->errors);
    if (strcmp(group->name, "opers") == 0)
        config_rules_oper(reader->config, index, reader->own, reader->errors);
    return 0;
}

static int read_element(const struct reader *reader, config_setting_t *setting,
                        const struct config_group *group, size_t index)
{
    struct config_place place = place_of(reader, setting);
    void *element = config_build_element(reader->config, group, index);
    char label[LABEL_SIZE];
    char got[CONFIG_QUOTED_SIZE];
    int error;

    snprintf(label, sizeof(label), "%s[%zu]", group->name, index);
    if (!config_setting_is_group(setting)) {
        config_errors_add(reader->errors, place, label, "a group { ... } expected, got %s",
                          config_value_got(setting, got));
        return 0;
    }
    memcpy(element, &place, sizeof(place));
    memset(reader->own, 0, config_key_count * sizeof(*reader->own));
    error = read_group(reader, setting, group->name, label, element, reader->own);
    return error ? error : check_element(reader, group, index);
}

static int read_list(const struct reader *reader, config_setting_t *setting,
                     const struct config_group *group)
{
    size_t count = (size_t)config_setting_length(setting);
    char got[CONFIG_QUOTED_SIZE];
    size_t i;
    int error;

    if (!config_setting_is_list(setting)) {
        config_errors_add(reader->errors, place_of(reader, setting), group->name,
                          "a list ( { ... }, { ... } ) expected, got %s",
                          config_value_got(setting, got));
        return 0;
    }
    if (count < group->least || count > group->most) {
        config_errors_add(reader->errors, place_of(reader, setting), group->name,
                          "a list of %zu..%zu expected, got one of %zu", group->least, group->most,
                          count);
        return 0;
    }
    if (count == 0)
        return 0;
    error = config_build_list(reader->config, group, count);
    for (i = 0; i < count && !error; i++)
        error = read_element(reader, config_setting_get_elem(setting, (unsigned)i), group, i);
    return error;
}

static int read_plain(const struct reader *reader, config_setting_t *setting,
                      const struct config_group *group)
{
    char got[CONFIG_QUOTED_SIZE];

    if (config_setting_is_group(setting))
        return read_group(reader, setting, group->name, group->name, reader->config,
                          reader->mentions);
    config_errors_add(reader->errors, place_of(reader, setting), group->name,
                      "a group { ... } expected, got %s", config_value_got(setting, got));
    return 0;
}

/* Goes over the top level: plain groups, and what is unknown; or, after that, lists. */
static int read_top(const struct reader *reader, const config_setting_t *root, bool lists)
{
    int count = config_setting_length(root);
    char name[LABEL_SIZE];
    int error = 0;
    int i;

    for (i = 0; i < count && !error; i++) {
        config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const struct config_group *group = config_group_find(config_setting_name(setting));

        snprintf(name, sizeof(name), "%.64s", config_setting_name(setting));
        if (!group && !lists)
            unknown(reader, setting, name, NULL);
        else if (group && group->element && lists)
            error = read_list(reader, setting, group);
        else if (group && !group->element && !lists)
            error = read_plain(reader, setting, group);
    }
    return error;
}

static int read_tree(const struct reader *reader, const config_setting_t *root)
{
    int error = read_top(reader, root, false);

    if (!error)
        error = read_top(reader, root, true);
    if (!error && !config_setting_get_member(root, "listeners"))
        error = config_build_listeners(reader->config);
    if (!error)
        config_rules_check(reader->config, reader->mentions, reader->errors);
    return error;
}

/* Where libconfig stopped; what it missed at the end is missed after the last line with anything. */
static void report_syntax(const struct reader *reader, const config_t *tree)
{
    unsigned line = config_source_solid(&reader->source, (unsigned)config_error_line(tree));
    char name[LABEL_SIZE];

    config_errors_add(reader->errors, config_source_place(&reader->source, line),
                      config_source_name(&reader->source, line, name, sizeof(name)), "%s",
                      config_error_text(tree));
}

static int parse(const struct reader *reader)
{
    config_t tree;
    int error = 0;

    config_init(&tree);
    if (config_read_string(&tree, reader->source.text) == CONFIG_TRUE)
        error = read_tree(reader, config_root_setting(&tree));
    else
        report_syntax(reader, &tree);
    config_destroy(&tree);
    return error;
}

/* The snapshot keeps the names of files that its places point to. */
static void keep_places(struct reader *reader)
{
    struct config *config = reader->config;
    size_t i;

    for (i = 0; i < config_key_count; i++)
        config->places[i] = reader->mentions[i].place;
    config->files = reader->source.files;
    config->file_count = reader->source.file_count;
    reader->source.files = NULL;
    reader->source.file_count = 0;
}

/* Makes a snapshot of the reader's source, which has been filled with OUTCOME; ends the reader. */
static int finish(struct reader *reader, int outcome, size_t errors_before, struct config **out)
{
    *out = NULL;
    if (outcome == 0) {
        reader->config = config_build_new();
        reader->mentions = calloc(config_key_count, sizeof(*reader->mentions));
        reader->own = calloc(config_key_count, sizeof(*reader->own));
        outcome = reader->config && reader->mentions && reader->own ? parse(reader) : -ENOMEM;
    }
    if (reader->errors->out_of_memory)
        outcome = -ENOMEM;
    else if (outcome == 0 && reader->errors->count > errors_before)
        outcome = CONFIG_INVALID;
    if (outcome == 0) {
        keep_places(reader);
        *out = reader->config;
    } else {
        config_unref(reader->config);
    }
    free(reader->own);
    free(reader->mentions);
    config_source_deinit(&reader->source);
    return outcome;
}

int config_load(const char *path, struct config **out, struct config_errors *errors)
{
    struct reader reader = {.errors = errors};
    size_t before = errors->count;
    int outcome;

    config_source_init(&reader.source);
    outcome = config_source_read(&reader.source, path, errors);
    return finish(&reader, outcome, before, out);
}

int config_load_text(const char *name, const char *text, size_t size, struct config **out,
                     struct config_errors *errors)
{
    struct reader reader = {.errors = errors};
    size_t before = errors->count;
    int outcome;

    config_source_init(&reader.source);
    outcome = config_source_take(&reader.source, name, text, size, errors);
    return finish(&reader, outcome, before, out);
}
