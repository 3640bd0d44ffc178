/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/command.h"

#include "base/utf8.h"
#include "chat/name.h"
#include "irc/cap.h"
#include "irc/cost.h"

#include <assert.h>

const struct irc_command irc_commands[] = {
    {"ACCEPT", 1, 0, 1, "* | [-]nickname{,[-]nickname}",
     "who may speak to you although you have the mode R", irc_do_accept},
    {"ADMIN", 0, 0, 1, "[server]", "who runs the server", irc_do_admin},
    {"AWAY", 0, 0, 2, "[:reason]", "be away, or back", irc_do_away},
    {"CAP", 1, IRC_EARLY, 1, "LS [version] | LIST | REQ :capabilities | END",
     "negotiate capabilities", irc_do_cap},
    {"HELP", 0, 0, 1, "[command | topic]", "what a command does, or which there are", irc_do_help},
    {"HELPOP", 0, 0, 1, "[command | topic]", "the same as HELP", irc_do_help},
    {"INFO", 0, 0, 1, "[server]", "about the server's program", irc_do_info},
    {"INVITE", 0, 0, 2, "[nickname #channel]", "let somebody join, or show who has invited one",
     irc_do_invite},
    {"ISON", 1, 0, 1, "nickname{ nickname}", "who of them is here", irc_do_ison},
    {"JOIN", 1, 0, 2, "#channel{,#channel} | 0", "enter channels, or leave all", irc_do_join},
    {"KICK", 2, 0, 2, "#channel{,#channel} nickname{,nickname} [:reason]",
     "take people out of a channel", irc_do_kick},
    {"KILL", 1, 0, 1, "nickname [:reason]", "end somebody's session; for operators of the server",
     irc_do_kill},
    {"KNOCK", 1, 0, 4, "#channel [:reason]", "ask to be invited", irc_do_knock},
    {"LINKS", 0, 0, 1, "[[server] mask]", "the servers of the network", irc_do_links},
    {"LIST", 0, 0, 4, "[#channel{,#channel}] [conditions]",
     "channels and their topics; conditions are >n and <n people, C>n and C<n minutes since it was "
     "made, T>n and T<n since its topic was set, and masks, or !masks, of names",
     irc_do_list},
    {"LUSERS", 0, 0, 1, "[mask [server]]", "how many people and channels there are", irc_do_lusers},
    {"MAP", 0, 0, 1, "", "the servers of the network", irc_do_map},
    {"MODE", 1, 0, 1, "nickname [+-modes] | #channel [+-modes {argument}]", "show or change modes",
     irc_do_mode},
    {"MONITOR", 1, 0, 2, "+ nickname{,nickname} | - nickname{,nickname} | C | L | S",
     "be told who of some people comes and goes", irc_do_monitor},
    {"MOTD", 0, 0, 1, "[server]", "the message of the day", irc_do_motd},
    {"NAMES", 0, 0, 2, "#channel{,#channel}", "who is in a channel", irc_do_names},
    {"NICK", 0, IRC_EARLY, 2, "nickname", "be called something", irc_do_nick},
    {"NOTICE", 0, IRC_SILENT, 1, "target{,target} :text", "the same as PRIVMSG, but never answered",
     irc_do_notice},
    {"OPER", 2, 0, 5, "name password", "become an operator of the server", irc_do_oper},
    {"PART", 1, 0, 1, "#channel{,#channel} [:reason]", "leave channels", irc_do_part},
    {"PASS", 1, IRC_EARLY, 1, "password", "the server's password, before NICK and USER",
     irc_do_pass},
    {"PING", 0, IRC_EARLY, 1, "token", "is answered by PONG token", irc_do_ping},
    {"PONG", 0, IRC_EARLY, 0, "token", "answers a PING", irc_do_pong},
    {"PRIVMSG", 0, 0, 1, "target{,target} :text", "say something to channels and people",
     irc_do_privmsg},
    {"QUIT", 0, IRC_EARLY, 1, "[:reason]", "leave all channels and hang up", irc_do_quit},
    {"REHASH", 0, 0, 5, "", "read the configuration again; for operators of the server",
     irc_do_rehash},
    {"SETNAME", 1, 0, 2, ":real name", "change one's real name", irc_do_setname},
    {"STATS", 1, 0, 2, "letter [server]",
     "figures; the letters are o (who may be operator; for operators), p (who is), u (for how long "
     "the server has run)",
     irc_do_stats},
    {"TAGMSG", 0, 0, 1, "target{,target}", "send tags without a text", irc_do_tagmsg},
    {"TIME", 0, 0, 1, "[server]", "the server's time", irc_do_time},
    {"TOPIC", 1, 0, 1, "#channel [:topic]", "show, set or clear a channel's topic", irc_do_topic},
    {"USER", 4, IRC_EARLY, 1, "user 0 * :real name", "who one is", irc_do_user},
    {"USERHOST", 1, 0, 1, "nickname{ nickname}", "where people are", irc_do_userhost},
    {"USERS", 0, 0, 1, "", "is not there", irc_do_users},
    {"VERSION", 0, 0, 1, "[server]", "the server's version, and what it supports", irc_do_version},
    {"WALLOPS", 1, 0, 3, ":text",
     "say something to all who listen to operators (mode w); for operators of the server",
     irc_do_wallops},
    {"WHO", 1, 0, 3, "#channel | mask [o][%fields[,token]]",
     "who is in a channel, or is meant by a nickname or mask; o: operators only; fields are some "
     "of "
     "tcuihsnfdlaor (WHOX)",
     irc_do_who},
    {"WHOIS", 0, 0, 2, "[server] nickname{,nickname}", "more about somebody", irc_do_whois},
    {"WHOWAS", 0, 0, 2, "nickname{,nickname} [count [server]]", "who had a nickname before",
     irc_do_whowas},
};

const size_t irc_command_count = sizeof irc_commands / sizeof irc_commands[0];

const struct irc_command *irc_command_find(struct chat_text name)
{
    char folded[CHAT_NAME_MAX];
    char known[CHAT_NAME_MAX];

    name = chat_fold(name, folded);
    for (size_t i = 0; name.data && i < irc_command_count; i++)
        if (chat_text_equal(name, chat_fold(chat_text(irc_commands[i].name), known)))
            return &irc_commands[i];
    return NULL;
}

/* The next element that is not empty of those which SEPARATOR parts. */
static bool next_element(struct chat_text *list, char separator, struct chat_text *element)
{
    while (list->length > 0) {
        const char *end = memchr(list->data, separator, list->length);
        size_t length = end ? (size_t)(end - list->data) : list->length;
        size_t used = length + (end ? 1 : 0);

        *element = (struct chat_text){list->data, length};
        list->data += used;
        list->length -= used;
        if (length > 0)
            return true;
    }
    return false;
}

bool irc_list_next(struct chat_text *list, struct chat_text *element)
{
    return next_element(list, ',', element);
}

bool irc_word_next(struct chat_text *text, struct chat_text *word)
{
    return next_element(text, ' ', word);
}

/* What an unknown command costs, and a line that is refused. */
#define COST_OF_MISTAKE 1

static unsigned run(struct irc_client *client, const struct irc_message *message)
{
    const struct irc_command *command = irc_command_find(message->command);

    if (!command) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return COST_OF_MISTAKE;
    }
    if (!client->registered && !(command->flags & IRC_EARLY)) {
        if (!(command->flags & IRC_SILENT))
            irc_reply(client, IRC_ERR_NOTREGISTERED);
    } else if (message->count < command->least) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text(command->name));
    } else {
        client->answers = 0;
        command->run(client, message);
        return irc_cost_of(command, message, client->answers);
    }
    return command->cost;
}

/* The label that answers to the line carry, if it may have one. */
static bool find_label(const struct irc_client *client, const struct irc_message *message,
                       struct chat_text *label)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);
    struct irc_tag tag;

    if ((caps & IRC_CAPS_LABEL) != IRC_CAPS_LABEL ||
        !irc_tag_find(message->tags, chat_text("label"), &tag))
        return false;
    *label = tag.value;
    return tag.value.length > 0 && tag.value.length <= IRC_LABEL_MAX &&
           pli_utf8_is_valid(tag.value.data, tag.value.length);
}

static unsigned refuse_encoding(struct irc_client *client, const struct irc_message *message)
{
    const struct irc_command *command = irc_command_find(message->command);

    irc_fail(client, chat_text(command ? command->name : "*"), "INVALID_UTF8", CHAT_NO_TEXT,
             "The line was refused, as it is not UTF-8");
    return COST_OF_MISTAKE;
}

unsigned irc_command_line(struct irc_client *client, struct chat_text line)
{
    struct irc_answer answer;
    struct irc_message message;
    struct chat_text label;
    unsigned cost = COST_OF_MISTAKE;
    enum irc_parsed parsed = irc_message_parse(line, irc_settings_of(client)->line, &message);

    if (parsed == IRC_EMPTY)
        return 0;
    if (find_label(client, &message, &label))
        irc_answer_begin(client, &answer, label);
    if (parsed == IRC_TOO_LONG)
        irc_reply(client, IRC_ERR_INPUTTOOLONG);
    else if (pli_utf8_is_valid(line.data, line.length))
        cost = run(client, &message);
    else
        cost = refuse_encoding(client, &message);
    if (client->parts)
        irc_answer_suspend(client);
    else
        irc_answer_end(client);
    return cost;
}

unsigned irc_command_refuse(struct irc_client *client, struct chat_text head, bool too_long)
{
    struct irc_answer answer;
    struct irc_message message;
    struct chat_text label;

    (void)irc_message_parse(head, irc_settings_of(client)->line, &message);
    if (find_label(client, &message, &label))
        irc_answer_begin(client, &answer, label);
    if (too_long)
        irc_reply(client, IRC_ERR_INPUTTOOLONG);
    else
        irc_fail(client, chat_text("*"), "INVALID_MESSAGE", CHAT_NO_TEXT,
                 "The line was refused, as it has a NUL byte");
    irc_answer_end(client);
    return COST_OF_MISTAKE;
}
