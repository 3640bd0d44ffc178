/* SPDX-License-Identifier: MIT */
/* METADATA: keys to which a client is subscribed. */
#include "config.h"

#include "irc/metadata.h"

#include "irc/command.h"

#include <errno.h>

/* Keys on as many lines as they need. */
struct roll {
    struct irc_client *client;
    enum irc_numeric_index numeric;
    size_t count; /* on the line */
    struct irc_line line;
};

static void end_line(struct roll *roll)
{
    if (roll->count > 0)
        irc_emit(roll->client, &roll->line);
    roll->count = 0;
}

static void put_key(struct chat_text key, void *argument)
{
    struct roll *roll = argument;

    if (roll->count > 0 && irc_line_room(&roll->line) < 1 + key.length)
        end_line(roll);
    if (roll->count++ == 0)
        irc_begin_numeric(roll->client, &roll->line, roll->numeric);
    else
        irc_line_puts(&roll->line, " ");
    irc_line_put(&roll->line, key);
}

static bool is_for_self(struct irc_client *client, struct chat_text target)
{
    if (irc_metadata_is_self(client, target))
        return true;
    irc_metadata_wrong(client, "FAIL", "INVALID_TARGET", target, CHAT_NO_TEXT,
                       "Invalid metadata target");
    return false;
}

static void warn_of(struct irc_client *client, struct chat_text key)
{
    irc_metadata_wrong(client, "WARN", "INVALID_KEY", key, CHAT_NO_TEXT, "Invalid key");
}

/* -- SUB --------------------------------------------------------------------------------------- */

/* Those of the command's keys that are new. */
struct added {
    struct irc_client *client;
    size_t count;
    struct chat_text keys[IRC_PARAMS_MAX];
};

static void tell_added(struct chat_text target, struct chat_text key, struct chat_text value,
                       void *argument)
{
    const struct added *added = argument;

    for (size_t i = 0; i < added->count; i++)
        if (chat_text_equal(added->keys[i], key))
            irc_metadata_tell_value(target, key, value, added->client);
}

static void tell_all(struct irc_client *client, struct added *added)
{
    struct chat_sync sync = {.all = true};

    if (irc_metadata_is_much(client, &sync)) {
        irc_metadata_later(client, chat_text("*ALL"), 0);
        return;
    }
    irc_batch_begin(client, "metadata", chat_text("*ALL"));
    (void)chat_metadata_sync(client->world, &client->chat, &sync, SIZE_MAX, tell_added, added);
    irc_batch_end(client);
}

void irc_metadata_sub(struct irc_client *client, const struct irc_message *message)
{
    struct roll roll = {.client = client, .numeric = IRC_RPL_METADATASUBOK};
    struct added added = {.client = client};
    int rc = 0;
    size_t i = 2;

    if (!is_for_self(client, message->params[0]))
        return;
    for (; i < message->count; i++) {
        struct chat_text key = message->params[i];

        if (!chat_key_is_good(key)) {
            warn_of(client, key);
            continue;
        }
        rc = chat_subscribe(client->world, &client->chat, key);
        if (rc == CHAT_LIST_FULL || rc < 0)
            break;
        put_key(key, &roll);
        if (rc == 0)
            added.keys[added.count++] = key;
    }
    end_line(&roll);
    if (rc == CHAT_LIST_FULL)
        irc_fail_on(client, "METADATA", "LIMIT_REACHED",
                    "You are subscribed to as many keys as there may be", chat_text("SUB"),
                    message->params[i], IRC_NUMBER(CHAT_SUBSCRIPTIONS_MAX));
    else if (rc < 0)
        irc_explain(client, rc, "METADATA", message->params[i]);
    if (client->registered && added.count > 0)
        tell_all(client, &added);
}

/* -- UNSUB and SUBS ---------------------------------------------------------------------------- */

void irc_metadata_unsub(struct irc_client *client, const struct irc_message *message)
{
    struct roll roll = {.client = client, .numeric = IRC_RPL_METADATAUNSUBOK};

    if (!is_for_self(client, message->params[0]))
        return;
    for (size_t i = 2; i < message->count; i++) {
        struct chat_text key = message->params[i];

        if (!chat_key_is_good(key)) {
            warn_of(client, key);
            continue;
        }
        (void)chat_unsubscribe(client->world, &client->chat, key);
        put_key(key, &roll);
    }
    end_line(&roll);
}

void irc_metadata_subs(struct irc_client *client, const struct irc_message *message)
{
    struct roll roll = {.client = client, .numeric = IRC_RPL_METADATASUBS};

    if (!is_for_self(client, message->params[0]))
        return;
    irc_batch_begin(client, "metadata-subs", CHAT_NO_TEXT);
    chat_subscriptions(client->world, &client->chat, put_key, &roll);
    end_line(&roll);
    irc_batch_end(client);
}
