/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/rules.h"

#include "config/build.h"
#include "config/checks.h"
#include "config/keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <paceline/server.h>
#include <paceline/tls.h>

static const struct config_mention *find(const struct config_mention *mentions, const char *group,
                                         const char *name)
{
    return &mentions[config_key_index(config_key_get(group, name))];
}

static bool is_given(const struct config_mention *mentions, const char *group, const char *name)
{
    return find(mentions, group, name)->given;
}

static bool is_bad(const struct config_mention *mentions, const char *group, const char *name)
{
    return find(mentions, group, name)->bad;
}

/* The number of the setting GROUP.NAME. */
static uint32_t number_of(const struct config *config, const char *group, const char *name)
{
    return config_build_number(config, config_key_get(group, name));
}

static struct config_place place_of(const struct config_mention *mentions, const char *group,
                                    const char *name)
{
    return find(mentions, group, name)->place;
}

/* LESSER must not exceed GREATER; blames the one that the file names, preferably the lesser. */
static void check_order(const struct config *config, const struct config_mention *mentions,
                        const char *lesser, const char *greater, struct config_errors *errors)
{
    uint32_t low = number_of(config, "limits", lesser);
    uint32_t high = number_of(config, "limits", greater);
    bool blame_lesser = is_given(mentions, "limits", lesser);
    const char *blamed = blame_lesser ? lesser : greater;
    char key[80];

    if (low <= high || is_bad(mentions, "limits", lesser) || is_bad(mentions, "limits", greater))
        return;
    snprintf(key, sizeof(key), "limits.%s", blamed);
    config_errors_add(errors, place_of(mentions, "limits", blamed), key,
                      "at %s limits.%s (%" PRIu32 ") expected, got %" PRIu32,
                      blame_lesser ? "most" : "least", blame_lesser ? greater : lesser,
                      blame_lesser ? high : low, blame_lesser ? low : high);
}

static void check_flood(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors)
{
    const struct config_limits *limits = &config->limits;

    if (limits->flood_rate == 0 || limits->flood_burst > 0 ||
        is_bad(mentions, "limits", "flood_rate") || is_bad(mentions, "limits", "flood_burst"))
        return;
    config_errors_add(errors, place_of(mentions, "limits", "flood_burst"), "limits.flood_burst",
                      "at least 1 expected while limits.flood_rate is not 0, got 0");
}

static void check_lobby(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors)
{
    bool given = is_given(mentions, "talk", "lobby");
    size_t length = strlen(config->talk.lobby);
    uint32_t most = config->limits.channel_length;

    if (length <= most || is_bad(mentions, "talk", "lobby") ||
        is_bad(mentions, "limits", "channel_length"))
        return;
    if (given)
        config_errors_add(errors, place_of(mentions, "talk", "lobby"), "talk.lobby",
                          "at most limits.channel_length (%" PRIu32 ") bytes expected, got %zu",
                          most, length);
    else
        config_errors_add(
            errors, place_of(mentions, "limits", "channel_length"), "limits.channel_length",
            "at least the length of talk.lobby (%zu) expected, got %" PRIu32, length, most);
}

/* The choices of pool.model are all that paceline knows; which can be had is the library's to say. */
static void check_model(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors)
{
    const char *const *models;
    const char *missing;
    char there[200];
    size_t used = 0;

    if (is_bad(mentions, "pool", "model"))
        return;
    missing = pl_model_missing(config->pool.model);
    if (!missing)
        return;
    models = pl_models();
    for (size_t i = 0; models[i] && used < sizeof(there); i++)
        used +=
            (size_t)snprintf(there + used, sizeof(there) - used, "%s%s", i ? ", " : "", models[i]);
    config_errors_add(errors, place_of(mentions, "pool", "model"), "pool.model",
                      "\"%s\" cannot be had here: %s; there are %s", config->pool.model, missing,
                      there);
}

/* Whoever wants SQLite by name wants to know that it is not there; "auto" does without. */
static void check_backend(const struct config *config, const struct config_mention *mentions,
                          struct config_errors *errors)
{
    bool wanted =
        !is_bad(mentions, "store", "backend") && strcmp(config->store.backend, "sqlite") == 0;

    if (wanted && strcmp(STORE_BACKEND, "sqlite") != 0)
        config_errors_add(errors, place_of(mentions, "store", "backend"), "store.backend",
                          "\"sqlite\" cannot be had here: paceline was built without SQLite");
}

/* Where an address is asked for, it is made sure of. */
static void check_mail(const struct config *config, const struct config_mention *mentions,
                       struct config_errors *errors)
{
    if (config->accounts.email_required && !is_bad(mentions, "accounts", "mail_command") &&
        strspn(config->accounts.mail_command, " ") == strlen(config->accounts.mail_command))
        config_errors_add(errors, place_of(mentions, "accounts", "email_required"),
                          "accounts.email_required",
                          "an accounts.mail_command expected, there is none");
}

/* Whether a socket bound to one address keeps the other from being bound to the same port. */
static bool addresses_overlap(const char *one, const char *other)
{
    bool six = strchr(one, ':');

    if (strcmp(one, other) == 0 || strcmp(one, "*") == 0 || strcmp(other, "*") == 0)
        return true;
    if (six != (strchr(other, ':') != NULL))
        return false;
    return strcmp(one, six ? "::" : "0.0.0.0") == 0 || strcmp(other, six ? "::" : "0.0.0.0") == 0;
}

static bool listeners_overlap(const struct config_listener *one,
                              const struct config_listener *other)
{
    if (*one->path || *other->path)
        return strcmp(one->path, other->path) == 0;
    return one->port && one->port == other->port && addresses_overlap(one->address, other->address);
}

/* A listener under examination, and what the file says of it. */
struct subject {
    const struct config_listener *listener;
    const struct config_mention *own;
    struct config_errors *errors;
    char label[32];
};

/* Blames NAME, where it stands, or the listener for lacking it. */
static void complain(const struct subject *subject, const char *name, const char *message)
{
    const struct config_mention *mention = find(subject->own, "listeners", name);
    char key[80];

    snprintf(key, sizeof(key), "%s.%s", subject->label, name);
    config_errors_add(subject->errors, mention->given ? mention->place : subject->listener->place,
                      key, "%s", message);
}

/* A Unix socket has a path and perhaps a mode, any other listener an address and a port. */
static void check_kind(const struct subject *subject)
{
    bool path = is_given(subject->own, "listeners", "path");

    if (!is_given(subject->own, "listeners", "service"))
        complain(subject, "service", "missing");
    if (path && is_given(subject->own, "listeners", "port"))
        complain(subject, "port", "not together with path");
    if (path && is_given(subject->own, "listeners", "address"))
        complain(subject, "address", "not together with path");
    if (!path && is_given(subject->own, "listeners", "mode"))
        complain(subject, "mode", "only together with path");
    if (!path && !is_given(subject->own, "listeners", "port"))
        complain(subject, "port", "missing (or path, for a Unix socket)");
}

static void check_duplicate(const struct subject *subject, const struct config *config,
                            size_t index)
{
    const struct config_listener *listener = subject->listener;
    char quoted[CONFIG_QUOTED_SIZE];
    char what[CONFIG_QUOTED_SIZE + 40];
    size_t i;

    for (i = 0; i < index; i++) {
        const struct config_listener *other = &config->listeners[i];

        if (!listeners_overlap(listener, other))
            continue;
        if (*listener->path)
            snprintf(what, sizeof(what), "path %s is", config_quote(listener->path, quoted));
        else
            snprintf(what, sizeof(what), "address %s with port %" PRIu32 " is",
                     config_quote(listener->address, quoted), listener->port);
        config_errors_add(subject->errors, listener->place, subject->label,
                          "%s taken by listeners[%zu] at %s:%u", what, i, other->place.file,
                          other->place.line);
        return;
    }
}

/* A line that could never be queued could never be answered. */
static void check_max_line(const struct subject *subject, uint32_t sendq)
{
    char message[80];

    if (subject->listener->max_line <= sendq)
        return;
    snprintf(message, sizeof(message), "at most limits.sendq (%" PRIu32 ") expected, got %" PRIu32,
             sendq, subject->listener->max_line);
    complain(subject, "max_line", message);
}

int config_rules_listener(struct config *config, size_t index,
                          const struct config_mention *mentions, const struct config_mention *own,
                          struct config_errors *errors)
{
    struct config_listener *listener = &config->listeners[index];
    struct subject subject = {.listener = listener, .own = own, .errors = errors};
    char address[CONFIG_ADDRESS_SIZE] = "";
    int error;

    snprintf(subject.label, sizeof(subject.label), "listeners[%zu]", index);
    check_kind(&subject);
    if (!is_bad(mentions, "limits", "sendq"))
        check_max_line(&subject, config->limits.sendq);
    /* When it is not known where it would listen, it is nobody's double: port 0 never is. */
    if (is_given(own, "listeners", "path") || is_bad(own, "listeners", "address") ||
        is_bad(own, "listeners", "port"))
        listener->port = 0;
    if (!is_given(own, "listeners", "path"))
        config_canonical_address(listener->address, address);
    error = config_build_set_string(listener, config_key_get("listeners", "address"), address);
    if (!error)
        check_duplicate(&subject, config, index);
    return error;
}

void config_rules_gateway(const struct config *config, size_t index,
                          const struct config_mention *own, struct config_errors *errors)
{
    const struct config_gateway *gateway = &config->gateways[index];
    char label[40];

    snprintf(label, sizeof(label), "gateways[%zu]", index);
    if (!gateway->proxy_protocol && !is_given(own, "gateways", "webirc_password") &&
        !is_bad(own, "gateways", "proxy_protocol"))
        config_errors_add(errors, gateway->place, label,
                          "proxy_protocol = true or a webirc_password expected, got neither");
    snprintf(label, sizeof(label), "gateways[%zu].from", index);
    if (!is_given(own, "gateways", "from"))
        config_errors_add(errors, gateway->place, label, "missing");
}

void config_rules_certificate(const struct config *config, size_t index,
                              const struct config_mention *own, struct config_errors *errors)
{
    char label[40];

    snprintf(label, sizeof(label), "certificates[%zu].certificate", index);
    if (!is_given(own, "certificates", "certificate"))
        config_errors_add(errors, config->certificates[index].place, label, "missing");
}

/* Where only gateways may come there must be one. A list that is wrong itself is left alone. */
static void check_gateways(const struct config *config, struct config_errors *errors)
{
    char label[48];
    bool any = errors->count > 0;
    size_t i;

    for (i = 0; i < config->gateway_count; i++)
        any = any || config->gateways[i].proxy_protocol;
    for (i = 0; i < config->listener_count && !any; i++) {
        if (!config->listeners[i].proxy_protocol)
            continue;
        snprintf(label, sizeof(label), "listeners[%zu].proxy_protocol", i);
        config_errors_add(errors, config->listeners[i].place, label,
                          "a gateway with proxy_protocol = true expected, there is none");
    }
}

void config_rules_named(const struct config *config, const char *group, size_t index,
                        const char *const *needed, const struct config_mention *own,
                        struct config_errors *errors)
{
    const struct config_group *list = config_group_find(group);
    const struct config_key *key = config_key_get(group, "name");
    const struct config_place *place = config_build_element(config, list, index);
    const char *name = config_build_string(place, key);
    char quoted[CONFIG_QUOTED_SIZE];
    char label[60];

    for (; *needed; needed++) {
        snprintf(label, sizeof(label), "%s[%zu].%s", group, index, *needed);
        if (!is_given(own, group, *needed))
            config_errors_add(errors, *place, label, "missing");
    }
    snprintf(label, sizeof(label), "%s[%zu].name", group, index);
    for (size_t i = 0; i < index && *name; i++) {
        const struct config_place *other = config_build_element(config, list, i);

        if (strcmp(config_build_string(other, key), name) != 0)
            continue;
        config_errors_add(errors, place_of(own, group, "name"), label,
                          "%s is taken by %s[%zu] at %s:%u", config_quote(name, quoted), group, i,
                          other->file, other->line);
        return;
    }
}

void config_rules_class(const struct config *config, size_t index, const struct config_mention *own,
                        struct config_errors *errors)
{
    static const char *const needed[] = {"name", "rights", NULL};

    config_rules_named(config, "oper_classes", index, needed, own, errors);
}

void config_rules_oper(const struct config *config, size_t index, const struct config_mention *own,
                       struct config_errors *errors)
{
    static const char *const needed[] = {"name", "password", NULL};

    config_rules_named(config, "opers", index, needed, own, errors);
}

/* The list of classes may stand behind that of operators. */
static void check_classes(const struct config *config, struct config_errors *errors)
{
    char quoted[CONFIG_QUOTED_SIZE];
    char label[40];

    for (size_t i = 0; i < config->oper_count; i++) {
        const struct config_oper *oper = &config->opers[i];
        size_t at = 0;

        while (at < config->class_count && strcmp(config->classes[at].name, oper->class) != 0)
            at++;
        if (!*oper->class || at < config->class_count)
            continue;
        snprintf(label, sizeof(label), "opers[%zu].class", i);
        config_errors_add(errors, oper->place, label, "there is no class %s in oper_classes",
                          config_quote(oper->class, quoted));
    }
}

/* Said at once, and not when it is too late. */
static void check_tls(const struct config *config, struct config_errors *errors)
{
    const char *missing = pl_tls_missing();
    char label[48];

    for (size_t i = 0; i < config->listener_count && missing; i++) {
        if (!config->listeners[i].tls)
            continue;
        snprintf(label, sizeof(label), "listeners[%zu].tls", i);
        config_errors_add(errors, config->listeners[i].place, label, "not to be had: %s", missing);
    }
}

void config_rules_check(const struct config *config, const struct config_mention *mentions,
                        struct config_errors *errors)
{
    check_order(config, mentions, "line", "recvq", errors);
    check_order(config, mentions, "line", "sendq", errors);
    check_order(config, mentions, "high_water", "sendq", errors);
    check_flood(config, mentions, errors);
    check_lobby(config, mentions, errors);
    check_model(config, mentions, errors);
    check_backend(config, mentions, errors);
    check_mail(config, mentions, errors);
    check_gateways(config, errors);
    check_classes(config, errors);
    check_tls(config, errors);
}
