/* SPDX-License-Identifier: MIT */
/* What is said to channels and people. A notice is never answered, not even by an error. */
#include "config.h"

#include "irc/command.h"

#include "irc/isupport.h"

#define ACTION_BEGIN "\001ACTION "

/* Takes CTCP's frame off an action; false: TEXT is none. */
static bool unwrap_action(struct chat_text *text)
{
    size_t begin = strlen(ACTION_BEGIN);

    if (text->length < begin || memcmp(text->data, ACTION_BEGIN, begin) != 0)
        return false;
    text->data += begin;
    text->length -= begin;
    if (text->length > 0 && text->data[text->length - 1] == '\001')
        text->length--;
    return true;
}

static void complain(struct irc_client *client, int outcome, struct chat_text target)
{
    if (outcome == CHAT_NOT_ON_CHANNEL)
        irc_reply(client, IRC_ERR_CANNOTSENDTOCHAN, target);
    else
        irc_explain(client, outcome, "PRIVMSG", target);
}

static void tell_away(const struct chat_user_view *view, void *argument)
{
    if (view->away.length > 0)
        irc_reply(argument, IRC_RPL_AWAY, view->nick, view->away);
}

static bool is_one_channel(struct chat_text targets)
{
    return targets.data[0] == '#' && !memchr(targets.data, ',', targets.length);
}

/* Says it to each; QUIET: errors are kept to ourselves. */
static void say(struct irc_client *client, enum chat_kind kind, struct chat_text targets,
                struct chat_text text, bool quiet)
{
    struct chat_text target;
    unsigned count = 0;

    if (is_one_channel(targets))
        irc_answer_single(client);
    while (irc_list_next(&targets, &target)) {
        int rc;

        if (count++ == IRC_TARGETS_MAX) {
            if (!quiet)
                irc_reply(client, IRC_ERR_TOOMANYTARGETS, target);
            return;
        }
        rc = chat_say(client->world, &client->chat, kind, target, text);
        if (quiet)
            continue;
        if (rc != 0)
            complain(client, rc, target);
        else if (target.data[0] != '#')
            (void)chat_nick_look(client->world, &client->chat, target, tell_away, client);
    }
}

void irc_do_privmsg(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = irc_param(message, 1);
    enum chat_kind kind = CHAT_MESSAGE;

    if (irc_param(message, 0).length == 0) {
        irc_reply(client, IRC_ERR_NORECIPIENT, chat_text("PRIVMSG"));
        return;
    }
    if (text.length == 0) {
        irc_reply(client, IRC_ERR_NOTEXTTOSEND);
        return;
    }
    if (unwrap_action(&text))
        kind = CHAT_ACTION;
    say(client, kind, message->params[0], text, false);
}

void irc_do_notice(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = irc_param(message, 1);

    if (irc_param(message, 0).length > 0 && text.length > 0)
        say(client, CHAT_NOTICE, message->params[0], text, true);
}
