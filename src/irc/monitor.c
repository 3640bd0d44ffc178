/* SPDX-License-Identifier: MIT */
/*
 * MONITOR (IRCv3 monitor): nicknames of which a client is told whether they are taken. What is told
 * of several of them goes into as few lines as it fits in, from within the visit, under the world's
 * lock: so it comes before what becomes of them later.
 */
#include "config.h"

#include "irc/monitor.h"

#include "irc/command.h"
#include "irc/metadata.h"

#include <paceline/session.h>

/* A list with commas, on as many lines as it needs; WORDS stand after it, if there are any. */
struct roll {
    struct irc_client *client;
    enum irc_numeric_index numeric;
    struct chat_text prefix;
    const char *words;
    size_t count; /* on the line */
    struct irc_line line;
};

static void begin_line(struct roll *roll)
{
    irc_begin_numeric(roll->client, &roll->line, roll->numeric);
    irc_line_put(&roll->line, roll->prefix);
    irc_line_reserve(&roll->line, strlen(roll->words));
}

static void end_line(struct roll *roll)
{
    if (roll->count == 0)
        return;
    irc_line_release(&roll->line, strlen(roll->words));
    irc_line_puts(&roll->line, roll->words);
    irc_emit_in_order(roll->client, &roll->line);
    roll->count = 0;
}

static void put_nick(struct roll *roll, struct chat_text nick, const struct chat_user_view *user)
{
    size_t length = nick.length + (user ? 2 + user->username.length + user->host.length : 0);

    if (roll->count > 0 && irc_line_room(&roll->line) < 1 + length)
        end_line(roll);
    if (roll->count == 0)
        begin_line(roll);
    if (roll->count++ > 0)
        irc_line_puts(&roll->line, ",");
    irc_line_put(&roll->line, nick);
    if (!user)
        return;
    irc_line_puts(&roll->line, "!");
    irc_line_put(&roll->line, user->username);
    irc_line_puts(&roll->line, "@");
    irc_line_put(&roll->line, user->host);
}

static void roll_init(struct roll *roll, struct irc_client *client, enum irc_numeric_index numeric)
{
    roll->client = client;
    roll->numeric = numeric;
    roll->prefix = chat_text(":");
    roll->words = "";
    roll->count = 0;
}

/* Who is here and who is not. */
struct status {
    struct roll online;
    struct roll offline;
};

static void status_init(struct status *status, struct irc_client *client)
{
    roll_init(&status->online, client, IRC_RPL_MONONLINE);
    roll_init(&status->offline, client, IRC_RPL_MONOFFLINE);
}

static void status_nick(struct chat_text nick, const struct chat_user_view *user, void *argument)
{
    struct status *status = argument;

    if (user)
        put_nick(&status->online, user->nick, user);
    else
        put_nick(&status->offline, nick, NULL);
}

static void status_end(void *argument)
{
    struct status *status = argument;

    end_line(&status->online);
    end_line(&status->offline);
}

static const struct chat_watch_visitor status_visitor = {status_nick, status_end};

static void list_nick(struct chat_text nick, const struct chat_user_view *user, void *argument)
{
    (void)user;
    put_nick(argument, nick, NULL);
}

static void list_end(void *argument)
{
    end_line(argument);
}

static const struct chat_watch_visitor list_visitor = {list_nick, list_end};

/* Nicknames that are handed over at once. */
#define CHUNK 64

static size_t take_nicks(struct chat_text *list, struct chat_text nicks[static CHUNK])
{
    size_t count = 0;

    while (count < CHUNK && irc_list_next(list, &nicks[count]))
        count++;
    return count;
}

/* Those for which there was no room: the rest of a chunk, and all behind it. */
static void refuse(struct irc_client *client, const struct chat_text *nicks, size_t count,
                   struct chat_text list)
{
    struct chat_settings settings;
    struct chat_text nick;
    struct irc_line limit;
    struct roll roll;

    chat_limit_hit(client->world, CHAT_LIMIT_WATCHED_NICKS);
    chat_world_settings(client->world, &settings);
    irc_line_begin(&limit);
    irc_line_number(&limit, settings.watched_nicks);
    irc_line_puts(&limit, " ");
    roll_init(&roll, client, IRC_ERR_MONLISTFULL);
    roll.prefix = (struct chat_text){limit.data, limit.length};
    roll.words = " :Monitor list is full";
    for (size_t i = 0; i < count; i++)
        put_nick(&roll, nicks[i], NULL);
    while (irc_list_next(&list, &nick))
        put_nick(&roll, nick, NULL);
    end_line(&roll);
}

static void add(struct irc_client *client, struct chat_text list)
{
    struct chat_text nicks[CHUNK];
    struct status status;
    size_t count, taken;
    int rc = 0;

    status_init(&status, client);
    while (rc == 0 && (count = take_nicks(&list, nicks)) > 0) {
        rc = chat_watch(client->world, &client->chat, nicks, count, &status_visitor, &status,
                        &taken);
        for (size_t i = 0; i < taken; i++)
            irc_metadata_watches(client, nicks[i]);
        if (rc == CHAT_LIST_FULL)
            refuse(client, nicks + taken, count - taken, list);
        else if (rc != 0)
            irc_explain(client, rc, "MONITOR", nicks[taken]);
    }
}

static void drop(struct irc_client *client, struct chat_text list)
{
    struct chat_text nick;

    while (irc_list_next(&list, &nick))
        (void)chat_unwatch(client->world, &client->chat, nick);
}

static void show_list(struct irc_client *client)
{
    struct roll roll;

    roll_init(&roll, client, IRC_RPL_MONLIST);
    (void)chat_watches(client->world, &client->chat, &list_visitor, &roll);
    irc_reply(client, IRC_RPL_ENDOFMONLIST);
}

static void show_status(struct irc_client *client)
{
    struct status status;

    status_init(&status, client);
    (void)chat_watches(client->world, &client->chat, &status_visitor, &status);
    irc_metadata_status(client);
}

/* MONITOR + nick{,nick} | - nick{,nick} | C | L | S */
void irc_do_monitor(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text what = message->params[0];
    char letter = what.length == 1 ? what.data[0] : '\0';

    if ((letter == '+' || letter == '-') && irc_param(message, 1).length == 0)
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("MONITOR"));
    else if (letter == '+')
        add(client, message->params[1]);
    else if (letter == '-')
        drop(client, message->params[1]);
    else if (letter == 'C' || letter == 'c')
        (void)chat_unwatch_all(client->world, &client->chat);
    else if (letter == 'L' || letter == 'l')
        show_list(client);
    else if (letter == 'S' || letter == 's')
        show_status(client);
    else
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text("MONITOR"),
                  chat_text("There is only + - C L and S"));
}

void irc_monitor_tell(const struct irc_client *client, const struct chat_event *event)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, event->kind == CHAT_ONLINE ? " 730 " : " 731 ");
    irc_line_put(&line, event->target_nick);
    irc_line_puts(&line, " :");
    irc_line_put(&line, event->nick);
    if (event->kind == CHAT_ONLINE) {
        irc_line_puts(&line, "!");
        irc_line_put(&line, event->username);
        irc_line_puts(&line, "@");
        irc_line_put(&line, event->host);
    }
    irc_line_end(&line);
    (void)pl_session_send(client->session, line.data, line.length);
    if (event->kind == CHAT_OFFLINE ||
        !irc_metadata_is_known(atomic_load_explicit(&client->caps, memory_order_relaxed)))
        return;
    irc_put_metadata_later(client->irc, &line, event->target_nick, event->nick);
    irc_line_end(&line);
    (void)pl_session_send(client->session, line.data, line.length);
}
