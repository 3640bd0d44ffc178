/* SPDX-License-Identifier: MIT */
/* What one says about oneself, and who of some people are there. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "irc/people.h"

static void look_modes(const struct chat_user_view *view, void *argument)
{
    *(unsigned *)argument = view->modes;
}

bool irc_client_is_operator(struct irc_client *client)
{
    unsigned modes = 0;

    (void)chat_user_look(client->world, &client->chat, look_modes, &modes);
    return modes & CHAT_USER_OPERATOR;
}

void irc_put_address(struct irc_line *line, struct chat_text address)
{
    if (address.length > 0 && address.data[0] == ':')
        irc_line_puts(line, "0");
    irc_line_put(line, address);
}

void irc_reply_address(struct irc_client *client, struct chat_text nick, struct chat_text username,
                       struct chat_text address)
{
    struct irc_line from;
    struct irc_line shown;

    irc_line_begin(&from);
    irc_line_put(&from, username);
    irc_line_puts(&from, "@");
    irc_line_put(&from, address);
    irc_line_begin(&shown);
    irc_put_address(&shown, address);
    irc_reply(client, IRC_RPL_WHOISACTUALLY, nick, (struct chat_text){from.data, from.length},
              (struct chat_text){shown.data, shown.length});
}

uint64_t irc_idle(const struct chat_user_view *view)
{
    uint64_t now = pli_clock_wall_ms();

    return now > view->active ? (now - view->active) / IRC_MS_PER_SECOND : 0;
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
    irc_line_puts(line, irc_is_operator(view) ? "*=" : "=");
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
