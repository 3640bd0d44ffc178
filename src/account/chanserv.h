/* SPDX-License-Identifier: MIT */
/*
 * ChanServ: how people who type manage channels that are theirs (chat/registration.h). It takes a line, as
 * it was said to it by whatever protocol, does what it says in the chat, and answers with lines.
 */
#ifndef ACCOUNT_CHANSERV_H
#define ACCOUNT_CHANSERV_H

#include "account/account.h"
#include "chat/chat.h"

#define CHANSERV_NAME CHAT_CHANNEL_SERVICE

struct chanserv_request {
    struct accounts *accounts;
    struct chat_world *world;
    struct chat_session *session; /* of who asks */
    const char *line;             /* UTF-8 without control characters */
};

struct chanserv_answer {
    char *lines;  /* with "\n" behind each; NULL: none, or no memory */
    bool changed; /* something that is to be kept: see chanserv_settle() */
};

/* Does what the line says, and waits for nothing. In a call of the session. Returns 0 or -ENOMEM. */
int chanserv_run(const struct chanserv_request *request, struct chanserv_answer *answer);
void chanserv_answer_deinit(struct chanserv_answer *answer);

/*
 * Waits until what has changed is kept (helper); the answer is given after that. It has one more line if
 * that cannot be done. Returns 0 or -ENOMEM.
 */
int chanserv_settle(struct accounts *accounts, struct chanserv_answer *answer);

#endif
