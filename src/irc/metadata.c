/* SPDX-License-Identifier: MIT */
/* METADATA: what can be said of values. Subscriptions and what comes of them stand elsewhere. */
#include "config.h"

#include "irc/metadata.h"

#include "base/clock.h"
#include "irc/cap.h"
#include "irc/command.h"

#include <errno.h>
#include <strings.h>

bool irc_metadata_is_known(unsigned caps)
{
    return (caps & IRC_CAPS_METADATA) == IRC_CAPS_METADATA;
}

void irc_metadata_wrong(struct irc_client *client, const char *kind, const char *code,
                        struct chat_text context, struct chat_text more, const char *text)
{
    irc_standard(client, kind, chat_text("METADATA"), code, text,
                 (const struct chat_text[]){context, more, CHAT_NO_TEXT});
}

bool irc_metadata_is_self(const struct irc_client *client, struct chat_text target)
{
    return chat_text_equal(target, chat_text("*")) ||
           (client->registered && target.length == strlen(client->nick) &&
            strncasecmp(target.data, client->nick, target.length) == 0);
}

/* How the chat calls a target, and whether it is one at all before there is a user. */
static struct chat_text in_chat(const struct irc_client *client, struct chat_text target)
{
    return irc_metadata_is_self(client, target) ? CHAT_NO_TEXT : target;
}

static bool is_too_early(const struct irc_client *client, struct chat_text target)
{
    return !client->registered && !irc_metadata_is_self(client, target);
}

/* How a target is shown where the client may have written a star. */
static struct chat_text shown(const struct irc_client *client, struct chat_text target)
{
    return client->registered && irc_metadata_is_self(client, target) ? chat_text(client->nick)
                                                                      : target;
}

void irc_metadata_tell_value(struct chat_text target, struct chat_text key, struct chat_text value,
                             void *argument)
{
    struct irc_client *client = argument;

    if (value.length > 0)
        irc_reply(client, IRC_RPL_KEYVALUE, target, key, value);
    else
        irc_reply(client, IRC_RPL_KEYNOTSET, target, key);
}

/* Why the chat has not done it. */
static void explain(struct irc_client *client, int outcome, struct chat_text target,
                    struct chat_text key)
{
    if (outcome == CHAT_NOT_OPERATOR)
        irc_metadata_wrong(client, "FAIL", "KEY_NO_PERMISSION", target, key, "Permission denied");
    else if (outcome == CHAT_LIST_FULL)
        irc_fail_on(client, "METADATA", "LIMIT_REACHED", "There are as many keys as there may be",
                    chat_text("SET"), target, IRC_NUMBER(CHAT_METADATA_MAX));
    else if (outcome < 0)
        irc_explain(client, outcome, "METADATA", target);
    else
        irc_metadata_wrong(client, "FAIL", "INVALID_TARGET", target, CHAT_NO_TEXT,
                           "Invalid metadata target");
}

/* -- GET and LIST ------------------------------------------------------------------------------ */

static int find(struct irc_client *client, struct chat_text target, struct chat_text key,
                chat_metadata_visit *visit)
{
    if (is_too_early(client, target))
        return CHAT_NO_SUCH_NICK;
    if (client->registered)
        return chat_metadata_find(client->world, &client->chat, in_chat(client, target), key, visit,
                                  client);
    visit(target, key, chat_metadata_get(client->coming->metadata, key), client);
    return 0;
}

static int look(struct irc_client *client, struct chat_text target, chat_metadata_visit *visit)
{
    struct chat_text value;

    if (is_too_early(client, target))
        return CHAT_NO_SUCH_NICK;
    if (client->registered)
        return chat_metadata_look(client->world, &client->chat, in_chat(client, target), visit,
                                  client);
    for (size_t i = 0; i < chat_metadata_count(client->coming->metadata); i++) {
        struct chat_text key = chat_metadata_at(client->coming->metadata, i, &value);

        visit(target, key, value, client);
    }
    return 0;
}

static void ignore(struct chat_text target, struct chat_text key, struct chat_text value,
                   void *argument)
{
    (void)target;
    (void)key;
    (void)value;
    (void)argument;
}

/* Opens the batch of an answer about a target, or says that there is none. */
static bool open_batch(struct irc_client *client, struct chat_text target)
{
    int rc = look(client, target, ignore);

    if (rc == 0)
        irc_batch_begin(client, "metadata", shown(client, target));
    else
        explain(client, rc, target, CHAT_NO_TEXT);
    return rc == 0;
}

static void do_get(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];

    if (!open_batch(client, target))
        return;
    for (size_t i = 2; i < message->count; i++) {
        struct chat_text key = message->params[i];

        if (!chat_key_is_good(key))
            irc_metadata_wrong(client, "WARN", "INVALID_KEY", key, CHAT_NO_TEXT, "Invalid key");
        else if (find(client, target, key, irc_metadata_tell_value) != 0)
            irc_metadata_tell_value(target, key, chat_text(""), client); /* gone meanwhile */
    }
    irc_batch_end(client);
}

static void do_list(struct irc_client *client, const struct irc_message *message)
{
    if (!open_batch(client, message->params[0]))
        return;
    (void)look(client, message->params[0], irc_metadata_tell_value);
    irc_batch_end(client);
}

/* -- SET and CLEAR ----------------------------------------------------------------------------- */

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_SECOND)

/*
 * Changes have a bucket of their own, which is kept as the time at which it would be full again.
 * Returns for how many seconds there is none; 0: one has been taken.
 */
static uint64_t take_change(struct irc_client *client)
{
    const struct irc_settings *settings = irc_settings_of(client);
    uint64_t now = pli_clock_now();
    uint64_t full_at = client->metadata_full_at > now ? client->metadata_full_at : now;
    uint64_t each;

    if (settings->metadata_rate == 0)
        return 0;
    each = NS_PER_MINUTE / settings->metadata_rate;
    if (full_at - now + each > settings->metadata_burst * each)
        return (full_at - now + each - settings->metadata_burst * each) / NS_PER_SECOND + 1;
    client->metadata_full_at = full_at + each;
    return 0;
}

/* The command comes back as it is, so that it can be sent again. */
static bool is_limited(struct irc_client *client, const struct irc_message *message)
{
    uint64_t seconds = take_change(client);
    struct irc_line line;

    if (seconds == 0)
        return false;
    irc_begin_numeric(client, &line, IRC_ERR_METADATARATELIMIT);
    irc_line_number(&line, seconds);
    for (size_t i = 0; i < message->count; i++) {
        irc_line_puts(&line, " ");
        if (i == 3) {
            irc_line_puts(&line, ":");
            irc_line_put(&line, message->params[i]);
        } else {
            irc_line_middle(&line, message->params[i]);
        }
    }
    irc_emit(client, &line);
    return true;
}

/* Whether everybody can be told the value in one line, whatever names people have. */
static bool value_fits(struct irc_client *client, struct chat_text target, struct chat_text key,
                       struct chat_text value)
{
    struct chat_settings settings;
    size_t names;

    chat_world_settings(client->world, &settings);
    names = settings.nick_length;
    names += target.length > 0 && target.data[0] == '#' ? target.length : settings.nick_length;
    return value.length <= CHAT_METADATA_VALUE_MAX &&
           strlen(":") + strlen(irc_settings_of(client)->server) + strlen(" 761 ") + names +
                   strlen("  ") + key.length + strlen(" * :") + value.length + 2 <=
               IRC_LINE_MAX;
}

static int set(struct irc_client *client, struct chat_text target, struct chat_text key,
               struct chat_text value)
{
    int rc;

    if (client->registered)
        return chat_metadata_set(client->world, &client->chat, in_chat(client, target), key, value);
    rc = chat_metadata_put(&client->coming->metadata, key, value);
    return rc == CHAT_MODE_SAME ? 0 : rc;
}

static void do_set(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];
    struct chat_text key = message->params[2];
    struct chat_text value = irc_param(message, 3);
    int rc = look(client, target, ignore);

    irc_answer_single(client);
    if (rc != 0) {
        explain(client, rc, target, key);
        return;
    }
    if (!chat_key_is_good(key)) {
        irc_metadata_wrong(client, "FAIL", "INVALID_KEY", key, CHAT_NO_TEXT, "Invalid key");
        return;
    }
    if (!value_fits(client, target, key, value)) {
        irc_metadata_wrong(client, "FAIL", "INVALID_VALUE", key, CHAT_NO_TEXT,
                           "The value is too long");
        return;
    }
    if (is_limited(client, message))
        return;
    rc = set(client, target, key, value);
    if (rc == 0)
        irc_metadata_tell_value(target, key, value, client);
    else
        explain(client, rc, target, key);
}

/* A visit opens the batch, so that nothing is opened where nothing may be cleared. */
static void tell_cleared(struct chat_text target, struct chat_text key, struct chat_text value,
                         void *argument)
{
    struct irc_client *client = argument;

    if (!client->nested)
        irc_batch_begin(client, "metadata", target);
    irc_metadata_tell_value(target, key, value, client);
}

static int clear_early(struct irc_client *client, struct chat_text target)
{
    if (is_too_early(client, target))
        return CHAT_NO_SUCH_NICK;
    (void)look(client, target, ignore);
    for (size_t i = chat_metadata_count(client->coming->metadata); i-- > 0;) {
        struct chat_text value;
        struct chat_text key = chat_metadata_at(client->coming->metadata, i, &value);

        tell_cleared(target, key, chat_text(""), client);
    }
    chat_metadata_free(client->coming->metadata);
    client->coming->metadata = NULL;
    return 0;
}

static void do_clear(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];
    int rc;

    if (is_limited(client, message))
        return;
    rc = client->registered ? chat_metadata_clear(client->world, &client->chat,
                                                  in_chat(client, target), tell_cleared, client)
                            : clear_early(client, target);
    if (rc == 0 && !client->nested)
        irc_batch_begin(client, "metadata", shown(client, target));
    if (client->nested)
        irc_batch_end(client);
    if (rc != 0)
        explain(client, rc, target, chat_text("*"));
}

/* -- The command ------------------------------------------------------------------------------- */

/* How many parameters follow the subcommand. */
static const struct {
    const char *name;
    size_t least;
    size_t most;
    void (*run)(struct irc_client *client, const struct irc_message *message);
} subcommands[] = {
    {"GET", 1, IRC_PARAMS_MAX, do_get},
    {"LIST", 0, 0, do_list},
    {"SET", 1, 2, do_set},
    {"CLEAR", 0, 0, do_clear},
    {"SUB", 1, IRC_PARAMS_MAX, irc_metadata_sub},
    {"UNSUB", 1, IRC_PARAMS_MAX, irc_metadata_unsub},
    {"SUBS", 0, 0, irc_metadata_subs},
    {"SYNC", 0, 0, irc_metadata_sync},
};

#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

static size_t find_subcommand(struct chat_text name)
{
    size_t i = 0;

    while (i < SUBCOMMANDS && (name.length != strlen(subcommands[i].name) ||
                               strncasecmp(name.data, subcommands[i].name, name.length) != 0))
        i++;
    return i;
}

/* METADATA target subcommand {parameter} */
void irc_do_metadata(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = irc_param(message, 1);
    size_t i = find_subcommand(name);
    const char *wrong = message->count < 2 ? "Not enough parameters" : NULL;

    if (!irc_metadata_is_known(atomic_load_explicit(&client->caps, memory_order_relaxed))) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return;
    }
    if (!wrong && i == SUBCOMMANDS)
        wrong = "Unknown subcommand";
    if (!wrong && message->count - 2 < subcommands[i].least)
        wrong = "Not enough parameters";
    if (!wrong && message->count - 2 > subcommands[i].most)
        wrong = "Too many parameters";
    if (wrong)
        irc_metadata_wrong(client, "FAIL", "INVALID_PARAMS", name, CHAT_NO_TEXT, wrong);
    else
        subcommands[i].run(client, message);
}
