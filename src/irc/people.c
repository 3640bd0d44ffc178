/* SPDX-License-Identifier: MIT */
/* What one says about oneself, and who of some people are there. */
#include "config.h"

#include "irc/command.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "irc/cap.h"
#include "irc/people.h"

#include <stdio.h>

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

static void copy_username(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, CHAT_USERNAME_MAX + 1, "%.*s", (int)view->username.length,
             view->username.data);
}

const char *irc_username(struct irc_client *client, char name[static CHAT_USERNAME_MAX + 1])
{
    const char *said = client->coming ? client->coming->user : NULL;

    snprintf(name, CHAT_USERNAME_MAX + 1, "%s", said ? said : "*");
    (void)chat_user_look(client->world, &client->chat, copy_username, name);
    return name;
}

static void look_rights(const struct chat_user_view *view, void *argument)
{
    *(struct chat_user_view *)argument = *view;
}

bool irc_client_has_right(struct irc_client *client, enum chat_right right)
{
    struct chat_user_view view = {.rights = 0}; /* its texts are not looked at */

    (void)chat_user_look(client->world, &client->chat, look_rights, &view);
    return view.rights & right;
}

bool irc_client_may(struct irc_client *client, enum chat_right right)
{
    struct chat_user_view view = {.modes = 0}; /* its texts are not looked at */

    (void)chat_user_look(client->world, &client->chat, look_rights, &view);
    if (!irc_is_operator(&view))
        irc_reply(client, IRC_ERR_NOPRIVILEGES);
    else if (!(view.rights & right))
        irc_reply(client, IRC_ERR_NOPRIVS, chat_text(chat_right_text(right)));
    return irc_is_operator(&view) && view.rights & right;
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

struct chat_text irc_away_reason(struct chat_text reason, unsigned caps)
{
    if (caps & IRC_CAP_PRE_AWAY || !chat_text_equal(reason, chat_text(CHAT_AWAY_UNTOLD)))
        return reason;
    return chat_text("Away");
}

void irc_reply_away(struct irc_client *client, struct chat_text nick, struct chat_text reason)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    irc_reply(client, IRC_RPL_AWAY, nick, irc_away_reason(reason, caps));
}

/* Before the registration it is only noted: the user is away from the beginning. */
static int be_away(struct irc_client *client, struct chat_text reason)
{
    if (client->registered)
        return chat_user_away(client->world, &client->chat, reason);
    reason.length = pli_utf8_cut(reason.data, reason.length, CHAT_AWAY_MAX);
    return irc_client_keep(&client->coming->away, reason);
}

void irc_do_away(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text reason = irc_param(message, 0);
    int rc = be_away(client, reason);

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

/* What is said of several people, on as many lines as it takes. */
struct roll {
    struct irc_client *client;
    enum irc_numeric_index numeric;
    struct irc_line line;
    bool any; /* on the line */
};

static void begin_line(struct roll *roll)
{
    irc_begin_numeric(roll->client, &roll->line, roll->numeric);
    irc_line_puts(&roll->line, ":");
    roll->any = false;
}

static void add(struct roll *roll, struct chat_text entry)
{
    if (roll->any && irc_line_room(&roll->line) < 1 + entry.length) {
        irc_emit(roll->client, &roll->line);
        begin_line(roll);
    }
    irc_line_puts(&roll->line, roll->any ? " " : "");
    irc_line_put(&roll->line, entry);
    roll->any = true;
}

static void add_nick(const struct chat_user_view *view, void *argument)
{
    add(argument, view->nick);
}

static void add_userhost(const struct chat_user_view *view, void *argument)
{
    struct irc_line entry;

    irc_line_begin(&entry);
    irc_line_put(&entry, view->nick);
    irc_line_puts(&entry, irc_is_operator(view) ? "*=" : "=");
    irc_line_puts(&entry, view->away.length > 0 ? "-" : "+");
    irc_line_put(&entry, view->username);
    irc_line_puts(&entry, "@");
    irc_line_put(&entry, view->host);
    add(argument, (struct chat_text){entry.data, entry.length});
}

/* Tells about all who are named, in any parameter, and there: in one line at least. */
static void answer_each(struct irc_client *client, const struct irc_message *message,
                        enum irc_numeric_index numeric, unsigned most,
                        void (*tell)(const struct chat_user_view *view, void *argument))
{
    struct roll roll = {.client = client, .numeric = numeric};
    struct chat_text nick;
    unsigned count = 0;

    begin_line(&roll);
    for (size_t i = 0; i < message->count; i++) {
        struct chat_text words = message->params[i];

        while (irc_word_next(&words, &nick) && count++ < most)
            (void)chat_nick_look(client->world, &client->chat, nick, tell, &roll);
    }
    irc_emit(client, &roll.line);
}

void irc_do_ison(struct irc_client *client, const struct irc_message *message)
{
    answer_each(client, message, IRC_RPL_ISON, ~0u, add_nick);
}

#define USERHOST_MAX 5

void irc_do_userhost(struct irc_client *client, const struct irc_message *message)
{
    answer_each(client, message, IRC_RPL_USERHOST, USERHOST_MAX, add_userhost);
}
