/* SPDX-License-Identifier: MIT */
/* What the server says of itself. */
#include "config.h"

#include "irc/command.h"
#include "irc/metadata.h"

#include "base/clock.h"
#include "chat/mask.h"
#include "irc/mode.h"
#include "irc/people.h"

#include <paceline/version.h>

#include <time.h>

static struct chat_text server_name(const struct irc_client *client)
{
    return chat_text(irc_settings_of(client)->server);
}

static void ignore(const struct chat_user_view *view, void *argument)
{
    (void)view;
    (void)argument;
}

bool irc_is_here(struct irc_client *client, struct chat_text server)
{
    return chat_glob_match(server, server_name(client)) ||
           chat_nick_look(client->world, &client->chat, server, ignore, NULL) == 0;
}

bool irc_is_me(struct irc_client *client, const struct irc_message *message, size_t index)
{
    struct chat_text param = irc_param(message, index);

    if (param.length == 0 || irc_is_here(client, param))
        return true;
    irc_reply(client, IRC_ERR_NOSUCHSERVER, param);
    return false;
}

/* The next line of TEXT, which is moved past it, without its end. */
static struct chat_text next_line(struct chat_text *text)
{
    const char *end = memchr(text->data, '\n', text->length);
    size_t length = end ? (size_t)(end - text->data) : text->length;
    struct chat_text line = {text->data, length};

    length += end != NULL;
    text->data += length;
    text->length -= length;
    if (line.length > 0 && line.data[line.length - 1] == '\r')
        line.length--;
    return line;
}

static void send_motd(struct irc_client *client)
{
    struct chat_text text = chat_text(irc_settings_of(client)->motd);

    if (text.length == 0) {
        irc_reply(client, IRC_ERR_NOMOTD);
        return;
    }
    irc_reply(client, IRC_RPL_MOTDSTART, server_name(client));
    while (text.length > 0)
        irc_reply(client, IRC_RPL_MOTD, next_line(&text));
    irc_reply(client, IRC_RPL_ENDOFMOTD);
}

static void send_lusers(struct irc_client *client)
{
    struct chat_counts counts;

    chat_counts(client->world, &counts);
    irc_reply(client, IRC_RPL_LUSERCLIENT, IRC_NUMBER(counts.users - counts.invisible),
              IRC_NUMBER(counts.invisible));
    irc_reply(client, IRC_RPL_LUSEROP, IRC_NUMBER(counts.operators));
    irc_reply(client, IRC_RPL_LUSERUNKNOWN, IRC_NUMBER(counts.strangers));
    irc_reply(client, IRC_RPL_LUSERCHANNELS, IRC_NUMBER(counts.channels));
    irc_reply(client, IRC_RPL_LUSERME, IRC_NUMBER(counts.users));
    irc_reply(client, IRC_RPL_LOCALUSERS, IRC_NUMBER(counts.users), IRC_NUMBER(counts.most_users),
              IRC_NUMBER(counts.users), IRC_NUMBER(counts.most_users));
    irc_reply(client, IRC_RPL_GLOBALUSERS, IRC_NUMBER(counts.users), IRC_NUMBER(counts.most_users),
              IRC_NUMBER(counts.users), IRC_NUMBER(counts.most_users));
}

void irc_send_welcome(struct irc_client *client)
{
    char username[CHAT_USERNAME_MAX + 1];
    struct irc_line who;
    struct irc_line modes;

    irc_line_begin(&modes);
    for (const struct irc_user_mode *mode = irc_user_modes; mode->letter; mode++)
        irc_line_put(&modes, (struct chat_text){&mode->letter, 1});
    irc_line_begin(&who);
    irc_line_puts(&who, client->nick);
    irc_line_puts(&who, "!");
    irc_line_puts(&who, irc_username(client, username));
    irc_line_puts(&who, "@");
    irc_line_puts(&who, client->host);
    irc_reply(client, IRC_RPL_WELCOME, chat_text(irc_settings_of(client)->network),
              (struct chat_text){who.data, who.length});
    irc_reply(client, IRC_RPL_YOURHOST, server_name(client), chat_text(pl_version()));
    irc_reply(client, IRC_RPL_CREATED, chat_text(client->irc->started));
    irc_reply(client, IRC_RPL_MYINFO, server_name(client), chat_text(pl_version()),
              (struct chat_text){modes.data, modes.length}, chat_text(irc_channel_modes));
    irc_send_isupport(client);
    send_lusers(client);
    irc_metadata_welcome(client);
    send_motd(client);
}

void irc_do_motd(struct irc_client *client, const struct irc_message *message)
{
    if (irc_is_me(client, message, 0))
        send_motd(client);
}

void irc_do_lusers(struct irc_client *client, const struct irc_message *message)
{
    if (irc_is_me(client, message, 1))
        send_lusers(client);
}

void irc_do_version(struct irc_client *client, const struct irc_message *message)
{
    if (!irc_is_me(client, message, 0))
        return;
    irc_reply(client, IRC_RPL_VERSION, chat_text(pl_version()), server_name(client),
              chat_text(irc_settings_of(client)->description));
    irc_send_isupport(client);
}

void irc_do_time(struct irc_client *client, const struct irc_message *message)
{
    time_t now = (time_t)(pli_clock_wall_ms() / 1000);
    char text[64];
    struct tm local;

    if (!irc_is_me(client, message, 0))
        return;
    if (!localtime_r(&now, &local) ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &local) == 0)
        strcpy(text, "unknown");
    irc_reply(client, IRC_RPL_TIME, server_name(client), chat_text(text));
}

void irc_do_info(struct irc_client *client, const struct irc_message *message)
{
    static const char *const lines[] = {
        "This is paceline, a line server whose threads take turns at the front.",
        "The same channels are spoken on its talk service, for nc and telnet.",
    };

    if (!irc_is_me(client, message, 0))
        return;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        irc_reply(client, IRC_RPL_INFO, chat_text(lines[i]));
    irc_reply(client, IRC_RPL_ENDOFINFO);
}

void irc_do_admin(struct irc_client *client, const struct irc_message *message)
{
    if (!irc_is_me(client, message, 0))
        return;
    irc_reply(client, IRC_RPL_ADMINME, server_name(client));
    irc_reply(client, IRC_RPL_ADMINLOC1, chat_text(irc_settings_of(client)->network));
    irc_reply(client, IRC_RPL_ADMINLOC2, chat_text(irc_settings_of(client)->description));
    if (*irc_settings_of(client)->contact)
        irc_reply(client, IRC_RPL_ADMINEMAIL, chat_text(irc_settings_of(client)->contact));
}

/* LINKS [[server] mask]: which servers there are is for operators to know. */
void irc_do_links(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text mask = irc_param(message, message->count > 1 ? 1 : 0);
    struct chat_text server = server_name(client);

    if (message->count > 1 && !irc_is_me(client, message, 0))
        return;
    if (mask.length == 0)
        mask = chat_text("*");
    if (irc_client_is_operator(client) && chat_glob_match(mask, server))
        irc_reply(client, IRC_RPL_LINKS, server, server,
                  chat_text(irc_settings_of(client)->description));
    irc_reply(client, IRC_RPL_ENDOFLINKS, mask);
}

void irc_do_map(struct irc_client *client, const struct irc_message *message)
{
    (void)message;
    irc_reply(client, IRC_RPL_MAP, server_name(client),
              chat_text(irc_settings_of(client)->description));
    irc_reply(client, IRC_RPL_MAPEND);
}

void irc_do_users(struct irc_client *client, const struct irc_message *message)
{
    (void)message;
    irc_reply(client, IRC_ERR_USERSDISABLED);
}
