/* SPDX-License-Identifier: MIT */
/* Who one is, and whether one is still there: PASS, NICK, USER, PING, PONG, QUIT. */
#include "config.h"

#include "irc/account.h"
#include "irc/arrival.h"
#include "irc/command.h"

#include "base/utf8.h"
#include "chat/name.h"
#include "irc/metadata.h"
#include "irc/moved.h"

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
        keep_or_end(client, &client->coming->password, message->params[0]);
}

/* Takes as long for any password of that length. */
static bool password_is_right(const struct irc_client *client)
{
    const char *right = client->class->password;
    const char *given = client->coming->password ? client->coming->password : "";
    size_t length = strlen(right);

    if (length == 0)
        return true;
    return strlen(given) == length && CRYPTO_memcmp(given, right, length) == 0;
}

void irc_coming_free(struct irc_coming *coming)
{
    if (!coming)
        return;
    if (coming->password)
        OPENSSL_cleanse(coming->password, strlen(coming->password));
    free(coming->password);
    free(coming->user);
    free(coming->realname);
    free(coming->away);
    free(coming->account);
    irc_arrival_free(coming->arrival);
    chat_metadata_free(coming->metadata);
    free(coming);
}

/* What was said of it before the registration. */
static void be_away(struct irc_client *client)
{
    const char *away = client->coming->away;
    int rc = away ? chat_user_away(client->world, &client->chat, chat_text(away)) : 0;

    if (rc != 0)
        irc_explain(client, rc, "AWAY", CHAT_NO_TEXT);
}

static void tell_away(const struct chat_user_view *view, void *argument)
{
    if (view->away.length > 0)
        irc_reply(argument, IRC_RPL_NOWAWAY);
}

/* It is called as the user is whose session it has become. */
static void be_another(struct irc_client *client)
{
    atomic_store_explicit(&client->renamed, true, memory_order_relaxed);
    irc_client_renew(client);
}

/*
 * What the user is by now; whether it is away was said by who was there before. LEFT: since when nobody
 * was.
 */
static void show_presence(struct irc_client *client, uint64_t left)
{
    uint64_t last;

    if (chat_presence_greet(client->world, &client->chat, chat_text(client->nick), &last) != 0)
        return;
    (void)chat_user_look(client->world, &client->chat, tell_away, client);
    if (left > 0)
        irc_moved_note_missed(client, left, last);
}

/* WHY, ATTACHED and LEFT: see struct chat_identity. */
static int enter(struct irc_client *client, char why[static CHAT_BAN_REASON_MAX + 1],
                 bool *attached, uint64_t *left)
{
    char address[PL_ADDRESS_TEXT];
    struct chat_identity identity = {
        .nick = chat_text(client->nick),
        .username = chat_text(client->coming->user),
        .host = chat_text(client->host),
        .address = chat_text(pl_session_peer(client->session, address, sizeof address)),
        .realname = chat_text(client->coming->realname),
        .account = client->coming->account ? chat_text(client->coming->account) : CHAT_NO_TEXT,
        .why = why,
        .trusted = *client->class->password != '\0', /* it has been right */
        .mark = irc_arrival_mark(client),
        .modes = client->secure ? CHAT_USER_SECURE : 0,
        .attached = attached,
        .left = left,
    };

    return chat_user_enter(client->world, &client->chat, &identity);
}

/* A gateway that names nobody counts as one of its own address by now. */
static bool settle(struct irc_client *client)
{
    int rc = pl_session_set_peer(client->session, NULL, 0);

    if (rc > 0)
        irc_client_end(client, chat_text(irc_reason_text((enum pl_reason)rc)));
    else
        irc_client_classify(client);
    return rc <= 0;
}

/* Ends who is banned before they have come in. */
static void bar(struct irc_client *client, struct chat_text why)
{
    struct irc_line reason;

    irc_reply(client, IRC_ERR_YOUREBANNEDCREEP, why);
    irc_line_begin(&reason);
    irc_line_puts(&reason, "Banned (");
    irc_line_reserve(&reason, 1);
    irc_line_put(&reason, why);
    irc_line_release(&reason, 1);
    irc_line_puts(&reason, ")");
    irc_client_end(client, (struct chat_text){reason.data, reason.length});
}

/* It may try another nickname, if it is that which is wrong. */
static void refuse(struct irc_client *client, int rc, const char *why)
{
    struct chat_defcon_view view;
    char *nick = client->nick;

    switch (rc) {
    case CHAT_BARRED:
        bar(client, chat_text(why));
        break;
    case CHAT_LOCKED_DOWN:
        chat_defcon_look(client->world, &view);
        irc_client_end(client, chat_text(view.message));
        break;
    case CHAT_FILTERED:
        irc_client_end(client, chat_text(chat_judged_reason(client->world)));
        break;
    case CHAT_TOO_MANY_SESSIONS:
        chat_limit_hit_for(client->world, rc);
        irc_client_end(client, chat_text("Too many clients of your account"));
        break;
    case CHAT_NEED_TLS:
        irc_client_end(client, chat_text("Your account is in channels that take TLS"));
        break;
    default:
        client->nick = NULL;
        irc_explain(client, rc, "NICK", chat_text(nick));
        free(nick);
        break;
    }
}

static void register_it(struct irc_client *client, bool attached, uint64_t left)
{
    client->registered = true;
    chat_stranger_goes(client->world);
    if (attached)
        be_another(client);
    else
        be_away(client);
    pl_session_set_timer(client->session, client->class->ping_interval * 1000);
    irc_metadata_register(client);
    irc_send_welcome(client);
    if (attached)
        show_presence(client, left);
    if (client->coming->account)
        irc_account_check(client, client->coming->account);
    irc_coming_free(client->coming);
    client->coming = NULL;
    chat_hold_tell(client->world, &client->chat);
}

void irc_client_try(struct irc_client *client)
{
    char why[CHAT_BAN_REASON_MAX + 1];
    bool attached = false;
    uint64_t left = 0;
    int rc;

    if (client->registered || client->gone || client->cap_open || !client->nick ||
        !client->coming->user)
        return;
    if (!settle(client))
        return;
    if (!password_is_right(client)) {
        irc_reply(client, IRC_ERR_PASSWDMISMATCH);
        irc_client_end(client, chat_text("Password incorrect"));
        return;
    }
    if (!irc_arrival_is_over(client))
        return;
    irc_sasl_abort(client);
    rc = enter(client, why, &attached, &left);
    if (rc == 0)
        register_it(client, attached, left);
    else
        refuse(client, rc, why);
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

static void note_account(const struct chat_user_view *view, void *argument)
{
    *(bool *)argument = view->account.length > 0;
}

/* Of who may still log in it is not known yet whether that is somebody else. */
static bool is_taken(struct irc_client *client, struct chat_text nick)
{
    bool may_log_in = client->cap_open || client->coming->account;
    bool has_account = false;

    return chat_nick_look(client->world, &client->chat, nick, note_account, &has_account) == 0 &&
           !(may_log_in && has_account);
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
    if (rc == 0 && is_taken(client, nick))
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

    if (!client->coming || client->coming->user) {
        irc_reply(client, IRC_ERR_ALREADYREGISTERED);
        return;
    }
    if (message->params[0].length == 0 || realname.length == 0) {
        irc_reply(client, IRC_ERR_NEEDMOREPARAMS, chat_text("USER"));
        return;
    }
    realname.length = pli_utf8_cut(realname.data, realname.length, IRC_REALNAME_MAX);
    keep_or_end(client, &client->coming->realname, realname);
    keep_or_end(client, &client->coming->user, chat_username_make(message->params[0], user));
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

/* Of a reason that is not said nothing is left. */
void irc_do_quit(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = irc_param(message, 0);
    struct irc_line reason;

    if (chat_judge(client->world, &client->chat, CHAT_FILTER_QUIT, text, CHAT_NO_TEXT) != 0)
        text.length = 0;
    irc_line_begin(&reason);
    irc_line_puts(&reason, text.length > 0 ? "Quit: " : "Quit");
    irc_line_put(&reason, text);
    irc_client_end(client, (struct chat_text){reason.data, reason.length});
}
