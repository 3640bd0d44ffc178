/* SPDX-License-Identifier: MIT */
/* WHO. */
#include "config.h"

#include "irc/command.h"

#include "irc/cap.h"
#include "irc/mode.h"

static bool is_operator(const struct chat_user_view *view)
{
    return view->modes & CHAT_USER_OPERATOR;
}

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
