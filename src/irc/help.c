/* SPDX-License-Identifier: MIT */
/* HELP, from the table of commands, and about some other things. */
#include "config.h"

#include "irc/command.h"

#include "chat/mask.h"

static const char *const channel_modes[] = {
    "Prefixes of members: q ~ owner, a & admin, o @ operator, h % half-operator, v + voice",
    "Lists of masks: b ban, e exception from bans, I exception from i; m: before a mask mutes only",
    "k key, l limit of members, f channel to forward to, j joins:seconds",
    "W seconds from one's line to the next, L lines:seconds, E the same text times:seconds, F "
    "nicknames:seconds; in front of L and E * bans and ~ refuses, else they kick",
    "i invited only, m moderated, n nobody from outside speaks, t topic by half-operators and "
    "above",
    "p private, s secret, C no CTCP, c no colours, u auditorium, U operators hear what is refused",
    "M only accounts speak, R only accounts join",
    "P stays although nobody is there, for operators of the server",
    NULL,
};

static const char *const masks[] = {
    "nick!user@host, in which * stands for any characters and ? for one; case does not matter",
    "What is left out is *: bob is bob!*@*, u@h is *!u@h, example.org is *!*@example.org",
    "The host is also compared with the address, which may be a network: *!*@192.0.2.0/24",
    NULL,
};

static const char *const user_modes[] = {
    "B bot, i invisible, o operator of the server, s told what happens in it, w hears WALLOPS",
    "R takes messages from accounts and those accepted only, T takes no CTCP",
    NULL,
};

static const char *const filters[] = {
    "A pattern is a regular expression (PCRE2), in any case; in the reason _ stands for a space",
    "c messages to channels and knocks, p messages to people, N notices to channels, n to people",
    "P reasons of PART, q of QUIT, a of AWAY, t topics, u nick!user@address real name",
    NULL,
};

/* What is no command, by its name. */
static const struct topic {
    const char *name;
    const char *title;
    const char *const *lines;
} topics[] = {
    {"CMODES", "Modes of channels", channel_modes},
    {"FILTERS", "Filters", filters},
    {"MASKS", "Masks", masks},
    {"UMODES", "Modes of users", user_modes},
};

#define TOPICS (sizeof topics / sizeof topics[0])

static const struct topic *find_topic(struct chat_text name)
{
    for (size_t i = 0; i < TOPICS; i++)
        if (chat_text_same(name, chat_text(topics[i].name)))
            return &topics[i];
    return NULL;
}

static void show_all(struct irc_client *client)
{
    struct chat_text topic = chat_text("*");
    struct irc_line line;
    size_t on_line = 0;

    irc_reply(client, IRC_RPL_HELPSTART, topic, chat_text("Commands; HELP NAME tells more of one"));
    irc_line_begin(&line);
    for (size_t i = 0; i < irc_command_count; i++) {
        if (on_line++ > 0)
            irc_line_puts(&line, " ");
        irc_line_puts(&line, irc_commands[i].name);
        if (on_line < 10 && i + 1 < irc_command_count)
            continue;
        irc_reply(client, IRC_RPL_HELPTXT, topic, (struct chat_text){line.data, line.length});
        irc_line_begin(&line);
        on_line = 0;
    }
    irc_line_puts(&line, "Other topics:");
    for (size_t i = 0; i < TOPICS; i++) {
        irc_line_puts(&line, " ");
        irc_line_puts(&line, topics[i].name);
    }
    irc_reply(client, IRC_RPL_HELPTXT, topic, (struct chat_text){line.data, line.length});
    irc_reply(client, IRC_RPL_ENDOFHELP, topic);
}

static void show_topic(struct irc_client *client, const struct topic *topic)
{
    struct chat_text name = chat_text(topic->name);

    irc_reply(client, IRC_RPL_HELPSTART, name, chat_text(topic->title));
    for (const char *const *line = topic->lines; *line; line++)
        irc_reply(client, IRC_RPL_HELPTXT, name, chat_text(*line));
    irc_reply(client, IRC_RPL_ENDOFHELP, name);
}

static void show_one(struct irc_client *client, const struct irc_command *command)
{
    struct chat_text topic = chat_text(command->name);
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, command->name);
    irc_line_puts(&line, *command->usage ? " " : "");
    irc_line_puts(&line, command->usage);
    irc_reply(client, IRC_RPL_HELPSTART, topic, (struct chat_text){line.data, line.length});
    irc_reply(client, IRC_RPL_HELPTXT, topic, chat_text(command->help));
    irc_reply(client, IRC_RPL_ENDOFHELP, topic);
}

void irc_do_help(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text name = irc_param(message, 0);
    const struct irc_command *command = irc_command_find(name);
    const struct topic *topic = find_topic(name);

    if (name.length == 0)
        show_all(client);
    else if (command)
        show_one(client, command);
    else if (topic)
        show_topic(client, topic);
    else
        irc_reply(client, IRC_ERR_HELPNOTFOUND, name);
}
