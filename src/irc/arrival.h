/* SPDX-License-Identifier: MIT */
/*
 * What is asked about a client before it is registered (lookup/lookup.h): when it has said all that
 * is needed, so that nobody is asked about who only looks in. Meanwhile its session is parked.
 */
#ifndef IRC_ARRIVAL_H
#define IRC_ARRIVAL_H

#include "irc/client.h"

/* Whether the client may be registered now. If not it waits, or has gone. */
bool irc_arrival_is_over(struct irc_client *client);

/* Whether an answer is waited for. */
bool irc_arrival_waits(const struct irc_client *client);

/* It has been waited for long enough. */
void irc_arrival_give_up(struct irc_client *client);

/* The session has been resumed: goes on with the registration. */
void irc_arrival_go_on(struct irc_client *client);

/* Keeps lines, the ends of which are CRs, until then. Returns 0 or -ENOMEM. */
int irc_arrival_keep(struct irc_client *client, struct chat_text rest);

/* The list that has the client's address; empty: none. */
struct chat_text irc_arrival_mark(const struct irc_client *client);

/* NULL is allowed. */
void irc_arrival_free(struct irc_arrival *arrival);

#endif
