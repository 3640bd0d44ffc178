/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/command.h"

#include "base/utf8.h"
#include "chat/name.h"
#include "irc/cap.h"
#include "irc/cost.h"
#include "irc/multiline.h"
#include "irc/tally.h"

#include <paceline/session.h>

#include <assert.h>

const struct irc_command irc_commands[] = {
    {"ACCEPT", 1, 0, 1, "* | [-]nickname{,[-]nickname}",
     "who may speak to you although you have the mode R", irc_do_accept},
    {"ADMIN", 0, 0, 1, "[server]", "who runs the server", irc_do_admin},
    {"AUTHENTICATE", 1, IRC_EARLY | IRC_SECRET, 3, "mechanism | message | *",
     "log in to an account by SASL", irc_do_authenticate},
    {"AWAY", 0, 0, 2, "[:reason]", "be away, or back; the reason * is for none that is told",
     irc_do_away},
    {"BATCH", 1, 0, 1, "+name draft/multiline target | -name",
     "begin or end a message on several lines", irc_do_batch},
    {"CAP", 1, IRC_EARLY, 1, "LS [version] | LIST | REQ :capabilities | END",
     "negotiate capabilities", irc_do_cap},
    {"CBAN", 1, 0, 1, "[FORCE] [duration] #channel [:reason]",
     "close a channel: who is there is taken out, and nobody joins it; durations are minutes, or "
     "like 1h30m, 7d, and 0 or none is for ever; for operators of the server",
     irc_do_cban},
    {"CHANSERV", 0, 0, 2, "command {argument}", "the same as PRIVMSG ChanServ :command {argument}",
     irc_do_chanserv},
    {"CHATHISTORY", 0, 0, 3,
     "BEFORE|AFTER|LATEST|AROUND target place limit | BETWEEN target place place limit | TARGETS "
     "time time limit",
     "what was said before; places are msgid=id or timestamp=time, or * for LATEST",
     irc_do_chathistory},
    {"CHGHOST", 2, 0, 1, "nickname [user] host",
     "have somebody be shown with another host; for operators of the server", irc_do_chghost},
    {"CS", 0, 0, 2, "command {argument}", "the same as CHANSERV", irc_do_chanserv},
    {"DEFCON", 0, 0, 2, "[level]",
     "show or set the level of defence, 5 (nothing is restricted) to 1, for operators of the "
     "server",
     irc_do_defcon},
    {"DIE", 1, 0, 1, "server [:reason]", "stop the server; for operators of the server",
     irc_do_die},
    {"DLINE", 1, 0, 1, "[FORCE] [duration] address[/bits] | nickname [:reason]",
     "let nobody in from addresses, and end who is there; durations as with CBAN; for operators of "
     "the server",
     irc_do_dline},
    {"FILTER", 1, 0, 2, "ADD targets action[:duration] reason :pattern | DEL number | LIST",
     "what may not be said, for operators of the server; targets are letters (HELP FILTERS), "
     "actions warn, block, kill and ban",
     irc_do_filter},
    {"HELP", 0, 0, 1, "[command | topic]", "what a command does, or which there are", irc_do_help},
    {"HELPOP", 0, 0, 1, "[command | topic]", "the same as HELP", irc_do_help},
    {"INFO", 0, 0, 1, "[server]", "about the server's program", irc_do_info},
    {"INVITE", 0, 0, 2, "[nickname #channel]", "let somebody join, or show who has invited one",
     irc_do_invite},
    {"ISON", 1, 0, 1, "nickname{ nickname}", "who of them is here", irc_do_ison},
    {"ISUPPORT", 0, 0, 1, "", "what the server supports", irc_do_isupport},
    {"JOIN", 1, 0, 2, "#channel{,#channel} | 0", "enter channels, or leave all", irc_do_join},
    {"KICK", 2, 0, 2, "#channel{,#channel} nickname{,nickname} [:reason]",
     "take people out of a channel", irc_do_kick},
    {"KILL", 1, 0, 1, "nickname [:reason]", "end somebody's session; for operators of the server",
     irc_do_kill},
    {"KLINE", 1, 0, 1, "[FORCE] [duration] user@host | nickname [:reason]",
     "let people in no more, and end who is there; the host may be an address with /bits, and both "
     "may have * and ?; durations as with CBAN; for operators of the server",
     irc_do_kline},
    {"KNOCK", 1, 0, 4, "#channel [:reason]", "ask to be invited", irc_do_knock},
    {"LINKS", 0, 0, 1, "[[server] mask]", "the servers of the network", irc_do_links},
    {"LIST", 0, 0, 4, "[#channel{,#channel}] [conditions]",
     "channels and their topics; conditions are >n and <n people, C>n and C<n minutes since it was "
     "made, T>n and T<n since its topic was set, and masks, or !masks, of names",
     irc_do_list},
    {"LUSERS", 0, 0, 1, "[mask [server]]", "how many people and channels there are", irc_do_lusers},
    {"MAP", 0, 0, 1, "", "the servers of the network", irc_do_map},
    {"MARKREAD", 0, 0, 1, "target [timestamp=time]",
     "up to when one has read what is said there, for one's other sessions", irc_do_markread},
    {"METADATA", 0, IRC_EARLY, 2,
     "target GET keys | LIST | SET key [:value] | CLEAR | SUB keys | UNSUB keys | SUBS | SYNC",
     "values that users and channels have under keys, for programs; * is oneself, and *ALL what "
     "one "
     "is told of",
     irc_do_metadata},
    {"MODE", 1, 0, 1, "nickname [+-modes] | #channel [+-modes {argument}]", "show or change modes",
     irc_do_mode},
    {"MONITOR", 1, 0, 2, "+ nickname{,nickname} | - nickname{,nickname} | C | L | S",
     "be told who of some people comes and goes", irc_do_monitor},
    {"MOTD", 0, 0, 1, "[server]", "the message of the day", irc_do_motd},
    {"NAMES", 0, 0, 2, "#channel{,#channel}", "who is in a channel", irc_do_names},
    {"NICK", 0, IRC_EARLY, 2, "nickname", "be called something", irc_do_nick},
    {"NICKSERV", 0, IRC_SECRET, 5, "command {argument}",
     "the same as PRIVMSG NickServ :command {argument}", irc_do_nickserv},
    {"NOTICE", 0, IRC_SILENT, 1, "target{,target} :text", "the same as PRIVMSG, but never answered",
     irc_do_notice},
    {"NS", 0, IRC_SECRET, 5, "command {argument}", "the same as NICKSERV", irc_do_nickserv},
    {"OPER", 2, IRC_SECRET, 5, "name password", "become an operator of the server", irc_do_oper},
    {"PART", 1, 0, 1, "#channel{,#channel} [:reason]", "leave channels", irc_do_part},
    {"PASS", 1, IRC_EARLY | IRC_SECRET, 1, "password",
     "the server's password, before NICK and USER", irc_do_pass},
    {"PING", 0, IRC_EARLY, 1, "token", "is answered by PONG token", irc_do_ping},
    {"PONG", 0, IRC_EARLY, 0, "token", "answers a PING", irc_do_pong},
    {"PRIVMSG", 0, 0, 1, "target{,target} :text", "say something to channels and people",
     irc_do_privmsg},
    {"QUIT", 0, IRC_EARLY, 1, "[:reason]", "leave all channels and hang up", irc_do_quit},
    {"REDACT", 2, 0, 2, "target msgid [:reason]",
     "take back what one has said; also for operators of a channel", irc_do_redact},
    {"REGISTER", 3, IRC_EARLY | IRC_SECRET, 10, "account | * email | * :password",
     "make an account, * being the nickname, and no address", irc_do_register},
    {"REHASH", 0, 0, 5, "", "read the configuration again; for operators of the server",
     irc_do_rehash},
    {"RENAME", 2, 0, 4, "#channel #name [:reason]",
     "give a channel another name; for its operators", irc_do_rename},
    {"RESTART", 1, 0, 1, "server [:reason]",
     "stop the server and start it again; for operators of the server", irc_do_restart},
    {"SAJOIN", 2, 0, 1, "nickname #channel{,#channel}",
     "have somebody enter channels, whatever modes say; for operators of the server",
     irc_do_sajoin},
    {"SAMODE", 1, 0, 1, "#channel [+-modes {argument}]",
     "change modes of a channel without being its operator; for operators of the server",
     irc_do_samode},
    {"SANICK", 2, 0, 1, "nickname nickname",
     "have somebody be called something else; for operators of the server", irc_do_sanick},
    {"SAPART", 2, 0, 1, "nickname #channel{,#channel} [:reason]",
     "have somebody leave channels; for operators of the server", irc_do_sapart},
    {"SEARCH", 0, 0, 5, "attributes",
     "what was said that has some words; attributes, with ; between them, are text=words, "
     "in=target, "
     "from=nickname, after=time, before=time and limit=number",
     irc_do_search},
    {"SETNAME", 1, 0, 2, ":real name", "change one's real name", irc_do_setname},
    {"SQUERY", 1, IRC_SECRET, 5, "service :text", "say something to a service", irc_do_squery},
    {"STATS", 1, 0, 2, "letter [server]",
     "figures; the letters are p (who is operator), u (for how long the server has run), and for "
     "operators d (banned addresses), h (how often limits were hit), k (banned people), l and t "
     "(traffic), m (commands), o (who may be operator), P (ports), q (closed channels), y (classes "
     "of connections), z (memory)",
     irc_do_stats},
    {"TAGMSG", 0, 0, 1, "target{,target}", "send tags without a text", irc_do_tagmsg},
    {"TIME", 0, 0, 1, "[server]", "the server's time", irc_do_time},
    {"TOPIC", 1, 0, 1, "#channel [:topic]", "show, set or clear a channel's topic", irc_do_topic},
    {"UNCBAN", 1, 0, 1, "#channel", "open a channel again; for operators of the server",
     irc_do_uncban},
    {"UNDLINE", 1, 0, 1, "address[/bits]",
     "let people in again from addresses; for operators of the server", irc_do_undline},
    {"UNKLINE", 1, 0, 1, "user@host", "let people in again; for operators of the server",
     irc_do_unkline},
    {"USER", 4, IRC_EARLY, 1, "user 0 * :real name", "who one is", irc_do_user},
    {"USERHOST", 1, 0, 1, "nickname{ nickname}", "where people are", irc_do_userhost},
    {"USERS", 0, 0, 1, "", "is not there", irc_do_users},
    {"VERIFY", 2, IRC_EARLY | IRC_SECRET, 5, "account code",
     "show that one has got the code for an account", irc_do_verify},
    {"VERSION", 0, 0, 1, "[server]", "the server's version, and what it supports", irc_do_version},
    {"WALLOPS", 1, 0, 3, ":text",
     "say something to all who listen to operators (mode w); for operators of the server",
     irc_do_wallops},
    {"WEBIRC", 4, IRC_EARLY | IRC_SECRET, 5, "password gateway hostname address [:options]",
     "say whose connection this is; for gateways, before anything else", irc_do_webirc},
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

bool irc_list_next(struct chat_text *list, struct chat_text *element)
{
    return chat_text_next(list, ',', element);
}

bool irc_word_next(struct chat_text *text, struct chat_text *word)
{
    return chat_text_next(text, ' ', word);
}

/* Commands that come before the registration from those who have negotiated it. */
static const struct {
    void (*run)(struct irc_client *client, const struct irc_message *message);
    unsigned cap;
} early[] = {
    {irc_do_away, IRC_CAP_PRE_AWAY},
    {irc_do_isupport, IRC_CAP_EXTENDED_ISUPPORT},
};

static bool is_allowed(const struct irc_client *client, const struct irc_command *command)
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if (client->registered || command->flags & IRC_EARLY)
        return true;
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++)
        if (early[i].run == command->run)
            return caps & early[i].cap;
    return false;
}

/* What an unknown command costs, and a line that is refused. */
#define COST_OF_MISTAKE 1

/* What a line of a batch costs. */
#define COST_OF_LINE 1

static unsigned run(struct irc_client *client, const struct irc_message *message, size_t bytes)
{
    const struct irc_command *command;

    if ((client->multiline || message->tags.length > 0) && irc_multiline_take(client, message))
        return COST_OF_LINE;
    command = irc_command_find(message->command);
    if (!command) {
        irc_reply(client, IRC_ERR_UNKNOWNCOMMAND, message->command);
        return COST_OF_MISTAKE;
    }
    if (command->flags & IRC_SECRET)
        pl_session_wipe_line(client->session);
    if (!is_allowed(client, command)) {
        if (!(command->flags & IRC_SILENT))
            irc_reply(client, IRC_ERR_NOTREGISTERED);
    } else if (message->count < command->least) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text(command->name));
    } else {
        client->answers = 0;
        irc_tally_add(client->irc->tally, (size_t)(command - irc_commands), bytes);
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

static void refuse_length(struct irc_client *client)
{
    irc_multiline_spoil(client);
    irc_reply(client, IRC_ERR_INPUTTOOLONG);
}

static unsigned refuse_encoding(struct irc_client *client, const struct irc_message *message)
{
    const struct irc_command *command = irc_command_find(message->command);

    irc_multiline_spoil(client);
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
        refuse_length(client);
    else if (pli_utf8_is_valid(line.data, line.length))
        cost = run(client, &message, line.length);
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
    irc_multiline_spoil(client);
    if (too_long)
        irc_reply(client, IRC_ERR_INPUTTOOLONG);
    else
        irc_fail(client, chat_text("*"), "INVALID_MESSAGE", CHAT_NO_TEXT,
                 "The line was refused, as it has a NUL byte");
    irc_answer_end(client);
    return COST_OF_MISTAKE;
}
