/* SPDX-License-Identifier: MIT */
/* What commands about people have in common. */
#ifndef IRC_PEOPLE_H
#define IRC_PEOPLE_H

#include "chat/right.h"
#include "chat/user.h"
#include "irc/reply.h"

#define IRC_MS_PER_SECOND 1000u

static inline bool irc_is_operator(const struct chat_user_view *view)
{
    return view->modes & CHAT_USER_OPERATOR;
}

/* Whether the real address is for whom the view is for. */
static inline bool irc_has_address(const struct chat_user_view *view)
{
    return (view->self || view->to_operator) && view->address.length > 0;
}

/* Says why somebody is away (RPL_AWAY). */
void irc_reply_away(struct irc_client *client, struct chat_text nick, struct chat_text reason);

/* The reason as those with CAPS are told it: not all know what CHAT_AWAY_UNTOLD means. */
struct chat_text irc_away_reason(struct chat_text reason, unsigned caps);

/* The client's user name, as it is shown by now or as far as it has been said; returns NAME. */
const char *irc_username(struct irc_client *client, char name[static CHAT_USERNAME_MAX + 1]);

/* Whether the client's user is an operator who has the right; if not, that has been said. */
bool irc_client_may(struct irc_client *client, enum chat_right right);

/* The same, and nothing is said. */
bool irc_client_has_right(struct irc_client *client, enum chat_right right);

/* Whether the client's user is an operator. */
bool irc_client_is_operator(struct irc_client *client);

/* Puts an address as a parameter, for which it must not begin with a colon. */
void irc_put_address(struct irc_line *line, struct chat_text address);

/* Says where somebody really comes from, or came from (RPL_WHOISACTUALLY). */
void irc_reply_address(struct irc_client *client, struct chat_text nick, struct chat_text username,
                       struct chat_text address);

/* For how many seconds they have said nothing. */
uint64_t irc_idle(const struct chat_user_view *view);

#endif
