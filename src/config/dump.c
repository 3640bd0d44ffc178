/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/build.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static void dump_string(const char *string, FILE *file)
{
    fputc('"', file);
    for (; *string; string++) {
        if (*string == '"' || *string == '\\')
            fputc('\\', file);
        fputc(*string, file);
    }
    fputc('"', file);
}

/* ( "one", "other" ) */
static void dump_words(const char *words, FILE *file)
{
    const char *before = " ";

    fputc('(', file);
    while (*words) {
        size_t length = strcspn(words, " ");

        fprintf(file, "%s\"", before);
        for (size_t i = 0; i < length; i++)
            fprintf(file, words[i] == '"' || words[i] == '\\' ? "\\%c" : "%c", words[i]);
        fputc('"', file);
        words += length + (words[length] == ' ');
        before = ", ";
    }
    fputs(" )", file);
}

static void dump_value(const void *base, const struct config_key *key, FILE *file)
{
    switch (key->kind) {
    case CONFIG_NUMBER:
        fprintf(file, "%" PRIu32, config_build_number(base, key));
        break;
    case CONFIG_MODE:
        fprintf(file, "\"%04" PRIo32 "\"", config_build_number(base, key));
        break;
    case CONFIG_BOOL:
        fputs(config_build_number(base, key) ? "true" : "false", file);
        break;
    case CONFIG_STRING:
    case CONFIG_CHOICE:
        dump_string(config_build_string(base, key), file);
        break;
    case CONFIG_WORDS:
        dump_words(config_build_string(base, key), file);
        break;
    }
}

/* A listener's keys for one kind of socket may not be given for the other. */
static bool applies(const void *base, const struct config_key *key)
{
    const struct config_listener *listener = base;
    bool unix_only = strcmp(key->name, "path") == 0 || strcmp(key->name, "mode") == 0;
    bool inet_only = strcmp(key->name, "address") == 0 || strcmp(key->name, "port") == 0;

    if (strcmp(key->group, "listeners") != 0)
        return true;
    return *listener->path ? !inet_only : !unix_only;
}

static void dump_keys(const void *base, const char *group, const char *indent, FILE *file)
{
    size_t i;

    for (i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];

        if (strcmp(key->group, group) != 0 || !applies(base, key))
            continue;
        if (key->secret && config_group_find(group)->hidden) {
            if (*config_build_string(base, key))
                fprintf(file, "%s%s = \"...\";\n", indent, key->name);
            continue;
        }
        fprintf(file, "%s%s = ", indent, key->name);
        dump_value(base, key, file);
        fputs(";\n", file);
    }
}

/* Whether an element has something that is not to be read. */
static bool has_secret(const void *element, const struct config_group *group)
{
    size_t i;

    for (i = 0; group->hidden && i < config_key_count; i++)
        if (config_keys[i].secret && strcmp(config_keys[i].group, group->name) == 0 &&
            *config_build_string(element, &config_keys[i]))
            return true;
    return false;
}

/* Whether an element that is read follows that of INDEX or, if that is HIDDEN, any: a comma comes. */
static bool is_followed(const struct config *config, const struct config_group *group, size_t index,
                        bool hidden)
{
    while (++index < config_build_count(config, group))
        if (hidden || !has_secret(config_build_element(config, group, index), group))
            return true;
    return false;
}

static void dump_list(const struct config *config, const struct config_group *group, FILE *file)
{
    size_t count = config_build_count(config, group);
    size_t i;

    fprintf(file, "%s = (\n", group->name);
    for (i = 0; i < count; i++) {
        const void *element = config_build_element(config, group, i);
        bool hidden = has_secret(element, group);
        const char *start = hidden ? "#   " : "    ";

        fprintf(file, "%s{\n", start);
        dump_keys(element, group->name, hidden ? "#       " : "        ", file);
        fprintf(file, "%s}%s\n", start, is_followed(config, group, i, hidden) ? "," : "");
    }
    fputs(");\n", file);
}

int config_dump(const struct config *config, FILE *file)
{
    size_t i;

    errno = 0;
    for (i = 0; i < config_group_count; i++) {
        const struct config_group *group = &config_groups[i];

        if (i)
            fputc('\n', file);
        if (group->element) {
            dump_list(config, group, file);
            continue;
        }
        fprintf(file, "%s: {\n", group->name);
        dump_keys(config, group->name, "    ", file);
        fputs("};\n", file);
    }
    if (fflush(file) || ferror(file))
        return errno ? -errno : -EIO;
    return 0;
}
