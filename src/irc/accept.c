/* SPDX-License-Identifier: MIT */
/* ACCEPT: who may speak to a user that has the mode R. */
#include "config.h"

#include "irc/command.h"

/* Nicknames on as many lines as they need. */
struct roll {
    struct irc_client *client;
    struct irc_line line;
    size_t count; /* on the line */
};

static void begin_line(struct roll *roll)
{
    irc_begin_numeric(roll->client, &roll->line, IRC_RPL_ACCEPTLIST);
    irc_line_puts(&roll->line, ":");
    roll->count = 0;
}

static void put_nick(struct chat_text nick, void *argument)
{
    struct roll *roll = argument;

    if (roll->count > 0 && irc_line_room(&roll->line) < 1 + nick.length) {
        irc_emit(roll->client, &roll->line);
        begin_line(roll);
    }
    if (roll->count++ > 0)
        irc_line_puts(&roll->line, " ");
    irc_line_put(&roll->line, nick);
}

static void show_list(struct irc_client *client)
{
    struct roll roll = {.client = client};

    begin_line(&roll);
    (void)chat_accepts(client->world, &client->chat, put_nick, &roll);
    if (roll.count > 0)
        irc_emit(client, &roll.line);
    irc_reply(client, IRC_RPL_ENDOFACCEPT);
}

static void change(struct irc_client *client, struct chat_text nick)
{
    bool remove = nick.data[0] == '-';
    int rc;

    if (remove)
        nick = (struct chat_text){nick.data + 1, nick.length - 1};
    rc = remove ? chat_unaccept(client->world, &client->chat, nick)
                : chat_accept(client->world, &client->chat, nick);
    if (rc == CHAT_LIST_FULL) {
        chat_limit_hit(client->world, CHAT_LIMIT_ACCEPTS);
        irc_reply(client, IRC_ERR_ACCEPTFULL);
    } else if (rc == CHAT_ACCEPTED)
        irc_reply(client, IRC_ERR_ACCEPTEXIST, nick);
    else if (rc == CHAT_NOT_ACCEPTED)
        irc_reply(client, IRC_ERR_ACCEPTNOT, nick);
    else if (rc != 0)
        irc_explain(client, rc, "ACCEPT", nick);
}

/* ACCEPT * | [-]nick{,[-]nick} */
void irc_do_accept(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = message->params[0];
    struct chat_text nick;

    while (irc_list_next(&list, &nick)) {
        if (chat_text_equal(nick, chat_text("*")))
            show_list(client);
        else
            change(client, nick);
    }
}
