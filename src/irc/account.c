/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/account.h"

#include "chat/chat.h"
#include "irc/people.h"
#include "irc/reply.h"

#include <stdio.h>
#include <stdlib.h>

/* The certificate of a gateway is not that of those whom it brings. */
void irc_asker_init(struct irc_asker *asker, const struct irc_client *client)
{
    (void)pl_session_peer(client->session, asker->address, sizeof asker->address);
    snprintf(asker->nick, sizeof asker->nick, "%s", client->nick ? client->nick : "");
    asker->fingerprint[0] = '\0';
    if (client->named || pl_session_tls_fingerprint(client->session, asker->fingerprint,
                                                    sizeof asker->fingerprint) < 0)
        asker->fingerprint[0] = '\0';
    asker->who = (struct account_who){
        .address = asker->address,
        .nick = asker->nick,
        .fingerprint = asker->fingerprint,
        .is_private = client->secure || (!client->named && pl_session_is_local(client->session)),
        .takes_part = client->registered,
    };
}

int irc_accounts_state(const struct irc *irc)
{
    return irc->accounts ? accounts_state(irc->accounts) : -1;
}

unsigned irc_account_caps_off(struct irc_client *client)
{
    struct account_settings settings;
    char mechanisms[IRC_CAP_VALUE_MAX];
    unsigned off = 0;

    client->accounts_state = irc_accounts_state(client->irc);
    if (client->accounts_state != 0)
        return IRC_CAP_SASL | IRC_CAP_ACCOUNT_REGISTRATION;
    irc_sasl_list(client, mechanisms);
    if (!*mechanisms)
        off |= IRC_CAP_SASL;
    accounts_settings(client->irc->accounts, &settings);
    if (!settings.registration)
        off |= IRC_CAP_ACCOUNT_REGISTRATION;
    return off;
}

static void copy_account(const struct chat_user_view *view, void *argument)
{
    snprintf(argument, ACCOUNT_NAME_MAX + 1, "%.*s", (int)view->account.length,
             view->account.length > 0 ? view->account.data : "");
}

void irc_account_of(struct irc_client *client, char name[static ACCOUNT_NAME_MAX + 1])
{
    name[0] = '\0';
    if (client->registered)
        (void)chat_user_look(client->world, &client->chat, copy_account, name);
    else if (client->coming->account)
        snprintf(name, ACCOUNT_NAME_MAX + 1, "%s", client->coming->account);
}

/* nick!user@host, as far as the client has said it. */
static struct chat_text mask_of(struct irc_client *client, struct irc_line *line)
{
    char username[CHAT_USERNAME_MAX + 1];

    irc_line_begin(line);
    irc_line_puts(line, client->nick ? client->nick : "*");
    irc_line_puts(line, "!");
    irc_line_puts(line, irc_username(client, username));
    irc_line_puts(line, "@");
    irc_line_puts(line, client->host);
    return (struct chat_text){line->data, line->length};
}

void irc_account_login(struct irc_client *client, const char *name)
{
    struct irc_line mask;
    int rc = client->registered ? chat_user_account(client->world, &client->chat, chat_text(name))
                                : irc_client_keep(&client->coming->account, chat_text(name));

    if (rc != 0) {
        irc_client_end(client, chat_text("Out of memory")); /* it is not what it is told it is */
        return;
    }
    irc_reply(client, IRC_RPL_LOGGEDIN, mask_of(client, &mask), chat_text(name), chat_text(name));
    irc_account_check(client, name);
}

void irc_account_check(struct irc_client *client, const char *name)
{
    if (!accounts_has(client->irc->accounts, name))
        irc_account_logout(client);
}

/* That takes no memory. */
void irc_account_logout(struct irc_client *client)
{
    struct irc_line mask;

    if (client->registered) {
        (void)chat_user_account(client->world, &client->chat, CHAT_NO_TEXT);
    } else {
        free(client->coming->account);
        client->coming->account = NULL;
    }
    irc_reply(client, IRC_RPL_LOGGEDOUT, mask_of(client, &mask));
}

void irc_account_tell(const struct irc_client *client, const struct chat_event *event)
{
    char server[IRC_SERVER_MAX + 1];
    struct irc_line line;

    irc_line_begin(&line);
    irc_line_puts(&line, ":");
    irc_line_puts(&line, irc_server_name(client->irc, server));
    irc_line_puts(&line, event->text.length > 0 ? " 900 " : " 901 ");
    irc_line_put(&line, event->nick);
    irc_line_puts(&line, " ");
    irc_line_put(&line, event->nick);
    irc_line_puts(&line, "!");
    irc_line_put(&line, event->username);
    irc_line_puts(&line, "@");
    irc_line_put(&line, event->host);
    if (event->text.length > 0) {
        irc_line_puts(&line, " ");
        irc_line_put(&line, event->text);
        irc_line_puts(&line, " :You are now logged in as ");
        irc_line_put(&line, event->text);
    } else {
        irc_line_puts(&line, " :You are now logged out");
    }
    irc_line_end(&line);
    (void)pl_session_send(client->session, line.data, line.length);
}
