/* SPDX-License-Identifier: MIT */
/* Inviting people, and asking to be. Who is told what stands in face.c. */
#include "config.h"

#include "irc/command.h"

static void show_invitation(struct chat_text channel, void *argument)
{
    irc_reply(argument, IRC_RPL_INVITELIST, channel);
}

static void list_invitations(struct irc_client *client)
{
    int rc = chat_invitations(client->world, &client->chat, show_invitation, client);

    if (rc != 0)
        irc_explain(client, rc, "INVITE", CHAT_NO_TEXT);
    else
        irc_reply(client, IRC_RPL_ENDOFINVITELIST);
}

/* INVITE [nick #channel] */
void irc_do_invite(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = irc_param(message, 0);
    struct chat_text name = irc_param(message, 1);
    int rc;

    if (message->count == 0) {
        list_invitations(client);
        return;
    }
    if (message->count == 1) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("INVITE"));
        return;
    }
    rc = chat_channel_invite(client->world, &client->chat, name, nick);
    if (rc == CHAT_IS_THERE)
        irc_reply(client, IRC_ERR_USERONCHANNEL, nick, name);
    else if (rc != 0)
        irc_explain(client, rc, "INVITE", rc == CHAT_NO_SUCH_NICK ? nick : name);
}

/* KNOCK #channel [:reason] */
void irc_do_knock(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = message->params[0];
    int rc = chat_channel_knock(client->world, &client->chat, name, irc_param(message, 1));

    switch (rc) {
    case 0:
        irc_reply(client, IRC_RPL_KNOCKDLVR, name);
        break;
    case CHAT_ON_CHANNEL:
        irc_reply(client, IRC_ERR_KNOCKONCHAN, name);
        break;
    case CHAT_NOT_INVITE_ONLY:
        irc_reply(client, IRC_ERR_CHANOPEN, name);
        break;
    case CHAT_BANNED:
        irc_reply(client, IRC_ERR_CANNOTSENDTOCHAN, name);
        break;
    case CHAT_KNOCKED:
        chat_limit_hit_for(client->world, rc);
        irc_reply(client, IRC_ERR_TOOMANYKNOCK, name, chat_text("user"));
        break;
    case CHAT_KNOCKED_AT:
        chat_limit_hit_for(client->world, rc);
        irc_reply(client, IRC_ERR_TOOMANYKNOCK, name, chat_text("channel"));
        break;
    default:
        irc_explain(client, rc, "KNOCK", name);
        break;
    }
}
