/* SPDX-License-Identifier: MIT */
/* MODE: of oneself, and of channels. */
#include "config.h"

#include "irc/mode.h"

#include "irc/command.h"

const struct irc_user_mode irc_user_modes[] = {
    {'B', CHAT_USER_BOT},
    {'i', CHAT_USER_INVISIBLE},
    {'o', CHAT_USER_OPERATOR},
    {0, 0},
};

void irc_put_user_modes(struct irc_line *line, char sign, unsigned modes)
{
    bool signed_already = false;

    for (const struct irc_user_mode *mode = irc_user_modes; mode->letter; mode++) {
        char text[2] = {sign, mode->letter};

        if (!(modes & mode->bit))
            continue;
        irc_line_put(line,
                     (struct chat_text){signed_already ? text + 1 : text, signed_already ? 1 : 2});
        signed_already = true;
    }
}

static unsigned find_bit(char letter)
{
    const struct irc_user_mode *mode = irc_user_modes;

    while (mode->letter && mode->letter != letter)
        mode++;
    return mode->bit;
}

/* -- Of users ---------------------------------------------------------------------------------- */

static void show_own(const struct chat_user_view *view, void *argument)
{
    struct irc_line modes;

    irc_line_begin(&modes);
    irc_put_user_modes(&modes, '+', view->modes);
    if (modes.length == 0)
        irc_line_puts(&modes, "+");
    irc_reply(argument, IRC_RPL_UMODEIS, (struct chat_text){modes.data, modes.length});
}

/* The last word on a mode counts. What is unknown is said once. */
static void change_own(struct irc_client *client, struct chat_text changes)
{
    unsigned set = 0, cleared = 0;
    bool add = true, unknown = false;
    int rc;

    for (size_t i = 0; i < changes.length; i++) {
        char letter = changes.data[i];
        unsigned bit = find_bit(letter);

        if (letter == '+' || letter == '-') {
            add = letter == '+';
            continue;
        }
        unknown = unknown || bit == 0;
        set = add ? set | bit : set & ~bit;
        cleared = add ? cleared & ~bit : cleared | bit;
    }
    rc = chat_user_modes(client->world, &client->chat, set, cleared);
    if (rc != 0)
        irc_explain(client, rc, "MODE", changes);
    if (unknown)
        irc_reply(client, IRC_ERR_UMODEUNKNOWNFLAG);
}

static void look_self(const struct chat_user_view *view, void *argument)
{
    *(bool *)argument = view->self;
}

static void user_mode(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = message->params[0];
    bool self = false;

    if (chat_nick_look(client->world, &client->chat, nick, look_self, &self) != 0)
        irc_reply(client, IRC_ERR_NOSUCHNICK, nick);
    else if (!self)
        irc_reply(client, IRC_ERR_USERSDONTMATCH);
    else if (message->count > 1)
        change_own(client, message->params[1]);
    else
        (void)chat_user_look(client->world, &client->chat, show_own, client);
}

/* -- Of channels --------------------------------------------------------------------------------- */

static void show_channel(const struct chat_channel_view *view, void *argument)
{
    irc_reply(argument, IRC_RPL_CHANNELMODEIS, view->name, chat_text("+"));
    irc_reply(argument, IRC_RPL_CREATIONTIME, view->name, IRC_NUMBER(view->created / 1000));
}

static void pass(const struct chat_channel_view *view, void *argument)
{
    (void)view;
    (void)argument;
}

/* A channel has no modes: each is unknown. */
static void channel_mode(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_channel_visitor visitor = {show_channel, NULL};
    static const struct chat_channel_visitor silent = {pass, NULL};
    struct chat_text name = message->params[0];
    struct chat_text changes = irc_param(message, 1);
    int rc = chat_channel_look(client->world, &client->chat, name,
                               message->count > 1 ? &silent : &visitor, client);

    if (rc != 0) {
        irc_explain(client, rc, "MODE", name);
        return;
    }
    for (size_t i = 0; i < changes.length; i++)
        if (changes.data[i] != '+' && changes.data[i] != '-')
            irc_reply(client, IRC_ERR_UNKNOWNMODE, (struct chat_text){changes.data + i, 1});
}

void irc_do_mode(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text target = message->params[0];

    if (target.length > 0 && target.data[0] == '#')
        channel_mode(client, message);
    else
        user_mode(client, message);
}
