/* SPDX-License-Identifier: MIT */
/*
 * Accounts of clients: who is logged in to what, how they log in (sasl.c), register (signup.c) and ask
 * NickServ for things (nickserv.c). What takes long is done by a helper (irc/work.h); what comes of
 * it is applied by the client's own thread.
 */
#ifndef IRC_ACCOUNT_H
#define IRC_ACCOUNT_H

#include "account/account.h"
#include "irc/cap.h"
#include "irc/client.h"

#include <paceline/session.h>

/* What a failed login costs beside the command itself: as much as many lines. */
#define IRC_COST_OF_FAILURE 40

/* Who asks, for calls of the account room, with room for the texts: it must not be moved. */
struct irc_asker {
    struct account_who who;
    char address[PL_ADDRESS_TEXT];
    char nick[CHAT_NAME_MAX + 1];
    char fingerprint[PL_FINGERPRINT_TEXT];
};

/* In a call of the client's session. */
void irc_asker_init(struct irc_asker *asker, const struct irc_client *client);

/* Whether accounts can be used now: 0, or a negative errno. */
int irc_accounts_state(const struct irc *irc);

/* The capabilities that are not offered to the client for want of accounts. */
unsigned irc_account_caps_off(struct irc_client *client);

/* The account that the client is logged in to; "": none. */
void irc_account_of(struct irc_client *client, char name[static ACCOUNT_NAME_MAX + 1]);

/* The client is logged in to that account now, or to none any more; it is told so. */
void irc_account_login(struct irc_client *client, const char *name);
void irc_account_logout(struct irc_client *client);

/*
 * The account may have gone while nobody knew that the client was logged in to it: then it is so no
 * longer.
 */
void irc_account_check(struct irc_client *client, const char *name);

/* The same has been seen to by another session of the user, or by nobody of them: by any thread. */
void irc_account_tell(const struct irc_client *client, const struct chat_event *event);

/* -- SASL ----------------------------------------------------------------------------------------- */

struct irc_sasl;

/* The mechanisms that the client may use, as the capability's value. */
void irc_sasl_list(const struct irc_client *client, char value[static IRC_CAP_VALUE_MAX]);

/* Ends an exchange that has not come to its end, if there is one, and says so. */
void irc_sasl_abort(struct irc_client *client);
void irc_sasl_free(struct irc_sasl *sasl); /* NULL is allowed */

/* -- Registration --------------------------------------------------------------------------------- */

/* How accounts can be registered, as the capability's value. */
void irc_signup_value(const struct irc_client *client, char value[static IRC_CAP_VALUE_MAX]);

/* -- NickServ ------------------------------------------------------------------------------------- */

/* What the client has said to it in a message that was for nobody else: see irc/service.h. */
void irc_nickserv_hear(struct irc_client *client, const struct irc_message *message);

#endif
