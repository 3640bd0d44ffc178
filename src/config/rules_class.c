/* SPDX-License-Identifier: MIT */
/* What must hold in a class of connections, and in a list of bad addresses. */
#include "config.h"

#include "config/rules.h"

#include "config/build.h"
#include "config/keys.h"

#include <inttypes.h>
#include <string.h>

#define GROUP "classes"

/* A class under examination, and what the file says of it. */
struct subject {
    struct config *config;
    struct config_client_class *class;
    const struct config_mention *own;
    struct config_errors *errors;
    size_t index;
};

static const struct config_mention *find(const struct subject *subject, const char *name)
{
    return &subject->own[config_key_index(config_key_get(GROUP, name))];
}

/* Blames NAME, where it stands, or the class for lacking it. */
static void complain(const struct subject *subject, const char *name, const char *message)
{
    const struct config_mention *mention = find(subject, name);
    char key[80];

    snprintf(key, sizeof(key), GROUP "[%zu].%s", subject->index, name);
    config_errors_add(subject->errors, mention->given ? mention->place : subject->class->place, key,
                      "%s", message);
}

/* Takes what is not given from the setting of limits that has the same name, if there is one. */
static void complete(const struct subject *subject)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        const struct config_key *limit;

        if (strcmp(key->group, GROUP) != 0 || key->kind != CONFIG_NUMBER || subject->own[i].given)
            continue;
        limit = config_key_find("limits", key->name);
        if (limit && strcmp(key->name, "connections") != 0)
            config_build_set_number(subject->class, key,
                                    config_build_number(subject->config, limit));
    }
}

/* A line of full length must find room in the queue of that name. */
static void check_queue(const struct subject *subject, const char *name)
{
    uint32_t line = subject->config->limits.line;
    uint32_t size = config_build_number(subject->class, config_key_get(GROUP, name));
    char message[80];

    if (!find(subject, name)->given || find(subject, name)->bad || size >= line)
        return;
    snprintf(message, sizeof(message), "at least limits.line (%" PRIu32 ") expected, got %" PRIu32,
             line, size);
    complain(subject, name, message);
}

static void check_flood(const struct subject *subject)
{
    if (subject->class->flood_rate == 0 || subject->class->flood_burst > 0 ||
        find(subject, "flood_rate")->bad || find(subject, "flood_burst")->bad)
        return;
    complain(subject, "flood_burst", "at least 1 expected while flood_rate is not 0, got 0");
}

int config_rules_client_class(struct config *config, size_t index,
                              const struct config_mention *mentions,
                              const struct config_mention *own, struct config_errors *errors)
{
    static const char *const needed[] = {"name", "from", NULL};
    struct subject subject = {.config = config,
                              .class = &config->client_classes[index],
                              .own = own,
                              .errors = errors,
                              .index = index};

    config_rules_named(config, GROUP, index, needed, own, errors);
    complete(&subject);
    if (!mentions[config_key_index(config_key_get("limits", "line"))].bad) {
        check_queue(&subject, "recvq");
        check_queue(&subject, "sendq");
    }
    check_flood(&subject);
    if (find(&subject, "password")->given)
        return 0;
    return config_build_set_string(subject.class, config_key_get(GROUP, "password"),
                                   config->server.password);
}

static size_t count_words(const char *text)
{
    size_t count = *text != '\0';

    for (; *text; text++)
        count += *text == ' ';
    return count;
}

void config_rules_blocklist(const struct config *config, size_t index,
                            const struct config_mention *own, struct config_errors *errors)
{
    const struct config_blocklist *list = &config->blocklists[index];
    char label[48];

    snprintf(label, sizeof(label), "blocklists[%zu].name", index);
    if (!own[config_key_index(config_key_get("blocklists", "name"))].given)
        config_errors_add(errors, list->place, label, "missing");
    snprintf(label, sizeof(label), "blocklists[%zu].replies", index);
    if (count_words(list->replies) > CONFIG_REPLIES_MAX)
        config_errors_add(errors, list->place, label, "at most %u expected, got %zu",
                          CONFIG_REPLIES_MAX, count_words(list->replies));
}
