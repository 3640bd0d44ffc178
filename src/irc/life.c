/* SPDX-License-Identifier: MIT */
/*
 * DIE and RESTART: the server's end, in good order. The server's name has to be given, so that
 * nobody ends one by mistake.
 */
#include "config.h"

#include "irc/command.h"

#include "chat/mask.h"
#include "irc/people.h"

#include <errno.h>

static void announce(struct irc_client *client, const char *what, struct chat_text reason)
{
    struct irc_line text;

    irc_line_begin(&text);
    irc_line_puts(&text, what);
    irc_line_puts(&text, " by ");
    irc_line_puts(&text, client->nick);
    if (reason.length > 0) {
        irc_line_puts(&text, ": ");
        irc_line_put(&text, reason);
    }
    chat_announce(client->world, (struct chat_text){text.data, text.length});
}

static void end(struct irc_client *client, const struct irc_message *message, const char *command,
                bool again)
{
    const struct irc_host *host = &client->irc->host;
    struct chat_text reason = irc_param(message, 1);
    const char *why_not = NULL;

    if (!irc_client_may(client, again ? CHAT_RIGHT_RESTART : CHAT_RIGHT_DIE))
        return;
    if (!chat_text_same(message->params[0], chat_text(irc_settings_of(client)->server))) {
        irc_reply(client, IRC_ERR_NOSUCHSERVER, message->params[0]);
        return;
    }
    if (!host->stop) {
        irc_explain(client, -ENOSYS, command, CHAT_NO_TEXT);
        return;
    }
    if (again && host->may_restart && !host->may_restart(host->context, &why_not)) {
        irc_reply(client, IRC_ERR_UNKNOWNERROR, chat_text(command), chat_text(why_not));
        return;
    }
    chat_act(client->world, &client->chat, CHAT_NOTICE_SERVER, "%s the server: %.*s",
             again ? "restarts" : "stops", (int)reason.length, reason.length ? reason.data : "");
    announce(client, again ? "The server is restarted" : "The server is stopped", reason);
    host->stop(host->context, again);
}

/* DIE server [:reason] */
void irc_do_die(struct irc_client *client, const struct irc_message *message)
{
    end(client, message, "DIE", false);
}

/* RESTART server [:reason] */
void irc_do_restart(struct irc_client *client, const struct irc_message *message)
{
    end(client, message, "RESTART", true);
}
