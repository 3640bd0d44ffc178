/* SPDX-License-Identifier: MIT */
/*
 * METADATA: what a client gets of the keys to which it is subscribed, when it asks for it or comes
 * somewhere. What it asks for is answered in parts, however much it is; what comes by itself, is
 * put off where it is much.
 */
#include "config.h"

#include "irc/metadata.h"

#include "irc/cap.h"
#include "irc/command.h"
#include "irc/parts.h"

#include <errno.h>
#include <stdlib.h>

/* So many users and values at most are told at once; else one is to ask for them later. */
#define AT_ONCE (4 * IRC_PART)
#define LATER   2 /* seconds */

static bool is_known(const struct irc_client *client)
{
    return irc_metadata_is_known(atomic_load_explicit(&client->caps, memory_order_relaxed));
}

void irc_metadata_caps_changed(struct irc_client *client, unsigned before)
{
    if (irc_metadata_is_known(before) && !is_known(client))
        chat_unsubscribe_all(client->world, &client->chat);
}

void irc_metadata_later(struct irc_client *client, struct chat_text target, unsigned seconds)
{
    irc_reply(client, IRC_ERR_METADATASYNCLATER, target, IRC_NUMBER(seconds));
}

static void begin_numeric(struct irc *irc, struct irc_line *line, const char *number,
                          struct chat_text nick)
{
    char server[IRC_SERVER_MAX + 1];

    irc_line_begin(line);
    irc_line_puts(line, ":");
    irc_line_puts(line, irc_server_name(irc, server));
    irc_line_puts(line, number);
    irc_line_put(line, nick);
    irc_line_puts(line, " ");
}

void irc_put_metadata_later(struct irc *irc, struct irc_line *line, struct chat_text nick,
                            struct chat_text target)
{
    begin_numeric(irc, line, " 774 ", nick);
    irc_line_put(line, target);
    irc_line_puts(line, " 0 :Try again later");
}

void irc_put_metadata(struct irc *irc, struct irc_line *line, struct chat_text nick,
                      const struct chat_event *event)
{
    bool gone = event->text.length == 0;

    begin_numeric(irc, line, gone ? " 766 " : " 761 ", nick);
    irc_line_put(line, event->channel.time != 0 ? event->channel_name : event->target_nick);
    irc_line_puts(line, " ");
    irc_line_put(line, event->more);
    irc_line_puts(line, gone ? " :Key not set" : " * :");
    irc_line_put(line, event->text);
}

/* -- Coming ------------------------------------------------------------------------------------ */

void irc_metadata_register(struct irc_client *client)
{
    struct chat_metadata *metadata = client->coming->metadata;
    struct chat_text value;
    int rc = 0;

    for (size_t i = 0; i < chat_metadata_count(metadata) && rc == 0; i++) {
        struct chat_text key = chat_metadata_at(metadata, i, &value);

        rc = chat_metadata_set(client->world, &client->chat, CHAT_NO_TEXT, key, value);
    }
    if (rc != 0)
        irc_explain(client, rc, "METADATA", chat_text("*"));
}

void irc_metadata_welcome(struct irc_client *client)
{
    if (!is_known(client))
        return;
    irc_batch_begin(client, "metadata", chat_text(client->nick));
    (void)chat_metadata_look(client->world, &client->chat, CHAT_NO_TEXT, irc_metadata_tell_value,
                             client);
    irc_batch_end(client);
}

static void name_target(struct chat_sync *sync, struct chat_text target)
{
    if (target.length > sizeof sync->name)
        target.length = sizeof sync->name; /* no name is longer */
    sync->length = target.length;
    memcpy(sync->name, target.data, target.length);
}

/* All of it now. */
static void sync_at_once(struct irc_client *client, struct chat_sync *sync)
{
    irc_batch_begin(client, "metadata", (struct chat_text){sync->name, sync->length});
    (void)chat_metadata_sync(client->world, &client->chat, sync, SIZE_MAX, irc_metadata_tell_value,
                             client);
    irc_batch_end(client);
}

static void ignore_value(struct chat_text target, struct chat_text key, struct chat_text value,
                         void *argument)
{
    (void)target;
    (void)key;
    (void)value;
    (void)argument;
}

bool irc_metadata_is_much(struct irc_client *client, const struct chat_sync *sync)
{
    struct chat_sync trial = *sync;

    return chat_metadata_sync(client->world, &client->chat, &trial, AT_ONCE, ignore_value, NULL);
}

static void note_channel(const struct chat_channel_view *view, void *argument)
{
    name_target(argument, view->name);
}

void irc_metadata_joined(struct irc_client *client)
{
    static const struct chat_channel_visitor visitor = {note_channel, NULL};
    struct chat_sync sync = {.all = false};

    if (!is_known(client) ||
        chat_channel_look(client->world, &client->chat, CHAT_NO_TEXT, &visitor, &sync) != 0)
        return;
    if (irc_metadata_is_much(client, &sync))
        irc_metadata_later(client, (struct chat_text){sync.name, sync.length}, LATER);
    else
        sync_at_once(client, &sync);
}

static void ignore(const struct chat_user_view *view, void *argument)
{
    (void)view;
    (void)argument;
}

void irc_metadata_watches(struct irc_client *client, struct chat_text nick)
{
    struct chat_sync sync = {.all = false};

    if (!is_known(client) || chat_nick_look(client->world, &client->chat, nick, ignore, NULL) != 0)
        return;
    name_target(&sync, nick);
    sync_at_once(client, &sync);
}

void irc_metadata_status(struct irc_client *client)
{
    if (is_known(client))
        irc_metadata_later(client, chat_text("*ALL"), 0);
}

/* -- SYNC -------------------------------------------------------------------------------------- */

struct sync_parts {
    struct irc_parts parts;
    struct chat_sync sync;
};

static bool sync_part(struct irc_client *client, struct irc_parts *parts)
{
    struct chat_sync *sync = &((struct sync_parts *)parts)->sync;
    bool more;

    irc_batch_resume(client);
    more = chat_metadata_sync(client->world, &client->chat, sync, IRC_PART, irc_metadata_tell_value,
                              client);
    if (more)
        irc_batch_suspend(client);
    else
        irc_batch_end(client);
    return more;
}

/* Who has no user yet: what the client has set itself. */
static void sync_early(struct irc_client *client)
{
    struct chat_text value;

    irc_batch_begin(client, "metadata", chat_text("*"));
    for (size_t i = 0; i < chat_metadata_count(client->coming->metadata); i++) {
        struct chat_text key = chat_metadata_at(client->coming->metadata, i, &value);

        if (chat_session_subscribes(&client->chat, key))
            irc_metadata_tell_value(chat_text("*"), key, value, client);
    }
    irc_batch_end(client);
}

static bool target_is_there(struct irc_client *client, struct chat_text target)
{
    struct chat_text key = chat_text("-");

    if (!client->registered)
        return irc_metadata_is_self(client, target);
    if (chat_text_equal(target, chat_text("*ALL")) || irc_metadata_is_self(client, target))
        return true;
    return chat_metadata_find(client->world, &client->chat, target, key, ignore_value, NULL) == 0;
}

void irc_metadata_sync(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];
    struct sync_parts *parts;

    if (!target_is_there(client, target)) {
        irc_metadata_wrong(client, "FAIL", "INVALID_TARGET", target, CHAT_NO_TEXT,
                           "Invalid metadata target");
        return;
    }
    if (!client->registered) {
        sync_early(client);
        return;
    }
    parts = calloc(1, sizeof *parts);
    if (!parts) {
        irc_explain(client, -ENOMEM, "METADATA", target);
        return;
    }
    if (chat_text_equal(target, chat_text("*")))
        target = chat_text(client->nick);
    irc_batch_begin(client, "metadata", target);
    irc_batch_suspend(client);
    parts->parts.make = sync_part;
    parts->sync.all = chat_text_equal(target, chat_text("*ALL"));
    if (!parts->sync.all && !irc_metadata_is_self(client, target))
        name_target(&parts->sync, target);
    irc_answer_in_parts(client, &parts->parts);
}
