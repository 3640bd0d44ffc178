/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/isupport.h"

#include "irc/command.h"

#include <assert.h>
#include <stdio.h>

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

static void write_maxlist(char *value, size_t size, const struct irc_settings *settings,
                          const struct chat_settings *chat)
{
    (void)settings;
    snprintf(value, size, "beI:%zu", chat->masks_per_list);
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
    {"AWAYLEN", TEXT(CHAT_AWAY_MAX), NULL},
    {"BOT", "B", NULL},
    {"CASEMAPPING", "ascii", NULL},
    {"CHANLIMIT", NULL, write_chanlimit},
    {"CHANMODES", "beI,k,fjl,CMRUcimnpstu", NULL},
    {"CHANNELLEN", NULL, write_channellen},
    {"CHANTYPES", "#", NULL},
    {"ELIST", "CMNTU", NULL},
    {"EXCEPTS", "e", NULL},
    {"EXTBAN", ",m", NULL},
    {"HOSTLEN", TEXT(CHAT_CLOAK_MAX), NULL},
    {"INVEX", "I", NULL},
    {"KICKLEN", TEXT(CHAT_REASON_MAX), NULL},
    {"MAXLIST", NULL, write_maxlist},
    {"MODES", TEXT(IRC_MODES_MAX), NULL},
    {"MONITOR", NULL, write_monitor},
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
};

const size_t irc_token_count = sizeof irc_tokens / sizeof irc_tokens[0];

/* Tokens on one line; 15 parameters are the nick, these, and the closing words. */
#define TOKENS_MAX 13

static void put_token(struct irc_line *line, const struct irc_token *token,
                      const struct irc_settings *settings, const struct chat_settings *chat)
{
    char value[256] = "";

    irc_line_puts(line, token->name);
    if (token->value)
        snprintf(value, sizeof value, "%s", token->value);
    if (token->write)
        token->write(value, sizeof value, settings, chat);
    if (*value) {
        irc_line_puts(line, "=");
        irc_line_puts(line, value);
    }
    irc_line_puts(line, " ");
}

void irc_send_isupport(struct irc_client *client)
{
    struct chat_settings chat;
    struct irc_line line;

    chat_world_settings(client->world, &chat);
    for (size_t i = 0; i < irc_token_count; i += TOKENS_MAX) {
        irc_begin_numeric(client, &line, IRC_RPL_ISUPPORT);
        for (size_t k = i; k < irc_token_count && k < i + TOKENS_MAX; k++)
            put_token(&line, &irc_tokens[k], irc_settings_of(client), &chat);
        irc_line_puts(&line, ":are supported by this server");
        irc_emit(client, &line);
    }
}
