/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/build.h"

#include <errno.h>
#include <inttypes.h>
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

static void dump_value(const void *base, const struct config_key *key, FILE *file)
{
    switch (key->kind) {
    case CONFIG_NUMBER:
        fprintf(file, "%" PRIu32, config_build_number(base, key));
        break;
    case CONFIG_MODE:
        fprintf(file, "\"%04" PRIo32 "\"", config_build_number(base, key));
        break;
    case CONFIG_STRING:
    case CONFIG_CHOICE:
        dump_string(config_build_string(base, key), file);
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
            fprintf(file, "%s%s = \"...\";\n", indent, key->name);
            continue;
        }
        fprintf(file, "%s%s = ", indent, key->name);
        dump_value(base, key, file);
        fputs(";\n", file);
    }
}

static void dump_list(const struct config *config, const struct config_group *group, FILE *file)
{
    size_t count = config_build_count(config, group);
    const char *start = group->hidden ? "#   " : "    ";
    const char *indent = group->hidden ? "#       " : "        ";
    size_t i;

    fprintf(file, "%s = (\n", group->name);
    for (i = 0; i < count; i++) {
        fprintf(file, "%s{\n", start);
        dump_keys(config_build_element(config, group, i), group->name, indent, file);
        fprintf(file, "%s}%s\n", start, i + 1 < count ? "," : "");
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
