/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/isupport.h"

#include "irc/cap.h"
#include "irc/command.h"

#include <assert.h>
#include <stdio.h>

/* Where nobody has an account nobody need know. */
static void write_accountextban(char *value, size_t size, const struct irc_settings *settings,
                                const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%s", chat->accounts ? "a" : "");
}

static void write_chanlimit(char *value, size_t size, const struct irc_settings *settings,
                            const struct chat_settings *chat)
{
    (void)settings;
    if (chat->channels_per_user > 0)
        snprintf(value, size, "#:%zu", chat->channels_per_user);
    else
        snprintf(value, size, "#:");
}

static void write_channellen(char *value, size_t size, const struct irc_settings *settings,
                             const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%zu", chat->channel_length);
}

static void write_network(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    size_t used = 0;

    (void)chat;
    for (const char *at = settings->network; *at && used + 5 < size; at++) {
        bool plain = *at > ' ' && *at != '=' && *at != '\\' && *at != 127;

        used += (size_t)snprintf(value + used, size - used, plain || *at & 0x80 ? "%c" : "\\x%02X",
                                 (unsigned char)*at);
    }
}

static void write_nicklen(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%zu", chat->nick_length);
}

static void write_topiclen(char *value, size_t size, const struct irc_settings *settings,
                           const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%zu", chat->topic_length);
}

static void write_icon(char *value, size_t size, const struct irc_settings *settings,
                       const struct chat_settings *chat)
{
    (void)chat;
    snprintf(value, size, "%s", settings->icon);
}

static void write_maxlist(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "beI:%zu", chat->masks_per_list);
}

/* Where nothing is kept nobody need know. */
static void write_chathistory(char *value, size_t size, const struct irc_settings *settings,
                              const struct chat_settings *chat)
{
    if (chat->history)
        snprintf(value, size, "%u", settings->history_page);
    else
        *value = '\0';
}

static void write_msgreftypes(char *value, size_t size, const struct irc_settings *settings,
                              const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%s", chat->history ? "msgid,timestamp" : "");
}

static void write_monitor(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "%zu", chat->watched_nicks);
}

#define TEXT(number)  TEXT_(number)
#define TEXT_(number) #number

static void write_targmax(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size,
             "NAMES:,LIST:,KICK:,PRIVMSG:%d,NOTICE:%d,TAGMSG:%d,JOIN:,PART:,MONITOR:%zu",
             IRC_TARGETS_MAX, IRC_TARGETS_MAX, IRC_TARGETS_MAX, chat->watched_nicks);
}

static_assert(IRC_MODES_MAX == IRC_PARAMS_MAX - 2 && IRC_MODES_MAX <= CHAT_CHANGES_MAX,
              "arguments and changes that one command may have");

const struct irc_token irc_tokens[] = {
    {"ACCOUNTEXTBAN", NULL, write_accountextban},
    {"AWAYLEN", TEXT(CHAT_AWAY_MAX), NULL},
    {"BOT", "B", NULL},
    {"CASEMAPPING", "ascii", NULL},
    {"CHANLIMIT", NULL, write_chanlimit},
    {"CHANMODES", "beI,k,EFLWfjl,CHMPRUcimnpstuz", NULL},
    {"CHANNELLEN", NULL, write_channellen},
    {"CHANTYPES", "#", NULL},
    {"CHATHISTORY", NULL, write_chathistory},
    {"ELIST", "CMNTU", NULL},
    {"EXCEPTS", "e", NULL},
    {"EXTBAN", ",am", NULL},
    {"HOSTLEN", TEXT(CHAT_CLOAK_MAX), NULL},
    {"INVEX", "I", NULL},
    {"KICKLEN", TEXT(CHAT_REASON_MAX), NULL},
    {"MAXLIST", NULL, write_maxlist},
    {"MODES", TEXT(IRC_MODES_MAX), NULL},
    {"MONITOR", NULL, write_monitor},
    {"MSGREFTYPES", NULL, write_msgreftypes},
    {"NAMELEN", TEXT(IRC_REALNAME_MAX), NULL},
    {"NETWORK", NULL, write_network},
    {"NICKLEN", NULL, write_nicklen},
    {"PREFIX", "(qaohv)~&@%+", NULL},
    {"SAFELIST", NULL, NULL},
    {"STATUSMSG", "~&@%+", NULL},
    {"TARGMAX", NULL, write_targmax},
    {"TOPICLEN", NULL, write_topiclen},
    {"USERLEN", TEXT(IRC_USER_MAX), NULL},
    {"UTF8ONLY", NULL, NULL},
    {"WHOX", NULL, NULL},
    {"draft/ICON", NULL, write_icon},
};

const size_t irc_token_count = sizeof irc_tokens / sizeof irc_tokens[0];

/* Tokens on one line; 15 parameters are the nick, these, and the closing words. */
#define TOKENS_MAX 13

#define CLOSING ":are supported by this server"

/* Tokens on as many lines as they need. */
struct roll {
    struct irc_client *client;
    struct irc_line line;
    unsigned count; /* on the line */
};

static void begin_line(struct roll *roll)
{
    irc_begin_numeric(roll->client, &roll->line, IRC_RPL_ISUPPORT);
    roll->count = 0;
}

static void end_line(struct roll *roll)
{
    irc_line_puts(&roll->line, CLOSING);
    irc_emit(roll->client, &roll->line);
}

static void put_token(struct roll *roll, const struct irc_token *token, const char *value)
{
    size_t length = strlen(token->name) + (*value ? 1 + strlen(value) : 0) + 1;

    if (roll->count == TOKENS_MAX ||
        (roll->count > 0 && irc_line_room(&roll->line) < length + strlen(CLOSING))) {
        end_line(roll);
        begin_line(roll);
    }
    irc_line_puts(&roll->line, token->name);
    irc_line_puts(&roll->line, *value ? "=" : "");
    irc_line_puts(&roll->line, value);
    irc_line_puts(&roll->line, " ");
    roll->count++;
}

/* A token whose value is found to be nothing is left out. */
static void send_tokens(struct irc_client *client)
{
    struct roll roll = {.client = client};
    struct chat_settings chat;

    chat_world_settings(client->world, &chat);
    if (client->class != &client->snapshot->plain)
        chat.channels_per_user = client->class->channels_per_user;
    begin_line(&roll);
    for (size_t i = 0; i < irc_token_count; i++) {
        const struct irc_token *token = &irc_tokens[i];
        char value[IRC_TOKEN_MAX] = "";

        if (token->write)
            token->write(value, sizeof value, irc_settings_of(client), &chat);
        if (!token->write || *value)
            put_token(&roll, token, token->write ? value : token->value ? token->value : "");
    }
    end_line(&roll);
}

void irc_send_isupport(struct irc_client *client)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if ((caps & IRC_CAPS_ISUPPORT) != IRC_CAPS_ISUPPORT) {
        send_tokens(client);
        return;
    }
    irc_batch_begin(client, "draft/isupport", CHAT_NO_TEXT);
    send_tokens(client);
    irc_batch_end(client);
}

void irc_do_isupport(struct irc_client *client, const struct irc_message *message)
{
    (void)message;
    irc_send_isupport(client);
}
