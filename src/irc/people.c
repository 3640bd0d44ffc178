/* SPDX-License-Identifier: MIT */
/* Questions about people, and what one says about oneself. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "irc/cap.h"
#include "irc/isupport.h"
#include "irc/mode.h"

#define MS_PER_SECOND 1000u

static bool is_operator(const struct chat_user_view *view)
{
    return view->modes & CHAT_USER_OPERATOR;
}

/* -- AWAY and SETNAME ------------------------------------------------------------------------ */

void irc_do_away(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text reason = irc_param(message, 0);
    int rc = chat_user_away(client->world, &client->chat, reason);

    if (rc != 0)
        irc_explain(client, rc, "AWAY", reason);
    else
        irc_reply(client, reason.length > 0 ? IRC_RPL_NOWAWAY : IRC_RPL_UNAWAY);
}

void irc_do_setname(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text realname = message->params[0];
    int rc;

    if (realname.length == 0 || realname.length > IRC_REALNAME_MAX) {
        irc_fail(client, chat_text("SETNAME"), "INVALID_REALNAME", CHAT_NO_TEXT,
                 "That real name is not valid");
        return;
    }
    irc_answer_single(client);
    rc = chat_user_realname(client->world, &client->chat, realname);
    if (rc != 0)
        irc_explain(client, rc, "SETNAME", realname);
}

/* -- WHOIS ------------------------------------------------------------------------------------ */

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

/* -- ISON and USERHOST -------------------------------------------------------------------------- */

static void put_nick(const struct chat_user_view *view, void *argument)
{
    struct irc_line *line = argument;

    if (irc_line_room(line) < view->nick.length + 1)
        return;
    irc_line_put(line, view->nick);
    irc_line_puts(line, " ");
}

static void put_userhost(const struct chat_user_view *view, void *argument)
{
    struct irc_line *line = argument;

    irc_line_put(line, view->nick);
    irc_line_puts(line, is_operator(view) ? "*=" : "=");
    irc_line_puts(line, view->away.length > 0 ? "-" : "+");
    irc_line_put(line, view->username);
    irc_line_puts(line, "@");
    irc_line_put(line, view->host);
    irc_line_puts(line, " ");
}

/* Takes the next word of a text. */
static bool next_word(struct chat_text *text, struct chat_text *word)
{
    size_t at = 0;

    while (text->length > 0 && text->data[0] == ' ') {
        text->data++;
        text->length--;
    }
    while (at < text->length && text->data[at] != ' ')
        at++;
    *word = (struct chat_text){text->data, at};
    if (at > 0) {
        text->data += at;
        text->length -= at;
    }
    return at > 0;
}

/* One line about all who are named, in any parameter, and there. */
static void answer_each(struct irc_client *client, const struct irc_message *message,
                        enum irc_numeric_index numeric, unsigned most,
                        void (*put)(const struct chat_user_view *view, void *argument))
{
    struct irc_line line;
    struct chat_text nick;
    unsigned count = 0;

    irc_begin_numeric(client, &line, numeric);
    irc_line_puts(&line, ":");
    for (size_t i = 0; i < message->count; i++) {
        struct chat_text words = message->params[i];

        while (next_word(&words, &nick) && count++ < most)
            (void)chat_nick_look(client->world, &client->chat, nick, put, &line);
    }
    if (count > 0 && line.data[line.length - 1] == ' ')
        line.length--;
    irc_emit(client, &line);
}

void irc_do_ison(struct irc_client *client, const struct irc_message *message)
{
    answer_each(client, message, IRC_RPL_ISON, ~0u, put_nick);
}

#define USERHOST_MAX 5

void irc_do_userhost(struct irc_client *client, const struct irc_message *message)
{
    answer_each(client, message, IRC_RPL_USERHOST, USERHOST_MAX, put_userhost);
}

/* -- WHO ---------------------------------------------------------------------------------------- */

/* A WHO that runs. */
struct who {
    struct irc_client *client;
    struct chat_text channel; /* of the reply, or "*" */
};

static void show_who(const struct chat_user_view *view, void *argument)
{
    struct who *who = argument;
    unsigned caps = atomic_load_explicit(&who->client->caps, memory_order_relaxed);
    struct irc_line flags;

    irc_line_begin(&flags);
    irc_line_puts(&flags, view->away.length > 0 ? "G" : "H");
    irc_line_puts(&flags, is_operator(view) ? "*" : "");
    irc_line_puts(&flags, view->modes & CHAT_USER_BOT ? "B" : "");
    irc_put_prefix(&flags, view->prefix, caps & IRC_CAP_MULTI_PREFIX);
    irc_reply(who->client, IRC_RPL_WHOREPLY, who->channel, view->username, view->host,
              chat_text(irc_settings_of(who->client)->server), view->nick,
              (struct chat_text){flags.data, flags.length}, view->realname);
}

static void who_channel(const struct chat_channel_view *view, void *argument)
{
    struct who *who = argument;

    who->channel = view->name;
}

void irc_do_who(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_channel_visitor visitor = {who_channel, show_who};
    struct chat_text mask = message->params[0];
    struct who who = {.client = client, .channel = chat_text("*")};

    if (mask.length > 0 && mask.data[0] == '#')
        (void)chat_channel_look(client->world, &client->chat, mask, &visitor, &who);
    else
        (void)chat_nick_look(client->world, &client->chat, mask, show_who, &who);
    irc_reply(client, IRC_RPL_ENDOFWHO, mask);
}
