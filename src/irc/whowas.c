/* SPDX-License-Identifier: MIT */
/* WHOWAS nick{,nick} [count [server]]: who had nicknames, the newest first (RFC 1459 4.5.3). */
#include "config.h"

#include "irc/command.h"

#include "irc/isupport.h"
#include "irc/people.h"

#include <time.h>

#define DATE_ROOM 32

/* So many of one nickname are shown at most. */
#define MOST 32

static struct chat_text date_of(uint64_t milliseconds, char text[DATE_ROOM])
{
    time_t seconds = (time_t)(milliseconds / IRC_MS_PER_SECOND);
    struct tm utc;

    if (!gmtime_r(&seconds, &utc))
        return chat_text("unknown");
    return (struct chat_text){text, strftime(text, DATE_ROOM, "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

static void show_past(const struct chat_past_view *view, void *argument)
{
    struct irc_client *client = argument;
    char date[DATE_ROOM];

    irc_reply(client, IRC_RPL_WHOWASUSER, view->nick, view->username, view->host, view->realname);
    if (view->to_operator && view->address.length > 0)
        irc_reply_address(client, view->nick, view->username, view->address);
    irc_reply(client, IRC_RPL_WHOISSERVER, view->nick, chat_text(irc_settings_of(client)->server),
              date_of(view->time, date));
}

/* How many are shown of one nickname: what is not a number above 0 is as many as may be. */
static size_t read_count(struct chat_text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length && count <= MOST; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return MOST;
        count = count * 10 + (size_t)(text.data[i] - '0');
    }
    return count > 0 && count < MOST ? count : MOST;
}

void irc_do_whowas(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text list = irc_param(message, 0);
    size_t most = read_count(irc_param(message, 1));
    struct chat_text all = list;
    struct chat_text nick;

    if (message->count > 2 && !irc_is_here(client, message->params[2])) {
        irc_reply(client, IRC_ERR_NOSUCHSERVER, message->params[2]);
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
        if (chat_past_look(client->world, &client->chat, nick, most, show_past, client) != 0)
            irc_reply(client, IRC_ERR_WASNOSUCHNICK, nick);
    }
    irc_reply(client, IRC_RPL_ENDOFWHOWAS, all);
}
