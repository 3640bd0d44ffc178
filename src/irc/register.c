/* SPDX-License-Identifier: MIT */
/* Who one is, and whether one is still there: PASS, NICK, USER, PING, PONG, QUIT. */
#include "config.h"

#include "irc/command.h"

#include "base/utf8.h"
#include "chat/name.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

int irc_client_keep(char **kept, struct chat_text text)
{
    char *copy = strndup(text.length > 0 ? text.data : "", text.length);

    if (!copy)
        return -ENOMEM;
    free(*kept);
    *kept = copy;
    return 0;
}

static void keep_or_end(struct irc_client *client, char **kept, struct chat_text text)
{
    if (irc_client_keep(kept, text) < 0)
        irc_client_end(client, chat_text("Out of memory"));
}

void irc_client_end(struct irc_client *client, struct chat_text reason)
{
    struct irc_line line;

    if (client->gone)
        return;
    client->gone = true;
    (void)chat_quit(client->world, &client->chat, reason);
    irc_line_begin(&line);
    irc_line_puts(&line, "ERROR :Closing link: ");
    irc_line_puts(&line, client->host);
    irc_line_puts(&line, " (");
    irc_line_reserve(&line, 1);
    irc_line_put(&line, reason);
    irc_line_release(&line, 1);
    irc_line_puts(&line, ")");
    irc_emit(client, &line);
    irc_answer_end(client);
    pl_session_close(client->session);
}

void irc_do_pass(struct irc_client *client, const struct irc_message *message)
{
    if (client->registered)
        irc_reply(client, IRC_ERR_ALREADYREGISTERED);
    else
        keep_or_end(client, &client->password, message->params[0]);
}

/* Takes as long for any password of that length. */
static bool password_is_right(const struct irc_client *client)
{
    const char *right = irc_settings_of(client)->password;
    const char *given = client->password ? client->password : "";
    size_t length = strlen(right);

    if (length == 0)
        return true;
    return strlen(given) == length && CRYPTO_memcmp(given, right, length) == 0;
}

static void forget_password(struct irc_client *client)
{
    if (!client->password)
        return;
    OPENSSL_cleanse(client->password, strlen(client->password));
    free(client->password);
    client->password = NULL;
}

static int enter(struct irc_client *client)
{
    char address[PL_ADDRESS_TEXT];
    struct chat_identity identity = {
        .nick = chat_text(client->nick),
        .username = chat_text(client->user),
        .host = chat_text(client->host),
        .address = chat_text(pl_session_peer(client->session, address, sizeof address)),
        .realname = chat_text(client->realname),
    };

    return chat_user_enter(client->world, &client->chat, &identity);
}

void irc_client_try(struct irc_client *client)
{
    char *nick = client->nick;
    int rc;

    if (client->registered || client->gone || client->cap_open || !nick || !client->user)
        return;
    if (!password_is_right(client)) {
        irc_reply(client, IRC_ERR_PASSWDMISMATCH);
        irc_client_end(client, chat_text("Password incorrect"));
        return;
    }
    rc = enter(client);
    if (rc != 0) {
        client->nick = NULL;
        irc_explain(client, rc, "NICK", chat_text(nick));
        free(nick);
        return;
    }
    client->registered = true;
    forget_password(client);
    chat_stranger_goes(client->world);
    pl_session_set_timer(client->session, irc_settings_of(client)->ping_interval * 1000);
    irc_send_welcome(client);
}

static void rename_user(struct irc_client *client, struct chat_text nick)
{
    char *kept = NULL;
    int rc = irc_client_keep(&kept, nick);

    if (rc == 0) {
        irc_answer_single(client);
        rc = chat_user_rename(client->world, &client->chat, nick);
    }
    if (rc == 0) {
        free(client->nick);
        client->nick = kept;
        return;
    }
    free(kept);
    if (rc != CHAT_NICK_SAME)
        irc_explain(client, rc, "NICK", nick);
}

static void ignore(const struct chat_user_view *view, void *argument)
{
    (void)view;
    (void)argument;
}

/* Before the registration it is only noted: somebody else may still be faster. */
void irc_do_nick(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text nick = irc_param(message, 0);
    struct chat_settings settings;
    int rc;

    if (nick.length == 0) {
        irc_reply(client, IRC_ERR_NONICKNAMEGIVEN);
        return;
    }
    if (client->registered) {
        rename_user(client, nick);
        return;
    }
    chat_world_settings(client->world, &settings);
    rc = chat_nick_check(nick, settings.nick_length);
    if (rc == 0 && chat_nick_look(client->world, &client->chat, nick, ignore, NULL) == 0)
        rc = CHAT_NICK_TAKEN;
    if (rc != 0) {
        irc_explain(client, rc, "NICK", nick);
        return;
    }
    keep_or_end(client, &client->nick, nick);
    irc_client_try(client);
}

void irc_do_user(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text realname = message->params[3];
    char user[CHAT_USERNAME_MADE];

    if (client->registered || client->user) {
        irc_reply(client, IRC_ERR_ALREADYREGISTERED);
        return;
    }
    if (message->params[0].length == 0 || realname.length == 0) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("USER"));
        return;
    }
    realname.length = pli_utf8_cut(realname.data, realname.length, IRC_REALNAME_MAX);
    keep_or_end(client, &client->realname, realname);
    keep_or_end(client, &client->user, chat_username_make(message->params[0], user));
    irc_client_try(client);
}

void irc_do_ping(struct irc_client *client, const struct irc_message *message)
{
    struct irc_line line;

    if (message->count == 0) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("PING"));
        return;
    }
    if (message->params[0].length == 0) {
        irc_reply(client, IRC_ERR_NOORIGIN);
        return;
    }
    irc_begin(client, &line, "PONG ");
    irc_line_puts(&line, irc_settings_of(client)->server);
    irc_line_puts(&line, " :");
    irc_line_put(&line, message->params[0]);
    irc_emit(client, &line);
}

/* That it has come is all: every line is a sign of life. */
void irc_do_pong(struct irc_client *client, const struct irc_message *message)
{
    (void)client;
    (void)message;
}

void irc_do_quit(struct irc_client *client, const struct irc_message *message)
{
    struct irc_line reason;

    irc_line_begin(&reason);
    irc_line_puts(&reason, message->count > 0 && message->params[0].length > 0 ? "Quit: " : "Quit");
    irc_line_put(&reason, irc_param(message, 0));
    irc_client_end(client, (struct chat_text){reason.data, reason.length});
}
