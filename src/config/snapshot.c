/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/snapshot.h"

#include "config/build.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_LINE 65536u

/* Tags that may stand before a line of irc, beyond its own length. */
#define IRC_TAGS 4096u

/* What listens when the file has no listeners. */
static const struct {
    const char *service;
    uint32_t port;
} default_listeners[] = {{"irc", 6667}, {"talk", 7000}, {"echo", 7007}};

#define DEFAULT_LISTENERS (sizeof(default_listeners) / sizeof(default_listeners[0]))

uint32_t config_build_number(const void *base, const struct config_key *key)
{
    uint32_t number;

    assert(!config_key_is_text(key));
    memcpy(&number, (const char *)base + key->offset, sizeof(number));
    return number;
}

void config_build_set_number(void *base, const struct config_key *key, uint32_t number)
{
    assert(!config_key_is_text(key));
    memcpy((char *)base + key->offset, &number, sizeof(number));
}

const char *config_build_string(const void *base, const struct config_key *key)
{
    const char *string;

    assert(config_key_is_text(key));
    memcpy(&string, (const char *)base + key->offset, sizeof(string));
    return string;
}

/* Strings are const to those who read the snapshot; this is who owns them. */
static void free_string(void *base, const struct config_key *key)
{
    if (key->kind != CONFIG_CHOICE)
        free((void *)(uintptr_t)config_build_string(base, key));
}

int config_build_set_string(void *base, const struct config_key *key, const char *string)
{
    if (key->kind != CONFIG_CHOICE) {
        string = strdup(string);
        if (!string)
            return -ENOMEM;
        free_string(base, key);
    }
    memcpy((char *)base + key->offset, &string, sizeof(string));
    return 0;
}

static int set_defaults(void *base, const char *group)
{
    size_t i;
    int error = 0;

    for (i = 0; i < config_key_count && !error; i++) {
        const struct config_key *key = &config_keys[i];

        if (strcmp(key->group, group) != 0)
            continue;
        if (config_key_is_text(key))
            error = config_build_set_string(base, key, key->string);
        else
            config_build_set_number(base, key, key->number);
    }
    return error;
}

static void free_strings(void *base, const char *group)
{
    size_t i;

    for (i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].group, group) == 0 && config_key_is_text(&config_keys[i]))
            free_string(base, &config_keys[i]);
}

static void *list_array(const struct config *config, const struct config_group *group)
{
    void *array;

    memcpy(&array, (const char *)config + group->array, sizeof(array));
    return array;
}

size_t config_build_count(const struct config *config, const struct config_group *group)
{
    size_t count;

    memcpy(&count, (const char *)config + group->count, sizeof(count));
    return count;
}

void *config_build_element(const struct config *config, const struct config_group *group,
                           size_t index)
{
    assert(index < config_build_count(config, group));
    return (char *)list_array(config, group) + index * group->element;
}

int config_build_list(struct config *config, const struct config_group *group, size_t count)
{
    void *array = calloc(count, group->element);
    size_t i;
    int error = 0;

    assert(!list_array(config, group) && count > 0);
    if (!array)
        return -ENOMEM;
    memcpy((char *)config + group->array, &array, sizeof(array));
    memcpy((char *)config + group->count, &count, sizeof(count));
    for (i = 0; i < count && !error; i++)
        error = set_defaults(config_build_element(config, group, i), group->name);
    return error;
}

int config_build_listeners(struct config *config)
{
    const struct config_key *service = config_key_get("listeners", "service");
    int error = config_build_list(config, config_group_find("listeners"), DEFAULT_LISTENERS);
    size_t i;

    for (i = 0; i < DEFAULT_LISTENERS && !error; i++) {
        config->listeners[i].port = default_listeners[i].port;
        error =
            config_build_set_string(&config->listeners[i], service, default_listeners[i].service);
    }
    return error;
}

struct config *config_build_new(void)
{
    struct config *config = calloc(1, sizeof(*config));
    size_t i;
    int error = 0;

    if (!config)
        return NULL;
    atomic_init(&config->references, 1);
    config->places = calloc(config_key_count, sizeof(*config->places));
    if (!config->places)
        error = -ENOMEM;
    for (i = 0; i < config_group_count && !error; i++)
        if (!config_groups[i].element)
            error = set_defaults(config, config_groups[i].name);
    if (error) {
        config_unref(config);
        return NULL;
    }
    return config;
}

int config_defaults(struct config **out)
{
    *out = config_build_new();
    if (!*out)
        return -ENOMEM;
    if (config_build_listeners(*out)) {
        config_unref(*out);
        *out = NULL;
        return -ENOMEM;
    }
    return 0;
}

static void free_group(struct config *config, const struct config_group *group)
{
    size_t i;

    if (!group->element) {
        free_strings(config, group->name);
        return;
    }
    for (i = 0; i < config_build_count(config, group); i++)
        free_strings(config_build_element(config, group, i), group->name);
    free(list_array(config, group));
}

struct config *config_ref(struct config *config)
{
    size_t before = atomic_fetch_add_explicit(&config->references, 1, memory_order_relaxed);

    assert(before > 0);
    return config;
}

void config_unref(struct config *config)
{
    size_t before;
    size_t i;

    if (!config)
        return;
    before = atomic_fetch_sub_explicit(&config->references, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1)
        return;
    for (i = 0; i < config_group_count; i++)
        free_group(config, &config_groups[i]);
    for (i = 0; i < config->file_count; i++)
        free(config->files[i]);
    free(config->files);
    free(config->places);
    free(config);
}

struct config_place config_place_of(const struct config *config, const char *group,
                                    const char *name)
{
    return config->places[config_key_index(config_key_get(group, name))];
}

uint32_t config_listener_line(const struct config *config, const struct config_listener *listener)
{
    if (listener->max_line)
        return listener->max_line;
    if (strcmp(listener->service, "irc") == 0)
        return config->limits.line + IRC_TAGS;
    if (strcmp(listener->service, "echo") != 0)
        return config->limits.line;
    return config->limits.sendq < ECHO_LINE ? config->limits.sendq : ECHO_LINE;
}
