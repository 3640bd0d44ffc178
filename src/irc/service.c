/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/service.h"

#include "account/chanserv.h"
#include "chat/chat.h"
#include "chat/colour.h"
#include "irc/account.h"
#include "irc/command.h"
#include "irc/say.h"
#include "irc/tags.h"

void irc_service_say(struct irc_client *client, const char *service, struct chat_text text)
{
    (void)chat_service_notice(client->world, chat_text(service), &client->chat, text, true);
}

void irc_service_say_lines(struct irc_client *client, const char *service, const char *lines)
{
    struct chat_text rest = chat_text(lines ? lines : "");
    struct chat_text line;

    while (chat_text_next(&rest, '\n', &line))
        irc_service_say(client, service, line);
}

void irc_service_echo(struct irc_client *client, const struct irc_message *message,
                      struct chat_text text)
{
    char tags[IRC_OWN_TAGS_MAX];
    struct chat_words words = {
        .kind = CHAT_MESSAGE,
        .target = message->params[0],
        .text = text,
        .tags = irc_client_tags(client, message, tags),
    };

    (void)chat_service_echo(client->world, &client->chat, &words);
}

/* Copies a text without what is no text, and returns where that ends. */
static char *copy_plain(char *at, struct chat_text text)
{
    size_t length = chat_colour_strip(text, at);
    size_t kept = 0;

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)at[i] >= ' ' && at[i] != 127)
            at[kept++] = at[i];
    return at + kept;
}

size_t irc_service_room(const struct chat_text *words, size_t count)
{
    size_t length = count;

    for (size_t i = 0; i < count; i++)
        length += words[i].length;
    return length;
}

void irc_service_copy(char *line, const struct chat_text *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        line = copy_plain(line, words[i]);
        *line++ = i + 1 < count ? ' ' : '\0';
    }
}

void irc_service_hear(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = message->params[1];

    if (irc_is_ctcp(text) || irc_is_action(text))
        irc_reply(client, IRC_ERR_CANTSENDTOUSER, message->params[0]);
    else if (chat_text_same(message->params[0], chat_text(CHANSERV_NAME)))
        irc_chanserv_hear(client, message);
    else
        irc_nickserv_hear(client, message);
}

/* SQUERY service :text, which RFC 2812 has for services. */
void irc_do_squery(struct irc_client *client, const struct irc_message *message)
{
    if (irc_param(message, 1).length == 0)
        irc_reply(client, IRC_ERR_NOTEXTTOSEND);
    else if (chat_is_service(client->world, message->params[0]))
        irc_service_hear(client, message);
    else
        irc_reply(client, IRC_ERR_NOSUCHSERVICE, message->params[0]);
}
