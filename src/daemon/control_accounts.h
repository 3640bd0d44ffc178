/* SPDX-License-Identifier: MIT */
/*
 * Accounts, by commands of the control socket, for whoever runs the server. They wait for the store
 * and for hashes, and so for a helper.
 */
#ifndef DAEMON_CONTROL_ACCOUNTS_H
#define DAEMON_CONTROL_ACCOUNTS_H

#include <stdbool.h>

struct pl_line;
struct pl_session;

/*
 * Answers a line that is "accounts list", "accounts add NAME PASSWORD", "accounts password NAME PASSWORD"
 * or "accounts drop NAME"; a password is all that is left of the line. False: it is none of them. The
 * session is parked until the answer is there. In a call.
 */
bool control_accounts(struct pl_session *session, const struct pl_line *line);

#endif
