/* SPDX-License-Identifier: MIT */
/*
 * WHOIS [server] nick{,nick}. There is but one server, which may be named, or a pattern for it be
 * given, or anybody who is on it. What is shown of somebody is sent from within the visit, so that
 * it is what they were like at one moment.
 */
#include "config.h"

#include "irc/command.h"

#include "irc/cap.h"
#include "irc/isupport.h"
#include "irc/mode.h"
#include "irc/people.h"

/* A WHOIS that runs. */
struct whois {
    struct irc_client *client;
    struct chat_text nick; /* as they write it; stands as long as the visit */
    size_t count;          /* of channels on the line */
    struct irc_line line;  /* RPL_WHOISCHANNELS in the making */
};

static void begin_channels(struct whois *whois)
{
    irc_begin_numeric(whois->client, &whois->line, IRC_RPL_WHOISCHANNELS);
    irc_line_put(&whois->line, whois->nick);
    irc_line_puts(&whois->line, " :");
    whois->count = 0;
}

static void show_user(const struct chat_user_view *view, void *argument)
{
    struct whois *whois = argument;

    whois->nick = view->nick;
    irc_reply(whois->client, IRC_RPL_WHOISUSER, view->nick, view->username, view->host,
              view->realname);
    begin_channels(whois);
}

/* All the prefixes that a member may have. */
#define PREFIX_ROOM 5

static void show_channel(struct chat_text name, unsigned prefix, void *argument)
{
    struct whois *whois = argument;
    unsigned caps = atomic_load_explicit(&whois->client->caps, memory_order_relaxed);

    if (whois->count > 0 && irc_line_room(&whois->line) < 1 + PREFIX_ROOM + name.length) {
        irc_emit(whois->client, &whois->line);
        begin_channels(whois);
    }
    irc_line_puts(&whois->line, whois->count++ > 0 ? " " : "");
    irc_put_prefix(&whois->line, prefix, caps & IRC_CAP_MULTI_PREFIX);
    irc_line_put(&whois->line, name);
}

/* The class, if the operator is of one, behind the words that all know. */
static void show_class(struct irc_client *client, const struct chat_user_view *view)
{
    struct irc_line text;

    irc_line_begin(&text);
    if (view->oper_class.length > 0) {
        irc_line_puts(&text, " (");
        irc_line_put(&text, view->oper_class);
        irc_line_puts(&text, ")");
    }
    irc_reply(client, IRC_RPL_WHOISOPERATOR, view->nick,
              (struct chat_text){text.data, text.length});
}

static void show_rest(const struct chat_user_view *view, void *argument)
{
    struct whois *whois = argument;
    struct irc_client *client = whois->client;
    const struct irc_settings *settings = irc_settings_of(client);

    if (whois->count > 0)
        irc_emit(client, &whois->line);
    irc_reply(client, IRC_RPL_WHOISSERVER, view->nick, chat_text(settings->server),
              chat_text(settings->description));
    if (view->away.length > 0)
        irc_reply_away(client, view->nick, view->away);
    if (irc_is_operator(view))
        show_class(client, view);
    if (view->account.length > 0)
        irc_reply(client, IRC_RPL_WHOISACCOUNT, view->nick, view->account);
    if (view->modes & CHAT_USER_BOT)
        irc_reply(client, IRC_RPL_WHOISBOT, view->nick);
    if (irc_has_address(view))
        irc_reply_address(client, view->nick, view->username, view->address);
    if (view->to_operator && view->mark.length > 0)
        irc_reply(client, IRC_RPL_WHOISSPECIAL, view->nick, view->mark);
    if (view->modes & CHAT_USER_SECURE)
        irc_reply(client, IRC_RPL_WHOISSECURE, view->nick);
    irc_reply(client, IRC_RPL_WHOISIDLE, view->nick, IRC_NUMBER(irc_idle(view)),
              IRC_NUMBER(view->came / IRC_MS_PER_SECOND));
}

void irc_do_whois(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_nick_visitor visitor = {show_user, show_channel, show_rest};
    struct chat_text list = irc_param(message, message->count > 1 ? 1 : 0);
    struct chat_text all = list;
    struct whois whois = {.client = client};
    struct chat_text nick;

    if (message->count > 1 && !irc_is_here(client, message->params[0])) {
        irc_reply(client, IRC_ERR_NOSUCHSERVER, message->params[0]);
        return;
    }
    if (list.length == 0) {
        irc_reply(client, IRC_ERR_NONICKNAMEGIVEN);
        return;
    }
    for (unsigned count = 0; irc_list_next(&list, &nick); count++) {
        if (count == IRC_WHOIS_MAX) {
            chat_limit_hit(client->world, CHAT_LIMIT_TARGETS);
            irc_reply(client, IRC_ERR_TOOMANYTARGETS, nick);
            break;
        }
        if (chat_nick_look_around(client->world, &client->chat, nick, &visitor, &whois) != 0)
            irc_reply(client, IRC_ERR_NOSUCHNICK, nick);
    }
    irc_reply(client, IRC_RPL_ENDOFWHOIS, all);
}
