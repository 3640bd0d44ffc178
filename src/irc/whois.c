/* SPDX-License-Identifier: MIT */
/* WHOIS. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "irc/isupport.h"

#define MS_PER_SECOND 1000u

static bool is_operator(const struct chat_user_view *view)
{
    return view->modes & CHAT_USER_OPERATOR;
}

static void show_whois(const struct chat_user_view *view, void *argument)
{
    struct irc_client *client = argument;
    const struct irc_settings *settings = irc_settings_of(client);
    uint64_t now = pli_clock_wall_ms();
    uint64_t idle = now > view->active ? now - view->active : 0;

    irc_reply(client, IRC_RPL_WHOISUSER, view->nick, view->username, view->host, view->realname);
    irc_reply(client, IRC_RPL_WHOISSERVER, view->nick, chat_text(settings->server),
              chat_text(settings->description));
    if (view->away.length > 0)
        irc_reply(client, IRC_RPL_AWAY, view->nick, view->away);
    if (is_operator(view))
        irc_reply(client, IRC_RPL_WHOISOPERATOR, view->nick);
    if (view->modes & CHAT_USER_BOT)
        irc_reply(client, IRC_RPL_WHOISBOT, view->nick);
    if (view->self) {
        struct irc_line who;

        irc_line_begin(&who);
        irc_line_put(&who, view->username);
        irc_line_puts(&who, "@");
        irc_line_put(&who, view->address);
        irc_reply(client, IRC_RPL_WHOISACTUALLY, view->nick,
                  (struct chat_text){who.data, who.length}, view->address);
    }
    irc_reply(client, IRC_RPL_WHOISIDLE, view->nick, IRC_NUMBER(idle / MS_PER_SECOND),
              IRC_NUMBER(view->came / MS_PER_SECOND));
}

/* WHOIS [server] nick{,nick} */
void irc_do_whois(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = irc_param(message, message->count > 1 ? 1 : 0);
    struct chat_text all = list;
    struct chat_text nick;
    unsigned count = 0;

    if (list.length == 0) {
        irc_reply(client, IRC_ERR_NONICKNAMEGIVEN);
        return;
    }
    while (irc_list_next(&list, &nick) && count++ < IRC_WHOIS_MAX)
        if (chat_nick_look(client->world, &client->chat, nick, show_whois, client) != 0)
            irc_reply(client, IRC_ERR_NOSUCHNICK, nick);
    irc_reply(client, IRC_RPL_ENDOFWHOIS, all);
}
