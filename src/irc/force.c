/* SPDX-License-Identifier: MIT */
/* What operators of the server have others do; SAMODE is in mode.c. The chat logs it. */
#include "config.h"

#include "irc/command.h"

#include "irc/people.h"

/* TARGET is whom it is done to, NAME what was given beside. */
static void explain(struct irc_client *client, int outcome, const char *command,
                    struct chat_text target, struct chat_text name)
{
    if (outcome == CHAT_IS_THERE)
        irc_reply(client, IRC_ERR_USERONCHANNEL, target, name);
    else if (outcome == CHAT_NOT_THERE)
        irc_reply(client, IRC_ERR_USERNOTINCHANNEL, target, name);
    else if (outcome == CHAT_BAD_ARGUMENT)
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text(command),
                  chat_text("That is no host, or no user name"));
    else if (outcome != 0 && outcome != CHAT_NICK_SAME)
        irc_explain(client, outcome, command, outcome == CHAT_NO_SUCH_NICK ? target : name);
}

/* SAJOIN nickname #channel{,#channel} */
void irc_do_sajoin(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    struct chat_text list = message->params[1];
    struct chat_text name;

    if (!irc_client_may(client, CHAT_RIGHT_OVERRIDE))
        return;
    while (irc_list_next(&list, &name))
        explain(client, chat_force_join(client->world, &client->chat, nick, name), "SAJOIN", nick,
                name);
}

/* SAPART nickname #channel{,#channel} [:reason] */
void irc_do_sapart(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    struct chat_text list = message->params[1];
    struct chat_text name;

    if (!irc_client_may(client, CHAT_RIGHT_OVERRIDE))
        return;
    while (irc_list_next(&list, &name))
        explain(client,
                chat_force_part(client->world, &client->chat, nick, name, irc_param(message, 2)),
                "SAPART", nick, name);
}

/* SANICK nickname new */
void irc_do_sanick(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    struct chat_text name = message->params[1];

    if (irc_client_may(client, CHAT_RIGHT_OVERRIDE))
        explain(client, chat_force_nick(client->world, &client->chat, nick, name), "SANICK", nick,
                name);
}

/* CHGHOST nickname [user] host */
void irc_do_chghost(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    struct chat_text user = message->count > 2 ? message->params[1] : CHAT_NO_TEXT;
    struct chat_text host = message->params[message->count > 2 ? 2 : 1];

    if (irc_client_may(client, CHAT_RIGHT_CHGHOST))
        explain(client, chat_force_host(client->world, &client->chat, nick, user, host), "CHGHOST",
                nick, host);
}
